"""Names of people, places and businesses, as they stand in British payrolls: accents and apostrophes included."""

FORENAMES = {
    # By gender and generation: a Margaret of 17 would look odd, and odd rows hide the ones that are meant to be.
    ("F", "older"): (
        "Margaret", "Susan", "Julie", "Karen", "Jacqueline", "Deborah", "Tracey", "Jane", "Helen", "Diane", "Sharon",
        "Alison", "Siân", "Bernadette", "Surinder", "Yvonne", "Renée", "Maureen", "Nasreen", "Elżbieta", "Fiona",
        "Catherine", "Mary-Anne", "Angela",
    ),
    ("F", "younger"): (
        "Olivia", "Amelia", "Jessica", "Emily", "Chloë", "Zoë", "Aoife", "Niamh", "Priya", "Aisha", "Fatima", "Grace",
        "Sophie", "Megan", "Bethan", "Eilidh", "Anaïs", "Zofia", "Oluwaseun", "Mei", "Hannah", "Lucy", "Ffion",
        "Charlotte",
    ),
    ("M", "older"): (
        "David", "Paul", "Andrew", "Mark", "Stephen", "Ian", "Gary", "Alan", "Kevin", "Nigel", "Gareth", "Seán",
        "Mohammed", "Rajesh", "Winston", "Keith", "Colin", "Trevor", "José", "Graham", "Hamish", "Neil", "Piotr",
        "Anthony",
    ),
    ("M", "younger"): (
        "Oliver", "Jack", "Harry", "Thomas", "Joshua", "Muhammad", "Daniel", "Liam", "Callum", "Rhys", "Lewis", "Noah",
        "Łukasz", "Arjun", "Kwame", "Tomás", "Ruairí", "Wei", "Ibrahim", "Ryan", "Jordan", "André", "Connor", "Jakub",
    ),
}  # fmt: skip

SURNAMES = (
    "Smith", "Jones", "Williams", "Taylor", "Brown", "Davies", "Evans", "Wilson", "Thomas", "Roberts", "Johnson",
    "Lewis", "Walker", "Robinson", "Wood", "Thompson", "White", "Watson", "Jackson", "Wright", "Green", "Harris",
    "Cooper", "King", "Lee", "Martin", "Clarke", "James", "Morgan", "Hughes", "Edwards", "Hill", "Moore", "Clark",
    "Harrison", "Scott", "Young", "Morris", "Hall", "Ward", "Turner", "Carter", "Phillips", "Mitchell", "Patel",
    "Adams", "Campbell", "Anderson", "Allen", "Cook", "Bailey", "Khan", "Hussain", "Begum", "Singh", "Kaur", "Ahmed",
    "Ali", "Shah", "Chowdhury", "O'Neill", "O'Brien", "O'Connor", "D'Souza", "McDonald", "MacLeod", "McCarthy",
    "Fitzgerald-Jones", "Okafor", "Adeyemi", "Mensah", "Nguyen", "Chen", "Kowalski", "Wiśniewska", "Novák", "Núñez",
    "García", "Gonçalves", "Müller", "van der Berg", "Ap Rhys", "Price", "Pritchard", "Stewart", "Murray", "Fraser",
    "Baker", "Fletcher", "Osei", "Popescu", "Rahman", "Islam", "Gill",
)  # fmt: skip

STREETS = (
    "High Street", "Station Road", "Church Lane", "Victoria Road", "Park Avenue", "Mill Lane", "King Street",
    "Queen's Road", "The Crescent", "Chapel Street", "Albert Terrace", "Grange Road", "Springfield Close",
    "St John's Road", "Manor Drive", "Orchard Way", "Bridge Street", "North Road", "Heol y Bryn", "Alexandra Court",
)  # fmt: skip

# Town, county, postcode district.
TOWNS = (
    ("Manchester", "Greater Manchester", "M20"), ("Leeds", "West Yorkshire", "LS8"),
    ("Birmingham", "West Midlands", "B29"), ("Bristol", "Bristol", "BS5"), ("Cardiff", "South Glamorgan", "CF24"),
    ("Glasgow", "Lanarkshire", "G42"), ("Belfast", "County Antrim", "BT9"), ("Newcastle upon Tyne", "Tyne and Wear",
    "NE6"), ("Sheffield", "South Yorkshire", "S11"), ("Liverpool", "Merseyside", "L15"), ("Norwich", "Norfolk", "NR3"),
    ("Plymouth", "Devon", "PL4"), ("Hull", "East Riding of Yorkshire", "HU5"), ("Leicester", "Leicestershire", "LE2"),
    ("Swansea", "West Glamorgan", "SA1"), ("Aberdeen", "Aberdeenshire", "AB24"), ("Croydon", "Surrey", "CR0"),
    ("Luton", "Bedfordshire", "LU2"), ("Stoke-on-Trent", "Staffordshire", "ST4"), ("Derry", "County Londonderry",
    "BT48"), ("Walsall", "West Midlands", "WS2"), ("Truro", "Cornwall", "TR1"), ("Inverness", "Inverness-shire",
    "IV2"), ("Tower Hamlets", "London", "E3"),
)  # fmt: skip

INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""Letters of a postcode's second half: never C, I, K, M, O or V."""

EMPLOYERS = (
    "Harbour Foods", "Castlegate Hospital Trust", "Brightwater Care Homes", "Northfield Borough Council",
    "Pennine Logistics", "Merrydown Supermarkets", "Quarry Bank Academy Trust", "Silverstream Hotels",
    "Kestrel Facilities", "Ashdown Engineering", "Tidewell Water", "Larkspur Retail", "Redbrick University",
    "Cobalt Contact Centres", "Fenland Growers", "Greenline Buses", "Oakmoor Housing", "Ironbridge Foundry",
    "Marigold Nurseries", "Stannary Mining Services",
)  # fmt: skip

TRADES = (
    "Plumbing", "Pharmacy", "Hair and Beauty", "Garage", "Dental Practice", "Bakery", "Cleaning", "Veterinary Centre",
    "Fish and Chips", "Nursery School", "Joinery", "Opticians", "Estate Agents", "Takeaway", "Florist", "Scaffolding",
)  # fmt: skip

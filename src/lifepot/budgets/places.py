"""Where a person's numbers stand in the rows that the month's loops work on: plain numbers, which machine code can use.

Stocks and standing facts (int64, a row a person), traits (float64, a row a person, drawn once and for all), and this month's
and this year's flows (int64, a row a person; pence).
"""

# Stocks, and what is remembered from month to month.
(
    SAVINGS, CARD, PENSION, OTHER, HOME, MORTGAGE, PAYMENT, TERM, LOAN, PLAN, TENURE, PARTNER, CAME, SMOOTH, GROSS_SMOOTH,
    PAY_SO_FAR, TAX_SO_FAR, PROFIT_SO_FAR, PROFIT_NI_SO_FAR, OWN_PROFIT, UPLIFT, SCAR_MENDED, COURSE_LEFT, COURSE_OURS, LOST_JOB,
    OWNED_EVER, POT, POT_GROWTH, REACHABLE, ACCOUNT, LEFT_SCHEME, OWN_THIS_YEAR, SAID, HEARD, EMPLOYER_LAST, PAY_LAST, STUDIED, LEFT_TO,
) = range(38)  # fmt: skip
STOCKS = 38

# Traits. Those that are chances are even shares between nought and one.
(
    REGION, RENT_LEVEL, THRIFT, BUFFER, WISHES_HOME_AT, HOME_LEVEL, DEPOSIT_SHARE, CLAIMS, OPTS_OUT, JOINS, RAIDS, CLEARS,
    STATE_PENSION_SHARE, PENSION_LEVEL, HELP, HELPED_AT, AIMS, BUYS, ON_CARD,
) = range(19)  # fmt: skip
TRAITS = 19

# Flows of a month, added up to a year's. Money in, then money out, then what stands beside them.
(
    PAY, PROFIT, PLATFORM_PAY, CREDIT, CHILD_BENEFIT, STATE_PENSION, PENSION_DRAWN, YIELD, INTEREST, BORROWED_CARD,
    BORROWED_HOME, BORROWED_STUDY, FROM_POT, GIVEN, SOLD,
    TAX, NI, LOAN_PAID, SPENT, RENT, MORTGAGE_INTEREST, MORTGAGE_PAID, CARD_INTEREST, CARD_PAID, HOME_BOUGHT, COURSE_PAID, FEES,
    OWN, PENSION_OWN, SAVED, LEVIED,
    EMPLOYER_NI, EMPLOYER, GOVERNMENT, PLATFORM, PASSED_ON, PENSION_EMPLOYER, GROWTH, TO_LOAN, TO_COURSE, TO_HOME,
    TO_PENSION, TO_OTHER, CHARGED, EQUIVALISED, OWN_WAY, WITHOUT, FORGIVEN,
) = range(48)  # fmt: skip
FLOWS = 48

FIRST_OUT = TAX
"""Flows before this one are money in."""
FIRST_BESIDE = EMPLOYER_NI
"""Flows from this one on are neither in nor out of a household's purse."""

# What is drawn of a month: int32 (people, DRAWN), one or two lines of memory a person.
(
    DRAWN_STATUS, DRAWN_JOB, DRAWN_INDUSTRY, DRAWN_QUALIFICATION, DRAWN_LEAVING, DRAWN_EMPLOYER, DRAWN_PAY, DRAWN_PAYERS, DRAWN_PAY_2,
    DRAWN_PAY_3, DRAWN_PAYER_2, DRAWN_PAYER_3, DRAWN_HOURS, DRAWN_SCAR, DRAWN_PARTNER, DRAWN_CHILDREN, DRAWN_YOUNGEST,
    DRAWN_WITH_PARENTS, DRAWN_DIED,
) = range(19)  # fmt: skip
DRAWN = (
    "status", "job", "industry", "qualification", "leaving", "employer", "pay", "payers", "pay_2", "pay_3", "payer_2", "payer_3",
    "hours", "scar", "partner", "children", "youngest", "with_parents", "died",
)  # fmt: skip
"""The columns of `lives.columns.Lives` that stand there, in order."""

# What stays as it is of a person: int64 (people, FIXED). Ages in months at the first month; `written_off` is the age at which a
# student loan is.
(
    FIXED_PERSON, FIXED_AGE, FIXED_PENSION_AGE, FIXED_WRITTEN_OFF, FIXED_FINAL, FIXED_IN_PENSION,
) = range(6)  # fmt: skip
FIXED = 6

# Settings: float64 (TERMS).
(
    TERM_PASSIVE, TERM_PASS_FIRST, TERM_PASS_LATER, TERM_CLAIMS, TERM_COUNTS_POT, TERM_PUBLIC_WORKER, TERM_PUBLIC_EMPLOYER,
    TERM_PRIVATE_MORE, TERM_HOME_WISH, TERM_COURSE_WISH, TERM_COURSE_COST, TERM_COURSE_RETURN, TERM_COURSE_FINISH, TERM_RAIDS,
    TERM_CLEARS, TERM_MONTHS_SINCE_2017,
) = range(16)  # fmt: skip
TERMS = 16

# Prices by month: float64 (months, PRICES). Indices are 1 in month 0, rates are a month's.
(
    CONSUMER, HOMES, PRIVATE_RENTS, SOCIAL_RENTS, RENT_LIMIT_INDEX, FUND_RATE, SAVINGS_RATE, CARD_RATE, MORTGAGE_RATE, PENSION_RATE,
    LEVY,
) = range(11)  # fmt: skip
PRICES = 11

# Levels by region at month 0, pence: float64 (regions, LEVELS): rents of each age band, private and social, and a first home.
PRIVATE_BANDS, SOCIAL_BANDS, FIRST_HOME = 0, 6, 12
LEVELS = 13

# What is known of the rulebook that is laid over lives: int64. Numbers of what may be said (-1: the rulebook does not ask), of purposes
# (-1: none), and of each rule.
(
    RULES, AUTOMATIC, TAKES_PAY, TAKES_PAYMENTS, MATCHED_YEAR, FOR_FIRST_HOME, MAY_RAID, SAYS_CARING, SAYS_LEARNING, SAYS_TRADING,
    SAYS_PROFIT, SAYS_ON_CREDIT, SAYS_TAKE_HOME, SAYS_FIRST_TIME, SAYS_MORTGAGE, SAYS_CONVEYANCER, SAYS_PRICE, PURPOSE_OF,
) = range(18)  # fmt: skip
USES = 5
PARTY_OF = PURPOSE_OF + USES
MOST_RULES = 32
NET_OF = PARTY_OF + MOST_RULES
NUMBERS = NET_OF + MOST_RULES

"""The layouts of files we read, as data: what each column is called, what it becomes, and what a row must say.

A layout holds no code. To read another file, add another `Layout` to `LAYOUTS`, and to `docs/file-layouts.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lifepot.intake.parsers import Amount, Day, Moment, Name, Nino, Parser, Word
from lifepot.kernel.columns import FREQUENCY_WORDS, Frequency, Kind


class Form(Enum):
    """How a file is written down."""

    CSV = "csv"
    XML = "xml"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a layout.

    name       what the file calls it (in XML: the element's name, with its parent's where the name alone is not enough)
    field      the column of `Rows` it becomes; several of one field are added up; "person.…" is read only when asked
               for; "event" only shows that the row says something; "": kept in the received file and not read
    parser     how its cells are read; None: as text
    must       the header must have it
    sign       -1: taken off its field, which then does not fall below zero
    otherwise  in XML, the element read where this one is not there
    """

    name: str
    field: str = ""
    parser: Parser | None = None
    must: bool = False
    sign: int = 1
    otherwise: str = ""


@dataclass(frozen=True)
class Layout:
    """One kind of file.

    name      what `--layout` and replies call it
    title     what people call it
    kind      what each row is; None: a column says
    needs     by kind, the columns a row must fill
    excludes  by kind, the columns a row must leave empty, because their money would be lost in silence
    roots     in XML, the names by which the file is recognised
    element   in XML, the element that becomes rows; `part`: the element in it that becomes one row, if there are several
    sealed    in XML, may carry an IRmark
    """

    name: str
    title: str
    form: Form
    kind: Kind | None
    columns: tuple[Column, ...]
    needs: Mapping[Kind, tuple[str, ...]]
    excludes: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    element: str = ""
    part: str = ""
    sealed: bool = False

    def of_field(self, name: str) -> list[Column]:
        """The columns that become this field."""
        return [column for column in self.columns if column.field == name]


AMOUNT, DAY, MOMENT, NINO, NAME = Amount(), Day(), Moment(), Nino(), Name()

PAPDIS_VERSION = Word({"PAP11": 11, "PAP10": 10, "PAP01": 10, "1.1": 11, "1.0": 10}, "version_unknown")

PAYROLL_FREQUENCY = Word(
    {
        "M1": Frequency.MONTH,
        "W1": Frequency.WEEK,
        "W2": Frequency.TWO_WEEK,
        "W3": Frequency.THREE_WEEK,
        "W4": Frequency.FOUR_WEEK,
        "M3": Frequency.THREE_MONTH,
        "M6": Frequency.SIX_MONTH,
        "MA": Frequency.YEAR,
        "IO": Frequency.NONE,
        "IR": Frequency.NONE,
    },
    "frequency_unknown",
    blank=Frequency.NONE,
)
"""PAPDIS and RTI share their codes. IO, a single payment, and IR, irregular, have no period: not said."""
OWN_FREQUENCY = Word({word: n for n, word in enumerate(FREQUENCY_WORDS)}, "frequency_unknown", blank=Frequency.NONE)
KIND = Word({kind.name.lower(): kind for kind in Kind}, "kind_unknown")

JOB_KINDS = ("ride", "delivery", "task", "care", "rent", "sale")
JOB_KIND = Word({word: n for n, word in enumerate(JOB_KINDS)}, "job_kind_unknown")

PAPDIS_CSV = Layout(
    name="papdis-csv",
    title="PAPDIS 1.0 and 1.1, CSV",
    form=Form.CSV,
    kind=Kind.PAY,
    needs={Kind.PAY: ("EmployerId", "ContributionDeductionDate")},
    columns=(
        Column("PAPDISVersion", "version", PAPDIS_VERSION),
        Column("PensionProviderId"),
        Column("EmployerId", "payer", must=True),
        Column("Group"),
        Column("SubGroup"),
        Column("PayPeriodStartDate", "period_start", DAY, must=True),
        Column("PayPeriodEndDate", "period_end", DAY, must=True),
        Column("ContributionDeductionDate", "on", DAY, must=True),
        Column("FrequencyCode", "frequency", PAYROLL_FREQUENCY, must=True),
        Column("TaxPeriod"),
        Column("Title", "person.title"),
        Column("Forename1", "person.forename"),
        Column("Forename2", "person.forename"),
        Column("Surname", "person.surname", must=True),
        Column("EmployeeId", "payroll_id", NAME, must=True),
        Column("BirthDate", "born", DAY, must=True),
        Column("Gender", "person.gender"),
        Column("NationalInsuranceNumber", "nino", NINO, must=True),
        Column("Address1", "person.address"),
        Column("Address2", "person.address"),
        Column("Address3", "person.address"),
        Column("Address4", "person.address"),
        Column("Postcode", "person.postcode"),
        Column("Country", "person.country"),
        Column("EmailAddress", "person.email"),
        Column("EmploymentStartDate"),
        Column("ExitDate", "left_on", DAY),
        Column("ExitReasonCode", "reason"),
        Column("AssessmentCode"),
        Column("EventCode", "event"),
        Column("EventDate"),
        Column("DeferralDate"),
        Column("AEOptOutDate", "opted_out_on", DAY),
        Column("AEOptOutReference"),
        Column("EnrolmentCommunicationsIssuedDate"),
        Column("EmployerContributionsAmount", "employer", AMOUNT, must=True),
        Column("EmployeeContributionsAmount", "worker", AMOUNT, must=True),
        Column("AdditionalVoluntaryContributionsAmount", "worker", AMOUNT),
        Column("AdditionalVoluntaryContributionsPercent"),
        Column("PensionableEarningsAmount", "earnings", AMOUNT, must=True),
        Column("EmployerContributionsPercent"),
        Column("EmployeeContributionsPercent"),
        Column("SalarySacrificeIndicator"),
        Column("AnnualSalary"),
    ),
)

PAPDIS_XML = Layout(
    name="papdis-xml",
    title="PAPDIS 1.0 and 1.1, XML",
    form=Form.XML,
    kind=Kind.PAY,
    roots=("PapdisDocument", "Papdis"),
    element="Employee",
    needs={Kind.PAY: ("Employer/employerId", "contributionDeductionDate")},
    columns=(
        Column("Employer/employerId", "payer"),
        Column("payPeriodStartDate", "period_start", DAY, otherwise="payReferenceStartDate"),
        Column("payPeriodEndDate", "period_end", DAY, otherwise="payReferenceEndDate"),
        Column("contributionDeductionDate", "on", DAY, otherwise="payReferenceEndDate"),
        Column("frequencyCode", "frequency", PAYROLL_FREQUENCY),
        Column("title", "person.title"),
        Column("forename1", "person.forename"),
        Column("forename2", "person.forename"),
        Column("surname", "person.surname"),
        Column("employeeId", "payroll_id", NAME),
        Column("birthDate", "born", DAY),
        Column("gender", "person.gender"),
        Column("nationalInsuranceNumber", "nino", NINO),
        Column("address1", "person.address"),
        Column("address2", "person.address"),
        Column("address3", "person.address"),
        Column("address4", "person.address"),
        Column("postcode", "person.postcode"),
        Column("country", "person.country"),
        Column("emailAddress", "person.email"),
        Column("exitDate", "left_on", DAY),
        Column("exitReasonCode", "reason"),
        Column("eventCode", "event"),
        Column("aeOptOutDate", "opted_out_on", DAY),
        Column("employerContributionsAmount", "employer", AMOUNT),
        Column("employeeContributionsAmount", "worker", AMOUNT),
        Column("additionalVoluntaryContributionsAmount", "worker", AMOUNT),
        Column("pensionableEarningsAmount", "earnings", AMOUNT),
    ),
)

FPS_XML = Layout(
    name="fps-xml",
    title="HMRC RTI Full Payment Submission, XML",
    form=Form.XML,
    kind=Kind.PAY,
    roots=("FullPaymentSubmission",),
    element="Employee",
    part="Employment",
    sealed=True,
    needs={Kind.PAY: ("EmpRefs/OfficeNo", "EmpRefs/PayeRef", "Payment/PmtDate")},
    columns=(
        Column("EmpRefs/OfficeNo", "payer"),
        Column("EmpRefs/PayeRef", "payer"),
        Column("EmployeeDetails/NINO", "nino", NINO),
        Column("Name/Ttl", "person.title"),
        Column("Name/Fore", "person.forename"),
        Column("Name/Sur", "person.surname"),
        Column("Address/Line", "person.address"),
        Column("Address/UKPostcode", "person.postcode"),
        Column("Address/ForeignCountry", "person.country"),
        Column("EmployeeDetails/BirthDate", "born", DAY),
        Column("EmployeeDetails/Gender", "person.gender"),
        Column("Employment/PayId", "payroll_id", NAME),
        Column("Employment/LeavingDate", "left_on", DAY),
        Column("Payment/PayFreq", "frequency", PAYROLL_FREQUENCY),
        Column("Payment/PmtDate", "on", DAY),
        Column("NIlettersAndValues/GrossEarningsForNICsInPd", "earnings", AMOUNT, otherwise="Payment/TaxablePay"),
    ),
)

_NO_PAY = ("earnings", "hours", "worker", "employer")

CONTRIBUTIONS = Layout(
    name="contributions",
    title="Lifepot's own contributions file, CSV",
    form=Form.CSV,
    kind=None,
    needs={
        Kind.STATUS: ("on", "attribute", "value"),
        Kind.PAY: ("payer", "on"),
        Kind.PAID: ("on", "amount"),
        Kind.WITHDRAWN: ("on", "amount"),
        Kind.CLOSED: ("on",),
        Kind.DIED: ("on",),
    },
    excludes={
        Kind.STATUS: ("amount", *_NO_PAY),
        Kind.PAY: ("amount", "attribute"),
        Kind.PAID: (*_NO_PAY, "attribute"),
        Kind.WITHDRAWN: (*_NO_PAY, "attribute"),
        Kind.CLOSED: ("amount", *_NO_PAY, "attribute"),
        Kind.DIED: ("amount", *_NO_PAY, "attribute"),
    },
    columns=(
        Column("payer", "payer", must=True),
        Column("kind", "kind", KIND, must=True),
        Column("on", "on", DAY, must=True),
        Column("nino", "nino", NINO, must=True),
        Column("payroll_id", "payroll_id", NAME),
        Column("forename", "person.forename"),
        Column("surname", "person.surname"),
        Column("born", "born", DAY),
        Column("email", "person.email"),
        Column("period_start", "period_start", DAY),
        Column("period_end", "period_end", DAY),
        Column("frequency", "frequency", OWN_FREQUENCY),
        Column("earnings", "earnings", AMOUNT),
        Column("hours", "hours", AMOUNT),
        Column("worker", "worker", AMOUNT),
        Column("employer", "employer", AMOUNT),
        Column("amount", "amount", AMOUNT),
        Column("attribute", "attribute"),
        Column("value", "value"),
        Column("reason", "reason"),
    ),
)

PLATFORM = Layout(
    name="platform",
    title="Lifepot's own file for platforms, CSV",
    form=Form.CSV,
    kind=Kind.PAY,
    needs={Kind.PAY: ("platform", "worker_id", "job_id", "job_kind", "paid_on", "gross")},
    columns=(
        Column("platform", "payer", must=True),
        Column("worker_id", "payroll_id", NAME, must=True),
        Column("nino", "nino", NINO, must=True),
        Column("forename", "person.forename"),
        Column("surname", "person.surname"),
        Column("born", "born", DAY),
        Column("job_id", "reference", NAME, must=True),
        Column("job_kind", "reason", JOB_KIND, must=True),
        Column("started_at", "started_at", MOMENT),
        Column("ended_at", "ended_at", MOMENT),
        Column("paid_on", "on", DAY, must=True),
        Column("gross", "earnings", AMOUNT, must=True),
        Column("fees", "earnings", AMOUNT, sign=-1),
        Column("costs", "earnings", AMOUNT, sign=-1),
        Column("worker", "worker", AMOUNT),
        Column("platform_contribution", "employer", AMOUNT),
    ),
)

LAYOUTS: dict[str, Layout] = {
    layout.name: layout for layout in (PAPDIS_CSV, PAPDIS_XML, FPS_XML, CONTRIBUTIONS, PLATFORM)
}

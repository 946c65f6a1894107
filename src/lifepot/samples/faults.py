"""A file with every kind of fault that a payroll has sent to somebody, among rows that are right."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lifepot.kernel.columns import Frequency
from lifepot.samples.draws import Stream, draw
from lifepot.samples.papdis import papdis_csv, papdis_row
from lifepot.samples.pay import pay_line
from lifepot.samples.paydays import OPENS_ON, periods_paid_in
from lifepot.samples.people import Life, Person, draw_person
from lifepot.samples.work import Employer, Job

GOOD_ROWS = 8
"""People of the sample who took a second job here: rows that are accepted whatever stands around them."""

YOUNGEST = 15
"""The age of the one who is a year too young for an account."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault that was put into a file. `line` counts from 1; `column` is the layout's name, "" for the whole row."""

    line: int
    column: str
    what: str


Cells = dict[str, str]


def _set(**cells: str) -> Callable[[Cells], Cells]:
    return lambda row: row | cells


# What is wrong, in which column, and how a good row becomes so.
FAULTS: tuple[tuple[str, str, Callable[[Cells], Cells]], ...] = (
    ("a prefix that is never issued", "NationalInsuranceNumber", _set(NationalInsuranceNumber="DQ123456A")),
    ("a suffix beyond D", "NationalInsuranceNumber", _set(NationalInsuranceNumber="AB123456X")),
    ("a digit short", "NationalInsuranceNumber", _set(NationalInsuranceNumber="AB12345C")),
    ("a third decimal", "EmployeeContributionsAmount", _set(EmployeeContributionsAmount="37.505")),
    ("a decimal comma", "PensionableEarningsAmount", _set(PensionableEarningsAmount="1250,00")),
    ("a comma between thousands", "PensionableEarningsAmount", _set(PensionableEarningsAmount="1,250.00")),
    ("money below zero", "EmployerContributionsAmount", _set(EmployerContributionsAmount="-12.40")),
    ("a word for an amount", "PensionableEarningsAmount", _set(PensionableEarningsAmount="n/a")),
    ("a day that is in no calendar", "PayPeriodEndDate", _set(PayPeriodEndDate="2026-02-30")),
    ("a date written the British way", "BirthDate", _set(BirthDate="06/04/1990")),
    ("a pay day far ahead", "ContributionDeductionDate", _set(ContributionDeductionDate="2062-04-30")),
    ("born after the file was sent", "BirthDate", _set(BirthDate="2062-01-01")),
    ("a period that ends before it starts", "PayPeriodEndDate", lambda row: row | {
        "PayPeriodStartDate": row["PayPeriodEndDate"], "PayPeriodEndDate": row["PayPeriodStartDate"]}),
    ("no employer", "EmployerId", _set(EmployerId="")),
    ("no pay day", "ContributionDeductionDate", _set(ContributionDeductionDate="")),
    ("nobody is named", "NationalInsuranceNumber", _set(NationalInsuranceNumber="", EmployeeId="")),
    ("a frequency of no layout", "FrequencyCode", _set(FrequencyCode="F2")),
    ("a version nobody published", "PAPDISVersion", _set(PAPDISVersion="PAP99")),
    ("no money and no reason", "PensionableEarningsAmount", _set(
        PensionableEarningsAmount="", EmployeeContributionsAmount="", EmployerContributionsAmount="",
        AdditionalVoluntaryContributionsAmount="", EventCode="")),
)  # fmt: skip


def faulty_csv(
    employer: Employer, people: list[Person], seed: int, first_month: date, month: date
) -> tuple[str, tuple[PlannedFault, ...]]:
    """The file's text and what is wrong with it: good rows and faulty ones by turns, and a last row cut off."""
    period = periods_paid_in(month, Frequency.MONTH, employer.number)[0]
    chance = draw(seed, Stream.FAULTS)
    settled = (Life.PART_TIME, Life.SALARIED)
    hired = [p for p in people if p.nino and p.life in settled and not p.opted_out_on][:GOOD_ROWS]
    # Those whose rows are faulty work nowhere else, so that a refused row leaves nothing half said.
    count = len(FAULTS) + 3
    strangers = [draw_person(len(people) + i, Life.PART_TIME, seed, first_month) for i in range(count)]

    def row(person: Person) -> Cells:
        payroll_id = f"{employer.slug[:2].upper()}{person.number:06d}"
        started = max(first_month.replace(day=OPENS_ON), month - timedelta(days=28))
        job = Job(person, employer, payroll_id, started, None, annual_pence=600_000)
        return papdis_row(pay_line(job, period, int(chance.integers(20_000, 60_000)), 0), first_month)

    good = [row(person) for person in hired]
    bad: list[tuple[str, str, Cells]] = [
        (what, column, spoil(row(person))) for (what, column, spoil), person in zip(FAULTS, strangers, strict=False)
    ]
    child = row(strangers[-3])
    child["BirthDate"] = month.replace(year=month.year - YOUNGEST, month=1, day=1).isoformat()
    bad.append((f"{YOUNGEST} years old", "BirthDate", child))

    rows: list[Cells] = []
    faults = []
    for i in range(max(len(good), len(bad))):
        rows += good[i : i + 1]
        if i < len(bad):
            what, column, cells = bad[i]
            rows.append(cells)
            faults.append(PlannedFault(len(rows) + 1, column, what))
    rows += [row(strangers[-2]), row(strangers[-1])]
    lines = papdis_csv(rows).splitlines(keepends=True)
    lines[-2] = lines[-2].replace("\r\n", ",one field too many\r\n")
    faults.append(PlannedFault(len(lines) - 1, "", "a field too many"))
    lines[-1] = lines[-1][: lines[-1].index("United Kingdom") + len("United")]
    faults.append(PlannedFault(len(lines), "", "the file ends in the middle of a row"))
    return "".join(lines), tuple(faults)

"""One month of very many people, fast: a few payroll bureaus' PAPDIS files with every column in use, and platforms'.

For benchmarks. Nothing is drawn row by row: polars assembles whole columns, a bureau's file at a time.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lifepot.intake.layouts import PAPDIS_CSV, PLATFORM
from lifepot.kernel.columns import Frequency
from lifepot.periods import day_of
from lifepot.samples.draws import NINO_PREFIXES, NINO_SUFFIXES, Int, Stream, draw, nino_parts
from lifepot.samples.names import EMPLOYERS, FORENAMES, STREETS, SURNAMES, TOWNS
from lifepot.samples.papdis import LEFT_VOLUNTARILY, PROVIDER, VERSION
from lifepot.samples.paydays import OPENS_ON, last_day, tax_period
from lifepot.samples.people import DEFAULT_PERCENT, plain
from lifepot.samples.work import PLATFORMS

BUREAU_ROWS = 125_000
"""Rows of a bureau's file, or a little more: large enough that reading a file's head costs nothing beside its rows."""

EMPLOYER_ROWS = 40
"""People of one employer; those of an employer stand together in the file."""

GIG_EVERY = 20
"""Every twentieth person drives beside the job."""

EVEN = (1, 1)
"""One platform has as many drivers as the other."""

FEWEST_JOBS, MOST_JOBS = 2, 6
"""Jobs each of them does in a month."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A bureau's people, by number, and what of them does not change.

    `who` is drawn from the seed alone, so that every month has the same people; only pay is drawn anew.
    """

    bureau: int
    people: Int
    who: pl.DataFrame


def write_month(
    directory: Path, *, members: int, month: date, seed: int, gig_every: int = GIG_EVERY, shares: tuple[int, ...] = EVEN
) -> list[Path]:
    """Write one month's files and return them, PAPDIS first; months of one seed and size have the same people.

    Of `gig_every` people one drives, for platforms in proportion to their `shares`.

    One pay a member. Every column is filled in every row, but for the dates of leaving and of opting out and the reason
    for leaving: those speak of one person in a hundred each, for a row that says them means them.
    """
    month = month.replace(day=1)
    directory.mkdir(parents=True, exist_ok=True)
    bureaus = max(1, members // BUREAU_ROWS)
    edges = np.linspace(0, members, bureaus + 1).astype(np.int64)
    papdis, gigs = [], []
    for bureau in range(bureaus):
        people = np.arange(edges[bureau], edges[bureau + 1], dtype=np.int64)
        block = _Block(bureau, people, _who(people, bureau, seed))
        path = directory / f"papdis-bureau-{bureau + 1}-{month:%Y-%m}.csv"
        _papdis(block, month, seed).write_csv(path, line_terminator="\r\n")
        papdis.append(path)
        gigs.append(_gigs(block, month, seed, gig_every, shares))
    jobs = pl.concat(gigs)
    platforms = []
    for platform in PLATFORMS[: len(shares)]:
        path = directory / f"platform-{platform.code}-{month:%Y-%m}.csv"
        jobs.filter(pl.col("platform") == platform.code).write_csv(path)
        platforms.append(path)
    return papdis + platforms


def _who(people: Int, bureau: int, seed: int) -> pl.DataFrame:
    """What does not change from month to month, a row a person."""
    chance = draw(seed, Stream.BULK_PEOPLE, bureau)
    n = len(people)
    forenames = [name for names in FORENAMES.values() for name in names]
    genders = [gender for (gender, _), names in FORENAMES.items() for _ in names]
    mailboxes = [f"{plain(name)}.at.work" for name in forenames]
    forename, town = chance.integers(len(forenames), size=n), chance.integers(len(TOWNS), size=n)
    prefix, digits, suffix = nino_parts(people, seed)
    # From 17 to 66 years old in 2026.
    born = chance.integers(day_of(date(1960, 1, 1)), day_of(date(2009, 1, 1)), size=n)
    started = chance.integers(day_of(date(2015, 1, 1)), day_of(date(2025, 6, 1)), size=n)
    enrolled = started + 92
    exceptional = people % 100
    salary = np.clip(chance.lognormal(np.log(26_000), 0.45, size=n), 6_500, 180_000).astype(np.int64) * 100
    places = [[place[i] for place in TOWNS] for i in range(3)]
    title = np.where(np.array(genders)[forename] == "F", "Ms", "Mr")
    return pl.DataFrame(
        {
            "person": people,
            "employer": people // EMPLOYER_ROWS,
            "nino": _pick(NINO_PREFIXES, prefix) + _digits(digits, 6) + _pick(NINO_SUFFIXES, suffix),
            "title": title,
            "forename1": _pick(forenames, forename),
            "forename2": _pick(forenames, chance.integers(len(forenames), size=n)),
            "surname": _pick(SURNAMES, chance.integers(len(SURNAMES), size=n)),
            "gender": _pick(genders, forename),
            "mailbox": _pick(mailboxes, forename),
            "born": _days(born),
            "number": chance.integers(1, 200, size=n),
            "street": _pick(STREETS, chance.integers(len(STREETS), size=n)),
            "employer_name": _pick(EMPLOYERS, people // EMPLOYER_ROWS % len(EMPLOYERS)),
            "town": _pick(places[0], town),
            "county": _pick(places[1], town),
            "postcode": _pick(places[2], town),
            "inward": chance.integers(10, size=n),
            "started": _days(started),
            "enrolled": _days(enrolled),
            "ends": _days(started + 5_500),
            "fixed_term": exceptional == 7,
            "opted_out": exceptional == 8,
            "salary": salary,
        }
    )


def _papdis(block: _Block, month: date, seed: int) -> pl.DataFrame:
    """A bureau's month: the 44 columns, in the layout's order."""
    paid_on = last_day(month)
    chance = draw(seed, Stream.BULK_PAY, block.bureau, month.year * 12 + month.month)
    # Up to a tenth more or less than a twelfth of the salary, to the penny.
    swing = chance.integers(90_000, 110_001, size=len(block.people))
    who = block.who.with_columns(pay=pl.col("salary") * pl.Series(swing) // (12 * 100_000))
    percent = pl.when(pl.col("opted_out")).then(0).otherwise(DEFAULT_PERCENT)
    contribution = _money((pl.col("pay") * percent + 50) // 100)
    percent_text = pl.when(pl.col("opted_out")).then(pl.lit("0.00")).otherwise(pl.lit(f"{DEFAULT_PERCENT}.00"))
    col, lit = pl.col, pl.lit
    columns = {
        "PAPDISVersion": lit(VERSION),
        "PensionProviderId": lit(PROVIDER),
        "EmployerId": _reference(col("employer")),
        "Group": lit("Monthly paid staff"),
        "SubGroup": col("employer_name") + " operations",
        "PayPeriodStartDate": lit(month),
        "PayPeriodEndDate": lit(paid_on),
        "ContributionDeductionDate": lit(paid_on),
        "FrequencyCode": lit("M1"),
        "TaxPeriod": lit(tax_period(paid_on, Frequency.MONTH)),
        "Title": col("title"),
        "Forename1": col("forename1"),
        "Forename2": col("forename2"),
        "Surname": col("surname"),
        "EmployeeId": lit("E") + _padded(col("person"), 8),
        "BirthDate": col("born"),
        "Gender": col("gender"),
        "NationalInsuranceNumber": col("nino"),
        "Address1": col("number").cast(pl.String) + " " + col("street"),
        "Address2": lit("Apartment ") + (col("number") % 12 + 1).cast(pl.String),
        "Address3": col("town"),
        "Address4": col("county"),
        "Postcode": col("postcode") + " " + col("inward").cast(pl.String) + "AA",
        "Country": lit("United Kingdom"),
        "EmailAddress": col("mailbox") + "." + col("person").cast(pl.String) + "@mail.example.com",
        "EmploymentStartDate": col("started"),
        "ExitDate": pl.when(col("fixed_term")).then(col("ends")),
        "ExitReasonCode": pl.when(col("fixed_term")).then(lit(LEFT_VOLUNTARILY)),
        "AssessmentCode": pl.when(col("salary") > 10_000_00).then(lit("1")).otherwise(lit("2")),
        "EventCode": lit("1"),
        "EventDate": col("enrolled"),
        "DeferralDate": col("enrolled"),
        "AEOptOutDate": pl.when(col("opted_out")).then(lit(date(2026, 4, 20))),
        # Given to each worker with the letter of enrolment, to be quoted by those who opt out.
        "AEOptOutReference": lit("OO") + _padded(col("person"), 8),
        "EnrolmentCommunicationsIssuedDate": col("enrolled"),
        "EmployerContributionsAmount": contribution,
        "EmployeeContributionsAmount": contribution,
        "AdditionalVoluntaryContributionsAmount": lit("0.00"),
        "AdditionalVoluntaryContributionsPercent": lit("0.00"),
        "PensionableEarningsAmount": _money(col("pay")),
        "EmployerContributionsPercent": percent_text,
        "EmployeeContributionsPercent": percent_text,
        "SalarySacrificeIndicator": lit("N"),
        "AnnualSalary": _money(col("salary")),
    }
    return who.select(**columns).select([column.name for column in PAPDIS_CSV.columns])


def _gigs(block: _Block, month: date, seed: int, gig_every: int, shares: tuple[int, ...]) -> pl.DataFrame:
    """The platform jobs of a bureau's people, in the layout's columns, by worker and then in the order of time."""
    chance = draw(seed, Stream.BULK_PLATFORM, block.bureau, month.year * 12 + month.month)
    drivers = np.flatnonzero((block.people % gig_every == 0) & (block.people % 100 != 8))
    jobs = chance.integers(FEWEST_JOBS, MOST_JOBS + 1, size=len(drivers))
    rows, n = np.repeat(drivers, jobs), int(jobs.sum())
    number = np.arange(n) - np.repeat(np.cumsum(jobs) - jobs, jobs)
    # From the 6th on, for in its first April the scheme opens on that day. Each job has its own part of the days, so that
    # a worker's are in order, and is paid for on the day after.
    opens = month.replace(day=OPENS_ON)
    days = (last_day(month) - opens).days
    day = day_of(opens) + (number * days + chance.integers(days, size=n)) // MOST_JOBS
    start = day * 86_400 + chance.integers(8 * 3600, 21 * 3600, size=n)
    end = start + chance.integers(600, 3600, size=n)
    gross = chance.integers(310, 2600, size=n)
    contribution = (gross * DEFAULT_PERCENT + 50) // 100
    platform = np.searchsorted(np.cumsum(shares), block.people[rows] // gig_every % sum(shares), side="right")
    kind = chance.integers(2, size=n)
    person = block.people[rows]
    frame = block.who[rows].select("nino", "forename1", "surname", "born").with_columns(
        person=pl.Series(person),
        number=pl.Series(number),
        platform=_pick([p.code for p in PLATFORMS], platform),
        kind=_pick([kind for p in PLATFORMS for kind in p.kinds], platform * 2 + kind),
        start=pl.Series(start * 1000).cast(pl.Datetime("ms")),
        end=pl.Series(end * 1000).cast(pl.Datetime("ms")),
        paid_on=_days(day + 1),
        gross=pl.Series(gross),
        contribution=pl.Series(contribution),
    )  # fmt: skip
    col = pl.col
    return frame.select(
        platform=col("platform"),
        worker_id=pl.lit("W") + _padded(col("person"), 8),
        nino=col("nino"),
        forename=col("forename1"),
        surname=col("surname"),
        born=col("born"),
        job_id=pl.lit(f"{month:%Y%m}-") + _padded(col("person"), 8) + "-" + col("number").cast(pl.String),
        job_kind=col("kind"),
        started_at=col("start").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ended_at=col("end").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        paid_on=col("paid_on"),
        gross=_money(col("gross")),
        fees=pl.lit("0.00"),
        costs=pl.lit("0.00"),
        worker=_money(col("contribution")),
        platform_contribution=_money(col("contribution")),
    ).select([column.name for column in PLATFORM.columns])


def _pick(choices: list[str] | tuple[str, ...], places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(choices, dtype=pl.String).gather(pl.Series(places))


def _days(days: Int) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _digits(numbers: Int, width: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(width)


def _padded(numbers: pl.Expr, width: int) -> pl.Expr:
    return numbers.cast(pl.String).str.zfill(width)


def _reference(employers: pl.Expr) -> pl.Expr:
    """A PAYE reference from an employer's number."""
    return (employers % 899 + 100).cast(pl.String) + "/LP" + _padded(employers, 6)


def _money(pence: pl.Expr) -> pl.Expr:
    """Pounds with two decimals."""
    return (pence // 100).cast(pl.String) + "." + _padded(pence % 100, 2)

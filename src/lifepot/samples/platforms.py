"""Platforms: many small jobs a day, each told and paid for by itself."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import numpy as np

from lifepot.intake.layouts import PLATFORM
from lifepot.money import format_minor
from lifepot.samples.draws import Stream, draw
from lifepot.samples.pay import percent_of
from lifepot.samples.paydays import OPENS_ON, last_day
from lifepot.samples.people import DEFAULT_PERCENT
from lifepot.samples.work import Gig, Platform

COLUMNS = [column.name for column in PLATFORM.columns]


@dataclass(frozen=True, slots=True)
class Terms:
    """A kind of job.

    least, most        what it pays, pence
    shortest, longest  how long it takes, minutes
    fees, costs        the platform's fees and the costs people declare, in per cent of what it pays
    """

    least: int
    most: int
    shortest: int
    longest: int
    fees: int = 0
    costs: int = 0


# What a platform that sends out labour calls gross is what it pays out. Letting and selling are the member's own trade:
# the platform's fee and declared costs (cleaning, postage, what was bought to be sold) come off before it is pay.
TERMS = {
    "ride": Terms(420, 2600, 8, 55),
    "delivery": Terms(310, 850, 10, 40),
    "task": Terms(1500, 9000, 60, 360),
    "care": Terms(2400, 9600, 120, 480),
    "rent": Terms(4500, 32000, 960, 5700, fees=15, costs=18),
    "sale": Terms(400, 9500, 5, 30, fees=10, costs=30),
}


def platform_csv(rows: Iterable[tuple[str, ...]]) -> str:
    """The file's text; what platforms export ends its lines with LF."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def platform_rows(
    platform: Platform, gigs: list[Gig], seed: int, first_month: date, month: date
) -> Iterator[tuple[str, ...]]:
    """Every job a platform paid for in a month, by worker and then in the order of time."""
    opens = max(month, first_month.replace(day=OPENS_ON))
    days = (last_day(month) - opens).days + 1
    number = month.year * 12 + month.month
    for gig in gigs:
        chance = draw(seed, Stream.PLATFORM, 1 + platform.number, number, gig.person.number)
        jobs = int(chance.poisson(gig.jobs_a_month * days / 31))
        terms = TERMS[gig.job_kind]
        paid_days = chance.integers(0, days, jobs)
        minutes = chance.integers(7 * 60, 22 * 60, jobs)
        lengths = chance.integers(terms.shortest, terms.longest + 1, jobs)
        grosses = chance.integers(terms.least, terms.most + 1, jobs)
        for i, place in enumerate(np.lexsort((minutes, paid_days)).tolist()):
            paid_on = opens + timedelta(days=int(paid_days[place]))
            length, gross = int(lengths[place]), int(grosses[place])
            # A job is paid for on the day after it ended.
            ended = datetime.combine(paid_on - timedelta(days=1), time(), UTC) + timedelta(minutes=int(minutes[place]))
            job_id = f"{platform.code[0].upper()}{number}-{gig.person.number:06d}-{i:03d}"
            started = ended - timedelta(minutes=length)
            yield _row(gig, job_id, started=started, ended=ended, paid_on=paid_on, gross=gross)


def _row(gig: Gig, job_id: str, *, started: datetime, ended: datetime, paid_on: date, gross: int) -> tuple[str, ...]:
    person, terms = gig.person, TERMS[gig.job_kind]
    fees, costs = gross * terms.fees // 100, gross * terms.costs // 100
    pay = gross - fees - costs
    worker = percent_of(pay, person.percent_on(paid_on), "half_up")
    matched = min(worker, percent_of(pay, DEFAULT_PERCENT, "half_up"))
    return (
        gig.platform.code,
        gig.worker_id,
        person.nino,
        person.forename,
        person.surname,
        person.born.isoformat(),
        job_id,
        gig.job_kind,
        f"{started:%Y-%m-%dT%H:%M:%SZ}",
        f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        paid_on.isoformat(),
        format_minor(gross),
        format_minor(fees),
        format_minor(costs),
        format_minor(worker),
        format_minor(matched),
    )

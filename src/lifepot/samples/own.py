"""Lifepot's own contributions file: what people say and pay themselves, and what a small employer writes by hand."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO

import numpy as np

from lifepot.intake.layouts import CONTRIBUTIONS
from lifepot.kernel.columns import FREQUENCY_WORDS
from lifepot.money import format_minor
from lifepot.samples.draws import Stream, draw
from lifepot.samples.pay import PayLine
from lifepot.samples.paydays import OPENS_ON, last_day, next_month
from lifepot.samples.people import Life, Person

COLUMNS = [column.name for column in CONTRIBUTIONS.columns]

SAVERS = {Life.CARER, Life.LEARNER, Life.SELF_EMPLOYED}
"""Nobody deducts for them, so they pay themselves."""

AMOUNTS_PENCE = (500, 1000, 1000, 2000, 2500, 5000, 10000)

Row = dict[str, str]


def contributions_csv(rows: Iterable[Row]) -> str:
    """The file's text. What a row does not say is empty."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def employer_rows(lines: list[PayLine]) -> Iterator[Row]:
    """The pays of an employer that writes this file itself; a week without work is a row with its reason."""
    for line in lines:
        job, period = line.job, line.period
        yield _person(job.person) | {
            "payer": job.employer.reference,
            "kind": "pay",
            "on": period.paid_on.isoformat(),
            "payroll_id": job.payroll_id,
            "period_start": period.start.isoformat(),
            "period_end": period.end.isoformat(),
            "frequency": FREQUENCY_WORDS[job.employer.frequency],
            "earnings": format_minor(line.earnings),
            "hours": format_minor(line.hours),
            "worker": format_minor(line.worker),
            "employer": format_minor(line.employer),
            "reason": line.reason,
        }


def business_of(person: Person) -> str:
    """By what a sole trader's business is named as a payer: its ten-digit tax reference."""
    return f"UTR{10**9 + 7_919 * (person.number + 1)}"


@dataclass
class OwnRows:
    """The months, in order, of what people say and pay themselves.

    It remembers what each has paid in, because nobody takes out more than half of that.
    """

    people: list[Person]
    seed: int
    first_month: date

    def __post_init__(self) -> None:
        self._kept: dict[int, int] = {}

    def month(self, month: date) -> list[Row]:
        """One month's rows, by day."""
        rows = []
        for person in self.people:
            if person.nino:
                chance = draw(self.seed, Stream.OWN, person.number, month.year * 12 + month.month)
                rows += [*self._statuses(person, month), *self._money(person, chance, month)]
        return sorted(rows, key=lambda row: row["on"])

    def _money(self, person: Person, chance: np.random.Generator, month: date) -> Iterator[Row]:
        """Payments in, by the person and by their business, and now and then some out."""
        day = month + timedelta(days=int(chance.integers(OPENS_ON, 25)))
        luck, place, share = chance.random(), int(chance.integers(len(AMOUNTS_PENCE))), chance.random()
        self_employed = person.life is Life.SELF_EMPLOYED
        # Who pays only themselves opens the account with their first payment.
        pays = (person.life in SAVERS and (month == self.first_month or luck < 0.6)) or (person.saves and luck < 0.5)
        kept = self._kept.get(person.number, 0)
        if pays and not (person.opted_out_on and day >= person.opted_out_on):
            amount = AMOUNTS_PENCE[place]
            self._kept[person.number] = kept + amount
            yield _row(person, "paid", day, amount=format_minor(amount))
            if self_employed and luck < 0.5:
                business = {"payer": business_of(person), "amount": format_minor(2 * amount)}
                yield _row(person, "paid", day, **business)
        elif kept >= 4000 and share < 0.06:
            taken = kept // 200 * 100
            self._kept[person.number] = kept - taken
            # Most of it for no purpose; some to clear a student loan.
            purpose = "student_loan" if share < 0.015 else ""
            yield _row(person, "withdrawn", day, amount=format_minor(taken), value=purpose)

    def _statuses(self, person: Person, month: date) -> Iterator[Row]:
        """What changed in a person's standing this month."""
        opens = self.first_month.replace(day=OPENS_ON)
        said: list[tuple[date, str, str]] = []
        if person.opted_out_on:
            said.append((person.opted_out_on, "opted_out", "yes"))
        if person.percent_from:
            said.append((person.percent_from, "worker_rate", f"{person.percent}%"))
        # Who stops does so at some time in the second half of the first year.
        stops = next_month(opens, 6 + person.number % 6)
        if person.life is Life.CARER:
            said.append((opens, "caring", "yes"))
            if person.number % 2:
                said.append((stops, "caring", "no"))
        if person.life is Life.LEARNER:
            said += [(opens, "learning", "yes"), (stops, "learning", "no")]
        if person.life is Life.SELF_EMPLOYED:
            profit = 6_000 + person.number * 7_919 % 30_000
            said += [(opens, "trading", "yes"), (opens + timedelta(days=9), "profit", f"{profit}.00")]
            if person.number % 4 == 0:
                # The accounts came in lower than thought, and the declaration is made again.
                said.append((stops, "profit", f"{profit - 1_250}.00"))
        for on, attribute, value in said:
            if month <= on <= last_day(month):
                yield _row(person, "status", on, attribute=attribute, value=value)


def _row(person: Person, kind: str, on: date, **cells: str) -> Row:
    return _person(person) | {"kind": kind, "on": on.isoformat()} | cells


def _person(person: Person) -> Row:
    return {
        "nino": person.nino,
        "forename": person.forename,
        "surname": person.surname,
        "born": person.born.isoformat(),
        "email": person.email,
    }

"""A small rulebook whose pot has four parts, for tests: one expires, one moves into another, one lasts."""

import csv
from pathlib import Path
from typing import Any

from lifepot.periods import format_day
from lifepot.quote.answers import pots, quote
from lifepot.rulebook.reader import parse_rulebook
from lifepot.rulebook.terms import Rulebook

WALLETS = """\
name: wallets
title: Wallets
description: Grants and own money in four parts, for courses.
currency: SGD
accounts:
  topup: {description: A grant that lapses., expires_on: 2025-12-31}
  older: {description: A grant whose rest is added to another., moves_on: 2024-05-01, moves_to: mid_career}
  mid_career: {description: For courses on a list.}
  base: {description: For any course.}
windows:
  year: {description: A calendar year., every: year, starts: 01-01}
days:
  turns_25: {description: The 25th birthday., age: "25"}
  of_2020: {description: A grant once., on: 2020-12-31}
  of_2024: {description: A grant once., on: 2024-05-01}
values:
  forfait:
    description: What everybody pays of a course.
    unit: money
    source: Ours.
    dated: {2019-01-01: "0", 2024-05-02: "100", 2025-01-01: "102.23"}
  dearest:
    description: The dearest trip.
    unit: money
    source: Ours.
    dated: {2019-01-01: "80", 2024-07-01: "90"}
attributes:
  listed: {description: The course is on the list., kind: yes_no, default: "no"}
  subsidy: {description: Paid by somebody else., kind: percent}
  jobseeker: {description: Looks for a job., kind: yes_no}
  cost: {description: Cost of a trip., kind: money}
  into: {description: Where own money goes., kind: choice, choices: [topup, older, mid_career, base], default: base}
conditions:
  from_25: {what: age, at_least: "25"}
membership: {description: Everybody., first_payment_opens: true, source: Ours.}
purposes:
  course:
    description: A course.
    pays: the provider
    when: from_25
    draws_on: [topup, {account: mid_career, when: {what: attribute.listed, is: "yes"}}, base]
    subsidy: subsidy
    source: Ours.
  training:
    description: Training of which the member pays a part.
    pays: the provider
    draws_on: [base]
    member_pays: {at_least: forfait, unless: {what: attribute.jobseeker, is: "yes"}}
    source: Ours.
  trip:
    description: A trip, twice a year.
    pays: the agency
    when:
      all:
        - {what: amount.trips, at_most: "2"}
        - any: [{what: attribute.cost, at_most: dearest}, {what: attribute.jobseeker, is: "yes"}]
        - {not: {what: attribute.listed, is: "yes"}}
    source: Ours.
amounts:
  trips: {description: Withdrawals this year., of: count.withdrawn, members_only: false, steps: [total: year]}
rules:
  government.base:
    description: At 25.
    party: government
    account: base
    of: day.turns_25
    members_only: false
    steps: [give: "500"]
    source: Ours.
  government.topup:
    description: From 25 on.
    party: government
    account: topup
    of: day.of_2020
    when: from_25
    members_only: false
    steps: [give: "500"]
    source: Ours.
  government.older:
    description: From 40 on.
    party: government
    account: older
    of: day.of_2020
    when: {what: age, at_least: "40"}
    members_only: false
    steps: [give: "500"]
    source: Ours.
  government.mid_career:
    description: From 40 on.
    party: government
    account: mid_career
    of: day.of_2024
    when: {what: age, at_least: "40"}
    members_only: false
    steps: [give: "4000"]
    source: Ours.
  worker.topup: {description: Own., party: worker, account: topup, of: paid.worker, when: {what: attribute.into, is: topup}, source: Ours.}
  worker.older: {description: Own., party: worker, account: older, of: paid.worker, when: {what: attribute.into, is: older}, source: Ours.}
  worker.mid_career: {description: Own., party: worker, account: mid_career, of: paid.worker, when: {what: attribute.into, is: mid_career}, source: Ours.}
  worker.base: {description: Own., party: worker, account: base, of: paid.worker, when: {what: attribute.into, is: base}, source: Ours.}
  government.match:
    description: A quarter on the year's own money, less what is taken out for nothing.
    party: government
    account: mid_career
    without_bound: A small test.
    of: paid.worker
    steps:
      - total: {over: year, taken_out: newest_first}
      - rate: 25%
      - round: half_up cent
    source: Ours.
  government.charge:
    description: A fifth of what is taken out for nothing.
    party: government
    direction: takes_back
    account: base
    of: withdrawn.no_purpose
    members_only: false
    steps: [rate: 20%, round: half_up cent]
    net: half_up cent
    source: Ours.
"""

Rows = list[dict[str, Any]]


def wallets(text: str = WALLETS) -> Rulebook:
    """The rulebook in a text, which has no faults."""
    rulebook, faults = parse_rulebook(text, "wallets.yaml")
    assert [str(fault) for fault in faults] == []
    assert rulebook is not None
    return rulebook


def write(file: Path, rows: list[dict[str, str]], columns: str) -> Path:
    """A CSV file of these rows; the columns are those named and any others that a row has."""
    names = dict.fromkeys([*columns.split(","), *(name for row in rows for name in row)])
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, names, restval="")
        out.writeheader()
        out.writerows(rows)
    return file


class Desk:
    """Somebody to ask: people and facts in a folder, looked at with a rulebook."""

    def __init__(self, folder: Path, rulebook: Rulebook) -> None:
        self.folder, self.rulebook = folder, rulebook
        self.people: list[dict[str, str]] = []
        self.facts: list[dict[str, str]] = []
        self.told = 0

    def member(self, name: str, **said: str) -> None:
        """One more member."""
        self.people.append({"member": name, **said})

    def fact(self, member: str, on: str | int, kind: str, **said: str) -> str:
        """One more fact; its ref."""
        self.told += 1
        ref = f"f{self.told}"
        day = format_day(on) if isinstance(on, int) else on
        self.facts.append({"ref": ref, "member": member, "on": day, "kind": kind, **said})
        return ref

    def files(self) -> tuple[Path, Path]:
        """The two files."""
        people = write(self.folder / "people.csv", self.people, "member,born,joined")
        return people, write(
            self.folder / "facts.csv", self.facts, "ref,member,on,kind,amount,attribute,value,replaces"
        )

    def pots(self, as_of: int | None = None) -> Rows:
        """Each member's pots."""
        rows, faults = pots(self.rulebook, *self.files(), as_of)
        assert faults == []
        return rows

    def left(self, as_of: int | None = None) -> dict[str, int]:
        """What is left in each account of the first member."""
        return {one["account"]: one["left_minor"] for one in self.pots(as_of)[0]["accounts"]}

    def ask(self, *asks: dict[str, str], faults: set[str] = frozenset()) -> Rows:  # type: ignore[assignment]
        """An answer to each ask, which has the first member, `leaves` and a ref of its own where it says nothing else."""
        rows = [
            {"ref": f"q{number}", "member": self.people[0]["member"], "as": "leaves", "purpose": "", **one}
            for number, one in enumerate(asks)
        ]
        file = write(self.folder / "asks.csv", rows, "ref,member,on,purpose,amount,as")
        answers, found = quote(self.rulebook, *self.files(), file)
        assert {fault.code for fault in found} == set(faults)
        return answers

"""What a file would do, before anything is posted: who would join, who is refused and why, what each party would owe, and what
differs from the last file of the same payer.

The file is received like any other and then rolled back, so what is said is what would happen. Both sides of a comparison are read
as they would then stand, pay day by pay day: so a pay that payroll tells the tax office and us is one pay, whatever came first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.intake.reader import read_person
from lifepot.kernel.columns import NONE, Kind
from lifepot.periods import date_of, day_of, format_day
from lifepot.scheme.accept import Progress, Work
from lifepot.scheme.called import called_by
from lifepot.scheme.kept_rows import kept_rows
from lifepot.scheme.opening import Clock
from lifepot.scheme.payers_eyes import for_payer, own_effects
from lifepot.scheme.receive import receive
from lifepot.scheme.reply import Reply
from lifepot.scheme.told import PAY_DAYS, PERIODS, facts_told, family, of_payers, pay_days_of, spans_of, told_before
from lifepot.storage.rows import Rows

Int = NDArray[np.int64]
Called = dict[int, dict[str, Any]]
"""What people are called, by their number."""

MOST_SHOWN = 100
"""People that each list names; it counts them all."""

LOOKED_BACK_DAYS = 400
AMOUNTS = ("earnings", "worker", "employer")
PARTY_WORDS = ("worker", "employer", "government")


@dataclass(frozen=True, slots=True)
class People:
    """Some people: how many they are, and the first of them, each as a dictionary for JSON."""

    count: int
    first: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {"count": self.count, "first": self.first}


@dataclass(frozen=True, slots=True)
class AgainstLast:
    """A payer's pay in this file beside its last. `totals` and `totals_before`: people, earnings, worker, employer (minor units).
    Of the pay days from `since` to `until`, against those `before_since` to `before_until` (None: there is no earlier file).
    """

    payer: str
    since: int
    until: int
    before_since: int | None
    before_until: int | None
    totals: dict[str, int]
    totals_before: dict[str, int]
    no_more: People
    new: People
    changed: People

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""

        def day(on: int | None) -> str | None:
            return None if on is None else format_day(on)

        return {
            "payer": self.payer, "since": day(self.since), "until": day(self.until), "before_since": day(self.before_since),
            "before_until": day(self.before_until), "totals": self.totals, "totals_before": self.totals_before,
            "no_more": self.no_more.as_dict(), "new": self.new.as_dict(), "changed": self.changed.as_dict(),
        }  # fmt: skip


@dataclass(slots=True)
class Beforehand:
    """What a file would do. Where `reply.state` is not "preview" nothing of it would be posted now, and the lists are empty."""

    reply: Reply
    joining: People = field(default_factory=lambda: People(0, []))
    refused: People = field(default_factory=lambda: People(0, []))
    owed: list[dict[str, Any]] = field(default_factory=list)
    """By party and rule: `sent_minor` reaches pots, `owed_minor` is owed to them."""
    payers: list[AgainstLast] = field(default_factory=list)
    effects: dict[str, Any] | None = None
    """For a payer's eyes: what it would do on its own accounts."""

    def for_payer(self) -> dict[str, Any]:
        """As JSON carries it to the payer whose eyes it was asked for. Government's part is not told, not even of many people: two
        files that differ by one person would tell that one's.
        """
        told = self.as_dict() | for_payer(self.reply, self.effects)
        del told["owed"], told["government"]
        return told

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return self.reply.as_dict() | {
            "joining": self.joining.as_dict(), "refused": self.refused.as_dict(), "owed": self.owed,
            "payers": [one.as_dict() for one in self.payers],
        }  # fmt: skip


def beforehand(
    connection: psycopg.Connection[Any], path: Path, clock: Clock, *, mode: str | None = None, layout: str | None = None,
    payer: int | None = None, progress: Progress | None = None,
) -> Beforehand:  # fmt: skip
    """What receiving this file would do. Nothing is kept. With `payer`, whose file it is, people are called as its own files call
    them, and `effects` are those on its own accounts.
    """
    found = Beforehand(Reply(path.name))

    def look(work: Work, facts: Rows) -> None:
        def named(members: Sequence[int]) -> Called:
            return _named(work.connection, members) if payer is None else called_by(work, payer, facts, members)

        found.joining = _joining(work, named)
        found.refused = _refused(work)
        parties = {name: int(work.standing.parties[rule]) for rule, name in work.standing.rule_names.items()}
        by_rule = sorted(work.reply.by_rule, key=lambda one: parties[one["rule"]])
        found.owed = [{"party": PARTY_WORDS[parties[one["rule"]]]} | one for one in by_rule]
        found.payers = _against_last(work, facts, named)
        if payer is not None:
            assert work.reply.place is not None
            found.effects = own_effects(work.connection, work.standing, work.reply.place, payer)

    found.reply = receive(connection, path, clock, mode=mode, layout=layout, preview=True, progress=progress, look=look)
    return found


def _joining(work: Work, called: Callable[[Sequence[int]], Called]) -> People:
    """Newcomers, as the file names them."""
    newcomers = work.identifier.newcomers
    members = np.sort(np.concatenate(newcomers.members)) if newcomers.count else np.zeros(0, np.int64)
    named = called(members[:MOST_SHOWN].tolist())
    return People(newcomers.count, [{"member": member} | named[member] for member in members[:MOST_SHOWN].tolist()])


def _named(connection: psycopg.Connection[Any], members: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What people are called: name, NINO, birth day and what their payers call them."""
    rows = connection.execute(
        "select member, trim(forename || ' ' || surname), born, (select nino from personal.identity where identity.member = "
        "person.member limit 1), array(select payroll_id from personal.employment where employment.member = person.member) "
        "from personal.person where member = any(%s)",
        [list(members)],
    ).fetchall()
    found: dict[int, dict[str, Any]] = {
        member: {
            "name": name, "nino": nino, "payroll_ids": jobs, "born": None if born is None else born.isoformat(),
        }
        for member, name, born, nino, jobs in rows
    }  # fmt: skip
    nobody: dict[str, Any] = {"name": "", "nino": None, "payroll_ids": [], "born": None}
    return {member: found.get(member, nobody) for member in members}


def _refused(work: Work) -> People:
    """Rows that are refused, with the name that each says and the first fault of it."""
    first_faults = {number: fault for fault, number, _, _ in reversed(work.rejects) if number >= 0}
    shown = sorted(first_faults)[:MOST_SHOWN]
    raw = kept_rows(work.connection, work.number, shown)
    header = work.reading.header
    names = header.names if header is not None else ()
    rows = []
    for number in shown:
        said = read_person(work.reading.layout, names, raw[number]) if number in raw else {}
        name = " ".join(part for part in (said.get("forename", ""), said.get("surname", "")) if part)
        rows.append({"row": number, "name": name} | first_faults[number].as_dict())
    return People(work.reply.rejected, rows)


def _against_last(work: Work, facts: Rows, called: Callable[[Sequence[int]], Called]) -> list[AgainstLast]:
    """Each payer of the file beside the last file of its that came before."""
    pay = facts[of_payers(facts) & (facts["kind"] == Kind.PAY)]
    now, before = pay_days_of(pay), _days_before(work, pay)
    both_days = np.unique(np.concatenate([now, before]), axis=0)
    told = facts_told(
        work.connection, work.store, told_before(work.connection, both_days, PAY_DAYS), both_days, PAY_DAYS
    )
    sides = [
        _sums(told[np.isin(_day_of_payer(told["payer"], told["effective_on"]), _day_of_payer(days[:, 0], days[:, 1]))])
        for days in (now, before)
    ]
    names = dict(
        work.connection.execute(
            "select id, ref from payer where id = any(%s)", [np.unique(now[:, 0]).tolist() if len(now) else []]
        ).fetchall()
    )
    lists: dict[int, tuple[list[int], list[int], list[int]]] = {}
    for payer in names:
        theirs, theirs_before = (side.get(payer, {}) for side in sides)
        both = sorted(set(theirs) & set(theirs_before))
        changed = [who for who in both if theirs[who] != theirs_before[who]]
        new = sorted(set(theirs) - set(theirs_before)) if theirs_before else []
        lists[payer] = (sorted(set(theirs_before) - set(theirs)), new, changed)
    shown = {who for three in lists.values() for one in three for who in one[:MOST_SHOWN]}
    named = called(sorted(shown))

    def people(who: list[int], side: dict[int, Int3], before: dict[int, Int3] | None = None) -> People:
        first: list[dict[str, Any]] = [{"member": one} | named[one] | _amounts(side[one]) for one in who[:MOST_SHOWN]]
        if before is not None:
            first = [row | {"before": _amounts(before[row["member"]])} for row in first]
        return People(len(who), first)

    found = []
    for payer, name in sorted(names.items(), key=lambda one: one[1]):
        theirs, theirs_before = (side.get(payer, {}) for side in sides)
        days, days_before = (side[side[:, 0] == payer, 1] for side in (now, before))
        gone, new, changed = lists[payer]
        found.append(
            AgainstLast(
                name, int(days.min()), int(days.max()), int(days_before.min()) if len(days_before) else None,
                int(days_before.max()) if len(days_before) else None, _totals(theirs), _totals(theirs_before),
                people(gone, theirs_before), people(new, theirs), people(changed, theirs, theirs_before),
            )
        )  # fmt: skip
    return found


Int3 = tuple[int, int, int]
"""Earnings, worker's and employer's, minor units."""


def _amounts(of: Int3) -> dict[str, int]:
    return {f"{name}_minor": minor for name, minor in zip(AMOUNTS, of, strict=True)}


def _totals(side: dict[int, Int3]) -> dict[str, int]:
    return {"people": len(side)} | _amounts(
        (
            sum(one[0] for one in side.values()),
            sum(one[1] for one in side.values()),
            sum(one[2] for one in side.values()),
        )
    )


def _days_before(work: Work, pay: Rows) -> Int:
    """The pay days, (payer, day, day), of the last file of each payer before this one: one for periods as long, if there is one,
    and told to the same.
    """
    found: list[tuple[int, int, int]] = []
    mine = family(work.reading.layout)
    spans = spans_of(pay)
    for payer in np.unique(spans[:, 0]).tolist() if len(spans) else []:
        theirs = spans[spans[:, 0] == payer]
        first, length = int(theirs[:, 1].min()), int((theirs[:, 2] - theirs[:, 1]).max())
        rows = work.connection.execute(
            "select file, batch, layout, max(period_end - period_start), max(period_end) from told where payer = %s and kind = %s "
            "and period_start between %s and %s and period_end < %s and file <> %s group by 1, 2, 3",
            [payer, PERIODS, date_of(first - LOOKED_BACK_DAYS), date_of(first), date_of(first), work.number],
        ).fetchall()
        alike = [row for row in rows if family(row[2]) == mine]
        if not alike:
            continue
        # Months are of 28 to 31 days.
        file, batch, *_ = max(alike, key=lambda row: (abs(row[3] - length) <= 3, row[4], row[1]))
        days = work.connection.execute(
            "select distinct period_start from told where payer = %s and kind = %s and file = %s and batch = %s",
            [payer, PAY_DAYS, file, batch],
        ).fetchall()
        this_day = int(pay["effective_on"][pay["payer"] == payer].min())
        found += [(payer, day_of(day), day_of(day)) for (day,) in days if day_of(day) < this_day]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def _day_of_payer(payer: Int, day: Int) -> Int:
    """One number for both."""
    return (payer.astype(np.int64) << 32) + day


def _sums(told: Rows) -> dict[int, dict[int, Int3]]:
    """What pays come to: by payer, and of it by member."""
    key = (told["payer"].astype(np.int64) << 32) + told["member"]
    each, which = np.unique(key, return_inverse=True)
    sums = np.zeros((len(each), len(AMOUNTS)), dtype=np.int64)
    for column, name in enumerate(AMOUNTS):
        np.add.at(sums[:, column], which, np.where(told[name] == NONE, 0, told[name]))
    found: dict[int, dict[int, Int3]] = {}
    for one, (earnings, worker, employer) in zip(each.tolist(), sums.tolist(), strict=True):
        found.setdefault(one >> 32, {})[one & ((1 << 32) - 1)] = (earnings, worker, employer)
    return found

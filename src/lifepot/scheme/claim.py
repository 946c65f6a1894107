"""Claims: what government and each payer owe, asked of them period by period.

A claim is a difference: what a funder owes as known now, effective up to the end of a period, less what was claimed before and
not refused. docs/decisions/0004-how-money-goes-out.md says how it is found without reading all there is.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.kernel.columns import NONE
from lifepot.money import format_minor
from lifepot.periods import date_of, day_of, format_day
from lifepot.scheme.claim_file import Heading, Written, write_claim
from lifepot.scheme.claim_lines import Asked, Funder, claimed_in, history, less, nothing, owed_by_key, summed
from lifepot.scheme.claim_terms import terms_for
from lifepot.scheme.direct import post_directly
from lifepot.scheme.opening import Clock
from lifepot.scheme.resettle import Progress, settle_here
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.owing import read_owing
from lifepot.storage.rows import Event, Rows, blank_facts, each_once, picked, put
from lifepot.storage.store import STRIPES, Store

Int = NDArray[np.int64]

GOVERNMENT = "government"

MOST_TOLD = 1_000
"""Faults that are listed; all are counted."""


@dataclass(slots=True)
class Claimed:
    """What became of a claim. `state`: made, existing (the same was claimed before) or nothing (there is nothing to claim)."""

    state: str
    funder: str
    currency: str
    until: int
    terms: str
    number: int | None = None
    made_on: int | None = None
    due_on: int | None = None
    lines: int = 0
    asked_minor: int = 0
    recovered_minor: int = 0
    sha256: str | None = None
    place: int | None = None
    head: str | None = None
    faults: list[Fault] = field(default_factory=list)
    faults_not_listed: int = 0

    @property
    def total_minor(self) -> int:
        """What is to come, once what is recovered is taken off. Negative: what the funder gets back."""
        return self.asked_minor - self.recovered_minor

    def as_dict(self) -> dict[str, Any]:
        """The claim as JSON carries it."""
        return {
            "state": self.state, "claim": self.number, "funder": self.funder, "until": format_day(self.until),
            "made_on": None if self.made_on is None else format_day(self.made_on),
            "due_on": None if self.due_on is None else format_day(self.due_on), "periods": self.terms, "lines": self.lines,
            "asked_minor": self.asked_minor, "recovered_minor": self.recovered_minor, "total_minor": self.total_minor, "sha256": self.sha256, "place": self.place, "head": self.head,
            "faults": [fault.as_dict() for fault in self.faults], "faults_not_listed": self.faults_not_listed,
        }  # fmt: skip


def make_claim(
    connection: psycopg.Connection[Any], funder: str, until: int | None, clock: Clock, *, again: bool = False,
    out: Path | None = None, progress: Progress | None = None,
) -> Claimed:  # fmt: skip
    """Claim from a funder (a payer's reference, or "government") what it owes up to the end of a period (by default the last
    that is over), and write the claim's file to `out`. What has fallen due by then is posted first. `again`: what was refused
    is claimed once more. Commits; where there is nothing to claim, no claim is made.
    """
    try:
        claimed, kept = _make(connection, funder, until, clock, out, progress, again=again)
    except BaseException:
        connection.rollback()
        if out is not None:
            _part(out).unlink(missing_ok=True)
        raise
    if kept:
        connection.commit()
    else:
        connection.rollback()
    if out is not None and claimed.state == "made":
        _part(out).replace(out)
    return claimed


def _part(out: Path) -> Path:
    return out.with_name(out.name + ".part")


def find_funder(connection: psycopg.Connection[Any], standing: Standing, name: str) -> Funder:
    """Who is meant: "government", or a payer by a reference that files call it by."""
    if name.lower() == GOVERNMENT:
        return Funder(0, GOVERNMENT, terms_for(standing.program.rulebook, 0))
    row = connection.execute(
        "select id, ref from payer where ref = %(ref)s or id = (select payer from payer_alias where ref = %(ref)s)",
        {"ref": name},
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no payer {name}.", remedy=f"Say {GOVERNMENT}, or one that `lifepot payers list` names.")
    return Funder(row[0], row[1], terms_for(standing.program.rulebook, row[0]))


def _make(
    connection: psycopg.Connection[Any], name: str, until: int | None, clock: Clock, out: Path | None, progress: Progress | None,
    *, again: bool,
) -> tuple[Claimed, bool]:  # fmt: skip
    # Everybody is locked: every batch there is then has a lower number than this one, and every later one a higher.
    seen: list[Rows] = []
    due = settle_here(connection, clock, progress, seen)
    standing = read_standing(connection)
    clock = replace(clock, as_of=max(clock.as_of, standing.as_of))
    funder = find_funder(connection, standing, name)
    until = _asked_until(funder, until, clock.as_of)
    before = connection.execute(
        "select number, batch, until, floor from claim where funder = %s order by number desc limit 1", [funder.number]
    ).fetchone()
    last = None if before is None else day_of(before[2])
    if last is not None and last >= until and not (again and last == until):
        return _existing(connection, standing, funder, until, last), False
    if before is not None and last is not None and funder.terms.ends_on(last) != last:
        raise LifepotError(
            f"The claim periods of {funder.name} have changed: claim {before[0]} ended on {format_day(last)}, where none ends now.",
            remedy="Adopt a version of the rulebook with the claim periods that there were: what was claimed is kept by them.",
        )
    store = standing.store(connection)
    store.lock_members(np.arange(STRIPES))
    batch = store.begin_batch()
    if before is None or again:
        first, since, after = 0, 0, None
    else:
        first, since, after = before[3], before[1], last
    owing = read_owing(
        connection, funder.account, funder.came, first=first, past=batch, since=since, after=after, until=until
    )
    asked = owed_by_key(store, standing, funder, owing)
    if again:
        asked = less(asked, _all_claimed(connection, store, funder))
    elif last is not None:
        asked = _corrected(store, standing, funder, asked, last, until)
    claimed = Claimed("nothing", funder.name, standing.currency, until, funder.terms.in_words())
    asked = _within_reach(asked.take(asked.amount != 0), funder, clock.as_of, claimed)
    if not len(asked):
        return claimed, bool(due.transfers)
    number_row = connection.execute("select coalesce(max(number), 0) + 1 from claim").fetchone()
    assert number_row is not None
    facts = _facts(asked, funder, number_row[0], clock.as_of)
    settled = post_directly(store, standing, batch, facts, latest=_latest(store, each_once(asked.member), seen))
    settled.write(store)
    _count(claimed, facts, number_row[0], funder, clock.as_of)
    heading = Heading(standing.title, number_row[0], funder.name, until, clock.as_of, claimed.due_on, standing.currency)
    written = write_claim(connection, standing, heading, funder.number, facts, None if out is None else _part(out))
    claimed.sha256 = written.sha256.hex()
    _keep(connection, claimed, funder, batch, owing.floor, written)
    finished = store.finish_batch(
        kind="claim", who=clock.who, known_at=clock.known_at, as_of_day=clock.as_of, key=f"claim:{number_row[0]}",
        summary={"claim": number_row[0], "funder": funder.name},
    )  # fmt: skip
    claimed.place, claimed.head = finished.place, finished.head.hex()
    return claimed, True


def _latest(store: Store, members: Int, seen: list[Rows]) -> Rows:
    """The last closings of these members: as they were seen, but for those that the settle may have touched."""
    found = np.zeros(len(members), store.closing_dtype)
    there = np.zeros(len(members), np.bool_)
    while seen:
        closings = seen.pop()
        first, past = np.searchsorted(members, [closings["member"][0], closings["member"][-1] + 1])
        at = np.searchsorted(closings["member"], members[first:past])
        mine = first + np.flatnonzero(closings["member"][np.minimum(at, len(closings) - 1)] == members[first:past])
        put(found, mine, picked(closings, at[mine - first]))
        there[mine] = True
    if not there.all():
        put(found, np.flatnonzero(~there), store.closings_latest(members[~there]))
    return found


def _asked_until(funder: Funder, until: int | None, today: int) -> int:
    """The end of the period that is asked for: the last that is over, if none was said."""
    over = funder.terms.last_end_before(today)
    if until is None:
        return over
    if funder.terms.ends_on(until) != until:
        ends = funder.terms.ends_on(until)
        raise Misuse(
            f"No claim period of {funder.name} ends on {format_day(until)} ({funder.terms.in_words()}).",
            remedy=f"Say --until {format_day(funder.terms.last_end_before(until))} or {format_day(ends)}.",
        )
    if until > over:
        raise Misuse(
            f"The period that ends on {format_day(until)} is not over on {format_day(today)}.",
            remedy=f"Claim up to {format_day(over)}, or wait.",
        )
    return until


def _existing(
    connection: psycopg.Connection[Any], standing: Standing, funder: Funder, until: int, last: int
) -> Claimed:
    """The claim that was made for this period already; where none was, the days up to `last` were claimed all the same."""
    row = connection.execute(
        "select claim.number, made_on, lines, asked_minor, recovered_minor, encode(claim.sha256, 'hex'), place, encode(head, 'hex'), until "
        "from claim join batch on batch.number = claim.batch where funder = %s and until >= %s order by claim.number limit 1",
        [funder.number, date_of(until)],
    ).fetchone()
    assert row is not None, "a claim reaches as far"
    found = Claimed("existing", funder.name, standing.currency, day_of(row[8]), funder.terms.in_words())
    found.number, found.made_on, found.lines, found.asked_minor, found.recovered_minor = (
        row[0], day_of(row[1]), row[2], row[3], row[4],
    )  # fmt: skip
    found.sha256, found.place, found.head = row[5:8]
    found.due_on = funder.terms.due_on(found.until)
    if found.until != until:
        raise LifepotError(
            f"Everything up to {format_day(last)} was claimed from {funder.name} already, in claim {found.number} and after.",
            remedy="What was put right since comes with the claim for the next period.",
        )
    return found


def _all_claimed(connection: psycopg.Connection[Any], store: Store, funder: Funder) -> Asked:
    """What was ever claimed from a funder and not refused."""
    batches = connection.execute(
        "select number, facts from batch where number in (select batch from claim where funder = %(funder)s "
        "union select claim_answer.batch from claim_answer join claim on claim.number = claim_answer.claim "
        "where funder = %(funder)s) order by number",
        {"funder": funder.number},
    ).fetchall()
    parts = [claimed_in(store.facts_in(batch, facts), funder) for batch, facts in batches]
    if not parts:
        return nothing()
    return summed(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("key", "amount", "root")))


def _corrected(store: Store, standing: Standing, funder: Funder, asked: Asked, last: int, until: int) -> Asked:
    """What changed in periods that were claimed for before becomes what is owed for them less what was claimed."""
    old = asked.start <= last
    changed = asked.take(old & (asked.amount != 0))
    if not len(changed):
        return asked.take(~old)
    known = history(store, standing, funder, np.unique(changed.member), until)
    known = known.take(np.isin(known.key, changed.key))
    both = [known, asked.take(~old)]
    return summed(*(np.concatenate([getattr(one, name) for one in both]) for name in ("key", "amount", "root")))


def _within_reach(asked: Asked, funder: Funder, today: int, claimed: Claimed) -> Asked:
    """What can still be claimed; each of the others is told as a fault, with what would have let it pass."""
    terms = funder.terms
    ends = terms.spans(asked.start)[1]
    oldest = terms.oldest_end(today)
    too_old = ends < oldest
    too_late = np.zeros(len(asked), np.bool_)
    if terms.refuses_late and terms.within_days is not None:
        too_late = (asked.root == 0) & (ends + terms.within_days < today) & ~too_old
    out = np.flatnonzero(too_old | too_late)
    named = f"claim {terms.name} of the rulebook" if terms.name else "six years, for the rulebook says nothing"
    until_when = terms.until_when(ends)
    for row in out[:MOST_TOLD].tolist():
        amount = format_minor(int(asked.amount[row]), claimed.currency)
        found = f"{amount} for member {asked.member[row]}, {format_day(asked.start[row])} to {format_day(ends[row])}"
        if too_old[row]:
            expected = (
                f"a period that ended on {format_day(oldest)} or later ({named}: correct_within {terms.correct_within}); "
                f"it could be claimed until {format_day(until_when[row])}"
            )
            code = "too_old"
        else:
            expected = f"a claim within {terms.within_days} days after the period's end ({named}: claim_within_days)"
            code = "too_late"
        claimed.faults.append(Fault(f"claim to {funder.name}", 0, 0, code, "period_end", found, expected))
    claimed.faults_not_listed = len(out) - len(claimed.faults)
    return asked.take(~(too_old | too_late))


def _facts(asked: Asked, funder: Funder, number: int, today: int) -> Rows:
    """The claim's lines as facts, by member."""
    facts = blank_facts(len(asked))
    facts["kind"], facts["payer"], facts["value"], facts["effective_on"] = Event.CLAIMED, funder.number, number, today
    facts["member"], facts["attribute"], facts["amount"] = asked.member, asked.share, asked.amount
    facts["root"] = np.where(asked.root == 0, NONE, asked.root)
    facts["line"] = np.arange(1, len(asked) + 1)
    facts["period_start"], facts["period_end"] = funder.terms.spans(asked.start)
    return facts


def _count(claimed: Claimed, facts: Rows, number: int, funder: Funder, today: int) -> None:
    """Puts the claim's figures together."""
    amount = facts["amount"]
    claimed.state, claimed.number, claimed.made_on, claimed.lines = "made", number, today, len(facts)
    claimed.due_on = funder.terms.due_on(claimed.until)
    claimed.asked_minor = int(amount[amount > 0].sum())
    claimed.recovered_minor = -int(amount[amount < 0].sum())


def _keep(
    connection: psycopg.Connection[Any], claimed: Claimed, funder: Funder, batch: int, floor: int, written: Written
) -> None:
    """The claim's own row."""
    assert claimed.made_on is not None
    connection.execute(
        "insert into claim (number, batch, funder, until, made_on, lines, asked_minor, recovered_minor, recoveries, floor, sha256) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            claimed.number, batch, funder.number, date_of(claimed.until), date_of(claimed.made_on), claimed.lines,
            claimed.asked_minor, claimed.recovered_minor, written.recoveries, floor, written.sha256,
        ],
    )  # fmt: skip

"""A reply to a claim: what was paid comes to the pots, what was refused can be claimed again, and a reply sent twice changes
nothing. A row says how its line stands; what is written is the difference to how it stood.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.errors import Fault, LifepotError
from lifepot.kernel.columns import NONE
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.scheme.claim_reply_file import OUTCOMES, PAID, PARTLY, REFUSED, Told, read_reply
from lifepot.scheme.direct import post_directly
from lifepot.scheme.opening import Clock
from lifepot.scheme.settle import settle, version_in
from lifepot.scheme.standing import Standing, locked
from lifepot.storage.owing import read_lines
from lifepot.storage.rows import Event, Rows, blank_facts, each_once, picked
from lifepot.storage.store import Batch, Store

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(slots=True)
class Answered:
    """What became of a reply. `state`: received, nothing_new (it changed nothing) or refused (nothing of it can be taken).

    `cash_minor` is what the bank will show for it: what was paid less what was given back.
    """

    file: str
    state: str
    claim: int | None = None
    funder: str = ""
    currency: str = "GBP"
    rows: int = 0
    paid: int = 0
    partly_paid: int = 0
    refused: int = 0
    unchanged: int = 0
    paid_minor: int = 0
    recovered_minor: int = 0
    refused_minor: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    transfers: int = 0
    as_of: int = 0
    place: int | None = None
    head: str | None = None
    faults: list[Fault] = field(default_factory=list)
    faults_not_listed: int = 0

    @property
    def cash_minor(self) -> int:
        """What is on its way from the funder; negative: to it."""
        return self.paid_minor - self.recovered_minor

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON carries it."""
        return {
            "file": self.file, "state": self.state, "claim": self.claim, "funder": self.funder, "rows": self.rows,
            "paid": self.paid, "partly_paid": self.partly_paid, "refused": self.refused, "unchanged": self.unchanged,
            "paid_minor": self.paid_minor, "recovered_minor": self.recovered_minor, "refused_minor": self.refused_minor,
            "cash_minor": self.cash_minor, "codes": self.codes, "transfers": self.transfers, "as_of": format_day(self.as_of),
            "place": self.place, "head": self.head, "faults": [fault.as_dict() for fault in self.faults],
            "faults_not_listed": self.faults_not_listed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replied:
    """A claim that is replied to: its row, its lines (columns, in their order), and how much of each was answered before."""

    number: int
    batch: int
    funder: int
    name: str
    lines: dict[str, Int]
    paid: Int
    refused: Int


def receive_reply(connection: psycopg.Connection[Any], path: Path, clock: Clock) -> Answered:
    """Receive a reply to a claim. Commits what can be taken of it; the rest are faults. LifepotError for a file that is none,
    and for a claim that was never made.
    """
    told = read_reply(path)
    try:
        answered = _receive(connection, told, clock)
    except BaseException:
        connection.rollback()
        raise
    if answered.place is not None:
        connection.commit()
    else:
        connection.rollback()
    return answered


def _receive(connection: psycopg.Connection[Any], told: Told, clock: Clock) -> Answered:
    if not told.claim:
        raise LifepotError(
            f"{told.file} names no line of a claim.", remedy="Give the lines as the claim's file has them, such as 7-1."
        )
    # One reply to a claim at a time: the second sees what the first said.
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"claim:{told.claim}"])
    row = connection.execute(
        "select claim.batch, funder, coalesce(payer.ref, 'government'), lines from claim "
        "left join payer on payer.id = funder where number = %s",
        [told.claim],
    ).fetchone()
    if row is None:
        raise LifepotError(
            f"{told.file} replies to claim {told.claim}, which was never made.",
            remedy="`lifepot claim list` names the claims there are.",
        )
    store = Store(connection)
    lines = read_lines(connection, row[0], row[3])
    claim = Replied(told.claim, row[0], row[1], row[2], lines, *_answered_before(connection, store, told.claim, row[3]))
    known = told.line <= row[3]
    for at, line in zip(told.at[~known].tolist(), told.line[~known].tolist(), strict=True):
        told.tell(at, "line_unknown", "line", f"{told.claim}-{line}", f"one of the claim's {row[3]:,} lines")
    rows = np.flatnonzero(known)
    named = np.zeros(row[3], np.bool_)
    named[told.line[rows] - 1] = True
    members = each_once(lines["member"][named])
    standing, store = locked(connection, members)
    clock = replace(clock, as_of=max(clock.as_of, standing.as_of))
    answered = Answered(
        told.file, "nothing_new", told.claim, claim.name, standing.currency, told.rows, as_of=clock.as_of
    )
    new = _said(told, rows, claim, answered, standing)
    if len(new):
        _write(connection, store, standing, told, claim, new, clock, answered)
        answered.state = "received"
    elif told.rows and not answered.unchanged:
        answered.state = "refused"
    answered.faults, answered.faults_not_listed = told.faults, told.faults_not_listed
    return answered


def _answered_before(connection: psycopg.Connection[Any], store: Store, claim: int, count: int) -> tuple[Int, Int]:
    """What was paid and what was refused of each line of a claim by earlier replies, without their signs."""
    paid, refused = np.zeros(count, np.int64), np.zeros(count, np.int64)
    batches = connection.execute(
        "select batch, facts from claim_answer join batch on batch.number = batch where claim = %s order by batch",
        [claim],
    ).fetchall()
    for batch, facts in batches:
        rows = store.facts_in(batch, facts)
        rows = rows[np.isin(rows["kind"], [Event.CAME, Event.ANSWERED]) & (rows["value"] == claim)]
        for kind, sums in ((Event.CAME, paid), (Event.ANSWERED, refused)):
            mine = rows[rows["kind"] == kind]
            np.add.at(sums, mine["line"] - 1, np.abs(mine["amount"]))
    return paid, refused


def _said(told: Told, rows: Int, claim: Replied, answered: Answered, standing: Standing) -> Rows:
    """The facts that the reply's rows bring, by member; rows that contradict the claim or an earlier reply are faults."""
    line = told.line[rows] - 1
    outcome, amount, code = told.outcome[rows], told.amount[rows], told.code[rows]
    asked = claim.lines["amount"][line]
    most, before, refused_before = np.abs(asked), claim.paid[line], claim.refused[line]
    said = amount != NONE
    paid = np.where(outcome == REFUSED, before, np.where(said, amount, most))
    refused = np.where(
        outcome == REFUSED,
        np.where(said, amount, most - before),
        np.where((outcome == PARTLY) & (code >= 0), most - paid, refused_before),
    )
    first_said = np.zeros(len(claim.paid), np.int64)
    first_said[line[::-1]] = np.arange(len(line))[::-1]
    first = first_said[line] == np.arange(len(line))
    sound = np.ones(len(rows), np.bool_)

    def refuse(wrong: Bool, fault: str, path: str, expected: str) -> None:
        for at in np.flatnonzero(wrong & sound).tolist():
            shown = "nothing" if amount[at] == NONE else format_minor(int(amount[at]), standing.currency)
            found = {
                "line": f"{claim.number}-{line[at] + 1}", "code": "none", "amount": shown, "outcome": OUTCOMES[outcome[at]],
            }[path]  # fmt: skip
            figures = {
                "asked": format_minor(int(most[at]), standing.currency),
                "paid": format_minor(int(before[at]), standing.currency),
                "refused": format_minor(int(refused_before[at]), standing.currency),
            }
            told.tell(int(told.at[rows[at]]), fault, path, found, expected.format(**figures))
        sound[wrong] = False

    refuse(~first, "line_twice", "line", "a line once in a reply")
    refuse((outcome == REFUSED) & (code < 0), "code_missing", "code", "the code with which it is refused")
    refuse((outcome == PARTLY) & ~said, "amount_missing", "amount", "how much of {asked} has been paid in all")
    refuse(said & (told.negative[rows] != (asked < 0)) & (amount > 0), "amount_sign", "amount",
           "the sign that the claim's line has")  # fmt: skip
    refuse(paid + refused > most, "amount_over", "amount",
           "at most the {asked} that were claimed, {refused} of them refused before")  # fmt: skip
    refuse((outcome == PAID) & (paid < most), "amount_short", "amount", "{asked}, or the outcome partly_paid")
    refuse((paid < before) | (refused < refused_before), "answered_before", "outcome",
           "no less than was said before: {paid} paid, {refused} refused; too much is recovered by the next claim")  # fmt: skip
    same = sound & (paid == before) & (refused == refused_before)
    answered.unchanged = int(same.sum())
    new = sound & ~same
    for word, number in (("paid", PAID), ("partly_paid", PARTLY), ("refused", REFUSED)):
        setattr(answered, word, int((new & (outcome == number)).sum()))
    sign = np.sign(asked)
    came, back = (paid - before) * new, (refused - refused_before) * new
    answered.paid_minor, answered.recovered_minor = int(came[sign > 0].sum()), int(came[sign < 0].sum())
    answered.refused_minor = int((sign * back).sum())
    counts = np.bincount(code[(back > 0) & (code >= 0)], minlength=len(told.codes))
    answered.codes = {told.codes[one]: int(counts[one]) for one in np.flatnonzero(counts).tolist()}
    parts = []
    for kind, minor in ((Event.CAME, came), (Event.ANSWERED, back)):
        at = np.flatnonzero(minor)
        facts = blank_facts(len(at))
        facts["kind"], facts["payer"], facts["value"] = kind, claim.funder, claim.number
        facts["amount"], facts["line"] = (sign * minor)[at], line[at] + 1
        for name in ("member", "attribute", "period_start", "period_end", "root"):
            facts[name] = claim.lines[name][line[at]]
        if kind == Event.ANSWERED:
            facts["hours"] = code[at]  # its place among the reply's codes, until they have numbers
        parts.append(facts)
    facts = np.concatenate(parts) if len(parts[1]) else parts[0]
    rising = (facts["line"][1:] >= facts["line"][:-1]).all()
    return facts if rising else picked(facts, np.argsort(facts["line"], kind="stable"))


def _write(
    connection: psycopg.Connection[Any], store: Store, standing: Standing, told: Told, claim: Replied, new: Rows, clock: Clock,
    answered: Answered,
) -> None:  # fmt: skip
    """Writes the facts: of those who may be carried on directly; the others are read whole, in a batch after it."""
    new["effective_on"] = clock.as_of
    members = each_once(new["member"].astype(np.int64))
    latest = store.closings_latest(members)
    whole = _read_whole(connection, standing, claim, new, members, latest)
    is_whole = whole[np.searchsorted(members, new["member"])]
    numbered = False
    directly = (picked(new, ~is_whole), picked(latest, ~whole)) if whole.any() else (new, latest)
    for facts, touched in ((directly[0], members[~whole]), (picked(new, is_whole), members[whole])):
        if not len(facts):
            continue
        if touched is not members and numbered:
            store = standing.store(connection)
            store.lock_members(touched)  # which this transaction has already
        batch = store.begin_batch()
        refused = facts["kind"] == Event.ANSWERED
        facts["hours"][refused] = _code_numbers(connection, told, batch)[facts["hours"][refused]]
        if whole[np.searchsorted(members, touched[0])]:
            settled = settle(store, standing, batch, touched, facts, clock.as_of)
        else:
            settled = post_directly(store, standing, batch, facts, latest=directly[1])
        settled.write(store)
        paid = int(facts["amount"][facts["kind"] == Event.CAME].sum())
        connection.execute(
            "insert into claim_answer (batch, claim, paid_minor, refused_minor, sha256) values (%s, %s, %s, %s, %s)",
            [batch, claim.number, paid, int(facts["amount"][refused].sum()), told.sha256],
        )
        finished = _finish(store, clock, claim, batch)
        answered.transfers += len(settled.transfers)
        answered.place, answered.head = finished.place, finished.head.hex()
        numbered = True


def _finish(store: Store, clock: Clock, claim: Replied, batch: int) -> Batch:
    return store.finish_batch(
        kind="reply", who=clock.who, known_at=clock.known_at, as_of_day=clock.as_of, key=f"reply:{batch}",
        summary={"claim": claim.number, "funder": claim.name},
    )  # fmt: skip


def _read_whole(
    connection: psycopg.Connection[Any], standing: Standing, claim: Replied, new: Rows, members: Int, latest: Rows
) -> Bool:
    """Which of these members are read whole: who is not plain, and of whom something goes back or was asked for more than once,
    for then it matters what came before what.
    """
    whole: Bool = version_in(latest) != standing.latest.number
    came = new["kind"] == Event.CAME
    again = new["member"][came & ((new["amount"] < 0) | (new["root"] >> 32 != claim.batch))]
    later = connection.execute(
        "select array_agg(member) from claim join fact on fact.id >= claim.batch::bigint << 32 "
        "and fact.id < (claim.batch::bigint << 32) + claim.lines "
        "where claim.number > %s and claim.funder = %s and claim.recoveries > 0 and fact.amount < 0",
        [claim.number, claim.funder],
    ).fetchone()
    gives_back = np.array(later[0] if later is not None and later[0] is not None else [], np.int64)
    whole |= np.isin(members, again) | np.isin(members, gives_back)
    return whole


def _code_numbers(connection: psycopg.Connection[Any], told: Told, batch: int) -> Int:
    """The number of each of the reply's codes; a new one is given one, in this batch."""
    if not told.codes:
        return np.zeros(1, np.int64)
    # Last of the locks but the chain's: two replies may bring the same new code at once.
    connection.execute("select pg_advisory_xact_lock(hashtextextended('refusal_code', 0))")
    connection.execute(
        "insert into refusal_code (id, code, batch) "
        "select (select coalesce(max(id), 0) from refusal_code) + row_number() over (order by code), code, %s "
        "from (select distinct code from unnest(%s::text[]) as asked (code) "
        "where not exists (select from refusal_code where refusal_code.code = asked.code)) as new",
        [batch, told.codes],
    )
    numbers = dict(connection.execute("select code, id from refusal_code").fetchall())
    return np.array([numbers[code] for code in told.codes], np.int64)

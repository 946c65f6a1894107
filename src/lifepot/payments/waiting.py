"""One list of what waits for a person, oldest first: each with a sentence, since when, its amount and the thing it is about.

What waits is found by what is small (rejects, questions, suspense, the steps of withdrawals, claims' refusals, the periods that
files spoke of), never by a walk through all facts or transfers. Only differences between file, bank and ledger need such a walk, and
are worked out when asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from lifepot.payments.moves import going
from lifepot.payments.reconcile import reconcile
from lifepot.payments.statements import suspended
from lifepot.periods import day_of, format_day
from lifepot.scheme.arriving import overdue
from lifepot.scheme.claim_show import refused_lines
from lifepot.scheme.standing import Standing, read_standing
from lifepot.storage.rows import Event
from lifepot.withdrawals.chain import read_withdrawals
from lifepot.withdrawals.income import read_income
from lifepot.withdrawals.steps import evidence_wanted


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing that waits. `about`: what it is about (file, entry, withdrawal, income, claim, payer, line) and its number or name.
    `since` is the day from which it waits, `amount` minor units where it is about an amount, `count` how many rows, lines or pieces.
    """

    kind: str
    words: str
    since: int
    about: tuple[str, int | str]
    amount: int | None = None
    count: int = 1

    def as_dict(self, today: int) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "kind": self.kind, "words": self.words, "since": format_day(self.since), "days": max(today - self.since, 0),
            "amount_minor": self.amount, "count": self.count, "about": {"kind": self.about[0], "id": self.about[1]},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits, oldest first, as of a day."""

    currency: str
    as_of: int
    items: list[Waits]

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {
            "as_of": format_day(self.as_of), "currency": self.currency,
            "by_kind": dict(sorted(Counter(one.kind for one in self.items).items())),
            "items": [one.as_dict(self.as_of) for one in self.items],
        }  # fmt: skip


def waiting(connection: psycopg.Connection[Any], as_of: int, *, with_differences: bool = False) -> Waiting:
    """What waits for a person on a day. `with_differences` also holds file, bank and ledger side by side, which takes as long as
    `reconcile` does.
    """
    standing = read_standing(connection)
    found = [
        *_rejects(connection), *_questions(connection), *_suspense(connection, standing), *_withdrawals(connection, standing),
        *_back(connection), *_nowhere(connection), *_incomes(connection), *_refused(connection), *_overdue(connection, as_of),
    ]  # fmt: skip
    if with_differences:
        found += _differences(connection, as_of)
    return Waiting(standing.currency, as_of, sorted(found, key=lambda one: (one.since, one.kind, str(one.about[1]))))


def _rejects(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    """Rows that were refused and neither came again nor were mended, by file and code."""
    rows = connection.execute(
        "select file, name, (received_at at time zone 'UTC')::date, code, count(distinct (file_row, line)) from personal.reject "
        "join personal.received_file using (file) where state = 'open' group by 1, 2, 3, 4"
    ).fetchall()
    for file, name, on, code, count in rows:
        words = f"{_counted(count, 'row')} of {name} {'was' if count == 1 else 'were'} refused: {code}."
        yield Waits("rejected_rows", words, day_of(on), ("file", file), count=count)


def _questions(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    rows = connection.execute(
        "select question.file, received.name, (asked_at at time zone 'UTC')::date, payer.ref, period_start, period_end, earlier.name "
        "from personal.question join payer on payer.id = question.payer "
        "join personal.received_file as received on received.file = question.file "
        "join personal.received_file as earlier on earlier.file = earlier_file where answer is null"
    ).fetchall()
    for file, name, on, payer, start, end, earlier in rows:
        words = (
            f"{name} tells the pay of {payer} from {start.isoformat()} to {end.isoformat()}, which {earlier} told before: "
            "does it replace or add?"
        )
        yield Waits("file_question", words, day_of(on), ("file", file))


def _suspense(connection: psycopg.Connection[Any], standing: Standing) -> Iterator[Waits]:
    waits = suspended(standing.store(connection))
    rows = connection.execute(
        "select number, booked_on, counterparty, reason from bank_entry join personal.bank_text on entry = number "
        "where number = any(%s)",
        [list(waits)],
    ).fetchall()
    for entry, on, counterparty, reason in rows:
        way = "in" if waits[entry] > 0 else "out"
        who = f" ({counterparty})" if counterparty else ""
        yield Waits(
            "suspense",
            f"Entry {entry}{who} went {way} and nobody knows what for: {reason}.",
            day_of(on),
            ("entry", entry),
            waits[entry],
        )


def _withdrawals(connection: psycopg.Connection[Any], standing: Standing) -> Iterator[Waits]:
    """Asked for, and neither approved nor declined nor cancelled."""
    rows = connection.execute(
        "select root from fact as asked where kind = 13 and kind between 13 and 21 and not exists "
        "(select from fact as later where later.root = asked.root and later.kind in (15, 20, 21) and later.kind between 13 and 21)"
    ).fetchall()
    for one in read_withdrawals(connection, [root for (root,) in rows]):
        wanted = evidence_wanted(standing, one)
        missing = [text for nth, text in enumerate(wanted) if nth not in one.proved]
        last = one.steps[-1].on
        if missing:
            yield Waits(
                "withdrawal_evidence",
                f"A withdrawal of member {one.member} waits for evidence: {'; '.join(missing)}.",
                last,
                ("withdrawal", one.number),
                one.asked.amount,
                len(missing),
            )
        else:
            words = f"A withdrawal of member {one.member} waits for approval; {'all evidence is there' if wanted else 'no evidence is needed'}."
            yield Waits("withdrawal_approval", words, last, ("withdrawal", one.number), one.asked.amount)


def _back(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    """Payments that came back, and were neither sent again nor put back into the pots since."""
    rows = connection.execute(
        "select root, member, (select kind from fact where id = back.root), min(effective_on), sum(amount)::bigint from fact as back "
        "where kind = 17 and kind between 13 and 21 and not exists (select from fact as later where later.root = back.root "
        "and later.id > back.id and later.kind in (16, 21) and later.kind between 13 and 21) group by 1, 2"
    ).fetchall()
    for root, member, kind, on, amount in rows:
        words = f"A payment to or for member {member} came back, and was not sent again."
        about = ("withdrawal", root) if kind == Event.ASKED else ("member", member)
        yield Waits("came_back", words, day_of(on), about, amount)


def _nowhere(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    """Money of accounts that moved and of members who died, of which nobody said where it goes."""
    waits = {one["withdrawal"] for one in going(connection)[1]}
    rows = connection.execute(
        "select member, kind, min(effective_on), sum(amount)::bigint from fact where kind in (30, 34) and root = any(%s) "
        "group by root, member, kind",
        [list(waits)],
    ).fetchall()
    for member, kind, on, amount in rows:
        whose = "the scheme to which it moved" if kind == Event.MOVED_OUT else "an heir"
        words = f"Money of member {member} waits for the bank account of {whose}."
        yield Waits("no_account", words, day_of(on), ("member", member), amount)


def _incomes(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    """Incomes asked for or changed, and neither approved nor declined."""
    rows = connection.execute(
        "select distinct on ((summary->>'income')::integer) (summary->>'income')::integer, summary->>'step' from batch "
        "where kind = 'income' and summary->>'step' <> 'paid' order by (summary->>'income')::integer, number desc"
    ).fetchall()
    for number, step in rows:
        if step not in {"asked", "changed"}:
            continue
        one = read_income(connection, number)
        asked = one.waiting
        if asked is None or one.is_empty:
            continue
        words = (
            f"{'An income' if step == 'asked' else 'A change of the income'} of member {one.member} waits for approval."
        )
        yield Waits("income_approval", words, asked.on, ("income", number), asked.terms.amount)


def _refused(connection: psycopg.Connection[Any]) -> Iterator[Waits]:
    """Lines of claims that were refused and are still owed, by claim and code."""
    lines: dict[tuple[int, str, str], list[tuple[int, int]]] = defaultdict(list)
    for one in refused_lines(connection):
        lines[(one.claim, one.funder, one.code)].append((one.on, one.amount))
    for (claim, funder, code), theirs in lines.items():
        were = "was" if len(theirs) == 1 else "were"
        words = f"{_counted(len(theirs), 'line')} of claim {claim} to {funder} {were} refused ({code}) and not claimed again."
        since, amount = min(on for on, _ in theirs), sum(minor for _, minor in theirs)
        yield Waits("refused_claim", words, since, ("claim", claim), amount, len(theirs))


def _overdue(connection: psycopg.Connection[Any], as_of: int) -> Iterator[Waits]:
    for one in overdue(connection, as_of):
        words = (
            f"No file of {one.payer} has come for the period that ended on {format_day(one.period_end)}; "
            f"the one before came for {format_day(one.last_end)}."
        )
        yield Waits("file_overdue", words, one.since, ("payer", one.payer))


def _differences(connection: psycopg.Connection[Any], as_of: int) -> Iterator[Waits]:
    found = reconcile(connection, as_of)
    for line in found.lines:
        if line.told != line.banked and line.since is not None:
            yield Waits(
                "difference", f"{line.what}: {line.because}.", line.since, ("line", line.what), line.told - line.banked
            )
    if found.unexplained:
        words = "The bank's entries and the ledger's bank account differ, and nothing explains it."
        yield Waits("difference", words, as_of, ("line", "bank"), found.unexplained)


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"

"""How the books came to show what a reason says: what was sent and what is owed, what was held, what was put right."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import psycopg

from lifepot.audit.reason import Reason
from lifepot.kernel.columns import NONE, Kind
from lifepot.ledger.chart import OWNER_BITS, Account
from lifepot.money import format_minor
from lifepot.periods import day_of
from lifepot.scheme.history import History
from lifepot.scheme.moved import history_until, left_on
from lifepot.scheme.statement import Entry, Statement
from lifepot.storage.rows import BATCH_BITS, Event

SAID = {
    "earnings": "earnings", "hours": "hours", "worker": "what is stated for you", "employer": "what is stated for the payer",
    "amount": "the amount", "value": "what is said",
}  # fmt: skip
"""What of a fact a replacement may change that people ask for."""

BATCHES = {
    "adopt": "a new version of the rulebook was adopted", "settle": "of what had fallen due by then",
    "born": "the birth day was put right", "joined": "the day of opening was told", "merge": "two members were found to be one",
    "split": "a member was found to be two",
}  # fmt: skip
"""What a batch that no file made did."""

TOLD = [*Kind, Event.REMOVED]
"""Kinds of facts that stand in a chain of replacements; others only speak of one."""

MOST_NAMED = 3


class Key(NamedTuple):
    """What belongs together in the books: a rule, the chain of facts behind it, and the day it is effective on."""

    rule: str
    root: int
    effective_on: int


class Made(NamedTuple):
    """A batch: what kind, of which file ("" for none), settled as of which day; by hand, why and by whose word ("" elsewhere)."""

    kind: str
    file: str
    as_of: date
    by_hand: str


class Booked:
    """A member's entries by what they are for."""

    def __init__(self, connection: psycopg.Connection[Any], history: History, statement: Statement) -> None:
        self._connection = connection
        self._history = history
        self._currency = statement.currency
        self._entries: dict[Key, list[Entry]] = {}
        for one in statement.entries:
            self._entries.setdefault(self.key_of(one), []).append(one)

    def key_of(self, entry: Entry) -> Key:
        """What an entry belongs to."""
        return Key(entry.rule, self._history.root.get(entry.fact, entry.fact), entry.effective_on)

    def key(self, fact: int, reason: Reason) -> Key:
        """Where a reason's entries stand. What falls due together stands with the last of its facts."""
        root = self._history.root[int(reason.together[-1]) if reason.together else fact]
        if reason.effective_on is not None:
            return Key(reason.rule, root, day_of(reason.effective_on))
        # What now is nothing may have been something: on the day of the fact, or when it would have fallen due.
        days = [key.effective_on for key in self._entries if (key.rule, key.root) == (reason.rule, root)]
        return Key(reason.rule, root, days[-1] if days else self._history.sources[fact].on)

    def entries(self, key: Key) -> list[Entry]:
        """The entries, in the order they were posted."""
        return sorted(self._entries.get(key, []), key=lambda one: one.entry)

    def standing(self, key: Key, reason: Reason) -> Iterator[str]:
        """What of an amount was sent and what is owed, where that is worth a word; and where the books show something else."""
        sums: Counter[str] = Counter()
        for one in self._entries.get(key, []):
            sums["taken out" if one.standing == "in the pot" and one.minor < 0 else one.standing] += one.minor
        said = {word: minor for word, minor in sums.items() if minor}
        if len(said) > 1:
            yield "In the books: " + "; ".join(f"{self._money(minor)} {word}" for word, minor in said.items())
        elif "owed" in said and reason.outcome == "gives":
            who = {"worker": "you", "government": "government"}.get(reason.party, "the payer")
            yield f"In the books: owed by {who}, and not here yet"
        if reason.outcome != "nothing" and key.effective_on <= self._history.standing.as_of:
            if elsewhere := self._elsewhere(key.root, key.effective_on):
                yield elsewhere
                return
            given, booked = self._given.get(key, 0), sum(one.minor for one in self._entries.get(key, []))
            if given != booked and key.effective_on > self._settled_as_of:
                yield f"Not posted yet: {self._money(given - booked)} comes with the next `lifepot settle`"
            elif given != booked:
                yield (
                    f"The books show {self._money(booked)} where the rule gives {self._money(given)}: "
                    "`lifepot verify` says what is wrong"
                )

    def _elsewhere(self, root: int, on: int) -> str:
        """Why what a fact brings on a day is not in these books; "" where it is."""
        rows = self._history.rows
        if on <= int(history_until(rows, np.array([root]))[0]):
            return "Given by the scheme that the account came from"
        nobody = np.zeros(1, np.int64)
        if on > int(left_on(rows, np.zeros(len(rows), np.int64), nobody)[0]):
            return "Not given here: the account had left for another scheme"
        return ""

    @cached_property
    def _given(self) -> Counter[Key]:
        """What the rules give in all, by what it belongs to."""
        given: Counter[Key] = Counter()
        for one in self._history.story.owed():
            root = self._history.root.get(int(one.cause or self._history.first), 0)
            if self._elsewhere(root, day_of(one.effective_on)):
                continue
            given[Key(one.rule, root, day_of(one.effective_on))] += one.amount_minor
        return given

    def held(self, fact: int) -> int:
        """What was sent with a fact and is owed to nobody, minor units."""
        return self._held[self._history.root[fact]]

    @cached_property
    def _held(self) -> Counter[int]:
        held: Counter[int] = Counter()
        rows = self._history.account.transfers
        columns = ("debit", "credit", "amount", "fact", "rule")
        for debit, credit, amount, fact, rule in zip(*(rows[name].tolist() for name in columns), strict=True):
            for account, sign in ((credit, 1), (debit, -1)):
                if rule == 0 and account >> OWNER_BITS == Account.HELD_FOR:
                    held[self._history.root.get(fact, fact)] += sign * amount
        return held

    def corrected(self, entry: Entry, because: str) -> str:
        """A line for an entry: its reason, and that it was put right or put another right."""
        places = sorted({one.place for one in self._entries[self.key_of(entry)]})
        if len(places) == 1:
            return because
        if entry.place == places[0]:
            return f"as first told; put right at place {places[-1]}"
        if entry.place != places[-1]:
            return f"put right because {self._cause(entry)}; put right again at place {places[-1]}"
        return f"put right because {self._cause(entry)}; now {because}"

    def corrections(self, key: Key) -> Iterator[str]:
        """What was posted first, and each time why it changed."""
        entries = self.entries(key)
        places = sorted({one.place for one in entries})
        if len(places) < 2:
            return
        total = 0
        for place in places:
            there = [one for one in entries if one.place == place]
            change = sum(one.minor for one in there)
            total += change
            if place == places[0]:
                yield f"Posted first, at place {place}: {self._money(total)}, because of the {self._history.named(there[0].fact)}"
                continue
            word = "more" if change > 0 else "less"
            amount = f"{self._money(abs(change))} {word}, {self._money(total)} in all" if change else "the same in all"
            yield f"Put right at place {place}: {amount}, because {self._cause(there[0])}"

    def replacements(self, fact: int) -> list[str]:
        """What a fact says now and said before, where a later one took its place."""
        root = self._history.root[fact]
        chain = [row for row in self._history.rows if row["root"] == root and int(row["kind"]) in TOLD]
        return [self._change(before, after) for before, after in pairwise(chain)]

    def _change(self, before: Any, after: Any) -> str:
        old, new = self._history.named(int(before["id"])), self._history.sources[int(after["id"])]
        if new.kind == "removed":
            return f"The {old} {self.taken_away(new.fact)}"
        changed = [
            f"{words} from {self._shown(name, before)} to {self._shown(name, after)}"
            for name, words in SAID.items()
            if before[name] != after[name]
        ]
        what = f": {', '.join(changed)}" if changed else ""
        made = self._batches.get(new.fact >> BATCH_BITS)
        return f"The {old} was replaced by the {new.words}{what}{made.by_hand if made else ''}"

    def taken_away(self, removal: int) -> str:
        """What a removal did, as a sentence's second half."""
        made = self._batches.get(removal >> BATCH_BITS)
        if made and made.by_hand:
            return f"was taken away{made.by_hand}"
        return "was taken away" + (f" by {made.file}, which no longer has it" if made and made.file else "")

    def _shown(self, name: str, row: Any) -> str:
        value = int(row[name])
        if value == NONE:
            return "nothing said"
        if name == "hours":
            return format_minor(value)
        return str(value) if name == "value" else self._money(value)

    def _cause(self, entry: Entry) -> str:
        """What a batch brought that changed what was posted."""
        batch = entry.entry >> BATCH_BITS
        said = [
            row for row in self._history.rows if int(row["id"]) >> BATCH_BITS == batch and row["kind"] != Event.REFUSED
        ]
        root = self._history.root.get(entry.fact)
        own = [row for row in said if row["root"] == root and int(row["kind"]) in TOLD]
        if own and own[-1]["kind"] == Event.REMOVED:
            return f"it {self.taken_away(int(own[-1]['id']))}"
        if own:
            return f"the {self._history.named(int(own[-1]['id']))} took its place"
        made = self._batches.get(batch)
        if made and made.kind in BATCHES:
            return BATCHES[made.kind]
        if said:
            named = " and the ".join(self._history.named(int(row["id"])) for row in said[:MOST_NAMED])
            return f"of what was told then: the {named}" + (" and more" if len(said) > MOST_NAMED else "")
        return "of what was told then"

    @property
    def _settled_as_of(self) -> int:
        """The latest day this member was settled as of."""
        return max((day_of(one.as_of) for one in self._batches.values()), default=NONE)

    @cached_property
    def _batches(self) -> dict[int, Made]:
        """The batches that touched this member, by number."""
        numbers = self._history.account.closings["batch"].tolist()
        query = (
            "select number, kind, coalesce((select name from personal.received_file where file = batch.file), ''), as_of, "
            "coalesce(' (by hand: ' || (summary->>'reason') || '; asked for by ' || (summary->>'asked_by') || ', approved by ' || "
            "(summary->>'approved_by') || ')', '') from batch where number = any(%s)"
        )
        return {number: Made(*made) for number, *made in self._connection.execute(query, [numbers]).fetchall()}

    def _money(self, minor: int) -> str:
        return format_minor(minor, self._currency)

"""Members' lives as the books were told them: what still stands of it, and whose it is by now.

Kinds of facts beside those a rulebook knows: *removed* takes another away and leaves nothing in its place; *refused* is what
a cap refused of the payment with the same root; *born* and *joined* say a day; *merged* and *moved* say who a member is now,
and to whom the facts with one root belong. *Moved in* says that what else its batch told of the member is history, and *moved
out* that nothing after it is this scheme's; these and the three after them also say what came to the member's accounts or went.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from lifepot.audit.book import TO_2000, Book
from lifepot.audit.findings import Findings
from lifepot.audit.tables import Fact, batch_of, position_of
from lifepot.audit.told import Person, Told
from lifepot.periods import date_of

DIED, REFUSED, BORN, JOINED, MERGED, MOVED = 5, 7, 8, 9, 10, 11
MOVED_OUT, MOVED_IN, PARTED, RECEIVED, PASSED_ON = 30, 31, 32, 33, 34

SIGN = {MOVED_OUT: -1, MOVED_IN: 1, PARTED: -1, RECEIVED: 1, PASSED_ON: -1}
"""What comes to a member's accounts beside any rule, and what goes."""

TAKES_OVER = 1
"""In `amount` of a merged or moved fact on the side of the member who has the facts from then on."""


@dataclass(slots=True)
class Life:
    """One member's birth day, opening day and facts, as the replay hears them."""

    born: date | None = None
    joined: date | None = None
    facts: list[Told] = field(default_factory=list)
    beside: list[tuple[date, int]] = field(default_factory=list)
    """What came to the accounts beside any rule (negative: went), and the day."""
    came_along: dict[int, date] = field(default_factory=dict)
    """Batches whose other facts are history, and until which day what those brought was another scheme's."""
    left_on: date = date.max

    def is_history(self, fact: Told) -> bool:
        """Whether another scheme was told it."""
        return batch_of(fact.root) in self.came_along

    def is_ours(self, fact: Told | None, on: date) -> bool:
        """Whether what a fact brings on a day is this scheme's."""
        until = None if fact is None else self.came_along.get(batch_of(fact.root))
        return on <= self.left_on and (until is None or on > until)

    @property
    def person(self) -> Person:
        """The member, without the facts."""
        return Person(self.born, self.joined)


def read_lives(book: Book, members: Iterable[int], rows: Iterable[Fact], findings: Findings) -> dict[int, Life]:
    """The lives of members from all rows told of them and of everybody they were ever merged with, in the order they came."""
    lives = {member: Life() for member in members}
    rows = list(rows)
    owners = _Owners(rows)
    replaced = {row.replaces for row in rows if row.replaces}
    refused: dict[int, int] = {}
    for row in rows:
        if row.kind == REFUSED:
            refused[row.root] = refused.get(row.root, 0) + row.amount
    for row in rows:
        where = f"batch {batch_of(row.id)}, table fact, row {position_of(row.id)}, member {row.member}"
        try:
            if row.kind == BORN:
                lives[row.member].born = date_of(row.value)
            elif row.kind == JOINED:
                lives[row.member].joined = date_of(row.value)
            elif row.kind in SIGN and row.member in lives:
                _moved(lives[row.member], row)
            elif row.kind <= DIED and row.id not in replaced:
                lives[owners.of(row)].facts.append(book.told(row, refused.get(row.root, 0)))
        except (LookupError, ValueError, OverflowError, StopIteration) as fault:
            findings.add(
                "reference", where, f"what cannot be understood ({fault})", "a fact in the words of this scheme"
            )
    return lives


def _moved(life: Life, row: Fact) -> None:
    """What came or went beside any rule, and what that says of other facts."""
    on = TO_2000 + timedelta(days=row.effective_on)
    life.beside.append((on, SIGN[row.kind] * row.amount))
    if row.kind == MOVED_IN:
        life.came_along[batch_of(row.id)] = on
    if row.kind == MOVED_OUT:
        life.left_on = min(life.left_on, on)


class _Owners:
    """Whose each fact is by now; of each member, and of each fact, the last word counts."""

    def __init__(self, rows: list[Fact]) -> None:
        self._merged: dict[int, int] = {}
        self._moved: dict[tuple[int, int], int] = {}
        for row in rows:
            old, new = (row.value, row.member) if row.amount == TAKES_OVER else (row.member, row.value)
            if row.kind == MERGED:
                self._merged[old] = new
            elif row.kind == MOVED:
                self._moved[old, row.root] = new

    def of(self, row: Fact) -> int:
        """The member who has this fact: to whom it was moved, or else who told it; and who that is after all mergers."""
        member = self._moved.get((row.member, row.root), row.member)
        passed = {member}
        while (now := self._merged.get(member, member)) not in passed:
            passed.add(now)
            member = now
        return member

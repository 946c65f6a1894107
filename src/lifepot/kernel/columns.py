"""The columns the kernel reads and writes: facts in, entitlements out.

Days are days since 1970-01-01 (int32 in storage, int64 in arithmetic), money is minor units (int64), hours are
hundredths of an hour. `NONE` marks "not said", which is never the same as zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.operators import order_of

Int = NDArray[np.int64]

NONE = int(np.iinfo(np.int64).min)
"""Not said. The smallest int64, so that no sum of real money can reach it."""


class Kind(IntEnum):
    """What happened. The number is also the order of facts of one day: what changes a person's standing comes
    before the money of that day, and money in comes before money out.
    """

    STATUS = 0
    PAY = 1
    PAID = 2
    WITHDRAWN = 3
    CLOSED = 4
    DIED = 5


class Frequency(IntEnum):
    """How often a job pays. `NONE` (-1): not said."""

    NONE = -1
    WEEK = 0
    TWO_WEEK = 1
    THREE_WEEK = 2
    FOUR_WEEK = 3
    MONTH = 4
    THREE_MONTH = 5
    SIX_MONTH = 6
    YEAR = 7


FREQUENCY_WORDS = ("week", "2week", "3week", "4week", "month", "3month", "6month", "year")
"""The word of each `Frequency`, by its number."""

PARTIES = ("worker", "employer", "government")
"""The parties, by number. Platforms and a sole trader's own business count as employers."""


@dataclass(slots=True)
class Facts:
    """Facts as columns of one length, a row a fact. `sort()` puts them in the kernel's order.

    fact            int64  this fact's own number
    root            int64  number of the first fact in its chain of replacements (itself, if it replaced nothing)
    member          int64  position of the member in `People`
    on              int64  the day it is true in the world (a pay date, a payment's day, a status's first day)
    kind            int64  `Kind`
    payer           int64  who pays, by number; 0: the worker
    amount          int64  minor units of a `PAID` or `WITHDRAWN`; NONE elsewhere
    earnings        int64  gross pay of a `PAY`, minor units; NONE: not said
    hours           int64  hundredths of an hour; NONE: not said
    frequency       int64  `Frequency`
    period_start    int64  first day of the pay period; NONE: not said
    period_end      int64  last day of the pay period; NONE: not said
    worker          int64  what the pay row says the worker paid; NONE: not said
    employer        int64  what the pay row says the employer or platform pays; NONE: not said
    attribute       int64  position in the rulebook's attributes, of a `STATUS`; -1 elsewhere
    value           int64  the attribute's encoded value; of a `WITHDRAWN`, its purpose (-1: none)
    """

    fact: Int
    root: Int
    member: Int
    on: Int
    kind: Int
    payer: Int
    amount: Int
    earnings: Int
    hours: Int
    frequency: Int
    period_start: Int
    period_end: Int
    worker: Int
    employer: Int
    attribute: Int
    value: Int

    def __len__(self) -> int:
        return len(self.fact)

    def column(self, name: str) -> Int:
        """A column by its name."""
        return getattr(self, name)

    def take(self, rows: Int | NDArray[np.bool_] | slice) -> "Facts":
        """These rows, in this order. Each column is taken when it is first read."""
        if isinstance(rows, slice):
            # Of a column that is kept, for it is cut again and again; a slice takes no room of its own.
            return _Later(len(range(*rows.indices(len(self)))), lambda name: getattr(self, name)[rows])
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        return _Later(len(rows), lambda name: self.column(name)[rows])

    def beside(self, others: "Facts", rows: Int) -> "Facts":
        """These and others in one table, in this order: the others are numbered on from these."""
        if not compiled.pays():
            return Facts.join([self, others]).take(rows)

        def column(name: str) -> Int:
            both = np.empty(len(rows), dtype=np.int64)
            compiled.run(loops.take_from_two, self.column(name), others.column(name), rows, both)
            return both

        return _Later(len(rows), column)

    def later(self, name: str, column: Callable[[], Int]) -> "Facts":
        """The same facts with another column of this name, worked out when it is first read."""
        return _Later(len(self), lambda asked: column() if asked == name else self.column(asked))

    def sort(self) -> "Facts":
        """The kernel's order: by member, day, kind, and then by chain, so that a replacement keeps its place."""
        order = order_of(self.member, self.on, self.kind, self.root)
        return self if order is None else self.take(order)

    def untaken(self) -> "Facts":
        """The same facts, with nothing kept that can be worked out again."""
        return self

    @classmethod
    def of(cls, rows: Sequence[dict[str, int]]) -> "Facts":
        """Facts from dictionaries, for worked cases and small files. What a row leaves out is "not said"."""
        blank = {"root": NONE, "payer": 0, "frequency": -1, "attribute": -1, "value": -1}
        columns = {}
        for column in fields(cls):
            columns[column.name] = np.array(
                [row.get(column.name, blank.get(column.name, NONE)) for row in rows], dtype=np.int64
            )
        facts = cls(**columns)
        facts.root = np.where(facts.root == NONE, facts.fact, facts.root)
        return facts

    @classmethod
    def join(cls, parts: Sequence["Facts"]) -> "Facts":
        """One table from several, each column when it is first read."""
        if len(parts) == 1:
            return parts[0]
        return _Later(sum(map(len, parts)), lambda name: np.concatenate([part.column(name) for part in parts]))


class _Later(Facts):
    """Facts whose columns are worked out when they are first read: most rulebooks ask for few of them. What they are
    worked out from must stay as it is.
    """

    __slots__ = ("_column", "_length")

    def __init__(self, length: int, column: Callable[[str], Int]) -> None:
        self._length = length
        self._column = column

    def __len__(self) -> int:
        return self._length

    def __getattr__(self, name: str) -> Int:
        """Only of what is not there yet."""
        if name not in _COLUMNS:
            raise AttributeError(name)
        column = self._column(name)
        object.__setattr__(self, name, column)
        return column

    def __setattr__(self, name: str, value: Any) -> None:
        """A column that is set stays set."""
        if name in _COLUMNS:
            before = self._column
            self._column = lambda asked: value if asked == name else before(asked)
        object.__setattr__(self, name, value)

    def column(self, name: str) -> Int:
        """A column by its name, not kept if it was not read before."""
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return self._column(name)

    def untaken(self) -> Facts:
        """The same facts, with nothing kept that can be worked out again."""
        return _Later(self._length, self._column)


_COLUMNS = {column.name for column in fields(Facts)}


@dataclass(slots=True)
class People:
    """The members a table of facts speaks of; `Facts.member` is a position here.

    born        int64            birth day; NONE: not known
    joined      int64            the day the account was opened; NONE: opens by the rulebook's own rule
    attributes  int64 (m, k)     value of each of the rulebook's attributes from the beginning; NONE: not said
    """

    born: Int
    joined: Int
    attributes: Int

    def __len__(self) -> int:
        return len(self.born)


@dataclass
class Entitlements:
    """What is owed to accounts, a row an entitlement. Amounts may be negative: what must be given back.

    rule          int64  position in the rulebook's rules
    member        int64  position in `People`
    effective_on  int64  the day it is true in the world
    window_start  int64  first day of the window whose running total it is a difference of
    window_end    int64  last day of that window
    amount        int64  minor units
    row           int64  the row, in the sorted facts, that caused it (the last one, where several did)

    refs          int64  the rows behind it: entitlement i has `refs[ref_starts[i]:ref_starts[i + 1]]`
    ref_starts    int64  one longer than the others

    The last two are worked out when they are first read: most have their own row behind them, and who posts them does not
    ask.
    """

    rule: Int
    member: Int
    effective_on: Int
    window_start: Int
    window_end: Int
    amount: Int
    row: Int
    work_out_refs: Callable[[], tuple[Int, Int]]

    def __len__(self) -> int:
        return len(self.rule)

    @cached_property
    def _refs(self) -> tuple[Int, Int]:
        return self.work_out_refs()

    @property
    def refs(self) -> Int:
        """The rows behind all of them."""
        return self._refs[0]

    @property
    def ref_starts(self) -> Int:
        """Where those of each begin."""
        return self._refs[1]

"""A rulebook laid over lives: what people are told of it, how many join, how much they aim to pay, and what they may use it for.

What a match is worth to somebody is not read from the rulebook's text but asked of the rulebook: a person of thirty is stepped through
a year of payments and two more, and what others add is looked at. So any rulebook that can be stepped can be laid.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.budgets.asking import Asked, asked
from lifepot.budgets.settings import Settings
from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES
from lifepot.kernel.program import Program
from lifepot.kernel.stepping import PAID, STATUS, Stepper, may_withdraw, month_end, step
from lifepot.population.months import MONTHS_A_YEAR, last_days

Int = NDArray[np.int64]

OPENS = 36
"""A scheme opens in April 2027 unless said otherwise."""

CURRENCY = "GBP"

USES = {
    "student_loan": 0, "retraining": 1, "first_home": 2, "second_pension": 3, "pension": 3, "later_life": 3, "anything": 4,
}  # fmt: skip
"""The lab's use of a purpose, by the purpose's name; what a rulebook calls otherwise the lab leaves alone, and says so."""

SAYS = {
    "caring": at.SAYS_CARING, "learning": at.SAYS_LEARNING, "trading": at.SAYS_TRADING, "profit": at.SAYS_PROFIT,
    "uc": at.SAYS_ON_CREDIT, "notice_of_eligibility": at.SAYS_ON_CREDIT, "assessment_period_take_home": at.SAYS_TAKE_HOME,
    "first_time_buyer": at.SAYS_FIRST_TIME,
    "mortgage": at.SAYS_MORTGAGE, "conveyancer": at.SAYS_CONVEYANCER, "price": at.SAYS_PRICE,
}  # fmt: skip
"""What the lab knows of a person that a rulebook may ask, by the attribute's name."""

TAKE_UP = ((0.0, 0.03), (0.2, 0.08), (0.5, 0.14))
"""Match a pound, and who joins: Duflo and others 2006 (3, 8 and 14 % at 0, 20 and 50 %). Beyond a half no more joined (Saving Gateway)."""

PROBE_AGE = 30
PROBE_YEARS = 1
SETTLED_YEARS = 2
"""So many years after the last payment what others give because of it has come."""

HOME_AFTER_YEARS = 2
"""A pot is asked about homes after so many years of payments."""

MOST_A_YEAR = 1_000_000
"""Pence: beyond £10,000 a year nobody's payments by choice are looked at."""

NEVER_TOO_DEAR = 2**40


class Scheme(NamedTuple):
    """What is laid, for machine code. `tables`, `out` and `registers` are addresses of columns that `Rows` holds; a person's registers
    are `width` numbers, one after the other.
    """

    on: bool
    opens: int
    home_cap: int
    opts_out: float
    joins: float
    aims: float
    raids: float
    clears: float
    numbers: Any
    tables: int
    out: int
    registers: int
    width: int
    asked: Asked


class Rows(NamedTuple):
    """A scheme, and what its addresses mean: the stepper's tables and `out`, and the registers of a village's people."""

    scheme: Scheme
    held: tuple[Int, ...]


def off() -> Rows:
    """No scheme."""
    numbers = np.zeros(at.NUMBERS, dtype=np.int64)
    return Rows(Scheme(False, 0, NEVER_TOO_DEAR, 0.0, 0.0, 0.0, 0.0, 0.0, numbers, 0, 0, 0, 0, asked()), ())


@dataclass(slots=True)
class Laid:
    """A program laid over lives from month `opens` on. Raises Misuse for one in another currency, and for one that cannot be stepped.

    changed       figures in force instead of the rulebook's own, by the name of their value
    match         what others add to each pound of the first £100 paid by choice in a year, within three
    cap           what a year's payments by choice are matched to, pence; None: no end was found
    home_cap      the dearest first home that the pot may be used for, pence
    unused        purposes that the lab does not know a use for
    """

    program: Program
    months: int
    settings: Settings = field(default_factory=Settings)
    opens: int = OPENS
    changed: dict[str, str] = field(default_factory=dict)
    stepper: Stepper = field(init=False)
    numbers: Int = field(init=False)
    match: float = field(init=False)
    cap: int | None = field(init=False)
    home_cap: int = field(init=False)
    joins: float = field(init=False)
    unused: list[str] = field(init=False)

    def __post_init__(self) -> None:
        book = self.program.rulebook
        if book.currency != CURRENCY:
            raise Misuse(
                f"{book.name} counts in {book.currency}; the lab's people are paid in {CURRENCY}.",
                remedy="Lay a rulebook in pounds, or translate its figures first.",
            )
        self.stepper = Stepper(self.program, last_days(self.months), changed=self.changed)
        numbers = np.full(at.NUMBERS, -1, dtype=np.int64)
        assert len(book.rules) <= at.MOST_RULES, "more rules than there is room for"
        numbers[at.RULES] = len(book.rules)
        numbers[at.AUTOMATIC] = book.membership.automatic is not None
        numbers[at.TAKES_PAY] = any(_hears(book, name, "pay.") for name in book.rules)
        numbers[at.TAKES_PAYMENTS] = any(_hears(book, name, "paid.worker") for name in book.rules)
        other = book.any_other_withdrawal
        numbers[at.PURPOSE_OF : at.PURPOSE_OF + at.USES] = -1
        self.unused = []
        for number, name in enumerate(book.purposes):
            if name in USES:
                numbers[at.PURPOSE_OF + USES[name]] = number
            else:
                self.unused.append(name)
        anything = numbers[at.PURPOSE_OF + 4]
        if anything >= 0:
            # Money that may be used for anything is used for a second pension, too.
            numbers[at.PURPOSE_OF + 3] = anything
        numbers[at.MAY_RAID] = anything >= 0 or (other is not None and other.draws_on != "nobody")
        for number, name in enumerate(self.program.attributes):
            if name in SAYS:
                numbers[SAYS[name]] = number
        for number, rule in enumerate(book.rules.values()):
            numbers[at.PARTY_OF + number] = PARTIES.index(rule.party)
            numbers[at.NET_OF + number] = rule.net is not None
        self.numbers = numbers
        self._probe()
        numbers[at.MATCHED_YEAR] = MOST_A_YEAR if self.cap is None else self.cap
        numbers[at.FOR_FIRST_HOME] = 0
        if numbers[at.SAYS_FIRST_TIME] >= 0:
            # Who has owned a home has nothing to gain, and who is forty has no time left to.
            numbers[at.FOR_FIRST_HOME] = 40 * MONTHS_A_YEAR
        taken_up = float(np.interp(self.match, [rate for rate, _ in TAKE_UP], [joins for _, joins in TAKE_UP]))
        self.joins = min(taken_up * self.settings["take_up"], 1.0)

    def rows(self, people: int, born: Int) -> Rows:
        """The scheme for a village's people, nothing told yet."""
        assert len(born) == people
        of = self.settings
        tables, out, registers = self.stepper.tables, self.stepper.out(), self.stepper.start(born)
        scheme = Scheme(
            True, self.opens, self.home_cap, of["opts_out"], self.joins, 100 * of["aims_a_year"], of["raids_pot"], of["clears_loan"],
            self.numbers, tables.ctypes.data, out.ctypes.data, registers.ctypes.data, registers.shape[1], asked(),
        )  # fmt: skip
        return Rows(scheme, (tables, out, registers))

    def _probe(self) -> None:
        """Asks the rulebook what it gives and allows."""
        most = self._given(MOST_A_YEAR)
        first = self._given(10_000)
        self.match = first[1] / first[0] if first[0] > 0 else 0.0
        self.cap = None
        if most[1] > 0 and self._given(MOST_A_YEAR // 2)[1] >= most[1]:
            low, high = 0, MOST_A_YEAR
            while high - low > 1_200:
                middle = (low + high) // 2
                low, high = (low, middle) if self._given(middle)[1] >= most[1] else (middle, high)
            self.cap = round(high, -2)
        elif most[0] < MOST_A_YEAR * PROBE_YEARS:
            # No more is taken than a cap: what is taken is what is matched.
            self.cap = most[0] // PROBE_YEARS
        self.home_cap = self._dearest_home()

    def _person(self) -> tuple[Int, Int]:
        """Somebody of thirty when the scheme opens, on Universal Credit, who never owned a home; their registers and `out`."""
        day = int(last_days(self.opens + 1)[-1])
        registers = self.stepper.start(np.array([day - PROBE_AGE * 365 - 8]))[0]
        out = self.stepper.out()
        for place, value in (
            (at.SAYS_ON_CREDIT, 1), (at.SAYS_TAKE_HOME, 200_000), (at.SAYS_FIRST_TIME, 1), (at.SAYS_MORTGAGE, 1), (at.SAYS_CONVEYANCER, 1), (at.SAYS_PRICE, 0),
        ):  # fmt: skip
            if self.numbers[place] >= 0:
                self._tell(registers, out, self.opens, STATUS, NONE, int(self.numbers[place]), value)
        return registers, out

    def _tell(self, registers: Int, out: Int, month: int, kind: int, amount: int, attribute: int, value: int) -> None:
        step(
            self.stepper.tables, registers, out, month, kind, 0, amount, NONE, NONE, NONE, NONE, attribute, value
        )  # fmt: skip

    def _given(self, a_year: int) -> tuple[int, int]:
        """What is taken of a year's payments by choice, paid evenly, and what others give because of them, pence."""
        if not self.numbers[at.TAKES_PAYMENTS]:
            return 0, 0
        paying, idle = self._stepped(a_year // MONTHS_A_YEAR), self._stepped(0)
        return int(paying[0] - idle[0]), int(paying[1:].sum() - idle[1:].sum())

    def _stepped(self, a_month: int) -> Int:
        registers, out = self._person()
        months = PROBE_YEARS * MONTHS_A_YEAR
        rules = int(self.numbers[at.RULES])
        parties = self.numbers[at.PARTY_OF : at.PARTY_OF + rules]
        given = np.zeros(3, dtype=np.int64)
        for month in range(self.opens, min(self.opens + months + SETTLED_YEARS * MONTHS_A_YEAR, self.months)):
            if a_month and month < self.opens + months:
                self._tell(registers, out, month, PAID, a_month, NONE, NONE)
                np.add.at(given, parties, out[:rules])
            month_end(self.stepper.tables, registers, out, month)
            np.add.at(given, parties, out[:rules])
        return given

    def _dearest_home(self) -> int:
        """The dearest home for which the pot is free after two years."""
        purpose, price = int(self.numbers[at.PURPOSE_OF + 2]), int(self.numbers[at.SAYS_PRICE])
        if purpose < 0 or price < 0:
            return NEVER_TOO_DEAR

        def free(pounds: int) -> bool:
            registers, out = self._person()
            months = min(HOME_AFTER_YEARS * MONTHS_A_YEAR, self.months - self.opens)
            for month in range(self.opens, self.opens + months):
                self._tell(registers, out, month, PAID, 10_000, NONE, NONE)
                month_end(self.stepper.tables, registers, out, month)
            last = self.opens + months - 1
            self._tell(registers, out, last, STATUS, NONE, price, pounds * 100)
            return bool(may_withdraw(self.stepper.tables, registers, out, last, purpose))

        low, high = 0, 10_000_000
        if free(high):
            return NEVER_TOO_DEAR
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if free(middle) else (low, middle)
        return low * 100


def _hears(book: Any, name: str, source: str) -> bool:
    """Whether a rule is made of a source, itself or through what it is made of."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one.startswith(source):
            return True
        term = book.rules.get(one) or book.amounts.get(one)
        if term is not None:
            of = term.of
            waiting += [of] if isinstance(of, str) else list(of)
    return False

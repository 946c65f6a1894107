"""Amounts and rules as the stepper's machine runs them: for each thing that a row can be, what that can reach."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import lcm

from lifepot.kernel.columns import NONE
from lifepot.kernel.conditions import MILLION
from lifepot.kernel.shape import last_total
from lifepot.kernel.stepping_codes import (
    AT_LEAST,
    ATTRIBUTE,
    AVERAGE,
    CONSTANT,
    DOWN,
    EARLIER,
    END,
    GIVE,
    HALF_EVEN,
    HALF_UP,
    HIGHER,
    HIGHEST,
    KEEP,
    KEEP_TRUTH,
    LATEST,
    LESS,
    LEVEL,
    LOAD_Y,
    LOAD_Z,
    LOWER,
    OF_EARNINGS,
    OF_EMPLOYER,
    OF_HOURS,
    OF_WORKER,
    PART,
    PRO_RATA,
    RATE,
    RATE_BY,
    RATE_PARTS,
    RISE,
    ROUND,
    SUM,
    TAKEN,
    TAPER,
    TIER,
    TIERS,
    TIERS_END,
    TOTAL,
    UP,
    UP_TO,
    WHERE,
)
from lifepot.kernel.stepping_days import refused
from lifepot.kernel.stepping_figures import Figures, Operand, Tests
from lifepot.rulebook.scalars import parse_number, parse_rounding
from lifepot.rulebook.terms import (
    All,
    Amount,
    AnyOf,
    AtLeastStep,
    AverageStep,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    Not,
    PartStep,
    ProRataStep,
    Purpose,
    RateBy,
    RateStep,
    RiseStep,
    RoundStep,
    Rule,
    TaperStep,
    Test,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
    WhereStep,
)  # fmt: skip
from lifepot.rulebook.walking import listed

ROUNDS = {"half_up": HALF_UP, "down": DOWN, "up": UP, "half_even": HALF_EVEN}
COMBINES = {"sum": SUM, "highest": HIGHER, "lowest": LOWER}
PAY = {"earnings": OF_EARNINGS, "hours": OF_HOURS, "worker": OF_WORKER, "employer": OF_EMPLOYER}
GAP, OUT = -101, -102
"""Targets that are known once a chain is laid: where a row without a figure goes on, and one that is in no window."""


@dataclass(slots=True)
class Step:
    """One instruction. `gap` and `out` say in which of its places those targets stand (0: it has none)."""

    numbers: list[int]
    gap: int = 0
    both: bool = False
    """Whether its last place holds both targets, that of rows in no window above the other."""


@dataclass
class Chain:
    """One amount's instructions from its first step on, the same for whatever row reaches it. `asks`: the amounts whose
    standing it needs; `restless`: whether it is to be asked at every row, for what it comes to may change though nothing is
    added; `resets`: the registers (first, how many) that begin anew when its party is given all back.
    """

    name: str
    steps: list[Step] = field(default_factory=list)
    asks: set[str] = field(default_factory=set)
    restless: bool = False
    running: bool = False
    latest: bool = False
    taken: bool = False
    windows: set[str] = field(default_factory=set)
    resets: list[tuple[int, int, int]] = field(default_factory=list)
    own: int = 0
    size: int = 0
    gappy: bool = False
    leveled: bool = False


LARGEST = 10**9
"""Ten million pounds: no amount of a person is thought to be larger."""


WIDEST = 10**8
"""A million pounds: no taper from a table is thought to be wider."""


def _digits(steps: list[Step]) -> Iterator[int]:
    """By how much an amount may have been multiplied after each step."""
    times = 1
    for step in steps:
        match step.numbers:
            case [op, *_] if op in {TOTAL, LATEST, TAKEN, PART, GIVE}:
                times = 1
            case [op, num, den, *_] if op == RATE:
                times *= max(num, den)
            case [op, _, _, _, _, _, common, *_] if op in {RATE_BY, RATE_PARTS}:
                times *= 10 * common
            case [op, _, _, _, _, 1, first, last, *_] if op == TAPER:
                times *= max(last - first, 1)
            case [op, *_] if op == TAPER:
                times *= WIDEST
            case [op, *_] if op == PRO_RATA:
                times *= LARGEST
            case [op, common, *_] if op == TIERS_END:
                times *= 10 * common
            case _:
                pass
        yield times
        rounds = {RATE: 3, RATE_BY: 8}.get(step.numbers[0])
        if step.numbers[0] == ROUND or (rounds and step.numbers[rounds:] and step.numbers[rounds]):
            times = 1


class Chains:
    """Lays the chains of all amounts and rules."""

    def __init__(self, figures: Figures, registers: int, jobs: int) -> None:
        self.figures, self.program = figures, figures.program
        self.tests = Tests(figures)
        self.registers = registers
        self.jobs = jobs
        self.slot_lists: list[tuple[int, int]] = []
        self.keeps_of: dict[str, list[Step]] = {}
        self.window_numbers = {
            name: number
            for number, name in enumerate(["account", "month", "pay_period", *self.program.rulebook.windows])
        }
        self.calendar: dict[str, tuple[int, int, int]] = {}
        """Of windows of the calendar: how many, where their numbers stand, and where their last days do."""
        self.chains = {name: self._chain(name) for name in figures.names}
        self._unsettle()

    def term(self, name: str) -> Amount:
        """An amount or a rule."""
        return self.program.rulebook.rules.get(name) or self.program.rulebook.amounts[name]

    def claim(self, count: int) -> int:
        """So many registers."""
        begin = self.registers
        self.registers += count
        return begin

    def window(self, name: str) -> tuple[int, int]:
        """How the machine finds a row's window: by the day alone (1, and where), or (0) by its number."""
        windows = self.program.rulebook.windows
        if name == "month" or (name in windows and windows[name].every):
            if name not in self.calendar:
                count, number, end = self.figures.stands.window(name)
                self.calendar[name] = (count, self.figures.cells.put(number), self.figures.cells.put(end))
            return 1, self.calendar[name][1]
        return 0, self.window_numbers[name]

    def asked(self, condition: object) -> set[str]:
        """The amounts that a condition asks for."""
        match condition:
            case str():
                return self.asked(self.program.rulebook.conditions[condition])
            case All(all=inner) | AnyOf(any=inner):
                return set().union(*(self.asked(one) for one in inner))
            case Not(not_=one):
                return self.asked(one)
            case Test(what=what) if what.startswith("amount."):
                return {what.removeprefix("amount.")}
        return set()

    def asked_by(self, purpose: Purpose) -> set[str]:
        """The amounts that a purpose asks for, itself and of what it draws on."""
        draws = [one.when for one in purpose.draws_on if not isinstance(one, str)]
        return set().union(*(self.asked(one) for one in [purpose.when, *draws]))

    # One chain

    def _chain(self, name: str) -> Chain:
        term, chain = self.term(name), Chain(name)
        clause = f"rules.{name}" if isinstance(term, Rule) else f"amounts.{name}"
        chain.asks |= self.asked(term.when)
        for index, step in enumerate(term.steps):
            self._step(chain, term, clause, index, step)
        if chain.running:
            # Where the figure stands for the next row.
            chain.steps.append(Step([END, -1, self._own(chain, 1)]))
            self._close(chain)
        else:
            chain.steps.append(Step([END, -1, -1]))
        if 2 * LARGEST * max(_digits(chain.steps)) > 2**62:
            raise refused(clause, "all of its steps together", "fractions of so many digits are not exact in 64 bits")
        return chain

    def _own(self, chain: Chain, count: int) -> int:
        """Registers of the window in hand: their places in it."""
        begin = chain.size
        chain.size += count
        return begin

    def _open(self, chain: Chain, size: int) -> Step:
        """A new stretch of registers, which begin anew with each window; its instruction is completed once their number is
        known.
        """
        self._close(chain)
        chain.size = size
        step = Step([])
        self._opened: Step | None = step
        return step

    _opened: Step | None = None
    _windows: int = 0
    _per_job: bool = False

    def _close(self, chain: Chain) -> None:
        """The stretch in hand is complete."""
        step = self._opened
        if step is None:
            return
        self._opened = None
        size = chain.size
        op = step.numbers[0]
        if op == TAKEN:
            step.numbers[3], step.numbers[4] = self.claim(size * self._windows), size
            chain.resets.append((1, step.numbers[3], size * self._windows))
            return
        before = 1 if op == RISE else 0
        slots = self.jobs if self._per_job else 1
        own = self.claim(size * slots + before) + before
        step.numbers[3] = own
        step.numbers[4] = size + (size << 32 if self._per_job else 0)
        for slot in range(slots):
            if op == TOTAL:
                chain.resets.append((0, own + slot * size, 0))
            if self._per_job:
                self.slot_lists.append((own + slot * size, size))
        self._per_job = False

    def _operand(self, chain: Chain, text: str, clause: str) -> Operand:
        found = self.figures.operand(text, clause)
        return self._kept(chain, found, text)

    def _kept(self, chain: Chain, found: Operand, text: str = "") -> Operand:
        if found.kind == LEVEL:
            chain.asks.add(text)
        chain.gappy |= found.gappy
        if chain.running and not found.constant:
            chain.restless = True
        if not chain.taken or found.constant:
            return found
        place = self._own(chain, 1)
        self._keeps.append(Step([KEEP, found.kind, found.which, place]))
        return Operand(5, place, found.den, found.asks, found.gappy)

    _keeps: list[Step]

    def _step(  # noqa: PLR0915 (one rung a step)
        self, chain: Chain, term: Amount, clause: str, index: int, step: object
    ) -> None:
        add = chain.steps.append
        if chain.leveled:
            raise refused(clause, "a step after `earlier` or `average`", "what stands and what is brought part there")
        match step:
            case TotalStep():
                self._total(chain, clause, step.total if isinstance(step.total, Total) else Total(over=step.total))
            case LatestStep(latest=over):
                self._window_of(chain, clause, over, LATEST, 2)
                chain.running = chain.latest = True
            case PartStep():
                if chain.taken:
                    raise refused(clause, "part", "it follows money taken out newest first")
                add(Step([PART, self._own(chain, 1)]))
                self._close(chain)
                chain.running = False
            case UpToStep(up_to=cap):
                one = self._operand(chain, cap.value if isinstance(cap, UpTo) else cap, clause)
                add(Step([UP_TO, one.kind, one.which, GAP, one.asks], gap=3))
            case LessStep(less=figure):
                one = self._operand(chain, figure, clause)
                add(Step([LESS, one.kind, one.which, GAP, one.asks], gap=3))
            case AtLeastStep(at_least=figure):
                one = self._operand(chain, figure, clause)
                add(Step([AT_LEAST, one.kind, one.which, GAP, one.asks], gap=3))
            case GiveStep(give=figure):
                one = self._operand(chain, figure, clause)
                add(Step([GIVE, one.kind, one.which, GAP, one.asks], gap=3))
            case RateStep(rate=rate):
                self._rate(chain, clause, rate)
            case TiersStep(tiers=slices):
                self._tiers(chain, clause, slices)
            case TaperStep(taper=terms):
                of = [self._operand(chain, text, clause) for text in (terms.on, terms.from_, terms.to)]
                unknown = sum(1 << nth for nth, one in enumerate(of) if not one.asks)
                if of[1].constant and of[2].constant:
                    add(Step([TAPER, of[0].kind, of[0].which, GAP, unknown, 1, of[1].which, of[2].which], gap=3))
                else:
                    add(Step([LOAD_Y, of[1].kind, of[1].which]))
                    add(Step([LOAD_Z, of[2].kind, of[2].which]))
                    add(Step([TAPER, of[0].kind, of[0].which, GAP, unknown, 0], gap=3))
            case ProRataStep(pro_rata=share):
                amount, whole = self._operand(chain, share.amount, clause), self._operand(chain, share.of, clause)
                add(Step([LOAD_Y, whole.kind, whole.which]))
                add(Step([PRO_RATA, amount.kind, amount.which, GAP, amount.asks, whole.asks], gap=3))
            case WhereStep(where=condition):
                self._where(chain, clause, condition)
            case RoundStep(round=text):
                how, unit = parse_rounding(text)
                last = chain.steps[-1].numbers if chain.steps else [ROUND]
                if last[0] in {RATE, RATE_BY}:
                    # It is done with the rate.
                    last += [0] * ((4 if last[0] == RATE else 9) - len(last))
                    last[-1] = ROUNDS[how] + (unit << 8)
                else:
                    add(Step([ROUND, ROUNDS[how], unit]))
            case HighestStep(highest=over):
                self._apart(chain, clause, "highest")
                self._window_of(chain, clause, over, HIGHEST, 2)
                chain.restless = True
            case RiseStep(rise_over=over):
                self._apart(chain, clause, "rise_over")
                self._window_of(chain, clause, over, RISE, 2)
                chain.restless = True
            case EarlierStep(earlier=terms):
                self._apart(chain, clause, "earlier")
                back, over = parse_number(terms.by), last_total(term, index)[1]
                kind, which = self.window(terms.window)
                if terms.window != over or not kind or not back:
                    raise refused(clause, "earlier", "it looks back over other windows than the total's, or over none")
                ring = self.claim(back + 2)
                add(Step([EARLIER, which, ring, back, terms.since == "joining"]))
                chain.leveled = True
            case AverageStep(average=span):
                self._apart(chain, clause, "average")
                if last_total(term, index)[1] != "account":
                    raise refused(clause, "average", "its total is not over the account")
                table = self.figures.stands.months_before(parse_number(span.months))
                here = range(len(table))
                size = int(max(nth - max(int(table[nth, 0]), 0) for nth in here)) + 2
                add(Step([AVERAGE, self.claim(4 + 2 * size), size, self.figures.cells.put(table)]))
                chain.leveled = True
            case _:
                raise AssertionError(step)

    def _apart(self, chain: Chain, clause: str, step: str) -> None:
        if chain.taken or chain.gappy or any(one.numbers[0] == TOTAL and one.numbers[4] >> 32 for one in chain.steps):
            why = "it follows a total of each job, money taken out, or a figure that is not there on some days"
            raise refused(clause, step, why)
        if self._per_job:
            raise refused(clause, step, "it follows a total of each job")

    def _window_of(self, chain: Chain, clause: str, over: str, op: int, size: int) -> Step:
        """A step that begins anew with each window."""
        if chain.taken:
            raise refused(clause, "a second window", "it follows money taken out newest first")
        term = self.term(chain.name)
        windows = self.program.rulebook.windows
        if over in windows and windows[over].months is not None and not term.members_only:
            raise refused(clause, over, "terms count from joining, and it counts what was before")
        chain.windows.add(over)
        kind, which = self.window(over)
        step = self._open(chain, size)
        step.numbers = [op, kind, which, 0, 0, 0, 0, 0, 0]
        step.both = op in {TOTAL, LATEST}
        chain.steps.append(step)
        return step

    def _total(self, chain: Chain, clause: str, total: Total) -> None:
        if total.taken_out is not None:
            self._taken(chain, clause, total)
            return
        cap = None if total.not_above is None else self._operand(chain, total.not_above, clause)
        if cap is not None:
            chain.steps.append(Step([LOAD_Y, cap.kind, cap.which]))
        step = self._window_of(chain, clause, total.over, TOTAL, 2)
        self._per_job = total.per == "job"
        step.numbers[5] = total.not_below is not None
        step.numbers[6] = 0 if cap is None else 1 + cap.asks
        chain.running = True

    def _taken(self, chain: Chain, clause: str, total: Total) -> None:
        """What is taken out comes off the newest window first: each window keeps what it stands at, and its figures."""
        kind, which = self.window(total.over)
        extra = total.per == "job" or total.not_below or total.not_above
        if extra or chain.running or (not kind and total.over != "account"):
            raise refused(clause, "taken_out", "it stands beside other terms of the total, or over such windows")
        step = self._open(chain, 2)
        if kind:
            self._windows = self.calendar[total.over][0]
        else:
            self._windows, which = 1, self.figures.cells.put([0] * len(self.figures.stands))
        step.numbers = [TAKEN, which, self._windows, 0, 0, 0, 0, 0, 0]
        chain.windows.add(total.over)
        self._keeps = self.keeps_of[chain.name] = []
        chain.steps.append(step)
        chain.running = chain.taken = True

    def _where(self, chain: Chain, clause: str, condition: object) -> None:
        chain.asks |= self.asked(condition)
        chain.restless |= chain.running
        first = self.tests.lay(condition, clause)
        if chain.taken:
            place = self._own(chain, 1)
            self._keeps.append(Step([KEEP_TRUTH, first, place]))
            chain.steps.append(Step([WHERE, place, 1]))
        else:
            chain.steps.append(Step([WHERE, first, 0]))

    def _rate(self, chain: Chain, clause: str, rate: str | RateBy) -> None:
        by = -1
        if isinstance(rate, RateBy):
            if chain.taken:
                raise refused(clause, "rate", "an attribute sets it, and it follows money taken out newest first")
            by = self.program.attribute(rate.attribute)
        one = self.figures.rate(rate if isinstance(rate, str) else rate.otherwise, clause)
        if by < 0 and one.constant:
            chain.steps.append(Step([RATE, one.which, one.den]))
            return
        common = one.den if by < 0 else lcm(one.den, MILLION)
        restless = chain.restless
        one = self._kept(chain, one)
        # Each part is taken at the rate of its day: that which nothing is added to stays.
        chain.restless = restless
        times = [common // one.den, common // MILLION]
        if by >= 0 or chain.running:
            chain.steps.append(Step([LOAD_Y, *([CONSTANT, NONE] if by < 0 else [ATTRIBUTE, by])]))
        place = [self._own(chain, 2)] if chain.running else [by >= 0]
        op = RATE_PARTS if chain.running else RATE_BY
        chain.steps.append(Step([op, one.kind, one.which, GAP, *times, common, *place], gap=3))

    def _tiers(self, chain: Chain, clause: str, slices: list) -> None:  # type: ignore[type-arg]
        chain.steps.append(Step([TIERS]))
        rates = [self._kept(chain, self.figures.rate(one.rate, clause)) for one in slices]
        common = lcm(*(one.den for one in rates))
        for one, rate in zip(slices, rates, strict=True):
            end = Operand(-1, 0) if one.up_to is None else self._operand(chain, one.up_to, clause)
            ends = 0 if one.up_to is None else 1 + end.asks
            if ends:
                chain.steps.append(Step([LOAD_Y, end.kind, end.which]))
            chain.steps.append(Step([TIER, rate.kind, rate.which, GAP, ends, common // rate.den], gap=3))
        chain.steps.append(Step([TIERS_END, common]))

    # All of them together

    def _unsettle(self) -> None:
        """What is made of a restless amount may change at every row, too."""
        for name, chain in self.chains.items():
            term = self.term(name)
            of = [*listed(term.of), *listed(term.minus)]
            chain.restless |= any(self.chains[one].restless for one in of if one in self.chains)
            if self.program.rulebook.membership.per == "job" and (chain.restless or chain.taken):
                why = "it may change at a payment, which is of no job, and each job is a membership of its own"
                raise refused(name, "a total", why)

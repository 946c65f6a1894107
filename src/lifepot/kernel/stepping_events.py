"""For each thing that a row can be: the instructions of all amounts and rules that it can reach."""

from lifepot.kernel.stepping_codes import (
    ACTIVE,
    ADD,
    BEGIN,
    DOWN,
    END,
    EVENT_PAID,
    EVENT_PAID_BY,
    EVENT_PAY,
    EVENT_WITHDRAWN,
    EVENTS,
    HALF_EVEN,
    HALF_UP,
    HIGHER,
    KEEP,
    KEEP_TRUTH,
    KEPT,
    LATEST,
    LOWER,
    MINUS,
    OF_AMOUNT,
    OF_BEGINS,
    OF_EARNINGS,
    OF_EMPLOYER,
    OF_HOURS,
    OF_NO_PURPOSE,
    OF_NOTHING,
    OF_ONE,
    OF_PURPOSE,
    OF_TERM,
    OF_VALUE,
    OF_WORD,
    OF_WORKER,
    PART,
    PURPOSE,
    SAID,
    STOP,
    SUM,
    TAKEN,
    TOTAL,
    UP,
    WHEN,
    WIDTH,
)
from lifepot.kernel.stepping_terms import Chain, Chains, Step
from lifepot.rulebook.terms import (
    Amount,
    Rule,
)  # fmt: skip
from lifepot.rulebook.walking import listed

ROUNDS = {"half_up": HALF_UP, "down": DOWN, "up": UP, "half_even": HALF_EVEN}
COMBINES = {"sum": SUM, "highest": HIGHER, "lowest": LOWER}
PAY = {"earnings": OF_EARNINGS, "hours": OF_HOURS, "worker": OF_WORKER, "employer": OF_EMPLOYER}


class Events:
    """Lays, event by event, what is run at a row of it."""

    def __init__(self, laid: Chains) -> None:
        self.laid, self.program, self.figures, self.chains = laid, laid.program, laid.figures, laid.chains
        self.conditions = {
            name: laid.tests.lay(term.when, name) for name in self.chains if (term := laid.term(name)).when is not None
        }

    def source(self, name: str, event: int) -> tuple[int, int] | None:
        """Where a row of this event has what it brings of a source; None where it brings nothing."""
        attributes = len(self.program.attributes)
        head, _, tail = name.partition(".")
        purposes = list(self.program.rulebook.purposes)
        if head == "pay" and event == EVENT_PAY:
            return PAY[tail], 0
        if head == "count":
            kinds = {"pay": EVENT_PAY, "paid": EVENT_PAID, "withdrawn": EVENT_WITHDRAWN}
            return (OF_ONE, 0) if event == kinds[tail] else None
        if head == "paid":
            return (OF_AMOUNT, 0) if event == (EVENT_PAID if tail == "worker" else EVENT_PAID_BY) else None
        if head == "withdrawn" and event == EVENT_WITHDRAWN:
            of = {"": OF_AMOUNT, "purpose": OF_PURPOSE, "no_purpose": OF_NO_PURPOSE}.get(tail)
            return (OF_WORD, purposes.index(tail)) if of is None else (of, 0)
        if head == "day":
            number = list(self.program.rulebook.days).index(tail)
            return (OF_ONE, 0) if event == EVENTS + 2 * attributes + number else None
        if head in {"present", "attribute"} and event >= EVENTS:
            number = self.program.attribute(tail)
            if event == EVENTS + number:
                return (OF_BEGINS, 0) if head == "present" else (OF_VALUE, self.program.amount_held(tail))
            if head == "present" and event == EVENTS + attributes + number:
                return OF_ONE, 0
        return None

    def reached(self, event: int) -> set[str]:
        """The amounts and rules that are run at a row of this event."""
        found: set[str] = set()
        for name, chain in self.chains.items():
            term = self.laid.term(name)
            of = [*listed(term.of), *listed(term.minus)]
            reaches = any(one in found if one in self.chains else self.source(one, event) for one in of)
            stated = isinstance(term, Rule) and term.stated is not None and event == EVENT_PAY
            taken = chain.taken and event == EVENT_WITHDRAWN
            if reaches or stated or chain.restless or taken:
                found.add(name)
        if event == EVENT_WITHDRAWN:
            for purpose in self.program.rulebook.purposes.values():
                found |= self.laid.asked_by(purpose)
        while more := {one for name in found for one in self.chains[name].asks} - found:
            found |= more
        return found

    def lay(self, event: int) -> int:
        """Where among the cells the instructions for a row of this event begin."""
        names = self.reached(event)
        asked = {one for name in names for one in self.chains[name].asks}
        if event == EVENT_WITHDRAWN:
            for purpose in self.program.rulebook.purposes.values():
                asked |= self.laid.asked_by(purpose)
        begin = self.figures.cells.count
        code: list[list[int]] = []
        known = event != EVENT_WITHDRAWN
        for name in self.chains:
            if name in names:
                if not known and self._needs_purpose(name):
                    code.append([PURPOSE])
                    known = True
                self._lay_one(code, begin, name, event, names, asked=name in asked)
        if not known:
            code.append([PURPOSE])
        code.append([STOP])
        self.figures.cells.put([one for row in code for one in (*row, *[0] * (WIDTH - len(row)))])
        return begin

    def _needs_purpose(self, name: str) -> bool:
        term = self.laid.term(name)
        of = {*listed(term.of), *listed(term.minus)}
        return self.chains[name].taken or bool({"withdrawn.purpose", "withdrawn.no_purpose"} & of)

    def _lay_one(  # noqa: PLR0915
        self, code: list[list[int]], begin: int, name: str, event: int, names: set[str], *, asked: bool
    ) -> None:
        """One amount at a row of this event."""
        term, chain = self.laid.term(name), self.chains[name]
        stated = term.stated if isinstance(term, Rule) and event == EVENT_PAY else None
        skips = not (chain.restless or asked or chain.latest or chain.taken or stated)
        first = len(code)
        sources = self._sources(term, event, names)
        many = len(sources) > 1
        skip_at: list[tuple[int, int]] = []
        mode = COMBINES[term.combined]
        head, which, _ = sources[0]
        level = self.figures.level(name) if asked else 0
        code.append([BEGIN, head, which, self.figures.brings(name), level, term.members_only, 0, many])
        if skips and not many:
            skip_at.append((first, 6))
        if chain.latest:
            for one in [*listed(term.of), *listed(term.minus)]:
                told = (OF_TERM, self.figures.brings(one)) if one in names else self.source(one, event)
                if told is not None:
                    code.append([SAID, *told])
        code += [[ADD, source, place, MINUS if minus else mode] for source, place, minus in sources[1:]]
        if many:
            code.append([ACTIVE, 0])
            if skips:
                skip_at.append((len(code) - 1, 1))
        if term.when is not None:
            asks = 1 if chain.latest else 0
            by = 0
            if stated is not None:
                assert isinstance(term, Rule)
                asks, by = (3 if term.stated_when == "no_earnings" else 2), PAY[stated.removeprefix("pay.")]
            code.append([WHEN, self.conditions[name], asks, 0, by])
            if skips:
                skip_at.append((len(code) - 1, 3))
        steps = self._completed(chain)
        at = [len(code) + nth for nth in range(len(steps))]
        end = at[-1]
        totals = [nth for nth, step in enumerate(steps) if step.numbers[0] in {TOTAL, LATEST, TAKEN}]
        parts = [nth for nth, step in enumerate(steps) if step.numbers[0] == PART]
        for nth, step in enumerate(steps):
            row = list(step.numbers)

            def place(index: int) -> int:
                return begin + WIDTH * index

            gap = place(next((at[one] for one in totals if one > nth), end))
            if step.gap:
                row[step.gap] = gap
            if step.both:
                out = place(next((at[one] for one in parts if one > nth), end))
                row[8] = (out << 32) + gap
            if row[0] == TAKEN:
                after = nth + 1
                while steps[after].numbers[0] in {KEEP, KEEP_TRUTH, KEPT}:
                    after += 1
                row[5] = place(at[after])
            if row[0] == KEPT:
                row[1] = place(end)
            if row[0] == END:
                if stated is not None:
                    assert isinstance(term, Rule)
                    row += [PAY[stated.removeprefix("pay.")], term.stated_when == "no_earnings"]
                row[1] = self.program.rules.index(name) if isinstance(term, Rule) else -1
            code.append(row)
        for index, where in skip_at:
            code[index][where] = begin + WIDTH * len(code)

    def _completed(self, chain: Chain) -> list[Step]:
        """A chain's steps; where it keeps figures by window, they are kept just after the total."""
        if not chain.taken:
            return chain.steps
        at = next(nth for nth, step in enumerate(chain.steps) if step.numbers[0] == TAKEN) + 1
        keeps = self.laid.keeps_of[chain.name]
        # Only a step before it can have lacked a figure.
        kept = [Step([KEPT, 0])] if at > 1 else []
        return [*chain.steps[:at], *keeps, *kept, *chain.steps[at:]]

    def _sources(self, term: Amount, event: int, names: set[str]) -> list[tuple[int, int, bool]]:
        """What is put together at a row of this event, the first of it first."""
        found: list[tuple[int, int, bool]] = []
        absent = False
        for one in listed(term.of):
            here = (OF_TERM, self.figures.brings(one)) if one in names else self.source(one, event)
            if here is None or (one in self.chains and one not in names):
                absent = True
            else:
                found.append((*here, False))
        if (absent and term.combined != "sum") or not found:
            found.append((OF_NOTHING, 0, False))
        for one in listed(term.minus):
            here = (OF_TERM, self.figures.brings(one)) if one in names else self.source(one, event)
            if here is not None:
                found.append((*here, True))
        return found

"""Lays a program out as the stepper's tables, and refuses what is not stepped."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import stepping_codes as codes
from lifepot.kernel.columns import NONE, PARTIES
from lifepot.kernel.program import Program
from lifepot.kernel.stepping_codes import (
    EVENTS,
    HOLDS,
    OWN,
    REG_BORN_DOM,
    REG_BORN_MONTH,
    REG_CLOSED_ON,
    REG_DIED_ON,
    REG_DUE,
    REG_FIRST_PAID,
    REG_MONTH,
    REG_OPENED_AT,
    REG_OUT,
    REG_OUTSET,
)
from lifepot.kernel.stepping_days import Stands, month_begins
from lifepot.kernel.stepping_events import Events
from lifepot.kernel.stepping_figures import Cells, Figures
from lifepot.kernel.stepping_refusals import refuse
from lifepot.kernel.stepping_terms import Chains
from lifepot.periods import FAR_FUTURE, month_index, month_start, parse_day
from lifepot.rulebook.scalars import parse_number
from lifepot.rulebook.terms import Draw, Refund, Within
from lifepot.rulebook.walking import listed

Int = NDArray[np.int64]

MOST_ROWS = 16
"""Rows of one day that are kept before an account is open."""


MOST_MONTHS_LATE = 2
"""Months whose days that nobody told are made up for at once, where nobody said that a month was over."""


@dataclass(slots=True)
class Layout:
    """The tables, how many registers a person needs, how many amounts and rules there are, where each block of them begins, and what one begins with."""

    cells: Int
    registers: int
    terms: int
    blocks: list[int]
    blank: Int
    born: list[tuple[Int, int]]

    def start(self, born: Int) -> Int:
        """The registers of people about whom nothing was told yet."""
        found = np.tile(self.blank, (len(born), 1))
        known = born != NONE
        day = np.where(known, born, 0)
        month = month_index(day)
        for at in self.blocks:
            found[:, at + REG_BORN_MONTH] = np.where(known, month, NONE)
            found[:, at + REG_BORN_DOM] = day - month_start(month)
            for keys, register in self.born:
                column = np.searchsorted(keys, day, side="right") - 1
                found[:, at + register] = np.where(known, column, -1)
        return found


def laid_out(  # noqa: PLR0915 (one line a place of the head)
    program: Program, days: Int, changed: dict[str, str], jobs: int
) -> Layout:
    """The layout of a program over these months."""
    book = program.rulebook
    refuse(program, days)
    attributes, rules = len(program.attributes), len(program.rules)
    sources = [one for name in program.reached for one in _sources(program, name)]
    present = sorted({one.removeprefix("present.") for one in sources if one.startswith("present.")})
    stands = Stands(program, days, present=bool(present))
    cells = Cells()
    at_attributes = OWN
    at_holds = at_attributes + attributes
    at_born = at_holds + 2 * len(book.membership.leaving)
    born_tables = sum(value.by == "born" for value in book.values.values()) * 4
    figures = Figures(program, stands, cells, changed, born_from=at_born)
    # What every row touches stands together, at the beginning.
    at_given = at_born + born_tables
    at_due, at_due_on, at_pot = (at_given + nth * rules for nth in range(1, 4))
    chains = Chains(figures, at_pot + 3 * len(book.accounts), jobs)
    assert len(figures.born) <= born_tables
    head = np.zeros(codes.HEAD, dtype=np.int64)
    slots = jobs if chains.slot_lists else 0
    at_slots = chains.claim(2 * slots)
    live = chains.registers
    at_waiting = chains.claim(3 * (2 * attributes + 4))
    at_kept = chains.claim(10 * (MOST_ROWS + 2 * attributes))
    marks = _most_marks(stands, len(present))
    at_queue = chains.claim(10 * max(MOST_ROWS + 2 * attributes, marks * MOST_MONTHS_LATE))
    at_before = chains.claim(rules)
    at_snapshot = chains.claim(live)
    block = chains.registers
    asked = {one for purpose in book.purposes.values() for one in chains.asked_by(purpose)}
    head[codes.H_ASKS] = bool(asked)
    head[codes.H_RULES], head[codes.H_TERMS], head[codes.H_ATTRIBUTES] = rules, len(program.reached), attributes
    head[codes.H_FRAME] = rules + 2 * len(figures.names)
    head[codes.H_LIVE], head[codes.H_BLOCK] = live, block
    per_job = jobs if book.membership.per == "job" else 0
    head[codes.H_JOBS], head[codes.H_SLOTS] = per_job, slots
    other = book.any_other_withdrawal
    head[codes.H_OTHERS] = 0 if other is None else ["worker", "everyone", "nobody"].index(other.draws_on)
    first_month, begins = month_begins(stands)
    index = month_index(stands.day)
    begin = month_start(index)
    for place, numbers in (
        (codes.H_STAND_DAY, stands.day), (codes.H_STAND_MONTH, index), (codes.H_STAND_DOM, stands.day - begin),
        (codes.H_STAND_LENGTH, month_start(index + 1) - begin), (codes.H_MONTH_FIRST, stands.first),
        (codes.H_MONTH_LAST, stands.last), (codes.H_MONTH_BEGINS, begins),
        (codes.H_STAND_WHAT, np.where(stands.day == begin, 1 if present else 0, 0)),
    ):  # fmt: skip
        head[place] = cells.put(numbers)
    head[codes.H_FIRST_MONTH], head[codes.H_MONTHS_KNOWN] = first_month, len(begins) - 1
    head[codes.H_MARKED] = MOST_MONTHS_LATE - 1 if present or book.days else 0
    head[codes.H_NAMED] = len(book.days)
    fixed = [day.on is not None for day in book.days.values()]
    head[codes.H_MARKS] = cells.put(
        [cells.put([len(named), *(part for one in named for part in (one, fixed[one]))]) for named in stands.named]
    )
    head[codes.H_PRESENT] = cells.put([len(present), *(program.attribute(one) for one in present)])
    head[codes.H_RULE] = _rules(program, chains)
    head[codes.H_RESETS] = cells.put([_resets(cells, chains.chains[name].resets) for name in program.rules])
    head[codes.H_SLOT_LISTS] = _slot_lists(cells, chains.slot_lists)
    head[codes.H_QUOTIENTS] = _quotients(program, cells)
    _membership(program, figures, chains, head)
    _purposes(program, chains, head)
    laying = Events(chains)
    events = [laying.lay(event) for event in range(EVENTS + 2 * attributes + len(book.days))]
    head[codes.H_EVENTS] = cells.put(events)
    head[codes.H_WINDOWS] = _windows(program, chains)
    head[codes.H_SPECS] = cells.put([one for row in figures.specs for one in row])
    head[codes.H_AGES] = cells.put(figures.age_cells)
    head[codes.H_FIGURES] = cells.count
    for part in figures.figure_cells:
        cells.put(part)
    for place, number in (
        (codes.H_OWN_ATTRIBUTES, at_attributes), (codes.H_OWN_HOLDS, at_holds), (codes.H_OWN_GIVEN, at_given),
        (codes.H_OWN_DUE, at_due), (codes.H_OWN_DUE_ON, at_due_on), (codes.H_OWN_POT, at_pot),
        (codes.H_PARTS, len(book.accounts)), (codes.H_OWN_SLOTS, at_slots), (codes.H_WAITING, at_waiting),
        (codes.H_WAITING_MOST, 2 * attributes + 4), (codes.H_KEPT, at_kept),
        (codes.H_KEPT_MOST, MOST_ROWS + 2 * attributes), (codes.H_OUT_BEFORE, at_before), (codes.H_SNAPSHOT, at_snapshot), (codes.H_QUEUE, at_queue),
        (codes.H_LEAVINGS, len(book.membership.leaving)),
    ):  # fmt: skip
        head[place] = number
    column = cells.all()
    column[: codes.HEAD] = head
    one = _blank(program, block, at_attributes, at_holds, at_due_on)
    if not per_job:
        return Layout(column, block, len(figures.names), [0], one, figures.born)
    blank = np.concatenate([np.zeros(2 * per_job, dtype=np.int64), *[one] * (per_job + 1)])
    blocks = [2 * per_job + nth * block for nth in range(per_job + 1)]
    return Layout(column, len(blank), len(figures.names), blocks, blank, figures.born)


def _most_marks(stands: Stands, present: int) -> int:
    """The most rows that nobody told in one month."""
    named = np.bincount(stands.month, [len(one) for one in stands.named], minlength=1)
    return present + int(named.max())


def _sources(program: Program, name: str) -> list[str]:
    term = program.rulebook.rules.get(name) or program.rulebook.amounts[name]
    return [*listed(term.of), *listed(term.minus)]


def _blank(program: Program, block: int, at_attributes: int, at_holds: int, at_due_on: int) -> Int:
    """What the registers of a person (or of a job) begin with."""
    one = np.zeros(block, dtype=np.int64)
    one[at_attributes : at_attributes + len(program.attributes)] = program.defaults
    terms = program.rulebook.membership
    for nth, leaving in enumerate(terms.leaving):
        one[at_holds + 2 * nth + 1] = program.defaults[program.attribute(leaving.attribute)] == 1
        one[REG_OUT] |= one[at_holds + 2 * nth + 1]
    if terms.opt_in is not None:
        one[REG_OUTSET] = program.defaults[program.attribute(terms.opt_in)] == 1
    one[REG_OPENED_AT] = one[REG_FIRST_PAID] = one[REG_MONTH] = -1
    one[REG_CLOSED_ON] = one[REG_DIED_ON] = one[REG_DUE] = FAR_FUTURE
    one[at_due_on : at_due_on + len(program.rules)] = FAR_FUTURE
    return one


def _rules(program: Program, chains: Chains) -> int:
    rows = []
    parts = list(program.rulebook.accounts)
    for rule in program.rulebook.rules.values():
        due = -1
        if rule.due is not None:
            chains.window(rule.due.at_end_of)
            due = chains.window_numbers[rule.due.at_end_of]
        lost = rule.due is not None and rule.due.if_closed == "nothing"
        sign = -1 if rule.direction == "takes_back" else 1
        rows += [sign, due, lost, parts.index(rule.account), rule.net is not None, PARTIES.index(rule.party), 0, 0]
    return chains.figures.cells.put(rows)


def _resets(cells: Cells, resets: list[tuple[int, int, int]]) -> int:
    return cells.put([len(resets), *(one for reset in resets for one in reset)])


def _slot_lists(cells: Cells, lists: list[tuple[int, int]]) -> int:
    """The first slot's registers of each total of a job, and how many: the others' follow."""
    firsts: dict[int, int] = {}
    last = None
    for own, size in lists:
        if last != own - size:
            firsts[own] = size
        last = own
    return cells.put([len(firsts), *(one for pair in firsts.items() for one in pair)])


def _quotients(program: Program, cells: Cells) -> int:
    rows = []
    for name, attribute in program.rulebook.attributes.items():
        of = attribute.otherwise
        two = [-1, -1] if of is None else [program.attribute(of.amount), program.attribute(of.over_percent)]
        rows += [*two, program.amount_held(name)]
    return cells.put(rows)


def _membership(program: Program, figures: Figures, chains: Chains, head: Int) -> None:
    terms, cells = program.rulebook.membership, figures.cells
    if terms.automatic is not None:
        head[codes.H_AUTOMATIC] = chains.tests.lay(terms.automatic, "membership.automatic")
    if terms.may_join is not None:
        head[codes.H_MAY_JOIN] = chains.tests.lay(terms.may_join, "membership.may_join")
    head[codes.H_OPT_IN] = -1 if terms.opt_in is None else program.attribute(terms.opt_in)
    head[codes.H_FIRST_OPENS], head[codes.H_EVERYBODY] = terms.first_payment_opens, terms.everybody
    rows = []
    for leaving in terms.leaving:
        windows = []
        for window in leaving.windows:
            windows += [*_within(program, cells, window.within), _parties(window.refunds)]
        rows += [program.attribute(leaving.attribute), leaving.stops == "always", len(leaving.windows)]
        rows.append(cells.put(windows))
    head[codes.H_LEAVING] = cells.put(rows)


def _within(program: Program, cells: Cells, within: Within | None) -> list[int]:
    if within is None:
        return [0] * 6
    origins = []
    for one in within.from_:
        if one == "joining":
            origins += [0, 0]
        elif one.startswith("attribute."):
            origins += [2, program.attribute(one.removeprefix("attribute."))]
        else:
            origins += [1, parse_day(one)]
    months = [parse_number(within.after_months), parse_number(within.months), int(within.beginning_with)]
    return [1, len(within.from_), cells.put(origins), *months]


def _parties(refunds: list[Refund]) -> int:
    return sum({1 << PARTIES.index(one.party) for one in refunds})


def _purposes(program: Program, chains: Chains, head: Int) -> None:
    cells, parts = chains.figures.cells, list(program.rulebook.accounts)
    tests: list[int] = []
    draws: list[int] = []
    for name, purpose in program.rulebook.purposes.items():
        clause = f"purposes.{name}"
        tests.append(HOLDS if purpose.when is None else chains.tests.lay(purpose.when, clause))
        tests.append(int(purpose.any_word))
        own: list[int] = []
        for one in purpose.draws_on:
            draw = one if isinstance(one, Draw) else Draw(account=one)
            own += [parts.index(draw.account), HOLDS if draw.when is None else chains.tests.lay(draw.when, clause)]
        draws += [len(purpose.draws_on), cells.put(own)]
    head[codes.H_PURPOSES], head[codes.H_PURPOSE_COUNT] = cells.put(tests), len(program.rulebook.purposes)
    head[codes.H_PURPOSE_DRAWS] = cells.put(draws)


def _windows(program: Program, chains: Chains) -> int:
    rows: list[int] = []
    for name in chains.window_numbers:
        if name in chains.calendar:
            _, number, end = chains.calendar[name]
            rows += [1, number, end, 0]
        elif name == "pay_period":
            rows += [3, 0, 0, 0]
        elif name in program.rulebook.windows and (window := program.rulebook.windows[name]).months is not None:
            rows += [2, parse_number(window.months), 0 if window.times is None else parse_number(window.times), 0]
        else:
            rows += [0, 0, 0, 0]
    return chains.figures.cells.put(rows)

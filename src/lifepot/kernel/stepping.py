"""Stepping: the rulebook one row a person at a time, with registers carried, for the lab.

The same rulebook, figures and meaning as `assess`, which works over columns of all facts; here a person's facts come one
after the other, month by month, and what each brings is told at once. A `Stepper` lays a program out as one column of
numbers, `tables`, that the machine (`stepping_machine`) reads: nothing is compiled for a rulebook, so that one with another
figure is ready in some milliseconds.

    stepper = Stepper(program, last_days(600))
    registers = stepper.start(born)                      # (people, stepper.registers)
    out = stepper.out()                                  # of each thread its own
    step(stepper.tables, registers[who], out, month, PAY, payer, 0, 210_000, NONE, NONE, NONE, -1, -1)
    out[: stepper.rules]                                 # what each rule gives of it, minor units
    month_end(stepper.tables, registers[who], out, month)

A month's facts are of its one day, and a month's pay is of the calendar month. They come in the kernel's order: statuses,
pays, payments, withdrawals, closing, death; then `month_end`, in every month in which somebody has an account, tells
what falls due, and what was said in a month without money. What is said holds on all of its day, so that a status brings
nothing by itself: what comes of it comes with the next fact of the month or at its end.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.kernel.program import Program
from lifepot.kernel.stepping_codes import (
    FRAME,
    H_ASKS,
    H_BLOCK,
    H_FRAME,
    H_JOBS,
    H_MARKED,
    H_MONTH_LAST,
    H_NAMED,
    H_OTHERS,
    H_OWN_ATTRIBUTES,
    H_OWN_POT,
    H_PRESENT,
    H_PURPOSES,
    H_RULES,
    H_STAND_DAY,
    HOLDS,
    MONTH_ENDS,
    REG_BACK,
    REG_DUE,
    REG_GAPS,
    REG_LOST,
    REG_MONTH,
    REG_OPENED_AT,
    REG_WAITING,
)
from lifepot.kernel.stepping_layout import Layout, laid_out
from lifepot.kernel.stepping_memory import address, compiled, in_place, read, write
from lifepot.kernel.stepping_rows import draw, hear
from lifepot.kernel.stepping_tested import holds

Int = NDArray[np.int64]

STATUS, PAY, PAID, WITHDRAWN, CLOSED, DIED = (int(kind) for kind in Kind)
"""Kinds of facts, as plain numbers."""

NO_LIMIT = 2**62


class Stepper:
    """A program made ready to be stepped through months. Raises `Misuse` for a rulebook that says something which is not
    stepped exactly.

    tables      int64        what the machine reads: the same for everybody, read only
    registers   how many numbers each person carries
    rules       how many rules there are; the first so many of `out` are theirs, in the rulebook's order
    changed     figures by the name of their value, in force on all days instead of the rulebook's own
    jobs        how many jobs a person carries at once, where the rulebook tests or counts each job alone. One more takes the
                place of the one that paid longest ago, which begins anew should it pay again
    """

    def __init__(self, program: Program, days: Int, *, changed: dict[str, str] | None = None, jobs: int = 4) -> None:
        self.program = program
        self._layout: Layout = laid_out(program, np.asarray(days, dtype=np.int64), changed or {}, jobs)
        self.tables: Int = self._layout.cells
        self.rules = len(program.rules)
        self.registers: int = self._layout.registers

    @property
    def places(self) -> int:
        """How long `out` must be: rules first, and room to work in."""
        return int(self.tables[H_FRAME]) + FRAME

    def out(self) -> Int:
        """A new column for what rules give."""
        return np.zeros(self.places, dtype=np.int64)

    def start(self, born: Int) -> Int:
        """The registers of people about whom nothing was told yet, (people, registers). `born`: NONE where not known."""
        return self._layout.start(np.asarray(born, dtype=np.int64))

    def attribute(self, name: str) -> int:
        """The number of an attribute, for `step`."""
        return self.program.attribute(name)

    def purpose(self, name: str) -> int:
        """The number of a purpose."""
        return list(self.program.rulebook.purposes).index(name)

    def rule(self, name: str) -> int:
        """The number of a rule."""
        return self.program.rules.index(name)

    @property
    def parties(self) -> Int:
        """The party of each rule, as in `PARTIES`."""
        return np.array([PARTIES.index(one.party) for one in self.program.rulebook.rules.values()], dtype=np.int64)

    def gaps(self, registers: Int) -> Int:
        """Of each person, how often a figure was asked for that the rulebook has not."""
        return self._of_all(registers, REG_GAPS)

    def lost(self, registers: Int) -> Int:
        """Of each person, how much was not stepped exactly: more statuses or rows in one month, or more jobs, than there is
        room for, and what one payer told that the rulebook hears of all.
        """
        return self._of_all(registers, REG_LOST)

    def opened(self, registers: Int) -> NDArray[np.bool_]:
        """Whether each person has an account (in some job)."""
        return self._of_all(registers, REG_OPENED_AT, highest=True) >= 0

    def _of_all(self, registers: Int, register: int, *, highest: bool = False) -> Int:
        layout = self._layout
        places = [at + register for at in layout.blocks]
        found = registers[:, places]
        return found.max(axis=1) if highest else found.sum(axis=1)


@compiled
def step(
    tables: Any, registers: Any, out: Any, month: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """One more fact of a person in a month; the first of `out` are then what each rule gives of it, minor units (negative:
    what is taken back). NONE: not said.

    kind       STATUS, PAY, PAID, WITHDRAWN, CLOSED, DIED
    payer      of a PAY, above nought; of a PAID, nought: the worker
    amount     of PAID and WITHDRAWN
    earnings, hours, worker, employer   of PAY: gross pay, hundredths of hours, and what the row states that each pays
    attribute  of STATUS
    value      of STATUS, encoded (`Program.encode`); of WITHDRAWN, the number of its purpose, -1: none
    """
    return step_at(
        address(tables), address(registers), address(out), month, kind, payer, amount, earnings, hours, worker, employer,
        attribute, value,
    )  # fmt: skip


@compiled
def step_at(
    tables: Any, registers: Any, out: Any, month: Any, kind: Any, payer: Any, amount: Any, earnings: Any, hours: Any,
    worker: Any, employer: Any, attribute: Any, value: Any,
) -> Any:  # fmt: skip
    """The same, of columns at addresses; of kind `MONTH_ENDS`, what `month_end` does. Returns whether any rule gives or takes."""
    for rule in range(read(tables, H_RULES)):
        write(out, rule, 0)
    jobs, size = read(tables, H_JOBS), read(tables, H_BLOCK)
    if kind == MONTH_ENDS and ends_quietly(tables, registers, month):
        return False
    of_all = payer == 0 and kind not in (PAY, PAID, WITHDRAWN)
    first = last = 0
    if jobs:
        # What no payer tells is heard by every job, and by none that is to come: it begins as the first block stands.
        if of_all:
            last = jobs
        elif payer == 0:
            if kind == WITHDRAWN:
                # It is of no job: it comes out of them one after the other.
                stand = read(tables, read(tables, H_MONTH_LAST) + month)
                for job in range(1, jobs + 1):
                    amount -= draw(tables, registers, 2 * jobs + job * size, out, stand, value, amount, True)
            return False
        else:
            first = last = _job_of(registers, jobs, size, payer, month)
    elif kind == STATUS and payer != 0:
        write(registers, REG_LOST, read(registers, REG_LOST) + (1))
        return False
    if kind == STATUS:
        payer = 0
    for job in range(first, last + 1):
        if job == 0 or read(registers, 2 * job - 1) != 0:
            hear(
                tables, registers, 2 * jobs + job * size, out, month, kind, payer, amount, earnings, hours, worker,
                employer, attribute, value,
            )  # fmt: skip
    gives = 0
    for rule in range(read(tables, H_RULES)):
        gives |= read(out, rule)
    return gives != 0


@compiled
def pay_at(tables: Any, registers: Any, out: Any, month: Any, payer: Any, earnings: Any, hours: Any) -> Any:
    """The same of a pay alone, of which nothing but earnings and hours is stated: most rows are such ones, and few numbers are handed
    over faster.
    """
    return step_at(tables, registers, out, month, PAY, payer, NONE, earnings, hours, NONE, NONE, NONE, NONE)


@compiled
def _job_of(registers: Any, jobs: Any, size: Any, payer: Any, month: Any) -> Any:
    """The place of a payer's job, from 1: its own, or that of the job that paid longest ago, begun anew."""
    oldest = 1
    for job in range(1, jobs + 1):
        if read(registers, 2 * job - 1) != 0 and read(registers, 2 * job - 2) == payer:
            write(registers, 2 * job - 1, month + 1)
            return job
        if read(registers, 2 * job - 1) < read(registers, 2 * oldest - 1):
            oldest = job
    first, own = 2 * jobs, 2 * jobs + oldest * size
    lost = read(registers, own + REG_LOST) + (read(registers, 2 * oldest - 1) != 0)
    write(registers, 2 * oldest - 2, payer)
    write(registers, 2 * oldest - 1, month + 1)
    for one in range(size):
        write(registers, own + one, read(registers, first + one))
    write(registers, own + REG_LOST, lost)
    return oldest


@in_place
def ends_quietly(tables: Any, registers: Any, month: Any) -> Any:
    """Ends a month that brings nothing, of columns at addresses, and says whether it was one: nothing falls due, nothing that was said
    waits, and no day of it that nobody told can bring anything. Any other month must be ended by `month_end`.
    """
    today = read(tables, read(tables, H_STAND_DAY) + read(tables, read(tables, H_MONTH_LAST) + month))
    if read(tables, H_JOBS) != 0 or read(registers, REG_WAITING) != 0 or read(registers, REG_DUE) <= today:
        return False
    if read(registers, REG_MONTH) >= month:
        return True
    if read(tables, H_MARKED) != 0:
        if read(tables, H_NAMED) != 0 or read(registers, REG_MONTH) + 1 < month:
            return False
        present, attributes = read(tables, H_PRESENT), read(tables, H_OWN_ATTRIBUTES)
        for nth in range(read(tables, present)):
            if read(registers, attributes + read(tables, present + 1 + nth)) == 1:
                return False
    write(registers, REG_BACK, 0)
    write(registers, REG_MONTH, month)
    return True


@compiled
def month_end(tables: Any, registers: Any, out: Any, month: Any) -> Any:
    """A month is over: what falls due in it, what came of the days that nobody told, and of what was said without money."""
    return step_at(
        address(tables), address(registers), address(out), month, MONTH_ENDS, 0, 0, NONE, NONE, NONE, NONE, -1, -1
    )  # fmt: skip


@compiled
def may_withdraw(tables: Any, registers: Any, out: Any, month: Any, purpose: Any) -> Any:
    """Whether a withdrawal in a month would be for this purpose, as a person stands after their last row (-1, for none: if the
    rulebook has such withdrawals). Raises ValueError where a purpose asks where an amount stands: that is known only once
    there is a withdrawal.
    """
    return may_withdraw_at(address(tables), address(registers), address(out), month, purpose)


@compiled
def may_withdraw_at(tables: Any, registers: Any, out: Any, month: Any, purpose: Any) -> Any:
    """The same, of columns at addresses."""
    if read(tables, H_ASKS):
        raise ValueError("A purpose of the rulebook asks where an amount stands")
    if purpose < 0:
        return read(tables, H_OTHERS) != 2
    first = read(tables, read(tables, H_PURPOSES) + 2 * purpose)
    stand, own = read(tables, read(tables, H_MONTH_LAST) + month), 2 * read(tables, H_JOBS)
    return first == HOLDS or holds(
        tables, registers, own, out, own, stand, False, False, NONE, NONE, NONE, NONE, first
    )  # fmt: skip


@compiled
def available(tables: Any, registers: Any, out: Any, month: Any, purpose: Any) -> Any:
    """How much there is for a withdrawal for this purpose (-1: for none), of all that was given, without growth. What is then
    taken back because of the withdrawal comes first. Raises ValueError as `may_withdraw` does.
    """
    return available_at(address(tables), address(registers), address(out), month, purpose)


@compiled
def available_at(tables: Any, registers: Any, out: Any, month: Any, purpose: Any) -> Any:
    """The same, of columns at addresses."""
    if read(tables, H_ASKS):
        raise ValueError("A purpose of the rulebook asks where an amount stands")
    found, jobs = 0, read(tables, H_JOBS)
    stand = read(tables, read(tables, H_MONTH_LAST) + month)
    for job in range(jobs + 1):
        found += draw(
            tables, registers, 2 * jobs + job * read(tables, H_BLOCK), out, stand, purpose, NO_LIMIT, False,
        )  # fmt: skip
    return found


@compiled
def pot(tables: Any, registers: Any, part: Any, party: Any) -> Any:
    """What a person has of a party's money in a part of the pot, by the rulebook's accounts and by `PARTIES`: what was given
    less what was taken back and withdrawn, without growth.
    """
    found, jobs = 0, tables[H_JOBS]
    for job in range(jobs + 1):
        found += registers[2 * jobs + job * tables[H_BLOCK] + tables[H_OWN_POT] + 3 * part + party]
    return found

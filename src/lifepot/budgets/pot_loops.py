"""A person's pot: what comes in with pay, by choice and from others, and what goes out for a purpose.

What each party owes and what a withdrawal costs is the stepper's word (`kernel/stepping.py`), row by row. The pot is what the rulebook
gave less what was taken, and what it grew by; a withdrawal takes of both in proportion.
"""

from typing import Any

from lifepot.budgets import places as at
from lifepot.budgets.work_loops import DRAWN_UNTIL, LEAST_DRAWN_MONTHS, earned
from lifepot.compiling import uncounted
from lifepot.kernel.columns import NONE
from lifepot.kernel.stepping import PAID, STATUS, WITHDRAWN, ends_quietly
from lifepot.kernel.stepping_codes import MONTH_ENDS
from lifepot.kernel.stepping_memory import read

NOT_SAID = int(NONE)

CHOOSES_HALF = 0.5
"""Somebody who pays in by choice gives up to half of what a month leaves after rent and needs; a choice."""

MONTHS_FROM_SAVINGS = 12
"""And a twelfth of what savings hold beyond what they like at hand, each month; a choice."""

LOAN_USE, COURSE_USE, HOME_USE, PENSION_USE, ANY_USE = 0, 1, 2, 3, 4
"""What money leaves for; the purpose of the rulebook for each stands in `scheme.numbers`."""


@uncounted(forceinline=True)
def registers_of(i: Any, scheme: Any) -> Any:
    """Where a person's registers are."""
    return scheme.registers + 8 * i * scheme.width


@uncounted(forceinline=True)
def note_row(i: Any, scheme: Any, stock: Any, flow: Any, charges: Any) -> Any:
    """Notes what a row brought. Returns what the worker pays (negative: gets back) because of it."""
    numbers = scheme.numbers
    own = 0
    for rule in range(numbers[at.RULES]):
        amount = read(scheme.out, rule)
        if amount == 0:
            continue
        stock[i, at.ACCOUNT] = 1
        party = numbers[at.PARTY_OF + rule]
        if charges and numbers[at.NET_OF + rule]:
            # A part of the withdrawal itself: it takes nothing beside it.
            flow[i, at.GOVERNMENT] += amount
            flow[i, at.CHARGED] -= amount
            continue
        stock[i, at.POT] += amount
        if party == 0:
            own += amount
            flow[i, at.OWN] += amount
            stock[i, at.OWN_THIS_YEAR] += amount
        elif party == 1:
            flow[i, at.EMPLOYER] += amount
        else:
            flow[i, at.GOVERNMENT] += amount
        if amount < 0 and charges:
            flow[i, at.CHARGED] -= amount
    return own


@uncounted()
def said(i: Any, month: Any, scheme: Any, stock: Any, flow: Any, attribute: Any, value: Any) -> Any:
    """Something is said of a person; nothing, where the rulebook does not ask. Returns what the worker pays because of what the
    month's days before it bring.
    """
    if attribute < 0:
        return 0
    stock[i, at.HEARD] = 1
    scheme.asked.step(
        scheme.tables, registers_of(i, scheme), scheme.out, month, STATUS, 0, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, attribute, value
    )  # fmt: skip
    return note_row(i, scheme, stock, flow, False)


@uncounted(forceinline=True)
def statuses(
    i: Any,
    month: Any,
    status: Any,
    job: Any,
    children: Any,
    profit: Any,
    scheme: Any,
    stock: Any,
    flow: Any,
) -> None:
    """Says what has changed of what a rulebook may ask about: caring, learning, trading; in March the tax year's profit. `profit`: this
    month's.
    """
    if month < scheme.opens or stock[i, at.LEFT_SCHEME] == 2:
        return
    stock[i, at.OWN_PROFIT] = profit if month % 12 == 0 else stock[i, at.OWN_PROFIT] + profit
    if stock[i, at.OWN_PROFIT] > 0 and month % 12 == 11:
        said(i, month, scheme, stock, flow, scheme.numbers[at.SAYS_PROFIT], stock[i, at.OWN_PROFIT])
    now = 0
    if status == 4 and children > 0:
        now |= 1
    if status == 1 or stock[i, at.COURSE_LEFT] > 0:
        now |= 2
    if job == 4:
        now |= 4
    if now != stock[i, at.SAID]:
        say_changes(i, month, scheme, stock, flow, now)


@uncounted()
def say_changes(i: Any, month: Any, scheme: Any, stock: Any, flow: Any, now: Any) -> None:
    """Says which of caring, learning and trading (a bit each) has begun or ended."""
    for bit in range(3):
        if (now ^ stock[i, at.SAID]) >> bit & 1:
            said(i, month, scheme, stock, flow, scheme.numbers[at.SAYS_CARING + bit], now >> bit & 1)
    stock[i, at.SAID] = now


@uncounted(forceinline=True)
def pay_row(
    i: Any,
    month: Any,
    scheme: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    payer: Any,
    gross: Any,
    hours: Any,
    platform: Any,
) -> Any:
    """One payer's pay; returns what that payer puts into the pot. Who opted out says so with the first pay."""
    numbers = scheme.numbers
    if stock[i, at.LEFT_SCHEME] == 0:
        stock[i, at.LEFT_SCHEME] = 1
        if numbers[at.AUTOMATIC] and trait[i, at.OPTS_OUT] < scheme.opts_out:
            stock[i, at.LEFT_SCHEME] = 2
    if stock[i, at.LEFT_SCHEME] == 2 or not numbers[at.TAKES_PAY]:
        return 0
    before = flow[i, at.EMPLOYER]
    if not scheme.asked.pay(scheme.tables, registers_of(i, scheme), scheme.out, month, payer, gross, hours * 433):
        return 0
    note_row(i, scheme, stock, flow, False)
    given = flow[i, at.EMPLOYER] - before
    if platform:
        flow[i, at.PLATFORM] += given
    return given


@uncounted(forceinline=True)
def pay_by_choice(
    i: Any,
    month: Any,
    fixed: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    scheme: Any,
    left: Any,
    income: Any,
    needs: Any,
    savings: Any,
) -> Any:
    """What somebody pays in by choice this month: up to what they aim at and what is matched, of what the month and their
    savings leave. `left`: of the household's month so far. Returns what they paid.
    """
    numbers = scheme.numbers
    if month % 12 == 0:
        stock[i, at.OWN_THIS_YEAR] = 0
    if month < scheme.opens or not numbers[at.TAKES_PAYMENTS] or trait[i, at.JOINS] >= scheme.joins:
        return 0
    return choose(i, month, fixed, stock, trait, flow, scheme, left, income, needs, savings)


@uncounted()
def choose(
    i: Any, month: Any, fixed: Any, stock: Any, trait: Any, flow: Any, scheme: Any, left: Any, income: Any, needs: Any, savings: Any
) -> Any:  # fmt: skip
    """The same, of somebody who joins in."""
    numbers = scheme.numbers
    if numbers[at.FOR_FIRST_HOME] and (
        stock[i, at.OWNED_EVER] or fixed[i, at.FIXED_AGE] + month >= numbers[at.FOR_FIRST_HOME]
    ):
        return 0
    paid_before = flow[i, at.OWN]
    if numbers[at.SAYS_ON_CREDIT] >= 0 and stock[i, at.ACCOUNT] == 0:
        if flow[i, at.CREDIT] <= 0:
            return 0
        said(i, month, scheme, stock, flow, numbers[at.SAYS_ON_CREDIT], 1)
        take_home = earned(flow, i) - flow[i, at.TAX] - flow[i, at.NI]
        said(i, month, scheme, stock, flow, numbers[at.SAYS_TAKE_HOME], take_home)
    aim = min(numbers[at.MATCHED_YEAR], int(scheme.aims * trait[i, at.AIMS]))
    aim = (aim - stock[i, at.OWN_THIS_YEAR]) // (12 - month % 12)
    over = savings - trait[i, at.BUFFER] * income
    has = CHOOSES_HALF * max(left - needs, 0.0) + max(over, 0.0) / MONTHS_FROM_SAVINGS
    pays = min(aim, int(has)) // 100 * 100
    if pays <= 0:
        return 0
    if stock[i, at.ACCOUNT] == 0:
        said(i, month, scheme, stock, flow, numbers[at.SAYS_FIRST_TIME], 1 - stock[i, at.OWNED_EVER])
        said(i, month, scheme, stock, flow, numbers[at.SAYS_MORTGAGE], 1)
        said(i, month, scheme, stock, flow, numbers[at.SAYS_CONVEYANCER], 1)
        said(i, month, scheme, stock, flow, numbers[at.SAYS_PRICE], 0)
    scheme.asked.step(
        scheme.tables, registers_of(i, scheme), scheme.out, month, PAID, 0, pays, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID
    )  # fmt: skip
    note_row(i, scheme, stock, flow, False)
    return flow[i, at.OWN] - paid_before


@uncounted()
def drawable(i: Any, month: Any, scheme: Any, stock: Any, use: Any) -> Any:
    """What of the pot may be drawn for a use now, pence, with its part of the growth."""
    given = stock[i, at.POT] - stock[i, at.POT_GROWTH]
    purpose = scheme.numbers[at.PURPOSE_OF + use]
    if given <= 0:
        # All that was given has been taken out: what is left is growth, which the member may have where anything may go.
        return stock[i, at.POT] if purpose >= 0 else 0
    there = scheme.asked.available(scheme.tables, registers_of(i, scheme), scheme.out, month, purpose)
    if there >= given:
        return stock[i, at.POT]
    return int(float(stock[i, at.POT]) * there / given)


@uncounted()
def take(i: Any, month: Any, scheme: Any, stock: Any, flow: Any, use: Any, amount: Any) -> Any:
    """Takes an amount out of the pot for a use; returns what arrives, after a charge that is a part of it."""
    numbers = scheme.numbers
    grown = int(float(stock[i, at.POT_GROWTH]) * amount / stock[i, at.POT])
    given = amount - grown
    scheme.asked.step(
        scheme.tables, registers_of(i, scheme), scheme.out, month, WITHDRAWN, 0, given, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID,
        numbers[at.PURPOSE_OF + use],
    )  # fmt: skip
    stock[i, at.POT] -= amount
    stock[i, at.POT_GROWTH] -= grown
    net = 0
    for rule in range(numbers[at.RULES]):
        if numbers[at.NET_OF + rule] and read(scheme.out, rule) < 0:
            net -= read(scheme.out, rule)
    note_row(i, scheme, stock, flow, True)
    if stock[i, at.POT] < 0:
        # More is taken back than the pot still holds: the withdrawal pays it.
        net -= stock[i, at.POT]
        stock[i, at.POT_GROWTH] -= stock[i, at.POT]
        stock[i, at.POT] = 0
    arrives = max(amount - net, 0)
    flow[i, at.FROM_POT] += arrives
    flow[i, at.TO_LOAN + use] += amount
    return arrives


@uncounted()
def pay_out(i: Any, month: Any, scheme: Any, stock: Any, flow: Any, use: Any, wanted: Any, least: Any) -> Any:
    """Takes what is wanted, as far as the pot goes, for a use that the rulebook knows and whose conditions are met; nothing if that
    is less than `least`. Returns what arrives.
    """
    purpose = scheme.numbers[at.PURPOSE_OF + use]
    if month < scheme.opens or purpose < 0 or stock[i, at.POT] <= 0:
        return 0
    amount = min(wanted, drawable(i, month, scheme, stock, use))
    if (
        amount <= 0
        or amount < least
        or not scheme.asked.may_withdraw(scheme.tables, registers_of(i, scheme), scheme.out, month, purpose)
    ):
        return 0
    return take(i, month, scheme, stock, flow, use, amount)


@uncounted()
def for_home(i: Any, month: Any, scheme: Any, stock: Any) -> Any:
    """What of the pot would come for a first home now."""
    purpose = scheme.numbers[at.PURPOSE_OF + HOME_USE]
    if month < scheme.opens or purpose < 0 or stock[i, at.POT] <= 0 or stock[i, at.OWNED_EVER]:
        return 0
    if not scheme.asked.may_withdraw(scheme.tables, registers_of(i, scheme), scheme.out, month, purpose):
        return 0
    return drawable(i, month, scheme, stock, HOME_USE)


@uncounted(forceinline=True)
def raid(i: Any, month: Any, scheme: Any, stock: Any, trait: Any, flow: Any, short: Any) -> Any:
    """Takes own money out where the month does not reach, if the rulebook lets it and they would rather than owe on a card."""
    if (
        month < scheme.opens
        or stock[i, at.POT] <= 0
        or trait[i, at.RAIDS] >= scheme.raids
        or not scheme.numbers[at.MAY_RAID]
    ):
        return 0
    amount = min(short, drawable(i, month, scheme, stock, ANY_USE))
    if amount <= 0:
        return 0
    return take(i, month, scheme, stock, flow, ANY_USE, amount)


@uncounted(forceinline=True)
def use_late(i: Any, month: Any, fixed: Any, scheme: Any, stock: Any, trait: Any, flow: Any) -> Any:
    """Clears a student loan from the pot once it is enough for all of it, or draws a second pension; returns what arrived to be kept."""
    if month < scheme.opens or stock[i, at.POT] <= 0:
        return 0
    pensioner = fixed[i, at.FIXED_AGE] + month >= fixed[i, at.FIXED_PENSION_AGE]
    owed = stock[i, at.LOAN]
    clears = owed > 0 and trait[i, at.CLEARS] >= 1.0 - scheme.clears and stock[i, at.POT] >= owed
    if not pensioner and not clears:
        return 0
    return clear_or_draw(i, month, fixed, scheme, stock, flow, clears, pensioner)


@uncounted()
def clear_or_draw(
    i: Any, month: Any, fixed: Any, scheme: Any, stock: Any, flow: Any, clears: Any, pensioner: Any
) -> Any:  # fmt: skip
    """The same, of somebody who may."""
    if clears:
        owed = stock[i, at.LOAN]
        pays = pay_out(i, month, scheme, stock, flow, LOAN_USE, owed, owed)
        pays = min(pays, owed)
        flow[i, at.LOAN_PAID] += pays
        stock[i, at.LOAN] -= pays
    if pensioner and stock[i, at.POT] > 0:
        months = max(DRAWN_UNTIL - fixed[i, at.FIXED_AGE] - month, LEAST_DRAWN_MONTHS)
        return pay_out(i, month, scheme, stock, flow, PENSION_USE, max(stock[i, at.POT] // months, 100), 0)
    return 0


@uncounted(forceinline=True)
def close_month(i: Any, month: Any, scheme: Any, stock: Any, flow: Any) -> Any:
    """The month is over for the scheme: what falls due comes. Returns what the worker pays because of it."""
    # What was said in a month waits for its end, also before there is an account.
    if month < scheme.opens or (stock[i, at.ACCOUNT] == 0 and stock[i, at.HEARD] == 0):
        return 0
    stock[i, at.HEARD] = 0
    own = 0
    if not ends_quietly(scheme.tables, registers_of(i, scheme), month) and scheme.asked.step(
        scheme.tables, registers_of(i, scheme), scheme.out, month, MONTH_ENDS, 0, 0, NOT_SAID, NOT_SAID, NOT_SAID, NOT_SAID, -1, -1
    ):  # fmt: skip
        own = note_row(i, scheme, stock, flow, False)
    if month % 3 == 2:
        may = scheme.numbers[at.MAY_RAID] and stock[i, at.POT] > 0
        stock[i, at.REACHABLE] = drawable(i, month, scheme, stock, ANY_USE) if may else 0
    return own

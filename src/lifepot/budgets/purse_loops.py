"""A household's purse: what partners hold together, and how money comes into it and goes out.

A household is one person (`q` is -1) or two (`h` and `q`). Savings and cards stand by person; the two are used as one purse, and
what comes or goes is half each where both have it.
"""

from typing import Any

from lifepot.budgets import places as at
from lifepot.compiling import uncounted

MONTHS_OF_CREDIT = 4
"""A card lends up to so many months of usual income; a choice: limits are several times the mean balance of users."""

LEAST_CREDIT = 50_000
"""And at least this much, pence."""

LET_OFF_AT = 12
"""Months of income owed at which a debt is let off; a choice: lenders write off some 2 % of card balances a year (recalled)."""

LET_OFF_LEAST = 500_000
"""And at least this much, pence: about what a debt relief order asks somebody to owe before it is worth its while; a choice."""

MINIMUM_PRINCIPAL = 0.01
"""Of the balance, beside the interest (FCA Handbook CONC 6.7.5)."""

MINIMUM_FLOOR = 500
"""Pence, or the balance if lower (recalled: issuers set 5 to 25 pounds)."""

CARD_FIRST = 0.15
"""How much of what is left over goes to the card beyond the minimum. Most pay all or near the minimum (FCA, Credit Card Market
Study); who can pay all does so from savings, the others are taken to pay a seventh of what they have over, a choice."""

HEIRS_KEEP = 0.2
"""What of an inheritance is kept at hand, by those who save for no home; the rest is invested; a choice."""

CATCHING_UP = 0.04
"""How much of the distance between savings and what somebody likes at hand is made good or spent in a month, a choice; windfalls are
spent at about 0.14 a pound at once and 0.4 within the year (Bank of England, NMG survey, 0.14)."""

MOST_HELD_BACK = 0.25
"""No more of what is spent beyond needs is held back for that."""


@uncounted(forceinline=True)
def of_both(stock: Any, h: Any, q: Any, place: Any) -> Any:
    """What the household has of a stock."""
    return stock[h, place] + (stock[q, place] if q >= 0 else 0)


@uncounted(forceinline=True)
def add(stock: Any, h: Any, q: Any, place: Any, amount: Any) -> None:
    """Half of an amount for each; of one that is taken, no more from either than is there (together there is enough)."""
    if q < 0:
        stock[h, place] += amount
        return
    half = amount // 2
    rest = amount - half
    if amount < 0:
        if stock[q, place] + half < 0:
            half = -stock[q, place]
            rest = amount - half
        elif stock[h, place] + rest < 0:
            rest = -stock[h, place]
            half = amount - rest
    stock[h, place] += rest
    stock[q, place] += half


@uncounted(forceinline=True)
def note(flow: Any, h: Any, q: Any, place: Any, amount: Any) -> None:
    """A flow of the household, half to each."""
    half = amount // 2 if q >= 0 else 0
    flow[h, place] += amount - half
    if q >= 0:
        flow[q, place] += half


@uncounted(forceinline=True)
def left(flow: Any, h: Any, q: Any) -> Any:
    """What is left of this month's money in after all that went out so far."""
    total = left_of_one(flow, h)
    if q >= 0:
        total += left_of_one(flow, q)
    return total


@uncounted(forceinline=True)
def left_of_one(flow: Any, i: Any) -> Any:
    """One person's money in less what went out. Two plain loops: the compiler makes a few wide additions of them."""
    total = 0
    for place in range(at.FIRST_OUT):
        total += flow[i, place]
    for place in range(at.FIRST_OUT, at.FIRST_BESIDE):
        total -= flow[i, place]
    return total


@uncounted(forceinline=True)
def spend(
    stock: Any,
    trait: Any,
    flow: Any,
    h: Any,
    q: Any,
    has: Any,
    income: Any,
    needs: Any,
    housing: Any,
    card_rate: Any,
    for_home: Any,
) -> Any:
    """Spends and saves what the month leaves; returns what was not there for needs (pence): the shortfall that another source
    (the pot) may yet fill before a card is used. `has`: what this month has left so far; `income`: usual
    income a month by now; `for_home`: what of free income is put by for a deposit.
    """
    free = max(income - housing - needs, 0.0)
    savings = of_both(stock, h, q, at.SAVINGS)
    debt = of_both(stock, h, q, at.CARD)
    buffer = trait[h, at.BUFFER]
    puts_on = trait[h, at.ON_CARD] if q < 0 else (trait[h, at.ON_CARD] + trait[q, at.ON_CARD]) / 2
    on_card = 0 if buffer < 0 else int(puts_on * (needs + free))
    # Who saves for a home likes to have it all. A card that is cleared each month is no debt to catch up on.
    position = savings - max(debt - on_card, 0)
    # Who has at hand what they like invests what they put by; who saves for a home, or up to what they like, keeps it at hand.
    thrift = trait[h, at.THRIFT] if for_home == 0 and buffer >= 0 and position >= buffer * income else 0.0
    wanted = needs + (1.0 - thrift - for_home) * free
    liked = buffer * income if for_home == 0 else position
    least = wanted - MOST_HELD_BACK * max(wanted - needs, 0.0)
    wanted = max(wanted + CATCHING_UP * (position - liked), least)
    spent = round(wanted)
    # Who clears the card in full owes no interest and puts the next month's spending on it.
    clears = buffer >= 0 and has + savings + on_card - spent >= debt
    minimum, room = 0, 0
    if not clears:
        interest = round(debt * card_rate)
        if debt > 0:
            minimum = min(debt, max(round(debt * MINIMUM_PRINCIPAL), MINIMUM_FLOOR))
        note(flow, h, q, at.CARD_INTEREST, interest)
        has -= interest
        # Who lives with a card owes up to what is usual to them for wishes, others for needs alone.
        room = max(int(-liked) - debt, 0) if buffer < 0 else 0
        if spent + minimum > has + savings + room and spent > needs:
            spent = max(int(needs), min(spent, has + savings + room - minimum))
    note(flow, h, q, at.SPENT, spent)
    has -= spent
    change = -minimum
    if clears:
        change = on_card - debt
    elif has > minimum and debt > -liked:
        change = -min(debt, minimum + int((has - minimum) * CARD_FIRST))
    card(stock, flow, h, q, change)
    has += change
    if has < 0 and room > 0:
        # Savings first.
        wish = min(max(-has - savings, 0), room)
        card(stock, flow, h, q, wish)
        has += wish
    invests = min(int(thrift * free), max(has, 0))
    add(stock, h, q, at.OTHER, invests)
    note(flow, h, q, at.SOLD, -invests)
    has -= invests
    if has >= 0:
        add(stock, h, q, at.SAVINGS, has)
        note(flow, h, q, at.SAVED, has)
        return 0
    taken = min(savings, -has)
    add(stock, h, q, at.SAVINGS, -taken)
    note(flow, h, q, at.SAVED, -taken)
    return -has - taken


@uncounted(forceinline=True)
def card(stock: Any, flow: Any, h: Any, q: Any, change: Any) -> None:
    """Puts so much on the card; below nought: pays so much of it."""
    add(stock, h, q, at.CARD, change)
    note(flow, h, q, at.BORROWED_CARD if change > 0 else at.CARD_PAID, abs(change))


@uncounted(forceinline=True)
def sell_other(stock: Any, flow: Any, h: Any, q: Any, short: Any) -> Any:
    """Sells other wealth for what is short; returns what came."""
    sold = min(short, of_both(stock, h, q, at.OTHER))
    add(stock, h, q, at.OTHER, -sold)
    note(flow, h, q, at.SOLD, sold)
    return sold


@uncounted(forceinline=True)
def inherit(stock: Any, flow: Any, h: Any, q: Any, wishes: Any) -> None:
    """What was left to somebody last month: it pays off a mortgage first; then all is kept for a home they wish for, else a part."""
    amount = of_both(stock, h, q, at.LEFT_TO)
    add(stock, h, q, at.LEFT_TO, -amount)
    note(flow, h, q, at.GIVEN, amount)
    pays = min(amount, of_both(stock, h, q, at.MORTGAGE))
    add(stock, h, q, at.MORTGAGE, -pays)
    note(flow, h, q, at.MORTGAGE_PAID, pays)
    kept = amount - pays if wishes else int(HEIRS_KEEP * (amount - pays))
    add(stock, h, q, at.SAVINGS, kept)
    note(flow, h, q, at.SAVED, kept)
    add(stock, h, q, at.OTHER, amount - pays - kept)
    note(flow, h, q, at.SOLD, kept + pays - amount)


@uncounted(forceinline=True)
def at_limit(stock: Any, h: Any, q: Any) -> Any:
    """Whether the card lends no more."""
    return of_both(stock, h, q, at.CARD) >= max(MONTHS_OF_CREDIT * of_both(stock, h, q, at.SMOOTH), LEAST_CREDIT)


@uncounted(forceinline=True)
def borrow(stock: Any, flow: Any, h: Any, q: Any, short: Any) -> None:
    """Fills a shortfall with a card, up to its limit; then by going without; what even that does not pay (rent, interest, a tax
    bill) stays owed, on the same terms. Who owes a year's income that way is let off it, as insolvency does.
    """
    income = of_both(stock, h, q, at.SMOOTH)
    limit = max(MONTHS_OF_CREDIT * income, LEAST_CREDIT)
    room = max(limit - of_both(stock, h, q, at.CARD), 0)
    lent = min(short, room)
    short -= lent
    spent = flow[h, at.SPENT] + (flow[q, at.SPENT] if q >= 0 else 0)
    without = min(short, spent)
    if without > 0:
        note(flow, h, q, at.SPENT, -without)
        note(flow, h, q, at.WITHOUT, without)
        short -= without
    owed = lent + short
    add(stock, h, q, at.CARD, owed)
    note(flow, h, q, at.BORROWED_CARD, owed)
    if of_both(stock, h, q, at.CARD) > max(LET_OFF_AT * income, LET_OFF_LEAST):
        let_off = of_both(stock, h, q, at.CARD)
        add(stock, h, q, at.CARD, -let_off)
        note(flow, h, q, at.FORGIVEN, let_off)

"""Where a household lives: rent, mortgage, buying a first home, and what becomes of a home when partners meet or part."""

from typing import Any

from lifepot.budgets import places as at
from lifepot.budgets.purse_loops import add, note, of_both
from lifepot.compiling import uncounted

OUTRIGHT, MORTGAGED, PRIVATE, SOCIAL, PARENTS = 0, 1, 2, 3, 4
"""`population.columns.Tenure`, as plain numbers for machine code (a test holds them equal)."""

INCOMES_LENT = 4.5
"""Loans end near so many years' gross income for most: lenders keep loans above it to 15 % (Financial Policy Committee, recalled)."""

TERM_MONTHS = 360
"""30 years or more is what 62 % of first-time buyers take (English Housing Survey 2024-25)."""

PAYS_OF_INCOME = 0.35
"""And no more than takes this share of gross income to pay off in time, which binds where the term is short; a choice (UK Finance saw 17 %
paid in the mean)."""

OWED_UNTIL = 68 * 12
"""Months of age by which a mortgage is to be paid off: lenders look at State Pension age."""

MOVES_UP, MOVES_UNTIL, DEARER = 0.06, 50 * 12, 0.35
"""Owners with a mortgage move to a home that is so much dearer, so many of them a year, until this age, if they can borrow the difference: a
choice, for some 300,000 a year move with a mortgage (recalled), and those of 35 to 44 pay more than the younger (English Housing Survey)."""

KEPT_OF_HOME = 0.6
"""Who cannot keep a home moves to one that costs so much of it, if that pays what is owed and more; else rents. A choice."""

KEEN_UNTIL, KEEN_LAST, KEEN_AT_LAST = 37 * 12, 52 * 12, 0.15
"""Who has not bought by 37 is ever less likely to, down to this share of it: most buy for the first time between 25 and 40; a choice."""

KEEN_IN_SOCIAL = 0.3
"""Of those who rent from a council or association so many times as many look for a home to buy; a choice."""

SOCIAL_LET = 0.07
"""How many of those who rent privately on Universal Credit are let a social home in a year: a choice by which the stock of social homes stays
about what it is; some 270,000 are let a year in England and 1.3 million households wait (recalled)."""

MOST_OF_INCOME, LEAST_RENT = 0.5, 0.45
"""Nobody rents for more than half of what they have, unless even a shared home, for so much of the usual rent, is more; choices."""

LEAST_PART = 0.6
"""Somebody who cannot have the home they have in mind takes one for at least this part of its price; a choice."""

MONTHS_KEPT = 0.5
"""So many months of income buyers keep back from a deposit; a choice."""

LAST_AGE = 60 * 12
"""Months of age from which nobody starts a mortgage."""


@uncounted(forceinline=True)
def band_of_age(age_years: Any) -> Any:
    """The age band of the survey of rents (`prices.AGES_FROM`)."""
    if age_years < 25:
        return 0
    if age_years < 35:
        return 1
    if age_years < 45:
        return 2
    if age_years < 65:
        return 3
    return 4 if age_years < 75 else 5


@uncounted(forceinline=True)
def housing(
    stock: Any, trait: Any, flow: Any, h: Any, q: Any, age_years: Any, month: Any, prices: Any, levels: Any
) -> Any:
    """Pays this month's rent, or interest and capital of a mortgage; returns what it came to."""
    tenure = stock[h, at.TENURE]
    if tenure in (PRIVATE, SOCIAL):
        region = int(trait[h, at.REGION])
        band = band_of_age(age_years)
        if tenure == PRIVATE:
            usual = levels[region, at.PRIVATE_BANDS + band] * prices[month, at.PRIVATE_RENTS]
            rent = int(usual * trait[h, at.RENT_LEVEL])
            if stock[h, at.CAME]:
                # Who earns little shares or takes less room.
                most = max(MOST_OF_INCOME * of_both(stock, h, q, at.SMOOTH), LEAST_RENT * usual)
                rent = min(rent, int(most))
        else:
            rent = int(levels[region, at.SOCIAL_BANDS + band] * prices[month, at.SOCIAL_RENTS])
        note(flow, h, q, at.RENT, rent)
        return rent
    if tenure != MORTGAGED:
        return 0
    owed = of_both(stock, h, q, at.MORTGAGE)
    interest = round(owed * prices[month, at.MORTGAGE_RATE])
    payment = stock[h, at.PAYMENT]
    capital = min(max(payment - interest, 0), owed)
    if of_both(stock, h, q, at.SAVINGS) < capital and 3 * of_both(stock, h, q, at.SMOOTH) < 4 * payment:
        # Lenders bear with those whom the payment leaves too little: interest alone for as long.
        capital = 0
    if stock[h, at.TERM] <= 1:
        capital = min(owed, max(capital, payment))
    note(flow, h, q, at.MORTGAGE_INTEREST, interest)
    note(flow, h, q, at.MORTGAGE_PAID, capital)
    add(stock, h, q, at.MORTGAGE, -capital)
    stock[h, at.TERM] -= 1
    if owed - capital <= 0:
        set_tenure(stock, h, q, OUTRIGHT)
    return interest + capital


@uncounted(forceinline=True)
def set_tenure(stock: Any, h: Any, q: Any, tenure: Any) -> None:
    """The household now lives so."""
    stock[h, at.TENURE] = tenure
    if q >= 0:
        stock[q, at.TENURE] = tenure


@uncounted(forceinline=True)
def annuity(owed: Any, rate: Any, months: Any) -> Any:
    """What pays a loan off in so many months, pence a month."""
    if rate <= 0:
        return -(-owed // months)
    return int(owed * rate / (1.0 - (1.0 + rate) ** -months)) + 1


@uncounted(forceinline=True)
def term_at(age_months: Any) -> Any:
    """How many months somebody of this age takes to pay a mortgage off."""
    return min(TERM_MONTHS, max(OWED_UNTIL - age_months, 60))


@uncounted(forceinline=True)
def lends(gross_year: Any, months: Any, rate: Any) -> Any:
    """What a lender lends on so much income a year, to be paid off in so many months."""
    years = 1.0 * months if rate <= 0 else (1.0 - (1.0 + rate) ** -months) / rate
    return gross_year * min(INCOMES_LENT, PAYS_OF_INCOME / 12 * years)


@uncounted(forceinline=True)
def target_price(trait: Any, h: Any, month: Any, prices: Any, levels: Any) -> Any:
    """What the home that somebody has in mind costs now, pence."""
    return levels[int(trait[h, at.REGION]), at.FIRST_HOME] * trait[h, at.HOME_LEVEL] * prices[month, at.HOMES]


@uncounted(forceinline=True)
def in_reach(stock: Any, trait: Any, h: Any, q: Any, gross_year: Any, month: Any, prices: Any, levels: Any) -> Any:
    """Whether income would carry the loan for a home: who is far from it does not save for one."""
    least = LEAST_PART * target_price(trait, h, month, prices, levels)
    return INCOMES_LENT * gross_year + of_both(stock, h, q, at.SAVINGS) >= least


@uncounted(forceinline=True)
def could_buy(
    stock: Any,
    trait: Any,
    h: Any,
    q: Any,
    lent_most: Any,
    income: Any,
    pots: Any,
    helped: Any,
    cap: Any,
    month: Any,
    prices: Any,
    levels: Any,
) -> Any:
    """The price (pence) of the home that a household could buy now, 0: none. `pots`: what their pots would give for one that
    costs no more than `cap`.
    """
    target = target_price(trait, h, month, prices, levels)
    has = of_both(stock, h, q, at.SAVINGS) - int(MONTHS_KEPT * income) + helped
    for use in range(2):
        # With the pots first, if the home is cheap enough for them; then without.
        money = has + (pots if use == 0 else 0)
        if money <= 0 or (use == 0 and pots <= 0):
            continue
        most = min(target, lent_most + money, money / trait[h, at.DEPOSIT_SHARE])
        if use == 0:
            most = min(most, cap)
        if most >= LEAST_PART * target:
            return int(most) // 100_000 * 100_000
    return 0


@uncounted(forceinline=True)
def buy(
    stock: Any,
    trait: Any,
    flow: Any,
    h: Any,
    q: Any,
    price: Any,
    lent_most: Any,
    months: Any,
    from_pots: Any,
    helped: Any,
    month: Any,
    prices: Any,
) -> None:
    """Buys a home at a price: a deposit, of which `from_pots` has just come and `helped` comes from family, and a mortgage."""
    deposit = max(int(trait[h, at.DEPOSIT_SHARE] * price), price - int(lent_most), from_pots)
    has = of_both(stock, h, q, at.SAVINGS)
    helped = min(helped, max(price - from_pots, 0))
    deposit = min(max(deposit, from_pots + helped), has + from_pots + helped, price)
    lent = price - deposit
    own = deposit - from_pots - helped
    note(flow, h, q, at.GIVEN, helped)
    add(stock, h, q, at.SAVINGS, -own)
    note(flow, h, q, at.SAVED, -own)
    note(flow, h, q, at.HOME_BOUGHT, price)
    note(flow, h, q, at.BORROWED_HOME, lent)
    add(stock, h, q, at.HOME, price)
    add(stock, h, q, at.MORTGAGE, lent)
    stock[h, at.OWNED_EVER] = 1
    if q >= 0:
        stock[q, at.OWNED_EVER] = 1
    set_tenure(stock, h, q, MORTGAGED if lent > 0 else OUTRIGHT)
    set_payment(stock, h, q, annuity(lent, prices[month, at.MORTGAGE_RATE], months), months)


@uncounted(forceinline=True)
def set_payment(stock: Any, h: Any, q: Any, payment: Any, months: Any) -> None:
    """The mortgage is paid so."""
    stock[h, at.PAYMENT] = payment
    stock[h, at.TERM] = months
    if q >= 0:
        stock[q, at.PAYMENT] = payment
        stock[q, at.TERM] = months


@uncounted(forceinline=True)
def wishes(stock: Any, trait: Any, h: Any, age_months: Any) -> Any:
    """Whether somebody looks for a home to buy."""
    return (
        stock[h, at.TENURE] >= PRIVATE
        and trait[h, at.BUYS] > 0
        and age_months < LAST_AGE
        and age_months >= trait[h, at.WISHES_HOME_AT] * 12
    )


@uncounted(forceinline=True)
def keen(stock: Any, h: Any, age_months: Any) -> Any:
    """How keen somebody of this age is to buy, of one."""
    share = 1.0
    if age_months > KEEN_UNTIL:
        share = max(1.0 - (1.0 - KEEN_AT_LAST) * (age_months - KEEN_UNTIL) / (KEEN_LAST - KEEN_UNTIL), KEEN_AT_LAST)
    return share * KEEN_IN_SOCIAL if stock[h, at.TENURE] == SOCIAL else share


@uncounted(forceinline=True)
def move_up(stock: Any, flow: Any, h: Any, q: Any, age_months: Any, gross_year: Any, rate: Any) -> None:
    """Sells the home and buys a dearer one with a larger mortgage, if income carries it."""
    owed, worth = of_both(stock, h, q, at.MORTGAGE), of_both(stock, h, q, at.HOME)
    more = int(worth * DEARER)
    months = term_at(age_months)
    if owed + more > lends(gross_year, months, rate):
        return
    note(flow, h, q, at.HOME_BOUGHT, more)
    note(flow, h, q, at.BORROWED_HOME, more)
    add(stock, h, q, at.HOME, more)
    add(stock, h, q, at.MORTGAGE, more)
    set_payment(stock, h, q, annuity(owed + more, rate, months), months)


@uncounted(forceinline=True)
def sell(stock: Any, flow: Any, h: Any, q: Any) -> None:
    """Sells a home that cannot be kept and moves to a cheaper one, or rents; what is left of the mortgage is paid off first, the rest is
    savings. Not where more is owed than the home is worth.
    """
    owed, worth = of_both(stock, h, q, at.MORTGAGE), of_both(stock, h, q, at.HOME)
    if worth <= owed:
        return
    freed = worth - int(worth * KEPT_OF_HOME)
    if freed > owed:
        note(flow, h, q, at.SOLD, freed)
        note(flow, h, q, at.MORTGAGE_PAID, owed)
        add(stock, h, q, at.HOME, -freed)
        add(stock, h, q, at.MORTGAGE, -owed)
        add(stock, h, q, at.SAVINGS, freed - owed)
        note(flow, h, q, at.SAVED, freed - owed)
        set_tenure(stock, h, q, OUTRIGHT)
        set_payment(stock, h, q, 0, 0)
        return
    note(flow, h, q, at.SOLD, worth)
    note(flow, h, q, at.MORTGAGE_PAID, owed)
    add(stock, h, q, at.HOME, -worth)
    add(stock, h, q, at.MORTGAGE, -owed)
    add(stock, h, q, at.SAVINGS, worth - owed)
    note(flow, h, q, at.SAVED, worth - owed)
    set_tenure(stock, h, q, PRIVATE)
    set_payment(stock, h, q, 0, 0)


@uncounted(forceinline=True)
def move_in(stock: Any, h: Any, q: Any) -> None:
    """Two become a household: the better home is both's, half each; a second one is sold and its worth is their savings."""
    if stock[h, at.TENURE] <= MORTGAGED and stock[q, at.TENURE] <= MORTGAGED:
        equity = stock[q, at.HOME] - stock[q, at.MORTGAGE]
        stock[q, at.SAVINGS] += max(equity, 0)
        stock[h, at.MORTGAGE] += max(-equity, 0)
        stock[q, at.HOME] = 0
        stock[q, at.MORTGAGE] = 0
        stock[q, at.TENURE] = stock[h, at.TENURE]
    owner = h if stock[h, at.TENURE] <= stock[q, at.TENURE] else q
    if stock[owner, at.TENURE] == PRIVATE and SOCIAL in (stock[h, at.TENURE], stock[q, at.TENURE]):
        # A social home is given up for one's own, not for a private let.
        stock[owner, at.TENURE] = SOCIAL
    other = q if owner == h else h
    for place in (at.HOME, at.MORTGAGE):
        whole = stock[h, place] + stock[q, place]
        stock[other, place] = whole // 2
        stock[owner, place] = whole - whole // 2
    stock[other, at.TENURE] = stock[owner, at.TENURE]
    stock[other, at.PAYMENT] = stock[owner, at.PAYMENT]
    stock[other, at.TERM] = stock[owner, at.TERM]
    if stock[owner, at.TENURE] <= MORTGAGED:
        stock[h, at.OWNED_EVER] = 1
        stock[q, at.OWNED_EVER] = 1


@uncounted(forceinline=True)
def part(stock: Any, stays: Any, goes: Any, gross_year: Any, rate: Any) -> None:
    """Two part: one stays, if what is owed can be borrowed alone, and borrows for the other half of what the home is worth, or as much of it
    as is lent; else it is sold.
    """
    if stock[stays, at.TENURE] <= MORTGAGED:
        home = stock[stays, at.HOME] + stock[goes, at.HOME]
        owed = stock[stays, at.MORTGAGE] + stock[goes, at.MORTGAGE]
        half = max((home - owed) // 2, 0)
        stock[goes, at.HOME] = 0
        stock[goes, at.MORTGAGE] = 0
        if owed <= INCOMES_LENT * gross_year:
            half = max(min(half, int(INCOMES_LENT * gross_year) - owed), 0)
            stock[goes, at.SAVINGS] += half
            stock[stays, at.HOME] = home
            stock[stays, at.MORTGAGE] = owed + half
            stock[stays, at.TENURE] = MORTGAGED if owed + half > 0 else OUTRIGHT
            stock[stays, at.PAYMENT] = annuity(owed + half, rate, max(stock[stays, at.TERM], 120))
            stock[stays, at.TERM] = max(stock[stays, at.TERM], 120)
        else:
            stock[goes, at.SAVINGS] += half
            stock[stays, at.HOME] = 0
            stock[stays, at.MORTGAGE] = 0
            stock[stays, at.SAVINGS] += max(home - owed - half, 0)
            stock[stays, at.TENURE] = PRIVATE
        stock[goes, at.TENURE] = PRIVATE
    elif stock[goes, at.TENURE] == SOCIAL:
        stock[goes, at.TENURE] = PRIVATE
    stock[goes, at.PAYMENT] = 0

"""A household's month, in this order: work and the scheme's share of it; benefits; interest; rent or mortgage; own payments into the
pot; spending and saving (with the pot or a card where it does not reach); a home, a course, a loan, a pension; growth.

After it every penny is told: what came in is what went out and what was put by. `month_of_household` counts what is not.
"""

from typing import Any

from lifepot.budgets import growth_loops, home_loops, pot_loops, purse_loops, work_loops
from lifepot.budgets import places as at
from lifepot.budgets.home_loops import MORTGAGED, PARENTS, PRIVATE, SOCIAL
from lifepot.budgets.purse_loops import left, note, of_both
from lifepot.budgets.traits import ON_CARD, OWED_MOST_MONTHS
from lifepot.budgets.work_loops import earned
from lifepot.chance import share, words
from lifepot.compiling import uncounted
from lifepot.taxes import benefits, pay

ABSENT, STUDYING, WORKING, UNEMPLOYED, INACTIVE, RETIRED = 0, 1, 2, 3, 4, 5
"""`population.columns.Status`."""

SELF_EMPLOYED = 4
LEVEL_4 = 4
PLAN_5 = 5
LOST = (2, 3)
"""`lives.columns.Leaving`: redundant, automated."""

MONTHLY_CHANCE = 40
"""Purpose of chance: this month's wishes for a home and a course."""

SMOOTHED_OVER = 12
"""Usual income follows income over so many months."""

NEEDS = 53_700
"""Pence a month that one adult cannot do without at prices of April 2024: half of what the lowest tenth of households spent (ONS Family
Spending, year ending 2019, £246.70 a week for 1.3 people, half of it food, fuel, communication, transport and health), in prices of
2024. Rent comes on top."""

MUST_CLAIM = NEEDS
"""With less than an adult's needs beside rent, everybody claims what they may have; a choice: more is left unclaimed where it is little."""

HOME_THRIFT = 0.2
"""What of free income those who wish for a home put by for it; a choice, for 86 % of first-time buyers' deposits come from savings."""

NEEDS_MORE_ADULT, NEEDS_MORE_CHILD = 0.5, 0.3
"""The modified OECD scale."""

NEEDS_WITH_PARENTS = 0.5
"""Of it, for those who live with parents; what parents give is not told."""

FEES_A_MONTH, SUPPORT_A_MONTH = 79_458, 61_700
"""A student's fees (£9,535 a year, 2025-26) and mean maintenance loan (£8.59bn for 1.16m people in 2024-25), pence a month, prices of
2025; they rise with prices."""

BORROWS_FROM = 18 * 12
"""Months of age."""

BORROWED_MONTHS = 39
"""Loans are for three years of a first degree, and a fourth for one in four (a choice)."""

CARRIES_BELOW = 150_000
"""Pence of savings below which a card balance at the start is one that bears interest, as `population.wealth` takes it."""

BORROWS = 0.9
"""How many students borrow; a choice, most of those who may."""

WEIGHS_LOST_JOB = 3.0
"""Somebody who lost a job within a year is so many times as likely to wish for a course; a choice."""

COURSE_MONTHS = 9

YOUNGEST_LEARNER, OLDEST_LEARNER = 19 * 12, 60 * 12

LONDON = 6

RENT_LIMIT = 0.855
"""The Local Housing Allowance over the median rent of region and age: the 30th percentile of rents that spread as `traits.RENT_SPREAD`."""

SHARED_RENT_LIMIT = 0.6
"""For one person under 35 without children, the shared-room rate, over the same median; a choice."""


@uncounted(forceinline=True)
def month_of_household(  # noqa: PLR0915 (a month, told in its order)
    h: Any,
    q: Any,
    month: Any,
    drawn: Any,
    fixed: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    prices: Any,
    levels: Any,
    law: Any,
    terms: Any,
    scheme: Any,
    seed: Any,
) -> Any:
    """One household's month; `q` is -1 for somebody alone. Returns 1 if a penny is untold, else 0."""
    savings_before = of_both(stock, h, q, at.SAVINGS)
    card_before = of_both(stock, h, q, at.CARD)
    mortgage_before = of_both(stock, h, q, at.MORTGAGE)
    if of_both(stock, h, q, at.LEFT_TO) > 0:
        purse_loops.inherit(stock, flow, h, q, home_loops.wishes(stock, trait, h, fixed[h, at.FIXED_AGE] + month))
    adults = 2 if q >= 0 else 1
    for who in range(adults):
        i = h if who == 0 else q
        if scheme.on:
            profit = 0
            if drawn[i, at.DRAWN_EMPLOYER] == 0 and drawn[i, at.DRAWN_PAY] > 0:
                profit = work_loops.own_pay(stock, i, int(drawn[i, at.DRAWN_PAY]), drawn[i, at.DRAWN_SCAR])
            pot_loops.statuses(
                i, month, drawn[i, at.DRAWN_STATUS], drawn[i, at.DRAWN_JOB], drawn[h, at.DRAWN_CHILDREN], profit,
                scheme, stock, flow,
            )  # fmt: skip
        earn(i, month, drawn, fixed, stock, trait, flow, prices, law, terms, scheme)
    interest = int(of_both(stock, h, q, at.SAVINGS) * prices[month, at.SAVINGS_RATE])
    note(flow, h, q, at.INTEREST, interest)
    children = int(drawn[h, at.DRAWN_CHILDREN])
    age = fixed[h, at.FIXED_AGE] + month
    older = age if q < 0 else max(age, fixed[q, at.FIXED_AGE] + month)
    housing = home_loops.housing(stock, trait, flow, h, q, older // 12, month, prices, levels)
    receive(h, q, month, drawn, fixed, stock, trait, flow, prices, levels, law, terms)
    # What the household lives on, as it sees it: contributions taken from pay are missed only in part at once.
    own = flow[h, at.OWN] + (flow[q, at.OWN] if q >= 0 else 0)
    has = left(flow, h, q)
    income = has + housing + own - int(own * terms[at.TERM_PASSIVE])
    gross = earned(flow, h) + (earned(flow, q) if q >= 0 else 0)
    if stock[h, at.CAME] == 0:
        smooth_at_first(stock, trait, h, q, income, gross)
    smoothed = of_both(stock, h, q, at.SMOOTH)
    purse_loops.add(stock, h, q, at.SMOOTH, max((income - smoothed) // SMOOTHED_OVER, -smoothed))
    gross_smoothed = of_both(stock, h, q, at.GROSS_SMOOTH)
    purse_loops.add(stock, h, q, at.GROSS_SMOOTH, max((gross - gross_smoothed) // SMOOTHED_OVER, -gross_smoothed))
    gross_year = 12 * of_both(stock, h, q, at.GROSS_SMOOTH)
    smoothed = of_both(stock, h, q, at.SMOOTH)
    scale = 1.0 + NEEDS_MORE_ADULT * (adults - 1) + NEEDS_MORE_CHILD * children
    needs = NEEDS * scale * prices[month, at.CONSUMER]
    if stock[h, at.TENURE] == PARENTS:
        # What somebody has not themselves, parents give.
        needs = min(needs * NEEDS_WITH_PARENTS, float(max(smoothed, 0)))
    if scheme.on:
        for who in range(adults):
            has -= pot_loops.pay_by_choice(
                h if who == 0 else q, month, fixed, stock, trait, flow, scheme, has, smoothed, needs,
                of_both(stock, h, q, at.SAVINGS) - of_both(stock, h, q, at.CARD),
            )  # fmt: skip
    short = purse_loops.spend(
        stock,
        trait,
        flow,
        h,
        q,
        has,
        float(smoothed),
        needs,
        float(housing),
        prices[month, at.CARD_RATE],
        HOME_THRIFT if saves_for_home(stock, trait, h, q, age, gross_year, month, prices, levels) else 0.0,
    )
    if short > 0:
        short -= purse_loops.sell_other(stock, flow, h, q, short)
    if scheme.on:
        for who in range(adults):
            if short > 0:
                short -= pot_loops.raid(h if who == 0 else q, month, scheme, stock, trait, flow, short)
        if short < 0:
            keep(stock, flow, h, q, -short)
            short = 0
    if short > 0 and stock[h, at.TENURE] <= MORTGAGED and purse_loops.at_limit(stock, h, q):
        home_loops.sell(stock, flow, h, q)
        taken = min(short, of_both(stock, h, q, at.SAVINGS))
        keep(stock, flow, h, q, -taken)
        short -= taken
    if short > 0:
        purse_loops.borrow(stock, flow, h, q, short)
    for who in range(adults):
        i = h if who == 0 else q
        if scheme.on:
            keep(stock, flow, h, q, pot_loops.use_late(i, month, fixed, scheme, stock, trait, flow))
        learns, moves = may_learn(i, month, drawn, fixed, stock), who == 0 and stock[h, at.TENURE] >= MORTGAGED
        if learns or moves:
            # Whose luck does not matter this month has none: it is the same luck whether others ask for theirs or not.
            a, b, c, d = words(seed, fixed[i, at.FIXED_PERSON], month, MONTHLY_CHANCE)
            if learns:
                learn(i, h, q, month, stock, flow, prices, terms, scheme, share(b), share(c))
            if moves and stock[h, at.TENURE] == MORTGAGED:
                if share(a) < home_loops.MOVES_UP / 12 and age < home_loops.MOVES_UNTIL:
                    home_loops.move_up(stock, flow, h, q, age, gross_year, prices[month, at.MORTGAGE_RATE])
            elif moves:
                if share(a) < terms[at.TERM_HOME_WISH] * home_loops.keen(stock, h, age):
                    seek_home(h, q, month, fixed, stock, trait, flow, prices, levels, scheme, gross_year, smoothed)
                if stock[h, at.TENURE] == PRIVATE and flow[h, at.CREDIT] > 0 and share(d) < home_loops.SOCIAL_LET / 12:
                    home_loops.set_tenure(stock, h, q, SOCIAL)
        if scheme.on:
            keep(stock, flow, h, q, -pot_loops.close_month(i, month, scheme, stock, flow))
        growth_loops.grow(i, month, stock, flow, prices)
    growth_loops.equivalise(h, q, flow, scale)
    untold = 0
    if left(flow, h, q) != 0:
        untold = 1
    if of_both(stock, h, q, at.SAVINGS) - savings_before != flow[h, at.SAVED] + (flow[q, at.SAVED] if q >= 0 else 0):
        untold = 1
    owed = flow[h, at.BORROWED_CARD] - flow[h, at.CARD_PAID] - flow[h, at.FORGIVEN]
    lent = flow[h, at.BORROWED_HOME] - flow[h, at.MORTGAGE_PAID]
    if q >= 0:
        owed += flow[q, at.BORROWED_CARD] - flow[q, at.CARD_PAID] - flow[q, at.FORGIVEN]
        lent += flow[q, at.BORROWED_HOME] - flow[q, at.MORTGAGE_PAID]
    if (
        of_both(stock, h, q, at.CARD) - card_before != owed
        or of_both(stock, h, q, at.MORTGAGE) - mortgage_before != lent
    ):
        untold = 1
    return untold


@uncounted(forceinline=True)
def keep(stock: Any, flow: Any, h: Any, q: Any, amount: Any) -> None:
    """Puts by what came after the month was spent."""
    if amount != 0:
        purse_loops.add(stock, h, q, at.SAVINGS, amount)
        note(flow, h, q, at.SAVED, amount)


@uncounted(forceinline=True)
def earn(  # noqa: PLR0915 (the same)
    i: Any,
    month: Any,
    drawn: Any,
    fixed: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    prices: Any,
    law: Any,
    terms: Any,
    scheme: Any,
) -> None:
    """A person's work this month, what is taken of it, and what the scheme takes and gives on it; their pensions and wealth."""
    year = month // 12
    age = fixed[i, at.FIXED_AGE] + month
    pensioner = age >= fixed[i, at.FIXED_PENSION_AGE]
    status = drawn[i, at.DRAWN_STATUS]
    plan = stock[i, at.PLAN]
    if drawn[i, at.DRAWN_LEAVING] in LOST:
        stock[i, at.LOST_JOB] = 12
    elif stock[i, at.LOST_JOB] > 0:
        stock[i, at.LOST_JOB] -= 1
    if pensioner:
        flow[i, at.STATE_PENSION] += benefits.state_pension(law, year, int(trait[i, at.STATE_PENSION_SHARE] * 35))
    if (
        status == STUDYING
        and age >= BORROWS_FROM
        and fixed[i, at.FIXED_FINAL] == LEVEL_4
        and trait[i, at.CLEARS] < BORROWS
        and stock[i, at.STUDIED] < BORROWED_MONTHS
    ):
        stock[i, at.STUDIED] += 1
        fees = int(FEES_A_MONTH * prices[month, at.CONSUMER])
        support = int(SUPPORT_A_MONTH * prices[month, at.CONSUMER])
        flow[i, at.BORROWED_STUDY] += fees + support
        flow[i, at.FEES] += fees
        stock[i, at.LOAN] += fees + support
        if plan == 0:
            stock[i, at.PLAN] = PLAN_5
            plan = PLAN_5
    repays = plan if status != STUDYING else 0
    own_pay, own_employer = 0, 0
    if drawn[i, at.DRAWN_PAY] > 0 or drawn[i, at.DRAWN_PAYERS] > 0:
        enrolled = fixed[i, at.FIXED_IN_PENSION] and not pensioner
        industry = drawn[i, at.DRAWN_INDUSTRY]
        public = industry in work_loops.PUBLIC
        share_on = 0.0
        if scheme.on and month > scheme.opens:
            share_on = terms[at.TERM_PASS_FIRST] if month < scheme.opens + 12 else terms[at.TERM_PASS_LATER]
        for slot in range(1 + min(drawn[i, at.DRAWN_PAYERS], 2)):
            if slot == 0:
                gross, payer = int(drawn[i, at.DRAWN_PAY]), int(drawn[i, at.DRAWN_EMPLOYER])
            elif slot == 1:
                gross, payer = int(drawn[i, at.DRAWN_PAY_2]), int(drawn[i, at.DRAWN_PAYER_2])
            else:
                gross, payer = int(drawn[i, at.DRAWN_PAY_3]), int(drawn[i, at.DRAWN_PAYER_3])
            if gross <= 0:
                continue
            gross = work_loops.own_pay(stock, i, gross, drawn[i, at.DRAWN_SCAR])
            if payer == 0:
                flow[i, at.PROFIT] += gross
                continue
            less = work_loops.passed(stock, i, gross, share_on)
            flow[i, at.PASSED_ON] += less
            gross -= less
            platform = payer < work_loops.PLATFORMS
            if platform:
                flow[i, at.PLATFORM_PAY] += gross
            else:
                flow[i, at.PAY] += gross
                work_loops.taken_of_job(
                    stock, trait, flow, i, gross, law, year, age, pensioner, repays, enrolled, public and slot == 0, terms
                )  # fmt: skip
            if scheme.on and month >= scheme.opens:
                own_employer += pot_loops.pay_row(
                    i,
                    month,
                    scheme,
                    stock,
                    trait,
                    flow,
                    payer,
                    gross,
                    drawn[i, at.DRAWN_HOURS],
                    platform,
                )
                own_pay += gross
    if (
        flow[i, at.PROFIT] > work_loops.SELF_FROM_MONTH
        and trait[i, at.PENSION_LEVEL] < work_loops.SELF_SAVES
        and work_loops.PENSION_FROM_MONTHS <= age < fixed[i, at.FIXED_PENSION_AGE]
    ):
        pays_in = int(flow[i, at.PROFIT] * work_loops.SELF_PAYS)
        flow[i, at.PENSION_OWN] += pays_in
        stock[i, at.PENSION] += pays_in
    stock[i, at.EMPLOYER_LAST] = own_employer
    stock[i, at.PAY_LAST] = own_pay
    work_loops.after_tax(
        stock, flow, i, month, law, year, age, pensioner, status in (INACTIVE, RETIRED), repays, prices
    )
    if stock[i, at.LOAN] > 0:
        stock[i, at.LOAN] += pay.loan_interest(
            law, year, stock[i, at.PLAN], stock[i, at.LOAN], 12 * earned(flow, i), status == STUDYING
        )  # fmt: skip
        if age >= fixed[i, at.FIXED_WRITTEN_OFF]:
            stock[i, at.LOAN] = 0


@uncounted(forceinline=True)
def kept_of_work(flow: Any, i: Any) -> Any:
    """Earnings as benefits count them: less income tax, National Insurance and own pension contributions."""
    return earned(flow, i) - flow[i, at.TAX] - flow[i, at.NI] - flow[i, at.PENSION_OWN]


@uncounted(forceinline=True)
def receive(
    h: Any,
    q: Any,
    month: Any,
    drawn: Any,
    fixed: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    prices: Any,
    levels: Any,
    law: Any,
    terms: Any,
) -> None:
    """Child Benefit, and Universal Credit or Pension Credit with help for rent."""
    year = month // 12
    children = int(drawn[h, at.DRAWN_CHILDREN])
    couple = q >= 0
    child = 0
    if children > 0:
        child = benefits.child_benefit(law, year, children)
        highest = earned(flow, h) - flow[h, at.PENSION_OWN]
        if couple:
            highest = max(highest, earned(flow, q) - flow[q, at.PENSION_OWN])
        child -= benefits.child_benefit_charge(law, year, 1, child, highest, 0)
        note(flow, h, q, at.CHILD_BENEFIT, child)
    net = kept_of_work(flow, h)
    unearned = flow[h, at.STATE_PENSION] + flow[h, at.PENSION_DRAWN] + flow[h, at.YIELD]
    if couple:
        net += kept_of_work(flow, q)
        unearned += flow[q, at.STATE_PENSION] + flow[q, at.PENSION_DRAWN] + flow[q, at.YIELD]
    net = max(net, 0)
    age = fixed[h, at.FIXED_AGE] + month
    capital = of_both(stock, h, q, at.SAVINGS) + of_both(stock, h, q, at.OTHER) // 2
    if terms[at.TERM_COUNTS_POT]:
        # What cannot be taken out but for a purpose is not theirs to live on, and does not count; looked at every quarter.
        capital += of_both(stock, h, q, at.REACHABLE)
    rent = flow[h, at.RENT] + (flow[q, at.RENT] if couple else 0)
    region = int(trait[h, at.REGION])
    limit = rent
    if stock[h, at.TENURE] == PRIVATE:
        limit_of = SHARED_RENT_LIMIT if age < 35 * 12 and not couple and children == 0 else RENT_LIMIT
        limit = int(levels[region, at.PRIVATE_BANDS + 2] * limit_of * prices[month, at.RENT_LIMIT_INDEX])
    pensioners = age >= fixed[h, at.FIXED_PENSION_AGE] and (
        not couple or fixed[q, at.FIXED_AGE] + month >= fixed[q, at.FIXED_PENSION_AGE]
    )
    if pensioners:
        counted = net + unearned
        credit = benefits.pension_credit(law, year, couple, counted, capital)
        if rent > 0:
            credit += benefits.pensioner_rent(law, year, couple, rent, limit, counted, capital)
    else:
        if not couple and drawn[h, at.DRAWN_STATUS] == STUDYING:
            return
        old = children if terms[at.TERM_MONTHS_SINCE_2017] + month <= drawn[h, at.DRAWN_YOUNGEST] else 0
        credit = benefits.universal_credit(
            law, year, couple, age >= 25 * 12 or (couple and fixed[q, at.FIXED_AGE] + month >= 25 * 12), children, old, rent, limit, net,
            unearned, capital, child, region == LONDON,
        )  # fmt: skip
    if trait[h, at.CLAIMS] >= terms[at.TERM_CLAIMS] and net + unearned > MUST_CLAIM * prices[month, at.CONSUMER] + rent:
        # Some never claim what they could have; with less than this to live on everybody does.
        return
    note(flow, h, q, at.CREDIT, credit)


@uncounted(forceinline=True)
def smooth_at_first(stock: Any, trait: Any, h: Any, q: Any, income: Any, gross: Any) -> None:
    """Who has just come has had this month's income before; who has savings likes to have them."""
    for who in range(2 if q >= 0 else 1):
        i = h if who == 0 else q
        part = 2 if q >= 0 else 1
        stock[i, at.SMOOTH] = max(income, 0) // part
        stock[i, at.GROSS_SMOOTH] = max(gross, 0) // part
        stock[i, at.CAME] = 1
        if stock[h, at.SAVINGS] + stock[h, at.HOME] + stock[h, at.CARD] > 0 and income > 0:
            liked = (of_both(stock, h, q, at.SAVINGS) - of_both(stock, h, q, at.CARD)) / income
            if of_both(stock, h, q, at.CARD) > 0 and of_both(stock, h, q, at.SAVINGS) < CARRIES_BELOW:
                liked = min(-of_both(stock, h, q, at.CARD) / income, -0.05)
            trait[i, at.ON_CARD] = ON_CARD if stock[i, at.CARD] > 0 and liked >= 0 else 0.0
            trait[i, at.BUFFER] = min(max(liked, -OWED_MOST_MONTHS), 120.0)


@uncounted(forceinline=True)
def may_learn(i: Any, month: Any, drawn: Any, fixed: Any, stock: Any) -> Any:
    """Whether somebody is on a course or might begin one."""
    if stock[i, at.COURSE_LEFT] > 0:
        return True
    age = fixed[i, at.FIXED_AGE] + month
    return (
        drawn[i, at.DRAWN_STATUS] in (WORKING, UNEMPLOYED)
        and YOUNGEST_LEARNER <= age < OLDEST_LEARNER
        and stock[i, at.UPLIFT] <= 0
        and drawn[i, at.DRAWN_QUALIFICATION] < LEVEL_4
    )


@uncounted(forceinline=True)
def learn(
    i: Any, h: Any, q: Any, month: Any, stock: Any, flow: Any, prices: Any, terms: Any, scheme: Any, wish: Any, luck: Any
) -> None:  # fmt: skip
    """A course: begun when somebody wishes for it and the pot or savings pay it, finished nine months on, or not."""
    if stock[i, at.COURSE_LEFT] > 0:
        stock[i, at.COURSE_LEFT] -= 1
        if stock[i, at.COURSE_LEFT] == 0 and luck < terms[at.TERM_COURSE_FINISH]:
            stock[i, at.UPLIFT] = int(10_000 * terms[at.TERM_COURSE_RETURN])
            stock[i, at.SCAR_MENDED] = 1
            stock[i, at.COURSE_OURS] += 10
        return
    chance = terms[at.TERM_COURSE_WISH] / 12 * (WEIGHS_LOST_JOB if stock[i, at.LOST_JOB] > 0 else 1.0)
    if wish >= chance:
        return
    cost = int(terms[at.TERM_COURSE_COST] * 100 * prices[month, at.CONSUMER])
    from_pot = 0
    if scheme.on:
        from_pot = pot_loops.pay_out(i, month, scheme, stock, flow, pot_loops.COURSE_USE, cost, cost)
    if from_pot == 0:
        if of_both(stock, h, q, at.SAVINGS) < cost + of_both(stock, h, q, at.SMOOTH):
            return
        purse_loops.add(stock, h, q, at.SAVINGS, -cost)
        note(flow, h, q, at.SAVED, -cost)
    flow[i, at.COURSE_PAID] += cost
    stock[i, at.COURSE_LEFT] = COURSE_MONTHS
    stock[i, at.COURSE_OURS] = 1 if from_pot > 0 else 2


@uncounted(forceinline=True)
def helped_now(i: Any, age: Any, trait: Any) -> Any:
    """What somebody's family gives for a first home, from the age at which it does; at prices of month 0."""
    return trait[i, at.HELP] if age >= 12 * trait[i, at.HELPED_AT] else 0.0


@uncounted(forceinline=True)
def saves_for_home(
    stock: Any, trait: Any, h: Any, q: Any, age: Any, gross_year: Any, month: Any, prices: Any, levels: Any
) -> Any:
    """Whether somebody puts by for a home: who wishes for one that is in reach, and does not live on a card."""
    return (
        trait[h, at.BUFFER] >= 0
        and home_loops.wishes(stock, trait, h, age)
        and home_loops.in_reach(stock, trait, h, q, gross_year, month, prices, levels)
    )


@uncounted()
def seek_home(
    h: Any,
    q: Any,
    month: Any,
    fixed: Any,
    stock: Any,
    trait: Any,
    flow: Any,
    prices: Any,
    levels: Any,
    scheme: Any,
    gross_year: Any,
    smoothed: Any,
) -> None:
    """A household that wishes for a first home buys one, if its deposit and income allow."""
    age = fixed[h, at.FIXED_AGE] + month
    if not home_loops.wishes(stock, trait, h, age) or gross_year <= 0:
        return
    pots = 0
    if scheme.on:
        pots = pot_loops.for_home(h, month, scheme, stock)
        if q >= 0:
            pots += pot_loops.for_home(q, month, scheme, stock)
    helped = helped_now(h, age, trait)
    if q >= 0:
        helped = max(helped, helped_now(q, fixed[q, at.FIXED_AGE] + month, trait))
    helped = int(helped * prices[month, at.HOMES])
    months = home_loops.term_at(age)
    lent_most = home_loops.lends(gross_year, months, prices[month, at.MORTGAGE_RATE])
    price = home_loops.could_buy(
        stock, trait, h, q, lent_most, smoothed, pots, helped, scheme.home_cap, month, prices, levels
    )
    if price <= 0:
        return
    wanted = max(int(trait[h, at.DEPOSIT_SHARE] * price), price - int(lent_most))
    came = 0
    if pots > 0 and price <= scheme.home_cap:
        came = pot_loops.pay_out(h, month, scheme, stock, flow, pot_loops.HOME_USE, wanted, 0)
        if q >= 0 and came < wanted:
            came += pot_loops.pay_out(q, month, scheme, stock, flow, pot_loops.HOME_USE, wanted - came, 0)
    home_loops.buy(stock, trait, flow, h, q, price, lent_most, months, came, helped, month, prices)

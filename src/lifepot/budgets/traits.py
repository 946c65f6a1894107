"""What people are like, drawn once: where they live, how thrifty they are, when they wish for a home, and their luck with offers.

Somebody's traits depend on the seed and their number alone, so they are the same in every run over the same lives.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.budgets.prices import REGION_SHARES
from lifepot.chance import share, two_normals, words
from lifepot.compiling import compiled
from lifepot.population.columns import Village

PLACE, TASTES, OFFERS, MORE, LAST, AIMED = 30, 31, 32, 33, 34, 35
"""Purposes of chance."""

RENT_SPREAD = 0.30
"""Standard deviation of log rent within region and age: between quartiles of local authorities' recorded lettings rents differ by
about half (ONS private rental market statistics 2021-22, p75 over p25), and lettings differ more than authorities' medians."""

HOME_SPREAD = 0.25
"""Standard deviation of the log price of a first home within a region, a choice: the Halifax mean is well above the typical price."""

THRIFT_MEAN, THRIFT_SPREAD = 0.06, 0.08
"""What is invested of what is left after rent and needs, by those who have at hand what they like. Cash saving of all households is about nothing (ONS, -0.5 to 0.9 % in 2015
and 2016) while those in the middle of life save and others draw down: mean and spread are a choice inside that."""

BUFFER_MEDIAN_MONTHS, BUFFER_SPREAD = 0.9, 1.9
"""Months of income that people like to have at hand: median and standard deviation of the log, so that a fifth want next to
nothing and a fifth half a year, as the Family Resources Survey's bands of savings stand to incomes (13 % none, 20 % over £30,000)."""

AIMS_SPREAD = 0.8
"""Spread of the log of what people aim to pay in by choice, around the setting `aims_a_year`; a choice."""

HELPED, HELP_MEDIAN, HELP_SPREAD = 0.35, 2_500_000, 0.8
"""How many first-time buyers have help from family, its median (pence, rising with home prices) and spread of its log: recalled from
Legal and General's surveys of 2020 to 2023 (about £25,000; a third to two fifths of buyers), not read."""

HELP_AGE, HELP_AGE_SPREAD = 29.0, 5.0
"""From what age help is there: some years before the mean age of first-time buyers, about 33 (recalled); a choice."""

HOME_AGE, HOME_AGE_SPREAD = 25.0, 5.0
"""When people first wish for a home of their own, years; a choice: the mean first-time buyer is about 33 and has looked for years."""

LEAST_DEPOSITS = (0.27, 0.53)
"""How many put down a twentieth, and a tenth, of the price if it is enough; the rest a fifth. Where income carries no larger loan it must be
more, so that of buyers 16 % come to less than a tenth and 43 % to a tenth to a fifth (English Housing Survey 2024-25)."""

BUY = 0.85
"""How many would own a home if they could; a choice: nine in ten say so when young, fewer of those who have rented for long (recalled)."""

CARDS, ON_CARD = 0.6, 0.75
"""How many clear a card each month, and what of a month's spending stands on it: so that their balances are the 52.5 % of £71bn that bear no
interest (UK Finance; Bank of England). Some £21bn a month are spent on credit cards (recalled), and a balance stands for six weeks."""

OWE, OWED_MEAN_MONTHS, OWED_MOST_MONTHS = 0.25, 2.0, 5.0
"""How many live with a card that is never cleared, and on how many months of income owed they settle (its mean, of an exponential): chosen
so that the balances that bear interest stay what they are, 47.5 % of £71bn (UK Finance; Bank of England)."""


def traits(village: Village, seed: int) -> NDArray[np.float64]:
    """Everybody's traits: float64 (people, at.TRAITS)."""
    found = np.empty((len(village), at.TRAITS))
    bounds = np.cumsum(REGION_SHARES) / np.sum(REGION_SHARES)
    _fill(found, village.person, np.uint64(seed), bounds)
    # Couples live in one place and keep one purse: they share what is the household's.
    partner = village.partner
    of = np.where((partner >= 0) & (partner < np.arange(len(village))), partner, np.arange(len(village)))
    for column in (at.REGION, at.RENT_LEVEL, at.THRIFT, at.CLAIMS):
        found[:, column] = found[of, column]
    return found


@compiled()
def _fill(found: Any, person: Any, seed: Any, bounds: Any) -> None:
    for i in range(len(person)):
        who = person[i]
        a, b, c, d = words(seed, who, 0, PLACE)
        region = 0
        while bounds[region] < share(a):
            region += 1
        rent, home = two_normals(b, c)
        deposit = share(d)
        found[i, at.REGION] = region
        found[i, at.RENT_LEVEL] = np.exp(RENT_SPREAD * rent)
        found[i, at.HOME_LEVEL] = np.exp(HOME_SPREAD * home - HOME_SPREAD * HOME_SPREAD / 2)
        if deposit < LEAST_DEPOSITS[0]:
            found[i, at.DEPOSIT_SHARE] = 0.05
        elif deposit < LEAST_DEPOSITS[0] + LEAST_DEPOSITS[1]:
            found[i, at.DEPOSIT_SHARE] = 0.10
        else:
            found[i, at.DEPOSIT_SHARE] = 0.20
        a, b, c, d = words(seed, who, 0, TASTES)
        thrift, buffer = two_normals(a, b)
        wish, state = two_normals(c, d)
        found[i, at.THRIFT] = min(max(THRIFT_MEAN + THRIFT_SPREAD * thrift, 0.0), 0.5)
        # Who is thrifty likes more at hand, too.
        found[i, at.BUFFER] = min(BUFFER_MEDIAN_MONTHS * np.exp(BUFFER_SPREAD * (0.5 * thrift + 0.866 * buffer)), 60.0)
        found[i, at.WISHES_HOME_AT] = HOME_AGE + HOME_AGE_SPREAD * wish
        # Most have nearly a whole record of contributions by State Pension age.
        found[i, at.STATE_PENSION_SHARE] = min(max(0.97 + 0.12 * state, 0.3), 1.0)
        a, b, c, d = words(seed, who, 0, OFFERS)
        found[i, at.CLAIMS] = share(a)
        found[i, at.OPTS_OUT] = share(b)
        found[i, at.JOINS] = share(c)
        found[i, at.RAIDS] = share(d)
        a, _, c, d = words(seed, who, 0, MORE)
        found[i, at.CLEARS] = share(a)
        found[i, at.PENSION_LEVEL] = share(c)
        found[i, at.BUYS] = 1.0 if share(d) < BUY else 0.0
        a, b, c, d = words(seed, who, 0, LAST)
        helped, when = two_normals(a, b)
        e, f, _, _ = words(seed, who, 0, AIMED)
        aims, _ = two_normals(d, e)
        found[i, at.AIMS] = np.exp(AIMS_SPREAD * aims)
        found[i, at.HELP] = HELP_MEDIAN * np.exp(HELP_SPREAD * helped) if share(c) < HELPED else 0.0
        found[i, at.HELPED_AT] = HELP_AGE + HELP_AGE_SPREAD * when
        owes = share(f)
        found[i, at.ON_CARD] = ON_CARD if owes > 1.0 - CARDS else 0.0
        if owes < OWE:
            # The same chance, stretched, says how much.
            found[i, at.ON_CARD] = 0.0
            found[i, at.BUFFER] = -min(-OWED_MEAN_MONTHS * np.log(max(owes / OWE, 1e-9)), OWED_MOST_MONTHS)

"""The simple pot: one account from 22 to 68, month by month, small enough to be held against every other tool.

Pay has permanent and transitory normal shocks to its logarithm, each with mean one; jobs are lost and found; worker, employer
and a capped match pay in; the pot grows; some die, and their pots stay as they were. Money is whole pence. The chance of a
person in a month is `chance.words(seed, person, month, PURPOSE)`: two words for the shocks, one for the job, one for death.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.compiling import compiled
from lifepot.lab.lanes import (
    LOW,
    U,
    lane_below,
    lane_exp,
    lane_hundredth,
    lane_log,
    lane_share,
    lane_turn,
    lane_whole,
    lane_words,
)

PURPOSE = 50
"""What chance is asked for here."""

BLOCK = 256
"""People whose months are worked out side by side: all that is known of them stays in the nearest memory."""

GROWTH_PLACES = 40
"""Binary places of a month's growth."""

MOST_LOG_PAY = 22.0
"""Nobody is paid more than 36 million pounds a month, so that a pence figure has 32 bits."""

FIRST_AGE = 22
MONTHS = 552


@dataclass(frozen=True, slots=True)
class SimplePot:
    """The rules. Shares a month are of those in (or out of) work; the rest says its unit."""

    pay_minor: int = 240_000
    """A full month's pay in the mean, pence."""
    sigma_permanent: float = 0.10
    """Of the permanent shocks of one year, all twelve together."""
    sigma_transitory: float = 0.15
    lost: float = 0.012
    found: float = 0.20
    worker_pct: int = 4
    employer_pct: int = 3
    match_pct: int = 25
    """Of what the worker paid in."""
    cap_minor: int | None = 50_000
    """The most match in twelve months, pence; None: no cap."""
    growth_a_year: float = 0.04
    hazard: tuple[float, float] | None = (-10.2, 0.094)
    """Gompertz: deaths a year are exp(first + second x age); None: nobody dies."""

    def growth_month(self) -> int:
        """A month's growth in 2^-40 of the pot."""
        return round(((1 + self.growth_a_year) ** (1 / 12) - 1) * 2**GROWTH_PLACES)

    def death_words(self, months: int) -> NDArray[np.uint64]:
        """Whose word is below this dies in the month."""
        if self.hazard is None:
            return np.zeros(months, dtype=np.uint64)
        first, second = self.hazard
        ages = FIRST_AGE + (np.arange(months) + 0.5) / 12
        return _word_below(-np.expm1(-np.exp(first + second * ages) / 12))


@dataclass(frozen=True, slots=True)
class Pots:
    """What came of it, one a person."""

    pot: NDArray[np.uint64]
    """Pence at the end, or at death."""
    lives: NDArray[np.bool_]
    """Alive at the end."""
    works: NDArray[np.bool_]
    """In work at the end."""

    def mean_minor(self) -> float:
        """The mean pot of those alive, pence."""
        return float(self.pot[self.lives].mean())


def simple_pot(
    people: int, seed: int, months: int = MONTHS, rules: SimplePot | None = None, *, threads: int = 1
) -> Pots:
    """People 0 to `people`, from 22 on, all in work before the first month. The number of threads changes no figure."""
    asked = rules or SimplePot()
    assert 0 <= asked.growth_month() < 2**32, "a month's growth is from nought to 1/256"
    pot = np.zeros(people, dtype=np.uint64)
    lives, works = np.ones(people, dtype=np.uint64), np.ones(people, dtype=np.uint64)
    sigma = asked.sigma_permanent / np.sqrt(12)
    shocks = np.array(
        [np.log(asked.pay_minor) - asked.sigma_transitory**2 / 2, sigma, -(sigma**2) / 2, asked.sigma_transitory]
    )
    rates = np.array(
        [
            *_word_below(np.array([asked.lost, asked.found])),
            asked.worker_pct,
            asked.employer_pct,
            asked.match_pct,
            2**31 if asked.cap_minor is None else asked.cap_minor,
            asked.growth_month(),
        ],
        dtype=np.uint64,
    )
    deaths = asked.death_words(months)
    ends = np.linspace(0, -(-people // BLOCK), threads + 1).astype(np.int64) * BLOCK

    def some(first: int, end: int) -> int:
        rows = slice(first, min(end, people))
        return int(_live(U(seed), U(first), deaths, shocks, rates, pot[rows], lives[rows], works[rows]))

    if threads == 1:
        bits = some(0, people)
    else:
        with ThreadPoolExecutor(threads) as pool:
            bits = max(pool.map(some, ends[:-1], ends[1:]))
    assert bits < 2**32, "a sum of money left 32 bits"
    return Pots(pot, lives != 0, works != 0)


def _word_below(share: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.rint(share * 2.0**32).astype(np.uint64)


@compiled()
def _live(seed: Any, first: Any, deaths: Any, shocks: Any, rates: Any, pots: Any, lives: Any, works: Any) -> Any:
    """Fills what came of each person; gives the bits of all that should have stayed below 2^32, put together.

    A block's month goes through four short loops rather than one long one: each becomes vector instructions, and the
    processor has several lanes of a short one in the works at once.
    """
    k0, k1 = seed & LOW, seed >> U(32)
    level, sigma, drift, passing = shocks[0], shocks[1], shocks[2], shocks[3]
    lost, found, worker, employer, match, cap, growth = (
        rates[0], rates[1], rates[2], rates[3], rates[4], rates[5], rates[6],
    )  # fmt: skip
    half = U(1) << U(GROWTH_PLACES - 1)
    log_pay, log_now = np.empty(BLOCK), np.empty(BLOCK)
    w0, w1 = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    w2, w3 = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    pay = np.empty(BLOCK, dtype=np.uint64)
    paid, matched = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    high_bits = U(0)
    for start in range(0, len(pots), BLOCK):
        size = min(BLOCK, len(pots) - start)
        pot, alive, at_work = pots[start : start + size], lives[start : start + size], works[start : start + size]
        log_pay[:] = level
        for month in range(len(deaths)):
            dies_below = deaths[month]
            if month % 12 == 0:
                paid[:] = U(0)
                matched[:] = U(0)
            for lane in range(size):
                w0[lane], w1[lane], w2[lane], w3[lane] = lane_words(
                    k0, k1, first + U(start) + U(lane), U(month), U(PURPOSE)
                )
            for lane in range(size):
                radius = np.sqrt(-2.0 * lane_log(lane_share(w0[lane])))
                cosine, sine = lane_turn(w1[lane])
                level_now = log_pay[lane] + (sigma * (radius * cosine) + drift)
                log_pay[lane] = level_now
                log_now[lane] = level_now + passing * (radius * sine)
            for lane in range(size):
                pay[lane] = lane_whole(lane_exp(min(log_now[lane], MOST_LOG_PAY)))
            for lane in range(size):
                stays, gets = U(1) ^ lane_below(w2[lane], lost), lane_below(w2[lane], found)
                now_works = gets ^ (at_work[lane] & (stays ^ gets))
                now_lives = alive[lane] & (U(1) ^ lane_below(w3[lane], dies_below))
                wage = pay[lane] & (U(0) - (now_works & now_lives))
                own_parts, other_parts = wage * worker + U(50), wage * employer + U(50)
                own = lane_hundredth(own_parts)
                paid_now = paid[lane] + own
                match_parts = paid_now * match + U(50)
                match_now = min(cap, lane_hundredth(match_parts))
                grown = ((pot[lane] & LOW) * growth + half) >> U(GROWTH_PLACES)
                added = grown + own + lane_hundredth(other_parts) + (match_now - matched[lane])
                pot_now = pot[lane] + (added & (U(0) - now_lives))
                pot[lane] = pot_now
                paid[lane] = paid_now
                matched[lane] = match_now
                at_work[lane] = now_works & now_lives
                alive[lane] = now_lives
                high_bits |= pot_now | own_parts | other_parts | match_parts
    return high_bits

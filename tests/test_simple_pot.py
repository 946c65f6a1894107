"""The simple pot: the same luck and the same pence as said plainly, one person at a time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numba import njit

from lifepot.chance import two_normals, words
from lifepot.lab.lanes import U, lane_exp, lane_hundredth, lane_log, lane_share, lane_turn, lane_words
from lifepot.lab.simple_pot import MONTHS, PURPOSE, SimplePot, simple_pot

SEED = 20_240_401


@njit
def by_lanes(word: Any, exponents: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Shares, logarithms, cosines and sines of words, and exponentials."""
    size = len(word)
    shares, logs, cosines, sines, powers = np.empty((5, size))
    for n in range(size):
        shares[n] = lane_share(word[n])
        logs[n] = lane_log(shares[n])
        cosines[n], sines[n] = lane_turn(word[n])
        powers[n] = lane_exp(exponents[n])
    return shares, logs, cosines, sines, powers


@njit
def both_words(seed: Any, who: Any, when: Any) -> tuple[Any, Any]:
    """The words of `chance` and of the lanes."""
    k0, k1 = U(seed) & U(0xFFFFFFFF), U(seed) >> U(32)
    return words(seed, who, when, PURPOSE), lane_words(k0, k1, U(who), U(when), U(PURPOSE))


@njit
def hundredths(numbers: Any) -> Any:
    """A hundredth of each."""
    return np.array([lane_hundredth(number) for number in numbers])


@njit
def luck(seed: Any, who: Any, months: Any) -> tuple[Any, Any, Any]:
    """A person's normal numbers, and the words for job and death, by the plain functions of `chance`."""
    normals, jobs, deaths = np.empty((months, 2)), np.empty(months, np.uint64), np.empty(months, np.uint64)
    for month in range(months):
        a, b, jobs[month], deaths[month] = words(seed, who, month, PURPOSE)
        normals[month] = two_normals(a, b)
    return normals, jobs, deaths


def plain_pot(seed: int, who: int, rules: SimplePot) -> tuple[int, bool, bool]:
    """One person's pot in Python's own whole numbers, written from the rules and not from the code."""
    normals, jobs, deaths = luck(U(seed), U(who), MONTHS)
    sigma = rules.sigma_permanent / 12**0.5
    log_pay = float(np.log(rules.pay_minor)) - rules.sigma_transitory**2 / 2
    dies_below = rules.death_words(MONTHS)
    pot, works, paid, matched = 0, True, 0, 0
    for month in range(MONTHS):
        if month % 12 == 0:
            paid = matched = 0
        log_pay += sigma * normals[month, 0] - sigma**2 / 2
        chance = int(jobs[month]) / 2**32
        works = chance >= rules.lost if works else chance < rules.found
        if deaths[month] < dies_below[month]:
            return pot, False, False
        pay = round(float(np.exp(log_pay + rules.sigma_transitory * normals[month, 1]))) if works else 0
        own, other = (pay * rules.worker_pct + 50) // 100, (pay * rules.employer_pct + 50) // 100
        paid += own
        match = (paid * rules.match_pct + 50) // 100
        match = match if rules.cap_minor is None else min(match, rules.cap_minor)
        pot += (pot * rules.growth_month() + 2**39) // 2**40 + own + other + match - matched
        matched = match
    return pot, True, works


def test_lanes_are_as_exact_as_they_say() -> None:
    """Shares are those of `chance` to the bit; logarithm, exponential, sine and cosine within 2 in 10^14 of the library's."""
    ends = np.array([0, 1, 2**29 - 1, 2**29, 2**30, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 1], dtype=np.uint64)
    word = np.concatenate([ends, np.arange(0, 2**32, 9_973, dtype=np.uint64)])
    exponents = np.linspace(-40.0, 40.0, len(word))
    shares, logs, cosines, sines, powers = by_lanes(word, exponents)
    wanted = (word.astype(np.float64) + 0.5) * 2.0**-32
    assert (shares == wanted).all()
    assert np.abs(logs / np.log(wanted) - 1).max() < 2e-14
    assert np.abs(powers / np.exp(exponents) - 1).max() < 2e-14
    assert np.abs(cosines - np.cos(2 * np.pi * wanted)).max() < 2e-14
    assert np.abs(sines - np.sin(2 * np.pi * wanted)).max() < 2e-14


def test_lanes_draw_the_words_of_chance() -> None:
    """The four words are those of `chance`, also of a seed and a person beyond 32 bits."""
    for seed, who, when in [(0, 0, 0), (SEED, 17, 551), (2**63 + 5, 2**40 + 3, 2**32 - 1)]:
        plain, lanes = both_words(U(seed), U(who), U(when))
        assert plain == lanes


def test_a_hundredth_is_rounded_down() -> None:
    """Of every kind of number below 2^32, at and beside each end of a hundred."""
    hundreds = np.arange(0, 2**32 - 101, 4_099 * 100, dtype=np.uint64)
    numbers = np.concatenate([hundreds, hundreds + 99, hundreds + 100, [2**32 - 1]]).astype(np.uint64)
    assert (hundredths(numbers) == numbers // 100).all()


@pytest.mark.parametrize("cap_minor", [50_000, 10_000, None])
def test_every_pot_is_the_plain_one_to_the_penny(cap_minor: int | None) -> None:
    """A hundred people's 552 months give the pence, deaths and jobs that whole numbers of Python give with the same luck."""
    rules = SimplePot(cap_minor=cap_minor, sigma_permanent=0.15)
    found = simple_pot(100, SEED, rules=rules)
    for who in range(100):
        assert (int(found.pot[who]), bool(found.lives[who]), bool(found.works[who])) == plain_pot(SEED, who, rules)


def test_threads_and_company_change_nobody() -> None:
    """Somebody's pot does not depend on threads, nor on how many others there are."""
    few, many = simple_pot(700, SEED), simple_pot(2_000, SEED, threads=2)
    assert (few.pot == many.pot[:700]).all()
    assert (few.lives == many.lives[:700]).all()


def test_the_seed_matters() -> None:
    """Another seed gives other pots."""
    assert (simple_pot(50, 1).pot != simple_pot(50, 2).pot).all()


@pytest.mark.parametrize("pay_minor", [900_000_000, 60_000_000])
def test_money_that_leaves_32_bits_is_our_mistake(pay_minor: int) -> None:
    """A month's pay, or a pot that many months make, that the lanes cannot hold stops the run."""
    rich = replace(SimplePot(), pay_minor=pay_minor, sigma_permanent=0.0)
    with pytest.raises(AssertionError, match="32 bits"):
        simple_pot(3, SEED, rules=rich)

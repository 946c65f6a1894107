"""Dated figures as arrays, looked up for many rows at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Frequency
from lifepot.kernel.operators import fits, round_exact, times
from lifepot.money import LARGEST_MINOR
from lifepot.periods import parse_day
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, PARSER_BY_UNIT, parse_age, parse_rounding
from lifepot.rulebook.terms import Rulebook

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

WEEKS = {Frequency.WEEK: 1, Frequency.TWO_WEEK: 2, Frequency.THREE_WEEK: 3, Frequency.FOUR_WEEK: 4}
MONTHS = {Frequency.MONTH: 1, Frequency.THREE_MONTH: 3, Frequency.SIX_MONTH: 6, Frequency.YEAR: 12}
WEEKS_IN_YEAR, MONTHS_IN_YEAR, DAYS_IN_YEAR, DAYS_IN_WEEK = 52, 12, 365, 7


@dataclass(slots=True)
class Figure:
    """A dated figure: `num[k] / den` from `days[k]` on; NONE is a gap.

    A table (`by`) has num (k, j): a column for each frequency, for each word of an attribute, or for each of the j birth
    days or ages (in months) in `keys` from which it holds. `share`: the figure is a year's, and a pay period takes its
    share, rounded as said there; None in its `rounding`: compared exactly.
    """

    name: str
    days: Int
    num: Int
    den: int
    by: str | None = None
    keys: Int | None = None
    otherwise: bool = False
    month_after: bool = False
    share: bool = False
    rounding: tuple[str, int] | None = None

    @property
    def proportionate(self) -> bool:
        """Whether it is compared exactly with a share of the year."""
        return self.share and self.rounding is None

    @property
    def constant(self) -> bool:
        """Whether it is one figure for all days and rows."""
        return self.by is None and len(self.days) == 1 and not self.share


def literal(figure: Fraction | int, name: str) -> Figure:
    """A figure written where it is used, in force on all days."""
    fraction = Fraction(figure)
    return Figure(
        name, np.array([-LARGEST_MINOR]), np.array([fraction.numerator], dtype=np.int64), fraction.denominator
    )


def compile_figure(rulebook: Rulebook, name: str) -> Figure:
    """The arrays of a value of a rulebook that was checked."""
    value = rulebook.values[name]
    if value.share_of is not None:
        rounding = None if value.rounded is None else parse_rounding(value.rounded)
        return replace(compile_figure(rulebook, value.share_of), name=name, share=True, rounding=rounding)
    parse: Callable[[str], Any] = PARSER_BY_UNIT[value.unit]
    days = np.array([parse_day(text) for text in value.dated], dtype=np.int64)
    cells = [
        cell
        for row in value.dated.values()
        for cell in ([row] if isinstance(row, str) else row.values())
        if cell != "none"
    ]
    den = fits(lcm(*(Fraction(parse(cell)).denominator for cell in cells)))

    def number(cell: str | None) -> int:
        return NONE if cell is None or cell == "none" else fits(int(Fraction(parse(cell)) * den))

    keys: Int | None = None
    if value.by is None:
        num = np.array([number(cell) for cell in value.dated.values()], dtype=np.int64)  # type: ignore[arg-type]
    elif value.by == "frequency":
        rows = [row if isinstance(row, dict) else {} for row in value.dated.values()]
        num = np.array([[number(row.get(word)) for word in FREQUENCY_WORDS] for row in rows], dtype=np.int64)
    elif value.by in {"born", "age"}:
        parse_key = parse_day if value.by == "born" else parse_age
        texts = {parse_key(key): key for row in value.dated.values() if isinstance(row, dict) for key in row}
        keys = np.array(sorted(texts), dtype=np.int64)
        num = np.full((len(days), len(keys)), NONE, dtype=np.int64)
        for k, row in enumerate(value.dated.values()):
            cell_by_key = {parse_key(key): cell for key, cell in row.items()} if isinstance(row, dict) else {}
            held = NONE
            for j, key in enumerate(keys.tolist()):
                held = number(cell_by_key[key]) if key in cell_by_key else held
                num[k, j] = held
    else:
        words = words_of(rulebook, value.by.removeprefix("attribute."))
        rows = [row if isinstance(row, dict) else {} for row in value.dated.values()]
        num = np.array([[number(row.get(word)) for word in words] for row in rows], dtype=np.int64)
    otherwise, month_after = value.otherwise == "proportionate", value.band_begins == "month_after"
    return Figure(name, days, num, den, value.by, keys, otherwise, month_after)


def words_of(rulebook: Rulebook, attribute: str) -> list[str]:
    """The words of an attribute, by their numbers."""
    return rulebook.attributes[attribute].choices or ["no", "yes"]


def look_up(
    figure: Figure, position: Int | int, column: Int, frequency: Int, period_days: Int
) -> tuple[Int, Bool, Bool]:
    """The figure for each row (numerators over `figure.den`), where there is none, and where the row does not say
    its frequency or period though the table needs one. `position`: which of the figure's days is the row's, -1 before the
    first; `column`: which of the table's a row takes, -1 for none; `frequency` and `period_days` are read by tables and
    shares that need them.
    """
    silent = np.zeros(len(frequency), dtype=np.bool_)
    if figure.by is None:
        num = np.asarray(figure.num[position])
        if not num.ndim:
            num = np.full(len(frequency), num)
    elif figure.by == "frequency":
        # A table that is none at all is a gap, whatever the frequency.
        there = (np.asarray(position) >= 0) & (figure.num != NONE).any(axis=1)[position]
        num = figure.num[position, column]
        if figure.otherwise:
            absent = np.flatnonzero((column < 0) | (num == NONE))
            year = figure.num[position if isinstance(position, int) else position[absent], Frequency.YEAR]
            of, days = frequency[absent], period_days[absent]
            unsaid = (of < 0) & (days == NONE)
            share_num, share_den = shares_of_year(of, days)
            whole = np.where(year == NONE, 0, year)
            share = round_exact(whole * share_num, share_den, "half_up", MINOR_PER_MAJOR)
            share = np.where(unsaid & (there if there.ndim == 0 else there[absent]), whole, share)
            num[absent] = np.where(year == NONE, NONE, share)
            silent[absent] = unsaid
        else:
            silent = frequency < 0
        silent &= there
        if not figure.otherwise:
            num[silent] = NONE
    else:
        # One look-up in the table laid out as one row is half the time of one by two numbers.
        num = figure.num.ravel()[np.maximum(column, 0) + position * figure.num.shape[1]]
        num[column < 0] = NONE
    gap = num == NONE
    gap |= np.asarray(position) < 0
    if gap.any():
        num = np.where(gap, 0, num)
    if figure.rounding is not None:
        how, unit = figure.rounding
        share_num, share_den = shares_of_year(frequency, period_days)
        share = round_exact(times(num, share_num), share_den * figure.den, how, unit) * figure.den
        silent = (frequency < 0) & (period_days == NONE) & ~gap
        num = np.where(silent, num, share)
    return num, gap, silent


def shares_of_year(frequency: Int, period_days: Int) -> tuple[Int, Int]:
    """Which part of a year a pay period is, as numerators and denominators: weeks of 52 (also a period
    of whole weeks), months of 12, else days of 365; the whole year where nothing was said.
    """
    num, den = _SHARE_NUM[frequency], _SHARE_DEN[frequency]
    unsaid = np.flatnonzero(frequency < 0)
    days = period_days[unsaid]
    known = days != NONE
    weeks = known & (days % DAYS_IN_WEEK == 0)
    num[unsaid] = np.where(weeks, days // DAYS_IN_WEEK, np.where(known, days, 1))
    den[unsaid] = np.where(weeks, WEEKS_IN_YEAR, np.where(known, DAYS_IN_YEAR, 1))
    return num, den


_SHARE_NUM = np.array([(WEEKS | MONTHS)[word] for word in Frequency if word >= 0])
_SHARE_DEN = np.array([WEEKS_IN_YEAR if word in WEEKS else MONTHS_IN_YEAR for word in Frequency if word >= 0])
"""By frequency."""

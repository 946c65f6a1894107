"""The answers: each a table of figures, worked out from sums. `TABLES` lists them all; a figure's name is its table's, its row's
and its column's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.lab.classes import INCOME, WEALTH, gini, into_parts, quantile, share_of_lowest
from lifepot.lab.ground import BLOCK_YEARS, Ground, tax_year
from lifepot.lab.intervals import Estimate, estimate
from lifepot.lab.sums import (
    AGE_BANDS,
    AGES,
    COUNTS,
    JOB_WORDS,
    MONEY,
    OFFSETS,
    ROWS,
    SEX_WORDS,
    At68,
    AtAge,
    Part,
    Sums,
    cohort_words,
    year_of,
)

Real = NDArray[np.float64]

POUNDS, SHARE, PEOPLE, NUMBER, PENCE_A_POUND = "pounds", "share", "people", "number", "pounds for £1"
"""Units of columns."""

MINOR = 100.0
LAST_YEARS = 10
FIRST_YEARS = 10
"""What a scheme costs a year is told as the average of its first ten tax years."""

MONTHS_OF_PENSION = 240
"""A second pension is told as what it would pay a month for twenty years, with growth that keeps up with prices and no more."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of answers. `of` gives its figures, (rows, columns), from sums."""

    id: str
    title: str
    note: str
    head: str
    columns: tuple[tuple[str, str], ...]
    """Each column's name and unit."""
    rows: Callable[[Ground], list[str]]
    of: Callable[[Sums, Ground], Real]


@dataclass(frozen=True, slots=True)
class Answers:
    """All tables of a run, each with its figures and their intervals.

    `assumed`: of each table the low and the high ends of its figures over the assumptions' ranges, where these were run.
    """

    ground: Ground
    villages: int
    estimates: Mapping[str, Estimate]
    assumed: Mapping[str, tuple[Real, Real]] | None = None

    def rows(self, table: str) -> list[str]:
        """A table's row names."""
        return TABLES[table].rows(self.ground)

    def cell(self, table: str, row: str | int, column: str) -> tuple[float, float, float]:
        """One figure: value, low end, high end. Unknown names are our own mistake."""
        across = [name for name, _ in TABLES[table].columns].index(column)
        down = self.rows(table).index(row) if isinstance(row, str) else row
        one = self.estimates[table]
        return float(one.value[down, across]), float(one.low[down, across]), float(one.high[down, across])

    def long(self) -> dict[str, list[Any]]:
        """All figures as columns of one long table: what the CSV and Parquet files hold."""
        out: dict[str, list[Any]] = {
            name: []
            for name in ("table", "row", "column", "unit", "value", "low", "high", "assumed_low", "assumed_high")
        }
        for table in TABLES.values():
            one = self.estimates[table.id]
            sides = (one.value, one.low, one.high, *self._over_ranges(table.id))
            for down, row in enumerate(table.rows(self.ground)):
                for across, (column, unit) in enumerate(table.columns):
                    figures = (float(side[down, across]) for side in sides)
                    for name, cell in zip(out, (table.id, row, column, unit, *figures), strict=True):
                        out[name].append(cell)
        return out

    def as_dict(self) -> list[dict[str, Any]]:
        """As JSON carries it; null where there is nothing to count."""
        return [
            {
                "table": table.id,
                "title": table.title,
                "columns": [{"name": name, "unit": unit} for name, unit in table.columns],
                "rows": [
                    {
                        "row": row, "value": _plain(one.value[down]), "low": _plain(one.low[down]), "high": _plain(one.high[down]),
                        "assumed_low": _plain(low[down]), "assumed_high": _plain(high[down]),
                    }
                    for down, row in enumerate(table.rows(self.ground))
                ],
            }
            for table in TABLES.values()
            for one in [self.estimates[table.id]]
            for low, high in [self._over_ranges(table.id)]
        ]  # fmt: skip

    def _over_ranges(self, table: str) -> tuple[Real, Real]:
        """The ends over the assumptions' ranges; not a number where they were not run."""
        if self.assumed is not None:
            return self.assumed[table]
        nothing = np.full_like(self.estimates[table].value, np.nan)
        return nothing, nothing


def answers(groups: Sequence[Sums], ground: Ground) -> Answers:
    """Every table with its intervals, from the sums of groups of villages."""

    def figures(sums: Sums) -> dict[str, Real]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return {table.id: table.of(sums, ground) for table in TABLES.values()}

    villages = int(sum(group["villages"][0] for group in groups))
    return Answers(ground, villages, estimate(groups, figures))


def _plain(figures: Real) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in figures]


def _money(sums: Sums, side: str, name: str) -> Real:
    return sums[f"by_year.{side}"][MONEY.index(name)]


def _more(sums: Sums, name: str) -> Real:
    """A yearly flow, reform less baseline, pence by year."""
    return _money(sums, "after", name) - _money(sums, "before", name)


def _count(sums: Sums, side: str, name: str) -> Real:
    return sums[f"counts.{side}"][COUNTS.index(name)]


def _years(ground: Ground) -> list[str]:
    return ground.labels


def _cost(sums: Sums, ground: Ground) -> Real:
    platform = _more(sums, "platform")
    cash = np.stack([_more(sums, "government"), _more(sums, "employer") - platform, platform, _more(sums, "own")])
    return cash.T[ground.opens :] / MINOR


def _cost_real(sums: Sums, ground: Ground) -> Real:
    return _cost(sums, ground) / ground.prices[ground.opens :, None]


BRIEF = (
    ("government, a year", POUNDS), ("employers and platforms, a year", POUNDS), ("lowest three tenths", POUNDS),
    ("middle four tenths", POUNDS), ("highest three tenths", POUNDS), ("under £1,000, without", SHARE),
    ("under £1,000, with", SHARE), ("owning by 35, change", SHARE), ("wealth Gini, change", NUMBER),
)  # fmt: skip


def _brief(sums: Sums, ground: Ground) -> Real:
    """The answer in a line: yearly averages of the scheme's first years, and where things stand at their end."""
    years = min(FIRST_YEARS, ground.years - ground.opens)
    cost = _cost_real(sums, ground)[:years].sum(axis=0) / years
    tenths = _by_tenth(sums, ground)
    people, net = tenths[:, Part.PEOPLE], tenths[:, Part.NET] / MINOR
    gains = [net[part].sum() / people[part].sum() for part in (slice(0, 3), slice(3, 7), slice(7, 10))]
    at = ground.opens + years - 1
    under = [_count(sums, side, "under_1000")[at] / _count(sums, side, "adults")[at] for side in ("before", "after")]
    owning, spread = _at_ages(sums, ground)[1, 5], _spread(sums, ground)[-1, 2]
    return np.array([[cost[0], cost[1] + cost[2], *gains, *under, owning, spread]])


def _cost_share(sums: Sums, ground: Ground) -> Real:
    """Of gross domestic product, and of all pay in the model without the scheme."""
    cash = _cost(sums, ground)[:, :3] * MINOR
    gdp, pay = ground.gdp[ground.opens :, None], _money(sums, "before", "pay")[ground.opens :, None]
    return np.concatenate([cash / gdp, cash[:, :1] / pay], axis=1)


def _treasury(sums: Sums, ground: Ground) -> Real:
    """Government's year: what it pays in, and what comes back or is lost elsewhere."""
    paid = _more(sums, "government")
    taxes = -(_more(sums, "tax") + _more(sums, "ni") + _more(sums, "employer_ni"))
    benefits, levied = _more(sums, "benefits"), -_more(sums, "levied")
    repaid = -_more(sums, "loan_paid") - _more(sums, "to_loan")
    return np.stack([paid, taxes, benefits, levied, paid + taxes + benefits + levied, repaid]).T[ground.opens :] / MINOR


def _cost_each(sums: Sums, ground: Ground) -> Real:
    """What government paid in over the scheme's years, at prices of the first, for each of what came of it."""
    opens, prices = ground.opens, ground.prices[ground.opens :]
    cost = (_more(sums, "government")[opens:] / prices).sum()

    def more(name: str) -> float:
        return float((_count(sums, "after", name) - _count(sums, "before", name))[opens:].sum())

    out = {
        name: float((_more(sums, name)[opens:] / prices).sum())
        for name in ("to_loan", "to_course", "to_home", "to_pension", "to_other")
    }
    gone = sum(out.values())
    low = _by_tenth(sums, ground, -1)[:3].sum(axis=0)
    low_wealth = low[Part.WEALTH_AFTER] - low[Part.WEALTH_BEFORE]
    # Wealth is a stock: that of the last block's years, a year's average.
    years = len(_block_years(ground)[-1])
    accounts = float((_count(sums, "after", "joined") - _count(sums, "before", "joined"))[opens:].sum())
    return np.array(
        [
            [_each(cost / MINOR, more("bought"))],
            [_each(cost * _each(out["to_home"], gone) / MINOR, more("bought_from_pot"))],
            [_each(cost * _each(out["to_course"], gone) / MINOR, more("courses"))],
            [_each(cost * _each(out["to_loan"], gone) / MINOR, more("cleared"))],
            [_each(cost, low_wealth / years)],
            [_each(cost / MINOR, accounts)],
        ]
    )


def _each(amount: float, count: float) -> float:
    return amount / count if count > 0 else float("nan")


def _block_years(ground: Ground) -> list[range]:
    return [
        range(first, min(first + BLOCK_YEARS, ground.years)) for first in range(ground.opens, ground.years, BLOCK_YEARS)
    ]


def _by_tenth(sums: Sums, ground: Ground, block: int | None = None, kind: str = "income", parts: int = 10) -> Real:
    """Sums by tenth (or fifth) of a kind that is counted in classes: (parts, `Part`); of one block, or of all, each cut by itself."""
    rows = slice(OFFSETS[kind], OFFSETS[kind] + ROWS[kind])
    blocks = range(ground.blocks) if block is None else [block]
    return np.stack([into_parts(sums["who"][one, rows], parts) for one in blocks]).sum(axis=0)


GAIN_COLUMNS = (
    ("from government", POUNDS), ("from employers", POUNDS), ("pay passed on", POUNDS), ("benefits", POUNDS),
    ("taxes and levy", POUNDS), ("interest saved", POUNDS), ("pay from retraining", POUNDS), ("net gain", POUNDS),
    ("own money in", POUNDS), ("gain", SHARE), ("lose", SHARE),
)  # fmt: skip


def _gains(table: Real) -> Real:
    """A person-year's average of each part, pounds at prices of the first year; and who gains or loses."""
    people = np.where(table[:, Part.PEOPLE] > 0, table[:, Part.PEOPLE], np.nan)[:, None]
    money = table[:, Part.GOVERNMENT : Part.OWN + 1] / people / MINOR
    return np.concatenate([money, table[:, Part.GAIN : Part.LOSE + 1] / people], axis=1)


def _gains_of(kind: str) -> Callable[[Sums, Ground], Real]:
    rows = slice(OFFSETS[kind], OFFSETS[kind] + ROWS[kind])

    def of(sums: Sums, _: Ground) -> Real:
        return _gains(sums["who"][:, rows].sum(axis=0))

    return of


def _spread(sums: Sums, _: Ground) -> Real:
    """Inequality of wealth at each mark: Gini, the top one and ten per cent's shares, the lower half's; of income the Gini."""
    sides = []
    for side in ("before", "after"):
        rows = []
        for table, incomes in zip(sums[f"wealth.{side}"], sums[f"income.{side}"], strict=True):
            counts, amounts = table[:, 0], table[:, 1]
            rows.append(
                [
                    gini(counts, amounts, WEALTH),
                    1 - share_of_lowest(counts, amounts, 0.99),
                    1 - share_of_lowest(counts, amounts, 0.90),
                    share_of_lowest(counts, amounts, 0.50),
                    gini(incomes[:, 0], incomes[:, 1], INCOME),
                ]
            )
        sides.append(np.array(rows))
    before, after = sides
    return np.stack([before, after, after - before], axis=-1).reshape(len(before), -1)


def _marks(ground: Ground) -> list[str]:
    return [f"end of {tax_year(year_of(mark))}" for mark in ground.marks]


PERCENTILES = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99)


def _curve(sums: Sums, _: Ground) -> Real:
    """Wealth that a share of adults are below, at the last mark, pounds at prices of the first year."""
    before, after = (
        np.array([quantile(sums[f"wealth.{side}"][-1][:, 0], WEALTH, share / 100) for share in PERCENTILES]) / MINOR
        for side in ("before", "after")
    )
    return np.stack([before, after, after - before], axis=1)


def _buffers(sums: Sums, ground: Ground) -> Real:
    columns = []
    for name in ("under_100", "under_1000"):
        before, after = (_count(sums, side, name) / _count(sums, side, "adults") for side in ("before", "after"))
        people = _count(sums, "after", name) - _count(sums, "before", name)
        columns += [before, after, after - before, people]
    return np.stack(columns, axis=1)[ground.opens :]


def _low_tenths(sums: Sums, ground: Ground) -> Real:
    """Of adults in each tenth of income: under £100 and under £1,000, without and with; over the last block's years."""
    table = _by_tenth(sums, ground, -1)
    adults = np.where(table[:, Part.ADULTS] > 0, table[:, Part.ADULTS], np.nan)
    columns = []
    for first in (Part.UNDER_100_BEFORE, Part.UNDER_1000_BEFORE):
        before, after = table[:, first] / adults, table[:, first + 1] / adults
        columns += [before, after, after - before]
    wealth = (table[:, Part.WEALTH_AFTER] - table[:, Part.WEALTH_BEFORE]) / table[:, Part.PEOPLE] / MINOR
    return np.stack([*columns, wealth], axis=1)


def _at_ages(sums: Sums, ground: Ground) -> Real:
    """Of those who reach an age in the run's last years."""
    last = sums["ages"][:, max(ground.opens, ground.years - LAST_YEARS) :].sum(axis=1)
    share = last / np.where(last[:, :1] > 0, last[:, :1], np.nan)
    able = share[:, AtAge.ABLE_BEFORE], share[:, AtAge.ABLE_AFTER]
    owning = share[:, AtAge.OWNING_BEFORE], share[:, AtAge.OWNING_AFTER]
    return np.stack([*able, able[1] - able[0], *owning, owning[1] - owning[0]], axis=1)


def _purposes(sums: Sums, ground: Ground) -> Real:
    rows = []
    for name in ("cleared", "courses", "bought", "bought_from_pot"):
        before, after = (_count(sums, side, name)[ground.opens :].sum() for side in ("before", "after"))
        rows.append([before, after, after - before])
    return np.array(rows)


def _old(sums: Sums, _: Ground) -> Real:
    """The pot of those who turn 68, with what was already paid out of it as a pension."""
    table = sums["old"]
    people = np.where(table[:, At68.PEOPLE] > 0, table[:, At68.PEOPLE], np.nan)
    mean = (table[:, At68.POT] + table[:, At68.PAID_OUT]) / people / MINOR
    middle = np.array([quantile(counts, WEALTH, 0.5) for counts in sums["old_pots"]]) / MINOR
    return np.stack([table[:, At68.WITH_POT] / people, mean, middle, mean / MONTHS_OF_PENSION], axis=1)


def _blocks(ground: Ground) -> list[str]:
    return [f"{year_of(years[0])}-{(year_of(years[-1]) + 1) % 100:02d}" for years in _block_years(ground)]


def _pounds(sums: Sums, ground: Ground) -> Real:
    """What came into pots for each £1 of own money, under the reform, over the scheme's years; all, then by tenth."""
    tenths = _by_tenth(sums, ground)
    table = np.concatenate([tenths.sum(axis=0)[None], tenths])
    own = table[:, Part.NEW_POUNDS_OWN]
    columns = [table[:, one] / np.where(own > 0, own, np.nan) for one in range(Part.NEW_POUNDS_OWN, len(Part))]
    return np.stack([*columns, sum(columns, np.zeros(len(own)))], axis=1)


def _tenths(_: Ground) -> list[str]:
    return [
        "lowest tenth",
        *[f"{n}{'nd' if n == 2 else 'rd' if n == 3 else 'th'} tenth" for n in range(2, 10)],
        "highest tenth",
    ]


def _sides(*names: str, unit: str = SHARE) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}, {side}", unit) for name in names for side in ("without", "with", "change"))


TABLES: dict[str, Table] = {
    table.id: table
    for table in (
        Table(
            "brief", "The answer in a line",
            "Cost: a year's average of the scheme's first ten tax years, at prices of the first. Net gains of people by tenths of "
            "household income, pounds a year. Adults with under £1,000 at the end of those ten years. Owning and Gini at the end of the run.",
            "", BRIEF, lambda _: ["all"], _brief,
        ),
        Table(
            "cost_by_year", "What each party pays in, by tax year",
            "Cash of the day, whole country; with the scheme less without it. Own money is saving, not a cost to others.",
            "tax year", (("government", POUNDS), ("employers", POUNDS), ("platforms", POUNDS), ("own money", POUNDS)),
            _years, _cost,
        ),
        Table(
            "cost_by_year_real", "The same at prices of the scheme's first year",
            "By the Consumer Prices Index as the OBR forecast it in March 2026, 2 % a year after.",
            "tax year", (("government", POUNDS), ("employers", POUNDS), ("platforms", POUNDS), ("own money", POUNDS)),
            _years, _cost_real,
        ),
        Table(
            "cost_share", "The same as a share of the country's income",
            "GDP is £2.88 trillion in 2024 (recalled), grown as average earnings (OBR, March 2026): no published path of it is "
            "among our figures. Beside it stands the share of all pay in the model.",
            "tax year", (("government, of GDP", SHARE), ("employers, of GDP", SHARE), ("platforms, of GDP", SHARE), ("government, of all pay", SHARE)),
            _years, _cost_share,
        ),
        Table(
            "treasury", "Government's year",
            "What it pays in, and what it loses or gets elsewhere because of the scheme: taxes on pay, benefits, what is levied for it. "
            "Student loans repaid sooner are beside it: money now instead of later.",
            "tax year", (("paid in", POUNDS), ("taxes lost", POUNDS), ("benefits more", POUNDS), ("levied", POUNDS), ("net", POUNDS), ("loans repaid sooner", POUNDS)),
            _years, _treasury,
        ),
        Table(
            "cost_each", "What one of each costs government",
            "What government pays in over all the scheme's years, at prices of the first, divided by what came of it. The first row lays "
            "all of it on homes that would not have been bought; the next three only the share of withdrawals that went for each purpose.",
            "", (("pounds", POUNDS),),
            lambda _: [
                "a first home more than without", "a first home bought with the pot", "a course paid from the pot",
                "a student loan cleared more than without", "£1 more of wealth in the lowest three tenths",
                "an account, a year",
            ],
            _cost_each,
        ),
        *(
            Table(
                f"gains_by_{kind}", title,
                f"An average person-year of the scheme's years, pounds at prices of the first. {note} Net: what government and employers "
                "put in, less pay passed on, means-tested benefits lost, taxes and levy, plus interest saved and pay from retraining. Own "
                "money is only moved, and growth is paid for by waiting: neither is a gain.",
                head, GAIN_COLUMNS, rows, of,
            )
            for kind, title, note, head, rows, of in (
                (
                    "decile", "Who gains, by household income",
                    "Tenths of people by their household's equivalised disposable income in the year, without the scheme.",
                    "tenth of income", _tenths, lambda sums, ground: _gains(_by_tenth(sums, ground)),
                ),
                (
                    "pay_fifth", "Who gains, by place in the pay distribution",
                    "Fifths of those with pay in the year, by gross pay without the scheme.", "fifth of pay",
                    lambda _: ["lowest fifth", "2nd fifth", "3rd fifth", "4th fifth", "highest fifth"],
                    lambda sums, ground: _gains(_by_tenth(sums, ground, kind="pay", parts=5)),
                ),
                ("age", "Who gains, by age", "Age at the year's end.", "age", lambda _: [words for _, words in AGE_BANDS], _gains_of("age")),
                (
                    "job", "Who gains, by kind of job", "The job of most months of the year, without the scheme.", "job",
                    lambda _: list(JOB_WORDS.values()), _gains_of("job"),
                ),
                ("sex", "Who gains, by sex", "", "sex", lambda _: list(SEX_WORDS.values()), _gains_of("sex")),
                ("cohort", "Who gains, by decade of birth", "", "cohort", lambda _: cohort_words(), _gains_of("cohort")),
            )
        ),
        Table(
            "wealth_inequality", "How wealth is spread",
            "Of adults: all that they own, pots and pensions counted, less all that they owe, student loans too. A Gini of income is of "
            "households' equivalised disposable income, over people.",
            "when", _sides("wealth Gini", "top 1 %", "top 10 %", "lower half", "income Gini"), _marks, _spread,
        ),
        Table(
            "wealth_by_percentile", "Wealth along the line, at the end of the run",
            "What so many per cent of adults own less than, pounds at prices of the first year.",
            "per cent below", _sides("wealth", unit=POUNDS), lambda _: [str(one) for one in PERCENTILES], _curve,
        ),
        Table(
            "buffers", "Adults with little to fall back on",
            "Savings, and what can be taken out of the pot at once for no purpose, less any charge.",
            "tax year",
            tuple(
                column for name in ("under £100", "under £1,000")
                for column in (*_sides(name), (f"{name}, people more", PEOPLE))
            ), _years, _buffers,
        ),
        Table(
            "buffers_by_decile", "Adults with little to fall back on, by household income",
            "Over the run's last block of years. The last column is wealth more with the scheme, an average person.",
            "tenth of income", (*_sides("under £100", "under £1,000"), ("wealth more", POUNDS)), _tenths, _low_tenths,
        ),
        Table(
            "homes_by_age", "A deposit, and a home, by an age",
            "Of those who reach the age in the run's last ten years. Able: owns, or has (with a partner) the median deposit of "
            "first-time buyers, £32,700 in 2023-24 (English Housing Survey), grown as homes are assumed to.",
            "by age", _sides("able to put down a deposit", "owning"), lambda _: [str(age) for age in AGES], _at_ages,
        ),
        Table(
            "purposes", "What the money was for",
            "How many over all the scheme's years.", "", tuple((side, PEOPLE) for side in ("without", "with", "change")),
            lambda _: ["student loans cleared", "courses finished", "first homes bought", "first homes bought with the pot"],
            _purposes,
        ),
        Table(
            "second_pension", "A second pension at 68",
            "Of all who turn 68 in these years, with the scheme: the pot and what it already paid out as a pension, at prices of the "
            "first year. A month: spread over twenty years.",
            "years", (("with an account", SHARE), ("mean", POUNDS), ("median", POUNDS), ("a month", POUNDS)), _blocks, _old,
        ),
        Table(
            "each_pound", "How the we helps the me",
            "What came into pots for each £1 of own money, over all the scheme's years.", "tenth of income",
            (("own", PENCE_A_POUND), ("employers", PENCE_A_POUND), ("government", PENCE_A_POUND), ("growth", PENCE_A_POUND), ("in all", PENCE_A_POUND)),
            lambda ground: ["everybody", *_tenths(ground)], _pounds,
        ),
    )
}  # fmt: skip
"""Every table of answers, in the order they are told."""

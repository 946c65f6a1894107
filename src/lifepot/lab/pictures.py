"""From answers to figures for the page: a drawing, what it shows in a sentence, and the table under it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifepot.drawing import timeline
from lifepot.drawing.bars import Bar, Bars
from lifepot.drawing.bars import lay as lay_bars
from lifepot.drawing.curves import Curve, Curves
from lifepot.drawing.curves import lay as lay_curves
from lifepot.lab.ground import Ground
from lifepot.lab.outcomes import POUNDS, SHARE, TABLES, Answers
from lifepot.lab.sums import year_of
from lifepot.lab.tornado import Tornado
from lifepot.lab.typical import TENURE_WORDS, Typical
from lifepot.lab.words import interval_told, tick, told
from lifepot.population.columns import Job, Tenure


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, its interval under it, and under that how far assumptions move it."""

    text: str
    under: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table to show."""

    caption: str
    note: str
    heads: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture with its words and the tables under it. `kind` says how it is drawn: bars, curves or none."""

    id: str
    caption: str
    over: str
    says: str
    kind: str = "none"
    bars: Bars | None = None
    curves: Curves | None = None
    key: list[tuple[int, str]] = field(default_factory=list)
    tables: list[Shown] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Life:
    """A person's years: lanes, what was in the pot and on hand, and the table under them."""

    id: str
    words: str
    says: str
    rule: str
    lanes: timeline.Timeline
    money: Curves
    key: list[tuple[int, str]]
    looks: list[tuple[int, str]]
    table: Shown


def table(found: Answers, name: str) -> Shown:
    """A table of answers with every figure and its interval."""
    of, one = TABLES[name], found.estimates[name]

    def assumed(down: int, across: int, unit: str) -> str:
        if found.assumed is None:
            return ""
        low, high = found.assumed[name]
        return interval_told(float(low[down, across]), float(high[down, across]), unit)

    rows = [
        [
            Cell(row),
            *(
                Cell(
                    told(float(one.value[down, across]), unit),
                    interval_told(float(one.low[down, across]), float(one.high[down, across]), unit),
                    assumed(down, across, unit),
                )
                for across, (_, unit) in enumerate(of.columns)
            ),
        ]
        for down, row in enumerate(of.rows(found.ground))
        if not np.isnan(one.value[down]).all()
    ]
    return Shown(of.title, of.note, [of.head, *(column for column, _ in of.columns)], rows)


def cost(found: Answers) -> Drawing:
    """What each party pays in by year, at prices of the scheme's first year, with intervals."""
    one = found.estimates["cost_by_year_real"]
    places = [float(year_of(year)) for year in range(found.ground.opens, found.ground.years)]
    names = [name for name, _ in TABLES["cost_by_year_real"].columns]
    lines = [
        Curve(style, name, *(side[:, style].tolist() for side in (one.value, one.low, one.high)))
        for style, name in enumerate(names)
    ]
    drawn = lay_curves(places, lines, lambda year: f"{year:.0f}", lambda pounds: tick(pounds, POUNDS))
    first, last = (
        ", ".join(f"{name} {told(float(one.value[at, style]), POUNDS)}" for style, name in enumerate(names))
        for at in (0, -1)
    )
    rows = found.rows("cost_by_year_real")
    return Drawing(
        "cost", "What each party pays in a year", f"at prices of {rows[0]}, by tax year",
        f"In {rows[0]}: {first}. In {rows[-1]}: {last}.", "curves", curves=drawn, key=list(enumerate(names)),
        tables=[table(found, name) for name in ("cost_by_year", "cost_by_year_real", "cost_share", "treasury", "cost_each")],
    )  # fmt: skip


def gains(found: Answers, name: str) -> Drawing:
    """The net gain of each kind of people as bars with intervals."""
    of, one = TABLES[name], found.estimates[name]
    column = [word for word, _ in of.columns].index("net gain")
    rows = [
        Bar(row, 0.0, value, (low, high), 1 if value >= 0 else 5, told(value, POUNDS))
        for row, value, low, high in zip(
            found.rows(name), *(side[:, column].tolist() for side in (one.value, one.low, one.high)), strict=True
        )
        if not np.isnan(value)
    ]
    says = "; ".join(f"{bar.words} {bar.told}" for bar in rows)
    return Drawing(
        name.replace("_", "-"), of.title, "net gain, pounds a person a year", f"{says}.", "bars",
        bars=lay_bars(rows, lambda pounds: tick(pounds, POUNDS)), tables=[table(found, name)],
    )  # fmt: skip


def wealth(found: Answers) -> Drawing:
    """What so many per cent of adults own less than, without and with the scheme."""
    one = found.estimates["wealth_by_percentile"]
    rows = [float(row) for row in found.rows("wealth_by_percentile")]
    names = ("without", "with")
    lines = [Curve(style * 1, name, one.value[:, style].tolist()) for style, name in enumerate(names)]
    drawn = lay_curves(
        rows,
        lines,
        lambda share: f"{share:.0f} %",
        lambda pounds: tick(pounds, POUNDS),
        marks=[10, 30, 50, 70, 90],
        from_power=2,
    )
    middle = rows.index(50.0)
    says = (
        f"Half of adults own less than {told(float(one.value[middle, 0]), POUNDS)} without the scheme and less than "
        f"{told(float(one.value[middle, 1]), POUNDS)} with it; a tenth less than {told(float(one.value[1, 0]), POUNDS)} and "
        f"{told(float(one.value[1, 1]), POUNDS)}."
    )
    return Drawing(
        "wealth", "Wealth without and with the scheme", "pounds that so many per cent of adults own less than, each line ten times the one below", says, "curves",
        curves=drawn, key=list(enumerate(names)), tables=[table(found, name) for name in ("wealth_by_percentile", "wealth_inequality")],
    )  # fmt: skip


def buffers(found: Answers) -> Drawing:
    """Adults with little to fall back on, by year."""
    one = found.estimates["buffers"]
    places = [float(year_of(year)) for year in range(found.ground.opens, found.ground.years)]
    columns = [name for name, _ in TABLES["buffers"].columns]
    shown = ("under £1,000, without", "under £1,000, with", "under £100, without", "under £100, with")
    lines = [
        Curve(style, name, *(side[:, columns.index(name)].tolist() for side in (one.value, one.low, one.high)))
        for style, name in enumerate(shown)
    ]
    drawn = lay_curves(places, lines, lambda year: f"{year:.0f}", lambda share: tick(share, SHARE))
    last = found.rows("buffers")[-1]
    says = f"In {last}: " + ", ".join(f"{line.words} {told(line.heights[-1], SHARE)}" for line in lines) + "."
    return Drawing(
        "buffers", "Adults with little to fall back on", "share of adults, by tax year", says, "curves", curves=drawn,
        key=list(enumerate(shown)), tables=[table(found, "buffers"), table(found, "buffers_by_decile")],
    )  # fmt: skip


def homes(found: Answers) -> Drawing:
    """Owning by an age, without and with."""
    one = found.estimates["homes_by_age"]
    columns = [name for name, _ in TABLES["homes_by_age"].columns]
    rows = [
        Bar(
            f"{word} by {age}, {side}", 0.0, float(one.value[down, at]), (float(one.low[down, at]), float(one.high[down, at])),
            0 if side == "without" else 1, told(float(one.value[down, at]), SHARE),
        )
        for word in ("able to put down a deposit", "owning")
        for down, age in enumerate(found.rows("homes_by_age"))
        for side in ("without", "with")
        for at in [columns.index(f"{word}, {side}")]
    ]  # fmt: skip
    return Drawing(
        "homes", "A deposit, and a home", "of those who reach the age in the run's last ten years",
        "; ".join(f"{bar.words} {bar.told}" for bar in rows) + ".", "bars", bars=lay_bars(rows, lambda share: tick(share, SHARE)),
        key=[(0, "without"), (1, "with")], tables=[table(found, name) for name in ("homes_by_age", "purposes", "second_pension", "each_pound")],
    )  # fmt: skip


MOST_DRAWN = 10
"""Assumptions that a tornado draws; its table has all."""


def what_matters(one: Tornado) -> Drawing:
    """A tornado: each assumption's swing about the central figure."""
    low_end, high_end = one.interval
    rows = [
        Bar(
            f"{swing.name.replace('_', ' ')}: {_number(swing.low)} to {_number(swing.high)}", swing.at_low, swing.at_high, None, 0,
            f"{told(swing.at_low, one.unit)} to {told(swing.at_high, one.unit)}",
        )
        for swing in one.swings[:MOST_DRAWN]
    ]  # fmt: skip
    widest = one.swings[0] if one.swings else None
    says = f"Central: {told(one.central, one.unit)}; all ranges together, as if independent: {interval_told(low_end, high_end, one.unit) or 'no change'}."
    if widest is not None:
        says += f" What matters most is {widest.name.replace('_', ' ')}."
    cells = [
        [Cell(swing.name.replace("_", " ")), Cell(_number(swing.low)), Cell(_number(swing.high)), Cell(told(swing.at_low, one.unit)), Cell(told(swing.at_high, one.unit))]
        for swing in one.swings
    ]  # fmt: skip
    shown = Shown(
        f"{one.figure}, at both ends of each range", "Each assumption alone, the others central; the same people and the same luck.",
        ["assumption", "low end", "high end", "figure at the low end", "figure at the high end"], cells,
    )  # fmt: skip
    id_ = "tornado-" + "".join(letter if letter.isalnum() else "-" for letter in one.figure.lower())
    return Drawing(
        id_, f"What matters most: {one.figure}", "from the low to the high end of each range", says, "bars",
        bars=lay_bars(rows, lambda number: tick(number, one.unit), one.central), tables=[shown],
    )  # fmt: skip


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


JOB_LOOKS = {Job.EMPLOYEE: (0, "employee"), Job.ZERO_HOURS: (3, "zero hours"), Job.PLATFORM: (2, "platform"), Job.SELF_EMPLOYED: (4, "self-employed"), Job.NONE: (5, "no job")}  # fmt: skip
HOME_LOOKS = {Tenure.OUTRIGHT: 1, Tenure.MORTGAGE: 1, Tenure.PRIVATE_RENT: 3, Tenure.SOCIAL_RENT: 4, Tenure.PARENTS: 2}


def life(number: int, one: Typical, ground: Ground) -> Life:
    """A person's timeline: work, home and loan as lanes; pot and savings as lines."""
    first = ground.opens
    years = [year for year in range(first, ground.years) if one.there[year] > 0]
    start = year_of(years[0])

    def home_of(tenures: NDArray[np.uint8]) -> list[tuple[int, str]]:
        return [(HOME_LOOKS[Tenure(tenures[year])], TENURE_WORDS[Tenure(tenures[year])]) for year in years]

    work = [JOB_LOOKS[Job(one.job[year])] for year in years]
    automated = [(at, "job lost to automation") for at, year in enumerate(years) if one.automated[year]]
    retrained = [(at, "course finished") for at, year in enumerate(years) if one.retrained[year]]
    owes = [(5 if one.loan[1][year] > 0 else -1, "owes a student loan") for year in years]
    homes_lived = [*home_of(one.tenure[0]), *home_of(one.tenure[1])]
    looks = list(dict.fromkeys([*work, *homes_lived, *(look for look in owes if look[0] >= 0)]))
    ticks = [year for year in range(start, start + len(years) + 1) if year % 10 == 0]
    lanes = timeline.lay(
        start,
        [
            timeline.Lane("Work", work, [*automated, *retrained]),
            timeline.Lane("Home, without the scheme", home_of(one.tenure[0])),
            timeline.Lane("Home, with it", home_of(one.tenure[1])),
            *([timeline.Lane("Student loan, with the scheme", owes)] if any(look >= 0 for look, _ in owes) else []),
        ],
        ticks,
    )
    names = ("pot", "savings, with", "savings, without")
    columns = (one.pot, one.savings[1], one.savings[0])
    money = lay_curves(
        [float(year_of(year)) for year in years],
        [Curve(style, name, [float(column[year]) for year in years]) for style, (name, column) in enumerate(zip(names, columns, strict=True))],
        lambda year: f"{year:.0f}", lambda pounds: tick(pounds, POUNDS), marks=[float(year) for year in ticks], height=200,
    )  # fmt: skip
    age = int(one.age[years[0]])
    said = [
        f"{age} years old at the end of the scheme's first year, earning {told(float(one.pay[years[0]]), POUNDS)} in it"
    ]
    if one.payers.any():
        said.append(f"paid by up to {int(one.payers[years].max())} in one month")
    jobless = int(one.out_of_work[years].astype(int).sum())
    said.append(f"{jobless} months out of work" if jobless else "never out of work")
    own = one.came["own"]
    into = ", ".join(
        f"{told(one.came[name], POUNDS)} {words}"
        for name, words in (
            ("own", "own"),
            ("employer", "from employers"),
            ("government", "from government"),
            ("growth", "growth"),
        )
    )
    said.append(f"into the pot came {into}" if own > 0 or one.came["government"] > 0 else "nothing came into the pot")
    out = [
        f"{told(one.came[name], POUNDS)} for {words}"
        for name, words in (
            ("to_loan", "the student loan"),
            ("to_course", "courses"),
            ("to_home", "a home"),
            ("to_pension", "a pension"),
            ("to_other", "anything else"),
        )
        if one.came[name] > 0
    ]
    said.append(f"out of it went {', '.join(out)}" if out else "nothing was taken out")
    shown = [years[at] for at in range(0, len(years), 5)] + ([years[-1]] if (len(years) - 1) % 5 else [])
    cells = [
        [
            Cell(f"{year_of(year)}-{(year_of(year) + 1) % 100:02d}"), Cell(str(int(one.age[year]))), Cell(JOB_LOOKS[Job(one.job[year])][1]),
            Cell(told(float(one.pay[year]), POUNDS)), Cell(told(float(one.pot[year]), POUNDS)), Cell(told(float(one.savings[1][year]), POUNDS)),
            Cell(TENURE_WORDS[Tenure(one.tenure[0][year])]), Cell(TENURE_WORDS[Tenure(one.tenure[1][year])]), Cell(told(float(one.loan[1][year]), POUNDS)),
        ]
        for year in shown
    ]  # fmt: skip
    heads = ["tax year", "age", "work", "pay", "pot", "savings, with", "home, without", "home, with", "loan, with"]
    return Life(
        f"life-{number}", one.words, f"{'; '.join(said)}.",
        f"Person {one.person}, the one with the middle pay of {one.fitted} drawn who fit: {one.rule}.", lanes, money,
        list(enumerate(names)), looks, Shown(f"{one.words}: every fifth year", "Pounds of the day.", heads, cells),
    )  # fmt: skip

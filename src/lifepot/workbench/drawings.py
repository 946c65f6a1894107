"""Pictures of an answer: what each party pays in by year, who gains, who has little to fall back on; each with its table beside it.

They are the lab's own kind of drawing, so that the page that shows the lab's shows these.
"""

from lifepot.drawing.bars import Bar
from lifepot.drawing.bars import lay as lay_bars
from lifepot.drawing.curves import Curve
from lifepot.drawing.curves import lay as lay_curves
from lifepot.lab.pictures import Cell, Drawing, Shown
from lifepot.lab.words import interval_told, tick, told
from lifepot.workbench.figures import Series, Told

NOTE = "95 % intervals beneath: how far a figure would move with other people drawn."
GAIN, LOSS = 1, 5
"""Looks of bars."""


def drawings(of: Told) -> list[Drawing]:
    """The pictures of an answer, or of a difference, in the order in which they are shown."""
    return [_over_years(one) if one.name == "cost" else _by_tenth(one) for one in of.series]


def _over_years(one: Series) -> Drawing:
    places = [float(row.partition("-")[0]) for row in one.rows]
    lines = [
        Curve(style, words, one.values[style], one.low[style], one.high[style]) for style, words in enumerate(one.lines)
    ]
    drawn = lay_curves(places, lines, lambda year: f"{year:.0f}", lambda amount: tick(amount, one.unit))
    ends = ". ".join(
        f"In {one.rows[at]}: "
        + ", ".join(f"{words} {told(one.values[line][at], one.unit)}" for line, words in enumerate(one.lines))
        for at in (0, -1)
    )
    return Drawing(
        one.name, one.title, "at prices of the scheme's first year", f"{ends}.", "curves", curves=drawn,
        key=list(enumerate(one.lines)), tables=[_table(one, "tax year")],
    )  # fmt: skip


def _by_tenth(one: Series) -> Drawing:
    is_alone = len(one.lines) == 1
    rows = [
        Bar(
            row if is_alone else f"{row}, {words}", 0.0, one.values[line][at], (one.low[line][at], one.high[line][at]),
            (GAIN if one.values[line][at] >= 0 else LOSS) if is_alone else line, told(one.values[line][at], one.unit),
        )
        for at, row in enumerate(one.rows)
        for line, words in enumerate(one.lines)
    ]  # fmt: skip
    says = "; ".join(f"{bar.words} {bar.told}" for bar in rows)
    return Drawing(
        one.name.replace("_", "-"), one.title, "with 95 % intervals", f"{says}.", "bars",
        bars=lay_bars(rows, lambda amount: tick(amount, one.unit)), key=[] if is_alone else list(enumerate(one.lines)),
        tables=[_table(one, "tenth of income")],
    )  # fmt: skip


def _table(one: Series, head: str) -> Shown:
    rows = [
        [
            Cell(row),
            *(
                Cell(
                    told(one.values[line][at], one.unit), interval_told(one.low[line][at], one.high[line][at], one.unit)
                )
                for line in range(len(one.lines))
            ),
        ]
        for at, row in enumerate(one.rows)
    ]
    return Shown(one.title, NOTE, [head, *one.lines], rows)

"""From views to figures for the page: a chart, what it shows in a sentence, and the table beside it."""

from dataclasses import dataclass
from fractions import Fraction

from lifepot.brochure.curves import Curve, Stretch
from lifepot.brochure.views import WORKER, View
from lifepot.drawing.chart import Chart, Line, draw, ticks
from lifepot.kernel.columns import PARTIES
from lifepot.money import format_minor
from lifepot.rulebook.figures_in_words import one_major, plain_money
from lifepot.rulebook.scalars import MINOR_PER_MAJOR

PARTY_WORDS = {"worker": "Worker", "employer": "Employer", "government": "Government"}
AXIS_WORDS = {"paid": "own payments in the year", "pay": "pay in the year"}
NOTHING, AT_ONCE = "nothing", " at once"
MINUS, UNTOUCHED = "\N{MINUS SIGN}", "\N{EN DASH}"
TENTHS = 10
MOST_SAID = 7
"""A line of more stretches than this is left to the table."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a table that belong together, under a head of their own if there are several groups."""

    head: str
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its words (a sentence for each line) and its table; `id` is unique on the page."""

    id: str
    caption: str
    over: str
    sentences: list[str]
    chart: Chart
    heads: list[str]
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Panel:
    """Two figures of the same people: what one unit more brings, and what there is in all. `lines` is the legend: each
    line's look, what it is called, and what it shows.
    """

    head: str
    lines: list[tuple[int, str, str]]
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class _Series:
    """One line: what a party adds, for one curve."""

    words: str
    party: int
    curve: Curve
    style: int


def panels_of(view: View, currency: str) -> list[Panel]:
    """The panels of a view. Where one party alone adds something, a line for each kind of people; else a panel for each
    kind, and in it a line for each party.
    """
    kinds = list(zip(view.kinds.drawn, view.curves, strict=True))
    first, *rest = [kind.words for kind, _ in kinds]
    called = [first[:1].upper() + first[1:], *(f"The same, but {words}" for words in rest)]
    shown = view.others if view.varied == "paid" else view.parties
    if len(shown) == 1 and len(kinds) > 1:
        series = [
            _Series(words, shown[0], curve, style)
            for style, (words, (_, curve)) in enumerate(zip(called, kinds, strict=True))
        ]
        return [_panel(view, currency, f"{view.varied}-1", "", series)]
    return [
        _panel(
            view, currency, f"{view.varied}-{number}", words,
            [_Series(PARTY_WORDS[PARTIES[party]], party, curve, party if len(shown) > 1 else 0) for party in shown],
        )
        for number, (words, (_, curve)) in enumerate(zip(called, kinds, strict=True), 1)
    ]  # fmt: skip


def _panel(view: View, currency: str, id_: str, head: str, series: list[_Series]) -> Panel:
    lines = [(one.style, one.words, _in_a_sentence(one, currency)) for one in series]
    return Panel(head, lines, [_more(view, currency, id_, series), _in_all(view, currency, id_, series)])


def _more(view: View, currency: str, id_: str, series: list[_Series]) -> Figure:
    """What one unit more brings."""
    lines = [Line(one.style, one.words, _levels(one), []) for one in series]
    stretches = [(stretch, one.party) for one in series for stretch in one.curve.stretches()]
    steps = sorted({Fraction(stretch.end) for stretch, party in stretches if _jumps(stretch, party)})
    chart = draw(
        lines,
        steps,
        view.upto,
        lambda minor: plain_money(minor, currency),
        lambda part: share(part, currency),
        at_levels=True,
    )
    one = one_major(currency)
    caption = f"Added for each {one} more" if view.varied == "paid" else f"Paid in for each {one} more of pay"
    by_curve = _by_curve(series)
    heads = [AXIS_WORDS[view.varied].capitalize(), *_party_heads(by_curve[0])]
    groups = [Group(_group_head(by_curve, mine), _stretch_rows(mine, currency)) for mine in by_curve]
    sentences = [f"{one.words}: {_in_a_sentence(one, currency)}." for one in series]
    return Figure(f"{id_}-more", caption, AXIS_WORDS[view.varied], sentences, chart, heads, groups)


def _in_all(view: View, currency: str, id_: str, series: list[_Series]) -> Figure:
    """What there is in all."""
    lines, sentences = [], []
    for one in series:
        points = list(
            zip(
                map(Fraction, one.curve.at.tolist()), map(Fraction, one.curve.added[:, one.party].tolist()), strict=True
            )
        )
        corners = [points[place] for place in one.curve.corners]
        lines.append(Line(one.style, one.words, [corners], corners[1:-1]))
        at, most = max(corners, key=lambda point: point[1])
        sentences.append(
            f"{one.words}: {plain_money(int(most), currency)} at most, at {plain_money(int(at), currency)}."
        )
    chart = draw(
        lines,
        [],
        view.upto,
        lambda minor: plain_money(minor, currency),
        lambda minor: plain_money(int(minor), currency),
    )
    by_curve = _by_curve(series)
    taken = ["Taken of it"] if view.is_refused else []
    together = [] if _is_alone(view, by_curve[0]) else ["Together"]
    heads = [AXIS_WORDS[view.varied].capitalize(), *taken, *_party_heads(by_curve[0]), *together]
    groups = [
        Group(_group_head(by_curve, mine), _total_rows(view, mine, currency, is_short=len(by_curve) > 1))
        for mine in by_curve
    ]
    caption = "Added in all" if view.varied == "paid" else "Paid in by each, in all"
    return Figure(f"{id_}-all", caption, AXIS_WORDS[view.varied], sentences, chart, heads, groups)


def _by_curve(series: list[_Series]) -> list[list[_Series]]:
    """Series of one curve together."""
    found: dict[int, list[_Series]] = {}
    for one in series:
        found.setdefault(id(one.curve), []).append(one)
    return list(found.values())


def _party_heads(mine: list[_Series]) -> list[str]:
    return [PARTY_WORDS[PARTIES[one.party]] for one in mine]


def _group_head(by_curve: list[list[_Series]], mine: list[_Series]) -> str:
    return mine[0].words if len(by_curve) > 1 else ""


def _jumps(stretch: Stretch, party: int) -> bool:
    return stretch.is_step and stretch.after[party] != stretch.before[party]


def _levels(one: _Series) -> list[list[tuple[Fraction, Fraction]]]:
    """What one unit more brings as level pieces, joined where they follow each other, broken where something jumps."""
    paths: list[list[tuple[Fraction, Fraction]]] = [[]]
    for stretch in one.curve.stretches():
        if stretch.is_step:
            paths.append([])
            continue
        slope = stretch.slope(one.party)
        paths[-1] += [(Fraction(stretch.begin), slope), (Fraction(stretch.end), slope)]
    return [path for path in paths if path]


def share(part: Fraction, currency: str) -> str:
    """A part of one unit, in its hundredths, to a tenth: "25p", "1.5c", "nothing"."""
    tenths = round(part * MINOR_PER_MAJOR * TENTHS)
    whole, rest = divmod(abs(tenths), TENTHS)
    sign = MINUS if tenths < 0 else ""
    return f"{sign}{whole}{f'.{rest}' if rest else ''}{'p' if currency == 'GBP' else 'c'}"


def _said(part: Fraction, currency: str) -> str:
    text = share(part, currency)
    return NOTHING if text.startswith("0") and text[1:] in {"p", "c"} else text


def _cell(stretch: Stretch, party: int, currency: str) -> str:
    if not stretch.is_step:
        return _said(stretch.slope(party), currency)
    jump = stretch.after[party] - stretch.before[party]
    return f"{plain_money(jump, currency)}{AT_ONCE}".replace("-", MINUS) if jump else UNTOUCHED


def _range(stretch: Stretch, upto: int, currency: str) -> str:
    begin, end = plain_money(stretch.begin, currency), plain_money(stretch.end, currency)
    if stretch.is_step:
        return f"at {end}"
    if stretch.begin == 0:
        return f"up to {end}"
    return f"{begin} and more" if stretch.end == upto else f"{begin} to {end}"


def _stretch_rows(mine: list[_Series], currency: str) -> list[list[str]]:
    """A row for each stretch, those that follow each other and say the same joined."""
    curve = mine[0].curve
    upto = int(curve.at[-1])
    found: list[tuple[Stretch, list[str]]] = []
    for stretch in curve.stretches():
        if stretch.is_step and not any(_jumps(stretch, one.party) for one in mine):
            # It is somebody else's step: a part of what follows.
            continue
        cells = [_cell(stretch, one.party, currency) for one in mine]
        if found and not stretch.is_step and not found[-1][0].is_step and found[-1][1] == cells:
            last = found.pop()[0]
            stretch = Stretch(last.begin, stretch.end, last.before, stretch.after)  # noqa: PLW2901
        found.append((stretch, cells))
    return [[_range(stretch, upto, currency), *cells] for stretch, cells in found]


def _total_rows(view: View, mine: list[_Series], currency: str, *, is_short: bool) -> list[list[str]]:
    """A row for each corner; if it need not be short, also for each tick."""
    curve = mine[0].curve
    at = {int(curve.at[place]) for place in curve.corners[1:]}
    if not is_short:
        at |= {int(one) for one in ticks(Fraction(0), Fraction(view.upto))}
    rows: list[list[int]] = []
    for amount in sorted(at & set(curve.at.tolist())):
        added = curve.row_at(amount)
        own = [] if any(one.party == WORKER for one in mine) else [added[WORKER]]
        parts = [added[one.party] for one in mine]
        together = [] if _is_alone(view, mine) else [sum(parts) + sum(own)]
        rows.append([amount, *(own if view.is_refused else []), *parts, *together])
    return [
        list(row) for row in zip(*(_column(list(column), currency) for column in zip(*rows, strict=True)), strict=True)
    ]


def _is_alone(view: View, mine: list[_Series]) -> bool:
    """Whether one party alone pays in, so that there is nothing to add up."""
    return view.varied == "pay" and len(mine) == 1


def _column(column: list[int], currency: str) -> list[str]:
    """Amounts of one column, all of them with pence if one has any."""
    is_whole = all(minor % MINOR_PER_MAJOR == 0 for minor in column)
    return [(plain_money if is_whole else format_minor)(minor, currency).replace("-", MINUS) for minor in column]


def _in_a_sentence(one: _Series, currency: str) -> str:
    """As in "25p for each £1 up to £4,000, then nothing"."""
    rows = _stretch_rows([one], currency)
    if len(rows) > MOST_SAID:
        return f"it changes {len(rows) - 1} times, as the table says"
    said = []
    for number, (where, cell) in enumerate(rows):
        what = cell if cell == NOTHING or cell.endswith(AT_ONCE) else f"{cell} for each {one_major(currency)}"
        is_last = number == len(rows) - 1
        said.append(
            what if is_last else f"{what} {where}" if where.startswith(("up to", "at")) else f"{what} from {where}"
        )
    return ", then ".join(said)

"""`lifepot lab cost` and `lab compare`: what rulebooks cost and who gains, against no scheme or each other, paired."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.lab_options import (
    OPENS,
    PEOPLE,
    SEED,
    YEARS,
    Assumed,
    Cluster,
    Keep,
    LeversSaid,
    Mapping,
    Microdata,
    Opens,
    People,
    Scenarios,
    Seed,
    Workers,
    Years,
    bar,
    order_of,
    rulebook_of,
    spread_of,
)
from lifepot.commands.show import AsJson, print_json, speaks

if TYPE_CHECKING:
    from lifepot.lab.outcomes import Answers
    from lifepot.lab.run import Order
    from lifepot.lab.tornado import Moved, Tornado
    from lifepot.rulebook.terms import Rulebook

VILLAGES_FOR_SIX = 20
"""Six people are looked for among so many villages at most."""

TORNADO_PEOPLE = 2_000
"""A tornado runs twice for each assumption: with fewer people, and the same luck in all of them."""


@speaks
def cost(
    book: Annotated[str, typer.Argument(metavar="RULEBOOK", help="A rulebook's YAML file, or a shipped one's name.")],
    against: Annotated[str | None, typer.Option("--against", metavar="RULEBOOK", help="Compare with this one instead of no scheme.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="F.html", help="Write one page that stands alone; CSV and Parquet beside it.")] = None,
    tornado: Annotated[bool, typer.Option("--tornado", help="Also run the low and the high end of each assumption: what matters most, and how far assumptions move each figure.")] = False,
    financing: Annotated[bool, typer.Option("--financed", help="Raise income tax by what government pays in, and count it against those who pay it.")] = False,
    people: People = PEOPLE,
    seed: Seed = SEED,
    years: Years = YEARS,
    opens: Opens = OPENS,
    scenario: Scenarios = None,
    lever: LeversSaid = None,
    assume: Assumed = None,
    microdata: Microdata = None,
    mapping: Mapping = None,
    keep: Keep = None,
    cluster: Cluster = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Cost a rulebook: government, employers and platforms by year, who gains, what people own, with intervals.

    The same people live twice with the same luck, so a difference has one cause. Finished work is kept: Ctrl-C, and the same
    command goes on.
    """
    from lifepot.errors import Misuse
    from lifepot.lab.page import Costing, summary, write_costing
    from lifepot.lab.run import assumption_rows, costed, financed, groups_of
    from lifepot.lab.tornado import over_ranges

    reform, other = rulebook_of(book), rulebook_of(against)
    if reform is None:
        raise Misuse("No scheme costs nothing.", remedy="Give a rulebook.")
    order = order_of(people, seed, years, opens, scenario, lever, assume, keep, microdata, mapping)
    spread = spread_of(cluster, workers)
    if financing:
        with bar("its cost") as told:
            order = financed(order, groups_of(order, reform, other, spread=spread, told=told))
    with bar("villages") as told:
        found = costed(order, reform, other, spread=spread, told=told)
    swings: list[Tornado] = []
    if tornado:
        swings, moved = _tornado(order, reform, other)
        found = over_ranges(found, moved)
    files: list[Path] = []
    if report is not None:
        lives = _six(order, reform, other)
        checked = _checked(order)
        costing = Costing(
            reform, other, found, people, seed, swings, lives, checked, assumption_rows(order), order.pulled.told
        )
        files = write_costing(costing, report)
    if as_json:
        print_json(_as_dict(order, reform, other, found, swings, files))
        return
    typer.echo("\n".join(summary(found, other)))
    for one in swings:
        typer.echo(f"{one.figure}: most moved by {', '.join(swing.name for swing in one.swings[:3])}.")
    for file in files:
        typer.echo(f"Written: {file}")


@speaks
def compare(
    one: Annotated[str, typer.Argument(metavar="RULEBOOK", help="A rulebook, or `none`.")],
    other: Annotated[str, typer.Argument(metavar="RULEBOOK", help="Another.")],
    people: People = PEOPLE,
    seed: Seed = SEED,
    years: Years = YEARS,
    opens: Opens = OPENS,
    scenario: Scenarios = None,
    lever: LeversSaid = None,
    assume: Assumed = None,
    keep: Keep = None,
    cluster: Cluster = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Two rulebooks side by side, each against no scheme, and the second against the first, paired."""
    from lifepot.errors import Misuse
    from lifepot.lab.outcomes import BRIEF
    from lifepot.lab.run import costed
    from lifepot.lab.words import interval_told, told

    first, second = rulebook_of(one), rulebook_of(other)
    if second is None:
        raise Misuse("The second is no rulebook.", remedy="Give `none` first, or leave it to `lab cost`.")
    order = order_of(people, seed, years, opens, scenario, lever, assume, keep)
    spread = spread_of(cluster, workers)
    sides: list[tuple[str, Answers]] = []
    for words, book, against in ((one, first, None), (other, second, None), (f"{other} against {one}", second, first)):
        if book is None or (first is None and against is None and words != other):
            continue
        with bar(words) as bars:
            sides.append((words, costed(order, book, against, spread=spread, told=bars)))
        if first is None:
            break
    if as_json:
        print_json(
            {"order": order.as_dict(), "sides": [{"side": words, "tables": found.as_dict()} for words, found in sides]}
        )
        return
    from rich import box
    from rich.table import Table

    from lifepot.commands.tables import console

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for words, _ in sides:
        table.add_column(words, justify="right")
    for column, unit in BRIEF:
        cells = []
        for _, found in sides:
            value, low, high = found.cell("brief", "all", column)
            cells.append(f"{told(value, unit)}\n[dim]{interval_told(low, high, unit)}[/dim]")
        table.add_row(column, *cells)
    console().print(table)


def _tornado(order: "Order", book: "Rulebook", against: "Rulebook | None") -> "tuple[list[Tornado], dict[str, Moved]]":
    """Two figures at both ends of every assumption's range, and how far all ranges move every figure."""
    from dataclasses import replace

    from lifepot.lab.run import costed, tornado_ranges
    from lifepot.lab.tornado import tornadoes
    from lifepot.lab.wanted import cost_of

    small = replace(order, people=min(order.people, TORNADO_PEOPLE))
    ranges = {
        name: (low, order.settings.get(name, central), high) for name, (low, central, high) in tornado_ranges().items()
    }

    def run(changes: dict[str, Any]) -> "Answers":
        return costed(replace(small, settings={**order.settings, **changes}), book, against)

    figures = [
        ("cost to government a year", "pounds", cost_of),
        ("net gain in the lowest three tenths", "pounds", lambda found: found.cell("brief", "all", "lowest three tenths")[0]),
    ]  # fmt: skip
    with bar("assumptions") as told:
        return tornadoes(ranges, run, figures, told)


def _six(order: "Order", book: "Rulebook", against: "Rulebook | None") -> Any:
    from lifepot.lab.run import country
    from lifepot.lab.typical import choose

    home = country(order)
    villages = range(min(VILLAGES_FOR_SIX, home.people.villages))
    return choose(lambda number: home.drawn(number, book, against), villages, order.ground)


def _checked(order: "Order") -> Any:
    from lifepot.lab.run import observed
    from lifepot.lab.validate import validate

    with bar("published figures") as told:
        return validate(observed(order, told))


def _as_dict(
    order: "Order",
    book: "Rulebook",
    against: "Rulebook | None",
    found: "Answers",
    swings: "list[Tornado]",
    files: list[Path],
) -> dict[str, Any]:
    from lifepot.lab.words import in_two_sentences

    return {
        "rulebook": book.name,
        "against": None if against is None else against.name,
        "order": order.as_dict(),
        "villages": found.villages,
        "answer": list(in_two_sentences(found, "" if against is None else against.title)),
        "tables": found.as_dict(),
        "tornadoes": [one.as_dict() for one in swings],
        "files": [str(file) for file in files],
    }

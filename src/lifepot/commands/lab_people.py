"""`lifepot lab people`: the synthetic population, or one from a survey, and how near it comes to what is published."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.show import AsJson, print_json, speaks

if TYPE_CHECKING:
    from lifepot.population.columns import Village
    from lifepot.population.compared import Compared
    from lifepot.population.microdata import Brought
    from lifepot.population.people import Population

LONG = ("of employees", "annual pay")
"""Figures that `--json` has and the table leaves out: there are dozens."""

UNSURE = {"V3": "quoted", "RECALLED": "recalled", "DERIVED": "derived"}
"""What is said of figures that are not from an official file or the publisher's page."""


@speaks
def people(
    number: Annotated[int, typer.Option("--people", metavar="N", help="How many people at the start.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, other people.")] = 1,
    months: Annotated[int, typer.Option("--months", metavar="M", help="Also draw who comes in so many months.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write people.parquet there.")] = None,
    microdata: Annotated[Path | None, typer.Option("--microdata", metavar="F", help="A survey's people, CSV or Parquet.")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="F.yaml", help="What the survey's columns mean.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Draw the population that the lab lives with, and hold it against the published figures it was fitted to.

    With --microdata and --mapping the people are a survey's; the comparison then says how the survey differs.
    """
    from lifepot.population.compared import People, compare, frame

    drawn, unsaid = _population(number, seed, months, microdata, mapping)
    with _bars(as_json) as bars:
        villages = list(_counted(drawn, bars))
    figures = compare(People(villages))
    written = None if out is None else _write(out, frame(villages))
    if as_json:
        print_json(
            {
                "people": number,
                "seed": seed,
                "villages": drawn.villages,
                "weight": drawn.weight,
                "imputed": unsaid,
                "file": None if written is None else str(written),
                "figures": [one.as_dict() for one in figures],
            }
        )
        return
    if unsaid:
        typer.echo(
            f"The survey says nothing of: {', '.join(unsaid)}. These are drawn as for anybody of that age and sex."
        )
    _print(figures)
    typer.echo(f"{number} people in {drawn.villages} villages, each standing for {drawn.weight:,.0f}. Seed {seed}.")
    if written is not None:
        typer.echo(f"Written: {written}")


def _population(
    number: int, seed: int, months: int, microdata: Path | None, mapping: Path | None
) -> "tuple[Population | Brought, list[str]]":
    from lifepot.errors import Misuse
    from lifepot.population.microdata import from_microdata
    from lifepot.population.people import Population

    if (microdata is None) != (mapping is None):
        raise Misuse(
            "A survey needs both its people and what its columns mean.", remedy="Give --microdata and --mapping."
        )
    if microdata is None or mapping is None:
        return Population(seed, number, months), []
    brought = from_microdata(microdata, mapping, seed=seed, people=number, months=months)
    return brought, brought.survey.unsaid


def _bars(quiet: bool) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True, disable=quiet)


def _counted(drawn: "Population | Brought", bars: Any) -> "Iterator[Village]":
    task = bars.add_task("villages", total=drawn.villages)
    for number in range(drawn.villages):
        yield drawn.village(number)
        bars.advance(task)


def _write(out: Path, table: Any) -> Path:
    from lifepot.errors import LifepotError

    path = out / "people.parquet"
    try:
        out.mkdir(parents=True, exist_ok=True)
        table.write_parquet(path, compression="zstd")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise LifepotError(
            f"{path} cannot be written: {error}.", remedy="Give --out a place with room for it."
        ) from None
    return path


def _print(figures: "list[Compared]") -> None:
    from rich import box
    from rich.table import Table

    from lifepot.commands.tables import console

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("figure", "of", "published", "drawn", "off", "certainty"):
        table.add_column(name, justify="right" if name in {"published", "drawn", "off"} else "left", no_wrap=True)
    last = ""
    main = [one for one in figures if not one.what.startswith(LONG)]
    for one in main:
        off = f"{one.off:+.1f} {'pp' if one.unit == 'pct' else '%'}"
        shown = "" if one.what == last else one.what
        row = (shown, one.group, _number(one.published, one.unit), _number(one.drawn, one.unit), off)
        table.add_row(*row, UNSURE.get(one.status, ""))
        last = one.what
    out = console()
    out.print(table)
    sources = sorted({one.table for one in figures})
    out.print(f"Published tables: {', '.join(sources)}. By occupation and industry: with --json.")


def _number(value: float, unit: str) -> str:
    if unit in {"pct", "exponent", "million"}:
        return f"{value:,.1f}{' %' if unit == 'pct' else ' m' if unit == 'million' else ''}"
    return f"{'£' if unit.startswith('GBP') else ''}{value:,.0f}{' bn' if unit == 'GBP bn' else ''}"

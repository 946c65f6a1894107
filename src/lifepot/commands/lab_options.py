"""What the lab's commands share: who is drawn, in what world, where work is kept and done, and how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lifepot.lab.run import Order
    from lifepot.lab.shards import Spread, Told
    from lifepot.rulebook.terms import Rulebook

People = Annotated[int, typer.Option("--people", metavar="N", help="How many people at the start.")]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, other lives.")]
Years = Annotated[int, typer.Option("--years", metavar="Y", help="How many tax years from 2024-25.")]
Opens = Annotated[int, typer.Option("--opens", metavar="YEAR", help="The scheme opens in April of this year.")]
Scenarios = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME[=low|central|high]", help="A world to try: a shipped scenario or a lever file. May be given again."),
]  # fmt: skip
LeversSaid = Annotated[
    list[str] | None, typer.Option("--lever", metavar="NAME=NUMBER", help="One lever alone. May be given again.")
]
Assumed = Annotated[
    list[str] | None, typer.Option("--assume", metavar="NAME=NUMBER", help="Another value of an assumption. May be given again.")
]  # fmt: skip
Keep = Annotated[
    Path | None, typer.Option("--keep", metavar="DIR", help="Where finished work is kept. Default: .lifepot/lab")
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster that is there: tcp://host:8786.")
]  # fmt: skip
Microdata = Annotated[Path | None, typer.Option("--microdata", metavar="F", help="A survey's people, CSV or Parquet.")]
Mapping = Annotated[Path | None, typer.Option("--mapping", metavar="F.yaml", help="What the survey's columns mean.")]
Workers = Annotated[int | None, typer.Option("--workers", metavar="N", help="Threads. Default: one a core.")]

PEOPLE, SEED, YEARS, OPENS = 10_000, 1, 24, 2027
ENDS = ("low", "central", "high")


def order_of(
    people: int,
    seed: int,
    years: int,
    opens: int,
    scenarios: list[str] | None,
    levers: list[str] | None,
    assumed: list[str] | None,
    keep: Path | None,
    microdata: Path | None = None,
    mapping: Path | None = None,
) -> "Order":
    """What the options order. Raises `Misuse` for what cannot be run."""
    from lifepot.errors import Misuse
    from lifepot.lab.run import Order
    from lifepot.lab.scenarios import End, pull
    from lifepot.lab.shards import DEFAULT_KEEP

    wanted: dict[str, End] = {}
    for one in scenarios or []:
        name, _, end = one.rpartition("=") if one.rpartition("=")[2] in ENDS else (one, "", "central")
        wanted[name] = "low" if end == "low" else "high" if end == "high" else "central"
    if len(wanted) != len(scenarios or []):
        raise Misuse("A scenario is given twice.", remedy="Give each once.")
    pulled = pull(wanted, _numbers(levers, "--lever"))
    settings = _numbers(assumed, "--assume")
    if (microdata is None) != (mapping is None):
        raise Misuse(
            "A survey needs both its people and what its columns mean.", remedy="Give --microdata and --mapping."
        )
    survey = None if microdata is None else (str(microdata), str(mapping))
    return Order(people, seed, years, opens, settings, pulled, survey=survey, keep=str(keep or DEFAULT_KEEP))


def _numbers(said: list[str] | None, option: str) -> dict[str, float]:
    from lifepot.errors import Misuse

    found: dict[str, float] = {}
    for one in said or []:
        name, equals, text = one.partition("=")
        try:
            found[name] = float(text)
        except ValueError:
            equals = ""
        if not equals:
            raise Misuse(f"{option} {one} says no number.", remedy=f"Write it as {option} NAME=0.02.")
    return found


def spread_of(cluster: str | None, workers: int | None) -> "Spread":
    """Where shards are worked out."""
    from lifepot.lab.cluster import over_cluster
    from lifepot.lab.run import threads_here
    from lifepot.lab.shards import over_threads

    return over_cluster(cluster) if cluster else over_threads(workers or threads_here())


def rulebook_of(source: str | None) -> "Rulebook | None":
    """A rulebook by its file or shipped name; None, or `none`, is no scheme."""
    from lifepot.rulebook.reader import read_rulebook

    return None if source is None or source == "none" else read_rulebook(source)


@contextmanager
def bar(words: str) -> "Iterator[Told]":
    """A bar on stderr, where somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from lifepot.compiling import is_compiled

    console = Console(stderr=True)
    if not is_compiled("live._months"):
        console.print("Compiling, once on this machine: a minute or two.", style="dim")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(words, total=None)

        def told(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        yield told

"""`lifepot lab search`: designs that nobody could improve at the same cost."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.lab_options import (  # fmt: skip
    OPENS,
    SEED,
    YEARS,
    Assumed,
    Keep,
    LeversSaid,
    Opens,
    People,
    Scenarios,
    Seed,
    Years,
    bar,
    order_of,
    rulebook_of,
)
from lifepot.commands.show import AsJson, print_json, speaks, write_page

SEARCH_PEOPLE = 2_000


@speaks
def search(
    book: Annotated[str, typer.Argument(metavar="RULEBOOK", help="The rulebook whose figures are varied.")],
    vary: Annotated[list[str], typer.Option("--vary", metavar="NAME=LOW:HIGH[:STEP]", help="A value and its range: match.rate=0:1. May be given again.")],
    maximise: Annotated[str, typer.Option("--maximise", metavar="FIGURE", help="What more is wanted of: “share under £1,000 in decile 1-3”.")],
    budget: Annotated[str, typer.Option("--budget", metavar="AMOUNT", help="The most government may pay in a year: 2bn a year.")],
    trials: Annotated[int, typer.Option("--trials", metavar="N", help="How many designs are tried in all.")] = 100,
    against: Annotated[str | None, typer.Option("--against", metavar="RULEBOOK", help="Compare with this one instead of no scheme.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="F.html", help="Write the frontier as a page.")] = None,
    people: People = SEARCH_PEOPLE,
    seed: Seed = SEED,
    years: Years = YEARS,
    opens: Opens = OPENS,
    scenario: Scenarios = None,
    lever: LeversSaid = None,
    assume: Assumed = None,
    keep: Keep = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Try designs of a rulebook, and tell those that no other tried gives more than at the same cost or less.

    Of what is better small, such as a share under £1,000, the fall is maximised. Every design tried is kept: Ctrl-C, and the same
    command goes on; with more --trials it tries more.
    """
    from lifepot.errors import Misuse
    from lifepot.lab.frontier import frontier_page
    from lifepot.lab.run import tried
    from lifepot.lab.search import search as looked_for
    from lifepot.lab.shards import digest_of
    from lifepot.lab.varying import varied
    from lifepot.lab.wanted import budget_of, wanted
    from lifepot.lab.words import told as said

    if trials < 1:
        raise Misuse(f"--trials {trials} tries nothing.", remedy="Give one or more.")
    reform, other = rulebook_of(book), rulebook_of(against)
    if reform is None:
        raise Misuse("There is nothing to vary in no scheme.", remedy="Give a rulebook.")
    order = order_of(people, seed, years, opens, scenario, lever, assume, keep)
    ranges, goal, most = [varied(reform, one) for one in vary], wanted(maximise), budget_of(budget)
    texts = [one.model_dump_json() if one else None for one in (reform, other)]
    digest = digest_of([order.as_dict(), texts, sorted(map(str, ranges)), goal.words])
    journal = Path(order.keep) / f"search-{digest}.journal"
    with bar("designs") as bars:
        found = looked_for(
            reform, ranges, goal, most, tried(order, other), trials=trials, seed=seed, journal=journal, told=bars
        )
    if report is not None:
        write_page(report, frontier_page(reform, ranges, goal, most, found))
    if as_json:
        print_json(
            {
                "rulebook": reform.name,
                "maximised": goal.words,
                "unit": goal.unit,
                "budget_pounds_a_year": most,
                "journal": str(journal),
                "designs": [one.as_dict(ranges) for one in found],
            }
        )
        return
    best = [one for one in found if one.on_frontier]
    typer.echo(f"{len(found)} designs tried; what is maximised: {goal.words}.")
    if not best:
        typer.echo(f"None costs {said(most, 'pounds')} a year or less.")
    for one in best:
        figures = ", ".join(f"{its.name} {its.told(one.figures[its.name])}" for its in ranges)
        typer.echo(f"{said(one.cost, 'pounds')} a year: {said(one.gives, goal.unit)} with {figures}")

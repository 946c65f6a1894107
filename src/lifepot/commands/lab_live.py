"""`lifepot lab live`: the panel, one row a person-month, as Parquet."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lifepot.commands.lab_options import (  # fmt: skip
    OPENS,
    PEOPLE,
    SEED,
    YEARS,
    Assumed,
    Keep,
    LeversSaid,
    Mapping,
    Microdata,
    Opens,
    People,
    Scenarios,
    Seed,
    Years,
    bar,
    order_of,
    rulebook_of,
)
from lifepot.commands.show import AsJson, print_json, speaks


@speaks
def live(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The directory for the Parquet files, one a village.")],
    book: Annotated[str | None, typer.Option("--rulebook", metavar="RULEBOOK", help="Lay this rulebook over the lives. Default: no scheme.")] = None,
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
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write lives month by month: work, pay, households, taxes, what is owned and owed, and the scheme's columns.

    Ctrl-C keeps finished villages, and the same command goes on. Columns: docs/costing-a-reform.md.
    """
    from lifepot.lab.panel import panel_of, write_panel
    from lifepot.lab.run import country

    order = order_of(people, seed, years, opens, scenario, lever, assume, keep, microdata, mapping)
    rulebook = rulebook_of(book)
    home = country(order)
    if rulebook is not None:
        home.laid(rulebook)

    def panel(number: int) -> dict[str, Any]:
        village = home.village(number)
        lives = home.lives(village)
        return panel_of(village, lives, home.lived(village, lives, rulebook, panel=True), order.months)

    said = {**order.as_dict(), "rulebook": None if rulebook is None else rulebook.model_dump_json()}
    with bar("villages") as told:
        files = write_panel(home.people.villages, panel, out, said, told)
    if as_json:
        print_json({"order": order.as_dict(), "files": [str(file) for file in files]})
    else:
        typer.echo(f"{len(files)} villages of {people} people at the start, {order.months} months, in {out}.")

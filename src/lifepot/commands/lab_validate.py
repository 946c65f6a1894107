"""`lifepot lab validate`: the model beside every published figure, misses first."""

from typing import Annotated

import typer

from lifepot.commands.lab_options import PEOPLE, SEED, Keep, People, Seed, bar
from lifepot.commands.show import AsJson, print_json, speaks


@speaks
def validate(
    people: People = PEOPLE,
    seed: Seed = SEED,
    budgets: Annotated[bool, typer.Option("--budgets/--no-budgets", help="Also live households' money, for taxes and incomes.")] = True,
    keep: Keep = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Hold the model against every published target, fitted and held back: tolerance, hit or miss, two naive guesses.

    What is held back is seen by nothing that draws or fits. Exit code 0, misses or not: they are what is asked for.
    """
    from lifepot.lab.run import Order, observed
    from lifepot.lab.shards import DEFAULT_KEEP
    from lifepot.lab.validate import counted
    from lifepot.lab.validate import validate as compared

    order = Order(people=people, seed=seed, years=5, keep=str(keep or DEFAULT_KEEP))
    with bar("villages") as told:
        rows = compared(observed(order, told, budgets=budgets))
    counts = counted(rows)
    if as_json:
        print_json({"people": people, "seed": seed, "counts": counts, "rows": [one.as_dict() for one in rows]})
        return
    from rich import box
    from rich.table import Table

    from lifepot.commands.tables import console

    table = Table(box=box.SIMPLE_HEAD)
    for head in ("", "target", "row", "published", "model", "tolerance", "last value", "independent", "held back"):
        right = head in {"published", "model", "last value", "independent"}
        table.add_column(head, justify="right" if right else "left", overflow="fold")
    for one in rows:
        if one.hit is None:
            continue
        figures = [_number(value) for value in (one.published, one.model)]
        naive = [_number(value) for value in (one.last, one.independent)]
        word = "hit" if one.hit else "MISS"
        table.add_row(word, one.target, one.row, *figures, one.tolerance, *naive, "yes" if one.held_back else "")
    console().print(table)
    for one in rows:
        if one.hit is None:
            typer.echo(f"{one.target}{f' ({one.row})' if one.row else ''}: {one.why}")
    typer.echo(
        f"Fitted: {counts['fitted_hit']} hit, {counts['fitted_missed']} missed, {counts['fitted_not_judged']} not judged. "
        f"Held back: {counts['held_back_hit']} hit, {counts['held_back_missed']} missed, {counts['held_back_not_judged']} not judged."
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"

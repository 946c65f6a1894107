"""`lifepot notices`: what a payer's payroll must know of its people."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.scheme import clock, connected
from lifepot.commands.show import (
    AsJson,
    DatabaseOption,
    HomeOption,
    WhoOption,
    parse_day_option,
    print_json,
    speaks,
    write_page,
)


@speaks
def notices(
    payer: Annotated[str, typer.Argument(metavar="PAYER", help="The payer, as its files name it.")],
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="What became known from this day on (default: since the last --out).")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write them as CSV for the payer; the next notices begin after these.")] = None,
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Tell a payroll of starts, stops, changed rates and refunds of its own people, each with the pay date from which it counts.

    Until that pay date the old rate is no error.
    """
    from lifepot.errors import LifepotError
    from lifepot.scheme.notices import notices as told_to
    from lifepot.scheme.notices import remember

    if out is not None and out.exists():
        raise LifepotError(
            f"{out} is there already.", remedy="Give a new file: what it holds may not have been sent yet."
        )
    with connected(home, database) as connection:
        found = told_to(connection, payer, parse_day_option(since, "--since"))
        if out is not None:
            write_page(out, found.csv())
            remember(connection, found, clock(who, None).known_at)
    if as_json:
        print_json(found.as_dict())
        return
    typer.echo(f"{found.payer}: {len(found.notices)} notices since {found.since}, up to place {found.place}")
    for one in found.notices:
        detail = " ".join(text for text in (one.attribute.replace("_", " "), one.value, one.amount) if text)
        until = f", until {one.until}" if one.until else ""
        person = " ".join(text for text in (one.nino, one.payroll_id) if text)
        typer.echo(
            f"  {one.kind} {person}: {one.reason}{' ' + detail if detail else ''}, on {one.on}{until}; "
            f"counts from the pay of {one.counts_from}"
        )

"""`lifepot answer`: claims as the authority answers them."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.show import REFUSED, AsJson, parse_day_option, print_faults, print_json, speaks


@speaks
def answer(
    rulebook: Annotated[str, typer.Argument(help="A shipped rulebook's name, or a YAML file.")],
    claims: Annotated[
        Path,
        typer.Option(
            "--claims",
            metavar="C.csv",
            help="A row a claim: id, account, kind, made_on, period_start, period_end, reason, amount, "
            "supersedes, original_amount, correction, result, recovered, and a column per field of the rulebook.",
        ),
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="D", help="Claims made after this day are not seen; one that says no day was made on it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int | None:
    """Answer claims and their corrections, one after another, as the rulebook says. No database is used.

    This is the authority's side; `lifepot claim` is the scheme's.
    """
    from lifepot.claiming.ladder import answer_all
    from lifepot.claiming.reader import read_claims
    from lifepot.periods import format_day
    from lifepot.rulebook.reader import read_rulebook

    book = read_rulebook(rulebook)
    messages, faults = read_claims(book, claims, parse_day_option(as_of, "--as-of"))
    answers = answer_all(book, messages)
    print_faults(faults)
    if as_json:
        print_json([one.as_dict() for one in answers])
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None)
        for name in ("id", "outcome", "answer", "figures", "pay by"):
            table.add_column(name, no_wrap=name in {"id", "outcome", "pay by"}, overflow="fold")
        for one in answers:
            paid = "" if one.pay_by is None else format_day(one.pay_by)
            table.add_row(one.id, one.outcome, one.in_words(), one.figures(book.currency), paid)
        Console(width=None, markup=False).print(table)
    return REFUSED if faults or any(one.outcome == "refused" for one in answers) else None

"""`lifepot rulebook check | schema | list | show | diff` and `lifepot entitle`."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.show import DONE, REFUSED, AsJson, parse_day_option, print_faults, print_json, speaks, write_page
from lifepot.errors import LifepotError

DIFFERENT, NOT_COMPARED = 1, 2
"""Exit codes of `diff`, beside 0: they are those that every diff has."""

app = typer.Typer(no_args_is_help=True, help="Rulebooks: check one, list and show those that are shipped, compare two.")


@app.command()
@speaks
def check(
    file: Annotated[str, typer.Argument(help="A rulebook's YAML file, or the name of a shipped one.")],
    as_json: AsJson = False,
) -> int | None:
    """Report every fault of a rulebook: its line and column, what is wrong, what would be right."""
    from lifepot.rulebook.reader import parse_rulebook, rulebook_text

    text, name = rulebook_text(file)
    rulebook, faults = parse_rulebook(text, name)
    if as_json:
        print_json(
            {"file": name, "name": rulebook.name if rulebook else None, "faults": [fault.as_dict() for fault in faults]}
        )
    else:
        for fault in faults:
            typer.echo(
                f"{fault.file}:{fault.line}:{fault.column}: {fault.path}: {fault.found}; expected {fault.expected}"
            )
        if not faults:
            assert rulebook is not None
            typer.echo(
                f"{name}: no faults. {rulebook.title}: {len(rulebook.rules)} rules, {len(rulebook.values)} dated values."
            )
    return REFUSED if faults else None


@app.command()
@speaks
def schema() -> None:
    """Print a JSON Schema of the language, so that an editor completes and checks a rulebook."""
    from lifepot.rulebook.terms import Rulebook

    answer = Rulebook.model_json_schema(by_alias=True)
    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **answer})


@app.command("list")
@speaks
def list_(as_json: AsJson = False) -> None:
    """List the rulebooks that are shipped."""
    from lifepot.rulebook.reader import shipped, shipped_names

    books = [shipped(name) for name in shipped_names()]
    if as_json:
        print_json(
            [
                {"name": book.name, "title": book.title, "currency": book.currency, "rules": list(book.rules)}
                for book in books
            ]
        )
        return
    width = max(len(book.name) for book in books)
    for book in books:
        typer.echo(f"{book.name:<{width}}  {book.title} ({book.currency})")


@app.command()
@speaks
def show(
    name: Annotated[str, typer.Argument(help="A shipped rulebook's name, or a YAML file.")],
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="F", help="Write it as a page to this file, with curves of what each party adds."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="D", help="The day whose figures are shown and drawn. A page's default: today."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a rulebook: its rules in words, its dated values with their sources, its purposes."""
    from datetime import UTC, datetime

    from lifepot.periods import day_of
    from lifepot.rulebook.described import describe
    from lifepot.rulebook.reader import read_rulebook

    on = parse_day_option(as_of, "--as-of")
    book = read_rulebook(name)
    if html is not None:
        from lifepot.brochure.page import scheme_page

        write_page(html, scheme_page(book, day_of(datetime.now(UTC).date()) if on is None else on))
        if as_json:
            print_json({"file": str(html)})
        else:
            typer.echo(f"Written to {html}")
    elif as_json:
        print_json(book.model_dump(by_alias=True, exclude_none=True))
    else:
        typer.echo(describe(book, on))


@app.command(
    epilog="Exit codes, as diff's: 0 no difference in meaning, 1 differences, 2 not compared, or not in full (no file, a faulty rulebook, faulty rows, called wrongly)."
)
@speaks
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A shipped rulebook's name, or a YAML file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The one to hold against it.")],
    people: Annotated[
        Path | None, typer.Option("--people", metavar="P.csv", help="As in `lifepot entitle`; with --facts.")
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option("--facts", metavar="F.csv", help="As in `lifepot entitle`: list whose amounts change, too."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="D", help="Look at the amounts as of this day. Without it, over all days."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List what rulebook B says otherwise than A, by clause and day; with people and facts, whose amounts change.

    What means the same but is written otherwise is no difference. Descriptions, sources, certainty, name and title are
    listed as wording only.
    """
    from lifepot.commands.differences import Comparison, print_comparison

    try:
        comparison = Comparison.of(before, after, people, facts, parse_day_option(as_of, "--as-of"))
    except LifepotError as error:
        error.exit_code = NOT_COMPARED
        raise
    if as_json:
        print_json(comparison.as_dict())
    else:
        print_comparison(comparison)
    if comparison.effects is not None and comparison.effects.faults:
        return NOT_COMPARED
    return DIFFERENT if comparison.meant else DONE


@speaks
def entitle(
    rulebook: Annotated[str, typer.Argument(help="A shipped rulebook's name, or a YAML file.")],
    people: Annotated[
        Path, typer.Option("--people", metavar="P.csv", help="member,born,joined and a column per attribute.")
    ],
    facts: Annotated[
        Path, typer.Option("--facts", metavar="F.csv", help="A row a fact: pay, paid, withdrawn, status, closed, died.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="D", help="Look at it as of this day. Without it every window has run to its end."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int | None:
    """Say what the rules give to these people on these facts. No database is used."""
    from lifepot.entitle import NOTES
    from lifepot.entitle import entitle as work_out
    from lifepot.money import format_minor
    from lifepot.rulebook.reader import read_rulebook

    book = read_rulebook(rulebook)
    rows, faults = work_out(book, people, facts, parse_day_option(as_of, "--as-of"))
    print_faults(faults)
    if as_json:
        print_json(rows)
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None)
        for name in ("member", "rule", "effective on", "window", "amount", "because of"):
            table.add_column(
                name,
                no_wrap=name in {"rule", "effective on", "amount"},
                justify="right" if name == "amount" else "left",
            )
        for row in rows:
            window = f"{row['window_start'] or '…'} to {row['window_end'] or '…'}"
            refs = row["refs"]
            assert isinstance(refs, list)
            table.add_row(
                str(row["member"]), str(row["rule"]), str(row["effective_on"]), window,
                format_minor(int(str(row["amount_minor"])), book.currency), ", ".join(refs[:5]) + (" …" if len(refs) > 5 else ""),
            )  # fmt: skip
        Console(width=None).print(table)
    return REFUSED if any(fault.code not in NOTES for fault in faults) else None

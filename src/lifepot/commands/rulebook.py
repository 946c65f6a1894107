"""`lifepot rulebook check | schema | list | show | diff` and `lifepot entitle`."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.show import DONE, REFUSED, AsJson, parse_day_option, print_faults, print_json, speaks, write_page
from lifepot.errors import LifepotError

DIFFERENT, NOT_COMPARED = 1, 2
"""Exit codes of `diff`, beside 0: they are those that every diff has."""

WIDE_ENOUGH_FOR_WINDOWS = 110
"""Columns from which `entitle` also shows windows; the JSON has them always."""

app = typer.Typer(no_args_is_help=True, help="Rulebooks: check one, list and show those that are shipped, compare two.")


@app.command()
@speaks
def check(
    file: Annotated[str, typer.Argument(help="A rulebook's YAML file, or the name of a shipped one.")],
    as_json: AsJson = False,
) -> int | None:
    """Report every fault of a rulebook: its line and column, the clause, what is wrong, what would be right.

    Notes, such as of a name that nothing asks for, refuse nothing.
    """
    from lifepot.rulebook.reader import RulebookFaults, judge, rulebook_text

    name = file
    try:
        text, name = rulebook_text(file)
        rulebook, faults, notes = judge(text, name)
    except RulebookFaults as unread:
        rulebook, faults, notes = None, unread.faults, []
    if as_json:
        print_json(
            {
                "file": name,
                "name": rulebook.name if rulebook else None,
                "faults": [fault.as_dict() for fault in faults],
                "notes": [note.as_dict() for note in notes],
            }
        )
    else:
        for fault in faults:
            typer.echo(str(fault))
        for note in notes:
            typer.echo(f"note: {note}")
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
    from lifepot.commands.differences import print_comparison
    from lifepot.effects import Comparison

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
            "--as-of",
            metavar="D",
            help="Look at it as of this day. Without it every window has run to its end, and days that the rulebook names come up to each member's last fact.",
        ),
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Say why, fact by fact and rule by rule, also where nothing comes of it.")] = False,
    member: Annotated[str | None, typer.Option("--member", metavar="M", help="With --why: this member alone.")] = None,
    fact: Annotated[str | None, typer.Option("--fact", metavar="REF", help="With --why: this fact alone, step by step.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="R", help="With --why: this rule alone, step by step.")] = None,
    full: Annotated[bool, typer.Option("--full", help="With --why: every step.")] = False,
    as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Say what the rules give to these people on these facts, and with --why why. No database is used."""
    from lifepot.entitle import NOTES
    from lifepot.entitle import entitle as work_out
    from lifepot.errors import Misuse
    from lifepot.rulebook.reader import read_rulebook

    book = read_rulebook(rulebook)
    if why or member is not None or fact is not None or rule is not None or full:
        from lifepot.commands.why import show_entitled
        from lifepot.entitle_why import Asked

        if not why:
            raise Misuse("--member, --fact, --rule and --full narrow what --why says.", remedy="Give --why, too.")
        day = parse_day_option(as_of, "--as-of")
        return show_entitled(book, people, facts, day, Asked(member, fact, rule), full=full, as_json=as_json)
    rows, faults = work_out(book, people, facts, parse_day_option(as_of, "--as-of"))
    print_faults(faults)
    if as_json:
        print_json(rows)
    else:
        _print_entitled(rows, book.currency)
    return REFUSED if any(fault.code not in NOTES for fault in faults) else None


def _print_entitled(rows: list[dict[str, object]], currency: str) -> None:
    """Entitlements as a table; their windows too, where there is room for them."""
    from rich.table import Table

    from lifepot.commands.tables import console
    from lifepot.money import format_minor

    out = console()
    if not rows:
        out.print("Nothing is owed.")
        return
    wide = out.width >= WIDE_ENOUGH_FOR_WINDOWS
    table = Table(box=None)
    for name in ("member", "rule", "on", *(["window"] if wide else []), "amount", "because of"):
        table.add_column(
            name, no_wrap=name in {"on", "amount"}, justify="right" if name == "amount" else "left", overflow="fold"
        )
    for row in rows:
        first, last = row["window_start"] or "the beginning", row["window_end"] or "the end"
        refs = row["refs"]
        assert isinstance(refs, list)
        because = ", ".join(refs[:5]) + (" …" if len(refs) > 5 else "") if refs else "the day"
        amount = format_minor(int(str(row["amount_minor"])), currency)
        window = [f"{first} to {last}"] if wide else []
        table.add_row(str(row["member"]), str(row["rule"]), str(row["effective_on"]), *window, amount, because)
    out.print(table)

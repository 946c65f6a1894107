"""`lifepot quote`: what may be taken out, in tables for a person or as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.show import REFUSED, AsJson, parse_day_option, print_faults, print_json, speaks

if TYPE_CHECKING:
    from rich.table import Table

ALONE = "Each is answered alone, as if nothing else had been asked."
WAYS = {"leaves": "{} leaves the account", "arrives": "{} must arrive", "price": "a price of {}"}


@speaks
def quote(
    rulebook: Annotated[str, typer.Argument(help="A shipped rulebook's name, or a YAML file.")],
    people: Annotated[
        Path, typer.Option("--people", metavar="P.csv", help="member,born,joined and a column per attribute.")
    ],
    facts: Annotated[
        Path, typer.Option("--facts", metavar="F.csv", help="A row a fact: pay, paid, withdrawn, status, closed, died.")
    ],
    asks: Annotated[
        Path | None,
        typer.Option(
            "--asks",
            metavar="A.csv",
            help="ref,member,on,purpose,amount,as (leaves, arrives or price) and a column per attribute said with it. Without it: each member's pots.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="D",
            help="Facts after this day are not seen. Pots without it: as of the last fact's day.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int | None:
    """Say what these people may take out, from which part of the pot and at what charge. No database is used.

    Each ask is answered alone, from the facts up to its day: asking changes nothing, for nobody.
    """
    from lifepot.entitle import NOTES
    from lifepot.quote import answers
    from lifepot.rulebook.reader import read_rulebook

    book, day = read_rulebook(rulebook), parse_day_option(as_of, "--as-of")
    if asks is None:
        rows, faults = answers.pots(book, people, facts, day)
    else:
        rows, faults = answers.quote(book, people, facts, asks, day)
    print_faults(faults)
    if as_json:
        print_json(rows)
    elif asks is None:
        _print_pots(rows, book.currency)
    else:
        _print_answers(rows, book.currency)
    return REFUSED if any(fault.code not in NOTES for fault in faults) else None


def _print_pots(rows: "list[dict[str, Any]]", currency: str) -> None:
    """Pots by account, a line each."""
    from rich.console import Console

    from lifepot.money import format_minor

    out = Console(highlight=False)
    if not rows:
        out.print("Nobody is in the people's file.")
        return
    out.print(f"Pots as of {rows[0]['as_of']}, as if all that is owed had come.")
    table = _table("member", "account", "came >", "gone >", "left >", "until")
    for row in rows:
        for nth, one in enumerate(row["accounts"]):
            came = one["given_minor"] + one["moved_in_minor"]
            until = f"{one['moves_on']}: to {one['moves_to']}" if one["moves_on"] else one["expires_on"] or ""
            figures = (format_minor(minor, currency) for minor in (came, came - one["left_minor"], one["left_minor"]))
            table.add_row("" if nth else row["member"], one["account"], *figures, until)
        short = row["not_there_minor"] + sum(one["not_covered_minor"] for one in row["withdrawals"])
        if short:
            table.add_row("", "not covered", "", "", format_minor(short, currency), "taken out or back, not there")
    out.print(table)


def _print_answers(rows: "list[dict[str, Any]]", currency: str) -> None:
    """Answers, one under the other."""
    from rich.console import Console

    from lifepot.money import format_minor

    out = Console(highlight=False)
    out.print(ALONE)
    for row in rows:
        asked = WAYS[row["as"]].format(format_minor(row["amount_minor"], currency))
        word = f" for {row['asked']}" if row["asked"] else ""
        out.print(f"\n[bold]{row['ref']}[/bold]: {row['member']}, {row['on']}: {asked}{word}")
        table = _table("", " >", "")
        for what, minor, because in _lines(row):
            table.add_row(what, "" if minor is None else format_minor(minor, currency), because)
        out.print(table)


def _lines(row: "dict[str, Any]") -> "list[tuple[str, int | None, str]]":
    """An answer's lines: what, how much (minor units), and because of what."""
    lines: list[tuple[str, int | None, str]] = []
    if row["met"]:
        lines.append(("purpose", None, f"{row['purpose']}; pays {row['pays']}"))
    else:
        lines.append(("purpose", None, "none"))
        for one in row["failed"]:
            found = "not known" if one["found"] is None else one["found"]
            # A value's name stands in the test, its figure in what is needed.
            needed = f", needed {one['needed']}" if one["needed"].endswith(")") else ""
            opens = f"; passes from {one['opens_on']}" if one["opens_on"] else ""
            choice = "one of these would do: " if one["one_of"] else ""
            lines.append(("  fails", None, f"{one['purpose']}: {choice}{one['test']}; found {found}{needed}{opens}"))
        if row["opens_on"]:
            lines.append(("  opens on", None, f"{row['opens_on']} for {row['opens_for']}: {row['opens_because']}"))
    if row["net_price_minor"] is not None:
        if row["subsidy_minor"]:
            lines.append(("subsidy", row["subsidy_minor"], "paid by somebody else first"))
        lines.append(("net price", row["net_price_minor"], ""))
    lines.append(("leaves", row["leaves_minor"], "the account"))
    lines += [(f"  from {one['account']}", one["amount_minor"], "") for one in row["accounts"] if one["amount_minor"]]
    if row["not_covered_minor"]:
        lines.append(("  not covered", row["not_covered_minor"], "is not there"))
    for one in row["charges"]:
        rate = f" at {one['rate']}" if one["rate"] else ""
        beside = "" if one["out_of"] == "withdrawal" else f", beside it from {one['out_of']}"
        lines.append(("charge", one["amount_minor"], f"{one['rule']}{rate}{beside}"))
    lines.append(("arrives", row["arrives_minor"], ""))
    if row["member_pays_minor"] is not None:
        lines.append(("member pays", row["member_pays_minor"], ""))
        for what, word in (("co-payment", "co_payment_minor"), ("shortfall", "shortfall_minor")):
            if row[word]:
                lines.append((f"  {what}", row[word], ""))
    for one in row["complete_by"]:
        count = one["extensions"]
        extended = f" with {count} extension{'s' if count > 1 else ''}" if count else ""
        back = f"; if it fails, back by {one['returned_by']}" if one["returned_by"] else ""
        lines.append(("complete by", None, f"{one['on']}{extended}{back}"))
    return lines


def _table(*heads: str) -> "Table":
    """A table that folds rather than grows beyond the screen; ` >`: to the right."""
    from rich import box
    from rich.table import Table

    plain = all(not head.strip(" >") for head in heads)
    table = Table(box=None if plain else box.SIMPLE_HEAD, show_header=not plain)
    for head in heads:
        right = head.endswith(">")
        table.add_column(head.removesuffix(" >"), justify="right" if right else "left", no_wrap=right, overflow="fold")
    return table

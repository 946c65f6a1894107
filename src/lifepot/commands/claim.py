"""`lifepot claim`: what government and payers owe, asked of them; and what they reply."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.scheme import AsOfOption, clock, connected, stages
from lifepot.commands.show import (
    REFUSED,
    AsJson,
    DatabaseOption,
    HomeOption,
    WhoOption,
    parse_day_option,
    print_faults,
    print_json,
    speaks,
)  # fmt: skip

if TYPE_CHECKING:
    from lifepot.scheme.claim_show import Line, Made

app = typer.Typer(
    no_args_is_help=True,
    help="Claim from government and payers what they owe, period by period, and take in what they reply.",
)

SHOWN = 50

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="F", help="Write the claim's file, which goes to the funder, here.")
]


@app.command("make")
@speaks
def make(
    funder: Annotated[str, typer.Argument(metavar="FUNDER", help="`government`, or a payer as its files name it.")],
    until: Annotated[str | None, typer.Option("--until", metavar="D", help="The last day of a claim period (default: the last that is over).")] = None,
    out: OutOption = None,
    again: Annotated[bool, typer.Option("--again", help="Claim what was refused once more.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Claim what a funder owes up to the end of a period: new, corrected, and what it gets back, which comes first.

    What has fallen due is posted before. Claimed twice for the same period, it answers with the claim that was made.
    """
    from lifepot.money import format_minor
    from lifepot.periods import format_day
    from lifepot.scheme.claim import make_claim

    with connected(home, database) as connection, stages() as progress:
        told = None if progress is None else lambda done, of: progress("settling", done, of)
        claimed = make_claim(
            connection,
            funder,
            parse_day_option(until, "--until"),
            clock(who, as_of),
            again=again,
            out=out,
            progress=told,
        )
    print_faults(claimed.faults)
    if as_json:
        print_json(claimed.as_dict())
    elif claimed.state == "nothing":
        typer.echo(f"Nothing to claim from {claimed.funder} up to {format_day(claimed.until)}.")
    else:
        word = "made" if claimed.state == "made" else "was made before; nothing changes"
        money = {
            name: format_minor(minor, claimed.currency)
            for name, minor in (
                ("asked", claimed.asked_minor), ("recovered", claimed.recovered_minor), ("total", claimed.total_minor)
            )
        }  # fmt: skip
        typer.echo(f"Claim {claimed.number} to {claimed.funder} up to {format_day(claimed.until)} {word}.")
        typer.echo(f"  periods: {claimed.terms}")
        due = "" if claimed.due_on is None else f", in time until {format_day(claimed.due_on)}"
        typer.echo(
            f"  {claimed.lines:,} lines: {money['asked']} asked, {money['recovered']} recovered, {money['total']} to come{due}"
        )
        typer.echo(f"  chain: place {claimed.place}, head {claimed.head}")
    return REFUSED if claimed.faults else None


@app.command("list")
@speaks
def list_(home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """List the claims that were made, with what came of them."""
    from lifepot.scheme.claim_show import list_claims

    with connected(home, database) as connection:
        claims = list_claims(connection)
        currency = _currency(connection)
    if as_json:
        print_json([one.as_dict() for one in claims])
    else:
        for one in claims:
            typer.echo(_in_words(one, currency))


@app.command("show")
@speaks
def show(
    number: Annotated[int, typer.Argument(metavar="N", help="The claim's number.")], out: OutOption = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show a claim, its lines and how each stands; with --out its file is written once more."""
    from lifepot.scheme.claim_show import show_claim

    with connected(home, database) as connection:
        made, lines, as_made = show_claim(connection, number, out)
        currency = _currency(connection)
    if as_json:
        print_json(made.as_dict() | {"file_as_made": as_made, "shown": [line.as_dict() for line in lines]})
        return
    typer.echo(_in_words(made, currency))
    for line in lines[:SHOWN]:
        typer.echo(_line_in_words(line, currency))
    if made.lines > SHOWN:
        typer.echo(f"  and {made.lines - SHOWN:,} lines more; --out writes them all")
    if not as_made:
        typer.echo("  What somebody is called has changed since: its file would not be the same any more.")


@app.command("reply")
@speaks
def reply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with the columns line, outcome, amount, code.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Take in the reply to a claim: what was paid comes to the pots, what was refused is remembered with its code.

    The same reply twice changes nothing.
    """
    from lifepot.money import format_minor
    from lifepot.scheme.claim_reply import receive_reply

    with connected(home, database) as connection:
        answered = receive_reply(connection, file, clock(who, as_of))
    print_faults(answered.faults)
    if as_json:
        print_json(answered.as_dict())
    else:
        words = {"received": "received", "nothing_new": "nothing new", "refused": "refused: nothing of it was taken"}
        typer.echo(f"{answered.file}, reply to claim {answered.claim} by {answered.funder}: {words[answered.state]}")
        typer.echo(
            f"  rows {answered.rows:,}: paid {answered.paid:,}, partly paid {answered.partly_paid:,}, "
            f"refused {answered.refused:,}, unchanged {answered.unchanged:,}"
        )
        cash = format_minor(answered.cash_minor, answered.currency)
        recovered = format_minor(answered.recovered_minor, answered.currency)
        lost = format_minor(answered.refused_minor, answered.currency)
        typer.echo(f"  {cash} to come in the bank, {recovered} recovered from it, {lost} refused")
        for code, count in answered.codes.items():
            typer.echo(f"  refused as {code}: {count:,}")
        if answered.head:
            typer.echo(f"  chain: place {answered.place}, head {answered.head}")
    return REFUSED if answered.faults else None


def _currency(connection: Any) -> str:
    row = connection.execute("select currency from scheme").fetchone()
    return str(row[0]).strip()


def _in_words(one: "Made", currency: str) -> str:
    from lifepot.money import format_minor
    from lifepot.periods import format_day

    money = (one.asked_minor, one.recovered_minor, one.paid_minor, one.refused_minor, one.open_minor)
    asked, recovered, paid, refused, still = (format_minor(minor, currency) for minor in money)
    return (
        f"claim {one.number} to {one.funder} up to {format_day(one.until)}, made {format_day(one.made_on)}, {one.lines:,} lines: "
        f"{asked} asked, {recovered} recovered; {paid} paid, {refused} refused, {still} open"
    )


def _line_in_words(line: "Line", currency: str) -> str:
    from lifepot.money import format_minor
    from lifepot.periods import format_day

    quotes = f" of {line.quotes}" if line.quotes else ""
    said = [f"{line.reason}{quotes}"]
    if line.paid_minor:
        said.append(f"paid {format_minor(line.paid_minor, currency)}")
    if line.refused_minor:
        said.append(f"refused {format_minor(line.refused_minor, currency)} ({line.code})")
    return (
        f"  {line.line}  {line.person or 'nobody named'}  {format_day(line.period_start)} to {format_day(line.period_end)}  "
        f"{line.share}  {format_minor(line.amount_minor, currency)}  {', '.join(said)}"
    )

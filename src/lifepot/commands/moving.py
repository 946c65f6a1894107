"""`lifepot transfer`: an account goes to another scheme, or comes from one."""

from pathlib import Path
from typing import Annotated

import typer

from lifepot.commands.scheme import AsOfOption, MemberArgument, clock, connected
from lifepot.commands.show import (
    REFUSED,
    AsJson,
    DatabaseOption,
    HomeOption,
    WhoOption,
    print_faults,
    print_json,
    speaks,
)

app = typer.Typer(no_args_is_help=True, help="Move an account to another scheme, or take one in, with its history.")


@app.command("out")
@speaks
def out(
    member: MemberArgument,
    to: Annotated[str, typer.Option("--to", metavar="SCHEME", help="The scheme that takes the account over.")],
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the file for that scheme.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Send an account to another scheme, whole and without charge: its money, and a file with its history.

    What is still owed to it stays owed here; when it has come, the same command sends it after the rest.
    """
    from lifepot.errors import LifepotError
    from lifepot.money import format_minor
    from lifepot.scheme.moving import move_out
    from lifepot.scheme.statement import find_member

    if file.exists():
        raise LifepotError(f"{file} is there already.", remedy="Give a new file, so that no account's file is lost.")
    if not file.parent.is_dir():
        raise LifepotError(f"There is no directory {file.parent}.", remedy="Give a file in a directory that is there.")
    with connected(home, database) as connection:
        left = move_out(connection, find_member(connection, member), to, clock(who, as_of), keep=file)
    if as_json:
        print_json(left.as_dict(str(file)))
        return
    moved, owed = (format_minor(minor, left.currency) for minor in (left.moved, left.stays_owed))
    typer.echo(f"Member {left.member} left for {left.to}: {moved} is leaving, and {file} is for that scheme.")
    if left.stays_owed:
        typer.echo(f"{owed} is still owed here; when it has come, send it after the rest with the same command.")
    typer.echo(f"Chain: place {left.place}, head {left.head}")


@app.command("in")
@speaks
def in_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The other scheme's file: see docs/file-layouts.md.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Take in an account from another scheme. Its history counts for ages, totals and yearly limits, and brings nothing again."""
    from lifepot.errors import LifepotError
    from lifepot.money import format_minor
    from lifepot.scheme.moving import move_in

    try:
        content = file.read_bytes()
    except OSError as error:
        raise LifepotError(f"{file} cannot be read ({error.strerror}).", remedy="Give the path of a file.") from None
    with connected(home, database) as connection:
        arrived = move_in(connection, content, file.name, clock(who, as_of))
    if as_json:
        print_json(arrived.as_dict())
    elif not arrived.faults:
        moved = format_minor(arrived.moved, arrived.currency)
        new = " (new)" if arrived.new_member else ""
        typer.echo(
            f"Took in the account of member {arrived.member}{new}: {moved}, and {arrived.facts} facts of before."
        )
        typer.echo("The money is in transit until the bank shows it.")
        for note in arrived.notes:
            typer.echo(f"note: {note}")
        typer.echo(f"Chain: place {arrived.place}, head {arrived.head}")
    print_faults(arrived.faults)
    return REFUSED if arrived.faults else None

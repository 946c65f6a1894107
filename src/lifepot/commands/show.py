"""How every command speaks: JSON or a person's text on stdout, faults and progress on stderr, honest exit codes."""

import json
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from lifepot.errors import Fault, LifepotError

DONE, REFUSED, MISUSE = 0, 1, 2
"""Exit codes: done; refused or faults found; the command was called wrongly."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys instead of text for a person.")]
HomeOption = Annotated[
    str | None,
    typer.Option(
        "--home", metavar="DIR", help="Directory of the embedded database (or LIFEPOT_HOME). Default: .lifepot"
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="A PostgreSQL server of your own (or LIFEPOT_DATABASE_URL)."),
]
WhoOption = Annotated[
    str | None,
    typer.Option("--as", metavar="WHO", help="Who does it, written beside every entry. Default: the system's user."),
]


def print_json(answer: Any) -> None:
    """The answer as JSON on stdout, keys in the order they were made."""
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_faults(faults: Iterable[Fault]) -> None:
    """Faults on stderr, a line each."""
    for fault in faults:
        typer.echo(str(fault), err=True)


def speaks(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turns a command's errors into a sentence and an exit code. With `--json` the sentence is JSON too."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs) or DONE
        except LifepotError as error:
            if kwargs.get("as_json"):
                print_json({"error": error.message, "remedy": error.remedy})
            typer.echo(f"lifepot: {error.message} {error.remedy}", err=True)
            code = error.exit_code
        except KeyboardInterrupt:
            typer.echo("lifepot: stopped; nothing of this command was kept.", err=True)
            code = 130
        raise typer.Exit(code)

    return run


def write_page(file: Path, page: str | bytes) -> None:
    """Writes a page or a paper; misfortune with the file is said with a remedy."""
    from lifepot.errors import LifepotError

    try:
        file.write_bytes(page if isinstance(page, bytes) else page.encode())
    except OSError as error:
        raise LifepotError(
            f"{file} cannot be written ({error.strerror}).", remedy="Give a file in a directory that can be."
        ) from None


def parse_day_option(text: str | None, option: str) -> int | None:
    """A day from an option's text; misuse if it is none."""
    from lifepot.errors import Misuse
    from lifepot.periods import parse_day

    if text is None:
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise Misuse(f"{option}: {error}.", remedy="Give a day such as 2026-04-06.") from None


def system_user() -> str:
    """Name of the user who runs the command."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

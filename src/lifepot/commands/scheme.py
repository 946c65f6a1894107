"""The operator's commands: open, receive, settle, adopt, books, verify and sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.show import (
    REFUSED,
    AsJson,
    DatabaseOption,
    HomeOption,
    WhoOption,
    parse_day_option,
    print_json,
    speaks,
    system_user,
)  # fmt: skip

if TYPE_CHECKING:
    import psycopg

    from lifepot.scheme.opening import Clock
    from lifepot.scheme.resettle import Resettled
    from lifepot.storage.database import Place

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="D", help="Look at it as of this day (default: today, and never before the last)."),
]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Show what it would do, and keep nothing.")]
MemberArgument = Annotated[
    str, typer.Argument(metavar="MEMBER", help="A member's number or National Insurance number.")
]


@contextmanager
def connected(home: str | None, database: str | None, *, new: bool = False) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to the scheme's database, closed at the end. Only for something `new` is a home made."""
    from lifepot.storage.database import misfortunes_told, open_database

    with (
        misfortunes_told(),
        open_database(place_of(home, database, new=new)) as opened,
        opened.connect() as connection,
    ):
        yield connection


def place_of(home: str | None, database: str | None, *, new: bool = False) -> "Place":
    """The place that the options name. Only for something `new` may a home be empty."""
    import os

    from lifepot.errors import LifepotError
    from lifepot.storage.database import Home, resolve_place

    place = resolve_place(home, database, os.environ)
    if not new and isinstance(place, Home) and not (place.directory.is_dir() and any(place.directory.iterdir())):
        raise LifepotError(
            f"There is no scheme in {place.directory}.",
            remedy="Give the --home of one, or open one there: `lifepot open lifetime-savings-account`.",
        )
    return place


def clock(who: str | None, as_of: str | None) -> "Clock":
    """Who, now, and the day to look at."""
    from lifepot.scheme.opening import Clock

    return Clock.at(who or system_user(), datetime.now(UTC), parse_day_option(as_of, "--as-of"))


@speaks
def open_(
    rulebook: Annotated[str, typer.Argument(help="A shipped rulebook's name, or a YAML file.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_of: AsOfOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open a scheme from a rulebook, in a database that holds none yet."""
    from lifepot.rulebook.reader import rulebook_text
    from lifepot.scheme.opening import open_scheme

    text, name = rulebook_text(rulebook)
    with connected(home, database, new=True) as connection:
        batch = open_scheme(connection, text, name, clock(who, as_of))
    if as_json:
        print_json({"scheme": batch.summary["rulebook"], "place": batch.place, "head": batch.head.hex()})
    else:
        typer.echo(f"Opened {batch.summary['rulebook']}. Chain: place {batch.place}, head {batch.head.hex()}")


@speaks
def receive(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files as payroll and platforms send them.")],
    replaces: Annotated[bool, typer.Option("--replaces", help="They take the place of what was told of the same payer and period.")] = False,
    adds: Annotated[bool, typer.Option("--adds", help="They are about other pay of the same payer and period.")] = False,
    layout: Annotated[str | None, typer.Option("--layout", help="The layout, if it should not be recognised.")] = None,
    preview: PreviewOption = False, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Receive files: accept, reject with reasons, match, post, and reply to each. A file is taken whole or not at all."""
    from lifepot.errors import Misuse
    from lifepot.scheme.receive import receive as receive_file

    if replaces and adds:
        raise Misuse("--replaces and --adds contradict each other.", remedy="Give one of them.")
    mode = "replaces" if replaces else "adds" if adds else None
    replies = []
    with connected(home, database) as connection, stages() as progress:
        for file in files:
            reply = receive_file(
                connection, file, clock(who, as_of), mode=mode, layout=layout, preview=preview, progress=progress
            )
            replies.append(reply)
            if not as_json:
                typer.echo("\n".join(reply.lines()))
    if as_json:
        print_json([reply.as_dict() for reply in replies])
    return None if all(reply.clean for reply in replies) else REFUSED


@contextmanager
def stages() -> Iterator[Any]:
    """A progress bar on stderr for work that says its stage, shown only to a person and only if it takes a while."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bars:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, of: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=of)
            bars.update(tasks[stage], completed=done, total=of)

        yield tell


@speaks
def settle(
    as_of: AsOfOption = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    who: WhoOption = None,
    as_json: AsJson = False,
) -> None:
    """Post what has fallen due by a day. Settling twice posts nothing."""
    from lifepot.scheme.resettle import settle_all

    with connected(home, database) as connection, stages() as progress:
        told = None if progress is None else lambda done, of: progress("settling", done, of)
        result = settle_all(connection, clock(who, as_of), told)
        show_resettled(connection, result, as_json, "Settled")


@speaks
def adopt(
    rulebook: Annotated[str, typer.Argument(help="The new version: a YAML file, or a shipped rulebook's name.")],
    from_day: Annotated[str, typer.Option("--from", metavar="D", help="The day it is in force from; earlier days than today too.")],
    preview: PreviewOption = False, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Put a new version of the rulebook in force from a day, and post the differences it makes."""
    from lifepot.rulebook.reader import rulebook_text
    from lifepot.scheme.resettle import adopt as adopt_version

    text, name = rulebook_text(rulebook)
    day = parse_day_option(from_day, "--from")
    assert day is not None
    with connected(home, database) as connection, stages() as progress:
        told = None if progress is None else lambda done, of: progress("settling", done, of)
        result = adopt_version(connection, text, name, day, clock(who, as_of), preview=preview, progress=told)
        show_resettled(connection, result, as_json, "Would adopt" if preview else "Adopted")


def show_resettled(connection: "psycopg.Connection[Any]", result: "Resettled", as_json: bool, verb: str) -> None:
    """What a settle posted, for a person or as JSON."""
    from lifepot.money import format_minor
    from lifepot.periods import format_day

    if as_json:
        print_json(result.as_dict())
        return
    currency = connection.execute("select currency from scheme").fetchone()
    assert currency is not None
    if not result.transfers:
        typer.echo(f"{verb} as of {format_day(result.as_of)}: nothing to post.")
    else:
        typer.echo(
            f"{verb} as of {format_day(result.as_of)}: {result.transfers:,} transfers for {result.members:,} members."
        )
    for one in result.by_rule:
        sent, owed = (format_minor(one[key], currency[0]) for key in ("sent_minor", "owed_minor"))
        typer.echo(f"  {one['rule']}: {sent} in pots, {owed} owed")
    if result.head:
        typer.echo(f"Chain: place {result.place}, head {result.head}")


@speaks
def books(
    effective: Annotated[str | None, typer.Option("--effective", metavar="D", help="Only what is effective up to this day.")] = None,
    known: Annotated[str | None, typer.Option("--known", metavar="T", help="As known at a place of the chain, or at a moment.")] = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The trial balance: what stands on every account, as of any day and as known at any time."""
    from lifepot.commands.tables import print_books
    from lifepot.scheme.books import read_books

    with connected(home, database) as connection:
        answer = read_books(connection, effective_on=parse_day_option(effective, "--effective"), known=known)
    if as_json:
        print_json(answer.as_dict())
    else:
        print_books(answer)


@speaks
def verify(
    head: Annotated[str | None, typer.Option("--head", metavar="H", help="A chain head that a reply printed: prove that it still stands, and what followed.")] = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Prove the books anew: the chain, every balance from its entries, every entitlement from its facts."""
    from lifepot.audit.verify import verify as prove
    from lifepot.errors import Misuse

    try:
        wanted = None if head is None else bytes.fromhex(head)
    except ValueError:
        raise Misuse(
            f"{head!r} is not a chain head.", remedy="Give the 64 hexadecimal digits that a reply printed."
        ) from None
    with connected(home, database) as connection, stages() as progress:
        findings = prove(connection, head=wanted, progress=progress)
    if as_json:
        print_json(findings.as_dict())
    else:
        typer.echo("\n".join(findings.lines()))
    return REFUSED if findings.problems else None


@speaks
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the files.")],
    number: Annotated[int, typer.Option("--members", metavar="N", help="How many people.")] = 100,
    months: Annotated[int, typer.Option("--months", metavar="M", help="How many months of files.")] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed writes the same bytes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Write lifelike files in all layouts, an amendment and a file full of faults among them."""
    from lifepot.errors import LifepotError
    from lifepot.samples import write_sample

    try:
        with stages() as progress:
            told = None if progress is None else lambda done, of: progress("months", done, of)
            written = write_sample(directory, members=number, months=months, seed=seed, on_progress=told)
    except OSError as error:
        raise LifepotError(
            f"{directory} cannot be written ({error.strerror}).", remedy="Give a directory that can be, with room."
        ) from None
    files = [
        {
            "file": str(one.path),
            "layout": one.layout,
            "what": one.what,
            "flags": " ".join(one.flags),
            "received_on": str(one.received_on),
        }
        for one in written.files
    ]
    if as_json:
        print_json({"directory": str(directory), "files": files})
    else:
        typer.echo(f"{len(files)} files in {directory}; manifest.csv lists them in the order they arrive.")

"""`lifepot serve`: pages and API over a scheme; `lifepot seat` and `lifepot key`: which people and machines may come in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.show import AsJson, DatabaseOption, HomeOption, WhoOption, print_json, speaks, system_user

if TYPE_CHECKING:
    import psycopg

    from lifepot.access.identity import Role
    from lifepot.storage.database import Place

seat = typer.Typer(no_args_is_help=True, help="Who may come in by the server's pages, and as what.")

FEWEST_LIVES, MOST_LIVES = 500, 50_000
"""On the workbench."""

key = typer.Typer(
    no_args_is_help=True, help="Keys for machines that use the API: each in one seat, for one payer or member."
)

MemberOption = Annotated[
    int | None, typer.Option("--member", metavar="N", help="Of a member's seat: the member's number.")
]
PayerOption = Annotated[
    str | None, typer.Option("--payer", metavar="REF", help="Of a clerk's seat: the payer's reference.")
]


@speaks
def serve(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", help="On which port; 0 for a free one.")] = 8000,
    public_url: Annotated[str | None, typer.Option("--public-url", metavar="URL", help="Where people find it, if a reverse proxy stands before it: https://pot.example.org")] = None,
    processes: Annotated[int | None, typer.Option("--processes", metavar="N", help="How many answer pages. Default: one a processor.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Ready sign-ins without a password, for the demonstration's own home only.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="D", help="Hold the day still, for trying things.")] = None,
    workbench: Annotated[int, typer.Option("--workbench", metavar="LIVES", help="Made-up lives on the workbench, 500 to 50,000; some 15 MB of disk for each 1,000, in the account's cache. 0: no workbench.")] = MOST_LIVES,
    seeing: Annotated[str | None, typer.Option("--seeing-database", metavar="URL", envvar="LIFEPOT_SEEING_DATABASE_URL", help="The same database, of a weaker user with whom pages see.")] = None,
    proxy: Annotated[str, typer.Option("--proxy", metavar="ADDRESSES", help="Whose word counts for where somebody comes from, where it is not a reverse proxy on this machine.")] = "127.0.0.1",
    print_roles: Annotated[bool, typer.Option("--print-roles", help="Print what an administrator of the database must do once, and end.")] = False,
    home: HomeOption = None, database: DatabaseOption = None,
) -> None:  # fmt: skip
    """Serve a scheme: its pages, its API, its workbench. Ends with Ctrl-C."""
    from lifepot.commands.demo import MARK
    from lifepot.commands.scheme import place_of
    from lifepot.commands.show import parse_day_option
    from lifepot.errors import Misuse
    from lifepot.storage.database import Home, Remote, user_of

    if print_roles:
        from lifepot.access.laying import roles_sql

        place = place_of(home, database, new=True)
        typer.echo(roles_sql(user_of(place), user_of(Remote(seeing)) if seeing else ""))
        return
    place = place_of(home, database)
    if demo and not (isinstance(place, Home) and (place.directory / MARK).exists()):
        raise Misuse("Sign-ins without a password are for the demonstration only.", remedy="Leave out --demo.")
    parse_day_option(as_of, "--as-of")
    if workbench and not FEWEST_LIVES <= workbench <= MOST_LIVES:
        raise Misuse(
            f"A workbench of {workbench} lives.", remedy=f"Give it {FEWEST_LIVES} to {MOST_LIVES:,}, or 0 for none."
        )
    serve_place(
        place, host, port, public_url=public_url, processes=processes, demo=demo, as_of=as_of, seeing=seeing or "", proxy=proxy,
        workbench=workbench,
    )  # fmt: skip


def serve_place(
    place: "Place", host: str, port: int, *, public_url: str | None = None, processes: int | None = None, demo: bool = False,
    as_of: str | None = None, otherwise_any: bool = False, seeing: str = "", proxy: str = "127.0.0.1", workbench: int = MOST_LIVES,
) -> None:  # fmt: skip
    """Serve the scheme of a place until it is told to stop; `otherwise_any`: on another port where that one is taken; `workbench`:
    lives on it.
    """
    from lifepot.access.demo import last_day, make_ready
    from lifepot.access.laying import check_pages_user, lay_door
    from lifepot.errors import LifepotError
    from lifepot.service.app import provider_of_environment
    from lifepot.service.serving import listen
    from lifepot.service.serving import serve as serve_until_stopped
    from lifepot.service.settings import Settings
    from lifepot.storage.database import Remote, connect, open_database

    provider_of_environment()  # what is wrong with it is said now, and not by each process
    with open_database(place) as opened, listen(host, port, otherwise_any=otherwise_any) as listening:
        with opened.connect() as connection:
            if connection.execute("select pg_is_in_recovery()").fetchone() == (True,):
                raise LifepotError(
                    "This database is a standby: it may be read by commands, and not served.",
                    remedy="Serve the one that it follows, or promote it if that one is gone.",
                )
            lay_door(connection)
            if demo:
                make_ready(connection, datetime.now(UTC))
                as_of = as_of or last_day(connection)
        if seeing:
            with connect(Remote(seeing)) as connection:
                check_pages_user(connection)
        found = listening.getsockname()[1]
        shown = f"http://{f'[{host}]' if ':' in host else host}:{found}"
        settings = Settings(
            opened.url, public_url or shown, processes or min(os.cpu_count() or 1, 8), as_of or "", demo=demo, sight=seeing, proxy=proxy,
        )  # fmt: skip
        ready = f"Serving at {settings.public_url} (Ctrl-C ends it)."
        if demo:
            ready += f"\nSign in at {settings.public_url}/sign-in as a member, a clerk, an operator, an approver or an auditor; no password is asked."
        serve_until_stopped(settings, listening, lambda: typer.echo(ready), lives=workbench)


@contextmanager
def at_the_door(home: str | None, database: str | None) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to the scheme's database, on which the door was laid."""
    from lifepot.access.laying import lay_door
    from lifepot.commands.scheme import connected

    with connected(home, database) as connection:
        lay_door(connection)
        yield connection


@seat.command("invite")
@speaks
def invite(
    role: Annotated[str, typer.Argument(help="member, clerk, operator, approver, auditor or analyst.")],
    member: MemberOption = None, payer: PayerOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a code that gives whoever types it, signed in, a seat: once, within four weeks."""
    from lifepot.access import seats

    with at_the_door(home, database) as connection:
        code = seats.invite(
            connection,
            _role(role),
            who or system_user(),
            datetime.now(UTC),
            member=member,
            payer=_payer(connection, payer),
        )
    if as_json:
        print_json({"code": code})
    else:
        typer.echo(f"{code}\nIt works once, within four weeks, on the page Seats of whoever is signed in.")


@seat.command("ticket")
@speaks
def ticket(
    role: Annotated[str, typer.Argument(help="member, clerk, operator, approver, auditor or analyst.")],
    name: Annotated[str, typer.Argument(help="What the person is called; one name, one person.")],
    member: MemberOption = None, payer: PayerOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a way in on this machine itself, once and within a quarter of an hour: for a scheme without an identity provider, and
    for the first operator of one that has.
    """
    from lifepot.access import seats

    now = datetime.now(UTC)
    with at_the_door(home, database) as connection:
        login = seats.login_of(connection, seats.OURSELVES, name, name, now)
        seats.give(
            connection, login, _role(role), who or system_user(), now, member=member, payer=_payer(connection, payer)
        )
        path = f"/sign-in/ticket/{seats.ticket(connection, login, now)}"
    if as_json:
        print_json({"path": path})
    else:
        typer.echo(f"{path}\nOpen it at the server's address.")


@seat.command("list")
@speaks
def list_(home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """The seats that are held."""
    from lifepot.access import seats

    with at_the_door(home, database) as connection:
        held = seats.all_held(connection)
    if as_json:
        print_json(held)
    else:
        for one in held:
            typer.echo(f"{one['seat']}  {one['role']}  {one['for']}  {one['name']}  given by {one['given_by']}")


@seat.command("end")
@speaks
def end(
    number: Annotated[int, typer.Argument(metavar="SEAT", help="The seat's number.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a seat away; sessions in it end at once."""
    from lifepot.access import seats

    with at_the_door(home, database) as connection:
        seats.end(connection, number, who or system_user(), datetime.now(UTC))
    if as_json:
        print_json({"ended": number})
    else:
        typer.echo(f"Seat {number} is nobody's any more.")


@key.command("make")
@speaks
def make_key(
    role: Annotated[str, typer.Argument(help="member, clerk, operator, approver, auditor or analyst.")],
    name: Annotated[str, typer.Argument(help="Which machine it is for; one name, one key.")],
    member: MemberOption = None, payer: PayerOption = None,
    per_minute: Annotated[int, typer.Option("--per-minute", metavar="N", help="How many requests a minute it may make.")] = 600,
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a key for a machine: a clerk's for one payer, a member's for one member. It is shown this once."""
    from lifepot.access import keys
    from lifepot.access.identity import Role
    from lifepot.errors import Misuse

    seated = _role(role)
    if (seated is Role.MEMBER) != (member is not None) or (seated is Role.CLERK) != (payer is not None):
        raise Misuse(
            f"A key of the role {seated} was asked for, and not rightly said for whom.",
            remedy="A member's key is for a --member, a clerk's for a --payer, and the others for neither.",
        )
    with at_the_door(home, database) as connection:
        text = keys.make(
            connection, name, seated, who or system_user(), datetime.now(UTC), member=member,
            payer=_payer(connection, payer), per_minute=per_minute,
        )  # fmt: skip
    if as_json:
        print_json({"key": text})
    else:
        typer.echo(f"{text}\nIt is not shown again. Send it as `Authorization: Bearer {text[:6]}…`; it lasts a year.")


@key.command("list")
@speaks
def list_keys(home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """The keys there are, newest first; not what they are."""
    from lifepot.access import keys

    with at_the_door(home, database) as connection:
        rows = [
            {name: cell if isinstance(cell, str | int | None) else cell.isoformat() for name, cell in row.items()}
            for row in keys.listed(connection)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        until = f"ended {row['ended_at']}" if row["ended_at"] else f"until {row['ends_at']}"
        typer.echo(f"{row['key']}  {row['role']}  {row['per_minute']} a minute  {until}  made by {row['made_by']}")


@key.command("end")
@speaks
def end_key(
    name: Annotated[str, typer.Argument(help="The key's name, as `key list` says it.")],
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """End a key: from now on it opens nothing."""
    from lifepot.access import keys
    from lifepot.errors import Misuse

    with at_the_door(home, database) as connection:
        if not keys.end(connection, name, None, datetime.now(UTC)):
            raise Misuse(f"There is no key {name!r} in force.", remedy="`lifepot key list` names those there are.")
    if as_json:
        print_json({"ended": name})
    else:
        typer.echo(f"The key {name} opens nothing any more.")


def _role(text: str) -> "Role":
    from lifepot.access.identity import Role
    from lifepot.errors import Misuse

    try:
        return Role(text)
    except ValueError:
        raise Misuse(
            f"{text!r} is no role.", remedy=f"Roles: {', '.join(one for one in Role if one != 'public')}."
        ) from None


def _payer(connection: "psycopg.Connection[Any]", ref: str | None) -> int | None:
    from lifepot.errors import Misuse

    if ref is None:
        return None
    row = connection.execute(
        "select id from payer where ref = %(ref)s union all select payer from payer_alias where ref = %(ref)s",
        {"ref": ref},
    ).fetchone()
    if row is None:
        raise Misuse(f"No file names a payer {ref}.", remedy="Give its reference as files do.")
    return int(row[0])

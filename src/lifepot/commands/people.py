"""`lifepot members` and `lifepot payers`: corrections about who is who."""

from typing import Annotated

import typer

from lifepot.commands.scheme import AsOfOption, MemberArgument, clock, connected, show_resettled
from lifepot.commands.show import AsJson, DatabaseOption, HomeOption, WhoOption, parse_day_option, print_json, speaks

members = typer.Typer(no_args_is_help=True, help="Correct who is who: birth days, merging, splitting, erasure.")
payers = typer.Typer(no_args_is_help=True, help="Payers and the references that files call them by.")


@members.command("born")
@speaks
def born(
    member: MemberArgument, day: Annotated[str, typer.Argument(metavar="D", help="The right birth day.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Correct a birth day; what follows from it is posted."""
    from lifepot.scheme.people import correct_birth_day
    from lifepot.scheme.statement import find_member

    right = parse_day_option(day, "D")
    assert right is not None
    with connected(home, database) as connection:
        result = correct_birth_day(connection, find_member(connection, member), right, clock(who, None))
        show_resettled(connection, result, as_json, "Corrected")


@members.command("open")
@speaks
def open_on(
    member: MemberArgument, day: Annotated[str, typer.Argument(metavar="D", help="The day the account was opened.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say on which day an account was opened on request; without it the rulebook's own rule opens it."""
    from lifepot.scheme.people import open_on as open_account
    from lifepot.scheme.statement import find_member

    opened = parse_day_option(day, "D")
    assert opened is not None
    with connected(home, database) as connection:
        result = open_account(connection, [find_member(connection, member)], [opened], clock(who, None))
        show_resettled(connection, result, as_json, "Opened")


@members.command("merge")
@speaks
def merge(
    member: MemberArgument, into: Annotated[str, typer.Argument(metavar="INTO", help="The member who is the same person and stays.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that two members are one person."""
    from lifepot.scheme.people import merge as merge_members
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        result = merge_members(
            connection, find_member(connection, member), find_member(connection, into), clock(who, None)
        )
        show_resettled(connection, result, as_json, "Merged")


@members.command("split")
@speaks
def split(
    member: MemberArgument, payer: Annotated[list[str], typer.Option("--payer", help="The payer whose pay is the other person's.")],
    nino: Annotated[str | None, typer.Option("--nino", help="The NINO that is the other person's.")] = None,
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that one member is two people: the pay from some payers is the other's."""
    from lifepot.scheme.people import split as split_member
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        other, result = split_member(connection, find_member(connection, member), payer, nino, clock(who, None))
        show_resettled(connection, result, as_json, f"Split off member {other},")


@members.command("erase")
@speaks
def erase(
    member: MemberArgument,
    home: HomeOption = None,
    database: DatabaseOption = None,
    who: WhoOption = None,
    as_json: AsJson = False,
) -> None:
    """Take out everything that names a person. The books keep their entries, and still prove."""
    from lifepot.scheme.people import erase as erase_person
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        erased = erase_person(connection, find_member(connection, member), clock(who, None))
    if as_json:
        print_json(
            {"member": erased.member, "rows_blanked": erased.rows_blanked, "place": erased.place, "head": erased.head}
        )
    else:
        typer.echo(
            f"Erased who member {erased.member} was: {erased.rows_blanked} rows of received files blanked. Chain: place {erased.place}, head {erased.head}"
        )


@payers.command("list")
@speaks
def list_payers(home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """List payers with their references."""
    with connected(home, database) as connection:
        rows = connection.execute(
            "select payer.ref, payer.kind, coalesce(array_agg(payer_alias.ref) filter (where payer_alias.ref is not null), '{}') "
            "from payer left join payer_alias on payer_alias.payer = payer.id group by payer.id order by payer.id"
        ).fetchall()
    if as_json:
        print_json([{"payer": ref, "kind": kind, "aliases": aliases} for ref, kind, aliases in rows])
    else:
        for ref, kind, aliases in rows:
            typer.echo(f"{ref}  {kind}" + (f"  also {', '.join(aliases)}" if aliases else ""))


@payers.command("account")
@speaks
def account(
    payer: Annotated[str, typer.Argument(help="The payer, as its files name it.")],
    name: Annotated[str, typer.Option("--name", help="The account's holder.")],
    sort_code: Annotated[str, typer.Option("--sort-code", help="Six digits.")],
    number: Annotated[str, typer.Option("--account", help="Eight digits.")],
    home: HomeOption = None, database: DatabaseOption = None,
) -> None:  # fmt: skip
    """Say where a payer's refunds go: `lifepot pay --refunds` sends them there."""
    from lifepot.payments.runs import set_payer_account

    with connected(home, database) as connection:
        set_payer_account(connection, payer, name, sort_code, number)
    typer.echo(f"Refunds of {payer} go to {name}, {sort_code} {number}.")


@payers.command("alias")
@speaks
def alias(
    payer: Annotated[str, typer.Argument(help="The payer, as its files name it.")],
    other: Annotated[str, typer.Argument(metavar="REF", help="What other files call the same payer.")],
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None,
) -> None:  # fmt: skip
    """Say that files call a payer by another reference too, so that one pay told by two files is one pay."""
    from lifepot.scheme.people import add_alias

    with connected(home, database) as connection:
        add_alias(connection, payer, other, clock(who, None))
    typer.echo(f"{other} is {payer} too.")


@payers.command("bust")
@speaks
def bust(
    payer: Annotated[str, typer.Argument(metavar="REF", help="The payer, as its files name it.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day it went bust; without it, what is claimed of one that did.")] = None,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that a payer can pay no more. What it owes stays owed to each member, as a claim that is told apart."""
    from lifepot.money import format_minor
    from lifepot.periods import format_day
    from lifepot.scheme.bust import went_bust

    with connected(home, database) as connection:
        found = went_bust(connection, payer, parse_day_option(on, "--on"), clock(who, as_of))
    if as_json:
        print_json(found.as_dict())
        return
    total = format_minor(found.total, found.currency)
    count = len(found.claims)
    who = "1 member has a claim" if count == 1 else f"{count} members have claims"
    typer.echo(f"{payer}, bust since {format_day(found.since)}: {who} of {total} on it.")
    for member, (worker, employer) in found.claims.items():
        shares = " and ".join(
            f"{format_minor(minor, found.currency)} of the {whose} share"
            for whose, minor in (("worker's", worker), ("employer's", employer)) if minor
        )  # fmt: skip
        typer.echo(f"  member {member}: {shares}")
    if found.head:
        typer.echo(f"Chain: place {found.place}, head {found.head}")

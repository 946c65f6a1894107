"""`lifepot pay`, `bank`, `suspense`, `reconcile`: money between the scheme and its bank."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lifepot.commands.scheme import AsOfOption, clock, connected
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
)

suspense = typer.Typer(no_args_is_help=True, help="What the bank shows and nobody knows what for: say what it was.")


def write_run(
    form: str, out: Path, pays_on: str | None, as_of: str | None, home: str | None, database: str | None, who: str | None, *,
    as_json: bool, only: int | None = None, refunds: bool = False,
) -> int | None:  # fmt: skip
    """Makes a run and writes its file; unless only one withdrawal is sent, each month of a regular income that is due first."""
    from lifepot.commands.income import made_lines
    from lifepot.errors import Misuse
    from lifepot.payments.runs import FORMATS, make_run
    from lifepot.payments.runs import own_account as own_account_said
    from lifepot.periods import date_of
    from lifepot.scheme.standing import read_standing
    from lifepot.withdrawals.income import make_due

    if form not in FORMATS:
        raise Misuse(f"--format {form!r} is none that banks take here.", remedy=f"Give {' or '.join(FORMATS)}.")
    at = clock(who, as_of)
    day = parse_day_option(pays_on, "--on")
    with connected(home, database) as connection:
        own_account_said(connection)
        months = make_due(connection, at) if only is None else []
        lines = made_lines(months, read_standing(connection).currency)
        made = make_run(connection, form, date_of(at.as_of if day is None else day), at, only=only, refunds=refunds)
    more = {} if only is not None else {"incomes": [one.as_dict() for one in months]}
    if not as_json:
        for line in lines:
            typer.echo(line)
    if made is None:
        if as_json:
            print_json({"run": None} | more)
        else:
            typer.echo("Nothing waits to be sent.")
        return None
    _write(made, out, as_json, more)
    return None


@speaks
def pay(
    form: Annotated[str, typer.Option("--format", metavar="F", help="pain001 (ISO 20022) or bacs18 (Standard 18).")] = "pain001",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write the payment file.")] = None,
    pays_on: Annotated[str | None, typer.Option("--on", metavar="D", help="The day payees are to have it. Default: today.")] = None,
    again: Annotated[int | None, typer.Option("--again", metavar="RUN", help="Write the very file of an earlier run once more.")] = None,
    refunds: Annotated[bool, typer.Option("--refunds", help="Also what is held for payers whose account is known.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the runs there were.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Send everything that was approved: one file for the bank, in which each withdrawal stands once.

    Each month of a regular income that is due is made first, once.
    """
    from lifepot.errors import Misuse
    from lifepot.money import format_minor
    from lifepot.payments.runs import list_runs, run_again

    if list_:
        with connected(home, database) as connection:
            runs = list_runs(connection)
        if as_json:
            print_json(runs)
        else:
            for one in runs:
                typer.echo(
                    f"run {one['run']}  {one['pays_on']}  {one['format']}  {one['payments']} payments, {format_minor(one['amount_minor'])}"
                )
        return None
    if out is None:
        raise Misuse("There is no file to write.", remedy="Give --out FILE.")
    if again is None:
        return write_run(form, out, pays_on, as_of, home, database, who, as_json=as_json, refunds=refunds)
    with connected(home, database) as connection:
        found = run_again(connection, again)
    _write(found, out, as_json, {})
    return None


def _write(run: Any, out: Path, as_json: bool, more: dict[str, Any]) -> None:
    from lifepot.errors import LifepotError
    from lifepot.money import format_minor

    try:
        out.write_bytes(run.octets)
    except OSError as error:
        raise LifepotError(
            f"Run {run.number} is made, and {out} cannot be written ({error.strerror}).",
            remedy=f"Nothing is lost: `lifepot pay --again {run.number} --out FILE` writes it.",
        ) from None
    if as_json:
        print_json(run.as_dict() | more)
        return
    again = "" if run.new else " (once more, the very same)"
    typer.echo(
        f"Run {run.number}{again}: {run.payments} payments, {format_minor(run.amount)} in all, for {run.pays_on}, in {out}"
    )
    for one in run.left_out:
        typer.echo(f"  left out: withdrawal {one['withdrawal']}, {one['because']}")


@speaks
def bank(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Statements: camt.053 or CSV.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Take in the bank's statements: each entry meets what it pays, or waits in suspense with a reason."""
    from lifepot.money import format_minor
    from lifepot.payments.statements import receive_statement

    found = []
    with connected(home, database) as connection:
        for file in files:
            taken = receive_statement(connection, file, clock(who, as_of))
            found.append(taken)
            print_faults(taken.faults)
            if as_json:
                continue
            typer.echo(
                f"{taken.file}: {taken.state}; {len(taken.entries)} new entries, {taken.known} known before, "
                f"{len(taken.in_suspense)} in suspense"
            )
            for one in taken.in_suspense:
                typer.echo(
                    f"  entry {one['entry']}  {one['booked_on']}  {format_minor(one['amount_minor'])}  {one['said'] or one['from']}: {one['because']}"
                )
    if as_json:
        print_json([one.as_dict() for one in found])
    return REFUSED if any(one.faults for one in found) else None


@suspense.command("match")
@speaks
def match(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The entry's number.")],
    payer: Annotated[str | None, typer.Option("--payer", metavar="REF", help="It is this payer's.")] = None,
    account: Annotated[str | None, typer.Option("--to", metavar="ACCOUNT", help="It is from_government, refused, paid_out, on_the_way, rounding or in_transit:0 (workers').")] = None,
    remember: Annotated[bool, typer.Option("--remember", help="What comes from this account is the payer's from now on.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what an entry in suspense was."""
    from lifepot.money import format_minor
    from lifepot.payments.statements import match_by_hand

    with connected(home, database) as connection:
        done = match_by_hand(connection, entry, clock(who, as_of), payer=payer, account=account, remember=remember)
    if as_json:
        print_json(done)
    else:
        typer.echo(f"Entry {entry}: {format_minor(done['amount_minor'])} is {done['account']}.")


@speaks
def own_account(
    name: Annotated[str, typer.Option("--name", help="The holder, as the bank knows it.")],
    sort_code: Annotated[str, typer.Option("--sort-code", help="Six digits.")] = "",
    account: Annotated[str, typer.Option("--account", help="Eight digits.")] = "",
    iban: Annotated[str, typer.Option("--iban", help="For accounts in euros.")] = "",
    bic: Annotated[str, typer.Option("--bic", help="Of the bank.")] = "",
    service_user: Annotated[str, typer.Option("--service-user", help="Six digits that the bank gave for Bacs.")] = "",
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say which account the scheme pays from, and whose statements it receives."""
    from lifepot.banking.payments import OwnAccount
    from lifepot.commands.withdraw import not_checked_lines
    from lifepot.payments.runs import set_own_account
    from lifepot.withdrawals.accounts import NO_TABLE, checked_account

    plain = sort_code.replace("-", "").replace(" ", "")
    with connected(home, database) as connection:
        set_own_account(connection, OwnAccount(name, plain, account, iban.replace(" ", ""), bic, service_user))
        checked = checked_account(connection, plain, account) if plain else NO_TABLE
    if as_json:
        print_json(
            {"name": name, "sort_code": plain, "account_number": account, "iban": iban, "checked": checked.answer}
        )
    else:
        typer.echo(f"The scheme's account is {name}, {plain or iban} {account}".rstrip() + ".")
        for line in not_checked_lines(checked) if plain else []:
            typer.echo(line)


@speaks
def reconcile(
    as_of: AsOfOption = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    who: WhoOption = None,
    as_json: AsJson = False,
) -> int | None:
    """File, bank and ledger side by side, every difference with its name and age. Exit code 1 if one has none."""
    from lifepot.commands.tables import print_reconciled
    from lifepot.payments.reconcile import reconcile as reconciled

    with connected(home, database) as connection:
        found = reconciled(connection, clock(who, as_of).as_of)
    if as_json:
        print_json(found.as_dict())
    else:
        print_reconciled(found)
    return REFUSED if found.unexplained else None

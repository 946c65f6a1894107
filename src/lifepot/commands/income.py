"""`lifepot income`: the steps of a regular income after `lifepot withdraw income` asked for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.scheme import AsOfOption, clock, connected
from lifepot.commands.show import AsJson, DatabaseOption, HomeOption, WhoOption, print_json, speaks

if TYPE_CHECKING:
    from lifepot.banking.modulus import Checked
    from lifepot.withdrawals.income import Income, Made

app = typer.Typer(
    no_args_is_help=True,
    help="A regular income out of a pot, asked for with `withdraw income`: approve, change or stop it; `lifepot pay` makes each month.",
)

NumberArgument = Annotated[int, typer.Argument(metavar="N", help="The income's number, as `withdraw income` said it.")]


def _plain_step(name: str, words: str) -> None:
    """A step that needs nothing but the number."""

    @app.command(name, help=words)
    @speaks
    def step(
        number: NumberArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
        who: WhoOption = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        from lifepot.withdrawals import income

        with connected(home, database) as connection:
            taken = getattr(income, name)(connection, number, clock(who, as_of))
            currency = _currency(connection)
        print_income(taken, currency, as_json=as_json)


_plain_step("approve", "Agree to what was asked or changed. Never by whoever asked.")
_plain_step("decline", "Refuse what was asked or changed; what was agreed on before goes on.")
_plain_step("stop", "No more of it from today on. What fell due before is still made.")


@app.command("change")
@speaks
def change(
    number: NumberArgument,
    amount: Annotated[str | None, typer.Option("--amount", metavar="A", help="The new amount of each month.")] = None,
    day: Annotated[int | None, typer.Option("--day", metavar="N", help="The new day of the month.")] = None,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask for another amount or day, from the next month that is not made yet. Another person approves it."""
    from lifepot.errors import Misuse
    from lifepot.money import parse_minor
    from lifepot.withdrawals.income import change as changed

    if amount is None and day is None:
        raise Misuse("Nothing is to be changed.", remedy="Give --amount or --day.")
    try:
        minor = None if amount is None else parse_minor(amount)
    except ValueError as error:
        raise Misuse(f"{error}.", remedy="Give an amount such as 250.00.") from None
    with connected(home, database) as connection:
        taken = changed(connection, number, minor, day, clock(who, as_of))
        currency = _currency(connection)
    print_income(taken, currency, as_json=as_json)


@app.command("show")
@speaks
def show(
    number: NumberArgument, home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False
) -> None:
    """One income with its steps and months."""
    from lifepot.money import format_minor
    from lifepot.withdrawals.income import read_income

    with connected(home, database) as connection:
        found = read_income(connection, number)
        currency = _currency(connection)
    print_income(found, currency, as_json=as_json)
    if as_json:
        return
    said = found.as_dict()
    for one in said["steps"]:
        typer.echo(f"  {one['effective_on']}  {one['step']}  by {one['who']}")
    for one in said["months"]:
        what = f"withdrawal {one['withdrawal']}" if one["withdrawal"] else "nothing was there"
        typer.echo(f"  {one['month']}  {format_minor(one['amount_minor'], currency)}  {what}")


@app.command("list")
@speaks
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended or were stopped.")] = False,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Incomes that run or wait for approval, oldest first."""
    from lifepot.withdrawals.income import read_incomes

    with connected(home, database) as connection:
        found = [one for one in read_incomes(connection) if every or one.state in ("asked", "running")]
        currency = _currency(connection)
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    for one in found:
        print_income(one, currency, as_json=False)
    if not found:
        typer.echo("There is none.")


def print_income(found: "Income", currency: str, *, as_json: bool, checked: "Checked | None" = None) -> None:
    """An income in a line or two, or as JSON."""
    from lifepot.commands.withdraw import not_checked_lines
    from lifepot.money import format_minor

    said: dict[str, Any] = found.as_dict()
    if as_json:
        print_json(said | ({} if checked is None else {"checked": checked.answer}))
        return
    terms = (
        "" if said["amount_minor"] is None else f", {format_minor(said['amount_minor'], currency)} on day {said['day']}"
    )
    typer.echo(f"Income {found.number} of member {found.member}: {found.state}{terms}.")
    if said["waiting"]:
        one = said["waiting"]
        typer.echo(
            f"  waits for approval: {format_minor(one['amount_minor'], currency)} on day {one['day']}, from {one['from']}"
        )
    for line in [] if checked is None else not_checked_lines(checked):
        typer.echo(line)


def made_lines(made: "list[Made]", currency: str) -> list[str]:
    """What `lifepot pay` made of the incomes that were due, a line each."""
    from lifepot.money import format_minor

    lines = []
    for one in made:
        whose = f"Income {one.income} of member {one.member}, {one.month}"
        if one.because:
            lines.append(f"{whose}: waits, for {one.because}")
        elif one.withdrawal is not None:
            lines.append(f"{whose}: {format_minor(one.amount, currency)}, withdrawal {one.withdrawal}")
        if one.emptied:
            lines.append(f"{whose}: stopped, the pot is empty")
    return lines


def read_evidence(files: list[Path]) -> list[tuple[str, bytes]]:
    """The files' names and contents."""
    from lifepot.errors import Misuse

    found = []
    for file in files:
        try:
            found.append((file.name, file.read_bytes()))
        except OSError as error:
            raise Misuse(
                f"{file} cannot be read ({error.strerror}).", remedy="Give the file of the evidence."
            ) from None
    return found


def _currency(connection: Any) -> str:
    from lifepot.scheme.standing import read_standing

    return read_standing(connection).currency

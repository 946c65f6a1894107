"""`lifepot withdraw` and `lifepot payees`: money out, step by step, and whom it may go to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.scheme import AsOfOption, MemberArgument, clock, connected
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

if TYPE_CHECKING:
    from lifepot.banking.modulus import Checked
    from lifepot.withdrawals.quoting import Quote, Wish
    from lifepot.withdrawals.steps import Taken

app = typer.Typer(
    no_args_is_help=True,
    help="Take money out, step by step: quote, ask, prove, approve, (release,) then `lifepot pay`; settle, or return.",
)
payees = typer.Typer(
    no_args_is_help=True, help="The register of payees: lenders, providers and courses, conveyancers …"
)

AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 500.00: what leaves the pot.")]
PurposeOption = Annotated[
    str | None, typer.Option("--for", metavar="PURPOSE", help="A purpose of the rulebook; without it, anything else.")
]
ArrivesOption = Annotated[bool, typer.Option("--arrives", help="AMOUNT is what is to arrive, after any charge.")]
PriceOption = Annotated[
    bool, typer.Option("--price", help="AMOUNT is a price: as much of it is paid as may be, the member pays the rest.")
]
SaidOption = Annotated[
    list[str] | None,
    typer.Option(
        "--say", metavar="NAME=VALUE", help="What the purpose asks of, such as price=250000.00; may be repeated."
    ),
]
ChildOption = Annotated[
    str | None,
    typer.Option("--for-child", metavar="MEMBER", help="Whose student loan it is, if it is a linked child's."),
]
NumberArgument = Annotated[int, typer.Argument(metavar="N", help="The withdrawal's number, as `ask` said it.")]


def _wish(
    connection: Any,
    member: str,
    amount: str,
    purpose: str | None,
    said: list[str] | None,
    *,
    arrives: bool,
    price: bool,
) -> "tuple[Wish, dict[str, str]]":
    """What is wished for; and what is said of a student loan, which the rulebook does not ask for."""
    from lifepot.commands.loan import WORDS
    from lifepot.errors import Misuse
    from lifepot.money import parse_minor
    from lifepot.scheme.statement import find_member
    from lifepot.withdrawals.quoting import Wish

    try:
        minor = parse_minor(amount)
    except ValueError as error:
        raise Misuse(f"{error}.", remedy="Give an amount such as 500.00.") from None
    if minor <= 0:
        raise Misuse("Nothing or less cannot be taken out.", remedy="Give an amount such as 500.00.")
    pairs = [text.partition("=") for text in said or []]
    if any(not mark for _, mark, _ in pairs):
        raise Misuse("--say is NAME=VALUE.", remedy="Say for example --say price=250000.00.")
    word = None if purpose is None else purpose.strip().lower().replace(" ", "_").replace("-", "_")
    told = {name.strip(): value.strip() for name, _, value in pairs}
    loan = {name: told.pop(name) for name in WORDS if name in told}
    if arrives and price:
        raise Misuse("--arrives and --price contradict each other.", remedy="Give one of them.")
    return Wish(find_member(connection, member), word, minor, arrives, told, price), loan


@app.command("quote")
@speaks
def quote(
    member: MemberArgument, amount: AmountArgument, purpose: PurposeOption = None, arrives: ArrivesOption = False, price: PriceOption = False,
    say: SaidOption = None, child: ChildOption = None, as_of: AsOfOption = None, home: HomeOption = None,
    database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Say what it would come to: whose money goes, the charge, what arrives, what is lost. Nothing is kept."""
    from lifepot.commands.loan import of_child, of_withdrawal
    from lifepot.withdrawals.quoting import quote as quoted

    with connected(home, database) as connection:
        wish, loan = _wish(connection, member, amount, purpose, say, arrives=arrives, price=price)
        wish = of_child(connection, wish, child)
        found = quoted(connection, wish, clock(who, as_of))
        currency = _currency(connection)
    told = of_withdrawal(loan, found)
    if as_json:
        print_json(found.as_dict() | told.beside)
    else:
        typer.echo("\n".join(quote_lines(found, currency) + told.lines))
    return None if found.met and not found.not_there else REFUSED


def not_checked_lines(checked: "Checked") -> list[str]:
    """That an account was not checked, if it was not."""
    from lifepot.banking.modulus import Answer

    return [f"The account was not checked: {checked.why}."] if checked.answer == Answer.UNCHECKED else []


def quote_lines(found: "Quote", currency: str) -> list[str]:
    """A quote as sentences."""
    from lifepot.money import format_minor

    def money(minor: int) -> str:
        return format_minor(minor, currency)

    what = f"for {found.purpose.replace('_', ' ')}" if found.purpose else "for none of the rulebook's purposes"
    lines = [f"{money(found.amount)} {what}:"]
    lines += [f"  {money(minor)} from the {party}'s share" for party, minor in found.from_.items() if minor]
    lines += [f"  {money(minor)} charge ({rule})" for rule, minor in found.charges.items()]
    lines += [f"  {money(minor)} charge, taken from the pot beside it ({rule})" for rule, minor in found.beside.items()]
    if found.not_there:
        lines.append(f"  {money(found.not_there)} is not there")
    lines.append(f"  {money(found.arrives)} arrives")
    lines += [f"  {money(minor)} goes back to whoever gave it ({rule})" for rule, minor in found.lost.items()]
    if found.member_pays is not None:
        lines.append(f"  {money(found.member_pays)} of the price is the member's to pay")
    lines.append("  left: " + ", ".join(f"{money(minor)} {party}" for party, minor in found.left.items()))
    if not found.met:
        lines.append(f"It is not for {found.wish.purpose}, because:")
        lines += [f"  {one['test']}: found {one['found'] or 'nothing'}, needed {one['needed']}" for one in found.failed]
        if found.opens_on:
            lines.append(f"  It would be from {found.opens_on} on.")
    return lines


@app.command("ask")
@speaks
def ask(
    member: MemberArgument, amount: AmountArgument, purpose: PurposeOption = None, arrives: ArrivesOption = False, price: PriceOption = False,
    say: SaidOption = None, child: ChildOption = None,
    to: Annotated[str, typer.Option("--to", metavar="KIND:REF", help="A payee of the register, or `member`: the member's own account.")] = "member",
    course: Annotated[str, typer.Option("--course", metavar="CODE", help="The course of a provider.")] = "",
    reference: Annotated[str, typer.Option("--reference", metavar="R", help="What the payee knows it by: a borrower's reference, a matter number.")] = "",
    name: Annotated[str, typer.Option("--name", help="With `--to member`: the name on the account.")] = "",
    sort_code: Annotated[str, typer.Option("--sort-code", help="With `--to member`.")] = "",
    account: Annotated[str, typer.Option("--account", help="With `--to member`: eight digits.")] = "",
    key: Annotated[str | None, typer.Option("--key", metavar="K", help="A word of yours: asking twice with it asks once.")] = None,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask for money. What it comes to is said first; if it cannot be, nothing is asked, and why is said."""
    from dataclasses import replace

    from lifepot.commands.loan import of_child, of_withdrawal
    from lifepot.withdrawals.accounts import checked_account
    from lifepot.withdrawals.payees import MEMBER, own_account, payee_named
    from lifepot.withdrawals.quoting import quote as quoted
    from lifepot.withdrawals.steps import ask as asked

    with connected(home, database) as connection:
        wish, loan = _wish(connection, member, amount, purpose, say, arrives=arrives, price=price)
        wish = of_child(connection, wish, child)
        told = of_withdrawal(loan, quoted(connection, wish, clock(who, as_of)) if loan else None)
        wish = replace(wish, beside=wish.beside | told.beside)
        if to == MEMBER:
            destination = own_account(name or "THE MEMBER", sort_code, account, reference)
        else:
            destination = payee_named(connection, to, course, reference)
        taken, found = asked(connection, wish, destination, clock(who, as_of), key)
        checked = checked_account(connection, destination.sort_code, destination.account_number)
    lines = quote_lines(found, taken.standing.currency) + told.lines + not_checked_lines(checked)
    _show(taken, as_json, lines, {"quote": found.as_dict(), "checked": checked.answer})


@app.command("income")
@speaks
def income(
    member: MemberArgument,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 250.00, each month.")],
    day: Annotated[int, typer.Option("--day", metavar="N", help="The day of the month, 1 to 31 (or the month's last).")],
    name: Annotated[str, typer.Option("--name", help="The name on the member's account.")],
    sort_code: Annotated[str, typer.Option("--sort-code", help="Six digits.")],
    account: Annotated[str, typer.Option("--account", help="Eight digits.")],
    evidence: Annotated[list[Path] | None, typer.Option("--evidence", metavar="FILE", help="The purpose's evidence, a file a piece, in its order.")] = None,
    purpose: Annotated[str, typer.Option("--for", metavar="PURPOSE", help="A purpose of the rulebook that pays the member.")] = "second_pension",
    from_: Annotated[str | None, typer.Option("--from", metavar="D", help="The first month is the first whose day is not before this one. Default: today.")] = None,
    reference: Annotated[str, typer.Option("--reference", metavar="R", help="What stands on the member's bank statement.")] = "",
    say: SaidOption = None, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask for a regular income that stops when the pot does. Another person approves it; `lifepot pay` then makes each month.

    `lifepot income` has the steps after it: approve, change, stop.
    """
    from lifepot.commands.income import print_income, read_evidence
    from lifepot.withdrawals.accounts import checked_account
    from lifepot.withdrawals.income import ask as asked
    from lifepot.withdrawals.payees import own_account

    at = clock(who, as_of)
    begins = parse_day_option(from_, "--from")
    with connected(home, database) as connection:
        wish, _ = _wish(connection, member, amount, purpose, say, arrives=False, price=False)
        to = own_account(name, sort_code, account, reference)
        taken = asked(
            connection, wish, day, at.as_of if begins is None else begins, to, read_evidence(evidence or []), at
        )
        checked = checked_account(connection, to.sort_code, to.account_number)
        currency = _currency(connection)
    print_income(taken, currency, as_json=as_json, checked=checked)


@app.command("prove")
@speaks
def prove(
    number: NumberArgument,
    piece: Annotated[int, typer.Argument(metavar="PIECE", help="Which piece of the purpose's evidence, from 1.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A photo or a paper.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Add a piece of evidence."""
    from lifepot.errors import Misuse
    from lifepot.withdrawals.steps import prove as proved

    try:
        content = file.read_bytes()
    except OSError as error:
        raise Misuse(f"{file} cannot be read ({error.strerror}).", remedy="Give the file of the evidence.") from None
    with connected(home, database) as connection:
        taken = proved(connection, number, piece - 1, file.name, content, clock(who, as_of))
    _show(taken, as_json)


def _plain_step(name: str, words: str) -> None:
    """A step that needs nothing but the number."""

    @app.command(name, help=words)
    @speaks
    def step(
        number: NumberArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
        who: WhoOption = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        from lifepot.withdrawals import steps

        with connected(home, database) as connection:
            taken = getattr(steps, "arrived" if name == "settle" else name)(connection, number, clock(who, as_of))
        _show(taken, as_json)


_plain_step("approve", "Approve it: the money is held for it from now on. Above the rulebook's limit not by who asked.")
_plain_step("decline", "Refuse it.")
_plain_step("cancel", "Nobody wants it any more: what is held goes back, as if it had never been taken.")
_plain_step("extend", "Give it more time to complete, as often as the rulebook says.")
_plain_step("settle", "Say that what was sent has arrived, where no bank's statement will show it.")


@app.command("release")
@speaks
def release(
    number: NumberArgument,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The next stage, as the rulebook calls it.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let a stage be sent: the deposit, the start, the completion of a course."""
    from lifepot.withdrawals.steps import release as released

    with connected(home, database) as connection:
        taken = released(connection, number, stage, clock(who, as_of))
    _show(taken, as_json)


@app.command("return")
@speaks
def return_(
    number: NumberArgument,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What came back; 0.00: nothing did.")],
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that it fell through and how much came back: that is put back in the pots, as if it had never left."""
    from lifepot.errors import Misuse
    from lifepot.money import parse_minor
    from lifepot.withdrawals.steps import put_back

    try:
        minor = parse_minor(amount)
    except ValueError as error:
        raise Misuse(f"{error}.", remedy="Give an amount such as 500.00.") from None
    with connected(home, database) as connection:
        taken = put_back(connection, number, minor, clock(who, as_of))
    _show(taken, as_json)


@app.command("pay")
@speaks
def pay(
    number: NumberArgument,
    form: Annotated[str, typer.Option("--format", metavar="F", help="pain001 or bacs18.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the payment file.")],
    pays_on: Annotated[str | None, typer.Option("--on", metavar="D", help="The day the payee is to have it. Default: today.")] = None,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Send this one alone. `lifepot pay` sends all that may go."""
    from lifepot.commands.bank import write_run

    return write_run(form, out, pays_on, as_of, home, database, who, as_json=as_json, only=number)


@app.command("show")
@speaks
def show(
    number: NumberArgument, home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False
) -> None:
    """One withdrawal with its steps."""
    from lifepot.withdrawals.steps import stands

    with connected(home, database) as connection:
        taken = stands(connection, number, None)
    _show(taken, as_json, steps=True)


@app.command("list")
@speaks
def list_(
    member: Annotated[str | None, typer.Option("--member", metavar="M", help="One member's only.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Withdrawals that wait for something, oldest first."""
    from lifepot.money import format_minor
    from lifepot.scheme.standing import read_standing
    from lifepot.scheme.statement import find_member
    from lifepot.withdrawals.chain import ENDED, leaving_of, numbers_of, read_withdrawals

    with connected(home, database) as connection:
        standing = read_standing(connection)
        whose = None if member is None else find_member(connection, member)
        chains = [
            one
            for one in read_withdrawals(connection, numbers_of(connection, whose))
            if every or one.state not in ENDED
        ]
        leaving = leaving_of(standing.store(connection), chains)
    rows = [one.as_dict(standing, leaving[one.number]) for one in chains]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        amount = format_minor(row["amount_minor"], standing.currency)
        what = (row["purpose"] or "anything else").replace("_", " ")
        typer.echo(f"{row['withdrawal']}  {row['state']:9}  member {row['member']}  {amount} for {what}")
    if not rows:
        typer.echo("None waits.")


@payees.command("load")
@speaks
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: kind, ref, name, sort_code, account_number, course, title, price.")],
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Add payees and courses to the register, or bring them up to date."""
    from lifepot.withdrawals.accounts import read_modulus_table
    from lifepot.withdrawals.payees import load as loaded

    with connected(home, database) as connection:
        taken, faults = loaded(connection, file)
        unchecked = read_modulus_table(connection) is None
    print_faults(faults)
    if as_json:
        checked = "unchecked" if unchecked else "valid"
        print_json({"taken": taken, "faults": [fault.as_dict() for fault in faults], "checked": checked})
    else:
        typer.echo(f"{taken} rows taken, {len({fault.line for fault in faults})} refused.")
        if unchecked:
            typer.echo("Accounts were not checked: `lifepot payees table FILE` loads Pay.UK's table.")
    return REFUSED if faults else None


@payees.command("table")
@speaks
def table(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Pay.UK's valacdos.txt, as you downloaded it.")],
    substitutions: Annotated[Path | None, typer.Option("--substitutions", metavar="FILE", help="Pay.UK's scsubtab.txt.")] = None,
    home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """Load the table of modulus checks: from then on an account that cannot exist is refused."""
    from lifepot.withdrawals.accounts import load_modulus_table

    with connected(home, database) as connection:
        found, faults = load_modulus_table(connection, file, substitutions, clock(who, None))
    print_faults(faults)
    if as_json:
        print_json({"rows": len(found.rows), "kept": not faults, "faults": [fault.as_dict() for fault in faults]})
    elif faults:
        typer.echo("Nothing was kept; the table before it, if there was one, stays.")
    else:
        typer.echo(f"{len(found.rows)} rows; accounts are checked by them from now on.")
    return REFUSED if faults else None


@payees.command("list")
@speaks
def list_payees(home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """The register."""
    from lifepot.withdrawals.payees import listed

    with connected(home, database) as connection:
        rows = listed(connection)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['kind']}:{row['ref']}  {row['name']}")
        for course in row["courses"]:
            typer.echo(f"    {course['course']}  {course['title']}")


def _currency(connection: Any) -> str:
    from lifepot.scheme.standing import read_standing

    return read_standing(connection).currency


def _show(
    taken: "Taken", as_json: bool, before: list[str] | None = None, more: dict[str, Any] | None = None, *, steps: bool = False
) -> None:  # fmt: skip
    from lifepot.money import format_minor

    said = taken.as_dict()
    if as_json:
        print_json(said | (more or {}))
        return
    currency = taken.standing.currency
    for line in before or []:
        typer.echo(line)
    held = f", {format_minor(taken.leaving, currency)} held for it" if taken.leaving else ""
    typer.echo(f"Withdrawal {taken.withdrawal.number}: {said['state']}{held}.")
    if steps:
        for one in said["steps"]:
            amount = "" if one["amount_minor"] is None else f"  {format_minor(one['amount_minor'], currency)}"
            typer.echo(f"  {one['effective_on']}  {one['step'].replace('_', ' ')}{amount}  by {one['who']}")

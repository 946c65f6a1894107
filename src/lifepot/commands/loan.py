"""`lifepot loan`: whether paying more of a student loan now helps; and the same beside a withdrawal for one."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.show import AsJson, parse_day_option, print_json, speaks

if TYPE_CHECKING:
    from fractions import Fraction

    from lifepot.loans.overpaying import Overpaid
    from lifepot.withdrawals.quoting import Quote, Wish

WORDS = ("loan_plan", "loan_balance", "loan_since", "loan_earnings", "loan_born", "loan_first_paid")
"""What `withdraw --say` may say of a student loan. The first four are needed."""

NEEDED = WORDS[:4]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a loan beside a withdrawal: for people, and as JSON under `loan`."""

    lines: list[str] = field(default_factory=list)
    beside: dict[str, Any] = field(default_factory=dict)


@speaks
def loan(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="1, 2, 4, 5 or postgraduate.")],
    balance: Annotated[str, typer.Argument(metavar="BALANCE", help="What is owed now, such as 45000.00.")],
    since: Annotated[str, typer.Option("--since", metavar="D", help="The 6 April on which repayments were first due.")],
    earnings: Annotated[str, typer.Option("--earnings", metavar="A", help="Gross earnings of a year, as they are now.")],
    pay: Annotated[str, typer.Option("--pay", metavar="A", help="What would be paid now, beside what payroll takes.")] = "0.00",
    on: Annotated[str | None, typer.Option("--on", metavar="D", help="The day it is looked at. Default: today.")] = None,
    growth: Annotated[str | None, typer.Option("--growth", metavar="R", help="Of earnings a year, such as 3%.")] = None,
    rpi: Annotated[str | None, typer.Option("--rpi", metavar="R", help="RPI of the years to come.")] = None,
    discount: Annotated[str | None, typer.Option("--discount", metavar="R", help="What money is worth less a year later.")] = None,
    interest: Annotated[str | None, typer.Option("--interest", metavar="R", help="The loan's rate, instead of its plan's rule.")] = None,
    born: Annotated[str | None, typer.Option("--born", metavar="D", help="Of the borrower; older loans of plans 1 and 4 end by age.")] = None,
    first_paid: Annotated[str | None, typer.Option("--first-paid", metavar="D", help="The day the first loan was paid out, if long ago.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what a student loan costs until it is cleared or written off, and whether paying more now helps. No database.

    What payroll takes is the shipped rulebook's; growth, prices and interest to come are assumptions, told with their source.
    """
    from lifepot.loans.terms import assumed

    said = {"loan_plan": plan, "loan_balance": balance, "loan_since": since, "loan_earnings": earnings}
    said |= {word: text for word, text in zip(WORDS[4:], (born, first_paid), strict=True) if text is not None}
    day = parse_day_option(on, "--on")
    found = _overpaid(
        said, _minor(pay, "--pay"), _today() if day is None else day,
        assumed(*(_rate(text, name) for text, name in ((growth, "--growth"), (rpi, "--rpi"), (discount, "--discount"), (interest, "--interest")))),
    )  # fmt: skip
    if as_json:
        print_json(found.as_dict())
    else:
        typer.echo("\n".join(found.lines()))


def of_withdrawal(said: dict[str, str], quoted: "Quote | None") -> Told:
    """What a withdrawal for a student loan does to the loan, if something was said of the loan."""
    from lifepot.loans.terms import assumed

    if quoted is not None and not said and quoted.wish.purpose == "student_loan":
        return Told([f"Whether it helps is told too, with --say {'=… --say '.join(NEEDED)}=…"])
    if not said or quoted is None:
        return Told()
    found = _overpaid(said, max(quoted.arrives, 0), quoted.on, assumed())
    return Told(found.lines(), {"loan": found.as_dict()})


def of_child(connection: Any, wish: "Wish", child: str | None) -> "Wish":
    """The wish with whose student loan it is, where that is another's: linked, and with the borrower's yes."""
    from dataclasses import replace

    from lifepot.errors import Misuse
    from lifepot.household.consents import consent_of
    from lifepot.periods import format_day

    if child is None:
        return wish
    if wish.purpose != "student_loan":
        raise Misuse("Only a student loan is paid for somebody else.", remedy="Leave --for-child out.")
    agreed = consent_of(connection, wish.member, child)
    theirs = {"loan_of": {"member": agreed.borrower, "agreed_on": format_day(agreed.given_on)}}
    return replace(wish, beside=wish.beside | theirs)


def _overpaid(said: dict[str, str], amount: int, on: int, guess: Any) -> "Overpaid":
    from lifepot.errors import Misuse
    from lifepot.kernel.columns import NONE
    from lifepot.loans.overpaying import Loan, overpay
    from lifepot.loans.terms import plan_named

    missing = [word for word in NEEDED if word not in said]
    if missing:
        raise Misuse(
            f"Of the loan is not said: {', '.join(missing)}.", remedy=f"Say it with --say {'=… --say '.join(missing)}=…"
        )
    days = {word: parse_day_option(said.get(word), word) for word in ("loan_since", "loan_born", "loan_first_paid")}
    since, born, first_paid = days["loan_since"], days["loan_born"], days["loan_first_paid"]
    assert since is not None, "it is needed"
    loan = Loan(
        plan_named(said["loan_plan"]), _minor(said["loan_balance"], "loan_balance"), since,
        _minor(said["loan_earnings"], "loan_earnings"), NONE if born is None else born,
        NONE if first_paid is None else first_paid,
    )  # fmt: skip
    return overpay(loan, amount, on, guess)


def _minor(text: str, name: str) -> int:
    from lifepot.errors import Misuse
    from lifepot.money import parse_minor

    try:
        minor = parse_minor(text)
    except ValueError as error:
        raise Misuse(f"{name}: {error}.", remedy="Give an amount such as 500.00.") from None
    if minor < 0:
        raise Misuse(f"{name} is below nothing.", remedy="Give an amount such as 500.00.")
    return minor


def _rate(text: str | None, name: str) -> "Fraction | None":
    from lifepot.errors import Misuse
    from lifepot.rulebook.scalars import parse_rate

    try:
        return None if text is None else parse_rate(text)
    except ValueError as error:
        raise Misuse(f"{name}: {error}.", remedy="Give a rate such as 3%.") from None


def _today() -> int:
    from datetime import UTC, datetime

    from lifepot.periods import day_of

    return day_of(datetime.now(UTC).date())

"""`lifepot household`: linked accounts, a shared goal, gifts, division by order, and what goes to heirs."""

from typing import TYPE_CHECKING, Annotated

import typer

from lifepot.commands.scheme import AsOfOption, MemberArgument, clock, connected
from lifepot.commands.show import AsJson, DatabaseOption, HomeOption, WhoOption, parse_day_option, print_json, speaks

if TYPE_CHECKING:
    from fractions import Fraction

    from lifepot.household.goals import Seen

app = typer.Typer(
    no_args_is_help=True,
    help="Families: accounts linked by the yes of both, gifts, division by order, heirs. MEMBER is who does it; OTHER is the other.",
)
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="The other's number or National Insurance number.")]


@app.command("link")
@speaks
def link(
    member: MemberArgument, other: OtherArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask somebody to link accounts. Nothing is seen until they say yes, and asking tells nothing about them."""
    from lifepot.household.links import ask
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        ask(connection, find_member(connection, member), other, clock(who, as_of))
    _said(as_json, "Asked. If there is such an account, its owner can say yes with `household accept`.", state="asked")


@app.command("accept")
@speaks
def accept(
    member: MemberArgument, other: OtherArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say yes to whoever asked: from now on both see what both saved for the goal."""
    from lifepot.household.links import accept as say_yes
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        say_yes(connection, find_member(connection, member), other, clock(who, as_of))
    _said(as_json, "Linked. Either may leave at any time.", state="holds")


@app.command("leave")
@speaks
def leave(
    member: MemberArgument, other: OtherArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None,
    who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """End a link, or say no to one that was asked for. What both saw and gave ends at once."""
    from lifepot.household.links import leave as end
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        end(connection, find_member(connection, member), other, clock(who, as_of))
    _said(as_json, "Ended: nothing is seen and nothing is given by it any more.", state="ended")


@app.command("consent")
@speaks
def consent(
    member: MemberArgument, other: OtherArgument,
    take_back: Annotated[bool, typer.Option("--take-back", help="No longer.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Agree that the other, whose account is linked, pays MEMBER's student loan out of theirs; or take that back."""
    from lifepot.household import consents
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        step = consents.take_back if take_back else consents.give
        step(connection, find_member(connection, member), other, clock(who, as_of))
    words = (
        "Taken back: nothing is approved by it any more." if take_back else "Agreed. It can be taken back at any time."
    )
    _said(as_json, words, state="taken_back" if take_back else "agreed")


@app.command("show")
@speaks
def show(
    member: MemberArgument, as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a member sees of their households: the goal, what each saved for it, and the gifts. No entry of the other's."""
    from lifepot.household.goals import seen_by
    from lifepot.scheme.standing import read_standing
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        number = find_member(connection, member)
        found = seen_by(connection, number, clock(who, as_of))
        currency = read_standing(connection).currency
    if as_json:
        print_json({"member": number, "links": [one.as_dict() for one in found]})
        return
    if not found:
        typer.echo("No account is linked with this one.")
    for one in found:
        typer.echo("\n".join(_lines(one, currency)))


def _lines(seen: "Seen", currency: str) -> list[str]:
    from lifepot.money import format_minor
    from lifepot.periods import format_day

    since = format_day(seen.link.since)
    if seen.link.state != "holds":
        return [f"{seen.name or 'They'} asked on {since}." if seen.name else f"You asked on {since}: no answer yet."]
    lines = [f"With {seen.name or 'the other'}, since {since}"]
    goal = seen.link.goal
    if goal is not None and seen.mine is not None and seen.theirs is not None:
        together = seen.mine.minor + seen.theirs.minor
        target, both = format_minor(goal.target, currency), format_minor(together, currency)
        lines.append(f"  {goal.name} ({goal.purpose.replace('_', ' ')}): {both} of {target}")
        for whose, saved in (("you", seen.mine), ("they", seen.theirs)):
            ready = "may leave for it today" if saved.usable else "may not leave for it yet"
            lines.append(f"    {whose} saved {format_minor(saved.minor, currency)}, which {ready}")
    for gift in seen.gifts:
        way = "you give" if gift.giver == seen.link.member else "they give you"
        until = "" if gift.last_on is None else f", last on {format_day(gift.last_on)}"
        lines.append(f"  {way} {format_minor(gift.amount, currency)} on day {gift.day} of each month{until}")
    return lines


@app.command("goal")
@speaks
def goal(
    member: MemberArgument, other: OtherArgument,
    name: Annotated[str, typer.Option("--name", help="What the two call it.")],
    target: Annotated[str, typer.Option("--target", metavar="AMOUNT", help="How much it takes: 30000.00")],
    purpose: Annotated[str, typer.Option("--purpose", help="The rulebook's purpose that it is for.")] = "first_home",
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what two linked accounts save for. Either may; it takes the place of an earlier goal."""
    from lifepot.errors import Misuse
    from lifepot.household.links import Goal, set_goal
    from lifepot.scheme.statement import find_member

    minor = _minor(target, "--target")
    if minor <= 0 or not name.strip():
        raise Misuse("A goal has a name and a sum.", remedy="Give --name 'Our home' --target 30000.00.")
    with connected(home, database) as connection:
        set_goal(connection, find_member(connection, member), other, Goal(name.strip(), purpose, minor))
    _said(as_json, "Said. `household show` tells both how far they are.", state="goal")


@app.command("gift")
@speaks
def gift(
    member: MemberArgument, other: OtherArgument,
    amount: Annotated[str | None, typer.Option("--amount", metavar="AMOUNT", help="So much each month: 25.00")] = None,
    day: Annotated[int, typer.Option("--day", metavar="N", help="On this day of the month; 31 is always the last.")] = 1,
    until: Annotated[str | None, typer.Option("--until", metavar="D", help="Not after this day.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the gifts from MEMBER to OTHER.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give into a linked account each month, or end it. It counts as the other's own payment, for its match and its limits."""
    from lifepot.errors import Misuse
    from lifepot.household.gifts import promise
    from lifepot.household.gifts import stop as end
    from lifepot.scheme.statement import find_member

    if stop == (amount is not None):
        raise Misuse("A gift has an amount, or is ended.", remedy="Give --amount 25.00, or --stop.")
    with connected(home, database) as connection:
        number, now = find_member(connection, member), clock(who, as_of)
        if amount is None:
            ended = end(connection, number, other, now)
            _said(as_json, f"Ended {ended} standing {'gift' if ended == 1 else 'gifts'}.", state="ended", gifts=ended)
            return
        made = promise(
            connection, number, other, _minor(amount, "--amount"), day, now, parse_day_option(until, "--until")
        )
    _said(as_json, "Said. `household gifts` pays in what has fallen due.", **made.as_dict(number))


@app.command("gifts")
@speaks
def gifts(
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Pay in every gift that has fallen due. Doing it twice pays once."""
    from lifepot.household.gifts import give_due
    from lifepot.money import format_minor
    from lifepot.scheme.standing import read_standing

    with connected(home, database) as connection:
        given = give_due(connection, clock(who, as_of))
        currency = read_standing(connection).currency
    if as_json:
        print_json(
            {
                "gifts": given.gifts, "amount_minor": given.amount, "stopped": given.stopped, "place": given.place, "head": given.head,
            }
        )  # fmt: skip
    elif not given.gifts:
        typer.echo("No gift has fallen due.")
    else:
        typer.echo(
            f"Paid in {given.gifts} {'gift' if given.gifts == 1 else 'gifts'}, {format_minor(given.amount, currency)}. Chain: place {given.place}, head {given.head}"
        )
    if given.stopped:
        typer.echo(f"{given.stopped} gifts ended: the account they went to has ended.", err=True)


@app.command("split")
@speaks
def split(
    member: MemberArgument, other: OtherArgument,
    order: Annotated[str, typer.Option("--order", metavar="REF", help="The court's order; each is carried out once.")],
    part: Annotated[str | None, typer.Option("--part", metavar="P", help="What of MEMBER's account goes to OTHER: 1/2, 30% or 0.25.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Bring back what went by this order, for it was corrected.")] = False,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Divide an account on separation, by a court's order: a part of each share goes to the other's. No match is lost or gained."""
    from lifepot.errors import Misuse
    from lifepot.household.orders import divide
    from lifepot.household.orders import undo as bring_back
    from lifepot.money import format_minor
    from lifepot.scheme.statement import find_member

    if undo == (part is not None):
        raise Misuse("An order says which part goes, or is undone.", remedy="Give --part 1/2, or --undo.")
    with connected(home, database) as connection:
        giver, taker, now = find_member(connection, member), find_member(connection, other), clock(who, as_of)
        if part is None:
            divided = bring_back(connection, giver, taker, order, now)
        else:
            divided = divide(connection, giver, taker, order, _fraction(part, "--part"), now)
    if as_json:
        print_json(divided.as_dict())
        return
    typer.echo(f"From member {divided.giver} to member {divided.taker}, by order {order}{' undone' if undo else ''}:")
    for share, minor in divided.shares.items():
        typer.echo(f"  {share}: {format_minor(minor, divided.currency)}")
    typer.echo(f"Chain: place {divided.place}, head {divided.head}")


@app.command("heirs")
@speaks
def heirs(
    member: MemberArgument,
    heir: Annotated[list[str] | None, typer.Option("--heir", metavar="NAME=PART", help="An heir and their part, the first time: 'Jo Bell=1/2'.")] = None,
    as_of: AsOfOption = None, home: HomeOption = None, database: DatabaseOption = None, who: WhoOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Pass on what a member who died had: to heirs, by parts that come to the whole, without charge. Again for what came since."""
    from lifepot.errors import Misuse
    from lifepot.household.heirs import pass_on
    from lifepot.money import format_minor
    from lifepot.scheme.statement import find_member

    named: dict[str, Fraction] = {}
    for text in heir or []:
        name, equals, part = text.rpartition("=")
        if not equals or not name.strip() or name.strip() in named:
            raise Misuse(f"{text!r} names no heir, or one twice.", remedy="Give each once: --heir 'Jo Bell=1/2'.")
        named[name.strip()] = _fraction(part, "--heir")
    with connected(home, database) as connection:
        passed = pass_on(connection, find_member(connection, member), named, clock(who, as_of))
    if as_json:
        print_json(passed.as_dict())
        return
    typer.echo(f"Leaving for the heirs of member {passed.member}:")
    for name, minor in passed.heirs.items():
        typer.echo(f"  {name}: {format_minor(minor, passed.currency)}")
    if passed.stays_owed:
        owed = format_minor(passed.stays_owed, passed.currency)
        typer.echo(f"{owed} is still owed to the account; when it has come, pass it on with the same command.")
    typer.echo(f"Chain: place {passed.place}, head {passed.head}")


@app.command("heir")
@speaks
def heir_account(
    member: MemberArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The heir, as `household heirs` names them.")],
    sort_code: Annotated[str, typer.Option("--sort-code", help="Six digits.")],
    account: Annotated[str, typer.Option("--account", help="Eight digits.")],
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say which account an heir's money goes to: the next payment run sends it there."""
    from lifepot.payments.moves import set_heir_account
    from lifepot.scheme.statement import find_member

    with connected(home, database) as connection:
        set_heir_account(connection, find_member(connection, member), name, sort_code, account)
    _said(as_json, f"What {name} gets goes to {sort_code} {account}.", heir=name)


def _said(as_json: bool, words: str, **answer: object) -> None:
    if as_json:
        print_json(answer)
    else:
        typer.echo(words)


def _minor(text: str, option: str) -> int:
    """Minor units from an option's text; misuse if it is no amount."""
    from lifepot.errors import Misuse
    from lifepot.money import parse_minor

    try:
        return parse_minor(text)
    except ValueError as error:
        raise Misuse(f"{option}: {error}.", remedy="Give an amount such as 25.00.") from None


def _fraction(text: str, option: str) -> "Fraction":
    """A part of a whole from an option's text: 1/2, 30 % or 0.25."""
    from fractions import Fraction

    from lifepot.errors import Misuse

    try:
        word = text.strip()
        return Fraction(word.removesuffix("%").strip()) / (100 if word.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise Misuse(
            f"{option}: {text!r} is no part of a whole.", remedy="Give one such as 1/2, 30% or 0.25."
        ) from None

"""What money may leave for, the parts of the pot it comes from, and the days a rulebook names, in a person's words."""

from lifepot.periods import parse_day
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.figures_in_words import listed, plain_day, plain_figure, plain_month_day, plain_name
from lifepot.rulebook.terms import Account, AnyOtherWithdrawal, Completes, Day, Draw, MemberPays, Purpose


def purpose_in_words(wording: Wording, purpose: Purpose) -> list[str]:
    """What else is to be said of a purpose besides its description, condition, evidence and payee, a sentence each."""
    said = ["For whatever purpose was given."] if purpose.any_word else []
    if purpose.subsidy is not None:
        said.append(f"First somebody else pays a part of the price: {wording.described(purpose.subsidy)}.")
    if purpose.member_pays is not None:
        said.append(_member_pays(wording, purpose.member_pays))
    if purpose.draws_on:
        drawn = [f"“{plain_name(one)}”" if isinstance(one, str) else _draw(wording, one) for one in purpose.draws_on]
        said.append(f"Comes out of {listed(drawn, 'then')}.")
    if purpose.completes is not None:
        said.append(_completes(wording, purpose.completes))
    if purpose.to:
        kinds = [
            "the member's own account" if one == "member" else f"a registered {plain_name(one)}" for one in purpose.to
        ]
        said.append(f"Goes to {listed(kinds, 'or')}.")
    if purpose.stages:
        shares = [f"{wording.figure(share, 'rate')} at {plain_name(name)}" for name, share in purpose.stages.items()]
        said.append(f"Paid in stages: {listed(shares, 'then')}.")
    if purpose.at_most is not None:
        said.append(f"At most {wording.figure(purpose.at_most, 'money')} at a time.")
    if purpose.approve_above is not None:
        said.append(approval_in_words(wording, purpose.approve_above))
    return said


def approval_in_words(wording: Wording, above: str) -> str:
    """Who may approve, where the rulebook says a limit."""
    return f"Above {wording.figure(above, 'money')} somebody else approves it than who asked."


def any_other_in_words(wording: Wording, terms: AnyOtherWithdrawal) -> list[str]:
    """Whose money goes where it goes for none of the purposes, a sentence each."""
    whose = {
        "worker": "Only the member's own money can go.",
        "everyone": "Everybody's money can go.",
        "nobody": "There is no such withdrawal.",
    }
    said = [whose[terms.draws_on]]
    return said if terms.approve_above is None else [*said, approval_in_words(wording, terms.approve_above)]


def _draw(wording: Wording, draw: Draw) -> str:
    where = "" if draw.when is None else f" (where {wording.clause(draw.when).line})"
    return f"“{plain_name(draw.account)}”{where}"


def _member_pays(wording: Wording, terms: MemberPays) -> str:
    unless = "" if terms.unless is None else f", unless {wording.clause(terms.unless).line}"
    return f"The member pays at least {wording.figure(terms.at_least, 'money')} of the price{unless}."


def _completes(wording: Wording, terms: Completes) -> str:
    def number(text: str) -> str:
        # A value's name in brackets would only say "days" once more.
        return wording.figure(text, "number").partition(" (")[0]

    def days(text: str) -> str:
        figure = number(text)
        return f"{figure} day{'' if figure == '1' else 's'}"

    said = f"What it is released for must happen within {days(terms.within_days)}"
    if terms.extensions != "0":
        count = number(terms.extensions)
        times = "once" if count == "1" else f"{count} times"
        said += f", which may be extended {times} by {days(terms.extension_days)}"
    if terms.returned_within_days != "0":
        said += f"; if it fails, the money comes back within {days(terms.returned_within_days)}"
    if terms.kept is not None:
        said += f". What does not come back counts as “{plain_name(terms.kept)}”"
    return said + "."


def account_in_words(account: Account, currency: str) -> list[str]:
    """How long a part of the pot can be used, and where it moves, a sentence each."""
    said = []
    if account.expires_on is not None:
        said.append(f"Can be used up to {plain_figure(account.expires_on, 'day', currency)}.")
    if account.moves_on is not None and account.moves_to is not None:
        moved = plain_figure(account.moves_on, "day", currency)
        said.append(f"On {moved} what is left moves to “{plain_name(account.moves_to)}”.")
    return said


def day_in_words(day: Day, currency: str) -> str:
    """When a named day is: "6 April each year", "the birthday at 25"."""
    if day.on is not None:
        return plain_day(parse_day(day.on))
    if day.age is not None:
        return f"the birthday at {plain_figure(day.age, 'age', currency)}"
    if day.every == "year":
        return f"{plain_month_day(day.starts or '01-01')} each year"
    return f"day {day.starts or '1'} of each month"

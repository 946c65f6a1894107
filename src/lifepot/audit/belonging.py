"""Why a fact counts or not by who is in: how the account opened or why it did not, leaving, pauses, the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from lifepot.audit.figures import InForce
from lifepot.audit.life import PRESENT
from lifepot.audit.membership import Membership, may_join, opens
from lifepot.audit.told import Told
from lifepot.audit.verdicts import Named, Verdict, verdict
from lifepot.audit.words import listing, spelled, what_it_is
from lifepot.rulebook.terms import Condition, Leaving


class Out(NamedTuple):
    """Why a fact counts as nothing: a word for machines, and the reason."""

    code: str
    text: str
    figures: tuple[InForce, ...] = ()


def why_out(membership: Membership, fact: Told, named: Named) -> Out | None:
    """Why a fact counts as nothing because of who is in; None where it counts. Agrees with `Membership.counts`."""
    life = membership.life
    opened_on = life.opened_on
    if opened_on is None or fact.on < opened_on:
        why = why_it_does_not_open(membership, fact, named)
        if opened_on is None:
            job = " in this job" if life.rulebook.membership.per == "job" else ""
            return Out("not_open", f"no account is open for you{job}: {why.text}", why.figures)
        if life.joined is not None:
            return Out("before_opening", f"your account was opened on {opened_on.isoformat()}, after this")
        opener = opening_fact(membership)
        since = f", with the {named(opener.ref)}" if opener else ""
        text = f"your account opened only on {opened_on.isoformat()}{since}; {why.text}"
        return Out("before_opening", text, why.figures)
    if membership.ended_on and fact.on > membership.ended_on:
        return Out("ended", _ended(membership))
    away = membership.away(fact)
    if away is None:
        return None
    term, (first, over) = away
    said = next((one for one in life.statuses(term.attribute, fact.payer) if one.on == first), None)
    by = f" ({term.attribute}: the {named(said.ref)})" if said else f" ({term.attribute}, as told from the outset)"
    since = first.isoformat() if first > date.min else "the outset"
    if isinstance(term, Leaving):
        return Out("left", f"you had left{by}" + (f", and came back on {over.isoformat()}" if over else ""))
    return Out("paused", f"contributions rested from {since}{f' until {over.isoformat()}' if over else ''}{by}")


def _ended(membership: Membership) -> str:
    assert membership.ended_on is not None
    by = "with the death of" if membership.died_on == membership.ended_on else "with its closing on"
    return f"the account had ended {by} {membership.ended_on.isoformat()}"


def opening_fact(membership: Membership) -> Told | None:
    """The fact that opened the account; None where its day was given or it never opened."""
    life = membership.life
    if life.opened_on is None or life.joined is not None:
        return None
    mine = [fact for fact in life.facts if fact.on == life.opened_on and fact.kind != PRESENT]
    with _unopened(membership):
        return next((fact for fact in mine if opens(life, fact) and may_join(life, _asked(fact))), None)


def _asked(fact: Told) -> Told:
    """The question whether one may join, on the day of a fact."""
    return Told(fact.ref, 0, "", fact.on, "opened")


def how_it_opened(membership: Membership, named: Named) -> str:
    """How the account came to be open, as a sentence's second half; "" where it never opened."""
    life, terms = membership.life, membership.life.rulebook.membership
    if life.opened_on is None:
        return ""
    on = life.opened_on.isoformat()
    if life.joined is not None:
        return f"your account was opened on {on}"
    fact = opening_fact(membership)
    if fact is None:
        return f"your account opened on {on}"
    with _unopened(membership):
        by = f"your account opened on {on}, with the {named(fact.ref)}"
        if fact.kind == "pay" and terms.automatic is not None:
            found = _as_joining(membership, terms.automatic, fact, named)
            return f"{by}: {found.text}" if found.holds else by
        return by


def why_it_does_not_open(membership: Membership, fact: Told, named: Named) -> Out:
    """Why a fact opens no account: it is not one that does, or a test of it or of the person failed."""
    life, terms = membership.life, membership.life.rulebook.membership
    with _unopened(membership):
        if life.joined is not None:
            found = _as_joining(membership, terms.may_join, Told("", 0, "", life.joined, "opened"), named)
            return Out("not_open", f"you may not join, for {found.text}", found.figures)
        if opens(life, fact):
            found = _as_joining(membership, terms.may_join, _asked(fact), named)
            return Out("not_open", f"you may not join, for {found.text}", found.figures)
        if fact.kind == "pay" and terms.automatic is not None:
            found = _as_joining(membership, terms.automatic, fact, named)
            return Out("not_open", f"this pay opens none, for {found.text}", found.figures)
    ways = [
        "the first thing told of you" if terms.everybody else "",
        "a pay that meets its conditions" if terms.automatic is not None else "",
        f"your word that {spelled(terms.opt_in)} is yes" if terms.opt_in else "",
        "your first payment" if terms.first_payment_opens else "",
    ]
    if not any(ways):
        return Out("not_open", "it is opened on request, and nobody said on which day")
    return Out("not_open", f"{what_it_is(fact)}, and an account opens with {listing(ways, 'or')}")


def _as_joining(membership: Membership, condition: Condition | None, fact: Told, named: Named) -> Verdict:
    """Why a condition of joining holds or not; for the length of the question, the account stands as opened on that day."""
    life = membership.life
    life.opened_on = fact.on
    try:
        return verdict(life, condition, fact, named)
    finally:
        life.opened_on = None


@contextmanager
def _unopened(membership: Membership) -> Iterator[None]:
    """For the length of the questions, the account stands as not open yet, as it did when they were asked first."""
    life = membership.life
    opened_on, life.opened_on = life.opened_on, None
    try:
        yield
    finally:
        life.opened_on = opened_on


def effect_of(membership: Membership, fact: Told, named: Named) -> str:
    """What a fact does beside money: it opens, ends or rests the account; "" for nothing."""
    terms = membership.life.rulebook.membership
    opener = opening_fact(membership)
    if opener is not None and opener.ref == fact.ref and opener.kind == fact.kind:
        return how_it_opened(membership, named)
    if fact.kind in {"closed", "died"}:
        return "your account ends with it" if fact.on == membership.ended_on else "your account had ended before"
    for leaving in terms.leaving:
        if fact.attribute == leaving.attribute:
            return _of_leaving(membership, leaving, fact)
    for pause in terms.pauses:
        if fact.attribute == pause.attribute and membership.life.is_yes(fact.attribute, fact.on, fact.payer):
            rests = [stretch for term, stretch in membership.stretches(fact.payer) if term is pause]
            over = next((over for first, over in rests if first == fact.on), fact.on)
            if over == fact.on:
                wait = f"not before {pause.not_before_months} months after joining and after an earlier rest"
                inside = any(first < fact.on and (over is None or fact.on < over) for first, over in rests)
                return "contributions rest already" if inside else f"it begins no rest: {wait}"
            return f"contributions rest from {fact.on.isoformat()}" + (f" until {over.isoformat()}" if over else "")
    return ""


def _of_leaving(membership: Membership, leaving: Leaving, fact: Told) -> str:
    if not membership.life.is_yes(leaving.attribute, fact.on, fact.payer):
        return ""
    stretches = [stretch for term, stretch in membership.stretches(fact.payer) if term is leaving]
    if any(first == fact.on for first, _ in stretches):
        in_time = any(notice.ref == fact.ref for notice in membership.notices())
        back = ", and what was given goes back" if in_time else ", and what is in stays" if leaving.windows else ""
        return f"you left with it: what comes after it counts as nothing{back}"
    if any(first < fact.on and (over is None or fact.on < over) for first, over in stretches):
        return "you had left before, so it says nothing new"
    days = [membership.days_of(window.within, fact) for window in leaving.windows if window.within is not None]
    spans = listing((f"from {first.isoformat()} to {last.isoformat()}" for first, last in filter(None, days)), "or")
    return f"it was ignored, for one may leave only {spans}" if spans else "it was ignored"

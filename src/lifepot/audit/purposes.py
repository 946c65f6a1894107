"""What money taken out is for, and why it is for no purpose."""

from typing import NamedTuple

from lifepot.audit.conditions import Standing, holds
from lifepot.audit.figures import InForce
from lifepot.audit.life import Life
from lifepot.audit.told import Told
from lifepot.audit.verdicts import Named, verdict
from lifepot.audit.words import listing, spelled


class For(NamedTuple):
    """The purpose of a withdrawal ("": none), and why, in words that go on from "this"."""

    purpose: str
    text: str
    figures: tuple[InForce, ...] = ()


def what_for(life: Life, fact: Told, named: Named, standing: Standing) -> For:
    """What a withdrawal is for. Agrees with `conditions.purpose_of`."""
    purposes = life.rulebook.purposes
    own = [fact.value] if fact.value in purposes else []
    failed: list[str] = []
    figures: list[InForce] = []
    for name in own + [name for name, term in purposes.items() if term.any_word and name not in own]:
        term = purposes[name]
        if holds(life, term.when, fact, standing):
            found = verdict(life, term.when, fact, named, standing)
            why = f", for {found.text}" if term.when is not None else ""
            return For(name, f"this is for {spelled(name)}, paid to {term.pays}{why}", found.figures)
        if name in own:
            found = verdict(life, term.when, fact, named, standing)
            failed.append(f"{spelled(name)} does not hold, for {found.text}")
            figures += found.figures
    if not fact.value:
        failed.append("none was given")
    elif not own:
        failed.append(f"{fact.value!r} is none of the rulebook's")
    return For("", f"this is for no purpose: {listing(failed)}", tuple(figures))

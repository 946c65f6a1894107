"""`lifepot why`: the reason of every amount, and of there being none."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lifepot.commands.scheme import MemberArgument, connected
from lifepot.commands.show import (
    REFUSED,
    AsJson,
    DatabaseOption,
    HomeOption,
    parse_day_option,
    print_faults,
    print_json,
    speaks,
)  # fmt: skip

if TYPE_CHECKING:
    from lifepot.entitle_why import Asked as EntitledAsked
    from lifepot.rulebook.terms import Rulebook
    from lifepot.scheme.answers import Answers, Asked


@speaks
def why(
    member: MemberArgument,
    entry: Annotated[int | None, typer.Option("--entry", metavar="ID", help="One entry of the statement.")] = None,
    fact: Annotated[int | None, typer.Option("--fact", metavar="ID", help="One fact, under every rule (or under --rule).")] = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="R", help="One rule, for the last facts that it counts.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="D", help="What happened on this day, or is effective on it.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="M", help="What happened in this month, such as 2026-05.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Every step. Said without asking of an --entry, a --fact or a --rule.")] = False,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say why each rule gave what it gave, or nothing: the clause and the day it is in force from, each step, the fact and its line.

    Asked nothing narrower, it tells of the last pay of each payer and the last payment, under every rule.
    """
    from lifepot.scheme.statement import find_member
    from lifepot.scheme.why import why as answers_to

    asked = _asked(entry, fact, rule, on, month)
    with connected(home, database) as connection:
        answers = answers_to(connection, find_member(connection, member), asked)
    if as_json:
        print_json(answers.as_dict())
    else:
        print_answers(answers, full=full or entry is not None or fact is not None or rule is not None)


def _asked(entry: int | None, fact: int | None, rule: str | None, on: str | None, month: str | None) -> "Asked":
    """The question, from the options. Misuse where they contradict each other."""
    from lifepot.errors import Misuse
    from lifepot.periods import add_months_to
    from lifepot.scheme.answers import Asked

    if sum(one is not None for one in (entry, fact, on, month)) > 1 or (entry is not None and rule is not None):
        raise Misuse(
            "--entry, --fact, --on and --month ask different things.",
            remedy="Give one; all but --entry go with --rule.",
        )
    first = last = parse_day_option(on, "--on")
    if month is not None:
        first = parse_day_option(f"{month}-01", "--month")
        assert first is not None
        last = add_months_to(first, 1) - 1
    return Asked(entry, fact, rule, first, last)


def print_answers(answers: "Answers", *, full: bool) -> None:
    """Answers, fact by fact. `full`: every step of each; else the one that mattered."""
    from rich.markup import escape

    from lifepot.commands.reasons import print_in_full, print_in_short
    from lifepot.commands.tables import console

    out = console()
    out.print(f"[bold]{escape(answers.scheme)}[/bold]: member {answers.member}. {escape(answers.account)}")
    if not answers.answers:
        out.print(
            "Nothing was told that anything could follow from: no pay, no payment."
            if not full
            else "Nothing of the kind was told."
        )
    for source, told in groupby(answers.answers, lambda one: one.source):
        group = list(told)
        number = f" (fact {source.fact})" if source.fact else ""
        out.print(f"\n[bold]The {escape(source.words)}[/bold]{number}")
        for note in answers.notes.get(source.fact, []):
            out.print(f"  {note}", markup=False)
        (print_in_full if full else print_in_short)(group, answers.currency)
    if answers.answers and not full:
        out.print("\n--full tells every step; --fact, --rule, --entry, --on and --month ask for less.", markup=False)


def show_entitled(
    rulebook: "Rulebook", people: Path, facts: Path, as_of: int | None, asked: "EntitledAsked", *, full: bool, as_json: bool
) -> int | None:  # fmt: skip
    """Why the rules give what they give to people and facts in two files. The exit code is that of `entitle`."""
    from rich.markup import escape

    from lifepot.commands.reasons import print_in_full, print_in_short
    from lifepot.commands.tables import console
    from lifepot.entitle import NOTES
    from lifepot.entitle_why import explain

    members, faults = explain(rulebook, people, facts, as_of, asked)
    print_faults(faults)
    if as_json:
        print_json([one.as_dict(str(facts)) for one in members])
    else:
        out = console()
        full = full or asked.fact is not None or asked.rule is not None
        for one in members:
            out.print(f"\n[bold]{escape(one.member)}[/bold]: {escape(one.account)}")
            for (called, ref), told in groupby(one.answers, lambda one: (one.called, one.fact.ref if one.fact else "")):
                out.print(f"\n[bold]The {escape(called)}[/bold]")
                for note in one.notes.get(str(ref), []):
                    out.print(f"  {note}", markup=False)
                (print_in_full if full else print_in_short)(told, rulebook.currency)
    return REFUSED if any(fault.code not in NOTES for fault in faults) else None

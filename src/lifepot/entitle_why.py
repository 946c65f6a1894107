"""Why the rules give what they give to people and facts in two CSV files, or nothing: `lifepot entitle --why`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lifepot.audit.reason import Reason
from lifepot.audit.story import Story
from lifepot.audit.told import Person
from lifepot.audit.told import Told as Fact
from lifepot.audit.words import fact_in_words, sentence
from lifepot.entitle import Told, gaps_of, read_told, rows_of, shut_accounts
from lifepot.errors import Fault, Misuse
from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Kind
from lifepot.kernel.program import Program, compile_program
from lifepot.periods import date_of
from lifepot.rulebook.terms import Rulebook


@dataclass(frozen=True, slots=True)
class Answer:
    """One fact under one rule. `fact` is None where an attribute held from the outset, and no row stands behind it."""

    fact: Fact | None
    called: str
    line: int
    reason: Reason

    @property
    def rule(self) -> str:
        """The rule."""
        return self.reason.rule

    @property
    def party(self) -> str:
        """Who owes it."""
        return self.reason.party

    @property
    def outcome(self) -> str:
        """What comes of it: as of a reason."""
        return self.reason.outcome

    @property
    def amount_minor(self) -> int:
        """What it brings, minor units."""
        return self.reason.amount_minor

    @property
    def code(self) -> str:
        """Of nothing, a word for machines; else ""."""
        return self.reason.code

    @property
    def because(self) -> str:
        """The step that mattered."""
        return self.reason.because

    def lines(self) -> list[str]:
        """The reason as sentences, from the fact to the sources of the clauses."""
        return [f"Because of the {self.called}.", *self.reason.texts()]


@dataclass(frozen=True, slots=True)
class Member:
    """What is to be said of one member. `notes` are about facts, by their `ref`."""

    member: str
    account: str
    notes: dict[str, list[str]]
    answers: list[Answer]

    def as_dict(self, file: str) -> dict[str, Any]:
        """The answers as JSON carries them."""
        answers = [
            {
                "fact": {
                    "ref": one.fact.ref if one.fact else None, "kind": one.fact.kind if one.fact else None,
                    "effective_on": one.reason.on.isoformat(), "payer": (one.fact.payer or None) if one.fact else None,
                    "file": file, "line": one.line or None, "words": one.called,
                },
                **one.reason.as_dict(), "notes": self.notes.get(str(one.fact.ref), []) if one.fact else [], "lines": one.lines(),
            }
            for one in self.answers
        ]  # fmt: skip
        return {"member": self.member, "membership": self.account, "answers": answers}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: one member, one fact by its `ref`, one rule; None for all."""

    member: str | None = None
    fact: str | None = None
    rule: str | None = None


def explain(
    rulebook: Rulebook, people: Path, facts: Path, as_of: int | None, asked: Asked
) -> tuple[list[Member], list[Fault]]:
    """Answers for each member, fact and rule that is asked about, and the files' faults.

    Misuse where there is no such member, fact or rule; `LifepotError` for a file that cannot be read at all.
    """
    program = compile_program(rulebook)
    told = read_told(program, people, facts)
    if asked.member is not None and asked.member not in told.members:
        raise Misuse(f"There is no member {asked.member!r} in {people}.", remedy="Name one of the people's file.")
    if asked.rule is not None and asked.rule not in rulebook.rules:
        raise Misuse(f"The rulebook has no rule {asked.rule!r}.", remedy=f"Its rules are {', '.join(rulebook.rules)}.")
    if asked.fact is not None and asked.fact not in told.refs:
        raise Misuse(f"There is no fact {asked.fact!r} in {facts}.", remedy="Give the `ref` of one of its rows.")
    of_fact = None if asked.fact is None else _stands_for(told, asked.fact)
    assessed = assess(program, told.people, told.facts, as_of=as_of)
    found = []
    for number, name in enumerate(told.members):
        if asked.member in {None, name}:
            story = _story(program, told, facts, number, as_of)
            _check(program, told, assessed, story, number)
            one = _member(told, number, story, of_fact, asked.rule)
            if asked.fact is None or one.answers:
                found.append(one)
    if asked.fact is not None and not found:
        raise Misuse(
            f"Fact {asked.fact!r} was refused, or is not this member's.", remedy="The faults say what is wrong with it."
        )
    notes = told.notes + shut_accounts(told, assessed, facts, as_of)
    return found, told.faults + gaps_of(program, told, assessed, facts) + notes


def _check(program: Program, told: Told, assessed: Assessed, story: Story, member: int) -> None:
    """What is explained is what is given: the audit's replay, which tells why, comes to what the kernel came to."""
    given: Counter[tuple[str, str]] = Counter()
    for row in rows_of(program, told, assessed):
        if row["member"] == told.members[member]:
            given[str(row["rule"]), str(row["effective_on"])] += int(str(row["amount_minor"]))
    replayed: Counter[tuple[str, str]] = Counter()
    for one in story.owed():
        replayed[one.rule, one.effective_on.isoformat()] += one.amount_minor
    assert {key: sum_ for key, sum_ in given.items() if sum_} == {key: sum_ for key, sum_ in replayed.items() if sum_}


def _stands_for(told: Told, ref: str) -> str:
    """The fact that stands in a fact's place now: itself, if no other does."""
    number = told.refs.index(ref)
    while number in told.replaced:
        number = told.replaced[number]
    return told.refs[number]


def _story(program: Program, told: Told, file: Path, member: int, as_of: int | None) -> Story:
    """One member's story, in which facts are called by their ref and line."""
    person, facts = as_told(program, told, member)
    lines = {told.refs[fact]: told.lines[fact] for fact in told.facts.fact.tolist()}
    called = {fact.ref: f"{fact_in_words(fact)} ({fact.ref}, {file.name}:{lines[str(fact.ref)]})" for fact in facts}
    return Story(
        [(date.min, program.rulebook)], person, facts,
        as_of=None if as_of is None else date_of(as_of), named=lambda ref: called[ref],
    )  # fmt: skip


def _member(told: Told, number: int, story: Story, of_fact: str | None, rule: str | None) -> Member:
    facts = sorted((fact for fact in story.facts.values() if of_fact in {None, fact.ref}), key=lambda fact: fact.on)
    lines = dict(zip(told.refs, told.lines, strict=True))
    answers = [
        Answer(fact, story.named(fact.ref), lines[str(fact.ref)], reason)
        for fact in facts
        for reason in story.reasons(fact.ref, rule)
    ]
    if of_fact is None:
        held = (one for one in story.of_no_fact() if rule in {None, one.rule})
        answers += [Answer(None, one.day_in_words, 0, one) for one in held]
    notes = {str(fact.ref): list(_notes(story, told, fact)) for fact in facts}
    return Member(told.members[number], sentence(story.account()), notes, answers)


def _notes(story: Story, told: Told, fact: Fact) -> Iterator[str]:
    """What is to be said of a fact, whatever the rule."""
    for before, after in told.replaced.items():
        if told.refs[after] == fact.ref:
            yield f"It stands in the place of {told.refs[before]}, line {told.lines[before]}."
    if fact.kind == "withdrawn":
        yield sentence(story.purpose(fact.ref))
    if (effect := story.effect(fact.ref)) and effect != story.account():
        yield sentence(effect)


def as_told(program: Program, told: Told, member: int) -> tuple[Person, list[Fact]]:
    """One member of the two files, by position, as the audit is told it."""
    people, facts = told.people, told.facts
    own = {
        name: program.decode(name, value)
        for name, value in zip(program.attributes, people.attributes[member].tolist(), strict=True)
        if value != NONE
    }
    person = Person(_day(int(people.born[member])), _day(int(people.joined[member])), own)
    purposes = list(program.rulebook.purposes)
    found = []
    for at in (facts.member == member).nonzero()[0].tolist():
        kind, value = Kind(int(facts.kind[at])), int(facts.value[at])
        attribute = program.attributes[int(facts.attribute[at])] if kind is Kind.STATUS else ""
        text = (
            program.decode(attribute, value)
            if attribute
            else purposes[value]
            if kind is Kind.WITHDRAWN and value >= 0
            else ""
        )
        frequency = int(facts.frequency[at])
        found.append(
            Fact(
                ref=told.refs[int(facts.fact[at])], root=int(facts.root[at]), member=told.members[member],
                on=date_of(int(facts.on[at])), kind=kind.name.lower(), payer=told.payers[int(facts.payer[at])],
                amount=_said(facts.amount[at]), earnings=_said(facts.earnings[at]), hours=_said(facts.hours[at]),
                worker=_said(facts.worker[at]), employer=_said(facts.employer[at]),
                frequency=FREQUENCY_WORDS[frequency] if frequency >= 0 else None,
                period_start=_day(int(facts.period_start[at])), period_end=_day(int(facts.period_end[at])),
                attribute=attribute, value=text,
            )
        )  # fmt: skip
    return person, found


def _day(day: int) -> date | None:
    return None if day == NONE else date_of(day)


def _said(figure: Any) -> int | None:
    return None if figure == NONE else int(figure)

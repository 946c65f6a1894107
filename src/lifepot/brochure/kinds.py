"""The kinds of people a scheme treats differently, found by trying: a few to draw, the others told in words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lifepot.brochure.traits import ORDINARY_AGE, YEARS_IN, Age, Level, Said, SaidAmount, Trait
from lifepot.brochure.tries import Person

Int = NDArray[np.int64]
Answers = Callable[[list[Person]], Int]
"""What each party adds for each of these people at a few yearly amounts: an axis each for people, amounts, parties."""

MOST_DRAWN = 4
TRIED_AT_ONCE = 64
MOST_TRIED = 2_000
"""How many people are tried in search of one to whom somebody adds something."""


@dataclass(slots=True)
class Kind:
    """One kind of people: somebody who stands for them, and what to call them."""

    person: Person
    words: str


@dataclass(slots=True)
class Kinds:
    """What was found: the kinds to draw, the first of them the ordinary one; `others` get something else again and are
    not drawn; to those who are `left_out` nobody adds anything.
    """

    drawn: list[Kind] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Split:
    """One trait's levels, those together for whom everything is the same: by what everybody adds to them."""

    trait: Trait
    groups: dict[bytes, list[Level]]
    gets: dict[bytes, bool]


def kinds_of(traits: list[Trait], answers: Answers, counted: list[int], years_in: int) -> Kinds:
    """The kinds of people that differ in what the parties at the positions `counted` add to them; `years_in`: how long an
    ordinary person is in. Empty, if there is nobody to whom those parties add anything.
    """
    ordinary = _somebody(traits, Person(ORDINARY_AGE, years_in), answers, counted)
    if ordinary is None:
        return Kinds()
    same = answers([ordinary])[0].tobytes()
    splits = [one for one in (_split(trait, ordinary, answers, counted) for trait in traits) if len(one.groups) > 1]
    left_out = [words for split in splits for words in _left_out(split)]
    by_answer: dict[bytes, Kind] = {}
    turns = [_in_turn(split, same) for split in splits]
    for turn in range(max(map(len, turns), default=0)):
        for split, keys in zip(splits, turns, strict=True):
            if turn < len(keys):
                group = split.groups[keys[turn]]
                words = split.trait.words(group)
                kind = by_answer.setdefault(keys[turn], Kind(split.trait.changed(ordinary, _middle(group)), ""))
                kind.words = f"{kind.words}, or {words}" if kind.words else words
    # Those drawn stand in the order of their traits and levels again.
    ranks = [key for split in splits for key in split.groups]
    drawn = sorted(list(by_answer)[: MOST_DRAWN - 1], key=ranks.index)
    others = sorted(list(by_answer)[MOST_DRAWN - 1 :], key=ranks.index)
    told = [one for one in splits if _is_worth_telling(one, same, set(by_answer))]
    words = ", ".join(one.trait.words(one.groups[same]) for one in told)
    first = Kind(ordinary, words or "anybody who is in")
    return Kinds([first, *(by_answer[key] for key in drawn)], [by_answer[key].words for key in others], left_out)


def _is_worth_telling(split: _Split, same: bytes, drawn: set[bytes]) -> bool:
    """Whether an ordinary person is called by this trait, too: by age; where others are drawn; where it had to be said."""
    return (
        split.trait.name == "age" or bool(drawn & set(split.groups)) or split.trait.levels[0] not in split.groups[same]
    )


def _somebody(traits: list[Trait], ordinary: Person, answers: Answers, counted: list[int]) -> Person | None:
    """The most ordinary person to whom somebody adds something: with the fewest traits changed."""
    person = ordinary
    for trait in traits:
        if isinstance(trait, Said | SaidAmount) and trait.levels[0] is not None:
            person = trait.changed(person, trait.levels[0])
    tried = 0
    for changes in range(len(traits) + 1):
        for chosen in combinations(traits, changes):
            for some in batched(_all_changed(person, chosen), TRIED_AT_ONCE):
                gets = answers(list(some))[:, :, counted].any(axis=(1, 2))
                if gets.any():
                    return some[int(gets.argmax())]
                tried += len(some)
                if tried > MOST_TRIED:
                    return None
    return None


def _all_changed(person: Person, traits: tuple[Trait, ...]) -> list[Person]:
    """Everybody who differs in these traits."""
    if not traits:
        return [person]
    return [traits[0].changed(one, level) for one in _all_changed(person, traits[1:]) for level in traits[0].few()]


def _split(trait: Trait, ordinary: Person, answers: Answers, counted: list[int]) -> _Split:
    groups: dict[bytes, list[Level]] = {}
    gets: dict[bytes, bool] = {}

    def try_(levels: Sequence[Level]) -> None:
        people = [trait.changed(ordinary, level) for level in levels]
        for level, answer in zip(levels, answers(people) if people else [], strict=True):
            key = answer.tobytes()
            groups.setdefault(key, []).append(level)
            gets[key] = bool(answer[:, counted].any())

    try_(trait.levels)
    if isinstance(trait, Age):
        some = [level for key, group in groups.items() for level in group if gets[key]]
        try_(trait.otherwise_in(some, [level for key, group in groups.items() for level in group if not gets[key]]))
    return _Split(trait, groups, gets)


def _left_out(split: _Split) -> list[str]:
    """Those to whom nobody adds anything; those who would get something if they were in for longer are told apart."""
    trait, groups, gets = split.trait, split.groups, split.gets
    nothing = [level for key, group in groups.items() for level in group if not gets[key]]
    if not isinstance(trait, Age):
        return [trait.words(nothing)] if nothing else []
    ordinary = trait.ordinary_years_in
    gains = [one for key, group in groups.items() if gets[key] for one in group if isinstance(one, tuple)]
    otherwise = {age: years_in for age, years_in in gains if years_in != ordinary}
    missing = [one for one in nothing if isinstance(one, tuple) and one[1] == ordinary]
    never = [one for one in missing if one[0] not in otherwise]
    joining = [one for one in missing if otherwise.get(one[0]) == YEARS_IN]
    return ([trait.words(never)] if never else []) + (
        [f"{trait.words(joining)} and only just joining"] if joining else []
    )


def _in_turn(split: _Split, same: bytes) -> list[bytes]:
    """The groups that get something else than the ordinary one, the last first and then the middle one, so that the first
    few show the whole span.
    """
    keys = [key for key in split.groups if split.gets[key] and key != same]
    if len(keys) < 3:
        return keys[::-1]
    first = [keys[-1], keys[(len(keys) - 1) // 2]]
    return first + [one for one in keys if one not in first]


def _middle(group: list[Level]) -> Level:
    return group[len(group) // 2]


def batched(people: Sequence[Person], size: int) -> Iterator[Sequence[Person]]:
    """Some at a time."""
    for begin in range(0, len(people), size):
        yield people[begin : begin + size]

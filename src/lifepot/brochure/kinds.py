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
    """What was found: the ordinary kind first, then those who get something else, in the order of their traits; to those who
    are `left_out` nobody adds anything. `others` are kinds that are not drawn.
    """

    drawn: list[Kind] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    importance: list[int] = field(default_factory=list)
    """Places in `drawn`, the ordinary kind's not among them: which to keep first, where not all can be drawn."""

    def keep(self, most: int) -> None:
        """Leaves as many kinds to draw as a page has room for; the rest are told in words."""
        kept = {0, *self.importance[: most - 1]}
        self.others = [kind.words for place, kind in enumerate(self.drawn) if place not in kept]
        self.drawn = [kind for place, kind in enumerate(self.drawn) if place in kept]


@dataclass(slots=True)
class _Split:
    """One trait's levels, those together for whom everything is the same: by what everybody adds to them."""

    trait: Trait
    groups: dict[bytes, list[Level]]
    gets: dict[bytes, bool]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A kind that may be drawn: what everybody adds to it, somebody who stands for it, what to call it."""

    key: bytes
    person: Person
    words: str


def kinds_of(traits: list[Trait], answers: Answers, counted: list[int], years_in: int) -> Kinds:
    """The kinds of people that differ in what the parties at the positions `counted` add to them; `years_in`: how long an
    ordinary person is in. Empty, if there is nobody to whom those parties add anything.
    """
    found = _somebody(traits, Person(ORDINARY_AGE, years_in), answers, counted)
    if found is None:
        return Kinds()
    ordinary, enabling, instead = found
    same = answers([ordinary])[0].tobytes()
    splits = [one for one in (_split(trait, ordinary, answers, counted) for trait in traits) if len(one.groups) > 1]
    left_out = [words for split in splits if not (instead and split.trait is enabling) for words in _left_out(split)]
    alternatives = [one for one in _instead(instead, answers) if one.key != same]
    beside = [trait for trait, _, _ in instead]
    by_trait = [_candidates(split, ordinary, same, "also " if split.trait in beside else "") for split in splits]
    # In turns, so that each trait is seen before one is seen twice.
    turns = [mine[turn] for turn in range(max(map(len, by_trait), default=0)) for mine in by_trait if turn < len(mine)]
    by_key: dict[bytes, Kind] = {}
    for one in [*alternatives, *turns]:
        if one.key not in by_key:
            by_key[one.key] = Kind(one.person, one.words)
        elif all(one.key != other.key for other in alternatives):
            by_key[one.key].words += f", or {one.words}"
    told = [one for one in splits if _is_worth_telling(one, same, set(by_key))]
    words = ", ".join(one.trait.words(one.groups[same]) for one in told)
    order = list(dict.fromkeys([*(one.key for one in alternatives), *(key for one in splits for key in one.groups)]))
    keys = sorted(by_key, key=order.index)
    drawn = [Kind(ordinary, words or "anybody who is in"), *(by_key[key] for key in keys)]
    return Kinds(drawn, [], left_out, [1 + keys.index(key) for key in by_key])


def _is_worth_telling(split: _Split, same: bytes, drawn: set[bytes]) -> bool:
    """Whether an ordinary person is called by this trait: by age; where others are drawn; where it had to be said of them."""
    is_usual = split.trait.levels[0] in split.groups[same]
    return split.trait.name == "age" or not is_usual or bool(drawn & set(split.groups))


def _somebody(
    traits: list[Trait], person: Person, answers: Answers, counted: list[int]
) -> tuple[Person, Trait | None, list[tuple[Trait, Level, Person]]] | None:
    """The most ordinary person to whom somebody adds something: with the fewest traits changed. If one had to be changed:
    that trait, and what might have been changed instead.
    """
    for trait in traits:
        if isinstance(trait, Said | SaidAmount) and trait.levels[0] is not None:
            person = trait.changed(person, trait.levels[0])
    tried = 0
    for changes in range(len(traits) + 1):
        for chosen in combinations(traits, changes):
            for some in _batched(_all_changed(person, chosen), TRIED_AT_ONCE):
                gets = answers(list(some))[:, :, counted].any(axis=(1, 2))
                if gets.any():
                    found = some[int(gets.argmax())]
                    others = [one for one in traits if one not in chosen] if changes == 1 else []
                    instead = [(one, level, one.changed(person, level)) for one in others for level in one.few()]
                    reach = list(answers([one for _, _, one in instead])) if instead else []
                    kept = [one for one, answer in zip(instead, reach, strict=True) if answer[:, counted].any()]
                    return found, chosen[0] if changes == 1 else None, kept
                tried += len(some)
                if tried > MOST_TRIED:
                    return None
    return None


def _instead(instead: list[tuple[Trait, Level, Person]], answers: Answers) -> list[_Candidate]:
    """Kinds that get something for another reason than the ordinary one."""
    people = [person for _, _, person in instead]
    found = zip(instead, answers(people) if people else [], strict=True)
    return [
        _Candidate(answer.tobytes(), person, f"{trait.words([level])} instead")
        for (trait, level, person), answer in found
    ]


def _candidates(split: _Split, ordinary: Person, same: bytes, also: str) -> list[_Candidate]:
    """The groups that get something else than the ordinary one: of ages the widest first, else the last and then the middle
    one, so that the first few show the whole span.
    """
    keys = [key for key in split.groups if split.gets[key] and key != same]
    if isinstance(split.trait, Age):
        keys.sort(key=lambda key: -len(split.groups[key]))
    elif len(keys) > 2:
        first = [keys[-1], keys[(len(keys) - 1) // 2]]
        keys = first + [one for one in keys if one not in first]
    else:
        keys.reverse()
    groups = [(key, split.groups[key]) for key in keys]
    return [
        _Candidate(key, split.trait.changed(ordinary, group[len(group) // 2]), also + split.trait.words(group))
        for key, group in groups
    ]


def _all_changed(person: Person, traits: tuple[Trait, ...]) -> list[Person]:
    """Everybody who differs in these traits."""
    if not traits:
        return [person]
    return [traits[0].changed(one, level) for one in _all_changed(person, traits[1:]) for level in traits[0].few()]


def _batched(people: Sequence[Person], size: int) -> Iterator[Sequence[Person]]:
    """Some at a time."""
    for begin in range(0, len(people), size):
        yield people[begin : begin + size]


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

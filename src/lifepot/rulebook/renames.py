"""Clauses that two rulebooks call by different names.

A clause that is gone and one that is new are the same clause under another name if they mean much the same (at least
half of what they say) and either are described in the same words or are spoken of in the same place: where a rule said
`up_to: match_cap`, it now says `up_to: bonus_cap`. Clauses that are only alike, such as two attributes of a kind, are not.
"""

from collections.abc import Iterator

from lifepot.rulebook.meaning import Branch, Meaning, Node, Place, meaning_of, traits
from lifepot.rulebook.terms import Rulebook

Called = dict[tuple[str, str], str]
"""Section and earlier name: the later name."""

LIKE_ENOUGH = 0.5
"""The share of what they say from which two clauses can be one."""

MOST_PAIRS = 40_000
"""Clauses gone times clauses come, of one section. Beyond it everything is new, and nobody would read the names anyway."""


def renames(before: Rulebook, after: Rulebook) -> Called:
    """Every clause that only changed its name, or its name and some of what it says.

    One renaming can bring another to light: an amount renamed along with the value it is capped by is the same amount
    once the value is known to be the same. So it goes on until nothing more is found.
    """
    if not any(
        isinstance(ours, dict) and ours.keys() - theirs.keys() and theirs.keys() - ours.keys()
        for ours, theirs in ((getattr(book, name) for book in (before, after)) for name in Rulebook.model_fields)
    ):
        return {}
    later = meaning_of(after)
    called: Called = {}
    while found := dict(_found(meaning_of(before, called), later, called)):
        called |= found
    return called


def _found(before: Meaning, after: Meaning, called: Called) -> Iterator[tuple[tuple[str, str], str]]:
    """Clauses that can be told to be the same now, the likest first, each once."""
    for section, olds in before.sections.items():
        news = after.sections[section]
        taken = {new for (its, _), new in called.items() if its == section} | set(olds)
        come = {name: node for name, node in news.items() if name not in taken}
        gone = {name: node for name, node in olds.items() if name not in news and (section, name) not in called}
        pairs = []
        if len(gone) * len(come) > MOST_PAIRS:
            continue
        for old, node in gone.items():
            spoken_of = {_later(place, called) for place in before.used.get(old, ())}
            for new, other in come.items():
                telling = _is_telling(node) and _is_telling(other)
                evident = _described_alike(node, other) or (telling and spoken_of & after.used.get(new, set()))
                if evident and (share := likeness(node, other)) >= LIKE_ENOUGH:
                    pairs.append((-share, min(old, new), max(old, new), old, new))
        matched: set[str] = set()
        for *_, old, new in sorted(pairs):
            if not {old, new} & matched:
                matched |= {old, new}
                yield (section, old), new


def called_before(called: Called, section: str, name: str) -> str | None:
    """The earlier name of a clause that was renamed."""
    return next((old for (its, old), new in called.items() if (its, new) == (section, name)), None)


def likeness(one: Node, other: Node) -> float:
    """The share of what two terms say that they both say, from 0 to 1."""
    if one.key == other.key:
        return 1.0
    if type(one) is not type(other):
        return 0.0
    ones, others = set(traits(one)), set(traits(other))
    return 2 * len(ones & others) / max(len(ones) + len(others), 1)


def _described_alike(one: Node, other: Node) -> bool:
    if not isinstance(one, Branch) or not isinstance(other, Branch):
        return False
    return one.wording.get("description") == other.wording.get("description") is not None


def _is_telling(node: Node) -> bool:
    """Whether a clause says enough to be known by it: of two attributes that are days, either could be the other."""
    return not isinstance(node, Branch) or len(list(traits(node))) > 1


def _later(place: Place, called: Called) -> Place:
    """A place in the earlier rulebook as the later one names it."""
    return (place[0], called.get((place[0], place[1]), place[1]), *place[2:])

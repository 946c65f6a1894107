"""What changed between two rulebooks: a list of changes by clause and date, each in words.

Two rulebooks are compared by what they mean (`meaning`), not by how they are written. Dated figures are compared day by
day: what is in force from each day on. Clauses that changed their name are known by what they say (`renames`), and
lists that have an order, such as a rule's steps, are laid side by side (`alignment`).
"""

from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from lifepot.periods import format_day
from lifepot.rulebook.alignment import EQUAL, aligned
from lifepot.rulebook.meaning import (
    NOTHING,
    WHOLE,
    WORDING_OF_THE_WHOLE,
    Branch,
    Cells,
    Items,
    Node,
    Spans,
    Tests,
    meaning_of,
)
from lifepot.rulebook.renames import called_before, likeness, renames
from lifepot.rulebook.terms import Rulebook, Test
from lifepot.rulebook.words import clause_in_words, in_words, label

Kind = Literal["added", "removed", "changed", "renamed", "moved"]

ORDERED_SECTIONS = frozenset({"accounts"})
"""Sections whose order means something: the parts of a pot are drawn on in theirs."""

LIKE_ENOUGH = 0.3
"""The share of what they say from which two terms of a list are told as one that changed."""

FEW_PARTS = 2
"""Terms of so few parts are told as one that changed even where they share nothing: a rate is another rate."""

LONG = 60
"""Characters from which a text is no word or figure any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the later rulebook says otherwise.

    section   the section of the rulebook; `rulebook` for what is said once of the whole
    clause    the clause's name, in the later rulebook if it is there; a section of one clause, or a term of the whole,
              is its own clause
    path      the term inside the clause, `steps.2.up_to`, places in lists from 0; empty for the clause itself
    kind      `added`, `removed`, `changed`; `renamed`, a clause; `moved`, a part of a list that has an order
    first_on  first day on which it differs; None: what changed has no date
    last_on   last day on which it differs; None: it does so without end, or has no date
    before    what the earlier rulebook says there, in words (a whole clause: a line each thing); None: nothing
    after     what the later one says; None: nothing
    wording   True: nothing is given otherwise, it is only told otherwise (or is known with another certainty)
    words     all of it as a sentence, without the clause
    """

    section: str
    clause: str
    path: str
    kind: Kind
    first_on: int | None
    last_on: int | None
    before: str | None
    after: str | None
    wording: bool
    words: str

    def as_dict(self) -> dict[str, str | bool | None]:
        """The change as JSON carries it, days as texts."""
        days = {"first_on": self.first_on, "last_on": self.last_on}
        return asdict(self) | {name: None if day is None else format_day(day) for name, day in days.items()}


def differences(before: Rulebook, after: Rulebook) -> list[Change]:
    """Every change from the earlier rulebook to the later, in the order of the later one's sections and clauses;
    clauses that are gone stand at their section's end. None where both mean the same and say it in the same words.
    """
    called = renames(before, after)
    olds, news = meaning_of(before, called).sections, meaning_of(after).sections
    changes: list[Change] = []
    for section in news:
        ours, theirs = olds[section], news[section]
        for name, node in theirs.items():
            earlier = called_before(called, section, name)
            changes += _of_clause(section, name, ours.get(earlier or name), node, earlier)
        gone = [name for name in ours if name not in theirs and (section, name) not in called]
        changes += [change for name in gone for change in _of_clause(section, name, ours[name], None, None)]
        if section in ORDERED_SECTIONS:
            changes += _of_order(section, [called.get((section, name), name) for name in ours], list(theirs))
    return changes


def _of_clause(section: str, name: str, before: Node | None, after: Node | None, earlier: str | None) -> list[Change]:
    """What changed of one clause, found in the earlier rulebook, in the later, or in both."""
    if before is None or after is None:
        here = before or after
        assert here is not None
        lines = clause_in_words(here.said)
        said, line = "\n".join(lines), "; ".join(lines)
        if after is None:
            return [_told(section, name, _Found(_Trail(), "removed", said, None, f"gone: {line}"))]
        return [_told(section, name, _Found(_Trail(), "added", None, said, f"new: {line}"))]
    found = list(_between(before, after, _Trail()))
    if section == WHOLE and name in WORDING_OF_THE_WHOLE:
        found = [replace(one, wording=True, saying=_reworded(one.before, one.after)) for one in found]
    if earlier is not None:
        found.insert(0, _Found(_Trail(), "renamed", earlier, name, f"called {earlier} before"))
    return [_told(section, name, one) for one in found]


def _of_order(section: str, before: list[str], after: list[str]) -> list[Change]:
    """A change of order among the clauses that both have."""
    ours, theirs = ([name for name in names if name in before and name in after] for names in (before, after))
    if ours == theirs:
        return []
    was, now = ", ".join(ours), ", ".join(theirs)
    return [Change(section, section, "", "moved", None, None, was, now, False, f"in the order {now}, instead of {was}")]


@dataclass(frozen=True, slots=True)
class _Trail:
    """The way to a term inside its clause: for a program, and for a person."""

    path: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    dated: bool = False
    """Whether days have been gone through already: those of a table in force on a day are days of birth."""

    def to(self, step: str, word: str = "") -> "_Trail":
        return replace(self, path=(*self.path, step), labels=(*self.labels, word) if word else self.labels)


@dataclass(frozen=True, slots=True)
class _Found:
    """A change on its way to being told."""

    trail: _Trail
    kind: Kind
    before: str | None
    after: str | None
    saying: str
    wording: bool = False
    first_on: int | None = None
    last_on: int | None = None
    at_first: bool = False
    """Whether it differs from the first day on which either has a figure."""


def _told(section: str, clause: str, found: _Found) -> Change:
    when = ""
    if found.first_on is not None:
        to = "" if found.last_on is None else f" to {format_day(found.last_on)}"
        its = "its first day, " if found.at_first else ""
        when = f"from {its}{format_day(found.first_on)}{',' if its and to else ''}{to}"
    head = ", ".join(one for one in (when, *found.trail.labels) if one)
    words = f"{head}: {found.saying}" if head else found.saying
    path = ".".join(found.trail.path)
    return Change(
        section,
        clause,
        path,
        found.kind,
        found.first_on,
        found.last_on,
        found.before,
        found.after,
        found.wording,
        words,
    )


def _between(before: Node, after: Node, trail: _Trail) -> Iterator[_Found]:
    """Every difference of two terms that stand in the same place, down to the smallest term that tells it."""
    match before, after:
        case Branch(), Branch() if type(before.said) is type(after.said):
            yield from _of_parts(before, after, trail)
        case Items(ordered=True), Items():
            yield from _of_list(before, after, trail, "item")
        case Items(), Items():
            yield from _of_set(before, after, trail, ("also {}", "no longer {}"))
        case Spans(), Spans() if before.along == after.along and before.key != after.key:
            yield from _of_spans(before, after, trail)
        case Cells(), Cells():
            for name in {**before.cells, **after.cells}:
                cells = before.cells.get(name, NOTHING), after.cells.get(name, NOTHING)
                yield from _between(*cells, trail.to(name, name))
        case Tests(), Tests() if before.key != after.key:
            yield from _of_tests(before, after, trail)
        case _ if before.key != after.key:
            yield from _whole(before, after, trail)
        case _:
            pass


def _whole(before: Node, after: Node, trail: _Trail) -> Iterator[_Found]:
    """One thing instead of another. Where the words are the same it is what they are held against that changed (the
    kind of an attribute), and that is told where it is said.
    """
    was, now = in_words(before.said), in_words(after.said)
    if before.said is None:
        yield _Found(trail, "added", None, now, f"{now}, where nothing was said")
    elif after.said is None:
        yield _Found(trail, "removed", was, None, f"no longer {was}")
    elif was != now:
        kind: Kind = "added" if before.key is None else "removed" if after.key is None else "changed"
        saying = f"{_quoted(now)} instead of {_quoted(was)}"
        yield _Found(trail, kind, None if kind == "added" else was, None if kind == "removed" else now, saying)


def _reworded(before: str | None, after: str | None) -> str:
    """Wording instead of another; a text of several words in quotation marks."""
    new, old = (f"“{said}”" if " " in said else said for said in (after or "nothing", before or "nothing"))
    return f"{new} instead of {old}"


def _quoted(text: str) -> str:
    """A text in quotation marks where it has the length of a sentence."""
    return f"“{text}”" if len(text) > LONG else text


def _of_parts(before: Branch, after: Branch, trail: _Trail) -> Iterator[_Found]:
    fields = type(after.said).model_fields
    for name, part in after.parts.items():
        other, written = before.parts[name], fields[name].alias or name
        if isinstance(other, Items) and isinstance(part, Items) and part.ordered:
            word = label(name)
            counted = word.endswith(("s", "ing"))  # steps, tiers, a leaving
            noun = word.removesuffix("s") if counted else "item"
            yield from _of_list(other, part, trail.to(written, "" if counted else word), noun)
        else:
            dated = isinstance(part, Spans) and not trail.dated
            silent = dated or name in {before.silent, after.silent}
            yield from _between(other, part, trail.to(written, "" if silent else label(written)))
    for name, text in after.wording.items():
        was = before.wording[name]
        if was != text:
            yield _Found(trail.to(name, label(name)), "changed", was, text, _reworded(was, text), wording=True)


def _of_list(before: Items, after: Items, trail: _Trail, noun: str) -> Iterator[_Found]:
    """A list in its order: what stayed is looked into, the rest is new, gone, or somewhere else now."""
    pairs = aligned(before.items, after.items, _alike, lambda one: repr(one.key))
    left = [i for i, j in pairs if i is not None and j is None]
    was: dict[int, int] = {}
    for new in [j for i, j in pairs if i is None and j is not None]:
        same = next((gone for gone in left if before.items[gone].key == after.items[new].key), None)
        if same is not None:
            was[new] = same
            left.remove(same)
    for i, j in pairs:
        if j is not None:
            now, place = after.items[j], f"{noun} {j + 1}"
            here, words = trail.to(str(j)), in_words(now.said)
            earlier = was.get(j, i)
            if earlier is None:
                yield _Found(here, "added", None, words, f"{place} is new: {words}")
                continue
            if i is None:
                there = f"{noun} {earlier + 1}"
                yield _Found(here, "moved", there, place, f"{there} is {place} now: {words}")
            yield from _between(before.items[earlier], now, trail.to(str(j), place))
        elif i in left:
            words = in_words(before.items[i].said)
            yield _Found(trail.to(str(i)), "removed", words, None, f"{noun} {i + 1} is gone: {words}")


def _alike(before: Node, after: Node) -> int:
    """How far two terms of a list may be told as one: equal, alike (of the same sort, and sharing something or having
    hardly more than one thing to say; tests of the same thing), or not at all.
    """
    if before.key == after.key:
        return EQUAL
    if isinstance(before.said, Test) and isinstance(after.said, Test):
        same = before.said.model_dump(exclude_none=True).keys() & after.said.model_dump(exclude_none=True).keys()
        return len(same) if before.said.what == after.said.what else 0
    if isinstance(before, Branch) and isinstance(after, Branch) and type(before.said) is type(after.said):
        share = likeness(before, after)
        return 1 + int(share * 1000) if share >= LIKE_ENOUGH or len(after.parts) <= FEW_PARTS else 0
    return 0


def _of_set(before: Items | Tests, after: Items | Tests, trail: _Trail, sayings: tuple[str, str]) -> Iterator[_Found]:
    """Two lists whose order does not count: what is more, what is less. `sayings`: how either is told."""
    unmatched: dict[Hashable, list[Node]] = {}
    for one in before.items:
        unmatched.setdefault(one.key, []).append(one)
    new: list[Node] = []
    for one in after.items:
        if unmatched.get(one.key):
            yield from _between(unmatched[one.key].pop(), one, trail)  # the same in other words, perhaps
        else:
            new.append(one)
    gone = [one for same in unmatched.values() for one in same]
    ours, theirs = (sorted(left, key=lambda one: repr(one.key)) for left in (gone, new))
    if len(ours) == len(theirs) == 1 and not isinstance(ours[0], Branch):
        yield from _whole(ours[0], theirs[0], trail)
        return
    for i, j in aligned(ours, theirs, _alike, lambda one: repr(one.key)):
        if i is not None and j is not None:
            part = theirs[j]
            yield from _between(ours[i], part, _into(part, trail) if isinstance(part, Branch) else trail)
        elif j is not None:
            words = in_words(theirs[j].said)
            yield _Found(trail, "added", None, words, sayings[0].format(words))
        elif i is not None:
            words = in_words(ours[i].said)
            yield _Found(trail, "removed", words, None, sayings[1].format(words))


def _into(part: Branch, trail: _Trail) -> _Trail:
    """The way into a term of a list without an order: it is known by the first thing that it says."""
    first = next(iter(part.parts))
    return trail.to(first, in_words(getattr(part.said, first)))


def _of_tests(before: Tests, after: Tests, trail: _Trail) -> Iterator[_Found]:
    """Two conditions: test by test where they are joined in the same way and share any, else one instead of the other."""
    joined = {before.joined, after.joined} - {"one"}
    shared = {one.key for one in before.items} & {one.key for one in after.items}
    if len(joined) == 1 and (shared or before.joined == after.joined):
        does = "is enough" if joined == {"any"} else "is needed"
        yield from _of_set(before, after, trail, (f"“{{}}” {does} too", "“{}” " + does.replace("is", "is no longer")))
    else:
        yield from _whole(before, after, trail)


def _of_spans(before: Spans, after: Spans, trail: _Trail) -> Iterator[_Found]:
    """What holds from each day on, and inside a table from each day of birth or age on: each difference once for the
    whole stretch in which it is the same.
    """
    points = sorted({start for spans in (before, after) for start, _ in spans.spans})
    runs: list[tuple[int, int | None, _Found]] = []
    going: dict[_Found, int] = {}
    inside = replace(trail, dated=True)
    for point, end in zip(points, [*(later - 1 for later in points[1:]), None], strict=True):
        here: dict[_Found, int] = {}
        for found in _between(before.at(point), after.at(point), inside):
            here[found] = going.get(found, len(runs))
            if found in going:
                runs[going[found]] = (runs[going[found]][0], end, found)
            else:
                runs.append((point, end, found))
        going = here
    for start, last, found in runs:
        if trail.dated or before.along == "age":
            step, word = _stretch(start, last, before.along)
            path, labels = found.trail.path[len(trail.path) :], found.trail.labels[len(trail.labels) :]
            way = trail.to(step, word)
            yield replace(found, trail=replace(way, path=(*way.path, *path), labels=(*way.labels, *labels)))
        else:
            yield replace(found, first_on=start, last_on=last, at_first=start == points[0])


def _stretch(start: int, last: int | None, along: str) -> tuple[str, str]:
    """A stretch of a table's rows, for a program by its first, for a person by both ends."""
    if along == "age":
        until = "" if last is None else f" to below {_age(last + 1)}"
        return _age(start), f"from age {_age(start)}{until}"
    until = "" if last is None else f" to {format_day(last)}"
    return format_day(start), f"born from {format_day(start)}{until}"


def _age(months: int) -> str:
    return f"{months // 12}y {months % 12}m" if months % 12 else str(months // 12)

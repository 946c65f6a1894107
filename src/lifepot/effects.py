"""Whose amounts another rulebook changes, and by how much: the same people and facts under both.

Both run as `lifepot entitle` runs. Amounts are added up over all days that are seen, by member, party and rule; a
member whose sums are the same may still get them on other days, and is counted apart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from lifepot.entitle import Outcome, work_out
from lifepot.errors import Fault, Misuse
from lifepot.periods import format_day
from lifepot.rulebook.differences import Change, differences
from lifepot.rulebook.reader import read_rulebook
from lifepot.rulebook.renames import renames
from lifepot.rulebook.terms import Party, Rulebook

PARTIES: tuple[Party, ...] = ("worker", "employer", "government")


@dataclass(frozen=True, slots=True)
class Sums:
    """An amount under the earlier rulebook and under the later, in minor units."""

    before_minor: int
    after_minor: int

    @property
    def difference_minor(self) -> int:
        """How much more the later one gives; negative: less."""
        return self.after_minor - self.before_minor

    def as_dict(self) -> dict[str, int]:
        """The three figures as JSON carries them."""
        return {
            "before_minor": self.before_minor,
            "after_minor": self.after_minor,
            "difference_minor": self.difference_minor,
        }


@dataclass(frozen=True, slots=True)
class MemberEffect:
    """One member whose amounts change: what each party gives, and each rule that changes, by party and name (in the
    later rulebook, if it is there).
    """

    member: str
    total: Sums
    parties: dict[Party, Sums]
    rules: dict[tuple[Party, str], Sums]

    @property
    def size_minor(self) -> int:
        """How much changes, all parties' changes added up, whichever way they go."""
        return sum(abs(sums.difference_minor) for sums in self.parties.values())


@dataclass(frozen=True, slots=True)
class Effects:
    """What two rulebooks give to the same people on the same facts.

    members      how many people the file has
    changed      those whose amounts change, the biggest change first
    other_days   how many get the same from each party, but on other days or in another part of the pot
    total        of all members and parties
    parties      of all members, by party
    faults       what is wrong with the files, with `under`
    notes        what whoever wrote them may want to know, with `under`
    """

    members: int
    changed: list[MemberEffect]
    other_days: int
    total: Sums
    parties: dict[Party, Sums]
    faults: list["Under"]
    notes: list["Under"]

    @property
    def unchanged(self) -> int:
        """How many get the same, from the same parties, on the same days."""
        return self.members - len(self.changed) - self.other_days


@dataclass(frozen=True, slots=True)
class Under:
    """A fault, and under which rulebook it is one: `before`, `after`, or both ("")."""

    fault: Fault
    under: str

    def as_dict(self) -> dict[str, str | int | None]:
        """The fault as JSON carries it; `under` is null where both rulebooks find it."""
        return self.fault.as_dict() | {"under": self.under or None}


def effects(before: Rulebook, after: Rulebook, people: Path, facts: Path, as_of: int | None) -> Effects:
    """Both rulebooks on both files, as of a day (None: every window has run to its end). Raises `Misuse` for
    rulebooks of two currencies, whose amounts cannot be compared, and `LifepotError` for a file that cannot be read.
    """
    if before.currency != after.currency:
        raise Misuse(
            f"One rulebook is in {before.currency}, the other in {after.currency}; their amounts cannot be compared.",
            remedy="Compare the rules alone, without --people and --facts.",
        )
    foreign = _words(before) | _words(after)
    one = work_out(before, people, facts, as_of, foreign)
    other = work_out(after, people, facts, as_of, foreign)
    called = {old: new for (section, old), new in renames(before, after).items() if section == "rules"}
    ours, theirs = _given(one, called), _given(other, {})
    changed: list[MemberEffect] = []
    other_days = 0
    for member in one.members:
        was, now = ours.get(member, []), theirs.get(member, [])
        parties = _by(PARTIES, was, now, lambda given: given.party)
        if any(sums.difference_minor for sums in parties.values()):
            rules = _by((), was, now, lambda given: (given.party, given.rule))
            differing = {rule: sums for rule, sums in rules.items() if sums.difference_minor}
            changed.append(MemberEffect(member, _total(parties), parties, differing))
        else:
            days = _by((), was, now, lambda given: (given.party, given.account, given.effective_on))
            other_days += any(sums.difference_minor for sums in days.values())
    all_before, all_after = (chain.from_iterable(side.values()) for side in (ours, theirs))
    totals = _by(PARTIES, all_before, all_after, lambda given: given.party)
    changed.sort(key=lambda each: -each.size_minor)
    return Effects(
        len(one.members), changed, other_days, _total(totals), totals,
        _under(one.faults, other.faults), _under(one.notes, other.notes),
    )  # fmt: skip


class _Given(NamedTuple):
    """One entitlement, as far as it is compared."""

    party: Party
    rule: str
    account: str
    effective_on: str
    amount_minor: int


def _given(outcome: Outcome, called: Mapping[str, str]) -> dict[str, list[_Given]]:
    """Entitlements by member, rules by their later names."""
    found: dict[str, list[_Given]] = {}
    for row in outcome.rows:
        rule = str(row["rule"])
        given = _Given(
            cast(Party, row["party"]), called.get(rule, rule), str(row["account"]), str(row["effective_on"]),
            cast(int, row["amount_minor"]),
        )  # fmt: skip
        found.setdefault(str(row["member"]), []).append(given)
    return found


Key = TypeVar("Key")


def _by(
    keys: Iterable[Key], before: Iterable[_Given], after: Iterable[_Given], of: Callable[[_Given], Key]
) -> dict[Key, Sums]:
    """Sums by a key, these keys first, whether there is anything to them or not."""
    sums = dict.fromkeys(keys, (0, 0))
    for given in before:
        was, now = sums.get(of(given), (0, 0))
        sums[of(given)] = (was + given.amount_minor, now)
    for given in after:
        was, now = sums.get(of(given), (0, 0))
        sums[of(given)] = (was, now + given.amount_minor)
    return {key: Sums(*both) for key, both in sums.items()}


def _total(parties: Mapping[Party, Sums]) -> Sums:
    return Sums(*(sum(getattr(one, name) for one in parties.values()) for name in ("before_minor", "after_minor")))


def _words(book: Rulebook) -> frozenset[str]:
    """What files may call the attributes of a rulebook."""
    return frozenset(word for name, its in book.attributes.items() for word in (name, *its.aliases))


def _under(before: list[Fault], after: list[Fault]) -> list[Under]:
    """Faults of both runs, those found in both once."""
    ours, theirs = dict.fromkeys(before), dict.fromkeys(after)
    found = [Under(fault, "" if fault in theirs else "before") for fault in ours]
    return found + [Under(fault, "after") for fault in theirs if fault not in ours]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rulebooks as somebody named them, what changed, and whose amounts."""

    names: tuple[str, str]
    books: tuple[Rulebook, Rulebook]
    changes: list[Change]
    effects: Effects | None
    as_of: int | None

    @classmethod
    def between(
        cls,
        names: tuple[str, str],
        books: tuple[Rulebook, Rulebook],
        people: Path | None,
        facts: Path | None,
        as_of: int | None,
    ) -> "Comparison":
        """The comparison that was asked for. Raises `LifepotError` where there is nothing to compare."""
        if (people is None) != (facts is None):
            raise Misuse("Amounts need people and facts.", remedy="Give both --people and --facts, or neither.")
        if as_of is not None and people is None:
            raise Misuse("--as-of is a day for amounts.", remedy="Give --people and --facts with it.")
        found = effects(*books, people, facts, as_of) if people is not None and facts is not None else None
        return cls(names, books, differences(*books), found, as_of)

    @classmethod
    def of(cls, before: str, after: str, people: Path | None, facts: Path | None, as_of: int | None) -> "Comparison":
        """The same, of rulebooks by their files or names."""
        return cls.between((before, after), (read_rulebook(before), read_rulebook(after)), people, facts, as_of)

    @property
    def meant(self) -> list[Change]:
        """The changes in meaning."""
        return [change for change in self.changes if not change.wording]

    def as_dict(self) -> dict[str, object]:
        """The comparison as JSON carries it."""
        return {
            "before": _book_as_dict(self.names[0], self.books[0]),
            "after": _book_as_dict(self.names[1], self.books[1]),
            "in_meaning": len(self.meant),
            "in_wording": len(self.changes) - len(self.meant),
            "changes": [change.as_dict() for change in self.changes],
            "amounts": None if self.effects is None else _effects_as_dict(self.effects, self.as_of),
        }


def _book_as_dict(name: str, book: Rulebook) -> dict[str, str]:
    return {"file": name, "name": book.name, "title": book.title, "currency": book.currency}


def _effects_as_dict(found: Effects, as_of: int | None) -> dict[str, object]:
    return {
        "as_of": None if as_of is None else format_day(as_of),
        "members": found.members,
        "members_changed": len(found.changed),
        "members_on_other_days": found.other_days,
        "members_unchanged": found.unchanged,
        "total": found.total.as_dict(),
        "by_party": [{"party": party, **sums.as_dict()} for party, sums in found.parties.items()],
        "changed": [
            {
                "member": one.member,
                "total": one.total.as_dict(),
                "by_party": [{"party": party, **sums.as_dict()} for party, sums in one.parties.items()],
                "by_rule": [
                    {"rule": rule, "party": party, **sums.as_dict()} for (party, rule), sums in one.rules.items()
                ],
            }
            for one in found.changed
        ],
        "faults": [one.as_dict() for one in found.faults],
        "notes": [one.as_dict() for one in found.notes],
    }

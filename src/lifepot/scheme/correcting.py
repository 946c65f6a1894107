"""Correcting one fact: a pay or a payment that was accepted and is wrong, put right by two people with a reason.

What was told stays told: a new fact takes its place in the same chain of replacements, or a removal does where it never happened,
and what follows is posted as a difference, effective on the old day. The reason and both names stand in the batch and so in the
chain of digests. A file that replaces the period later still finds the fact, for the chain is the same.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg

from lifepot.errors import LifepotError, Misuse
from lifepot.kernel.columns import NONE, Kind
from lifepot.money import LARGEST_MINOR
from lifepot.periods import format_day
from lifepot.scheme.lives import relations
from lifepot.scheme.moved import history_until
from lifepot.scheme.opening import Clock, same_person
from lifepot.scheme.people import MOST_DAYS_AHEAD
from lifepot.scheme.resettle import changes_by_rule
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import locked, read_standing
from lifepot.storage.rows import Event, Rows
from lifepot.storage.store import Store

AMOUNTS = {Kind.PAY: ("earnings", "worker", "employer"), Kind.PAID: ("amount",)}
"""What of a pay and of a payment can be put right, beside its day."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right: minor units and a day; None: as it was told. `never_happened`: the fact goes, and nothing takes its place."""

    amount: int | None = None
    earnings: int | None = None
    worker: int | None = None
    employer: int | None = None
    effective_on: int | None = None
    never_happened: bool = False

    @property
    def said(self) -> dict[str, int]:
        """What it says, by the fact's columns."""
        names = ("amount", "earnings", "worker", "employer", "effective_on")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did, or would do: `state` is "corrected" or "preview". `was` and `now` by column; `now` is None where it
    never happened. `by_rule`: what reached pots (`sent_minor`) and is owed (`owed_minor`) more, or less.
    """

    state: str
    fact: int
    member: int
    was: dict[str, int | None]
    now: dict[str, int | None] | None
    reason: str
    asked_by: str
    approved_by: str
    transfers: int
    by_rule: list[dict[str, Any]]
    new_fact: int | None
    place: int | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON carries it."""

        def shown(side: dict[str, int | None] | None) -> dict[str, Any] | None:
            if side is None:
                return None
            day = side["effective_on"]
            amounts = {f"{name}_minor": minor for name, minor in side.items() if name != "effective_on"}
            return amounts | {"effective_on": None if day is None else format_day(day)}

        return {
            "state": self.state, "fact": self.fact, "member": self.member, "was": shown(self.was), "now": shown(self.now),
            "reason": self.reason, "asked_by": self.asked_by, "approved_by": self.approved_by, "transfers": self.transfers,
            "by_rule": self.by_rule, "new_fact": self.new_fact, "place": self.place,
        }  # fmt: skip


def correct(
    connection: psycopg.Connection[Any], fact: int, correction: Correction, clock: Clock, *, reason: str, asked_by: str,
    approved_by: str, preview: bool = False,
) -> Corrected:  # fmt: skip
    """Put a pay or a payment right, or take it away; what follows is posted. Commits, or with `preview` keeps nothing.

    LifepotError where the two are one person, where the fact no longer stands, or is history of another scheme.
    """
    reason, asked_by, approved_by = reason.strip(), asked_by.strip(), approved_by.strip()
    if not reason or not asked_by or not approved_by:
        raise Misuse(
            "A correction has a reason, somebody who asks for it and somebody who approves.", remedy="Give all three."
        )
    if same_person(asked_by, approved_by):
        raise LifepotError(
            f"{asked_by} asked for it, and whoever asks for a correction does not approve it.",
            remedy="Somebody else approves it.",
        )
    try:
        done = _corrected(connection, fact, correction, replace(clock, who=approved_by), reason, asked_by)
    except BaseException:
        connection.rollback()
        raise
    if preview:
        connection.rollback()
        return replace(done, state="preview", place=None, new_fact=None)
    connection.commit()
    return done


def _corrected(
    connection: psycopg.Connection[Any], fact: int, correction: Correction, clock: Clock, reason: str, asked_by: str
) -> Corrected:
    row = connection.execute("select member from fact where id = %s", [fact]).fetchone()
    if row is None:
        raise Misuse(f"There is no fact {fact}.", remedy="`lifepot why` and `--json` show facts' numbers.")
    touched = _whose(read_standing(connection).store(connection), int(row[0]))
    standing, store = locked(connection, touched)
    if not np.array_equal(touched, _whose(store, int(row[0]))):
        raise LifepotError(f"Member {row[0]} has just been merged or split.", remedy="Look again, then correct it.")
    known = store.facts_of(touched)
    told = known[known["id"] == fact][0]
    _must_stand(known, told)
    made = _instead(told, correction, standing.as_of)
    batch = store.begin_batch()
    settled = settle(store, standing, batch, touched, made, standing.as_of)
    settled.write(store)
    by_rule = changes_by_rule(standing, settled.transfers)
    said = {
        "fact": fact,
        "member": int(told["member"]),
        "reason": reason,
        "asked_by": asked_by,
        "approved_by": clock.who,
    }
    finished = store.finish_batch(
        kind="correct",
        who=clock.who,
        known_at=clock.known_at,
        as_of_day=standing.as_of,
        key=f"correct:{fact}",
        summary=said,
    )
    now = None if correction.never_happened else _values(made[0])
    return Corrected(
        "corrected", fact, int(told["member"]), _values(told), now, reason, asked_by, clock.who, len(settled.transfers), by_rule,
        int(settled.facts["id"][settled.facts["replaces"] == fact][0]), finished.place,
    )  # fmt: skip


def _whose(store: Store, member: int) -> Any:
    """Everybody whose account the member's facts may stand on: itself, and whom it was merged with or split from (rising)."""
    seen, wanted = set[int](), {member}
    while wanted:
        seen |= wanted
        found = relations(store.facts_of(np.array(sorted(seen), dtype=np.int64)))
        wanted = {one for (other, _), reader in found.items() for one in (other, reader)} - seen
    return np.array(sorted(seen), dtype=np.int64)


def _must_stand(known: Rows, told: Any) -> None:
    fact = int(told["id"])
    if int(told["kind"]) not in AMOUNTS:
        raise LifepotError(
            f"Fact {fact} is neither a pay nor a payment.",
            remedy="Words about persons are put right with `lifepot members`.",
        )
    chain = known[(known["root"] == told["root"]) & (known["replaces"] != 0)]
    if (chain["replaces"] == fact).any():
        latest = int(chain["id"].max())
        gone = int(chain["kind"][chain["id"] == latest][0]) == Event.REMOVED
        raise LifepotError(
            f"Fact {fact} no longer stands: it was taken away."
            if gone
            else f"Fact {fact} was replaced by fact {latest}.",
            remedy="Send it in a file if it happened after all." if gone else f"Correct fact {latest}.",
        )
    if history_until(known, np.array([told["root"]]))[0] != NONE:
        raise LifepotError(
            f"Fact {fact} came along from another scheme, whose books say it.",
            remedy="Have it put right there, and sent anew.",
        )


def _instead(told: Any, correction: Correction, as_of: int) -> Rows:
    """The fact that takes the other's place."""
    fact, kind, said = int(told["id"]), Kind(int(told["kind"])), correction.said
    allowed = (*AMOUNTS[kind], "effective_on")
    if correction.never_happened == bool(said):
        raise Misuse("A correction says what is right, or that it never happened.", remedy="Say one of the two.")
    if wrong := [name for name in said if name not in allowed]:
        raise Misuse(
            f"A {kind.name.lower()} has no {' and no '.join(wrong)}.", remedy=f"Put right its {', '.join(allowed)}."
        )
    if any(not 0 <= minor <= LARGEST_MINOR for name, minor in said.items() if name != "effective_on"):
        raise Misuse("An amount is not below nothing.", remedy="Say that it never happened, if it did not.")
    if said.get("effective_on", as_of) > as_of + MOST_DAYS_AHEAD:
        raise Misuse("A day so far ahead has not been.", remedy=f"Give one up to {MOST_DAYS_AHEAD} days ahead.")
    if said and all(int(told[name]) == value for name, value in said.items()):
        raise Misuse(f"Fact {fact} says so already.", remedy="Nothing is left to do.")
    made = np.array([told], dtype=told.dtype)
    made["replaces"], made["file"], made["line"] = fact, 0, 0
    for name, value in said.items():
        made[name] = value
    if correction.never_happened:
        made["kind"] = Event.REMOVED
        for name in ("amount", "earnings", "hours", "worker", "employer", "value", "period_start", "period_end"):
            made[name] = NONE
        made["frequency"] = -1
    return made


def _values(row: Any) -> dict[str, int | None]:
    names = (*AMOUNTS[Kind(int(row["kind"]))], "effective_on")
    return {name: None if row[name] == NONE else int(row[name]) for name in names}

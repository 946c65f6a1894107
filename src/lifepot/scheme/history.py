"""One member's facts as the books have them, told to the audit's story, which says why each brings what it brings."""

from functools import cached_property
from typing import Any

import numpy as np
import psycopg

from lifepot.audit.story import Story
from lifepot.audit.told import Person, Ref, Told
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Kind
from lifepot.periods import date_of
from lifepot.scheme.lives import Lives, read_lives, rows_as_theirs
from lifepot.scheme.sources import Source, read_sources, value_in_words
from lifepot.scheme.standing import Standing
from lifepot.scheme.statement import MemberRows
from lifepot.storage.rows import Event


class History:
    """A member's facts, those that were replaced or removed or are another's now among them, and the story of those that stand.

    `rows` are those that are read as this member's. `current` is the fact that now stands in a fact's place (0: none), by
    fact; `replaced_by` the row that took its place.
    """

    def __init__(self, connection: psycopg.Connection[Any], account: MemberRows) -> None:
        self.account = account
        self.standing = account.standing
        members = np.array([account.member])
        told = np.full(len(account.facts), account.member)
        owner, rows = rows_as_theirs(account.store, members, told, account.facts)
        self.lives = read_lives(members, owner, rows)
        self.rows = rows[np.argsort(rows["id"], kind="stable")]
        mine = set(self.rows["id"].tolist())
        self.moved = set(account.facts["id"].tolist()) - mine
        known = np.concatenate([self.rows, account.facts[np.isin(account.facts["id"], list(self.moved))]])
        self.sources: dict[int, Source] = read_sources(connection, self.standing, known)
        self.root = dict(zip(known["id"].tolist(), known["root"].tolist(), strict=True))
        standing_now = dict(zip(self.lives.rows["root"].tolist(), self.lives.rows["id"].tolist(), strict=True))
        self.current = {fact: standing_now.get(root, 0) for fact, root in self.root.items()}
        replacing = self.rows[self.rows["replaces"] != 0]
        self.replaced_by = dict(zip(replacing["replaces"].tolist(), replacing["id"].tolist(), strict=True))

    @cached_property
    def story(self) -> Story:
        """The facts told again, every step kept."""
        versions = [(date_of(one.effective_from), one.program.rulebook) for one in self.standing.versions]
        person, told = as_told(self.standing, self.lives)
        refused: dict[Ref, int] = {
            int(fact): int(minor)
            for fact, minor in zip(self.lives.rows["id"], self.lives.refused, strict=True)
            if minor
        }
        return Story(versions, person, told, as_of=date_of(self.standing.as_of), named=self.named, refused=refused)

    def named(self, ref: Ref) -> str:
        """What a fact is called, with its line and file."""
        return self.sources[int(ref)].words

    @property
    def first(self) -> int:
        """The fact on which the books put what no fact stands behind: the first; 0 if there is none."""
        return next(iter(self.facts()), 0)

    def facts(self) -> list[int]:
        """The facts that stand, by day and kind."""
        rows = self.lives.rows
        order = np.lexsort((rows["root"], rows["kind"], rows["effective_on"]))
        return [int(fact) for fact in rows["id"][order]]

    def latest(self, most: int, days: int) -> list[int]:
        """The last pay of each payer, the last payment and the last withdrawal, of the last days in which there were any;
        those that a later file took away among them. Else the last fact.
        """
        removed = self.rows["replaces"][self.rows["kind"] == Event.REMOVED]
        now = np.concatenate([self.lives.rows, self.rows[np.isin(self.rows["id"], removed)]])
        rows = now[np.isin(now["kind"], [Kind.PAY, Kind.PAID, Kind.WITHDRAWN])]
        if not len(rows):
            return self.facts()[-1:]
        rows = rows[rows["effective_on"] > rows["effective_on"].max() - days]
        rows = rows[np.lexsort((rows["root"], rows["kind"], rows["effective_on"]))]
        last = {(int(row["kind"]), int(row["payer"])): int(row["id"]) for row in rows}
        return [fact for fact in rows["id"].tolist() if fact in set(last.values())][-most:]

    def removal(self, fact: int) -> int:
        """The row that took a fact away for good; 0 if something stands in its place."""
        while fact in self.replaced_by:
            fact = self.replaced_by[fact]
        return fact if self.sources[fact].kind == Event.REMOVED.name.lower() else 0


def as_told(standing: Standing, lives: Lives) -> tuple[Person, list[Told]]:
    """The one member's life as the audit is told it."""
    born, joined = int(lives.people.born[0]), int(lives.people.joined[0])
    person = Person(None if born == NONE else date_of(born), None if joined == NONE else date_of(joined))
    purposes = list(standing.program.rulebook.purposes)
    names = lives.rows.dtype.names
    assert names is not None
    told = []
    for values, refused in zip(lives.rows.tolist(), lives.refused.tolist(), strict=True):
        row = dict(zip(names, values, strict=True))
        kind = Kind(row["kind"])
        attribute = standing.attributes[row["attribute"]] if row["attribute"] >= 0 else ""
        value = ""
        if kind is Kind.STATUS:
            value = value_in_words(standing, attribute, row["value"])
        elif kind is Kind.WITHDRAWN and row["value"] >= 0:
            value = purposes[row["value"]]
        told.append(
            Told(
                ref=row["id"], root=row["root"], member=row["member"], on=date_of(row["effective_on"]),
                kind=kind.name.lower(), payer=row["payer"], amount=_said(row["amount"], refused), earnings=_said(row["earnings"]),
                hours=_said(row["hours"]), worker=_said(row["worker"]), employer=_said(row["employer"]),
                frequency=FREQUENCY_WORDS[row["frequency"]] if row["frequency"] >= 0 else None,
                period_start=None if row["period_start"] == NONE else date_of(row["period_start"]),
                period_end=None if row["period_end"] == NONE else date_of(row["period_end"]),
                attribute=attribute, value=value,
            )
        )  # fmt: skip
    return person, told


def _said(minor: int, less: int = 0) -> int | None:
    return None if minor == NONE else minor - less

"""The figures of a member's statement, each read from the books or answered by the kernel; nothing is said of them here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.papers.years import Period, period_of
from lifepot.periods import FAR_PAST, Int, day_of, format_day
from lifepot.projection.assumptions import growths, milestones
from lifepot.projection.course import Course, courses
from lifepot.projection.habits import Habits, habits_of
from lifepot.quote.uses import Use, uses_of
from lifepot.scheme.because import added_because, added_regardless, every_100
from lifepot.scheme.picture import Moved, Point, picture
from lifepot.scheme.standing import Standing
from lifepot.scheme.statement import CHARGED, Entry, Statement, read_member
from lifepot.scheme.why import Teller


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """Everything a statement says, in figures.

    `put_in` is what the member put in up to the period's last day, `others` what the others added, `regardless` what of that
    they would have added had the member put in nothing (None where the rules leave no such choice). `opening` and `closing`
    stand at both ends of the period; `moved` says what came between, by whom ("taken_out" for withdrawals), and `earlier` what
    became known in the period of days before it.
    """

    statement: Statement
    period: Period
    standing: Standing
    put_in: Moved
    others: dict[str, Moved]
    regardless: int | None
    opening: Moved
    closing: Moved
    moved: dict[str, Moved]
    earlier: Moved
    entries: list[Entry]
    earlier_entries: list[Entry]
    points: list[Point]
    uses: list[Use]
    habits: Habits | None
    payers: dict[int, str]
    courses: list[Course]
    born: int
    account: str
    notes: list[str]
    died_on: int | None
    closed_on: int | None

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON carries them, beside those of the statement itself."""
        period = self.period
        moved = {who: one.as_dict() for who, one in self.moved.items()}
        return self.statement.as_dict() | {
            "period": {
                "first": None if period.first <= FAR_PAST else format_day(period.first), "last": format_day(period.last),
                "name": period.name or None, "so_far": period.so_far, "known_place": period.place,
            },
            "put_in_minor": self.put_in.together,
            "others_added_minor": sum(one.together for one in self.others.values()),
            "others_added_because_minor": self.because, "others_added_regardless_minor": self.regardless,
            "every_100_became_minor": self.became,
            "opening": self.opening.as_dict(), "moved": moved, "earlier": self.earlier.as_dict(),
            "closing": self.closing.as_dict(), "earlier_entries": [one.entry for one in self.earlier_entries],
            "shares": [one.as_dict() for one in self.points],
            "uses": [
                {
                    "purpose": one.name, "open": one.is_open, "amount_minor": one.amount, "arrives_minor": one.arrives,
                    "sent_back_minor": one.sent_back, "opens_on": None if one.opens_on is None else format_day(one.opens_on),
                    "opens_because": one.because, "failing": [test.in_words for test in one.failing],
                }
                for one in self.uses
            ],
            "course": [
                {
                    "at": one.milestone.name, "on": format_day(one.milestone.on), "now_minor": one.now,
                    "added_minor": dict(zip(PARTIES, one.added, strict=True)), "lost_minor": one.lost,
                    "without_growth_minor": one.without_growth, "with_growth_minor": one.grown,
                }
                for one in self.courses
            ],
            "membership": self.account, "notes": self.notes,
        }  # fmt: skip

    @property
    def because(self) -> int:
        """What others added because the member put something in."""
        return added_because(sum(one.together for one in self.others.values()), self.regardless)

    @property
    def became(self) -> int | None:
        """What 100 minor units of the member's became: theirs and what was added because of it, rounded down. None where the
        member put in nothing.
        """
        return every_100(self.put_in.together, sum(one.together for one in self.others.values()), self.regardless)


def member_figures(
    connection: psycopg.Connection[Any], member: int, year: int | None = None, most: int | None = None
) -> MemberFigures:
    """The figures of a member's statement, of a year (as known at its end) or of everything; with reasons for the last `most`
    entries. Misuse for a year that is none.
    """
    period = period_of(connection, year)
    account = read_member(connection, member, period.place)
    standing = account.standing
    teller = Teller(connection, account)
    entries = [one for one in teller.statement.entries if one.effective_on <= period.last]
    known_on = _known_on(connection, entries)
    mine = [one for one in entries if one.effective_on >= period.first]
    earlier = [one for one in entries if one.effective_on < period.first <= known_on[one.place]]
    before = [one for one in entries if one.effective_on < period.first and known_on[one.place] < period.first]
    statement = teller.explained([*earlier, *mine][-most if most else None :])
    put_in, others = Moved(), {party: Moved() for party in PARTIES[1:]}
    for one in entries:
        if not _is_withdrawn(one) and one.party == PARTIES[0]:
            put_in += _moved(one)
        elif not _is_withdrawn(one):
            others[one.party] += _moved(one)
    lives = teller.history.lives
    facts = lives.facts(standing, standing.latest)
    facts = facts.take(facts.on <= period.last)
    here, own, together = _parts(standing, entries)
    born = int(lives.people.born[0])
    ended = {kind: min(facts.on[facts.kind == kind].tolist(), default=None) for kind in (Kind.CLOSED, Kind.DIED)}
    over = any(day is not None for day in ended.values())
    program = standing.program
    habits = None if over else habits_of(facts, period.last)
    days = [] if over else milestones(born, period.last, standing.currency)
    everybody = lives.people
    if not everybody.attributes.shape[1]:
        everybody.attributes = np.full((1, len(program.attributes)), NONE)
    opening_words = teller.opening()
    return MemberFigures(
        statement, period, standing, put_in, others, added_regardless(standing, lives, period.last),
        _sum(before), _sum(entries), _by_whom(mine), _sum(earlier), mine, earlier, _points(entries, period.last),
        [] if over else uses_of(program, everybody, facts, period.last, here, own),
        habits, _payers(connection, facts.payer),
        courses(program, everybody, facts, habits, together, period.last, days, growths()),
        born, opening_words,
        _notes(teller),
        ended[Kind.DIED], ended[Kind.CLOSED],
    )  # fmt: skip


def _notes(teller: Teller) -> list[str]:
    """What a member's facts did beside bringing money: left, rested or ended the account, or sent what is owed to nobody."""
    found = []
    for fact in teller.history.facts():
        source = teller.history.sources[fact]
        found += [f"With the {source.words}: {note}" for note in teller.beside(fact)]
    return list(dict.fromkeys(found))


def _known_on(connection: psycopg.Connection[Any], entries: list[Entry]) -> dict[int, int]:
    """The day the books stood at, at each place of the chain."""
    places = sorted({one.place for one in entries})
    rows = connection.execute("select place, as_of from batch where place = any(%s)", [places]).fetchall()
    return {place: day_of(as_of) for place, as_of in rows}


def _moved(entry: Entry) -> Moved:
    if entry.standing == "owed":
        return Moved(owed=entry.minor)
    if entry.account == CHARGED:
        return Moved()
    return Moved(overdrawn=entry.minor) if entry.standing == "overdrawn" else Moved(here=entry.minor)


def _is_withdrawn(entry: Entry) -> bool:
    """Whether the member took it out, or what they took out was put right."""
    return not entry.rule and entry.standing in {"taken out", "put back", "overdrawn"}


def _sum(entries: list[Entry]) -> Moved:
    return sum(map(_moved, entries), Moved())


def _by_whom(entries: list[Entry]) -> dict[str, Moved]:
    found = {party: Moved() for party in (*PARTIES, "taken_out")}
    for one in entries:
        found["taken_out" if _is_withdrawn(one) else one.party] += _moved(one)
    return found


def _parts(standing: Standing, entries: list[Entry]) -> tuple[list[int], list[int], list[int]]:
    """What is in each part of the pot: here, of that the member's own, and here or owed."""
    here, own, together = ([0] * len(standing.part_names) for _ in range(3))
    for one in entries:
        part, moved = int(one.account.partition(".")[2] or 0), _moved(one)
        here[part] += moved.here
        own[part] += moved.here if one.party == PARTIES[0] else 0
        together[part] += moved.together + moved.overdrawn
    return here, own, [max(one, 0) for one in together]


def _points(entries: list[Entry], last: int) -> list[Point]:
    """The pot at month ends, and on the last day; from the day before the first entry on."""
    moved = [_moved(one) for one in entries]
    columns = [
        [one.effective_on for one in entries], [PARTIES.index(one.party) for one in entries],
        [one.here for one in moved], [one.owed for one in moved],
    ]  # fmt: skip
    on, party, here, owed = (np.array(column, np.int64) for column in columns)
    return picture(on, party, here, owed, last)


def _payers(connection: psycopg.Connection[Any], payers: Int) -> dict[int, str]:
    """What files call the payers."""
    asked = np.unique(payers).tolist()
    return dict(connection.execute("select id, ref from payer where id = any(%s)", [asked]).fetchall())

"""What one person asks for and another must agree to: put a fact or a person right, erase somebody, adopt a rulebook.

It is done in the transaction in which it is agreed to, once: whoever agrees second finds it decided.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from lifepot.access.doors import Connection
from lifepot.errors import LifepotError, Misuse
from lifepot.inbox import jobs
from lifepot.periods import format_day, parse_day
from lifepot.scheme import people
from lifepot.scheme.correcting import Corrected, Correction, correct
from lifepot.scheme.opening import Clock
from lifepot.scheme.resettle import Resettled

LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is asked for. `agreed` is None until somebody decided; `answer` says what came of it."""

    number: int
    kind: str
    asked: dict[str, Any]
    member: int | None
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    agreed: bool | None
    answer: dict[str, Any] | None

    @property
    def state(self) -> str:
        """waiting, agreed or declined."""
        return "waiting" if self.agreed is None else "agreed" if self.agreed else "declined"


COLUMNS = "proposal, kind, asked, member, reason, asked_by, asked_at, decided_by, decided_at, agreed, answer"


def propose(
    connection: Connection,
    kind: str,
    asked: dict[str, Any],
    reason: str,
    who: str,
    now: datetime,
    member: int | None = None,
) -> int:
    """Ask for it; gives the proposal's number. The caller commits. Misuse where no reason is given."""
    assert kind in DOES, kind
    plain = reason.strip()
    if not plain or len(plain) > LONGEST_REASON:
        raise Misuse("A proposal has a reason.", remedy=f"Say why, in at most {LONGEST_REASON:,} letters.")
    row = connection.execute(
        "insert into door.proposal (kind, asked, member, reason, asked_by, asked_at) values (%s, %s, %s, %s, %s, %s) "
        "returning proposal",
        [kind, Jsonb(asked), member, plain, who, now],
    ).fetchone()
    assert row is not None
    return int(row[0])


def find(connection: Connection, number: int) -> Proposal | None:
    """A proposal, if the connection sees it."""
    row = connection.execute(f"select {COLUMNS} from door.proposal where proposal = %s".encode(), [number]).fetchone()
    return None if row is None else Proposal(*row)


def listed(connection: Connection, member: int | None = None, most: int = 200) -> list[Proposal]:
    """Proposals, the latest first: all, or those about a member."""
    rows = connection.execute(
        f"select {COLUMNS} from door.proposal where %(member)s::integer is null or member = %(member)s "
        "order by proposal desc limit %(most)s".encode(),
        {"member": member, "most": most},
    ).fetchall()
    return [Proposal(*row) for row in rows]


def agree(connection: Connection, number: int, clock: Clock) -> dict[str, Any]:
    """Agree to it and do it: both are one transaction. Commits. LifepotError for who asked, for what is decided, and where it
    cannot be done (any more): then it goes on waiting.
    """
    proposal = _decided(connection, number, clock, agreed=True)
    answer = DOES[proposal.kind](connection, proposal, clock)
    connection.execute("update door.proposal set answer = %s where proposal = %s", [Jsonb(answer), number])
    connection.commit()
    return answer


def decline(connection: Connection, number: int, clock: Clock) -> None:
    """Do not agree: nothing is done. The caller commits. LifepotError for who asked, and for what is decided."""
    _decided(connection, number, clock, agreed=False)


def _decided(connection: Connection, number: int, clock: Clock, *, agreed: bool) -> Proposal:
    row = connection.execute(
        f"select {COLUMNS} from door.proposal where proposal = %s for update".encode(), [number]
    ).fetchone()
    if row is None:
        raise Misuse(f"There is no proposal {number}.", remedy="The list of what waits names those there are.")
    proposal = Proposal(*row)
    if proposal.agreed is not None:
        raise LifepotError(
            f"It is {proposal.state} already, by {proposal.decided_by}.", remedy="Nothing is left to do."
        )
    if clock.is_by(proposal.asked_by):
        raise LifepotError("You asked for it, and whoever asks does not decide.", remedy="Another person decides.")
    connection.execute(
        "update door.proposal set decided_by = %s, decided_at = %s, agreed = %s where proposal = %s",
        [clock.who, clock.known_at, agreed, number],
    )
    return proposal


def correction_of(asked: dict[str, Any]) -> Correction:
    """The correction that a proposal asks for."""
    day = asked.get("effective_on")
    amounts = {name: asked[name] for name in ("amount", "earnings", "worker", "employer") if name in asked}
    return Correction(
        **amounts,
        effective_on=None if day is None else parse_day(day),
        never_happened=bool(asked.get("never_happened")),
    )


def correction_effects(
    connection: Connection, asked: dict[str, Any], clock: Clock, reason: str, asked_by: str
) -> Corrected:
    """What a correction would do; nothing is kept."""
    return correct(
        connection, int(asked["fact"]), correction_of(asked), clock, reason=reason or "not said yet", asked_by=asked_by,
        approved_by="whoever agrees", preview=True,
    )  # fmt: skip


def _correct(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    done = correct(
        connection, int(proposal.asked["fact"]), correction_of(proposal.asked), clock, reason=proposal.reason,
        asked_by=proposal.asked_by, approved_by=clock.who,
    )  # fmt: skip
    return done.as_dict()


def _born(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    return _posted(people.correct_birth_day(connection, _member(proposal), parse_day(proposal.asked["born"]), clock))


def _merge(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    return _posted(people.merge(connection, _member(proposal), int(proposal.asked["into"]), clock))


def _split(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    nino = proposal.asked.get("nino") or None
    other, done = people.split(connection, _member(proposal), list(proposal.asked["payers"]), nino, clock)
    return _posted(done) | {"new_member": other}


def _erase(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    member = _member(proposal)
    # What they wrote names them too, and nobody sits in their seat any more.
    connection.execute("update door.message set said = '{}', answer = '' where member = %s", [member])
    connection.execute(
        "update door.session set ended_at = %s where ended_at is null and seat in (select seat from door.seat where member = %s)",
        [clock.known_at, member],
    )
    connection.execute(
        "update door.seat set ended_at = %s, ended_by = %s where member = %s and ended_at is null",
        [clock.known_at, clock.who, member],
    )
    connection.execute("delete from door.invitation where member = %s and taken_by is null", [member])
    done = people.erase(connection, member, clock)
    return {"rows_blanked": done.rows_blanked, "place": done.place, "head": done.head}


def _adopt(connection: Connection, proposal: Proposal, clock: Clock) -> dict[str, Any]:
    number = jobs.ask(connection, "adopt", {"proposal": proposal.number}, clock.who, clock.known_at)
    return {"job": number}


def _member(proposal: Proposal) -> int:
    assert proposal.member is not None, "it is about a member"
    return proposal.member


def _posted(done: Resettled) -> dict[str, Any]:
    return {
        "transfers": done.transfers, "by_rule": done.by_rule, "place": done.place, "head": done.head,
        "as_of": format_day(done.as_of),
    }  # fmt: skip


DOES: dict[str, Callable[[Connection, Proposal, Clock], dict[str, Any]]] = {
    "correct": _correct, "born": _born, "merge": _merge, "split": _split, "erase": _erase, "adopt": _adopt,
}  # fmt: skip
"""What is done when it is agreed to, by kind."""

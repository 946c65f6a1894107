"""Where facts come from, in words: what each was, who told it, in which line of which file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from lifepot.kernel.columns import NONE, Kind
from lifepot.periods import format_day
from lifepot.scheme.standing import Standing
from lifepot.storage.rows import Event, Rows


@dataclass(frozen=True, slots=True)
class Source:
    """A fact in words, and its place. `file` is "" and `line` 0 where no file told it; `fact` is 0 of a day that nobody told."""

    fact: int
    kind: str
    on: int
    payer: str
    what: str
    file: str
    line: int

    @property
    def words(self) -> str:
        """What it was and where it stands: "pay of 2026-04-30 from ACME, line 17 of acme.csv"."""
        return f"{self.what}, line {self.line} of {self.file}" if self.file else self.what

    def as_dict(self) -> dict[str, Any]:
        """The fact as JSON carries it."""
        return {
            "fact": self.fact or None, "kind": self.kind, "effective_on": format_day(self.on), "payer": self.payer or None,
            "file": self.file or None, "line": self.line or None, "words": self.words,
        }  # fmt: skip


def day_source(on: int, words: str) -> Source:
    """A day that nobody told, such as a birthday on which something is due."""
    return Source(0, "day", on, "", words, "", 0)


def read_sources(connection: psycopg.Connection[Any], standing: Standing, facts: Rows) -> dict[int, Source]:
    """The source of each fact, by its number."""
    files = dict(
        connection.execute(
            "select file, name from personal.received_file where file = any(%s)", [np.unique(facts["file"]).tolist()]
        ).fetchall()
    )
    payers = dict(
        connection.execute(
            "select id, ref from payer where id = any(%s)", [np.unique(facts["payer"]).tolist()]
        ).fetchall()
    )
    columns = ("id", "kind", "effective_on", "line", "attribute", "value", "payer", "file")
    return {
        fact: source_of(standing, (fact, *said), payers.get(payer, ""), files.get(file) if file else "")
        for fact, *said, payer, file in zip(*(facts[name].tolist() for name in columns), strict=True)
    }


def source_of(standing: Standing, fact: tuple[int, ...], payer: str, file: str | None) -> Source:
    """The source of a fact, its number, kind, day, line, attribute and value; its payer and file as they are named: "" of
    what none told, None of a file that lost its name.
    """
    number, kind, on, line, attribute, value = fact
    what = _in_words(standing, kind, on, payer, attribute, value)
    word = (Kind(kind) if kind <= Kind.DIED else Event(kind)).name.lower()
    return Source(number, word, on, payer, what, "a file no longer named" if file is None else file, line)


STEPS = {
    Event.ASKED: "withdrawal asked for", Event.PROVED: "evidence for a withdrawal", Event.APPROVED: "withdrawal approved",
    Event.RELEASED: "stage of a withdrawal released", Event.SENT: "payment sent", Event.CAME_BACK: "payment that came back",
    Event.ARRIVED: "payment that arrived", Event.EXTENDED: "time for a withdrawal extended",
    Event.DECLINED: "withdrawal declined", Event.CANCELLED: "withdrawal cancelled", Event.BANKED: "entry in the bank",
    Event.MATCHED: "entry matched by hand", Event.CLAIMED: "claim", Event.REFUNDED: "refund sent", Event.ANSWERED: "answer to a claim",
}  # fmt: skip
"""What the steps of a withdrawal and the other facts that no rule reads are called."""


def _in_words(standing: Standing, kind: int, on: int, payer: str, attribute: int, value: int) -> str:
    day = format_day(on)
    match kind:
        case Kind.PAY:
            return f"pay of {day} from {payer}"
        case Kind.PAID:
            if value > 0:
                return f"gift of {day} by member {value}"
            return f"payment of {day}" + (f" by {payer}" if payer else "")
        case Kind.WITHDRAWN:
            return f"withdrawal of {day}"
        case Kind.STATUS:
            return f"word of {day} that {_said(standing, attribute, value)}" + (f" (of {payer})" if payer else "")
        case Kind.CLOSED:
            return f"closing of {day}"
        case Kind.DIED:
            return f"death on {day}"
        case Event.REMOVED:
            return f"removal of what was told of {day}" + (f" from {payer}" if payer else "")
        case Event.BORN | Event.JOINED:
            return f"word that {'the birth day' if kind == Event.BORN else 'the day of joining'} is {format_day(value)}"
        case Event.CAME:
            asked = f", as claim {value} asked" if value != NONE else ""
            return f"coming of {day} of what {payer or 'government'} owed{asked}"
        case (
            Event.ASKED
            | Event.PROVED
            | Event.APPROVED
            | Event.DECLINED
            | Event.CANCELLED
            | Event.EXTENDED
            | Event.RELEASED
        ):
            return f"word of {day} about a withdrawal"
        case Event.SENT | Event.CAME_BACK | Event.ARRIVED:
            return f"money of {day} of a withdrawal"
        case Event.CLAIMED:
            return f"claim {value} of {day} to {payer or 'government'}"
        case Event.ANSWERED:
            return f"refusal of {day} by {payer or 'government'} of what claim {value} asked"
        case Event.REFUSED:
            return f"refusal by a cap on {day}"
        case _ if kind in STEPS:
            return f"{STEPS[Event(kind)]} on {day}"
        case Event.MOVED_OUT:
            return f"leaving of {day} for {payer}"
        case Event.MOVED_IN:
            return f"coming of {day} from {payer}"
        case Event.PARTED | Event.RECEIVED:
            return f"division of {day} by an order"
        case Event.PASSED_ON:
            return f"passing on of {day} to the heirs"
        case _:
            return f"word of {day} of who the member is"


def _said(standing: Standing, attribute: int, value: int) -> str:
    if attribute < 0:
        return "something is so"
    name = standing.attributes[attribute]
    return f"{name.replace('_', ' ')} is {value_in_words(standing, name, value)}"


def value_in_words(standing: Standing, name: str, value: int) -> str:
    """An attribute's value as files write it, by the last version of the rulebook that has the attribute."""
    for version in reversed(standing.versions):
        if name in version.program.attributes and value != NONE:
            return version.program.decode(name, value)
    return "not known"

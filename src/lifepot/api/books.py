"""The books: balances, entries, the bank beside the files, and what changes or proves all of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from lifepot.access.asking import AsChecker, AsOperator, AsStaff
from lifepot.access.doors import Connection
from lifepot.api.doing import After, AsClerkOrStaff, Day, Limit, Once, Pager, Pages, Sent, Text, day, done
from lifepot.errors import Misuse
from lifepot.inbox import jobs, proposals, uploads
from lifepot.payments.reconcile import reconcile
from lifepot.payments.waiting import waiting
from lifepot.rulebook.reader import RulebookFaults, parse_rulebook, rulebook_text, shipped_names
from lifepot.scheme.books import read_books
from lifepot.scheme.followed import entries_after

router = APIRouter(prefix="/api/v1", tags=["books"])


@router.get("/books")
def books(
    asking: AsChecker, effective: Annotated[Day | None, Query(description="Only what is effective up to this day.")] = None,
    known: Annotated[Text | None, Query(description="As known at a place of the chain, or at a moment.", pattern=r"^[0-9]{1,9}$|^[0-9]{4}-", examples=["12"])] = None,
) -> dict[str, Any]:  # fmt: skip
    """The trial balance, as `lifepot books`: what stands on every account, as of any day and as known at any time."""
    with asking.seeing() as connection:
        return read_books(connection, effective_on=day(effective), known=known).as_dict()


@router.get("/entries")
def entries(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """Entries in the order in which they were posted: of a payer, those on its own accounts. Names stand nowhere in them."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        found = entries_after(connection, pager.after, limit + 1)
    return pager.page([(one.entry, one.as_dict()) for one in found])


@router.get("/reconciliation")
def reconciliation(asking: AsChecker, as_of: Annotated[Day | None, Query()] = None) -> dict[str, Any]:
    """File, bank and ledger side by side, as `lifepot reconcile`: every difference with its name and age."""
    with asking.acting() as connection:
        return reconcile(connection, asking.clock.as_of if as_of is None else day(as_of) or 0).as_dict()


@router.get("/waiting")
def waits(asking: AsStaff) -> dict[str, Any]:
    """What waits for a person, oldest first: suspense, approvals, refused rows and claims."""
    with asking.acting() as connection:
        return waiting(connection, asking.clock.as_of).as_dict()


@router.post("/settle", status_code=202)
def settle(asking: AsOperator, key: Once = None) -> Response:
    """Post what has fallen due, as `lifepot settle`. A job does it: its answer is the command's."""
    return done(asking, key, None, lambda connection: _asked(asking, connection, "settle", {}), 202)


class Proof(Sent):
    """What is to be proved."""

    head: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$", description="A chain head that a reply printed: prove that it still stands.")] = None  # fmt: skip


@router.post("/verify", status_code=202)
def verify(asking: AsChecker, asked: Proof, key: Once = None) -> Response:
    """Prove the books anew, as `lifepot verify`: chain, balances, entitlements, by another path. A job does it."""
    return done(asking, key, asked, lambda connection: _asked(asking, connection, "verify", {"head": asked.head}), 202)


class Version(Sent):
    """A new version of the scheme's rulebook: its text, or a shipped one's name."""

    text: Annotated[Pages | None, Field(description="The rulebook's YAML.")] = None
    name: Annotated[
        Text | None, Field(description="A shipped rulebook's name.", examples=["lifetime-savings-account"])
    ] = None
    from_day: Annotated[Day, Field(description="The day it is in force from; earlier days than today too.")]

    def read(self) -> tuple[str, str]:
        """Its text and file. Misuse for a name that none has."""
        if (self.text is None) == (self.name is None):
            raise Misuse("A rulebook is a text or a name.", remedy="Give one of the two.")
        if self.name is None:
            return self.text or "", "rulebook.yaml"
        if self.name not in shipped_names():
            raise Misuse("There is no shipped rulebook of that name.", remedy="`/rulebooks` lists them.")
        return rulebook_text(self.name)


@router.post("/adopt/preview", status_code=202)
def adopt_preview(asking: AsOperator, asked: Version, key: Once = None) -> Response:
    """What adopting a rulebook would post, as `lifepot adopt --preview`. A job does it, and keeps nothing."""
    text, name = asked.read()

    def do(connection: Connection) -> dict[str, Any]:
        who, now = asking.identity.who, asking.doors.now()
        upload = uploads.keep(connection, None, who, name, text.encode(), now)
        number = jobs.ask(connection, "adopt", {"from": asked.from_day.isoformat()}, who, now, upload=upload)
        return {"job": number, "at": f"/api/v1/jobs/{number}"}

    return done(asking, key, asked, do, 202)


class Adopting(Version):
    """The same, and why."""

    reason: Annotated[
        Text, Field(description="Why: another person reads it before agreeing.", examples=["The Budget of 2026."])
    ]


@router.post("/adopt", status_code=202)
def adopt(asking: AsOperator, asked: Adopting, key: Once = None) -> Response:
    """Have a new version of the rulebook put in force, as `lifepot adopt`. Another person agrees (`/proposals/{proposal}/agree`); then
    a job posts the differences.
    """
    text, name = asked.read()
    book, faults = parse_rulebook(text, name)
    if book is None:
        raise RulebookFaults(faults)

    def do(connection: Connection) -> dict[str, Any]:
        said = {"text": text, "name": name, "from": asked.from_day.isoformat()}
        number = proposals.propose(connection, "adopt", said, asked.reason, asking.identity.who, asking.doors.now())
        return {"proposal": number, "at": f"/api/v1/proposals/{number}"}

    return done(asking, key, asked, do, 202)


def _asked(asking: AsOperator, connection: Connection, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    number = jobs.ask(connection, kind, said, asking.identity.who, asking.doors.now())
    return {"job": number, "at": f"/api/v1/jobs/{number}"}

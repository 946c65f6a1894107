"""Payers: what they are called, what they owe, and what their payroll must know."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from lifepot.access import keys
from lifepot.access.asking import AsApprover, AsChecker, AsOperator
from lifepot.access.doors import Connection
from lifepot.api.doing import (
    AccountNumber,
    After,
    AsClerkOrOperator,
    AsClerkOrStaff,
    Day,
    Limit,
    Once,
    Pager,
    Payer,
    Sent,
    SortCode,
    Text,
    Year,
    day,
    done,
    payer_seen,
)
from lifepot.api.members import PAPER, Form, paper_as
from lifepot.papers.government import government_figures, government_paper
from lifepot.papers.payer import payer_figures, payer_paper
from lifepot.payments.runs import set_payer_account
from lifepot.scheme.bust import went_bust
from lifepot.scheme.notices import notices, remember
from lifepot.scheme.people import add_alias

router = APIRouter(prefix="/api/v1", tags=["payers"])


@router.get("/payers")
def list_payers(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """Payers with their references, as `lifepot payers list`; for a payer, itself."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        rows = connection.execute(
            "select payer.id, payer.ref, payer.kind, coalesce(array_agg(payer_alias.ref) filter (where payer_alias.ref is not null), '{}') "
            "from payer left join payer_alias on payer_alias.payer = payer.id where payer.id > %s group by payer.id order by payer.id limit %s",
            [pager.after, limit + 1],
        ).fetchall()
    return pager.page(
        [(row[0], {"number": row[0], "payer": row[1], "kind": row[2], "aliases": row[3]}) for row in rows]
    )


class Alias(Sent):
    """Another reference."""

    ref: Annotated[Text, Field(description="What other files call the same payer.", examples=["635/A635"])]


@router.post("/payers/{payer}/aliases")
def alias(asking: AsOperator, payer: Payer, asked: Alias, key: Once = None) -> Response:
    """Say that files call a payer by another reference too, as `lifepot payers alias`."""
    ref = payer_seen(asking, payer)

    def do(connection: Connection) -> dict[str, Any]:
        add_alias(connection, ref, asked.ref, asking.clock)
        return {"payer": ref, "alias": asked.ref}

    return done(asking, key, asked, do)


class PayerAccount(Sent):
    """Where refunds go."""

    name: Annotated[Text, Field(description="The account's holder.", examples=["ACME LTD"])]
    sort_code: SortCode
    account_number: AccountNumber


@router.post("/payers/{payer}/account")
def account(asking: AsApprover, payer: Payer, asked: PayerAccount, key: Once = None) -> Response:
    """Say where a payer's refunds go, as `lifepot payers account`. Whoever sends money says not where to."""
    ref = payer_seen(asking, payer)

    def do(connection: Connection) -> dict[str, Any]:
        set_payer_account(connection, ref, asked.name, asked.sort_code.replace("-", ""), asked.account_number)
        return {"payer": ref, "name": asked.name}

    return done(asking, key, asked, do)


class Bust(Sent):
    """Since when a payer can pay no more."""

    on: Annotated[Day, Field(description="The day it went bust.")]


@router.get("/payers/{payer}/bust")
def claims_on_bust(asking: AsChecker, payer: Payer) -> dict[str, Any]:
    """What is claimed of a payer that went bust, as `lifepot payers bust` without a day. 409 for one that did not."""
    ref = payer_seen(asking, payer)
    with asking.acting() as connection:
        return went_bust(connection, ref, None, asking.clock).as_dict()


@router.post("/payers/{payer}/bust")
def bust(asking: AsOperator, payer: Payer, asked: Bust, key: Once = None) -> Response:
    """Say that a payer can pay no more, as `lifepot payers bust --on`: what it owes stays owed, as a claim told apart."""
    ref = payer_seen(asking, payer)
    return done(
        asking, key, asked, lambda connection: went_bust(connection, ref, day(asked.on), asking.clock).as_dict()
    )


Since = Annotated[
    Day | None, Query(description="What became known from this day on. Default: since the last that were sent.")
]


@router.get("/payers/{payer}/notices")
def told(asking: AsClerkOrOperator, payer: Payer, since: Since = None) -> dict[str, Any]:
    """What a payroll must know of its own people, as `lifepot notices`: starts, stops, rates, refunds, and from which pay date."""
    ref = payer_seen(asking, payer)
    with asking.acting() as connection:
        found = notices(connection, ref, day(since))
        connection.rollback()
    return found.as_dict()


@router.post("/payers/{payer}/notices")
def take(asking: AsClerkOrOperator, payer: Payer, since: Since = None, key: Once = None) -> Response:
    """Take the notices, as `lifepot notices --out`: the next begin after these. `csv` is the file."""
    ref = payer_seen(asking, payer)

    def do(connection: Connection) -> dict[str, Any]:
        found = notices(connection, ref, day(since))
        remember(connection, found, asking.clock.known_at)
        return found.as_dict() | {"csv": found.csv()}

    return done(asking, key, None, do)


@router.get("/payers/{payer}/report", responses=PAPER)
def report(
    asking: AsClerkOrStaff, payer: Payer, form: Form = "json", year: Annotated[Year | None, Query()] = None
) -> Response:
    """What a payer sent, owes and has held for it, by month, as `lifepot report payer`; what its people gained, never of few."""
    ref = payer_seen(asking, payer)
    with asking.acting() as connection:
        figures = payer_figures(connection, ref, year)
    return paper_as(figures, payer_paper(figures), form)


@router.get("/reports/government", responses=PAPER, tags=["books"])
def government(asking: AsChecker, form: Form = "json", year: Annotated[Year | None, Query()] = None) -> Response:
    """What government paid and owes, by rule, age and earnings, as `lifepot report government`. No line is of fewer than five."""
    with asking.acting() as connection:
        figures = government_figures(connection, year)
    return paper_as(figures, government_paper(figures), form)


@router.get("/keys")
def list_keys(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The keys there are, as `lifepot key list`; of a payer, its own. They are made and ended by people."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        found = keys.listed(connection)
    # A key has no number; its place among all that were ever made never changes.
    return pager.page(list(enumerate(reversed(found), 1)))

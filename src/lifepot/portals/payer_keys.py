"""A payer's keys for machines: made and shown once, listed, ended."""

import re
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access import keys
from lifepot.access.asking import AsClerk, Asking, Form, NotThere
from lifepot.access.identity import Role
from lifepot.errors import Misuse
from lifepot.inbox import jobs
from lifepot.portals.pages import page, see_other

router = APIRouter(prefix="/payer/keys", include_in_schema=False)

MOST_KEYS = 20
"""In force at a time."""

WORDS = re.compile(r"[\w .-]+")


@router.get("")
def show(asking: AsClerk) -> HTMLResponse:
    """The keys there are, and a form for one more."""
    return _page(asking, [], {})


@router.post("")
def make(asking: AsClerk, form: Form) -> Response:
    """Make one; the page that answers is the only one that shows it."""
    faults, name, per_minute = _read(form)
    made = ""
    if not faults:
        is_sandbox = form.get("where") == "sandbox"

        def do(connection: Any) -> tuple[int, Any]:
            nonlocal made
            row = connection.execute(
                "select count(*), (select ref from payer where id = %(payer)s), "
                "(select made_at from door.sandbox where payer = %(payer)s) from door.key "
                "where payer = %(payer)s and ended_at is null and ends_at > %(now)s",
                {"payer": asking.payer, "now": asking.doors.now()},
            ).fetchone()
            if row[0] >= MOST_KEYS:
                raise Misuse(f"You have {MOST_KEYS} keys already.", remedy="End one that no machine uses any more.")
            # A key's name is one among all payers': each has its own words before it.
            made = keys.make(
                connection, f"{row[1]}: {name}", Role.CLERK, asking.identity.who, asking.doors.now(), payer=asking.payer,
                per_minute=per_minute, sandbox=is_sandbox,
            )  # fmt: skip
            if is_sandbox and row[2] is None:
                jobs.ask(connection, "sandbox", {}, asking.identity.who, asking.doors.now(), payer=asking.payer)
            # The key itself is kept nowhere: pressed again, it is not shown again.
            return 201, {"name": name}

        try:
            asking.pressed(form, do)
        except Misuse as error:
            faults.append(("name", f"{error.message} {error.remedy}"))
    if faults:
        return _page(asking, faults, form, status=400)
    if not made:
        return see_other("/payer/keys")
    return page(asking, "payer_key.html", name=name, made=made)


@router.post("/end")
def end(asking: AsClerk, form: Form) -> Response:
    """End a key: from the next request on it opens nothing."""
    name = form.get("key", "")
    with asking.seeing() as connection:
        if name not in {one["key"] for one in keys.listed(connection)}:
            raise NotThere("key")

    def do(connection: Any) -> tuple[int, Any]:
        keys.end(connection, name, asking.payer, asking.doors.now())
        return 303, None

    asking.pressed(form, do)
    return see_other("/payer/keys")


def _read(form: dict[str, str]) -> tuple[list[tuple[str, str]], str, int]:
    faults = []
    name, said = form.get("name", "").strip(), form.get("per_minute", "").strip()
    if not name or len(name) > 40 or not WORDS.fullmatch(name):
        faults.append(("name", "Say which machine it is for, in at most 40 letters, digits and spaces."))
    per_minute = int(said) if said.isascii() and said.isdecimal() and len(said) < 8 else 0
    if not 1 <= per_minute <= keys.MOST_PER_MINUTE:
        faults.append(("per_minute", f"Give a whole number from 1 to {keys.MOST_PER_MINUTE:,}."))
    return faults, name, per_minute


def _page(asking: Asking, faults: list[tuple[str, str]], said: dict[str, str], status: int = 200) -> HTMLResponse:
    with asking.seeing() as connection:
        found = keys.listed(connection)
    now = asking.doors.now()
    return page(
        asking, "payer_keys.html", status=status, faults=faults, fault_of=dict(faults), said=said,
        usual=keys.PER_MINUTE, most=keys.MOST_PER_MINUTE,
        running=[one for one in found if one["ended_at"] is None and one["ends_at"] > now],
        over=[one for one in found if one["ended_at"] is not None or one["ends_at"] <= now][:50],
    )  # fmt: skip

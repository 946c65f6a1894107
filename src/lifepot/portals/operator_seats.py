"""Who may do what: seats that are held, codes for new ones, and taking one away. Nobody gives a seat to themselves."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from lifepot.access import seats
from lifepot.access.asking import Asking, AsOperator, Form
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.errors import Misuse
from lifepot.portals.listing import attempted
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

ROLES = (
    ("operator", "Operator", "Runs the scheme."), ("approver", "Approver", "Agrees or declines, and nothing else."),
    ("auditor", "Auditor", "Reads and proves everything, and changes nothing."),
    ("clerk", "Clerk of a payer", "Hands in a payer's files. Name the payer below."), ("analyst", "Analyst", "Uses the workbench."),
)  # fmt: skip


@router.get("/operator/seats")
def held(asking: AsOperator) -> HTMLResponse:
    """Seats that are held."""
    return _seats(asking, [], {})


def _seats(
    asking: Asking, faults: list[tuple[str, str]], typed: dict[str, str], *, code: str = "", status: int = 200
) -> HTMLResponse:
    with asking.acting() as connection:
        found = [one for one in seats.all_held(connection) if one["role"] != "member"]
        members = connection.execute(
            "select count(*) from door.seat where role = 'member' and ended_at is null"
        ).fetchone()
        payers = [ref for (ref,) in connection.execute("select ref from payer order by ref limit 500").fetchall()]
    assert members is not None
    return page(
        asking, "operator_seats.html", seats=found, members=members[0], payers=payers, faults=faults, typed=typed, roles=ROLES, code=code,
        mine=asking.identity.seat, status=status,
    )  # fmt: skip


@router.post("/operator/seats")
def invite(asking: AsOperator, form: Form) -> Response:
    """Make a code for a seat; it is shown once."""
    role, ref = form.get("role", ""), form.get("payer", "").strip()
    if role not in {one[0] for one in ROLES}:
        return _seats(asking, [("role", "Choose what they may do.")], form, status=400)
    payer = None
    if role == "clerk":
        with asking.seeing() as connection:
            row = connection.execute("select id from payer where ref = %s", [ref]).fetchone()
        if row is None:
            return _seats(asking, [("payer", "Enter a payer as its files name it.")], form, status=400)
        payer = int(row[0])
    code = ""

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal code
        code = seats.invite(connection, Role(role), asking.identity.who, asking.doors.now(), payer=payer)
        return 201, {}

    asking.pressed(form, do)
    return _seats(asking, [], {}, code=code or "shown before")


@router.post("/operator/seats/end")
def end(asking: AsOperator, form: Form) -> Response:
    """Take a seat away. One's own is taken away by somebody else, so that nobody is locked out by a slip."""
    text = form.get("seat", "")
    if not text.isdecimal() or len(text) > 9:
        raise Misuse("There is no such seat.", remedy="Choose one of the list.")
    if int(text) == asking.identity.seat:
        return _seats(asking, [("", "You sit in this seat. Somebody else takes it away.")], {}, status=409)

    def do(connection: Connection) -> tuple[int, Any]:
        seats.end(connection, int(text), asking.identity.who, asking.doors.now())
        return 200, {}

    if fault := attempted(asking, form, do):
        return _seats(asking, [("", fault)], {}, status=409)
    return see_other("/operator/seats")

"""The month run: its steps in their order, each a job, done one by one or all together, and again without harm."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import AsOperator, Form
from lifepot.access.doors import Connection
from lifepot.inbox import month as months
from lifepot.portals.listing import moment
from lifepot.portals.outcomes import lines_of
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")

NEXT = {
    "overdue": ("/operator?kind=file_overdue", "See them all"), "receive_waiting": ("/operator/files", "See the files"),
    "claims": ("/operator/claims", "See the claims"), "pay": ("/operator/runs", "Save the file for the bank"),
    "reconcile": ("/operator/reconcile", "See every line"),
}  # fmt: skip
"""Where a step that is done leads."""


@router.get("/operator/month")
def run(asking: AsOperator, month: Annotated[str, Query()] = "") -> HTMLResponse:
    """A month's steps and how each stands."""
    chosen = month if MONTH.fullmatch(month) else months.month_of(asking.clock.as_of)
    faults = [("month", "Enter a month, such as 2026-08.")] if month and chosen != month else []
    with asking.seeing() as connection:
        stood = months.stands(connection, chosen)
    currency = asking.request.app.state.scheme.currency
    steps = [
        (
            one,
            [] if one.job is None else lines_of(one.job, currency),
            NEXT.get(one.step.kind),
            "" if one.job is None else moment(one.job.asked_at),
        )
        for one in stood
    ]
    busy = any(one.state in {"waiting", "running"} for one in stood)
    done = sum(one.state == "done" for one in stood)
    return page(
        asking, "operator_month.html", month=chosen, steps=steps, busy=busy, done=done, of_all=len(stood), faults=faults,
        status=400 if faults else 200,
    )  # fmt: skip


@router.post("/operator/month")
def begin(asking: AsOperator, form: Form) -> Response:
    """Begin a step, or all of them in their order."""
    chosen, step = form.get("month", ""), form.get("step", "")
    if not MONTH.fullmatch(chosen):
        return see_other("/operator/month?month=none")
    kinds = [one.kind for one in months.STEPS if step in {"all", one.kind}]

    def do(connection: Connection) -> tuple[int, Any]:
        # What is still at work is not begun beside itself.
        going = {one.step.kind for one in months.stands(connection, chosen) if one.state in {"waiting", "running"}}
        return 201, {"jobs": months.ask(connection, chosen, [one for one in kinds if one not in going], asking.clock)}

    asking.pressed(form, do)
    return see_other(f"/operator/month?month={chosen}")

"""Money out: withdrawals and incomes, each with its evidence and the steps that may be taken. Looking at one is a look."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsStaff, Form, NotAllowed, NotThere
from lifepot.access.doors import Connection
from lifepot.access.identity import Role
from lifepot.money import SYMBOL_BY_CURRENCY, parse_minor
from lifepot.portals.files import attachment
from lifepot.portals.listing import Cell, attempted, day, listing, moment, money, words
from lifepot.portals.pages import page, see_other
from lifepot.rulebook.figures_in_words import plain_day
from lifepot.scheme.opening import Clock
from lifepot.withdrawals import income as incomes
from lifepot.withdrawals import steps
from lifepot.withdrawals.showing import (
    Shown,
    evidence_file,
    income_evidence_file,
    income_payee,
    list_open,
    show,
)

router = APIRouter(include_in_schema=False)

STEPS: dict[str, tuple[str, str, str]] = {
    "approve": ("Approve", "It was approved: the money is held for it.", ""),
    "decline": ("Decline", "It was declined.", "danger"),
    "cancel": ("Cancel", "It was cancelled; what was held is back in the pots.", "danger"),
    "release": ("Release", "The stage was released: the next payment run sends it.", ""),
    "extend": ("Give more time", "It was given more time.", "second"),
    "arrived": ("It has arrived", "It was noted that it has arrived.", "second"),
    "return": ("Put back", "What came back is in the pots again.", ""),
}
"""Each step: its button, what is said when it was taken, and the button's look."""

PLAIN: dict[str, Callable[[Connection, int, Clock], steps.Taken]] = {
    "approve": steps.approve, "decline": steps.decline, "cancel": steps.cancel, "extend": steps.extend, "arrived": steps.arrived,
}  # fmt: skip
"""Those that need nothing but the number."""

FOR_APPROVERS = {"approve", "decline"}
"""What somebody may do who only approves."""


@router.get("/operator/money")
def hub(asking: AsStaff) -> HTMLResponse:
    """Where money is looked after."""
    return page(asking, "operator_money.html")


@router.get("/operator/withdrawals")
def withdrawals(asking: AsStaff, every: Annotated[bool, Query()] = False) -> HTMLResponse:
    """Withdrawals that go on, or every one."""
    with asking.seeing() as connection:
        found = list_open(connection, every=every)
    rows = [
        (
            Cell(f"Member {one['member']}", f"/operator/withdrawals/{one['withdrawal']}"), words(one["purpose"]) or "anything else",
            one["state"], day(one["asked_on"]), money(asking, one["amount_minor"]),
        )
        for one in found
    ]  # fmt: skip
    return page(
        asking, "operator_list.html", heading="Withdrawals", back=("/operator/money", "Money"),
        lead="Opening one is written down as a look at the member's data.",
        links=[("/operator/withdrawals", "Those that go on") if every else ("/operator/withdrawals?every=true", "Every one")],
        listings=[listing("Withdrawals", ("Whose", "For", "State", "Asked", "Amount"), rows, (4,), "No withdrawal goes on.")],
    )  # fmt: skip


@router.get("/operator/withdrawals/{withdrawal}")
def withdrawal(
    asking: AsStaff, number: Annotated[int, Path(alias="withdrawal")], done: Annotated[str, Query()] = ""
) -> Response:
    """One withdrawal, its evidence and its steps."""
    member, is_asked = _member_of(asking, number)
    if not is_asked:
        # Money of an account that moved or of a member who died: it has no page of its own.
        return see_other(f"/operator/members/{member}")
    return _withdrawal(asking, number, member, [], done=done)


def _withdrawal(
    asking: Asking,
    number: int,
    member: int,
    faults: list[tuple[str, str]],
    *,
    done: str = "",
    typed: str = "",
    status: int = 200,
) -> HTMLResponse:
    with asking.seeing([member], f"withdrawal {number}") as connection:
        found = show(connection, number)
    may = [step for step in found.may if asking.identity.role is Role.OPERATOR or step in FOR_APPROVERS]
    chain = found.withdrawal
    rows = [
        (
            words(one.word),
            plain_day(one.on),
            money(asking, one.amount) if one.amount >= 0 else "",
            Cell(one.who, quiet=moment(one.known_at)),
        )
        for one in chain.steps
    ]
    payee = chain.details
    where = (
        f"{payee['name']}, {payee['sort_code']} {payee['account_number']}" if payee.get("name") else "no longer known"
    )
    told = [
        ("State", chain.state),
        ("Member", str(chain.member)),
        ("For", words(found.purpose) or "anything else"),
        ("Amount", money(asking, chain.asked.amount)),
        ("Held for it and not sent", money(asking, found.leaving)),
        ("Goes to", where),
        *([("Reference", str(payee["reference"]))] if payee.get("reference") else []),
        *((words(name).capitalize(), str(text)) for name, text in found.said.items()),
        *([("Complete by", day(found.complete_by))] if found.complete_by else []),
    ]
    return page(
        asking, "operator_withdrawal.html", number=number, shown=found, facts=told, faults=faults, typed=typed, currency_sign=_sign(asking),
        quote=_quoted(asking, found), done=STEPS[done][1] if done in STEPS else "", may=may, steps=STEPS,
        taken=listing("Steps taken", ("Step", "Effective", "Amount", "By"), rows, (2,)), status=status,
    )  # fmt: skip


def _quoted(asking: Asking, found: Shown) -> list[tuple[str, str]]:
    """What was said before anybody agreed."""
    said = found.quote
    if not said:
        return []
    lines = [
        (f"From the {party.removesuffix('_minor')}'s share", money(asking, minor))
        for party, minor in (said.get("from") or {}).items()
        if minor
    ]
    lines += [(f"Charge ({one['rule']})", money(asking, one["amount_minor"])) for one in said.get("charges") or []]
    lines += [
        (f"Goes back to who gave it ({one['rule']})", money(asking, one["amount_minor"]))
        for one in said.get("lost") or []
    ]
    return [*lines, ("Arrives", money(asking, said.get("arrives_minor")))]


@router.post("/operator/withdrawals/{withdrawal}/{step}")
def take_step(asking: AsStaff, form: Form, number: Annotated[int, Path(alias="withdrawal")], step: str) -> Response:
    """Take a step. An approver approves and declines; the rest is an operator's."""
    if step not in STEPS:
        raise NotThere
    if asking.identity.role is not Role.OPERATOR and step not in FOR_APPROVERS:
        raise NotAllowed("Ask an operator to do it.")
    member, is_asked = _member_of(asking, number)
    if not is_asked:
        raise NotThere("withdrawal")
    if step == "return":
        try:
            parse_minor(form.get("amount", "").strip())
        except ValueError:
            fault = "Enter what came back, such as 500.00; 0.00 if nothing did."
            return _withdrawal(asking, number, member, [("amount", fault)], typed=form.get("amount", ""), status=400)

    def do(connection: Connection) -> tuple[int, Any]:
        if step == "release":
            steps.release(connection, number, form.get("stage", ""), asking.clock)
        elif step == "return":
            steps.put_back(connection, number, parse_minor(form["amount"].strip()), asking.clock)
        else:
            PLAIN[step](connection, number, asking.clock)
        return 200, {}

    if fault := attempted(asking, form, do):
        name = "amount" if step == "return" else ""
        return _withdrawal(asking, number, member, [(name, fault)], typed=form.get("amount", ""), status=409)
    return see_other(f"/operator/withdrawals/{number}?done={step}")


@router.get("/operator/withdrawals/{withdrawal}/evidence/{evidence}")
def evidence(
    asking: AsStaff, number: Annotated[int, Path(alias="withdrawal")], fact: Annotated[int, Path(alias="evidence")]
) -> Response:
    """A file of the evidence, to be saved."""
    member, _ = _member_of(asking, number)
    with asking.seeing([member], f"evidence of withdrawal {number}") as connection:
        found = evidence_file(connection, number, fact)
    if found is None:
        raise NotThere("file")
    return attachment(*found)


def _member_of(asking: Asking, number: int) -> tuple[int, bool]:
    """Whose withdrawal it is, and whether it was asked for. NotThere for none."""
    with asking.seeing() as connection:
        row = connection.execute(
            "select member, kind from fact where id = %s and kind in (13, 30, 34)", [number]
        ).fetchone()
    if row is None:
        raise NotThere("withdrawal")
    return row[0], row[1] == 13


@router.get("/operator/incomes")
def list_incomes(asking: AsStaff) -> HTMLResponse:
    """Regular incomes."""
    with asking.seeing() as connection:
        found = [one.as_dict() for one in incomes.read_incomes(connection)]
    rows = [
        (
            Cell(f"Member {one['member']}", f"/operator/incomes/{one['income']}"), words(one["purpose"]),
            f"{one['state']}{', waits for approval' if one['waiting'] else ''}", str(one["day"] or ""), money(asking, one["amount_minor"]),
        )
        for one in found
    ]  # fmt: skip
    return page(
        asking, "operator_list.html", heading="Incomes", back=("/operator/money", "Money"),
        lead="Opening one is written down as a look at the member's data.", links=[],
        listings=[listing("Regular incomes", ("Whose", "For", "State", "Day of the month", "Amount"), rows, (4,), "Nobody has asked for an income.")],
    )  # fmt: skip


@router.get("/operator/incomes/{income}")
def show_income(
    asking: AsStaff, number: Annotated[int, Path(alias="income")], done: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """One income with its evidence and steps."""
    return _income(asking, number, [], done=done)


def _income_member(asking: Asking, number: int) -> int:
    with asking.seeing() as connection:
        row = connection.execute(
            "select (summary->>'member')::integer from batch where kind = 'income' and number = %s and summary->>'step' = 'asked'",
            [number],
        ).fetchone()
    if row is None:
        raise NotThere("income")
    return int(row[0])


def _income(
    asking: Asking, number: int, faults: list[tuple[str, str]], *, done: str = "", status: int = 200
) -> HTMLResponse:
    member = _income_member(asking, number)
    with asking.seeing([member], f"income {number}") as connection:
        income, payee, evidence_there = income_payee(connection, number)
    said = income.as_dict()
    asked = said["waiting"]
    may = ["approve", "decline"] if asked else []
    if asking.identity.role is Role.OPERATOR and income.state in {"asked", "running"}:
        may.append("stop")
    told = [
        ("State", said["state"]),
        ("Member", str(said["member"])),
        ("For", words(said["purpose"])),
        *(
            [("Agreed", f"{money(asking, said['amount_minor'])} on day {said['day']} of each month")]
            if said["amount_minor"]
            else []
        ),
        *(
            [("Asked for", f"{money(asking, asked['amount_minor'])} on day {asked['day']}, from {asked['from']}")]
            if asked
            else []
        ),
        ("Paid so far", money(asking, said["paid_minor"])),
        ("Goes to", f"{payee['name']}, {payee['sort_code']} {payee['account_number']}" if payee else "no longer known"),
    ]
    rows = [(words(one["step"]), day(one["effective_on"]), one["who"]) for one in said["steps"]]
    return page(
        asking, "operator_income.html", number=number, facts=told, faults=faults, may=may, steps=INCOME_STEPS, evidence=evidence_there,
        done=INCOME_STEPS[done][1] if done in INCOME_STEPS else "", taken=listing("Steps taken", ("Step", "Effective", "By"), rows), status=status,
    )  # fmt: skip


INCOME_STEPS: dict[str, tuple[str, str, str, Callable[[Connection, int, Clock], Any]]] = {
    "approve": ("Approve", "It was approved.", "", incomes.approve), "decline": ("Decline", "It was declined.", "danger", incomes.decline),
    "stop": ("Stop", "It was stopped: nothing falls due any more.", "danger", incomes.stop),
}  # fmt: skip


@router.post("/operator/incomes/{income}/{step}")
def take_income_step(asking: AsStaff, form: Form, number: Annotated[int, Path(alias="income")], step: str) -> Response:
    """Approve, decline or stop an income."""
    if step not in INCOME_STEPS:
        raise NotThere
    if asking.identity.role is not Role.OPERATOR and step not in FOR_APPROVERS:
        raise NotAllowed("Ask an operator to do it.")
    _income_member(asking, number)

    def do(connection: Connection) -> tuple[int, Any]:
        INCOME_STEPS[step][3](connection, number, asking.clock)
        return 200, {}

    if fault := attempted(asking, form, do):
        return _income(asking, number, [("", fault)], status=409)
    return see_other(f"/operator/incomes/{number}?done={step}")


@router.get("/operator/incomes/{income}/evidence/{piece}")
def income_evidence(asking: AsStaff, number: Annotated[int, Path(alias="income")], piece: int) -> Response:
    """A file of the evidence, to be saved."""
    member = _income_member(asking, number)
    with asking.seeing([member], f"evidence of income {number}") as connection:
        found = income_evidence_file(connection, number, piece)
    if found is None:
        raise NotThere("file")
    return attachment(*found)


def _sign(asking: Asking) -> str:
    return SYMBOL_BY_CURRENCY[asking.request.app.state.scheme.currency]

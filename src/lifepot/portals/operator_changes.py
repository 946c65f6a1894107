"""Putting a member right: what is wrong is said with a reason, what it would do is shown, and another person agrees."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from lifepot.access import looks
from lifepot.access.asking import Asking, AsOperator, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.inbox import proposals
from lifepot.money import SYMBOL_BY_CURRENCY, format_minor, parse_minor
from lifepot.periods import format_day, parse_day
from lifepot.portals.listing import listing, money, refusal
from lifepot.portals.operator_members import COLUMNS, WHAT, Unsaid, must_be_there, reason_for
from lifepot.portals.pages import page, see_other
from lifepot.scheme.standing_facts import StandingFact, standing_facts

router = APIRouter(include_in_schema=False)

Faults = list[tuple[str, str]]


@router.get("/operator/members/{member}/facts/{fact}")
def one_fact(asking: AsOperator, member: int, fact: int) -> Response:
    """A pay or a payment, to say what is right."""
    return _fact(asking, member, fact, [], None)


@router.post("/operator/members/{member}/facts/{fact}")
def put_right(asking: AsOperator, form: Form, member: int, fact: int) -> Response:
    """See what a correction would do, or ask another person to agree to it."""
    try:
        told = _told(asking, member, fact)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    asked, faults = _asked(told, form)
    if faults:
        return _fact(asking, member, fact, faults, form, status=400)
    try:
        with asking.acting() as connection:
            would = proposals.correction_effects(
                connection, asked, asking.clock, form.get("reason", ""), asking.identity.who
            )
    except LifepotError as error:
        return _fact(asking, member, fact, [("", refusal(error))], form, status=409)
    if form.get("sure") != "yes":
        return _fact(asking, member, fact, [], form, would=would.by_rule)
    if not form.get("reason", "").strip():
        return _fact(
            asking,
            member,
            fact,
            [("reason", "Say why it is wrong, and how you know.")],
            form,
            would=would.by_rule,
            status=400,
        )
    return _ask(asking, form, member, "correct", asked)


def _told(asking: Asking, member: int, fact: int) -> StandingFact:
    must_be_there(asking, member)
    with asking.seeing([member], looks.looked("a fact", reason_for(asking, member))) as connection:
        found = [one for one in standing_facts(connection, member) if one.fact == fact]
    if not found:
        raise NotThere("fact")
    return found[0]


def _fact(
    asking: Asking, member: int, fact: int, faults: Faults, typed: dict[str, str] | None, *, would: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    try:
        told = _told(asking, member, fact)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    shown = typed or {
        "effective_on": format_day(told.effective_on),
        **{name: "" if minor is None else format_minor(minor) for name, minor in told.amounts.items()},
    }
    rows = [(one["rule"], money(asking, one["sent_minor"]), money(asking, one["owed_minor"])) for one in would or []]
    return page(
        asking, "operator_fact.html", member=member, told=told, faults=faults, typed=shown, columns=COLUMNS, status=status,
        sign=SYMBOL_BY_CURRENCY[asking.request.app.state.scheme.currency], sure=would is not None,
        would=listing("What it would do, by rule", ("Rule", "In pots", "Owed"), rows, (1, 2), "No amount changes."),
    )  # fmt: skip


def _asked(told: StandingFact, form: dict[str, str]) -> tuple[dict[str, Any], Faults]:
    """What a form says is right: only what differs from what was told."""
    asked: dict[str, Any] = {"fact": told.fact}
    if form.get("never_happened") == "yes":
        return asked | {"never_happened": True}, []
    faults: Faults = []
    for name, before in told.amounts.items():
        text = form.get(name, "").strip().replace(",", "")
        if not text and before is None:
            continue
        try:
            minor = parse_minor(text)
        except ValueError:
            minor = -1
        if minor < 0:
            faults.append((name, f"Enter the {COLUMNS[name]} as an amount, such as 1234.56."))
            continue
        if minor != before:
            asked[name] = minor
    try:
        on = parse_day(form.get("effective_on", "").strip())
        if on != told.effective_on:
            asked["effective_on"] = format_day(on)
    except ValueError:
        faults.append(("effective_on", "Enter the day, such as 2026-07-31."))
    if not faults and len(asked) == 1:
        faults.append(("effective_on", "Nothing differs from what was told. Change what is wrong."))
    return asked, faults


KINDS = ("born", "merge", "split", "erase")


@router.get("/operator/members/{member}/change/{kind}")
def change(asking: AsOperator, member: int, kind: str) -> Response:
    """A birth day, a merge, a split or an erasure, to be asked for."""
    return _change(asking, member, kind, [], {})


def _change(
    asking: Asking, member: int, kind: str, faults: Faults, typed: dict[str, str], status: int = 200
) -> Response:
    if kind not in KINDS:
        raise NotThere
    must_be_there(asking, member)
    try:
        reason = reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    with asking.seeing([member], looks.looked("what is told of them", reason)) as connection:
        payers = [
            ref
            for (ref,) in connection.execute(
                "select payer.ref from personal.employment join payer on payer.id = employment.payer where member = %s order by 1",
                [member],
            ).fetchall()
        ]
    return page(
        asking,
        "operator_change.html",
        member=member,
        kind=kind,
        what=WHAT[kind],
        faults=faults,
        typed=typed,
        payers=payers,
        status=status,
    )


@router.post("/operator/members/{member}/change/{kind}")
def ask_for_change(asking: AsOperator, form: Form, member: int, kind: str) -> Response:
    """Ask another person to agree to it."""
    if kind not in KINDS:
        raise NotThere
    faults: Faults = []
    asked: dict[str, Any] = {}
    if kind == "born":
        try:
            asked["born"] = format_day(parse_day(form.get("born", "").strip()))
        except ValueError:
            faults.append(("born", "Enter the birth day, such as 1994-02-11."))
    elif kind == "merge":
        text = form.get("into", "").strip()
        if not text.isdecimal() or len(text) > 9 or int(text) == member:
            faults.append(("into", "Enter the number of another member."))
        else:
            try:
                must_be_there(asking, int(text))
                asked["into"] = int(text)
            except NotThere:
                faults.append(("into", "There is no such member."))
    elif kind == "split":
        asked["payers"] = [one.strip() for one in form.get("payers", "").splitlines() if one.strip()]
        asked["nino"] = form.get("nino", "").strip().replace(" ", "").upper()
        if not asked["payers"]:
            faults.append(("payers", "Enter the payers whose pay is another person's, one a line."))
    if not form.get("reason", "").strip():
        faults.append(("reason", "Say why."))
    if faults:
        return _change(asking, member, kind, faults, form, 400)
    try:
        reason_for(asking, member)
    except Unsaid:
        return see_other(f"/operator/members/{member}")
    return _ask(asking, form, member, kind, asked)


def _ask(asking: Asking, form: dict[str, str], member: int, kind: str, asked: dict[str, Any]) -> Response:
    number = 0

    def do(connection: Connection) -> tuple[int, Any]:
        nonlocal number
        number = proposals.propose(
            connection, kind, asked, form["reason"], asking.identity.who, asking.doors.now(), member
        )
        return 201, {"proposal": number}

    asking.pressed(form, do)
    return see_other(f"/operator/members/{member}?done=asked")

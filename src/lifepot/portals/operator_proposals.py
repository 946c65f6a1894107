"""What one of us asked for and another must agree to."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from lifepot.access.asking import Asking, AsStaff, Form, NotThere
from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.inbox import proposals
from lifepot.inbox.waiting import WORDS
from lifepot.portals.listing import attempted, day, listing, moment, money, refusal
from lifepot.portals.operator_rules import changes_in_words
from lifepot.portals.pages import page, see_other
from lifepot.rulebook.reader import parse_rulebook

router = APIRouter(include_in_schema=False)

COLUMNS = {
    "amount": "Amount",
    "earnings": "Earnings",
    "worker": "From the worker",
    "employer": "From the employer",
    "effective_on": "Day",
}
"""What a fact's columns are called."""


@router.get("/operator/proposals/{proposal}")
def proposal(
    asking: AsStaff, number: Annotated[int, Path(alias="proposal")], done: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """One proposal: what it asks for, why, what it would do, and the two buttons."""
    return _proposal(asking, number, [], done)


def _proposal(
    asking: Asking, number: int, faults: list[tuple[str, str]], done: str = "", status: int = 200
) -> HTMLResponse:
    with asking.seeing() as connection:
        found = proposals.find(connection, number)
    if found is None:
        raise NotThere("proposal")
    effects, trouble = [], ""
    if found.kind == "correct" and found.agreed is None:
        try:
            with asking.acting() as connection:
                would = proposals.correction_effects(
                    connection, found.asked, asking.clock, found.reason, found.asked_by
                )
            effects = would.by_rule
        except LifepotError as error:
            trouble = refusal(error)
    elif found.kind == "adopt":
        effects = (found.asked.get("effects") or {}).get("by_rule", [])
    if found.member:
        with asking.seeing([found.member], f"proposal {number}"):
            pass  # what it says of the member is shown: that is a look
    rows = [(one["rule"], money(asking, one["sent_minor"]), money(asking, one["owed_minor"])) for one in effects]
    return page(
        asking, "operator_proposal.html", number=number, found=found, faults=faults, trouble=trouble, words=WORDS[found.kind],
        facts=facts_of(asking, found), mine=asking.clock.is_by(found.asked_by), status=status, changes=_changes(asking, found),
        done={"agree": "It was agreed to, and done.", "decline": "It was declined; nothing was done."}.get(done, ""),
        job=(found.answer or {}).get("job"),
        effects=listing("What it does, by rule", ("Rule", "In pots", "Owed"), rows, (1, 2), "No amount changes.")
        if found.kind in {"correct", "adopt"} and not trouble and found.agreed is None else None,
    )  # fmt: skip


def facts_of(asking: Asking, found: proposals.Proposal) -> list[tuple[str, str]]:
    """What a proposal says, as terms and texts."""
    asked = found.asked
    said: list[tuple[str, str]] = [("Member", str(found.member))] if found.member else []
    if found.kind == "correct":
        said.append(("Fact", str(asked["fact"])))
        if asked.get("never_happened"):
            said.append(("It", "never happened"))
        said += [
            (COLUMNS[name], day(asked[name]) if name == "effective_on" else money(asking, asked[name]))
            for name in COLUMNS
            if name in asked
        ]
    elif found.kind == "born":
        said.append(("Born on", day(asked["born"])))
    elif found.kind == "merge":
        said.append(("Is the same person as", f"member {asked['into']}"))
    elif found.kind == "split":
        said.append(("Another person's pay is from", ", ".join(asked["payers"])))
    elif found.kind == "adopt":
        said += [("File", asked["name"]), ("In force from", day(asked["from"]))]
    said += [("Why", found.reason), ("Asked for by", f"{found.asked_by}, {moment(found.asked_at)} UTC")]
    if found.decided_by and found.decided_at:
        said.append((found.state.capitalize(), f"by {found.decided_by}, {moment(found.decided_at)} UTC"))
    return said


def _changes(asking: Asking, found: proposals.Proposal) -> list[Any]:
    """What a rulebook says otherwise than the one in force, while nobody has decided."""
    if found.kind != "adopt" or found.agreed is not None:
        return []
    with asking.seeing() as connection:
        row = connection.execute(
            "select text from rulebook_version order by effective_from desc, id desc limit 1"
        ).fetchone()
    assert row is not None, "a scheme has a rulebook"
    before, after = parse_rulebook(row[0], "in force")[0], parse_rulebook(found.asked["text"], found.asked["name"])[0]
    assert before is not None, "it is in force"
    assert after is not None, "it was read before it was proposed"
    return changes_in_words(before, after)


@router.post("/operator/proposals/{proposal}/agree")
def agree(asking: AsStaff, form: Form, number: Annotated[int, Path(alias="proposal")]) -> Response:
    """Agree, and have it done."""

    def do(connection: Connection) -> tuple[int, Any]:
        return 200, proposals.agree(connection, number, asking.clock)

    return _decide(asking, form, number, "agree", do)


@router.post("/operator/proposals/{proposal}/decline")
def decline(asking: AsStaff, form: Form, number: Annotated[int, Path(alias="proposal")]) -> Response:
    """Do not agree."""

    def do(connection: Connection) -> tuple[int, Any]:
        proposals.decline(connection, number, asking.clock)
        return 200, {}

    return _decide(asking, form, number, "decline", do)


def _decide(asking: Asking, form: dict[str, str], number: int, what: str, do: Any) -> Response:
    with asking.seeing() as connection:
        if proposals.find(connection, number) is None:
            raise NotThere("proposal")
    if fault := attempted(asking, form, do):
        return _proposal(asking, number, [("", fault)], status=409)
    return see_other(f"/operator/proposals/{number}?done={what}")

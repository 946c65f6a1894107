"""What a member fills in who asks for money, read from forms: faults are pairs of a field's name and a sentence."""

from typing import Any

from lifepot.access.doors import Connection
from lifepot.errors import LifepotError
from lifepot.money import parse_minor
from lifepot.papers.uses import Purposes, UsesOfPot
from lifepot.withdrawals.accounts import must_be_possible_account
from lifepot.withdrawals.payees import LENDER, MEMBER, Destination, own_account, payee_named
from lifepot.withdrawals.quoting import Wish

ANYTHING = "anything"
"""What is chosen for none of the rulebook's purposes."""

WAYS = ("leaves", "arrives")
LONGEST_REFERENCE = 18
"""What a payment's reference has room for."""

LONGEST_NAME = 60


def choices_of(uses: UsesOfPot) -> list[tuple[str, str, str]]:
    """What money may be asked for: value, words and what is said beside it."""
    found = []
    for one in uses.of("now") + uses.of("not_yet"):
        if one.state == "now" and not one.now:
            continue
        if one.state == "not_yet" and not one.asks:
            continue
        paid = f"Paid to {one.pays.removeprefix('to ')}." if one.name else f"{one.description}."
        found.append((one.name or ANYTHING, one.description if one.name else "Anything else", paid))
    return found


def amount_of(form: dict[str, str], purpose: Purposes) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The amount, whether it leaves or arrives, and what the purpose asks to be told."""
    typed, way = form.get("amount", ""), form.get("way", "leaves")
    told = {one.name: form.get(f"say_{one.name}", "").strip()[:100] for one in purpose.asks}
    said: dict[str, Any] = {
        "typed": typed[:30], "way": way if way in WAYS else "leaves", "told": {k: v for k, v in told.items() if v},
    }  # fmt: skip
    try:
        minor = parse_minor(typed.strip().lstrip("£€$").replace(",", "").strip())
    except ValueError:
        return said, [("amount", "Give an amount such as 250 or 250.50.")]
    if minor <= 0:
        return said, [("amount", "Give an amount above nothing.")]
    return said | {"amount_minor": minor}, []


def wish_of(member: int, purpose: Purposes, said: dict[str, Any]) -> Wish:
    """The wish that was filled in."""
    return Wish(member, purpose.name, said["amount_minor"], said["way"] == "arrives", dict(said["told"]))


def where_of(form: dict[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Where it goes: the kind "member" with the account, or a payee of the register with a course and a reference."""
    chosen = form.get("payee", "")
    if not chosen:
        return {"kind": ""}, [("payee", "Choose where the money goes.")]
    reference = form.get("reference", "").strip()
    if chosen != MEMBER:
        to = {
            "kind": "payee",
            "payee": chosen[:200],
            "course": form.get("course", "").strip()[:60],
            "reference": reference,
        }
        if len(reference) > LONGEST_REFERENCE or not reference.isprintable():
            return to, [("reference", f"A reference has at most {LONGEST_REFERENCE} letters and figures.")]
        if chosen.startswith(f"{LENDER}:") and not reference:
            return to, [("reference", "A lender knows a loan by the borrower's reference: give yours.")]
        return to, []
    to = {
        "kind": MEMBER, "payee": MEMBER, "name": form.get("name", "").strip()[:200],
        "sort_code": form.get("sort_code", "").strip()[:20], "account": form.get("account", "").replace(" ", "")[:20],
    }  # fmt: skip
    faults = []
    if not 0 < len(to["name"]) <= LONGEST_NAME or not to["name"].isprintable():
        faults.append(("name", f"Give the name on the account, at most {LONGEST_NAME} letters."))
    if not to["sort_code"].replace("-", "").replace(" ", "").isdecimal():
        faults.append(("sort_code", "Give the sort code, six figures such as 20-00-00."))
    if len(to["account"]) != 8 or not to["account"].isdecimal():  # as banks write them
        faults.append(("account", "Give the account number, eight figures."))
    return to, faults


def destination_of(connection: Connection, to: dict[str, str], purpose: Purposes) -> Destination:
    """Where it goes, looked up. LifepotError where there is no such payee or account, or this purpose's money does not go there."""
    if to["kind"] == MEMBER:
        found = own_account(to["name"], to["sort_code"], to["account"])
    else:
        found = payee_named(connection, to["payee"], to["course"], to["reference"])
    if found.kind not in purpose.to:
        raise LifepotError("Money for this does not go there.", remedy="Choose one of those that are listed.")
    must_be_possible_account(connection, found.sort_code, found.account_number)
    return found


def where_in_words(to: dict[str, str]) -> str:
    """Where it goes, as somebody checks it; of an account the last figures."""
    if to["kind"] == MEMBER:
        return f"{to['name']}, sort code {to['sort_code']}, account ending {to['account'][-4:]}"
    course = f", course {to['course']}" if to["course"] else ""
    reference = f", reference {to['reference']}" if to["reference"] else ""
    return f"{to['called']}{course}{reference}"

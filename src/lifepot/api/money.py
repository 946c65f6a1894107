"""Money between the scheme and its bank: payees, payment runs, statements, suspense."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field

from lifepot.access import looks
from lifepot.access.asking import AsApprover, AsChecker, AsOperator
from lifepot.access.doors import Connection
from lifepot.api.doing import (
    AccountNumber,
    After,
    AsAnyone,
    Day,
    FileBody,
    FileName,
    Limit,
    MaybeText,
    Once,
    Pager,
    Pages,
    Sent,
    SortCode,
    Text,
    as_file,
    day,
    done,
)
from lifepot.banking.payments import OwnAccount
from lifepot.payments.runs import list_runs, make_run, run_again, set_own_account
from lifepot.payments.statements import match_by_hand, receive_statement
from lifepot.periods import date_of
from lifepot.withdrawals.accounts import NO_TABLE, checked_account, load_modulus_table, read_modulus_table
from lifepot.withdrawals.income import make_due
from lifepot.withdrawals.payees import listed, load

router = APIRouter(prefix="/api/v1", tags=["money"])

Run = Annotated[int, Path(ge=1, le=2**31 - 1, description="A payment run's number.", examples=[1])]
BINARY: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "The file's very bytes"}}  # fmt: skip


@router.get("/payees")
def payees(asking: AsAnyone, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The register of lenders, providers and courses, conveyancers, as `lifepot payees list`."""
    pager = Pager.of(asking, after, limit)
    with asking.acting() as connection:
        rows = {(row["kind"], row["ref"]): row for row in listed(connection)}
        numbers = connection.execute("select id, kind, ref from personal.payee order by id").fetchall()
    open_ = ("kind", "ref", "name", "courses")
    return pager.page([(number, {name: rows[kind, ref][name] for name in open_}) for number, kind, ref in numbers])


@router.post("/payees")
def load_payees(asking: AsApprover, content: FileBody, name: FileName, key: Once = None) -> Response:
    """Add payees and courses, or bring them up to date, as `lifepot payees load`. Rows with faults are left out, and said.
    Whoever sends money says not where to.
    """

    def do(connection: Connection) -> dict[str, Any]:
        with as_file(name, content) as path:
            taken, faults = load(connection, path)
        checked = "unchecked" if read_modulus_table(connection) is None else "valid"
        return {"taken": taken, "faults": [one.as_dict() for one in faults], "checked": checked}

    return done(asking, key, content, do)


class Modulus(Sent):
    """Pay.UK's tables, as texts."""

    table: Annotated[Pages, Field(description="valacdos.txt")]
    substitutions: Annotated[Pages | None, Field(description="scsubtab.txt")] = None


@router.post("/payees/modulus-table")
def modulus(asking: AsOperator, asked: Modulus, key: Once = None) -> Response:
    """Load the table of modulus checks, as `lifepot payees table`: from then on an account that cannot exist is refused."""

    def do(connection: Connection) -> dict[str, Any]:
        other = (asked.substitutions or "").encode()
        with as_file("valacdos.txt", asked.table.encode()) as table, as_file("scsubtab.txt", other) as substitutions:
            second = None if asked.substitutions is None else substitutions
            found, faults = load_modulus_table(connection, table, second, asking.clock)
        return {"rows": len(found.rows), "kept": not faults, "faults": [one.as_dict() for one in faults]}

    return done(asking, key, asked, do)


class Paying(Sent):
    """What is to be sent, and how."""

    format: Annotated[Literal["pain001", "bacs18"], Field(description="ISO 20022, or Bacs Standard 18.")] = "pain001"
    on: Annotated[Day | None, Field(description="The day payees are to have it. Default: today.")] = None
    refunds: Annotated[bool, Field(description="Also what is held for payers whose account is known.")] = False
    only: Annotated[int | None, Field(ge=1, le=2**62, description="This withdrawal alone.")] = None


@router.post("/payment-runs", status_code=201)
def pay(asking: AsOperator, asked: Paying, key: Once = None) -> Response:
    """Send everything that was approved, as `lifepot pay` (with `only`, as `withdraw pay`): one file for the bank, which
    `/payment-runs/{run}/file` gives. Each month of a regular income that is due is made first, once.
    """
    months: list[Any] = []
    if asked.only is None:
        with asking.acting() as connection:
            months = make_due(connection, asking.clock)

    def do(connection: Connection) -> dict[str, Any]:
        on = asking.clock.as_of if asked.on is None else day(asked.on)
        assert on is not None
        made = make_run(connection, asked.format, date_of(on), asking.clock, only=asked.only, refunds=asked.refunds)
        more = {} if asked.only is not None else {"incomes": [one.as_dict() for one in months]}
        return {"run": None} | ({} if made is None else made.as_dict()) | more

    return done(asking, key, asked, do, 201)


@router.get("/payment-runs")
def runs(asking: AsChecker, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The runs there were, as `lifepot pay --list`."""
    pager = Pager.of(asking, after, limit)
    with asking.acting() as connection:
        found = list_runs(connection)
    return pager.page(sorted(((one["run"], one) for one in found), key=lambda pair: int(pair[0])))


@router.get("/payment-runs/{run}/file", responses=BINARY)
def run_file(asking: AsOperator, run: Run) -> Response:
    """The very file of a run, as `lifepot pay --again`. Sent twice, the bank knows it by its message id or serial. It names payees:
    that somebody took it is written down for each member in it.
    """
    with asking.acting() as connection:
        found = run_again(connection, run)
        row = connection.execute("select batch from payment_run where number = %s", [run]).fetchone()
        assert row is not None, "there is such a run"
        what = f"API: the file of payment run {run}"
        looks.written_for_batch(connection, row[0], asking.identity, what, asking.doors.now())
        connection.commit()
    return Response(found.octets, media_type="application/octet-stream")


@router.post("/bank-statements")
def statement(asking: AsOperator, content: FileBody, name: FileName, key: Once = None) -> Response:
    """Take in a statement of the bank, as `lifepot bank`: camt.053 or CSV. Each entry meets what it pays, or waits in suspense."""

    def do(connection: Connection) -> dict[str, Any]:
        with as_file(name, content) as path:
            return receive_statement(connection, path, asking.clock).as_dict()

    return done(asking, key, content, do)


class Match(Sent):
    """What an entry was: a payer's, or of an account."""

    payer: Annotated[Text | None, Field(description="It is this payer's.", examples=["ACME"])] = None
    account: Annotated[
        Text | None,
        Field(description="It is from_government, refused, paid_out, on_the_way, rounding or in_transit:0."),
    ] = None
    remember: Annotated[bool, Field(description="What comes from this account is the payer's from now on.")] = False


@router.post("/suspense/{entry}/match")
def match(asking: AsOperator, entry: Annotated[int, Path(ge=1, le=2**62, description="A bank entry's number.")], asked: Match, key: Once = None) -> Response:  # fmt: skip
    """Say what an entry in suspense was, as `lifepot suspense match`."""
    return done(
        asking, key, asked,
        lambda connection: match_by_hand(
            connection, entry, asking.clock, payer=asked.payer, account=asked.account, remember=asked.remember
        ),
    )  # fmt: skip


class Ours(Sent):
    """The scheme's own account at its bank."""

    name: Annotated[Text, Field(description="The holder, as the bank knows it.", examples=["LIFEPOT SCHEME"])]
    sort_code: SortCode | None = None
    account_number: AccountNumber | None = None
    iban: Annotated[MaybeText, Field(description="For accounts in euros.")] = ""
    bic: Annotated[MaybeText, Field(description="Of the bank.")] = ""
    service_user: Annotated[
        str, Field(pattern="^([0-9]{6})?$", description="Six digits that the bank gave for Bacs.")
    ] = ""


@router.post("/account")
def own_account(asking: AsApprover, asked: Ours, key: Once = None) -> Response:
    """Say which account the scheme pays from, and whose statements it receives, as `lifepot account`."""

    def do(connection: Connection) -> dict[str, Any]:
        plain = (asked.sort_code or "").replace("-", "")
        iban = asked.iban.replace(" ", "")
        number = asked.account_number or ""
        set_own_account(connection, OwnAccount(asked.name, plain, number, iban, asked.bic, asked.service_user))
        checked = checked_account(connection, plain, number) if plain else NO_TABLE
        return {
            "name": asked.name, "sort_code": plain, "account_number": number, "iban": iban, "checked": checked.answer,
        }  # fmt: skip

    return done(asking, key, asked, do)

"""Whom money may go to: the scheme's register of lenders, providers and their courses, conveyancers and pension providers,
loaded from a file; or the member's own account.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lifepot.banking.modulus import Answer, ModulusTable, check_account
from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.money import parse_minor
from lifepot.rulebook.terms import AnyOtherWithdrawal, Purpose
from lifepot.sheets import read_rows
from lifepot.withdrawals.accounts import read_modulus_table

MEMBER = "member"
"""The kind of payee that is the member's own account, and in no register."""

LENDER = "lender"

COLUMNS = ("kind", "ref", "name", "sort_code", "account_number", "course", "title", "price")

SORT_CODE, ACCOUNT_NUMBER = re.compile("[0-9]{6}"), re.compile("[0-9]{8}")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a withdrawal goes. `payee` is its number in the register, None for the member's own account."""

    kind: str
    payee: int | None
    course: str
    name: str
    sort_code: str
    account_number: str
    reference: str

    def must_be_allowed(self, terms: Purpose | AnyOtherWithdrawal | None, purpose: str | None) -> None:
        """Raises LifepotError where the rulebook lets this purpose's money go to other kinds of payees only."""
        allowed = terms.to if isinstance(terms, Purpose) else []
        allowed = allowed or [MEMBER]
        if self.kind not in allowed:
            where = f"purposes.{purpose}.to" if purpose else "any other withdrawal"
            raise LifepotError(
                f"Money does not go to a {self.kind.replace('_', ' ')} here ({where}: {', '.join(allowed)}).",
                remedy=f"Name a payee that is a {' or '.join(allowed).replace('_', ' ')}.",
            )


def own_account(name: str, sort_code: str, account_number: str, reference: str = "") -> Destination:
    """The member's own account. Misuse for numbers that are none."""
    sort_code = sort_code.replace("-", "").replace(" ", "")
    if not SORT_CODE.fullmatch(sort_code) or not ACCOUNT_NUMBER.fullmatch(account_number):
        raise Misuse("That is no account.", remedy="Give a sort code such as 20-00-00 and eight digits.")
    return Destination(MEMBER, None, "", name, sort_code, account_number, reference)


def payee_named(connection: psycopg.Connection[Any], text: str, course: str = "", reference: str = "") -> Destination:
    """A payee of the register, by its kind and reference: "provider:PRV1". Misuse where there is none, or not this course, and
    for a lender without the borrower's `reference`, by which alone it knows whose loan is paid.
    """
    kind, _, ref = text.partition(":")
    if kind == LENDER and not reference.strip():
        raise Misuse("A lender knows a loan by the borrower's reference.", remedy="Give it with --reference.")
    row = connection.execute(
        "select id, name, sort_code, account_number from personal.payee where kind = %s and ref = %s", [kind, ref]
    ).fetchone()
    if row is None:
        raise Misuse(
            f"The register has no payee {text!r}.",
            remedy="`lifepot payees list` names them; `lifepot payees load FILE` adds some.",
        )
    if course:
        known = connection.execute(
            "select 1 from personal.course where payee = %s and code = %s", [row[0], course]
        ).fetchone()
        if known is None:
            raise Misuse(
                f"{text} has no course {course!r} in the register.", remedy="`lifepot payees list` names them."
            )
    return Destination(kind, row[0], course, row[1], row[2], row[3], reference)


def load(connection: psycopg.Connection[Any], file: Path) -> tuple[int, list[Fault]]:
    """Add to the register what a CSV file names, or bring it up to date: how many rows were taken, and the faults of the
    others. Columns: kind, ref, name, sort_code, account_number, and for a course its code, title and price. Commits.
    An account that fails the loaded modulus checks is a fault.
    """
    faults: list[Fault] = []
    taken = 0
    table = read_modulus_table(connection)
    for row in read_rows(file, COLUMNS, faults, required=COLUMNS[:5]):
        cells = {name: row.cells.get(name, "").strip() for name in COLUMNS}
        cells["sort_code"] = cells["sort_code"].replace("-", "").replace(" ", "")
        found = _faults(cells, row, str(file), table)
        faults += found
        if found:
            continue
        payee = connection.execute(
            "insert into personal.payee (kind, ref, name, sort_code, account_number) values (%s, %s, %s, %s, %s) "
            "on conflict (kind, ref) do update set name = excluded.name, sort_code = excluded.sort_code, "
            "account_number = excluded.account_number returning id",
            [cells[name] for name in COLUMNS[:5]],
        ).fetchone()
        assert payee is not None
        if cells["course"]:
            connection.execute(
                "insert into personal.course (payee, code, title, price) values (%s, %s, %s, %s) "
                "on conflict (payee, code) do update set title = excluded.title, price = excluded.price",
                [payee[0], cells["course"], cells["title"], parse_minor(cells["price"])],
            )
        taken += 1
    connection.commit()
    return taken, faults


def _faults(cells: dict[str, str], row: Any, file: str, table: ModulusTable | None) -> list[Fault]:
    found = []

    def fault(column: str, code: str, expected: str) -> None:
        place = row.places.get(column, 0)
        found.append(Fault(file, row.line, place, code, column, cells[column] or "nothing", expected))

    if not re.fullmatch("[a-z][a-z_]*", cells["kind"]) or cells["kind"] == MEMBER:
        fault("kind", "kind_unreadable", "a kind of payee such as provider, in small letters")
    for column in ("ref", "name"):
        if not cells[column]:
            fault(column, f"{column}_missing", f"a {column}")
    if not SORT_CODE.fullmatch(cells["sort_code"]):
        fault("sort_code", "sort_code_unreadable", "six digits such as 20-00-00")
    if not ACCOUNT_NUMBER.fullmatch(cells["account_number"]):
        fault("account_number", "account_unreadable", "eight digits")
    elif table is not None and SORT_CODE.fullmatch(cells["sort_code"]):
        checked = check_account(table, cells["sort_code"], cells["account_number"])
        if checked.answer == Answer.INVALID:
            fault("account_number", "account_impossible", f"an account of {cells['sort_code']}: {checked.why}")
    if cells["course"]:
        try:
            price = parse_minor(cells["price"])
        except ValueError:
            price = 0
        if price <= 0:
            fault("price", "price_unreadable", "a price such as 1200.00")
    return found


MOST_FOUND = 20


def found_payees(connection: psycopg.Connection[Any], kinds: list[str], words: str) -> list[dict[str, Any]]:
    """Payees of these kinds with these words in their name or reference, at most so many, by name: without their accounts."""
    rows = connection.execute(
        "select payee.kind, payee.ref, payee.name, coalesce(array_agg(code order by code) filter (where code is not null), '{}') "
        "from personal.payee left join personal.course on course.payee = payee.id "
        "where kind = any(%s) and strpos(lower(name || ' ' || ref), lower(%s)) > 0 group by payee.id order by name, ref limit %s",
        [kinds, words, MOST_FOUND],
    ).fetchall()
    return [dict(zip(("kind", "ref", "name", "courses"), row, strict=True)) for row in rows]


def listed(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """The register: each payee with its courses."""
    rows = connection.execute(
        "select payee.kind, payee.ref, payee.name, payee.sort_code, payee.account_number, "
        "coalesce(jsonb_agg(jsonb_build_object('course', code, 'title', title, 'price_minor', price) order by code) "
        "filter (where code is not null), '[]') from personal.payee left join personal.course on course.payee = payee.id "
        "group by payee.id order by kind, ref"
    ).fetchall()
    names = ("kind", "ref", "name", "sort_code", "account_number", "courses")
    return [dict(zip(names, row, strict=True)) for row in rows]

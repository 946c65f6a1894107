"""The worked cases that ask what a withdrawal would come to, once more: through files, ledger and `withdraw quote`.

What is owed has been paid by then, as the cases take it.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.schemes import Scheme
from tests.test_cases import ALL_CASES, Case
from tests.test_cases_booked import BEFORE_ALL, OUT, Group, write
from tests.test_happened import GOVERNMENT, came

from lifepot.money import format_minor, parse_minor
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text, shipped
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.people import open_on
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import settle_all
from lifepot.scheme.standing import read_standing
from lifepot.storage.database import Database
from lifepot.withdrawals.quoting import Quote, Wish, quote

ASKS = [
    pytest.param(case, ask, id=f"{case.id}-{ask['ref']}")
    for case in ALL_CASES
    for ask in case.tables.get("Asked", [])
    if parse_minor(ask["amount"])
]


def told_until(case: Case, day: int, database: Database, folder: Path) -> tuple[Scheme, dict[str, str]]:
    """A scheme that was told the case's facts up to a day, with what government owed paid; NINOs by member."""
    group = Group(case.rulebook, day, [case])
    rows = [row for row in group.rows() if parse_day(row["on"]) <= day]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    connection = database.connect().__enter__()
    text, name = rulebook_text(case.rulebook)
    open_scheme(connection, text, name, Clock("case", now, parse_day(BEFORE_ALL)))
    ninos = {person["member"]: nino for nino, _, person in group.people()}
    for file, kinds in (("in.csv", False), ("out.csv", True)):
        some = [row for row in rows if (row["kind"] in OUT) is kinds]
        if some:
            reply = receive(connection, write(some, folder / file), Clock("case", now, day))
            assert not reply.faults, reply.lines()
    members = dict(connection.execute("select nino, member from personal.identity").fetchall())
    joined = [
        (members[nino[:8]], parse_day(person["joined"]))
        for nino, _, person in group.people()
        if person.get("joined") and nino[:8] in members
    ]
    if joined:
        open_on(connection, [one for one, _ in joined], [on for _, on in joined], Clock("case", now, day))
    settle_all(connection, Clock("case", now, day))
    scheme = Scheme(connection, folder)
    for nino in ninos.values():
        all_paid(scheme, nino, str(datetime.fromtimestamp(day * 86400, UTC).date()))
    return scheme, ninos


def all_paid(scheme: Scheme, nino: str, on: str) -> None:
    """Whatever government and payers owe a member comes, part by part of the pot."""
    rows = scheme.connection.execute(
        "select kind, owner, sum(amount)::bigint from ("
        "select credit >> 40 as kind, debit & ((1::bigint << 40) - 1) as owner, amount from transfer "
        "where credit >> 40 < 64 and (credit >> 40) %% 8 between 4 and 6 and credit & ((1::bigint << 40) - 1) = %(member)s "
        "union all select debit >> 40, credit & ((1::bigint << 40) - 1), -amount from transfer "
        "where debit >> 40 < 64 and (debit >> 40) %% 8 between 4 and 6 and debit & ((1::bigint << 40) - 1) = %(member)s"
        ") as side group by 1, 2 having sum(amount) > 0",
        {"member": scheme.one("select coalesce(max(member), 0) from personal.identity where nino = %s", [nino[:8]])},
    ).fetchall()
    payers = dict(scheme.connection.execute("select id, ref from payer").fetchall())
    for kind, owner, amount in rows:
        party, part = kind % 8 - 4, kind // 8
        came(scheme, nino, amount, party + 3 * part, None if party == GOVERNMENT else payers[owner], on=on)


@pytest.mark.parametrize(("case", "ask"), ASKS)
def test_a_quote_is_what_the_case_says(case: Case, ask: dict[str, str], database: Database, tmp_path: Path) -> None:
    """What arrives, the charge, whether the purpose is met and when it opens, each as the case has it."""
    right = next(row for row in case.tables["Answered"] if row["ref"] == ask["ref"])
    day = parse_day(ask["on"])
    scheme, ninos = told_until(case, day, database, tmp_path)
    try:
        known = scheme.connection.execute(
            "select member from personal.identity where nino = %s", [ninos[ask["member"]][:8]]
        ).fetchone()
        if known is None:
            # Nobody in this scheme has heard of a member of whom nothing was told by then.
            return
        purpose = ask["purpose"] if ask["purpose"] in shipped(case.rulebook).purposes else None
        said = {
            name: text
            for name, text in ask.items()
            if name not in {"ref", "member", "on", "purpose", "amount", "as"} and text
        }
        way = ask["as"]
        if way == "price" and purpose is None:
            return
        wish = Wish(known[0], purpose, parse_minor(ask["amount"]), way == "arrives", said, price=way == "price")
        found = quote(scheme.connection, wish, Clock("case", datetime(2026, 1, 1, tzinfo=UTC), day))
        assert read_standing(scheme.connection).currency
        wrong = {name: (right[name], got) for name, got in shown(found).items() if name in right and right[name] != got}
        assert wrong == {}, case.texts.get("Working")
    finally:
        scheme.connection.close()


def shown(found: Quote) -> dict[str, str]:
    """A quote in the words of the cases' table."""
    within, beside = sum(found.charges.values()), sum(found.beside.values())
    return {
        "charge": format_minor(within + beside) if within + beside else "",
        "arrives": format_minor(found.amount - within),
        "opens_on": found.opens_on or "",
        "not_covered": format_minor(found.not_there) if found.not_there else "",
        "member_pays": "" if not found.member_pays else format_minor(found.member_pays),
    }

"""What the tests of staff's pages need done first: a member with money of their own, withdrawals, a bank, a worker at work."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from psycopg.types.json import Jsonb
from tests.schemes import contributions, paid
from tests.served import TODAY, Browser, Served, words_of

from lifepot.banking.payments import OwnAccount
from lifepot.inbox import worker
from lifepot.payments.runs import set_own_account
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.payees import own_account
from lifepot.withdrawals.quoting import Wish

BANK = OwnAccount("Lifepot Mutual", "200000", "55779911", service_user_number="123456")
NINO = "AB300001A"
PATIENCE_SECONDS = 30


def clock(who: str) -> Clock:
    """Somebody, on the day that is held still."""
    return Clock.at(who, datetime.now(UTC), parse_day(TODAY))


def saver(served: Served, pounds: str = "2000.00") -> int:
    """A member who paid in so much; gives the number."""
    with tempfile.TemporaryDirectory() as folder, served.doors.acting() as connection:
        path = Path(folder) / "own.csv"
        row = paid(NINO, "2026-06-01", pounds, forename="Sol", surname="Saver", born="1950-05-05")
        path.write_text(contributions([row]), encoding="utf-8")
        assert receive(connection, path, clock("the tests")).accepted == 1
        found = connection.execute("select member from personal.identity where nino = %s", [NINO[:8]]).fetchone()
    assert found is not None
    return int(found[0])


def asked_for(served: Served, member: int, minor: int, who: str = "the member", purpose: str | None = None) -> int:
    """A withdrawal that somebody asked for; gives its number."""
    with served.doors.acting() as connection:
        taken, _ = steps.ask(
            connection, Wish(member, purpose, minor, arrives=False, said={}), own_account("Sol Saver", "200000", "11223344"), clock(who)
        )  # fmt: skip
    return taken.withdrawal.number


def income_asked(served: Served, member: int, minor: int, who: str = "the member") -> int:
    """A regular income that somebody asked for; gives its number."""
    with served.doors.acting() as connection:
        wish = Wish(member, "second_pension", minor, arrives=False, said={})
        to = own_account("Sol Saver", "200000", "11223344")
        evidence = [("details.pdf", b"%PDF-1.7 bank details")]
        return income.ask(connection, wish, 20, parse_day(TODAY), to, evidence, clock(who)).number


def with_bank(served: Served) -> None:
    """Say which account the scheme pays from."""
    with served.doors.acting() as connection:
        set_own_account(connection, BANK)


def work(served: Served) -> None:
    """Let the worker do all there is."""
    while worker.once(served.doors):
        pass


def looking(browser: Browser, member: int) -> None:
    """Say why one looks at a member."""
    browser.send(f"/operator/members/{member}", f"/operator/members/{member}/look", {"reason": "a call by telephone"})


def said(browser: Browser, path: str, status: int = 200) -> str:
    """What a page says, without its marks."""
    return words_of(browser.get(path, status))


@contextmanager
def listening(served: Served) -> Iterator[str]:
    """The app in a thread, on a free port of loopback; gives its address."""
    server = uvicorn.Server(uvicorn.Config(served.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < end, "the app does not begin to listen"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def office(served: Served) -> dict[str, str]:
    """An office in the middle of its month: something of every kind waits. Gives the address of a page of each kind."""
    operator = served.browser("operator")
    with_bank(served)
    member = saver(served)
    withdrawal, evidence = asked_for(served, member, 600_00), asked_for(served, member, 20_00, purpose="second_pension")
    asked_for(served, member, 30_00)
    regular = income_asked(served, member, 25_00)
    statement = b"date,description,paid in,paid out\n2026-03-02,SOMETHING ODD,60.00,\n2026-08-03,CASH,12.00,\n"
    operator.send("/operator/bank", "/operator/bank", files={"file": ("august.csv", statement)})
    claimed = operator.send("/operator/claims", "/operator/claims", {"funder": "government"}).headers["location"]
    content = contributions([paid("AB300009A", "2026-08-01", "23.45", forename="Eve", surname="Early")]).encode()
    previewed = operator.send("/operator/files", "/operator/files", {"mode": ""}, files={"file": ("own.csv", content)})
    operator.send("/operator/month", "/operator/month", {"step": "all", "month": "2026-08"})
    text, _ = rulebook_text("lifetime-savings-account")
    other = text.replace('dated: {2016-04-06: "500"}', 'dated: {2016-04-06: "400"}')
    rules = operator.send("/operator/rules", "/operator/rules", {"text": other, "from": "2026-09-01"}).headers[
        "location"
    ]
    work(served)
    proposal = operator.send(rules, rules, {"reason": "The board decided so."}).headers["location"]
    looking(operator, member)
    base = f"/operator/members/{member}/change/born"
    operator.send(base, base, {"born": "1951-05-05", "reason": "The passport says so."})
    with served.doors.acting() as connection:
        connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (%s, 'correction', %s, now())",
            [member, Jsonb({"words": "My pay of July is wrong."})],
        )
        message = connection.execute("select max(message) from door.message").fetchone()
        fact = connection.execute("select max(id) from fact where member = %s and kind = 2", [member]).fetchone()
        file = connection.execute("select min(file) from personal.reject where state = 'open'").fetchone()
        entry = connection.execute("select min(id) from transfer where fact > 0").fetchone()
        told = connection.execute("select min(id) from fact where file > 0 and kind = 1").fetchone()
    assert None not in (message, fact, file, entry, told)
    paths = {
        "waiting": "/operator", "one kind": "/operator?kind=suspense", "money": "/operator/money", "withdrawals": "/operator/withdrawals",
        "withdrawal": f"/operator/withdrawals/{withdrawal}", "evidence missing": f"/operator/withdrawals/{evidence}",
        "incomes": "/operator/incomes", "income": f"/operator/incomes/{regular}", "suspense entry": "/operator/suspense/1",
        "runs": "/operator/runs", "bank": "/operator/bank", "reconcile": "/operator/reconcile", "claims": "/operator/claims",
        "claim": "/operator/claims/1", "job": claimed, "preview": previewed.headers["location"], "files": "/operator/files",
        "file": f"/operator/files/{file[0]}", "month": "/operator/month?month=2026-08", "month not begun": "/operator/month?month=2026-07",
        "rules": "/operator/rules", "new rules": rules, "proposal": proposal, "members": "/operator/members",
        "why look": f"/operator/members/{served.identity('member').member}", "member": f"/operator/members/{member}",
        "statement": f"/operator/members/{member}/statement", "why": f"/operator/members/{member}/why",
        "facts": f"/operator/members/{member}/facts", "fact": f"/operator/members/{member}/facts/{fact[0]}",
        "merge": f"/operator/members/{member}/change/merge", "split": f"/operator/members/{member}/change/split",
        "erase": f"/operator/members/{member}/change/erase", "seats": "/operator/seats", "message": f"/operator/messages/{message[0]}",
    }  # fmt: skip
    auditor = served.browser("auditor")
    verified = auditor.send("/audit/verify", "/audit/verify").headers["location"]
    work(served)
    audited = {
        "books": "/audit", "books then": "/audit?effective=2026-06-30&known=20", "account": "/audit/account/government_owed",
        "entry": f"/audit/entry/{entry[0]}", "audited fact": f"/audit/fact/{told[0]}", "line": f"/audit/fact/{told[0]}/line",
        "chain": "/audit/chain", "batch": "/audit/chain/5", "head": f"/audit/chain?head={'0' * 64}", "verify": "/audit/verify",
        "findings": verified, "looks": "/audit/looks", "agreed": "/audit/agreed", "one agreed": "/audit/agreed/1", "export": "/audit/export",
    }  # fmt: skip
    return paths | audited

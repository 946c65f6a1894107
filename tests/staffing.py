"""What the tests of staff's pages need done first: a member with money of their own, withdrawals, a bank, a worker at work."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.schemes import contributions, paid
from tests.served import TODAY, Browser, Served, words_of

from lifepot.banking.payments import OwnAccount
from lifepot.inbox import worker
from lifepot.payments.runs import set_own_account
from lifepot.periods import parse_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.receive import receive
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.payees import own_account
from lifepot.withdrawals.quoting import Wish

BANK = OwnAccount("Lifepot Mutual", "200000", "55779911", service_user_number="123456")
NINO = "AB300001A"


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

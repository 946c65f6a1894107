"""Money out by many at once: two approvals, two runs, two statements, and a client that dies in the middle of a run."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.schemes import ANN, Scheme, opened_database, paid
from tests.test_payments import ACCOUNT
from tests.test_withdrawals import by, number

from lifepot.errors import LifepotError
from lifepot.payments.runs import make_run, set_own_account
from lifepot.payments.statements import receive_statement
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import steps
from lifepot.withdrawals.payees import own_account
from lifepot.withdrawals.quoting import Wish

DAY = "2026-07-01"


def with_asks(database: Database, folder: Path, *amounts: int) -> list[int]:
    """Ann paid in £1,000, and asks for these amounts; the numbers of what she asked for."""
    with database.connect() as connection:
        scheme = Scheme(connection, folder)
        scheme.told([paid(ANN, "2026-06-02", "1000.00")], "2026-06-02")
        set_own_account(connection, ACCOUNT)
        found = []
        for amount in amounts:
            wish = Wish(number(scheme, ANN), None, amount, arrives=False, said={})
            taken, _ = steps.ask(connection, wish, own_account("Ann", "200000", "11223344"), by("ann", DAY))
            found.append(taken.withdrawal.number)
        return found


def together(database: Database, *works: Callable[[psycopg.Connection[Any]], object]) -> list[object]:
    """All of these at once, each on a connection of its own: what each gave, or the error it ended with."""
    outcomes: list[object] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def work(at: int) -> None:
        with database.connect() as connection:
            ready.wait()
            try:
                outcomes[at] = works[at](connection)
            except LifepotError as error:
                connection.rollback()
                outcomes[at] = error

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(works))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=120)
    return outcomes


def test_two_approvals_at_once_of_one_withdrawal(server: EmbeddedServer, tmp_path: Path) -> None:
    """One is taken, the other is told that it was, and the money is held once."""
    with opened_database(server) as database:
        (one,) = with_asks(database, tmp_path, 600_00)
        outcomes = together(
            database,
            lambda connection: steps.approve(connection, one, by("olive", DAY)),
            lambda connection: steps.approve(connection, one, by("oscar", DAY)),
        )
        refused = [str(outcome) for outcome in outcomes if isinstance(outcome, LifepotError)]
        assert len(refused) == 1
        assert "is approved, since" in refused[0]
        with database.connect() as connection:
            assert Scheme(connection, tmp_path).pot(ANN)["leaving"] == 600_00


def test_two_approvals_at_once_of_more_than_there_is(server: EmbeddedServer, tmp_path: Path) -> None:
    """Of £600 and £600 out of £1,000 one goes, and the other is told what is there."""
    with opened_database(server) as database:
        one, other = with_asks(database, tmp_path, 600_00, 600_00)
        outcomes = together(
            database,
            lambda connection: steps.approve(connection, one, by("olive", DAY)),
            lambda connection: steps.approve(connection, other, by("oscar", DAY)),
        )
        assert sum(isinstance(outcome, LifepotError) for outcome in outcomes) == 1
        with database.connect() as connection:
            scheme = Scheme(connection, tmp_path)
            assert scheme.pot(ANN)["worker"] == 400_00
            assert "overdrawn" not in scheme.pot(ANN)


def test_two_runs_at_once_send_once(server: EmbeddedServer, tmp_path: Path) -> None:
    """Two people run payments at the same moment: one file has the payment, the other has none."""
    with opened_database(server) as database:
        (one,) = with_asks(database, tmp_path, 100_00)
        with database.connect() as connection:
            steps.approve(connection, one, by("olive", DAY))
        run = lambda connection: make_run(connection, "pain001", date(2026, 7, 2), by("pat", DAY))  # noqa: E731
        assert sum(outcome is not None for outcome in together(database, run, run)) == 1


def test_one_statement_twice_at_once(server: EmbeddedServer, tmp_path: Path) -> None:
    """Both receive the same statement in two files that are not alike; each entry stands once."""
    with opened_database(server) as database:
        with_asks(database, tmp_path)
        files = [tmp_path / "a.csv", tmp_path / "b.csv"]
        for file, end in zip(files, ("", "\n"), strict=True):
            file.write_text(
                f"date,description,amount,transaction id\n2026-07-01,hello,12.00,T1\n{end}", encoding="utf-8"
            )
        outcomes = together(
            database,
            *(lambda connection, file=file: receive_statement(connection, file, by("pat", DAY)) for file in files),
        )
        assert sorted(len(one.entries) for one in outcomes) == [0, 1]  # type: ignore[attr-defined]
        with database.connect() as connection:
            assert Scheme(connection, tmp_path).pots()["bank"] == -12_00


DIES = """
import os, signal, sys
from datetime import date
from pathlib import Path
from tests.test_withdrawals import by
from lifepot.payments.runs import make_run
from lifepot.storage.database import Database
from lifepot.storage.store import Store
before = Store.finish_batch
def dies(self, **row):
    if sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    return before(self, **row)
Store.finish_batch = dies
with Database(sys.argv[1]).connect() as connection:
    make_run(connection, "pain001", date(2026, 7, 2), by("pat", "2026-07-01"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("when", "sent"), [("before", False), ("after", True)])
def test_a_run_that_is_killed(server: EmbeddedServer, tmp_path: Path, when: str, sent: bool) -> None:
    """Killed before its commit a run has sent nothing, and the next one sends all; killed after it, its file is kept."""
    with opened_database(server) as database:
        (one,) = with_asks(database, tmp_path, 100_00)
        with database.connect() as connection:
            steps.approve(connection, one, by("olive", DAY))
        roots = os.pathsep.join([str(Path(__file__).parent.parent / "src"), str(Path(__file__).parent.parent)])
        died = subprocess.run(
            [sys.executable, "-c", DIES, database.url, when], env=os.environ | {"PYTHONPATH": roots}, check=False
        )
        assert died.returncode == -signal.SIGKILL
        with database.connect() as connection:
            kept = connection.execute("select count(*) from personal.payment_file").fetchone()
            connection.rollback()
            assert kept == (1 if sent else 0,)
            again = make_run(connection, "pain001", date(2026, 7, 2), by("pat", DAY))
            assert (again is None) is sent
            assert Scheme(connection, tmp_path).pots()["on_the_way"] == 100_00

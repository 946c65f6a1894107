"""The books on a real server: what is written comes back, nothing changes, and batches stand in one chain."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pytest

from lifepot.errors import LifepotError
from lifepot.kernel.columns import NONE
from lifepot.ledger.chart import Account, account_of, name_of, number
from lifepot.storage import closings as finding
from lifepot.storage import store as storing
from lifepot.storage.chain import GENESIS, Digest, canonical, next_head
from lifepot.storage.database import Database
from lifepot.storage.persons import Persons
from lifepot.storage.rows import FACT, TRANSFER, Rows, blank_facts, number_rows, runs
from lifepot.storage.store import Batch, Store

CARRY = 16
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY = 20_576


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database of the test's own."""
    with database.connect() as opened:
        opened.execute("insert into scheme (name, title, currency, opened_on) values ('s', 'S', 'GBP', '2026-04-06')")
        yield opened


def settle(store: Store, members: list[int], key: str, pence: int = 100, *, finish: bool = True) -> Batch | None:
    """A batch with one fact, one transfer and one closing for each member."""
    touched = np.array(members)
    store.lock_members(touched)
    batch = store.begin_batch()
    facts = blank_facts(len(touched))
    facts["member"], facts["effective_on"], facts["amount"], facts["kind"] = touched, DAY, pence, 2
    number_rows(facts, batch)
    facts["root"] = facts["id"]
    transfers = np.zeros(len(touched), TRANSFER.dtype)
    transfers["debit"], transfers["credit"] = number(Account.IN_TRANSIT, 3), number(Account.WORKER, touched)
    transfers["amount"], transfers["fact"], transfers["effective_on"] = pence, facts["id"], DAY
    number_rows(transfers, batch)
    closings = store.closings_latest(touched)
    closings["first_fact"], closings["facts"] = runs(facts["member"], touched)
    closings["first_transfer"], closings["transfers"] = runs(facts["member"], touched)
    closings["balances"][:, 0] += pence
    closings["last_settled"] = DAY * 8 + 2
    closings["carry"] = batch
    store.copy_in(FACT, facts)
    store.copy_in(TRANSFER, transfers)
    store.copy_closings(closings)
    return finish_batch(store, key) if finish else None


def finish_batch(store: Store, key: str) -> Batch:
    """The end of a batch, the same for all of them."""
    return store.finish_batch(kind="receive", who="ann", known_at=NOW, as_of_day=DAY, key=key, summary={"a": [1, "x"]})


def test_rows_come_back_as_they_went(connection: psycopg.Connection[Any]) -> None:
    """Facts and transfers are read as they were written, days and "not said" included."""
    settle(Store(connection, carry_bytes=CARRY), [5, 7, 900], "k")
    store = Store(connection, carry_bytes=CARRY)
    facts = store.facts_of(np.array([5, 900]))
    assert facts["member"].tolist() == [5, 900]
    assert facts["effective_on"].tolist() == [DAY, DAY]
    assert facts["period_start"].tolist() == [NONE, NONE]
    assert facts["earnings"].tolist() == [NONE, NONE]
    members, transfers = store.transfers_of(np.array([5, 900]))
    assert members.tolist() == [5, 900]
    assert [name_of(int(account)) for account in transfers["credit"]] == ["worker:5", "worker:900"]
    assert (transfers["fact"] == facts["id"]).all()


def test_large_and_small_batches(connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest closing is found whichever batches hold a member's, for one member and for many."""
    monkeypatch.setattr(storing, "LARGE", 50)
    everybody = list(range(1, 201))
    plain: dict[int, int] = {}
    for nth, members in enumerate((everybody[:150], [3, 180], everybody[100:], [3], everybody[::3], [7, 8])):
        settle(Store(connection, carry_bytes=CARRY), members, f"k{nth}", 10**nth)
        for member in members:
            plain[member] = plain.get(member, 0) + 10**nth
    store = Store(connection, carry_bytes=CARRY)
    for few in (1000, 1):
        monkeypatch.setattr(finding, "FEW", few)
        for asked in (everybody, [3], [3, 7, 199], [180, 999], everybody[::7]):
            found = store.closings_latest(np.array(asked))
            assert found["member"].tolist() == asked
            assert found["balances"][:, 0].tolist() == [plain.get(member, 0) for member in asked]
            assert (found["batch"] == 0).tolist() == [member not in plain for member in asked]
    every = store.closings_all(np.array([3, 150]))
    assert every["member"].tolist() == [3, 3, 3, 150, 150]
    assert every["balances"][:, 0].tolist() == [1, 11, 1011, 1, 101]
    assert len(store.facts_of(np.array(everybody))) == 150 + 2 + 100 + 1 + 67 + 2


def test_a_carry_of_another_length_is_left_out(connection: psycopg.Connection[Any]) -> None:
    """Where another rulebook wrote the carry, the member counts as never settled; the balances stay."""
    settle(Store(connection, carry_bytes=CARRY), [5], "k")
    found = Store(connection, carry_bytes=24).closings_latest(np.array([5]))
    assert found["last_settled"].tolist() == [NONE]
    assert found["balances"][0, 0] == 100
    assert not found["carry"].any()


@pytest.mark.parametrize("change", ["update {} set {} = {}", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["fact", "transfer", "closing", "batch", "rulebook_version"])
def test_the_database_refuses_changes(connection: psycopg.Connection[Any], table: str, change: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused, with what to do instead."""
    column = "number" if table == "batch" else "batch" if table in {"closing", "rulebook_version"} else "id"
    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed") as refusal:
        connection.execute(change.format(table, column, column).encode())
    assert refusal.value.diag.message_hint


def test_the_chain_can_be_walked_by_hand(connection: psycopg.Connection[Any]) -> None:
    """A batch's digest follows from its header and from its rows as COPY gives them, and the head from all before."""
    settle(Store(connection, carry_bytes=CARRY), [5, 7], "first")
    settle(Store(connection, carry_bytes=CARRY), [7], "second")
    head = GENESIS
    batches = connection.execute(
        "select number, kind, who, known_at, as_of, idempotency_key, facts, transfers, closings, file, summary, digest, head"
        " from batch order by place"
    ).fetchall()
    assert len(batches) == 2
    for *columns, digest, next_one in batches:
        names = [
            "number",
            "kind",
            "who",
            "known_at",
            "as_of",
            "key",
            "facts",
            "transfers",
            "closings",
            "file",
            "summary",
        ]
        header = dict(zip(names, columns, strict=True))
        header |= {"known_at": header["known_at"].isoformat(), "as_of": header["as_of"].isoformat()}
        again = Digest()
        for table, key in (("fact", "id >> 32"), ("transfer", "id >> 32"), ("closing", "batch")):
            rows = (  # the names are this test's own
                f"copy (select * from {table} where {key} = {header['number']} order by 1, 2) to stdout (format binary)"
            )
            with connection.cursor().copy(rows.encode()) as copy:
                again.feed(table, b"".join(copy)[19:-2])
        assert again.finish(header) == bytes(digest)
        head = next_head(head, bytes(digest))
        assert head == bytes(next_one)
    assert Store(connection).head() == (2, head)


def test_headers_have_one_spelling() -> None:
    """The order of keys does not matter, and a float is refused."""
    assert canonical({"b": 1, "a": {"d": None, "c": "£"}}) == b'{"a":{"c":"\\u00a3","d":null},"b":1}\n'
    with pytest.raises(TypeError, match="whole units"):
        canonical({"a": [1.5]})


def test_two_receive_the_same_at_once(database: Database) -> None:
    """Of two processes with one idempotency key the second waits, and then learns of the first's batch."""
    outcomes: list[bool] = []

    def receive() -> None:
        with database.connect() as connection:
            store = Store(connection)
            if store.claim("same") is None:
                settle(store, [5], "same")
                outcomes.append(True)
            else:
                outcomes.append(False)

    both = [threading.Thread(target=receive) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == [False, True]


def test_without_a_claim_the_key_is_still_unique(connection: psycopg.Connection[Any]) -> None:
    """A second batch of one key is refused when it finishes."""
    settle(Store(connection), [5], "same")
    with pytest.raises(LifepotError, match="just received"):
        settle(Store(connection), [6], "same")


def test_many_at_once_add_up(database: Database) -> None:
    """Eight connections that settle the same members in any order lose nothing and never wait in a circle."""

    def work(nth: int) -> None:
        for turn in range(3):
            with database.connect() as connection:
                settle(Store(connection), sorted({1, 2 + nth, 300, 301 + turn}), f"{nth}.{turn}")

    threads = [threading.Thread(target=work, args=(nth,)) for nth in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.connect() as connection:
        store = Store(connection)
        assert store.closings_latest(np.array([1, 300]))["balances"][:, 0].tolist() == [2400, 2400]
        assert store.head()[0] == 24
        worker = number(Account.WORKER, 0)
        total = {account: amount for _, account, amount in store.balances()}
        assert total[worker] == -24 * 100 * 4
        assert sum(total.values()) == 0


def test_balances_as_of_a_day_and_as_known(connection: psycopg.Connection[Any]) -> None:
    """The trial balance leaves out what is effective later, or was not known yet."""
    settle(Store(connection), [5, 6], "first")
    settle(Store(connection), [5], "second", 7)
    store = Store(connection)
    in_transit, worker = account_of("in_transit:3"), account_of("worker:0")
    assert store.balances() == [(0, worker, -207), (0, in_transit, 207)]
    assert store.balances(place=1) == [(0, worker, -200), (0, in_transit, 200)]
    assert store.balances(effective_day=DAY - 1) == []


def test_a_missing_row_is_noticed(connection: psycopg.Connection[Any]) -> None:
    """When somebody has got round the triggers, reading says so."""
    settle(Store(connection), [5], "k")
    connection.execute("alter table transfer disable trigger all")
    connection.execute("delete from transfer")
    with pytest.raises(LifepotError, match="missing"):
        Store(connection).transfers_of(np.array([5]))


def test_views_are_for_people(connection: psycopg.Connection[Any]) -> None:
    """The views show words, names of accounts, and NULL for what was not said."""
    settle(Store(connection, carry_bytes=CARRY), [5], "k")
    assert connection.execute("select kind, amount, earnings, period_end, place from fact_view").fetchall() == [
        ("paid", 100, None, None, 1)
    ]
    assert connection.execute("select debit, credit, amount from journal").fetchall() == [
        ("in_transit:3", "worker:5", 100)
    ]
    assert connection.execute(
        "select member, facts, last_settled, balances, octet_length(carry) from closing_view"
    ).fetchall() == [(5, 1, DAY * 8 + 2, [100, 0, 0, 0, 0, 0, 0], CARRY)]


@pytest.mark.parametrize("name", ["worker:17", "overdrawn.3:1", "held_for:9", "bank", "paid_out", "owed_by_government"])
def test_account_names_agree(connection: psycopg.Connection[Any], name: str) -> None:
    """The database calls an account what the program calls it."""
    assert connection.execute("select account_name(%s::bigint)", [account_of(name)]).fetchone() == (name,)


def test_payers_have_one_number(connection: psycopg.Connection[Any]) -> None:
    """A payer is known by its reference and its aliases, and keeps its number."""
    store = Store(connection)
    store.lock_members(np.array([0]))
    batch = store.begin_batch()
    first = store.payers(["120/AB1", "120/AA1"], "employer")
    connection.execute("insert into payer_alias (ref, payer, batch) values ('ACME', %s, %s)", [first["120/AB1"], batch])
    again = store.payers(["ACME", "120/AA1"], "employer")
    assert again == {"ACME": first["120/AB1"], "120/AA1": first["120/AA1"]}
    assert finish_batch(store, "k").facts == 0


def test_persons(connection: psycopg.Connection[Any]) -> None:
    """Members are found by NINO, and by payroll number and birth day at a payer; unknown ones are 0."""
    persons = Persons(connection)
    members = persons.new_members(2)
    assert members.tolist() == [1, 2]
    ninos = np.array([b"AB123456C", b"CE123456D"])
    persons.add_identities(ninos, members)
    assert persons.by_nino(np.array([b"CE123456D", b"AA000000A", b"AB123456C"])).tolist() == [2, 0, 1]
    persons.add_employments(3, ["E1", "E22"], np.array([NONE, 9000]), members)
    assert persons.by_employment(3, ["E22", "E1", "E1"], np.array([9000, NONE, 9000])).tolist() == [2, 1, 0]


def test_an_erased_person_leaves_a_keyed_mark(connection: psycopg.Connection[Any]) -> None:
    """The mark knows the NINO again, and nobody can make it without the scheme's secret."""
    persons = Persons(connection)
    ninos = np.array([b"AB123456C", b"CE123456D"])
    assert not persons.erased(ninos).any()
    persons.mark_erased(b"AB123456C", 1)
    assert persons.erased(ninos).tolist() == [True, False]
    plain = hashlib.sha256(b"AB123456C").digest()
    assert connection.execute("select count(*) from personal.erased where mark = %s", [plain]).fetchone() == (0,)


def test_a_day_that_is_no_date_is_refused(connection: psycopg.Connection[Any]) -> None:
    """A day that no date has never reaches the server."""
    store = Store(connection)
    store.lock_members(np.array([1]))
    store.begin_batch()
    facts: Rows = blank_facts(1)
    facts["effective_on"] = -(10**9)
    with pytest.raises(ValueError, match="no date"):
        store.copy_in(FACT, facts)

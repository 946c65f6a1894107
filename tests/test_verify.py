"""The proof finds whatever was changed behind the books' back, and says where; and nothing where nothing was."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import zstandard
from tests.schemes import ANN, BOB, CAT, DAN, Scheme, clock, opened, paid, pay, says, withdrawn

from lifepot.audit.chained import BEGINNING
from lifepot.audit.kept import leaves_of
from lifepot.audit.verify import Findings, verify
from lifepot.kernel import chain
from lifepot.periods import day_of, parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_sample
from lifepot.scheme.opening import open_scheme
from lifepot.scheme.people import add_alias, correct_birth_day, erase, merge, split
from lifepot.scheme.receive import receive
from lifepot.scheme.resettle import adopt
from lifepot.storage import store as storing
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer

Connection = psycopg.Connection[Any]


@contextmanager
def administering(server: EmbeddedServer) -> Iterator[Connection]:
    """A connection that can make and drop databases."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def received(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database in which a scheme has received two months of sample files, made once for all tests here."""
    name, folder = f"received_{uuid4().hex}", tmp_path_factory.mktemp("sample")
    sample = write_sample(folder, members=12, months=2, seed=3)
    with administering(server) as admin:
        admin.execute(f"create database {name}".encode())
        with Database(server.url(name)).connect() as connection:
            text, file = rulebook_text("lifetime-savings-account")
            open_scheme(connection, text, file, clock("2026-04-06"))
            for one in sample.files:
                mode = "replaces" if "--replaces" in one.flags else None
                receive(connection, folder / one.path, clock(day_of(one.received_on)), mode=mode)
        yield name
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def books(server: EmbeddedServer, received: str) -> Iterator[Connection]:
    """A copy of that scheme to tamper with."""
    name = f"tampered_{uuid4().hex}"
    with administering(server) as admin:
        admin.execute(f"create database {name} template {received}".encode())
        with Database(server.url(name)).connect() as connection:
            connection.autocommit = True
            yield connection
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A scheme just opened."""
    with opened(server, tmp_path) as one:
        yield one


def proof(scheme: Scheme) -> Findings:
    """What verify finds in a scheme whose connection may be in a transaction."""
    scheme.connection.commit()
    return verify(scheme.connection)


def tamper(books: Connection, statement: str, parameters: list[Any] | None = None) -> None:
    """Change something as only a superuser can, with the triggers out of the way."""
    books.execute("set session_replication_role = replica")
    assert books.execute(statement.encode(), parameters).rowcount > 0
    books.execute("set session_replication_role = origin")


def one(books: Connection, query: str) -> Any:
    """The one figure a query answers."""
    row = books.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def places(findings: Findings, kind: str) -> str:
    """Where problems of a kind are, as one text."""
    return "\n".join(problem.where for problem in findings.problems if problem.kind == kind)


def test_a_clean_scheme_is_proved(books: Connection) -> None:
    """A scheme that received files, an amendment and faults among them, is proved whole, and its findings count it all."""
    stages: dict[str, tuple[int, int]] = {}
    findings = verify(books, progress=lambda stage, done, of: stages.__setitem__(stage, (done, of)))
    assert findings.proved, findings.lines()
    counts = {table: one(books, f"select count(*) from {table}") for table in ("batch", "fact", "transfer")}
    assert (findings.batches, findings.facts, findings.transfers) == tuple(counts.values())
    assert findings.head == one(books, "select head from batch order by place desc limit 1")
    assert findings.entitlements > findings.members > 10
    assert stages == {"chain": (findings.batches,) * 2, "entitlements": (findings.members,) * 2}


def test_findings_have_stable_keys(books: Connection) -> None:
    """JSON says all that a person is told, under keys that stay."""
    findings = verify(books)
    assert list(findings.as_dict()) == [
        "proved", "place", "head", "given_head", "given_place", "batches", "facts", "transfers", "closings",
        "received_rows", "members", "entitlements", "problem_counts", "problems",
    ]  # fmt: skip
    assert findings.lines()[-1] == f"all proved; place {findings.place}, head {findings.head.hex()}"


def test_whatever_the_books_can_do_is_proved(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statuses, withdrawals, leaving, replacements, mergers, splits, erasure, new birth days and rulebooks: all is proved."""
    monkeypatch.setattr(storing, "LARGE", 3)
    scheme.tell([pay(ANN, "2026-04-30", "1000.00"), pay(BOB, "2026-04-30", "2000.00", "60.00", "60.00")], "2026-05-01")
    scheme.tell([paid(CAT, "2026-05-02", "900.00"), says(CAT, "2026-05-02", "caring", "yes")], "2026-05-03")
    everybody = [pay(nino, "2026-05-29", "1500.00", "45.00", "45.00") for nino in (ANN, BOB, CAT)]
    scheme.tell(everybody, "2026-05-30")
    scheme.tell([pay(ANN, "2026-05-29", "1600.00", "48.00", "40.00"), everybody[1]], "2026-06-02", "replaces")
    scheme.tell([withdrawn(CAT, "2026-06-10", "100.00"), says(BOB, "2026-06-11", "opted_out", "yes")], "2026-06-12")
    scheme.settle("2026-08-15")
    members = [
        scheme.one("select member from personal.identity where nino = %s", [nino[:8]]) for nino in (ANN, BOB, CAT)
    ]
    assert proof(scheme).proved, proof(scheme).lines()
    correct_birth_day(scheme.connection, members[0], parse_day("2012-01-01"), clock("2026-08-16"))
    merge(scheme.connection, members[1], members[2], clock("2026-08-17"))
    other, _ = split(scheme.connection, members[0], ["ACME"], None, clock("2026-08-18"))
    add_alias(scheme.connection, "ACME", "123/AC", clock("2026-08-18"))
    text, file = rulebook_text("lifetime-savings-account")
    assert "3%" in text
    adopt(scheme.connection, text.replace("3%", "4%"), file, parse_day("2026-05-01"), clock("2026-08-19"))
    erase(scheme.connection, members[2], clock("2026-08-20"))
    scheme.tell([pay(DAN, "2026-08-28", "900.00", payroll_id="9")], "2026-08-29")
    findings = proof(scheme)
    assert findings.proved, findings.lines()
    assert findings.members == 5
    assert other in members_of(scheme)


def members_of(scheme: Scheme) -> set[int]:
    """Everybody of whom there is a fact."""
    return {member for (member,) in scheme.connection.execute("select distinct member from fact")}


TAMPERINGS: dict[str, tuple[str, str, str]] = {
    "an amount of a transfer": (
        "update transfer set amount = amount + 1 where id = (select max(id) from transfer)",
        "row",
        "table transfer, id {transfer}",
    ),
    "a transfer gone": (
        "delete from transfer where id = (select max(id) from transfer)",
        "row",
        "table transfer, row",
    ),
    "a transfer more": (
        "insert into transfer select max(id) + 1, max(debit), max(credit), 5, max(fact), max(effective_on), 0, 1 from transfer",
        "row",
        "table transfer, row",
    ),
    "another member's money": (
        "update transfer set credit = credit + 1 where id = (select min(id) from transfer where credit >> 40 = 1)",
        "run",
        "table transfer, row",
    ),
    "a day that is on no calendar": (
        "update transfer set effective_on = '20000-01-01' where id = (select min(id) from transfer where rule > 0)",
        "entitlement",
        "6574365 days after 2000-01-01",
    ),
    "a fact's day": (
        "update fact set effective_on = '20000-01-01' where id = (select min(id) from fact where kind = 1)",
        "reference",
        "table fact, row",
    ),
    "a fact": (
        "update fact set earnings = earnings + 100000 where id = (select min(id) from fact where earnings > 0)",
        "row",
        "table fact, id",
    ),
    "a closing": (
        "update closing set records = set_byte(records, 32, 255) where ctid = (select max(ctid) from closing)",
        "row",
        "table closing, member",
    ),
    "a closing gone": (
        "delete from closing where (batch, member) = (select batch, member from closing order by batch, member limit 1)",
        "row",
        "table closing",
    ),
    "a batch's summary": (
        """update batch set summary = summary || '{"accepted": 0}' where number = 3""",
        "row",
        "table batch, number 3",
    ),
    "whom a batch reaches": (r"update batch set reach = '\x00' where number = 3", "row", "table batch, column reach"),
    "who did it": ("update batch set who = 'nobody' where number = 3", "row", "table batch, number 3"),
    "a head": ("update batch set head = sha256(head) where number = 3", "chain", "batch 3 (place 3)"),
    "a batch gone": ("delete from batch where number = 3", "reference", "table fact, id"),
    "a rule's name": ("update rule set party = 1 - party where id = 1", "scheme", "table rule"),
    "the rulebook": (
        "update rulebook_version set text = replace(text, '3%', '2%')",
        "scheme",
        "table rulebook_version",
    ),
    "the scheme's currency": ("update scheme set currency = 'EUR'", "scheme", "table scheme, column currency"),
    "a payer": ("update payer set ref = 'OTHERS' where id = 1", "row", "table payer, id 1"),
    "what a file spoke of": ("update told set period_end = period_end + 1", "row", "table told"),
    "a row's salt": (
        "update personal.received_block set salts = set_byte(salts, 0, get_byte(salts, 0) # 1) where file = 1",
        "row",
        "table received_block, file 1",
    ),
    "a file gone": ("delete from personal.received_block where file = 1", "chain", "batch 2 (place 2)"),
}


BESIDE_THE_CHAIN = {"the scheme's currency", "whom a batch reaches"}
"""What no digest holds: it is worked out anew from what they do."""


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found_and_named(books: Connection, what: str) -> None:
    """One row changed, taken away or put in beside the books is found, and named with its table and its batch or key."""
    statement, kind, where = TAMPERINGS[what]
    transfer = one(books, "select max(id) from transfer")
    tamper(books, statement)
    findings = verify(books)
    assert not findings.proved
    assert where.format(transfer=transfer) in places(findings, kind), findings.lines()
    assert what in BESIDE_THE_CHAIN or findings.problem_counts["chain"], findings.lines()


def test_a_changed_amount_is_found_three_ways(books: Connection) -> None:
    """The chain names the batch, the closings the member and account, and the replay the rule and day."""
    transfer, member = books.execute(
        "select id, credit & ((1::bigint << 40) - 1) from transfer where credit >> 40 = 1 order by id limit 1"
    ).fetchone() or (0, 0)
    tamper(books, "update transfer set amount = amount + 700 where id = %s", [transfer])
    findings = verify(books)
    assert f"batch {transfer >> 32} " in places(findings, "chain")
    assert f"member {member}, account worker" in places(findings, "balance")
    assert f"member {member}, rule worker.contribution" in places(findings, "entitlement")
    assert findings.problem_counts["balance"] == 1, "a difference that stays is reported where it begins"


def test_two_amounts_swapped_are_found(books: Connection) -> None:
    """Swapping what two members got leaves all sums as they were, and both members are named."""
    first, second = books.execute(
        "select min(id), max(id) from transfer where credit >> 40 = 1 and rule = 1 and id >> 32 = 3 "
        "and amount in (select max(amount) from transfer where rule = 1 and credit >> 40 = 1 and id >> 32 = 3 union "
        "select min(amount) from transfer where rule = 1 and credit >> 40 = 1 and id >> 32 = 3)"
    ).fetchone() or (0, 0)
    query = (
        "update transfer set amount = (select sum(amount) from transfer where id = any(%s)) - amount where id = any(%s)"
    )
    tamper(books, query, [[first, second]] * 2)
    findings = verify(books)
    for transfer in (first, second):
        assert f"table transfer, id {transfer}" in places(findings, "row")
    assert len(places(findings, "entitlement").splitlines()) >= 2


def test_every_byte_of_a_received_file_counts(books: Connection) -> None:
    """One byte of a kept row, changed before it is packed again, breaks the chain at the file's batch."""
    content = bytes(one(books, "select content from personal.received_block where file = 2"))
    raw = bytearray(zstandard.ZstdDecompressor().decompress(content))
    raw[10] ^= 1
    packed = zstandard.ZstdCompressor().compress(bytes(raw))
    tamper(books, "update personal.received_block set content = %s where file = 2", [packed])
    findings = verify(books)
    assert "table received_block, file 2, block 0" in places(findings, "row")
    leaf = b"".join(leaves_of(books, 2, Findings()))[:32]
    tamper(books, "insert into personal.blanked_row (file, file_row, leaf) values (2, 0, %s)", [leaf])
    assert "file 2, block 0, row 0" in places(verify(books), "file"), "a changed row is no blanked one"
    tamper(books, "update personal.received_block set content = %s where file = 2", [content[:-1]])
    assert "file 2, block 0" in places(verify(books), "file")


def test_a_history_written_anew_is_found_by_an_earlier_head(books: Connection) -> None:
    """Who takes the last batches out of every table leaves a chain that proves, but not with the head from before."""
    before = verify(books)
    assert verify(books, head=before.head).given_place == before.place
    last = one(books, "select max(number) from batch")
    for table, batch in (
        ("fact", "id >> 32"),
        ("transfer", "id >> 32"),
        ("closing", "batch"),
        ("payer", "batch"),
        ("told", "batch"),
    ):
        books.execute("set session_replication_role = replica")
        books.execute(f"delete from {table} where {batch} = {last}".encode())
    file = one(books, f"select file from batch where number = {last}")
    tamper(books, f"delete from personal.received_block where file = {file}")
    tamper(books, f"delete from batch where number = {last}")
    alone = verify(books)
    assert alone.proved, alone.lines()
    findings = verify(books, head=before.head)
    assert findings.problem_counts == {"head": 1}
    assert findings.given_place is None


def test_a_head_from_an_earlier_reply_stands(books: Connection) -> None:
    """A head in the middle is found at its place, and so is the beginning."""
    head = bytes(one(books, "select head from batch where place = 4"))
    findings = verify(books, head=head)
    assert findings.proved
    assert findings.given_place == 4
    assert f"stands at place 4; {findings.batches - 4} batches follow" in "\n".join(findings.lines())
    assert verify(books, head=BEGINNING).given_place == 0


def test_a_changed_kernel_is_found(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that gives a penny more than the rulebook says posts books that agree with themselves, and are found out."""
    multiply = chain.multiply

    def generous(*arguments: Any, **named: Any) -> chain.Column:
        column = multiply(*arguments, **named)
        return column.with_(column.num + column.den, column.den)

    monkeypatch.setattr(chain, "multiply", generous)
    scheme.told([pay(ANN, "2026-05-29", "1000.00"), pay(BOB, "2026-05-29", "2000.00")], "2026-05-30")
    monkeypatch.undo()
    findings = proof(scheme)
    assert set(findings.problem_counts) == {"entitlement"}
    found = {problem.where: (problem.found, problem.expected) for problem in findings.problems}
    assert found["member 1, rule worker.contribution, 2026-05-29"] == ("£30.01 posted", "£30.00")


@pytest.mark.parametrize("changed", ["at_most", "rounded", "running_total"])
def test_a_kernel_changed_elsewhere_is_found(scheme: Scheme, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """So is one that caps, rounds or parts amounts in another way."""
    tampered: dict[str, Callable[..., Any]] = {
        "at_most": lambda column, *_: column,
        "rounded": lambda column, *_: column.with_(column.num // column.den + 1, 1),
        "running_total": lambda values, *_: values,
    }
    assert hasattr(chain, changed), "the kernel has this no more: change something else"
    monkeypatch.setattr(chain, changed, tampered[changed])
    scheme.tell([paid(ANN, "2026-05-02", "1000.33"), paid(ANN, "2026-05-03", "1000.33")], "2026-05-30")
    monkeypatch.undo()
    assert "member 1, rule " in places(proof(scheme), "entitlement")


def test_verify_shares_nothing_with_the_kernel() -> None:
    """In a fresh interpreter, what verify imports brings in no module of kernel, ledger, storage or scheme."""
    rooms = ("kernel", "ledger", "storage", "scheme", "intake")
    told = "import sys, lifepot.audit.verify; print(*(name for name in sys.modules if name.startswith('lifepot.')))"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True).stdout.split()
    assert "lifepot.audit.verify" in loaded
    assert [name for name in loaded if name.split(".")[1] in rooms] == []


def test_it_begins_a_transaction_of_its_own(scheme: Scheme) -> None:
    """All tables are seen as of one moment, which a transaction that has begun could not promise."""
    scheme.connection.execute("select 1")
    with pytest.raises(ValueError, match="commit first"):
        verify(scheme.connection)

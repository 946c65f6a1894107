"""A regular income: each month once, whatever runs when or dies; for what is there; and stopped when the pot is empty."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schemes import ANN, BOB, Scheme, opened, opened_database, paid, pay
from tests.test_cli import run as command
from tests.test_payments import ACCOUNT, run
from tests.test_withdrawals import by, number, own

from lifepot.audit.verify import verify
from lifepot.errors import LifepotError, Misuse
from lifepot.payments.runs import set_own_account
from lifepot.periods import format_day, parse_day
from lifepot.scheme.people import erase
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import income, steps
from lifepot.withdrawals.chain import read_withdrawal
from lifepot.withdrawals.income import Income, Made, make_due, read_income
from lifepot.withdrawals.quoting import Wish
from lifepot.withdrawals.schedule import Terms, due_on, first_month, month_of, month_text, months_due

OLD = "1960-01-01"
"""Somebody born then may draw a second pension; Bob may not yet."""

PAPER = [("bank.pdf", b"%PDF")]


def filled(scheme: Scheme) -> Scheme:
    """Ann, who is old enough, and Bob, who is not, have £30 and £30 of pay's and £940 and £1,000 of their own."""
    rows = [
        pay(ANN, "2025-05-29", "1000.00", "30.00", "30.00", born=OLD),
        pay(BOB, "2025-05-29", "1000.00", "30.00", "30.00"),
    ]
    scheme.told(rows, "2025-06-01")
    scheme.told([paid(ANN, "2025-06-02", "940.00", born=OLD), paid(BOB, "2025-06-02", "1000.00")], "2025-06-02")
    set_own_account(scheme.connection, ACCOUNT)
    return scheme


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A scheme whose books are proved in the end."""
    with opened(server, tmp_path) as one:
        yield filled(one)
        one.check()
        one.connection.rollback()
        found = verify(one.connection)
        assert not found.problems, found.lines()


def asked(scheme: Scheme, amount: int, day: int = 1, on: str = "2026-06-15", nino: str = ANN) -> Income:
    """Somebody asks for an income."""
    wish = Wish(number(scheme, nino), "second_pension", amount, arrives=False, said={})
    return income.ask(scheme.connection, wish, day, parse_day(on), own(), PAPER, by("ann", on))


def running(scheme: Scheme, amount: int, day: int = 1, on: str = "2026-06-15") -> int:
    """An income of Ann's that was approved."""
    one = asked(scheme, amount, day, on)
    income.approve(scheme.connection, one.number, by("olive", on))
    return one.number


def made(scheme: Scheme, on: str) -> list[Made]:
    """What is made of what is due."""
    return make_due(scheme.connection, by("pat", on))


def test_each_month_is_made_once_and_sent_once(scheme: Scheme) -> None:
    """£100 on the first: none in June, one in July; August and September together when nobody ran it in between."""
    one = running(scheme, 100_00)
    assert made(scheme, "2026-06-30") == []
    july = made(scheme, "2026-07-01")
    assert [(m.month, m.amount) for m in july] == [("2026-07", 100_00)]
    assert made(scheme, "2026-07-31") == []
    assert july[0].withdrawal is not None
    chain = read_withdrawal(scheme.connection, july[0].withdrawal)
    assert (chain.state, chain.member) == ("approved", number(scheme, ANN))
    assert [m.month for m in made(scheme, "2026-09-01")] == ["2026-08", "2026-09"]
    sent = run(scheme, on="2026-09-01")
    assert sent is not None
    assert (sent.payments, sent.amount) == (3, 300_00)
    assert sum(scheme.pot(ANN)[party] for party in ("worker", "employer")) == 700_00
    assert read_income(scheme.connection, one).as_dict()["paid_minor"] == 300_00


def test_it_is_everybodys_money_that_goes(scheme: Scheme) -> None:
    """A second pension is a purpose: after £1,000, ACME's £30 are gone too."""
    running(scheme, 1_000_00)
    made(scheme, "2026-07-01")
    assert "worker" not in scheme.pot(ANN)
    assert "employer" not in scheme.pot(ANN)


def test_the_last_month_is_what_is_there_and_then_it_stops(scheme: Scheme) -> None:
    """Of £1,000, £400 a month is £400, £400 and £200; then it has ended, and no later month falls due."""
    one = running(scheme, 400_00)
    found = made(scheme, "2026-12-31")
    assert [(m.amount, m.emptied) for m in found] == [(400_00, False), (400_00, False), (200_00, True)]
    assert read_income(scheme.connection, one).state == "ended"
    scheme.told([paid(ANN, "2027-01-02", "50.00", born=OLD)], "2027-01-02")
    assert made(scheme, "2027-06-30") == []
    with pytest.raises(LifepotError, match="is ended"):
        income.change(scheme.connection, one, 10_00, None, by("ann", "2027-06-30"))


def test_a_month_in_which_nothing_is_there_is_told_and_ends_it(scheme: Scheme) -> None:
    """Where all was taken out before, the month is recorded with nothing, once, and it says that it has ended."""
    one = running(scheme, 100_00)
    wish = Wish(number(scheme, ANN), "second_pension", 1_000_00, arrives=False, said={})
    taken, _ = steps.ask(scheme.connection, wish, own(), by("ann", "2026-06-20"))
    steps.prove(scheme.connection, taken.withdrawal.number, 0, *PAPER[0], by("ann", "2026-06-20"))
    steps.approve(scheme.connection, taken.withdrawal.number, by("olive", "2026-06-20"))
    assert [(m.amount, m.withdrawal, m.emptied) for m in made(scheme, "2026-08-01")] == [(0, None, True)]
    assert made(scheme, "2026-08-01") == []
    assert read_income(scheme.connection, one).state == "ended"


def test_a_run_that_dies_made_nothing_of_its_month(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the second of three months: the first stays made, the others are made next time, each once."""
    one = running(scheme, 100_00)
    finish, calls = income._stepped, []

    def killed(*words: object, **more: object) -> Income:
        calls.append(words)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return finish(*words, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("lifepot.withdrawals.income._stepped", killed)
        with pytest.raises(KeyboardInterrupt):
            made(scheme, "2026-09-01")
    scheme.connection.rollback()
    assert [m.month for m in made(scheme, "2026-09-01")] == ["2026-08", "2026-09"]
    months = [month["month"] for month in read_income(scheme.connection, one).as_dict()["months"]]
    assert months == ["2026-07", "2026-08", "2026-09"]
    assert scheme.pots()[f"leaving {ANN[:8]}"] == 300_00


def test_two_runs_at_once_make_each_month_once(server: EmbeddedServer, tmp_path: Path) -> None:
    """Four runs at once share nine months of two incomes among them: no month is missing and none is there twice."""
    with opened_database(server) as database, database.connect() as connection:
        scheme = filled(Scheme(connection, tmp_path))
        numbers = [running(scheme, 50_00), running(scheme, 20_00, day=15)]

        def one_run(_: int) -> list[Made]:
            with database.connect() as own_connection:
                return make_due(own_connection, by("pat", "2027-03-20"))

        with ThreadPoolExecutor(4) as pool:
            found = [one for some in pool.map(one_run, range(4)) for one in some]
        counted = Counter((one.income, one.month) for one in found)
        assert len(counted) == 9 + 10
        assert set(counted.values()) == {1}
        for one in numbers:
            assert len(read_income(connection, one).paid) == sum(income == one for income, _ in counted)
        scheme.check()
        connection.rollback()


def test_whoever_asks_does_not_approve(scheme: Scheme) -> None:
    """Neither an income nor its change, however small; and before another person approves, nothing is made."""
    one = asked(scheme, 1_00)
    with pytest.raises(LifepotError, match="does not approve"):
        income.approve(scheme.connection, one.number, by("ann", "2026-06-15"))
    assert made(scheme, "2026-08-01") == []
    income.approve(scheme.connection, one.number, by("olive", "2026-08-02"))
    assert [m.month for m in made(scheme, "2026-08-02")] == ["2026-07", "2026-08"]
    income.change(scheme.connection, one.number, 2_00, None, by("olive", "2026-08-03"))
    with pytest.raises(LifepotError, match="does not approve"):
        income.approve(scheme.connection, one.number, by("olive", "2026-08-03"))


def test_a_change_holds_from_the_next_month_once_it_is_approved(scheme: Scheme) -> None:
    """Asked in July for £150 on the 20th: August is still £100 on the first while nobody agreed, September the new terms."""
    one = running(scheme, 100_00)
    made(scheme, "2026-07-01")
    income.change(scheme.connection, one, 150_00, 20, by("ann", "2026-07-10"))
    assert [m.amount for m in made(scheme, "2026-08-01")] == [100_00]
    income.approve(scheme.connection, one, by("olive", "2026-08-05"))
    assert made(scheme, "2026-09-19") == []
    assert [(m.month, m.amount) for m in made(scheme, "2026-09-20")] == [("2026-09", 150_00)]
    income.change(scheme.connection, one, 900_00, None, by("ann", "2026-09-21"))
    income.decline(scheme.connection, one, by("olive", "2026-09-21"))
    assert [m.amount for m in made(scheme, "2026-10-20")] == [150_00]


def test_stopped_it_makes_what_was_due_before_and_no_more(scheme: Scheme) -> None:
    """Stopped on 1 September, before that day's month was made: August is still owed, September is not."""
    one = running(scheme, 100_00)
    made(scheme, "2026-07-01")
    income.stop(scheme.connection, one, by("ann", "2026-09-01"))
    assert [m.month for m in made(scheme, "2026-12-01")] == ["2026-08"]
    with pytest.raises(LifepotError, match="is stopped"):
        income.stop(scheme.connection, one, by("ann", "2026-12-01"))


def test_declined_nothing_is_ever_made(scheme: Scheme) -> None:
    """What was refused cannot be approved any more."""
    one = asked(scheme, 100_00)
    assert income.decline(scheme.connection, one.number, by("olive", "2026-06-16")).state == "declined"
    with pytest.raises(LifepotError, match="Nothing of income"):
        income.approve(scheme.connection, one.number, by("olive", "2026-06-16"))
    assert made(scheme, "2026-12-01") == []


def test_a_month_of_an_income_is_a_withdrawal_like_any_other(scheme: Scheme) -> None:
    """Cancelled before it was sent, its money is back in the pot, and the month is not made a second time."""
    running(scheme, 100_00)
    (july,) = made(scheme, "2026-07-01")
    assert july.withdrawal is not None
    steps.cancel(scheme.connection, july.withdrawal, by("ann", "2026-07-02"))
    assert sum(scheme.pot(ANN)[party] for party in ("worker", "employer")) == 1_000_00
    assert made(scheme, "2026-07-31") == []


def test_it_waits_where_nobody_knows_any_more_to_whom(scheme: Scheme) -> None:
    """Once the person was erased, account and evidence are gone; the month is not made and not lost: it waits, each time."""
    running(scheme, 100_00)
    erase(scheme.connection, number(scheme, ANN), by("olive", "2026-07-20"))
    for table in ("income", "income_evidence"):
        assert scheme.one(f"select count(*) from personal.{table}") == 0
    for _ in range(2):
        assert ["no longer known" in one.because for one in made(scheme, "2026-08-01")] == [True]


def test_it_is_asked_for_as_the_rulebook_says(scheme: Scheme) -> None:
    """Not before the age, not without its evidence, not for a purpose that pays others, not for yesterday, not for nothing."""
    with pytest.raises(LifepotError, match=r"purposes.second_pension.*second_pension_age|second_pension"):
        asked(scheme, 100_00, nino=BOB)
    wish = Wish(number(scheme, ANN), "second_pension", 100_00, arrives=False, said={})
    at = by("ann", "2026-06-15")
    with pytest.raises(LifepotError, match="pieces of evidence"):
        income.ask(scheme.connection, wish, 1, at.as_of, own(), [], at)
    with pytest.raises(Misuse, match="today or later"):
        income.ask(scheme.connection, wish, 1, at.as_of - 1, own(), PAPER, at)
    with pytest.raises(Misuse, match="from 1 to 31"):
        income.ask(scheme.connection, wish, 32, at.as_of, own(), PAPER, at)
    home = Wish(wish.member, "first_home", 100_00, arrives=False, said={})
    with pytest.raises(LifepotError, match="no regular income for first_home"):
        income.ask(scheme.connection, home, 1, at.as_of, own(), PAPER, at)
    with pytest.raises(Misuse, match="no income 99"):
        read_income(scheme.connection, 99)
    scheme.connection.rollback()


days = st.integers(parse_day("2026-01-01"), parse_day("2031-12-31"))


@given(days, st.integers(1, 31))
def test_a_month_is_due_in_itself(on: int, day: int) -> None:
    """The due day lies in its month, is the day asked for or the month's last, and the first month is the nearest."""
    month = month_of(on)
    due = due_on(month, day)
    assert month_of(due) == month
    assert format_day(due)[:7] == month_text(month)
    assert int(format_day(due)[8:]) == day or month_of(due + 1) == month + 1
    first = first_month(day, on)
    assert due_on(first, day) >= on > due_on(first - 1, day)


@given(
    days, st.integers(1, 31), st.lists(st.tuples(st.integers(0, 70), st.none() | st.integers(1, 31)), max_size=30)
)  # fmt: skip
def test_no_month_is_due_twice_and_none_is_left_out(
    begins: int, day: int, visits: list[tuple[int, int | None]]
) -> None:
    """However often it is looked at, and however the day of the month is changed on the way, the months that were made are all
    from the first to the last, each once; and none is due by its terms that was not made.
    """
    terms = [Terms(1, day, first_month(day, begins))]
    made_: list[int] = []
    now = begins
    for gap, changed in visits:
        now += gap
        for one in months_due(terms, made_, now):
            assert one.on <= now
            made_.append(one.month)
        if changed is not None:
            earliest = max([first_month(changed, now), terms[-1].from_month, *(month + 1 for month in made_)])
            terms.append(Terms(1, changed, earliest))
    made_ += [one.month for one in months_due(terms, made_, now)]
    assert made_ == list(range(terms[0].from_month, terms[0].from_month + len(made_)))
    following = terms[0].from_month + len(made_)
    holding = [one for one in terms if one.from_month <= following]
    assert due_on(following, holding[-1].day) > now


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 75), st.integers(0, 3)), min_size=1, max_size=6), st.integers(50, 600))
def test_whatever_happens_no_month_twice_none_skipped_no_pot_below_nothing(
    server: EmbeddedServer, visits: list[tuple[int, int]], pounds: int
) -> None:
    """Runs at any distance with payments in and money taken out between them: the months made are all that were due, each once,
    what was paid is what the terms say or what was there, and every law of the books holds.
    """
    with TemporaryDirectory() as folder, opened(server, Path(folder)) as scheme:
        filled(scheme)
        one = running(scheme, pounds * 100, day=31)
        now = parse_day("2026-06-15")
        for gap, what in visits:
            now += gap
            before = sum(scheme.pot(ANN).get(party, 0) for party in ("worker", "employer", "government"))
            found = made(scheme, format_day(now))
            for month in found:
                there = min(before, pounds * 100)
                assert month.amount == there
                before -= there
                assert month.emptied == (before == 0)
            scheme.check()
            if what == 1:
                scheme.told([paid(ANN, format_day(now), "75.00", born=OLD)], now)
            elif what == 2:
                run(scheme, on=format_day(now))
            elif what == 3 and before > 10_00:
                wish = Wish(number(scheme, ANN), None, 10_00, arrives=False, said={})
                try:
                    taken, _ = steps.ask(scheme.connection, wish, own(), by("ann", format_day(now)))
                    steps.approve(scheme.connection, taken.withdrawal.number, by("olive", format_day(now)))
                except LifepotError:
                    scheme.connection.rollback()
        state = read_income(scheme.connection, one)
        months = [int(step.said["month"]) for step in state.paid]
        first = month_of(parse_day("2026-06-30"))
        assert months == list(range(first, first + len(months)))
        if state.state == "running":
            assert due_on(first + len(months), 31) > now
        scheme.connection.rollback()
        assert not verify(scheme.connection).problems


def test_by_command_from_asking_to_the_bank(server: EmbeddedServer, tmp_path: Path) -> None:
    """`withdraw income`, `income approve`, `pay`: the file for the bank has the month, and the next run says there is nothing."""
    with opened_database(server) as database:
        with database.connect() as connection:
            filled(Scheme(connection, tmp_path))
        paper = tmp_path / "bank.pdf"
        paper.write_bytes(b"%PDF")
        there = ("--database", database.url, "--json")
        to = ("--name", "Ann Archer", "--sort-code", "20-00-00", "--account", "55779911", "--evidence", paper)
        code, out = command(
            "withdraw", "income", ANN, "250.00", "--day", 1, *to, "--as-of", "2026-06-15", "--as", "ann", *there
        )
        told = json.loads(out)
        assert (code, told["state"], told["waiting"]["from"], told["checked"]) == (0, "asked", "2026-07", "unchecked")
        one = told["income"]
        code, out = command("income", "approve", one, "--as", "olive", "--as-of", "2026-06-16", *there)
        assert (code, json.loads(out)["state"]) == (0, "running")
        file = tmp_path / "run.xml"
        code, out = command("pay", "--out", file, "--as-of", "2026-07-01", "--as", "pat", *there)
        told = json.loads(out)
        assert (code, told["payments"], told["amount_minor"]) == (0, 1, 250_00)
        assert [month["month"] for month in told["incomes"]] == ["2026-07"]
        assert "250.00" in file.read_text()
        code, out = command("pay", "--out", file, "--as-of", "2026-07-01", "--as", "pat", *there)
        assert (code, json.loads(out)) == (0, {"run": None, "incomes": []})
        code, out = command("income", "show", one, "--database", database.url)
        assert (code, "2026-07  £250.00" in out) == (0, True)
        code, out = command("income", "change", one, "--amount", "10.00", "--as-of", "2026-07-02", *there)
        assert (code, json.loads(out)["waiting"]["amount_minor"]) == (0, 10_00)
        assert command("income", "change", one, *there)[0] == 2
        code, out = command("income", "stop", one, "--as-of", "2026-07-03", *there)
        assert (code, json.loads(out)["state"]) == (0, "stopped")
        assert json.loads(command("income", "list", *there)[1]) == []
        assert len(json.loads(command("income", "list", "--all", *there)[1])) == 1

"""One fact put right by two people with a reason: the difference is posted, the books prove, and why tells it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schemes import ANN, BOB, Scheme, clock, opened, paid, pay, says
from tests.test_why_booked import number, statement, told

from lifepot.audit.verify import verify
from lifepot.errors import LifepotError, Misuse
from lifepot.periods import parse_day
from lifepot.scheme.correcting import Corrected, Correction, correct
from lifepot.scheme.people import merge
from lifepot.storage.server import EmbeddedServer

NEVER = Correction(never_happened=True)


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann is paid by ACME and pays in herself; the books are proved in the end."""
    with opened(server, tmp_path) as one:
        one.told([pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00"), pay(BOB, "2026-04-30", "900.00")], "2026-05-01")
        one.told([paid(ANN, "2026-05-10", "100.00")], "2026-05-11")
        yield one
        one.connection.rollback()
        proved(one)


def proved(scheme: Scheme) -> None:
    """The laws hold, and an independent path finds the same."""
    scheme.check()
    scheme.connection.rollback()
    found = verify(scheme.connection)
    assert not found.problems, found.lines()
    scheme.connection.rollback()


def fact_of(scheme: Scheme, nino: str, kind: int) -> int:
    """A member's last fact of a kind."""
    return int(scheme.one("select max(id) from fact where member = %s and kind = %s", [number(scheme, nino), kind]))


def put_right(scheme: Scheme, fact: int, correction: Correction, *, preview: bool = False, **more: Any) -> Corrected:
    """Asked for by Olive, approved by Pat."""
    said = {"reason": "a slip of the keyboard", "asked_by": "olive", "approved_by": "pat"} | more
    return correct(scheme.connection, fact, correction, clock("2026-06-01"), preview=preview, **said)


def test_a_payment_put_right_is_as_if_it_had_been_told_so(
    scheme: Scheme, server: EmbeddedServer, tmp_path: Path
) -> None:
    """£100 was £80: every account stands as in a scheme that was told £80; the preview said so and kept nothing."""
    fact, before, place = fact_of(scheme, ANN, 2), scheme.pots(), scheme.place()
    shown = put_right(scheme, fact, Correction(amount=80_00), preview=True)
    assert (scheme.pots(), scheme.place(), shown.state, shown.place) == (before, place, "preview", None)
    done = put_right(scheme, fact, Correction(amount=80_00))
    assert done.by_rule == shown.by_rule
    assert {one["rule"]: one["sent_minor"] + one["owed_minor"] for one in done.by_rule}["government.match"] == -10_00
    with opened(server, tmp_path) as other:
        other.told(
            [pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00"), pay(BOB, "2026-04-30", "900.00")], "2026-05-01"
        )
        other.told([paid(ANN, "2026-05-10", "80.00")], "2026-05-11")
        assert scheme.pots() == other.pots()


def test_a_pay_that_never_happened_takes_all_of_it_back(scheme: Scheme) -> None:
    """Ann's April goes: what it brought is gone, Bob's stands, and the fact cannot be corrected a second time."""
    fact = fact_of(scheme, ANN, 1)
    done = put_right(scheme, fact, NEVER)
    assert done.now is None
    assert scheme.pot(ANN).get("employer", 0) == 0
    assert scheme.pot(BOB)
    with pytest.raises(LifepotError, match="was taken away"):
        put_right(scheme, fact, Correction(earnings=1))


def test_a_correction_is_corrected_and_the_first_is_not(scheme: Scheme) -> None:
    """The fact that took its place may be put right in turn; the one it replaced names it."""
    fact = fact_of(scheme, ANN, 1)
    first = put_right(scheme, fact, Correction(earnings=1100_00, worker=33_00))
    with pytest.raises(LifepotError, match=f"was replaced by fact {first.new_fact}"):
        put_right(scheme, fact, Correction(earnings=1_00))
    assert first.new_fact is not None
    second = put_right(
        scheme, first.new_fact, Correction(earnings=1000_00, worker=30_00, effective_on=parse_day("2026-04-29"))
    )
    assert second.as_dict()["now"] == {
        "earnings_minor": 1000_00, "worker_minor": 30_00, "employer_minor": 30_00, "effective_on": "2026-04-29",
    }  # fmt: skip


def test_nobody_approves_what_they_asked_for(scheme: Scheme) -> None:
    """One name twice, however it is written, and a correction without reason, are refused, and nothing is kept."""
    fact, place = fact_of(scheme, ANN, 2), scheme.place()
    with pytest.raises(LifepotError, match="does not approve"):
        put_right(scheme, fact, NEVER, asked_by="Pat ")
    for missing in ("reason", "asked_by", "approved_by"):
        with pytest.raises(Misuse, match="has a reason"):
            put_right(scheme, fact, NEVER, **{missing: " "})
    assert scheme.place() == place


@pytest.mark.parametrize(
    ("kind", "correction", "word"),
    [
        (2, Correction(earnings=5), "no earnings"),
        (1, Correction(amount=5), "no amount"),
        (2, Correction(), "or that it never happened"),
        (2, Correction(amount=5, never_happened=True), "or that it never happened"),
        (2, Correction(amount=-1), "below nothing"),
        (2, Correction(amount=100_00), "says so already"),
        (2, Correction(effective_on=parse_day("2030-01-01")), "so far ahead"),
    ],
)
def test_what_makes_no_sense_is_misuse(scheme: Scheme, kind: int, correction: Correction, word: str) -> None:
    """A column that the fact has not, nothing said, both said, below nothing, the same again, years ahead."""
    with pytest.raises(Misuse, match=word):
        put_right(scheme, fact_of(scheme, ANN, kind), correction)


def test_only_pays_and_payments_are_corrected_so(scheme: Scheme) -> None:
    """A word about a person and a fact that there is not are refused, each with what to do instead."""
    scheme.told([says(ANN, "2026-05-12", "caring", "yes")], "2026-05-13")
    with pytest.raises(LifepotError, match="neither a pay nor a payment"):
        put_right(scheme, fact_of(scheme, ANN, 0), NEVER)
    with pytest.raises(Misuse, match="no fact 12345"):
        put_right(scheme, 12345, NEVER)


def test_why_tells_who_put_it_right_and_for_what_reason(scheme: Scheme) -> None:
    """The replaced fact says what changed, why, and by whose word; a removal too; the batch's summary has the same."""
    fact = fact_of(scheme, ANN, 2)
    done = put_right(scheme, fact, Correction(amount=80_00))
    answers = told(scheme, fact=fact)
    (note,) = next(iter(answers.notes.values()))
    assert (
        "the amount from £100.00 to £80.00 (by hand: a slip of the keyboard; asked for by olive, approved by pat)"
        in note
    )
    assert scheme.one("select summary from batch where place = %s", [done.place]) == {
        "fact": fact, "member": 1, "reason": "a slip of the keyboard", "asked_by": "olive", "approved_by": "pat",
    }  # fmt: skip
    gone = fact_of(scheme, ANN, 1)
    put_right(scheme, gone, NEVER)
    assert any(
        "was taken away (by hand: a slip of the keyboard" in one.because for one in told(scheme, fact=gone).answers
    )
    assert all(statement(scheme).reasons.values())


def test_a_file_that_replaces_the_period_finds_the_corrected_fact(scheme: Scheme) -> None:
    """ACME sends April again, as it first told it: the correction is replaced in turn, and the pots are as they were."""
    before = scheme.pots()
    put_right(scheme, fact_of(scheme, ANN, 1), Correction(earnings=1100_00, worker=33_00))
    april = [
        pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00", reason="as first told"),
        pay(BOB, "2026-04-30", "900.00"),
    ]
    reply = scheme.told(april, "2026-06-05", "replaces")
    assert (reply.replaced, reply.unchanged) == (1, 1)
    assert scheme.pots() == before


def test_a_merged_members_fact_is_put_right_under_the_other(scheme: Scheme) -> None:
    """Bob was found to be Ann: his pay is corrected under his old number, and it is her account that changes."""
    fact = fact_of(scheme, BOB, 1)
    ann = number(scheme, ANN)
    merge(scheme.connection, number(scheme, BOB), ann, clock("2026-05-20"))
    before = scheme.pots()
    put_right(scheme, fact, NEVER)
    after = scheme.pots()
    # Both NINOs name one member now, and the pots stand under either.
    changed = {
        name.split()[1] for name in {*before, *after} if before.get(name) != after.get(name) and "worker" in name
    }
    assert changed <= {ANN[:8], BOB[:8]}
    assert sum(after.get(f"worker_owed {who[:8]}", 0) for who in (ANN, BOB)) < sum(
        before.get(f"worker_owed {who[:8]}", 0) for who in (ANN, BOB)
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3000_00), st.integers(0, 40)), min_size=1, max_size=3))
def test_any_corrections_leave_books_that_prove(scheme: Scheme, moves: list[tuple[bool, int, int]]) -> None:
    """Whatever is put right after whatever, on whatever day, the laws hold and the audit agrees."""
    for on_pay, minor, days in moves:
        day = parse_day("2026-04-20") + days
        right = (
            Correction(earnings=minor, worker=minor // 20, effective_on=day)
            if on_pay
            else Correction(amount=minor, effective_on=day)
        )
        with suppress(Misuse):  # what is drawn may be said already
            put_right(scheme, fact_of(scheme, ANN, 1 if on_pay else 2), right)
    proved(scheme)

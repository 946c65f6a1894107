"""Laws of accounts that move, are divided and are passed on, held by random lives: nothing is lost, doubled or below nothing."""

import tempfile
from collections import Counter
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.commanding import sound
from tests.schemes import ANN, BOB, Row, Scheme, clock, opened, paid, pay, says, withdrawn

from lifepot.errors import LifepotError
from lifepot.household.heirs import pass_on
from lifepot.household.orders import divide, undo
from lifepot.kernel.columns import Kind
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.reader import shipped
from lifepot.scheme.moving import move_in, move_out
from lifepot.scheme.statement import find_member
from lifepot.storage.server import EmbeddedServer

FIRST_DAY = parse_day("2026-02-20")

money = st.sampled_from(["0.50", "33.33", "250.00", "900.00", "1300.00"])
happening = st.one_of(
    st.tuples(st.just("pay"), money, st.sampled_from(["", "5.00", "30.00", "60.00"])),
    st.tuples(st.just("paid"), money),
    st.tuples(st.just("withdrawn"), money, st.sampled_from(["", "student_loan"])),
    st.tuples(st.just("status"), st.integers(0, 9).map(str), st.sampled_from(["yes", "no"])),
)
lives = st.lists(st.tuples(st.integers(1, 25), happening), min_size=1, max_size=6)
bounded = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def rows_of(
    life: list[tuple[int, tuple[str, ...]]], after: int, nino: str = ANN, rulebook: str = "lifetime-savings-account"
) -> tuple[list[Row], int]:
    """A life told from a day on, a row each so many days after the one before; and the last day."""
    on, rows = after, []
    declared = [name for name, one in shipped(rulebook).attributes.items() if one.kind == "yes_no"]
    for days, (kind, *said) in life:
        on += days
        day = format_day(on)
        if kind == "pay":
            rows.append(pay(nino, day, said[0], said[1], said[1], period_start=day, period_end=day))
        elif kind == "paid":
            rows.append(paid(nino, day, said[0]))
        elif kind == "withdrawn":
            rows.append(withdrawn(nino, day, said[0], said[1]))
        elif declared:
            rows.append(says(nino, day, declared[int(said[0]) % len(declared)], said[1]))
    return rows, on


def given_by_rule(*schemes: Scheme) -> Counter[str]:
    """What each rule gave and took in all of them, pence."""
    found: Counter[str] = Counter()
    for scheme in schemes:
        for rule, amount in scheme.connection.execute(
            "select rule.name, sum(case when (credit >> 40) < 64 then amount else 0 end - case when (debit >> 40) < 64 then amount else 0 end)::bigint "
            "from transfer join rule on rule.id = transfer.rule group by 1"
        ).fetchall():
            found[rule] += amount
    return Counter({rule: amount for rule, amount in found.items() if amount})


def usable_in(scheme: Scheme) -> dict[str, int]:
    """What of Ann's pot can be used, by share."""
    words = ("owed", "overdrawn", "leaving")
    return {name: minor for name, minor in scheme.pot(ANN).items() if not any(word in name for word in words)}


def told(schemes: list[Scheme], rows: list[Row], as_of: int) -> None:
    """The same rows told to each: what only somebody with an account can do comes second."""
    out = [row for row in rows if row["kind"] == "withdrawn"]
    for some in ([row for row in rows if row["kind"] != "withdrawn"], out):
        for scheme in schemes if some else []:
            reply = scheme.tell(some, as_of, "adds")
            assert reply.state == "received", reply.lines()


OTHERS = ("nz-kiwisaver", "uk-help-to-save", "uk-lifetime-isa", "uk-automatic-enrolment", "sg-cpf")


@bounded
@given(
    rulebook=st.just("lifetime-savings-account") | st.sampled_from(OTHERS),
    before=lives,
    between=st.integers(0, 20),
    after=lives,
)
def test_who_moved_is_given_what_who_stayed_is_given(
    server: EmbeddedServer,
    rulebook: str,
    before: list[tuple[int, tuple[str, ...]]],
    between: int,
    after: list[tuple[int, tuple[str, ...]]],
) -> None:
    """Rule by rule, both schemes together give what one gives to the same life; what was usable is usable there; both prove."""
    with ExitStack() as stack:
        here, there, stayed = (
            stack.enter_context(opened(server, Path(stack.enter_context(tempfile.TemporaryDirectory())), rulebook))
            for _ in range(3)
        )
        first, on = rows_of(before, FIRST_DAY, rulebook=rulebook)
        told([here, stayed], [paid(ANN, format_day(FIRST_DAY), "10.00"), *first], on)
        moving = on + between
        here.settle(moving)
        usable = usable_in(here)
        try:
            left = move_out(here.connection, find_member(here.connection, ANN), "Next", clock(moving))
        except LifepotError:
            here.connection.rollback()
            return
        assert move_in(there.connection, left.text.encode(), "ann", clock(moving)).faults == []
        assert usable_in(there) == usable
        assert sum(usable.values()) == left.moved
        later, last = rows_of(after, moving, rulebook=rulebook)
        told([there, stayed], later, last)
        for scheme in (here, there, stayed):
            scheme.settle(last + 900)
        assert given_by_rule(here, there) == given_by_rule(stayed)
        sound(here)
        sound(there)


steps = st.one_of(
    st.tuples(st.just("divide"), st.sampled_from([(ANN, BOB), (BOB, ANN)]), st.sampled_from(["1/2", "33/100", "1"])),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("die"), st.sampled_from([ANN, BOB])),
    st.tuples(st.just("pass_on"), st.sampled_from([ANN, BOB])),
    st.tuples(st.just("replace"), money),
    st.tuples(st.just("live"), st.sampled_from([ANN, BOB]), lives),
)


@bounded
@given(drawn=st.lists(steps, min_size=3, max_size=8))
def test_divided_and_passed_on_in_any_order(server: EmbeddedServer, drawn: list[tuple[str, ...]]) -> None:
    """Whatever order divisions, undoings, deaths, corrections and payments come in, the laws hold and `verify` finds nothing."""
    with opened(server, Path(tempfile.mkdtemp())) as scheme:
        on = FIRST_DAY
        month = {"period_start": "2026-02-01", "period_end": "2026-02-28"}
        scheme.told([pay(nino, "2026-02-20", "1000.00", "30.00", "30.00", **month) for nino in (ANN, BOB)], on)
        scheme.told([paid(nino, "2026-02-20", "700.00") for nino in (ANN, BOB)], on)
        given_before = given_by_rule(scheme)
        orders: list[tuple[int, int]] = []
        for step, *said in drawn:
            on += 3
            try:
                on = _taken(scheme, step, said, on, orders)
            except LifepotError:
                scheme.connection.rollback()
            scheme.check()
            assert scheme.pots().get("between_members", 0) == 0
        if {step for step, *_ in drawn} <= {"divide", "undo", "pass_on"}:
            assert given_by_rule(scheme) == given_before
        scheme.settle(on + 40)
        assert scheme.settle(on + 40).transfers == 0
        sound(scheme)


def _taken(scheme: Scheme, step: str, said: list[object], on: int, orders: list[tuple[int, int]]) -> int:
    """Takes a step on a day; gives the last day that it told of."""
    connection = scheme.connection
    match step, said:
        case "divide", [(giver, taker), part]:
            pair = find_member(connection, giver), find_member(connection, taker)
            orders.append(pair)
            divide(connection, *pair, f"order {len(orders) - 1}", Fraction(str(part)), clock(on))
        case "undo", [int(nth)] if nth < len(orders):
            undo(connection, *orders[nth], f"order {nth}", clock(on))
        case "die", [nino]:
            scheme.tell([{"kind": Kind.DIED.name.lower(), "nino": str(nino), "on": format_day(on)}], on)
        case "pass_on", [nino]:
            member = find_member(connection, str(nino))
            known = connection.execute("select 1 from personal.heir where member = %s", [member]).fetchone()
            pass_on(connection, member, {} if known else {"Jo": Fraction("1/3"), "Mo": Fraction("2/3")}, clock(on))
        case "replace", [earnings]:
            month = {"period_start": "2026-02-01", "period_end": "2026-02-28"}
            scheme.tell([pay(ANN, "2026-02-20", str(earnings), "0.00", "0.00", **month)], on, "replaces")
        case "live", [nino, life]:
            rows, on = rows_of(life, on, str(nino))  # type: ignore[arg-type]
            told([scheme], rows, on)
    return on

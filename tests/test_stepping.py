"""Stepping held against the rows driver, the ledger and its own promises, on lives as the lab lives them."""

import time
from pathlib import Path

import numpy as np
import pytest
from tests.monthly_lives import Fact, MonthlyLife, by_rows, by_steps, draw_lives
from tests.schemes import ANN, BOB, Row, opened

from lifepot.errors import Misuse
from lifepot.kernel.columns import NONE, PARTIES, Kind
from lifepot.kernel.program import Program, compile_program
from lifepot.kernel.stepping import Stepper, available, may_withdraw, month_end, pot, step
from lifepot.kernel.stepping_rows import months_on
from lifepot.periods import add_months, add_months_to, format_day, month_index, month_start, parse_day
from lifepot.population.months import last_days
from lifepot.rulebook.reader import parse_rulebook, rulebook_text, shipped
from lifepot.storage.server import EmbeddedServer

BORN = parse_day("1990-01-01")
PAY, PAID, WITHDRAWN, STATUS = int(Kind.PAY), int(Kind.PAID), int(Kind.WITHDRAWN), int(Kind.STATUS)

STEPPED = (
    "lifetime-savings-account", "uk-automatic-enrolment", "uk-lifetime-isa", "uk-help-to-save", "uk-saving-gateway",
    "ippr-lifetime-bonus", "uk-student-loan", "fr-mon-compte-formation", "us-savers-match",
)  # fmt: skip


def program_of(name: str, old: str = "", new: str = "") -> Program:
    """A shipped rulebook's program, with one thing changed in it, which must be there."""
    text, file = rulebook_text(name)
    assert old in text
    rulebook, faults = parse_rulebook(text.replace(old, new, 1), file)
    assert rulebook is not None, faults
    return compile_program(rulebook)


@pytest.mark.parametrize("name", STEPPED)
@pytest.mark.parametrize(("seed", "busy"), [(1, 0.5), (2, 0.9), (3, 0.15)])
def test_stepping_gives_what_the_rows_driver_gives(name: str, seed: int, busy: float) -> None:
    """For each person, rule and month, to the penny: whatever they were told, in whatever order the months came."""
    program, days = compile_program(shipped(name)), last_days(66)
    lives = draw_lives(program, np.random.default_rng(seed), days, 60, busy=busy)
    rows = by_rows(program, lives, days)
    steps, registers = by_steps(stepper := Stepper(program, days), lives)
    assert len(rows) > 50, "something happened"
    assert steps == rows
    assert not stepper.lost(registers).any()


def test_days_need_not_be_the_last_of_a_month() -> None:
    """Rows may stand on another day of each month, in years before the lab's own."""
    program = compile_program(shipped("uk-help-to-save"))
    months = month_index(np.array([parse_day("2018-10-01")])) + np.arange(60)
    days = month_start(months) + 11
    lives = draw_lives(program, np.random.default_rng(5), days, 60)
    rows = by_rows(program, lives, days)
    assert len(rows) > 100
    assert by_steps(Stepper(program, days), lives)[0] == rows


def test_many_statuses_hold_on_all_of_their_day() -> None:
    """Opening, opting out and going back in, profit and care said all on one day bring what they bring to the rows driver."""
    program, days = compile_program(shipped("lifetime-savings-account")), last_days(30)
    named = {name: program.attribute(name) for name in program.attributes}
    luck = np.random.default_rng(11)
    lives = []
    for _ in range(80):
        months: list[list[Fact]] = [[] for _ in days]
        for month in luck.choice(30, 12, replace=False):
            said = luck.choice(["opted_out", "opted_out", "profit", "caring", "learning"], luck.integers(1, 6))
            facts = [
                Fact(STATUS, attribute=named[one], value=int(luck.integers(0, 2)) * (100_000 if one == "profit" else 1))
                for one in said
            ]
            facts += [Fact(PAY, 1, 0, int(luck.choice([0, 90_000])))] * int(luck.integers(0, 3))
            facts += [Fact(PAID, 0, 5_000)] * int(luck.integers(0, 2))
            months[month] = facts
        lives.append(MonthlyLife(BORN, months))
    rows = by_rows(program, lives, days)
    steps, registers = by_steps(stepper := Stepper(program, days), lives)
    assert len(rows) > 100
    assert steps == rows
    assert not stepper.lost(registers).any()


def test_the_ledger_posts_what_stepping_gives(server: EmbeddedServer, tmp_path: Path) -> None:
    """The same months told to a scheme in files leave the same money in the pot, of each party."""
    program = compile_program(shipped("lifetime-savings-account"))
    days = last_days(20)
    firsts = month_start(month_index(days))
    stepper = Stepper(program, days)
    registers, out = stepper.start(np.array([BORN, BORN])), stepper.out()
    rows: list[Row] = []
    for who, nino in enumerate((ANN, BOB)):
        for month in range(20):
            earnings = 150_000 + 1_100 * month * (who + 1)
            facts = [Fact(PAY, 1, 0, earnings, NONE, earnings * 3 // 100, earnings * 3 // 100)]
            facts += [Fact(PAID, 0, 12_345)] if month % 3 == 0 else []
            facts += [Fact(WITHDRAWN, 0, 9_999)] if month in {9, 14} else []
            facts += [Fact(WITHDRAWN, 0, 20_000, value=0)] if month == 17 else []
            for fact in facts:
                step(stepper.tables, registers[who], out, month, *fact)
                rows.append(_told(nino, fact, int(firsts[month]), int(days[month])))
            month_end(stepper.tables, registers[who], out, month)
    with opened(server, tmp_path) as scheme:
        out_again = [row for row in rows if row["kind"] == "withdrawn"]
        scheme.told([row for row in rows if row["kind"] != "withdrawn"], int(days[-1]))
        scheme.told(out_again, int(days[-1]))
        for who, nino in enumerate((ANN, BOB)):
            posted = scheme.pot(nino)
            stands = [sum(amount for name, amount in posted.items() if name.startswith(party)) for party in PARTIES]
            assert stands == [int(pot(stepper.tables, registers[who], 0, party)) for party in range(3)]
            assert stands[0] > 0
            assert stands[2] > 0


def _told(nino: str, fact: Fact, first: int, last: int) -> Row:
    row = {"nino": nino, "on": format_day(last), "born": format_day(BORN)}

    def pounds(minor: int) -> str:
        return "" if minor == NONE else f"{minor // 100}.{minor % 100:02d}"

    if fact.kind == PAY:
        return row | {
            "payer": "ACME", "kind": "pay", "frequency": "month", "period_start": format_day(first),
            "period_end": format_day(last), "earnings": pounds(fact.earnings), "worker": pounds(fact.worker), "employer": pounds(fact.employer),
        }  # fmt: skip
    if fact.kind == PAID:
        return row | {"kind": "paid", "amount": pounds(fact.amount)}
    return row | {
        "kind": "withdrawn",
        "amount": pounds(fact.amount),
        "value": "student loan" if fact.value == 0 else "",
    }


def test_a_changed_figure_is_ready_at_once() -> None:
    """A stepper with another figure takes no time to compile, and gives what the rulebook with that figure gives."""
    old = "dated: {2016-04-06: 50p per £1}"
    days = last_days(40)
    program, changed = (
        program_of("lifetime-savings-account"),
        program_of("lifetime-savings-account", old, "dated: {2016-04-06: 35%}"),
    )
    lives = draw_lives(program, np.random.default_rng(3), days, 20)
    by_steps(Stepper(program, days), lives[:1])
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        stepper = Stepper(program, days, changed={"match_rate": "35%"})
        by_steps(stepper, [MonthlyLife(BORN, [[Fact(PAID, 0, 1_000)]])])
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.1
    steps, _ = by_steps(stepper, lives)
    assert steps == by_rows(changed, lives, days)
    assert steps != by_rows(program, lives, days)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("nz-kiwisaver", "membership: pauses"),
        ("ie-my-future-fund", "membership: pauses"),
        ("sg-skillsfuture", "accounts.topup_2020: expires_on"),
        ("sg-cpf", "membership: per: job"),
    ],
)
def test_what_is_not_stepped_is_refused(name: str, named: str) -> None:
    """A rulebook with a term that is not stepped exactly is refused when the stepper is made, and the term is named."""
    with pytest.raises(Misuse) as refused:
        Stepper(compile_program(shipped(name)), last_days(24))
    assert named in refused.value.message


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{over: tax_year, taken_out: newest_first}", "{over: tax_year, taken_out: newest_first, per: job}", "taken_out"),
        ('by: "2", since', 'by: "0", since', "earlier"),
        ('{what: pay.earnings, above: "0"}', '{what: pay.earnings, together: all_jobs, above: "0"}', "together"),
        ('    kind: yes_no\n    default: "no"\n    aliases: [carer', '    kind: yes_no\n    default: "yes"\n    aliases: [carer', "present.caring"),
        ("[{party: worker}, {party", "[{party: worker, since: 2025-01-01}, {party", "a refund of a part"),
        ("      - rate: match_rate\n", "      - rate: match_rate\n      - pro_rata: {amount: match_cap, of: taper_to}\n", "all of its steps"),
    ],
)  # fmt: skip
def test_terms_that_are_not_exact_are_refused(old: str, new: str, named: str) -> None:
    """Terms that ask for later facts, for what is not carried, or for more digits than there are, are refused in a rulebook that is otherwise stepped."""
    with pytest.raises(Misuse, match=named.replace(".", r"\.")):
        Stepper(program_of("lifetime-savings-account", old, new), last_days(24))


def test_days_that_are_no_months_are_refused() -> None:
    """Days to step through are one a month, none left out, and none the first of its month."""
    program = compile_program(shipped("lifetime-savings-account"))
    for days in (last_days(24)[::2], month_start(month_index(last_days(3))), last_days(0)):
        with pytest.raises(Misuse):
            Stepper(program, days)


def test_a_purpose_opens_on_its_day() -> None:
    """Retraining may be paid from six months after joining on, and until then there is the worker's own money alone."""
    program = compile_program(shipped("lifetime-savings-account"))
    stepper = Stepper(program, last_days(24))
    own, out = stepper.start(np.array([BORN]))[0], stepper.out()
    retraining = stepper.purpose("retraining")
    may = []
    for month in range(9):
        step(stepper.tables, own, out, month, PAY, 1, 0, 100_000, NONE, NONE, NONE, -1, -1)
        month_end(stepper.tables, own, out, month)
        may.append(bool(may_withdraw(stepper.tables, own, out, month, retraining)))
    # Opened on 30 April: six months on is 30 October.
    assert may == [False] * 6 + [True] * 3
    assert available(stepper.tables, own, out, 8, -1) == 9 * 30_00
    assert available(stepper.tables, own, out, 8, retraining) == 9 * (30_00 + 30_00 + 15_00 + 3_00)
    step(stepper.tables, own, out, 8, WITHDRAWN, 0, 100_00, NONE, NONE, NONE, NONE, -1, -1)
    assert out[stepper.rule("government.match")] == -50_00
    assert available(stepper.tables, own, out, 8, -1) == 9 * 30_00 - 100_00
    assert available(stepper.tables, own, out, 8, retraining) == 9 * (30_00 + 30_00 + 15_00 + 3_00) - 150_00


def test_a_job_more_than_there_is_room_for_is_counted() -> None:
    """A fifth job takes the place of the one that paid longest ago, is worked out like any other, and is counted."""
    program = compile_program(shipped("uk-automatic-enrolment"))
    stepper = Stepper(program, last_days(24), jobs=4)
    own, out = stepper.start(np.array([BORN])), stepper.out()
    for payer in range(1, 6):
        step(stepper.tables, own[0], out, payer, PAY, payer, 0, 152_000, NONE, NONE, NONE, -1, -1)
        assert out[: stepper.rules].tolist() == [40_00, 30_00, 10_00]
        assert stepper.lost(own).tolist() == [int(payer == 5)]
    assert stepper.opened(own).all()


def test_a_figure_that_is_not_there_is_counted() -> None:
    """Where the rulebook has no figure nothing is brought, and the person's gap is counted."""
    program = program_of(
        "lifetime-savings-account", "dated: {2016-04-06: 50p per £1}", "dated: {2024-05-06: 50p per £1}"
    )
    stepper = Stepper(program, last_days(24))
    own, out = stepper.start(np.array([BORN])), stepper.out()
    given = []
    for month in range(2):
        step(stepper.tables, own[0], out, month, PAY, 1, 0, 100_000, NONE, NONE, NONE, -1, -1)
        given.append(int(out[stepper.rule("government.match")]))
    assert given == [0, 30_00]
    assert stepper.gaps(own).tolist() == [1]


def test_months_on_a_day_are_those_of_the_calendar() -> None:
    """The machine's own calendar is that of `periods`."""
    luck = np.random.default_rng(1)
    days, months = luck.integers(-20_000, 60_000, 3_000), luck.integers(0, 60, 3_000)
    assert [months_on(int(day), int(more)) for day, more in zip(days, months, strict=True)] == [
        add_months_to(int(day), int(more)) for day, more in zip(days, months, strict=True)
    ]
    assert months_on(parse_day("2024-01-31"), 1) == int(add_months(np.array([parse_day("2024-01-31")]), 1)[0])

"""The laws of the house that the kernel keeps, over lives that hypothesis makes up, under every shipped rulebook.

Laws 1, 4 and 5 are about what is posted: `test_books.py` and `test_stateful.py` hold them.
"""

import os
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, reject, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.agreement import Owed, agree, last_day, owed, refusals
from tests.differed import DIFFERED, Differed
from tests.generate import WORLDS, Happened, Life, lives, to_kernel
from tests.generate_rulebooks import MadeUp, made_up
from tests.telling import flag, scheme
from tests.vocabulary import LITTLE_SENSE
from tests.words_of import at_work, every_word, words_of

from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.operators import Overflow
from lifepot.kernel.program import OPENED_ON, Program, compile_program
from lifepot.periods import date_of, parse_day
from lifepot.rulebook import terms
from lifepot.rulebook.checks import check
from lifepot.rulebook.reader import shipped, shipped_names
from lifepot.rulebook.terms import Rulebook

LISA, HTS, AE = "uk-lifetime-isa", "uk-help-to-save", "uk-automatic-enrolment"
IE, LSA = "ie-my-future-fund", "lifetime-savings-account"

BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
"""Enough to find a slip of a penny on most runs, few enough for all laws to be tried in under a minute."""

ANY = settings(BOUNDED, max_examples=int(os.environ.get("LIFEPOT_RULEBOOKS", "120")))
"""As many made-up rulebooks as the ordinary run has time for; more by command (see docs/testing.md)."""

every_rulebook = pytest.mark.parametrize("name", list(WORLDS))


@cache
def program_of(name: str) -> Program:
    """A shipped rulebook, compiled once."""
    return compile_program(shipped(name))


def of_lives(name: str, told: list[Life], as_of: int | None = None) -> dict[Owed, int]:
    """What lives bring, by the kernel."""
    program = program_of(name)
    return owed(program, assess(program, *to_kernel(program, told), as_of=as_of, accrue_until=last_day(told)))


def test_every_shipped_rulebook_has_its_world() -> None:
    """A rulebook that is shipped is held to the laws."""
    assert set(WORLDS) == set(shipped_names())


# The kernel and the audit, which share no code


@every_rulebook
@BOUNDED
@given(choose=st.data())
def test_kernel_and_audit_agree(name: str, choose: st.DataObject) -> None:
    """Two programs that share no code give the same pence, refuse the same, miss the same figures, open on the same day."""
    told = choose.draw(st.lists(lives(program_of(name).rulebook), min_size=1, max_size=3), "lives")
    world = WORLDS[name]
    agree(
        program_of(name),
        told,
        choose.draw(st.none() | st.integers(parse_day(world.first), parse_day(world.last)), "as of"),
    )


MAY = parse_day("2026-05-01")
AT_THIRTY_SIX = Life(born=parse_day("1990-01-01"), joined=None)


def happened(*told: Happened) -> Life:
    """A life of somebody who is 36, under the lifetime savings account, in which this happened in this order."""
    return replace(AT_THIRTY_SIX, facts=tuple(replace(one, number=n, root=n) for n, one in enumerate(told)))


def said(on: int, attribute: str, payer: int = 0) -> Happened:
    """Yes is said of an attribute."""
    return Happened(0, 0, on, Kind.STATUS, payer=payer, attribute=attribute, value="yes")


A_PAY = Happened(0, 0, MAY, Kind.PAY, payer=1, earnings=100_00)
A_PAYMENT = Happened(0, 0, MAY, Kind.PAID, amount=100_00)


@pytest.mark.parametrize(
    "life",
    [
        pytest.param(happened(A_PAY, said(MAY + 365, "caring", payer=1)), id="what a payer says of caring"),
        pytest.param(
            happened(A_PAY, said(MAY + 365, "caring"), said(MAY + 365, "opted_out")), id="caring and out on a day"
        ),
        pytest.param(
            happened(A_PAY, said(MAY + 365, "opted_out"), said(MAY + 365, "caring")), id="out and caring on a day"
        ),
        pytest.param(
            happened(A_PAYMENT, said(MAY + 1, "opted_out"), Happened(0, 0, MAY + 1, Kind.WITHDRAWN, amount=100_00)),
            id="out and withdrawn on a day",
        ),
    ],
)
def test_kernel_and_audit_agree_on_what_is_rare(life: Life) -> None:
    """Lives on which the two have differed, and which chance would seldom find again."""
    agree(program_of(LSA), [life])


@ANY
@given(made=made_up())
def test_kernel_and_audit_agree_on_any_rulebook(made: MadeUp) -> None:
    """So they do under rulebooks that nobody wrote, in which any term may meet any other."""
    hold(made)


def hold(made: MadeUp) -> None:
    """Hold the kernel against the audit, unless the amounts grow too large for the kernel, which then says so."""
    try:
        agree(compile_program(made.rulebook), made.lives, made.as_of)
    except Overflow:
        reject()


def test_made_up_rulebooks_say_every_word() -> None:
    """Among made-up rulebooks, always the same, every word of the language is said, every step is at work, and the two agree."""
    unsaid, idle = set(every_word()), set[type](terms._STEPS.values())

    def read(made: MadeUp) -> None:
        hold(made)
        unsaid.difference_update(words_of(made.rulebook))
        idle.difference_update(at_work(made) if idle else ())

    for turn in range(10):
        if unsaid or idle:
            some = settings(BOUNDED, phases=[Phase.generate], max_examples=100, database=None)
            seed(turn)(some(given(made=made_up(members=1))(read)))()
    assert unsaid == set()
    assert idle == set()


@pytest.mark.parametrize("case", DIFFERED, ids=[one.because for one in DIFFERED])
def test_kernel_and_audit_agree_where_they_once_differed(case: Differed) -> None:
    """The smallest rulebooks and lives on which the two have differed, each with what is right, worked by hand."""
    assert [one for one in check(case.rulebook) if one.code not in LITTLE_SENSE] == []
    found = agree(compile_program(case.rulebook), [case.life])
    assert sum(found.owed.values()) == case.brings
    assert sum(found.refused.values()) == case.refused
    assert {(code, value) for code, _, value in found.gaps} == case.gaps


def test_kernel_and_audit_agree_on_what_comes_after_the_end() -> None:
    """What is said after an account is closed is heard, but no month comes by itself any more."""
    closed = Happened(0, 0, MAY, Kind.CLOSED)
    long_after = replace(A_PAY, on=MAY + 200)
    life = happened(closed, said(MAY + 40, "in_full_time_training"), long_after)
    life = replace(life, born=parse_day("1980-01-01"), attributes={"average_income": "1000.00"})
    agree(program_of("sg-skillsfuture"), [life])
    given = of_lives("sg-skillsfuture", [life])
    assert [key.effective_on for key in given if key.rule == "government.training_allowance"] == [MAY + 40]


# Law 2: the whole is its parts


def sums(found: dict[Owed, int], *, rules: set[str] | None = None) -> dict[Owed, int]:
    """The same, of these rules only."""
    return {key: amount for key, amount in found.items() if rules is None or key.rule in rules}


def split(life: Life, at: int, **first: int) -> Life:
    """The life with one fact told as two: the first with these figures, the second with the rest."""
    whole = life.facts[at]
    rest = {name: getattr(whole, name) - part for name, part in first.items()}
    parts = (replace(whole, **first), replace(whole, number=9_000, root=9_000, **rest))
    return replace(life, facts=(*life.facts[:at], *parts, *life.facts[at + 1 :]))


@pytest.mark.parametrize("name", [LSA, LISA, HTS])
@BOUNDED
@given(choose=st.data())
def test_splitting_a_payment_changes_no_window(name: str, choose: st.DataObject) -> None:
    """One payment told as two of the same day brings the same in every window, by every rule."""
    life = choose.draw(lives(program_of(name).rulebook), "life")
    payments = [at for at, fact in enumerate(life.facts) if fact.kind is Kind.PAID and (fact.amount or 0) > 1]
    assume(payments)
    at = choose.draw(st.sampled_from(payments), "payment")
    part = choose.draw(st.integers(1, (life.facts[at].amount or 0) - 1), "part")
    assert of_lives(name, [life]) == of_lives(name, [split(life, at, amount=part)])


@BOUNDED
@given(choose=st.data())
def test_splitting_a_pay_changes_no_years_match(choose: st.DataObject) -> None:
    """A pay told as two halves changes neither the year's match nor the month's base; what is rounded pay by pay may."""
    life = choose.draw(lives(program_of(LSA).rulebook), "life")
    said = [replace(fact, worker=fact.worker or 0) if fact.kind is Kind.PAY else fact for fact in life.facts]
    life = replace(life, facts=tuple(said))
    pays = [at for at, fact in enumerate(said) if fact.kind is Kind.PAY and (fact.earnings or 0) > 1]
    assume(pays)
    at = choose.draw(st.sampled_from(pays), "pay")
    earned = choose.draw(st.integers(1, (said[at].earnings or 0) - 1), "earned")
    worker = choose.draw(st.integers(0, said[at].worker or 0), "worker")
    halves = split(life, at, earnings=earned, worker=worker)
    rules = {"government.match", "government.base", "government.profit"}
    assert sums(of_lives(LSA, [life]), rules=rules) == sums(of_lives(LSA, [halves]), rules=rules)


# Law 3: order of arrival does not matter


@every_rulebook
@BOUNDED
@given(choose=st.data())
def test_order_of_arrival_does_not_matter(name: str, choose: st.DataObject) -> None:
    """Facts that arrive in another order, those of one day and kind apart, bring the same."""
    life = choose.draw(lives(program_of(name).rulebook), "life")
    shuffled = choose.draw(st.permutations(range(len(life.facts))), "arrival")
    arrived = [life.facts[at] for at in shuffled]
    # Numbers are given by arrival; facts of one day and kind have a fixed order of their own, which they keep.
    groups: dict[tuple[int, int], list[int]] = {}
    for number, fact in enumerate(arrived):
        groups.setdefault((fact.on, fact.kind), []).append(number)
    again: list[Happened] = []
    for fact in sorted(arrived, key=lambda one: one.root):
        number = groups[(fact.on, fact.kind)].pop(0)
        again.append(replace(fact, number=number, root=number))
    assert of_lives(name, [life]) == of_lives(name, [replace(life, facts=tuple(again))])


@pytest.mark.parametrize("name", [name for name in WORLDS if program_of(name).carries])
@BOUNDED
@given(choose=st.data())
def test_going_on_from_carried_totals_is_the_whole(name: str, choose: st.DataObject) -> None:
    """Facts taken in two or three visits, each going on from the totals carried, bring what one visit brings.

    Until the account is open there is nothing to go on from: such a member's facts are all read again.
    """
    life = choose.draw(lives(program_of(name).rulebook, plain=True), "life")
    carried_is_whole(program_of(name), life, choose)


@ANY
@given(made=made_up(members=1, carried=True), choose=st.data())
def test_going_on_is_the_whole_under_any_rulebook(made: MadeUp, choose: st.DataObject) -> None:
    """So it does under made-up rulebooks, those that can carry totals at all."""
    program = compile_program(made.rulebook)
    assume(program.carries)
    try:
        carried_is_whole(program, made.lives[0], choose)
    except Overflow:
        reject()


@pytest.mark.parametrize(
    "rulebook",
    [
        pytest.param(scheme("pay.earnings", {"latest": "month"}), id="the last pay said"),
        pytest.param(scheme("present.flag", attributes={"flag": flag("yes")}), id="what holds where nothing was said"),
        pytest.param(
            scheme("pay.earnings", rule={"when": {"what": "pay.earnings", "together": "all_jobs", "at_least": "250"}}),
            id="the earnings of all jobs",
        ),
    ],
)
def test_what_later_facts_can_change_is_not_carried(rulebook: Rulebook) -> None:
    """Where one visit would bring something else than two, members are read whole."""
    assert not compile_program(rulebook).carries
    assert compile_program(scheme("pay.earnings", {"total": "month"})).carries


def carried_is_whole(program: Program, life: Life, choose: st.DataObject) -> None:
    """Hold several visits against one."""
    people, facts = to_kernel(program, [life])
    # A visit ends with a day and kind: who goes on has only facts that stand after all that was settled.
    place = facts.on * 8 + facts.kind
    moments = sorted(set(place.tolist()))
    cuts = sorted(choose.draw(st.lists(st.sampled_from(moments), max_size=2, unique=True), "cuts"))
    nothing = np.full((program.registers.size, 1), NONE)
    carry, after = nothing, NONE
    parts: Counter[Owed] = Counter()
    refused: Counter[tuple[int, str]] = Counter()
    for until in [*cuts, moments[-1]]:
        if carry[OPENED_ON, 0] == NONE:
            carry, after = nothing, NONE
            parts.clear()
            refused.clear()
        visit = facts.take((place > after) & (place <= until))
        if len(visit):
            assessed = assess(program, people, visit, as_of=until // 8, carry=carry)
            parts.update(owed(program, assessed))
            refused.update(refusals(assessed))
            carry, after = the(assessed.carry), until
    whole = assess(program, people, facts, as_of=moments[-1] // 8)
    assert owed(program, whole) == {key: amount for key, amount in parts.items() if amount}
    assert refusals(whole) == refused
    once = assess(program, people, facts, as_of=moments[-1] // 8, carry=nothing)
    assert the(once.carry).tolist() == carry.tolist()


def the(carry: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Totals that are there."""
    assert carry is not None
    return carry


# Law 6: no target passes its cap

CAPS = {
    LSA: {"government.match": 600_00, "government.base": 3_00, "government.profit": 125_70},
    LISA: {"worker.payment": 4_000_00, "government.bonus": 1_000_00},
    HTS: {"government.bonus": 600_00},
}
"""What a rule may at most bring in one of its windows, worked out by hand from the rulebook's figures."""


@pytest.mark.parametrize("name", list(CAPS))
@BOUNDED
@given(choose=st.data())
def test_no_target_passes_its_cap(name: str, choose: st.DataObject) -> None:
    """Whatever happens, what a rule has brought in a window is on no day more than its cap, nor less than nothing."""
    life = choose.draw(lives(program_of(name).rulebook), "life")
    running: Counter[tuple[str, int, int]] = Counter()
    daily: Counter[Owed] = Counter(of_lives(name, [life]))
    for key, amount in sorted(daily.items(), key=lambda entry: entry[0].effective_on):
        if key.rule in CAPS[name]:
            window = (key.rule, key.window_start, key.window_end)
            running[window] += amount
            assert 0 <= running[window] <= CAPS[name][key.rule]


@pytest.mark.parametrize("days", [1, 2, 40])
def test_what_was_given_back_does_not_go_back_again(days: int) -> None:
    """Who opted out in time and had their own money back has no match left that a withdrawal could send back."""
    life = happened(A_PAYMENT, said(MAY + 1, "opted_out"), Happened(0, 0, MAY + days, Kind.WITHDRAWN, amount=100_00))
    found = Counter[str]()
    for key, amount in of_lives(LSA, [life]).items():
        found[key.rule] += amount
    assert found == {"worker.payment": 0, "government.match": 0}


@BOUNDED
@given(choose=st.data())
def test_an_employer_matches_no_more_than_its_share(choose: st.DataObject) -> None:
    """No pay brings more from its employer than the worker's own share of it, or 3 % of that pay."""
    life = choose.draw(lives(program_of(LSA).rulebook, plain=True), "life")
    program = program_of(LSA)
    assessed = assess(program, *to_kernel(program, [life]))
    given = assessed.entitlements
    for i in np.flatnonzero(given.rule == program.rules.index("employer.match")):
        fact = life.facts[int(assessed.rows.fact[given.row[i]])]
        assert 0 < given.amount[i] <= ((fact.earnings or 0) * 3 + 50) // 100
        if fact.worker is not None:
            assert given.amount[i] <= fact.worker


@BOUNDED
@given(choose=st.data())
def test_pay_counts_up_to_the_years_cap_over_all_jobs(choose: st.DataObject) -> None:
    """MyFutureFund counts at most €80,000 of a calendar year's pay, whoever pays it and in whatever order."""
    life = choose.draw(lives(program_of(IE).rulebook), "life")
    rate_by_party = {"worker.contribution": (150, 300), "government.contribution": (50, 100)}
    found: Counter[tuple[str, int]] = Counter()
    for key, amount in of_lives(IE, [life]).items():
        found[(key.rule, date_of(key.effective_on).year)] += amount
    pays = Counter(date_of(fact.on).year for fact in life.facts if fact.kind is Kind.PAY)
    for (rule, year), amount in found.items():
        if rule in rate_by_party:
            before_2029, after = rate_by_party[rule]
            rate = before_2029 if year < 2029 else after
            # Each pay's share is rounded on its own: half a cent at most.
            assert amount <= 80_000_00 * rate // 10_000 + pays[year] // 2 + 1


@BOUNDED
@given(choose=st.data())
def test_a_pay_counts_up_to_the_bands_upper_end(choose: st.DataObject) -> None:
    """At the default shares no pay of a month brings more than 3 % and 5 % of the qualifying band, £3,669."""
    life = choose.draw(lives(program_of(AE).rulebook, plain=True), "life")
    # Where a row says no earnings, what it states of the employer counts instead: the band is not asked.
    blank = {"frequency": 4, "worker": None, "employer": None, "period_start": None, "period_end": None}
    monthly = tuple(replace(fact, **blank) for fact in life.facts)
    program = program_of(AE)
    assessed = assess(program, *to_kernel(program, [replace(life, facts=monthly)]))
    given = assessed.entitlements
    most = {"employer.contribution": 110_07, "worker.contribution": 146_76, "government.relief": 36_69}
    for i in range(len(given)):
        assert 0 < given.amount[i] <= most[program.rules[int(given.rule[i])]]

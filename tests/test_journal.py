"""What is posted for entitlements: which accounts, how much, and what a correction takes back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifepot.kernel.columns import Facts, Kind
from lifepot.ledger.chart import account_of, name_of
from lifepot.ledger.journal import balances_after, targets, to_post
from lifepot.ledger.postings import Owed, Postings
from lifepot.ledger.pots import uncovered

MEMBERS = np.array([17, 40])


def pay(fact: int, worker: int, employer: int, **more: int) -> dict[str, int]:
    """A pay row of payer 3 for the first member, on day 100."""
    return {
        "fact": fact,
        "member": 0,
        "on": 100,
        "kind": Kind.PAY,
        "payer": 3,
        "worker": worker,
        "employer": employer,
        **more,
    }


def owed(*rows: dict[str, int]) -> Owed:
    """Entitlements, by default to the first member's worker's money, from the first fact."""
    blank = {"rule": 1, "party": 0, "part": 0, "payer": 3, "effective_on": 100, "row": 0, "within": 0}
    names = ("rule", "party", "part", "payer", "effective_on", "amount", "row", "within")
    return Owed(*(np.array([(blank | row)[name] for row in rows], dtype=np.int64) for name in names))


def lines(postings: Postings) -> list[tuple[str, str, int]]:
    """Debit, credit and amount, as people read them."""
    return [
        (name_of(debit), name_of(credit), amount)
        for debit, credit, amount in zip(
            postings.debit.tolist(), postings.credit.tolist(), postings.amount.tolist(), strict=True
        )
    ]


def posted(owing: Owed, *facts: dict[str, int], **more: Any) -> list[tuple[str, str, int]]:
    """The targets of these entitlements and facts."""
    return lines(targets(owing, Facts.of(facts), MEMBERS, **more))


def test_sent_money_reaches_the_member() -> None:
    """What a pay row says was sent is in transit from its payer, and the member's by party."""
    owing = owed({"amount": 30}, {"amount": 20, "party": 1, "rule": 2})
    assert posted(owing, pay(1, 30, 20)) == [
        ("in_transit:3", "worker:17", 30),
        ("in_transit:3", "employer:17", 20),
    ]


def test_what_is_not_sent_is_owed() -> None:
    """What is missing stands on the payer's account and on one the member cannot use; rules are funded in their order."""
    owing = owed({"amount": 30, "rule": 2}, {"amount": 20, "rule": 1})
    assert posted(owing, pay(1, 35, 0)) == [
        ("in_transit:3", "worker:17", 20),
        ("in_transit:3", "worker:17", 15),
        ("owed_by:3", "worker_owed:17", 15),
    ]


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (31, ("in_transit:3", "rounding", 1)),
        (29, ("rounding", "worker:17", 1)),
        (32, ("in_transit:3", "held_for:3", 2)),
        (28, ("owed_by:3", "worker_owed:17", 2)),
    ],
)
def test_tolerance(sent: int, line: tuple[str, str, int]) -> None:
    """Up to the tolerance a difference is rounding, whichever way; beyond it, it is somebody's."""
    assert posted(owed({"amount": 30}), pay(1, sent, 0), tolerance=1)[-1] == line


def test_money_nobody_owed_is_held() -> None:
    """Money sent for somebody who owes nothing is held for its payer."""
    assert posted(owed(), pay(1, 30, 0)) == [("in_transit:3", "held_for:3", 30)]


def test_refused_payment_is_sent_back() -> None:
    """What a cap refused of a payment is no part of what was sent for the member."""
    paid = {"fact": 1, "member": 0, "on": 100, "kind": Kind.PAID, "payer": 0, "amount": 50}
    owing = owed({"amount": 40, "payer": 0})
    assert posted(owing, paid, refused=np.array([10])) == [
        ("in_transit:0", "worker:17", 40),
        ("in_transit:0", "refused", 10),
    ]


def test_government_both_ways() -> None:
    """Government's entitlement is owed by it, and one that takes back goes the other way."""
    owing = owed({"amount": 25, "party": 2}, {"amount": -10, "party": 2, "rule": 2})
    assert posted(owing, pay(1, 0, 0)) == [
        ("owed_by_government", "government_owed:17", 25),
        ("government_owed:17", "owed_by_government", 10),
    ]


def test_withdrawal_beyond_what_is_there() -> None:
    """A withdrawal takes the worker's own money and overdraws for the rest; later money does not make up for it."""
    drawn = {"fact": 2, "member": 0, "on": 110, "kind": Kind.WITHDRAWN, "amount": 50}
    owing = owed({"amount": 30}, {"amount": 30, "row": 2, "effective_on": 120})
    assert posted(owing, pay(1, 30, 0), drawn, pay(3, 30, 0, on=120))[1:3] == [
        ("worker:17", "paid_out", 30),
        ("overdrawn:17", "paid_out", 20),
    ]


def test_withdrawal_from_two_pots() -> None:
    """Where the rulebook lets the employer's money go too, it goes after the worker's."""
    drawn = {"fact": 2, "member": 0, "on": 110, "kind": Kind.WITHDRAWN, "amount": 50}
    owing = owed({"amount": 30}, {"amount": 30, "party": 1, "rule": 2})
    assert posted(owing, pay(1, 30, 30), drawn, leaves=np.array([0, 0b11]))[2:] == [
        ("worker:17", "paid_out", 30),
        ("employer:17", "paid_out", 20),
    ]


def test_withdrawal_from_what_stood_before() -> None:
    """Balances from before the facts looked at count."""
    drawn = {"fact": 2, "member": 1, "on": 110, "kind": Kind.WITHDRAWN, "amount": 50}
    opening = np.array([[0] * 7, [45] + [0] * 6])
    assert posted(owed(), drawn, opening=opening) == [
        ("worker:40", "paid_out", 45),
        ("overdrawn:40", "paid_out", 5),
    ]


def test_taking_back() -> None:
    """What is taken back is first no longer owed, then held for the payer."""
    notice = {"fact": 2, "member": 0, "on": 110, "kind": Kind.STATUS, "attribute": 0, "value": 1}
    owing = owed({"amount": 30}, {"amount": -30, "row": 1, "effective_on": 110})
    assert posted(owing, pay(1, 20, 0), notice)[2:] == [
        ("worker_owed:17", "owed_by:3", 10),
        ("worker:17", "held_for:3", 20),
    ]


def test_settling_twice_posts_nothing() -> None:
    """The target less itself is nothing."""
    owing = owed({"amount": 30}, {"amount": 20, "party": 1, "rule": 2})
    target = targets(owing, Facts.of([pay(1, 20, 25)]), MEMBERS)
    assert len(to_post(target, Postings.none())) == len(target)
    assert len(to_post(target, target)) == 0


def test_correction_posts_the_difference() -> None:
    """A replacement that says less takes back the difference on the old day, by the opposite transfer."""
    before = targets(owed({"amount": 30}), Facts.of([pay(1, 30, 0)]), MEMBERS)
    after = targets(owed({"amount": 24}), Facts.of([pay(9, 24, 0, root=1)]), MEMBERS)
    correction = to_post(after, before)
    assert lines(correction) == [("worker:17", "in_transit:3", 6)]
    assert (correction.effective_on[0], correction.root[0], correction.fact[0]) == (100, 1, 9)
    assert len(to_post(after, Postings.join([before, correction]))) == 0


amounts = st.integers(-50, 50)
facts = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 60), st.integers(0, 60), amounts, amounts, amounts), max_size=6
)


def _random_target(drawn: list[tuple[int, ...]], first: int) -> Postings:
    """Targets of some made-up facts; the numbers of their roots overlap between two calls, those of the facts do not."""
    drawn = sorted(drawn, key=lambda fact: fact[0])
    rows = [pay(first + n, fact[1], fact[2], member=fact[0], root=n) for n, fact in enumerate(drawn)]
    if not rows:
        return Postings.none()
    entitlements = [
        {"amount": fact[3 + party], "party": party, "rule": party + 1, "row": n}
        for n, fact in enumerate(drawn)
        for party in range(3)
    ]
    return targets(owed(*entitlements), Facts.of(rows), MEMBERS, tolerance=2)


@given(facts, facts)
def test_a_correction_equals_a_fresh_run(first: list[tuple[int, ...]], second: list[tuple[int, ...]]) -> None:
    """Whatever was posted before, after the correction the balances are those of the second target alone."""
    before, after = _random_target(first, 0), _random_target(second, 100)
    correction = to_post(after, before)
    nothing = np.zeros((2, 7), np.int64)
    corrected = balances_after(MEMBERS, balances_after(MEMBERS, nothing, before), correction)
    assert (corrected == balances_after(MEMBERS, nothing, after)).all()
    assert (correction.amount > 0).all()
    assert (np.diff(correction.member) >= 0).all()


@given(st.lists(st.tuples(st.integers(0, 3), amounts), max_size=30))
def test_pots_against_a_plain_loop(moves: list[tuple[int, int]]) -> None:
    """Pots hold never less than nothing, each by itself."""
    moves = sorted(moves, key=lambda move: move[0])
    holds: dict[int, int] = {}
    short = []
    for pot, change in moves:
        held = holds.get(pot, 0) + change
        short.append(max(0, -held))
        holds[pot] = max(0, held)
    pots, changes = (np.array([move[at] for move in moves], dtype=np.int64) for at in (0, 1))
    assert uncovered(pots, changes).tolist() == short


@pytest.mark.parametrize("name", ["worker:17", "government_owed.2:5", "held_for:0", "bank"])
def test_accounts_have_names(name: str) -> None:
    """An account's name leads back to its number."""
    assert name_of(account_of(name)) == name


@pytest.mark.parametrize("name", ["purse:1", "worker:x", "bank:3", "worker.9:1"])
def test_no_such_account(name: str) -> None:
    """A name that no account has is refused."""
    with pytest.raises(ValueError, match="account"):
        account_of(name)

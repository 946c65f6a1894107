"""Nonsense about the parts of a pot and what purposes take from them is a fault with its place."""

import pytest
from tests.wallets import WALLETS, wallets

from lifepot.rulebook.described import describe
from lifepot.rulebook.reader import parse_rulebook, shipped

TOPUP = "topup: {description: A grant that lapses., expires_on: 2025-12-31}"
OLDER = "moves_on: 2024-05-01, moves_to: mid_career}"
COURSE = 'draws_on: [topup, {account: mid_career, when: {what: attribute.listed, is: "yes"}}, base]'
CHARGE = "steps: [rate: 20%, round: half_up cent]\n    net: half_up cent"
COMPLETES = "pays: the agency\n    completes: "

# What is changed in the wallets, to what, and what the one fault says after its place.
FAULTS = {
    "half a move": (OLDER, "moves_to: mid_career}", "accounts.older: half a move; expected `moves_on` and `moves_to` together"),
    "a move to nowhere": (OLDER, "moves_on: 2024-05-01, moves_to: pension}", "accounts.older.moves_to: pension; expected one of the other accounts: topup, mid_career, base"),
    "a move to itself": (OLDER, "moves_on: 2024-05-01, moves_to: older}", "accounts.older.moves_to: older; expected one of the other accounts: topup, mid_career, base"),
    "a circle": ("mid_career: {description: For courses on a list.}", "mid_career: {description: C., moves_on: 2025-01-01, moves_to: older}", "accounts.older.moves_to: older moves to mid_career moves to older; expected accounts of which one keeps what it has"),
    "expires before it moves": (OLDER, f"expires_on: 2024-04-30, {OLDER}", "accounts.older.moves_on: a move on 2024-05-01, when what was there has expired; expected a day up to 2024-04-30"),
    "moves into what has expired": (OLDER, "moves_on: 2026-01-01, moves_to: topup}", "accounts.older.moves_to: topup, which has expired by 2026-01-01; expected a move up to 2025-12-31"),
    "expires on no day": (TOPUP, "topup: {description: A., expires_on: soon}", "accounts.topup.expires_on: 'soon'; expected a date such as 2026-04-06"),
    "drawn on twice": (COURSE, "draws_on: [base, topup, base]", "purposes.course.draws_on.2: base, which is drawn on already; expected each account once"),
    "drawn on where it is not": (COURSE, "draws_on: [pension]", "purposes.course.draws_on.0: pension; expected one of the accounts: topup, older, mid_career, base"),
    "drawn on nothing": (COURSE, "draws_on: []", "purposes.course.draws_on: no account; expected at least one"),
    "drawn on by pay": (COURSE, 'draws_on: [{account: base, when: {what: pay.earnings, above: "1"}}]', "purposes.course.draws_on.0.when: a test of pay.earnings, which a withdrawal has not; expected tests of the person and the day"),
    "a purpose of pay": ("when: from_25\n    draws_on", 'when: {not: {any: [from_25, {what: pay.hours, above: "1"}]}}\n    draws_on', "purposes.course.when: a test of pay.hours, which a withdrawal has not"),
    "a subsidy that is none": ("subsidy: subsidy", "subsidy: cost", "purposes.course.subsidy: cost, of kind money; expected one of the attributes of kind percent: subsidy"),
    "a part that is no money": ("at_least: forfait", "at_least: 10%", "purposes.training.member_pays.at_least: '10%'; expected an amount such as 12.50"),
    "paid unless nobody knows": ("unless: {what: attribute.jobseeker", "unless: {what: attribute.seeker", "purposes.training.member_pays.unless.what: seeker; expected one of the attributes"),
    "extensions of no days": ("pays: the agency", COMPLETES + '{within_days: "90", extensions: "2"}', "purposes.trip.completes: extensions of no days; expected `extensions` and `extension_days` together"),
    "days of no extension": ("pays: the agency", COMPLETES + '{within_days: "90", extension_days: "60"}', "purposes.trip.completes: days of no extension; expected"),
    "days that are none": ("pays: the agency", COMPLETES + "{within_days: a while}", "purposes.trip.completes.within_days: a while; expected one of the values"),
    "reckoned back from a gift": ("of: paid.worker, when: {what: attribute.into, is: base}", "of: paid.worker, net: half_up cent, when: {what: attribute.into, is: base}", "rules.worker.base.net: `net` of something that is no such charge; expected it at a rule that takes back a rate"),
    "reckoned back from a cap": (CHARGE, CHARGE.replace("[rate", "[up_to: '9', rate"), "rules.government.charge.net: `net` of something that is no such charge"),
    "reckoned back from everything": (CHARGE, CHARGE.replace("20%", "100%"), "rules.government.charge.net: `net` of a charge of the whole; expected a rate below 100 %"),
    "reckoned back to no rounding": (CHARGE, CHARGE.replace("net: half_up cent", "net: kindly"), "rules.government.charge.net: 'kindly'; expected a rounding such as half_up penny"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [pytest.param(*row, id=name) for name, row in FAULTS.items()])
def test_one_fault(old: str, new: str, expected: str) -> None:
    """One thing wrong brings one fault, at its place, with what would be right."""
    assert WALLETS.count(old) >= 1
    _, faults = parse_rulebook(WALLETS.replace(old, new, 1), "wallets.yaml")
    (fault,) = [str(one).partition(": ")[2] for one in faults]
    assert fault.startswith(expected)


@pytest.mark.parametrize(
    ("grant", "first"),
    [
        ("of: day.of_2020", "2020-12-31"),
        ("of: own\n    when: {all: [from_25, {what: date, above: 2021-06-30}]}", "2021-07-01"),
        ("of: own\n    when: after", "2022-01-01"),
        ("of: own\n    steps: [{where: {what: date, at_least: 2021-07-01}}]", "2021-07-01"),
        ("of: [day.of_2020, day.of_2024]", "2020-12-31"),
    ],
)
def test_expires_before_it_can_be_given(grant: str, first: str) -> None:
    """An account that expires before any rule can give into it is a fault, as far as named days and dates say; one that
    expires on the first such day is none.
    """
    text = WALLETS.replace(
        'of: day.of_2020\n    when: from_25\n    members_only: false\n    steps: [give: "500"]', grant, 1
    )
    text = text.replace(
        "amounts:\n",
        'amounts:\n  own: {description: O., of: paid.worker, steps: [total: account, up_to: "500", part: each]}\n',
    )
    text = text.replace(
        "conditions:\n",
        "conditions:\n  after: {any: [{what: date, at_least: 2022-01-01}, {all: [{what: date, above: 2023-01-01}]}]}\n",
    )
    text = text.replace("account: topup, of: paid.worker", "account: base, of: paid.worker")
    in_time = text.replace("expires_on: 2025-12-31", f"expires_on: {first}")
    assert wallets(in_time).accounts["topup"].expires_on == first
    _, (fault,) = parse_rulebook(text.replace("expires_on: 2025-12-31", "expires_on: 2020-12-30"), "wallets.yaml")
    assert fault.path == "accounts.topup.expires_on"
    assert (fault.code, fault.expected) == ("order", f"a day from {first} on")
    assert fault.found == "2020-12-30, before anything can come into it"


def test_days_may_be_values() -> None:
    """Days of a completion may be values, so that each has its source and how certain it is; and money its date."""
    text = WALLETS.replace("pays: the agency", COMPLETES + "{within_days: soon}")
    text = text.replace(
        "values:\n", 'values:\n  soon: {description: S., unit: number, source: O., dated: {2019-01-01: "7"}}\n'
    )
    assert wallets(text).purposes["trip"].completes is not None
    _, (fault,) = parse_rulebook(text.replace("within_days: soon", "within_days: forfait"), "wallets.yaml")
    assert fault.found == "forfait, a value in money"


def test_days_in_words() -> None:
    """A completion's days are said as figures, be they values or not."""
    said = "must happen within 90 days, which may be extended 2 times by 60 days; if it fails, the money comes back within 10 days."
    assert said in describe(shipped("uk-lifetime-isa"))
    completes = COMPLETES + '{within_days: "1", extensions: "1", extension_days: "7"}'
    assert "within 1 day, which may be extended once by 7 days." in describe(
        wallets(WALLETS.replace("pays: the agency", completes))
    )

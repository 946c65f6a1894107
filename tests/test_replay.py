"""The audit's replay, held to figures worked by hand or read in official examples. Amounts below are in pounds."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

import lifepot.audit
from lifepot.audit.calendar import frequency_of, period_of
from lifepot.audit.replay import replay, replay_versions
from lifepot.audit.told import Person, Replay, Told
from lifepot.rulebook.reader import parse_rulebook, shipped
from lifepot.rulebook.terms import Rulebook

LISA, HTS, AE = "uk-lifetime-isa", "uk-help-to-save", "uk-automatic-enrolment"
IE, LSA = "ie-my-future-fund", "lifetime-savings-account"
AT_THIRTY = Person(born=date(1990, 1, 1))


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)


def pence(pounds: str) -> int:
    """Pence from "12.34"."""
    whole, _, decimals = pounds.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def fact(kind: str, on: str, pounds: str = "", value: str = "", *, ref: str = "") -> Told:
    """A payment, a withdrawal or an end. What has no `ref` is called by its kind and day."""
    amount = pence(pounds) if pounds else None
    return Told(ref or f"{kind} {on}", 0, "m", day(on), kind, amount=amount, value=value)


def says(attribute: str, value: str, on: str, payer: str = "", ref: str = "") -> Told:
    """Something declared from a day on."""
    return Told(ref or f"{attribute} {on}", 0, "m", day(on), "status", payer, attribute=attribute, value=value)


def pay(
    on: str,
    pounds: str,
    frequency: str | None = "month",
    *,
    payer: str = "ACME",
    worker: str | None = None,
    period: tuple[str, str] | None = None,
) -> Told:
    """A pay row; a period is its first and last day."""
    return Told(
        f"pay {on} {payer}",
        0,
        "m",
        day(on),
        "pay",
        payer,
        earnings=pence(pounds),
        frequency=frequency,
        worker=pence(worker) if worker is not None else None,
        period_start=day(period[0]) if period else None,
        period_end=day(period[1]) if period else None,
    )


def heard(scheme: str, facts: Sequence[Told], person: Person = AT_THIRTY, as_of: str = "") -> Replay:
    """The replay of a shipped scheme."""
    return replay(shipped(scheme), person, facts, as_of=day(as_of) if as_of else None)


def sums(found: Replay) -> dict[str, str]:
    """What each rule brings in all, in pounds; rules that bring nothing are left out."""
    total: Counter[str] = Counter()
    for one in found.owed:
        total[one.rule] += one.amount_minor
    return {rule: f"{minor / 100:.2f}" for rule, minor in total.items() if minor}


def dated(found: Replay, rule: str) -> list[tuple[str, int]]:
    """Day and minor units of each entitlement of one rule."""
    return [(one.effective_on.isoformat(), one.amount_minor) for one in found.owed if one.rule == rule]


# Lifetime ISA


def test_first_year_bonus_is_annual() -> None:
    """LISA-01: £4,000 in April 2017 brings £1,000, due at the end of the only tax year with an annual bonus."""
    found = heard(LISA, [fact("paid", "2017-04-20", "4000")])
    assert dated(found, "government.bonus") == [("2018-04-05", 100_000)]


def test_bonus_is_rounded_on_the_year_and_not_on_the_payment() -> None:
    """£666.66 brings £166.67; three of them in one claim period £500.00 (1,999.98 at 25 % is 499.995)."""
    one = heard(LISA, [fact("paid", "2024-04-10", "666.66")])
    three = heard(LISA, [fact("paid", f"2024-04-1{n}", "666.66") for n in range(3)])
    assert dated(one, "government.bonus") == [("2024-05-05", 16_667)]
    assert dated(three, "government.bonus") == [("2024-05-05", 50_000)]
    assert len(three.owed[-1].refs) == 3


def test_what_passes_the_years_limit_is_refused() -> None:
    """LISA-15: after £3,000, £1,000 of £1,500 is accepted, £500 refused, and the second bonus is £250."""
    found = heard(LISA, [fact("paid", "2024-04-10", "3000"), fact("paid", "2024-06-10", "1500")])
    assert dated(found, "government.bonus") == [("2024-05-05", 75_000), ("2024-07-05", 25_000)]
    assert found.refused == [("paid 2024-06-10", 50_000, "qualifying_addition")]


@pytest.mark.parametrize(
    ("on", "charge"),
    [("2020-03-05", -25_000), ("2020-03-06", -20_000), ("2021-04-05", -20_000), ("2021-04-06", -25_000)],
)
def test_charge_has_the_rate_of_the_withdrawals_day(on: str, charge: int) -> None:
    """LISA-10 to 13: £1,000 costs £250, but £200 from 6 March 2020 to 5 April 2021."""
    found = heard(LISA, [fact("paid", "2019-04-10", "4000"), fact("withdrawn", on, "1000", "unauthorised")])
    assert [(on, charge)] == dated(found, "government.charge")


def test_kept_house_money_is_charged_a_third() -> None:
    """LISA-04: £4,000 kept after a failed purchase costs £1,333.33, and the ordinary charge does not come on top."""
    money = fact("withdrawn", "2024-06-01", "4000", "first_home_failed_not_returned")
    found = heard(LISA, [fact("paid", "2019-04-10", "4000"), money])
    assert dated(found, "government.charge_on_kept_house_money") == [("2024-06-01", -133_333)]
    assert dated(found, "government.charge") == []


@pytest.mark.parametrize(("born", "word"), [("1964-06-01", "holiday"), ("1990-01-01", "terminal_illness")])
def test_charge_free_at_sixty_and_in_terminal_illness(born: str, word: str) -> None:
    """LISA-24, 25: from the 60th birthday any word is free of charge; before it, terminal illness is."""
    person = Person(day(born), joined=day("2018-04-06"))
    found = heard(LISA, [fact("withdrawn", "2024-06-01", "1000", word)], person)
    assert found.owed == []


HOME = [("mortgage", "yes"), ("conveyancer", "yes"), ("first_time_buyer", "yes")]


@pytest.mark.parametrize(
    ("first", "home", "charge"),
    [
        ("2022-03-01", [("share_price", "50000.00"), ("share_pct", "25")], "nothing"),
        ("2022-03-01", [("share_price", "112500.01"), ("share_pct", "25")], "-2500.00"),
        ("2023-06-01", [("price", "450000.00")], "nothing"),
        ("2023-06-01", [("price", "450000.01")], "-2500.00"),
        ("2023-06-02", [("price", "300000.00")], "-2500.00"),
        ("2022-03-01", [("price", "300000.00"), ("mortgage", "no")], "-2500.00"),
    ],
)
def test_first_home(first: str, home: list[tuple[str, str]], charge: str) -> None:
    """LISA-26 to 30: twelve months to the day, a price of £450,000 in full (the whole home's, if shared), a loan."""
    told = [says(name, value, "2024-05-01") for name, value in HOME + home]
    told = [
        fact for fact in told if (fact.attribute, fact.value) != ("mortgage", "yes") or ("mortgage", "no") not in home
    ]
    found = heard(LISA, [fact("paid", first, "4000"), *told, fact("withdrawn", "2024-06-01", "10000", "first_home")])
    assert charge == sums(found).get("government.charge", "nothing")


@pytest.mark.parametrize(
    ("born", "bonus"), [("1979-03-02", 1), ("1979-03-01", 0), ("2001-03-01", 1), ("2001-03-02", 0)]
)
def test_opened_from_18_and_before_40(born: str, bonus: int) -> None:
    """LISA-21 to 23: the first payment opens on the day before the 40th birthday and on the 18th, and not outside."""
    found = heard(LISA, [fact("paid", "2019-03-01", "100")], Person(day(born)))
    assert bonus == len(dated(found, "government.bonus"))


@pytest.mark.parametrize(("on", "opens"), [("2022-02-27", False), ("2022-02-28", True)])
def test_born_on_29_february_one_has_the_birthday_a_day_earlier(on: str, opens: bool) -> None:
    """Born on 29 February 2004, one is 18 on 28 February 2022."""
    found = heard(LISA, [fact("paid", on, "100")], Person(day("2004-02-29")))
    assert opens == (found.opened_on is not None)


def test_last_payment_is_the_day_before_fifty() -> None:
    """From the 50th birthday payments count as nothing, and bring no bonus."""
    person = Person(day("1978-06-10"), joined=day("2017-06-01"))
    payments = [fact("paid", on, "100") for on in ("2017-07-01", "2028-06-09", "2028-06-10")]
    found = heard(LISA, payments, person)
    assert [on for on, _ in dated(found, "worker.payment")] == ["2017-07-01", "2028-06-09"]


# Help to Save


def monthly(first: str, pounds: str, months: int) -> list[Told]:
    """A deposit on the tenth of each month."""
    start = day(first)
    days = [date(start.year + (start.month - 1 + n) // 12, (start.month - 1 + n) % 12 + 1, 10) for n in range(months)]
    return [fact("paid", on.isoformat(), pounds) for on in days]


BONUSES = [
    ("HTS-02, Jack", [*monthly("2020-01-01", "50", 6), fact("withdrawn", "2021-06-20", "300"),
                      fact("paid", "2021-12-10", "50"), *monthly("2022-01-01", "50", 12)], 15_000, 17_500),
    ("HTS-03, the most", monthly("2020-01-01", "50", 48), 60_000, 60_000),
    ("HTS-05, saved again", [*monthly("2020-01-01", "50", 24), fact("withdrawn", "2022-01-02", "1200"),
                             *monthly("2022-01-01", "50", 24)], 60_000, 0),
    ("HTS-10, month 25", monthly("2020-01-01", "50", 25), 60_000, 2_500),
    ("HTS-12, £1 a month", monthly("2020-01-01", "1", 48), 1_200, 1_200),
    ("HTS-14, 50 and back to 25", [*monthly("2020-01-01", "50", 1), fact("withdrawn", "2020-01-20", "25"),
                                   *monthly("2020-02-01", "25", 47)], 30_000, 30_000),
    ("HTS-19, whole pounds", [fact("paid", "2020-01-10", "10.99")], 500, 0),
    ("HTS-21, over the month's cap", [fact("paid", "2020-01-10", "50"), fact("paid", "2020-01-11", "20")], 2_500, 0),
]  # fmt: skip


@pytest.mark.parametrize(("case", "facts", "first", "final"), BONUSES, ids=[one[0] for one in BONUSES])
def test_bonuses_follow_the_highest_balance(case: str, facts: list[Told], first: int, final: int) -> None:
    """Half the whole pounds of the highest balance in months 1 to 24, then of what months 25 to 48 add to it."""
    assert case
    due = [("2021-12-31", first), ("2023-12-31", final)]
    assert [one for one in due if one[1]] == dated(heard(HTS, facts), "government.bonus")


@pytest.mark.parametrize(
    ("end", "due"),
    [
        (("closed", "2021-12-30"), []),
        (("closed", "2021-12-31"), [("2021-12-31", 5_000)]),
        (("died", "2021-03-04"), [("2021-03-04", 5_000)]),
    ],
)
def test_closing_loses_the_terms_bonus_and_death_brings_it_forward(
    end: tuple[str, str], due: list[tuple[str, int]]
) -> None:
    """HTS-22: closed before the term's last day, its bonus is lost; on death it is due at once."""
    found = heard(HTS, [*monthly("2020-01-01", "50", 2), fact(*end)])
    assert due == dated(found, "government.bonus")


def test_a_bonus_not_yet_due_is_not_yet_there() -> None:
    """Looked at the day before the first term ends there is no bonus; on its last day there is."""
    facts = monthly("2020-01-01", "50", 2)
    assert dated(heard(HTS, facts, as_of="2021-12-30"), "government.bonus") == []
    assert dated(heard(HTS, facts, as_of="2021-12-31"), "government.bonus") == [("2021-12-31", 5_000)]


@pytest.mark.parametrize(
    ("on", "below", "enough"),
    [("2018-10-01", "542.87", "542.88"), ("2020-10-01", "604.55", "604.56"), ("2023-10-01", "722.44", "722.45")],
)
def test_take_home_floor(on: str, below: str, enough: str) -> None:
    """HTS-25 to 29: a penny below the floor no account opens; at the floor it does."""
    opened = [
        heard(
            HTS, [fact("paid", on, "50")], Person(attributes={"uc": "yes", "assessment_period_take_home": text})
        ).opened_on
        for text in (below, enough)
    ]
    assert [None, day(on)] == opened


def test_a_floor_not_found_is_a_gap_that_is_named() -> None:
    """In 2019-20 the floor is not known: who states take-home pay is not let in, and the fault says why."""
    known = Person(attributes={"assessment_period_take_home": "900.00"})
    found = heard(HTS, [fact("paid", "2019-10-01", "50")], known)
    assert None is found.opened_on
    assert [("value_gap", "paid 2019-10-01", "take_home_floor", day("2019-10-01"))] == found.gaps
    assert day("2019-10-01") == heard(HTS, [fact("paid", "2019-10-01", "50")]).opened_on


# Automatic enrolment


@pytest.mark.parametrize(
    ("frequency", "pounds", "said", "worker", "relief", "employer"),
    [
        ("week", "380", {}, "10.40", "2.60", "7.80"),  # AE-02
        ("week", "300", {}, "7.20", "1.80", "5.40"),  # AE-26
        ("2week", "1000", {}, "30.40", "7.60", "22.80"),  # AE-24
        ("month", "2000", {}, "59.20", "14.80", "44.40"),  # AE-23
        ("month", "5000", {}, "146.76", "36.69", "110.07"),  # AE-14
        ("month", "1000", {"basis": "pensionable"}, "40.00", "10.00", "30.00"),  # AE-17
        ("month", "1000", {"basis": "pensionable", "employee_pct": "3"}, "24.00", "6.00", "30.00"),  # AE-18
        ("year", "25000", {"relief": "net_pay"}, "938.00", None, "562.80"),  # AE-05: 78.17 and 46.90 a month
        ("year", "20000", {"relief": "net_pay", "employee_pct": "6"}, "825.60", None, "412.80"),  # AE-06
        ("month", "520", {}, None, None, None),  # AE-11
    ],
)
def test_contributions_on_qualifying_earnings(
    frequency: str, pounds: str, said: dict[str, str], worker: str | None, relief: str | None, employer: str | None
) -> None:
    """Published examples: pay between the table's ends, the gross rounded first, then the 80 % the worker pays."""
    person = Person(day("1990-01-01"), joined=day("2025-04-06"), attributes=said)
    found = sums(heard(AE, [pay("2025-05-31", pounds, frequency)], person))
    rules = ("worker.contribution", "government.relief", "employer.contribution")
    assert {rule: sum_ for rule, sum_ in zip(rules, (worker, relief, employer), strict=True) if sum_} == found


def test_earlier_bands_hold_in_their_years() -> None:
    """AE-16: £20,000 in 2019-20 has £13,864 of qualifying earnings, of which the employer pays 3 %."""
    found = heard(AE, [pay("2019-06-30", "20000", "year")], Person(day("1990-01-01"), joined=day("2019-05-01")))
    assert sums(found)["employer.contribution"] == "415.92"


@pytest.mark.parametrize(
    ("pounds", "age", "opens"), [("833.00", 30, False), ("833.01", 30, True), ("2000", 21, False), ("2000", 22, True)]
)
def test_enrolled_above_the_trigger_from_22(pounds: str, age: int, opens: bool) -> None:
    """AE-21, AE-28: at exactly £833.00 a month nobody is enrolled, nor at 21."""
    found = heard(AE, [pay("2025-06-30", pounds)], Person(date(2025 - age, 6, 30)))
    assert opens == (found.opened_on is not None)


def test_each_job_is_tested_alone() -> None:
    """AE-19: three jobs at £500 a month enrol nobody."""
    assert None is heard(AE, [pay("2025-06-30", "500", payer=name) for name in "ABC"]).opened_on


def test_at_21_one_may_ask_to_join_and_the_employer_pays() -> None:
    """AE-21: £2,000 a month at 21 after opting in brings £44.40 from the employer; an entitled worker gets nothing."""
    young = Person(day("2004-01-01"))
    asked = says("opted_in", "yes", "2025-06-01")
    assert sums(heard(AE, [asked, pay("2025-06-30", "2000")], young))["employer.contribution"] == "44.40"
    assert sums(heard(AE, [asked, pay("2025-06-30", "519")], young)) == {}


@pytest.mark.parametrize(("on", "back"), [("2025-06-09", -10_360), ("2025-06-10", 0)])
def test_opting_out_on_the_last_day_and_one_day_late(on: str, back: int) -> None:
    """AE-22: a month beginning with 10 May ends on 9 June; in it both sides' money goes back, a day later none."""
    person = Person(
        day("1990-01-01"), day("2025-05-01"), {"active_membership": "2025-05-01", "info_letter": "2025-05-10"}
    )
    found = heard(AE, [pay("2025-05-31", "2000"), says("opted_out", "yes", on), pay("2025-06-30", "2000")], person)
    refunds = [one for one in found.owed if one.amount_minor < 0]
    assert back == sum(one.amount_minor for one in refunds if one.party in {"worker", "employer"})
    assert all(one.effective_on == day(on) for one in refunds)
    assert all(("pay 2025-05-31 ACME", f"opted_out {on}") == one.refs for one in refunds)
    assert not [one for one in found.owed if one.effective_on == day("2025-06-30")]


def test_a_stated_deduction_is_what_counts() -> None:
    """A net £40.00 on the pay row is the worker's contribution; a quarter of it, £10.00, is claimed as relief."""
    person = Person(day("1990-01-01"), joined=day("2025-05-01"))
    found = sums(heard(AE, [pay("2025-05-31", "2000", worker="40.00")], person))
    assert found == {"worker.contribution": "40.00", "employer.contribution": "44.40", "government.relief": "10.00"}


def test_a_frequency_the_table_lacks_takes_its_share_of_the_year() -> None:
    """Three-weekly pay has a lower end of 3/52 of £6,240, £360, and an upper of £2,900 (2,900.19 to the pound)."""
    person = Person(day("1990-01-01"), joined=day("2025-05-01"))
    assert sums(heard(AE, [pay("2025-05-31", "600", "3week")], person))["employer.contribution"] == "7.20"
    assert sums(heard(AE, [pay("2025-05-31", "9000", "3week")], person))["employer.contribution"] == "76.20"


def test_pay_without_frequency_and_period_is_a_fault() -> None:
    """With nothing to say how often it comes, a pay is held against the year's figures, and a fault says so."""
    person = Person(day("1990-01-01"), joined=day("2025-05-01"))
    found = heard(AE, [pay("2025-05-31", "7240", None)], person)
    assert sums(found)["employer.contribution"] == "30.00"
    assert {"frequency_missing"} == {gap.code for gap in found.gaps}


# MyFutureFund


IRISH = Person(day("1990-01-01"), joined=day("2026-01-01"))


@pytest.mark.parametrize(
    ("on", "gross", "worker", "state"),
    [
        ("2026-12-31", "20000", 30_000, 10_000),  # IE-01
        ("2032-12-31", "20000", 90_000, 30_000),  # IE-03
        ("2026-12-31", "29432", 44_148, 14_716),  # IE-05
        ("2026-12-31", "100000", 120_000, 40_000),  # IE-07
    ],
)
def test_rates_of_the_schemes_years(on: str, gross: str, worker: int, state: int) -> None:
    """Worker and employer pay the same, the State a third of it, at the rates of the scheme's year."""
    found = heard(IE, [pay(on, gross, "year")], IRISH)
    assert [state, worker, worker] == sorted(one.amount_minor for one in found.owed)


def test_the_cap_is_used_up_in_payment_order_whoever_pays() -> None:
    """IE-10: after €79,000 from two jobs, €1,000 of €3,000 counts; an exempt job uses up none of it."""
    facts = [
        says("exempt", "yes", "2026-01-01", payer="C"),
        pay("2026-03-31", "50000", payer="A"),
        pay("2026-04-30", "29000", payer="B"),
        pay("2026-05-31", "9000", payer="C"),
        pay("2026-06-30", "3000", payer="A"),
        pay("2026-07-31", "3000", payer="B"),
    ]
    found = [one for one in heard(IE, facts, IRISH).owed if one.effective_on > day("2026-05-01")]
    assert [(one.effective_on.isoformat(), one.amount_minor) for one in found] == [
        ("2026-06-30", 1_500),
        ("2026-06-30", 1_500),
        ("2026-06-30", 500),
    ]


@pytest.mark.parametrize(
    ("age", "gross", "opens"),
    [(22, "30000", False), (23, "20000", True), (59, "20000", True), (60, "30000", False), (30, "19999.99", False)],
)
def test_enrolment_boundaries(age: int, gross: str, opens: bool) -> None:
    """IE-11: from 23 until 60 on the period's last day, at not less than €20,000 a year."""
    found = heard(IE, [pay("2026-12-31", gross, "year")], Person(date(2026 - age, 12, 31)))
    assert opens == (found.opened_on is not None)


def test_the_threshold_is_a_share_of_the_year() -> None:
    """IE-13: three months have a threshold of €5,000 exactly, four weeks one of €1,538.46 and a fraction."""
    opened = [
        heard(IE, [pay("2026-03-31", gross, frequency)]).opened_on is not None
        for gross, frequency in (("4999.99", "3month"), ("5000", "3month"), ("1538.46", "4week"), ("1538.47", "4week"))
    ]
    assert opened == [False, True, False, True]


def test_exempt_jobs_count_for_the_threshold_and_get_nothing() -> None:
    """IE-08, IE-12: €1,000 from an exempt job and €700 from another enrol in the other, which alone contributes."""
    facts = [
        says("exempt", "yes", "2026-01-01", payer="A"),
        pay("2026-03-31", "1000", payer="A"),
        pay("2026-03-31", "700", payer="B"),
    ]
    found = heard(IE, facts)
    assert sums(found) == {
        "worker.contribution": "10.50",
        "employer.contribution": "10.50",
        "government.contribution": "3.50",
    }
    assert None is heard(IE, facts[2:]).opened_on


@pytest.mark.parametrize(
    ("on", "back"), [("2026-07-20", 0), ("2026-07-21", -4_500), ("2026-09-20", -4_500), ("2026-09-21", 0)]
)
def test_opting_out_in_the_seventh_and_eighth_month(on: str, back: int) -> None:
    """IE-09, IE-15: after a notice of 20 January the worker's own comes back from 21 July to 20 September alone."""
    person = Person(day("1990-01-01"), day("2026-01-20"), {"notice": "2026-01-20"})
    found = heard(IE, [pay("2026-02-28", "3000"), says("opted_out", "yes", on), pay("2026-10-31", "3000")], person)
    assert back == sum(one.amount_minor for one in found.owed if one.amount_minor < 0)
    assert (back == 0) == ("2026-10-31" in [on for on, _ in dated(found, "employer.contribution")])


@pytest.mark.parametrize(("on", "back"), [("2029-06-30", 0), ("2029-07-01", -9_000), ("2029-08-31", -9_000)])
def test_after_a_step_of_the_rates_only_the_step_comes_back(on: str, back: int) -> None:
    """IE-14: at 3 % instead of 1.5 %, two pays of €3,000 in 2029 gave €180; €90 of it comes back, none of 2028's."""
    facts = [
        pay("2028-12-31", "3000"),
        pay("2029-01-31", "3000"),
        pay("2029-05-31", "3000"),
        says("opted_out", "yes", on),
    ]
    found = heard(IE, facts, IRISH)
    assert back == sum(one.amount_minor for one in found.owed if one.amount_minor < 0)


def test_nothing_comes_back_twice() -> None:
    """Who has all of it back on appeal, and wins again, gets what came in between."""
    told = [
        pay("2026-02-28", "3000"),
        says("appeal_allowed", "yes", "2026-03-10"),
        says("appeal_allowed", "yes", "2026-03-11"),
        says("appeal_allowed", "no", "2026-03-20"),
        pay("2026-03-31", "2000"),
        says("appeal_allowed", "yes", "2026-04-10"),
    ]
    backs = [(on, minor) for on, minor in dated(heard(IE, told, IRISH), "worker.contribution") if minor < 0]
    assert backs == [("2026-03-10", -4_500), ("2026-04-10", -3_000)]


def test_suspension_begins_after_six_months_and_lasts_two_years() -> None:
    """Not before 1 July 2026; begun then, it rests to 30 June 2028; the next not before 30 December 2028."""
    begun = says("suspended", "yes", "2026-07-01")
    paid = [pay(on, "1000") for on in ("2026-06-30", "2026-07-01", "2028-06-30", "2028-07-01", "2028-12-31")]
    again = says("suspended", "yes", "2028-12-30")
    kept = [on for on, _ in dated(heard(IE, [*paid, begun, again], IRISH), "worker.contribution")]
    assert kept == ["2026-06-30", "2028-07-01"]
    early = heard(IE, [*paid, says("suspended", "yes", "2026-06-30")], IRISH)
    assert len(dated(early, "worker.contribution")) == 5


# The lifetime savings account


YOUNG = Person(day("2000-02-29"))


def test_first_pay_brings_three_parties_together() -> None:
    """£1,000 brings £30 from the worker, £30 from the employer, £15 of match and £3 of base."""
    found = heard(LSA, [pay("2026-05-31", "1000")], YOUNG)
    assert sums(found) == {
        "worker.contribution": "30.00",
        "employer.match": "30.00",
        "government.match": "15.00",
        "government.base": "3.00",
    }


def test_the_match_stops_at_its_cap_over_all_jobs() -> None:
    """£1,180 of own money and then £100 are matched to £590 and to £600."""
    found = heard(LSA, [fact("paid", "2026-05-01", "1180"), fact("paid", "2026-06-01", "100")], YOUNG)
    assert dated(found, "government.match") == [("2026-05-01", 59_000), ("2026-06-01", 1_000)]


def test_money_taken_out_sends_the_newest_match_back_across_two_years() -> None:
    """£1,700 out takes this year's £500 and £1,200 of last year's £1,400, of which £200 had brought no match."""
    facts = [
        fact("paid", "2026-06-01", "1400"),
        fact("paid", "2027-06-01", "500"),
        fact("withdrawn", "2027-07-01", "1700"),
    ]
    found = [one for one in heard(LSA, facts, YOUNG).owed if one.rule == "government.match"]
    assert [(one.effective_on.isoformat(), str(one.window_start), one.amount_minor) for one in found] == [
        ("2026-06-01", "2026-04-06", 60_000),
        ("2027-06-01", "2027-04-06", 25_000),
        ("2027-07-01", "2026-04-06", -50_000),
        ("2027-07-01", "2027-04-06", -25_000),
    ]


def test_money_for_a_purpose_keeps_its_match() -> None:
    """A student loan cleared keeps the match; retraining before six months are over does not, and after them does."""
    paid = fact("paid", "2026-06-01", "1000")
    words = [("2026-07-01", "student_loan"), ("2026-11-30", "retraining"), ("2026-12-01", "retraining")]
    found = [heard(LSA, [paid, fact("withdrawn", on, "1000", word)], YOUNG) for on, word in words]
    assert [sums(one).get("government.match") for one in found] == ["500.00", None, "500.00"]


@pytest.mark.parametrize(
    ("gross", "match"),
    [("50270", "500.00"), ("75135", "250.00"), ("75135.01", "250.00"), ("75136", "249.99"), ("100000", None)],
)
def test_match_tapers_with_earnings_two_tax_years_before(gross: str, match: str | None) -> None:
    """Half way between £50,270 and £100,000 earned in 2026-27, half of 2028-29's match is left."""
    facts = [pay("2026-12-31", gross, "year", worker="0.00"), fact("paid", "2028-05-01", "1000")]
    assert match == sums(heard(LSA, facts, YOUNG)).get("government.match")


def test_there_is_no_taper_in_the_first_two_years() -> None:
    """Earnings of the year of joining do not taper the match of the next tax year, nor do earnings before it."""
    facts = [pay("2026-12-31", "200000", "year", worker="0.00"), fact("paid", "2027-05-01", "1000")]
    assert sums(heard(LSA, facts, YOUNG))["government.match"] == "500.00"
    late = Person(day("2000-02-29"), joined=day("2027-05-01"))
    assert sums(heard(LSA, [facts[0], fact("paid", "2028-05-01", "1000")], late))["government.match"] == "500.00"


def test_base_for_each_month_earned_cared_or_learnt() -> None:
    """£3 a month, once: caring from 20 June to 2 August counts for June, July and August; the pay of July adds none."""
    facts = [
        pay("2026-05-31", "100"),
        says("caring", "yes", "2026-06-20"),
        says("caring", "no", "2026-08-02"),
        pay("2026-07-15", "100"),
        says("learning", "yes", "2026-08-10"),
    ]
    days = ["2026-05-31", "2026-06-20", "2026-07-01", "2026-08-01", "2026-09-01"]
    found = heard(LSA, facts, YOUNG, as_of="2026-09-30")
    assert [(on, 300) for on in days] == dated(found, "government.base")


def test_later_profit_replaces_earlier_profit() -> None:
    """1 % of £5,000, then of £20,000 up to £12,570, then of £1,000: £50.00, £75.70 more, £115.70 back."""
    facts = [
        fact("paid", "2026-05-01", "1"),
        *(
            says("profit", text, on)
            for text, on in (("5000", "2026-06-01"), ("20000", "2026-07-01"), ("1000", "2026-08-01"))
        ),
    ]
    found = heard(LSA, facts, YOUNG)
    assert dated(found, "government.profit") == [("2026-06-01", 5_000), ("2026-07-01", 7_570), ("2026-08-01", -11_570)]


def test_opting_out_within_a_month_returns_everybodys_own() -> None:
    """A month beginning with 31 May ends on 29 June: then all goes back, on 30 June nothing."""
    for on, left in (("2026-06-29", {}), ("2026-06-30", {"worker.contribution": "30.00"})):
        found = sums(heard(LSA, [pay("2026-05-31", "1000"), says("opted_out", "yes", on)], YOUNG))
        assert left.items() <= found.items()
        assert bool(left) == bool(found)


# The language


TIERED = """
name: tiered
title: A scheme of our own
description: Steps that no shipped scheme has, for this test.
currency: GBP
windows: {year: {description: The calendar year., every: year, starts: 01-01}}
values:
  rate: {description: A rate., unit: rate, source: this test, dated: {2026-01-01: RATE}}
membership: {description: First payment., first_payment_opens: true, source: this test}
rules:
  bonus:
    description: A bonus by tiers.
    party: government
    of: paid.worker
    steps:
      - total: {over: year, per: PER}
      - tiers: [{up_to: "100", rate: rate}, {up_to: "300", rate: "5%"}, {rate: "0"}]
      - round: HOW penny
    source: this test
"""


def tiered(rate: str = "10%", per: str = "member", how: str = "half_up") -> Rulebook:
    """The scheme above."""
    text = TIERED.replace("RATE", rate).replace("PER", per).replace("HOW", how)
    rulebook, faults = parse_rulebook(text, "tiered.yaml")
    assert rulebook is not None
    assert faults == []
    return rulebook


def test_tiers_give_each_slice_its_rate() -> None:
    """£80 and then £320 bring £8.00, and £2.00 with £10.00 more."""
    facts = [fact("paid", "2026-02-01", "80"), fact("paid", "2026-03-01", "320")]
    assert dated(replay(tiered(), AT_THIRTY, facts), "bonus") == [("2026-02-01", 800), ("2026-03-01", 1_200)]


@pytest.mark.parametrize(("how", "pence_"), [("half_up", 1), ("half_even", 0), ("down", 0), ("up", 1)])
def test_rounding_is_exact(how: str, pence_: int) -> None:
    """Half a penny is one, none, none and one."""
    assert pence_ == sum(
        one.amount_minor for one in replay(tiered(how=how), AT_THIRTY, [fact("paid", "2026-02-01", "0.05")]).owed
    )


def test_a_new_version_speaks_from_its_day_and_has_heard_everything() -> None:
    """£80 at 10 % and £40 more at 20 % from July: £8.00, then £20.00 and £1.00 less what £80 would have brought."""
    versions = [(day("2026-01-01"), tiered()), (day("2026-07-01"), tiered("20%"))]
    facts = [fact("paid", "2026-02-01", "80"), fact("paid", "2026-08-01", "40")]
    found = replay_versions(versions, AT_THIRTY, facts)
    assert dated(found, "bonus") == [("2026-02-01", 800), ("2026-08-01", 2_100 - 1_600)]


@pytest.mark.parametrize(
    ("first", "last", "frequency"),
    [
        ("2026-02-01", "2026-02-28", "month"),
        ("2026-03-01", "2026-03-28", "4week"),
        ("2026-01-31", "2026-02-27", "month"),
        ("2026-04-06", "2026-05-05", "month"),
        ("2026-01-01", "2026-03-31", "3month"),
        ("2026-01-01", "2026-12-31", "year"),
        ("2026-03-02", "2026-03-15", "2week"),
        ("2026-03-02", "2026-03-11", None),
    ],
)
def test_frequency_follows_from_the_period(first: str, last: str, frequency: str | None) -> None:
    """Weeks by their days, months by their cut; a whole February is a month."""
    assert frequency == frequency_of(pay(last, "1", None, period=(first, last)))


def test_a_period_not_said_goes_back_from_the_pay_day() -> None:
    """Monthly pay of 31 March is for 1 to 31 March; four-weekly for the 28 days that end with it."""
    assert (day("2026-03-01"), day("2026-03-31")) == period_of(pay("2026-03-31", "1"))
    assert (day("2026-03-31") - timedelta(27), day("2026-03-31")) == period_of(pay("2026-03-31", "1", "4week"))


def test_order_of_arrival_changes_nothing() -> None:
    """The same facts told backwards bring the same."""
    facts = [
        fact("paid", "2026-06-01", "1400"),
        fact("paid", "2027-06-01", "500"),
        fact("withdrawn", "2027-07-01", "1700"),
    ]
    assert heard(LSA, facts, YOUNG).owed == heard(LSA, facts[::-1], YOUNG).owed


def test_the_audit_shares_no_code_with_the_kernel() -> None:
    """The second opinion is worth nothing if the kernel gives it."""
    files = list(Path(lifepot.audit.__path__[0]).glob("*.py"))
    assert files
    assert [file.name for file in files if "lifepot.kernel" in file.read_text("utf-8")] == []

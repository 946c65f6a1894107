"""Steps that may follow each other and steps that may not, figures beside figures, and stretches of days beside each other.

Each row is an amount, a test or a stretch in the small rulebook, and where something is at fault in it: just beside each
row that is refused stands one that is right.
"""

from math import inf

import pytest
from tests.small import SMALL

from lifepot.rulebook.check_windows import Cut, cut_of
from lifepot.rulebook.reader import judge


def faults(section: str, line: str, text: str = SMALL) -> list[tuple[str, str]]:
    """Code and path of every fault after one line more in a section."""
    changed = text.replace(f"\n{section}:\n", f"\n{section}:\n{line}\n", 1)
    assert changed != text
    return [(one.code, one.path) for one in judge(changed, "small.yaml").faults]


def of_steps(steps: str, of: str = "pay.earnings", more: str = "") -> list[tuple[str, str]]:
    """Faults of an amount of these steps; the paths inside it."""
    line = f"  tried: {{description: T., of: {of}, steps: [{steps}]{more}}}"
    return [(code, path.removeprefix("amounts.tried.")) for code, path in faults("amounts", line)]


Told = list[tuple[str, str]]

STEPS: dict[str, Told] = {
    # totals and what needs one
    "total: month": [],
    "total: month, total: month": [("step", "steps.1")],
    "total: month, part: each, total: month": [],
    "latest: month": [],
    "total: month, latest: month": [("step", "steps.1")],
    "total: month, part: each, latest: month": [("step", "steps.2")],
    "latest: month, total: month": [("step", "steps.1")],
    "latest: month, part: each": [],
    "part: each": [("step", "steps.0")],
    "highest: month": [("step", "steps.0")],
    "rise_over: month": [("step", "steps.0")],
    'earlier: {window: month, by: "1"}': [("step", "steps.0")],
    'average: {months: "1"}': [("step", "steps.0")],
    "total: month, part: each, part: each": [("step", "steps.2")],
    "total: month, part: each, highest: month": [("step", "steps.2")],
    'total: month, earlier: {window: month, by: "1"}': [],
    'total: month, earlier: {window: month, by: "1"}, up_to: "5"': [("step", "steps.1")],
    'total: month, average: {months: "1"}': [],
    'total: month, average: {months: "1"}, up_to: "5"': [("step", "steps.1")],
    "total: pay_period": [("step", "steps.0.total")],
    "total: {over: pay_period, per: job}": [],
    "total: {over: pay_period, per: member}": [("step", "steps.0.total.over")],
    'total: {over: month, not_above: "5", beyond: refused}': [("step", "steps.0.total.beyond")],
    "total: {over: month, beyond: refused}": [("step", "steps.0.total.beyond")],
    # totals that do not stand one after the other
    "total: {over: tax_year, per: job}, part: each": [],
    "total: {over: tax_year, per: job}, highest: tax_year": [("step", "steps.1")],
    "total: {over: account, per: job}, rise_over: tax_year": [("step", "steps.1")],
    "total: {over: account, per: job}, part: each, latest: month, rise_over: month": [("step", "steps.2")],
    # fractions of a penny
    "rate: rate, round: half_up penny": [],
    "rate: rate": [("step", "steps.0")],
    'tiers: [{up_to: "5", rate: 9%}, {rate: 0%}]': [("step", "steps.0")],
    'tiers: [{up_to: "5", rate: 9%}, {rate: 0%}], round: down penny': [],
    'pro_rata: {amount: "5", of: "10"}': [("step", "steps.0")],
    'pro_rata: {amount: "5", of: "10"}, round: down penny': [],
    "rate: rate, total: month, round: down penny": [("step", "steps.1")],
    "rate: rate, round: down penny, total: month": [],
    "rate: rate, latest: month, round: down penny": [("step", "steps.1")],
    "total: month, rate: rate, part: each, round: down penny": [("step", "steps.2")],
    "total: month, rate: rate, round: down penny, part: each": [],
    "total: month, rate: rate, highest: month, round: down penny": [("step", "steps.2")],
    "total: account, rate: rate, rise_over: month, round: down penny": [("step", "steps.2")],
    'total: month, rate: rate, average: {months: "1"}, round: down penny': [("step", "steps.2"), ("step", "steps.2")],
    'rate: rate, up_to: {value: "5", beyond: disregarded}, round: down penny': [],
    'rate: rate, give: "5"': [],
    'total: tax_year, taper: {on: earned, from: "1", to: "2"}, rate: rate, round: down penny': [("step", "steps.2")],
    'total: tax_year, rate: rate, taper: {on: earned, from: "1", to: "2"}, round: down penny': [],
    'total: tax_year, taper: {on: earned, from: "1", to: "2"}, round: down penny, rate: rate, round: down penny': [],
    'total: month, pro_rata: {amount: "5", of: "10"}, rate: rate, round: down penny': [("step", "steps.2")],
    'pro_rata: {amount: "5", of: "10"}, rate: rate, round: down penny': [],
    'total: month, pro_rata: {amount: "5", of: "10"}, give: "5", rate: rate, round: down penny': [],
    # caps and floors
    'up_to: "5", at_least: "5"': [],
    'up_to: "5", at_least: "5.01"': [("cap_below_floor", "steps.1.at_least")],
    'at_least: "5", up_to: "5"': [],
    'at_least: "5", up_to: "4.99"': [("cap_below_floor", "steps.1.up_to")],
    'at_least: "5", up_to: {value: "4.99"}': [("cap_below_floor", "steps.1.up_to.value")],
    'at_least: "5", up_to: {value: "5"}': [],
    'up_to: {value: "5"}, at_least: "5.01"': [("cap_below_floor", "steps.1.at_least")],
    'at_least: "5", where: adult, up_to: "4"': [("cap_below_floor", "steps.2.up_to")],
    'at_least: "5", round: down penny, up_to: "4"': [("cap_below_floor", "steps.2.up_to")],
    'total: month, at_least: "5", highest: month, up_to: "4"': [("cap_below_floor", "steps.3.up_to")],
    'at_least: "5", rate: 10%, up_to: "4", round: down penny': [],
    'at_least: "5", total: month, up_to: "4"': [],
    'up_to: "4", total: month, at_least: "5"': [],
    'up_to: "9", up_to: "5", at_least: "6"': [("cap_below_floor", "steps.2.at_least")],
    'up_to: "5", up_to: "9", at_least: "6"': [("cap_below_floor", "steps.2.at_least")],
    'total: {over: month, not_above: "5"}, at_least: "6"': [("cap_below_floor", "steps.1.at_least")],
    'total: {over: month, not_above: "5"}, at_least: "5"': [],
    "at_least: table, up_to: table": [],
    'up_to: table, at_least: "100"': [],
    'up_to: table, at_least: "100.01"': [("cap_below_floor", "steps.1.at_least")],
    'at_least: table, up_to: "1200"': [],
    'at_least: table, up_to: "1199"': [("cap_below_floor", "steps.1.up_to")],
    # nothing left
    'up_to: "0"': [("nothing_left", "steps.0.up_to")],
    'up_to: {value: "0"}': [("nothing_left", "steps.0.up_to.value")],
    'up_to: "0.01"': [],
    'total: {over: month, not_above: "0"}': [("nothing_left", "steps.0.total.not_above")],
    'give: "0"': [("nothing_left", "steps.0.give")],
    "rate: 0%, round: down penny": [("nothing_left", "steps.0.rate")],
    "rate: 0.0001%, round: down penny": [],
    'up_to: "5", less: "4.99"': [],
    'up_to: "5", less: "5"': [("nothing_left", "steps.1.less")],
    'up_to: "5", rate: 50%, less: "5", round: down penny': [],
    'up_to: "5", give: "9", less: "8"': [],
    "tiers: [{rate: 0%}], round: down penny": [("nothing_left", "steps.0.tiers.0.rate")],
    'tiers: [{up_to: "5", rate: 0%}, {rate: 0%}], round: down penny': [("nothing_left", "steps.0.tiers.0.rate")],
    'tiers: [{up_to: "5", rate: 0%}, {rate: 1%}], round: down penny': [],
    "tiers: [{rate: rate}], round: down penny": [],
    'tiers: [{up_to: "0.01", rate: 1%}, {rate: 0%}], round: down penny': [],
}  # fmt: skip


@pytest.mark.parametrize("steps", list(STEPS))
def test_steps_after_steps(steps: str) -> None:
    """Of two chains that differ in one step, the one is refused at that step, and the other is right."""
    assert of_steps(steps) == STEPS[steps]


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("not_above: cap, taken_out: newest_first", True),
        ('not_below: "0", taken_out: newest_first', True),
        ("per: job, taken_out: newest_first", True),
        ("taken_out: newest_first", False),
    ],
)
def test_what_is_taken_out_of_a_total(terms: str, told: bool) -> None:
    """What is taken out is taken from a plain total of all jobs, of which neither parts nor the highest can be asked."""
    right = [("step", "steps.0.total.taken_out")] if told else []
    assert of_steps(f"total: {{over: tax_year, {terms}}}", "paid.worker") == right
    for word in ("part: each", "highest: tax_year"):
        found = of_steps(f"total: {{over: tax_year, {terms}}}, {word}", "paid.worker")
        assert found == [*right, ("step", "steps.1")]


@pytest.mark.parametrize(
    "step",
    [
        "up_to: tried", "up_to: {value: tried}", "less: tried", "at_least: tried", "give: tried",
        "total: {over: tax_year, not_above: tried}", 'pro_rata: {amount: tried, of: "5"}', 'pro_rata: {amount: "5", of: tried}',
        'taper: {on: tried, from: "1", to: "2"}', 'where: {what: amount.tried, above: "1"}',
        'where: {all: [adult, {not: {what: amount.tried, above: "1"}}]}',
    ],
)  # fmt: skip
def test_an_amount_that_asks_for_itself(step: str) -> None:
    """Whichever step asks for the amount it stands in, that is a circle."""
    found = of_steps(f"{step}, round: down penny")
    assert ("cycle", "amounts.tried") in found


def test_an_amount_taken_off_or_asked_for_by_itself() -> None:
    """So it is where it is taken off, or tested before the first step."""
    assert ("cycle", "amounts.tried") in of_steps("total: month", more=", minus: tried")
    assert ("cycle", "amounts.tried") in of_steps("total: month", more=', when: {what: amount.tried, above: "1"}')


@pytest.mark.parametrize(
    "asks", ["of: withdrawn.purpose", "of: withdrawn.no_purpose", "minus: withdrawn.no_purpose, of: paid.worker"]
)
def test_a_purpose_that_asks_for_what_it_decides(asks: str) -> None:
    """Whether a withdrawal has a purpose is no test of a purpose by way of an amount; another amount may be one."""
    text = SMALL.replace("when: cheap,", 'when: {what: amount.tried, above: "1"},')
    circle = faults("amounts", f"  tried: {{description: T., {asks}, steps: [total: month]}}", text)
    assert ("cycle", "amounts.tried") in circle
    assert faults("amounts", "  tried: {description: T., of: withdrawn, steps: [total: month]}", text) == []
    taken = "{over: month, taken_out: newest_first}"
    line = f"  tried: {{description: T., of: paid.worker, steps: [total: {taken}]}}"
    assert ("cycle", "amounts.tried") in faults("amounts", line, text)


def test_what_is_refused_is_a_payment_in_whole_pennies() -> None:
    """What is beyond a cap is sent back where it is a payment that no rate has cut to fractions of a penny."""
    capped = 'up_to: {value: "5", beyond: refused}'
    assert of_steps(f"{capped}, rate: rate, round: down penny", "paid.worker") == []
    assert ("step", "steps.1") in of_steps(f"rate: rate, {capped}, round: down penny", "paid.worker")
    assert of_steps('total: {over: month, not_above: "5", beyond: refused}', "paid.worker") == []


def test_names_of_two_things() -> None:
    """A rule or an amount may not be called as a value is, nor an amount as a rule."""
    money = 'unit: money, source: O., dated: {2020-04-06: "1"}'
    assert faults("values", f"  worker.payment: {{description: W., {money}}}")[:1] == [
        ("twice", "rules.worker.payment")
    ]
    assert ("twice", "amounts.worker.payment") in faults(
        "amounts", "  worker.payment: {description: W., of: paid.worker}"
    )
    assert ("twice", "amounts.rate") in faults("amounts", "  rate: {description: R., of: paid.worker}")


def test_where_amounts_begin() -> None:
    """A source is of the rulebook, of the right kind, and told at its own place among several."""
    sources = {
        "[paid.worker, day.birthday]": [("unknown", "of.1")],
        "present.price": [("unit", "of")],
        "present.out": [],
        "attribute.plan": [("unit", "of")],
        "attribute.price": [],
        "attribute.gone": [("unknown", "of")],
        "withdrawn.home": [],
        "count.pay": [],
        "[count.withdrawn, count.paid]": [],
    }
    assert {of: of_steps("total: month", of) for of in sources} == sources


def test_days_and_jobs() -> None:
    """A named day is of a person: where each job is kept alone there is none."""
    text = SMALL.replace("values:\n", "days:\n  first: {description: F., on: 2020-04-06}\nvalues:\n")
    line = "  tried: {description: T., of: day.first, steps: [total: month]}"
    assert faults("amounts", line, text) == []
    alone = text.replace("  may_join", "  per: job\n  may_join")
    assert [code for code, path in faults("amounts", line, alone) if path == "amounts.tried.of"] == ["rule"]


RULE = "  tried: {description: T., party: worker, of: pay.worker, source: O., "


def test_rules_of_what_is_stated() -> None:
    """What a pay row states is held against each pay alone, and stated by the party that owes it."""
    assert faults("rules", RULE + "stated: pay.worker, steps: [rate: 3%, round: down penny]}") == []
    assert faults("rules", RULE + "stated: pay.worker, steps: [total: month]}") == [("step", "rules.tried.stated")]
    assert faults("rules", RULE + "stated: pay.worker, steps: [latest: month]}") == [("step", "rules.tried.stated")]
    assert faults("rules", RULE + "stated: pay.employer, steps: []}") == [("rule", "rules.tried.stated")]


def test_when_a_rule_is_due() -> None:
    """The window a rule is due at the end of is there, and earlier another was, until a day."""
    due = "due: {at_end_of: %s, earlier: {at_end_of: %s, until: %s}}}"
    assert faults("rules", RULE + due % ("month", "tax_year", "2021-04-05")) == []
    assert faults("rules", RULE + due % ("moon", "tax_year", "2021-04-05")) == [
        ("unknown", "rules.tried.due.at_end_of")
    ]
    assert faults("rules", RULE + due % ("month", "year", "2021-04-05")) == [
        ("unknown", "rules.tried.due.earlier.at_end_of")
    ]
    assert faults("rules", RULE + due % ("month", "tax_year", "then")) == [("figure", "rules.tried.due.earlier.until")]
    assert faults("rules", RULE + due % ("month", "account", "2021-04-05")) == [
        ("period", "rules.tried.due.earlier.at_end_of")
    ]
    assert faults("rules", RULE + "due: {at_end_of: pay_period}}") == [("unknown", "rules.tried.due.at_end_of")]


# Tests that nothing can meet

LOWER, UPPER = ("above", "at_least", "is"), ("below", "at_most", "is")


@pytest.mark.parametrize(
    ("what", "low", "high"),
    [
        ("age", "18", "18y 1m"),
        ("attribute.price", "0.99", "1"),
        ("pay.earnings", "99.99", "100"),
        ("pay.hours", "7", "8"),
        ("date", "2026-04-05", "2026-04-06"),
        ("months_since_joining", "9", "10"),
    ],
)
def test_the_ends_of_a_test(what: str, low: str, high: str) -> None:
    """Ends that leave nothing between them are refused at the upper one: equal ones, if either is out."""
    for lower in LOWER:
        for upper in UPPER:
            if lower == upper:
                continue
            both_in = lower != "above" and upper != "below"

            def told(at: str, to: str, lower: str = lower, upper: str = upper) -> list[tuple[str, str]]:
                return faults("conditions", f"  tried: {{what: {what}, {lower}: {at}, {upper}: {to}}}")

            assert told(f'"{low}"', f'"{high}"') == [], (lower, upper)
            assert told(f'"{low}"', f'"{low}"') == ([] if both_in else [("order", f"conditions.tried.{upper}")])
            assert told(f'"{high}"', f'"{low}"') == [("order", f"conditions.tried.{upper}")]


# Stretches of days


def of_windows(*windows: str) -> list[tuple[str, str]]:
    """Faults of these windows of leaving."""
    old = '        - within: {from: [joining], months: "1"}\n          refunds: [{party: worker}]\n'
    assert old in SMALL
    new = "".join(f"        - {{within: {{{one}}}, refunds: [{{party: worker}}]}}\n" for one in windows)
    text = SMALL.replace(old, new).replace("attributes:\n", "attributes:\n  told: {description: T., kind: day}\n")
    at = "membership.leaving.0.windows."
    return [(one.code, one.path.removeprefix(at)) for one in judge(text, "small.yaml").faults]


@pytest.mark.parametrize(
    ("first", "second", "over"),
    [
        ('from: [joining], months: "2"', 'from: [joining], after_months: "2", months: "3"', False),
        ('from: [joining], months: "2"', 'from: [joining], after_months: "1", months: "3"', True),
        ('from: [joining], after_months: "2", months: "3"', 'from: [joining], months: "2"', False),
        ('from: [joining], after_months: "2", months: "3"', 'from: [joining], months: "3"', True),
        ('from: [joining], after_months: "2", months: "3", beginning_with: true', 'from: [joining], months: "2"', True),
        (
            'from: [joining], after_months: "2", months: "3", beginning_with: true',
            'from: [joining], months: "2", beginning_with: true',
            False,
        ),
        ('from: [joining], months: "2"', 'from: [attribute.told], months: "2"', False),
        ('from: [attribute.told, joining], months: "2"', 'from: [joining, attribute.told], months: "2"', True),
        ('from: [2020-04-06], months: "1"', 'from: [2020-05-07], months: "1"', False),
        ('from: [2020-04-06], months: "1"', 'from: [2020-05-06], months: "1"', True),
        ('from: [2020-05-07], months: "1"', 'from: [2020-04-06], months: "1"', False),
        ('from: [2020-05-06], months: "1"', 'from: [2020-04-06], months: "1"', True),
        ('from: [2020-04-06], months: "1", beginning_with: true', 'from: [2020-05-06], months: "1"', False),
        ('from: [2020-04-06], months: "1", beginning_with: true', 'from: [2020-05-05], months: "1"', True),
        ('from: [2020-04-06], months: "1"', 'from: [2020-04-06], after_months: "1", months: "2"', False),
        ('from: [2020-01-01, 2020-04-06], months: "1"', 'from: [2020-05-06], months: "1"', True),
        ('from: [2020-01-01, 2020-04-06], months: "1"', 'from: [2020-01-20], months: "1"', False),
        ('from: [2020-04-06, joining], months: "1"', 'from: [2020-04-06], months: "1"', False),
    ],
)  # fmt: skip
def test_stretches_that_have_a_day_in_common(first: str, second: str, over: bool) -> None:
    """Two stretches in which the same money goes back are refused where they certainly share a day, and only there."""
    assert of_windows(first, second) == ([("overlap", "1.within.months")] if over else [])


# Figures of one pay, of a window, of one fact


FIGURES = {
    "up_to: FIGURE": "up_to",
    "up_to: {value: FIGURE}": "up_to.value",
    "less: FIGURE": "less",
    "at_least: FIGURE": "at_least",
    "give: FIGURE": "give",
    'pro_rata: {amount: FIGURE, of: "5000"}, round: down penny': "pro_rata.amount",
    'pro_rata: {amount: "1", of: FIGURE}, round: down penny': "pro_rata.of",
    'taper: {on: own, from: FIGURE, to: "99999"}, round: down penny': "taper.from",
    'taper: {on: own, from: "1", to: FIGURE}, round: down penny': "taper.to",
    "tiers: [{up_to: FIGURE, rate: 9%}, {rate: 1%}], round: down penny": "tiers.0.up_to",
}

WITH_AMOUNTS = SMALL.replace(
    "amounts:\n",
    """amounts:
  own: {description: Own., of: pay.earnings}
  of_month: {description: A month's., of: pay.earnings, steps: [total: month]}
  of_life: {description: All., of: pay.earnings, steps: [total: account]}
  of_parts: {description: Parts., of: pay.earnings, steps: [total: month, part: each]}
  latest: {description: Said last., of: attribute.price, steps: [latest: month]}
  highest: {description: Highest., of: pay.earnings, steps: [total: month, highest: account]}
""",
)


def out_of_time(steps: str, of: str = "pay.earnings") -> list[str]:
    """Where steps meet a figure of another stretch of time."""
    line = f"  tried: {{description: T., of: {of}, steps: [{steps}]}}"
    told = faults("amounts", line, WITH_AMOUNTS)
    return [path.removeprefix("amounts.tried.steps.") for code, path in told if code == "period"]


@pytest.mark.parametrize("step", list(FIGURES))
def test_a_figure_of_one_pay(step: str) -> None:
    """A table by frequency stands beside each pay: not beside a year's total, nor beside money that is no pay."""
    own, at = step.replace("FIGURE", "table"), FIGURES[step]
    assert f"0.{at}" not in out_of_time(own)
    assert f"0.{at}" in out_of_time(own, "paid.worker")
    assert f"0.{at}" in out_of_time(own, "[pay.earnings, paid.worker]")
    assert f"1.{at}" in out_of_time(f"total: tax_year, {own}")
    assert f"2.{at}" not in out_of_time(f"total: tax_year, part: each, {own}")
    assert f"1.{at}" not in out_of_time(f"total: {{over: pay_period, per: job}}, {own}")
    assert f"1.{at}" in out_of_time(f"total: {{over: pay_period, per: job}}, {own}", "paid.worker")


@pytest.mark.parametrize("step", [one for one in FIGURES if "taper" not in one and "tiers" not in one])
def test_an_amount_beside_a_total(step: str) -> None:
    """Beside a total stands an amount of the same window or a longer one: neither of a shorter one, nor of one fact."""
    at = FIGURES[step]

    def told(figure: str, over: str) -> bool:
        return f"1.{at}" in out_of_time(f"total: {over}, {step.replace('FIGURE', figure)}")

    assert {figure: told(figure, "tax_year") for figure in ("own", "of_month", "of_life", "of_parts", "latest", "highest", "earned")} == {
        "own": True, "of_month": True, "of_life": False, "of_parts": True, "latest": True, "highest": False, "earned": False,
    }  # fmt: skip
    assert {figure: told(figure, "month") for figure in ("own", "of_month", "latest", "earned")} == {
        "own": True, "of_month": False, "latest": False, "earned": False,
    }  # fmt: skip
    assert told("earned", "account")
    assert out_of_time(step.replace("FIGURE", "own")) == []


def test_the_cap_inside_a_total() -> None:
    """So it is with a cap that holds a total as it grows."""
    for figure, is_told in {"table": True, "of_month": True, "of_life": False, "cap": False}.items():
        found = out_of_time(f"total: {{over: tax_year, not_above: {figure}}}")
        assert found == (["0.total.not_above"] if is_told else []), figure


@pytest.mark.parametrize(
    ("window", "other", "within"),
    [
        (Cut("month"), Cut("month"), True),
        (Cut("month"), Cut("account"), True),
        (Cut("account"), Cut("account"), True),
        (Cut("account"), Cut("month"), False),
        (Cut("account"), Cut("year"), False),
        (Cut("month"), Cut("month", (1, 6)), False),
        (Cut("month"), Cut("year", (4, 1)), True),
        (Cut("month"), Cut("year", (4, 6)), False),
        (Cut("month", (1, 6)), Cut("year", (4, 6)), True),
        (Cut("month", (1, 6)), Cut("year", (4, 1)), False),
        (Cut("month"), Cut("terms", length=24), True),
        (Cut("month", (1, 6)), Cut("terms", length=24), False),
        (Cut("year"), Cut("month"), False),
        (Cut("year", (4, 6)), Cut("year", (4, 6)), True),
        (Cut("year", (4, 6)), Cut("year", (1, 1)), False),
        (Cut("year"), Cut("terms", length=24), False),
        (Cut("terms", length=12), Cut("terms", length=24), True),
        (Cut("terms", length=24), Cut("terms", length=12), False),
        (Cut("terms", length=12), Cut("terms", length=18), False),
        (Cut("terms", length=12), Cut("year"), False),
        (Cut("terms", length=12, times=1), Cut("account"), True),
    ],
)  # fmt: skip
def test_a_window_within_another(window: Cut, other: Cut, within: bool) -> None:
    """A window lies in another whole where the one never goes across an end of the other."""
    assert window.lies_within(other) is within


def test_windows_of_a_rulebook() -> None:
    """How each window cuts time, how long it is, and whether it ever begins anew; None of one that cannot be read."""
    windows = """windows:
  sixth: {description: W., every: month, starts: "6"}
  monthly: {description: W., every: month}
  terms: {description: W., months: "24", times: "2"}
  one_term: {description: W., months: "24", times: "1"}
  endless: {description: W., months: "18"}
"""
    book = judge(SMALL.replace("windows:\n", windows, 1), "small.yaml").rulebook
    assert book is not None
    cuts = {name: cut_of(book, name) for name in [*book.windows, "account", "month", "gone"]}
    assert cuts == {
        "tax_year": Cut("year", (4, 6)),
        "sixth": Cut("month", (1, 6)),
        "monthly": Cut("month", (1, 1)),
        "terms": Cut("terms", length=24, times=2),
        "one_term": Cut("terms", length=24, times=1),
        "endless": Cut("terms", length=18),
        "account": Cut("account"),
        "month": Cut("month"),
        "gone": None,
    }
    lengths = {name: cut.months for name, cut in cuts.items() if cut}
    assert lengths == {
        "tax_year": 12, "sixth": 1, "monthly": 1, "terms": 24, "one_term": 24, "endless": 18, "account": inf, "month": 1,
    }  # fmt: skip
    assert [name for name, cut in cuts.items() if cut and cut.never_begins_anew] == ["one_term", "account"]


# What a test compares with


COMPARED = {
    "age": {"18": "", "66y 5m": "", "cap": "unit", "nowhere": "unknown", "18.5": "figure", "earned": "unit"},
    "age_at_joining": {"18": "", "cap": "unit", "nowhere": "unknown"},
    "age_at_first_payment": {"18": "", "cap": "unit", "nowhere": "unknown"},
    "date": {"2026-04-06": "", "cap": "unit", "nowhere": "unknown", "2026-02-30": "figure"},
    "pay.earnings": {"5": "", "cap": "", "table": "", "rate": "unit", "nowhere": "unknown", "5%": "figure", "earned": "unit"},
    "pay.hours": {"8": "", "count": "", "cap": "unit", "nowhere": "unknown", "7.5": "figure"},
    "pay.worker": {"5": "", "rate": "unit"},
    "pay.employer": {"5": "", "rate": "unit"},
    "months_since_joining": {"12": "", "count": "", "cap": "unit", "1.5": "figure"},
    "months_since_first_payment": {"12": "", "cap": "unit", "1.5": "figure"},
    "attribute.price": {"5": "", "cap": "", "rate": "unit", "5%": "figure", "table": "period"},
    "attribute.share": {"5": "", "rate": "", "cap": "unit"},
    "amount.earned": {"5": "", "cap": "", "count": "", "rate": "unit", "nowhere": "unknown", "5%": "figure", "table": "period"},
}  # fmt: skip

WITH_COUNT = SMALL.replace(
    "values:\n", 'values:\n  count: {description: C., unit: number, source: O., dated: {2020-04-06: "3"}}\n'
)


@pytest.mark.parametrize("what", list(COMPARED))
@pytest.mark.parametrize("word", ["at_least", "is"])
def test_what_a_test_compares_with(what: str, word: str) -> None:
    """Each sort of test takes figures and values of its own unit alone, and says at which word another stands."""
    found = {}
    for text in COMPARED[what]:
        told = faults("conditions", f'  tried: {{what: {what}, {word}: "{text}"}}', WITH_COUNT)
        assert [path for _, path in told] == [f"conditions.tried.{word}"] * len(told)
        found[text] = ", ".join(code for code, _ in told)
    assert found == COMPARED[what]


def test_yes_and_no_and_choices() -> None:
    """Yes or no, or the word of a choice, is only ever `is`."""
    for word in ("above", "at_least", "below", "at_most"):
        for what, text in {"attribute.out": "yes", "attribute.plan": "a"}.items():
            line = f"  tried: {{what: {what}, {word}: {text}}}"
            assert faults("conditions", line) == [("test", f"conditions.tried.{word}")]
    right = {("attribute.out", "yes"): "", ("attribute.out", "maybe"): "figure", ("attribute.plan", "a"): "",
             ("attribute.plan", "c"): "unknown"}  # fmt: skip
    for (what, text), code in right.items():
        told = faults("conditions", f"  tried: {{what: {what}, is: {text}}}")
        assert told == ([(code, "conditions.tried.is")] if code else [])

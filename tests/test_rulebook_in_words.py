"""Conditions and figures as a person reads them, each with the sentence it should be."""

from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.small import SMALL

from lifepot.rulebook import figures_in_words
from lifepot.rulebook.chains_in_words import STEP_IN_WORDS, as_text, due_in_words, source, step_in_words
from lifepot.rulebook.conditions_in_words import Clause, Wording, as_clause
from lifepot.rulebook.reader import judge
from lifepot.rulebook.terms import Due, Pause, Rulebook, Taper

BOOK = SMALL.replace(
    "conditions:\n",
    """conditions:
  big: {all: [adult, {what: date, below: 2026-04-06}, {what: attribute.plan, is: b}]}
  pair: {any: [adult, {what: date, below: 2026-04-06}]}
  deep: {any: [adult, {all: [{what: date, below: 2026-04-06}, {what: attribute.plan, is: b}]}]}
  tried: TRIED
""",
).replace(
    "amounts:\n",
    """amounts:
  counted: {description: Counted., of: [count.paid, present.out]}
  gift: {description: Gift., of: count.paid, steps: [give: "3"]}
""",
)

CONDITIONS = {
    '{what: age, at_least: "22"}': "aged 22 or more",
    '{what: age, above: "22", below: "66y 1m"}': "aged more than 22 and below 66 years and 1 month",
    '{what: age_at_joining, at_most: "40"}': "aged 40 at most on joining",
    '{what: age_at_first_payment, is: "18", unknown: passes}': "aged exactly 18 at the first payment (or nobody knows)",
    "{what: date, at_least: 2026-04-06}": "on or after 6 April 2026",
    "{what: date, above: 2026-04-06, below: 2027-04-06}": "after 6 April 2026 and before 6 April 2027",
    "{what: date, at_most: 2026-04-06}": "on or before 6 April 2026",
    "{what: pay.earnings, above: table}": "pay of more than £100 a month or £1,200 a year (by frequency)",
    '{what: pay.earnings, together: all_jobs, at_least: "100"}': "pay in all jobs together of at least £100",
    '{what: pay.hours, below: "8"}': "hours worked: less than 8",
    '{what: pay.worker, at_least: "0"}': "the payroll file says what the worker paid",
    '{what: pay.employer, at_least: "0"}': "the payroll file says what the employer pays",
    '{what: pay.worker, above: "5.50"}': "what the payroll file says the worker paid: more than £5.50",
    '{what: pay.worker, at_least: "1"}': "what the payroll file says the worker paid: at least £1",
    '{what: months_since_joining, at_least: "12"}': "at least 12 months after joining",
    '{what: months_since_first_payment, below: "6", unknown: passes}': "less than 6 months after the first payment (or nobody knows)",
    '{what: attribute.out, is: "yes"}': "left",
    '{what: attribute.out, is: "no"}': "not: left",
    '{what: attribute.out, is: "N", unknown: passes}': "not: left (or nobody knows)",
    "{what: attribute.plan, is: a}": "plan is \u2018a\u2019",
    '{what: attribute.price, at_least: "0"}': "price was said",
    "{what: attribute.price, above: cap}": "price of more than £1,200 (cap)",
    '{what: attribute.share, at_most: "5"}': "share of at most 5%",
    '{what: amount.earned, at_least: "10"}': "“earned” of at least £10",
    '{what: amount.counted, at_least: "2"}': "“counted” of at least 2",
    '{what: amount.gift, at_least: "2"}': "“gift” of at least £2",
    '{not: {what: age, below: "18"}}': "not: aged below 18",
    "{not: {not: adult}}": "aged 18 or more",
    '{all: [adult, {what: attribute.out, is: "no"}]}': "aged 18 or more, unless left",
    '{all: [{what: attribute.out, is: "no"}, {not: adult}]}': "none of these: left or aged 18 or more",
    '{any: [adult, {what: attribute.out, is: "no"}]}': "aged 18 or more or not: left",
    "{all: [adult]}": "aged 18 or more",
    "{any: [{not: adult}]}": "not: aged 18 or more",
    '{all: [{what: age, at_least: "16"}, {what: age, below: "75"}]}': "aged 16 or more and below 75",
    '{all: [{what: age, at_least: "16"}, {what: age, below: "75", unknown: passes}]}': "aged 16 or more and aged below 75 (or nobody knows)",
    '{all: [{what: attribute.out, is: "no"}, {what: attribute.out, is: "no"}]}': "none of these: left or left",
    "{all: [adult, {any: [adult, {what: date, below: 2026-04-06}]}]}": "aged 18 or more and (aged 18 or more or before 6 April 2026)",
    "{any: [adult, {all: [adult, {what: date, below: 2026-04-06}]}]}": "aged 18 or more or (aged 18 or more and before 6 April 2026)",
    "{all: [{not: {any: [adult, {what: date, below: 2026-04-06}]}}, adult]}": "aged 18 or more, unless (aged 18 or more or before 6 April 2026)",
    "{all: [cheap, {what: date, below: 2026-04-06}]}": "aged 18 or more and price of at most £1,200 (cap), and before 6 April 2026",
    "{any: [cheap, adult]}": "(aged 18 or more and price of at most £1,200 (cap)) or aged 18 or more",
    "{any: [big, adult]}": "“big” or aged 18 or more",
    "{all: [big, adult]}": "“big” and aged 18 or more",
    "{any: [deep, adult]}": "“deep” or aged 18 or more",
    "{all: [deep, {not: big}]}": "“deep”, unless “big”",
    "{any: [pair, adult]}": "(aged 18 or more or before 6 April 2026) or aged 18 or more",
}  # fmt: skip


def clause_of(condition: str, on: str | None = None) -> Clause:
    """A condition of the small rulebook in words."""
    rulebook = judge(BOOK.replace("TRIED", condition), "small.yaml").rulebook
    assert rulebook is not None
    return Wording(rulebook, on).clause(rulebook.conditions["tried"])


@pytest.mark.parametrize("condition", list(CONDITIONS))
def test_a_condition_in_one_line(condition: str) -> None:
    """Each sort of test, and tests together, are said as a person would, what must not hold last."""
    assert clause_of(condition).line == CONDITIONS[condition]


def test_the_parts_of_a_condition() -> None:
    """Of several tests the parts are told under what is needed of them; one alone, or one in two ends, has none."""
    both = clause_of('{all: [adult, {what: attribute.out, is: "no"}]}')
    assert (both.head, [one.line for one in both.parts]) == ("all of these", ["aged 18 or more", "not: left"])
    either = clause_of("{any: [big, adult]}")
    assert (either.head, [one.line for one in either.parts]) == ("any of these", ["“big”", "aged 18 or more"])
    assert [one.name for one in either.parts] == ["big", ""]
    assert clause_of('{all: [{what: age, at_least: "16"}, {what: age, below: "75"}]}').parts == ()
    assert clause_of("{all: [adult]}").parts == ()
    denied = clause_of("{not: adult}")
    assert (denied.is_denied, denied.undenied.line) == (True, "aged 18 or more")


def test_a_figure_on_a_day() -> None:
    """A value is said by what it is on a day; with no day, only one that never changed is."""
    said = {
        None: "share of at most the “rate”",
        "2020-04-05": "share of at most the “rate”",
        "2020-04-06": "share of at most 25% (rate)",
        "2021-04-05": "share of at most 25% (rate)",
        "2021-04-06": "share of at most 20% (rate)",
    }
    assert {on: clause_of("{what: attribute.share, at_most: rate}", on).line for on in said} == said


@pytest.mark.parametrize(
    ("text", "unit", "currency", "said"),
    [
        ("4000", "money", "GBP", "£4,000"),
        ("542.88", "money", "EUR", "€542.88"),
        ("none", "money", "GBP", "no figure"),
        ("a lot", "money", "GBP", "a lot"),
        ("25%", "rate", "GBP", "25%"),
        ("0.25", "rate", "GBP", "25%"),
        ("0.125", "rate", "GBP", "12.5%"),
        ("1/3", "rate", "GBP", "1/3"),
        ("50p per £1", "rate", "GBP", "50p per £1"),
        ("50p per £1", "rate", "EUR", "50c per €1"),
        ("5", "percent", "GBP", "5%"),
        ("5%", "percent", "GBP", "5%"),
        ("22", "age", "GBP", "22"),
        ("66y 1m", "age", "GBP", "66 years and 1 month"),
        ("66y 2m", "age", "GBP", "66 years and 2 months"),
        ("0y 11m", "age", "GBP", "0 years and 11 months"),
        ("2024-04-06", "day", "GBP", "6 April 2024"),
        ("2024-12-31", "day", "GBP", "31 December 2024"),
        ("2024-01-01", "day", "GBP", "1 January 2024"),
        ("at_source", "choice", "GBP", "at source"),
        ("7", "number", "GBP", "7"),
    ],
)
def test_a_figure_in_words(text: str, unit: str, currency: str, said: str) -> None:
    """A figure is said by its unit, and as it stands where it cannot be read."""
    assert figures_in_words.plain_figure(text, unit, currency) == said


def test_small_words() -> None:
    """Spans, roundings, days of the year, heads of tables and lists, in words."""
    spans = {
        "6y 14d": "6 years and 14 days",
        "1y 1m 1d": "1 year, 1 month and 1 day",
        "18m": "1 year and 6 months",
        "2d": "2 days",
    }
    assert {text: figures_in_words.plain_span(text) for text in spans} == spans
    roundings = {
        "half_up penny": "to the nearest penny, half a penny up",
        "half_up pound": "to the nearest whole pound, half a pound up",
        "half_even cent": "to the nearest cent, half a cent to the even one",
        "down pound": "down to the whole pound",
        "up penny": "up to the penny",
    }
    assert {text: figures_in_words.plain_rounding(text) for text in roundings} == roundings
    assert [figures_in_words.plain_month_day(one) for one in ("04-06", "12-28", "01-01")] == [
        "6 April", "28 December", "1 January",
    ]  # fmt: skip
    heads = {
        ("week", "frequency"): "a week",
        ("1960-04-06", "born"): "for those born from 6 April 1960",
        ("55", "age"): "from age 55",
        ("at_source", "attribute.relief"): "at source",
    }
    assert {key: figures_in_words.plain_key(*key, "GBP") for key in heads} == heads
    assert [figures_in_words.listed(one) for one in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert figures_in_words.listed(["a", "b"], "or") == "a or b"
    assert [figures_in_words.plain_name(one) for one in ("annual_limit", "worker.own_share")] == [
        "annual limit", "worker's own share",
    ]  # fmt: skip
    assert [figures_in_words.one_major(one) for one in ("GBP", "EUR")] == ["£1", "€1"]


def test_a_description_in_a_sentence() -> None:
    """A description begins small in a sentence and ends at its first semicolon, but for what is written in capitals."""
    said = {
        "Left the scheme.": "left the scheme",
        "A; b.": "a",
        "HMRC says so.": "HMRC says so",
        "I left.": "I left",
        "": "",
    }
    assert {text: as_clause(text) for text in said} == said


STEPS = {
    "total: month": "Add up over the calendar month.",
    "total: {over: account, per: job}": "Add up over the life of the account, each job for itself.",
    'total: {over: tax_year, not_below: "0", not_above: cap}': (
        "Add up over the tax year, never below nothing, never above £1,200 (cap)."
    ),
    "total: {over: tax_year, not_above: cap, beyond: refused}": (
        "Add up over the tax year, never above £1,200 (cap); what would be beyond is sent back."
    ),
    "total: {over: tax_year, taken_out: newest_first}": (
        "Add up over the tax year; a sum taken out for no purpose undoes the newest money first."
    ),
    "up_to: cap": "No more than £1,200 (cap); what is beyond counts for nothing.",
    'up_to: {value: "5", beyond: refused}': "No more than £5; what is beyond is sent back.",
    'up_to: {value: "5"}': "No more than £5; what is beyond counts for nothing.",
    "less: earned": "Less the “earned”, but not below nothing.",
    'at_least: "5"': "At least £5, where there is anything at all.",
    'give: "5"': "Give £5, where there is anything at all.",
    "rate: 25%": "Of that, 25%.",
    "rate: {attribute: share, otherwise: 3%}": "Of that, share; if none was said, 3%.",
    "tiers: [{rate: 9%}]": "Of that, 9%.",
    'tiers: [{up_to: "5", rate: 9%}, {up_to: "10", rate: 5%}, {rate: 1%}]': (
        "Of that, 9% of the first £5, 5% of what lies between £5 and £10 and 1% of the rest."
    ),
    'taper: {on: earned, from: "1", to: "2"}': (
        "The whole of it while the “earned” is at most £1, falling in a straight line to nothing at £2."
    ),
    "round: down pound": "Round down to the whole pound.",
    "highest: account": "Take the highest it has been in the life of the account.",
    "rise_over: month": "Take what it rose by in the calendar month.",
    "latest: month": "Take the last that was said in the calendar month.",
    'earlier: {window: month, by: "2"}': "What it had come to in the calendar month, 2 back.",
    'earlier: {window: month, by: "2", since: joining}': (
        "What it had come to in the calendar month, 2 back; what was before joining is nothing."
    ),
    "where: adult": "Only where: aged 18 or more.",
    "where: {not: adult}": "Except where: aged 18 or more.",
    'pro_rata: {amount: "5", of: "10"}': "In proportion: £5 for £10, and as much less for less.",
    'average: {months: "6"}': "Take its average over the 6 months before, day by day.",
    "part: each": "Look again at each for itself: what each of them added.",
}  # fmt: skip


def test_each_step_in_words() -> None:
    """Each step and each of its terms is said; every step of the language has its words."""
    lines = "".join(
        f"  tried_{n}: {{description: T., of: paid.worker, steps: [{step}]}}\n" for n, step in enumerate(STEPS)
    )
    plain = YAML(typ="safe").load(BOOK.replace("TRIED", "adult").replace("amounts:\n", f"amounts:\n{lines}"))
    book = Rulebook.model_validate(as_texts(plain))
    wording = Wording(book)
    said = [step_in_words(wording, book.amounts[f"tried_{n}"].steps[0]) for n in range(len(STEPS))]
    assert dict(zip(STEPS, said, strict=True)) == STEPS
    assert {step.partition(":")[0] for step in STEPS} == set(STEP_IN_WORDS)


def as_texts(plain: Any) -> Any:
    """All that YAML reads as a number, a day or a truth, as it stands in the small rulebook."""
    if isinstance(plain, dict):
        return {str(key): as_texts(value) for key, value in plain.items()}
    return [as_texts(one) for one in plain] if isinstance(plain, list) else str(plain)


def test_terms_as_they_stand() -> None:
    """Terms for which there are no words are told as they are written, what was not said left out."""
    assert as_text(Taper.model_validate({"on": "earned", "from": "1", "to": "2"})) == "on earned, from 1, to 2"
    assert as_text(Pause(description="a rest", attribute="out", source="ours")) == (
        "description a rest, attribute out, not before months 0, at least months 0, source ours"
    )
    assert as_text(["at_source", {"net_pay": "b_c"}]) == "at source; net pay b c"


def test_sources_in_words() -> None:
    """Each sort of source, where an amount begins."""
    rulebook = judge(BOOK.replace("TRIED", "adult"), "small.yaml").rulebook
    assert rulebook is not None
    said = {
        "earned": "the “earned”",
        "worker.payment": "the “worker's payment”",
        "present.out": "one for each month in which this is so: left",
        "attribute.price": "what was said of price",
        "day.first_day": "each “first day”",
        "withdrawn.home": "each sum taken out for “home”",
    }
    assert {name: source(Wording(rulebook), name) for name in said} == said


def test_when_a_rule_falls_due_in_words() -> None:
    """The window, the one before, and what becomes of it where the account is closed."""
    rulebook = judge(BOOK.replace("TRIED", "adult"), "small.yaml").rulebook
    assert rulebook is not None
    due = {"at_end_of": "month", "earlier": {"until": "2021-04-05", "at_end_of": "tax_year"}, "if_closed": "nothing"}
    assert due_in_words(Wording(rulebook), Due.model_validate(due)) == (
        "Falls due at the end of the calendar month (until 5 April 2021: at the end of the tax year); "
        "death brings that day forward. It is lost if the account is closed before."
    )
    assert due_in_words(Wording(rulebook), Due(at_end_of="month")) == (
        "Falls due at the end of the calendar month; death brings that day forward."
    )

"""Every fault of a rulebook comes with its place: `file:line:column: path: what was found; expected what is right`."""

from itertools import pairwise
from pathlib import Path

import pytest

from lifepot.errors import Fault, LifepotError
from lifepot.rulebook.checks import check
from lifepot.rulebook.reader import (
    LARGEST_RULEBOOK_BYTES,
    RulebookFaults,
    parse_rulebook,
    read_rulebook,
    rulebook_text,
    shipped,
    shipped_names,
)

SMALL = """\
name: small
title: Small
description: A small scheme.
currency: GBP
windows:
  tax_year: {description: The tax year., every: year, starts: 04-06}
values:
  cap: {description: Cap., unit: money, source: Ours., dated: {2020-04-06: "1200"}}
  rate: {description: Rate., unit: rate, source: Ours., dated: {2020-04-06: 25%, 2021-04-06: 20%}}
  table:
    description: By frequency.
    unit: money
    by: frequency
    otherwise: proportionate
    source: Ours.
    dated:
      2020-04-06: {month: "100", year: "1200"}
attributes:
  out: {description: Left., kind: yes_no, default: "no", aliases: [left]}
  price: {description: Price., kind: money}
  plan: {description: Plan., kind: choice, choices: [a, b]}
  share: {description: Share., kind: percent}
conditions:
  adult: {what: age, at_least: "18"}
  cheap: {all: [adult, {what: attribute.price, at_most: cap}]}
membership:
  description: Anybody.
  may_join: adult
  leaving:
    - description: Leaving.
      attribute: out
      windows:
        - within: {from: [joining], months: "1"}
          refunds: [{party: worker}]
      source: Ours.
  source: Ours.
purposes:
  home: {description: A home., pays: the conveyancer, when: cheap, source: Ours.}
amounts:
  earned: {description: Earnings., of: pay.earnings, steps: [total: tax_year]}
rules:
  worker.payment: {description: Payments., party: worker, of: paid.worker, source: Ours.}
  government.match:
    description: The match.
    party: government
    of: worker.payment
    steps:
      - total: tax_year
      - up_to: cap
      - rate: rate
      - taper: {on: earned, from: "50000", to: "100000"}
      - round: half_up penny
    source: Ours.
"""

MATCH = "rules.government.match"

# What is changed in SMALL, to what, and the one fault that must be reported.
FAULTS = {
    # words
    "unknown term": ("source: Ours., dated", "source: Ours., sauce: x, dated", "8:56: values.cap.sauce: `sauce`, which is no term here; expected `source`?"),
    "unknown step": ("- up_to: cap", "- upto: cap", f"49:9: {MATCH}.steps.1: upto, which is no step; expected one of the steps: total, part, up_to"),
    "missing term": ("    party: government\n", "", f"43:3: {MATCH}.party: nothing; expected `party`, which is required"),
    "missing at the head": ("title: Small\n", "", "1:1: title: nothing; expected `title`, which is required"),
    "empty term": ("title: Small", "title:", "2:1: title: nothing; expected a text"),
    "word of no choice": ("party: government", "party: state", f"45:5: {MATCH}.party: 'state'; expected worker, employer or government"),
    "wrong name": ("name: small", "name: Small One", "1:1: name: 'Small One'; expected a name in small letters"),
    "wrong test": ("what: age,", "what: height,", "24:11: conditions.adult.what: 'height'; expected age, age_at_joining"),
    "wrong yes or no": ("  may_join: adult", "  first_payment_opens: yes", "28:3: membership.first_payment_opens: 'yes'; expected true or false"),
    "word for a mapping": ("of: paid.worker", "of: {paid: worker}", "42:59: rules.worker.payment.of: a mapping; expected a word or a figure"),
    "list for a mapping": ("purposes:\n  home: {", "purposes:\n  - {", "37:1: purposes: a list; expected a mapping of terms"),
    "term twice": ("    party: government\n", "    party: government\n    party: worker\n", f"46:5: {MATCH}.party: party a second time; expected each term once"),
    "alias of two attributes": ("[left]", "[left, price]", "19:74: attributes.out.aliases.1: price, which means another attribute"),
    "built-in window": ("  tax_year: {desc", "  month: {description: M., every: month}\n  tax_year: {desc", "6:3: windows.month: month, which is built in; expected another name"),
    "value and amount": ("  earned: {", "  cap: {description: C., of: pay.earnings}\n  earned: {", "40:3: amounts.cap: cap, which is also a value or a rule; expected a name of its own"),
    # figures
    "wrong amount": ('"1200"}}\n  rate', '"12,00"}}\n  rate', "8:64: values.cap.dated.2020-04-06: '12,00'; expected an amount such as 12.50"),
    "wrong rate": ("2021-04-06: 20%", "2021-04-06: a fifth", "9:82: values.rate.dated.2021-04-06: 'a fifth'; expected a rate such as 3%"),
    "wrong age": ('at_least: "18"', "at_least: 18.5", "24:22: conditions.adult.at_least: '18.5'; expected an age such as 16 or 66y 5m"),
    "wrong rounding": ("half_up penny", "half_up shilling", f"52:9: {MATCH}.steps.4.round: 'half_up shilling'; expected a rounding such as half_up penny"),
    "impossible day": ("2021-04-06: 20%", "2021-02-30: 20%", "9:82: values.rate.dated.2021-02-30: '2021-02-30'; expected a date such as"),
    "wrong default": ('default: "no"', "default: never", "19:43: attributes.out.default: 'never'; expected yes or no"),
    "wrong tolerance": ("currency: GBP", "currency: GBP\ntolerance: a bit", "5:1: tolerance: 'a bit'; expected an amount"),
    "wrong unit": ("- up_to: cap", "- up_to: rate", f"49:9: {MATCH}.steps.1.up_to: rate, a value in rate; expected a value in money"),
    "wrong unit of a figure": ("- up_to: cap", "- up_to: 3%", f"49:9: {MATCH}.steps.1.up_to: '3%'; expected an amount such as 12.50"),
    "amount for a rate": ("- rate: rate", "- rate: earned", f"50:9: {MATCH}.steps.2.rate: earned, an amount; expected a figure or a value in rate"),
    "no figure": ('{2020-04-06: "1200"}}', "{}}", "8:56: values.cap.dated: no figure; expected at least one day"),
    "figure for a table": ('{month: "100", year: "1200"}', '"100"', "17:7: values.table.dated.2020-04-06: one figure; expected a table by frequency"),
    "table for a figure": ('{2020-04-06: "1200"}}', '{2020-04-06: {week: "1"}}}', "8:64: values.cap.dated.2020-04-06: a table; expected one figure (or `by:`)"),
    "frequency that is none": ("{month:", "{monthly:", "17:20: values.table.dated.2020-04-06.monthly: monthly; expected one of the frequencies: week"),
    "share of no year": (', year: "1200"', "", "17:7: values.table.dated.2020-04-06: no figure for a year; expected `year`"),
    "window of two kinds": ("every: year,", 'every: year, months: "24",', "6:3: windows.tax_year: a window that is two things; expected either `every`"),
    "window of no kind": ("every: year, ", "", "6:3: windows.tax_year: a window that never begins; expected either `every`"),
    "year without its first day": (", starts: 04-06", "", "6:3: windows.tax_year: a year without its first day; expected `starts`"),
    "choice without choices": (", choices: [a, b]", "", "21:3: attributes.plan: a choice without choices; expected `choices`"),
    # references
    "unknown value": ("- rate: rate", "- rate: ratt", f"50:9: {MATCH}.steps.2.rate: ratt; expected one of the values: rate"),
    "unknown value or amount": ("- up_to: cap", "- up_to: capp", f"49:9: {MATCH}.steps.1.up_to: capp; expected one of the values and amounts: cap, table, earned"),
    "unknown amount": ("on: earned", "on: earnt", f"51:17: {MATCH}.steps.3.taper.on: earnt; expected one of the amounts: earned"),
    "unknown source": ("of: worker.payment", "of: worker.pay", f"46:5: {MATCH}.of: worker.pay; expected a source such as pay.earnings"),
    "unknown condition": ("may_join: adult", "may_join: grown", "28:3: membership.may_join: grown; expected one of the conditions: adult, cheap"),
    "unknown condition inside": ("all: [adult", "all: [grown", "25:17: conditions.cheap.all.0: grown; expected one of the conditions: adult, cheap"),
    "unknown window": ("- total: tax_year\n      - up_to", "- total: taxyear\n      - up_to", f"48:9: {MATCH}.steps.0.total: taxyear; expected one of the windows: account, month, pay_period, tax_year"),
    "unknown attribute": ("attribute.price,", "attribute.prize,", "25:25: conditions.cheap.all.1.what: prize; expected one of the attributes: out, price, plan, share"),
    "unknown attribute to leave by": ("attribute: out", "attribute: gone", "31:7: membership.leaving.0.attribute: gone; expected one of the attributes of kind yes_no: out"),
    "attribute of another kind": ("- rate: rate", "- rate: {attribute: price, otherwise: rate}", f"50:16: {MATCH}.steps.2.rate.attribute: price, of kind money; expected one of the attributes of kind percent: share"),
    "unknown account": ("party: government", "party: government\n    account: savings", f"46:5: {MATCH}.account: savings; expected one of the accounts: pot"),
    "unknown purpose": ("of: worker.payment", "of: withdrawn.house", f"46:5: {MATCH}.of: house; expected one of the purposes: home"),
    "unknown choice": ('{what: age, at_least: "18"}', "{what: attribute.plan, is: c}", "24:33: conditions.adult.is: c; expected one of the choices: a, b"),
    # circles
    "amounts in a circle": ("of: pay.earnings, steps", "of: government.match, steps", "40:3: amounts.earned: earned is made of government.match is made of earned; expected amounts that end in facts"),
    "rule made of itself": ("of: worker.payment", "of: government.match", f"43:3: {MATCH}: government.match is made of government.match"),
    "conditions in a circle": ('adult: {what: age, at_least: "18"}', "adult: {any: [third]}\n  third: {not: cheap}", "24:3: conditions.adult: adult asks for third asks for cheap asks for adult; expected conditions that end in tests"),
    "condition of itself": ('{what: age, at_least: "18"}', "{not: adult}", "24:3: conditions.adult: adult asks for adult"),
    "attribute of itself": ("kind: money}", "kind: money, otherwise: {amount: price, over_percent: share}}", "20:45: attributes.price.otherwise: price is worked out from price"),
    "alias of what it is in": ("may_join: adult", "may_join: &a {all: [*a]}", "28:13: membership.may_join.all.0: an alias to something it is part of; expected a tree"),
    # order
    "cap below its floor": ("- up_to: cap", '- at_least: "1300"\n      - up_to: cap', f"50:9: {MATCH}.steps.2.up_to: a cap of cap; expected a cap not below the floor of 1300"),
    "floor above its cap": ("- up_to: cap", '- up_to: cap\n      - at_least: "1300"', f"50:9: {MATCH}.steps.2.at_least: a floor of 1300; expected a floor not above the cap of cap"),
    "tiers out of order": ("- rate: rate", '- tiers: [{up_to: "200", rate: 9%}, {up_to: "100", rate: 5%}, {rate: 1%}]', f"50:44: {MATCH}.steps.2.tiers.1.up_to: a tier up to 100; expected an end above the tier before, 200"),
    "tier after the last": ("- rate: rate", "- tiers: [{rate: 9%}, {rate: 5%}]", f"50:17: {MATCH}.steps.2.tiers.0: a tier without end before another; expected `up_to`"),
    "last tier with an end": ("- rate: rate", '- tiers: [{up_to: "200", rate: 9%}]', f"50:18: {MATCH}.steps.2.tiers.0.up_to: an end of the last tier; expected no `up_to` there"),
    "dates out of order": ("2021-04-06: 20%", "2019-04-06: 20%", "9:82: values.rate.dated.2019-04-06: 2019-04-06 after a later day; expected days in rising order"),
    "taper backwards": ('from: "50000", to: "100000"', 'from: "100000", to: "50000"', f"51:9: {MATCH}.steps.3.taper: from 100000 to 50000; expected an end above the beginning"),
    "leaving backwards": ('months: "1"}', 'months: "1", after_months: "2"}', "33:11: membership.leaving.0.windows.0.within: a window from 2 to 1 months; expected an end after"),
    # steps
    "part without total": ("- total: tax_year\n      - up_to", "- part: each\n      - up_to", f"48:9: {MATCH}.steps.0: `part` without a total before it; expected `total` first"),
    "highest without total": ("- total: tax_year\n      - up_to", "- highest: account\n      - up_to", f"48:9: {MATCH}.steps.0: `highest` without a total before it"),
    "total of a total": ("- up_to: cap", "- total: month", f"49:9: {MATCH}.steps.1: a total of a total; expected `part: each` between the two"),
    "total of fractions": ("- total: tax_year\n      - up_to: cap", "- rate: rate\n      - total: tax_year", f"49:9: {MATCH}.steps.1: a total of fractions of a penny; expected `round` before it"),
    "fraction at the end": ("      - round: half_up penny\n", "", f"51:9: {MATCH}.steps.3: fractions of a penny at the end; expected `round` as the last step"),
    "stated by another party": ("party: worker, of", "party: worker, stated: pay.employer, of", "42:59: rules.worker.payment.stated: pay.employer for the worker; expected pay.worker"),
    "test of nothing": ('{what: age, at_least: "18"}', "{what: age}", "24:3: conditions.adult: no comparison; expected above, at_least, below, at_most or is"),
    "more than a yes": ('{what: age, at_least: "18"}', "{what: attribute.out, above: yes}", "24:32: conditions.adult.above: above of a yes_no; expected `is`"),
    "together of an age": ('at_least: "18"}', 'at_least: "18", together: all_jobs}', "24:38: conditions.adult.together: `together` of age; expected `together` with pay.earnings"),
}  # fmt: skip

NO_YAML = {
    "empty": ("", "1:1: nothing; expected a mapping"),
    "only a comment": ("# nothing here\n", "1:1: nothing; expected a mapping"),
    "a list": ("- name\n- title\n", "1:1: a list; expected a mapping"),
    "one word": ("hello", "1:1: a single word; expected a mapping"),
    "two documents": ("name: a\n---\nname: b\n", "2:1: but found another document; expected YAML 1.2"),
    "unclosed quotation": ('name: small\ntitle: "Small\n', "3:1: found unexpected end of stream; expected YAML 1.2"),
    "tab": ("name: small\n\ttitle: x\n", "2:1: found character '\\t' that cannot start any token; expected YAML 1.2"),
    "unknown anchor": ("name: *other\n", "1:7: found undefined alias 'other'; expected YAML 1.2"),
    "bytes": ("\x00\x01", "1:1: unacceptable character #x0000"),
    "brackets": ("name: " + "[" * 3000, "1:1: terms nested too deep; expected YAML 1.2"),
    "depth": ("".join(f"{' ' * depth}a:\n" for depth in range(60)), "41:41: a.a.a"),
}


def faults_of(text: str) -> list[str]:
    """All faults of a text, as they are printed."""
    return [str(fault) for fault in parse_rulebook(text, "small.yaml")[1]]


def test_what_the_faults_are_made_from_has_none() -> None:
    """The small rulebook is right, or the tests below would prove nothing."""
    rulebook, faults = parse_rulebook(SMALL, "small.yaml")
    assert faults == []
    assert rulebook is not None
    assert list(rulebook.rules) == ["worker.payment", "government.match"]


@pytest.mark.parametrize(("old", "new", "expected"), [pytest.param(*row, id=name) for name, row in FAULTS.items()])
def test_one_fault(old: str, new: str, expected: str) -> None:
    """One thing wrong brings one fault, at its place, with what would be right."""
    assert old in SMALL
    (fault,) = faults_of(SMALL.replace(old, new, 1))
    assert fault.startswith(f"small.yaml:{expected}")


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=name) for name, row in NO_YAML.items()])
def test_no_yaml(text: str, expected: str) -> None:
    """What is no mapping in YAML has one fault and no rulebook."""
    rulebook, (fault,) = parse_rulebook(text, "small.yaml")
    assert rulebook is None
    assert str(fault).startswith(f"small.yaml:{expected}")


def test_alias_bomb() -> None:
    """Nine lines that stand for a thousand million terms are refused at once."""
    letters = "abcdefghi"
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in pairwise(letters))
    (fault,) = faults_of(text)
    assert "more terms than any rulebook has; expected at most 50000" in fault


def test_every_fault_at_once() -> None:
    """Faults of shape and of sense, in several terms, are all reported, in the order of the file."""
    text = SMALL.replace("title: Small", "titel: Small").replace("half_up penny", "half_up shilling")
    text = text.replace(
        'unit: money, source: Ours., dated: {2020-04-06: "1200"}', 'unit: money, dated: {2020-04-06: "1"}'
    )
    text = text.replace("may_join: adult", "may_join: grown").replace("2021-04-06: 20%", "2019-04-06: 20%")
    assert [fault.split(";")[0] for fault in faults_of(text)] == [
        "small.yaml:1:1: title: nothing",
        "small.yaml:2:1: titel: `titel`, which is no term here",
        "small.yaml:8:3: values.cap.source: nothing",
        "small.yaml:9:82: values.rate.dated.2019-04-06: 2019-04-06 after a later day",
        "small.yaml:28:3: membership.may_join: grown",
        f"small.yaml:52:9: {MATCH}.steps.4.round: 'half_up shilling'",
    ]


def test_dated_cap_below_its_floor_on_one_day() -> None:
    """A cap and a floor are held against each other on every day on which either changes."""
    text = SMALL.replace('{2020-04-06: "1200"}}', '{2020-04-06: "1200", 2022-04-06: "900"}}')
    assert faults_of(text.replace("- up_to: cap", '- at_least: "900"\n      - up_to: cap')) == []
    (fault,) = faults_of(text.replace("- up_to: cap", '- at_least: "1000"\n      - up_to: cap'))
    assert "a cap of cap; expected a cap not below the floor of 1000" in fault


def test_not_utf_8(tmp_path: Path) -> None:
    """A file in another encoding is at fault where its first wrong byte stands."""
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL.replace("Small", "Smàll").encode("latin-1"))
    with pytest.raises(RulebookFaults) as raised:
        read_rulebook(file)
    assert [str(file)] == [fault.file for fault in raised.value.faults]
    assert "2:10: byte 0xe0, which is not UTF-8; expected text saved as UTF-8" in str(raised.value.faults[0])


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    """A file from Windows is read like any other."""
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_rulebook(file) == parse_rulebook(SMALL, "small.yaml")[0]


def test_over_a_megabyte(tmp_path: Path) -> None:
    """A file too large to be a rulebook is not even composed."""
    file = tmp_path / "large.yaml"
    file.write_text(SMALL + "#" * LARGEST_RULEBOOK_BYTES, "utf-8")
    with pytest.raises(RulebookFaults, match="more than a megabyte; expected a rulebook's YAML file"):
        read_rulebook(file)


def test_no_file(tmp_path: Path) -> None:
    """A name that is neither a file nor shipped is answered with the names that are."""
    with pytest.raises(LifepotError, match=r"No rulebook .*nowhere.* one of: .*uk-lifetime-isa"):
        read_rulebook(tmp_path / "nowhere")
    with pytest.raises(LifepotError, match="No rulebook"):
        read_rulebook(tmp_path)


def test_reading_a_faulty_file_says_how_many(tmp_path: Path) -> None:
    """Whoever only wants the rulebook gets the first fault, their number and the command that lists them."""
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("may_join: adult", "may_join: grown\n  opt_in: never"), "utf-8")
    with pytest.raises(RulebookFaults, match=r"has 2 faults, first: .*grown.* `lifepot rulebook check FILE`"):
        read_rulebook(file)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_rulebooks_are_right(name: str) -> None:
    """No shipped rulebook has a fault, each is named as its file, and each is read once."""
    text, file = rulebook_text(name)
    rulebook, faults = parse_rulebook(text, file)
    assert faults == []
    assert rulebook is not None
    assert rulebook.name == name
    assert check(rulebook) == []
    assert shipped(name) is shipped(name)


def test_a_fault_as_json() -> None:
    """A fault carries its place and its two halves under stable keys."""
    (fault,) = parse_rulebook(SMALL.replace("may_join: adult", "may_join: grown"), "small.yaml")[1]
    expected = Fault(
        "small.yaml", 28, 3, "unknown", "membership.may_join", "grown", "one of the conditions: adult, cheap"
    )
    assert fault == expected
    assert list(fault.as_dict()) == ["file", "line", "column", "code", "path", "found", "expected"]

"""Every fault of a rulebook comes with its clause, its code and the place of the very word at fault.

`FAULTS` changes one thing in a small rulebook that is right; `RIGHT` stands on the other side of the same boundaries.
"""

from typing import get_args

import pytest
from tests.small import SMALL, judged

from lifepot.ledger.chart import FIRST_OF_PAYERS, PART_STEP
from lifepot.rulebook.described import describe
from lifepot.rulebook.findings import NOTES, Code
from lifepot.rulebook.reader import Judged, judge

MATCH = "rules.government.match"

# What is changed, to what; the line and column of the one fault that must be reported, the word that stands there, the
# fault's code, and its text up to what need not be said here.
FAULTS = {
    # words
    "unknown term": ("source: Ours., dated", "source: Ours., sauce: x, dated", "8:56", "sauce", "shape", "values.cap.sauce: `sauce`, which is no term here; expected `source`?"),
    "unknown step": ("- up_to: cap", "- upto: cap", "49:9", "upto", "shape", f"{MATCH}.steps.1: upto, which is no step; expected one of the steps: total, part, up_to"),
    "missing term": ("    party: government\n", "", "43:3", "government.match", "shape", f"{MATCH}.party: nothing; expected `party`, which is required"),
    "missing at the head": ("title: Small\n", "", "1:1", "name", "shape", "title: nothing; expected `title`, which is required"),
    "empty term": ("title: Small", "title:", "2:1", "title", "shape", "title: nothing; expected a text"),
    "word of no choice": ("party: government", "party: state", "45:12", "state", "shape", f"{MATCH}.party: 'state'; expected worker, employer or government"),
    "wrong name": ("name: small", "name: Small One", "1:7", "Small", "shape", "name: 'Small One'; expected a name in small letters, such as pay_cap (a rulebook's: with hyphens)"),
    "wrong name of a value": ("  cap: {desc", '  Spare: {description: S., unit: money, source: Ours., dated: {2020-04-06: "1"}}\n  cap: {desc', "8:3", "Spare", "shape", "values.Spare: 'Spare'; expected a name in small letters, such as pay_cap (a rulebook's: with hyphens)"),
    "wrong test": ("what: age,", "what: height,", "24:17", "height", "shape", "conditions.adult.what: 'height'; expected age, age_at_joining"),
    "wrong yes or no": ("  may_join: adult", "  first_payment_opens: yes", "28:24", "yes", "shape", "membership.first_payment_opens: 'yes'; expected true or false"),
    "true for a figure": ('default: "no"', "default: true", "19:52", "true", "shape", "attributes.out.default: true; expected a word or a figure"),
    "word for a mapping": ("of: paid.worker", "of: {paid: worker}", "42:59", "of", "shape", "rules.worker.payment.of: a mapping; expected a word or a figure"),
    "list for a mapping": ("purposes:\n  home: {", "purposes:\n  - {", "37:1", "purposes", "shape", "purposes: a list; expected a mapping of terms"),
    "wrong origin": ("from: [joining]", "from: [birth]", "33:27", "birth", "shape", "membership.leaving.0.windows.0.within.from.0: 'birth'; expected joining, attribute.NAME or a day such as 2026-04-06"),
    "wrong table": ("by: frequency", "by: colour", "13:9", "colour", "shape", "values.table.by: 'colour'; expected frequency, born, age or attribute.NAME"),
    "two steps in one": ("- up_to: cap\n      - rate: rate", "- up_to: cap\n        rate: rate", "50:9", "rate", "shape", f"{MATCH}.steps.1.rate: `rate` beside another step; expected a step of its own: `- rate:`"),
    "a tag": ("at_most: cap}", "at_most: !!str cap}", "25:57", "!!str", "yaml", "conditions.cheap.all.1.at_most: the tag !!str; expected the figure or word alone: all are read as text"),
    "half a character": ("title: Small", 'title: "Sm\\ud83dll"', "2:8", '"Sm\\ud83dll"', "yaml", "title: a character that nobody can read; expected letters, figures and signs"),
    "a control character": ("title: Small", 'title: "Sm\\0ll"', "2:8", '"Sm\\0ll"', "yaml", "title: a character that nobody can read; expected letters, figures and signs"),
    # names
    "term twice": ("    party: government\n", "    party: government\n    party: worker\n", "46:5", "party", "twice", f"{MATCH}.party: party a second time; expected each term once"),
    "an anchor twice": ("title: Small\ndescription: A small scheme.", "title: &a Small\ndescription: &a A small scheme.", "3:14", "&a", "twice", "description: the anchor &a a second time; expected each anchor once"),
    "alias of two attributes": ("[left]", "[left, price]", "19:74", "price", "twice", "attributes.out.aliases.1: price, which means another attribute; expected a name of its own"),
    "built-in window": ("  tax_year: {desc", "  month: {description: M., every: month}\n  tax_year: {desc", "6:3", "month", "twice", "windows.month: month, which is built in; expected another name"),
    "value and amount": ("  earned: {", "  cap: {description: C., of: pay.earnings}\n  earned: {", "40:3", "cap", "twice", "amounts.cap: cap, which is also a value or a rule; expected a name of its own"),
    "value named like a source": ("  cap: {desc", '  pay.cap: {description: C., unit: money, source: Ours., dated: {2020-04-06: "1"}}\n  cap: {desc', "8:3", "pay.cap", "twice", "values.pay.cap: pay.cap, which is a source that is built in; expected another name"),
    "amount named like a source": ("  earned: {", "  withdrawn: {description: W., of: paid.worker}\n  earned: {", "40:3", "withdrawn", "twice", "amounts.withdrawn: withdrawn, which is a source that is built in; expected another name"),
    "purpose named like a source": ("  home: {", "  no_purpose: {description: N., pays: the member, source: Ours.}\n  home: {", "38:3", "no_purpose", "twice", "purposes.no_purpose: no_purpose: `withdrawn.no_purpose` is built in, and means another thing; expected another name"),
    "attribute named like a column": ("aliases: [left]", "aliases: [left, born]", "19:74", "born", "twice", "attributes.out.aliases.1: born, a column that every file of people has; expected another name"),
    "choice twice": ("choices: [a, b]", "choices: [a, b, a]", "21:60", "a", "twice", "attributes.plan.choices.2: a a second time; expected each word once"),
    "source twice": ("of: pay.earnings, steps", "of: [pay.earnings, pay.earnings], combined: highest, steps", "40:55", "pay.earnings", "twice", "amounts.earned.of.1: pay.earnings a second time; expected each word once"),
    "no choices": ("choices: [a, b]", "choices: []", "21:44", "choices", "attribute", "attributes.plan.choices: no choices; expected at least one"),
    # figures
    "wrong amount": ('"1200"}}\n  rate', '"12,00"}}\n  rate', "8:76", '"12,00"', "figure", "values.cap.dated.2020-04-06: '12,00'; expected an amount such as 12.50, zero or more"),
    "wrong rate": ("2021-04-06: 20%", "2021-04-06: a fifth", "9:94", "a", "figure", "values.rate.dated.2021-04-06: 'a fifth'; expected a rate such as 3%, 0.03, 1/3 or 50p per £1"),
    "wrong age": ('at_least: "18"', "at_least: 18.5", "24:32", "18.5", "figure", "conditions.adult.at_least: '18.5'; expected an age such as 16 or 66y 5m"),
    "wrong rounding": ("half_up penny", "half_up shilling", "52:16", "half_up", "figure", f"{MATCH}.steps.4.round: 'half_up shilling'; expected a rounding such as half_up penny or down pound"),
    "impossible day": ("2021-04-06: 20%", "2021-02-30: 20%", "9:82", "2021-02-30", "figure", "values.rate.dated.2021-02-30: '2021-02-30'; expected a date such as 2026-04-06"),
    "date of a week": ("2021-04-06: 20%", "2021-W14-2: 20%", "9:82", "2021-W14-2", "figure", "values.rate.dated.2021-W14-2: '2021-W14-2'; expected a date such as 2026-04-06"),
    "no such month": ('months: "1"}', 'months: "1.5"}', "33:45", '"1.5"', "figure", "membership.leaving.0.windows.0.within.months: '1.5'; expected a whole number"),
    "wrong default": ('default: "no"', "default: never", "19:52", "never", "figure", "attributes.out.default: 'never'; expected yes or no"),
    "wrong tolerance": ("currency: GBP", "currency: GBP\ntolerance: a bit", "5:12", "a", "figure", "tolerance: 'a bit'; expected an amount such as 12.50, zero or more"),
    "rate that is a percentage": ("2020-04-06: 25%,", "2020-04-06: 25,", "9:77", "25", "absurd", "values.rate.dated.2020-04-06: '25' (2500 %); expected 25% or 0.25"),
    "rate of more than anybody gives": ("2020-04-06: 25%,", "2020-04-06: 1001%,", "9:77", "1001%", "absurd", "values.rate.dated.2020-04-06: '1001%'; expected a rate of at most 1,000 %"),
    "amount of more than anybody has": ("- up_to: cap", '- up_to: "99999999999999"', "49:16", '"99999999999999"', "absurd", f"{MATCH}.steps.1.up_to: '99999999999999'; expected an amount of at most 10,000,000,000,000"),
    "window of a thousand years": ("every: year, starts: 04-06", 'months: "12000"', "6:50", '"12000"', "absurd", "windows.tax_year.months: '12000'; expected at most 1,200"),
    "more windows back than are kept": ("steps: [total: tax_year]", 'steps: [total: tax_year, earlier: {window: tax_year, by: "61"}]', "40:111", '"61"', "absurd", "amounts.earned.steps.1.earlier.by: '61'; expected at most 60"),
    "average of a lifetime": ("steps: [total: tax_year]", 'steps: [total: tax_year, average: {months: "121"}]', "40:97", '"121"', "absurd", "amounts.earned.steps.1.average.months: '121'; expected at most 120"),
    "more than the whole pay": ("of: worker.payment\n    steps:\n      - total: tax_year\n      - up_to: cap\n      - rate: rate", "of: pay.earnings\n    steps:\n      - total: tax_year\n      - rate: 150%", "49:15", "150%", "absurd", f"{MATCH}.steps.1.rate: 150%: more than the whole pay; expected a share of at most 100%"),
    "figure of another currency": ("- up_to: cap", "- up_to: €1200", "49:16", "€1200", "currency", f"{MATCH}.steps.1.up_to: '€1200'; expected an amount such as 12.50, zero or more (the rulebook is in GBP)"),
    "rate of another currency": ("2020-04-06: 25%,", "2020-04-06: 25c per €1,", "9:77", "25c", "currency", "values.rate.dated.2020-04-06: 25c per €1, in a rulebook in GBP; expected 25p per £1"),
    "rounding of another currency": ("half_up penny", "half_up cent", "52:16", "half_up", "currency", f"{MATCH}.steps.4.round: half_up cent, in a rulebook in GBP; expected half_up penny"),
    "wrong unit": ("- up_to: cap", "- up_to: rate", "49:16", "rate", "unit", f"{MATCH}.steps.1.up_to: rate, a value in rate; expected a value in money"),
    "wrong unit of a figure": ("- up_to: cap", "- up_to: 3%", "49:16", "3%", "figure", f"{MATCH}.steps.1.up_to: '3%'; expected an amount such as 12.50, zero or more"),
    "amount for a rate": ("- rate: rate", "- rate: earned", "50:15", "earned", "unit", f"{MATCH}.steps.2.rate: earned, an amount; expected a figure or a value in rate"),
    "quotient that is no money": ("kind: percent}", "kind: percent, otherwise: {amount: price, over_percent: other}}\n  other: {description: O., kind: percent}", "22:47", "otherwise", "unit", "attributes.share.otherwise: money, for an attribute of kind percent; expected it at one of kind money"),
    "no figure": ('{2020-04-06: "1200"}}', "{}}", "8:56", "dated", "value", "values.cap.dated: no figure; expected at least one day and its figure"),
    "figure for a table": ('{month: "100", year: "1200"}', '"100"', "17:19", '"100"', "value", "values.table.dated.2020-04-06: one figure; expected a table by frequency"),
    "table for a figure": ('{2020-04-06: "1200"}}', '{2020-04-06: {week: "1"}}}', "8:64", "2020-04-06", "value", "values.cap.dated.2020-04-06: a table; expected one figure (or `by:`)"),
    "frequency that is none": ("{month:", "{monthly:", "17:20", "monthly", "unknown", "values.table.dated.2020-04-06.monthly: monthly; expected one of the frequencies: week, 2week, 3week, 4week, month, 3month, 6month, year"),
    "share of no year": (', year: "1200"', "", "17:7", "2020-04-06", "value", "values.table.dated.2020-04-06: no figure for a year; expected `year`, of which other frequencies take their share"),
    "window of two kinds": ("every: year,", 'every: year, months: "24",', "6:3", "tax_year", "window", "windows.tax_year: a window that is two things; expected either `every` (with `starts`) or `months` (with `times`)"),
    "window of no kind": ("every: year, ", "", "6:3", "tax_year", "window", "windows.tax_year: a window that never begins; expected either `every` (with `starts`) or `months` (with `times`)"),
    "year without its first day": (", starts: 04-06", "", "6:3", "tax_year", "window", "windows.tax_year: a year without its first day; expected `starts`, a month and day such as 04-06"),
    "choice without choices": (", choices: [a, b]", "", "21:3", "plan", "attribute", "attributes.plan: a choice without choices; expected `choices` for a choice, and only for a choice"),
    "half a day": ("values:\n", "days:\n  first: {description: F., every: month}\nvalues:\n", "8:3", "first", "day", "days.first: half a day; expected one of `on`, `age`, or `every` with `starts`"),
    "half a move": ("windows:\n", "accounts:\n  pot: {description: P., moves_on: 2026-01-01}\nwindows:\n", "6:3", "pot", "account", "accounts.pot: half a move; expected `moves_on` and `moves_to` together"),
    "claim for nothing": ("rules:\n", 'claims:\n  report: {description: R., period: tax_year, paid_within_days: "14", source: Ours.}\nrules:\n', "42:65", '"14"', "claim", "claims.report.paid_within_days: `paid_within_days` of a claim for nothing; expected `rules`, whose entitlements it asks for"),
    "extensions of no days": ("when: cheap,", 'when: cheap, completes: {within_days: "90", extensions: "2"},', "38:68", "completes", "purpose", "purposes.home.completes: extensions of no days; expected `extensions` and `extension_days` together"),
    # references
    "unknown value": ("- rate: rate", "- rate: ratt", "50:15", "ratt", "unknown", f"{MATCH}.steps.2.rate: ratt; expected one of the values: rate"),
    "unknown value or amount": ("- up_to: cap", "- up_to: capp", "49:16", "capp", "unknown", f"{MATCH}.steps.1.up_to: capp; expected one of the values and amounts: cap, table, earned"),
    "unknown amount": ("on: earned", "on: earnt", "51:21", "earnt", "unknown", f"{MATCH}.steps.3.taper.on: earnt; expected one of the amounts: earned"),
    "unknown source": ("of: worker.payment", "of: worker.pay", "46:9", "worker.pay", "unknown", f"{MATCH}.of: worker.pay; expected a source such as pay.earnings, or one of the amounts and rules"),
    "unknown condition": ("may_join: adult", "may_join: grown", "28:13", "grown", "unknown", "membership.may_join: grown; expected one of the conditions: adult, cheap"),
    "unknown condition inside": ("all: [adult", "all: [grown", "25:17", "grown", "unknown", "conditions.cheap.all.0: grown; expected one of the conditions: adult, cheap"),
    "unknown window": ("- total: tax_year\n      - up_to", "- total: taxyear\n      - up_to", "48:16", "taxyear", "unknown", f"{MATCH}.steps.0.total: taxyear; expected one of the windows: account, month, pay_period, tax_year"),
    "unknown attribute": ("attribute.price,", "attribute.prize,", "25:31", "attribute.prize", "unknown", "conditions.cheap.all.1.what: prize; expected one of the attributes: out, price, plan, share"),
    "unknown attribute to leave by": ("attribute: out", "attribute: gone", "31:18", "gone", "unknown", "membership.leaving.0.attribute: gone; expected one of the attributes of kind yes_no: out"),
    "attribute of another kind": ("- rate: rate", "- rate: {attribute: price, otherwise: rate}", "50:27", "price", "unit", f"{MATCH}.steps.2.rate.attribute: price, of kind money; expected one of the attributes of kind percent: share"),
    "unknown account": ("party: government", "party: government\n    account: savings", "46:14", "savings", "unknown", f"{MATCH}.account: savings; expected one of the accounts: pot"),
    "unknown purpose": ("of: worker.payment", "of: withdrawn.house", "46:9", "withdrawn.house", "unknown", f"{MATCH}.of: house; expected one of the purposes: home"),
    "unknown choice": ('{what: age, at_least: "18"}', "{what: attribute.plan, is: c}", "24:37", "c", "unknown", "conditions.adult.is: c; expected one of the choices: a, b"),
    # circles
    "amounts in a circle": ("of: pay.earnings, steps", "of: government.match, steps", "40:3", "earned", "cycle", "amounts.earned: earned is made of government.match is made of earned; expected amounts that end in facts"),
    "rule made of itself": ("of: worker.payment", "of: government.match", "43:3", "government.match", "cycle", f"{MATCH}: government.match is made of government.match; expected amounts that end in facts"),
    "conditions in a circle": ('adult: {what: age, at_least: "18"}', "adult: {any: [third]}\n  third: {not: cheap}", "24:3", "adult", "cycle", "conditions.adult: adult asks for third asks for cheap asks for adult; expected conditions that end in tests"),
    "condition of itself": ('{what: age, at_least: "18"}', "{not: adult}", "24:3", "adult", "cycle", "conditions.adult: adult asks for adult; expected conditions that end in tests"),
    "attribute of itself": ("kind: money}", "kind: money, otherwise: {amount: price, over_percent: share}}", "20:45", "otherwise", "cycle", "attributes.price.otherwise: price is worked out from price; expected attributes that are said"),
    "alias of what it is in": ("may_join: adult", "may_join: &a {all: [*a]}", "28:23", "*a", "cycle", "membership.may_join.all.0: an alias to something it is part of; expected a tree"),
    # order
    "cap below its floor": ("- up_to: cap", '- at_least: "1300"\n      - up_to: cap', "50:16", "cap", "cap_below_floor", f"{MATCH}.steps.2.up_to: a cap of cap from 2020-04-06; expected a cap not below the floor of 1300"),
    "floor above its cap": ("- up_to: cap", '- up_to: cap\n      - at_least: "1300"', "50:19", '"1300"', "cap_below_floor", f"{MATCH}.steps.2.at_least: a floor of 1300 from 2020-04-06; expected a floor not above the cap of cap"),
    "cap below a floor of one frequency": ("  earned: {", '  floored: {description: F., of: pay.earnings, steps: [at_least: "150", up_to: table]}\n  earned: {', "40:80", "table", "cap_below_floor", "amounts.floored.steps.1.up_to: a cap of table from 2020-04-06 for month; expected a cap not below the floor of 150"),
    "tiers out of order": ("- rate: rate", '- tiers: [{up_to: "200", rate: 9%}, {up_to: "100", rate: 5%}, {rate: 1%}]', "50:51", '"100"', "order", f"{MATCH}.steps.2.tiers.1.up_to: a tier up to 100; expected an end above the tier before, 200"),
    "tier as high as the one before": ("- rate: rate", '- tiers: [{up_to: "100", rate: 9%}, {up_to: "100", rate: 5%}, {rate: 1%}]', "50:51", '"100"', "order", f"{MATCH}.steps.2.tiers.1.up_to: a tier up to 100; expected an end above the tier before, 100"),
    "first tier of nothing": ("- rate: rate", '- tiers: [{up_to: "0", rate: 9%}, {rate: 1%}]', "50:25", '"0"', "order", f"{MATCH}.steps.2.tiers.0.up_to: a tier up to 0; expected an end above 0"),
    "tier after the last": ("- rate: rate", "- tiers: [{rate: 9%}, {rate: 5%}]", "50:17", "{rate", "order", f"{MATCH}.steps.2.tiers.0: a tier without end before another; expected `up_to` on all tiers but the last"),
    "last tier with an end": ("- rate: rate", '- tiers: [{up_to: "200", rate: 9%}]', "50:25", '"200"', "order", f"{MATCH}.steps.2.tiers.0.up_to: an end of the last tier; expected no `up_to` there (rate 0% if nothing is given beyond)"),
    "taper backwards": ('from: "50000", to: "100000"', 'from: "100000", to: "50000"', "51:49", '"50000"', "order", f"{MATCH}.steps.3.taper.to: from 100000 to 50000; expected an end above the beginning"),
    "taper of no length": ('from: "50000", to: "100000"', 'from: "50000", to: "50000"', "51:48", '"50000"', "order", f"{MATCH}.steps.3.taper.to: from 50000 to 50000; expected an end above the beginning"),
    "test that nothing meets": ('{what: age, at_least: "18"}', '{what: age, at_least: "18", below: "18"}', "24:45", '"18"', "order", "conditions.adult.below: below 18 and at_least 18, which nothing is; expected an end above the beginning"),
    "dates out of order": ("2021-04-06: 20%", "2019-04-06: 20%", "9:82", "2019-04-06", "order", "values.rate.dated.2019-04-06: 2019-04-06 after a later day; expected days in rising order, each once"),
    "date after itself": ("2021-04-06: 20%", "2020-04-06: 20%", "9:82", "2020-04-06", "twice", "values.rate.dated.2020-04-06: 2020-04-06 a second time; expected each term once"),
    "leaving backwards": ('months: "1"}', 'months: "1", after_months: "2"}', "33:45", '"1"', "order", "membership.leaving.0.windows.0.within.months: a window from 2 to 1 months; expected an end after the beginning"),
    "windows of leaving over each other": ("          refunds: [{party: worker}]", '          refunds: [{party: worker}]\n        - within: {from: [joining], months: "2"}\n          refunds: [{party: employer}, {party: worker}]', "35:45", '"2"', "overlap", "membership.leaving.0.windows.1.within.months: a window over another (0 to 1 months from joining), which gives the worker's money back as well; expected windows that have no day in common, or one of the two refunds"),
    "window of leaving open at any time": ("          refunds: [{party: worker}]", "          refunds: [{party: worker}]\n        - refunds: [{party: worker}]", "35:11", "refunds", "overlap", "membership.leaving.0.windows.1: a window over another (0 to 1 months from joining), which gives the worker's money back as well; expected"),
    "refund above later rates": ("refunds: [{party: worker}]", "refunds: [{party: worker, since: 2020-05-01, above_rate_on: 2020-05-01}]", "34:71", "2020-05-01", "order", "membership.leaving.0.windows.0.refunds.0.above_rate_on: the values of 2020-05-01, for what was given from 2020-05-01 on; expected a day before 2020-05-01"),
    "refund since the window was over": ('from: [joining], months: "1"}\n          refunds: [{party: worker}]', 'from: [2020-04-06], months: "1"}\n          refunds: [{party: worker, since: 2020-05-07}]', "34:44", "2020-05-07", "order", "membership.leaving.0.windows.0.refunds.0.since: 2020-05-07, when the window is over; expected a day on which something was given before the notice"),
    "rest longer than its longest": ("  source: Ours.\npurposes", '  pauses: [{description: P., attribute: out, at_least_months: "13", at_most_months: "12", source: Ours.}]\n  source: Ours.\npurposes', "36:85", '"12"', "order", "membership.pauses.0.at_most_months: at most 12 months and at least 13; expected a longest rest not below the shortest"),
    "pot that moves when it has expired": ("windows:\n  tax", "accounts:\n  pot: {description: P., expires_on: 2025-12-31, moves_on: 2026-01-01, moves_to: other}\n  other: {description: O.}\nwindows:\n  tax", "6:60", "2026-01-01", "order", "accounts.pot.moves_on: a move on 2026-01-01, when what was there has expired; expected a day up to 2025-12-31"),
    # steps
    "part without total": ("- total: tax_year\n      - up_to", "- part: each\n      - up_to", "48:9", "part", "step", f"{MATCH}.steps.0: `part` without a total before it; expected `total` first"),
    "highest without total": ("- total: tax_year\n      - up_to", "- highest: account\n      - up_to", "48:9", "highest", "step", f"{MATCH}.steps.0: `highest` without a total before it; expected `total` first"),
    "total of a total": ("- up_to: cap", "- total: month", "49:9", "total", "step", f"{MATCH}.steps.1: a total of a total; expected `part: each` between the two"),
    "total of fractions": ("- total: tax_year\n      - up_to: cap", "- rate: rate\n      - total: tax_year", "49:9", "total", "step", f"{MATCH}.steps.1: a total of fractions of a penny; expected `round` before it"),
    "fraction at the end": ("      - round: half_up penny\n", "", "51:9", "taper", "step", f"{MATCH}.steps.3: fractions of a penny at the end; expected `round` as the last step"),
    "stated by another party": ("party: worker, of", "party: worker, stated: pay.employer, of", "42:67", "pay.employer", "rule", "rules.worker.payment.stated: pay.employer for the worker; expected pay.worker"),
    "test of nothing": ('{what: age, at_least: "18"}', "{what: age}", "24:3", "adult", "test", "conditions.adult: no comparison; expected above, at_least, below, at_most or is"),
    "more than a yes": ('{what: age, at_least: "18"}', "{what: attribute.out, above: yes}", "24:39", "yes", "test", "conditions.adult.above: above of a yes_no; expected `is`"),
    "together of an age": ('at_least: "18"}', 'at_least: "18", together: all_jobs}', "24:48", "all_jobs", "test", "conditions.adult.together: `together` of age; expected `together` with pay.earnings"),
    "refused though not paid": ("of: worker.payment\n    steps:\n      - total: tax_year\n      - up_to: cap", "of: pay.earnings\n    steps:\n      - total: tax_year\n      - up_to: {value: cap, beyond: refused}", "49:37", "refused", "step", f"{MATCH}.steps.1.up_to.beyond: `refused` of something that is no payment, so that nothing can be sent back; expected `disregarded`, or an amount of payments alone"),
    "highest of each job": ("- total: tax_year\n      - up_to: cap", "- total: {over: tax_year, per: job}\n      - highest: tax_year\n      - up_to: cap", "49:9", "highest", "step", f"{MATCH}.steps.1: `highest` of a total for each job; expected one total over all jobs, from which nothing is taken out"),
    # windows beside windows
    "highest begins anew": ("- up_to: cap", "- highest: month\n      - up_to: cap", "49:18", "month", "period", f"{MATCH}.steps.1.highest: the highest of each month, cut otherwise than tax_year, over which the total runs: what stands would count again; expected tax_year, or a window that holds it whole, such as account"),
    "rise of what begins anew": ("- up_to: cap", "- up_to: cap\n      - rise_over: month", "50:20", "month", "period", f"{MATCH}.steps.2.rise_over: a rise over each month of a figure that begins anew with each tax_year; expected a total over the account, or its highest over the account"),
    "earlier of the account": ("steps: [total: tax_year]", 'steps: [total: account, earlier: {window: account, by: "1"}]', "40:96", "account", "period", "amounts.earned.steps.1.earlier.window: an account before the account; expected a window that comes again"),
    "this window as an earlier one": ("steps: [total: tax_year]", 'steps: [total: tax_year, earlier: {window: tax_year, by: "0"}]', "40:111", '"0"', "period", "amounts.earned.steps.1.earlier.by: 0 windows before: this one has not ended yet; expected 1 or more"),
    "average of no days": ("steps: [total: tax_year]", 'steps: [total: tax_year, average: {months: "0"}]', "40:97", '"0"', "period", "amounts.earned.steps.1.average.months: 0 months, which have no days; expected 1 or more"),
    "amount that begins anew": ("steps: [total: tax_year]", "steps: [total: month]", "51:21", "earned", "period", f"{MATCH}.steps.3.taper.on: earned, which begins anew with each month, beside a total over tax_year; expected an amount over tax_year, or over more"),
    "table by frequency for a year": ("- up_to: cap", "- up_to: table", "49:16", "table", "period", f"{MATCH}.steps.1.up_to: table, a figure for one pay, beside a total over tax_year; expected a figure for each tax_year, or this step before the total"),
    "table by frequency of payments": ("party: worker, of: paid.worker,", "party: worker, of: paid.worker, steps: [up_to: table],", "42:91", "table", "period", "rules.worker.payment.steps.0.up_to: table, a figure for one pay, beside money that is not of a pay; expected a figure that does not depend on how often pay comes"),
    "table by frequency in a test": ("at_most: cap}", "at_most: table}", "25:57", "table", "period", "conditions.cheap.all.1.at_most: table, a figure for one pay, beside attribute.price; expected a figure that does not depend on how often pay comes"),
    "cap of one fact": ("of: pay.earnings, steps: [total: tax_year]", "of: pay.earnings", "51:21", "earned", "period", f"{MATCH}.steps.3.taper.on: earned, which stands at one fact alone, beside a total over tax_year; expected `total: tax_year` in earned, or this step before the total"),
    "due when the account ends": ("    party: government\n", "    party: government\n    due: {at_end_of: account}\n", "46:22", "account", "period", f"{MATCH}.due.at_end_of: the account, of which no last day is known; expected a window that ends"),
    # without effect, or leaving nothing
    "starts of a term": ("every: year, starts: 04-06", 'months: "24", starts: 04-06', "6:64", "04-06", "no_effect", "windows.tax_year.starts: `starts` of a window that is counted from joining; expected `starts` beside `every`"),
    "times of a year": ("every: year, starts: 04-06", 'every: year, starts: 04-06, times: "2"', "6:77", '"2"', "no_effect", "windows.tax_year.times: `times` of a window that repeats in the calendar; expected `times` beside `months`"),
    "stated_when of nothing": ("party: government\n", "party: government\n    stated_when: no_earnings\n", "46:18", "no_earnings", "no_effect", f"{MATCH}.stated_when: `stated_when` of nothing stated; expected `stated` beside it"),
    "default before a quotient": ("kind: money}", 'kind: money, default: "1", otherwise: {amount: full, over_percent: share}}\n  full: {description: Full., kind: money}', "20:59", "otherwise", "no_effect", "attributes.price.otherwise: `otherwise` beside a default, which is always there first; expected one of the two"),
    "highest of one": ("of: pay.earnings, steps", "of: pay.earnings, combined: highest, steps", "40:64", "highest", "no_effect", "amounts.earned.combined: the highest of one source; expected several sources in `of`"),
    "earlier in a rule": ('- up_to: cap\n      - rate: rate\n      - taper: {on: earned, from: "50000", to: "100000"}\n      - round: half_up penny', '- up_to: cap\n      - earlier: {window: tax_year, by: "1"}', "50:9", "earlier", "no_effect", f"{MATCH}.steps.2: `earlier` in a rule: government.match would bring what its total does, all the same; expected it in an amount that a step or a test asks for"),
    "what looks back as a source": ("  earned: {description: Earnings., of: pay.earnings, steps: [total: tax_year]}", '  earned: {description: Earnings., of: before, steps: [total: tax_year]}\n  before: {description: Before., of: pay.earnings, steps: [total: tax_year, earlier: {window: tax_year, by: "1"}]}', "40:40", "before", "no_effect", "amounts.earned.of: before, which looks back and brings nothing of its own; expected it in a step or a test; here, the amount it looks back on"),
    "earlier window that is the same": ("    party: government\n", "    party: government\n    due: {at_end_of: tax_year, earlier: {until: 2021-04-05, at_end_of: tax_year}}\n", "46:72", "tax_year", "no_effect", f"{MATCH}.due.earlier.at_end_of: tax_year, the same window as later; expected another window, or no `earlier`"),
    "reason for no bound of what has one": ("party: government\n", "party: government\n    without_bound: Because.\n", "46:20", "Because.", "no_effect", f"{MATCH}.without_bound: a reason to have no bound, of a rule that has one; expected the rule without it"),
    "cap of nothing left": ("- up_to: cap", '- up_to: cap\n      - less: "1200"', "50:15", '"1200"', "nothing_left", f"{MATCH}.steps.2.less: 1200 off what is at most cap from 2020-04-06; expected less than the cap, or nothing is ever left"),
    "nothing at all": ("- rate: rate", "- rate: 0%", "50:15", "0%", "nothing_left", f"{MATCH}.steps.2.rate: 0%, which leaves nothing; expected more than nothing"),
    "what it is made of taken off": ("of: pay.earnings, steps", "of: pay.earnings, minus: pay.earnings, steps", "40:61", "pay.earnings", "nothing_left", "amounts.earned.minus: pay.earnings, of which it is made, taken off again; expected another source"),
    # without bound
    "owed without bound": ("      - up_to: cap\n", "", "46:9", "worker.payment", "unbounded", f"{MATCH}.of: paid.worker, the worker's to choose, for which the government would owe without bound; expected a bound on the way (`up_to` after a `total`, a last tier of 0%), or `without_bound` and the reason"),
}  # fmt: skip

STEPS = "      - total: tax_year\n      - up_to: cap\n      - rate: rate\n"
"""The first steps of the small rulebook's match."""

# What is changed, to what: nothing is at fault, though a little more would be.
RIGHT = {
    "cap as low as its floor": ("- up_to: cap", '- at_least: "1200"\n      - up_to: cap'),
    "floor as high as its cap": ("- up_to: cap", '- up_to: cap\n      - at_least: "1200"'),
    "cap above a floor in each frequency": (
        "  earned: {", '  floored: {description: F., of: pay.earnings, steps: [at_least: "100", up_to: table]}\n  earned: {',
    ),
    "cap of each payment below a floor of their total": (
        "  earned: {",
        '  floored: {description: F., of: pay.earnings, steps: [up_to: "5", total: tax_year, at_least: "10"]}\n  earned: {',
    ),
    "a penny left under the cap": ("- up_to: cap", '- up_to: cap\n      - less: "1199.99"'),
    "tier a penny above the one before": (
        "- rate: rate", '- tiers: [{up_to: "100", rate: 9%}, {up_to: "100.01", rate: 5%}, {rate: 1%}]',
    ),
    "taper of a penny": ('from: "50000", to: "100000"', 'from: "50000", to: "50000.01"'),
    "test of one age": ('{what: age, at_least: "18"}', '{what: age, at_least: "18", at_most: "18"}'),
    "days one after the other": ("2021-04-06: 20%", "2020-04-07: 20%"),
    "windows of leaving side by side": (
        "          refunds: [{party: worker}]",
        '          refunds: [{party: worker}]\n        - within: {from: [joining], after_months: "1", months: "2"}\n          refunds: [{party: worker}]',
    ),
    "windows of leaving for other parties": (
        "          refunds: [{party: worker}]",
        '          refunds: [{party: worker}]\n        - within: {from: [joining], months: "2"}\n          refunds: [{party: employer}]',
    ),
    "windows of leaving from other days": (
        "          refunds: [{party: worker}]",
        '          refunds: [{party: worker}]\n        - within: {from: [2020-04-06], months: "2"}\n          refunds: [{party: worker}]',
    ),
    "refund above the day before": (
        "refunds: [{party: worker}]", "refunds: [{party: worker, since: 2020-05-01, above_rate_on: 2020-04-30}]",
    ),
    "refund since the window's last day": (
        'from: [joining], months: "1"}\n          refunds: [{party: worker}]',
        'from: [2020-04-06], months: "1"}\n          refunds: [{party: worker, since: 2020-05-06}]',
    ),
    "rest as long as its longest": (
        "  source: Ours.\npurposes",
        '  pauses: [{description: P., attribute: out, at_least_months: "12", at_most_months: "12", source: O.}]\n  source: Ours.\npurposes',
    ),
    "pot that moves on its last day": (
        "windows:\n  tax",
        "accounts:\n  pot: {description: P., expires_on: 2026-01-01, moves_on: 2026-01-01, moves_to: b}\n  b: {description: O.}\nwindows:\n  tax",
    ),
    "rate of a thousand per cent": ("2020-04-06: 25%,", "2020-04-06: 1000%,"),
    "bare rate below one": ("2020-04-06: 25%,", "2020-04-06: 0.999999,"),
    "pence per pound": ("2020-04-06: 25%,", "2020-04-06: 25p per £1,"),
    "the largest amount": ("- up_to: cap", '- up_to: "10000000000000.00"'),
    "window of a hundred years": ("every: year, starts: 04-06", 'months: "1200"'),
    "the whole pay": ("of: worker.payment\n    steps:\n" + STEPS, "of: pay.earnings\n    steps:\n      - total: tax_year\n      - rate: 100%\n"),
    "more than the whole of what is paid in": ("- rate: rate", "- rate: 200%"),
    "highest of the total's own window": ("- up_to: cap", "- highest: tax_year\n      - up_to: cap"),
    "highest of a longer window": (
        '- up_to: cap\n      - rate: rate\n      - taper: {on: earned, from: "50000", to: "100000"}',
        "- highest: account\n      - up_to: cap\n      - rate: rate",
    ),
    "rise of what never begins anew": (
        STEPS + '      - taper: {on: earned, from: "50000", to: "100000"}',
        "      - total: account\n      - up_to: cap\n      - rise_over: tax_year\n      - rate: rate",
    ),
    "earlier of the total's own window": ("steps: [total: tax_year]", 'steps: [total: tax_year, earlier: {window: tax_year, by: "1"}]'),
    "the most windows back": ("steps: [total: tax_year]", 'steps: [total: tax_year, earlier: {window: tax_year, by: "60"}]'),
    "average of ten years": ("steps: [total: tax_year]", 'steps: [total: tax_year, average: {months: "120"}]'),
    "amount over a longer window": ("steps: [total: tax_year]", "steps: [total: account]"),
    "amount over another year": (
        "windows:\n", "windows:\n  year: {description: The year., every: year, starts: 01-01}\n",
    ),
    "table by frequency of each pay": (
        "steps: [total: tax_year]", "steps: [up_to: table, total: tax_year]",
    ),
    "table by frequency in a test of pay": ("of: pay.earnings, steps", "of: pay.earnings, when: {what: pay.earnings, at_most: table}, steps"),
    "earlier of another window": ("steps: [total: tax_year]", 'steps: [total: tax_year, earlier: {window: month, by: "1"}]'),
    "earlier of what was said last": ("of: pay.earnings, steps: [total: tax_year]", 'of: attribute.price, steps: [latest: tax_year, earlier: {window: tax_year, by: "1"}]'),
    "due at a window's end": ("    party: government\n", "    party: government\n    due: {at_end_of: tax_year}\n"),
    "earlier window that is another": (
        "    party: government\n",
        "    party: government\n    due: {at_end_of: month, earlier: {until: 2021-04-05, at_end_of: tax_year}}\n",
    ),
    "payments sent back": ("- up_to: cap", "- up_to: {value: cap, beyond: refused}"),
    "a reason to have no bound": ("    party: government\n    of: worker.payment\n    steps:\n      - total: tax_year\n      - up_to: cap\n", "    party: government\n    without_bound: Because.\n    of: worker.payment\n    steps:\n      - total: tax_year\n"),
    "prose about another currency": ("description: A small scheme.", "description: 25c per €1 it is not."),
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place", "word", "code", "expected"), [pytest.param(*row, id=name) for name, row in FAULTS.items()]
)
def test_one_fault(old: str, new: str, place: str, word: str, code: str, expected: str) -> None:
    """One thing wrong brings one fault: its code, clause and text, and the place of the very word."""
    (fault,) = judged(old, new).faults
    assert str(fault).startswith(f"small.yaml:{place}: {expected}")
    assert str(fault).endswith(f" [{code}]")
    assert fault.path.startswith(fault.clause)
    line = SMALL.replace(old, new, 1).splitlines()[fault.line - 1]
    assert line[fault.column - 1 :].startswith(word)


@pytest.mark.parametrize(("old", "new"), [pytest.param(*row, id=name) for name, row in RIGHT.items()])
def test_the_other_side_of_the_boundary(old: str, new: str) -> None:
    """What is just right is not refused."""
    assert [str(fault) for fault in judged(old, new).faults] == []


def test_every_code_has_its_case() -> None:
    """Each code that a rulebook can be told is told by a case here, or by one of `test_rulebook_reader`."""
    told = {row[4] for row in FAULTS.values()}
    assert set(get_args(Code)) - told == {"encoding", "size", "unused"}
    assert set(NOTES) == {"unused"}


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ("party: government", "party: state", "rules.government.match"),
        ("attribute: out", "attribute: gone", "membership.leaving"),
        ("currency: GBP", "currency: XYZ", "currency"),
        ("- rate: rate", "- rate: ratt", "rules.government.match"),
    ],
)
def test_a_fault_names_its_clause(old: str, new: str, clause: str) -> None:
    """The clause is what a person would call it: the section and the name in it, or the term at the head."""
    (fault,) = judged(old, new).faults
    assert clause == fault.clause


# Notes


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("windows.spare", "windows:\n", "windows:\n  spare: {description: S., every: month}\n"),
        ("days.spare", "values:\n", "days:\n  spare: {description: S., on: 2020-04-06}\nvalues:\n"),
        ("values.spare", "values:\n", 'values:\n  spare: {description: S., unit: money, source: O., dated: {2020-04-06: "1"}}\n'),
        ("attributes.spare", "attributes:\n", "attributes:\n  spare: {description: S., kind: day}\n"),
        ("conditions.spare", "conditions:\n", "conditions:\n  spare: {not: adult}\n"),
        ("amounts.spare", "amounts:\n", "amounts:\n  spare: {description: S., of: pay.hours}\n"),
        ("accounts.spare", "values:\n", "accounts: {pot: {description: P.}, spare: {description: S.}}\nvalues:\n"),
    ],
)  # fmt: skip
def test_what_nothing_asks_for_is_noted(section: str, old: str, new: str) -> None:
    """A name that is declared and never used is a note at that name, and refuses nothing."""
    found = judged(old, new)
    assert found.rulebook is not None
    assert found.faults == []
    (note,) = [one for one in found.notes if one.clause == section]
    assert (note.code, note.found) == ("unused", "spare, which nothing asks for")
    line = SMALL.replace(old, new, 1).splitlines()[note.line - 1]
    assert line[note.column - 1 :].startswith("spare")


def test_what_is_asked_for_is_not_noted() -> None:
    """The small rulebook's table, share and choice are spare; everything else is used somewhere."""
    assert [note.clause for note in judged().notes] == ["values.table", "attributes.plan", "attributes.share"]


def test_nothing_is_noted_of_a_broken_rulebook() -> None:
    """Where a term was left out as broken, nobody knows what it would have asked for."""
    assert judged("party: government", "party: state").notes == []


# What nobody could follow


def many(old: str, lines: list[str]) -> str:
    """The lines, to stand before one of the small rulebook's."""
    return "".join(f"  {line}\n" for line in lines) + old


def test_amounts_one_in_the_other() -> None:
    """Fifty amounts may be made one of the other; the fifty-first is refused."""
    chain = [f"a{n}: {{description: A., of: {f'a{n - 1}' if n else 'pay.earnings'}}}" for n in range(51)]
    assert judged("  earned: {", many("  earned: {", chain[:50])).faults == []
    (fault,) = judged("  earned: {", many("  earned: {", chain)).faults
    assert (fault.code, fault.path, fault.line) == ("size", "amounts.a50", 90)


def test_conditions_one_in_the_other() -> None:
    """Fifty conditions may ask one for the other, the small rulebook's own being the first; the next is refused."""
    chain = [f"c{n}: {{not: {f'c{n - 1}' if n else 'adult'}}}" for n in range(50)]
    assert judged("  cheap: {", many("  cheap: {", chain[:49])).faults == []
    (fault,) = judged("  cheap: {", many("  cheap: {", chain)).faults
    assert (fault.code, fault.path, fault.line) == ("size", "conditions.c49", 74)


def test_pots_for_which_there_are_no_numbers() -> None:
    """A pot has at most as many parts as the chart of accounts has numbers for."""
    pots = ["  pot: {description: P.}", *(f"  p{n}: {{description: P.}}" for n in range(1, 9))]
    text = "accounts:\n" + "\n".join(pots[:8]) + "\nvalues:\n"
    assert judged("values:\n", text).faults == []
    (fault,) = judged("values:\n", "accounts:\n" + "\n".join(pots) + "\nvalues:\n").faults
    assert (fault.code, fault.path) == ("size", "accounts.p8")
    assert len(pots) - 1 == FIRST_OF_PAYERS // PART_STEP


@pytest.mark.parametrize(("times", "right"), [(21, True), (22, False)])
def test_conditions_that_come_to_many_tests(times: int, right: bool) -> None:
    """A condition that asks three times over for as many others comes to 9,261 tests, or 10,648, which are too many."""
    chain = [f"c{n}: {{all: [{', '.join([f'c{n - 1}' if n else 'adult'] * times)}]}}" for n in range(3)]
    assert ([] if right else ["conditions.c2"]) == [
        fault.path for fault in judged("  cheap: {", many("  cheap: {", chain)).faults
    ]


def test_a_share_compared_exactly_is_no_tier() -> None:
    """A share that is not rounded stands in tests alone."""
    exact = "values:\n  exact: {description: E., unit: money, share_of: cap, source: Ours.}\n"
    text = (
        SMALL.replace("values:\n", exact)
        .replace("of: worker.payment", "of: pay.earnings")
        .replace("total: tax_year\n      - up_to", "up_to")
    )
    right = text.replace("- rate: rate", '- tiers: [{up_to: "9", rate: 9%}, {rate: 1%}]')
    wrong = text.replace("- rate: rate", "- tiers: [{up_to: exact, rate: 9%}, {rate: 1%}]")
    assert judge(right, "small.yaml").faults == []
    (fault,) = judge(wrong, "small.yaml").faults
    assert str(fault).startswith(
        f"small.yaml:50:25: {MATCH}.steps.1.tiers.0.up_to: exact, a share that is not rounded; expected"
    )


# What somebody else chooses

BOUNDED = {
    "a cap on a total": ("paid.worker", "[total: tax_year, up_to: cap]"),
    "a cap by way of an amount that has one": ("capped", "[rate: 50%, round: half_up penny]"),
    "a last tier of nothing": ("paid.worker", '[total: month, tiers: [{up_to: "9", rate: 9%}, {rate: 0%}], round: down penny]'),
    "a total with a top": ("paid.worker", "[total: {over: account, not_above: cap}]"),
    "a taper on the same money": (
        "paid.worker", '[total: tax_year, taper: {on: own, from: "1", to: "2"}, round: down penny]',
    ),
    "a gift for each month": ("present.out", '[total: month, give: "3"]'),
    "a gift for each of a number of months": ("present.out", '[total: account, up_to: "24", part: each, give: "3"]'),
    "what was declared last, up to a cap": ("attribute.price", "[latest: tax_year, up_to: cap]"),
    "no more than a share of each pay": ("pay.worker", "[up_to: share_of_pay]"),
    "a share of pay": ("pay.earnings", "[rate: 3%, round: half_up penny]"),
    "days and pays": ("[day.first, count.pay]", "[]"),
}  # fmt: skip

UNBOUNDED = {
    "all that is paid in": ("paid.worker", "[]", "paid.worker"),
    "a share of it": ("own", "[rate: 25%, round: half_up penny]", "paid.worker"),
    "a cap on each payment, of which there may be many": ("paid.worker", "[up_to: cap]", "paid.worker"),
    "a gift for each payment": ("paid.worker", '[give: "3"]', "paid.worker"),
    "a floor for each payment": ("capped", '[at_least: "10"]', "paid.worker"),
    "a last tier of something": ("paid.worker", '[total: month, tiers: [{up_to: "9", rate: 9%}, {rate: 1%}], round: down penny]', "paid.worker"),
    "a taper on something else": (
        "paid.worker", '[total: tax_year, taper: {on: earned, from: "1", to: "2"}, round: down penny]', "paid.worker",
    ),
    "a cap that the worker says": ("paid.worker", "[total: tax_year, up_to: attribute.price]", "attribute.price and paid.worker"),
    "what is declared": ("attribute.price", "[]", "attribute.price"),
    "what the pay row states": ("pay.worker", "[]", "pay.worker"),
    "what the employer adds": ("paid.employer", "[total: tax_year]", "paid.employer"),
    "money that goes round": ("withdrawn.home", "[rate: 25%, round: half_up penny]", "withdrawn.home"),
    "being away and back": ("present.out", '[give: "3"]', "present.out"),
}  # fmt: skip

MORE = """\
amounts:
  own: {description: Own., of: paid.worker, steps: [total: account]}
  capped: {description: Capped., of: paid.worker, steps: [total: tax_year, up_to: cap, part: each]}
  share_of_pay: {description: Share., of: pay.earnings, steps: [rate: 3%, round: half_up penny]}
"""


def with_rule(party: str, of: str, steps: str, more: str = "") -> Judged:
    """The small rulebook with some amounts and one more rule."""
    rule = f"rules:\n  more: {{description: M., party: {party}, of: {of}, steps: {steps}, source: Ours.{more}}}\n"
    days = "days:\n  first: {description: F., on: 2020-04-06}\nvalues:\n"
    text = SMALL.replace("rules:\n", rule).replace("amounts:\n", MORE).replace("values:\n", days)
    return judge(text, "small.yaml")


@pytest.mark.parametrize(("of", "steps"), [pytest.param(*row, id=name) for name, row in BOUNDED.items()])
def test_bounded(of: str, steps: str) -> None:
    """A rule with a bound on its way is not refused, and needs no reason."""
    assert with_rule("government", of, steps).faults == []
    (fault,) = with_rule("government", of, steps, ", without_bound: Because.").faults
    assert (fault.code, fault.path) == ("no_effect", "rules.more.without_bound")


@pytest.mark.parametrize(("of", "steps", "chosen"), [pytest.param(*row, id=name) for name, row in UNBOUNDED.items()])
def test_unbounded(of: str, steps: str, chosen: str) -> None:
    """A rule that gives the more the more somebody else chooses is refused at its source, unless it gives a reason."""
    (fault,) = with_rule("government", of, steps).faults
    assert (fault.code, fault.path) == ("unbounded", "rules.more.of")
    assert fault.found.startswith(f"{chosen}, the ")
    assert with_rule("government", of, steps, ", without_bound: Because.").faults == []


@pytest.mark.parametrize(
    ("party", "of", "right"),
    [
        ("worker", "paid.worker", True),
        ("employer", "paid.worker", False),
        ("employer", "paid.employer", True),
        ("worker", "paid.employer", False),
    ],
)
def test_what_a_party_chooses_itself(party: str, of: str, right: bool) -> None:
    """Nobody is protected from themselves: what one pays in, one pays in."""
    assert ([] if right else ["unbounded"]) == [fault.code for fault in with_rule(party, of, "[]").faults]


def test_the_reason_for_no_bound_is_shown() -> None:
    """Whoever reads the rulebook reads why a rule has no bound, beside its source."""
    book = with_rule("government", "paid.worker", "[]", ", without_bound: It is our aim.").rulebook
    assert book is not None
    assert "  Without bound: It is our aim.\n  Source: Ours." in describe(book)
    assert describe(book).count("Without bound") == 1


def test_what_is_taken_back_was_there() -> None:
    """A charge on a withdrawal needs no bound."""
    assert with_rule("government", "withdrawn.home", "[]", ", direction: takes_back").faults == []


def test_the_source_that_is_at_fault_among_several() -> None:
    """Of several sources the one that grows without bound is named, at its place."""
    (fault,) = with_rule("government", "[capped, own]", "[]").faults
    assert (fault.code, fault.path) == ("unbounded", "rules.more.of.1")


# Several faults


def test_what_is_made_of_something_broken_is_not_judged() -> None:
    """A rule whose cap is not there is told that, and not that it has no cap."""
    assert [fault.code for fault in judged("- up_to: cap", "- up_to: capp").faults] == ["unknown"]


@pytest.mark.parametrize("currency", ["EUR", "SGD", "NZD", "USD"])
def test_every_currency_has_its_words(currency: str) -> None:
    """In another currency the small rulebook's pennies and pounds are put right one by one."""
    text = SMALL.replace("currency: GBP", f"currency: {currency}").replace(
        "2020-04-06: 25%,", "2020-04-06: 50p per £1,"
    )
    sign = {"EUR": "€", "SGD": "S$", "NZD": "NZ$", "USD": "$"}[currency]
    found = judge(text, "small.yaml").faults
    assert [(fault.code, fault.line, fault.column, fault.expected) for fault in found] == [
        ("currency", 9, 77, f"50c per {sign}1"),
        ("currency", 52, 16, "half_up cent"),
    ]
    right = text.replace("50p per £1", f"50c per {sign}1").replace("penny", "cent")
    assert judge(right, "small.yaml").faults == []
    assert (
        judge(right.replace("half_up cent", "down dollar" if sign != "€" else "down euro"), "small.yaml").faults == []
    )

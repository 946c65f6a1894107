"""A small rulebook with one of everything, for tests that change one thing in it."""

from lifepot.rulebook.reader import Judged, judge

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


def judged(old: str = "", new: str = "") -> Judged:
    """What is said of the small rulebook with one thing changed in it, which must be there."""
    assert old in SMALL
    return judge(SMALL.replace(old, new, 1), "small.yaml")

"""How much must be withdrawn, so that a sum leaves the account, arrives, or pays a price as far as the pots go."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lifepot.kernel.columns import NONE
from lifepot.quote.asked import Ask
from lifepot.quote.trial import Lives, Trial, Try
from lifepot.rulebook.scalars import parse_rounding
from lifepot.rulebook.terms import RateBy, RateStep, Rule

MILLION = 10**6
ROUNDED: dict[str, Callable[[int, int], int]] = {
    "half_up": lambda num, den: (2 * num + den) // (2 * den),
    "half_even": lambda num, den: round(Fraction(num, den)),
    "down": lambda num, den: num // den,
    "up": lambda num, den: -(-num // den),
}
"""How num / den, nothing or more, becomes whole."""

CANDIDATES = 8
"""Amounts of one ask that are tried at once."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price, what somebody else pays of it first, what is left, and what of that the member pays in any case. Minor
    units.
    """

    price: int
    subsidy: int
    net: int
    co_payment: int


def withdrawals(lives: Lives, asks: list[Ask]) -> list[int | None]:
    """What must be withdrawn for each ask, in minor units; None where nothing would arrive however much is."""
    if not asks:
        return []
    first = lives.run([Try(ask, ask.amount, ask.on) for ask in asks])
    most: list[int | None] = []
    for one, ask in enumerate(asks):
        if ask.way == "arrives":
            most.append(so_that_it_arrives(first, one))
        elif ask.way == "price":
            price = price_of(first, one)
            most.append(price.net - price.co_payment if first.purpose(one) >= 0 else 0)
        else:
            most.append(ask.amount)
    searched = [one for one, ask in enumerate(asks) if ask.way != "arrives"]
    found = _most(lives, [asks[one] for one in searched], [most[one] or 0 for one in searched])
    for one, amount in zip(searched, found, strict=True):
        most[one] = amount
    return most


def beyond(trial: Trial, one: int) -> int:
    """How far a try goes beyond what was asked: beyond the sum that leaves, or beyond what the pots hold for a price."""
    if trial.tries[one].ask.way == "price":
        return trial.not_covered(one)
    return max(0, trial.leaves(one) - trial.tries[one].ask.amount)


def _most(lives: Lives, asks: list[Ask], most: list[int]) -> list[int]:
    """The most that can be withdrawn for each ask, up to `most`, without going beyond it: found by trying."""
    low, high = [0] * len(asks), [amount + 1 for amount in most]
    guesses = {one: {amount} for one, amount in enumerate(most) if amount}
    while guesses:
        tries = [(one, amount) for one, amounts in guesses.items() for amount in sorted(amounts)]
        trial = lives.run([Try(asks[one], amount, asks[one].on) for one, amount in tries])
        guesses = {}
        for place, (one, amount) in enumerate(tries):
            over = beyond(trial, place)
            if over:
                high[one] = min(high[one], amount)
                guesses.setdefault(one, set()).update((amount - over, amount - over + 1))
            else:
                low[one] = max(low[one], amount)
        for one in {one for one, _ in tries}:
            step = max(1, (high[one] - low[one]) // CANDIDATES)
            between = guesses.get(one, set()) | set(range(low[one] + step, high[one], step))
            guesses[one] = {amount for amount in between if low[one] < amount < high[one]}
        guesses = {one: amounts for one, amounts in guesses.items() if amounts}
    return low


def so_that_it_arrives(trial: Trial, one: int) -> int | None:
    """The sum / (1 - rate), by the charges on it that would apply, rounded as the first of them says; None where they
    would take everything.
    """
    amount = trial.tries[one].amount
    rules = [rule for rule in trial.run.program.rulebook.rules.values() if rule.net and _applies(trial, one, rule)]
    rate = sum((rate_of(trial, one, rule) or Fraction(0) for rule in rules), Fraction(0))
    if not rate:
        return amount
    return grossed_up(amount, rate, rules[0].net or "") if rate < 1 else None


def grossed_up(amount: int, rate: Fraction, rounding: str) -> int:
    """What must be withdrawn so that an amount arrives at a charge of this rate; minor units."""
    how, unit = parse_rounding(rounding)
    left = 1 - rate
    return ROUNDED[how](amount * left.denominator, left.numerator * unit) * unit


def _applies(trial: Trial, one: int, rule: Rule) -> bool:
    """Whether a charge is asked of this withdrawal at all, however little it then comes to (of nothing, none is)."""
    sources = [rule.of] if isinstance(rule.of, str) else rule.of
    if not any(trial.source(one, source) for source in sources):
        return False
    counts = not rule.members_only or bool(trial.run.sheet.active[trial.row[one]])
    return counts and (rule.when is None or trial.holds(one, rule.when))


def rate_of(trial: Trial, one: int, rule: Rule) -> Fraction | None:
    """The rate in force at a try of a rule that is one rate of what is withdrawn; None for other rules."""
    rates = [step.rate for step in rule.steps if isinstance(step, RateStep)]
    if len(rates) != 1:
        return None
    rate = rates[0]
    if isinstance(rate, RateBy):
        said = int(trial.run.sheet.attribute(rate.attribute)[trial.row[one]])
        if said != NONE:
            return Fraction(said, MILLION)
    return trial.figure(one, rate.otherwise if isinstance(rate, RateBy) else rate, "rate")


def price_of(trial: Trial, one: int) -> Price:
    """What is left of a price, and what of that the member pays in any case, by the purpose that is met (or, where none
    is, by the one that was asked for).
    """
    run, row, ask = trial.run, int(trial.row[one]), trial.tries[one].ask
    number = trial.purpose(one) if trial.purpose(one) >= 0 else ask.purpose
    purpose = list(run.program.rulebook.purposes.values())[number]
    subsidy = co_payment = 0
    if purpose.subsidy is not None:
        percent = int(run.sheet.attribute(purpose.subsidy)[row])
        if percent != NONE:
            subsidy = ROUNDED["half_up"](ask.amount * min(percent, MILLION), MILLION)
    net = ask.amount - subsidy
    terms = purpose.member_pays
    if terms is not None and not (terms.unless is not None and trial.holds(one, terms.unless)):
        co_payment = min(net, int(trial.figure(one, terms.at_least, "money") or 0))
    return Price(ask.amount, subsidy, net, co_payment)

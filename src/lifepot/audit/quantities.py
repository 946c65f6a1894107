"""Whether an amount counts things (hours, withdrawals, days) rather than money, so that it is said without a currency."""

from lifepot.audit.life import listed
from lifepot.rulebook.terms import GiveStep, ProRataStep, RateStep, Rulebook, TiersStep


def counts_things(rulebook: Rulebook, name: str, steps: int | None = None) -> bool:
    """Whether an amount counts things once so many of its steps were taken (all, if not said)."""
    term = rulebook.amounts.get(name) or rulebook.rules[name]
    counts = all(counts_source(rulebook, source) for source in listed(term.of))
    for step in term.steps[:steps]:
        match step:
            case GiveStep(give=text):
                counts = _counts_figure(rulebook, text)
            case ProRataStep(pro_rata=share):
                counts = _counts_figure(rulebook, share.amount)
            case RateStep() | TiersStep():
                # What an hour is worth, and the like.
                counts = False
    return counts


def counts_source(rulebook: Rulebook, source: str) -> bool:
    """Whether a source counts things."""
    if source in rulebook.amounts or source in rulebook.rules:
        return counts_things(rulebook, source)
    head, _, tail = source.partition(".")
    if head == "attribute":
        return rulebook.attributes[tail].kind == "number"
    return source == "pay.hours" or head in {"count", "day", "present"}


def _counts_figure(rulebook: Rulebook, text: str) -> bool:
    """Whether a step's figure counts things: a literal is money."""
    if text in rulebook.values:
        return rulebook.values[text].unit == "number"
    is_amount = text in rulebook.amounts or text in rulebook.rules
    return (is_amount or text.startswith("attribute.")) and counts_source(rulebook, text)

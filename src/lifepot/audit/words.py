"""Figures, steps and conditions as a person reads them."""

from fractions import Fraction

from lifepot.audit.amounts import Trace
from lifepot.audit.conditions import comparisons
from lifepot.audit.figures import Exact, InForce
from lifepot.money import SYMBOL_BY_CURRENCY, format_minor
from lifepot.periods import date_of
from lifepot.rulebook.terms import (
    All,
    AnyOf,
    AtLeastStep,
    AverageStep,
    Condition,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    Not,
    PartStep,
    ProRataStep,
    RateStep,
    RiseStep,
    RoundStep,
    Rulebook,
    Step,
    TaperStep,
    TiersStep,
    Total,
    TotalStep,
    UpToStep,
    WhereStep,
)

MILLIONTHS = 10**6


def money(figure: Exact, currency: str) -> str:
    """An amount in major units, with the fractions of a penny it has: "£166.665"."""
    if figure.denominator == 1:
        return format_minor(int(figure), currency)
    text = _decimals(abs(Fraction(figure)) / 100)
    return f"{'-' if figure < 0 else ''}{SYMBOL_BY_CURRENCY[currency]}{text}"


def in_force(figure: InForce, currency: str) -> str:
    """A figure with its name, the day it holds from and, if it is not verified, how sure we are of it."""
    shown = _shown(figure, currency)
    if not figure.name:
        return shown
    since = f" from {figure.since.isoformat()}" if figure.since else ""
    doubt = "" if figure.certainty == "verified" else f", {figure.certainty}"
    return f"{figure.name} {shown}{since}{doubt}"


def step_in_words(trace: Trace, currency: str) -> str:
    """One step at one fact: what it was, before and after, and what it ran with."""
    used = "; ".join(dict.fromkeys(in_force(figure, currency) for figure in trace.used))
    said = _name(trace.step) + (f" ({used})" if used else "")
    if isinstance(trace.step, TotalStep | LatestStep | HighestStep | RiseStep | EarlierStep):
        return f"{said}: {money(trace.was, currency)} before this, {money(trace.after, currency)} with it"
    if isinstance(trace.step, PartStep):
        return f"{said}: {money(trace.after, currency)}"
    moved = f"{said}: {money(trace.before, currency)} becomes {money(trace.after, currency)}"
    if isinstance(trace.step, UpToStep) and trace.after < trace.before:
        moved += ", for the cap bites"
    if isinstance(trace.step, TaperStep) and trace.after < trace.before:
        moved += ", for the taper bites"
    if trace.running:
        moved += f" (before this, {money(trace.was, currency)} became {money(trace.became, currency)})"
    return moved


def condition_in_words(rulebook: Rulebook, condition: Condition | None) -> str:
    """A condition in words: "age below 50 and attribute.uk_connected is yes"."""
    match condition:
        case None:
            return "always"
        case str():
            return condition.replace("_", " ")
        case All(all=inner):
            return " and ".join(condition_in_words(rulebook, one) for one in inner)
        case AnyOf(any=inner):
            return " or ".join(condition_in_words(rulebook, one) for one in inner)
        case Not(not_=one):
            return f"not ({condition_in_words(rulebook, one)})"
        case _:
            what = condition.what + (" over all jobs" if condition.together else "")
            tests = [f"{what} {word.replace('_', ' ')} {text}" for word, text in comparisons(condition)]
            return " and ".join(tests)


def _name(step: Step | None) -> str:
    match step:
        case TotalStep(total=Total(over=window, per=per, not_above=top)):
            return (
                f"total over {window}"
                + (" for this job" if per == "job" else "")
                + (f", no higher than {top}" if top else "")
            )
        case TotalStep(total=str() as window):
            return f"total over {window}"
        case LatestStep(latest=window):
            return f"the last said in {window}"
        case HighestStep(highest=window):
            return f"the highest it has been in {window}"
        case RiseStep(rise_over=window):
            return f"how far it rose over {window}"
        case EarlierStep(earlier=term):
            return f"what it had come to {term.by} {term.window} before"
        case AverageStep(average=term):
            return f"its average over the {term.months} months before"
        case PartStep():
            return "the part that this fact added"
        case RoundStep(round=text):
            return f"rounded {text.replace('_', ' ')}"
        case None:
            return "begins"
        case _:
            return _STEP_NAMES[type(step)]


_STEP_NAMES: dict[type, str] = {
    UpToStep: "up to",
    LessStep: "less",
    AtLeastStep: "at least",
    RateStep: "at a rate",
    TiersStep: "by tiers",
    TaperStep: "tapered",
    GiveStep: "gives",
    WhereStep: "where its condition holds",
    ProRataStep: "in proportion",
}


def _shown(figure: InForce, currency: str) -> str:
    match figure.unit:
        case "money":
            return money(figure.figure, currency)
        case "rate":
            percent = Fraction(figure.figure) * 100
            exact = (percent * 100).denominator == 1
            return f"{_decimals(percent)}%" if exact else f"{figure.figure}"
        case "age":
            years, months = divmod(int(figure.figure), 12)
            return f"{years}" + (f"y {months}m" if months else "")
        case "day":
            return date_of(int(figure.figure)).isoformat()
        case _:
            return str(figure.figure)


def _decimals(figure: Fraction) -> str:
    """Up to six decimals, none of them idle; a longer fraction is cut off and marked so."""
    whole, rest = divmod((figure * MILLIONTHS).__floor__(), MILLIONTHS)
    text = f"{whole:,}.{rest:06d}".rstrip("0").rstrip(".")
    return text if (figure * MILLIONTHS).denominator == 1 else f"{text}…"

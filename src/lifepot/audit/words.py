"""Figures, days, windows, facts and sources as a person reads them."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from lifepot.audit.calendar import Span
from lifepot.audit.figures import COUNTED, MILLION, Exact, InForce
from lifepot.audit.life import NAMED, PRESENT
from lifepot.audit.quantities import counts_source
from lifepot.audit.told import Told
from lifepot.money import SYMBOL_BY_CURRENCY, format_minor
from lifepot.periods import date_of
from lifepot.rulebook.terms import Rulebook

MILLIONTHS = 10**6
HUNDREDTHS_PER_HOUR = 100

SOURCES = {
    "pay.earnings": "what was earned",
    "pay.hours": "the hours worked",
    "pay.worker": "what the payer's file states for you",
    "pay.employer": "what the payer's file states for the payer",
    "paid.worker": "what you pay in yourself",
    "paid.employer": "what an employer or platform pays in",
    "count.pay": "each pay, counted as 1.00",
    "count.paid": "each payment of your own, counted as 1.00",
    "count.withdrawn": "each withdrawal, counted as 1.00",
    "withdrawn": "money taken out",
    "withdrawn.purpose": "money taken out for a purpose",
    "withdrawn.no_purpose": "money taken out for no purpose",
}
"""What amounts begin with. Other sources are spelled by their own words."""

UNSAID = {
    "earnings": "the row says no earnings",
    "hours": "the row says no hours",
    "worker": "the row states nothing for you",
    "employer": "the row states nothing for the payer",
}
"""What a pay row leaves out."""


def money(figure: Exact, currency: str) -> str:
    """An amount in major units, with the fractions of a penny it has: "£166.665"."""
    if figure.denominator == 1:
        return format_minor(int(figure), currency)
    text = decimals(abs(Fraction(figure)) / 100)
    return f"{'-' if figure < 0 else ''}{SYMBOL_BY_CURRENCY[currency]}{text}"


def shown(figure: Exact, unit: str, currency: str) -> str:
    """A figure of a value's unit or an attribute's kind: "£833.00", "3%", "66y 5m", "2026-04-06"."""
    match unit:
        case "money" | "amount":
            return money(figure, currency)
        case "rate":
            percent = Fraction(figure) * 100
            exact = (percent * 100).denominator == 1
            return f"{decimals(percent)}%" if exact else f"{figure}"
        case "percent":
            return f"{decimals(Fraction(figure) * 100 / MILLION)}%"
        case "age":
            years, months = divmod(int(figure), 12)
            return f"{years}" + (f"y {months}m" if months else "")
        case "day":
            return date_of(int(figure)).isoformat()
        case "hours":
            return decimals(Fraction(figure) / HUNDREDTHS_PER_HOUR)
        case "yes_no":
            return "yes" if figure else "no"
        case _:
            return str(figure)


def clause(figure: InForce, rulebook: Rulebook) -> str:
    """A figure with the name of its clause, the day it is in force from and, if it is not verified, how sure we are of it:
    "£1,200.00 (match_cap, in force from 2016-04-06, choice)". A figure that stands in the rule itself has no name.
    """
    if counted(figure, rulebook):
        text = decimals(Fraction(figure.figure) / COUNTED)
    else:
        text = shown(figure.figure, figure.unit, rulebook.currency)
    if not figure.name:
        return text
    name = spelled(figure.name.removeprefix("attribute.")) if figure.name.startswith("attribute.") else figure.name
    value = rulebook.values.get(figure.name)
    share = f", a pay period's share of {value.share_of}" if value is not None and value.share_of else ""
    since = f", in force from {figure.since.isoformat()}" if figure.since else ""
    doubt = "" if figure.certainty == "verified" else f", {figure.certainty}"
    return f"{text} ({name}{share}{since}{doubt})"


def counted(figure: InForce, rulebook: Rulebook) -> bool:
    """Whether a figure is an amount or attribute that counts things, at 1.00 each."""
    if figure.name in rulebook.values:
        return False
    is_amount = figure.name in rulebook.amounts or figure.name in rulebook.rules
    return (is_amount or figure.name.startswith("attribute.")) and counts_source(rulebook, figure.name)


def spelled(name: str) -> str:
    """A name as words: "tax year" from "tax_year"."""
    return name.replace("_", " ")


def listing(parts: Iterable[str], last: str = "and") -> str:
    """Several things as a person lists them: "a, b and c"."""
    found = list(dict.fromkeys(part for part in parts if part))
    return f" {last} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def sentence(text: str) -> str:
    """Words as a sentence: it begins with a capital letter and ends with a full stop."""
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith((".", ":")) else ".")


def window_in_words(name: str, span: Span | None) -> str:
    """A window with its days: "the tax year 2026-04-06 to 2027-04-05"."""
    if name == "account":
        return "the whole life of the account"
    if span is None or span[0] is None or span[1] is None:
        return f"the {spelled(name)}"
    return f"the {spelled(name)} {span[0].isoformat()} to {span[1].isoformat()}"


def source_in_words(rulebook: Rulebook, source: str) -> str:
    """What an amount begins with. Amounts and rules are called by their names."""
    if source in rulebook.amounts or source in rulebook.rules:
        return source
    if source in SOURCES:
        return SOURCES[source]
    head, _, tail = source.partition(".")
    match head:
        case "present":
            return f"months in which {spelled(tail)} holds"
        case "attribute":
            return f"{spelled(tail)} as declared"
        case "day":
            return f"the day {spelled(tail)}"
        case "withdrawn":
            return f"money taken out for {spelled(tail)}"
        case _:
            return f"{spelled(head)} of {spelled(tail)}" if tail else spelled(head)


def fact_in_words(fact: Told) -> str:
    """A fact by what it is and its day: "pay of 2026-05-31 from ACME"."""
    on = fact.on.isoformat()
    payer = f"{fact.payer}" if fact.payer else ""
    match fact.kind:
        case "pay":
            return f"pay of {on}" + (f" from {payer}" if payer else "")
        case "paid":
            return f"payment of {on}" + (f" by {payer}" if payer else "")
        case "withdrawn":
            return f"withdrawal of {on}"
        case "status":
            return f"word of {on} that {spelled(fact.attribute)} is {fact.value}"
        case "present":
            return f"month of {on} in which {spelled(fact.attribute)} holds"
        case _ if fact.kind == NAMED:
            return f"day {on} ({spelled(fact.attribute)})"
        case "closed":
            return f"closing of {on}"
        case "died":
            return f"death on {on}"
        case _:
            return f"{spelled(fact.kind)} of {on}"


def what_it_is(fact: Told) -> str:
    """What sort of thing a fact is, as a sentence's beginning: "this is pay"."""
    match fact.kind:
        case "pay":
            return "this is pay"
        case "paid":
            return "this is a payment by an employer or platform" if fact.payer else "this is a payment of your own"
        case "withdrawn":
            return "this is money taken out"
        case "status":
            return f"this only says that {spelled(fact.attribute)} is {fact.value}"
        case "closed":
            return "this closes the account"
        case "died":
            return "this is a death"
        case _ if fact.kind == NAMED:
            return f"this is the day {spelled(fact.attribute)}"
        case _ if fact.kind == PRESENT:
            return f"this is a month in which {spelled(fact.attribute)} holds"
        case _:
            return f"this is {spelled(fact.kind)}"


def exact(figure: Exact) -> str:
    """A figure for machines: a whole number, or "numerator/denominator"."""
    return str(figure)


def decimals(figure: Fraction) -> str:
    """Up to six decimals, none of them idle; a longer fraction is cut off and marked so."""
    whole, rest = divmod((figure * MILLIONTHS).__floor__(), MILLIONTHS)
    text = f"{whole:,}.{rest:06d}".rstrip("0").rstrip(".")
    return text if (figure * MILLIONTHS).denominator == 1 else f"{text}…"


def figures_once(figures: Sequence[InForce]) -> list[InForce]:
    """Figures that have a name, each once, in their order."""
    return list(dict.fromkeys(figure for figure in figures if figure.name))

"""Names and figures of a rulebook as a person reads them: "6 April 2024", "£4,000", "66 years and 1 month"."""

from collections.abc import Iterable

from lifepot.money import SYMBOL_BY_CURRENCY, format_minor
from lifepot.periods import date_of, parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.scalars import MINOR_PER_MAJOR

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

FREQUENCY_IN_WORDS = {
    "week": "a week",
    "2week": "every 2 weeks",
    "3week": "every 3 weeks",
    "4week": "every 4 weeks",
    "month": "a month",
    "3month": "every 3 months",
    "6month": "every 6 months",
    "year": "a year",
}

CERTAINTY_IN_WORDS = {
    "verified": "checked against its source",
    "recalled": "recalled, not read in its source",
    "open": "open: nobody has settled it",
    "choice": "a choice of whoever wrote the rulebook",
}
"""What each mark of certainty means."""

CURRENCY_IN_WORDS = {
    "GBP": "pounds sterling",
    "EUR": "euros",
    "SGD": "Singapore dollars",
    "NZD": "New Zealand dollars",
    "USD": "United States dollars",
}


def plain_name(name: str) -> str:
    """A name of the rulebook as words: "annual limit"; one with a dot says whose: "worker's contribution"."""
    whose, dot, what = name.partition(".")
    return (f"{whose}'s {what}" if dot else whose).replace("_", " ")


def plain_money(minor: int, currency: str) -> str:
    """An amount as people write it, whole pounds without pence: "£4,000", "£542.88"."""
    return format_minor(minor, currency).removesuffix(".00")


def plain_day(day: int) -> str:
    """A day as people write it: "6 April 2024"."""
    date = date_of(day)
    return f"{date.day} {MONTH_NAMES[date.month - 1]} {date.year}"


def plain_age(months: int) -> str:
    """An age: "22", "66 years and 1 month"."""
    years, rest = divmod(months, 12)
    return f"{years} years and {rest} month{'s' if rest > 1 else ''}" if rest else str(years)


def plain_span(text: str) -> str:
    """A length of time: "6 years and 14 days"."""
    months, days = scalars.parse_span(text)
    years, rest = divmod(months, 12)
    parts = [(years, "year"), (rest, "month"), (days, "day")]
    return listed(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)


def plain_rate(text: str, currency: str) -> str:
    """A rate: "25%", "1/3", "50p per £1" (in another currency's words where it is another)."""
    if text.endswith("p per £1"):
        symbol = SYMBOL_BY_CURRENCY[currency]
        return text if currency == "GBP" else f"{text.removesuffix('p per £1')}c per {symbol}1"
    if text.endswith("%") or "/" in text:
        return text
    percent = scalars.parse_rate(text) * 100
    return f"{float(percent):g}%" if percent.denominator != 1 else f"{percent}%"


def plain_figure(text: str, unit: str, currency: str) -> str:
    """A figure written in a rulebook, by its unit (or an attribute's kind); as it stands, if it is none of those."""
    if text == "none":
        return "no figure"
    try:
        match unit:
            case "money":
                return plain_money(scalars.parse_money(text), currency)
            case "rate":
                return plain_rate(text, currency)
            case "percent":
                return text if text.endswith("%") else f"{text}%"
            case "age":
                return plain_age(scalars.parse_age(text))
            case "day":
                return plain_day(parse_day(text))
            case "choice":
                return plain_name(text)
            case _:
                return text
    except ValueError:
        return text


def plain_key(key: str, by: str | None, currency: str) -> str:
    """The head of one column of a table of figures: "a month", "for those born from 6 April 1960"."""
    if by == "frequency":
        return FREQUENCY_IN_WORDS.get(key, key)
    if by == "born":
        return f"for those born from {plain_figure(key, 'day', currency)}"
    if by == "age":
        return f"from age {plain_figure(key, 'age', currency)}"
    return plain_name(key)


def plain_month_day(text: str) -> str:
    """A day of every year: "6 April"."""
    month, day = scalars.parse_month_day(text)
    return f"{day} {MONTH_NAMES[month - 1]}"


def plain_rounding(text: str) -> str:
    """How something is rounded: "to the nearest penny, half a penny up"."""
    how, _, to = text.partition(" ")
    one = f"whole {to}" if to in scalars.MAJOR_WORDS else to
    match how:
        case "half_up":
            return f"to the nearest {one}, half a {to} up"
        case "half_even":
            return f"to the nearest {one}, half a {to} to the even one"
        case _:
            return f"{how} to the {one}"


def one_major(currency: str) -> str:
    """One unit of a currency: "£1"."""
    return plain_money(MINOR_PER_MAJOR, currency)


def listed(texts: Iterable[str], last: str = "and") -> str:
    """As in "a, b and c"."""
    said = list(texts)
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + f" {last} {said[-1]}" if said else ""

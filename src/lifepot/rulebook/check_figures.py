"""Checks of what stands at the head of a rulebook: windows, values and attributes."""

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.findings import BUILT_IN_WINDOWS, Findings, Key, Path, circles
from lifepot.rulebook.terms import Attribute, Day, Value, Window

FREQUENCY_WORDS = ("week", "2week", "3week", "4week", "month", "3month", "6month", "year")
LAST_DAY_OF_ALL_MONTHS = 28


def check_figures(findings: Findings) -> None:
    """Every window, value and attribute."""
    book = findings.book
    findings.reads(("tolerance",), book.tolerance, scalars.parse_money)
    for name, window in book.windows.items():
        _window(findings, ("windows", name), name, window)
    for name, day in book.days.items():
        _day(findings, ("days", name), day)
    for name, value in book.values.items():
        _value(findings, ("values", name), value)
    for name, attribute in book.attributes.items():
        _attribute(findings, ("attributes", name), attribute)
    _aliases(findings)
    _quotients(findings)


def _window(findings: Findings, path: Path, name: str, window: Window) -> None:
    if name in BUILT_IN_WINDOWS:
        findings.add(path, "twice", f"{name}, which is built in", "another name")
    if (window.every is None) == (window.months is None):
        found = "a window that never begins" if window.every is None else "a window that is two things"
        findings.add(path, "window", found, "either `every` (with `starts`) or `months` (with `times`)")
    elif window.every == "year" and window.starts is None:
        findings.add(path, "window", "a year without its first day", "`starts`, a month and day such as 04-06")
    _starts(findings, path, window)
    for key in ("months", "times"):
        text = getattr(window, key)
        if text is not None and findings.reads((*path, key), text, scalars.parse_months) == 0:
            findings.add((*path, key), "window", "0", "1 or more")


def _starts(findings: Findings, path: Path, term: Window | Day) -> None:
    """The first day of what comes again."""
    if term.starts is not None and term.every == "year":
        findings.reads((*path, "starts"), term.starts, scalars.parse_month_day)
    if term.starts is not None and term.every == "month":
        day = findings.reads((*path, "starts"), term.starts, scalars.parse_number)
        if isinstance(day, int) and not 1 <= day <= LAST_DAY_OF_ALL_MONTHS:
            findings.add((*path, "starts"), "window", f"day {day}", "a day from 1 to 28, which every month has")


def _day(findings: Findings, path: Path, day: Day) -> None:
    said = [key for key in ("on", "age", "every") if getattr(day, key) is not None]
    if len(said) != 1 or (day.every is None) != (day.starts is None):
        found = "a day that is two things" if len(said) > 1 else "a day that is not said" if not said else "half a day"
        findings.add(path, "day", found, "one of `on`, `age`, or `every` with `starts`")
    if day.on is not None:
        findings.reads((*path, "on"), day.on, parse_day)
    if day.age is not None:
        findings.reads((*path, "age"), day.age, scalars.parse_age)
    _starts(findings, path, day)


def _share(findings: Findings, path: Path, value: Value) -> None:
    """A value that is a pay period's share of another."""
    for key, said in (("by", value.by), ("otherwise", value.otherwise), ("dated", value.dated or None)):
        if said is not None:
            findings.add((*path, key), "value", f"`{key}` of a share", "it at the yearly value alone")
    if value.unit != "money":
        findings.add((*path, "unit"), "unit", f"a share in {value.unit}", "money")
    if value.rounded is not None:
        findings.reads((*path, "rounded"), value.rounded, scalars.parse_rounding)
    assert value.share_of is not None
    yearly = [
        name
        for name, one in findings.book.values.items()
        if one.unit == "money" and one.by != "frequency" and one.share_of is None
    ]
    findings.one_of((*path, "share_of"), value.share_of, yearly, "yearly values in money")


def _value(findings: Findings, path: Path, value: Value) -> None:
    if value.share_of is not None:
        _share(findings, path, value)
        return
    if value.rounded is not None:
        findings.add((*path, "rounded"), "value", "`rounded` of a figure that is given", "`share_of` beside it")
    if not value.dated:
        findings.add((*path, "dated"), "value", "no figure", "at least one day and its figure")
    if value.by is not None and value.by.startswith("attribute."):
        findings.attribute((*path, "by"), value.by.removeprefix("attribute."), "choice", "yes_no")
    if value.band_begins != "birthday" and value.by != "age":
        findings.add((*path, "band_begins"), "value", "`band_begins` without a table by age", "`by: age`")
    if value.otherwise and value.by != "frequency":
        findings.add((*path, "otherwise"), "value", "`otherwise` without a table", "`by: frequency`")
    _rising(findings, (*path, "dated"), list(value.dated))
    for day, figure in value.dated.items():
        here: Path = (*path, "dated", day)
        if figure == "none":
            continue
        if isinstance(figure, str) != (value.by is None):
            expected = f"a table by {value.by}" if value.by else "one figure (or `by:`)"
            findings.add(here, "value", "one figure" if isinstance(figure, str) else "a table", expected)
        elif isinstance(figure, str):
            findings.reads(here, figure, scalars.PARSER_BY_UNIT[value.unit])
        else:
            _row(findings, here, value, figure)


def _row(findings: Findings, path: Path, value: Value, row: dict[str, str]) -> None:
    """One day's figures of a table."""
    if value.by == "born":
        _rising(findings, path, list(row))
    if value.by == "age":
        _rising_ages(findings, path, list(row))
    for key, cell in row.items():
        if value.by == "frequency":
            findings.one_of((*path, Key(key)), key, FREQUENCY_WORDS, "frequencies")
        elif value.by is not None and value.by.startswith("attribute."):
            attribute = findings.book.attributes.get(value.by.removeprefix("attribute."))
            words = (
                ["yes", "no"] if attribute and attribute.kind == "yes_no" else (attribute and attribute.choices) or []
            )
            findings.one_of((*path, Key(key)), key, words, "attribute's words")
        if cell != "none":
            findings.reads((*path, key), cell, scalars.PARSER_BY_UNIT[value.unit])
    if value.otherwise == "proportionate" and "year" not in row:
        findings.add(path, "value", "no figure for a year", "`year`, of which other frequencies take their share")


def _rising_ages(findings: Findings, path: Path, ages: list[str]) -> None:
    """Ages, each above the one before it."""
    before = -1
    for text in ages:
        here = (*path, Key(text))
        months = findings.reads(here, text, scalars.parse_age)
        if isinstance(months, int):
            if months <= before:
                findings.add(here, "order", f"{text} after a higher age", "ages in rising order, each once")
            before = months


def _rising(findings: Findings, path: Path, days: list[str]) -> None:
    """Days, each after the one before it."""
    before: int | None = None
    for text in days:
        here = (*path, Key(text))
        day = findings.reads(here, text, parse_day)
        if isinstance(day, int):
            if before is not None and day <= before:
                findings.add(here, "order", f"{text} after a later day", "days in rising order, each once")
            before = day


def _attribute(findings: Findings, path: Path, attribute: Attribute) -> None:
    if (attribute.kind == "choice") != (attribute.choices is not None):
        found = f"a {attribute.kind} with{'' if attribute.choices else 'out'} choices"
        findings.add(path, "attribute", found, "`choices` for a choice, and only for a choice")
        return
    if attribute.default is not None:
        if attribute.choices is not None:
            findings.one_of((*path, "default"), attribute.default, attribute.choices, "choices")
        else:
            findings.reads((*path, "default"), attribute.default, scalars.PARSER_BY_KIND[attribute.kind])
    if attribute.otherwise is not None:
        findings.attribute((*path, "otherwise", "amount"), attribute.otherwise.amount, "money")
        findings.attribute((*path, "otherwise", "over_percent"), attribute.otherwise.over_percent, "percent")


def _aliases(findings: Findings) -> None:
    seen = set(findings.book.attributes)
    for name, attribute in findings.book.attributes.items():
        for index, alias in enumerate(attribute.aliases):
            if alias in seen:
                findings.add(
                    ("attributes", name, "aliases", index),
                    "twice",
                    f"{alias}, which means another attribute",
                    "a name of its own",
                )
            seen.add(alias)


def _quotients(findings: Findings) -> None:
    needs = {
        name: [attribute.otherwise.amount, attribute.otherwise.over_percent] if attribute.otherwise else []
        for name, attribute in findings.book.attributes.items()
    }
    for names in circles(needs):
        findings.add(
            ("attributes", names[0], "otherwise"),
            "cycle",
            " is worked out from ".join(names),
            "attributes that are said",
        )

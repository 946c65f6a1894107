"""Whether the tests of a rulebook's refusals hold of a message."""

from functools import lru_cache

from lifepot.claiming.message import Message, Said
from lifepot.money import parse_minor
from lifepot.periods import parse_day
from lifepot.rulebook.claim_terms import ClaimTest, FieldKind, Refusal
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import Rulebook


def refuses(book: Rulebook, kinds: dict[str, FieldKind], refusal: Refusal, message: Message) -> bool:
    """Whether a message is refused: all of `when` hold, and not all of `unless`. `kinds` is of what it can say."""
    if not all(_holds(book, kinds, test, message) for test in refusal.when):
        return False
    return not (refusal.unless and all(_holds(book, kinds, test, message) for test in refusal.unless))


def _holds(book: Rulebook, kinds: dict[str, FieldKind], test: ClaimTest, message: Message) -> bool:
    kind = kinds[test.what]
    told = message.said(test.what)
    held = {
        sign: _operand(book, kinds, kind, text, message)
        for sign, text in (
            (">", test.above),
            (">=", test.at_least),
            ("<", test.below),
            ("<=", test.at_most),
            ("=", test.is_),
        )
        if text is not None
    }
    if told is None or None in held.values():
        return test.unknown == "passes"
    return all(_compares(told, sign, other) for sign, other in held.items())


def _compares(told: Said, sign: str, other: Said | None) -> bool:
    if isinstance(told, str) or isinstance(other, str):
        return told == other
    assert other is not None
    by_sign = {">": told > other, ">=": told >= other, "<": told < other, "<=": told <= other, "=": told == other}
    return by_sign[sign]


def _operand(book: Rulebook, kinds: dict[str, FieldKind], kind: FieldKind, text: str, message: Message) -> Said | None:
    """What a test is held against; None where that was not said, or the rulebook has no figure on the period's end."""
    if kind == "word":
        return text
    if text in kinds:
        return message.said(text)
    if text in book.values:
        in_force = [figure for day, figure in book.values[text].dated.items() if parse_day(day) <= message.period_end]
        if not in_force or in_force[-1] == "none":
            return None
        text = str(in_force[-1])
    return _figure(kind, text)


@lru_cache(maxsize=1024)
def _figure(kind: FieldKind, text: str) -> int:
    """A figure of a rulebook, which every message is held against again."""
    if kind == "yes_no":
        return parse_yes_no(text)
    return parse_minor(text.replace("_", "")) if kind == "money" else parse_day(text)

"""A broken shape in words: what was found and what would have been right, for each of pydantic's errors."""

from difflib import get_close_matches
from functools import lru_cache
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from lifepot.rulebook import claim_terms, terms

STEPS = [word for one in get_args(get_args(terms.Step)[0]) for word in get_args(one)[0].model_fields]
"""Words of the steps, in the order in which the language has them."""

IN_WORDS = {
    "dict_type": "a mapping of terms",
    "model_type": "a mapping of terms",
    "model_attributes_type": "a mapping of terms",
    "list_type": "a list",
    "bool_type": "true or false",
    "string_type": "a word or a figure",
    "string_too_short": "a text",
    "too_short": "at least one",
}
"""What would have been right, for pydantic's kinds of error."""

TESTED = (
    "age, age_at_joining, age_at_first_payment, date, pay.earnings, pay.hours, pay.worker, pay.employer, "
    "months_since_joining, months_since_first_payment, attribute.NAME or amount.NAME"
)
SOURCES = (
    "a source such as pay.earnings, paid.worker, withdrawn.no_purpose, count.pay, day.NAME, present.NAME, "
    "attribute.NAME, or an amount or rule"
)

PATTERNS: dict[object, str] = {
    "what": TESTED,
    "of": SOURCES,
    "minus": SOURCES,
    "by": "frequency, born, age or attribute.NAME",
    "from": "joining, attribute.NAME or a day such as 2026-04-06",
}
"""What would be right where a word must look like one of several, by the term it stands under."""

LONGEST_WORD = 40
"""Letters of a word that is held against the language's own."""

NAMES = "a name in small letters, such as pay_cap (a rulebook's: with hyphens)"


def in_words(item: ErrorDetails) -> tuple[str, str]:
    """What was found and what would be right, from one of pydantic's errors."""
    kind, given, word = item["type"], item["input"], str(item["loc"][-1]) if item["loc"] else ""
    shown = _shown(given)
    if kind == "missing":
        return "nothing", f"`{word.removesuffix('_')}`, which is required"
    if kind == "extra_forbidden" and word in STEPS and "steps" in item["loc"]:
        return f"`{word}` beside another step", f"a step of its own: `- {word}:`"
    if kind == "extra_forbidden":
        close = [one for one in get_close_matches(word[:LONGEST_WORD], _words(), n=2) if one != word]
        return f"`{word}`, which is no term here", f"`{close[0]}`?" if close else "a term that belongs here"
    if kind.startswith("union_tag"):
        return (
            f"{', '.join(given) if given and isinstance(given, dict) else shown}, which is no step",
            f"one of the steps: {', '.join(STEPS)}",
        )
    if kind == "literal_error":
        return shown, item["ctx"]["expected"].replace("'", "")
    if kind == "string_pattern_mismatch":
        return shown, next((PATTERNS[one] for one in reversed(item["loc"]) if one in PATTERNS), NAMES)
    return shown, IN_WORDS.get(kind, item["msg"][0].lower() + item["msg"][1:])


def _shown(given: object) -> str:
    if isinstance(given, dict):
        return "a mapping" if given else "an empty mapping"
    if isinstance(given, list):
        return "a list" if given else "an empty list"
    if isinstance(given, bool):
        return str(given).lower()
    return repr(given) if given not in {"", None} else "nothing"


@lru_cache(maxsize=1)
def _words() -> list[str]:
    """Every word of the language."""
    named = [*vars(terms).values(), *vars(claim_terms).values()]
    shapes = [one for one in named if isinstance(one, type) and issubclass(one, BaseModel)]
    return sorted({its.alias or name for one in shapes for name, its in one.model_fields.items()})

"""A broken shape in words: what was found and what would have been right, for each of pydantic's errors."""

from difflib import get_close_matches
from functools import lru_cache

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from lifepot.rulebook import claim_terms, terms

STEP_WORDS = (
    "total, part, up_to, less, at_least, rate, tiers, taper, round, highest, rise_over, latest, give or earlier"
)

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
    "months_since_joining, months_since_first_payment or attribute.NAME"
)
SOURCES = "a source such as pay.earnings, paid.worker, withdrawn.no_purpose, present.NAME, attribute.NAME, or an amount or rule"

NAMES = "a name in small letters, such as pay_cap (a rulebook's: with hyphens)"


def in_words(item: ErrorDetails) -> tuple[str, str]:
    """What was found and what would be right, from one of pydantic's errors."""
    kind, given, word = item["type"], item["input"], str(item["loc"][-1]) if item["loc"] else ""
    shown = _shown(given)
    if kind == "missing":
        return "nothing", f"`{word.removesuffix('_')}`, which is required"
    if kind == "extra_forbidden":
        close = [one for one in get_close_matches(word, _words(), n=2) if one != word]
        return f"`{word}`, which is no term here", f"`{close[0]}`?" if close else "a term that belongs here"
    if kind.startswith("union_tag"):
        return (
            f"{', '.join(given) if isinstance(given, dict) else shown}, which is no step",
            f"one of the steps: {STEP_WORDS}",
        )
    if kind == "literal_error":
        return shown, item["ctx"]["expected"].replace("'", "")
    if kind == "string_pattern_mismatch":
        return shown, TESTED if word == "what" else SOURCES if {"of", "minus"} & set(item["loc"]) else NAMES
    return shown, IN_WORDS.get(kind, item["msg"][0].lower() + item["msg"][1:])


def _shown(given: object) -> str:
    if isinstance(given, dict):
        return "a mapping" if given else "an empty mapping"
    if isinstance(given, list):
        return "a list" if given else "an empty list"
    return repr(given) if given not in {"", None} else "nothing"


@lru_cache(maxsize=1)
def _words() -> list[str]:
    """Every word of the language."""
    named = [*vars(terms).values(), *vars(claim_terms).values()]
    shapes = [one for one in named if isinstance(one, type) and issubclass(one, BaseModel)]
    return sorted({its.alias or name for one in shapes for name, its in one.model_fields.items()})

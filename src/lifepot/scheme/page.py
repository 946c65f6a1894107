"""A statement as a page that stands alone: no script, nothing fetched."""

from importlib.resources import files

from jinja2 import Environment, select_autoescape

from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.scheme.statement import Statement

PARTY_WORDS = {"worker": "You", "employer": "Employers and platforms", "government": "Government"}


def statement_page(statement: Statement) -> str:
    """The page, HTML in UTF-8."""
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)
    environment.filters["money"] = lambda minor: format_minor(minor, statement.currency)
    environment.filters["day"] = format_day
    environment.filters["zip_kinds"] = lambda shares: zip(shares, PARTY_WORDS, strict=True)
    template = environment.from_string(files("lifepot.pages").joinpath("statement.html").read_text("utf-8"))
    own = statement.usable["worker"] + statement.owed["worker"]
    everything = sum(statement.usable.values()) + sum(statement.owed.values())
    shares = [
        {
            "party": PARTY_WORDS[party],
            "here": statement.usable[party],
            "owed": statement.owed[party],
            "minor": statement.usable[party] + statement.owed[party],
        }
        for party in statement.usable
    ]
    became = everything * 100 // own if own > 0 else 0
    return template.render(
        statement=statement, shares=shares, own=own, everything=everything, became=became, party_words=PARTY_WORDS
    )

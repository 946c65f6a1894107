"""The sections of the page that say the rulebook in words: rules, figures, membership, purposes, sources."""

from dataclasses import dataclass, field
from itertools import zip_longest

from lifepot.kernel.columns import PARTIES
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.chains_in_words import as_text, chain, counted_where, notes_on
from lifepot.rulebook.claim_terms import Claim
from lifepot.rulebook.claims_in_words import claim_in_words
from lifepot.rulebook.conditions_in_words import Clause, Wording
from lifepot.rulebook.figures_in_words import (
    CERTAINTY_IN_WORDS,
    listed,
    plain_day,
    plain_figure,
    plain_key,
    plain_name,
    plain_rounding,
)
from lifepot.rulebook.ground import Term
from lifepot.rulebook.membership_in_words import joining_in_words, leaving_in_words, pause_in_words, span_in_words
from lifepot.rulebook.purposes_in_words import account_in_words, any_other_in_words, day_in_words, purpose_in_words
from lifepot.rulebook.terms import Account, Amount, Attribute, Purpose, Rule, Rulebook, Value

END_OF_TIME = "9999-12-31"

CHAIN_SAID = {"description", "source", "of", "minus", "when", "steps", "members_only", "combined"}
RULE_SAID = {"direction", "due", "stated", "stated_when", "account", "party", "net"}
VALUE_SAID = {"unit", "certainty", "by", "dated", "otherwise", "share_of", "rounded", "band_begins"}
PURPOSE_SAID = {
    "pays", "any_word", "evidence", "draws_on", "subsidy", "member_pays", "completes", "to", "stages", "at_most", "approve_above",
}  # fmt: skip
CLAIM_SAID = set(Claim.model_fields)
ACCOUNT_SAID = {"expires_on", "moves_on", "moves_to"}
"""Terms that the page has words for. A term that is not here is said as it stands."""

KIND_IN_WORDS = {
    "yes_no": "yes or no",
    "money": "an amount",
    "percent": "a percentage",
    "number": "a number",
    "day": "a day",
    "choice": "one of several",
}


@dataclass(frozen=True, slots=True)
class Anchored:
    """Something with a place of its own on the page."""

    anchor: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class ChainInWords(Anchored):
    """A rule or an amount: where it begins, what counts, what is done with it, and what else there is to say."""

    begins: str
    where: Clause | None
    steps: list[str]
    notes: list[str]
    source: int = 0
    """The number of its source; 0: it has none of its own."""
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """From which day to which (empty: until now) a figure is in force, and the figure; `cells` if it is a table."""

    begins: str
    ends: str
    figure: str
    cells: list[tuple[str, str]]
    is_in_force: bool
    """Whether it is so on the day of the page."""


@dataclass(frozen=True, slots=True)
class ValueInWords(Anchored):
    """A figure with its history."""

    certainty: str
    meaning: str
    stretches: list[Stretch]
    note: str
    source: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way into or out of the scheme, or of resting in it."""

    description: str
    lines: list[str]
    source: int


@dataclass(frozen=True, slots=True)
class PurposeInWords(Anchored):
    """Something money may leave for."""

    pays: str
    when: Clause | None
    notes: list[str]
    evidence: list[str]
    source: int


@dataclass(frozen=True, slots=True)
class ClaimInWords(Anchored):
    """How something is claimed; `fields` are what a claim's message says, each with what it means."""

    certainty: str
    lines: list[str]
    fields: list[tuple[str, str]]
    source: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source, and what leans on it: anchors and titles."""

    number: int
    text: str
    leaning: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked(Anchored):
    """Something that the rules ask about a person."""

    answers: str


@dataclass(slots=True)
class Sources:
    """Each source once, numbered as it is met."""

    found: dict[str, Source] = field(default_factory=dict)

    def number(self, text: str, anchor: str, title: str) -> int:
        """The number of a source, on which one thing more leans."""
        source = self.found.setdefault(text, Source(len(self.found) + 1, text, []))
        if (anchor, title) not in source.leaning:
            source.leaning.append((anchor, title))
        return source.number


@dataclass(frozen=True, slots=True)
class Clauses:
    """A rulebook in words, section by section."""

    rules: list[ChainInWords]
    amounts: list[ChainInWords]
    values: list[ValueInWords]
    joining: Way
    automatic: Clause | None
    may_join: Clause | None
    leaving: list[Way]
    pausing: list[Way]
    purposes: list[PurposeInWords]
    claims: list[ClaimInWords]
    asked: list[Asked]
    time: list[Anchored]
    accounts: list[Anchored]
    sources: list[Source]


def clauses_of(book: Rulebook, on: int) -> Clauses:
    """A rulebook in words, with the figures of a day beside their names."""
    wording, sources = Wording(book, format_day(on)), Sources()
    by_party = sorted(book.rules.items(), key=lambda one: PARTIES.index(one[1].party))
    membership = book.membership
    joining_source = sources.number(membership.source, "joining", "Who may join")
    return Clauses(
        [_rule(wording, name, rule, sources) for name, rule in by_party],
        [_amount(wording, name, amount) for name, amount in book.amounts.items()],
        [_value(wording, name, value, sources) for name, value in book.values.items()],
        Way(membership.description, _openings(wording), joining_source),
        None if membership.automatic is None else wording.clause(membership.automatic),
        None if membership.may_join is None else wording.clause(membership.may_join),
        [
            Way(one.description, leaving_in_words(wording, one), sources.number(one.source, "leaving", "Leaving"))
            for one in membership.leaving
        ],
        [
            Way(one.description, pause_in_words(one), sources.number(one.source, "pausing", "Pausing"))
            for one in membership.pauses
        ],
        [
            *(_purpose(wording, name, purpose, sources) for name, purpose in book.purposes.items()),
            *_any_other(wording, book, sources),
        ],
        [_claim(wording, name, claim, sources) for name, claim in book.claims.items()],
        [_asked(wording, name, attribute) for name, attribute in book.attributes.items()],
        _time(wording),
        _accounts(book),
        list(sources.found.values()),
    )


def _titled(words: str) -> str:
    return words[:1].upper() + words[1:]


def _rule(wording: Wording, name: str, rule: Rule, sources: Sources) -> ChainInWords:
    begins, *steps = chain(wording, rule)
    anchor = f"rule-{name.replace('.', '-')}"
    title = _titled(plain_name(name))
    notes = [
        *notes_on(wording, rule),
        *_unsaid(rule, Rule, {"direction", "due", "stated", "stated_when", "account", "party"}),
    ]
    number = sources.number(rule.source, anchor, title)
    where = counted_where(wording, rule)
    return ChainInWords(
        anchor, title, rule.description, begins, where, steps, notes, number, rule.direction == "takes_back"
    )


def _amount(wording: Wording, name: str, amount: Amount) -> ChainInWords:
    begins, *steps = chain(wording, amount)
    anchor = f"amount-{name.replace('.', '-')}"
    where = counted_where(wording, amount)
    return ChainInWords(
        anchor, _titled(plain_name(name)), amount.description, begins, where, steps, _unsaid(amount, Amount, set())
    )


def _unsaid(term: Term, kind: type[Term], said: set[str]) -> list[str]:
    """What a term says that has no words of its own on the page."""
    known = CHAIN_SAID | said
    return [
        f"{_titled(plain_name(name))}: {as_text(getattr(term, name))}."
        for name, its in kind.model_fields.items()
        if name not in known and getattr(term, name) != its.get_default(call_default_factory=True)
    ]


def _value(wording: Wording, name: str, value: Value, sources: Sources) -> ValueInWords:
    currency = wording.book.currency
    days = list(value.dated)
    stretches = []
    for day, following in zip_longest(days, days[1:]):
        figure = value.dated[day]
        ends = plain_day(parse_day(following) - 1) if following else ""
        is_now = day <= (wording.on or "") < (following or END_OF_TIME)
        shown, cells = "", []
        if isinstance(figure, str):
            shown = plain_figure(figure, value.unit, currency)
        else:
            cells = [
                (plain_key(key, value.by, currency), plain_figure(cell, value.unit, currency))
                for key, cell in figure.items()
            ]
        stretches.append(Stretch(plain_day(parse_day(day)), ends, shown, cells, is_now))
    anchor, title = f"value-{name}", _titled(wording.named(name) if " " in plain_name(name) else plain_name(name))
    note = " ".join([*_notes(wording, value), *_unsaid(value, Value, VALUE_SAID)])
    return ValueInWords(
        anchor, title, value.description, value.certainty, CERTAINTY_IN_WORDS[value.certainty], stretches, note,
        sources.number(value.source, anchor, title),
    )  # fmt: skip


def _notes(wording: Wording, value: Value) -> list[str]:
    said = []
    if value.otherwise is not None:
        said.append("A pay period that is not in the table takes its share of the year's figure.")
    if value.share_of is not None:
        exact = "exact" if value.rounded is None else f"rounded {plain_rounding(value.rounded)}"
        said.append(f"A pay period's share of “{wording.named(value.share_of)}”, {exact}.")
    if value.band_begins == "month_after":
        said.append("A new age counts from the month after the birthday's.")
    return said


def _openings(wording: Wording) -> list[str]:
    """How an account opens, without the conditions: they stand as lists of their own."""
    return [line for line in joining_in_words(wording) if ":" not in line]


def _purpose(wording: Wording, name: str, purpose: Purpose, sources: Sources) -> PurposeInWords:
    anchor, title = f"purpose-{name}", _titled(plain_name(name))
    notes = [*purpose_in_words(wording, purpose), *_unsaid(purpose, Purpose, PURPOSE_SAID)]
    when = None if purpose.when is None else wording.clause(purpose.when)
    number = sources.number(purpose.source, anchor, title)
    return PurposeInWords(anchor, title, purpose.description, purpose.pays, when, notes, purpose.evidence, number)


def _any_other(wording: Wording, book: Rulebook, sources: Sources) -> list[PurposeInWords]:
    """What of money that leaves for none of the purposes, where the rulebook says it."""
    terms = book.any_other_withdrawal
    if terms is None:
        return []
    anchor, title = "any-other-withdrawal", "Anything else"
    number = sources.number(terms.source, anchor, title)
    notes = any_other_in_words(wording, terms)
    return [PurposeInWords(anchor, title, terms.description, "the member", None, notes, [], number)]


def _claim(wording: Wording, name: str, claim: Claim, sources: Sources) -> ClaimInWords:
    anchor, title = f"claim-{name}", _titled(plain_name(name))
    lines = [*claim_in_words(wording, claim), *_unsaid(claim, Claim, CLAIM_SAID)]
    fields = [(_titled(plain_name(field)), one.description) for field, one in claim.fields.items()]
    number = sources.number(claim.source, anchor, f"{title} (claim)")
    return ClaimInWords(anchor, title, claim.description, claim.certainty, lines, fields, number)


def _asked(wording: Wording, name: str, attribute: Attribute) -> Asked:
    answers = KIND_IN_WORDS.get(attribute.kind, attribute.kind)
    if attribute.choices:
        answers = listed((plain_name(one) for one in attribute.choices), "or")
    if attribute.default is not None:
        default = plain_figure(attribute.default, attribute.kind, wording.book.currency)
        answers += f"; {default}, if nothing is said"
    if attribute.otherwise is not None:
        amount, percent = wording.named(attribute.otherwise.amount), wording.named(attribute.otherwise.over_percent)
        answers += f"; if nothing is said, {amount} divided by {percent}"
    return Asked(f"asked-{name}", _titled(wording.named(name)), attribute.description, answers)


def _time(wording: Wording) -> list[Anchored]:
    """How the rulebook cuts time, and the days it names."""
    book = wording.book
    spans = [
        Anchored(f"window-{name}", _titled(plain_name(name)), f"{one.description} Cut as {span_in_words(one)}.")
        for name, one in book.windows.items()
    ]
    days = [
        Anchored(
            f"day-{name}", _titled(plain_name(name)), f"{one.description} It is {day_in_words(one, book.currency)}."
        )
        for name, one in book.days.items()
    ]
    return spans + days


def _accounts(book: Rulebook) -> list[Anchored]:
    """The parts of the pot, if it has several."""
    if len(book.accounts) == 1:
        return []
    return [
        Anchored(
            f"account-{name}",
            _titled(plain_name(name)),
            " ".join([one.description, *account_in_words(one, book.currency), *_unsaid(one, Account, ACCOUNT_SAID)]),
        )
        for name, one in book.accounts.items()
    ]

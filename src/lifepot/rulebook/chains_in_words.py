"""Where an amount begins and what each of its steps does, in sentences: "No more than £4,000 (annual limit)."."""

from collections.abc import Callable
from typing import Any

from lifepot.periods import parse_day
from lifepot.rulebook.conditions_in_words import Clause, Wording, as_clause
from lifepot.rulebook.figures_in_words import listed, plain_day, plain_figure, plain_name, plain_rounding
from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Amount, Due, Earlier, ProRata, RateBy, Rule, Step, Taper, Tier, Total, UpTo

SOURCE_IN_WORDS = {
    "pay.earnings": "each pay",
    "pay.hours": "the hours worked for each pay",
    "pay.worker": "what the payroll file says the worker paid",
    "pay.employer": "what the payroll file says the employer pays",
    "paid.worker": "each payment by the worker",
    "paid.employer": "each payment by an employer",
    "withdrawn": "each sum taken out",
    "withdrawn.purpose": "each sum taken out for a purpose of the scheme",
    "withdrawn.no_purpose": "each sum taken out for no purpose of the scheme",
    "count.pay": "one for each pay",
    "count.paid": "one for each payment by the worker",
    "count.withdrawn": "one for each time that money is taken out",
}


def chain(wording: Wording, amount: Amount) -> list[str]:
    """Where an amount begins and each of its steps, a sentence each."""
    return [_beginning(wording, amount), *(step_in_words(wording, step) for step in amount.steps)]


def _beginning(wording: Wording, amount: Amount) -> str:
    sources = [amount.of] if isinstance(amount.of, str) else amount.of
    less = [amount.minus] if isinstance(amount.minus, str) else amount.minus
    said = listed(source(wording, one) for one in sources)
    begins = f"Begin with {said}" if amount.combined == "sum" else f"Begin with the {amount.combined} of these: {said}"
    if less:
        begins += f", less {listed(source(wording, one) for one in less)}"
    return begins + (", whether or not the person is in." if not amount.members_only else ".")


def source(wording: Wording, name: str) -> str:
    """Where an amount begins: "each pay", "the “qualifying addition”"."""
    book = wording.book
    if name in SOURCE_IN_WORDS:
        return SOURCE_IN_WORDS[name]
    if name in book.amounts or name in book.rules:
        return f"the “{wording.named(name)}”"
    head, _, tail = name.partition(".")
    match head:
        case "present":
            return f"one for each month in which this is so: {as_clause(book.attributes[tail].description)}"
        case "attribute":
            return f"what was said of {wording.named(tail)}"
        case "day":
            return f"each “{plain_name(tail)}”"
        case "withdrawn" if tail in book.purposes:
            return f"each sum taken out for “{plain_name(tail)}”"
    return plain_name(name)


def counted_where(wording: Wording, amount: Amount) -> Clause | None:
    """What must hold of a fact for it to count; None: every fact counts."""
    return None if amount.when is None else wording.clause(amount.when)


def where_in_words(clause: Clause) -> str:
    """A condition on facts as a sentence: "Only where: aged below 50"."""
    return f"Except where: {clause.words}." if clause.is_denied else f"Only where: {clause.words}."


def step_in_words(wording: Wording, step: Step) -> str:
    """One step as a sentence."""
    name = next(iter(type(step).model_fields))
    terms = getattr(step, name)
    say = STEP_IN_WORDS.get(name)
    return say(wording, terms) if say else f"{plain_name(name).capitalize()}: {as_text(terms)}."


def as_text(terms: object) -> str:
    """Terms for which nobody has found words yet, as they stand."""
    if isinstance(terms, Term):
        terms = terms.model_dump(by_alias=True, exclude_none=True)
    if isinstance(terms, dict):
        return ", ".join(f"{plain_name(str(key))} {as_text(value)}" for key, value in terms.items())
    if isinstance(terms, list):
        return "; ".join(as_text(one) for one in terms)
    return plain_name(str(terms))


def window(wording: Wording, name: str) -> str:
    """A window in a sentence."""
    match name:
        case "month":
            return "the calendar month"
        case "account":
            return "the life of the account"
        case _:
            return f"the {wording.named(name)}"


def _total(wording: Wording, terms: str | Total) -> str:
    total = Total(over=terms) if isinstance(terms, str) else terms
    said = f"Add up over {window(wording, total.over)}" + (", each job for itself" if total.per == "job" else "")
    if total.not_below is not None:
        said += ", never below nothing"
    if total.not_above is not None:
        said += f", never above {wording.figure(total.not_above, 'money')}"
        said += "; what would be beyond is sent back" if total.beyond == "refused" else ""
    if total.taken_out is not None:
        said += "; a sum taken out for no purpose undoes the newest money first"
    return said + "."


def _up_to(wording: Wording, terms: str | UpTo) -> str:
    if isinstance(terms, str):
        return f"No more than {wording.figure(terms, 'money')}; what is beyond counts for nothing."
    beyond = "is sent back" if terms.beyond == "refused" else "counts for nothing"
    return f"No more than {wording.figure(terms.value, 'money')}; what is beyond {beyond}."


def _rate(wording: Wording, terms: str | RateBy) -> str:
    if isinstance(terms, str):
        return f"Of that, {wording.figure(terms, 'rate')}."
    return (
        f"Of that, {wording.described(terms.attribute)}; if none was said, {wording.figure(terms.otherwise, 'rate')}."
    )


def _tiers(wording: Wording, tiers: list[Tier]) -> str:
    said, reached = [], ""
    for tier in tiers:
        rate = wording.figure(tier.rate, "rate")
        if tier.up_to is None:
            said.append(f"{rate} of the rest" if reached else rate)
        else:
            end = wording.figure(tier.up_to, "money")
            said.append(f"{rate} of what lies between {reached} and {end}" if reached else f"{rate} of the first {end}")
            reached = end
    return f"Of that, {listed(said)}."


def _taper(wording: Wording, taper: Taper) -> str:
    decides = f"the “{wording.named(taper.on.removeprefix('attribute.'))}”"
    begin, end = wording.figure(taper.from_, "money"), wording.figure(taper.to, "money")
    return f"The whole of it while {decides} is at most {begin}, falling in a straight line to nothing at {end}."


def _earlier(wording: Wording, terms: Earlier) -> str:
    count = plain_figure(terms.by, "number", wording.book.currency)
    since = "; what was before joining is nothing" if terms.since == "joining" else ""
    return f"What it had come to in {window(wording, terms.window)}, {count} back{since}."


def _pro_rata(wording: Wording, terms: ProRata) -> str:
    whole = wording.figure(terms.amount, "money")
    return f"In proportion: {whole} for {wording.figure(terms.of, 'money')}, and as much less for less."


STEP_IN_WORDS: dict[str, Callable[[Wording, Any], str]] = {
    "total": _total,
    "part": lambda _, __: "Look again at each for itself: what each of them added.",
    "up_to": _up_to,
    "less": lambda wording, terms: f"Less {wording.figure(terms, 'money')}, but not below nothing.",
    "at_least": lambda wording, terms: f"At least {wording.figure(terms, 'money')}, where there is anything at all.",
    "rate": _rate,
    "tiers": _tiers,
    "taper": _taper,
    "round": lambda _, terms: f"Round {plain_rounding(terms)}.",
    "highest": lambda wording, terms: f"Take the highest it has been in {window(wording, terms)}.",
    "rise_over": lambda wording, terms: f"Take what it rose by in {window(wording, terms)}.",
    "latest": lambda wording, terms: f"Take the last that was said in {window(wording, terms)}.",
    "give": lambda wording, terms: f"Give {wording.figure(terms, 'money')}, where there is anything at all.",
    "earlier": _earlier,
    "where": lambda wording, terms: where_in_words(wording.clause(terms)),
    "pro_rata": _pro_rata,
    "average": lambda _, terms: f"Take its average over the {terms.months} months before, day by day.",
}
"""What each step does, by its word. A step that is not here is said as it stands."""


def due_in_words(wording: Wording, due: Due) -> str:
    """When an amount falls due, as sentences."""
    said = f"Falls due at the end of {window(wording, due.at_end_of)}"
    if due.earlier is not None:
        until = plain_day(parse_day(due.earlier.until))
        said += f" (until {until}: at the end of {window(wording, due.earlier.at_end_of)})"
    lost = " It is lost if the account is closed before." if due.if_closed == "nothing" else ""
    return f"{said}; death brings that day forward.{lost}"


def notes_on(wording: Wording, rule: Rule) -> list[str]:
    """What else is to be said of a rule: when it falls due, what a payroll file may state, which pot it belongs to."""
    said = []
    if rule.stated is not None:
        always = "" if rule.stated_when == "always" else ", if it says no earnings to work it out from"
        said.append(f"Where the payroll file states the amount, that is what counts{always}.")
    if rule.due is not None:
        said.append(due_in_words(wording, rule.due))
    if rule.net is not None:
        rounded = plain_rounding(rule.net)
        said.append(f"For a sum to arrive, it is divided by what is left of one after the rate, rounded {rounded}.")
    if len(wording.book.accounts) > 1:
        said.append(f"Belongs to the pot “{plain_name(rule.account)}”.")
    return said

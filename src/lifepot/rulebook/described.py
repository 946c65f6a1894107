"""A rulebook in a person's words, for the terminal."""

from lifepot.periods import format_day, parse_day
from lifepot.rulebook.chains_in_words import chain, counted_where, notes_on, where_in_words
from lifepot.rulebook.claims_in_words import claim_in_words
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.figures_in_words import plain_day, plain_figure, plain_key, plain_name, plain_rounding
from lifepot.rulebook.membership_in_words import joining_in_words, leaving_in_words, pause_in_words
from lifepot.rulebook.purposes_in_words import account_in_words, day_in_words, purpose_in_words
from lifepot.rulebook.terms import Amount, Rulebook, Value


def describe(book: Rulebook, on: int | None = None) -> str:
    """Title, who is in, rules with their steps, dated values with their sources, and purposes, as text. `on`: the day whose
    figures stand beside their names; with none, only those that never changed do.
    """
    wording = Wording(book, None if on is None else format_day(on))
    lines = [book.title, "=" * len(book.title), "", book.description, ""]
    lines += ["Who is in", "---------", book.membership.description]
    lines += [f"    {line}" for line in joining_in_words(wording)]
    for leaving in book.membership.leaving:
        lines += [leaving.description, *(f"    {line}" for line in leaving_in_words(wording, leaving))]
    for pause in book.membership.pauses:
        lines += [pause.description, *(f"    {line}" for line in pause_in_words(pause))]
    lines += [f"  Source: {book.membership.source}", ""]
    lines += ["What each party owes", "--------------------"]
    for name, rule in book.rules.items():
        lines.append(f"{name} ({rule.party}{', takes back' if rule.direction == 'takes_back' else ''})")
        lines.append(f"  {rule.description}")
        lines += [f"    {line}" for line in [*_chain(wording, rule), *notes_on(wording, rule)]]
        lines += [f"  Without bound: {rule.without_bound}"] if rule.without_bound is not None else []
        lines.append(f"  Source: {rule.source}")
    if book.amounts:
        lines += ["", "Amounts the rules are made of", "-----------------------------"]
        for name, amount in book.amounts.items():
            lines.append(f"{name}: {amount.description}")
            lines += [f"    {line}" for line in _chain(wording, amount)]
    if book.conditions:
        lines += ["", "Conditions by name", "------------------"]
        lines += [f"{plain_name(name)}: {wording.clause(one).line}" for name, one in book.conditions.items()]
    if book.days:
        lines += ["", "Days", "----"]
        lines += [
            f"{name}: {one.description} It is {day_in_words(one, book.currency)}." for name, one in book.days.items()
        ]
    if len(book.accounts) > 1:
        lines += ["", "Parts of the pot", "----------------"]
        for name, account in book.accounts.items():
            lines.append(" ".join([f"{name}: {account.description}", *account_in_words(account, book.currency)]))
    lines += ["", "Values", "------"]
    for name, value in book.values.items():
        mark = "" if value.certainty == "verified" else f" [{value.certainty}]"
        lines.append(f"{name}{mark}: {value.description}")
        lines += [f"    {line}" for line in _history(value, book.currency)]
        lines.append(f"  Source: {value.source}")
    if book.purposes:
        lines += ["", "What money may leave for", "------------------------"]
        for name, purpose in book.purposes.items():
            lines.append(f"{name}: {purpose.description} Paid to {purpose.pays}.")
            if purpose.when is not None:
                lines.append(f"    when {wording.clause(purpose.when).line}")
            lines += [f"    {one}" for one in purpose_in_words(wording, purpose)]
            lines += [f"    evidence: {one}" for one in purpose.evidence]
            lines.append(f"  Source: {purpose.source}")
    if book.claims:
        lines += ["", "How it is claimed", "-----------------"]
        for name, claim in book.claims.items():
            mark = "" if claim.certainty == "verified" else f" [{claim.certainty}]"
            lines.append(f"{name}{mark}: {claim.description}")
            lines += [f"    {line}" for line in claim_in_words(wording, claim)]
            lines += [f"    says {field}: {its.description}" for field, its in claim.fields.items()]
            lines.append(f"  Source: {claim.source}")
    return "\n".join(lines)


def _chain(wording: Wording, amount: Amount) -> list[str]:
    begins, *steps = chain(wording, amount)
    where = counted_where(wording, amount)
    return [begins, *([where_in_words(where)] if where is not None else []), *steps]


def _history(value: Value, currency: str) -> list[str]:
    if value.share_of is not None:
        exact = "exact" if value.rounded is None else f"rounded {plain_rounding(value.rounded)}"
        return [f"a pay period's share of {value.share_of}, {exact}"]
    lines = []
    for day, figure in value.dated.items():
        cells = [figure] if isinstance(figure, str) else figure.values()
        shown = [plain_figure(cell, value.unit, currency) for cell in cells]
        keys = [""] if isinstance(figure, str) else [f" {plain_key(key, value.by, currency)}" for key in figure]
        said = ", ".join(f"{cell}{key}" for cell, key in zip(shown, keys, strict=True))
        lines.append(f"from {plain_day(parse_day(day))}: {said}")
    return lines

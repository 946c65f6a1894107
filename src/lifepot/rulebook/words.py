"""A rulebook in a person's words, for the terminal."""

from lifepot.rulebook.claim_words import claims_in_words
from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import Amount, Rulebook


def describe(book: Rulebook) -> str:
    """Title, rules with their steps, dated values with their sources, and purposes, as text."""
    lines = [book.title, "=" * len(book.title), "", book.description, ""]
    lines += ["Who is in", "---------", book.membership.description, f"  Source: {book.membership.source}", ""]
    lines += ["What each party owes", "--------------------"]
    for name, rule in book.rules.items():
        lines.append(f"{name} ({rule.party}{', takes back' if rule.direction == 'takes_back' else ''})")
        lines.append(f"  {rule.description}")
        lines += [f"    {line}" for line in chain_in_words(rule)]
        lines.append(f"  Source: {rule.source}")
    if book.amounts:
        lines += ["", "Amounts the rules are made of", "-----------------------------"]
        for name, amount in book.amounts.items():
            lines.append(f"{name}: {amount.description}")
            lines += [f"    {line}" for line in chain_in_words(amount)]
    lines += ["", "Values", "------"]
    for name, value in book.values.items():
        mark = "" if value.certainty == "verified" else f" [{value.certainty}]"
        lines.append(f"{name}{mark}: {value.description}")
        for day, figure in value.dated.items():
            shown = figure if isinstance(figure, str) else ", ".join(f"{key} {cell}" for key, cell in figure.items())
            lines.append(f"    from {day}: {shown}")
        lines.append(f"  Source: {value.source}")
    if book.purposes:
        lines += ["", "What money may leave for", "------------------------"]
        for name, purpose in book.purposes.items():
            lines.append(f"{name}: {purpose.description} Paid to {purpose.pays}.")
            if purpose.when is not None:
                lines.append(f"    when {condition_in_words(purpose.when)}")
            lines += [f"    evidence: {one}" for one in purpose.evidence]
            lines.append(f"  Source: {purpose.source}")
    lines += claims_in_words(book.claims)
    return "\n".join(lines)


def chain_in_words(amount: Amount) -> list[str]:
    """Where an amount begins and each of its steps, a line each."""
    sources = amount.of if isinstance(amount.of, str) else " + ".join(amount.of)
    less = amount.minus if isinstance(amount.minus, str) else " + ".join(amount.minus)
    lines = [f"of {sources}" + (f" less {less}" if less else "")]
    if amount.when is not None:
        lines.append(f"when {condition_in_words(amount.when)}")
    for step in amount.steps:
        ((name, terms),) = step.model_dump(by_alias=True, exclude_none=True).items()
        lines.append(f"{name.replace('_', ' ')}: {_plain(terms)}")
    return lines


def condition_in_words(condition: object) -> str:
    """A condition as one line."""
    if isinstance(condition, str):
        return condition.replace("_", " ")
    assert isinstance(condition, Term)
    terms = condition.model_dump(by_alias=True, exclude_none=True)
    if "all" in terms:
        return " and ".join(condition_in_words(one) for one in condition.all)  # type: ignore[attr-defined]
    if "any" in terms:
        return "(" + " or ".join(condition_in_words(one) for one in condition.any) + ")"  # type: ignore[attr-defined]
    if "not" in terms:
        return "not (" + condition_in_words(condition.not_) + ")"  # type: ignore[attr-defined]
    what = str(terms.pop("what")).removeprefix("attribute.").replace("_", " ")
    terms.pop("unknown", None)
    together = " in all jobs together" if terms.pop("together", None) else ""
    return what + together + " " + " and ".join(f"{key.replace('_', ' ')} {figure}" for key, figure in terms.items())


def _plain(terms: object) -> str:
    if isinstance(terms, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(value)}" for key, value in terms.items())
    if isinstance(terms, list):
        return "; ".join(_plain(one) for one in terms)
    return str(terms)

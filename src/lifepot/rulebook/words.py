"""A rulebook in a person's words, for the terminal."""

from collections.abc import Iterator

from lifepot.rulebook.terms import Amount, Draw, Purpose, Rule, Rulebook, Term


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
            lines += [f"    {line}" for line in _purpose_in_words(purpose)]
            lines.append(f"  Source: {purpose.source}")
    if len(book.accounts) > 1:
        lines += ["", "Parts of the pot", "----------------"]
        for name, account in book.accounts.items():
            lines.append(f"{name}: {account.description}")
            if account.expires_on is not None:
                lines.append(f"    can be used to the end of {account.expires_on}")
            if account.moves_on is not None:
                lines.append(f"    moves to {account.moves_to} on {account.moves_on}")
    return "\n".join(lines)


def _purpose_in_words(purpose: Purpose) -> Iterator[str]:
    """What a purpose asks, takes from, leaves to others and must be done by, a line each."""
    if purpose.when is not None:
        yield f"when {condition_in_words(purpose.when)}"
    draws = [one if isinstance(one, Draw) else Draw(account=one) for one in purpose.draws_on]
    if draws:
        named = [one.account + (f" (when {condition_in_words(one.when)})" if one.when else "") for one in draws]
        yield f"taken from {', then '.join(named)}"
    if purpose.subsidy is not None:
        yield f"less {purpose.subsidy.replace('_', ' ')} of the price"
    if (pays := purpose.member_pays) is not None:
        unless = f", unless {condition_in_words(pays.unless)}" if pays.unless is not None else ""
        yield f"the member pays at least {pays.at_least}{unless}"
    if (done := purpose.completes) is not None:
        extended = f", and {done.extensions} times {done.extension_days} more" if done.extensions != "0" else ""
        back = f"; after a failure the money is back in {done.returned_within_days} days" * (
            done.returned_within_days != "0"
        )
        yield f"complete within {done.within_days} days{extended}{back}"
    yield from (f"evidence: {one}" for one in purpose.evidence)


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
    if isinstance(amount, Rule) and amount.net is not None:
        lines.append(f"a part of what is withdrawn; reckoned back, {amount.net}")
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

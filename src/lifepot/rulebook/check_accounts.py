"""Checks of the parts of the pot, and of what a purpose takes from which of them."""

from fractions import Fraction

from lifepot.periods import FAR_FUTURE, FAR_PAST, format_day, parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.check_conditions import check_condition
from lifepot.rulebook.findings import Findings, Path, circles
from lifepot.rulebook.terms import (
    Account,
    All,
    Amount,
    AnyOf,
    Completes,
    Draw,
    Not,
    Purpose,
    RateStep,
    RoundStep,
    Rule,
    Rulebook,
    Test,
    WhereStep,
)  # fmt: skip


def check_accounts(findings: Findings) -> None:
    """Every account."""
    accounts = findings.book.accounts
    for name, account in accounts.items():
        _account(findings, ("accounts", name), name, account)
    moves: dict[str, list[str]] = {
        name: [one.moves_to] if one.moves_to not in {None, name} else [] for name, one in accounts.items()
    }
    for names in circles(moves):
        found = " moves to ".join(names)
        findings.add(("accounts", names[0], "moves_to"), "cycle", found, "accounts of which one keeps what it has")


def _account(findings: Findings, path: Path, name: str, account: Account) -> None:
    accounts = findings.book.accounts
    days = {}
    for key in ("expires_on", "moves_on"):
        if getattr(account, key) is not None:
            day = findings.reads((*path, key), getattr(account, key), parse_day)
            days[key] = day if isinstance(day, int) else None
    if (account.moves_on is None) != (account.moves_to is None):
        findings.add(path, "account", "half a move", "`moves_on` and `moves_to` together")
    if account.moves_to is not None:
        others = [one for one in accounts if one != name]
        findings.one_of((*path, "moves_to"), account.moves_to, others, "other accounts")
    expires, moves = days.get("expires_on"), days.get("moves_on")
    if expires is not None and moves is not None and expires < moves:
        found = f"a move on {account.moves_on}, when what was there has expired"
        findings.add((*path, "moves_on"), "order", found, f"a day up to {account.expires_on}")
    to = accounts.get(account.moves_to or "")
    if moves is not None and to is not None and moves > _day(to.expires_on, FAR_FUTURE):
        found = f"{account.moves_to}, which has expired by {account.moves_on}"
        findings.add((*path, "moves_to"), "order", found, f"a move up to {to.expires_on}")
    first = _first_money(findings.book, name)
    if expires is not None and first is not None and first > expires:
        found = f"{account.expires_on}, before anything can come into it"
        findings.add((*path, "expires_on"), "order", found, f"a day from {format_day(first)} on")


def _day(text: str | None, otherwise: int) -> int:
    """A day; `otherwise` where none is said, or it cannot be read, which is its own fault."""
    try:
        return otherwise if text is None else parse_day(text)
    except ValueError:
        return otherwise


def _first_money(book: Rulebook, account: str) -> int | None:
    """The first day on which a rule may give into an account, or another moves into it; None where nothing ever does."""
    days = [
        _first_day(book, rule, ()) for rule in book.rules.values()
        if rule.account == account and rule.direction == "gives"
    ]  # fmt: skip
    days += [_day(one.moves_on, FAR_PAST) for one in book.accounts.values() if one.moves_to == account]
    return min(days, default=None)


def _first_day(book: Rulebook, amount: Amount, above: tuple[str, ...]) -> int:
    """The first day on which an amount can be anything at all, as far as its named days and dates say."""
    conditions = [amount.when] + [step.where for step in amount.steps if isinstance(step, WhereStep)]
    sources = [amount.of] if isinstance(amount.of, str) else amount.of
    return max(
        min(_first_of(book, source, above) for source in sources), *(_opens(book, one, ()) for one in conditions)
    )


def _first_of(book: Rulebook, source: str, above: tuple[str, ...]) -> int:
    if source.startswith("day.") and (day := book.days.get(source.removeprefix("day."))) is not None:
        return _day(day.on, FAR_PAST)
    other = book.amounts.get(source) or book.rules.get(source)
    return FAR_PAST if other is None or source in above else _first_day(book, other, (*above, source))


def _opens(book: Rulebook, condition: object, above: tuple[str, ...]) -> int:
    """The first day on which a condition can hold, as far as its dates say."""
    match condition:
        case str() if condition in book.conditions and condition not in above:
            return _opens(book, book.conditions[condition], (*above, condition))
        case All(all=inner):
            return max(_opens(book, one, above) for one in inner)
        case AnyOf(any=inner):
            return min(_opens(book, one, above) for one in inner)
        case Test(what="date"):
            after = _day(condition.above, FAR_PAST)
            return max(_day(condition.at_least, FAR_PAST), after if after == FAR_PAST else after + 1)
        case _:
            return FAR_PAST


def check_purpose(findings: Findings, path: Path, purpose: Purpose) -> None:
    """What a purpose asks, which accounts it draws on, who else pays, and by when it is done."""
    if purpose.when is not None:
        _of_withdrawal(findings, (*path, "when"), purpose.when)
    _draws(findings, (*path, "draws_on"), purpose)
    if purpose.subsidy is not None:
        findings.attribute((*path, "subsidy"), purpose.subsidy, "percent")
    if purpose.member_pays is not None:
        findings.operand((*path, "member_pays", "at_least"), purpose.member_pays.at_least, "money")
        if purpose.member_pays.unless is not None:
            _of_withdrawal(findings, (*path, "member_pays", "unless"), purpose.member_pays.unless)
    if purpose.completes is not None:
        _completes(findings, (*path, "completes"), purpose.completes)
    for term, limit in (("at_most", purpose.at_most), ("approve_above", purpose.approve_above)):
        if limit is not None:
            findings.operand((*path, term), limit, "money")
    for name, share in purpose.stages.items():
        findings.operand((*path, "stages", name), share, "rate")
    shares = [_rates(findings.book, share) for share in purpose.stages.values()]
    whole = sum((rate for rates in shares for rate in rates), Fraction(0))
    if all(len(rates) == 1 for rates in shares) and shares and whole != 1:
        findings.add((*path, "stages"), "purpose", f"stages of {whole} in all", "stages that are the whole in all")
    if purpose.completes is not None and purpose.completes.kept is not None:
        findings.one_of((*path, "completes", "kept"), purpose.completes.kept, findings.book.purposes, "purposes")


def _of_withdrawal(findings: Findings, path: Path, condition: object) -> None:
    """A condition that is tested on a withdrawal, which has no pay."""
    check_condition(findings, path, condition)
    for what in _tested(findings.book, condition, ()):
        if what.startswith("pay."):
            findings.add(
                path, "test", f"a test of {what}, which a withdrawal has not", "tests of the person and the day"
            )


def _tested(book: Rulebook, condition: object, above: tuple[str, ...]) -> list[str]:
    """What a condition tests, through the conditions it names."""
    match condition:
        case str() if condition in book.conditions and condition not in above:
            return _tested(book, book.conditions[condition], (*above, condition))
        case All(all=inner) | AnyOf(any=inner):
            return [what for one in inner for what in _tested(book, one, above)]
        case Not(not_=one):
            return _tested(book, one, above)
        case Test():
            return [condition.what]
        case _:
            return []


def _draws(findings: Findings, path: Path, purpose: Purpose) -> None:
    if "draws_on" in purpose.model_fields_set and not purpose.draws_on:
        findings.add(path, "account", "no account", "at least one (or no `draws_on`: all of them, in their order)")
    drawn: set[str] = set()
    for index, draw in enumerate(purpose.draws_on):
        here: Path = (*path, index)
        one = draw if isinstance(draw, Draw) else Draw(account=draw)
        where = (*here, "account") if isinstance(draw, Draw) else here
        if one.when is not None:
            _of_withdrawal(findings, (*here, "when"), one.when)
        if findings.one_of(where, one.account, findings.book.accounts, "accounts") and one.account in drawn:
            findings.add(where, "twice", f"{one.account}, which is drawn on already", "each account once")
        drawn |= {one.account} if one.when is None else set()


def _completes(findings: Findings, path: Path, terms: Completes) -> None:
    for key in ("within_days", "extensions", "extension_days", "returned_within_days"):
        findings.operand((*path, key), getattr(terms, key), "number")
    if (terms.extensions == "0") != (terms.extension_days == "0"):
        found = "extensions of no days" if terms.extension_days == "0" else "days of no extension"
        findings.add(path, "purpose", found, "`extensions` and `extension_days` together")


def check_net(findings: Findings, path: Path, rule: Rule) -> None:
    """A charge from which one can reckon back: one rate of what is withdrawn, below the whole of it, rounded."""
    assert rule.net is not None
    findings.reads(path, rule.net, scalars.parse_rounding)
    sources = [rule.of] if isinstance(rule.of, str) else rule.of
    withdrawn = all(source.partition(".")[0] == "withdrawn" for source in sources)
    match rule.steps:
        case [RateStep(rate=rate), RoundStep()] if rule.direction == "takes_back" and withdrawn:
            text = rate if isinstance(rate, str) else rate.otherwise
        case _:
            expected = "it at a rule that takes back a rate of what is withdrawn, rounded, and nothing else"
            findings.add(path, "rule", "`net` of something that is no such charge", expected)
            return
    if any(one >= 1 for one in _rates(findings.book, text)):
        findings.add(path, "rule", "`net` of a charge of the whole", "a rate below 100 %, which leaves something")


def _rates(book: Rulebook, text: str) -> list[Fraction]:
    """Every rate that a figure ever is; none where it cannot be read, which is its own fault."""
    try:
        if text not in book.values:
            return [scalars.parse_rate(text)]
        rows = book.values[text].dated.values()
        cells = [cell for row in rows for cell in ([row] if isinstance(row, str) else row.values())]
        return [scalars.parse_rate(cell) for cell in cells if cell != "none"]
    except ValueError:
        return []

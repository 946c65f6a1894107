"""Checks of words that would be read past: said, well formed, and without any effect where they stand."""

from lifepot.rulebook.check_windows import rows_of
from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.terms import Amount, AverageStep, EarlierStep, Rule, Total, TotalStep, UpTo, UpToStep
from lifepot.rulebook.walking import amounts_and_rules, listed, source_path

LOOKS_BACK = (EarlierStep, AverageStep)
"""Steps that say where an amount stands, and leave what its facts bring as it was."""


def check_idle(findings: Findings) -> None:
    """Windows, attributes, amounts and rules."""
    book = findings.book
    for name, window in book.windows.items():
        if window.starts is not None and window.every is None and window.months is not None:
            found = "`starts` of a window that is counted from joining"
            findings.add(("windows", name, "starts"), "no_effect", found, "`starts` beside `every`")
        if window.times is not None and window.months is None and window.every is not None:
            found = "`times` of a window that repeats in the calendar"
            findings.add(("windows", name, "times"), "no_effect", found, "`times` beside `months`")
    for name, attribute in book.attributes.items():
        path: Path = ("attributes", name, "otherwise")
        if attribute.otherwise is not None and attribute.default is not None:
            found = "`otherwise` beside a default, which is always there first"
            findings.add(path, "no_effect", found, "one of the two")
        if attribute.otherwise is not None and attribute.kind != "money":
            findings.add(path, "unit", f"money, for an attribute of kind {attribute.kind}", "it at one of kind money")
    for path, name, amount in amounts_and_rules(book):
        _amount(findings, path, name, amount)
        if rows_of(book, amount) != {"paid"}:
            _sent_back(findings, path, amount)


def _amount(findings: Findings, path: Path, name: str, amount: Amount) -> None:
    if amount.combined != "sum" and len(listed(amount.of)) == 1:
        found = f"the {amount.combined} of one source"
        findings.add((*path, "combined"), "no_effect", found, "several sources in `of`")
    for key in ("of", "minus"):
        sources = getattr(amount, key)
        for index, source in enumerate(listed(sources)):
            other = findings.book.amounts.get(source)
            if other is not None and any(isinstance(step, LOOKS_BACK) for step in other.steps):
                found = f"{source}, which looks back and brings nothing of its own"
                expected = "it in a step or a test; here, the amount it looks back on"
                findings.add(source_path(path, key, sources, index), "no_effect", found, expected)
    if not isinstance(amount, Rule):
        return
    if amount.stated is None and "stated_when" in amount.model_fields_set:
        findings.add((*path, "stated_when"), "no_effect", "`stated_when` of nothing stated", "`stated` beside it")
    for index, step in enumerate(amount.steps):
        if isinstance(step, LOOKS_BACK):
            word = "earlier" if isinstance(step, EarlierStep) else "average"
            found = f"`{word}` in a rule: {name} would bring what its total does, all the same"
            findings.add((*path, "steps", index), "no_effect", found, "it in an amount that a step or a test asks for")
    due = amount.due
    if due is not None and due.earlier is not None and due.earlier.at_end_of == due.at_end_of:
        found = f"{due.at_end_of}, the same window as later"
        findings.add((*path, "due", "earlier", "at_end_of"), "no_effect", found, "another window, or no `earlier`")


def _sent_back(findings: Findings, path: Path, amount: Amount) -> None:
    """Only payments can be refused and sent back."""
    for index, step in enumerate(amount.steps):
        here: Path = (*path, "steps", index)
        match step:
            case UpToStep(up_to=UpTo(beyond="refused")):
                _not_sent_back(findings, (*here, "up_to", "beyond"))
            case TotalStep(total=Total(beyond="refused", not_above=str())):
                _not_sent_back(findings, (*here, "total", "beyond"))
            case _:
                pass


def _not_sent_back(findings: Findings, path: Path) -> None:
    found = "`refused` of something that is no payment, so that nothing can be sent back"
    findings.add(path, "step", found, "`disregarded`, or an amount of payments alone")

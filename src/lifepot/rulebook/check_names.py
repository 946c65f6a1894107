"""Checks of names: those that would mean two things, those that nothing asks for, and those that ask for each other too deep."""

from collections.abc import Iterator, Sequence

from lifepot.rulebook.check_steps import uses
from lifepot.rulebook.findings import Findings, Path
from lifepot.rulebook.terms import All, AnyOf, Not, Rulebook
from lifepot.rulebook.walking import amounts_and_rules, listed, source_path

SOURCE_HEADS = {"pay", "paid", "withdrawn", "count", "day", "present", "attribute", "amount"}
"""What stands before the point in a source or a test: no amount, rule or value of that name could be told from one."""

COLUMNS_OF_PEOPLE = {"member", "born", "joined"}
"""Columns that every file of people has; an attribute of that name could not have one."""

DEEPEST_CHAIN = 50
"""Amounts made of amounts made of amounts, and conditions that ask for conditions, one in the other."""

MOST_TESTS = 10_000
"""Tests that a condition may come to, those of the conditions it asks for counted each time."""

ALWAYS_ASKED = {"rules", "purposes", "claims"}
"""Sections whose names stand for themselves: rules give, withdrawals say their purpose, and claims are made."""


MOST_ACCOUNTS = 8
"""Parts of a pot for which the chart of accounts has numbers."""


def check_names(findings: Findings, *, whole: bool) -> None:
    """Every name. Whether something asks for it can only be said of a whole rulebook."""
    _shadows(findings)
    _repeated(findings)
    _amounts_in_amounts(findings)
    _conditions_in_conditions(findings)
    if whole:
        _unused(findings)


def _shadows(findings: Findings) -> None:
    """Names that mean something already."""
    book = findings.book
    for section, names in (("values", book.values), ("amounts", book.amounts), ("rules", book.rules)):
        for name in names:
            head, point, _ = name.partition(".")
            if (point and head in SOURCE_HEADS) or name == "withdrawn":
                findings.add((section, name), "twice", f"{name}, which is a source that is built in", "another name")
    for name in book.purposes:
        if name in {"purpose", "no_purpose"}:
            found = f"{name}: `withdrawn.{name}` is built in, and means another thing"
            findings.add(("purposes", name), "twice", found, "another name")
    for name, attribute in book.attributes.items():
        paths: list[tuple[Path, str]] = [(("attributes", name), name)]
        paths += [(("attributes", name, "aliases", index), alias) for index, alias in enumerate(attribute.aliases)]
        for path, word in paths:
            if word in COLUMNS_OF_PEOPLE:
                findings.add(path, "twice", f"{word}, a column that every file of people has", "another name")


def _repeated(findings: Findings) -> None:
    """Words of a list that say twice what can only be meant once."""
    book = findings.book
    for name in list(book.accounts)[MOST_ACCOUNTS:]:
        found = f"account {list(book.accounts).index(name) + 1}"
        findings.add(("accounts", name), "size", found, f"at most {MOST_ACCOUNTS} accounts")
    for name, attribute in book.attributes.items():
        _each_once(findings, ("attributes", name, "choices"), attribute.choices or [])
        if attribute.choices == []:
            findings.add(("attributes", name, "choices"), "attribute", "no choices", "at least one")
    for path, _, amount in amounts_and_rules(book):
        for index, source in enumerate(listed(amount.minus)):
            if source in listed(amount.of):
                at = source_path(path, "minus", amount.minus, index)
                findings.add(at, "nothing_left", f"{source}, of which it is made, taken off again", "another source")
        if amount.combined != "sum":
            _each_once(findings, (*path, "of"), listed(amount.of))


def _each_once(findings: Findings, path: Path, words: Sequence[object]) -> None:
    for index, word in enumerate(words):
        if isinstance(word, str) and word in words[:index]:
            findings.add((*path, index), "twice", f"{word} a second time", "each word once")


def _amounts_in_amounts(findings: Findings) -> None:
    book = findings.book
    needs = {name: uses(book, amount) for _, name, amount in amounts_and_rules(book)}
    for name in _too_deep(needs):
        section = "amounts" if name in book.amounts else "rules"
        findings.add(
            (section, name), "size", f"{name}, made of more than {DEEPEST_CHAIN} amounts, one in the other", "fewer"
        )


def _conditions_in_conditions(findings: Findings) -> None:
    book = findings.book
    asks = {name: list(_asked(condition)) for name, condition in book.conditions.items()}
    for name in _too_deep(asks):
        found = f"{name}, which asks for more than {DEEPEST_CHAIN} conditions, one in the other"
        findings.add(("conditions", name), "size", found, "fewer")
    for name, tests in _tests_of(asks, book).items():
        if tests > MOST_TESTS:
            findings.add(
                ("conditions", name), "size", f"{name}, which comes to {tests:,} tests", f"at most {MOST_TESTS:,}"
            )
            break  # all that ask for it are too long with it


def _too_deep(needs: dict[str, list[str]]) -> list[str]:
    """The first name, if any, from which a chain of more than the deepest leads down; circles are their own fault."""
    depth: dict[str, int] = {}
    for name in _from_the_ground(needs):
        depth[name] = 1 + max((depth.get(other, 0) for other in needs[name]), default=0)
        if depth[name] > DEEPEST_CHAIN:
            return [name]
    return []


def _tests_of(asks: dict[str, list[str]], book: Rulebook) -> dict[str, int]:
    """How many tests each condition comes to."""
    count: dict[str, int] = {}
    for name in _from_the_ground(asks):
        own = sum(1 for _ in _tests(book.conditions[name]))
        count[name] = own + sum(count.get(other, 0) for other in asks[name])
    return count


def _from_the_ground(needs: dict[str, list[str]]) -> Iterator[str]:
    """Names, each after those it needs."""
    done: set[str] = set()
    for first, its in needs.items():
        trail = [(first, iter(its))] if first not in done else []
        entered = {first}
        while trail:
            name, others = trail[-1]
            other = next((one for one in others if one in needs and one not in done and one not in entered), None)
            if other is None:
                trail.pop()
                done.add(name)
                yield name
            else:
                entered.add(other)
                trail.append((other, iter(needs[other])))


def _asked(condition: object) -> Iterator[str]:
    """Names of conditions that a condition asks for, as often as it does."""
    match condition:
        case str():
            yield condition
        case All(all=inner) | AnyOf(any=inner):
            for one in inner:
                yield from _asked(one)
        case Not(not_=one):
            yield from _asked(one)


def _tests(condition: object) -> Iterator[object]:
    match condition:
        case All(all=inner) | AnyOf(any=inner):
            for one in inner:
                yield from _tests(one)
        case Not(not_=one):
            yield from _tests(one)
        case str():
            return
        case _:
            yield condition


def _unused(findings: Findings) -> None:
    """Notes on what is declared and never asked for."""
    book = findings.book
    said = {text for _, text in findings.everything if isinstance(text, str)}
    said |= {text.partition(".")[2] for text in said if text.partition(".")[0] in SOURCE_HEADS}
    for section in type(book).model_fields:
        names = getattr(book, section)
        if not isinstance(names, dict) or section in ALWAYS_ASKED or section not in book.model_fields_set:
            continue
        for name in names:
            if name not in said:
                findings.add(
                    (section, name), "unused", f"{name}, which nothing asks for", "a rule that does, or nothing"
                )

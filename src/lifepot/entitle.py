"""What the rules give to people and facts in two CSV files, with no database: `lifepot entitle`.

`P.csv` has `member,born,joined` and a column for each attribute the rulebook declares. `F.csv` has a row a fact; a row
that `replaces` another's `ref` stands in its place. Amounts are in major units with two decimals; empty is "not said".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from lifepot.errors import Fault
from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.columns import FREQUENCY_WORDS, NONE, Facts, Kind, People
from lifepot.kernel.program import Program, compile_program
from lifepot.money import parse_minor
from lifepot.periods import FAR_FUTURE, FAR_PAST, format_day, parse_day
from lifepot.rulebook.terms import Rulebook
from lifepot.sheets import MOST_FAULTS, figure_in, read_rows

PEOPLE_COLUMNS = ("member", "born", "joined")
FACT_COLUMNS = (
    "ref", "member", "on", "kind", "payer", "amount", "earnings", "hours", "frequency", "period_start", "period_end",
    "worker", "employer", "attribute", "value", "replaces",
)  # fmt: skip
KIND_BY_WORD = {kind.name.lower(): kind for kind in Kind}
PASSED_OVER = -1
"""The attribute of a row that tells none, or one that the rulebook need not know."""


@dataclass(slots=True)
class Told:
    """People and facts as read from the two files, ready for the kernel; faulty rows are left out and listed."""

    members: list[str]
    people: People
    facts: Facts
    refs: list[str]
    """The `ref` of each fact, by its number."""
    lines: list[int]
    """The line of each fact in its file, by its number."""
    payers: list[str]
    faults: list[Fault]
    notes: list[Fault]
    """Things the reader made something of, that the sender may want to know."""
    replaced: dict[int, int]
    """Of facts in whose place another stands, the number of that one."""


@dataclass(slots=True)
class Outcome:
    """What the rules give: the members in the order of the people's file, entitlements as the command prints them, and
    the faults and notes found on the way.
    """

    members: list[str]
    rows: list[dict[str, object]]
    faults: list[Fault]
    notes: list[Fault]


def entitle(
    rulebook: Rulebook, people: Path, facts: Path, as_of: int | None
) -> tuple[list[dict[str, object]], list[Fault]]:
    """Entitlements as the command prints them, and the faults found on the way. Raises `LifepotError` for a file
    that cannot be read at all.
    """
    outcome = work_out(rulebook, people, facts, as_of)
    return outcome.rows, outcome.faults + outcome.notes


def work_out(
    rulebook: Rulebook, people: Path, facts: Path, as_of: int | None, foreign: frozenset[str] = frozenset()
) -> Outcome:
    """The same, with members, and notes apart from faults. `foreign` are words for attributes that another rulebook
    declares, for which the files were written too: where this one does not, they are passed over with a note.
    """
    program = compile_program(rulebook)
    told = read_told(program, people, facts, foreign)
    assessed = assess(program, told.people, told.facts, as_of=as_of)
    rows = list(rows_of(program, told, assessed))
    notes = told.notes + shut_accounts(told, assessed, facts, as_of) + undated(rulebook, told, people, facts, as_of)
    return Outcome(told.members, rows, told.faults + gaps_of(program, told, assessed, facts), notes)


def rows_of(program: Program, told: Told, assessed: Assessed) -> Iterable[dict[str, object]]:
    """Entitlements as dictionaries, by member, day and rule."""
    owed = assessed.entitlements
    rules = list(program.rulebook.rules.items())
    for i in np.lexsort((owed.row, owed.rule, owed.effective_on, owed.member)):
        name, rule = rules[int(owed.rule[i])]
        rows = owed.refs[owed.ref_starts[i] : owed.ref_starts[i + 1]]
        refs = dict.fromkeys(told.refs[fact] for fact in assessed.rows.fact[rows] if fact >= 0)
        start, end = int(owed.window_start[i]), int(owed.window_end[i])
        yield {
            "member": told.members[int(owed.member[i])],
            "rule": name,
            "party": rule.party,
            "account": rule.account,
            "effective_on": format_day(int(owed.effective_on[i])),
            "window_start": None if start <= FAR_PAST else format_day(start),
            "window_end": None if end >= FAR_FUTURE else format_day(end),
            "amount_minor": int(owed.amount[i]),
            "refs": list(refs),
        }


NOTES = {"purpose_none", "account_not_open", "attribute_ignored", "attribute_undated", "as_of_missing"}
"""Codes of what the sender may want to know, though nothing is wrong with the files."""


def shut_accounts(told: Told, assessed: Assessed, file: Path, as_of: int | None) -> list[Fault]:
    """A note for each member with pay or payments for whom no account ever opened."""
    money = np.isin(told.facts.kind, [Kind.PAY, Kind.PAID]) & ((as_of is None) | (told.facts.on <= (as_of or 0)))
    shut = money & (assessed.opened_on[told.facts.member] == NONE)
    _, first = np.unique(told.facts.member[shut], return_index=True)
    found = []
    for fact in told.facts.fact[shut][first][:MOST_FAULTS].tolist():
        member = told.members[int(told.facts.member[told.facts.fact == fact][0])]
        expected = "a member whom the rulebook lets in; nothing is owed for the others"
        found.append(Fault(str(file), told.lines[fact], 2, "account_not_open", "member", member, expected))
    return found


def undated(rulebook: Rulebook, told: Told, people: Path, facts: Path, as_of: int | None) -> list[Fault]:
    """Notes of what counts only on a day that nobody said: figures in the people's file, and days that the rulebook names."""
    found = []
    terms = [*rulebook.amounts.values(), *rulebook.rules.values()]
    counted = {one for term in terms for one in ([term.of] if isinstance(term.of, str) else term.of)}
    for number, name in enumerate(rulebook.attributes):
        if f"attribute.{name}" in counted and len(told.members) and (told.people.attributes[:, number] != NONE).any():
            expected = (
                "it in a status of the facts' file, on its day: it counts each time it is said, and here no day is said"
            )
            found.append(Fault(str(people), 1, 0, "attribute_undated", name, f"a column {name}", expected))
    if rulebook.days and as_of is None:
        expected = f"--as-of: {', '.join(rulebook.days)} come up to each member's last fact only"
        found.append(Fault(str(facts), 0, 0, "as_of_missing", "", "no day to look from", expected))
    return found


def gaps_of(program: Program, told: Told, assessed: Assessed, file: Path) -> list[Fault]:
    """Faults for facts whose day, frequency or period a value of the rulebook says nothing about."""
    expected = {
        "value_gap": "a day on which the rulebook has a figure for {}",
        "frequency_missing": "a frequency, or a pay period, for the table {}",
    }
    found: dict[tuple[str, str, int], Fault] = {}
    for code, name, rows in assessed.gaps:
        for row in rows:
            fact = int(assessed.rows.fact[row])
            # A question asked on the day an account was opened stands behind no fact, but behind the member.
            whose = told.refs[fact] if fact >= 0 else told.members[int(assessed.rows.member[row])]
            if len(found) < MOST_FAULTS:
                where = f"{whose} on {format_day(int(assessed.rows.on[row]))}"
                key = (code, name, fact if fact >= 0 else -1 - int(assessed.rows.member[row]))
                line = told.lines[fact] if fact >= 0 else 0
                right = expected[code].format(name)
                unborn = told.people.born[assessed.rows.member[row]] == NONE
                if unborn and name in program.figures and program.figures[name].by in {"born", "age"}:
                    right = f"the member's birth day, for the table {name}"
                found[key] = Fault(str(file), line, 0, code, "", where, right)
    return list(found.values())


def read_told(program: Program, people: Path, facts: Path, foreign: frozenset[str] = frozenset()) -> Told:
    """Reads both files. A fact's number is its line in the file, counted from 0 after the head. `foreign`: see
    `work_out`.
    """
    faults: list[Fault] = []
    notes: list[Fault] = []
    members, table = _read_people(program, people, faults, notes, foreign)
    number_by_member = {name: number for number, name in enumerate(members)}
    payers: list[str] = [""]
    rows: list[dict[str, int]] = []
    refs: list[str] = []
    lines: list[int] = []
    told: list[tuple[dict[str, str], dict[str, int] | None]] = []
    number_by_ref: dict[str, int] = {}
    for line, cells, _ in read_rows(facts, FACT_COLUMNS, faults, required=("ref", "member", "on", "kind")):
        row = _fact(program, cells, line, str(facts), faults, notes, number_by_member, payers, foreign)
        if cells["ref"] in number_by_ref:
            faults.append(Fault(str(facts), line, 1, "ref_twice", "ref", cells["ref"], "a ref of its own"))
            row = None
        # A row that was refused keeps its ref, so that another can stand in its place.
        number_by_ref.setdefault(cells["ref"], len(refs))
        refs.append(cells["ref"])
        lines.append(line)
        told.append((cells, row))
    replaced = _replacements(told, number_by_ref, refs, lines, str(facts), faults)
    rows = [row | {"fact": number} for number, (_, row) in enumerate(told) if row is not None]
    root = {row["fact"]: row["fact"] for row in rows}
    first = set(replaced.values())
    for number in (one for one in replaced if one not in first):
        chain, at = number, number
        while at in replaced:
            at = replaced[at]
            root[at] = root.get(chain, chain)
    for row in rows:
        row["root"] = root[row["fact"]]
    # A status of an attribute that was passed over says nothing, though it stands in the place of what it replaces.
    silent = {row["fact"] for row in rows if row["kind"] == Kind.STATUS and row["attribute"] == PASSED_OVER}
    current = [row for row in rows if row["fact"] not in replaced and row["fact"] not in silent]
    return Told(members, table, Facts.of(current), refs, lines, payers, faults, notes, replaced)


def _replacements(
    told: list[tuple[dict[str, str], dict[str, int] | None]],
    number_by_ref: dict[str, int],
    refs: list[str],
    lines: list[int],
    file: str,
    faults: list[Fault],
) -> dict[int, int]:
    """Which row stands in the place of which, wherever in the file they are; a faulty replacement is refused."""
    replaced: dict[int, int] = {}
    column = FACT_COLUMNS.index("replaces") + 1
    for number, (cells, row) in enumerate(told):
        before = cells["replaces"]
        if not before or row is None:
            continue
        other = number_by_ref.get(before)
        if other is None or other == number:
            fault = Fault(
                file, lines[number], column, "ref_unknown", "replaces", before, "the ref of a row of the file"
            )
        elif other in replaced:
            expected = f"{refs[replaced[other]]}, the row that stands in its place now"
            fault = Fault(file, lines[number], column, "ref_replaced", "replaces", before, expected)
        elif (theirs := told[other][1]) is not None and theirs["member"] != row["member"]:
            fault = Fault(file, lines[number], column, "member_differs", "replaces", before, "a row of the same member")
        elif _ends_in(replaced, number, other):
            fault = Fault(file, lines[number], column, "ref_circle", "replaces", before, "rows that form no circle")
        else:
            replaced[other] = number
            continue
        faults.append(fault)
        told[number] = (cells, None)
    return replaced


def _ends_in(replaced: dict[int, int], number: int, other: int) -> bool:
    """Whether what stands in the place of `number` is, in the end, `other`."""
    while number in replaced and number != other:
        number = replaced[number]
    return number == other


def _read_people(
    program: Program, file: Path, faults: list[Fault], notes: list[Fault], foreign: frozenset[str]
) -> tuple[list[str], People]:
    members: list[str] = []
    born: list[int] = []
    joined: list[int] = []
    said: list[list[int]] = []
    for line, cells, _ in read_rows(file, PEOPLE_COLUMNS, faults, required=("member",)):
        if cells["member"] in members[-1:] or cells["member"] in set(members):
            faults.append(Fault(str(file), line, 1, "member_twice", "member", cells["member"], "each member once"))
            continue
        row = [NONE] * len(program.attributes)
        days = {}
        for name in ("born", "joined"):
            days[name] = _cell(cells[name], parse_day, str(file), line, name, faults)
        for word, text in cells.items():
            if word in PEOPLE_COLUMNS or not text:
                continue
            named = program.attribute_named(word)
            if named is None and word in foreign:
                _pass_over(notes, str(file), line, 0, word)
                continue
            if named is None:
                faults.append(undeclared(program, str(file), line, word))
                continue
            row[program.attribute(named)] = _cell(text, partial(program.encode, named), str(file), line, word, faults)
        members.append(cells["member"])
        born.append(days["born"])
        joined.append(days["joined"])
        said.append(row)
    attributes = np.array(said, dtype=np.int64).reshape(len(members), len(program.attributes))
    return members, People(np.array(born, dtype=np.int64), np.array(joined, dtype=np.int64), attributes)


def undeclared(program: Program, file: str, line: int, word: str, path: str = "", column: int = 0) -> Fault:
    """The fault of a word that is no attribute of the rulebook."""
    declared = ", ".join(program.attributes) or "none"
    expected = f"an attribute the rulebook declares: {declared}"
    return Fault(file, line, column, "attribute_unknown", path or word, word or "nothing", expected)


def _pass_over(notes: list[Fault], file: str, line: int, column: int, word: str) -> None:
    """A note, once a file and word, that an attribute of another rulebook says nothing to this one."""
    if not any((note.file, note.code, note.path) == (file, "attribute_ignored", word) for note in notes):
        expected = "an attribute the rulebook declares; only the other one does, so it is passed over"
        notes.append(Fault(file, line, column, "attribute_ignored", word, word, expected))


def _cell(text: str, parse: Callable[[str], int], file: str, line: int, path: str, faults: list[Fault]) -> int:
    """A figure from a cell; NONE when empty or faulty."""
    column = FACT_COLUMNS.index(path) + 1 if path in FACT_COLUMNS else 0
    return figure_in(text, parse, file, line, column, path, faults, nothing=NONE)


def _hours(text: str) -> int:
    return parse_minor(text)


def _fact(
    program: Program, cells: dict[str, str], line: int, file: str, faults: list[Fault], notes: list[Fault],
    number_by_member: dict[str, int], payers: list[str], foreign: frozenset[str],
) -> dict[str, int] | None:  # fmt: skip
    """One fact, or None with its faults added."""
    before = len(faults)

    def fault(column: str, code: str, found: str, expected: str) -> None:
        faults.append(Fault(file, line, FACT_COLUMNS.index(column) + 1, code, column, found, expected))

    if cells["member"] not in number_by_member:
        fault("member", "member_unknown", cells["member"], "a member of the people's file")
    kind = KIND_BY_WORD.get(cells["kind"])
    if kind is None:
        fault("kind", "kind_unknown", cells["kind"], "one of " + ", ".join(KIND_BY_WORD))
    if not cells["ref"]:
        fault("ref", "ref_missing", "nothing", "a ref of its own")
    if not cells["on"]:
        fault("on", "on_missing", "nothing", "a date such as 2026-04-06")
    if cells["frequency"] and cells["frequency"] not in FREQUENCY_WORDS:
        fault("frequency", "frequency_unknown", cells["frequency"], "one of " + ", ".join(FREQUENCY_WORDS))
    row = {
        name: _cell(cells[name], parse_day, file, line, name, faults) for name in ("on", "period_start", "period_end")
    }
    for name in ("amount", "earnings", "worker", "employer", "hours"):
        row[name] = _cell(cells[name], parse_minor if name != "hours" else _hours, file, line, name, faults)
        if row[name] != NONE and row[name] < 0:
            fault(name, "amount_negative", cells[name], "an amount of zero or more; a row that `replaces` corrects")
    if row["period_start"] != NONE and row["period_end"] != NONE and row["period_end"] < row["period_start"]:
        fault("period_end", "period_backwards", cells["period_end"], f"a day from {cells['period_start']} on")
    if kind in {Kind.PAID, Kind.WITHDRAWN} and row["amount"] == NONE and len(faults) == before:
        fault("amount", "amount_missing", "nothing", "an amount such as 12.50")
    row["attribute"], row["value"] = PASSED_OVER, -1
    if kind is Kind.STATUS:
        declared = program.attribute_named(cells["attribute"])
        if declared is None and cells["attribute"] in foreign:
            _pass_over(notes, file, line, FACT_COLUMNS.index("attribute") + 1, cells["attribute"])
        elif declared is None:
            faults.append(
                undeclared(
                    program,
                    file,
                    line,
                    cells["attribute"],
                    cells["attribute"] or "attribute",
                    FACT_COLUMNS.index("attribute") + 1,
                )
            )
        elif not cells["value"]:
            fault("value", "value_missing", "nothing", f"what {declared} is from that day on")
        else:
            row["attribute"] = program.attribute(declared)
            row["value"] = _cell(cells["value"], partial(program.encode, declared), file, line, "value", faults)
    if kind is Kind.WITHDRAWN and cells["value"]:
        purpose = program.purpose_named(cells["value"])
        if purpose is not None:
            row["value"] = purpose
        else:
            notes.append(
                Fault(
                    file,
                    line,
                    15,
                    "purpose_none",
                    "value",
                    cells["value"],
                    "a purpose of the rulebook, else it counts as none",
                )
            )
    if len(faults) > before or kind is None:
        return None
    if cells["payer"] not in payers:
        payers.append(cells["payer"])
    row.update(member=number_by_member[cells["member"]], kind=int(kind), payer=payers.index(cells["payer"]))
    row["frequency"] = FREQUENCY_WORDS.index(cells["frequency"]) if cells["frequency"] else -1
    return row

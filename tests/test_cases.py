"""Every worked case of `tests/cases/`, which an actuary can read and write (see the README there)."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lifepot.entitle import FACT_COLUMNS, NOTES, gaps_of, read_told, rows_of
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import PARTIES
from lifepot.kernel.program import Program, compile_program
from lifepot.money import format_minor, parse_minor
from lifepot.periods import add_months_to, format_day, parse_day
from lifepot.quote import answers
from lifepot.rulebook.reader import shipped, shipped_names

CASES = Path(__file__).parent / "cases"
LABELS = (
    "Source", "Certainty", "As of", "People", "Facts", "Expected", "Refused", "Claims", "Answers", "Faults", "Asked",
    "Answered", "Pots", "Working", "Waits",
)  # fmt: skip
CERTAINTIES = {"official", "code", "secondary", "derived", "choice", "recalled", "ours"}
PUBLISHED = """
    LISA-01 LISA-02 LISA-03 LISA-04 LISA-06 LISA-09 LISA-10 LISA-11 LISA-12 LISA-14 LISA-15 LISA-21 LISA-22 LISA-24
    LISA-25 LISA-28 LISA-30 LISA-32 LISA-34 LISA-36 LISA-37 LISA-38 LISA-40
    HTS-02 HTS-03 HTS-05 HTS-09 HTS-10 HTS-12 HTS-13 HTS-14 HTS-17 HTS-18 HTS-19 HTS-21 HTS-25 HTS-26 HTS-27 HTS-28
    HTS-29
    AE-02 AE-05 AE-06 AE-07 AE-11 AE-14 AE-15 AE-16 AE-17 AE-18 AE-20 AE-21 AE-22 AE-23 AE-24 AE-26 AE-28
    IE-01 IE-03 IE-05 IE-07 IE-09 IE-10 IE-11 IE-13 IE-15
    SL-01 SL-02 SL-03 SL-05 SL-07 SL-08 SL-11 SL-12 SL-13 SL-14 SL-15 SL-16 SL-20 SL-22 SL-25 SL-26 SL-28 SL-32 SL-33
    SL-35 SL-37 SL-38 SL-39 SL-40 SL-42 SL-45 SL-47
    MCF-02 MCF-03 MCF-04 MCF-06 MCF-07 MCF-09 MCF-11 MCF-12 MCF-13
    SGCPF-01 SGCPF-02 SGCPF-04 SGCPF-05 SGCPF-08 SGCPF-09 SGCPF-11 SGCPF-12 SGCPF-14 SKF-02 SKF-02b SKF-04 SKF-06
    NZ-03 NZ-05 NZ-06 IPPR-03 IPPR-04 IPPR-06 SG-02 SG-04 USM-03 USM-04
"""
"""The published examples of the schemes shipped, none of which may be lost."""

Table = list[dict[str, str]]
Owed = dict[tuple[str, ...], str]


@dataclass
class Case:
    """One `##` section of a file of cases."""

    id: str
    title: str
    rulebook: str
    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether there are facts to run, or something is asked: a case may be about claims, or only wait."""
        return bool({"Facts", "Asked", "Pots"} & set(self.tables))

    @property
    def claims(self) -> bool:
        """Whether there are claims to answer."""
        return "Claims" in self.tables

    @property
    def as_of(self) -> int | None:
        """The day it is looked at from."""
        return parse_day(self.texts["As of"].rstrip(".")) if "As of" in self.texts else None

    @property
    def facts(self) -> Table:
        """The facts, one of each month where the table says "first day to last day"."""
        return [fact for row in self.tables.get("Facts", []) for fact in _each_month(row, "on")]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """People and facts as the two files of `lifepot entitle`."""
        return _write(folder / "people.csv", self.tables["People"]), _write(folder / "facts.csv", self.facts)

    def write_asks(self, folder: Path) -> Path:
        """What is asked as the file of `lifepot quote`."""
        return _write(folder / "asks.csv", self.tables["Asked"])

    def write_claims(self, folder: Path) -> Path:
        """The claims as the file of `lifepot answer`."""
        return _write(folder / "claims.csv", self.tables["Claims"])

    def keys(self) -> list[str]:
        """What the expected table distinguishes besides rules and parties."""
        return [name for name in self._columns() if name not in PARTIES and "." not in name]

    def expected(self) -> Owed:
        """Pounds by key and by rule or party, without those that are nothing."""
        owed: Owed = {}
        rows = [one for row in self.tables.get("Expected", []) for one in _each_month(row, "effective_on")]
        for row in rows:
            key = tuple(row[name] for name in self.keys())
            for name in self._columns():
                if name not in self.keys() and row[name] and parse_minor(row[name]):
                    owed[(*key, name)] = row[name]
        return owed

    def found(self, rows: list[dict[str, object]]) -> Owed:
        """The same of what was given, each rule under its own name or under its party's."""
        sums: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            rule, party = str(row["rule"]), str(row["party"])
            name = next((one for one in (rule, party) if one in self._columns()), f"{rule} (not expected)")
            sums[(*(str(row[one]) for one in self.keys()), name)] += int(str(row["amount_minor"]))
        return {key: format_minor(amount) for key, amount in sums.items() if amount}

    def _columns(self) -> list[str]:
        return list(self.tables["Expected"][0]) if "Expected" in self.tables else []


def _each_month(row: dict[str, str], column: str) -> Iterator[dict[str, str]]:
    """The row itself, or, where its day is written "first day to last day", one row a month."""
    first, to, last = row.get(column, "").partition(" to ")
    if not to:
        yield row
        return
    number = 0
    while (day := add_months_to(parse_day(first), number)) <= parse_day(last):
        number += 1
        yield row | {column: format_day(day), "ref": f"{row.get('ref')}.{number}"}


def _write(file: Path, table: Table) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        # Nothing may be told at all; then the head stands alone.
        rows = csv.DictWriter(stream, table[0] if table else FACT_COLUMNS)
        rows.writeheader()
        rows.writerows(table)
    return file


def read_cases(file: Path) -> list[Case]:
    """The cases of one file."""
    cases: list[Case] = []
    rulebook = label = ""
    for number, block in enumerate(re.split(r"\n\s*\n", file.read_text("utf-8"))):
        lines = block.strip().splitlines()
        if not lines:
            continue
        if found := re.fullmatch(r"Rulebook: `(.+)`\.", lines[0]):
            rulebook = found[1]
        elif found := re.fullmatch(r"## (\S+)\. (.+)", lines[0]):
            cases.append(Case(found[1], found[2], rulebook))
            label = ""
        elif lines[0].startswith("|") and label:
            cases[-1].tables[label] = _table(lines)
        elif cases:
            label = _texts(lines, cases[-1].texts, f"{file.name}, {cases[-1].id}, block {number}")
    return cases


def _texts(lines: list[str], texts: dict[str, str], place: str) -> str:
    """Adds labelled texts; the last label is what a table after it belongs to."""
    label = ""
    for line in lines:
        word, colon, text = line.partition(":")
        if colon and word in LABELS:
            label = word
            texts[label] = text.strip()
        else:
            assert label, f"{place}: no label before {line!r}"
            texts[label] += " " + line.strip()
    return label


def _table(lines: list[str]) -> Table:
    head, _, *rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines)
    return [dict(zip(head, row, strict=True)) for row in rows]


ALL_CASES = [case for file in sorted(CASES.glob("*.md")) if file.stem in shipped_names() for case in read_cases(file)]
RUNNING = [pytest.param(case, id=case.id) for case in ALL_CASES if case.runs]


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    """Each shipped rulebook, compiled once."""
    return {name: compile_program(shipped(name)) for name in shipped_names()}


@pytest.mark.parametrize("case", RUNNING)
def test_kernel_alone(case: Case, programs: dict[str, Program], tmp_path: Path) -> None:
    """People and facts through the kernel give exactly what the case expects."""
    program = programs[case.rulebook]
    people, facts = case.write(tmp_path)
    told = read_told(program, people, facts)
    last = int(told.facts.on.max()) if len(told.facts) else case.as_of
    assessed = assess(program, told.people, told.facts, as_of=case.as_of, accrue_until=last)

    assert case.expected() == case.found(list(rows_of(program, told, assessed))), case.texts.get("Working", "")
    refused = {row["ref"]: row["amount"] for row in case.tables.get("Refused", [])}
    refs = [told.refs[fact] for fact in assessed.rows.fact[assessed.refusals.row]]
    amounts = [format_minor(int(amount)) for amount in assessed.refusals.amount]
    assert refused == dict(zip(refs, amounts, strict=True))
    faults = {fault.code for fault in told.faults + gaps_of(program, told, assessed, facts)}
    assert set(re.findall(r"\w+", case.texts.get("Faults", ""))) == faults


def shown(answer: dict[str, Any], column: str) -> str:
    """What an answer says under a column of "Answered"; "" for what is nothing."""
    if column in {"met", "ref", "member", "purpose", "opens_on", "opens_for", "opens_because"}:
        return str({True: "yes", False: "no", None: ""}.get(answer[column], answer[column]))
    if column in {"complete_by", "returned_by"}:
        return ", ".join(one["on" if column == "complete_by" else column] or "" for one in answer["complete_by"])
    if column == "rate":
        return ", ".join(one["rate"] or "" for one in answer["charges"])
    if column == "failed":
        return "; ".join(one["test"] for one in answer["failed"] if one["purpose"] in {answer["asked"], None})
    if column == "charge":
        minor = sum(one["amount_minor"] for one in answer["charges"])
    elif column.startswith("from."):
        minor = sum(one["amount_minor"] for one in answer["accounts"] if one["account"] == column[len("from.") :])
    else:
        minor = answer[f"{column}_minor"] or 0
    return format_minor(minor) if minor else ""


@pytest.mark.parametrize("case", [one for one in RUNNING if "Asked" in one.values[0].tables])  # type: ignore[union-attr]
def test_what_is_asked(case: Case, tmp_path: Path) -> None:
    """Each ask is answered as the case says, column by column, with no fault but those that it names."""
    people, facts = case.write(tmp_path)
    rows, faults = answers.quote(shipped(case.rulebook), people, facts, case.write_asks(tmp_path), case.as_of)
    by_ref: dict[str, dict[str, Any]] = {str(row["ref"]): row for row in rows}
    expected = case.tables["Answered"]
    assert list(by_ref) == [row["ref"] for row in expected]
    found = [{column: shown(by_ref[row["ref"]], column) for column in row} for row in expected]
    assert found == [{column: "" if cell == "0.00" else cell for column, cell in row.items()} for row in expected]
    assert {one.code for one in faults} - NOTES == set(re.findall(r"\w+", case.texts.get("Faults", "")))


@pytest.mark.parametrize("case", [one for one in RUNNING if "Pots" in one.values[0].tables])  # type: ignore[union-attr]
def test_what_is_in_the_pots(case: Case, tmp_path: Path) -> None:
    """Each member has in each account what the case says, and what it does not say is nothing."""
    people, facts = case.write(tmp_path)
    rows, _ = answers.pots(shipped(case.rulebook), people, facts, case.as_of)
    members: list[dict[str, Any]] = [*rows]
    found = {
        (row["member"], one["account"]): format_minor(one["left_minor"])
        for row in members
        for one in row["accounts"]
        if one["left_minor"]
    }
    assert found == {
        (row["member"], row["account"]): row["left"] for row in case.tables["Pots"] if parse_minor(row["left"])
    }


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in ALL_CASES])
def test_case_is_whole(case: Case) -> None:
    """A case says where it comes from and how sure it is, and either runs or says what it waits for."""
    assert case.texts["Source"]
    assert case.texts["Certainty"].rstrip(".") in CERTAINTIES
    assert case.runs or case.claims or case.texts["Waits"]
    if case.runs:
        assert "Expected" in case.tables or case.texts["Expected"] == "nothing."
    if case.claims:
        assert [row["id"] for row in case.tables["Answers"]]
    if case.runs or case.claims:
        assert case.texts["Working"]
        assert ("Asked" in case.tables) == ("Answered" in case.tables)


def test_no_published_case_is_lost() -> None:
    """Every published example of the shipped schemes stands here, and no case stands here twice."""
    ids = Counter(case.id for case in ALL_CASES)
    assert set(PUBLISHED.split()) - set(ids) == set()
    assert [one for one, times in ids.items() if times > 1] == []


def test_every_shipped_rulebook_has_its_cases() -> None:
    """A rulebook without worked cases is a claim without a proof."""
    counts = Counter(case.rulebook for case in ALL_CASES if case.runs)
    assert [name for name in shipped_names() if counts[name] < 20] == []

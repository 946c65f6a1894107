"""People and facts as two CSV files: what is wrong with a row is said with its line, and the rest goes on."""

from pathlib import Path

import pytest

from lifepot.entitle import FACT_COLUMNS, PEOPLE_COLUMNS, entitle
from lifepot.errors import Fault, LifepotError
from lifepot.periods import parse_day
from lifepot.rulebook.reader import read_rulebook, shipped

PEOPLE = "member,born,joined\nann,2000-01-15,\n"
HEADER = ",".join(FACT_COLUMNS) + "\n"
PAY = {"ref": "a", "member": "ann", "on": "2024-06-30", "kind": "pay", "payer": "acme", "earnings": "1000.00"}
OF_1000 = {"worker.contribution": 3000, "employer.match": 3000, "government.match": 1500, "government.base": 300}
OF_900 = {"worker.contribution": 2700, "employer.match": 2700, "government.match": 1350, "government.base": 300}

# What is different from PAY in one row, and the one fault that must be reported: code, path and what was found.
FAULTY_ROWS = {
    "unknown member": ({"member": "bob"}, ("member_unknown", "member", "bob")),
    "no member": ({"member": ""}, ("member_unknown", "member", "")),
    "no day": ({"on": ""}, ("on_missing", "on", "nothing")),
    "impossible day": ({"on": "2024-06-31"}, ("on_unreadable", "on", "'2024-06-31'")),
    "day of another form": ({"on": "30/06/2024"}, ("on_unreadable", "on", "'30/06/2024'")),
    "impossible period": ({"period_start": "2024-13-01"}, ("period_start_unreadable", "period_start", "'2024-13-01'")),
    "period backwards": (
        {"period_start": "2024-06-30", "period_end": "2024-06-01"},
        ("period_backwards", "period_end", "2024-06-01"),
    ),
    "three decimals": ({"earnings": "1000.001"}, ("earnings_unreadable", "earnings", "'1000.001'")),
    "comma": ({"earnings": '"1,000.00"'}, ("earnings_unreadable", "earnings", "'1,000.00'")),
    "currency sign": ({"earnings": "£1000"}, ("earnings_unreadable", "earnings", "'£1000'")),
    "negative earnings": ({"earnings": "-1.00"}, ("amount_negative", "earnings", "-1.00")),
    "negative deduction": ({"worker": "-1.00"}, ("amount_negative", "worker", "-1.00")),
    "negative hours": ({"hours": "-1"}, ("amount_negative", "hours", "-1")),
    "unknown kind": ({"kind": "wage"}, ("kind_unknown", "kind", "wage")),
    "no kind": ({"kind": ""}, ("kind_unknown", "kind", "")),
    "unknown frequency": ({"frequency": "fortnight"}, ("frequency_unknown", "frequency", "fortnight")),
    "payment of nothing said": ({"kind": "paid"}, ("amount_missing", "amount", "nothing")),
    "withdrawal of nothing said": ({"kind": "withdrawn"}, ("amount_missing", "amount", "nothing")),
    "unknown attribute": ({"kind": "status", "attribute": "plan"}, ("attribute_unknown", "plan", "plan")),
    "value of another kind": (
        {"kind": "status", "attribute": "caring", "value": "maybe"},
        ("value_unreadable", "value", "'maybe'"),
    ),
    "replaces what is not there": ({"replaces": "z"}, ("ref_unknown", "replaces", "z")),
    "replaces itself": ({"replaces": "a"}, ("ref_unknown", "replaces", "a")),
}

Outcome = tuple[dict[str, int], list[Fault]]


def row(**cells: str) -> str:
    """One line of the facts' file: PAY, but for what is said."""
    return ",".join((PAY | cells).get(name, "") for name in FACT_COLUMNS) + "\n"


@pytest.fixture
def told(tmp_path: Path) -> "Told":
    """A place to write the two files."""
    return Told(tmp_path)


class Told:
    """The two files, written and entitled."""

    def __init__(self, folder: Path) -> None:
        self.people, self.facts = folder / "P.csv", folder / "F.csv"

    def rows(
        self, facts: str | bytes, people: str | bytes = PEOPLE, as_of: str | None = None
    ) -> tuple[list[dict[str, object]], list[Fault]]:
        """What the two files give, and their faults."""
        for file, text in ((self.people, people), (self.facts, facts)):
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        day = parse_day(as_of) if as_of else None
        return entitle(shipped("lifetime-savings-account"), self.people, self.facts, day)

    def sums(self, facts: str | bytes, people: str | bytes = PEOPLE) -> Outcome:
        """The same, added up by rule."""
        rows, faults = self.rows(facts, people)
        sums: dict[str, int] = {}
        for one in rows:
            sums[str(one["rule"])] = sums.get(str(one["rule"]), 0) + int(str(one["amount_minor"]))
        return sums, faults


def test_documented_keys(told: Told) -> None:
    """An entitlement has these keys and no others, in this order; it names the facts it came from."""
    rows, faults = told.rows(HEADER + row(period_start="2024-06-01", period_end="2024-06-30"))
    assert faults == []
    by_rule = {one["rule"]: one for one in rows}
    assert list(rows[0]) == [
        "member", "rule", "party", "account", "effective_on", "window_start", "window_end", "amount_minor", "refs",
    ]  # fmt: skip
    assert by_rule["worker.contribution"] == {
        "member": "ann",
        "rule": "worker.contribution",
        "party": "worker",
        "account": "pot",
        "effective_on": "2024-06-30",
        "window_start": "2024-06-01",
        "window_end": "2024-06-30",
        "amount_minor": 3000,
        "refs": ["a"],
    }
    match = by_rule["government.match"]
    assert (match["window_start"], match["window_end"]) == ("2024-04-06", "2025-04-05")


def test_windows_of_a_term(told: Told) -> None:
    """A bonus names the term it is for; a deposit, which no rule adds up, the day it was made."""
    facts = HEADER + row(kind="paid", payer="", amount="50.00", earnings="")
    told.rows(facts)
    rows, faults = entitle(shipped("uk-help-to-save"), told.people, told.facts, None)
    assert faults == []
    assert [(one["rule"], one["window_start"], one["window_end"]) for one in rows] == [
        ("worker.deposit", "2024-06-30", "2024-06-30"),
        ("government.bonus", "2024-06-01", "2026-05-31"),
    ]


@pytest.mark.parametrize(("cells", "expected"), [pytest.param(*one, id=name) for name, one in FAULTY_ROWS.items()])
def test_faulty_row(told: Told, cells: dict[str, str], expected: tuple[str, str, str]) -> None:
    """A row with one thing wrong is left out with one fault on its line; the row after it counts."""
    sums, (fault,) = told.sums(HEADER + row(**cells) + row(ref="b"))
    assert (fault.file, fault.line) == (str(told.facts), 2)
    assert (fault.code, fault.path, fault.found) == expected
    assert fault.expected
    assert sums == OF_1000


def test_several_faults_of_one_row(told: Told) -> None:
    """Everything wrong with a row is said at once."""
    _, faults = told.sums(HEADER + row(member="bob", on="2024-06-31", kind="wage", frequency="daily", earnings="x"))
    assert {fault.path for fault in faults} == {"member", "on", "kind", "frequency", "earnings"}
    assert {fault.line for fault in faults} == {2}


def test_ref_twice(told: Told) -> None:
    """A second row of the same ref is refused: it would be the same fact told twice."""
    sums, (fault,) = told.sums(HEADER + row() + row(on="2024-07-31"))
    assert (fault.line, fault.code, fault.found) == (3, "ref_twice", "a")
    assert sums == OF_1000


def test_replacement(told: Told) -> None:
    """A row that replaces another stands in its place, and one that replaces that one in its."""
    chain = row() + row(ref="b", earnings="500.00", replaces="a") + row(ref="c", earnings="900.00", replaces="b")
    rows, faults = told.rows(HEADER + chain)
    assert faults == []
    assert {str(one["rule"]): one["amount_minor"] for one in rows} == OF_900
    assert {tuple(one["refs"]) for one in rows} == {("c",)}  # type: ignore[arg-type]


def test_replaced_twice(told: Told) -> None:
    """A row is replaced once: a second replacement must name the first, or both would count."""
    forked = row() + row(ref="b", earnings="900.00", replaces="a") + row(ref="c", earnings="800.00", replaces="a")
    sums, (fault,) = told.sums(HEADER + forked)
    assert (fault.line, fault.code, fault.found) == (4, "ref_replaced", "a")
    assert sums == OF_900


def test_replacement_keeps_its_place(told: Told) -> None:
    """A corrected payment keeps its place among those of its day, so that a cap is used up as it was."""
    paid = {"kind": "paid", "payer": "", "earnings": ""}
    facts = row(**paid, amount="1200.00") + row(**paid, ref="b", amount="100.00")
    facts += row(**paid, ref="c", amount="1150.00", replaces="a")
    rows, faults = told.rows(HEADER + facts)
    assert faults == []
    match = [(one["amount_minor"], one["refs"]) for one in rows if one["rule"] == "government.match"]
    assert match == [(57500, ["c"]), (2500, ["b"])]


def test_only_a_header(told: Told) -> None:
    """No facts are no entitlements, and no people no members."""
    assert told.rows(HEADER) == ([], [])
    sums, (fault,) = told.sums(HEADER + row(), ",".join(PEOPLE_COLUMNS) + "\n")
    assert sums == {}
    assert fault.code == "member_unknown"


@pytest.mark.parametrize(
    ("facts", "people", "message"),
    [
        ("", PEOPLE, "F.csv has no column ref, member, on, kind."),
        (HEADER, "", "P.csv has no column member."),
        ("ref,member,on\n", PEOPLE, "F.csv has no column kind."),
        (HEADER.encode() + b"a,ann,2024-06-30,pay,acm\xe9\n", PEOPLE, r"F.csv is not UTF-8 text \(byte"),
        ("PK\x03\x04", PEOPLE, "F.csv has no column"),
    ],
    ids=["empty facts", "empty people", "column missing", "latin-1", "no table"],
)
def test_file_that_is_none(told: Told, facts: str | bytes, people: str, message: str) -> None:
    """A file that cannot be what was meant is refused as a whole, with what to do."""
    with pytest.raises(LifepotError, match=message) as raised:
        told.rows(facts, people)
    assert raised.value.remedy


def test_no_file(told: Told, tmp_path: Path) -> None:
    """A file that is not there is named."""
    told.rows(HEADER)
    with pytest.raises(LifepotError, match=r"nowhere\.csv cannot be read"):
        entitle(shipped("lifetime-savings-account"), told.people, tmp_path / "nowhere.csv", None)


@pytest.mark.parametrize(
    "facts",
    [
        ("\ufeff" + HEADER + row()).encode(),
        (HEADER + row()).replace("\n", "\r\n").encode(),
        (HEADER + "\n" + row() + "\n").encode(),
        (HEADER + row().replace("ann", " ann ").replace("1000.00", " 1000 ")).encode(),
        (HEADER + row(payer='"acme\n& sons"')).encode(),
        ("kind,on,member,ref,earnings\n" + "pay,2024-06-30,ann,a,1000.0\n").encode(),
        (HEADER.strip() + ",note\n" + row().strip() + ",as agreed\n").encode(),
    ],
    ids=[
        "byte order mark",
        "CRLF",
        "blank lines",
        "spaces",
        "quoted newline",
        "few columns in any order",
        "own column",
    ],
)
def test_same_file_otherwise_written(told: Told, facts: bytes) -> None:
    """How spreadsheets write a file makes no difference to what it says."""
    assert told.sums(facts) == (OF_1000, [])


@pytest.mark.parametrize("line", ["a,ann,2024-06-30\n", row().strip() + ",more\n"], ids=["short", "long"])
def test_row_of_another_length(told: Told, line: str) -> None:
    """A row cut off, or with a comma too many, is a fault and never guessed at."""
    sums, (fault,) = told.sums(HEADER + line + row(ref="b"))
    assert (fault.line, fault.code, fault.expected) == (2, "row_length", f"{len(FACT_COLUMNS)} fields")
    assert sums == OF_1000


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (PEOPLE + "ann,2001-01-15,\n", (3, "member_twice", "ann")),
        ("member,born,joined\nann,2000-15-01,\n", (2, "born_unreadable", "'2000-15-01'")),
        ("member,born,joined\nann,2000-01-15,soon\n", (2, "joined_unreadable", "'soon'")),
        ("member,born,joined,plan\nann,2000-01-15,,P1\n", (2, "attribute_unknown", "plan")),
        ("member,born,joined,caring\nann,2000-01-15,,sometimes\n", (2, "caring_unreadable", "'sometimes'")),
    ],
    ids=["twice", "born", "joined", "attribute the rulebook does not declare", "attribute's value"],
)
def test_faulty_person(told: Told, people: str, expected: tuple[int, str, str]) -> None:
    """What is wrong with a person is said with its line in the people's file."""
    _, (fault, *_) = told.rows(HEADER + row(), people)
    assert fault.file == str(told.people)
    assert (fault.line, fault.code, fault.found) == expected


def test_attribute_by_another_name(told: Told) -> None:
    """Attributes may be called what files call them, in either file."""
    people = "member,born,joined,employee_pct\nann,2000-01-15,,1\n"
    assert told.sums(HEADER + row(), people)[0]["worker.contribution"] == 1000
    status = row(ref="s", kind="status", attribute="employee_pct", value="2", earnings="", payer="", on="2024-06-01")
    assert told.sums(HEADER + status + row())[0]["worker.contribution"] == 2000


def test_word_that_is_no_purpose(told: Told) -> None:
    """A withdrawal for a word the rulebook does not have counts as for none, and whoever sent it is told."""
    paid = row(kind="paid", payer="", earnings="", amount="100.00")
    out = row(ref="b", on="2024-07-01", kind="withdrawn", payer="", earnings="", amount="40.00", value="yacht")
    sums, (note,) = told.sums(HEADER + paid + out)
    assert (note.line, note.code, note.found) == (3, "purpose_none", "yacht")
    assert sums == {"worker.payment": 10000, "government.match": 3000}


def test_as_of(told: Told) -> None:
    """Facts after the day are not seen."""
    facts = HEADER + row() + row(ref="b", on="2024-07-01")
    assert told.rows(facts, as_of="2024-06-30") == told.rows(HEADER + row(), as_of="2024-06-30")
    assert told.rows(facts, as_of="2024-06-29") == ([], [])


def test_members_do_not_touch_each_other(told: Told) -> None:
    """Two members' facts in one file give what two files would."""
    people = PEOPLE + "bea,2000-01-15,\n"
    rows, faults = told.rows(HEADER + row() + row(ref="b", member="bea", earnings="900.00"), people)
    assert faults == []
    by_member = {
        name: {str(one["rule"]): one["amount_minor"] for one in rows if one["member"] == name}
        for name in ("ann", "bea")
    }
    assert by_member == {"ann": OF_1000, "bea": OF_900}


TESTED = """
name: tested
title: Tested
description: Tests in two units.
currency: EUR
values:
  enough: {description: Enough., unit: rate, source: Ours., dated: {2024-01-01: 25%}}
attributes:
  share: {description: A share., kind: percent}
membership: {description: Everybody., everybody: true, source: Ours.}
rules:
  government.by_share:
    description: For a small share.
    party: government
    of: paid.worker
    when: {what: attribute.share, at_most: enough}
    without_bound: It is a test.
    source: Ours.
  government.by_hours:
    description: For long hours.
    party: government
    of: pay.earnings
    when: {what: pay.hours, at_least: "35"}
    source: Ours.
"""


def test_figures_are_compared_in_one_unit(tmp_path: Path) -> None:
    """A percentage is held against a named rate, and hours against whole hours, at both sides of the boundary."""
    book, people, facts = tmp_path / "tested.yaml", tmp_path / "p.csv", tmp_path / "f.csv"
    book.write_text(TESTED, "utf-8")
    people.write_text("member,born,joined,share\nlow,,,25\nhigh,,,25.01\n", "utf-8")
    rows = ["ref,member,on,kind,payer,amount,earnings,hours"]
    rows += [f"{member},{member},2024-02-01,paid,,10.00,," for member in ("low", "high")]
    rows += ["short,low,2024-02-02,pay,acme,,100.00,34.99", "long,low,2024-02-03,pay,acme,,200.00,35.00"]
    facts.write_text("\n".join(rows), "utf-8")
    found, faults = entitle(read_rulebook(book), people, facts, None)
    assert faults == []
    assert [(row["rule"], row["refs"]) for row in found] == [
        ("government.by_share", ["low"]),
        ("government.by_hours", ["long"]),
    ]


def test_what_counts_only_on_a_day_is_noted(tmp_path: Path) -> None:
    """A figure in the people's file that counts each time it is said, and named days without a day to look from, are noted."""
    people, facts = tmp_path / "p.csv", tmp_path / "f.csv"
    people.write_text("member,born,joined,balance_brought\nann,1990-01-01,,4800.00\n", "utf-8")
    facts.write_text("ref,member,on,kind,payer,hours\nh,ann,2023-12-31,pay,acme,1607.00\n", "utf-8")
    rows, faults = entitle(shipped("fr-mon-compte-formation"), people, facts, None)
    assert rows == []
    assert [(fault.code, fault.path) for fault in faults] == [
        ("attribute_undated", "balance_brought"),
        ("as_of_missing", ""),
    ]


def test_a_missing_birth_day_is_said(tmp_path: Path) -> None:
    """A table by age that lacks the birth day asks for the birth day, not for another figure."""
    people, facts = tmp_path / "p.csv", tmp_path / "f.csv"
    people.write_text("member,born,joined\nann,,\n", "utf-8")
    facts.write_text("ref,member,on,kind,payer,earnings\nh,ann,2025-03-31,pay,acme,5000.00\n", "utf-8")
    _, faults = entitle(shipped("sg-cpf"), people, facts, None)
    assert {fault.code for fault in faults} == {"value_gap"}
    assert all("birth day" in fault.expected for fault in faults)


def test_presence_from_the_start_ends_for_one_member_alone(told: Told) -> None:
    """Of two who care from the day they join, the one who stops in June has three months, the other goes on to August."""
    people = "member,born,joined,caring\nann,2000-01-15,2024-04-10,yes\nbea,2000-01-15,2024-04-10,yes\n"
    stops = row(kind="status", on="2024-06-15", attribute="caring", value="no", payer="", earnings="")
    rows, faults = told.rows(HEADER + stops, people, "2024-08-31")
    assert faults == []
    days = {
        name: [str(one["effective_on"]) for one in rows if one["member"] == name and one["rule"] == "government.base"]
        for name in ("ann", "bea")
    }
    assert days == {
        "ann": ["2024-04-10", "2024-05-01", "2024-06-01"],
        "bea": ["2024-04-10", "2024-05-01", "2024-06-01", "2024-07-01", "2024-08-01"],
    }

"""Every way a file or a row can be wrong: one clear fault, and the rest goes on where it can."""

import resource
from pathlib import Path

import pytest

from lifepot.intake import delimited, reader
from lifepot.intake.codes import CODES
from lifepot.intake.layouts import CONTRIBUTIONS, PAPDIS_CSV, PLATFORM
from lifepot.intake.reader import BLOCK_BYTES, Reading, read
from lifepot.intake.rows import Block
from lifepot.periods import parse_day

TODAY = parse_day("2026-06-01")
HEADER = ",".join(column.name for column in CONTRIBUTIONS.columns)
COLUMNS = HEADER.split(",")
GOOD = {"payer": "ACME", "kind": "pay", "on": "2026-05-28", "nino": "AB123456C", "surname": "Bell", "earnings": "9.00"}


def row(**changes: str) -> str:
    """One line of a contributions file."""
    return ",".join((GOOD | changes).get(name, "") for name in COLUMNS) + "\n"


def opened(tmp_path: Path, octets: str | bytes, block_bytes: int = BLOCK_BYTES) -> tuple[Reading, list[Block]]:
    """The file's reading and all its blocks."""
    path = tmp_path / "received.csv"
    path.write_bytes(octets.encode() if isinstance(octets, str) else octets)
    reading = read(path, today=TODAY, block_bytes=block_bytes)
    return reading, list(reading.blocks())


def whole_file_fault(tmp_path: Path, octets: str | bytes) -> tuple[str, int, int]:
    """Code, line and column of the one fault for which nothing of the file is taken."""
    reading, blocks = opened(tmp_path, octets)
    assert reading.refused
    assert blocks == []
    [fault] = reading.faults
    return fault.code, fault.line, fault.column


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"kind": ""}, "value_missing", "kind"),
        ({"kind": "payment"}, "kind_unknown", "kind"),
        ({"on": ""}, "value_missing", "on"),
        ({"on": "   "}, "value_missing", "on"),
        ({"payer": ""}, "value_missing", "payer"),
        ({"payer": "  "}, "value_missing", "payer"),
        ({"payer": "x" * 101}, "text_too_long", "payer"),
        ({"kind": "paid", "earnings": ""}, "value_missing", "amount"),
        ({"kind": "paid", "amount": "5.00"}, "value_unexpected", "earnings"),
        ({"amount": "5.00"}, "value_unexpected", "amount"),
        ({"kind": "status", "earnings": "", "attribute": "carer"}, "value_missing", "value"),
        ({"payroll_id": "x" * 36}, "text_too_long", "payroll_id"),
        ({"frequency": "monthly"}, "frequency_unknown", "frequency"),
        ({"nino": "BG123456A"}, "nino_impossible", "nino"),
        ({"nino": ""}, "person_unnamed", "nino"),
        ({"nino": "", "payroll_id": "P1"}, "person_unnamed", "nino"),
        ({"born": "2026-06-02"}, "born_future", "born"),
        ({"born": "1906-01-01"}, "born_too_old", "born"),
        ({"on": "2026-02-30"}, "date_impossible", "on"),
        ({"on": "2026-07-03"}, "date_future", "on"),
        ({"period_start": "2026-05-02", "period_end": "2026-05-01"}, "period_order", "period_end"),
        ({"earnings": "12.505"}, "amount_decimals", "earnings"),
        ({"earnings": '"1,200.00"'}, "amount_comma", "earnings"),
        ({"earnings": "-9.00"}, "amount_negative", "earnings"),
        ({"earnings": "10000000000000.01"}, "amount_too_large", "earnings"),
        ({"earnings": "nine"}, "amount_not_number", "earnings"),
        ({"earnings": ""}, "says_nothing", "earnings"),
    ],
)
def test_a_row_that_is_wrong(tmp_path: Path, changes: dict[str, str], code: str, column: str) -> None:
    """The row is refused with one fault that names its line, column and code; the rows around it stand."""
    reading, [block] = opened(tmp_path, f"{HEADER}\n{row()}{row(**changes)}{row()}")
    assert reading.faults == []
    [fault] = block.rejects
    assert (fault.file, fault.line, fault.code, fault.path) == ("received.csv", 3, code, column)
    assert fault.column == COLUMNS.index(column) + 1
    assert fault.expected
    assert block.rows.line.tolist() == [2, 4]
    assert block.rejected.line.tolist() == [3]
    assert block.raw[block.rejected.raw_start[0] : block.rejected.raw_end[0]].decode() + "\n" == row(**changes)


def test_what_is_just_right(tmp_path: Path) -> None:
    """The last day ahead, the oldest person, the largest amount and a person without a number are accepted."""
    changes = [
        {"on": "2026-07-02"}, {"born": "1906-07-01"}, {"earnings": "10000000000000.00"},
        {"nino": "", "payroll_id": "P1", "born": "1990-01-01"}, {"nino": "ab 12 34 56 c"}, {"nino": "AB123456"},
        {"kind": "PAY"}, {"earnings": " 9.00 "}, {"payer": "x" * 100},
    ]  # fmt: skip
    _, [block] = opened(tmp_path, HEADER + "\n" + "".join(row(**change) for change in changes))
    assert [str(fault) for fault in block.rejects] == []


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    """All faults of a row are told at once, in the order of its columns."""
    _, [block] = opened(tmp_path, f"{HEADER}\n{row(earnings='1,5', on='2026-13-01', nino='X')}".replace("1,5", '"1,5"'))
    assert [fault.code for fault in block.rejects] == ["date_impossible", "nino_impossible", "amount_comma"]


def test_a_negative_amount_says_how_to_correct(tmp_path: Path) -> None:
    """A correction is a corrected row, not a negative one, and the fault says so."""
    _, [block] = opened(tmp_path, f"{HEADER}\n{row(earnings='-9.00')}")
    assert "a corrected file" in block.rejects[0].expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"job_kind": "gig"}, "job_kind_unknown"),
        ({"ended_at": "2026-05-03T08:00:00Z"}, "job_order"),
        ({"started_at": "3 May"}, "moment_impossible"),
        ({"job_id": ""}, "value_missing"),
    ],
)
def test_a_job_that_is_wrong(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    """A platform's row is refused for what only a job can have wrong."""
    names = [column.name for column in PLATFORM.columns]
    good = {
        "platform": "RIDER", "worker_id": "W1", "nino": "AB123456C", "job_id": "J1", "job_kind": "ride",
        "started_at": "2026-05-03T09:00:00Z", "ended_at": "2026-05-03T10:00:00Z", "paid_on": "2026-05-04", "gross": "9",
    }  # fmt: skip
    _, [block] = opened(tmp_path, ",".join(names) + "\n" + ",".join((good | changes).get(n, "") for n in names) + "\n")
    assert [fault.code for fault in block.rejects] == [code]


def test_an_unknown_version(tmp_path: Path) -> None:
    """A PAPDIS row of a version to come is refused, not guessed at."""
    names = [column.name for column in PAPDIS_CSV.columns]
    cells = {
        "PAPDISVersion": "PAP20", "EmployerId": "ACME", "ContributionDeductionDate": "2026-05-28",
        "NationalInsuranceNumber": "AB123456C", "PensionableEarningsAmount": "9.00",
    }  # fmt: skip
    _, [block] = opened(tmp_path, ",".join(names) + "\n" + ",".join(cells.get(name, "") for name in names) + "\n")
    assert [fault.code for fault in block.rejects] == ["version_unknown"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ACME,pay\n", "fields_too_few"),
        (row().replace("Bell", "Bell, of York"), "fields_too_many"),
        (row(surname='Bell "B"'), "quote_stray"),
        (row(surname='"Bell'), "quote_stray"),
        (row(surname='"Bell" x'), "quote_stray"),
    ],
)
@pytest.mark.parametrize("block_bytes", [40, 2**20])
def test_a_row_of_the_wrong_shape(tmp_path: Path, line: str, code: str, block_bytes: int) -> None:
    """A row whose fields cannot be told apart is refused alone, and quoted rows after it keep their line."""
    after = row(surname='"Bell,\nof York"')
    reading, blocks = opened(tmp_path, f"{HEADER}\n{row()}{line}{after}{row()}", block_bytes=block_bytes)
    assert reading.faults == []
    assert [(fault.line, fault.code) for block in blocks for fault in block.rejects] == [(3, code)]
    assert [number for block in blocks for number in block.rows.line.tolist()] == [2, 4, 6]


def test_an_unclosed_mark_swallows_one_line(tmp_path: Path) -> None:
    """A quotation mark that is never closed costs its own line and not the megabyte after it."""
    text = HEADER + "\n" + row(surname='"Bell') + row() * 3000
    _, blocks = opened(tmp_path, text, block_bytes=150_000)
    assert [fault.code for block in blocks for fault in block.rejects] == ["quote_stray"]
    assert sum(len(block.rows) for block in blocks) == 3000


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", ("file_empty", 0, 0)),
        (b"\xef\xbb\xbf\r\n  \n", ("file_empty", 0, 0)),
        ("name,age\nBell,30\n", ("layout_unknown", 1, 0)),
        (HEADER.replace(",", ";") + "\n", ("layout_unknown", 1, 0)),
        (HEADER.replace("on,", "") + "\n" + row(), ("column_missing", 1, 0)),
        (HEADER.replace("email", "nino") + "\n" + row(), ("column_twice", 1, 9)),
        (f"{HEADER}\n{row()}".encode("utf-16"), ("encoding", 1, 1)),
        (f"{HEADER}\n{row()}".encode() + row(surname="Élan").encode("latin-1"), ("encoding", 3, 33)),
        (f"{HEADER}\n{row()}".encode() + row(surname="\0").encode(), ("nul_byte", 3, 33)),
        (b"\x1f\x8b\x08\x00" + bytes(range(256)) * 40, ("encoding", 1, 2)),
        (b"x" * 100_000, ("layout_unknown", 1, 0)),
    ],
    ids=["empty", "blank", "unknown", "semicolons", "missing", "twice", "utf16", "latin1", "nul", "gzip", "one line"],
)
def test_a_file_that_is_refused(tmp_path: Path, octets: str | bytes, expected: tuple[str, int, int]) -> None:
    """Nothing of the file is taken, and one fault says where and why."""
    assert whole_file_fault(tmp_path, octets) == expected


def test_the_wrong_encoding_says_what_would_be_right(tmp_path: Path) -> None:
    """The fault names the byte, the letter it probably is, and what to do."""
    reading, _ = opened(tmp_path, f"{HEADER}\n{row(surname='Élan')}".encode("cp1252"))
    assert "0xC9 ('É' in Windows-1252)" in reading.faults[0].found
    assert "CSV UTF-8" in reading.faults[0].expected


def test_an_unknown_layout_lists_what_was_expected(tmp_path: Path) -> None:
    """The sender of an unknown file is told every layout we read."""
    reading, _ = opened(tmp_path, "name,age\n")
    for name in ("papdis-csv", "papdis-xml", "fps-xml", "contributions", "platform"):
        assert name in reading.faults[0].expected


def test_letters_cut_by_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter of several bytes is whole, wherever the file was cut to be read; a bad byte is found on its line."""
    monkeypatch.setattr("lifepot.intake.texts._PIECE", 7)
    text = f"{HEADER}\n{row(surname='Ŵéł€🙂')}".encode()
    reading, [block] = opened(tmp_path, text)
    assert reading.faults == []
    assert block.rows.person(0)["surname"] == "Ŵéł€🙂"
    assert whole_file_fault(tmp_path, text + b"ACME,\xff\n") == ("encoding", 3, 6)


def test_notes_refuse_nothing(tmp_path: Path) -> None:
    """An unknown column, and a last row without a line end, are told and read over."""
    reading, [block] = opened(tmp_path, f"{HEADER},shoe_size\n{row().rstrip()},9")
    assert [(fault.code, fault.line, fault.column) for fault in reading.faults] == [
        ("column_unknown", 1, 21), ("last_line_open", 2, 0),
    ]  # fmt: skip
    assert (len(block.rows), block.rejects, reading.refused) == (1, [], False)


def test_a_header_alone(tmp_path: Path) -> None:
    """A file with no rows is no error, but its sender may want to know."""
    reading, blocks = opened(tmp_path, HEADER + "\n")
    assert ([fault.code for fault in reading.faults], blocks, reading.refused) == (["no_rows"], [], False)


@pytest.mark.parametrize("block_bytes", [50, 2**20])
def test_a_file_cut_off(tmp_path: Path, block_bytes: int) -> None:
    """The last, unfinished row is named and left; the rows before it stand."""
    reading, blocks = opened(tmp_path, f"{HEADER}\n{row()}{row()}{row()[:30]}", block_bytes=block_bytes)
    assert [(fault.code, fault.line) for fault in reading.faults] == [("file_cut_off", 4)]
    assert sum(len(block.rows) for block in blocks) == 2
    assert sum(len(block.rejected) for block in blocks) == 0


def test_a_row_without_end(tmp_path: Path) -> None:
    """A line that does not end stops the reading after a mebibyte; the rows before it stand."""
    text = f"{HEADER}\n{row()}" + "x" * (4 * delimited.LONGEST_ROW)
    reading, blocks = opened(tmp_path, text, block_bytes=2**17)
    assert [(fault.code, fault.line) for fault in reading.faults] == [("row_endless", 3)]
    assert sum(len(block.rows) for block in blocks) == 1
    assert sum(len(block.raw) for block in blocks) == len(row())


def test_garbage_below_a_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When row after row is refused, reading stops with one fault more, and not at the end of the file."""
    monkeypatch.setattr(reader, "MOST_REFUSED_IN_A_ROW", 50)
    reading, blocks = opened(tmp_path, f"{HEADER}\n{row()}" + "lorem ipsum\n" * 5000, block_bytes=600)
    assert [fault.code for fault in reading.faults] == ["refused_throughout"]
    assert sum(len(block.rejected) for block in blocks) < 150


@pytest.mark.parametrize("head", [b"", f"{HEADER}\n{row()}".encode()])
def test_ten_gigabytes_of_nothing(tmp_path: Path, head: bytes) -> None:
    """A file of ten gigabytes of zeros is refused at the first, in no more memory than a small one."""
    path = tmp_path / "huge.csv"
    path.write_bytes(head)
    with path.open("r+b") as stream:
        stream.truncate(10 * 2**30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reading = read(path, today=TODAY)
    assert [fault.code for fault in reading.faults] == ["nul_byte"]
    assert list(reading.blocks()) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_every_code_is_tested() -> None:
    """No code stands in the table that no test of intake, or of whose a file is, names."""
    folder = Path(__file__).parent
    told = "".join(path.read_text() for path in [*folder.glob("test_i*.py"), folder / "test_ownership.py"])
    assert [code for code in CODES if f'"{code}"' not in told] == []

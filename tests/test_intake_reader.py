"""Whole files through `read`: what is accepted, what each column becomes, and where its bytes stand."""

from pathlib import Path

import numpy as np
import pytest

from lifepot.errors import Misuse
from lifepot.intake.layouts import CONTRIBUTIONS, PAPDIS_CSV, PLATFORM
from lifepot.intake.reader import BLOCK_BYTES, Reading, read
from lifepot.intake.rows import Block
from lifepot.kernel.columns import NONE, Frequency, Kind
from lifepot.periods import parse_day

TODAY = parse_day("2026-06-01")

PAPDIS = {
    "PAPDISVersion": "PAP11", "EmployerId": "ACME", "PayPeriodStartDate": "2026-05-01",
    "PayPeriodEndDate": "2026-05-31", "ContributionDeductionDate": "2026-05-28", "FrequencyCode": "M1",
    "Forename1": "Ada", "Forename2": "May", "Surname": "Bell", "EmployeeId": "P1", "BirthDate": "1990-02-03",
    "NationalInsuranceNumber": "AB123456C", "Address1": "1 High St", "Postcode": "AB1 2CD",
    "EmployerContributionsAmount": "30.00", "EmployeeContributionsAmount": "50.00",
    "AdditionalVoluntaryContributionsAmount": "10.00", "PensionableEarningsAmount": "1000.00",
}  # fmt: skip


def papdis(*changes: dict[str, str]) -> str:
    """A PAPDIS file with a row for each set of changes."""
    names = [column.name for column in PAPDIS_CSV.columns]
    lines = [",".join((PAPDIS | change).get(name, "") for name in names) for change in changes]
    return "\n".join([",".join(names), *lines, ""])


def own(*rows: str) -> str:
    """A contributions file with these rows."""
    return "\n".join([",".join(column.name for column in CONTRIBUTIONS.columns), *rows, ""])


def opened(tmp_path: Path, text: str | bytes, block_bytes: int = BLOCK_BYTES) -> tuple[Reading, list[Block]]:
    """The file's reading and all its blocks."""
    path = tmp_path / "received.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    reading = read(path, today=TODAY, block_bytes=block_bytes)
    return reading, list(reading.blocks())


def test_a_papdis_row_becomes_a_pay_row(tmp_path: Path) -> None:
    """Every column of a PAPDIS row arrives in its unit, and voluntary contributions are the worker's too."""
    reading, [block] = opened(tmp_path, papdis({"ExitDate": "2026-05-30", "AEOptOutDate": "2026-05-15"}))
    rows = block.rows
    assert (reading.layout, reading.faults, reading.payers) == ("papdis-csv", [], ["ACME"])
    expected = {
        "line": 2, "payer": 0, "nino": b"AB123456C", "payroll_id": b"P1", "born": parse_day("1990-02-03"),
        "kind": Kind.PAY, "on": parse_day("2026-05-28"), "period_start": parse_day("2026-05-01"),
        "period_end": parse_day("2026-05-31"), "frequency": Frequency.MONTH, "earnings": 100_000, "worker": 6_000,
        "employer": 3_000, "amount": NONE, "hours": NONE, "left_on": parse_day("2026-05-30"),
        "opted_out_on": parse_day("2026-05-15"), "attribute": "", "value": "", "reason": "", "reference": b"",
    }  # fmt: skip
    assert {name: getattr(rows, name)[0] for name in expected} == expected
    assert rows.person(0) == {
        "forename": "Ada May", "surname": "Bell", "address": "1 High St", "postcode": "AB1 2CD",
    }  # fmt: skip


def test_columns_in_any_order_and_capitals(tmp_path: Path) -> None:
    """A header is known by its names, wherever they stand and however they are written."""
    header, row, _ = papdis({}).split("\n")
    pairs = list(zip(header.upper().split(","), row.split(","), strict=True))
    pairs.sort(key=lambda pair: pair[0][::-1])
    names, cells = zip(*pairs, strict=True)
    _, [block] = opened(tmp_path, f"{','.join(names)}\n{','.join(cells)}\n")
    assert block.rows.earnings.tolist() == [100_000]
    assert block.rows.person(0)["surname"] == "Bell"


def test_a_bureau_file_has_many_payers(tmp_path: Path) -> None:
    """The payer may change from row to row."""
    reading, [block] = opened(tmp_path, papdis({}, {"EmployerId": "BOLT"}, {}))
    assert [reading.payers[number] for number in block.rows.payer] == ["ACME", "BOLT", "ACME"]


def test_zero_money_with_a_reason_is_accepted(tmp_path: Path) -> None:
    """A row that says why there is no money is news; one that says nothing is a slip."""
    empty = dict.fromkeys([name for name in PAPDIS if name.endswith("Amount")], "")
    zero = dict.fromkeys(empty, "0.00")
    _, [block] = opened(tmp_path, papdis(zero, empty | {"ExitReasonCode": "3"}, empty | {"EventCode": "1"}, empty))
    assert block.rows.line.tolist() == [2, 3, 4]
    assert block.rows.reason.tolist() == ["", "3", ""]
    assert block.rows.earnings.tolist() == [0, NONE, NONE]
    assert [fault.code for fault in block.rejects] == ["says_nothing"]


def test_a_period_across_a_tax_year_is_accepted(tmp_path: Path) -> None:
    """A pay period that holds 5 and 6 April is as good as any."""
    _, [block] = opened(tmp_path, papdis({"PayPeriodStartDate": "2026-03-20", "PayPeriodEndDate": "2026-04-19"}))
    assert len(block.rows) == 1


def test_a_contributions_file_of_every_kind(tmp_path: Path) -> None:
    """Each kind of row of our own layout arrives as that kind, and an empty payer of a payment is the worker."""
    reading, [block] = opened(
        tmp_path,
        own(
            "ACME,pay,2026-05-28,AB123456C,P1,Ada,Bell,1990-02-03,,2026-05-01,2026-05-31,4week,1000.00,37.5,,,,,,",
            ",paid,2026-05-03,AB123456C,,,,,,,,,,,,,250.00,,,",
            ",withdrawn,2026-05-04,AB123456C,,,,,,,,,,,,,20.00,,first-home,",
            ",status,2026-05-05,AB123456C,,,,,,,,,,,,,,carer,yes,",
            ",closed,2026-05-06,AB123456C,,,,,,,,,,,,,,,,moved abroad",
            ",died,2026-05-07,AB123456C,,,,,,,,,,,,,,,,",
        ),
    )
    rows = block.rows
    assert [Kind(kind).name for kind in rows.kind] == ["PAY", "PAID", "WITHDRAWN", "STATUS", "CLOSED", "DIED"]
    assert (reading.payers, rows.payer.tolist()) == (["ACME"], [0, -1, -1, -1, -1, -1])
    assert (rows.hours[0], rows.frequency[0], rows.worker[0]) == (3_750, Frequency.FOUR_WEEK, NONE)
    assert rows.amount.tolist() == [NONE, 25_000, 2_000, NONE, NONE, NONE]
    assert (rows.value[2], rows.attribute[3], rows.value[3], rows.reason[4]) == (
        "first-home", "carer", "yes", "moved abroad",
    )  # fmt: skip


def test_a_platform_row_becomes_pay_after_fees_and_costs(tmp_path: Path) -> None:
    """What a job earned is its gross less fees and costs, not below zero; its hours are from start to end."""
    header = ",".join(column.name for column in PLATFORM.columns)
    who = "RIDER,W7,,Ada,Bell,1990-02-03"
    _, [block] = opened(
        tmp_path,
        f"{header}\n"
        f"{who},J1,ride,2026-05-03T09:15:00Z,2026-05-03T09:45:18Z,2026-05-04,20.00,4.00,1.50,1.00,0.50\n"
        f"{who},J2,rent,,,2026-05-04,10.00,8.00,5.00,,\n"
        f"{who},J3,task,2026-05-03T23:00:00+01:00,2026-05-04T01:00:00+01:00,2026-05-04,9.00,,,,\n",
    )
    rows = block.rows
    assert rows.earnings.tolist() == [1_450, 0, 900]
    assert rows.hours.tolist() == [51, NONE, 200]
    assert (rows.worker.tolist(), rows.employer.tolist()) == ([100, NONE, NONE], [50, NONE, NONE])
    assert (rows.reason.tolist(), rows.reference.tolist()) == (["ride", "rent", "task"], [b"J1", b"J2", b"J3"])
    assert rows.payroll_id.tolist() == [b"W7"] * 3


@pytest.mark.parametrize("block_bytes", [64, 500, 2**20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_head_and_raw_are_the_file(tmp_path: Path, block_bytes: int, end: str) -> None:
    """The head and the blocks' bytes, joined, are the file; each row's bytes are its own line, wherever blocks end."""
    rows = [{"EmployeeId": f"P{n}", "Surname": '"Bell, ""B""\nof York"' if n % 3 else "Élan"} for n in range(9)]
    rows[4]["PensionableEarningsAmount"] = "ten"
    octets = b"\xef\xbb\xbf" + papdis(*rows).replace("\n", end).encode()
    reading, blocks = opened(tmp_path, octets, block_bytes=block_bytes)
    assert reading.faults == []
    assert reading.head + b"".join(block.raw for block in blocks) == octets
    lines, refused = [], []
    for block in blocks:
        for n, number in enumerate(block.rows.payroll_id.tolist()):
            own_bytes = block.raw[block.rows.raw_start[n] : block.rows.raw_end[n]]
            assert b"," + number + b"," in own_bytes
            assert not own_bytes.endswith((b"\n", b"\r"))
            assert block.rows.person(n)["surname"] in ("Élan", f'Bell, "B"{end}of York')
        lines += block.rows.line.tolist()
        refused += block.rejected.line.tolist()
    assert lines == [2, 3, 5, 7, 10, 12, 13, 15]
    assert refused == [8]


def test_blank_rows_are_passed_over(tmp_path: Path) -> None:
    """Empty lines, and the rows of commas that spreadsheets leave, say nothing and are no fault."""
    text = papdis({}, {"EmployeeId": "P2"}).replace("PAP11", "\n" + "," * 43 + "\nPAP11")
    _, [block] = opened(tmp_path, text)
    assert block.rows.line.tolist() == [4, 7]
    assert block.rejects == []


def test_a_layout_can_be_named(tmp_path: Path) -> None:
    """A file is held to the layout its sender names, and a name that is none is misuse."""
    path = tmp_path / "f.csv"
    path.write_text(papdis({}))
    assert read(path, today=TODAY, layout="papdis-csv").faults == []
    assert [fault.code for fault in read(path, today=TODAY, layout="fps-xml").faults] == ["layout_unknown"]
    with pytest.raises(Misuse, match="papdis-csv, papdis-xml"):
        read(path, today=TODAY, layout="papdis")


def test_a_file_can_be_read_twice(tmp_path: Path) -> None:
    """Reading the blocks again gives the same rows and payers."""
    reading, [first] = opened(tmp_path, papdis({}, {"EmployerId": "BOLT"}))
    [second] = reading.blocks()
    assert reading.payers == ["ACME", "BOLT"]
    np.testing.assert_array_equal(first.rows.payer, second.rows.payer)


def test_taken_rows_keep_their_person(tmp_path: Path) -> None:
    """A part of the rows still knows whose they are."""
    _, [block] = opened(tmp_path, papdis({}, {"Surname": "Cole"}))
    assert block.rows.take(np.array([1])).person(0)["surname"] == "Cole"

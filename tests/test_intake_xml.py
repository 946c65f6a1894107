"""XML files through `read`: one row a job, whatever the namespaces, and no way in for an attack."""

from pathlib import Path

import pytest

from lifepot.intake import irmark, xml
from lifepot.intake.reader import Reading, read
from lifepot.intake.rows import Block
from lifepot.kernel.columns import NONE, Frequency
from lifepot.periods import parse_day

TODAY = parse_day("2026-06-01")
SAMPLE = Path(__file__).parent / "fixtures" / "fps-sample-18-19.xml"

PAPDIS = """<?xml version="1.0" encoding="UTF-8"?>
<PapdisDocument xmlns="urn:papdis" messageFunctionCode="InfoOnly" version="1.1"><PensionProvider>
  <pensionProviderId>LIFEPOT</pensionProviderId>
  <Employer><employerId>ACME</employerId>
    <PayrollPeriod>
      <payReferenceStartDate>2026-05-01</payReferenceStartDate><payReferenceEndDate>2026-05-31</payReferenceEndDate>
      <Employee>
        <identity><employeeId>P1</employeeId><birthDate>1990-02-03</birthDate>
          <nationalInsuranceNumber>AB123456C</nationalInsuranceNumber></identity>
        <name><forename1>Ada</forename1><surname>Bell &amp; Sons</surname></name>
        <pay><pensionableEarningsAmount>1000.00</pensionableEarningsAmount></pay>
        <contribution><employerContributionsAmount>30.00</employerContributionsAmount>
          <employeeContributionsAmount>50.00</employeeContributionsAmount></contribution>
      </Employee>
      <Employee><identity><nationalInsuranceNumber>AB123456C</nationalInsuranceNumber></identity>
        <pay><pensionableEarningsAmount>1.005</pensionableEarningsAmount></pay></Employee>
    </PayrollPeriod>
    <PayrollPeriod>
      <contributionDeductionDate>2026-05-07</contributionDeductionDate><frequencyCode>W1</frequencyCode>
      <Employee><identity><nationalInsuranceNumber>AB123456C</nationalInsuranceNumber></identity>
        <pay><pensionableEarningsAmount>7.00</pensionableEarningsAmount></pay></Employee>
    </PayrollPeriod>
  </Employer>
</PensionProvider></PapdisDocument>
"""


def opened(tmp_path: Path, octets: str | bytes) -> tuple[Reading, list[Block]]:
    """The file's reading and all its blocks."""
    path = tmp_path / "received.xml"
    path.write_bytes(octets.encode() if isinstance(octets, str) else octets)
    reading = read(path, today=TODAY)
    return reading, list(reading.blocks())


def test_the_sample_submission() -> None:
    """The published sample's two people are read, with their tax office and reference as the payer."""
    reading = read(SAMPLE, today=TODAY)
    [block] = reading.blocks()
    rows = block.rows
    assert (reading.layout, reading.faults, reading.payers) == ("fps-xml", [], ["635/A635"])
    assert rows.nino.tolist() == [b"RN000008A", b""]
    assert rows.payroll_id.tolist() == [b"123-A03", b"123-A02"]
    assert rows.born.tolist() == [parse_day("1996-10-28"), parse_day("1954-05-11")]
    assert rows.on.tolist() == [parse_day("2018-06-30"), parse_day("2018-06-20")]
    assert rows.earnings.tolist() == [100_000, 125_000]
    assert rows.frequency.tolist() == [Frequency.MONTH] * 2
    assert rows.left_on.tolist() == [parse_day("2018-06-30"), NONE]
    assert (rows.worker.tolist(), rows.employer.tolist(), rows.hours.tolist()) == ([NONE] * 2,) * 3
    assert rows.person(1) == {
        "title": "Mr", "forename": "John Edward", "surname": "Surname", "gender": "M", "postcode": "NE1 7XF",
        "address": "45 High Street, Gosforth, Newcastle upon Tyne, Tyne and Wear",
    }  # fmt: skip


def test_one_row_a_job(tmp_path: Path) -> None:
    """A person with two jobs has two rows, each with its own bytes; earnings of two letters are added up."""
    text = SAMPLE.read_text()
    job = text[text.index("<Employment>") : text.index("</Employment>") + len("</Employment>")]
    letters = job[job.index("<NIletters") : job.index("</Employment>")]
    twice = job.replace(letters, letters * 2).replace("123-A03", "123-B04")
    _, [block] = opened(tmp_path, text.replace(job, job + twice, 1))
    assert block.rows.payroll_id.tolist() == [b"123-A03", b"123-B04", b"123-A02"]
    assert block.rows.earnings.tolist() == [100_000, 200_000, 125_000]
    raws = [block.raw[a:b] for a, b in zip(block.rows.raw_start, block.rows.raw_end, strict=True)]
    assert b"\n".join(raws) + b"\n" == block.raw
    assert [b"123-A03" in raw for raw in raws] == [True, False, False]
    assert [block.rows.person(n)["forename"] for n in range(3)] == ["Alan", "Alan", "John Edward"]


def test_a_message_in_its_envelope(tmp_path: Path) -> None:
    """A submission is known inside a GovTalk message too."""
    body = SAMPLE.read_text().partition("?>")[2]
    reading, [block] = opened(tmp_path, f"<GovTalkMessage xmlns='urn:x'><Header/>{body}</GovTalkMessage>")
    assert (reading.layout, len(block.rows)) == ("fps-xml", 2)


def test_a_papdis_document(tmp_path: Path) -> None:
    """Employer and period are those around the employee; the pay date falls back on the period's end."""
    reading, [block] = opened(tmp_path, PAPDIS)
    rows = block.rows
    assert (reading.layout, reading.faults, reading.payers) == ("papdis-xml", [], ["ACME"])
    assert rows.on.tolist() == [parse_day("2026-05-31"), parse_day("2026-05-07")]
    assert rows.period_start.tolist() == [parse_day("2026-05-01"), NONE]
    assert rows.frequency.tolist() == [Frequency.NONE, Frequency.WEEK]
    assert (rows.earnings[0], rows.worker[0], rows.employer[0]) == (100_000, 5_000, 3_000)
    assert rows.line.tolist() == [7, 20]
    assert rows.person(0)["surname"] == "Bell & Sons"
    [fault] = block.rejects
    assert (fault.line, fault.column, fault.code, fault.path) == (15, 0, "amount_decimals", "pensionableEarningsAmount")
    assert b"1.005" in block.raw[block.rejected.raw_start[0] : block.rejected.raw_end[0]]


def test_utf_16_is_xml_too(tmp_path: Path) -> None:
    """XML says its own encoding, and is read in it."""
    _, [block] = opened(tmp_path, PAPDIS.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert len(block.rows) == 2


def test_many_employees_in_small_blocks(tmp_path: Path) -> None:
    """A long document is handed on in blocks; beyond line 65,535 the parser may count one line too many."""
    start, end = PAPDIS.index("      <Employee>"), PAPDIS.index("    </PayrollPeriod>")
    one = PAPDIS[start:end].partition("      <Employee><identity>")[0]
    path = tmp_path / "long.xml"
    path.write_text(PAPDIS[:start] + "\n" * 70_000 + one * 300 + PAPDIS[end:])
    blocks = list(read(path, today=TODAY, block_bytes=20_000).blocks())
    assert len(blocks) > 5
    assert sum(len(block.rows) for block in blocks) == 301
    first, second = blocks[0].rows.line[:2].tolist()
    assert (first - 70_007 in (0, 1), second - 70_015 in (0, 1)) == (True, True)


BOMB = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "doctype",
    [BOMB, '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>', '<!DOCTYPE l SYSTEM "http://example.org/x">'],
    ids=["bomb", "file", "network"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_no_document_type(tmp_path: Path, doctype: str, encoding: str) -> None:
    """A document type declaration is refused before any parser sees it, so no entity is ever expanded."""
    text = PAPDIS.replace("UTF-8", encoding.removesuffix("-sig")).replace("?>", f"?><!-- a > b -->{doctype}", 1)
    reading, blocks = opened(tmp_path, text.replace("ACME", "&c;").encode(encoding))
    assert [fault.code for fault in reading.faults] == ["xml_doctype"]
    assert (blocks, reading.refused) == ([], True)


def test_malformed_xml(tmp_path: Path) -> None:
    """The fault names line and column; the employees before it stand."""
    reading, [block] = opened(tmp_path, PAPDIS.replace("<frequencyCode>W1</frequencyCode>", "<frequencyCode>W1</x>"))
    [fault] = reading.faults
    assert (fault.code, fault.line) == ("xml_malformed", 19)
    assert fault.column > 0
    assert len(block.rows) == 1


def test_xml_cut_off(tmp_path: Path) -> None:
    """A document that ends too early says so; the employees before the cut stand."""
    reading, [block] = opened(tmp_path, PAPDIS[: PAPDIS.index("<frequencyCode>")])
    assert [fault.code for fault in reading.faults] == ["file_cut_off"]
    assert len(block.rows) == 1


def test_unknown_xml(tmp_path: Path) -> None:
    """XML of another kind names the roots we know."""
    reading, blocks = opened(tmp_path, "<rss><channel/></rss>")
    [fault] = reading.faults
    assert (fault.code, blocks) == ("layout_unknown", [])
    assert "FullPaymentSubmission" in fault.expected


def test_a_document_without_employees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elements without end, and none of them an employee, stop the reading."""
    monkeypatch.setattr(xml, "LONGEST_GAP", 200_000)
    reading, _ = opened(tmp_path, "<PapdisDocument>" + "<x/>" * 100_000)
    assert [fault.code for fault in reading.faults] == ["row_endless"]


def test_a_text_without_end(tmp_path: Path) -> None:
    """One endless text is refused by the parser's own limit, not read into memory."""
    reading, _ = opened(tmp_path, "<PapdisDocument><x>" + "x" * (12 * 2**20))
    assert [fault.code for fault in reading.faults] == ["xml_malformed"]


def test_a_submission_too_large_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the mark cannot be checked in memory, that is said and the file is read."""
    monkeypatch.setattr(irmark, "LARGEST", 100)
    reading, [block] = opened(tmp_path, SAMPLE.read_bytes())
    assert [fault.code for fault in reading.faults] == ["irmark_unchecked"]
    assert len(block.rows) == 2

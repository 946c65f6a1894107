from pathlib import Path

from lifepot.intake.irmark import irmark
from lifepot.intake.reader import read

SAMPLE = Path(__file__).parent / "fixtures" / "fps-sample-18-19.xml"
PUBLISHED = "j+VBpG6b8EIuz8ldUAjkKboMmU4="
TODAY = 20_605  # 2026-06-01


def sealed(mark: str) -> bytes:
    """The sample with an IRmark where HMRC puts it."""
    element = f'<IRmark Type="generic">{mark}</IRmark><Sender>'
    return SAMPLE.read_bytes().replace(b"<Sender>", element.encode(), 1)


def test_the_sample_gives_its_published_mark() -> None:
    """The sample's mark is the one its publisher's own generator gives."""
    assert irmark(SAMPLE.read_bytes()) == PUBLISHED


def test_the_mark_leaves_itself_out() -> None:
    """A body that carries a mark has the mark of the same body without one."""
    assert irmark(sealed("anything")) == PUBLISHED


def test_text_after_the_mark_belongs_to_the_body() -> None:
    """Taking the mark out of an indented body leaves the white space around it."""
    plain = b"<Body><a/>\n  <b/></Body>"
    assert irmark(b"<Body><a/><IRmark>x</IRmark>\n  <b/></Body>") == irmark(plain)
    assert irmark(b"<Body><IRmark>x</IRmark>\n<b/></Body>") == irmark(b"<Body>\n<b/></Body>")


def test_the_body_is_found_in_its_envelope() -> None:
    """A whole message has the mark of its body, with the namespaces in force there."""
    body = b"<Body><a>1</a></Body>"
    assert irmark(b"<GovTalkMessage><Header/>" + body + b"</GovTalkMessage>") == irmark(body)


def test_a_true_mark_is_no_fault(tmp_path: Path) -> None:
    """A submission whose mark is its body's reads without a fault."""
    path = tmp_path / "fps.xml"
    path.write_bytes(sealed(PUBLISHED))
    assert read(path, today=TODAY).faults == []


def test_a_false_mark_is_a_note(tmp_path: Path) -> None:
    """A submission changed after it was sealed is read, and says so."""
    path = tmp_path / "fps.xml"
    path.write_bytes(sealed(PUBLISHED).replace(b"1000.00", b"1000.01", 1))
    reading = read(path, today=TODAY)
    assert [fault.code for fault in reading.faults] == ["irmark_differs"]
    assert not reading.refused
    assert sum(len(block.rows) for block in reading.blocks()) == 2

"""A bad row mended where it lies: its cells come back, right ones are received as they are, and its reject is answered with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.schemes import ANN, BOB, CAT, Scheme, clock, opened, pay
from tests.test_waiting import waits

from lifepot.audit.verify import verify
from lifepot.errors import LifepotError, Misuse
from lifepot.intake.layouts import LAYOUTS, Form
from lifepot.periods import day_of
from lifepot.samples.sample import write_sample
from lifepot.scheme.mending import bad_row, bad_rows, mend
from lifepot.scheme.people import erase
from lifepot.scheme.receive import receive
from lifepot.scheme.statement import find_member
from lifepot.storage.server import EmbeddedServer


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A scheme whose books are proved in the end."""
    with opened(server, tmp_path) as one:
        yield one
        one.check()
        one.connection.rollback()
        found = verify(one.connection)
        assert not found.problems, found.lines()


def faulty(scheme: Scheme) -> Path:
    """May of Ann, who is right, and of Bob, whose earnings are a word and whose day is none."""
    rows = [
        pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00"),
        pay(BOB, "2026-05-32", "nine hundred", "27.00", "27.00", surname='Bell, "the"'),
    ]
    path = scheme.file(rows)
    assert scheme.tell(path, "2026-06-01").rejected == 1
    return path


def only(scheme: Scheme) -> int:
    """The first reject."""
    return int(scheme.one("select min(id) from personal.reject"))


def test_a_bad_row_comes_back_cell_by_cell_with_all_its_faults(scheme: Scheme) -> None:
    """Its cells stand under the columns of its file, quotation marks and commas in them as they were meant."""
    path = faulty(scheme)
    row = bad_row(scheme.connection, only(scheme))
    assert (row.name, row.line, row.row, row.beyond) == (path.name, 3, 1, [])
    assert (row.cells["earnings"], row.cells["on"], row.cells["surname"]) == (
        "nine hundred",
        "2026-05-32",
        'Bell, "the"',
    )
    assert {fault["path"] for fault in row.faults} == {"earnings", "on"}
    assert bad_rows(scheme.connection, row.file) == [row]
    assert row.as_dict()["cells"]["nino"] == BOB


def test_a_mended_row_is_as_if_it_had_been_right(scheme: Scheme, server: EmbeddedServer, tmp_path: Path) -> None:
    """Previewed it keeps nothing; mended, the pots are as in a scheme that was told it at once, and nothing waits any more."""
    path = faulty(scheme)
    right = {"on": "2026-05-29", "earnings": "900.00"}
    before = scheme.pots()
    shown = mend(scheme.connection, only(scheme), right, clock("2026-06-02"), preview=True)
    assert (shown.state, shown.reply.accepted, scheme.pots()) == ("preview", 1, before)
    assert len(waits(scheme, kind="rejected_rows")) == len(bad_row(scheme.connection, only(scheme)).faults) or waits(
        scheme
    )
    done = mend(scheme.connection, only(scheme), right, clock("2026-06-02"))
    assert (done.state, done.reply.by_rule) == ("mended", shown.reply.by_rule)
    assert waits(scheme, "2026-06-30", kind="rejected_rows") == []
    assert scheme.one("select string_agg(distinct state, ',') from personal.reject") == "mended"
    with opened(server, tmp_path) as other:
        other.told(
            [pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00"), pay(BOB, "2026-05-29", "900.00", "27.00", "27.00")],
            "2026-06-02",
        )
        assert scheme.pots() == other.pots()
    assert scheme.tell(path, "2026-06-03").state == "nothing_new", "sent again, the bad row is not tried once more"
    with pytest.raises(Misuse, match="No row waits"):
        mend(scheme.connection, only(scheme), right, clock("2026-06-03"))


def test_a_row_that_is_still_wrong_keeps_nothing(scheme: Scheme) -> None:
    """With the day put right and the word left in, the faults are told, and the reject waits as before."""
    faulty(scheme)
    files = scheme.one("select count(*) from personal.received_file")
    done = mend(scheme.connection, only(scheme), {"on": "2026-05-29"}, clock("2026-06-02"))
    assert done.state == "still_wrong"
    assert [fault.path for fault in done.reply.faults] == ["earnings"]
    assert scheme.one("select count(*) from personal.received_file") == files
    assert bad_row(scheme.connection, only(scheme)).cells["on"] == "2026-05-32"


def test_a_column_that_the_file_has_not_is_misuse(scheme: Scheme) -> None:
    """Cells are named by the file's own columns."""
    faulty(scheme)
    with pytest.raises(Misuse, match="no column wages"):
        mend(scheme.connection, only(scheme), {"wages": "1.00"}, clock("2026-06-02"))


def test_a_row_with_too_few_and_too_many_cells(scheme: Scheme) -> None:
    """Cells that lack are empty, those beyond the columns are told apart, and both rows can be mended."""
    text = "payer,kind,on,nino,earnings\nACME,pay,2026-05-29,AB100001A\nACME,pay,2026-05-29,AB100002A,10.00,9,9\n"
    scheme.tell(text, "2026-06-01")
    few, many = bad_rows(scheme.connection, int(scheme.one("select max(file) from personal.received_file")))
    assert (few.cells["earnings"], few.beyond, many.beyond) == ("", [], ["9", "9"])
    for row, earnings in ((few, "20.00"), (many, "10.00")):
        assert mend(scheme.connection, row.reject, {"earnings": earnings}, clock("2026-06-02")).state == "mended"
    assert scheme.one("select count(*) from fact where kind = 1") == 2


def test_an_erased_persons_row_cannot_be_mended(scheme: Scheme) -> None:
    """Once Cat is erased, the row that named her is gone, and with it what could be mended."""
    scheme.told([pay(CAT, "2026-04-30", "10.00")], "2026-05-01")
    scheme.tell([pay(CAT, "2026-05-29", "ten")], "2026-06-01")
    reject = only(scheme)
    erase(scheme.connection, find_member(scheme.connection, CAT), clock("2026-06-02"))
    with pytest.raises(Misuse, match="No row waits"):
        bad_row(scheme.connection, reject)


def test_every_delimited_layout_is_mended_and_xml_says_that_it_is_not(scheme: Scheme) -> None:
    """In each layout a row is spoilt: in CSV it comes back and is mended, of XML it is said that nobody can do so here."""
    sample = write_sample(scheme.folder / "sample", members=40, months=1, seed=5)
    seen = set()
    for one in sample.files:
        layout = LAYOUTS[one.layout]
        if one.flags or one.layout in seen:
            continue
        text = one.path.read_text("utf-8")
        column = layout.of_field("earnings")[0].name
        spoilt = spoil(text, layout.form, column)
        if spoilt is None:
            continue
        seen.add(one.layout)
        path = scheme.folder / f"spoilt-{one.path.name}"
        path.write_text(spoilt[0], "utf-8")
        as_of = clock(day_of(one.received_on))
        assert receive(scheme.connection, path, as_of, mode="adds").rejected == 1
        reject = int(scheme.one("select max(id) from personal.reject"))
        if layout.form is Form.XML:
            with pytest.raises(LifepotError, match="is XML"):
                bad_row(scheme.connection, reject)
            scheme.connection.rollback()
            continue
        row = bad_row(scheme.connection, reject)
        assert row.cells[column] == "spoilt"
        assert mend(scheme.connection, reject, {column: spoilt[1]}, as_of).state == "mended"
    assert seen == set(LAYOUTS)


def spoil(text: str, form: Form, column: str) -> tuple[str, str] | None:
    """A file with the first amount of a column spoilt, and what stood there; None where nothing does."""
    if form is Form.XML:
        name = column.rsplit("/", 1)[-1]
        begin = text.find(f"<{name}>")
        end = text.find(f"</{name}>", begin)
        # The seal of an FPS no longer fits, and is left out.
        return (
            None
            if begin < 0
            else (f"{text[: begin + len(name) + 2]}spoilt{text[end:]}".replace("IRmark", "IRnote"), "")
        )
    lines = text.split("\n")
    at = lines[0].lstrip("\ufeff").split(",").index(column)
    for number, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        if '"' not in line and len(cells) > at and cells[at]:
            lines[number] = ",".join([*cells[:at], "spoilt", *cells[at + 1 :]])
            return "\n".join(lines), cells[at]
    return None

"""Finding rows and fields in bytes, held against Python's own csv module on any text."""

import csv
import io
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lifepot.intake.delimited import tables
from lifepot.intake.reader import read

HEADER = ("a", "b", "c")
WANTED = {"a": 1, "b": 2, "c": 3}

field = st.text(st.sampled_from('ab,"\n\r é'), max_size=6).filter(lambda text: text == text.strip())


class Stream(io.BytesIO):
    """Bytes in memory, as `tables` wants them: an unbuffered file."""


def rows_of(octets: bytes, block_bytes: int) -> list[tuple[str, ...]]:
    """Every sound row's texts, by reading blocks of this size."""
    rows = []
    for table in tables(Stream(octets), HEADER, WANTED, block_bytes):  # type: ignore[arg-type]  # it reads alike
        assert table.broken.codes == []
        rows += [tuple(table.cells.text(name, row) for name in HEADER) for row in range(table.cells.count)]
    return rows


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(field, field, field), max_size=8), block_bytes=st.integers(1, 60), all_quoted=st.booleans()
)
def test_what_csv_writes_is_read(rows: list[tuple[str, str, str]], block_bytes: int, *, all_quoted: bool) -> None:
    """Whatever the fields hold and wherever the blocks end, the rows that were written are the rows that are read."""
    rows = [row for row in rows if any(row)]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    assert rows_of(written.getvalue().encode(), block_bytes) == rows


@settings(max_examples=80, deadline=None)
@given(text=st.text(st.sampled_from('aé1,,,""\n\n\r .-'), max_size=120), block_bytes=st.integers(1, 60))
def test_garbage_is_told_the_same_in_any_blocks(text: str, block_bytes: int) -> None:
    """No text breaks the reading: each line is a row, or part of one, or broken, however it was cut into blocks."""

    def told(size: int) -> list[tuple[int, str]]:
        found = []
        for table in tables(Stream(text.encode()), HEADER, WANTED, size):  # type: ignore[arg-type]  # it reads alike
            found += [(line, "") for line in table.place.line.tolist()]
            found += list(zip(table.broken.at.line.tolist(), table.broken.codes, strict=True))
        return sorted(found)

    assert told(block_bytes) == told(1000)


@settings(max_examples=50, deadline=None)
@given(octets=st.binary(max_size=300))
def test_no_bytes_are_an_exception(tmp_path_factory: object, octets: bytes) -> None:
    """Any bytes below a right header are answered with faults, never with an exception."""
    path = Path(str(tmp_path_factory.getbasetemp())) / "any"  # type: ignore[attr-defined]  # pytest's own fixture
    path.write_bytes(b"payer,kind,on,nino\n" + octets)
    for block in read(path, today=20_605, block_bytes=50).blocks():
        assert len(block.rejected) == len({fault.line for fault in block.rejects})

"""The workbench as a server holds it: overtaking, sharpening, crashes, time limits, and what it never touches."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifepot.errors import LifepotError
from lifepot.rulebook.reader import rulebook_text
from lifepot.workbench import bench as benching
from lifepot.workbench.bench import Busy, Refused, Workbench
from lifepot.workbench.kept import SMALL
from lifepot.workbench.numbers import with_number
from lifepot.workbench.redrawing import Redrawn

TEXT = rulebook_text("lifetime-savings-account")[0]
LIVES = 20_000
LONG_S = 240.0
"""Longer than anything takes here, on a machine that is busy with something else."""


def variant(number: int) -> str:
    """A text of its own for each number: so many pounds more are matched in a year."""
    return with_number(TEXT, "match.cap", 1_200 + number)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench over twenty thousand lives, ready."""
    with Workbench(tmp_path_factory.mktemp("bench"), lives=LIVES) as one:
        assert isinstance(one.answer(one.ask("first", TEXT), within_s=LONG_S), Redrawn)
        assert one.progress is None
        yield one


def drawn(bench: Workbench, key: str, lives: int = 1) -> Redrawn:
    """An answer that comes."""
    found = bench.answer(key, lives=lives, within_s=LONG_S)
    assert isinstance(found, Redrawn), found
    return found


def test_answers_become_sharper(bench: Workbench) -> None:
    """The first answer is of few lives; one of all follows, and is said to be the sharpest; later asked, it is there at once."""
    key = bench.ask("sharp", variant(1))
    first = drawn(bench, key)
    last = drawn(bench, key, LIVES)
    assert first.lives < last.lives == LIVES
    assert last.is_sharpest
    assert first.told.figure("government").high - first.told.figure("government").low > 0
    assert bench.answer(bench.ask("somebody else", variant(1))) == last
    assert bench.answer(key, lives=LIVES + 1) == last, "there is no sharper one to wait for"


def test_the_newer_of_a_session_overtakes(bench: Workbench) -> None:
    """Of many texts asked one after the other by one session the last is answered, and those before are drawn no further."""
    keys = [bench.ask("dragging", variant(10 + number)) for number in range(20)]
    assert drawn(bench, keys[-1], SMALL).lives >= SMALL
    far = [bench.answer(key) for key in keys[:-1]]
    assert sum(isinstance(one, Redrawn) for one in far) <= 2
    assert all(one is None or (isinstance(one, Redrawn) and one.lives < SMALL) for one in far)


def test_a_first_answer_comes_before_a_sharper_one(bench: Workbench) -> None:
    """While one text is sharpened another is asked: it has its ten thousand before the first has all its lives."""
    slow = bench.ask("slow", variant(40))
    drawn(bench, slow, SMALL)
    quick = bench.ask("quick", variant(41))
    drawn(bench, quick, SMALL)
    known = bench.answer(slow)
    assert isinstance(known, Redrawn)
    assert known.lives < LIVES
    assert drawn(bench, slow, LIVES).is_sharpest


def test_two_sessions_share_an_answer(bench: Workbench) -> None:
    """The same text has the same key; one session that turns to something else does not take it from the other."""
    one, other = bench.ask("a", variant(50)), bench.ask("b", variant(50))
    assert one == other
    bench.ask("a", variant(51))
    assert drawn(bench, one).lives > 0


def test_a_comparison_is_answered(bench: Workbench) -> None:
    """Two texts, one key, figures of both and the paired difference."""
    found = drawn(bench, bench.ask("compare", variant(60), TEXT), SMALL)
    assert found.less is not None
    assert found.less.figure("government").low > 0


def test_faults_and_notes_are_told_as_typed(bench: Workbench) -> None:
    """A text with a fault has its place, and its numbers all the same; a good one its title; one too long is refused."""
    found = bench.look(TEXT.replace("match_cap", "match_cop", 1))
    assert found.faults
    assert found.title is None
    assert any(one["name"] == "match.rate" for one in found.numbers)
    assert bench.look(TEXT).title == "Lifetime savings account"
    assert bench.look("x" * 300_000).faults[0].code == "size"
    assert isinstance(bench.answer(bench.ask("long", "x" * 300_000)), Refused)


def test_what_is_wrong_is_answered_not_raised(bench: Workbench) -> None:
    """A text with faults and one in another currency get a refusal with a remedy."""
    faulty = bench.answer(bench.ask("wrong", "nonsense: ["), within_s=LONG_S)
    assert isinstance(faulty, Refused)
    assert faulty.faults
    foreign = bench.answer(bench.ask("wrong", rulebook_text("sg-cpf")[0]), within_s=LONG_S)
    assert isinstance(foreign, Refused)
    assert "SGD" in foreign.message


def test_the_labs_page_is_had(bench: Workbench) -> None:
    """The report of a text is the lab's page; of a text with faults it is a refusal."""
    page = bench.report("reader", TEXT, within_s=LONG_S)
    assert isinstance(page, str)
    assert "Lifetime savings account" in page
    assert page.rstrip().endswith("</html>")
    assert isinstance(bench.report("reader", "a: b", within_s=LONG_S), Refused)


def test_too_many_are_told_to_come_again(bench: Workbench) -> None:
    """Beyond what is worked off in some seconds nobody is let in, and whoever is in is answered."""
    keys: list[str] = []
    with pytest.raises(Busy, match="wait"):
        keys.extend(bench.ask(f"crowd {number}", variant(100 + number)) for number in range(benching.MOST_WAITING + 10))
    assert len(keys) >= benching.MOST_WAITING
    for number in range(1, len(keys)):
        bench.ask(f"crowd {number}", variant(100))
    assert drawn(bench, keys[0]).lives > 0


def until_other(bench: Workbench, pid: int | None) -> int:
    """The number of the process that redraws, once it is another one."""
    ends = time.monotonic() + LONG_S
    while time.monotonic() < ends:
        now = bench.worker_pid
        if now not in {None, pid} and bench.progress is None:
            assert now is not None
            return now
        time.sleep(0.02)
    raise AssertionError("no other process was started")


def test_a_process_that_dies_is_another_one(bench: Workbench) -> None:
    """Killed while it draws, the text is drawn by a new process; of kept lives nothing is made again."""
    pid = bench.worker_pid
    assert pid is not None
    key = bench.ask("killer", variant(200))
    os.kill(pid, signal.SIGKILL)
    assert drawn(bench, key).lives > 0
    assert until_other(bench, pid) != pid


def test_a_text_that_ends_the_process_twice_is_refused(bench: Workbench) -> None:
    """Every process that draws it is killed: after two there is a refusal, and other texts are drawn as ever."""
    key, before = bench.ask("crasher", variant(201)), None
    for _ in range(benching.MOST_STRIKES):
        pid = until_other(bench, before)
        os.kill(pid, signal.SIGKILL)
        before = pid
        bench.ask("crasher", variant(201))
    found = bench.answer(key, lives=LIVES, within_s=LONG_S)
    assert found is not None
    assert drawn(bench, bench.ask("crasher", variant(202))).lives > 0


def test_a_text_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    """A process that stands still is ended after its time; the text gets a refusal, the next one an answer."""
    with Workbench(tmp_path, lives=1_000, answers_within_s=LONG_S) as one:
        assert isinstance(one.answer(one.ask("a", TEXT), within_s=LONG_S), Redrawn)
        one._within_s = 1.0
        pid = one.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        found = one.answer(one.ask("a", variant(1)), within_s=LONG_S)
        assert isinstance(found, Refused)
        assert "takes more than" in found.message
        one._within_s = LONG_S
        assert isinstance(one.answer(one.ask("a", variant(2)), within_s=LONG_S), Redrawn)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """Where the lives cannot be kept, whoever asks is told so, with what to do."""
    (tmp_path / "file").write_text("no folder")
    with Workbench(tmp_path / "file", lives=500) as one:
        found = one.answer(one.ask("a", TEXT), within_s=LONG_S)
        assert isinstance(found, Refused)
        assert "cannot be kept" in found.message


def test_a_reader_that_stands_still_is_another_one(bench: Workbench) -> None:
    """A text that cannot be read in time raises; the next one is read."""
    bench.look(TEXT)
    assert bench._reader is not None
    os.kill(bench._reader.pid, signal.SIGSTOP)
    with pytest.raises(LifepotError, match="cannot be read"):
        bench.look(TEXT)
    assert bench.look(TEXT).title is not None


def test_the_servers_secrets_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the server's surroundings, a database's password say, is not in those of the processes beside it."""
    monkeypatch.setenv("PGPASSWORD", "a secret of the server")
    with Workbench(tmp_path, lives=500) as one:
        assert one.look(TEXT).title is not None
        assert one._reader is not None
        for pid in (one._reader.pid, until_other(one, None)):
            told = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"PATH=" in told
            assert b"secret" not in told


def test_no_database_is_touched() -> None:
    """With all of the workbench imported, neither the scheme's rooms nor a database driver are."""
    program = (
        "import sys, lifepot.workbench.bench, lifepot.workbench.worker, lifepot.workbench.reading\n"
        "print([one for one in sys.modules if one.startswith(('psycopg', 'lifepot.storage', 'lifepot.scheme', 'lifepot.ledger'))])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

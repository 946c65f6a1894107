"""The mutants that `tests/mutate.py` tries."""

from pathlib import Path

import pytest
from tests.mutants import mutants_of


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("x = a < b", ["x = (a <= b)", "x = (a >= b)"]),
        ("x = a + b", ["x = (a - b)"]),
        ("x = a and b", ["x = (a or b)"]),
        ("x = not a", ["x = (a)"]),
        ("x = 7", ["x = (8)", "x = (6)"]),
        ("x = a if b else c", ["x = a if (not b) else c"]),
        ("x = [a for a in b if a]", ["x = [a for a in b if (not a)]"]),
        ("x[a] = b", ["pass"]),
        ("a(b)", ["pass"]),
        ("a += b", ["pass", "a -= b"]),
        ("x = min(a, b)", ["x = (max)(a, b)"]),
        ("def f(): return a", ["def f(): return None"]),
        ("x: int | None = a", []),
        ("assert a < 1", []),
        ("raise AssertionError(1)", []),
        ("x = isinstance(a, Test | None)", []),
        ('"""A sentence."""', []),
    ],
)
def test_what_is_written_instead(line: str, instead: list[str], tmp_path: Path) -> None:
    """A line has just the mutants one would write by hand, and what does no work has none."""
    file = tmp_path / "one.py"
    file.write_text(line, "utf-8")
    assert [one.applied(line.encode()).decode() for one in mutants_of(file)] == instead


def test_a_mutant_changes_one_place(tmp_path: Path) -> None:
    """Comments, other lines and letters of more than a byte stay as they are, and the statement's lines are told."""
    text = "# £ à\n@cache\ndef f(a):\n    if a:\n        return (\n            'é', a * 2)  # twice\n"
    file = tmp_path / "one.py"
    file.write_text(text, "utf-8")
    found = {one.applied(text.encode()).decode(): one.statement for one in mutants_of(file)}
    assert found[text.replace("a * 2", "(a // 2)")] == range(5, 7)
    assert found[text.replace("if a", "if (not a)")] == range(4, 5)

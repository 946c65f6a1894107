"""The rules of the house that a program can check."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.mark.parametrize("check", ["ruff check", "ruff format --check", "mypy src"])
def test_check(check: str) -> None:
    """Every file of the checkout passes."""
    found = subprocess.run(
        [sys.executable, "-m", *check.split()], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr

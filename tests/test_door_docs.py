"""What the papers for operators say is there: commands and options of docs/running-a-scheme.md, tests of docs/security.md."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from lifepot.cli import app

ROOT = Path(__file__).parents[1]
RUNNING = (ROOT / "docs" / "running-a-scheme.md").read_text("utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")

BLOCKS = re.findall(r"^```sh\n(.*?)^```", RUNNING, re.DOTALL | re.MULTILINE)
SAID = sorted(
    {
        line.strip()
        for block in BLOCKS
        for line in block.splitlines()
        if re.match(r"(/opt/lifepot/)?lifepot ", line.strip())
    }
    | {one for one in re.findall(r"`(lifepot [^`]+)`", RUNNING) if not one.endswith(("…", ".service"))}
)


def test_commands_were_found() -> None:
    """The paper has commands in its blocks and in its tables."""
    assert len(SAID) > 20


@pytest.mark.parametrize("said", SAID)
def test_each_command_of_the_paper_is_one(said: str) -> None:
    """Each `lifepot …` of the paper is a command, and has the options that it is called with."""
    words = re.split(r"\s[|#]\s", said)[0].split()[1:]
    command: Any = get_command(app)
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, f"{said}: there is no {name}"
        command = command.commands[name]
    known = {option for each in command.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known, said


def test_the_server_is_started_as_its_unit_says() -> None:
    """The unit's command line has options that `lifepot serve` has."""
    (line,) = re.findall(r"^ExecStart=/opt/lifepot/lifepot serve (.*)$", RUNNING, re.MULTILINE)
    serve: Any = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    known = {option for each in serve.params for option in each.opts}
    assert set(re.findall(r"--[a-z-]+", line)) <= known
    assert set(re.findall(r"--[a-z-]+", RUNNING)) >= {"--proxy", "--print-roles", "--public-url"}


def test_each_test_of_the_paper_on_security_is_one() -> None:
    """Whatever test docs/security.md names is there, and so is every file of tests."""
    named = set(re.findall(r"`(test_\w+)`", SECURITY))
    assert [one for one in re.findall(r"`(tests/\w+\.py)`", SECURITY) if not (ROOT / one).exists()] == []
    there = {
        one
        for file in (ROOT / "tests").glob("test_*.py")
        for one in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    }
    assert len(named) > 30
    assert sorted(named - there) == []

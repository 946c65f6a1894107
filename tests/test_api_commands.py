"""Everything the commands do, machines do by the API: each command has its endpoint, or its reason for none."""

import json
import re
from pathlib import Path

import pytest
import typer
from tests.served import Served
from typer.testing import CliRunner

from lifepot.cli import app

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")


def commands(group: typer.Typer, before: str = "") -> list[str]:
    """The words of every command, groups walked through."""
    found = [
        f"{before}{one.name or (one.callback.__name__ if one.callback else '')}" for one in group.registered_commands
    ]
    for one in group.registered_groups:
        assert one.typer_instance is not None
        found += commands(one.typer_instance, f"{before}{one.name} ")
    return found


def rows(heading: str) -> dict[str, str]:
    """The rows of a table of the page: commands, and what stands beside them."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for names, beside in re.findall(r"^\| (`.+?`) \| (.+?) \|$", part, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", names):
            assert name not in found, name
            found[name] = beside
    return found


def test_every_command_has_its_endpoint_or_its_reason() -> None:
    """docs/api.md names each command once: beside its endpoints, or beside why it has none."""
    by_endpoint, by_reason = rows("Commands and endpoints"), rows("What has no endpoint")
    named = set(commands(app))
    assert set(by_endpoint) & set(by_reason) == set()
    assert set(by_endpoint) | set(by_reason) == named, (
        named - set(by_endpoint) - set(by_reason),
        (set(by_endpoint) | set(by_reason)) - named,
    )
    assert all(len(reason.split()) > 4 for reason in by_reason.values())


def test_every_endpoint_that_the_page_names_is_there(served: Served) -> None:
    """Each endpoint of the page is in the description, and each of the description is on the page."""
    said = served.machine("").get("/api/v1/openapi.json").json()
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, ops in said["paths"].items() for method in ops
    }
    told = set(re.findall(r"`((?:GET|POST) /[^`]*)`", PAGE))
    assert told == there, (sorted(told - there), sorted(there - told))


@pytest.mark.parametrize("word", ["lab cost", "members born", "withdraw settle", "key make"])
def test_commands_are_walked_to_their_leaves(word: str) -> None:
    """Commands of groups are among those that are walked."""
    assert word in commands(app)


def test_a_key_made_by_command_opens_its_payers_door_until_it_is_ended(served: Served) -> None:
    """`key make` shows a key once, by which its payer is seen; `key list` names it and tells nothing of it; `key end` ends it."""
    clerk = served.identity("clerk")
    with served.doors.acting() as connection:
        row = connection.execute("select ref from payer where id = %s", [clerk.payer]).fetchone()
    assert row is not None
    code, told = run("key", "make", "clerk", "payroll", "--payer", row[0], "--json", "--database", served.url)
    assert code == 0, told
    made = json.loads(told)["key"]
    machine = served.client()
    machine.headers["authorization"] = f"Bearer {made}"
    assert [one["payer"] for one in machine.get("/api/v1/payers").json()["items"]] == [row[0]]
    _, listed = run("key", "list", "--database", served.url)
    assert "payroll" in listed
    assert made not in listed
    assert run("key", "make", "clerk", "for nobody", "--database", served.url)[0] == 2
    assert run("key", "end", "payroll", "--database", served.url)[0] == 0
    assert machine.get("/api/v1/payers").status_code == 401
    assert run("key", "end", "payroll", "--database", served.url)[0] == 2


def run(*words: str) -> tuple[int, str]:
    """Exit code of a command, and what it printed."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout

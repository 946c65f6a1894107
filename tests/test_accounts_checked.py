"""Accounts that money may go to: held against the operator's table of modulus checks, wherever one is given."""

import json
from pathlib import Path

import pytest
from tests.test_banking_modulus import FIXTURES, ROWS
from tests.test_cli import file_of, run

from lifepot.storage.database import Database

WEIGHTS, SUBSTITUTIONS = FIXTURES / "valacdos-of-the-examples.txt", FIXTURES / "scsubtab-of-the-examples.txt"
HEAD = "kind,ref,name,sort_code,account_number,course,title,price\n"


@pytest.fixture
def scheme(database: Database, tmp_path: Path) -> str:
    """A scheme in which Ana has a pot; its URL."""
    scheme = database.url
    assert run("open", "lifetime-savings-account", "--database", scheme, "--as-of", "2026-04-06")[0] == 0
    assert run("receive", file_of(tmp_path, "may.csv"), "--as-of", "2026-05-31", "--database", scheme)[0] == 0
    return scheme


def load_table(scheme: str) -> None:
    """The published examples' table is loaded."""
    code, out = run("payees", "table", WEIGHTS, "--substitutions", SUBSTITUTIONS, "--database", scheme, "--json")
    assert (code, json.loads(out)["rows"]) == (0, 25)


def ask(scheme: str, sort_code: str, account: str) -> tuple[int, dict[str, object]]:
    """Ana asks for a pound, to this account."""
    to = ("--sort-code", sort_code, "--account", account, "--name", "Ana", "--as-of", "2026-06-01")
    code, out = run("withdraw", "ask", "AB123456A", "1.00", *to, "--database", scheme, "--json")
    return code, json.loads(out)


def own(scheme: str, sort_code: str, account: str) -> tuple[int, dict[str, object]]:
    """The scheme's own account is said."""
    code, out = run(
        "account", "--name", "Pot", "--sort-code", sort_code, "--account", account, "--database", scheme, "--json"
    )
    return code, json.loads(out)


def test_without_a_table_nothing_is_known_and_it_is_said_once(scheme: str, tmp_path: Path) -> None:
    """An account that every check would refuse is taken, with `unchecked`."""
    code, told = ask(scheme, "089999", "66374959")
    assert (code, told["checked"]) == (0, "unchecked")
    code, told = own(scheme, "089999", "66374959")
    assert (code, told["checked"]) == (0, "unchecked")
    register = tmp_path / "register.csv"
    register.write_text(HEAD + "provider,A,A,089999,66374959,,,\nprovider,B,B,089999,66374959,,,\n", encoding="utf-8")
    code, out = run("payees", "load", register, "--database", scheme)
    assert (code, out.count("not checked")) == (0, 1)


def test_the_published_examples_decide_everywhere(scheme: str, tmp_path: Path) -> None:
    """All 34: an invalid one is refused by name, a valid one is `valid`, one that has no check is `unchecked`."""
    load_table(scheme)
    register = tmp_path / "register.csv"
    rows = [f"provider,P{nth},P,{sort_code},{account},,,\n" for nth, sort_code, account, _, _ in ROWS]
    register.write_text(HEAD + "".join(rows), encoding="utf-8")
    code, out = run("payees", "load", register, "--database", scheme, "--json")
    faults = json.loads(out)["faults"]
    wrong = [place for place, row in enumerate(ROWS, 2) if row[3] == "invalid"]
    assert (code, len(wrong)) == (1, 8)
    assert [(fault["line"], fault["code"]) for fault in faults] == [(line, "account_impossible") for line in wrong]
    for _, sort_code, account, answer, _ in ROWS:
        code, told = own(scheme, sort_code, account)
        if answer == "invalid":
            assert code == 1
            assert f"no account {account} at {sort_code}" in str(told["error"])
        else:
            assert (code, told["checked"]) == (0, answer)


@pytest.mark.parametrize(
    ("sort_code", "account", "answer"),
    [("08-99-99", "66374958", "valid"), ("010003", "12345678", "unchecked"), ("089999", "66374959", None)],
)
def test_a_withdrawal_to_an_account_that_cannot_be_is_refused(
    scheme: str, sort_code: str, account: str, answer: str | None
) -> None:
    """Nothing is asked for an account whose digits are wrong, and why is named."""
    load_table(scheme)
    code, told = ask(scheme, sort_code, account)
    if answer is None:
        assert (code, "check digits are wrong" in str(told["error"])) == (1, True)
    else:
        assert (code, told["checked"]) == (0, answer)
    listed = json.loads(run("withdraw", "list", "--database", scheme, "--json")[1])
    assert len(listed) == (0 if answer is None else 1)


def test_a_table_with_a_fault_is_not_kept(scheme: str, tmp_path: Path) -> None:
    """A torn line, an empty file or none at all: the fault is told and the table before stays in force."""
    load_table(scheme)
    torn = tmp_path / "torn.txt"
    torn.write_text("089000 089999 MOD12 0\n", encoding="utf-8")
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    for file in (torn, empty):
        code, out = run("payees", "table", file, "--database", scheme, "--json")
        assert (code, json.loads(out)["kept"]) == (1, False)
    assert run("payees", "table", tmp_path / "none.txt", "--database", scheme)[0] == 2
    assert own(scheme, "089999", "66374959")[0] == 1


def test_a_later_table_takes_the_earlier_ones_place(scheme: str, tmp_path: Path) -> None:
    """Loaded anew without the row, the sort code is not checked any more; the substitutions go with their table."""
    load_table(scheme)
    other = tmp_path / "other.txt"
    other.write_text("107999 107999 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 1\n", encoding="utf-8")
    assert run("payees", "table", other, "--database", scheme)[0] == 0
    assert own(scheme, "089999", "66374959")[1]["checked"] == "unchecked"
    assert own(scheme, "107999", "88837493")[0] == 1

"""The commands as somebody types them: what they print, their JSON keys and their exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.storage.database import Database

HEAD = "payer,kind,on,nino,payroll_id,forename,surname,born,email,period_start,period_end,frequency,earnings,hours,worker,employer,amount,attribute,value,reason\n"
ANA = "ACME,pay,2026-05-29,AB123456A,7,Ana,Smith,1990-01-01,,2026-05-01,2026-05-31,month,{earnings},,{worker},{employer},,,,\n"


def run(*words: object) -> tuple[int, str]:
    """Exit code and what was printed on stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def scheme(database: Database) -> str:
    """A database with a lifetime savings account scheme; its URL."""
    code, _ = run(
        "open", "lifetime-savings-account", "--database", database.url, "--as-of", "2026-04-06", "--as", "test"
    )
    assert code == 0
    return database.url


def file_of(
    directory: Path,
    name: str,
    earnings: str = "1000.00",
    worker: str = "30.00",
    employer: str = "28.00",
    more: str = "",
) -> Path:
    """A contributions file with one pay of Ana's."""
    path = directory / name
    path.write_text(HEAD + ANA.format(earnings=earnings, worker=worker, employer=employer) + more)
    return path


def test_a_month_from_file_to_statement(scheme: str, tmp_path: Path) -> None:
    """A received file stands in the statement with its reason, and the books balance."""
    code, out = run("receive", file_of(tmp_path, "may.csv"), "--as-of", "2026-05-31", "--database", scheme, "--json")
    reply = json.loads(out)[0]
    assert (code, reply["state"], reply["accepted"], reply["rejected"]) == (0, "received", 1, 0)
    code, out = run("statement", "AB 12 34 56 A", "--database", scheme, "--json")
    statement = json.loads(out)
    assert code == 0
    assert statement["in_pot_minor"] == {"worker": 3000, "employer": 2800, "government": 0}
    assert statement["owed_minor"] == {"worker": 0, "employer": 200, "government": 1800}
    assert "line 2 of may.csv" in statement["entries"][0]["because"]
    books = json.loads(run("books", "--database", scheme, "--json")[1])
    assert books["difference_minor"] == 0
    assert books["head"] == reply["head"]


def test_a_replacement_posts_differences_only(scheme: str, tmp_path: Path) -> None:
    """An amended file with --replaces posts what differs, and unsaid it waits."""
    run("receive", file_of(tmp_path, "may.csv"), "--as-of", "2026-05-31", "--database", scheme)
    amended = file_of(tmp_path, "may-amended.csv", earnings="1100.00", worker="33.00")
    code, out = run("receive", amended, "--as-of", "2026-07-01", "--database", scheme, "--json")
    assert (code, json.loads(out)[0]["state"]) == (1, "waiting")
    code, out = run("receive", amended, "--replaces", "--as-of", "2026-07-01", "--database", scheme, "--json")
    reply = json.loads(out)[0]
    assert (code, reply["replaced"], reply["transfers"]) == (0, 1, 3)
    assert {one["rule"]: (one["sent_minor"], one["owed_minor"]) for one in reply["by_rule"]} == {
        "worker.contribution": (300, 0),
        "employer.match": (0, 300),
        "government.match": (0, 150),
    }
    code, out = run("receive", amended, "--replaces", "--as-of", "2026-07-01", "--database", scheme, "--json")
    assert (code, json.loads(out)[0]["state"]) == (0, "nothing_new")


def test_a_file_put_right_answers_the_question_itself(scheme: str, tmp_path: Path) -> None:
    """A file that says again all that was told, and a row more that was refused before, is taken without being asked."""
    bob = ANA.replace("AB123456A", "CE123456A")
    faulty = file_of(tmp_path, "may.csv", more=bob.format(earnings="12.345", worker="", employer=""))
    assert run("receive", faulty, "--as-of", "2026-05-31", "--database", scheme)[0] == 1
    right = file_of(tmp_path, "may-right.csv", more=bob.format(earnings="12.34", worker="", employer=""))
    code, out = run("receive", right, "--as-of", "2026-05-31", "--database", scheme, "--json")
    reply = json.loads(out)[0]
    assert (code, reply["state"], reply["unchanged"], reply["added"]) == (0, "received", 1, 1)


def test_a_merger_the_other_way_is_refused(scheme: str, tmp_path: Path) -> None:
    """Who was merged into another is named by that other from then on."""
    bob = ANA.replace("AB123456A", "CE123456A").format(earnings="100.00", worker="3.00", employer="3.00")
    run("receive", file_of(tmp_path, "may.csv", more=bob), "--as-of", "2026-05-31", "--database", scheme)
    assert run("members", "merge", "1", "2", "--database", scheme)[0] == 0
    assert run("members", "merge", "2", "1", "--database", scheme)[0] == 2
    assert run("members", "born", "2", "2090-01-01", "--database", scheme)[0] == 2
    assert run("verify", "--database", scheme)[0] == 0


def test_a_preview_keeps_nothing(scheme: str, tmp_path: Path) -> None:
    """--preview says what a file would do, and the books are as before."""
    before = run("books", "--database", scheme, "--json")
    code, out = run(
        "receive", file_of(tmp_path, "may.csv"), "--preview", "--as-of", "2026-05-31", "--database", scheme, "--json"
    )
    assert (code, json.loads(out)[0]["state"], json.loads(out)[0]["new_members"]) == (0, "preview", 1)
    assert run("books", "--database", scheme, "--json") == before


def test_faults_end_with_one_and_misuse_with_two(scheme: str, tmp_path: Path) -> None:
    """A faulty row gives exit code 1 and its place; a call that means nothing gives 2."""
    faulty = file_of(
        tmp_path,
        "faulty.csv",
        more=ANA.format(earnings="12.345", worker="", employer="").replace("AB123456A", "CE123456A"),
    )
    code, out = run("receive", faulty, "--as-of", "2026-05-31", "--database", scheme, "--json")
    reply = json.loads(out)[0]
    assert (code, reply["accepted"], reply["rejected"]) == (1, 1, 1)
    assert [(one["line"], one["code"]) for one in reply["faults"]] == [(3, "amount_decimals")]
    assert run("receive", faulty, "--replaces", "--adds", "--database", scheme)[0] == 2
    assert run("statement", "ZZ000000A", "--database", scheme)[0] == 2
    assert run("books", "--effective", "30 May", "--database", scheme)[0] == 2
    assert run("open", "lifetime-savings-account", "--database", scheme)[0] == 1
    assert run("nothing-of-the-kind")[0] == 2


def test_adopting_a_version_posts_the_differences(scheme: str, tmp_path: Path) -> None:
    """A version in force from an earlier day posts what it changes from that day on, and previews it first."""
    run("receive", file_of(tmp_path, "may.csv"), "--as-of", "2026-05-31", "--database", scheme)
    text = run("rulebook", "show", "lifetime-savings-account", "--json")[1]
    assert json.loads(text)["values"]["match_rate"]["dated"] == {"2016-04-06": "50p per £1"}
    from lifepot.rulebook.reader import rulebook_text

    richer = tmp_path / "richer.yaml"
    richer.write_text(
        rulebook_text("lifetime-savings-account")[0].replace("50p per £1", "60p per £1"), encoding="utf-8"
    )
    words = ("adopt", richer, "--from", "2026-05-01", "--as-of", "2026-06-30", "--database", scheme, "--json")
    code, out = run(*words, "--preview")
    assert (code, json.loads(out)["by_rule"]) == (0, [{"rule": "government.match", "sent_minor": 0, "owed_minor": 300}])
    code, out = run(*words)
    assert json.loads(out)["transfers"] == 1
    code, out = run("settle", "--as-of", "2026-06-30", "--database", scheme, "--json")
    assert (code, json.loads(out)["transfers"]) == (0, 0)


def test_why_names_the_rule_the_figure_and_the_line(scheme: str, tmp_path: Path) -> None:
    """`why` says by which figure in force, from which line of which file."""
    run("receive", file_of(tmp_path, "may.csv"), "--as-of", "2026-05-31", "--database", scheme)
    code, out = run("why", "1", "--database", scheme, "--json")
    lines = " ".join(line for answer in json.loads(out)["answers"] for line in answer["lines"])
    assert code == 0
    assert "50% (match_rate, in force from 2016-04-06, choice)" in lines
    assert "line 2 of may.csv" in lines


def test_a_statement_becomes_a_page(scheme: str, tmp_path: Path) -> None:
    """--html writes a page that needs nothing else and says what every pound became."""
    run("receive", file_of(tmp_path, "may.csv", more=""), "--as-of", "2026-05-31", "--database", scheme)
    page = tmp_path / "statement.html"
    assert run("statement", "1", "--html", page, "--database", scheme)[0] == 0
    text = page.read_text("utf-8")
    assert "every £1 of yours became £2.50" in text
    assert "http" not in text


def test_samples_are_written_and_listed(tmp_path: Path) -> None:
    """`sample` writes files in all layouts and says in which order they arrive."""
    code, out = run("sample", tmp_path / "files", "--members", "30", "--months", "3", "--seed", "5", "--json")
    files = json.loads(out)["files"]
    assert code == 0
    assert {"papdis-csv", "platform", "contributions"} <= {one["layout"] for one in files}
    assert any("--replaces" in one["flags"] for one in files)


def test_help_and_schema_answer_without_a_database() -> None:
    """Help, the JSON Schema and a rulebook's check need no scheme."""
    assert run("--help")[0] == 0
    assert json.loads(run("rulebook", "schema")[1])["title"] == "Rulebook"
    assert run("rulebook", "check", "uk-lifetime-isa")[0] == 0
    assert run("rulebook", "check", "no-such-book")[0] == 1

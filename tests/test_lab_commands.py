"""The lab's commands as somebody types them, over made-up villages: JSON keys, exit codes, pages, bad input."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.made_up_years import run_village
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.errors import Misuse
from lifepot.lab import run as running
from lifepot.lab.checked import Checked
from lifepot.lab.drawn import Drawn
from lifepot.rulebook.scalars import parse_rate
from lifepot.rulebook.terms import Rulebook

BOOK = "lifetime-savings-account"
SMALL = ("--people", "400", "--years", "24")


class MadeUp:
    """A country of ten made-up villages, in which a rulebook matters by its match rate alone."""

    def __init__(self, order: running.Order) -> None:
        self.order = order
        self.people = self
        self.villages = 10
        self.settings = order.pulled.of_settings(running.Settings(order.settings))

    def laid(self, book: Rulebook) -> None:
        """Refuses another currency, as the country does."""
        self.order.pulled.of_rulebook(book)
        if book.currency != "GBP":
            raise Misuse(f"{book.name} counts in {book.currency}.", remedy="Give a rulebook in pounds.")

    def drawn(self, number: int, book: Rulebook, against: Rulebook | None) -> Drawn:
        """A village with the rulebook's match, and with what it is compared with."""
        reform = run_village(number, match=_match(book))
        baseline = run_village(number, match=_match(against)).reform if against else reform.baseline
        return Drawn(reform.village, baseline, reform.reform)


def _match(book: Rulebook) -> float:
    value = book.values.get("match_rate")
    figure = "25%" if value is None else str(value.dated["2016-04-06"])
    return float(parse_rate(figure)) * (1.0)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Made-up villages for every command here, and a place of the test's own."""
    monkeypatch.setattr(running, "Country", MadeUp)
    monkeypatch.setattr(running, "observed", lambda *_, **__: None)
    checked = Checked(
        "v_gini", "Gini", "", "per cent", "2021/22", "ONS", True, 35.7, 39.9, 2.5, "2.5 points", last=34.4
    )
    monkeypatch.setattr("lifepot.lab.validate.validate", lambda _: [checked])
    monkeypatch.chdir(tmp_path)


def run(*words: object) -> tuple[int, str]:
    """Exit code and what was printed on stdout."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def asked(*words: object) -> Any:
    """What a command answers in JSON."""
    code, out = run(*words, "--json")
    assert code == 0, out
    return json.loads(out)


def test_cost_tells_the_answer_and_every_table() -> None:
    """The two sentences, and each table with value and ends of each figure."""
    told = asked("lab", "cost", BOOK, *SMALL)
    assert told["rulebook"] == BOOK
    assert told["against"] is None
    assert "would cost government" in told["answer"][0]
    tables = {one["table"]: one for one in told["tables"]}
    first = tables["cost_by_year"]["rows"][0]
    assert first["row"] == "2027-28"
    assert first["low"][0] <= first["value"][0] <= first["high"][0]
    code, out = run("lab", "cost", BOOK, *SMALL)
    assert code == 0
    assert "2027-28: government £" in out


def test_a_second_run_reads_what_is_kept(tmp_path: Path) -> None:
    """The same figures from the kept shards, and others for another seed."""
    first = asked("lab", "cost", BOOK, *SMALL, "--keep", tmp_path / "keep")
    kept = sorted((tmp_path / "keep").rglob("*.npz"))
    assert len(kept) == 10
    times = [one.stat().st_mtime_ns for one in kept]
    assert asked("lab", "cost", BOOK, *SMALL, "--keep", tmp_path / "keep") == first
    assert [one.stat().st_mtime_ns for one in kept] == times
    asked("lab", "cost", BOOK, *SMALL, "--seed", "2", "--keep", tmp_path / "keep")
    assert len(list((tmp_path / "keep").rglob("*.npz"))) == 20


def test_a_page_and_its_figures_are_written(tmp_path: Path) -> None:
    """The page stands alone, tells misses first, and CSV and Parquet hold the same figures."""
    told = asked("lab", "cost", BOOK, *SMALL, "--report", tmp_path / "out.html")
    assert told["files"] == [str(tmp_path / name) for name in ("out.html", "out.csv", "out.parquet")]
    page = (tmp_path / "out.html").read_text("utf-8")
    for outside in ("<script", "http://", "https://", "src=", "@import", "url("):
        assert outside not in page
    assert page.count("<svg") == page.count("</svg>") > 10
    assert page.index("Missed") < page.index("Hit") < page.index("<h3>Assumptions</h3>")
    assert "1 missed, 0 hit" in page
    assert page.count("<title") > 10
    figures = pl.read_parquet(tmp_path / "out.parquet")
    assert figures.equals(pl.read_csv(tmp_path / "out.csv", schema=figures.schema))
    assert figures.columns == ["table", "row", "column", "unit", "value", "low", "high", "assumed_low", "assumed_high"]
    cost = figures.filter(table="cost_by_year", row="2027-28", column="government")["value"][0]
    rows = {one["table"]: one["rows"] for one in told["tables"]}
    assert cost == rows["cost_by_year"][0]["value"][0]


def test_every_picture_has_its_words_and_ids_are_unique(tmp_path: Path) -> None:
    """Each SVG that is no key is named and described, and no id stands twice on the page."""
    import re

    asked("lab", "cost", BOOK, *SMALL, "--report", tmp_path / "out.html", "--scenario", "automation=high")
    page = (tmp_path / "out.html").read_text("utf-8")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for svg in re.findall(r"<svg [^>]*>", page):
        assert "aria-hidden" in svg or "aria-label" in svg
    for reference in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert set(reference.split()) <= set(ids)
    assert "Not the world as it is" in page
    assert "0.02" in page


def test_against_another_rulebook_is_paired() -> None:
    """A rulebook against itself costs nothing, exactly; against a poorer one it costs the difference."""
    told = asked("lab", "cost", BOOK, *SMALL, "--against", BOOK)
    brief = next(one for one in told["tables"] if one["table"] == "brief")["rows"][0]
    assert brief["value"][:5] == [0.0] * 5
    assert brief["low"][0] == brief["high"][0] == 0.0
    both = asked("lab", "compare", BOOK, "uk-lifetime-isa", *SMALL)
    assert [one["side"] for one in both["sides"]] == [BOOK, "uk-lifetime-isa", f"uk-lifetime-isa against {BOOK}"]
    cost = [next(t for t in one["tables"] if t["table"] == "brief")["rows"][0]["value"][0] for one in both["sides"]]
    assert cost[2] == pytest.approx(cost[1] - cost[0])
    assert run("lab", "compare", BOOK, "uk-lifetime-isa", *SMALL)[0] == 0
    alone = asked("lab", "compare", "none", BOOK, *SMALL)
    assert [one["side"] for one in alone["sides"]] == [BOOK]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("lab", "cost", "no-such-book"), 1), (("lab", "cost", "sg-cpf"), 2), (("lab", "cost", "none"), 2),
        (("lab", "cost", BOOK, "--people", "0"), 2), (("lab", "cost", BOOK, "--years", "1"), 2),
        (("lab", "cost", BOOK, "--opens", "2020"), 2), (("lab", "cost", BOOK, "--scenario", "no-such"), 1),
        (("lab", "cost", BOOK, "--lever", "lives.gig_share=2"), 2), (("lab", "cost", BOOK, "--lever", "gig"), 2),
        (("lab", "cost", BOOK, "--assume", "take_up=fast"), 2), (("lab", "cost", BOOK, "--assume", "no_such=1"), 2),
        (("lab", "cost", "uk-lifetime-isa", "--scenario", "small-firms"), 2), (("lab", "compare", BOOK, "none"), 2),
        (("lab", "search", BOOK, "--vary", "match.bate=0:1", "--maximise", "owning by 35", "--budget", "2bn"), 2),
        (("lab", "search", BOOK, "--vary", "match.rate=0:1", "--maximise", "joy", "--budget", "2bn"), 2),
        (("lab", "search", BOOK, "--vary", "match.rate=0:1", "--maximise", "owning by 35", "--budget", "much"), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused(words: tuple[str, ...], code: int) -> None:
    """With an exit code that says whose hands it lies in, and with `--json` the sentence and a remedy."""
    found, out = run(*words, "--json")
    assert found == code, out
    assert set(json.loads(out)) == {"error", "remedy"}


def test_search_tells_the_frontier_and_draws_it(tmp_path: Path) -> None:
    """Every design tried, those marked that nobody could improve, and a page that stands alone."""
    words = ("lab", "search", BOOK, "--vary", "match.rate=0:0.9:0.1", "--maximise", "wealth in decile 8-10", "--budget", "10bn a year", "--trials", "6", "--years", "24")  # fmt: skip
    told = asked(*words, "--report", tmp_path / "frontier.html")
    assert told["maximised"] == "wealth in decile 8-10"
    best = [one for one in told["designs"] if one["on_frontier"]]
    assert best
    assert [one["gives"] for one in best] == sorted(one["gives"] for one in best)
    assert all(set(one["figures"]) == {"match_rate"} for one in best)
    page = (tmp_path / "frontier.html").read_text("utf-8")
    assert "http" not in page
    assert page.count("<circle") == len(told["designs"])
    code, out = run(*words)
    assert code == 0
    assert "6 designs tried" not in out or len(told["designs"]) == 6


def test_validate_tells_misses_first() -> None:
    """Counts and rows, with whether each is held back."""
    told = asked("lab", "validate", "--people", "400")
    assert told["counts"]["held_back_missed"] == 1
    assert told["rows"][0]["hit"] is False
    code, out = run("lab", "validate", "--people", "400")
    assert code == 0
    assert "MISS" in out
    assert "Held back: 0 hit, 1 missed" in out


def test_scenarios_are_listed_and_files_are_checked(tmp_path: Path) -> None:
    """All off; a faulty file ends with one and its places."""
    told = asked("lab", "scenarios")
    assert {one["name"] for one in told["scenarios"]} >= {"automation", "patient-capital"}
    assert not any(one["on"] for one in told["scenarios"])
    assert run("lab", "scenarios")[0] == 0
    (tmp_path / "bad.yaml").write_text("name: bad\n")
    code, out = run("lab", "scenarios", tmp_path / "bad.yaml", "--json")
    assert code == 1
    assert {one["code"] for one in json.loads(out)["faults"]} == {"missing"}


def test_a_financed_scheme_raises_income_tax_by_its_cost() -> None:
    """The second run levies, each year, what government pays in as a share of that year's income tax; before opening nothing."""
    alone = asked("lab", "cost", BOOK, *SMALL)
    assert alone["order"]["levy"] == []
    levy = asked("lab", "cost", BOOK, *SMALL, "--financed")["order"]["levy"]
    assert levy[:3] == [0.0] * 3
    assert len(levy) == 24
    assert all(one > 0 for one in levy[3:])


def test_a_survey_needs_its_mapping(tmp_path: Path) -> None:
    """A survey without what its columns mean is refused, and one that is not there too."""
    assert run("lab", "cost", BOOK, "--microdata", tmp_path / "f.csv")[0] == 2
    code, out = run("lab", "cost", BOOK, "--microdata", tmp_path / "f.csv", "--mapping", tmp_path / "m.yaml", "--json")
    assert code == 1
    assert "cannot be read" in json.loads(out)["error"]

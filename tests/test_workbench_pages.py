"""The workbench's pages, without script: choose, change, compare, keep, share, take away; and what a stranger may send."""

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from tests.benching import LIVES, until_ready, workbench
from tests.served import Browser, Served, hidden_of, serving, words_of

from lifepot.portals import bench, designs
from lifepot.rulebook.reader import rulebook_text, shipped
from lifepot.workbench.asked import Bench
from lifepot.workbench.program import Program
from lifepot.workbench.texts import LARGEST_TEXT_BYTES, digest_of

TEXT = rulebook_text("lifetime-savings-account")[0]
RATE = "number:values.match_rate.dated.2016-04-06:50"
EDIT = "/workbench/edit"
BEGIN = f"{EDIT}?from=book:lifetime-savings-account"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Program]]:
    """A workbench over a thousand lives, with a secret in its server's surroundings."""
    os.environ["LIFEPOT_DATABASE_URL"] = "postgresql://lifepot:a-secret@nowhere/scheme"
    try:
        with workbench(tmp_path_factory.mktemp("house")) as found:
            yield found
    finally:
        del os.environ["LIFEPOT_DATABASE_URL"]


@pytest.fixture
def served(served_url: str, house: tuple[str, Program], monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A served scheme with that workbench."""
    for name in ("FIRST_WITHIN_S", "WHOLE_WITHIN_S"):
        monkeypatch.setattr(bench, name, 40.0)
    with serving(served_url, workbench=house[0]) as one:
        yield one


def post(browser: Browser, fields: dict[str, str], path: str = EDIT, status: int = 200) -> str:
    """The form of the workbench, sent as a browser does: lines end with two letters."""
    form = hidden_of(browser.get(BEGIN), EDIT) | {"text": TEXT, "against": ""} | fields
    answer = browser.client.post(path, data=form | {"text": form["text"].replace("\n", "\r\n")})
    assert answer.status_code == status, words_of(answer.text)[:2000]
    return answer.headers.get("location") or answer.text


def figure(text: str, name: str, side: int = 0) -> str:
    """A figure on a page."""
    found: list[str] = re.findall(rf'data-figure="{name}">([^<]+)<', text)
    assert found, words_of(text)[:3000]
    return found[side]


def typed(text: str) -> str:
    """What stands in a page's field for the text."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', text, flags=re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_a_number_is_changed_and_the_figures_follow(served: Served) -> None:
    """A rulebook is chosen, a number changed in its field: the text has it, in its place alone, and figures with intervals differ."""
    browser = served.browser("")
    assert "/workbench/edit?from=book:lifetime-savings-account" in browser.get("/workbench")
    before = browser.get(BEGIN)
    assert f"{LIVES:,} made-up lives" in words_of(before)
    assert typed(before) == TEXT
    after = post(browser, {RATE: "80"})
    assert figure(after, "government") != figure(before, "government")
    changed = [
        (one, other) for one, other in zip(TEXT.split("\n"), typed(after).split("\n"), strict=True) if one != other
    ]
    assert len(changed) == 1
    assert "80" in changed[0][1]
    assert "number:values.match_rate.dated.2016-04-06:80" in after
    assert re.search(r'data-figure="government">£[^<]+<small>£[^<]+ to £', after)
    assert len(re.findall("<svg viewBox", after)) >= 3


def test_the_text_is_changed_by_hand(served: Served) -> None:
    """What is typed into the text counts as what is dragged does, and both together."""
    browser = served.browser("")
    by_number = post(browser, {RATE: "80"})
    by_hand = post(browser, {"text": typed(by_number)})
    assert figure(by_hand, "government") == figure(by_number, "government")
    both = post(browser, {"text": TEXT.replace("Lifetime savings account", "Mine"), RATE: "80"})
    assert "<bdi>Mine</bdi></h1>" in both
    assert figure(both, "government") == figure(by_number, "government")


def test_two_are_compared(served: Served) -> None:
    """Against the book itself the difference is paired: its interval is narrower than either side's, and it is nought for the same."""
    browser = served.browser("")
    text = post(browser, {RATE: "80", "against": "book:lifetime-savings-account"})
    assert "First less second" in words_of(text)
    first, second, less = (figure(text, "government", side) for side in range(3))
    assert len({first, second, less}) == 3
    same = post(browser, {"against": "book:lifetime-savings-account"})
    assert figure(same, "government", 2) == "£0"


def test_a_design_is_kept_shared_and_taken_away(served: Served) -> None:
    """Kept, a text has a link; in another browser it shows the same figures and gives the same file; kept twice it is kept once."""
    browser = served.browser("")
    after = post(browser, {RATE: "80"})
    text = typed(after)
    link = post(browser, {RATE: "80"}, "/workbench/keep", status=303)
    assert link == f"/workbench/design/{digest_of(text)}"
    assert post(browser, {"text": text}, "/workbench/keep", status=303) == link
    other = served.browser("")
    page = other.get(link)
    assert figure(page, "government") == figure(after, "government")
    assert other.client.get(f"{link}/rulebook.yaml").text == text
    assert post(browser, {RATE: "80"}, "/workbench/file") == text
    report = other.client.get(f"{link}/report")
    assert "what it would cost and who gains" in report.text
    assert "script-src" not in report.headers["content-security-policy"]
    compared = other.get(f"{EDIT}?from=scheme&against=http://testserver{link}")
    assert "a kept design: Lifetime savings account" in compared
    assert len(re.findall('data-figure="government"', compared)) == 3
    assert typed(other.get(f"{EDIT}?from={link}")) == text
    with served.doors.acting() as connection:
        assert connection.execute("select count(*) from door.design").fetchone() == (1,)


def test_kept_designs_are_listed_for_analysts_alone(served: Served) -> None:
    """Whoever has no link finds no design, but analysts and operators."""
    link = post(served.browser(""), {}, "/workbench/keep", status=303)
    for name, there in (("", False), ("member", False), ("auditor", False), ("analyst", True), ("operator", True)):
        assert (link in served.browser(name).get("/workbench")) == there, name
    served.browser("").get(f"/workbench/design/{'0' * 24}", status=404)
    served.browser("").get("/workbench/design/x", status=404)


def test_figures_are_taken_away(served: Served) -> None:
    """The figures as JSON and CSV are those of the page; of what nobody asked for there are none."""
    browser = served.browser("")
    text = browser.get(BEGIN)
    address = re.findall(r'href="(/workbench/figures/[^"]+\.json)"', text)[0]
    told = json.loads(browser.get(address))
    cost = next(one for one in told["sides"][0]["figures"] if one["name"] == "government")
    assert (cost["told"], told["lives"]) == (figure(text, "government"), LIVES)
    assert cost["low"] < cost["value"] < cost["high"]
    rows = browser.get(address.replace(".json", ".csv")).splitlines()
    assert f"all,{cost['words'].partition(',')[0]}" in rows[1].replace('"', "")
    browser.get(f"/workbench/figures/{'0' * 24}/figures.csv", status=404)
    assert "not here any more" in words_of(browser.get(f"/workbench/figures/{'0' * 24}"))


def test_a_report_of_a_comparison(served: Served) -> None:
    """The lab's report is of the text as it is, held against what it is compared with."""
    browser = served.browser("")
    words = words_of(post(browser, {RATE: "80", "against": "book:uk-lifetime-isa"}, "/workbench/report"))
    assert "Compared with United Kingdom Lifetime ISA" in words
    assert "Compared with no scheme" in words_of(post(browser, {RATE: "80"}, "/workbench/report"))


def test_faults_are_told_with_their_places(served: Served) -> None:
    """A fault has its line and column, what was found and expected, and a link to its line; the text stays as it was typed."""
    wrong = TEXT.replace("match_cap", "match_cop", 1)
    text = post(served.browser(""), {"text": wrong})
    found = re.findall(r'<a href="#(line-\d+)" data-line="(\d+)" data-column="\d+">Line \d+, column \d+</a>', text)
    assert found
    for place, line in found:
        assert f'<li id="{place}" class="wrong"><code><bdi>{html.escape(wrong.split(chr(10))[int(line) - 1])}' in text
    assert "found " in words_of(text)
    assert "Expected: " in words_of(text)
    assert typed(text) == wrong
    assert "data-figure" not in text
    assert 'data-which="values.match_rate' in text, "a number can be dragged although a fault stands elsewhere"
    link = post(served.browser(""), {"text": wrong}, "/workbench/keep")
    assert "There" in link, "a text with faults is not kept, and they are shown"


def test_a_number_that_cannot_be_is_told(served: Served) -> None:
    """A number too large, or none, is told and left as it was; the others are changed."""
    for value in ("-1", "1e999999999", "twelve", "99999999999999999999"):
        text = post(served.browser(""), {RATE: value, "number:values.match_cap.dated.2016-04-06:1200": "1500"})
        assert "There is a fault" in words_of(text)
        assert "number:values.match_rate.dated.2016-04-06:50" in text
        assert "number:values.match_cap.dated.2016-04-06:1500" in text
    assert typed(post(served.browser(""), {"number:values.no_such:1": "2"})) == TEXT


def test_what_cannot_be_drawn_is_refused_with_a_reason(served: Served) -> None:
    """A rulebook in another currency can be edited, and the page says why it is not drawn."""
    words = words_of(served.browser("").get(f"{EDIT}?from=book:sg-cpf"))
    assert "This rulebook cannot be drawn." in words
    assert "SGD" in words
    assert "Singapore Central Provident Fund" in words
    served.browser("").get(f"{EDIT}?from=book:no-such", status=404)
    served.browser("").get(f"{EDIT}?from=../../etc/passwd", status=404)


def test_a_file_is_handed_in(served: Served) -> None:
    """A rulebook handed in as a file is shown and drawn; one too large or no text is refused, and kept nowhere."""
    browser = served.browser("")

    def hand_in(content: bytes, status: int) -> str:
        return browser.send("/workbench", EDIT, status=status, files={"file": ("mine.yaml", content)}).text

    assert typed(hand_in(TEXT.replace("\n", "\r\n").encode(), 200)) == TEXT
    assert "200,001 bytes" in words_of(hand_in(b"#" * (LARGEST_TEXT_BYTES + 1), 400))
    assert "that no text has" in words_of(hand_in(b"a\0b", 400))
    assert "no text in UTF-8" in words_of(hand_in(b"\xff\xfe\x00", 400))
    assert "There is no text" in words_of(hand_in(b"", 400))


def test_what_a_stranger_may_send(served: Served) -> None:
    """Too long a text, aliases of aliases, a NUL, half letters and marks in title, text and fields do nothing but be told as text."""
    browser = served.browser("")
    assert "at most 200,000 bytes" in words_of(post(browser, {"text": "x" * (LARGEST_TEXT_BYTES + 1)}, status=400))
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    begun = time.monotonic()
    assert "There" in words_of(post(browser, {"text": bomb}))
    assert time.monotonic() - begun < 30
    assert "\0" not in post(browser, {"text": "a\0b"})
    mark = "</textarea><script>alert(1)</script><b>"
    for text in (
        TEXT.replace("Lifetime savings account", mark),
        mark,
        f"{mark}: 1",
        TEXT.replace("match_cap", f'"{mark}"'),
    ):
        page = post(browser, {"text": text, RATE: mark, f"number:{mark}:1": "2", "session": mark, "began": mark})
        assert "<script>" not in page
        assert "</textarea><" not in page.replace("</textarea></div></details>", "")
    link = post(
        browser,
        {"text": TEXT.replace("title: Lifetime savings account", f'title: "{mark}"')},
        "/workbench/keep",
        status=303,
    )
    for path in (link, f"{EDIT}?from={link}", f"{EDIT}?from=scheme&against={link}", f"{link}/report"):
        assert "<script>" not in browser.get(path), path
    assert "<script>" not in served.browser("analyst").get("/workbench")
    assert served.client().post(EDIT, data={"text": TEXT}).status_code == 403, "a form of another site"


def test_few_are_kept_a_minute(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """One address keeps some designs a minute and is then told to wait."""
    monkeypatch.setattr(designs, "KEPT_A_MINUTE", 2)
    browser = served.browser("")
    for number in range(designs.KEPT_A_MINUTE):
        post(browser, {RATE: str(60 + number)}, "/workbench/keep", status=303)
    assert "too often" in words_of(post(browser, {RATE: "90"}, "/workbench/keep", status=429))


def test_when_too_many_ask_the_others_are_answered(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond some that ask at once a page says to come again, with the text as it was; when they are done it draws."""
    turns = BoundedSemaphore(1)
    monkeypatch.setattr(bench, "_TURNS", turns)
    browser = served.browser("")
    with turns:
        page = browser.get(BEGIN)
        assert "More people ask" in words_of(page)
        assert typed(page) == TEXT
        assert "More people ask" in words_of(browser.get(f"/workbench/figures/{'0' * 24}", status=503))
    assert figure(browser.get(BEGIN), "government")


def test_shipped_titles_are_the_rulebooks_own() -> None:
    """What the choice calls a rulebook is what it calls itself."""
    for one in designs.shipped():
        assert (one.title, one.currency) == (shipped(one.name).title, shipped(one.name).currency)
    assert designs.shipped()[0].is_drawn


def test_without_a_workbench_pages_say_so(served_url: str) -> None:
    """A server without one shows what is shipped and what was kept, and says what is missing."""
    with serving(served_url) as one:
        page = one.browser("").get(BEGIN)
        assert "no workbench" in words_of(page)
        assert "data-resend" not in page
        one.browser("").get("/workbench")
    with serving(served_url, workbench="/nowhere/bench") as one:
        page = one.browser("").get(BEGIN)
        assert "being started" in words_of(page)
        assert typed(page) == TEXT
        assert "data-resend" in page


def children_of(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="a system without /proc")
def test_the_workbench_knows_no_database(house: tuple[str, Program]) -> None:
    """Neither its process nor those beside it are told the database that stands in the server's surroundings, or hold a file of it."""
    pid = house[1].pid
    assert pid is not None
    for one in (pid, *children_of(pid)):
        told = Path(f"/proc/{one}/environ").read_bytes()
        assert b"PATH=" in told
        assert b"a-secret" not in told
        assert b"DATABASE" not in told
    program = (
        "import sys, lifepot.workbench.house\n"
        "print([one for one in sys.modules if one.startswith(('psycopg', 'lifepot.storage', 'lifepot.scheme', 'lifepot.access'))])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_killed_workbench_comes_back(house: tuple[str, Program], served: Served) -> None:
    """While it is away a text can be edited still; started again it draws, and of kept lives nothing is made anew."""
    address, program = house
    program.kill()
    program.join(10)
    assert program.exitcode == -signal.SIGKILL
    assert "being started" in words_of(served.browser("").get(BEGIN))
    program.start()
    until_ready(address)
    assert figure(served.browser("").get(BEGIN), "government")
    assert Bench(address).look(TEXT)["title"] == "Lifetime savings account"

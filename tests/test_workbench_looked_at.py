"""The workbench in a real browser: dragged by mouse and by keyboard, typed in, compared and kept, on a phone and on a desk."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page
from tests.benching import workbench
from tests.browsing import DESK, NARROW, PHONE, Screen, axe, browser, enlarge_text, keep, too_wide, turn_round, visiting
from tests.served import serving
from tests.test_serving import listening

LIVES = 3_000
"""So that there is a first answer, and a sharper one."""

PATIENCE_MS = 120_000
GOVERNMENT = '[data-figure="government"]'
BEGIN = "/workbench/edit?from=book:lifetime-savings-account"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a workbench that is ready."""
    with workbench(tmp_path_factory.mktemp("bench"), LIVES) as (address, _):
        yield address


@pytest.fixture
def home(served_url: str, bench: str) -> Iterator[str]:
    """Where the pages are served."""
    with serving(served_url, workbench=bench) as served, listening(served) as (host, port):
        yield f"http://{host}:{port}"


@contextmanager
def opened(chromium: Browser, home: str, screen: Screen, *, with_script: bool = True) -> Iterator[Page]:
    """The workbench with figures on it."""
    with visiting(chromium, home, screen, with_script=with_script) as page:
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{home}{BEGIN}")
        page.wait_for_selector(GOVERNMENT)
        yield page


def sound(page: Page, name: str) -> None:
    """Keep a picture, and see that nothing is wrong with what is seen."""
    keep(page, f"workbench {name}")
    assert axe(page) == []
    assert too_wide(page) == []


def government(page: Page) -> str:
    """What government pays, with its interval."""
    return page.locator(GOVERNMENT).last.inner_text()


def until_other(page: Page, before: str) -> None:
    """Wait until the figure is another."""
    page.wait_for_function(
        f"(before) => ![undefined, before].includes([...document.querySelectorAll('{GOVERNMENT}')].at(-1)?.innerText)",
        arg=before,
    )


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_number_is_dragged_compared_and_kept(home: str, screen: Screen) -> None:
    """By arrow keys and by mouse a slider moves its number, the text and the figures, and keeps the focus; what is compared and kept is
    what was dragged.
    """
    with browser() as chromium, opened(chromium, home, screen) as page:
        sound(page, "begun")
        slider = page.get_by_label("match rate, slider")
        before = government(page)
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        until_other(page, before)
        assert page.get_by_label("Match rate", exact=True).input_value() == "52"
        page.wait_for_function("() => document.getElementById('text').value.includes('52p per £1')")
        assert page.evaluate("document.activeElement.type") == "range", "the focus stays on the slider"
        page.wait_for_function(
            "() => document.getElementById('bench-status').textContent === 'Drawn over 3,000 made-up lives.'"
        )
        before = government(page)
        box = slider.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.52, box["y"] + box["height"] / 2)
        page.mouse.down()
        for step in range(8):
            page.mouse.move(box["x"] + box["width"] * (0.52 + 0.05 * step), box["y"] + box["height"] / 2)
        page.mouse.up()
        until_other(page, before)
        number = page.get_by_label("Match rate", exact=True).input_value()
        assert int(number) > 80
        page.wait_for_function("(it) => document.getElementById('text').value.includes(`${it}p per £1`)", arg=number)
        page.select_option("#against", label="Lifetime savings account")
        page.get_by_role("columnheader", name="First less second").wait_for()
        page.wait_for_function(
            "() => document.getElementById('bench-status').textContent === 'Drawn over 3,000 made-up lives.'"
        )
        sound(page, "compared")
        shown = government(page)
        assert shown.startswith("£")
        page.get_by_text("Keep it, share it, take it away").click()
        with page.expect_download() as file:
            page.get_by_role("button", name="Take the rulebook as a file").click()
        assert f"{number}p per £1" in file.value.path().read_text("utf-8")
        page.get_by_role("button", name="Keep, and get a link").click()
        page.wait_for_url(re.compile("/workbench/design/"))
        page.wait_for_selector(GOVERNMENT)
        sound(page, "kept")
        with visiting(chromium, home, screen) as another:
            another.goto(page.url)
            another.wait_for_selector(GOVERNMENT)
            assert government(another).split()[0] == page.locator(GOVERNMENT).first.inner_text().split()[0]


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_faults_are_shown_as_typed(home: str, screen: Screen) -> None:
    """A letter too many is told while one types, the link leads to its line in the text, and mended the figures are there again."""
    with browser() as chromium, opened(chromium, home, screen) as page:
        page.get_by_text("The text", exact=True).click()
        area = page.locator("#text")
        good = area.input_value()
        at = good.index("up_to: match_cap")
        area.focus()
        page.evaluate("(at) => document.getElementById('text').setSelectionRange(at, at)", at)
        page.keyboard.type("x")
        page.wait_for_selector("#faults")
        assert page.evaluate("document.activeElement.id") == "text", "nobody is interrupted while typing"
        line = good.count("\n", 0, at) + 1
        assert f"Line {line}, column" in page.locator("#faults").inner_text()
        sound(page, "with a fault")
        page.locator("#faults a").first.click()
        begins = page.evaluate("document.getElementById('text').selectionStart")
        assert good.count("\n", 0, begins) + 1 == line
        page.keyboard.press("ArrowLeft")
        area.fill(good)
        page.wait_for_selector(GOVERNMENT)
        assert page.locator("#faults").count() == 0


def test_narrow_large_and_from_right_to_left(home: str) -> None:
    """At 320 pixels, with letters twice as large, and from right to left nothing scrolls sideways."""
    with browser() as chromium, opened(chromium, home, NARROW) as page:
        page.select_option("#against", label="United Kingdom Lifetime ISA")
        page.get_by_role("columnheader", name="First less second").wait_for()
        sound(page, "narrow")
        page.goto(f"{home}/workbench")
        sound(page, "choice")
        page.goto(f"{home}{BEGIN}")
        page.wait_for_selector(GOVERNMENT)
        turn_round(page)
        assert too_wide(page) == []
        enlarge_text(page)
        assert too_wide(page) == []


def test_without_script(home: str) -> None:
    """Without script there are number fields and a button, and the figures follow."""
    with browser() as chromium, opened(chromium, home, PHONE, with_script=False) as page:
        before = government(page)
        assert page.locator("input[type=range]:visible").count() == 0
        page.get_by_label("Match rate", exact=True).fill("80")
        keep(page, "workbench without script")
        page.get_by_role("button", name="Redraw").first.click()
        page.wait_for_selector(GOVERNMENT)
        assert government(page) != before
        assert page.get_by_label("Match rate", exact=True).input_value() == "80"

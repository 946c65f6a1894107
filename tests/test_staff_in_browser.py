"""Staff's pages in a real Chromium: the main task of each role by keyboard, and every page in every state as wide and as narrow as may be."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page
from tests.browsing import (
    DESK,
    NARROW,
    PHONE,
    ZOOMED,
    Screen,
    axe,
    browser,
    enlarge_text,
    keep,
    press,
    reach,
    too_wide,
    turn_round,
    visiting,
    write,
)
from tests.served import Served
from tests.staffing import listening, office, work

BOTH = pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the file."""
    with browser() as running:
        yield running


@contextmanager
def signed_in(
    chromium: Browser, served: Served, name: str, screen: Screen, *, with_script: bool = True
) -> Iterator[tuple[Page, str]]:
    """A page of a browser in which somebody is signed in, and the address of the server."""
    cookie = served.browser(name).client.cookies["lifepot"]
    with listening(served) as home, visiting(chromium, home, screen, with_script=with_script) as page:
        page.context.add_cookies([{"name": "lifepot", "value": cookie, "url": home, "httpOnly": True}])
        yield page, home


@BOTH
def test_an_operator_resolves_the_oldest_that_waits(served: Served, chromium: Browser, screen: Screen) -> None:
    """By keyboard alone: the list, its oldest line, what it was, done; and it waits no more."""
    office(served)
    with signed_in(chromium, served, "operator", screen) as (page, home):
        page.goto(f"{home}/operator")
        keep(page, "operator waiting")
        oldest = page.locator("tbody th a").first.inner_text()
        assert "SOMETHING ODD" in oldest or "Entry 1" in oldest
        press(page, oldest, "link")
        page.wait_for_url("**/operator/suspense/1")
        keep(page, "operator entry in suspense")
        press(page, "Say what it was", "button")
        page.wait_for_selector("#faults")
        assert axe(page) == []
        keep(page, "operator entry with a fault")
        reach(page, "A payer's Name the payer below.")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        press(page, "Say what it was", "button")
        page.wait_for_url("**/operator/suspense/1?done=true")
        assert axe(page) == []
        keep(page, "operator entry matched")
        page.goto(f"{home}/operator?kind=suspense")
        assert "Entry 1 " not in page.inner_text("main")


@BOTH
def test_an_approver_approves_by_keyboard(served: Served, chromium: Browser, screen: Screen) -> None:
    """From the list to a withdrawal that lacks nothing but a yes, and the yes."""
    office(served)
    with signed_in(chromium, served, "approver", screen) as (page, home):
        page.goto(f"{home}/operator?kind=withdrawal_approval")
        press(page, page.locator("tbody th a").first.inner_text(), "link")
        page.wait_for_url("**/operator/withdrawals/*")
        keep(page, "approver withdrawal")
        press(page, "Approve", "button")
        page.wait_for_selector("text=It was approved")
        assert axe(page) == []


@BOTH
def test_an_auditor_comes_from_a_total_to_the_line_of_a_file(served: Served, chromium: Browser, screen: Screen) -> None:
    """By keyboard alone: a total, an entry of it, the fact, the line as it came; each without a fault of axe's."""
    with signed_in(chromium, served, "auditor", screen) as (page, home):
        page.goto(f"{home}/audit")
        keep(page, "auditor books")
        assert axe(page) == []
        press(page, "in transit", "link")
        page.wait_for_url("**/audit/account/**")
        keep(page, "auditor account")
        press(page, page.locator("tbody th a").first.inner_text(), "link")
        page.wait_for_url("**/audit/entry/**")
        keep(page, "auditor entry")
        press(page, page.locator("a[href^='/audit/fact/']").inner_text(), "link")
        page.wait_for_url("**/audit/fact/*")
        keep(page, "auditor fact")
        press(page, page.locator("a[href$='/line']").inner_text(), "link")
        page.wait_for_url("**/line")
        assert axe(page) == []
        keep(page, "auditor line")
        assert page.locator("summary").inner_text() == "As it came"


def test_every_page_of_staff_is_for_everybody(served: Served, chromium: Browser) -> None:
    """Every page, with something in it: axe finds nothing on a desk, nothing scrolls sideways at 320 px, nor at twice the size, nor
    from right to left.
    """
    paths = office(served)
    wrong: list[str] = []
    for name in ("operator", "auditor"):
        mine = {words: path for words, path in paths.items() if path.startswith("/audit") == (name == "auditor")}
        with signed_in(chromium, served, name, DESK) as (page, home):
            for words, path in mine.items():
                answer = page.goto(f"{home}{path}")
                assert answer is not None
                assert answer.status == 200, (path, answer.status)
                wrong += [f"{words}: {one}" for one in axe(page)]
                keep(page, f"staff {words}")
        for screen in (NARROW, ZOOMED):
            with signed_in(chromium, served, name, screen) as (page, home):
                for words, path in mine.items():
                    page.goto(f"{home}{path}")
                    wrong += [f"{words} at {screen.width}: {one}" for one in too_wide(page)]
                    if screen is NARROW:
                        keep(page, f"staff {words}")
                        turn_round(page)
                        wrong += [f"{words} from right to left: {one}" for one in too_wide(page)]
    assert wrong == [], "\n".join(wrong)


def test_the_pages_hold_with_large_letters(served: Served, chromium: Browser) -> None:
    """With letters twice as large nothing of the main pages scrolls sideways on a phone."""
    paths = office(served)
    wrong: list[str] = []
    with signed_in(chromium, served, "operator", PHONE) as (page, home):
        for words in ("waiting", "withdrawal", "month", "member", "new rules", "seats"):
            page.goto(f"{home}{paths[words]}")
            enlarge_text(page)
            wrong += [f"{words}: {one}" for one in too_wide(page)]
    assert wrong == []


@pytest.mark.parametrize("with_script", [True, False], ids=["with script", "without script"])
def test_a_month_is_run_with_progress(served: Served, chromium: Browser, *, with_script: bool) -> None:
    """All steps are asked for by one button; with script their outcomes come by themselves, and without it when the page is opened anew."""
    with signed_in(chromium, served, "operator", PHONE, with_script=with_script) as (page, home):
        page.goto(f"{home}/operator/month?month=2026-08")
        page.get_by_role("button", name="Do all the steps").press("Enter")
        page.wait_for_selector("text=Waiting to begin")
        keep(page, f"month waiting {'with' if with_script else 'without'} script")
        work(served)
        if not with_script:
            page.goto(f"{home}/operator/month?month=2026-08")
        page.wait_for_selector("text=6 of 7 steps done")
        assert "Nobody has said which account the scheme pays from" in page.inner_text("main")
        keep(page, f"month done {'with' if with_script else 'without'} script")
        if with_script:
            assert axe(page) == []


def test_what_is_wrong_is_told_where_it_is(served: Served, chromium: Browser) -> None:
    """A faulty rulebook's page leads from its summary to the field, tells line and column, and has no fault of axe's."""
    with signed_in(chromium, served, "operator", PHONE) as (page, home):
        page.goto(f"{home}/operator/rules")
        write(page, "Or its text", "name: x")
        write(page, "The day it is in force from", "soon")
        press(page, "See what it would do", "button")
        page.wait_for_selector("#faults")
        assert axe(page) == []
        assert too_wide(page) == []
        keep(page, "operator faulty rulebook")
        press(page, "Enter the day it is in force from, such as 2026-10-01.", "link")
        assert page.evaluate("document.activeElement.id") == "from"

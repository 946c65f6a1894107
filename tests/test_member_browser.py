"""A member's tasks in a real Chromium: from the way in to money asked for, on a phone and a desk, by keyboard, narrow, without script."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page
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
from tests.test_member_portal import JPEG, REGISTER

from lifepot.access import seats
from lifepot.service.app import make_app
from lifepot.withdrawals.payees import load

PAGES = (
    "/me", "/me/payments", "/me/why", "/me/uses", "/me/what-if?more=20", "/me/what-if?more=much", "/me/money", "/me/money/ask",
    "/me/contribution", "/me/contribution/say/opted_out", "/me/household", "/me/household/asked", "/me/papers",
    "/me/papers/statement", "/me/papers/looks", "/me/papers/corrections", "/me/papers/corrections/sent", "/help",
)  # fmt: skip
"""A member's pages that need nothing done before."""


LOAN = "Clearing a student loan Paid to the lender, with the borrower's reference, or the university so that less is borrowed."


@contextmanager
def living(served: Served) -> Iterator[str]:
    """The served scheme on a port of its own; gives its address."""
    config = uvicorn.Config(make_app(served.settings, served.doors), port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def home(served: Served, tmp_path: Path) -> Iterator[str]:
    """The address of a served scheme with a register of payees."""
    register = tmp_path / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    with served.doors.acting() as connection:
        load(connection, register)
    with living(served) as address:
        yield address


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of a paper."""
    file = tmp_path / "lender.jpg"
    file.write_bytes(JPEG)
    return file


def come_in(served: Served, page: Page, home: str, name: str = "member") -> None:
    """Sign in by a ticket that was made on the machine itself."""
    with served.doors.acting() as connection:
        row = connection.execute("select login from door.login where subject = %s", [name]).fetchone()
        assert row is not None
        ticket = seats.ticket(connection, row[0], datetime.now(UTC))
    page.goto(f"{home}/sign-in/ticket/{ticket}")
    page.click("main button")
    page.wait_for_url(f"{home}/me")


def well(page: Page) -> None:
    """Axe finds nothing on the page, and it does not scroll sideways."""
    assert "broke" not in page.inner_text("h1"), page.url
    assert axe(page) == [], page.url
    assert too_wide(page) == [], page.url


def follow(page: Page, name: str, role: str | None = None) -> None:
    """Press a link or a button by keyboard, and be where it leads."""
    with page.expect_navigation():
        press(page, name, role)


def send(page: Page, name: str) -> None:
    """Press a button by its name, and be where it leads."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def seen(page: Page, name: str) -> None:
    """A page, or a state of one, to be looked at: kept, and without a fault."""
    keep(page, f"member {name}")
    well(page)


def say_how_much(page: Page) -> None:
    """What for and how much, each first wrong."""
    follow(page, "Go on", "button")
    assert page.inner_text(".faults h2") == "There is a problem"
    seen(page, "ask what for wrong")
    reach(page, LOAN)
    page.keyboard.press("Space")
    follow(page, "Go on", "button")
    write(page, "Amount", "nothing much")
    follow(page, "See what it comes to", "button")
    seen(page, "ask amount wrong")
    write(page, "Amount", "40")
    follow(page, "See what it comes to", "button")
    assert page.inner_text(".big strong") == "£40.00"
    seen(page, "ask quote")
    follow(page, "Go on", "link")


def say_where(page: Page, photo: Path) -> None:
    """Whom it goes to, and a photo of the paper that shows it."""
    write(page, "Find who it goes to (optional)", "student")
    follow(page, "Find", "button")
    reach(page, "Student Loans Company lender SLC")
    page.keyboard.press("Space")
    follow(page, "Go on", "button")
    assert "borrower's reference" in page.inner_text(".faults")
    seen(page, "ask where wrong")
    reach(page, "Student Loans Company lender SLC")
    page.keyboard.press("Space")
    write(page, "Your reference there (optional)", "B-77")
    seen(page, "ask where")
    follow(page, "Go on", "button")
    follow(page, "Go on", "button")
    assert "No file was chosen" in page.inner_text(".faults")
    seen(page, "ask evidence wrong")
    page.set_input_files("input[type=file]", str(photo))
    follow(page, "Go on", "button")


@pytest.mark.parametrize("screen", [PHONE, DESK])
def test_money_is_asked_for_by_keyboard_from_the_way_in_to_following_it(
    served: Served, home: str, photo: Path, screen: Screen
) -> None:
    """Every step by keyboard alone, each page and each refusal without a fault of axe's; at the end the page tells where it stands."""
    with browser() as chromium, visiting(chromium, home, screen) as page:
        come_in(served, page, home)
        seen(page, "pot")
        follow(page, "Money out")
        follow(page, "Ask for money")
        seen(page, "ask what for")
        say_how_much(page)
        say_where(page, photo)
        seen(page, "ask check")
        follow(page, "Ask for it", "button")
        assert "You asked for £40.00" in page.inner_text("h1")
        seen(page, "asked")
        follow(page, "See where it stands")
        assert "Waits to be looked at" in page.inner_text("main")
        assert "lender.jpeg" in page.inner_text("main")
        seen(page, "follows")
        follow(page, "Cancel it")
        seen(page, "cancel")
        follow(page, "Cancel it", "button")
        assert "Cancelled" in page.inner_text(".tag")
        well(page)


def test_every_page_is_well_on_a_phone_narrow_zoomed_enlarged_and_turned_round(served: Served, home: str) -> None:
    """On each page axe finds nothing on a phone, and nothing scrolls sideways at 320 pixels, at 200 %, enlarged, right to left."""
    with browser() as chromium:
        for screen in (PHONE, NARROW, ZOOMED):
            with visiting(chromium, home, screen) as page:
                come_in(served, page, home)
                paths = [*PAGES, page.locator("a[href^='/me/why/']").first.get_attribute("href") or ""]
                for path in paths:
                    page.goto(home + path)
                    if screen is PHONE:
                        well(page)
                    if screen is ZOOMED:
                        keep(page, f"member {path}")
                    assert "broke" not in page.inner_text("h1"), path
                    assert too_wide(page) == [], (path, screen)
                    turn_round(page)
                    assert too_wide(page) == [], (path, "right to left", screen)
        with visiting(chromium, home, PHONE) as page:
            come_in(served, page, home)
            enlarge_text(page)
            for path in PAGES:
                page.goto(home + path)
                assert too_wide(page) == [], (path, "enlarged")


def test_a_little_more_a_month_is_drawn_as_it_is_typed(served: Served, home: str) -> None:
    """The picture follows the field without a button; without script the button does it."""
    with browser() as chromium:
        with visiting(chromium, home, PHONE) as page:
            come_in(served, page, home)
            page.goto(f"{home}/me/what-if")
            write(page, "So much more each month", "35")
            page.wait_for_selector("#ahead >> text=£35.00 more a month")
            well(page)
            keep(page, "member what if 35")
        with visiting(chromium, home, PHONE, with_script=False) as page:
            come_in(served, page, home)
            page.goto(f"{home}/me/what-if")
            page.fill("#more", "45")
            send(page, "Draw it")
            assert "£45.00 more a month" in page.inner_text("#ahead")


def test_a_household_is_linked_and_a_payer_told_by_two_people(served: Served, home: str) -> None:
    """Two members link accounts, set a goal and give; one tells a payer and asks for a correction: each state is without a fault."""
    mine, theirs = served.identity("member").member, served.identity("other member").member
    with browser() as chromium, visiting(chromium, home, PHONE) as page, visiting(chromium, home, DESK) as other:
        come_in(served, page, home)
        come_in(served, other, home, "other member")
        page.goto(f"{home}/me/household")
        page.fill("#other", str(theirs))
        send(page, "Ask")
        page.click("main a.button")
        well(page)
        keep(page, "member household asked")
        other.goto(f"{home}/me/household")
        keep(other, "member household asks you")
        well(other)
        other.fill("input[name=other] >> nth=0", str(mine))
        send(other, "Say yes")
        other.fill("input[name=name]", "Our home")
        other.fill("input[name=target]", "30000")
        send(other, "Save the goal")
        well(other)
        page.goto(f"{home}/me/household")
        for one in page.locator("summary").all():
            one.click()
        well(page)
        keep(page, "member household")
        page.goto(f"{home}/me/contribution")
        send(page, "Tell them")
        well(page)
        keep(page, "member contribution wrong")
        page.check("input[name=payer] >> nth=0")
        page.check("input[name=wish][value=amount]")
        page.fill("#amount", "25")
        page.fill("#from", "2026-09-01")
        send(page, "Tell them")
        well(page)
        keep(page, "member contribution told")
        page.click("main a.button")
        well(page)
        page.goto(f"{home}/me/papers/corrections")
        send(page, "Send it")
        well(page)
        keep(page, "member correction wrong")
        page.check("input[name=about][value=birth]")
        page.fill("#words", "I was born on 4 May. \u0644\u0627")
        send(page, "Send it")
        page.click("main a.button")
        well(page)
        keep(page, "member corrections")
        assert "My birth day is wrong" in page.inner_text("main")


def test_money_is_asked_for_without_script(served: Served, home: str) -> None:
    """The same without script, to the member's own account."""
    with browser() as chromium, visiting(chromium, home, PHONE, with_script=False) as page:
        come_in(served, page, home)
        page.goto(f"{home}/me/money/ask?for=anything")
        send(page, "Go on")
        page.fill("#amount", "15")
        send(page, "See what it comes to")
        keep(page, "member ask quote own money")
        page.click("main a.button")
        page.fill("#name", "Amal Okafor")
        page.fill("#sort_code", "20-00-00")
        page.fill("#account", "55779911")
        send(page, "Go on")
        send(page, "Ask for it")
        assert "You asked for £15.00" in page.inner_text("h1")

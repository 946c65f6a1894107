"""A clerk at a real Chromium: the main task on a phone and on a desk, by keyboard, narrow, without script; axe on every page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from psycopg.types.json import Jsonb
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
    tick,
    too_wide,
    turn_round,
    visiting,
    write,
)
from tests.payrolls import as_csv, august, last_month
from tests.served import TODAY, Served
from tests.test_serving import running

from lifepot.access.identity import Identity, Role
from lifepot.scheme.claim import make_claim

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the file."""
    with browser() as running_browser:
        yield running_browser


@contextmanager
def clerk_at(
    chromium: Browser, served: Served, address: str, screen: Screen, *, with_script: bool = True
) -> Iterator[Page]:
    """A page in which a clerk is signed in."""
    with visiting(chromium, address, screen, with_script=with_script) as page:
        cookie = served.browser("clerk").client.cookies["lifepot"]
        page.context.add_cookies([{"name": "lifepot", "value": cookie, "url": address}])
        page.set_default_timeout(PATIENCE_MS)
        yield page


def files(served: Served, folder: Path) -> dict[str, Path]:
    """August with somebody new, somebody gone and a bad row; July once more, corrected; and a file that is none."""
    rows = august(served)
    gone = rows[0]["worker_id"]
    rows = [row for row in rows if row["worker_id"] != gone]
    new = {"worker_id": "NEW-1", "nino": "AB200001A", "forename": "Amal", "surname": "Okafor", "born": "1994-02-11"}
    rows += [rows[0] | new | {"job_id": "j-1"}, rows[0] | {"gross": "12,5", "job_id": "j-2"}]
    again = last_month(served)
    again[0] |= {"gross": "99.99"}
    contents = {"august": as_csv(rows), "july-again": as_csv(again[:-1]), "picture": bytes(range(256))}
    made = {}
    for name, content in contents.items():
        made[name] = folder / f"{name}.csv"
        made[name].write_bytes(content)
    return made


def looked_at(page: Page, name: str) -> None:
    """The page as it is breaks no rule of axe's, does not scroll sideways, and is kept to look at."""
    page.wait_for_load_state("load")
    assert axe(page) == []
    assert too_wide(page) == []
    keep(page, f"payer {name}")


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_clerk_drops_a_file_sees_what_it_would_do_confirms_and_puts_a_row_right(
    chromium: Browser, served: Served, tmp_path: Path, screen: Screen
) -> None:
    """The main task from the first page to the last row put right, by keyboard, with axe silent on each page on the way."""
    august_file = files(served, tmp_path)["august"]
    with running(served.url, "--as-of", TODAY) as (_, address), clerk_at(chromium, served, address, screen) as page:
        page.goto(f"{address}/payer")
        looked_at(page, "1 first page")
        press(page, "Hand in a file")
        page.wait_for_url("**/payer/files")
        looked_at(page, "2 files")
        reach(page, "Payroll's file")
        page.locator("#file").set_input_files(august_file)
        press(page, "See what it would do", "button")
        page.get_by_role("heading", name="What this file would do").wait_for()
        looked_at(page, "3 what it would do")
        assert page.get_by_text("Amal Okafor").first.is_visible()
        press(page, "Confirm and receive", "button")
        page.get_by_role("heading", name="Received").wait_for()
        looked_at(page, "4 received")
        press(page, "Put the refused rows right")
        page.get_by_role("heading", name="Rows to put right").wait_for()
        looked_at(page, "5 reply")
        page.get_by_role("link", name="Put line").click()
        page.get_by_label("gross").wait_for()
        looked_at(page, "6 row")
        write(page, "gross", "twelve")
        press(page, "See what it would do", "button")
        page.get_by_role("heading", name="There is a problem").wait_for()
        looked_at(page, "7 row still wrong")
        write(page, "gross", "12.50")
        press(page, "See what it would do", "button")
        page.get_by_text("Nothing is posted yet").wait_for()
        looked_at(page, "8 row put right")
        press(page, "Confirm and receive", "button")
        page.get_by_text("All of it was taken").wait_for()
        looked_at(page, "9 all taken")


def test_a_file_dropped_on_the_page_is_handed_in(chromium: Browser, served: Served) -> None:
    """With script a file may be dropped anywhere on the form; it is then looked at like one that was chosen."""
    content = as_csv(august(served)).decode()
    with running(served.url, "--as-of", TODAY) as (_, address), clerk_at(chromium, served, address, DESK) as page:
        page.goto(f"{address}/payer/files")
        dropped = page.evaluate_handle(
            "text => { const one = new DataTransfer(); one.items.add(new File([text], 'dropped.csv')); return one; }",
            content,
        )
        page.dispatch_event("form[data-drop]", "dragover", {"dataTransfer": dropped})
        keep(page, "payer file over the form")
        page.dispatch_event("form[data-drop]", "drop", {"dataTransfer": dropped})
        page.get_by_role("heading", name="What this file would do").wait_for()
        assert page.get_by_text("dropped.csv").first.is_visible()


def test_the_main_task_works_without_script(chromium: Browser, served: Served, tmp_path: Path) -> None:
    """Chosen, looked at, confirmed and replied to in a browser that runs no script: the page asks anew by itself."""
    august_file = files(served, tmp_path)["august"]
    with (
        running(served.url, "--as-of", TODAY) as (_, address),
        clerk_at(chromium, served, address, PHONE, with_script=False) as page,
    ):
        page.goto(f"{address}/payer/files")
        page.locator("#file").set_input_files(august_file)
        page.get_by_role("button", name="See what it would do").click()
        page.get_by_role("heading", name="What this file would do").wait_for()
        page.get_by_role("button", name="Confirm and receive").click()
        page.get_by_role("heading", name="Received").wait_for()
        keep(page, "payer received without script")


def ask_something(served: Served) -> None:
    """Somebody whom the platform pays asks its payroll for another contribution."""
    clerk = served.identity("clerk")
    with served.doors.acting() as connection:
        row = connection.execute(
            "select member from personal.employment where payer = %s limit 1", [clerk.payer]
        ).fetchone()
        assert row is not None
        said = {"payer": clerk.payer, "wish": "change", "amount_minor": 2500, "words": "From May on, please."}
        connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (%s, 'contribution', %s, %s)",
            [row[0], Jsonb(said), served.doors.now()],
        )


def hand_in(page: Page, address: str, file: Path, heading: str, root: str = "/payer") -> None:
    """Hand a file in, and wait for a page with this heading."""
    page.goto(f"{address}{root}/files")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what it would do").click()
    page.get_by_role("heading", name=heading).wait_for()


def claimed(page: Page, address: str, served: Served, folder: Path) -> int:
    """Tell of gigs without the platform's part, and claim it from the platform; the claim's number."""
    more = [one | {"job_id": one["job_id"] + "C", "platform_contribution": "0.00"} for one in last_month(served)[:5]]
    (folder / "more.csv").write_bytes(as_csv(more))
    hand_in(page, address, folder / "more.csv", "A second file for the same pay")
    page.locator("#mode-2").check()
    page.get_by_role("button", name="See what it would do").click()
    page.get_by_role("button", name="Confirm and receive").click()
    page.get_by_role("heading", name="Received").wait_for()
    with served.doors.acting() as connection:
        ref = connection.execute("select ref from payer where id = %s", [served.identity("clerk").payer]).fetchall()[0][
            0
        ]
        made = make_claim(connection, ref, None, served.doors.clock(Identity(Role.OPERATOR, who="the tests")))
    return made.number


def assert_fits(page: Page, addresses: list[str], change: Callable[[Page], None] | None) -> None:
    """None of the pages scrolls sideways, changed so."""
    for address in addresses:
        if change is enlarge_text:
            enlarge_text(page)
        page.goto(address)
        if change is turn_round:
            turn_round(page)
        assert too_wide(page) == [], (address, page.viewport_size, change)


def test_every_page_in_every_state_is_sound_narrow_large_and_from_right_to_left(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    """Axe is silent on each page in each state; none scrolls sideways at 320 px, with doubled text, zoomed, or read from the right."""
    made = files(served, tmp_path)
    ask_something(served)
    with running(served.url, "--as-of", TODAY) as (_, address), clerk_at(chromium, served, address, DESK) as page:
        found: list[str] = []

        def here(name: str) -> None:
            looked_at(page, name)
            found.append(page.url)

        hand_in(page, address, made["picture"], "This file cannot be taken")
        here("refused")
        hand_in(page, address, made["july-again"], "A second file for the same pay")
        here("question")
        press(page, "See what it would do", "button")
        page.get_by_role("heading", name="There is a problem").wait_for()
        looked_at(page, "question unanswered")
        tick(
            page, "takes the place of what was told A correction of the whole period: what it leaves out is taken back."
        )
        press(page, "See what it would do", "button")
        page.get_by_role("heading", name="What this file would do").wait_for()
        here("replacement")
        page.goto(f"{address}/payer/files")
        page.get_by_role("button", name="See what it would do").click()
        page.get_by_role("heading", name="There is a problem").wait_for()
        looked_at(page, "no file chosen")
        claim = claimed(page, address, served, tmp_path)
        for path in ("", "/paper", "/notices", "/messages", "/claims", f"/claims/{claim}", "/keys", "/sandbox"):
            page.goto(f"{address}/payer{path}")
            here(path.strip("/") or "first page with work")
        page.get_by_role("button", name="Make the sandbox").click()
        page.get_by_role("link", name="Try a file").wait_for()
        here("sandbox made")
        hand_in(page, address, made["august"], "What this file would do", "/payer/sandbox")
        here("sandbox file")
        page.goto(f"{address}/payer/keys")
        page.get_by_role("button", name="Make the key").click()
        page.get_by_role("heading", name="There is a problem").wait_for()
        looked_at(page, "key without a name")
        write(page, "Which machine is it for?", "The till")
        press(page, "Make the key", "button")
        page.get_by_role("heading", name="A new key").wait_for()
        looked_at(page, "key shown once")
        page.goto(f"{address}/payer/keys")
        here("keys in force")
        for screen, change in ((NARROW, None), (NARROW, turn_round), (ZOOMED, None), (PHONE, enlarge_text)):
            with clerk_at(chromium, served, address, screen) as other:
                assert_fits(other, found, change)

"""Pages looked at in a real Chromium, as a person does: on a phone, on a desk, by keyboard, enlarged, from right to left.

    with browser() as chromium, visiting(chromium, "http://127.0.0.1:8000", PHONE) as page:
        page.goto("http://127.0.0.1:8000/pot")
        assert axe(page) == []
        assert too_wide(page) == []
        press(page, "Ask for money")
        keep(page, "asked for money")

The Chromium is the system's; without one the test is skipped and says so. While a browser is open its test's thread cannot
run anything with asyncio: what is looked at is served by another thread or process.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

SCREENSHOTS = Path(__file__).parents[1] / ".cache" / "screenshots"

NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# WCAG 2.2 AA, and what axe itself holds to be good.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

MOST_TABS = 200


class Screen(NamedTuple):
    """Width and height in CSS pixels, and how many pixels of the device one of them is."""

    width: int
    height: int
    scale: int = 1


PHONE = Screen(390, 844)
NARROW = Screen(320, 640)
DESK = Screen(1280, 900)
# A browser that zooms a desk to 200 % lays out half as many pixels, each twice as large.
ZOOMED = Screen(640, 450, 2)


class Violation(NamedTuple):
    """One rule of axe's that a page breaks, and where."""

    rule: str
    impact: str
    what: str
    where: tuple[str, ...]


class Focused(NamedTuple):
    """What has the keyboard's focus, as a screen reader says it."""

    role: str
    name: str


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium, running while the block does."""
    path = next(filter(None, map(shutil.which, NAMES_OF_CHROMIUM)), None)
    if path is None:
        pytest.skip("there is no Chromium here: install the system's package `chromium` to run the browser's tests")
    # Chromium refuses its sandbox to root; what it is shown here is our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*arguments, "--disable-dev-shm-usage"])
        try:
            yield running
        finally:
            running.close()


@contextmanager
def visiting(
    chromium: Browser,
    home: str,
    screen: Screen = PHONE,
    *,
    with_script: bool = True,
    also: Iterable[str] = (),
    language: str = "en-GB",
) -> Iterator[Page]:
    """A page in a fresh browser session, for what stands at `home`, an address.

    A request to any other host is stopped, unless to an address in `also` (the sign-in provider's). When the block ends
    without an error: AssertionError if there was such a request, a script that failed, or something that the page's own
    Content-Security-Policy forbade.
    """
    hosts = {urlsplit(address).netloc for address in (home, *also)}
    strays: list[str] = []
    troubles: list[str] = []
    context = chromium.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.scale,
        java_script_enabled=with_script,
        locale=language,
        timezone_id="Europe/London",
        service_workers="block",
    )

    def pass_on(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc not in hosts:
            strays.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def listen(message: ConsoleMessage) -> None:
        # A page that says no, with 403 or 422, is a page; Chromium's console calls it a failure to load.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            troubles.append(message.text)

    try:
        context.route("**/*", pass_on)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        yield page
        assert strays == [], f"the page asked other hosts: {strays}"
        assert troubles == [], f"the page had troubles: {troubles}"
    finally:
        context.close()


def axe(page: Page, *, rules: Iterable[str] = RULES) -> list[Violation]:
    """What axe-core finds on the page as it is, worst first; nothing when all is well.

    The page needs script for it, and its Content-Security-Policy stays in force: axe comes in by the debugger's door.
    """
    session = page.context.new_cdp_session(page)
    try:
        source = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        _evaluated(session.send("Runtime.evaluate", {"expression": source}))
        asked = json.dumps({"runOnly": list(rules), "resultTypes": ["violations"]})
        expression = f"axe.run(document, {asked}).then((found) => JSON.stringify(found.violations))"
        told = session.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True})
        found = [_violation(one) for one in json.loads(_evaluated(told))]
    finally:
        session.detach()
    order = ("critical", "serious", "moderate", "minor")
    return sorted(found, key=lambda one: (order.index(one.impact), one.rule))


def _violation(told: dict[str, Any]) -> Violation:
    where = tuple(f"{' '.join(map(str, node['target']))}: {node['html'][:200]}" for node in told["nodes"])
    return Violation(told["id"], told["impact"] or "minor", told["help"], where)


def _evaluated(told: dict[str, Any]) -> Any:
    assert "exceptionDetails" not in told, told
    return told["result"].get("value")


def keep(page: Page, name: str) -> Path:
    """Keep a picture of the whole page to look at, under a readable name that says the width too."""
    assert page.viewport_size is not None
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    file = SCREENSHOTS / f"{words}-{page.viewport_size['width']}.png"
    page.screenshot(path=file, full_page=True, animations="disabled")
    return file


def focused(page: Page) -> Focused | None:
    """What has the keyboard's focus; None when it is on nothing in particular."""
    session = page.context.new_cdp_session(page)
    try:
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    finally:
        session.detach()
    for node in nodes:
        held = any(one["name"] == "focused" and one["value"].get("value") for one in node.get("properties", ()))
        role = node.get("role", {}).get("value", "")
        if held and role != "RootWebArea":
            return Focused(role, node.get("name", {}).get("value", ""))
    return None


def reach(page: Page, name: str, role: str | None = None) -> Focused:
    """Press Tab until the focus is on what has this accessible name, and this role if one is given.

    AssertionError, with all that was passed, when Tab leads round without it, or to something whose focus is not to be seen.
    """
    passed: list[Focused | None] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = focused(page)
        if at is not None:
            assert shows_focus(page), f"the focus on {at.role} {at.name!r} is not to be seen"
            if at.name == name and role in {None, at.role}:
                return at
        passed.append(at)
        # Round once: Tab left the page, or came to where it began.
        if len(passed) > 1 and (at is None or at == passed[0]) and passed[0] is not None:
            break
    raise AssertionError(f"Tab does not lead to {name!r}; it passed {passed}")


def press(page: Page, name: str, role: str | None = None) -> None:
    """Reach a link or a button by Tab and press it with Enter."""
    reach(page, name, role)
    page.keyboard.press("Enter")


def tick(page: Page, name: str) -> None:
    """Reach a box, or a group's first or chosen circle, by Tab and press Space."""
    reach(page, name)
    page.keyboard.press("Space")


def write(page: Page, name: str, text: str) -> None:
    """Reach a field by Tab and type over what is in it."""
    reach(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def shows_focus(page: Page) -> bool:
    """Whether what has the focus is set off by an outline or a shadow."""
    return page.evaluate(
        """() => {
            const style = getComputedStyle(document.activeElement);
            const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            return outlined || style.boxShadow !== "none";
        }"""
    )


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways: nothing when it does not. A box that scrolls in itself is no fault."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.scrollingElement.scrollWidth <= window.innerWidth) return [];
            const scrolls = (one) => one && one !== document.body && one !== document.documentElement &&
                (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
            const wide = [...document.body.querySelectorAll("*")].filter((one) => {
                const box = one.getBoundingClientRect();
                return (box.right > width + 1 || box.left < -1) && !scrolls(one.parentElement);
            });
            const told = wide.map((one) => one.outerHTML.slice(0, 120));
            return told.length ? told : [`${document.scrollingElement.scrollWidth} pixels in ${window.innerWidth}`];
        }"""
    )


def turn_round(page: Page) -> None:
    """Have the page as it is read from right to left."""
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")


def enlarge_text(page: Page) -> None:
    """Double the size of the text alone, as a person's own setting does: what is said in `rem` follows."""
    # Held until the page is left: the setting ends with the session that made it.
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})

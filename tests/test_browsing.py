"""The tests' own eyes: each of them sees what is wrong with a small page, and nothing on one where all is well."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError
from tests.browsing import (
    DESK,
    NARROW,
    PHONE,
    ZOOMED,
    Focused,
    Screen,
    axe,
    browser,
    enlarge_text,
    focused,
    keep,
    press,
    reach,
    shows_focus,
    tick,
    too_wide,
    turn_round,
    visiting,
    write,
)

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'"

STYLE = """
html { font-family: sans-serif; } body { margin: 0 1rem; color: #111; background: #fff; }
a, button, input { min-height: 1.6rem; } :focus-visible { outline: 3px solid #036; }
.wide { width: 500px; } .unseen:focus-visible { outline: none; } .scrolls { overflow-x: auto; }
"""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A small page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>A small page</h1><p id="said">As it came</p>{more}</main></body></html>"""

FORM = """<form action="/told"><p><label>Name <input name="name" value="nobody"></label></p>
<p><label><input type="checkbox" name="agreed"> I agree</label></p><p><button>Send</button></p></form>"""

MADE = {
    "/": FORM,
    "/told": "<p>Told</p>",
    "/script": '<script src="/script.js"></script>',
    "/inline": "<script>document.getElementById('said').textContent = 'inline';</script>",
    "/broken": '<script src="/broken.js"></script>',
    "/elsewhere": '<p><img src="https://elsewhere.example/a.png" alt="A picture from elsewhere"></p>',
    "/unlabelled": '<p><input name="name"></p><p>A sentence</p>',
    "/pale": '<p class="pale">A sentence</p>',
    "/wide": '<p class="wide">A wide sentence</p>',
    "/scrolls": '<div class="scrolls" tabindex="0" role="region" aria-label="A table"><p class="wide">A sentence</p></div>',
    "/unseen": '<p><a class="unseen" href="/told">Onwards</a></p>',
    "/trap": "<p>Nothing to be reached</p>",
}

SCRIPTS = {
    "/script.js": "document.getElementById('said').textContent = 'By script';",
    "/broken.js": "nothing.here();",
}


@contextmanager
def small_site() -> Iterator[str]:
    """Small pages on a free port of loopback, under a strict policy; gives their address."""

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            status, kind, text = 404, "text/html; charset=utf-8", PAGE.format(more="<p>Not here</p>")
            if path in MADE:
                status, text = 200, PAGE.format(more=MADE[path])
            elif path in SCRIPTS:
                status, kind, text = 200, "text/javascript", SCRIPTS[path]
            elif path == "/style.css":
                status, kind, text = 200, "text/css", STYLE + ".pale { color: #ddd; }"
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-security-policy", POLICY)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_port}"
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the file."""
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The small pages' address."""
    with small_site() as address:
        yield address


def visit(chromium: Browser, home: str, address: str) -> None:
    """Go to an address in a session of its own for `home`, and leave; one that cannot be loaded is gone to all the same."""
    with visiting(chromium, home) as page, suppress(PlaywrightError):
        page.goto(address)


def test_axe_finds_what_is_wrong_under_a_strict_policy(chromium: Browser, site: str) -> None:
    """A field without a label and pale text are found, and nothing is where all is well; the policy is not lifted."""
    with visiting(chromium, site) as page:
        page.goto(f"{site}/")
        assert axe(page) == []
        page.goto(f"{site}/pale")
        found = axe(page)
        assert [one.rule for one in found] == ["color-contrast"]
        assert "A sentence" in found[0].where[0]
        page.goto(f"{site}/unlabelled")
        assert [one.rule for one in axe(page)] == ["label"]


@pytest.mark.parametrize("screen", [PHONE, NARROW, DESK, ZOOMED])
def test_a_page_that_scrolls_sideways_is_found(chromium: Browser, site: str, screen: Screen) -> None:
    """What is wider than the screen is named; a box that scrolls in itself is none."""
    with visiting(chromium, site, screen) as page:
        page.goto(f"{site}/wide")
        assert len(too_wide(page)) == (screen.width < 500)
        turn_round(page)
        assert len(too_wide(page)) == (screen.width < 500)
        page.goto(f"{site}/scrolls")
        assert too_wide(page) == []


def test_text_is_enlarged_alone(chromium: Browser, site: str) -> None:
    """A person's own larger text makes a page's text twice as large, and leaves what is said in pixels."""
    with visiting(chromium, site) as page:
        page.goto(f"{site}/wide")
        said, wide = page.locator("#said"), page.locator(".wide")
        before, width = said.bounding_box(), wide.bounding_box()
        enlarge_text(page)
        page.goto(f"{site}/wide")
        after, same = said.bounding_box(), wide.bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] > 1.8 * before["height"]
        assert (width or {}).get("width") == (same or {}).get("width") == 500


def test_a_form_is_filled_by_keyboard(chromium: Browser, site: str) -> None:
    """Tab, letters, Space and Enter do the whole of it, with and without script."""
    for with_script in (True, False):
        with visiting(chromium, site, with_script=with_script) as page:
            page.goto(f"{site}/")
            assert focused(page) is None
            write(page, "Name", "Ada")
            assert focused(page) == Focused("textbox", "Name")
            tick(page, "I agree")
            press(page, "Send", "button")
            page.wait_for_url(f"{site}/told?name=Ada&agreed=on")


def test_what_the_keyboard_cannot_reach_is_said(chromium: Browser, site: str) -> None:
    """A name that Tab does not come to is an error that names all that it passed, after one round."""
    with visiting(chromium, site) as page:
        page.goto(f"{site}/")
        with pytest.raises(AssertionError, match=r"does not lead to 'Delete'.*name='I agree'"):
            reach(page, "Delete")
        with pytest.raises(AssertionError, match="does not lead to 'Send'"):
            reach(page, "Send", "link")
        page.goto(f"{site}/trap")
        with pytest.raises(AssertionError, match="does not lead to 'Onwards'"):
            reach(page, "Onwards")


def test_a_focus_that_is_not_to_be_seen_is_found(chromium: Browser, site: str) -> None:
    """A link whose outline is taken away is reached by nobody."""
    with visiting(chromium, site) as page:
        page.goto(f"{site}/unseen")
        with pytest.raises(AssertionError, match="link 'Onwards' is not to be seen"):
            reach(page, "Onwards")
        assert not shows_focus(page)


def test_a_request_to_another_host_is_stopped_and_told(chromium: Browser, site: str) -> None:
    """The picture is never asked for, and the visit ends with an error that names it; its own policy says no already."""
    with pytest.raises(AssertionError, match=r"elsewhere\.example"):
        visit(chromium, site, f"{site}/elsewhere")
    with pytest.raises(AssertionError, match=r"asked other hosts: .*127\.0\.0\.1:9/"):
        visit(chromium, site, "http://127.0.0.1:9/")


def test_a_host_that_belongs_to_it_may_be_asked(chromium: Browser, site: str) -> None:
    """The sign-in provider's address, said beforehand, is let through."""
    with small_site() as provider, visiting(chromium, site, also=[provider]) as page:
        page.goto(f"{provider}/told")
        assert page.title() == "A small page"


@pytest.mark.parametrize(
    ("path", "trouble"), [("inline", "Content Security Policy"), ("broken", "nothing is not defined")]
)
def test_a_script_that_fails_or_is_forbidden_is_told(chromium: Browser, site: str, path: str, trouble: str) -> None:
    """The visit ends with the trouble that the page had."""
    with pytest.raises(AssertionError, match=trouble):
        visit(chromium, site, f"{site}/{path}")


def test_without_script_no_script_runs(chromium: Browser, site: str) -> None:
    """The same page says another thing with script and without, and can be looked at either way."""
    for with_script, said in ((True, "By script"), (False, "As it came")):
        with visiting(chromium, site, with_script=with_script) as page:
            page.goto(f"{site}/script")
            assert page.locator("#said").inner_text() == said
            assert too_wide(page) == []


def test_a_page_that_says_no_is_a_page(chromium: Browser, site: str) -> None:
    """A visit to what is not there ends well: whether it should say so is the test's to judge."""
    with visiting(chromium, site) as page:
        response = page.goto(f"{site}/nowhere")
        assert response is not None
        assert response.status == 404


def test_a_picture_is_kept_under_a_readable_name(chromium: Browser, site: str) -> None:
    """The picture's name says what it shows and how wide, in a folder that git does not keep."""
    with visiting(chromium, site, NARROW) as page:
        page.goto(f"{site}/")
        file = keep(page, "A small page: as it came!")
        assert file.name == "a-small-page-as-it-came-320.png"
        assert file.read_bytes().startswith(b"\x89PNG")
        file.unlink()

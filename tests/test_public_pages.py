"""Pages for everybody: what is shown to somebody who has not signed in, and under which policy."""

import re

from tests.served import Served, words_of

from lifepot.inbox.worker import publish
from lifepot.portals.pages import plain_dates


def test_the_rules_are_shown_as_rulebook_show_draws_them(served: Served) -> None:
    """The scheme's page stands alone, with its own style under its own hash and no script allowed."""
    answer = served.client().get("/rules")
    assert answer.status_code == 200
    assert "match.rate" in answer.text or "match" in words_of(answer.text)
    policy = answer.headers["content-security-policy"]
    assert len(re.findall(r"'sha256-[^']+'", policy)) == len(re.findall("<style>", answer.text))
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_open_figures_are_published_once_a_month(served: Served) -> None:
    """Before they are published the page says so; then it shows the last month that is over, and publishing again does nothing."""
    assert "Nothing is published yet" in served.browser("").get("/figures")
    served.browser("").get("/figures.json", status=404)
    assert publish(served.doors)
    assert not publish(served.doors)
    told = served.client().get("/figures.json").json()
    assert told["months"][-1]["members"] >= told["group_of"]
    words = words_of(served.browser("").get("/figures"))
    assert f"{told['months'][-1]['members']} people are counted here" in words


def test_every_page_carries_the_shields(served: Served) -> None:
    """A page, a refusal, a file and a page that is not there all carry the policy; nothing of a page is kept in a cache."""
    for path in ("/", "/figures", "/me", "/nowhere", "/static/0/lifepot.css", "/api/v1/gigs", "/api/v1/openapi.json"):
        headers = served.client().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store", path


def test_a_static_file_is_found_by_its_digest_alone(served: Served) -> None:
    """The stylesheet's address names its content, so it may be kept for good; other names and digests are not there."""
    address = re.findall(r'href="(/static/[^"]+\.css)"', served.browser("").get("/"))[0]
    answer = served.client().get(address)
    assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
    for other in ("/static/0000000000000000/lifepot.css", "/static/x/..%2f..%2fpages.py", "/static/x/pages.py"):
        assert served.client().get(other).status_code == 404


def test_days_in_a_sentence_are_written_as_people_write_them_and_files_keep_their_names() -> None:
    """A day of the calendar is put into words; a name with a day in it, and what is no day, stay as they are."""
    assert (
        plain_dates("pay of 2026-09-25 from ACME, 2026-10-01.") == "pay of 25 September 2026 from ACME, 1 October 2026."
    )
    for name in ("line 3 of pay-2026-09-25.csv", "line 3 of 2026-09-25.csv", "on 2026-99-99", "2026-09-25-b"):
        assert plain_dates(name) == name

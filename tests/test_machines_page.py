"""The page for whoever writes a machine."""

from html import unescape

from tests.served import Served, words_of


def test_the_page_for_machines_tells_every_endpoint(served: Served) -> None:
    """Anybody reads how to get a key, a first call, and each endpoint with what it does; the home page leads there."""
    browser = served.browser("")
    assert 'href="/api"' in browser.get("/")
    page = browser.get("/api")
    said = served.machine("").get("/api/v1/openapi.json").json()
    words = unescape(words_of(page))
    for path, operations in said["paths"].items():
        for method, one in operations.items():
            assert f"{method.upper()} {path}" in words
            assert one["summary"][:40] in words
    assert 'curl -H "Authorization: Bearer lp_…" http://testserver/api/v1/payers' in words
    assert "<script>" not in page

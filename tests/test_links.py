"""Every link of every role's pages, followed from the page they come in by: it leads somewhere that is theirs, and says what it is."""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from tests.served import ADDRESS, Served

FIRST = {
    "": "/", "member": "/me", "clerk": "/payer", "operator": "/operator", "approver": "/operator", "auditor": "/audit",
    "analyst": "/workbench",
}  # fmt: skip

ALIKE = 2
"""Pages that differ in a number or a name only: so many of them are looked at."""

SLOW = re.compile(r"/audit/export/|/workbench/|\.pdf|\.zip")
"""Made on the spot, and looked at by tests of their own."""


@pytest.mark.parametrize("name", FIRST)
def test_every_link_leads_to_a_page_of_theirs(served: Served, name: str) -> None:
    """No link is dead or not for who sees it; each page has a title, one first heading, and no two regions of one name."""
    client, looked, queue = served.browser(name).client, Counter[str](), [(FIRST[name], "the first page")]
    seen: set[str] = set()
    while queue:
        path, via = queue.pop(0)
        shape = re.sub(r"\d+", "0", re.sub(r"=[^&]*", "", path))
        if path in seen or looked[shape] >= ALIKE or SLOW.search(path):
            continue
        seen.add(path)
        looked[shape] += 1
        answer = client.get(path)
        if answer.status_code == 303 and (not name or path == "/operator/suspense"):
            continue  # nobody is sent to sign in; and suspense is one of the things that wait
        assert answer.status_code == 200, f"{path}, linked from {via}: {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        text = answer.text
        assert re.search(r"<title>\s*\S", text), f"{path} has no title"
        assert len(re.findall(r"<h1[ >]", text)) == 1, f"{path} has not one first heading"
        regions = Counter(re.findall(r'role="region" aria-label="([^"]*)"', text))
        assert [one for one, often in regions.items() if often > 1] == [], path
        for link in re.findall(r'<a [^>]*href="([^"]*)"', text):
            to = urlsplit(urljoin(ADDRESS + path, unescape(link)))
            assert f"{to.scheme}://{to.netloc}" == ADDRESS or to.scheme == "mailto", f"{path} leads to {link}"
            queue.append((f"{to.path}?{to.query}" if to.query else to.path, path))
    assert len(seen) > 3, f"too few pages: {seen}"

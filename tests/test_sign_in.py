"""Signing in by a real identity provider, taking a seat with a code, and leaving."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient
from tests.provider import ADA, running_provider
from tests.served import Browser, Served, words_of

from lifepot.access import seats
from lifepot.access.demo import PEOPLE, last_day, make_ready
from lifepot.access.identity import Identity, Role
from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings as OpenIdSettings
from lifepot.service.app import make_app
from lifepot.service.settings import Settings

ADDRESS = "http://127.0.0.1:18181"
"""Where the provider sends people back to. Nobody listens there: the test looks at the address, as a browser would follow it."""


def test_somebody_signs_in_by_a_real_provider_and_takes_a_seat_with_a_code(served: Served) -> None:
    """From the sign-in page by the provider and back: a session begins, a code gives a seat, and signing out ends it everywhere."""
    with running_provider(f"{ADDRESS}/sign-in/back") as provider:
        settings = Settings(served.url, ADDRESS, as_of="2026-08-20")
        told = OpenIdSettings(provider.issuer, provider.client_id, secret=provider.client_secret)
        app = make_app(settings, served.doors, Provider(told))
        browser = TestClient(app, base_url=ADDRESS, follow_redirects=False)
        assert "/sign-in/provider?to=%2Fpayer" in browser.get("/sign-in?to=/payer").text.replace(
            "/sign-in/provider?to=/", "/sign-in/provider?to=%2F"
        )
        begun = browser.get("/sign-in/provider?to=/seats")
        assert begun.status_code == 303
        with httpx.Client() as at_provider:
            back = urlsplit(provider.sign_in(at_provider, begun.headers["location"]))
        stranger = TestClient(app, base_url=ADDRESS, follow_redirects=False).get(f"{back.path}?{back.query}")
        assert stranger.status_code == 409
        came = browser.get(back.path, params=parse_qsl(back.query))
        assert (came.status_code, came.headers["location"]) == (303, "/seats")
        again = browser.get(back.path, params=parse_qsl(back.query))
        assert again.status_code == 409
        assert ADA.name in words_of(browser.get("/seats").text)
        with served.doors.acting() as connection:
            member = connection.execute("select min(member) from personal.person").fetchone()
            assert member is not None
            code = seats.invite(connection, Role.MEMBER, "the tests", served.doors.now(), member=member[0])
        ada = Browser(browser, Identity(Role.PUBLIC))
        ada.send("/seats", "/seats/accept", {"code": code.lower().replace("-", " ")})
        assert "In your pot" in words_of(ada.get("/me"))
        cookie = browser.cookies["lifepot"]
        out = ada.send("/seats", "/sign-out", status=200)
        assert "Sign out there too" in words_of(out.text)
        browser.cookies.set("lifepot", cookie)
        assert browser.get("/me").status_code == 303


def test_a_code_works_once_and_guessing_is_slow(served: Served) -> None:
    """A taken code opens nothing more, and whoever tries many is told to wait."""
    now = served.doors.now()
    with served.doors.acting() as connection:
        member = connection.execute("select max(member) from personal.person").fetchone()
        assert member is not None
        code = seats.invite(connection, Role.MEMBER, "the tests", now, member=member[0])
    served.browser("analyst").send("/seats", "/seats/accept", {"code": code})
    other = served.browser("auditor")
    statuses = [other.client.post("/seats/accept", data=_form(other) | {"code": code}).status_code for _ in range(9)]
    assert set(statuses) == {400, 429}
    assert statuses[-1] == 429


def test_an_invitation_ends(served: Served) -> None:
    """After four weeks a code opens nothing."""
    long_ago = served.doors.now() - seats.INVITED - timedelta(minutes=1)
    with served.doors.acting() as connection:
        code = seats.invite(connection, Role.AUDITOR, "the tests", long_ago)
    served.browser("analyst").send("/seats", "/seats/accept", {"code": code}, status=400)


def test_a_ticket_lets_in_once(served: Served) -> None:
    """A ticket that was made on the machine lets its login in when its button is pressed, once; looking at it uses nothing up."""
    now = served.doors.now()
    with served.doors.acting() as connection:
        login = seats.login_of(connection, seats.OURSELVES, "operator", "Operator", now)
        ticket = seats.ticket(connection, login, now)
    first, second = served.browser(""), served.browser("")
    path = f"/sign-in/ticket/{ticket}"
    second.get(path)
    assert first.send(path, "/sign-in/ticket").headers["location"] == "/operator"
    second.send(path, "/sign-in/ticket", status=403)


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/a\nb",
        "javascript:alert(1)",
        "/\t/evil",
    ],
)
def test_nobody_is_sent_to_another_site(served: Served, to: str) -> None:
    """Where to go after sign-in is a path of ours, whatever the address says."""
    text = served.client().get("/sign-in", params={"to": to}).text
    assert "evil" not in text
    assert "javascript" not in text


def test_a_session_is_new_after_signing_in_and_after_changing_seats(served: Served) -> None:
    """What a browser had before is worth nothing afterwards: nobody can plant a session on somebody."""
    with served.doors.acting() as connection:
        login = seats.login_of(connection, seats.OURSELVES, "member", "Member", served.doors.now())
        seat = seats.give(connection, login, Role.AUDITOR, "the tests", served.doors.now())
    browser = served.browser("member")
    browser.client.cookies.set("lifepot", "planted")
    assert browser.client.get("/me").status_code == 303
    browser = served.browser("member")
    before = browser.client.cookies["lifepot"]
    hidden = _form(browser)
    answer = browser.client.post("/seats/sit", data=hidden | {"seat": str(seat)})
    assert answer.status_code == 303
    after = answer.headers["set-cookie"]
    assert before not in after
    assert "HttpOnly" in after
    assert "SameSite=lax" in after
    stale = served.client()
    stale.cookies.set("lifepot", before)
    assert stale.get("/me").status_code == 303


def test_a_form_of_another_site_is_refused(served: Served) -> None:
    """A form without the token of this very session does nothing."""
    browser, other = served.browser("member"), served.browser("operator")
    for csrf in ("", "0" * 64, _form(other)["csrf"]):
        assert browser.client.post("/seats/sit", data={"csrf": csrf, "seat": "1"}).status_code == 403
    assert browser.client.post("/sign-out", data={}).status_code == 403
    assert browser.client.get("/me").status_code == 200


def test_by_tls_the_cookie_is_for_this_host_and_tls_alone(served: Served) -> None:
    """Behind a reverse proxy with TLS the cookie has the `__Host-` name, is secure, and browsers are told to stay with TLS."""
    settings = Settings(served.url, "https://pot.example.org", as_of="2026-08-20", demo=True)
    client = TestClient(make_app(settings, served.doors), base_url="https://pot.example.org", follow_redirects=False)
    with served.doors.acting() as connection:
        now = served.doors.now()
        login = seats.login_of(connection, seats.OURSELVES, "operator", "Operator", now)
        ticket = seats.ticket(connection, login, now)
    sent = Browser(client, Identity(Role.PUBLIC)).send(f"/sign-in/ticket/{ticket}", "/sign-in/ticket")
    cookie = sent.headers["set-cookie"]
    assert cookie.startswith("__Host-lifepot=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert "max-age" in sent.headers["strict-transport-security"]


def test_every_ready_sign_in_of_the_demonstration_lets_in(served: Served) -> None:
    """Each button of the demonstration's sign-in page leads to a page of its role; the books' last day is the day it stands still on."""
    with served.doors.acting() as connection:
        make_ready(connection, served.doors.now())
        day = last_day(connection)
    app = make_app(Settings(served.url, "http://testserver", as_of=day, demo=True), served.doors)
    buttons = re.findall(r'name="as" value="(\w+)"', TestClient(app).get("/sign-in").text)
    assert set(buttons) == set(PEOPLE)
    for button in buttons:
        browser = Browser(TestClient(app, follow_redirects=False), Identity(Role.PUBLIC))
        came = browser.send("/sign-in", "/sign-in/demo", {"as": button})
        assert came.status_code == 303
        assert came.headers["location"] != "/seats", f"{button} sits in one seat"
        assert browser.client.get(came.headers["location"]).status_code == 200


def _form(browser: Browser) -> dict[str, str]:
    from tests.served import hidden_of

    return hidden_of(browser.get("/seats"), "/seats/accept")

"""A real OpenID provider for tests: Canaille on loopback, in a process of its own, with people who can sign in.

    with running_provider("http://127.0.0.1:8000/signed-in") as provider:
        back = provider.sign_in(httpx.Client(), url)    # signs in and says yes, as a person would; the address sent back to

Choose the port of what is signed in to first: a provider sends people back only to addresses that it was told.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urljoin

import httpx
from joserfc.jwk import ECKey, RSAKey
from lxml import html

SERVED = Path(__file__).with_name("serve_canaille.py")

MOST_PAGES = 10

# What its buttons answer, when it asks whether to tell or whether to leave.
YES = ("accept", "logout")
NO = ("deny", "stay")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the provider knows; `user_name` is what it calls them, and the subject of their tokens."""

    user_name: str
    name: str
    email: str
    password: str


ADA = Person("ada", "Ada Adeyemi", "ada@example.org", "correct horse battery staple")


@dataclass(frozen=True, slots=True)
class Provider:
    """A running provider, and three ways in which we are registered with it.

    `client_id` proves itself by `client_secret`, `key_client_id` by `client_key`, `public_client_id` by nothing.
    """

    issuer: str
    client_id: str
    client_secret: str
    key_client_id: str
    client_key: RSAKey | ECKey = field(repr=False)
    public_client_id: str
    people: tuple[Person, ...]

    def sign_in(self, browser: httpx.Client, url: str, person: Person | None = None, *, agree: bool = True) -> str:
        """Go to `url`, fill what the provider asks for in as a person would, and give the address they are sent back to.

        `browser` keeps the cookies, so a second time with the same one asks less. The person is the first unless named;
        `agree` is whether they let us know who they are.
        """
        return self._walked(browser, url, person or self.people[0], agree=agree)

    def sign_out(self, browser: httpx.Client, url: str) -> str:
        """Go to `url`, say yes to leaving, and give the address that the person is sent on to."""
        return self._walked(browser, url, self.people[0], agree=True)

    def _walked(self, browser: httpx.Client, url: str, person: Person, *, agree: bool) -> str:
        response = browser.get(url)
        for _ in range(MOST_PAGES):
            if response.is_redirect:
                target = urljoin(str(response.url), response.headers["location"])
                if not target.startswith(f"{self.issuer}/"):
                    return target
                response = browser.get(target)
                continue
            assert response.status_code == 200, response.text
            action, filled = _filled(response, person, agree=agree)
            response = browser.post(action, data=filled)
        raise AssertionError(f"the provider asks for ever: {response.text}")


def _filled(response: httpx.Response, person: Person, *, agree: bool) -> tuple[str, dict[str, Any]]:
    """The page's form: where it goes, and its fields as a person would fill them, with what the page put into them."""
    page = html.fromstring(response.text, base_url=str(response.url))
    asking = [form for form in page.forms if form.method == "POST"]
    assert len(asking) == 1, response.text
    form = asking[0]
    filled = {name: value for name, value in form.form_values() if name != "remember"}
    if "login" in form.fields:
        filled["login"] = person.user_name
    if "password" in form.fields:
        filled["password"] = person.password
    answers = {button.get("value", "") for button in form.xpath(".//button[@name='answer']")}
    if answers == {""}:
        filled["answer"] = ""
    elif answers:
        filled["answer"] = next(answer for answer in (YES if agree else NO) if answer in answers)
    return urljoin(str(response.url), form.get("action") or ""), filled


@contextmanager
def running_provider(redirect_uri: str, people: Sequence[Person] = (ADA,)) -> Iterator[Provider]:
    """A provider that sends people back to `redirect_uri`, running while the block does."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    secret = token_urlsafe()
    clients = [
        {"client_id": "lifepot", "client_secret": secret, "token_endpoint_auth_method": "client_secret_basic"},
        {
            "client_id": "lifepot-key",
            "token_endpoint_auth_method": "private_key_jwt",
            "id_token_signed_response_alg": "EdDSA",
            "jwks": json.dumps({"keys": [key.as_dict(private=False)]}),
        },
        {"client_id": "lifepot-public", "token_endpoint_auth_method": "none"},
    ]
    common = {
        "client_name": "Lifepot",
        "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": ["openid", "profile", "email"],
        "id_token_signed_response_alg": "RS256",
    }
    known = [
        {
            "user_name": one.user_name,
            "formatted_name": one.name,
            "given_name": one.name.split()[0],
            "family_name": one.name.split()[-1],
            "emails": [one.email],
            "password": one.password,
        }
        for one in people
    ]
    asked = json.dumps({"people": known, "clients": [common | client for client in clients]})
    # Its settings are those of the file alone.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANAILLE")}
    with TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            [sys.executable, str(SERVED)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=environment,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            try:
                process.stdin.write(asked + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
                complaints.seek(0)
                assert line, complaints.read()
                issuer = f"http://127.0.0.1:{json.loads(line)['port']}"
                yield Provider(issuer, "lifepot", secret, "lifepot-key", key, "lifepot-public", tuple(people))
            finally:
                process.terminate()

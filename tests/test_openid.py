"""Signing in with a real provider: Canaille on loopback, its pages filled in as a person would."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.provider import ADA, Person, running_provider
from tests.provider import Provider as Running

from lifepot.openid.leaving import logout_url
from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings
from lifepot.openid.signing_in import Begun, Claims, begin, finish
from lifepot.openid.trouble import NoAnswer, Refused

BACK = "http://127.0.0.1:1/signed-in"
BEN = Person("ben", "Ben Okoro", "ben@example.org", "a password of Ben's own")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A provider for the whole file, who knows two people."""
    with running_provider(BACK, [ADA, BEN]) as provider:
        yield provider


@pytest.fixture
def provider(running: Running) -> Provider:
    """The provider as we know it, with nothing kept yet."""
    return Provider(Settings(running.issuer, running.client_id, secret=running.client_secret))


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """A person's browser, with its cookies."""
    with httpx.Client() as client:
        yield client


def now() -> datetime:
    """The time, for a provider that has a clock of its own."""
    return datetime.now(UTC)


def pairs(back: str) -> list[tuple[str, str]]:
    """What an address that a person was sent back to says, each pair as it came."""
    assert back.startswith(f"{BACK}?")
    return parse_qsl(urlsplit(back).query)


def signed_in(running: Running, provider: Provider, browser: httpx.Client, person: Person = ADA) -> Claims:
    """A whole sign-in."""
    begun = begin(provider, BACK, now=now())
    return finish(provider, begun, pairs(running.sign_in(browser, begun.url, person)), now=now())


@pytest.mark.parametrize("way", ["client_secret_basic", "private_key_jwt", "none"])
def test_a_person_signs_in_however_we_prove_who_we_are(running: Running, browser: httpx.Client, way: str) -> None:
    """With a secret, with a key and with neither, the provider tells who signed in."""
    settings = {
        "client_secret_basic": Settings(running.issuer, running.client_id, secret=running.client_secret),
        "private_key_jwt": Settings(running.issuer, running.key_client_id, key=running.client_key),
        "none": Settings(running.issuer, running.public_client_id),
    }[way]
    assert settings.way == way
    before = int(now().timestamp())
    claims = signed_in(running, Provider(settings), browser)
    assert (claims.issuer, claims.subject, claims.name, claims.email) == (running.issuer, "ada", ADA.name, ADA.email)
    assert claims.auth_time is not None
    assert before <= claims.auth_time <= now().timestamp()
    assert not claims.email_verified  # Canaille does not say


def test_the_provider_tells_two_people_apart(running: Running, provider: Provider) -> None:
    """Whoever fills in the provider's form is who is signed in."""
    for person in (ADA, BEN):
        with httpx.Client() as browser:
            assert signed_in(running, provider, browser, person).subject == person.user_name


def test_a_wrong_password_signs_nobody_in(running: Running, provider: Provider, browser: httpx.Client) -> None:
    """The provider goes on asking and never sends the person back."""
    begun = begin(provider, BACK, now=now())
    with pytest.raises(AssertionError, match="asks for ever"):
        running.sign_in(browser, begun.url, replace(ADA, password="wrong"))


def test_who_says_no_is_not_signed_in(running: Running, provider: Provider, browser: httpx.Client) -> None:
    """A person who does not let the provider tell is sent back with a refusal, which is said in a sentence."""
    begun = begin(provider, BACK, now=now(), prompt="consent")
    back = running.sign_in(browser, begun.url, agree=False)
    with pytest.raises(Refused, match="called off") as caught:
        finish(provider, begun, pairs(back), now=now())
    assert caught.value.remedy == "Begin the sign-in again."


def test_a_code_is_good_once(running: Running, provider: Provider, browser: httpx.Client) -> None:
    """The same answer brought a second time signs nobody in."""
    begun = begin(provider, BACK, now=now())
    answer = pairs(running.sign_in(browser, begun.url))
    finish(provider, begun, answer, now=now())
    with pytest.raises(Refused, match="used before"):
        finish(provider, begun, answer, now=now())


def test_an_answer_to_another_sign_in_is_refused(running: Running, provider: Provider, browser: httpx.Client) -> None:
    """What comes back to one person's sign-in is of no use in another's, by its state and by the code's verifier."""
    mine, theirs = begin(provider, BACK, now=now()), begin(provider, BACK, now=now())
    answer = dict(pairs(running.sign_in(browser, theirs.url)))
    with pytest.raises(Refused, match="not the answer"):
        finish(provider, mine, list(answer.items()), now=now())
    with pytest.raises(Refused, match="used before"):
        finish(provider, mine, list({**answer, "state": mine.state}.items()), now=now())


def test_a_person_can_be_asked_to_prove_anew_who_they_are(
    running: Running, provider: Provider, browser: httpx.Client
) -> None:
    """Signed in already, a person is let through at once; with `prompt` and `max_age` they give their password again."""
    first = signed_in(running, provider, browser)
    begun = begin(provider, BACK, now=now(), prompt="none")
    again = finish(
        provider, begun, pairs(running.sign_in(browser, begun.url, replace(ADA, password="wrong"))), now=now()
    )
    assert again.auth_time == first.auth_time
    begun = begin(provider, BACK, now=now(), prompt="login", max_age_seconds=60)
    anew = finish(provider, begun, pairs(running.sign_in(browser, begun.url)), now=now())
    assert anew.auth_time is not None
    assert first.auth_time is not None
    assert anew.auth_time >= first.auth_time


def test_without_a_session_at_the_provider_nobody_is_signed_in_unasked(
    running: Running, provider: Provider, browser: httpx.Client
) -> None:
    """`prompt=none` for a person whom the provider does not know yet is refused, in a sentence."""
    begun = begin(provider, BACK, now=now(), prompt="none")
    with pytest.raises(Refused, match="signed in to first"):
        finish(provider, begun, pairs(running.sign_in(browser, begun.url)), now=now())


def test_a_wrong_secret_is_an_operators_affair(running: Running, browser: httpx.Client) -> None:
    """When the provider does not take us for who we are, it says where to look and not what the secret was."""
    provider = Provider(Settings(running.issuer, running.client_id, secret="not-the-secret"))
    with pytest.raises(NoAnswer, match="does not take us") as caught:
        signed_in(running, provider, browser)
    assert "not-the-secret" not in str(caught.value)


def test_a_person_signs_out_at_the_provider(running: Running, provider: Provider, browser: httpx.Client) -> None:
    """The address for signing out is the provider's own, and leads back; then it asks for the password again."""
    signed_in(running, provider, browser)
    url = logout_url(provider, BACK, state="left")
    assert url is not None
    assert running.sign_out(browser, url) == f"{BACK}?state=left"
    begun = begin(provider, BACK, now=now(), prompt="none")
    with pytest.raises(Refused, match="signed in to first"):
        finish(provider, begun, pairs(running.sign_in(browser, begun.url)), now=now())


def test_nothing_secret_is_shown_or_logged(
    running: Running, provider: Provider, browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a log at its loudest nor any value's `repr` holds the secret, the code or what binds it."""
    begun = begin(provider, BACK, now=now())
    answer = pairs(running.sign_in(browser, begun.url))
    caplog.set_level(logging.DEBUG)
    finish(provider, begun, answer, now=now())
    secrets = {running.client_secret, begun.state, begun.nonce, begun.code_verifier, dict(answer)["code"]}
    said = caplog.text + repr(provider.settings) + repr(begun)
    assert "HTTP" in caplog.text
    assert [secret for secret in secrets if secret in said] == []


def test_a_sign_in_under_way_can_be_kept(provider: Provider) -> None:
    """What `begin` gives goes into a row of JSON and comes back the same."""
    begun = begin(provider, BACK, now=now(), max_age_seconds=60, acr_values=("high",))
    assert Begun.from_dict(begun.as_dict()) == begun

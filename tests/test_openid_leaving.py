"""Signing out, and settings: what a provider posts when somebody has left, and what an operator writes down."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from tests.odd_provider import NOW, OTHER_RSA, RSA, OddProvider, minted, odd_provider

from lifepot.errors import LifepotError
from lifepot.openid.addresses import is_fit
from lifepot.openid.leaving import LOGOUT_EVENT, Left, logout_url, verify_logout_token
from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings
from lifepot.openid.signing_in import begin
from lifepot.openid.trouble import Refused

SIGNED = {"alg": "RS256", "kid": "one", "typ": "logout+jwt"}
LEFT = {"events": {LOGOUT_EVENT: {}}, "jti": "left-1", "sid": "session-1"}


@pytest.fixture(scope="module")
def odd() -> Iterator[OddProvider]:
    """A provider that says what a test has it say."""
    with odd_provider() as provider:
        yield provider


def test_a_word_that_somebody_left_is_read(odd: OddProvider) -> None:
    """The provider's token says whose sessions end, by person, by session, or by both."""
    provider = Provider(odd.settings())
    read = verify_logout_token(provider, minted(SIGNED, odd.claims(**LEFT), RSA), now=NOW)
    assert read == Left(odd.issuer, "ada", "session-1", "left-1")
    read = verify_logout_token(provider, minted(SIGNED, odd.claims(**LEFT, sub=None), RSA), now=NOW)
    assert (read.subject, read.session_id) == (None, "session-1")
    read = verify_logout_token(provider, minted(SIGNED, odd.claims(**{**LEFT, "sid": None}), RSA), now=NOW)
    assert (read.subject, read.session_id) == ("ada", None)


@pytest.mark.parametrize(
    ("header", "changed", "why"),
    [
        ({}, {"events": None}, "no word about somebody leaving"),
        ({}, {"events": []}, "no word about somebody leaving"),
        ({}, {"events": {LOGOUT_EVENT: True}}, "no word about somebody leaving"),
        ({}, {"events": {"https://elsewhere.example": {}}}, "no word about somebody leaving"),
        ({}, {"nonce": "a nonce"}, "no word about somebody leaving"),
        ({"typ": "at+jwt"}, {}, "no word about somebody leaving"),
        ({}, {"sid": 7}, "no word about somebody leaving"),
        ({}, {"sid": "x" * 300}, "no word about somebody leaving"),
        ({}, {"sub": ""}, "no word about somebody leaving"),
        ({}, {"sub": None, "sid": None}, "who has left"),
        ({}, {"jti": None}, "who has left"),
        ({}, {"iss": "https://elsewhere.example"}, "by another"),
        ({}, {"aud": "somebody-else"}, "for another"),
        ({}, {"exp": None}, "its exp"),
        ({}, {"iat": int(NOW.timestamp()) - 700}, "long ago"),
    ],
)
def test_a_word_that_is_not_as_it_should_be_ends_no_session(
    odd: OddProvider, header: dict[str, Any], changed: dict[str, Any], why: str
) -> None:
    """A token about something else, to somebody else or from long ago signs nobody out."""
    token = minted({**SIGNED, **header}, odd.claims(**{**LEFT, **changed}), RSA)
    with pytest.raises(Refused, match=why):
        verify_logout_token(Provider(odd.settings()), token, now=NOW)


def test_nobody_else_can_sign_somebody_out(odd: OddProvider) -> None:
    """A token signed by another key of the same name ends no session."""
    with pytest.raises(Refused, match="not signed by it"):
        verify_logout_token(Provider(odd.settings()), minted(SIGNED, odd.claims(**LEFT), OTHER_RSA), now=NOW)


def test_a_word_that_somebody_left_signs_nobody_in(odd: OddProvider) -> None:
    """Neither kind of token passes for the other."""
    provider, begun = odd.begun()
    with pytest.raises(Refused, match="no word about who"):
        odd.finished(provider, begun, minted(SIGNED, odd.claims(begun, **LEFT), RSA))


def test_where_the_provider_offers_no_sign_out_there_is_no_address(odd: OddProvider) -> None:
    """The page then signs out here alone."""
    assert logout_url(Provider(odd.settings()), "https://app.example/") is None


def test_an_address_that_asks_something_already_is_added_to(odd: OddProvider) -> None:
    """A provider may have its own question in an address."""
    odd.description["end_session_endpoint"] = f"{odd.issuer}/leave?tenant=7"
    try:
        url = logout_url(Provider(odd.settings()), "https://app.example/", state="s")
    finally:
        del odd.description["end_session_endpoint"]
    assert url == (
        f"{odd.issuer}/leave?tenant=7&client_id=lifepot&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=s"
    )


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://login.example/", True),
        ("https://login.example:8443/realm", True),
        ("http://127.0.0.1:8000/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://login.example/", False),
        ("http://localhost.example/", False),
        ("http://0.0.0.0/", False),
        ("https://", False),
        ("https:///path", False),
        ("//login.example", False),
        ("ftp://login.example", False),
        ("javascript:alert(1)", False),
        ("https://a@login.example", False),
        ("https://login.example/#a", False),
        ("https://login.example/\\elsewhere", False),
        ("https://login.example/ a", False),
        ("https://login.example/\n", False),
        ("https://login.example:port/", False),
        ("https://l\u043egin.example", False),
        ("https://login.example/" + "a" * 2048, False),
        (None, False),
    ],
)
def test_only_safe_addresses_are_spoken_to(address: object, is_allowed: bool) -> None:
    """Https anywhere, plain http on this machine, and nothing that reads as two things."""
    assert is_fit(address) is is_allowed


def test_a_sign_in_comes_back_only_to_a_safe_address(odd: OddProvider) -> None:
    """Plain http to another machine would show the code to the network."""
    with pytest.raises(LifepotError, match="cannot come back"):
        begin(Provider(odd.settings()), "http://app.example/signed-in", now=NOW)


def test_settings_stand_in_the_environment(tmp_path: Path) -> None:
    """The variables name the provider; a secret may stand in one or in a file; without an issuer there is nothing."""
    assert Settings.from_environment({}) is None
    told = {"LIFEPOT_OPENID_ISSUER": "https://login.example", "LIFEPOT_OPENID_CLIENT_ID": "lifepot"}
    assert Settings.from_environment(told) == Settings("https://login.example", "lifepot")
    by_word = Settings.from_environment({**told, "LIFEPOT_OPENID_SECRET": "s3cret"})
    assert by_word is not None
    assert (by_word.secret, by_word.way) == ("s3cret", "client_secret_basic")
    assert "s3cret" not in repr(by_word)
    (tmp_path / "secret").write_text("s3cret\n")
    by_file = Settings.from_environment({**told, "LIFEPOT_OPENID_SECRET_FILE": str(tmp_path / "secret")})
    assert by_file == by_word


def test_settings_stand_in_a_file(tmp_path: Path) -> None:
    """The table [openid] names the provider and where the secret is, and never holds it."""
    (tmp_path / "secret").write_text("s3cret\n")
    file = tmp_path / "lifepot.toml"
    file.write_text("[other]\n")
    assert Settings.from_toml(file, {}) is None
    lines = '[openid]\nissuer = "https://login.example"\nclient_id = "lifepot"\nscopes = "openid email"\n'
    file.write_text(f'{lines}secret_file = "{tmp_path}/secret"\n')
    told = Settings.from_toml(file, {})
    assert told == Settings("https://login.example", "lifepot", secret="s3cret", scopes=("openid", "email"))
    file.write_text(f'{lines}secret = "s3cret"\n')
    with pytest.raises(LifepotError, match="'secret', which means nothing") as caught:
        Settings.from_toml(file, {})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"ISSUER": "http://login.example"}, "cannot be used"),
        ({"ISSUER": "https://login.example/?a=b"}, "cannot be used"),
        ({"CLIENT_ID": ""}, "who we are"),
        ({"SCOPES": "email"}, "lack `openid`"),
        ({"SECRET_FILE": "/nowhere/secret"}, "cannot be read"),
        ({"SECRET": "s", "SECRET_FILE": "/nowhere/secret"}, "set twice"),
        ({"KEY_FILE": "/nowhere/key"}, "cannot be read"),
    ],
)
def test_settings_that_cannot_be_are_refused(changed: dict[str, str], why: str) -> None:
    """Each says what is wrong and what to do, before anybody tries to sign in."""
    told = {"ISSUER": "https://login.example", "CLIENT_ID": "lifepot", **changed}
    with pytest.raises(LifepotError, match=why):
        Settings.from_environment({f"LIFEPOT_OPENID_{name}": value for name, value in told.items()})


@pytest.mark.parametrize("form", ["PEM", "JSON"])
def test_a_key_is_read_from_a_file(tmp_path: Path, form: str) -> None:
    """RSA, P-256 and Ed25519 will do, as PEM or as a JSON Web Key; another curve, a public half or a secret will not."""
    told = {"LIFEPOT_OPENID_ISSUER": "https://login.example", "LIFEPOT_OPENID_CLIENT_ID": "lifepot"}
    told["LIFEPOT_OPENID_KEY_FILE"] = str(tmp_path / "key")
    for key in (RSA, ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")):
        text = key.as_pem(private=True) if form == "PEM" else json.dumps(key.as_dict(private=True)).encode()
        (tmp_path / "key").write_bytes(text)
        read = Settings.from_environment(told)
        assert read is not None
        assert read.key is not None
        assert (read.way, read.key.thumbprint()) == ("private_key_jwt", key.thumbprint())
        assert "key" not in repr(read)
    refused: list[RSAKey | ECKey | OctKey] = [ECKey.generate_key("P-384")]
    texts = [
        one.as_pem(private=True) if form == "PEM" else json.dumps(one.as_dict(private=True)).encode() for one in refused
    ]
    texts += [RSA.as_pem(private=False) if form == "PEM" else json.dumps(RSA.as_dict(private=False)).encode()]
    texts += [b"{}", b"{", b"no key", json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode()]
    for text in texts:
        (tmp_path / "key").write_bytes(text)
        with pytest.raises(LifepotError, match="no private key"):
            Settings.from_environment(told)
    (tmp_path / "key").write_bytes(b" \n")
    with pytest.raises(LifepotError, match="is empty"):
        Settings.from_environment(told)
    with pytest.raises(LifepotError, match="both a secret and a key"):
        Settings("https://login.example", "lifepot", secret="s", key=RSA)

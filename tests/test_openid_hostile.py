"""What a sign-in does not believe: tokens, keys and answers that no honest provider gives, from one that does."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.odd_provider import (
    BACK,
    EC,
    NOW,
    OTHER_RSA,
    RSA,
    OddProvider,
    by_secret,
    half_hash,
    minted,
    odd_provider,
    unsigned,
)

from lifepot.openid.provider import MOST_KEYS, Provider
from lifepot.openid.signing_in import Begun, finish
from lifepot.openid.trouble import NoAnswer, Refused
from lifepot.openid.wire import LARGEST_ANSWER_BYTES

SIGNED = {"alg": "RS256", "kid": "one"}
MADE = int(NOW.timestamp())


@pytest.fixture
def odd() -> Iterator[OddProvider]:
    """A provider that says what the test has it say."""
    with odd_provider() as provider:
        yield provider


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds since whenever."""
        return self.seconds


def test_an_honest_token_is_believed(odd: OddProvider) -> None:
    """The token that every other test here spoils is itself believed, under each algorithm that is."""
    ed = OKPKey.generate_key("Ed25519", {"kid": "ed"})
    odd.told["/keys"]["keys"].append(ed.as_dict(private=False))
    for header, key in [
        (SIGNED, RSA),
        ({"alg": "PS256", "kid": "one"}, RSA),
        ({"alg": "ES256", "kid": "curve"}, EC),
        ({"alg": "Ed25519", "kid": "ed"}, ed),
    ]:
        provider, begun = odd.begun()
        claims = odd.finished(provider, begun, minted(header, odd.claims(begun, sid="s1", acr="high"), key))
        assert (claims.subject, claims.email, claims.email_verified) == ("ada", "ada@example.org", True)
        assert (claims.session_id, claims.acr, claims.auth_time) == ("s1", "high", None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://elsewhere.example"}, "by another"),
        ({"iss": None}, "by another"),
        ({"aud": "somebody-else"}, "for another"),
        ({"aud": None}, "for another"),
        ({"aud": []}, "for another"),
        ({"aud": ["lifepot", "somebody-else"]}, "for several"),
        ({"azp": "somebody-else"}, "for another"),
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": 7}, "another sign-in"),
        ({"exp": MADE - 60}, "no longer good"),
        ({"exp": None}, "does not say its exp"),
        ({"exp": True}, "does not say its exp"),
        ({"exp": "9999999999"}, "does not say its exp"),
        ({"exp": float("nan")}, "does not say its exp"),
        ({"exp": float("inf")}, "does not say its exp"),
        ({"iat": MADE + 61}, "from the future"),
        ({"iat": MADE - 661}, "long ago"),
        ({"iat": None}, "does not say its iat"),
        ({"nbf": MADE + 61}, "from the future"),
        ({"sub": None}, "who it is about"),
        ({"sub": ""}, "who it is about"),
        ({"sub": "a" * 256}, "who it is about"),
        ({"sub": "ada\x00"}, "who it is about"),
        ({"at_hash": half_hash("another")}, "another access token"),
        ({"at_hash": ""}, "another access token"),
        ({"events": {}}, "no word about who"),
    ],
)
def test_a_claim_that_is_not_as_it_should_be_is_refused(odd: OddProvider, changed: dict[str, Any], why: str) -> None:
    """A token truly signed by the provider is refused for any one claim that is missing or wrong."""
    provider, begun = odd.begun()
    with pytest.raises(Refused, match=why):
        odd.finished(provider, begun, minted(SIGNED, odd.claims(begun, **changed), RSA))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": MADE - 59},
        {"iat": MADE + 60},
        {"iat": MADE - 660},
        {"aud": ["lifepot"]},
        {"aud": ["lifepot", "somebody-else"], "azp": "lifepot"},
        {"at_hash": half_hash("an-access-token")},
        {"sub": "a" * 255},
    ],
)
def test_what_is_just_right_is_believed(odd: OddProvider, changed: dict[str, Any]) -> None:
    """On the right side of each boundary, by a second or a letter, the token is believed."""
    provider, begun = odd.begun()
    assert odd.finished(provider, begun, minted(SIGNED, odd.claims(begun, **changed), RSA)).name == "Ada Adeyemi"


def forged(how: str, odd: OddProvider, begun: Begun) -> Any:
    """A token with honest claims that the provider never signed."""
    claims = odd.claims(begun)
    honest = minted(SIGNED, claims, RSA)
    head, payload, signature = honest.split(".")
    match how:
        case "unsigned":
            return unsigned({"alg": "none"}, claims)
        case "none with a signature":
            return unsigned({"alg": "none", "kid": "one"}, claims) + signature
        case "a secret that everybody knows":
            return by_secret({"alg": "HS256", "kid": "one"}, claims, RSA.as_pem(private=False))
        case "our own secret":
            return by_secret({"alg": "HS256"}, claims, b"s3cret")
        case "an algorithm nobody expects":
            return minted({"alg": "RS512", "kid": "one"}, claims, RSA)
        case "another key of the same name":
            return minted(SIGNED, claims, OTHER_RSA)
        case "an algorithm of another kind of key":
            return minted({"alg": "ES256", "kid": "one"}, claims, EC)
        case "the key in the token":
            key = RSAKey.generate_key(2048)
            return minted({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)
        case "the key where the token says":
            return minted({**SIGNED, "kid": "two", "jku": f"{odd.issuer}/other-keys"}, claims, OTHER_RSA)
        case "an unknown critical word":
            return f"{unsigned({**SIGNED, 'crit': ['b64'], 'b64': False}, claims)}{signature}"
        case "claims changed":
            return f"{head}.{unsigned({}, {**claims, 'sub': 'ben'}).split('.')[1]}.{signature}"
        case "signature left out":
            return f"{head}.{payload}."
        case "no token":
            return None
        case "not even text":
            return {"alg": "none"}
        case "two parts":
            return f"{head}.{payload}"
        case "too long":
            return minted(SIGNED, {**claims, "more": "x" * 40_000}, RSA)
        case "no object":
            return minted(SIGNED, b'["ada"]', RSA)
        case "no JSON":
            return minted(SIGNED, b"ada", RSA)
        case "nested without end":
            return minted(SIGNED, b"[" * 20_000, RSA)
        case "a strange key id":
            return minted({"alg": "RS256", "kid": "x" * 300}, claims, RSA)
        case "an access token":
            return minted({**SIGNED, "typ": "at+jwt"}, claims, RSA)
        case "a bare number for an algorithm":
            return unsigned({"alg": 7}, claims) + signature
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    [
        "unsigned",
        "none with a signature",
        "a secret that everybody knows",
        "our own secret",
        "an algorithm nobody expects",
        "another key of the same name",
        "an algorithm of another kind of key",
        "the key in the token",
        "the key where the token says",
        "an unknown critical word",
        "claims changed",
        "signature left out",
        "no token",
        "not even text",
        "two parts",
        "too long",
        "no object",
        "no JSON",
        "nested without end",
        "a strange key id",
        "a bare number for an algorithm",
        "an access token",
    ],
)
def test_what_the_provider_never_signed_is_refused(odd: OddProvider, how: str) -> None:
    """No forgery signs anybody in, and none makes us fetch keys from where it says."""
    odd.told["/other-keys"] = {"keys": [OTHER_RSA.as_dict(private=False)]}
    provider, begun = odd.begun()
    with pytest.raises(Refused):
        odd.finished(provider, begun, forged(how, odd, begun))
    assert odd.asked["/other-keys"] == 0


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([("code", "c")], "not the answer"),
        ([("code", "c"), ("state", "")], "not the answer"),
        ([("code", "c"), ("state", "guessed")], "not the answer"),
        ([("code", "c"), ("state", "STATE"), ("state", "STATE")], "not the answer"),
        ([("code", "c"), ("code", "d"), ("state", "STATE")], "not the answer"),
        ([("state", "STATE")], "nobody back"),
        ([("code", "c" * 5000), ("state", "STATE")], "nobody back"),
        ([("code", "c"), ("state", "STATE"), ("iss", "https://elsewhere.example")], "from another provider"),
        ([("code", "c"), ("state", "STATE"), ("iss", "")], "from another provider"),
        ([("error", "access_denied"), ("state", "STATE")], "called off"),
        ([("error", "temporarily_unavailable"), ("state", "STATE"), ("error_description", "<b>x")], "at the moment"),
        ([("error", "<script>"), ("state", "STATE")], "did not sign the person in"),
        ([("error", "access_denied"), ("state", "guessed")], "not the answer"),
    ],
)
def test_an_answer_that_is_not_to_this_sign_in_is_refused(
    odd: OddProvider, pairs: list[tuple[str, str]], why: str
) -> None:
    """What a browser comes back with is held against what was begun, and refused before anything is sent anywhere."""
    provider, begun = odd.begun()
    told = [(name, begun.state if value == "STATE" else value) for name, value in pairs]
    with pytest.raises(Refused, match=why) as caught:
        finish(provider, begun, told, now=NOW)
    assert odd.asked["/token"] == 0
    assert "<" not in str(caught.value)


def test_a_provider_that_names_itself_must_do_so(odd: OddProvider) -> None:
    """Where the provider says that it names itself in its answers, a code without its name is refused."""
    odd.description["authorization_response_iss_parameter_supported"] = True
    provider, begun = odd.begun()
    with pytest.raises(Refused, match="another provider"):
        finish(provider, begun, [("code", "c"), ("state", begun.state)], now=NOW)
    with pytest.raises(NoAnswer):  # past the check: the code is sent, and there is nothing at /token yet
        finish(provider, begun, [("code", "c"), ("state", begun.state), ("iss", odd.issuer)], now=NOW)


def test_a_sign_in_is_good_for_ten_minutes(odd: OddProvider) -> None:
    """An answer that comes later is refused."""
    provider, begun = odd.begun()
    token = minted(SIGNED, odd.claims(begun), RSA)
    with pytest.raises(Refused, match="ten minutes"):
        odd.finished(provider, begun, token, late=timedelta(minutes=10, seconds=1))


@pytest.mark.parametrize(
    ("asked", "said", "is_believed"),
    [
        ({"max_age_seconds": 60}, {"auth_time": MADE - 120}, True),
        ({"max_age_seconds": 60}, {"auth_time": MADE - 121}, False),
        ({"max_age_seconds": 60}, {}, False),
        ({"acr_values": ("high", "higher")}, {"acr": "higher"}, True),
        ({"acr_values": ("high",)}, {"acr": "low"}, False),
        ({"acr_values": ("high",)}, {}, False),
    ],
)
def test_proving_anew_is_held_to(
    odd: OddProvider, asked: dict[str, Any], said: dict[str, Any], is_believed: bool
) -> None:
    """Asked to have somebody prove anew who they are, a provider's word that says less is refused."""
    provider, begun = odd.begun(**asked)
    token = minted(SIGNED, odd.claims(begun, **said), RSA)
    if is_believed:
        assert odd.finished(provider, begun, token).subject == "ada"
    else:
        with pytest.raises(Refused, match="does not show"):
            odd.finished(provider, begun, token)


def test_a_key_never_heard_of_is_asked_for_once_a_minute(odd: OddProvider) -> None:
    """A provider that changes its key is followed at once; a flood of made-up key names makes one question a minute."""
    ticks = Ticks()
    provider, begun = odd.begun(Provider(odd.settings(), ticks=ticks))
    assert odd.finished(provider, begun, minted(SIGNED, odd.claims(begun), RSA)).subject == "ada"
    assert odd.asked["/keys"] == 1

    new = ECKey.generate_key("P-256", {"kid": "new"})
    odd.told["/keys"] = {"keys": [new.as_dict(private=False)]}
    assert (
        odd.finished(provider, begun, minted({"alg": "ES256", "kid": "new"}, odd.claims(begun), new)).subject == "ada"
    )
    assert odd.asked["/keys"] == 2
    with pytest.raises(Refused):  # the old key is no longer the provider's
        odd.finished(provider, begun, minted(SIGNED, odd.claims(begun), RSA))

    for number in range(20):
        with pytest.raises(Refused, match="not its own"):
            odd.finished(provider, begun, minted({"alg": "RS256", "kid": f"made up {number}"}, odd.claims(begun), RSA))
    assert odd.asked["/keys"] == 2
    ticks.seconds += 60
    with pytest.raises(Refused, match="not its own"):
        odd.finished(provider, begun, minted({"alg": "RS256", "kid": "made up"}, odd.claims(begun), RSA))
    assert odd.asked["/keys"] == 3


def test_what_the_provider_says_of_itself_is_kept_for_an_hour(odd: OddProvider) -> None:
    """Ten sign-ins ask for the description once, and one an hour later asks again."""
    ticks = Ticks()
    provider = Provider(odd.settings(), ticks=ticks)
    for _ in range(10):
        odd.begun(provider)
    assert odd.asked["/.well-known/openid-configuration"] == 1
    ticks.seconds += 3600
    odd.begun(provider)
    assert odd.asked["/.well-known/openid-configuration"] == 2


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"keys": [{"kty": "EC", "kid": str(number)} for number in range(300)]}, "no list of keys"),
        ({"keys": "none"}, "no list of keys"),
        ({}, "no list of keys"),
        ({"keys": [EC.as_dict(private=False)] * (MOST_KEYS + 1)}, "more than 32 keys"),
        ((500, {}, b"{}"), "no list of keys"),
    ],
)
def test_a_list_of_keys_has_its_bounds(odd: OddProvider, keys: Any, why: str) -> None:
    """A list of keys that is none, or is endless, is not kept."""
    odd.told["/keys"] = keys
    provider, begun = odd.begun()
    with pytest.raises(NoAnswer, match=why):
        odd.finished(provider, begun, minted(SIGNED, odd.claims(begun), RSA))


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "RSA-OAEP"},
        {"kid": "x" * 300},
        {"n": "AQAB"},
        {"n": "-" * 10_000},
        {"n": 7},
        {"e": "_" * 400},
        {"kty": "oct", "k": "AQAB"},
        {"kty": ["RSA"]},
        {"alg": ["RS256"]},
        {"kid": ["one"]},
    ],
)
def test_a_key_that_is_odd_is_passed_over(odd: OddProvider, changed: dict[str, Any]) -> None:
    """A key for another purpose, too weak, too costly or misshapen is not used, and does not keep the others from it."""
    odd.told["/keys"] = {"keys": [{**RSA.as_dict(private=False), **changed}, "a key", EC.as_dict(private=False)]}
    provider, begun = odd.begun()
    with pytest.raises(Refused, match="not its own"):
        odd.finished(provider, begun, minted(SIGNED, odd.claims(begun), RSA))
    assert (
        odd.finished(provider, begun, minted({"alg": "ES256", "kid": "curve"}, odd.claims(begun), EC)).subject == "ada"
    )


def test_a_token_without_a_key_name_fits_one_key_or_none(odd: OddProvider) -> None:
    """Where a token does not name its key, the only one of its kind is taken; of two, neither is tried."""
    provider, begun = odd.begun()
    token = minted({"alg": "RS256"}, odd.claims(begun), RSA)
    assert odd.finished(provider, begun, token).subject == "ada"
    odd.told["/keys"]["keys"].append({**OTHER_RSA.as_dict(private=False), "kid": "two"})
    provider, begun = odd.begun()
    with pytest.raises(Refused, match="not its own"):
        odd.finished(provider, begun, minted({"alg": "RS256"}, odd.claims(begun), RSA))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "https://elsewhere.example"}, "another name"),
        ({"issuer": None}, "another name"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "token_endpoint"),
        ({"token_endpoint": "https://user:word@elsewhere.example/token"}, "token_endpoint"),
        ({"jwks_uri": "file:///etc/hosts"}, "jwks_uri"),
        ({"jwks_uri": 7}, "jwks_uri"),
        ({"end_session_endpoint": "https://elsewhere.example/#leave"}, "end_session_endpoint"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_jwt"]}, "does not take client_secret_basic"),
        ({"code_challenge_methods_supported": ["plain"]}, "does not offer S256"),
        ({"response_types_supported": ["id_token"]}, "authorization code flow"),
    ],
)
def test_a_description_that_cannot_be_used_is_refused(odd: OddProvider, changed: dict[str, Any], why: str) -> None:
    """A provider that calls itself something else, or gives addresses unfit to be asked, is not signed in with."""
    odd.description.update(changed)
    with pytest.raises(NoAnswer, match=why):
        odd.begun()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ((302, {"location": "/elsewhere"}, b""), "sends us elsewhere"),
        ((404, {}, b"{}"), "answers 404"),
        (b"<html>", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (b'{"a": "' + b"x" * LARGEST_ANSWER_BYTES + b'"}', "too large"),
        ((200, {"content-encoding": "gzip"}, b"x"), "compressed, unasked"),
    ],
)
def test_an_answer_that_is_none_is_said_to_be_none(odd: OddProvider, told: Any, why: str) -> None:
    """A redirect is not followed, and an answer that is too large, compressed or no JSON is given up."""
    odd.told["/elsewhere"] = dict(odd.description)
    odd.told["/.well-known/openid-configuration"] = told
    with pytest.raises(NoAnswer, match=why):
        odd.begun()
    assert odd.asked["/elsewhere"] == 0


def test_a_slow_provider_is_given_up(odd: OddProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends a byte now and then is given up as a whole, and those who queue behind are told at once."""
    import time

    monkeypatch.setattr("lifepot.openid.wire.WHOLE_SECONDS", 1.0)
    odd.slow = "/.well-known/openid-configuration"
    provider = Provider(odd.settings())
    began = time.monotonic()
    told: list[str] = []

    def try_it() -> None:
        with pytest.raises(NoAnswer, match="in time") as caught:
            odd.begun(provider)
        told.append(str(caught.value))

    threads = [Thread(target=try_it) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 5
    assert time.monotonic() - began < 4
    assert odd.asked["/.well-known/openid-configuration"] == 1


def test_a_provider_that_is_not_there_is_said_to_be_gone() -> None:
    """With nobody at the address, the message says so and what to look at."""
    with odd_provider() as odd:
        settings = odd.settings()
    with pytest.raises(NoAnswer, match="cannot be reached") as caught:
        odd.begun(Provider(settings))
    assert "whether the provider is up" in caught.value.remedy


def test_the_secret_travels_as_the_specification_writes_it(odd: OddProvider) -> None:
    """Signs that mean something in a form are escaped in the secret before it is wrapped; the verifier goes along."""
    provider, begun = odd.begun(Provider(odd.settings(client_id="a:b", secret="ü +%")))
    odd.finished(provider, begun, minted(SIGNED, odd.claims(begun, aud="a:b"), RSA))
    assert odd.headers[-2]["authorization"] == "Basic YSUzQWI6JUMzJUJDKyUyQiUyNQ=="  # a%3Ab:%C3%BC+%2B%25
    assert odd.forms[-1]["code_verifier"] == begun.code_verifier
    assert odd.forms[-1]["redirect_uri"] == BACK


def test_name_and_address_come_from_userinfo_where_the_token_is_silent(odd: OddProvider) -> None:
    """What the token lacks is asked for with the access token, and believed of the same person only."""
    odd.description["userinfo_endpoint"] = f"{odd.issuer}/userinfo"
    provider, begun = odd.begun()
    silent = minted(SIGNED, odd.claims(begun, email=None), RSA)
    odd.told["/userinfo"] = {"sub": "ada", "name": "Somebody", "email": "new@example.org", "email_verified": False}
    claims = odd.finished(provider, begun, silent)
    assert (claims.name, claims.email, claims.email_verified) == ("Ada Adeyemi", "new@example.org", False)
    assert odd.headers[-1]["authorization"] == "Bearer an-access-token"
    odd.told["/userinfo"]["sub"] = "ben"
    with pytest.raises(Refused, match="two persons"):
        odd.finished(provider, begun, silent)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë Ångström", "Zoë Ångström"),
        ("क\u200dष", "क\u200dष"),
        ("Ada\u202edetimil", None),
        ("Ada\nOperator", None),
        ("x" * 321, None),
        (["Ada"], None),
        ("", None),
    ],
)
def test_a_name_is_one_line_that_shows_what_it_says(odd: OddProvider, name: Any, shown: str | None) -> None:
    """A name that turns the writing round, breaks the line or never ends is left out."""
    provider, begun = odd.begun()
    assert odd.finished(provider, begun, minted(SIGNED, odd.claims(begun, name=name), RSA)).name == shown


def test_an_address_that_was_not_checked_is_not_taken_for_one_that_was(odd: OddProvider) -> None:
    """Only a plain yes says that an e-mail address was checked."""
    for said in (None, False, "true", 1, "no"):
        provider, begun = odd.begun()
        token = minted(SIGNED, odd.claims(begun, email_verified=said), RSA)
        assert odd.finished(provider, begun, token).email_verified is False

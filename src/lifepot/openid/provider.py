"""A provider as it describes itself, and its keys: asked for once, kept for an hour, never more than a handful of values."""

import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import import_key

from lifepot.openid.addresses import is_fit, is_on_loopback
from lifepot.openid.settings import Settings, SigningKey
from lifepot.openid.trouble import AGAIN, NoAnswer, Refused
from lifepot.openid.wire import ask

KEPT_SECONDS = 3600
RENEWED_AT_MOST_EACH_SECONDS = 60
TROUBLE_KEPT_SECONDS = 5

MOST_KEYS = 32
MOST_LISTED_KEYS = 256
LONGEST_NAME = 256

# A verification's cost grows with the modulus and the exponent; a hostile key may not choose them.
RSA_MODULUS_BYTES = range(256, 1024 + 1)
LONGEST_EXPONENT_BYTES = 4

# The kind of key, and of curve, that an algorithm goes with. No other algorithm is believed: not `none`, and none with a
# shared secret, for which a public key could be passed off.
ALGORITHMS = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Description:
    """What a provider says of itself, as far as it is used; every address is fit to be asked or sent to."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One of the provider's public keys, with what it said of it."""

    key_id: str | None
    algorithm: str | None
    key: SigningKey

    def fits(self, algorithm: str) -> bool:
        """Whether what is signed by this algorithm may be checked with this key."""
        kind, curve = ALGORITHMS[algorithm]
        of_kind = self.key.key_type == kind and (curve is None or getattr(self.key, "curve_name", None) == curve)
        return of_kind and self.algorithm in {None, algorithm}


class Kept(Generic[Value]):
    """One value from the provider, shared by the threads: only one of them asks, the others wait for what it gets."""

    def __init__(self, fetch: Callable[[], Value], ticks: Callable[[], float]) -> None:
        self._fetch = fetch
        self._ticks = ticks
        self._lock = Lock()
        self._value: Value | None = None
        self._fetched_at = self._renewed_at = self._failed_at = float("-inf")
        self._trouble: NoAnswer | None = None

    def value(self) -> Value:
        """The value, fetched when it is missing or an hour old."""
        with self._lock:
            if self._value is not None and self._ticks() - self._fetched_at < KEPT_SECONDS:
                return self._value
            return self._ask()

    def newer(self) -> Value:
        """The value fetched anew, but no more than once a minute: sooner than that, the value as it is."""
        with self._lock:
            if self._value is not None and self._ticks() - self._renewed_at < RENEWED_AT_MOST_EACH_SECONDS:
                return self._value
            self._renewed_at = self._ticks()
            return self._ask()

    def _ask(self) -> Value:
        # Those who queued behind a slow failure get it at once, and do not each wait for one of their own.
        if self._trouble is not None and self._ticks() - self._failed_at < TROUBLE_KEPT_SECONDS:
            raise NoAnswer(self._trouble.message, remedy=self._trouble.remedy)
        try:
            value = self._fetch()
        except NoAnswer as trouble:
            self._trouble, self._failed_at = NoAnswer(trouble.message, remedy=trouble.remedy), self._ticks()
            raise
        self._value, self._fetched_at, self._trouble = value, self._ticks(), None
        return value


class Provider:
    """The provider that the settings name. May be shared by threads; asks nothing until it has to."""

    def __init__(self, settings: Settings, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._description = Kept(self._describe, ticks)
        self._keys = Kept(self._fetch_keys, ticks)

    def description(self) -> Description:
        """What the provider says of itself. NoAnswer when it cannot be asked, or says what cannot be used."""
        return self._description.value()

    def key(self, key_id: str | None, algorithm: str) -> SigningKey:
        """The key that something was signed with. A name never heard of is asked for, at most once a minute.

        `algorithm` is one of ALGORITHMS. Refused when there is no such key, or, without a name, more than one.
        """
        for keys in (self._keys.value, self._keys.newer):
            fitting = [known for known in keys() if known.fits(algorithm) and key_id in {None, known.key_id}]
            if len(fitting) == 1:
                return fitting[0].key
        raise Refused(
            "What the sign-in provider sent is signed with a key that is not its own.",
            remedy=AGAIN,
        )

    def _describe(self) -> Description:
        issuer = self.settings.issuer
        answer = ask(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if answer.status != 200:
            raise _unusable(f"answers {answer.status} where its description should be")
        told = answer.told
        if told.get("issuer") != issuer:
            raise _unusable(f"is not the one at {issuer}: it gives itself another name")
        if "response_types_supported" in told and "code" not in _texts(told, "response_types_supported"):
            raise _unusable("does not offer the authorization code flow")
        if "code_challenge_methods_supported" in told and "S256" not in _texts(
            told, "code_challenge_methods_supported"
        ):
            raise _unusable("does not offer S256 to bind the code to who began")
        ways = _texts(told, "token_endpoint_auth_methods_supported") or ("client_secret_basic",)
        if self.settings.way not in ways:
            raise _unusable(f"does not take {self.settings.way}, which is how we are set to prove who we are")
        return Description(
            issuer=issuer,
            authorization=self._address(told, "authorization_endpoint"),
            token=self._address(told, "token_endpoint"),
            keys=self._address(told, "jwks_uri"),
            userinfo=self._address_or_none(told, "userinfo_endpoint"),
            end_session=self._address_or_none(told, "end_session_endpoint"),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            ways=ways,
        )

    def _address(self, told: dict[str, Any], name: str) -> str:
        address = told.get(name)
        # A provider elsewhere may not send us to ourselves.
        if not isinstance(address, str) or not is_fit(address, on_loopback=is_on_loopback(self.settings.issuer)):
            raise _unusable(f"gives no address that can be used as its {name}")
        return address

    def _address_or_none(self, told: dict[str, Any], name: str) -> str | None:
        return None if told.get(name) is None else self._address(told, name)

    def _fetch_keys(self) -> tuple[Known, ...]:
        answer = ask(self.description().keys)
        listed = answer.told.get("keys")
        if answer.status != 200 or not isinstance(listed, list) or len(listed) > MOST_LISTED_KEYS:
            raise _unusable("gives no list of keys that can be used")
        keys = tuple(_usable(listed))
        if len(keys) > MOST_KEYS:
            raise _unusable(f"has more than {MOST_KEYS} keys")
        return keys


def _usable(listed: list[Any]) -> Iterator[Known]:
    """The keys of a list that may be used to check signatures; what is for something else, or odd, is passed over."""
    for one in listed:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        key_id, algorithm = one.get("kid"), one.get("alg")
        if not (key_id is None or (isinstance(key_id, str) and len(key_id) <= LONGEST_NAME)):
            continue
        if not (algorithm is None or (isinstance(algorithm, str) and algorithm in ALGORITHMS)):
            continue
        with suppress(JoseError, ValueError, TypeError, KeyError):
            if one["kty"] != "RSA" or _is_fair(one):
                # Only the public half, whatever was published.
                public = {name: one[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in one}
                key = import_key(public)
                assert isinstance(key, SigningKey)
                yield Known(key_id, algorithm, key)


def _is_fair(rsa: dict[str, Any]) -> bool:
    modulus, exponent = (urlsafe_b64decode(rsa[name] + "===").lstrip(b"\0") for name in ("n", "e"))
    return len(modulus) in RSA_MODULUS_BYTES and len(exponent) <= LONGEST_EXPONENT_BYTES


def _texts(told: dict[str, Any], name: str) -> tuple[str, ...]:
    listed = told.get(name)
    return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()


def _unusable(why: str) -> NoAnswer:
    return NoAnswer(
        f"The sign-in provider {why}.", remedy="See that its address is right, and how it is set up; then try again."
    )

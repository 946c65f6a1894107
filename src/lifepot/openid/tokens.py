"""A signed token from the provider, read with suspicion: nothing in it counts before its signature and its claims do."""

import hashlib
import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from lifepot.openid.provider import ALGORITHMS, LONGEST_NAME, Provider
from lifepot.openid.settings import SigningKey
from lifepot.openid.trouble import AGAIN, Refused

LONGEST_TOKEN = 32 * 1024

# Two machines' clocks are rarely further apart.
LEEWAY_SECONDS = 60

# A token is made when it is asked for, and not taken from a drawer.
OLDEST_SECONDS = 600


class _Only(JWSRegistry):
    """Believes one algorithm. Header words it does not know are passed over, unless they are critical."""

    def __init__(self, algorithm: str) -> None:
        assert algorithm in ALGORITHMS
        super().__init__(algorithms=[algorithm], strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """The algorithm. Its key's curve is settled before, so `EdDSA` is not too vague a word here to go unwarned."""
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def sign(header: dict[str, Any], claims: dict[str, Any], key: SigningKey) -> str:
    """A token of our own."""
    return jwt.encode(header, claims, key, registry=_Only(header["alg"]))


def read_signed(provider: Provider, token: object, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token: by the provider, to us, made lately and still good.

    Refused otherwise. What the token is for is left to the caller.
    """
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isascii() or token.count(".") != 2:
        raise refused("is no signed token")
    header = _header(token)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise refused("is not signed in a way that is believed")
    if not (key_id is None or (isinstance(key_id, str) and len(key_id) <= LONGEST_NAME)):
        raise refused("names no key")
    key = provider.key(key_id, algorithm)
    try:
        claims = jwt.decode(token, key, registry=_Only(algorithm)).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise refused("is not signed by it, or was changed") from error
    if claims.get("iss") != provider.description().issuer:
        raise refused("was made by another")
    _check_audience(claims, provider.settings.client_id)
    _check_times(claims, now.timestamp())
    return header, claims


def _header(token: str) -> dict[str, Any]:
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "==="))
    except (ValueError, RecursionError) as error:
        raise refused("is no signed token") from error
    if not isinstance(header, dict):
        raise refused("is no signed token")
    return header


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences or (party is not None and party != client_id):
        raise refused("was made for another")
    if len(audiences) > 1 and party is None:
        raise refused("was made for several, and does not say for whom")


def _check_times(claims: dict[str, Any], now: float) -> None:
    if now >= seconds(claims, "exp") + LEEWAY_SECONDS:
        raise refused("is no longer good")
    made = seconds(claims, "iat")
    if made > now + LEEWAY_SECONDS or ("nbf" in claims and seconds(claims, "nbf") > now + LEEWAY_SECONDS):
        raise refused("is from the future; see the clocks of both machines")
    if made < now - OLDEST_SECONDS - LEEWAY_SECONDS:
        raise refused("was made long ago; see the clocks of both machines")


def kind(header: dict[str, Any]) -> str:
    """What a token calls itself, in small letters; `jwt` when it does not."""
    said = header.get("typ", "jwt")
    return said.lower() if isinstance(said, str) else ""


def seconds(claims: dict[str, Any], name: str) -> float:
    """A claim that is a point in time, in seconds since 1970; Refused when it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e11:
        raise refused(f"does not say its {name}")
    return value


def check_half_hash(claims: dict[str, Any], algorithm: str, access_token: object) -> None:
    """`at_hash`, when it is there, must be that of the access token which came along."""
    if "at_hash" not in claims:
        return
    digest = hashlib.sha512 if algorithm in {"EdDSA", "Ed25519"} else hashlib.sha256
    hashed = digest(access_token.encode()).digest() if isinstance(access_token, str) else b""
    half = urlsafe_b64encode(hashed[: len(hashed) // 2]).decode().rstrip("=")
    if not half or not same(claims["at_hash"], half):
        raise refused("belongs to another access token")


def same(given: object, expected: str) -> bool:
    """Whether what was given is the text expected, without telling by the time it takes where they part."""
    return isinstance(given, str) and compare_digest(given.encode("utf-8", "replace"), expected.encode())


def refused(why: str) -> Refused:
    """The error for a token that is not believed."""
    return Refused(f"What the sign-in provider sent {why}.", remedy=AGAIN)

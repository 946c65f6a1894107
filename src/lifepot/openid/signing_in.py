"""One sign-in: a person is sent to the provider, comes back with a code, and the code is exchanged for who they are.

The authorization code flow with PKCE. What `begin` gives is kept with the person's browser session and given to `finish`
once; whoever keeps it must hand it out no second time.
"""

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from lifepot.errors import Misuse
from lifepot.openid.addresses import is_fit
from lifepot.openid.exchanging import exchange
from lifepot.openid.provider import Description, Provider
from lifepot.openid.tokens import LEEWAY_SECONDS, check_half_hash, kind, read_signed, refused, same, seconds
from lifepot.openid.trouble import AGAIN, Refused
from lifepot.openid.wire import ask

SECRET_BYTES = 32
BEGUN_FOR = timedelta(minutes=10)

LONGEST_PARAMETER = 4096
LONGEST_SUBJECT = 255
LONGEST_TEXT = 320

_SAID = {
    "access_denied": "The sign-in was called off, or the provider does not let this person in.",
    "login_required": "The provider wants to be signed in to first.",
    "interaction_required": "The provider wants to ask something first.",
    "account_selection_required": "The provider wants to know with which account.",
    "consent_required": "The provider wants to be allowed first to say who this is.",
    "unmet_authentication_requirements": "The provider could not check the person as thoroughly as was asked.",
    "temporarily_unavailable": "The provider takes no sign-ins at the moment.",
    "server_error": "The provider had a fault of its own.",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the person, and what must come back. Kept out of sight of everybody."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    begun_at: datetime
    max_age_seconds: int | None = None
    acr_values: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, str | int | list[str] | None]:
        """All that `from_dict` needs, as JSON carries it."""
        return {
            "url": self.url,
            "state": self.state,
            "nonce": self.nonce,
            "code_verifier": self.code_verifier,
            "redirect_uri": self.redirect_uri,
            "begun_at": self.begun_at.isoformat(),
            "max_age_seconds": self.max_age_seconds,
            "acr_values": list(self.acr_values),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Begun":
        """What `as_dict` gave."""
        begun_at = datetime.fromisoformat(kept["begun_at"])
        return cls(**{**kept, "begun_at": begun_at, "acr_values": tuple(kept["acr_values"])})


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says this is. Only `issuer` and `subject` together name a person; an e-mail address may change hands.

    `auth_time` is when the person last proved who they are, in seconds since 1970, `acr` how, `session_id` the session at
    the provider, for its sign-out. None where the provider does not say.
    """

    issuer: str
    subject: str
    name: str | None
    email: str | None
    email_verified: bool
    auth_time: int | None
    acr: str | None
    session_id: str | None


def begin(
    provider: Provider,
    redirect_uri: str,
    *,
    now: datetime,
    prompt: str | None = None,
    max_age_seconds: int | None = None,
    acr_values: tuple[str, ...] = (),
) -> Begun:
    """Begin a sign-in that comes back to `redirect_uri`.

    To have somebody prove anew who they are, before money is asked for say, give `prompt="login"` and `max_age_seconds`, or
    `acr_values`, names of the provider's for thorough checks; `finish` then believes nothing less.
    """
    if not is_fit(redirect_uri):
        raise Misuse(
            f"A sign-in cannot come back to {redirect_uri!r}.",
            remedy="Name an https:// address; plain http:// is for this machine alone.",
        )
    authorization = provider.description().authorization
    state, nonce, code_verifier = (token_urlsafe(SECRET_BYTES) for _ in range(3))
    challenge = urlsafe_b64encode(sha256(code_verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": provider.settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.settings.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if prompt is not None:
        asked["prompt"] = prompt
    if max_age_seconds is not None:
        asked["max_age"] = str(max_age_seconds)
    if acr_values:
        asked["acr_values"] = " ".join(acr_values)
    url = f"{authorization}{'&' if '?' in authorization else '?'}{urlencode(asked)}"
    return Begun(url, state, nonce, code_verifier, redirect_uri, now, max_age_seconds, acr_values)


def finish(provider: Provider, begun: Begun, parameters: Iterable[tuple[str, str]], *, now: datetime) -> Claims:
    """Finish a sign-in with the query parameters that the person's browser came back with, each pair as it came.

    Refused when they are not the answer to what was begun, or the provider says no; NoAnswer when it cannot be asked.
    """
    code = _code(provider.description(), begun, list(parameters), now)
    told = exchange(provider, begun.redirect_uri, begun.code_verifier, code, now)
    header, claims = read_signed(provider, told.get("id_token"), now)
    if kind(header) != "jwt" or "events" in claims:
        raise refused("is no word about who somebody is")
    if not same(claims.get("nonce"), begun.nonce):
        raise refused("belongs to another sign-in")
    check_half_hash(claims, header["alg"], told.get("access_token"))
    auth_time = int(seconds(claims, "auth_time")) if "auth_time" in claims else None
    if begun.max_age_seconds is not None:
        oldest = now.timestamp() - begun.max_age_seconds - LEEWAY_SECONDS
        if auth_time is None or auth_time < oldest:
            raise refused("does not show that the person has just proved who they are")
    acr = _text(claims, "acr")
    if begun.acr_values and acr not in begun.acr_values:
        raise refused("does not show that the person was checked as thoroughly as was asked")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise refused("does not say who it is about")
    about = _filled(provider, claims, told.get("access_token"))
    return Claims(
        issuer=provider.settings.issuer,
        subject=subject,
        name=_text(about, "name"),
        email=_text(about, "email"),
        email_verified=about.get("email_verified") is True,
        auth_time=auth_time,
        acr=acr,
        session_id=_text(claims, "sid"),
    )


def _code(description: Description, begun: Begun, pairs: list[tuple[str, str]], now: datetime) -> str:
    """The code among the parameters, when they answer this sign-in."""
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    given = dict(pairs)
    if repeated or not same(given.get("state"), begun.state):
        raise Refused("What came back is not the answer to the sign-in that was begun here.", remedy=AGAIN)
    if now - begun.begun_at > BEGUN_FOR:
        raise Refused("The sign-in took longer than ten minutes.", remedy=AGAIN)
    # Another provider's answer, passed off as this one's, is stopped before its code is sent anywhere. Some leave their name
    # out of a refusal, which leads nowhere.
    may_be_nameless = "error" in given or not description.names_itself
    if given.get("iss") != description.issuer and not ("iss" not in given and may_be_nameless):
        raise Refused("What came back is from another provider than the one that was asked.", remedy=AGAIN)
    if "error" in given:
        raise Refused(_SAID.get(given["error"], "The provider did not sign the person in."), remedy=AGAIN)
    code = given.get("code", "")
    if not code or len(code) > LONGEST_PARAMETER:
        raise Refused("The provider sent nobody back.", remedy=AGAIN)
    return code


def _filled(provider: Provider, claims: dict[str, Any], access_token: object) -> dict[str, Any]:
    """The claims, with what the token is silent on from the provider's userinfo: the name, or the e-mail address."""
    missing = {name for name in ("name", "email") if name not in claims}
    address = provider.description().userinfo
    if not missing or address is None or not isinstance(access_token, str):
        return claims
    if not access_token.isascii() or not access_token.isprintable():
        return claims
    answer = ask(address, headers={"authorization": f"Bearer {access_token}"})
    if answer.status != 200:
        return claims
    if answer.told.get("sub") != claims["sub"]:
        raise refused("tells of two persons at once")
    # Whether an address was checked is said of the address that stands beside it.
    taken = missing | ({"email_verified"} if "email" in missing else set())
    return claims | {name: answer.told.get(name) for name in taken}


def _text(claims: dict[str, Any], name: str) -> str | None:
    """A claim to be shown or kept: one printable line of bounded length, or nothing."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        return None
    # Persian and Indic names need the two joiners, which show nothing themselves.
    return value if value.replace("\u200c", "").replace("\u200d", "").isprintable() else None

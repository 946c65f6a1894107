"""Signing out: at the provider by sending the person there, and here when the provider says so."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from lifepot.openid.provider import LONGEST_NAME, Provider
from lifepot.openid.tokens import kind, read_signed, refused

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Left:
    """Whose sessions end: those of `subject`, or that with `session_id` at the provider; at least one is there.

    `token_id` names the message. One heard twice ends what has already ended.
    """

    issuer: str
    subject: str | None
    session_id: str | None
    token_id: str


def logout_url(provider: Provider, redirect_uri: str, *, state: str | None = None) -> str | None:
    """Where to send a person to sign out at the provider, who sends them on to `redirect_uri`; None when not offered."""
    end_session = provider.description().end_session
    if end_session is None:
        return None
    asked = {"client_id": provider.settings.client_id, "post_logout_redirect_uri": redirect_uri}
    if state is not None:
        asked["state"] = state
    return f"{end_session}{'&' if '?' in end_session else '?'}{urlencode(asked)}"


def verify_logout_token(provider: Provider, token: object, *, now: datetime) -> Left:
    """Read the token that a provider posts when somebody has left there; Refused when it is not believed.

    A word about who somebody is does not pass for one: that has a nonce and no such event.
    """
    header, claims = read_signed(provider, token, now)
    if kind(header) not in {"jwt", "logout+jwt"}:
        raise refused("is no word about somebody leaving")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
        raise refused("is no word about somebody leaving")
    subject, session_id, token_id = (claims.get(name) for name in ("sub", "sid", "jti"))
    for one in (subject, session_id, token_id):
        if one is not None and not (isinstance(one, str) and 0 < len(one) <= LONGEST_NAME):
            raise refused("is no word about somebody leaving")
    if token_id is None or (subject is None and session_id is None):
        raise refused("does not say who has left")
    return Left(provider.settings.issuer, subject, session_id, token_id)

"""A code exchanged for tokens, machine to machine: here we prove who we are."""

from base64 import b64encode
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote_plus

from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings, algorithm_of
from lifepot.openid.tokens import sign
from lifepot.openid.trouble import AGAIN, NoAnswer, Refused
from lifepot.openid.wire import ask

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
TOKEN_ID_BYTES = 32


def exchange(provider: Provider, redirect_uri: str, code_verifier: str, code: str, now: datetime) -> dict[str, Any]:
    """What the provider gives for a code: its tokens, as it wrote them.

    Refused when the code is used up; NoAnswer when the provider cannot be asked, or does not take us for who we are.
    """
    token_address = provider.description().token
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
    }
    form_of_proof, headers = _proof(provider.settings, token_address, now)
    answer = ask(token_address, form={**form, **form_of_proof}, headers=headers)
    if answer.status == 200:
        return answer.told
    match answer.told.get("error"):
        case "invalid_grant":
            raise Refused("The sign-in was used before, or took too long.", remedy=AGAIN)
        case "invalid_client" | "unauthorized_client":
            raise NoAnswer(
                "The sign-in provider does not take us for who we say we are.",
                remedy="See that the client id and the secret or key are those it was given, and that this flow is allowed.",
            )
        case _:
            raise NoAnswer(
                f"The sign-in provider would not exchange the code ({answer.status}).",
                remedy="Try again; if it stays so, see how Lifepot is registered with it.",
            )


def _proof(settings: Settings, token_address: str, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """What goes into the form and the headers to prove who we are."""
    if settings.key is not None:
        return {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": _assertion(settings, token_address, now),
        }, {}
    if settings.secret is not None:
        pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.secret)}"
        return {}, {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {"client_id": settings.client_id}, {}


def _assertion(settings: Settings, token_address: str, now: datetime) -> str:
    """Who we are, signed with our key, once."""
    assert settings.key is not None
    made = int(now.timestamp())
    header = {"alg": algorithm_of(settings.key)} | ({"kid": settings.key.kid} if settings.key.kid else {})
    claims: dict[str, Any] = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": token_address,
        "jti": token_urlsafe(TOKEN_ID_BYTES),
        "iat": made,
        "exp": made + ASSERTION_SECONDS,
    }
    return sign(header, claims, settings.key)

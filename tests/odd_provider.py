"""A provider that says whatever a test has it say, for answers that no honest one gives. It runs on a thread."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key, RSAKey

from lifepot.openid.provider import Provider
from lifepot.openid.settings import Settings
from lifepot.openid.signing_in import Begun, Claims, begin, finish

BACK = "http://127.0.0.1:1/signed-in"
NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)

RSA = RSAKey.generate_key(2048, {"kid": "one"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "one"})
EC = ECKey.generate_key("P-256", {"kid": "curve"})


def minted(header: dict[str, Any], claims: dict[str, Any] | bytes, key: Key) -> str:
    """A token signed by any algorithm whatever, also by those that are never believed."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, payload, key, registry=registry)


def by_secret(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token under HS256, past a library that refuses a public key as its secret."""
    signed = unsigned(header, claims)[:-1]
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token with an empty signature."""
    parts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
    return ".".join((*parts, ""))


class OddProvider:
    """What it answers by path, and how often each was asked for. Every answer may be changed while it runs."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.asked: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.released = Event()
        self.slow: str | None = None
        self.told: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "none", "private_key_jwt"],
            },
            "/keys": {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]},
        }

    @property
    def description(self) -> dict[str, Any]:
        """What it says of itself, to be changed."""
        return self.told["/.well-known/openid-configuration"]

    def settings(self, **changed: Any) -> Settings:
        """Settings that name this provider."""
        return Settings(**{"issuer": self.issuer, "client_id": "lifepot", "secret": "s3cret", **changed})

    def claims(self, begun: Begun | None = None, **changed: Any) -> dict[str, Any]:
        """Claims of a token that is believed, but for what is changed; None takes a claim away."""
        made = int(NOW.timestamp())
        honest = {"iss": self.issuer, "aud": "lifepot", "sub": "ada", "iat": made, "exp": made + 300}
        named = {"name": "Ada Adeyemi", "email": "ada@example.org", "email_verified": True}
        bound = {} if begun is None else {"nonce": begun.nonce}
        return {name: value for name, value in {**honest, **named, **bound, **changed}.items() if value is not None}

    def begun(self, provider: Provider | None = None, **asked: Any) -> tuple[Provider, Begun]:
        """A sign-in begun at noon."""
        provider = provider or Provider(self.settings())
        return provider, begin(provider, BACK, now=NOW, **asked)

    def finished(
        self, provider: Provider, begun: Begun, token: Any, *, late: timedelta = timedelta(0), **more: Any
    ) -> Claims:
        """The sign-in finished with this ID token."""
        self.told["/token"] = {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token, **more}
        return finish(provider, begun, [("code", "a-code"), ("state", begun.state)], now=NOW + late)


def half_hash(access_token: str) -> str:
    """The `at_hash` of an access token under the algorithms that end in 256."""
    return urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).decode().rstrip("=")


@contextmanager
def odd_provider() -> Iterator[OddProvider]:
    """A provider on a free port of loopback, running while the block does."""

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            odd.asked[path] += 1
            odd.headers.append({name.lower(): value for name, value in self.headers.items()})
            told = odd.told.get(path, (404, {}, b"{}"))
            status, headers, body = told if isinstance(told, tuple) else (200, {}, told)
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if odd.slow == path:
                self._drip()
            try:
                self.wfile.write(payload)
            except OSError:
                return

        def _drip(self) -> None:
            """A byte now and then, so that the line is never silent for long."""
            while not odd.released.wait(0.2):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            odd.forms.append(dict(parse_qsl(self.rfile.read(length).decode())))
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    odd = OddProvider(served.server_port)
    thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield odd
    finally:
        odd.released.set()
        served.shutdown()
        thread.join()
        served.server_close()

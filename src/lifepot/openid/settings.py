"""Which provider signs people in, and who we are to it."""

import json
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from lifepot.errors import LifepotError
from lifepot.openid.addresses import is_fit

PREFIX = "LIFEPOT_OPENID_"

# What may stand in the table, with the variable that says the same.
WORDS = {
    "issuer": "ISSUER",
    "client_id": "CLIENT_ID",
    "secret_file": "SECRET_FILE",
    "key_file": "KEY_FILE",
    "scopes": "SCOPES",
}

LONGEST_FILE_BYTES = 64 * 1024

KINDS: tuple[Literal["RSA", "EC", "OKP"], ...] = ("RSA", "EC", "OKP")

SigningKey = RSAKey | ECKey | OKPKey

Way = Literal["client_secret_basic", "private_key_jwt", "none"]


@dataclass(frozen=True, slots=True)
class Settings:
    """A provider and our registration with it.

    `issuer` is its address, to the letter as it writes it itself. We prove who we are by `secret`, by `key` (a private key
    whose public half it was given), or, having neither, by nothing but the code's verifier.
    """

    issuer: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    key: SigningKey | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email")

    def __post_init__(self) -> None:
        if not is_fit(self.issuer) or "?" in self.issuer:
            raise LifepotError(
                f"The sign-in provider's address {self.issuer!r} cannot be used.",
                remedy="Write it as the provider does: https://, a host, perhaps a path, no question mark. "
                "Plain http:// is for this machine alone.",
            )
        if not self.client_id:
            raise LifepotError(
                "The sign-in provider is named, but not who we are to it.",
                remedy=f"Set {PREFIX}CLIENT_ID to what the provider gave out when Lifepot was registered.",
            )
        if self.secret is not None and self.key is not None:
            raise LifepotError(
                "For the sign-in provider both a secret and a key are set.",
                remedy="Leave the one that the provider does not expect away.",
            )
        if "openid" not in self.scopes:
            raise LifepotError(
                "The scopes of the sign-in lack `openid`.", remedy="Add it: without it there is no identity to read."
            )

    @property
    def way(self) -> Way:
        """How we prove who we are, in the specification's word."""
        if self.key is not None:
            return "private_key_jwt"
        return "none" if self.secret is None else "client_secret_basic"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings that the variables `LIFEPOT_OPENID_…` name; None when there is no LIFEPOT_OPENID_ISSUER."""
        if not environ.get(f"{PREFIX}ISSUER"):
            return None
        told = {word: environ[PREFIX + name] for word, name in WORDS.items() if environ.get(PREFIX + name)}
        return cls._told(told, environ)

    @classmethod
    def from_toml(cls, file: Path, environ: Mapping[str, str]) -> Self | None:
        """The settings in the table `[openid]` of a file, None when it has no such table.

        The secret itself stands in a file of its own (`secret_file`) or in the variable LIFEPOT_OPENID_SECRET.
        """
        try:
            table = tomllib.loads(file.read_text("utf-8")).get("openid")
        except (OSError, ValueError) as error:
            raise LifepotError(
                f"{file} cannot be read: {error}.", remedy="Put it right, or name another file."
            ) from error
        if table is None:
            return None
        wrong = sorted(set(table) - set(WORDS)) if isinstance(table, dict) else ["openid"]
        if wrong:
            raise LifepotError(
                f"{file} says {', '.join(map(repr, wrong))}, which means nothing there.",
                remedy=f"The table [openid] knows {', '.join(WORDS)}. A secret stands in a file of its own.",
            )
        not_text = [word for word, value in table.items() if not isinstance(value, str)]
        if not_text:
            raise LifepotError(f"{file}: {', '.join(not_text)} is no text.", remedy='Write it in quotes: "…".')
        return cls._told(table, environ)

    @classmethod
    def _told(cls, told: Mapping[str, str], environ: Mapping[str, str]) -> Self:
        secret = environ.get(f"{PREFIX}SECRET") or None
        if secret is not None and "secret_file" in told:
            raise LifepotError(
                "The sign-in provider's secret is set twice, by a variable and by a file.",
                remedy=f"Unset {PREFIX}SECRET, or do not name the file.",
            )
        if "secret_file" in told:
            secret = _read(told["secret_file"]).strip()
        return cls(
            issuer=told.get("issuer", ""),
            client_id=told.get("client_id", ""),
            secret=secret,
            key=_read_key(told["key_file"]) if "key_file" in told else None,
            scopes=tuple(told.get("scopes", "openid profile email").split()),
        )


def _read(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(LONGEST_FILE_BYTES)
    except (OSError, ValueError) as error:
        raise LifepotError(
            f"The file {path} cannot be read.", remedy="Make it readable for the account that Lifepot runs as."
        ) from error
    if not text.strip():
        raise LifepotError(f"The file {path} is empty.", remedy="Write into it what the provider gave out.")
    return text


def _read_key(path: str) -> SigningKey:
    """A private key from a file: a JSON Web Key, or PEM."""
    text = _read(path)
    for kind in KINDS:
        with suppress(JoseError, ValueError, TypeError, KeyError):
            key = import_key(json.loads(text) if text.lstrip().startswith("{") else text, kind)
            if key.is_private and algorithm_of(key) is not None:
                return key
    # The cause is left out: it could quote the file.
    raise LifepotError(
        f"The file {path} holds no private key that Lifepot can sign with.",
        remedy="Give an RSA, P-256 or Ed25519 key as PEM or as a JSON Web Key.",
    )


def algorithm_of(key: SigningKey) -> str | None:
    """The algorithm that a key signs with, None when it is of no kind that is used."""
    match key.key_type, getattr(key, "curve_name", None):
        case "RSA", _:
            return "PS256" if key.alg == "PS256" else "RS256"
        case "EC", "P-256":
            return "ES256"
        case "OKP", "Ed25519":
            return "EdDSA"
        case _:
            return None

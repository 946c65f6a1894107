"""How an endpoint learns who asks: `Annotated[Asking, asks_as("member")]` gives it who that is, or answers in its place.

Every endpoint says so, or that it is open to everybody; a test walks all of them. A page's form must be one that we made for the
same session (`csrf`), and says which pressing of the button it is (`once`).
"""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request

from lifepot.access import keys, sessions
from lifepot.access.doors import Connection, Doors
from lifepot.access.identity import NOBODY, Identity, Role
from lifepot.access.limits import Allowance
from lifepot.access.once import LONGEST_KEY, Answer, once
from lifepot.access.tokens import form_token, is_form_token
from lifepot.errors import LifepotError, Misuse
from lifepot.scheme.opening import Clock

GUESSES_PER_MINUTE = 6

COSTLY_PER_MINUTE = 30
"""Of what costs much and needs no key."""

SAFE = {"GET", "HEAD", "OPTIONS"}


class NotSignedIn(LifepotError):
    """Nobody asks, where somebody must."""

    def __init__(self) -> None:
        super().__init__("You are not signed in.", remedy="Sign in, or send a key that is in force.")


class NotAllowed(LifepotError):
    """Whoever asks has no seat in which this may be done."""

    def __init__(self, remedy: str = "Sit in a seat that may do it.") -> None:
        super().__init__("This is not yours to see or do.", remedy=remedy)


class NotThere(LifepotError):
    """There is no such thing, or none that whoever asks may see: the two are told alike."""

    def __init__(self, what: str = "page") -> None:
        super().__init__(f"There is no such {what}.", remedy="Go back, and follow a link from there.")


class TooOften(LifepotError):
    """Asked too often; `seconds` until it may be asked again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("That was too often.", remedy=f"Wait {max(1, round(seconds))} seconds, then go on.")
        self.seconds = max(1, round(seconds))


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and who asks. What an endpoint needs to see and to act."""

    request: Request
    doors: Doors
    identity: Identity

    @property
    def clock(self) -> Clock:
        """Who, now and today."""
        return self.doors.clock(self.identity)

    @property
    def member(self) -> int:
        """The number of the member in whose seat they sit."""
        assert self.identity.member is not None
        return self.identity.member

    @property
    def payer(self) -> int:
        """The number of the payer in whose seat they sit."""
        assert self.identity.payer is not None
        return self.identity.payer

    def as_nobody(self) -> "Asking":
        """The same request after the session was ended."""
        return replace(self, identity=NOBODY)

    def seeing(self, looking_at: Sequence[int] = (), what: str = "") -> AbstractContextManager[Connection]:
        """A connection that sees what they may see; staff say at whose data they look, and why."""
        return self.doors.seeing(self.identity, looking_at, what)

    def acting(self) -> AbstractContextManager[Connection]:
        """A connection that acts as the scheme."""
        return self.doors.acting()

    def once(self, key: str, asked: bytes, do: Callable[[Connection], tuple[int, Any]]) -> Answer:
        """Do it once, whatever is pressed or sent how often (see `access.once`). `asked`: the request in full."""
        if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
            raise Misuse(
                "The request says not which it is.",
                remedy=f"Send an idempotency key of 1 to {LONGEST_KEY} letters, or open the page anew.",
            )
        return once(self.doors, self.identity, key, asked, do)

    def pressed(self, form: dict[str, str], do: Callable[[Connection], tuple[int, Any]]) -> Answer:
        """Do what a page's form asks for, once a form: it carries `once`."""
        asked = "\x1f".join(f"{name}\x1e{form[name]}" for name in sorted(form) if name != "csrf")
        return self.once(form.get("once", ""), f"{self.request.url.path}\x1f{asked}".encode(), do)

    def guessing(self, what: str) -> None:
        """Raise TooOften where a session or an address has tried something that could be guessed more than a few times a minute."""
        client = self.request.client.host if self.request.client else "nowhere"
        allowance: Allowance = self.request.app.state.allowance
        for name in (f"{what} {client}", f"{what} {self.identity.who}"):
            if wait := allowance.take(
                name, GUESSES_PER_MINUTE * self.request.app.state.settings.processes, time.monotonic()
            ):
                raise TooOften(wait)

    def sparing(self, what: str) -> None:
        """Raise TooOften where an address asks too often for what anybody may have and what takes seconds of a processor."""
        client = self.request.client.host if self.request.client else "nowhere"
        allowance: Allowance = self.request.app.state.allowance
        if wait := allowance.take(f"{what} {client}", COSTLY_PER_MINUTE, time.monotonic()):
            raise TooOften(wait)

    @property
    def csrf(self) -> str:
        """What every form of this session carries."""
        return form_token(self.identity.session)

    def new_once(self) -> str:
        """Which pressing of a button a form that is shown now will be."""
        return secrets.token_urlsafe(18)


def doors_of(request: Request) -> Doors:
    """The database's doors, from the app."""
    doors: Doors = request.app.state.doors
    return doors


def _doors_for(request: Request, identity: Identity) -> Doors:
    """Where somebody's acts are done: a machine that tries things with a sandbox's key acts in its payer's sandbox."""
    if not identity.sandbox:
        return doors_of(request)
    if identity.payer is None:
        raise NotAllowed("A sandbox is a payer's: have a key made on its page Keys.")
    doors: Doors = request.app.state.sandboxes.of(identity.payer)
    return doors


def cookie_name(request: Request) -> str:
    """The session's cookie: where pages come by TLS, a name that browsers take from no other host and no plain connection."""
    return "__Host-lifepot" if request.app.state.settings.is_secure else "lifepot"


def identity_of(request: Request) -> Identity:
    """Who asks: by a session's cookie, or for the API by a key. An unknown or an ended one is nobody."""
    doors = doors_of(request)
    if request.url.path.startswith("/api/"):
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return NOBODY
        with doors.acting() as connection:
            found = keys.find(connection, text.strip(), doors.now())
        if found is None:
            return NOBODY
        allowance: Allowance = request.app.state.allowance
        if wait := allowance.take(f"key {found.key}", found.per_minute, time.monotonic()):
            raise TooOften(wait)
        return found
    cookie = request.cookies.get(cookie_name(request), "")
    if not cookie:
        return NOBODY
    with doors.acting() as connection:
        return sessions.find(connection, cookie, doors.now()) or NOBODY


async def form_of(
    request: Request, identity: Annotated[Identity, Depends(identity_of)]
) -> AsyncIterator[dict[str, str]]:
    """The text fields of a form, if it is one we made for this session. A file among them is read by the endpoint itself, and
    is gone when the request is answered.
    """
    if request.method in SAFE or request.url.path.startswith("/api/"):
        yield {}
        return
    form = await request.form()
    try:
        # The database keeps every letter but one, which no keyboard has.
        fields = {name: text.replace("\0", "") for name, text in form.items() if isinstance(text, str)}
        # Of whoever has no session the token is the same for all, so that another site could send a form of theirs.
        if not _from_here(request) or not is_form_token(identity.session, fields.get("csrf", "")):
            raise NotAllowed("Open the page anew and send the form from there.")
        yield fields
    finally:
        await form.close()


def _from_here(request: Request) -> bool:
    """Whether a form comes from a page of ours, as far as the browser says. Browsers say so of every form; programs need not."""
    origin = request.headers.get("origin")
    ours = {request.headers.get("host", ""), request.app.state.settings.host}
    return origin is None or origin.partition("://")[2] in ours - {""}


Form = Annotated[dict[str, str], Depends(form_of)]
"""The fields of a page's form, of which `csrf` was checked."""


def asks_as(*roles: str) -> Any:
    """A dependency: `Asking` of somebody in one of these roles; `asks_as()` of anybody at all, signed in or not. A form is checked."""
    allowed = frozenset(Role(role) for role in roles)

    def ask(
        request: Request,
        identity: Annotated[Identity, Depends(identity_of)],
        form: Annotated[dict[str, str], Depends(form_of)],
    ) -> Asking:
        del form  # was checked
        if allowed and identity is NOBODY:
            raise NotSignedIn
        if allowed and identity.role not in allowed:
            raise NotAllowed
        return Asking(request, _doors_for(request, identity), identity)

    ask.roles = allowed  # type: ignore[attr-defined]  # what the tests' matrix and the API's description read
    return Depends(ask)


def _by_machine(request: Request) -> Asking:
    """A machine that has neither key nor session and proves itself by what it sends; the endpoint sees to that."""
    return Asking(request, doors_of(request), NOBODY)


_by_machine.roles = frozenset()  # type: ignore[attr-defined]

ByMachine = Annotated[Asking, Depends(_by_machine)]
Anybody = Annotated[Asking, asks_as()]
AsMember = Annotated[Asking, asks_as("member")]
AsClerk = Annotated[Asking, asks_as("clerk")]
AsOperator = Annotated[Asking, asks_as("operator")]
AsApprover = Annotated[Asking, asks_as("approver")]
AsStaff = Annotated[Asking, asks_as("operator", "approver")]
AsAuditor = Annotated[Asking, asks_as("auditor")]
AsChecker = Annotated[Asking, asks_as("operator", "approver", "auditor")]

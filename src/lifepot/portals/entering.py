"""Coming in and going: sign-in, seats, sign-out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from psycopg.types.json import Jsonb

from lifepot.access import seats, sessions
from lifepot.access.asking import Anybody, Asking, ByMachine, Form, NotAllowed, NotSignedIn, NotThere, cookie_name
from lifepot.access.identity import Role
from lifepot.access.tokens import hash_of
from lifepot.errors import LifepotError
from lifepot.openid.leaving import logout_url, verify_logout_token
from lifepot.openid.provider import Provider
from lifepot.openid.signing_in import Begun, begin, finish
from lifepot.openid.trouble import AGAIN, Refused
from lifepot.portals.pages import page, see_other

router = APIRouter(include_in_schema=False)

BEGUN = "lifepot-begun"
"""The cookie that says which sign-in a browser has begun."""

DEMO = (
    ("member", "a member", "Somebody with a pot, on a phone between two jobs."),
    ("partner", "another member", "Somebody to share a household with: each needs the other's yes."),
    ("clerk", "an employer's clerk", "Somebody at payroll with ten minutes."),
    ("agency", "an agency's clerk", "Somebody whose file came back with rows to put right."),
    ("operator", "an operator", "Somebody at the scheme who sees what is stuck."),
    ("approver", "an approver", "The second pair of eyes for what an operator does."),
    ("auditor", "an auditor", "Somebody who believes nothing."),
)
"""The ready sign-ins of a demonstration: subject of the login, what it is called, what it is for."""

FIRST_PAGE = {
    Role.MEMBER: "/me", Role.CLERK: "/payer", Role.OPERATOR: "/operator", Role.APPROVER: "/operator", Role.AUDITOR: "/audit",
    Role.ANALYST: "/workbench", Role.PUBLIC: "/seats",
}  # fmt: skip


@router.get("/sign-in")
def sign_in(asking: Anybody, to: Annotated[str, Query()] = "/") -> HTMLResponse:
    """The ways in that this server has."""
    state = asking.request.app.state
    provider = "" if state.provider is None else urlsplit(state.provider.settings.issuer).hostname
    return page(asking, "sign_in.html", provider=provider, demo=DEMO if state.settings.demo else (), to=ours(to))


@router.get("/sign-in/provider")
def go_to_provider(asking: Anybody, to: Annotated[str, Query()] = "/") -> Response:
    """Send somebody to the identity provider. The sign-in that was begun is kept here; the browser keeps only which it is."""
    provider, now = _provider(asking), asking.doors.now()
    begun = begin(provider, _back(asking), now=now)
    with asking.acting() as connection:
        connection.execute(
            "insert into door.sign_in (hash, said, begun_at) values (%s, %s, %s)",
            [hash_of(begun.state), Jsonb({"begun": begun.as_dict(), "to": ours(to)}), now],
        )
    answer = RedirectResponse(begun.url, status_code=303)
    secure = asking.request.app.state.settings.is_secure
    answer.set_cookie(BEGUN, begun.state, path="/sign-in", httponly=True, secure=secure, samesite="lax", max_age=600)
    return answer


@router.get("/sign-in/back")
def come_back(asking: Anybody) -> Response:
    """Somebody comes back from the identity provider. A sign-in is finished once, in the browser that began it."""
    provider, now = _provider(asking), asking.doors.now()
    with asking.acting() as connection:
        row = connection.execute(
            "delete from door.sign_in where hash = %s returning said", [hash_of(asking.request.cookies.get(BEGUN, ""))]
        ).fetchone()
    if row is None:
        raise Refused("This sign-in was not begun in this browser, or is over.", remedy=AGAIN)
    claims = finish(provider, Begun.from_dict(row[0]["begun"]), asking.request.query_params.multi_items(), now=now)
    name = claims.name or claims.email or "Somebody"
    with asking.acting() as connection:
        login = seats.login_of(connection, claims.issuer, claims.subject, name, now, claims.email or "")
        cookie = sessions.begin(connection, login, now, claims.session_id or "")
        identity = sessions.find(connection, cookie, now)
    assert identity is not None
    to = row[0]["to"] if row[0]["to"] != "/" else FIRST_PAGE[identity.role]
    answer = with_cookie(asking.request, see_other(to), cookie)
    answer.delete_cookie(BEGUN, path="/sign-in")
    return answer


@router.post("/sign-in/left")
async def left_at_provider(asking: ByMachine) -> Response:
    """The identity provider says that somebody has left there: their sessions end here too (OpenID back-channel logout)."""
    form = await asking.request.form(max_files=0, max_fields=10)

    def leave() -> None:
        now = asking.doors.now()
        left = verify_logout_token(_provider(asking), form.get("logout_token"), now=now)
        with asking.acting() as connection:
            sessions.end_of_provider(connection, left.issuer, left.subject, left.session_id, now)

    await run_in_threadpool(leave)
    return Response(status_code=200)


@router.post("/sign-in/demo")
def sign_in_demo(asking: Anybody, form: Form) -> Response:
    """One of the demonstration's ready sign-ins."""
    if not asking.request.app.state.settings.demo:
        raise NotAllowed
    now = asking.doors.now()
    with asking.acting() as connection:
        row = connection.execute(
            "select login from door.login where issuer = %s and subject = %s",
            [seats.OURSELVES, f"demo {form.get('as', '')}"],
        ).fetchone()
        if row is None:
            raise NotAllowed
        cookie = sessions.begin(connection, row[0], now)
        identity = sessions.find(connection, cookie, now)
    assert identity is not None
    return with_cookie(asking.request, see_other(FIRST_PAGE[identity.role]), cookie)


@router.get("/sign-in/ticket/{ticket}")
def show_ticket(asking: Anybody, ticket: str) -> HTMLResponse:
    """Before a ticket is used somebody presses a button: a mail program that looks at links uses none up."""
    return page(asking, "ticket.html", ticket=ticket)


@router.post("/sign-in/ticket")
def use_ticket(asking: Anybody, form: Form) -> Response:
    """A way in that was made on the machine itself, once."""
    now = asking.doors.now()
    with asking.acting() as connection:
        login = seats.use_ticket(connection, form.get("ticket", ""), now)
        cookie = None if login is None else sessions.begin(connection, login, now)
        identity = None if cookie is None else sessions.find(connection, cookie, now)
    if cookie is None or identity is None:
        raise NotAllowed("A ticket lets in once, within a quarter of an hour: have a new one made.")
    return with_cookie(asking.request, see_other(FIRST_PAGE[identity.role]), cookie)


@router.post("/sign-out")
def sign_out(asking: Anybody) -> Response:
    """End the session, here and everywhere."""
    with asking.acting() as connection:
        sessions.end(connection, asking.identity, asking.doors.now())
    state = asking.request.app.state
    elsewhere = None if state.provider is None else logout_url(state.provider, state.settings.public_url + "/")
    answer: Response = page(asking.as_nobody(), "signed_out.html", elsewhere=elsewhere)
    answer.delete_cookie(cookie_name(asking.request), path="/", secure=asking.request.app.state.settings.is_secure)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


@router.get("/seats")
def show_seats(asking: Anybody) -> HTMLResponse:
    """The seats that somebody holds, to sit in one of them."""
    return _seats(asking, [])


@router.post("/seats/sit")
def sit(asking: Anybody, form: Form) -> Response:
    """Sit in another seat."""
    seat = form.get("seat", "")
    with asking.acting() as connection:
        cookie = (
            sessions.sit(connection, asking.identity, int(seat), asking.doors.now())
            if seat.isdecimal() and len(seat) < 10
            else None
        )
    if cookie is None:
        raise NotAllowed
    with asking.acting() as connection:
        identity = sessions.find(connection, cookie, asking.doors.now())
    assert identity is not None
    return with_cookie(asking.request, see_other(FIRST_PAGE[identity.role]), cookie)


@router.post("/seats/accept")
def accept(asking: Anybody, form: Form) -> Response:
    """Take the seat that a code offers."""
    if asking.identity.login is None:
        raise NotSignedIn
    asking.guessing("codes")
    try:
        with asking.acting() as connection:
            seat = seats.accept(connection, asking.identity.login, form.get("code", ""), asking.doors.now())
            cookie = sessions.sit(connection, asking.identity, seat, asking.doors.now())
    except LifepotError as error:
        return _seats(asking, [("code", str(error))], status=400)
    assert cookie is not None
    return with_cookie(asking.request, see_other("/seats"), cookie)


def _seats(asking: Asking, faults: list[tuple[str, str]], status: int = 200) -> HTMLResponse:
    if asking.identity.login is None:
        raise NotSignedIn
    with asking.acting() as connection:
        held = seats.seats_of(connection, asking.identity.login)
    return page(asking, "seats.html", seats=held, faults=faults, status=status)


def with_cookie(request: Request, answer: RedirectResponse, cookie: str) -> RedirectResponse:
    """An answer that gives the browser its session: no script reads it, and no other site's page sends it along with a form."""
    secure = request.app.state.settings.is_secure
    answer.set_cookie(cookie_name(request), cookie, path="/", httponly=True, secure=secure, samesite="lax")
    return answer


def _provider(asking: Asking) -> Provider:
    """The identity provider. NotThere where this server has none."""
    provider: Provider | None = asking.request.app.state.provider
    if provider is None:
        raise NotThere
    return provider


def _back(asking: Asking) -> str:
    return f"{asking.request.app.state.settings.public_url.rstrip('/')}/sign-in/back"


def ours(to: str) -> str:
    """A path of our own to go to after sign-in; the first page for anything else, another site among it."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if plain and len(to) <= 500 else "/"

"""A served scheme to try the door on: a sample's people and payers, the door laid, and somebody in every seat."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
from starlette.testclient import TestClient

from lifepot.access import keys, seats, sessions
from lifepot.access.doors import Doors
from lifepot.access.identity import Identity, Role
from lifepot.access.laying import lay_door
from lifepot.periods import day_of
from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_sample
from lifepot.scheme.opening import Clock, open_scheme
from lifepot.scheme.receive import receive
from lifepot.service.app import make_app
from lifepot.service.settings import Settings

MEMBERS, MONTHS = 60, 4
ADDRESS = "http://testserver"
TODAY = "2026-08-20"
"""The day is held still: after the sample's last file."""


def fill(connection: psycopg.Connection[Any]) -> None:
    """A scheme of sixty people and their payers, four months old, with the door laid and somebody in every seat. Commits."""
    text, name = rulebook_text("lifetime-savings-account")
    folder = Path(tempfile.mkdtemp(prefix="lifepot-served-"))
    try:
        sample = write_sample(folder, members=MEMBERS, months=MONTHS, seed=1)
        first = sample.files[0].received_on
        open_scheme(connection, text, name, Clock.at("the tests", datetime.now(UTC), day_of(first.replace(day=6))))
        for file in sample.files:
            mode = "replaces" if "--replaces" in file.flags else None
            receive(
                connection, file.path, Clock.at("the tests", datetime.now(UTC), day_of(file.received_on)), mode=mode
            )
    finally:
        shutil.rmtree(folder)
    lay_door(connection)
    seat_everybody(connection)
    connection.commit()


def seat_everybody(connection: psycopg.Connection[Any]) -> None:
    """Logins "member", "other member", "clerk", "other clerk" and one for each of the staff, each with a seat and a key of that name."""
    now = datetime.now(UTC)
    members = connection.execute(
        "select member from fact where kind = 1 group by member order by count(distinct payer) desc, count(*) desc, member limit 2"
    ).fetchall()
    payers = connection.execute(
        "select payer from told group by payer order by count(*) desc, payer limit 2"
    ).fetchall()
    wanted = [(Role.MEMBER, one, None, name) for (one,), name in zip(members, ("member", "other member"), strict=True)]
    wanted += [(Role.CLERK, None, one, name) for (one,), name in zip(payers, ("clerk", "other clerk"), strict=True)]
    wanted += [(role, None, None, role.value) for role in (Role.OPERATOR, Role.APPROVER, Role.AUDITOR, Role.ANALYST)]
    for role, member, payer, name in wanted:
        login = seats.login_of(connection, seats.OURSELVES, name, name.capitalize(), now)
        seats.give(connection, login, role, "the tests", now, member=member, payer=payer)


@dataclass(slots=True)
class Browser:
    """Somebody at a browser without script: follows links, fills in forms, and sees what a page says."""

    client: httpx.Client
    identity: Identity

    def get(self, path: str, status: int = 200, **more: Any) -> str:
        """A page's text."""
        answer = self.client.get(path, **more)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{words_of(answer.text)[-2000:]}"
        return answer.text

    def send(
        self,
        page: str,
        path: str,
        fields: dict[str, str] | None = None,
        status: int = 303,
        files: Any = None,
        **more: Any,
    ) -> httpx.Response:
        """Fill in the form of a page that goes to `path`, and send it: its hidden fields are as the page has them."""
        text = self.get(page)
        hidden = hidden_of(text, path)
        answer = self.client.post(path, data=hidden | (fields or {}), files=files, **more)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{words_of(answer.text)[-2000:]}"
        return answer


def hidden_of(text: str, path: str) -> dict[str, str]:
    """The hidden fields of a page's form that goes to `path`."""
    forms = re.findall(rf'<form[^>]*action="{re.escape(path)}"[^>]*>(.*?)</form>', text, flags=re.DOTALL)
    assert forms, f"no form goes to {path}:\n{re.findall('<form[^>]*>', text)}"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', forms[0]))


def words_of(text: str) -> str:
    """What a page says, without its marks."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


@dataclass(slots=True)
class Served:
    """A served scheme: its doors, its app, and browsers and machines in any seat."""

    url: str
    doors: Doors
    app: Any
    settings: Settings

    def client(self) -> TestClient:
        """A client that follows nothing by itself and lets our own mistakes through."""
        return TestClient(self.app, base_url=ADDRESS, follow_redirects=False)

    def browser(self, name: str) -> Browser:
        """A browser in which the login of that name is signed in; "" for nobody."""
        client = self.client()
        if not name:
            return Browser(client, Identity(Role.PUBLIC))
        now = self.doors.now()
        with self.doors.acting() as connection:
            row = connection.execute("select login from door.login where subject = %s", [name]).fetchone()
            assert row is not None, name
            cookie = sessions.begin(connection, row[0], now)
            identity = sessions.find(connection, cookie, now)
        assert identity is not None
        client.cookies.set("lifepot", cookie)
        return Browser(client, identity)

    def identity(self, name: str) -> Identity:
        """Who the login of that name is."""
        return self.browser(name).identity

    def machine(self, name: str, per_minute: int = 60_000) -> TestClient:
        """A client with a key in the seat of the login of that name; "" for none."""
        client = self.client()
        if name:
            identity = self.identity(name)
            with self.doors.acting() as connection:
                text = keys.make(
                    connection, f"{name} {sessions.secret()[:8]}", identity.role, identity.who, self.doors.now(),
                    member=identity.member, payer=identity.payer, per_minute=per_minute,
                )  # fmt: skip
            client.headers["authorization"] = f"Bearer {text}"
        return client


@contextmanager
def serving(url: str, *, demo: bool = False, today: str = TODAY, workbench: str = "") -> Iterator[Served]:
    """A served scheme over the database of `url`, in this process. `workbench`: the address of one that runs."""
    settings = Settings(url, ADDRESS, as_of=today, demo=demo, workbench=workbench)
    doors = Doors.open(url, as_of=day_of(datetime.fromisoformat(today).date()))
    try:
        yield Served(url, doors, make_app(settings, doors), settings)
    finally:
        doors.close()


@cache
def sample_of_gig() -> dict[str, str]:
    """A gig as the API takes it."""
    return {
        "worker_id": "w-1", "nino": "AB200001A", "forename": "Amal", "surname": "Okafor", "born": "1994-02-11",
        "job_id": "j-1", "job_kind": "delivery", "paid_on": "2026-08-19", "gross": "120.00", "fees": "10.00", "worker": "4.40",
    }  # fmt: skip

"""What a server tells those who watch it: that it is well, what broke, who was refused; and nothing of anybody."""

import logging
import time
from datetime import timedelta

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.served import ADDRESS, Served, words_of

from lifepot.service import health
from lifepot.service.app import make_app
from lifepot.service.logged import Logged, told

NAME = "Ada Adeyemi"


def test_health_is_open_and_says_whether_the_worker_lives(served: Served) -> None:
    """`/health` needs no sign-in: `ok` while a worker beats, 503 when none did for a minute, and no detail of either."""
    client = served.client()
    assert (client.get("/health").status_code, client.get("/health").text) == (503, "not well\n")
    with health.beating(served.doors):
        until = time.monotonic() + 20
        while client.get("/health").text != "ok\n" and time.monotonic() < until:
            time.sleep(0.05)
        assert client.get("/health").status_code == 200
    with served.doors.acting() as connection:
        connection.execute("update door.beat set beat_at = beat_at - %s", [timedelta(seconds=61)])
    answer = client.get("/health")
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (503, "not well\n", "no-store")


def broken(served: Served) -> TestClient:
    """A client of an app in which two pages break, with words that nobody should read."""
    made = make_app(served.settings, served.doors)
    inner = made._app  # type: ignore[attr-defined]

    def breaks(person: str) -> None:
        with served.doors.acting() as connection:
            connection.execute("create temporary table twice (name text unique) on commit drop")
            for _ in range(2):
                connection.execute("insert into twice values (%s)", [person])

    for path in ("/breaks/{person}", "/api/v1/breaks/{person}"):
        inner.add_api_route(path, breaks)
    return TestClient(Logged(made), base_url=ADDRESS, follow_redirects=False)


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines that the server logs; the test's own client logs too."""
    return [one.getMessage() for one in caplog.records if one.name.startswith("lifepot.")]


@pytest.mark.parametrize("path", ["/breaks", "/api/v1/breaks"])
def test_what_breaks_is_logged_by_a_number_and_without_its_words(
    served: Served, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """An answer of 500 says a number and nothing of what broke; the log has that number, the place and the kind, and no name."""
    with caplog.at_level(logging.INFO):
        answer = broken(served).get(f"{path}/{NAME}?token=secret")
    number = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert number in answer.text
    assert NAME not in answer.text
    assert "default-src" in answer.headers["content-security-policy"]
    (line,) = ours(caplog)
    assert f"request={number} GET {path}/{{person}} broke: UniqueViolation 23505 at " in line
    assert "test_watching.py:" in line
    assert NAME not in line
    assert "secret" not in line


def test_a_refused_sign_in_is_logged_without_its_ticket(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """A ticket that lets nobody in leaves a line in the log, and the ticket is not in it."""
    with caplog.at_level(logging.INFO):
        served.browser("").send("/sign-in/ticket/never-made", "/sign-in/ticket", status=403)
    (line,) = ours(caplog)
    assert "POST /sign-in/ticket refused:" in line
    assert "never-made" not in line


def test_a_database_that_was_away_is_found_again(served: Served) -> None:
    """Connections that the database closed while they rested are not used again: nobody notices that it was started anew."""
    client = TestClient(Logged(make_app(served.settings, served.doors)), base_url=ADDRESS, follow_redirects=False)
    client.cookies = served.browser("member").client.cookies
    assert client.get("/me").status_code == 200
    with served.doors.acting() as one, served.doors.acting() as two, served.doors.acting() as three:
        assert len({each.info.backend_pid for each in (one, two, three)}) == 3
    ended(served.url)
    assert [client.get("/me").status_code for _ in range(5)] == [200] * 5


def test_a_database_that_goes_away_in_the_middle_is_said(served: Served) -> None:
    """A connection that the database closes under a request is answered by 503, and nothing was done; the next one is answered."""
    made = make_app(served.settings, served.doors)

    def breaks() -> None:
        with served.doors.acting() as connection:
            ended(served.url)
            connection.execute("select 1")

    made._app.add_api_route("/breaks", breaks)  # type: ignore[attr-defined]
    client = TestClient(Logged(made), base_url=ADDRESS, follow_redirects=False)
    answer = client.get("/breaks")
    assert answer.status_code == 503
    assert "nothing was done" in words_of(answer.text)
    assert client.get("/figures").status_code == 200


def ended(url: str) -> None:
    """End all other connections to a database, as its server does when it stops."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_an_exception_is_told_by_kind_and_place() -> None:
    """Of what was raised the log has the kind and the lines, innermost last."""
    with pytest.raises(ValueError, match="invalid literal") as found:
        int(NAME)
    line = told(found.value)
    assert line.startswith("ValueError at test_watching.py:")
    assert NAME not in line

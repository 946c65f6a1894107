"""How the API does things: once, in pages, within limits; and a refusal is problem+json with the codes of a reply."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.served import Served, sample_of_gig
from tests.test_intake_reader import papdis

from lifepot.access.identity import Identity, Role
from lifepot.access.once import once
from lifepot.errors import LifepotError
from lifepot.inbox import gigs, worker
from lifepot.scheme.standing import locked
from lifepot.service.shields import LARGEST_BYTES
from lifepot.storage.store import STRIPES

ACCOUNT = {"name": "A ARCHER", "sort_code": "20-00-00", "account_number": "55779911"}


def asked(served: Served, machine: TestClient, key: str | None, amount_minor: int = 100) -> httpx.Response:
    """The member asks for money."""
    headers = {} if key is None else {"idempotency-key": key}
    path = f"/api/v1/members/{served.identity('member').member}/withdrawals"
    return machine.post(path, json={"amount_minor": amount_minor} | ACCOUNT, headers=headers)


def count(served: Served, what: str = "personal.withdrawal") -> int:
    """How many there are."""
    with served.doors.acting() as connection:
        row = connection.execute(f"select count(*) from {what}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """What a refusal says."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["detail"]
    assert said["remedy"]
    return said


def test_what_changes_something_says_which_request_it_is(served: Served) -> None:
    """Without an Idempotency-Key nothing is done, and the refusal says what to send."""
    answer = asked(served, served.machine("member"), None)
    assert "Idempotency-Key" in is_problem(answer, 400)["remedy"]
    assert count(served) == 0


def test_the_same_key_twice_is_one_request(served: Served) -> None:
    """Sent again a request is answered as before and done once; with the key of another request it is refused; keys are each one's own."""
    machine = served.machine("member")
    first, again = asked(served, machine, "k"), asked(served, machine, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    is_problem(asked(served, machine, "k", 200), 422)
    assert count(served) == 1
    assert asked(served, served.machine("member"), "k").status_code == 201
    assert count(served) == 2


def test_what_was_refused_may_be_asked_again_with_its_key(served: Served) -> None:
    """A request that could not be done left nothing behind: its key may be used again."""
    machine = served.machine("member")
    is_problem(asked(served, machine, "k", 10**11), 409)
    assert asked(served, machine, "k").status_code == 201


def test_two_at_once_with_one_key_are_one(served: Served) -> None:
    """Eight threads that send one request with one key at once have one effect, and are all told the same."""
    machine = served.machine("member")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: asked(served, machine, "k"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert count(served) == 1


DYING = """
import os, sys
from lifepot.access.doors import Doors
from lifepot.access.identity import Identity, Role
from lifepot.access.once import once

url, when = sys.argv[1:]

def do(connection):
    connection.execute("insert into door.message (member, kind, said, sent_at) values (1, 'correction', '{}', now())")
    if when == "after":
        connection.commit()
    os._exit(9)

once(Doors.open(url), Identity(Role.MEMBER, who="dying", member=1), "k", b"asked", do)
"""


@pytest.mark.parametrize(("when", "effects"), [("before", 1), ("after", 1)])
def test_a_server_that_dies_did_all_of_it_or_nothing(served: Served, when: str, effects: int) -> None:
    """Killed before the commit it did nothing, and the same request does it; killed between commit and answer, the same request is
    told that it was done.
    """
    died = subprocess.run([sys.executable, "-c", DYING, served.url, when], check=False, timeout=60)
    assert died.returncode == 9
    assert count(served, "door.message") == (1 if when == "after" else 0)

    def do(connection: psycopg.Connection[Any]) -> tuple[int, Any]:
        connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (1, 'correction', '{}', now())"
        )
        return 200, {"did": True}

    answer = once(served.doors, Identity(Role.MEMBER, who="dying", member=1), "k", b"asked", do)
    assert answer.again == (when == "after")
    assert ("done" if when == "after" else "did") in answer.body
    assert count(served, "door.message") == effects


def test_a_page_follows_the_one_before_while_rows_come_in(served: Served) -> None:
    """Followed by `next`, a list gives every entry once, in order, those that come in meanwhile at its end."""
    machine, clerk = served.machine("auditor"), served.machine("clerk")
    with served.doors.acting() as connection:
        before = [one for (one,) in connection.execute("select id from transfer order by id").fetchall()]
    found: list[int] = []
    path: str | None = f"/api/v1/entries?limit={min(500, len(before) // 3)}"
    while path is not None:
        page = machine.get(path).json()
        found += [one["entry"] for one in page["items"]]
        path = page["next"]
        if path is not None:
            assert clerk.post("/api/v1/gigs", json=sample_of_gig() | {"job_id": f"j-{len(found)}"}).status_code == 201
            worker.fold_all(served.doors)
    assert found[: len(before)] == before
    assert len(found) > len(before)
    assert found == sorted(set(found))


def test_a_page_that_we_never_gave_is_none(served: Served) -> None:
    """`after` is ours to make, and a page has at most 500."""
    machine = served.machine("auditor")
    for mark in ("x", "1", "YWZ0ZXIgMQ1", "YWZ0ZXIgLTE", "../../etc"):
        is_problem(machine.get("/api/v1/entries", params={"after": mark}), 400)
    is_problem(machine.get("/api/v1/entries?limit=501"), 422)
    is_problem(machine.get("/api/v1/entries?limit=0"), 422)


def test_each_key_has_its_own_limit(served: Served) -> None:
    """The fourth request of a key of three a minute is refused with the seconds to wait; another key of the same payer goes on."""
    few, many = served.machine("clerk", per_minute=3), served.machine("clerk")
    assert [few.get("/api/v1/payers").status_code for _ in range(3)] == [200] * 3
    refused = few.get("/api/v1/payers")
    is_problem(refused, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert many.get("/api/v1/payers").status_code == 200


def test_a_body_has_its_limit(served: Served) -> None:
    """What announces more than is taken is refused before it is read, and what does not is stopped; files may be larger."""
    machine = served.machine("operator")
    large = b"x" * (LARGEST_BYTES + 1)
    headers = {"idempotency-key": "k", "content-type": "application/octet-stream"}
    is_problem(machine.post("/api/v1/payees?name=x.csv", content=large, headers=headers), 413)

    def bits() -> Any:
        for at in range(0, len(large), 1 << 20):
            yield large[at : at + (1 << 20)]

    is_problem(machine.post("/api/v1/payees?name=x.csv", content=bits(), headers=headers), 413)
    assert machine.post("/api/v1/files?name=x.csv", content=large, headers=headers).status_code == 202
    is_problem(machine.post("/api/v1/rulebooks/check", json={"text": "x" * 1_000_001}), 422)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("", 401), ("Bearer", 401), ("Bearer lp_none", 401), ("Basic bHA6eA==", 401), ("Bearer " + "x" * 3000, 401)],
)
def test_what_is_no_key_opens_nothing(served: Served, authorization: str, status: int) -> None:
    """No key, none of ours, or another scheme: asked to send one, as problem+json."""
    client = served.client()
    answer = client.get("/api/v1/payers", headers={"authorization": authorization} if authorization else {})
    is_problem(answer, status)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_session_is_no_key(served: Served) -> None:
    """Where a browser's cookie is sent, the API knows nobody by it: no other site's page acts by it."""
    answer = served.browser("clerk").client.get("/api/v1/payers")
    is_problem(answer, 401)


def test_a_clerk_receives_files_and_reads_their_reply(served: Served) -> None:
    """A small file is answered with its reply, its faults have their codes, and a job's answer is the same reply."""
    machine = served.machine("clerk")
    ref = machine.get("/api/v1/payers").json()["items"][0]["payer"]
    rows = [{"EmployerId": ref, "EmployeeId": "P1"}, {"EmployerId": ref, "NationalInsuranceNumber": "ZZ"}]
    content = papdis(*rows).encode()
    headers = {"idempotency-key": "k", "content-type": "application/octet-stream"}
    tried = machine.post("/api/v1/files/preview?name=may.csv&mode=adds", content=content, headers=headers).json()
    assert (tried["state"], tried["accepted"], tried["rejected"]) == ("preview", 1, 1)
    reply = machine.post("/api/v1/files?name=may.csv&mode=adds", content=content, headers=headers)
    assert (reply.status_code, reply.json()["state"], reply.json()["accepted"]) == (201, "received", 1)
    file = next(one for one in machine.get("/api/v1/files").json()["items"] if one["name"] == "may.csv")["file"]
    faults = machine.get(f"/api/v1/files/{file}/faults").json()["items"]
    assert [one["code"] for one in faults] == [one["code"] for one in reply.json()["faults"]]
    assert served.machine("other clerk").get(f"/api/v1/files/{file}/faults").status_code == 404
    job = machine.post(
        "/api/v1/files?name=may.csv&as_job=true", content=content, headers=headers | {"idempotency-key": "j"}
    ).json()
    while worker.once(served.doors):
        pass
    done = machine.get(job["at"]).json()
    assert (done["state"], done["answer"]["state"]) == ("done", "received_again")


def test_whoever_proposes_does_not_agree(served: Served) -> None:
    """An operator's key cannot agree to what the same operator proposed; the approver's can."""
    operator = served.machine("operator")
    member = served.identity("member").member
    said = {"day": "1990-01-01", "reason": "A certificate was shown."}
    made = operator.post(f"/api/v1/members/{member}/birth-day", json=said, headers={"idempotency-key": "a"}).json()
    is_problem(operator.post(f"{made['at']}/agree", headers={"idempotency-key": "b"}), 409)
    assert served.machine("approver").post(f"{made['at']}/agree", headers={"idempotency-key": "c"}).status_code == 200


def test_gigs_are_kept_while_everybody_is_locked_and_follow_after(served: Served) -> None:
    """While one transaction holds every member, as a file of a million rows does, gigs are answered at once; what follows is told
    when it lets go.
    """
    machine = served.machine("clerk")
    with psycopg.connect(served.url) as holding:
        locked(holding, np.arange(STRIPES))
        spent = []
        for number in range(20):
            begun = time.monotonic()
            answer = machine.post("/api/v1/gigs", json=sample_of_gig() | {"job_id": f"j-{number}"})
            spent.append(time.monotonic() - begun)
            assert answer.status_code == 201
        assert sorted(spent)[10] < 0.25
        with served.doors.acting() as connection:
            assert len(gigs.waiting_payers(connection)) == 1
            connection.execute("set statement_timeout = '300ms'")
            with pytest.raises(LifepotError):
                gigs.fold(connection, served.identity("clerk").payer or 0, served.doors.clock(worker.WORKER))
            connection.rollback()
            connection.execute("reset statement_timeout")
        holding.rollback()
    assert worker.fold_all(served.doors)
    for one in machine.get("/api/v1/gigs").json()["items"]:
        told = machine.get(f"/api/v1/gigs/{one['gig']}").json()
        assert told["state"] == "received"
        assert told["followed"]

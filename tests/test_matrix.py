"""Every endpoint, every role, somebody else's object: nothing leaks and nothing happens.

Endpoints are those of the app, of the API and of the pages, as they say themselves: one that is added is tried here without a line
more. What stands in a path is looked up in `Theirs.objects` by its name.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from psycopg.types.json import Jsonb
from tests.api_tour import Tour, agreed
from tests.served import Served, sample_of_gig
from tests.test_intake_reader import papdis

from lifepot.access import drafts, keys, messages
from lifepot.access.identity import STAFF, Role
from lifepot.access.tokens import form_token
from lifepot.api.described import examples, roles_of, routes_of
from lifepot.inbox import jobs, uploads, worker

NOBODY = ""
ROLES = {
    NOBODY: Role.PUBLIC, "member": Role.MEMBER, "other member": Role.MEMBER, "clerk": Role.CLERK, "other clerk": Role.CLERK,
    "operator": Role.OPERATOR, "approver": Role.APPROVER, "auditor": Role.AUDITOR, "analyst": Role.ANALYST,
}  # fmt: skip

HARMLESS = {
    "name": "lifetime-savings-account", "digest": "0" * 16, "piece": "1", "ticket": "x", "design": "x", "code": "x", "year": "2026",
    "kind": "born", "month": "2026-07", "rule": "government.match", "attribute": "contribution_rate", "step": "approve",
}  # fmt: skip
"""What may stand in a path and names nobody's object. A design is seen by whoever has its link; a code is itself the secret."""

CALLED = (
    ("/audit/agreed/{number}", "proposal"), ("/audit/entry/{number}", "entry"), ("/audit/fact/{number}", "fact"),
    ("/audit/verify/{number}", "job"), ("/me/money/income/{number}", "income"), ("/me/money/{number}", "withdrawal"),
    ("/operator/claims/{number}", "claim"), ("/operator/incomes/{number}", "income"), ("/operator/jobs/{number}", "job"),
    ("/operator/messages/{number}", "letter"), ("/operator/proposals/{number}", "proposal"), ("/operator/rules/", "job"),
    ("/operator/runs/{number}", "run"), ("/operator/withdrawals/{number}", "withdrawal"), ("/payer/claims/{number}", "claim"),
)  # fmt: skip
"""What a page's `number` is one of, by how its path begins; and of a piece of evidence, which fact it is."""


@dataclass(frozen=True, slots=True)
class Object:
    """Something that exists: its id in a path, and whose it is: "member", "clerk", or "" for the scheme's own."""

    id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Theirs:
    """What belongs to the member and to the clerk, by what paths call it, and words that stand in it and nowhere else."""

    objects: dict[str, Object]
    canaries: dict[str, list[str]]

    def leaks(self, answer: httpx.Response, name: str) -> list[str]:
        """The words of others that an answer to somebody holds, in its body or its headers."""
        if ROLES[name] in STAFF:
            return []
        text = answer.text + "\n" + "\n".join(f"{head}: {said}" for head, said in answer.headers.items())
        if answer.is_redirect and answer.request.url.path in answer.headers["location"]:
            text = ""  # it sends whoever asks back to where they asked for, and says nothing
        found = [word for owner, words in self.canaries.items() if owner != name for word in words]
        return [word for word in found if re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text)]


def theirs(served: Served, tour: Tour) -> Theirs:
    """One of each kind of object, of the member's and of the clerk's."""
    member, clerk = served.identity("member"), served.identity("clerk")
    of, now = f"/members/{member.member}", served.doors.now()
    account = {"name": "A CANARYACCOUNT", "sort_code": "20-00-00", "account_number": "55779911"}
    agreed(tour, tour.post("operator", f"{of}/birth-day", {"day": "1960-01-01", "reason": "A certificate was shown."}))
    asked = {"amount_minor": 7731, "purpose": "second_pension"} | account
    withdrawal = tour.post("member", f"{of}/withdrawals", asked)["withdrawal"]
    tour.post("member", f"/withdrawals/{withdrawal}/evidence/1?name=canary-evidence.pdf", b"%PDF-canaryevidence")
    evidence = tour.get("member", f"/withdrawals/{withdrawal}/evidence")["items"][0]["evidence"]
    paper = [{"name": "canary-income.pdf", "base64": "JVBERg=="}]
    income = tour.post("member", f"{of}/incomes", {"amount_minor": 7733, "day": 25, "evidence": paper} | account)[
        "income"
    ]
    tour.post("member", f"{of}/household/links", {"other": tour.one("select nino from personal.identity where member <> %s and member <> %s limit 1", member.member, served.identity("other member").member)})  # fmt: skip
    gig = tour.post("clerk", "/gigs", sample_of_gig() | {"job_id": "canary-job", "gross": "1737.31", "paid_on": "2026-06-19", "surname": "Canaryworker"})["gig"]  # fmt: skip
    ref = tour.one("select ref from payer where id = %s", clerk.payer)
    worker.fold_all(served.doors)
    tour.post("operator", "/claims", {"funder": ref})
    bad = papdis(
        {"EmployerId": ref, "NationalInsuranceNumber": "CANARYFOUND"},
        {"EmployerId": ref, "EmployeeId": "canary-worker"},
    )
    tour.post("clerk", "/files?name=canary-file.csv&mode=adds", bad.encode())
    file = tour.one("select file from personal.received_file where name = 'canary-file.csv'")
    reject = tour.one("select id from personal.reject where file = %s and state = 'open'", file)
    with served.doors.acting() as connection:
        connection.execute("update personal.person set surname = 'Canaryworth' where member = %s", [member.member])
        one = connection.execute("select nino from personal.identity where member = %s", [member.member]).fetchone()
        letter = messages.send(
            connection,
            member.member or 0,
            "correction",
            {"about": "birth", "entry": None, "words": "canarymessage"},
            now,
        )
        asked_of = {
            "payer": clerk.payer,
            "payer_ref": ref,
            "wish": "stop",
            "from_on": "2026-09-01",
            "words": "",
            "in_words": "Nothing more of my pay",
            "name": "Somebody",
        }
        message = messages.send(connection, served.identity("other member").member or 0, "contribution", asked_of, now)
        draft = drafts.begin(connection, member.member or 0, {"amount": "77.31"}, now)
        entry = connection.execute(
            "select transfer.id, fact.id from transfer join fact on fact.id = transfer.fact where member = %s limit 1", [member.member]
        ).fetchone()  # fmt: skip
        assert entry is not None
        proposal = connection.execute(
            "insert into door.proposal (kind, asked, member, reason, asked_by, asked_at) values ('correct', %s, %s, 'canaryproposal', "
            "'the tests', %s) returning proposal", [Jsonb({"fact": entry[1], "never_happened": True}), member.member, now],
        ).fetchone()  # fmt: skip
        upload = uploads.keep(connection, clerk.payer, clerk.who, "canary-upload.csv", b"canarycontent", now)
        job = jobs.ask(
            connection, "receive", {"mode": None, "layout": None}, clerk.who, now, upload=upload, payer=clerk.payer
        )
        keys.make(connection, "canary key", Role.CLERK, clerk.who, now, payer=clerk.payer)
        link = connection.execute("select max(link) from personal.household_link").fetchone()
        claim = connection.execute("select number from claim where funder = %s", [clerk.payer]).fetchone()
        connection.commit()
    for found in (one, proposal, entry, link, claim):
        assert found is not None
    assert one is not None and proposal is not None  # noqa: PT018
    assert entry is not None and link is not None and claim is not None  # noqa: PT018
    objects = {
        "member": (member.member, "member"), "withdrawal": (withdrawal, "member"), "evidence": (evidence, "member"),
        "income": (income, "member"), "link": (link[0], "member"), "message": (message, "clerk"), "letter": (letter, "member"), "draft": (draft, "member"),
        "proposal": (proposal[0], "member"), "entry": (entry[0], "member"), "fact": (entry[1], "member"),
        "payer": (clerk.payer, "clerk"), "gig": (gig, "clerk"), "claim": (claim[0], "clerk"), "upload": (upload, "clerk"),
        "job": (job, "clerk"), "key": ("canary key", "clerk"), "file": (file, "clerk"), "reject": (reject, "clerk"),
        "run": (1, ""), "version": (1, ""), "seat": (1, ""), "place": (1, ""), "batch": (1, ""),
    }  # fmt: skip
    canaries = {
        "member": ["Canaryworth", one[0], "canary-evidence.pdf", "canaryevidence", "7731", "77.31", "7733", "77.33", "CANARYACCOUNT",
                   "canary-income.pdf", "canarymessage", "canaryproposal", str(withdrawal)],
        "clerk": ["canary-job", "173731", "1737.31", "Canaryworker", "canary-upload.csv", "canarycontent", "canary-file.csv",
                  "canary key", "CANARYFOUND", upload],
    }  # fmt: skip
    return Theirs({name: Object(str(id_), owner) for name, (id_, owner) in objects.items()}, canaries)


def object_of(route: APIRoute, theirs: Theirs) -> tuple[str, str]:
    """The path with somebody's ids in it, and whose they are ("" for nobody's)."""
    owners = []
    path = route.path_format
    for name in re.findall(r"\{(\w+)", route.path_format):
        if name in HARMLESS:
            path = path.replace(f"{{{name}}}", HARMLESS[name])
            continue
        known = name
        if name == "number":
            known = next((what for begins, what in CALLED if route.path_format.startswith(begins)), name)
        elif name == "fact" and "/evidence/" in route.path_format:
            known = "evidence"
        assert known in theirs.objects, (
            f"{route.path_format}: say in tests/test_matrix.py, in `objects`, which {known!r} is somebody's and whose (for a number, in "
            "CALLED, what it is one of), or in HARMLESS that it names nobody's"
        )
        path = path.replace(f"{{{name}}}", theirs.objects[known].id)
        owners.append(theirs.objects[known].owner)
    return path, next((one for one in owners if one), "")


@dataclass(slots=True)
class Callers:
    """Machines and browsers in every seat."""

    served: Served
    machines: dict[str, Any]
    browsers: dict[str, Any]

    def call(self, *asked: Any) -> httpx.Response:
        """A request as sensible as can be said of an endpoint without knowing it; an error of ours is 500."""
        try:
            return self._call(*asked)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is told with its place
            return httpx.Response(500, text=f"{type(error).__name__}: {error}")

    def _call(self, name: str, method: str, path: str, route: APIRoute, fields: dict[str, str]) -> httpx.Response:
        if route.path_format.startswith("/api/v1"):
            example = examples().get(f"{route.tags[0]}.{route.name}", {}).get("request")
            headers = {"idempotency-key": uuid4().hex}
            if method == "GET":
                return self.machines[name].get(path)  # type: ignore[no-any-return]
            if example is None:
                headers["content-type"] = "application/octet-stream"
                return self.machines[name].post(f"{path}?name=x.csv", content=b"x", headers=headers)  # type: ignore[no-any-return]
            return self.machines[name].post(path, json=example, headers=headers)  # type: ignore[no-any-return]
        browser = self.browsers[name]
        if method == "GET":
            return browser.client.get(path)  # type: ignore[no-any-return]
        form = fields | {"csrf": form_token(browser.identity.session), "once": uuid4().hex}
        return browser.client.post(path, data=form, files={"file": ("x.csv", b"x")})  # type: ignore[no-any-return]


@pytest.fixture
def callers(served: Served) -> Callers:
    """All of them."""
    return Callers(
        served, {name: served.machine(name) for name in ROLES}, {name: served.browser(name) for name in ROLES}
    )


def is_denied(answer: httpx.Response) -> bool:
    """Whether an answer says no: to the sign-in or the seats, not yours, or not there."""
    away = answer.headers.get("location", "").startswith(("/sign-in", "/seats"))
    # A sandbox is a database of the payer's own, in which the scheme's numbers are nobody's; who has none is told that.
    no_sandbox = answer.status_code == 409 and answer.request.url.path.startswith("/payer/sandbox")
    return answer.status_code in {401, 403, 404} or (answer.status_code == 303 and away) or no_sandbox


def things(served: Served) -> list[Any]:
    """What would be otherwise if something had happened."""
    with served.doors.acting() as connection:
        return [
            connection.execute(f"select {what}".encode()).fetchall()
            for what in (
                "max(place) from batch", "count(*) from door.gig", "count(*) from door.job", "count(*) from door.upload",
                "count(*), count(answered_at) from door.message", "count(*), count(decided_at) from door.proposal",
                "count(*), count(ended_at) from door.key", "count(*), count(ended_at) from door.seat where role in ('member', 'clerk')",
                "count(*) from personal.evidence", "count(ended_on) from personal.household_link",
                "count(*) from personal.reject where state = 'open'",
            )
        ]  # fmt: skip


def test_every_endpoint_says_for_whom_it_is(served: Served) -> None:
    """No endpoint of the app leaves open who may ask for it."""
    app = served.app._app  # type: ignore[attr-defined]  # the shields' inner app
    assert [route.path for route in routes_of(app) if roles_of(route) is None] == []


def test_nobody_reaches_anothers_object(served: Served, callers: Callers) -> None:
    """Each endpoint as each role, with ids of the member's and the clerk's things: refused, not a word of theirs told, nothing done."""
    found = theirs(served, Tour(served))
    fields = {name: one.id for name, one in found.objects.items()}
    app = served.app._app  # type: ignore[attr-defined]  # the shields' inner app
    before, wrong, asked = things(served), [], 0
    for route in routes_of(app):
        roles = roles_of(route)
        path, owner = object_of(route, found)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            for name, role in ROLES.items():
                allowed = not roles or role in roles
                mine = owner == name or (role in STAFF and bool(roles))
                if allowed and method != "GET" and (mine or not owner):
                    continue  # theirs to do, and then things would happen
                if allowed and role in STAFF and not owner:
                    continue  # the scheme's own, which is theirs to see
                answer = callers.call(name, method, path, route, fields)
                asked += 1
                place = f"{method} {path} as {name or 'nobody'}: {answer.status_code}"
                # No worker and no workbench run beside these tests, and what needs them says so.
                if answer.status_code >= 500 and answer.status_code != 503:
                    wrong.append(f"{place}: an error of ours: {answer.text[:300]}")
                if (not allowed or (owner and not mine)) and roles and not is_denied(answer):
                    wrong.append(f"{place}: not refused: {answer.text[:200]}")
                if leaks := found.leaks(answer, name):
                    wrong.append(f"{place}: tells {leaks}")
    assert wrong == [], "\n".join(wrong)
    assert things(served) == before
    assert asked > 8 * len(examples())


def test_a_look_by_staff_is_written_down(served: Served, callers: Callers) -> None:
    """Whatever staff read by the API of one member, the member finds it in the log, with who looked."""
    found = theirs(served, Tour(served))
    app = served.app._app  # type: ignore[attr-defined]  # the shields' inner app
    tried = 0
    for route in routes_of(app):
        path, owner = object_of(route, found)
        # A proposal names a number, and no person.
        personal = (
            owner == "member"
            and "/proposals/" not in path
            and route.path_format.startswith("/api/v1")
            and "GET" in (route.methods or ())
        )
        for name in ("operator", "approver", "auditor"):
            if not personal or ROLES[name] not in (roles_of(route) or ()):
                continue
            with served.doors.acting() as connection:
                looks = connection.execute("select count(*) from door.look where role = %s", [ROLES[name]]).fetchone()
            answer = callers.call(name, "GET", path, route, {})
            assert answer.status_code == 200, (path, answer.text)
            with served.doors.acting() as connection:
                after = connection.execute("select count(*) from door.look where role = %s", [ROLES[name]]).fetchone()
            assert looks is not None
            assert after is not None
            assert after[0] > looks[0], path
            tried += 1
    assert tried >= 20

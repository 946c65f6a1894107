"""A tour of the API: every operation once with something sensible, on a served scheme, and what was asked and answered kept."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.served import Served, sample_of_gig
from tests.test_banking_modulus import FIXTURES
from tests.test_intake_reader import own, papdis
from tests.test_withdrawals import REGISTER

from lifepot.inbox import worker
from lifepot.intake.layouts import CONTRIBUTIONS

EXAMPLES = Path(__file__).parents[1] / "src" / "lifepot" / "api" / "examples.json"
MOST_ITEMS = 2
LONGEST = 400

PEOPLE = "member,born,joined\nann,1990-02-03,2026-04-06\n"
FACTS = "ref,member,kind,on,amount\np1,ann,paid,2026-05-01,50.00\n"
BOOK = {"name": "lifetime-savings-account"}


@dataclass
class Tour:
    """Machines in every seat, and what each operation answered: by its id, the request, status and body."""

    served: Served
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("member", "other member", "clerk", "other clerk", "operator", "approver", "auditor", "analyst", "")
        self.machines = {name: self.served.machine(name) for name in names}
        said = self.machines[""].get("/api/v1/openapi.json").json()
        self.operations = {
            (method, path): one["operationId"] for path, ops in said["paths"].items() for method, one in ops.items()
        }
        self.paths = sorted({path for _, path in self.operations}, key=lambda path: path.count("{"))

    def operation(self, method: str, url: str) -> str:
        """The id of the operation that a path is answered by."""
        parts = url.partition("?")[0].split("/")
        for path in self.paths:
            pairs = zip(path.split("/"), parts, strict=False)
            alike = path.count("/") + 1 == len(parts) and all(a == b or a.startswith("{") for a, b in pairs)
            if alike and (method, path) in self.operations:
                return self.operations[method, path]
        raise AssertionError(url)

    def ask(
        self, name: str, method: str, url: str, body: Any = None, *, key: str | None = None, status: int | None = None
    ) -> Any:
        """Ask as somebody; what was answered. Each change has a key of its own unless one is given."""
        path = f"/api/v1{url}"
        more: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
        headers = {"idempotency-key": key or uuid4().hex} if method == "post" else {}
        if isinstance(body, bytes):
            headers["content-type"] = "application/octet-stream"
        answer = self.machines[name].request(method, path, headers=headers, **more)
        assert answer.status_code // 100 == 2 if status is None else answer.status_code == status, (
            url,
            answer.text[:2000],
        )
        kind = answer.headers["content-type"].partition(";")[0]
        told = answer.json() if kind.endswith("json") else answer.content
        if answer.status_code // 100 == 2 and kind == "application/json":
            found = {"status": answer.status_code, "body": told}
            if isinstance(body, dict):
                found["request"] = body
            self.kept.setdefault(self.operation(method, path), found)
        elif answer.status_code // 100 == 2:
            self.kept.setdefault(self.operation(method, path), {"status": answer.status_code, "body": None})
        return told

    def get(self, name: str, url: str) -> Any:
        """Ask for something."""
        return self.ask(name, "get", url)

    def post(self, name: str, url: str, body: Any = None, **more: Any) -> Any:
        """Do something."""
        return self.ask(name, "post", url, body, **more)

    def work(self) -> None:
        """Let the worker do what waits."""
        while worker.once(self.served.doors):
            pass

    def one(self, query: str, *values: Any) -> Any:
        """A value of the database."""
        with self.served.doors.acting() as connection:
            row = connection.execute(query.encode(), list(values)).fetchone()
        assert row is not None, query
        return row[0]


def row(**cells: str) -> bytes:
    """A contributions file of one row."""
    return own(",".join(cells.get(column.name, "") for column in CONTRIBUTIONS.columns)).encode()


def take(tour: Tour) -> None:
    """The tour itself, in an order in which each step finds what it needs."""
    member, other = (tour.served.identity(name).member for name in ("member", "other member"))
    payer = tour.served.identity("clerk").payer
    ref = tour.one("select ref from payer where id = %s", payer)
    nino = tour.one("select nino from personal.identity where member = %s", member)
    rest = [
        tour.one("select member from fact where kind = 1 and member not in (%s, %s) group by member order by count(*) desc, member offset %s limit 1", member, other, n)
        for n in range(6)
    ]  # fmt: skip
    _of_payers(tour, payer, ref)
    tour.get("operator", "/rulebooks")
    tour.get("", "/rulebooks/schema")
    tour.get("", "/rulebooks/in-force")
    tour.get("", "/rulebooks/lifetime-savings-account")
    tour.get("", "/rulebooks/lifetime-savings-account/page?as_of=2026-08-20")
    tour.post("", "/rulebooks/check", {"text": "name: x\n"})
    tour.post("analyst", "/rulebooks/diff", {"before": BOOK, "after": {"name": "uk-lifetime-isa"}})
    _tried(tour)
    tour.post(
        "approver",
        "/account",
        {"name": "LIFEPOT MUTUAL", "sort_code": "20-00-00", "account_number": "55779911", "service_user": "123456"},
    )
    tour.post("approver", "/payees?name=register.csv", REGISTER.encode())
    tour.get("clerk", "/payees")
    tour.post("operator", "/members/find", {"nino": nino})
    for what in ("pot", "statement?year=2026", "statement", "entries", "why"):
        tour.get("member", f"/members/{member}/{what}")
    _money_out(tour, member)
    _family(tour, member, other, nino)
    _of_members(tour, rest)
    tour.post("operator", "/payees/modulus-table", {
        "table": (FIXTURES / "valacdos-of-the-examples.txt").read_text(), "substitutions": (FIXTURES / "scsubtab-of-the-examples.txt").read_text(),
    })  # fmt: skip
    for what in ("books", "entries?limit=2", "reconciliation", "reports/government", "payment-runs", "keys?limit=1"):
        tour.get("auditor", f"/{what}")
    tour.get("operator", "/waiting")
    tour.post("operator", "/settle")
    tour.post("auditor", "/verify", {"head": None})
    said = {"name": "lifetime-savings-account", "text": None, "from_day": "2026-04-06"}
    tour.post("operator", "/adopt/preview", said)
    agreed(tour, tour.post("operator", "/adopt", said | {"from_day": "2026-09-01", "reason": "To see that it can be."}))
    tour.work()
    for number in (job["job"] for job in tour.get("operator", "/jobs")["items"]):
        job = tour.get("operator", f"/jobs/{number}")
        assert job["state"] == "done", job
        assert job["kind"] != "verify" or not job["answer"]["problems"], job


def _of_payers(tour: Tour, payer: int | None, ref: str) -> None:
    gig = tour.post("clerk", "/gigs", sample_of_gig())
    tour.get("clerk", f"/gigs/{gig['gig']}?now=true")
    tour.get("clerk", "/gigs")
    pay = papdis(
        {
            "EmployerId": ref,
            "PayPeriodStartDate": "2026-07-01",
            "PayPeriodEndDate": "2026-07-31",
            "ContributionDeductionDate": "2026-08-14",
        }
    )
    tour.post("clerk", "/files/preview?name=august.csv&mode=adds", pay.encode())
    tour.post("clerk", "/files?name=august.csv&mode=adds", pay.encode())
    tour.post("clerk", "/files?name=august.csv&mode=adds&as_job=true", pay.encode())
    tour.work()
    found = tour.get("clerk", "/files?limit=1")
    number = found["items"][0]["file"]
    tour.get("clerk", f"/files/{number}")
    tour.get("clerk", f"/files/{number}/faults")
    tour.get("clerk", "/jobs")
    tour.get("operator", "/payers?limit=2")
    tour.post("operator", f"/payers/{payer}/aliases", {"ref": "635/A635"})
    tour.post(
        "approver",
        f"/payers/{payer}/account",
        {"name": "ACME LTD", "sort_code": "20-00-00", "account_number": "55779911"},
    )
    tour.get("clerk", f"/payers/{payer}/notices")
    tour.post("clerk", f"/payers/{payer}/notices")
    tour.get("clerk", f"/payers/{payer}/report")
    tour.post("operator", "/claims", {"funder": "government", "until": None, "again": False})
    tour.post("operator", "/claims", {"funder": ref, "until": None, "again": False})
    tour.get("operator", "/claims")
    tour.get("operator", "/claims/1")
    tour.get("operator", "/claims/1/file")
    tour.post("operator", "/claims/replies?name=reply.csv", b"line,outcome,amount,code\n1-1,paid,,\n")
    other = tour.served.identity("other clerk").payer
    tour.post("operator", f"/payers/{other}/bust", {"on": "2026-08-01"})
    tour.get("operator", f"/payers/{other}/bust")


def _tried(tour: Tour) -> None:
    lives = {"rulebook": BOOK, "people": PEOPLE, "facts": FACTS, "as_of": "2026-08-20"}
    tour.post("member", "/try/entitle", lives)
    tour.post("member", "/try/why", lives | {"member": "ann"})
    tour.post("member", "/try/quote", lives)
    claims = "id,account,kind,period_start,period_end,amount\nc1,a,match,2026-04-06,2026-05-05,10.00\n"
    tour.post("member", "/try/answer", {"rulebook": {"name": "uk-lifetime-isa"}, "claims": claims})
    tour.post(
        "member",
        "/try/loan",
        {"plan": "2", "balance_minor": 4_500_000, "since": "2020-04-06", "earnings_minor": 3_500_000},
    )
    tour.post("member", "/samples", {"members": 20, "months": 1, "seed": 1})


def _money_out(tour: Tour, member: int | None) -> None:
    own_account = {"name": "A ARCHER", "sort_code": "20-00-00", "account_number": "55779911"}
    of = f"/members/{member}"
    tour.post("member", f"{of}/withdrawals/quote", {"amount_minor": 100, "purpose": None})
    numbers = [
        tour.post("member", f"{of}/withdrawals", {"amount_minor": 100 + n} | own_account)["withdrawal"]
        for n in range(4)
    ]
    tour.get("member", "/withdrawals")
    tour.get("member", f"/withdrawals/{numbers[0]}")
    tour.post("approver", f"/withdrawals/{numbers[0]}/approve")
    tour.post("approver", f"/withdrawals/{numbers[1]}/decline")
    tour.post("member", f"/withdrawals/{numbers[2]}/cancel")
    run = tour.post("operator", "/payment-runs", {"format": "pain001", "on": None, "refunds": False})
    tour.get("operator", f"/payment-runs/{run['run']}/file")
    tour.post("operator", f"/withdrawals/{numbers[0]}/arrived")
    tour.post("approver", f"/withdrawals/{numbers[3]}/approve")
    tour.post("operator", "/payment-runs", {"only": numbers[3]})
    tour.post("operator", f"/withdrawals/{numbers[3]}/return", {"amount_minor": 0})
    bank = b"date,description,paid in,paid out\n2026-08-19,SOMEBODY,5.00,\n"
    entry = tour.post("operator", "/bank-statements?name=bank.csv", bank)["entries"][0]["entry"]
    tour.post("operator", f"/suspense/{entry}/match", {"account": "rounding"})
    # Old enough for a second pension, and then for a home: evidence, stages and time.
    agreed(tour, tour.post("operator", f"{of}/birth-day", {"day": "1960-01-01", "reason": "A certificate was shown."}))
    income = {"amount_minor": 100, "day": 25, "evidence": [{"name": "bank.pdf", "base64": "JVBERi0="}]} | own_account
    number = tour.post("member", f"{of}/incomes", income)["income"]
    tour.get("member", "/incomes")
    tour.get("member", f"/incomes/{number}")
    tour.post("approver", f"/incomes/{number}/approve")
    tour.post("member", f"/incomes/{number}/change", {"amount_minor": 200})
    tour.post("approver", f"/incomes/{number}/decline")
    tour.post("member", f"/incomes/{number}/stop")
    asked = {"amount_minor": 100, "purpose": "second_pension"} | own_account
    number = tour.post("member", f"{of}/withdrawals", asked)["withdrawal"]
    tour.post("member", f"/withdrawals/{number}/evidence/1?name=bank.pdf", b"%PDF-1.7")
    tour.get("member", f"/withdrawals/{number}/evidence")


def _family(tour: Tour, member: int | None, other: int | None, nino: str) -> None:
    theirs = tour.one("select nino from personal.identity where member = %s", other)
    tour.post("member", f"/members/{member}/household/links", {"other": theirs})
    tour.post("other member", f"/members/{other}/household/links/accept", {"other": nino})
    tour.post(
        "member", f"/members/{member}/household/goal", {"other": theirs, "name": "Our home", "target_minor": 3_000_000}
    )
    tour.post("member", f"/members/{member}/household/consent", {"other": theirs})
    tour.post("member", f"/members/{member}/household/gift", {"other": theirs, "amount_minor": 100, "day": 1})
    tour.get("member", f"/members/{member}/household")
    tour.post("operator", "/household/gifts")
    tour.post("member", f"/members/{member}/household/links/leave", {"other": theirs})


def _of_members(tour: Tour, rest: list[int]) -> None:
    one, two, three, four, five, six = rest
    tour.post("operator", f"/members/{one}/opened-on", {"day": "2026-04-10"})
    agreed(tour, tour.post("operator", f"/members/{one}/merge", {"into": two, "reason": "One person, two NINOs."}))
    payer = tour.one(
        "select ref from payer where id = (select payer from fact where kind = 1 and member = %s limit 1)", two
    )
    agreed(tour, tour.post("operator", f"/members/{two}/split", {"payers": [payer], "reason": "Twins."}))
    fact = tour.one("select max(id) from fact where kind = 1 and member = %s", three)
    refused = tour.post("operator", f"/facts/{fact}/correction", {"reason": "A slip.", "earnings_minor": 100_000})
    tour.post("approver", f"/proposals/{refused['proposal']}/decline")
    tour.post("operator", f"/members/{three}/household/division", {"other": four, "order": "FD26P00417", "part": "1/2"})
    dead = tour.one("select nino from personal.identity where member = %s", four)
    tour.post(
        "operator",
        "/files?name=died.csv",
        row(kind="died", on="2026-08-10", nino=dead + "A" if len(dead) == 8 else dead),
    )
    tour.post("operator", f"/members/{four}/household/heirs", {"heirs": {"Jo Bell": "1/2", "Al Bell": "1/2"}})
    tour.post(
        "approver",
        f"/members/{four}/household/heirs/account",
        {"name": "Jo Bell", "sort_code": "20-00-00", "account_number": "55779911"},
    )
    left = tour.post("operator", f"/members/{five}/transfer-out", {"to": "NEXT SCHEME"})
    tour.post("operator", "/transfers/in?name=back.jsonl", left["content"].encode())
    agreed(tour, tour.post("operator", f"/members/{six}/erase", {"reason": "They asked to be forgotten."}))
    tour.get("auditor", "/proposals")
    tour.get("auditor", f"/proposals/{refused['proposal']}")


def agreed(tour: Tour, asked: dict[str, Any]) -> None:
    """Another person agrees to what was proposed."""
    tour.post("approver", f"/proposals/{asked['proposal']}/agree")


def shortened(found: Any, deep: int = 0) -> Any:
    """An answer as an example: the first items of long lists, and the beginnings of long texts."""
    if isinstance(found, dict):
        return {
            name: shortened(one, deep + 1) for name, one in list(found.items())[: (40, 40, 40, 20, 8)[min(deep, 4)]]
        }
    if isinstance(found, list):
        return [shortened(one, deep + 1) for one in found[:MOST_ITEMS]]
    if isinstance(found, str) and len(found) > LONGEST:
        return found[:LONGEST] + "…"
    return found


def write_examples(tour: Tour) -> None:
    """Write what the description shows, in the order of operations."""
    order = list(tour.operations.values())
    kept = {one: shortened(tour.kept[one]) for one in order if one in tour.kept}
    EXAMPLES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

"""Holes that somebody found who tried to break the door, each kept shut by a test."""

from starlette.testclient import TestClient
from tests.served import Served
from tests.staffing import asked_for, income_asked, saver, with_bank

from lifepot.access import seats
from lifepot.inbox import proposals
from lifepot.scheme.opening import same_person


def renamed(served: Served, subject: str, name: str) -> None:
    """The identity provider calls somebody otherwise from now on."""
    with served.doors.acting() as connection:
        seats.login_of(connection, seats.OURSELVES, subject, name, served.doors.now())


def key(name: str) -> dict[str, str]:
    """A request's headers."""
    return {"idempotency-key": name}


def test_another_name_is_no_second_pair_of_eyes(served: Served) -> None:
    """Whoever asks for a withdrawal, an income or a change, and is then called otherwise, still does not agree to it."""
    before, member = served.identity("operator").who, saver(served)
    withdrawal = asked_for(served, member, 600_00, who=before)
    income = income_asked(served, member, 25_00, who=before)
    with served.doors.acting() as connection:
        proposal = proposals.propose(connection, "erase", {}, "They asked.", before, served.doors.now(), member)
    renamed(served, "operator", "Somebody Else")
    assert served.identity("operator").who != before
    operator = served.machine("operator")
    for nth, path in enumerate(
        (f"withdrawals/{withdrawal}/approve", f"incomes/{income}/approve", f"proposals/{proposal}/agree")
    ):
        answer = operator.post(f"/api/v1/{path}", headers=key(f"k{nth}"))
        assert answer.status_code == 409, (path, answer.text)
        assert "asked for it" in answer.json()["detail"], answer.text


def test_who_is_one_person() -> None:
    """A login's number says who somebody is; without one, what is written does."""
    assert same_person("Ann #3", "Anne Smith #3")
    assert same_person("the office", "The Office ")
    assert not same_person("Ann #3", "Ann #13")
    assert not same_person("Ann #3", "Ann")
    assert not same_person("key Ann", "key Bob")


def test_what_kept_nothing_is_answered_as_before_too(served: Served) -> None:
    """A payment run that found nothing to send is not made after all when the same request comes again."""
    with_bank(served)
    operator: TestClient = served.machine("operator")
    first = operator.post("/api/v1/payment-runs", json={}, headers=key("run"))
    assert (first.status_code, first.json()["run"]) == (201, None)
    number = asked_for(served, saver(served), 50_00)
    approved = served.machine("approver").post(f"/api/v1/withdrawals/{number}/approve", headers=key("yes"))
    assert approved.status_code == 200, approved.text
    again = operator.post("/api/v1/payment-runs", json={}, headers=key("run"))
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert operator.post("/api/v1/payment-runs", json={}, headers=key("next")).json()["run"] is not None

"""The laws of claims under random months: pays, corrections, withdrawals, claims and replies in any order."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.schemes import ANN, BOB, CAT, Scheme, clock, opened, pay, withdrawn

from lifepot.audit.verify import verify
from lifepot.errors import LifepotError
from lifepot.periods import format_day, parse_day
from lifepot.scheme.claim import find_funder, make_claim
from lifepot.scheme.claim_lines import history
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.claim_show import list_claims, show_claim
from lifepot.scheme.settle import settle
from lifepot.scheme.standing import locked, read_standing
from lifepot.storage.rows import blank_facts
from lifepot.storage.server import EmbeddedServer

FUNDERS = ("government", "ACME", "BOLT")
PAYDAYS = ("2026-05-29", "2026-06-30", "2026-07-31")

member = st.sampled_from([ANN, BOB, CAT])
pounds = st.integers(0, 60).map(lambda whole: f"{whole}.00")
sent = st.sampled_from(["", "0.00", "10.00", "30.00"])

PAID = st.tuples(
    st.just("pay"), st.sampled_from(["ACME", "BOLT"]), st.sampled_from(PAYDAYS),
    st.lists(st.tuples(member, st.sampled_from(["500.00", "1000.00", "2000.00"]), sent, sent), min_size=1, max_size=3,
             unique_by=lambda one: one[0]),
)  # fmt: skip
CLAIMED = st.tuples(st.just("claim"), st.sampled_from(FUNDERS), st.booleans())
REPLIED = st.tuples(
    st.just("reply"), st.integers(0, 9), st.lists(st.sampled_from(["paid", "partly_paid", "refused", "part", ""]), min_size=1, max_size=6)
)  # fmt: skip
TAKEN = st.tuples(st.just("take"), member, pounds)

MONTHS = st.lists(st.one_of(PAID, PAID, CLAIMED, REPLIED, REPLIED, TAKEN), min_size=4, max_size=14)


def said(scheme: Scheme, nth: int, outcomes: list[str], on: str) -> int:
    """Replies to one of the claims that there are, line by line; what of it the bank will show."""
    claims = list_claims(scheme.connection)
    if not claims:
        return 0
    _, lines, _ = show_claim(scheme.connection, claims[nth % len(claims)].number)
    rows = []
    for line, outcome in zip(lines, outcomes, strict=False):
        part = line.paid_minor + (abs(line.amount_minor) // 3) * (1 if line.amount_minor > 0 else -1)
        amount = f"{part / 100:.2f}"
        if outcome == "part":
            rows.append(f"{line.line},partly_paid,{amount},")
        elif outcome == "partly_paid":
            rows.append(f"{line.line},partly_paid,{amount},SOME")
        elif outcome:
            rows.append(f"{line.line},{outcome},,{'NO' if outcome == 'refused' else ''}")
    scheme.connection.rollback()
    if not rows:
        return 0
    answered = receive_reply(
        scheme.connection, scheme.file("\n".join(["line,outcome,amount,code", *rows, ""])), clock(on)
    )
    return answered.cash_minor if answered.funder == "government" else 0


def members_of(scheme: Scheme) -> Any:
    """All members' numbers, rising."""
    rows = scheme.connection.execute("select member from personal.identity order by member").fetchall()
    return np.array([member for (member,) in rows], np.int64)


def everybody_is_settled(scheme: Scheme) -> None:
    """A settle that reads everybody's life and all that was posted finds nothing to post."""
    members = members_of(scheme)
    standing, store = locked(scheme.connection, members)
    settled = settle(store, standing, store.begin_batch(), members, blank_facts(0), standing.as_of)
    assert len(settled.transfers) == 0, settled.transfers
    scheme.connection.rollback()


def nothing_is_left(scheme: Scheme, funder: str, until: int) -> None:
    """Of what a funder owes up to a day, all is claimed."""
    members = members_of(scheme)
    standing = read_standing(scheme.connection)
    store = standing.store(scheme.connection)
    left = history(store, standing, find_funder(scheme.connection, standing, funder), members, until)
    assert not left.amount.any(), left
    scheme.connection.rollback()


@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a failure smaller would take many minutes
)  # fmt: skip
@given(months=MONTHS)
def test_whatever_happens_whole_is_direct(server: EmbeddedServer, months: list[tuple[str, ...]]) -> None:
    """After any months a settle that reads all finds nothing, no pot is negative, verify proves it; government's account and what
    is to come from it are what its claims and replies say; and a last claim leaves nothing owed and not claimed.
    """
    with tempfile.TemporaryDirectory() as folder, opened(server, Path(folder)) as scheme:
        today, cash = parse_day("2026-08-03"), 0
        for what in months:
            today += 3
            on = format_day(today)
            if what[0] == "pay":
                _, payer, day, people = what
                rows = [
                    pay(nino, day, earnings, worker, employer, payer=payer, reason=on)  # type: ignore[misc]
                    for nino, earnings, worker, employer in people
                ]
                scheme.tell(rows, on, "replaces")
            elif what[0] == "take":
                scheme.tell([withdrawn(what[1], on, what[2], "student_loan")], on)
            elif what[0] == "reply":
                cash += said(scheme, what[1], what[2], on)  # type: ignore[arg-type]
            else:
                try:
                    make_claim(scheme.connection, what[1], None, clock(on), again=bool(what[2]))
                except LifepotError:
                    scheme.connection.rollback()  # a payer that nobody has heard of yet
            everybody_is_settled(scheme)
            scheme.check()
        assert scheme.pots().get("from_government", 0) == -cash
        until = parse_day("2026-09-30")
        for funder in FUNDERS:
            if funder == "government" or scheme.one("select count(*) from payer where ref = %s", [funder]):
                make_claim(scheme.connection, funder, until, clock("2026-10-05"), again=True)
                nothing_is_left(scheme, funder, until)
        scheme.connection.commit()
        findings = verify(scheme.connection)
        assert findings.proved, findings.lines()

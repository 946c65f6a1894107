"""What moved to another scheme, or goes to heirs, is sent by the same payment runs, once, and found again in the bank."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.commanding import asked, run, sound
from tests.schemes import ANN, BOB, Scheme, opened, paid
from tests.test_payments import ACCOUNT, paid_as, stands, statement
from tests.test_payments import run as payment_run

from lifepot.payments.runs import set_own_account
from lifepot.storage.server import EmbeddedServer


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann and Bob have paid in £1,000 each, and the scheme has a bank account."""
    with opened(server, tmp_path) as one:
        one.told([paid(nino, "2026-06-02", "1000.00") for nino in (ANN, BOB)], "2026-06-02")
        set_own_account(one.connection, ACCOUNT)
        yield one
        sound(one)


def test_an_account_that_moved_is_paid_to_its_scheme_once(scheme: Scheme, tmp_path: Path) -> None:
    """Sent as soon as the scheme's account is known, in one payment, which the bank's statement shows."""
    asked(scheme, "transfer", "out", ANN, "--to", "Next", "--out", tmp_path / "ann.jsonl", "--as-of", "2026-07-01")
    assert payment_run(scheme) is None
    assert (
        run(
            scheme,
            "payers",
            "account",
            "Next",
            "--name",
            "Next Mutual",
            "--sort-code",
            "200000",
            "--account",
            "55779912",
        )[0]
        == 0
    )
    made = payment_run(scheme)
    assert made is not None
    assert (made.payments, made.amount, b"Next Mutual" in made.octets) == (1, 1000_00, True)
    assert payment_run(scheme) is None
    assert {name: minor for name, minor in scheme.pots().items() if name in {f"leaving {ANN[:8]}", "on_the_way"}} == {
        "on_the_way": 1000_00
    }
    taken = statement(scheme, ("2026-07-03", f"NEXT MUTUAL {paid_as(scheme, 1)}", "", "1000.00"))
    assert not taken.in_suspense
    assert "on_the_way" not in scheme.pots()
    stands(scheme)


def test_heirs_are_paid_as_their_accounts_become_known(scheme: Scheme) -> None:
    """Jo's account is known, Mo's is not yet; what comes back from Jo's bank is sent to Jo again, and not to Mo."""
    scheme.told([{"kind": "died", "nino": ANN, "on": "2026-06-20"}], "2026-06-21")
    words = ("household", "heirs", ANN, "--heir", "Jo Bell=1/3", "--heir", "Mo Bell=2/3", "--as-of", "2026-07-01")
    assert [one["amount_minor"] for one in asked(scheme, *words)["heirs"]] == [333_33, 666_67]
    assert run(scheme, "household", "heir", ANN, "Jo Ball", "--sort-code", "200000", "--account", "55779912")[0] == 2
    asked(scheme, "household", "heir", ANN, "Jo Bell", "--sort-code", "20-00-00", "--account", "55779912")
    first = payment_run(scheme)
    assert first is not None
    assert (first.payments, first.amount) == (1, 333_33)
    assert [one["because"] for one in first.left_out] == ["nobody said which account it goes to"]
    statement(scheme, ("2026-07-03", f"JO BELL {paid_as(scheme, 1)}", "", "333.33"))
    back = statement(scheme, ("2026-07-05", f"RETURNED {paid_as(scheme, 1)}", "333.33", ""))
    assert not back.in_suspense
    asked(scheme, "household", "heir", ANN, "Mo Bell", "--sort-code", "200000", "--account", "55779913")
    again = payment_run(scheme, on="2026-07-06")
    assert again is not None
    assert (again.payments, again.amount) == (2, 1000_00)
    assert payment_run(scheme, on="2026-07-07") is None
    stands(scheme)

"""What happened and is no rule's: money that was owed and came, sent and come back, posted alone and found again by a settle."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.schemes import ANN, BOB, Scheme, clock, opened, pay

from lifepot.ledger.happened import Happening
from lifepot.scheme.direct import post_directly
from lifepot.scheme.standing import locked
from lifepot.storage.rows import blank_facts
from lifepot.storage.server import EmbeddedServer

GOVERNMENT, EMPLOYER = 2, 1


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A lifetime savings account scheme with one month's pay in it: £18 owed by government, £60 sent, £20 owed by ACME."""
    with opened(server, tmp_path) as one:
        one.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "10.00")], "2026-06-01")
        yield one


def came(scheme: Scheme, nino: str, amount: int, share: int, payer: str | None = None, on: str = "2026-06-19") -> None:
    """`amount` that was owed for a share of a member came."""
    member = scheme.one("select member from personal.identity where nino = %s", [nino[:8]])
    standing, store = locked(scheme.connection, np.array([member]))
    fact = blank_facts(1)
    fact["kind"], fact["member"], fact["amount"], fact["attribute"] = Happening.CAME, member, amount, share
    fact["payer"] = 0 if payer is None else scheme.one("select id from payer where ref = %s", [payer])
    fact["root"], fact["effective_on"] = np.iinfo(np.int64).min, clock(on).as_of
    batch = store.begin_batch()
    post_directly(store, standing, batch, fact).write(store)
    at = clock(on)
    store.finish_batch(kind="came", who=at.who, known_at=at.known_at, as_of_day=at.as_of, key=f"came:{batch}")
    scheme.connection.commit()


def test_what_government_owed_and_paid_is_in_the_pot(scheme: Scheme) -> None:
    """£18 owed and paid stand in the pot, and are said to come from government until the bank shows them."""
    came(scheme, ANN, 18_00, GOVERNMENT)
    assert scheme.pot(ANN) == {"worker": 30_00, "employer": 10_00, "employer_owed": 20_00, "government": 18_00}
    assert scheme.pots()["from_government"] == -18_00
    assert "owed_by_government" not in scheme.pots()
    scheme.check()


def test_a_settle_that_reads_everything_finds_nothing_to_do(scheme: Scheme) -> None:
    """What was posted alone is what a settle of the whole life posts: settling, and a correction of nothing, bring nothing."""
    came(scheme, ANN, 18_00, GOVERNMENT)
    came(scheme, ANN, 20_00, EMPLOYER, "ACME")
    before = scheme.pots()
    assert before["in_transit ACME"] == -60_00
    assert "owed_by ACME" not in before
    scheme.told([pay(ANN, "2026-05-29", "1000.01", "30.00", "10.00")], "2026-06-20", "replaces")
    assert scheme.settle("2026-06-21").transfers == 0
    assert scheme.pots() == before
    scheme.check()


def test_more_than_was_owed_is_due_to_the_payer(scheme: Scheme) -> None:
    """Of £25 paid where £18 was owed, £7 is government's: its account shows it, no pot does."""
    came(scheme, ANN, 25_00, GOVERNMENT)
    assert scheme.pot(ANN)["government"] == 18_00
    assert scheme.pots()["owed_by_government"] == 7_00
    scheme.check()


def test_a_correction_after_it_was_paid_leaves_what_is_owed_back(scheme: Scheme) -> None:
    """Pay that is halved after government paid halves the match: the pot has £10.50, and £7.50 is due to government."""
    came(scheme, ANN, 18_00, GOVERNMENT)
    scheme.told([pay(ANN, "2026-05-29", "500.00", "15.00", "10.00")], "2026-06-20", "replaces")
    assert scheme.pot(ANN)["government"] == 10_50
    assert scheme.pots()["owed_by_government"] == 7_50
    scheme.check()
    scheme.told([pay(BOB, "2026-06-20", "100.00", "3.00", "3.00")], "2026-06-21")
    assert scheme.settle("2026-06-22").transfers == 0


def test_later_months_go_on_from_what_came(scheme: Scheme) -> None:
    """The next month's match is owed on top of what came, whether the member is carried on or read whole."""
    came(scheme, ANN, 18_00, GOVERNMENT)
    scheme.told([pay(ANN, "2026-06-30", "1000.00", "30.00", "30.00")], "2026-07-01")
    assert scheme.pot(ANN)["government"] == 18_00
    assert scheme.pot(ANN)["government_owed"] == 18_00
    came(scheme, ANN, 18_00, GOVERNMENT, on="2026-07-19")
    assert scheme.pot(ANN)["government"] == 36_00
    scheme.check()

"""Withdrawals step by step on the real server: quoted, asked, proved, approved, held, sent, back; and every way it may not go."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.schemes import ANN, Scheme, clock, opened, paid, pay

from lifepot.errors import LifepotError
from lifepot.scheme.opening import Clock
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import steps
from lifepot.withdrawals.payees import Destination, load, own_account, payee_named
from lifepot.withdrawals.quoting import Quote, Wish, quote

REGISTER = """kind,ref,name,sort_code,account_number,course,title,price
conveyancer,SMITH,Smith & Daughters,200000,55779911,,,
provider,TECH,Northern Technical College,20-00-00,12345678,WELD3,Welding level 3,1200.00
lender,SLC,Student Loans Company,200001,11223344,,,
"""


def by(who: str, as_of: str) -> Clock:
    """A day on which somebody does something."""
    return replace(clock(as_of), who=who)


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann has £60 of pay's contributions and £1,000 of her own, thirteen months old."""
    with opened(server, tmp_path) as one:
        one.told([pay(ANN, "2025-05-29", "1000.00", "30.00", "30.00")], "2025-06-01")
        one.told([paid(ANN, "2025-06-02", "1000.00")], "2025-06-02")
        register = tmp_path / "register.csv"
        register.write_text(REGISTER, encoding="utf-8")
        assert load(one.connection, register) == (3, [])
        yield one


def number(scheme: Scheme, nino: str) -> int:
    """A member's number."""
    return int(scheme.one("select member from personal.identity where nino = %s", [nino[:8]]))


def wish(scheme: Scheme, amount: int, purpose: str | None = None, **said: str) -> Wish:
    """Ann would like to take money out."""
    return Wish(number(scheme, ANN), purpose, amount, arrives=False, said=said)


def own() -> Destination:
    """Ann's own account."""
    return own_account("Ann Archer", "20-00-00", "55779911")


def quoted(scheme: Scheme, amount: int, purpose: str | None = None, as_of: str = "2026-07-01") -> Quote:
    """What Ann would be told."""
    return quote(scheme.connection, wish(scheme, amount, purpose), clock(as_of))


def test_a_quote_says_whose_money_goes_and_what_is_lost(scheme: Scheme) -> None:
    """£100 of Ann's own for anything else costs the £50 of match on it, and nothing is kept of the try."""
    before = scheme.pots()
    found = quoted(scheme, 100_00, as_of="2025-07-01")
    assert found.from_ == {"worker": 100_00, "employer": 0, "government": 0}
    assert (found.arrives, found.not_there, found.charges) == (100_00, 0, {})
    assert found.lost == {"government.match": 50_00}
    assert scheme.pots() == before


def test_what_others_gave_goes_for_a_purpose_only(scheme: Scheme) -> None:
    """For a home Ann's £1,030 and ACME's £30 can go; for anything else ACME's stays, and the refusal says how much is there."""
    found = quoted(scheme, 1060_00, "first_home")
    assert found.met
    assert found.from_ == {"worker": 1030_00, "employer": 30_00, "government": 0}
    with pytest.raises(LifepotError, match=r"Only £1,030.00 is there"):
        steps.ask(scheme.connection, wish(scheme, 1060_00), own(), by("ann", "2026-07-01"))


def test_a_purpose_that_is_not_open_yet_says_when_it_opens(scheme: Scheme) -> None:
    """Twelve months after opening is 29 May 2026: the day before, the refusal names the test and the day."""
    found = quoted(scheme, 100_00, "first_home", as_of="2026-05-28")
    assert not found.met
    assert found.opens_on == "2026-05-29"
    to = payee_named(scheme.connection, "conveyancer:SMITH")
    with pytest.raises(LifepotError, match=r"purposes.first_home.*opens on 2026-05-29"):
        steps.ask(scheme.connection, wish(scheme, 100_00, "first_home"), to, by("ann", "2026-05-28"))


def asked_for_a_home(scheme: Scheme, amount: int = 500_00) -> int:
    """Ann asks for a deposit and proves what is needed."""
    to = payee_named(scheme.connection, "conveyancer:SMITH", reference="ARCHER/7")
    taken, _ = steps.ask(scheme.connection, wish(scheme, amount, "first_home"), to, by("ann", "2026-07-01"))
    for piece in (0, 1):
        steps.prove(scheme.connection, taken.withdrawal.number, piece, "paper.pdf", b"%PDF", by("ann", "2026-07-02"))
    return taken.withdrawal.number


def test_money_is_held_the_moment_it_is_approved(scheme: Scheme) -> None:
    """Approved by another person, £500 leave the pot and wait to be sent; a second £600 is not there any more."""
    one = asked_for_a_home(scheme)
    assert scheme.pot(ANN)["worker"] == 1030_00
    taken = steps.approve(scheme.connection, one, by("olive", "2026-07-03"))
    assert (taken.withdrawal.state, taken.leaving) == ("approved", 500_00)
    assert scheme.pot(ANN)["worker"] == 530_00
    assert scheme.pots()[f"leaving {ANN[:8]}"] == 500_00
    with pytest.raises(LifepotError, match=r"Only £560.00 is there"):
        asked_for_a_home(scheme, 600_00)
    scheme.check()


def test_nobody_approves_what_they_asked_for(scheme: Scheme) -> None:
    """Whoever asked does not approve (a home has no limit below which they may), and the rule is named."""
    one = asked_for_a_home(scheme)
    with pytest.raises(LifepotError, match=r"purposes.first_home.approve_above"):
        steps.approve(scheme.connection, one, by("ann", "2026-07-03"))


def test_below_the_limit_one_person_is_enough(scheme: Scheme) -> None:
    """£500 of one's own is approved by whoever asked, £500.01 is not."""
    for amount, goes in ((500_00, True), (500_01, False)):
        taken, _ = steps.ask(scheme.connection, wish(scheme, amount), own(), by("ann", "2026-07-01"))
        if goes:
            steps.approve(scheme.connection, taken.withdrawal.number, by("ann", "2026-07-01"))
        else:
            with pytest.raises(LifepotError, match=r"above £500.00"):
                steps.approve(scheme.connection, taken.withdrawal.number, by("ann", "2026-07-01"))


def test_missing_evidence_is_named(scheme: Scheme) -> None:
    """Without the declaration nothing is approved, and the refusal says which piece is missing."""
    to = payee_named(scheme.connection, "conveyancer:SMITH")
    taken, _ = steps.ask(scheme.connection, wish(scheme, 500_00, "first_home"), to, by("ann", "2026-07-01"))
    steps.prove(scheme.connection, taken.withdrawal.number, 0, "undertaking.pdf", b"%PDF", by("ann", "2026-07-02"))
    with pytest.raises(LifepotError, match=r"a declaration of a first purchase"):
        steps.approve(scheme.connection, taken.withdrawal.number, by("olive", "2026-07-03"))


def test_money_goes_to_whom_the_rulebook_says(scheme: Scheme) -> None:
    """A deposit goes to a conveyancer of the register, not to Ann, and not to a college."""
    for to in (own(), payee_named(scheme.connection, "provider:TECH")):
        with pytest.raises(LifepotError, match=r"purposes.first_home.to: conveyancer"):
            steps.ask(scheme.connection, wish(scheme, 500_00, "first_home"), to, by("ann", "2026-07-01"))


def test_cancelled_it_is_as_if_it_had_never_been(scheme: Scheme) -> None:
    """What was held goes back whole, to whose it was."""
    before = scheme.pots()
    one = asked_for_a_home(scheme)
    steps.approve(scheme.connection, one, by("olive", "2026-07-03"))
    taken = steps.cancel(scheme.connection, one, by("ann", "2026-07-04"))
    assert taken.withdrawal.state == "cancelled"
    assert scheme.pots() == before
    with pytest.raises(LifepotError, match=r"is cancelled"):
        steps.approve(scheme.connection, one, by("olive", "2026-07-05"))
    scheme.check()


def test_asking_twice_with_one_key_asks_once(scheme: Scheme) -> None:
    """The second gets the first's number; another amount under the same key is refused."""
    one, _ = steps.ask(scheme.connection, wish(scheme, 100_00), own(), by("ann", "2026-07-01"), key="k1")
    two, _ = steps.ask(scheme.connection, wish(scheme, 100_00), own(), by("ann", "2026-07-01"), key="k1")
    assert one.withdrawal.number == two.withdrawal.number
    with pytest.raises(LifepotError, match="key"):
        steps.ask(scheme.connection, wish(scheme, 101_00), own(), by("ann", "2026-07-01"), key="k1")

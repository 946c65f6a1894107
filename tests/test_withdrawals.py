"""Withdrawals step by step on the real server: quoted, asked, proved, approved, held, sent, back; and every way it may not go."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.schemes import ANN, Scheme, clock, opened, paid, pay
from tests.test_happened import EMPLOYER, GOVERNMENT, came

from lifepot.audit.verify import verify
from lifepot.banking.payments import OwnAccount
from lifepot.errors import LifepotError
from lifepot.payments.runs import make_run, set_own_account
from lifepot.periods import parse_day
from lifepot.rulebook.reader import shipped
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


# The Lifetime ISA: its charge, its home


@pytest.fixture
def isa(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann paid £4,000 into a Lifetime ISA in May 2018, and the £1,000 bonus was claimed and came."""
    with opened(server, tmp_path, "uk-lifetime-isa") as one:
        one.told([paid(ANN, "2018-05-10", "4000.00")], "2019-06-06")
        came(one, ANN, 1000_00, GOVERNMENT, on="2019-06-20")
        register = tmp_path / "register.csv"
        register.write_text(REGISTER, encoding="utf-8")
        load(one.connection, register)
        yield one
        one.check()
        one.connection.rollback()
        found = verify(one.connection)
        assert not found.problems, found.lines()


@pytest.mark.parametrize(
    ("as_of", "charge"),
    [("2020-03-05", 1250_00), ("2020-03-06", 1000_00), ("2021-04-05", 1000_00), ("2021-04-06", 1250_00)],
)
def test_everything_out_of_a_lifetime_isa(isa: Scheme, as_of: str, charge: int) -> None:
    """£5,000 taken out for nothing costs 25 % of it, and 20 % from 6 March 2020 to 5 April 2021: what arrives, and the pots."""
    found = quote(isa.connection, wish(isa, 5000_00), clock(as_of))
    assert found.from_ == {"worker": 4000_00, "employer": 0, "government": 1000_00}
    assert (found.charges, found.arrives) == ({"government.charge": charge}, 5000_00 - charge)
    asked, _ = steps.ask(isa.connection, wish(isa, 5000_00), own(), by("ann", as_of))
    taken = steps.approve(isa.connection, asked.withdrawal.number, by("olive", as_of))
    assert taken.leaving == 5000_00 - charge
    assert isa.pot(ANN) == {"leaving": 5000_00 - charge}
    assert isa.pots()["owed_by_government"] == charge


def test_so_much_that_a_sum_arrives(isa: Scheme) -> None:
    """For £750 to arrive at 25 %, £1,000 are taken out."""
    found = quote(isa.connection, replace(wish(isa, 750_00), arrives=True), clock("2022-05-01"))
    assert (found.amount, found.arrives) == (1000_00, 750_00)


HOME = {"mortgage": "yes", "conveyancer": "yes", "first_time_buyer": "yes"}


def test_the_price_of_a_home_is_a_cliff(isa: Scheme) -> None:
    """At £450,000 a deposit is free of charge; a penny more and it is none, by a test that is named."""
    free = quote(isa.connection, wish(isa, 5000_00, "first_home", price="450000.00", **HOME), clock("2022-05-01"))
    assert (free.met, free.charges, free.arrives) == (True, {}, 5000_00)
    beyond = wish(isa, 5000_00, "first_home", price="450000.01", **HOME)
    assert not quote(isa.connection, beyond, clock("2022-05-01")).met
    to = payee_named(isa.connection, "conveyancer:SMITH")
    with pytest.raises(LifepotError, match=r"price at most price_cap \(found 450000.01"):
        steps.ask(isa.connection, beyond, to, by("ann", "2022-05-01"))


def test_a_share_of_a_home_counts_at_the_whole_value(isa: Scheme) -> None:
    """A 40 % share for £200,000 is a home of £500,000, above the cap; for £180,000 one of £450,000."""
    for share, met in (("200000.00", False), ("180000.00", True)):
        asked = wish(isa, 5000_00, "first_home", share_price=share, share_pct="40", **HOME)
        assert quote(isa.connection, asked, clock("2022-05-01")).met is met


def bought(isa: Scheme) -> int:
    """£3,000 for a home on 1 May 2022, approved."""
    asked = wish(isa, 3000_00, "first_home", price="200000.00", **HOME)
    taken, _ = steps.ask(
        isa.connection, asked, payee_named(isa.connection, "conveyancer:SMITH"), by("ann", "2022-05-01")
    )
    for piece in (0, 1):
        steps.prove(isa.connection, taken.withdrawal.number, piece, "paper.pdf", b"%PDF", by("ann", "2022-05-01"))
    steps.approve(isa.connection, taken.withdrawal.number, by("olive", "2022-05-01"))
    return taken.withdrawal.number


def test_a_purchase_is_extended_twice(isa: Scheme) -> None:
    """90 days from 1 May, then 60 more and 60 more; a third time is refused, and so is one asked for too late."""
    home = bought(isa)
    first = steps.extend(isa.connection, home, by("ann", "2022-07-30"))
    assert first.withdrawal.extended_to == parse_day("2022-09-28")
    steps.extend(isa.connection, home, by("ann", "2022-09-28"))
    with pytest.raises(LifepotError, match="more than 2 times"):
        steps.extend(isa.connection, home, by("ann", "2022-10-01"))


def test_an_extension_is_asked_for_in_time(isa: Scheme) -> None:
    """A day after the 90 days it is too late."""
    home = bought(isa)
    with pytest.raises(LifepotError, match="2022-07-30"):
        steps.extend(isa.connection, home, by("ann", "2022-07-31"))


def test_house_money_that_is_kept_is_charged(isa: Scheme) -> None:
    """Of £3,000 £2,400 come back: the £600 kept cost a third, £200, out of the account; what came back is as it was."""
    home = bought(isa)
    set_own_account(isa.connection, OwnAccount("Lifepot Mutual", "200000", "55779911"))
    make_run(isa.connection, "pain001", date(2022, 5, 2), by("pat", "2022-05-02"))
    assert isa.pot(ANN) == {"worker": 1000_00, "government": 1000_00}
    steps.put_back(isa.connection, home, 2400_00, by("olive", "2022-08-01"))
    assert isa.pot(ANN) == {"worker": 3400_00, "government": 800_00}
    assert isa.pots()["owed_by_government"] == 200_00


def test_nothing_comes_back_of_a_home(isa: Scheme) -> None:
    """All £3,000 kept: a third of it, £1,000, is the charge, which takes the bonus."""
    home = bought(isa)
    set_own_account(isa.connection, OwnAccount("Lifepot Mutual", "200000", "55779911"))
    make_run(isa.connection, "pain001", date(2022, 5, 2), by("pat", "2022-05-02"))
    steps.put_back(isa.connection, home, 0, by("olive", "2022-08-01"))
    assert isa.pot(ANN) == {"worker": 1000_00}


def test_a_course_is_paid_as_far_as_the_account_goes(server: EmbeddedServer, tmp_path: Path) -> None:
    """Mon Compte Formation: of a course of €1,000 the account's rights pay what they hold, and the holder the rest."""
    with opened(server, tmp_path, "fr-mon-compte-formation") as one:
        one.told([pay(ANN, "2024-12-31", "20000.00", frequency="year", hours="1607")], "2025-06-01")
        owed = one.pot(ANN)
        came(
            one,
            ANN,
            sum(amount for name, amount in owed.items() if name.endswith("_owed")),
            EMPLOYER,
            "ACME",
            "2025-06-02",
        )
        purpose = next(iter(shipped("fr-mon-compte-formation").purposes))
        found = quote(one.connection, replace(wish(one, 1000_00, purpose), price=True), clock("2025-06-03"))
        assert found.member_pays is not None
        assert found.price is not None
        assert found.amount + found.member_pays == 1000_00
        assert found.member_pays >= found.price.co_payment > 0

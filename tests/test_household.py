"""Families: what two see of each other and when they do not, gifts, division by order, and what goes to heirs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commanding import asked, run, sound
from tests.schemes import ANN, BOB, CAT, Row, Scheme, opened, paid, pay, withdrawn

from lifepot.household.heirs import portions
from lifepot.storage.server import EmbeddedServer

NOBODY = "AB999999A"


def died(nino: str, on: str) -> Row:
    """A death."""
    return {"kind": "died", "nino": nino, "on": on}


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann has £1,060, Bob £560, Cat £60, a year old; government owes each the match."""
    with opened(server, tmp_path) as one:
        pays = [pay(nino, "2026-04-30", "1000.00", "30.00", "30.00") for nino in (ANN, BOB, CAT)]
        one.told([*pays, paid(ANN, "2026-04-30", "1000.00"), paid(BOB, "2026-04-30", "500.00")], "2026-05-01")
        yield one


@pytest.fixture
def linked(scheme: Scheme) -> Scheme:
    """Ann and Bob are linked, and save for a home."""
    asked(scheme, "household", "link", ANN, BOB, "--as-of", "2026-05-02")
    asked(scheme, "household", "accept", BOB, ANN, "--as-of", "2026-05-03")
    asked(scheme, "household", "goal", ANN, BOB, "--name", "Our home", "--target", "30000.00")
    return scheme


def links(scheme: Scheme, nino: str, as_of: str = "2026-05-10") -> list[dict[str, object]]:
    """What a member is shown."""
    return asked(scheme, "household", "show", nino, "--as-of", as_of)["links"]


def test_two_deposits_for_one_home(linked: Scheme) -> None:
    """Both see the goal, both sums and what is missing; after a year both sums may leave for it."""
    (one,) = links(linked, ANN)
    assert one["goal"] == {
        "name": "Our home", "purpose": "first_home", "target_minor": 30000_00, "together_minor": 1620_00, "missing_minor": 28380_00,
        "yours": {"saved_minor": 1060_00, "usable_now": False}, "theirs": {"saved_minor": 560_00, "usable_now": False},
    }  # fmt: skip
    (other,) = links(linked, BOB, "2027-04-30")
    assert other["goal"]["yours"] == {"saved_minor": 560_00, "usable_now": True}  # type: ignore[index]
    assert other["goal"]["theirs"] == {"saved_minor": 1060_00, "usable_now": True}  # type: ignore[index]
    code, text = run(linked, "household", "show", ANN, "--as-of", "2026-05-10")
    assert (code, "£1,620.00 of £30,000.00" in text) == (0, True)


def test_nothing_is_seen_before_both_said_yes(scheme: Scheme) -> None:
    """Whoever only asked sees that they asked; whoever was asked sees that somebody did, and no sum."""
    asked(scheme, "household", "link", ANN, BOB, "--as-of", "2026-05-02")
    assert links(scheme, ANN) == [{"with": None, "state": "asked", "since": "2026-05-02", "goal": None, "gifts": []}]
    assert [(one["state"], one["goal"]) for one in links(scheme, BOB)] == [("asks_you", None)]
    assert links(scheme, CAT) == []


def test_sight_ends_at_once_when_either_leaves(linked: Scheme) -> None:
    """Bob leaves without asking Ann: neither sees anything of the other."""
    asked(linked, "household", "leave", BOB, ANN, "--as-of", "2026-05-09")
    assert links(linked, ANN) == links(linked, BOB) == []
    assert run(linked, "household", "goal", ANN, BOB, "--name", "x", "--target", "1.00")[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("accept", ANN, "{}"), ("leave", ANN, "{}"), ("goal", ANN, "{}", "--name", "x", "--target", "1.00"),
        ("gift", ANN, "{}", "--amount", "1.00"), ("gift", ANN, "{}", "--stop"), ("link", ANN, "{}"),
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)  # fmt: skip
def test_what_is_asked_of_a_strangers_account_says_nothing_of_it(scheme: Scheme, words: tuple[str, ...]) -> None:
    """Each command answers word for word the same about a member who did not say yes and about somebody who is no member."""
    answers = [run(scheme, "household", *(word.format(other) for word in words)) for other in (CAT, NOBODY)]
    said = [run(scheme, "household", *(word.format(other) for word in words), "--json") for other in (BOB, NOBODY)]
    assert answers[0] == answers[1]
    assert said[0] == said[1]
    assert links(scheme, ANN) == [] or words[0] == "link"


def test_a_standing_gift_is_the_takers_own_payment(linked: Scheme) -> None:
    """£100 a month from Ann into Bob's account is matched there, on its days, once however often it is run."""
    asked(linked, "household", "gift", ANN, BOB, "--amount", "100.00", "--day", "31", "--as-of", "2026-05-05")
    first = asked(linked, "household", "gifts", "--as-of", "2026-06-30")
    assert (first["gifts"], first["amount_minor"]) == (2, 200_00)
    assert asked(linked, "household", "gifts", "--as-of", "2026-07-01")["gifts"] == 0
    assert linked.pot(BOB)["worker"] == 730_00
    assert linked.pot(BOB)["government_owed"] == 365_00 + 3_00
    assert linked.pot(ANN)["worker"] == 1030_00
    entries = asked(linked, "statement", BOB)["entries"]
    assert "gift of 2026-05-31 by member 1" in {one["because"] for one in entries}
    sound(linked)


def test_a_gift_ends_with_its_link_or_when_it_is_ended(linked: Scheme) -> None:
    """After leaving on 10 June nothing falls due; a gift that was ended leaves the link as it is."""
    asked(linked, "household", "gift", ANN, BOB, "--amount", "10.00", "--day", "5", "--as-of", "2026-05-05")
    asked(linked, "household", "gift", BOB, ANN, "--amount", "7.00", "--day", "5", "--as-of", "2026-05-05")
    asked(linked, "household", "gift", BOB, ANN, "--stop", "--as-of", "2026-05-06")
    asked(linked, "household", "leave", ANN, BOB, "--as-of", "2026-06-10")
    given = asked(linked, "household", "gifts", "--as-of", "2026-12-31")
    assert given["amount_minor"] == 2 * 10_00 + 7_00


def test_a_gift_to_somebody_who_died_ends(linked: Scheme) -> None:
    """What falls due after a death is not paid in: the gift ends on the day of death."""
    asked(linked, "household", "gift", ANN, BOB, "--amount", "10.00", "--day", "5", "--as-of", "2026-05-05")
    linked.told([died(BOB, "2026-06-20")], "2026-06-21")
    given = asked(linked, "household", "gifts", "--as-of", "2026-09-30")
    assert (given["gifts"], given["stopped"]) == (2, 1)
    assert asked(linked, "household", "gifts", "--as-of", "2026-12-31")["gifts"] == 0


def test_division_by_order_loses_and_gains_no_match(scheme: Scheme) -> None:
    """Half of each share goes to the other; what is owed to each is what it was, and so is the next month's match."""
    owed = {nino: scheme.pot(nino)["government_owed"] for nino in (ANN, CAT)}
    done = asked(scheme, "household", "split", ANN, CAT, "--order", "FD-1", "--part", "1/2", "--as-of", "2026-06-01")
    assert done["shares"] == [{"share": "worker", "amount_minor": 515_00}, {"share": "employer", "amount_minor": 15_00}]
    assert scheme.pot(ANN) == {"worker": 515_00, "employer": 15_00, "government_owed": owed[ANN]}
    assert scheme.pot(CAT) == {"worker": 545_00, "employer": 45_00, "government_owed": owed[CAT]}
    assert "between_members" not in scheme.pots()
    scheme.told([paid(ANN, "2026-06-10", "20.00"), paid(CAT, "2026-06-10", "20.00")], "2026-06-11")
    assert {nino: scheme.pot(nino)["government_owed"] - owed[nino] for nino in owed} == {ANN: 10_00, CAT: 10_00}
    sound(scheme)


def test_an_order_is_carried_out_once_and_undone_whole(scheme: Scheme) -> None:
    """The same order twice is refused; undone, everything stands as before; what is spent cannot come back, and is named."""
    before = scheme.pots()
    words = ("household", "split", ANN, CAT, "--order", "FD-1")
    asked(scheme, *words, "--part", "30%", "--as-of", "2026-06-01")
    assert "carried out before" in asked(scheme, *words, "--part", "30%", code=1)["error"]
    assert asked(scheme, *words, "--undo", "--as-of", "2026-06-02")["undone"]
    assert scheme.pots() == before
    assert "undone before" in asked(scheme, *words, "--undo", code=1)["error"]
    again = ("household", "split", ANN, CAT, "--order", "FD-2")
    asked(scheme, *again, "--part", "30%", "--as-of", "2026-06-03")
    scheme.told([withdrawn(CAT, "2026-06-04", "100.00")], "2026-06-05")
    assert "£70.00 of what went" in asked(scheme, *again, "--undo", "--as-of", "2026-06-06", code=1)["error"]
    sound(scheme)


def test_a_correction_after_a_division_leaves_no_pot_below_nothing(scheme: Scheme) -> None:
    """Pay that turns out not to have been sent after its half went is overdrawn, not taken from the other."""
    asked(scheme, "household", "split", CAT, BOB, "--order", "FD-1", "--part", "1", "--as-of", "2026-06-01")
    scheme.told([pay(CAT, "2026-04-30", "500.00", "15.00", "15.00")], "2026-06-02", "replaces")
    assert scheme.pot(CAT)["overdrawn"] == -30_00
    sound(scheme)


def test_what_the_dead_had_goes_to_the_heirs_to_the_penny(scheme: Scheme) -> None:
    """Three heirs of £1,060.00 get parts that come to it; matching ended with the death; what comes later goes the same way."""
    words = (
        "household",
        "heirs",
        ANN,
        "--heir",
        "Jo=1/3",
        "--heir",
        "Mo=1/3",
        "--heir",
        "Bo=1/3",
        "--as-of",
        "2026-06-03",
    )
    assert "Nobody told" in asked(scheme, *words, code=1)["error"]
    scheme.told([died(ANN, "2026-06-01"), pay(ANN, "2026-06-30", "1000.00", "30.00", "30.00")], "2026-06-02", "adds")
    owed = scheme.pot(ANN)["government_owed"]
    scheme.settle("2026-07-01")
    assert scheme.pot(ANN)["government_owed"] == owed
    passed = asked(scheme, *words)
    assert [one["amount_minor"] for one in passed["heirs"]] == [353_34, 353_33, 353_33]
    assert (passed["stays_owed_minor"], scheme.pot(ANN)) == (owed, {"government_owed": owed, "leaving": 1060_00})
    assert "nothing in the account" in asked(scheme, "household", "heirs", ANN, code=1)["error"]
    assert "are known" in asked(scheme, *words, code=1)["error"]
    sound(scheme)


def test_parts_that_are_not_the_whole_are_refused(scheme: Scheme) -> None:
    """Heirs' parts must come to 1."""
    assert run(scheme, "household", "heirs", ANN, "--heir", "Jo=1/2", "--heir", "Mo=1/3")[0] == 2
    assert run(scheme, "household", "heirs", ANN)[0] == 2


@given(minor=st.integers(0, 10**12), weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_portions_come_to_the_whole(minor: int, weights: list[int]) -> None:
    """However a sum is divided, the portions come to it, and each is within a penny of its part."""
    heirs = {str(at): weight for at, weight in enumerate(weights)}
    found = portions(minor, heirs)
    assert sum(found.values()) == minor
    assert all(abs(found[name] * sum(weights) - minor * weight) < sum(weights) for name, weight in heirs.items())


def test_death_brings_a_help_to_save_bonus_forward(server: EmbeddedServer, tmp_path: Path) -> None:
    """Two months of £50, then death: half of £100 is due on the day of death, which closing would have lost."""
    with opened(server, tmp_path, "uk-help-to-save") as scheme:
        rows = [paid(nino, f"2026-0{month}-10", "50.00") for month in (4, 5) for nino in (ANN, BOB)]
        scheme.told(rows, "2026-05-11")
        assert "government_owed" not in scheme.pot(ANN)
        scheme.told([died(ANN, "2026-06-01"), {"kind": "closed", "nino": BOB, "on": "2026-06-01"}], "2026-06-02")
        assert scheme.pot(ANN) == {"worker": 100_00, "government_owed": 50_00}
        scheme.settle("2030-01-01")
        assert scheme.pot(BOB) == {"worker": 100_00}
        passed = asked(scheme, "household", "heirs", ANN, "--heir", "Jo=1", "--as-of", "2030-01-02")
        assert (passed["amount_minor"], passed["stays_owed_minor"]) == (100_00, 50_00)
        sound(scheme)


def test_a_lifetime_isa_passes_on_without_charge(server: EmbeddedServer, tmp_path: Path) -> None:
    """Taking it out would cost 25 %; the heirs get all of it."""
    with opened(server, tmp_path, "uk-lifetime-isa") as scheme:
        scheme.told([paid(ANN, "2026-04-10", "1000.00")], "2026-04-11")
        scheme.told([died(ANN, "2026-06-01")], "2026-06-02")
        asked(scheme, "household", "heirs", ANN, "--heir", "Jo=1", "--as-of", "2026-06-03")
        pots = scheme.pots()
        assert pots[f"leaving {ANN[:8]}"] == 1000_00
        assert pots["owed_by_government"] == -scheme.pot(ANN)["government_owed"]
        sound(scheme)

"""Accounts that go from one scheme to another: not a penny lost, no limit used twice, nothing matched twice."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.commanding import asked, run, sound
from tests.schemes import ANN, BOB, Scheme, clock, opened, paid, pay, says

from lifepot.errors import LifepotError
from lifepot.scheme.moving import Arrived, Left, move_in, move_out
from lifepot.scheme.notices import COLUMNS
from lifepot.scheme.passport import read_passport
from lifepot.scheme.statement import find_member
from lifepot.storage.server import EmbeddedServer

POTS = ("worker", "employer", "government")


@pytest.fixture
def here(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """The scheme an account leaves."""
    with opened(server, tmp_path) as one:
        yield one


@pytest.fixture
def there(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """The scheme it goes to."""
    with opened(server, tmp_path) as one:
        yield one


def leave(scheme: Scheme, on: str, nino: str = ANN, to: str = "Next scheme") -> Left:
    """A member's account leaves on a day."""
    return move_out(scheme.connection, find_member(scheme.connection, nino), to, clock(on))


def arrive(scheme: Scheme, text: str, on: str) -> Arrived:
    """An account comes on a day."""
    return move_in(scheme.connection, text.encode(), "ann.jsonl", clock(on))


def usable(scheme: Scheme, nino: str = ANN) -> dict[str, int]:
    """What of a member's pot can be used."""
    return {name: minor for name, minor in scheme.pot(nino).items() if name in POTS}


def told(scheme: Scheme) -> None:
    """£1,150 of Ann's own in a tax year, £1,130 of it by herself: £575 matched; all sent but government's, which is owed."""
    scheme.told([pay(ANN, "2026-04-30", "1000.00", "20.00", "20.00")], "2026-05-01")
    scheme.told([paid(ANN, "2026-05-10", "1130.00")], "2026-05-11")


def test_out_of_one_into_the_other_to_the_penny(here: Scheme, there: Scheme) -> None:
    """What could be used here can be used there, share by share; what is owed here stays owed; both prove."""
    told(here)
    before = usable(here)
    left = leave(here, "2026-06-01")
    assert (left.moved, left.stays_owed) == (sum(before.values()), 578_00)
    assert here.pots()["leaving " + ANN[:8]] == left.moved
    assert usable(here) == {}
    arrived = arrive(there, left.text, "2026-06-03")
    assert arrived.faults == []
    assert usable(there) == before
    assert there.pots()["in_transit Lifetime savings account"] == -left.moved
    assert set(there.pots()) == {f"{name} {ANN[:8]}" for name in before} | {"in_transit Lifetime savings account"}
    sound(here)
    sound(there)


def test_yearly_limits_go_on_as_if_never_moved(
    server: EmbeddedServer, tmp_path: Path, here: Scheme, there: Scheme
) -> None:
    """Of £100 paid after moving £50 is still within the year's £1,200, and so it is for somebody who stayed."""
    told(here)
    later = [paid(ANN, "2026-06-10", "100.00"), pay(ANN, "2026-06-30", "1000.00", "30.00", "30.00")]
    arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    there.told(later, "2026-07-01")
    with opened(server, tmp_path) as stayed:
        told(stayed)
        stayed.told(later, "2026-07-01")
        assert there.pot(ANN)["government_owed"] == stayed.pot(ANN)["government_owed"] - 578_00 == 25_00 + 3_00
        assert usable(there) == usable(stayed)
    sound(there)


def test_the_next_year_begins_anew_and_the_months_of_saving_count(here: Scheme, there: Scheme) -> None:
    """After 6 April the limit is whole again; the account is as old as it was: twelve months for a first home."""
    told(here)
    arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    there.told([paid(ANN, "2027-04-10", "100.00")], "2027-05-01")
    assert there.pot(ANN)["government_owed"] == 50_00
    sound(there)


def test_what_comes_after_leaving_brings_nothing(here: Scheme) -> None:
    """A pay of a day after it left is held for its payer, and what was owed before can still come and be sent after it."""
    told(here)
    leave(here, "2026-06-01")
    here.told([pay(ANN, "2026-06-30", "1000.00", "30.00", "30.00")], "2026-07-01")
    assert here.pots()["held_for ACME"] == 60_00
    assert here.pot(ANN) == {"leaving": 1170_00, "government_owed": 578_00}
    with pytest.raises(LifepotError, match="nothing has come since"):
        leave(here, "2026-07-02")
    here.connection.rollback()
    sound(here)


def test_a_late_pay_is_sent_after_it(here: Scheme, there: Scheme) -> None:
    """A pay of before it left, told after, brings what it brings here, and a second file takes it along."""
    told(here)
    arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    here.told(
        [pay(ANN, "2026-05-29", "500.00", "15.00", "15.00", period_start="2026-05-01", period_end="2026-05-31")],
        "2026-06-10",
    )
    again = leave(here, "2026-06-11")
    assert again.moved == 30_00
    arrived = arrive(there, again.text, "2026-06-12")
    assert (arrived.faults, arrived.facts) == ([], 1)
    assert sum(usable(there).values()) == 1200_00
    there.told([paid(ANN, "2026-06-20", "100.00")], "2026-06-21")
    assert there.pot(ANN)["government_owed"] == 17_50
    sound(here)
    sound(there)


def test_the_same_file_is_taken_once(here: Scheme, there: Scheme) -> None:
    """A file that was taken in is refused the second time, and nothing is doubled."""
    told(here)
    text = leave(here, "2026-06-01").text
    arrive(there, text, "2026-06-03")
    before = there.pots()
    with pytest.raises(LifepotError, match="taken in before"):
        arrive(there, text, "2026-06-04")
    assert there.pots() == before


def test_a_history_that_overlaps_with_ours_is_refused(here: Scheme, there: Scheme) -> None:
    """Who was paid in both schemes on the same days would be matched twice: the file is refused, and says from when."""
    told(here)
    there.told([pay(ANN, "2026-04-30", "100.00", "3.00", "3.00", payer="BETA")], "2026-05-01")
    arrived = arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    assert [(one.code, one.found) for one in arrived.faults] == [("history_overlaps", "a history until 2026-05-10")]
    assert "2026-04-30" in arrived.faults[0].expected


def test_a_new_job_before_the_account_comes_along(here: Scheme, there: Scheme) -> None:
    """What the next scheme matched before it knew of the first is put right when the account comes: the year's limit is one."""
    told(here)
    there.told([paid(ANN, "2026-05-20", "100.00")], "2026-05-21")
    assert there.pot(ANN)["government_owed"] == 50_00
    arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    assert there.pot(ANN)["government_owed"] == 25_00
    sound(there)


def test_what_was_said_comes_along(here: Scheme, there: Scheme) -> None:
    """A chosen rate holds in the next scheme too, which the payer's files need not say again."""
    here.told(
        [pay(ANN, "2026-04-30", "1000.00", "50.00", "30.00"), says(ANN, "2026-04-20", "worker_rate", "5%")],
        "2026-05-01",
    )
    arrive(there, leave(here, "2026-06-01").text, "2026-06-03")
    there.told([pay(ANN, "2026-06-30", "1000.00")], "2026-07-01")
    assert there.pot(ANN)["worker_owed"] == 50_00


def test_a_foreign_scheme_need_say_little(there: Scheme) -> None:
    """Balances, the day of opening and what was paid this year: the pot is there, and of the year's limit £150 is left."""
    text = (
        '{"account_transfer": 1, "scheme": "Elsewhere", "currency": "GBP", "moved_on": "2026-06-01", "nino": "AB100002A", '
        '"born": "1990-01-01", "opened_on": "2020-05-01", "paid_this_year_minor": 105000}\n'
        '{"share": {"party": "worker", "amount_minor": 400000}}\n{"share": {"party": "government", "amount_minor": 90000}}\n'
    )
    assert arrive(there, text, "2026-06-03").faults == []
    assert there.pot(BOB) == {"worker": 4000_00, "government": 900_00}
    there.told([paid(BOB, "2026-06-10", "500.00")], "2026-06-11")
    assert there.pot(BOB) == {"worker": 4500_00, "government": 900_00, "government_owed": 75_00}
    sound(there)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_empty"),
        ("{", "not_json"),
        ('{"account_transfer": 2}', "layout_unknown"),
        ('{"account_transfer": 1, "scheme": "X", "currency": "GBP", "nino": "AB100002A"}', "value_missing"),
        ('{"account_transfer": 1, "scheme": "X", "currency": "EUR", "nino": "AB100002A", "moved_on": "2026-05-01"}', "currency_differs"),
        ('{"account_transfer": 1, "scheme": "X", "currency": "GBP", "nino": "AB100002A", "moved_on": "2027-05-01"}', "date_future"),
        (
            ('{"account_transfer": 1, "scheme": "X", "currency": "GBP", "nino": "AB100002A", "moved_on": "2026-05-01", "lines": 2}\n'
            '{"share": {"party": "worker", "amount_minor": 1}}'),
            "file_cut_off",
        ),
        (
            ('{"account_transfer": 1, "scheme": "X", "currency": "GBP", "nino": "AB100002A", "moved_on": "2026-05-01"}\n'
            '{"share": {"party": "worker", "amount_minor": 1.5}}'),
            "amount_not_number",
        ),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_whole(there: Scheme, text: str, code: str) -> None:
    """Each fault has its code, and nothing of the file is kept."""
    assert [one.code for one in arrive(there, text, "2026-06-03").faults] == [code]
    assert there.pots() == {}
    assert there.one("select count(*) from personal.identity") == 0


def test_an_account_moves_by_command(here: Scheme, there: Scheme, tmp_path: Path) -> None:
    """`transfer out` and `in` print what moved, once; the statement says where it came from and went."""
    told(here)
    file = tmp_path / "ann.jsonl"
    words = ("transfer", "out", ANN, "--to", "Next scheme", "--as-of", "2026-06-01")
    assert asked(here, *words, "--out", file)["moved_minor"] == 1170_00
    assert "nothing has come since" in asked(here, *words, "--out", tmp_path / "again.jsonl", code=1)["error"]
    words = ("transfer", "in", file, "--as-of", "2026-06-03")
    arrived = asked(there, *words)
    assert (arrived["moved_minor"], arrived["new_member"]) == (1170_00, True)
    assert "taken in before" in asked(there, *words, code=1)["error"]
    reasons = [one["reason"] for one in asked(there, "statement", ANN)["entries"]]
    assert reasons == ["coming of 2026-06-01 from Lifetime savings account"] * 2
    assert run(there, "why", ANN, "--full")[0] == 0
    entries = asked(here, "statement", ANN)["entries"]
    assert {one["reason"] for one in entries if not one["rule"]} == {"leaving of 2026-06-01 for Next scheme"}


def test_what_left_is_merged_with_nobody(here: Scheme) -> None:
    """An account that sent money away is read under its own number for good: merging it is refused, and nothing is changed."""
    told(here)
    here.told([pay(BOB, "2026-04-30", "100.00", "3.00", "3.00")], "2026-06-01", "adds")
    leave(here, "2026-06-01")
    before = here.pots()
    assert run(here, "members", "merge", ANN, BOB)[0] == run(here, "members", "merge", BOB, ANN)[0] == 2
    assert here.pots() == before


def test_the_page_says_what_is_read() -> None:
    """The page's example of a file between schemes is read without a fault, and its tables name all that is read and written."""
    page = (Path(__file__).parents[1] / "docs" / "file-layouts.md").read_text()
    between, payrolls = page.split("\n## Files between schemes\n")[1].split("\n## Notices to payrolls\n")
    (example,) = re.findall(r"```json\n(.*?)```", between, re.DOTALL)
    passport, faults = read_passport(example, "example")
    assert (faults, [minor for _, _, minor in passport.shares]) == ([], [4000_00, 900_00])
    assert tuple(re.findall(r"^\| `(\w+)` \|", payrolls, re.MULTILINE)) == COLUMNS
    written = json.loads(passport.text("Next").splitlines()[0])
    assert [key for key in written if f"`{key}`" not in between] == []

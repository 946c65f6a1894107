"""What payrolls are told of their own people, from which pay date it counts, and what is no error until then."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.commanding import asked, run, sound
from tests.schemes import ANN, BOB, CAT, Scheme, opened, pay, says

from lifepot.storage.server import EmbeddedServer


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """Ann and Bob work for ACME, Cat for BETA; April's pay was told, and notices of it were sent."""
    with opened(server, tmp_path) as one:
        told(one, ANN, BOB, on="2026-04-30")
        told(one, CAT, on="2026-04-30", payer="BETA")
        for payer in ("ACME", "BETA"):
            asked(one, "notices", payer, "--out", tmp_path / f"first-{payer}.csv")
        yield one


def told(scheme: Scheme, *ninos: str, on: str, payer: str = "ACME") -> None:
    """A month's pay of these, known on its day."""
    rows = [pay(nino, on, "1000.00", "30.00", "30.00", payer=payer) for nino in ninos]
    scheme.told(rows, on)


def notices(scheme: Scheme, payer: str = "ACME", *words: object) -> list[dict[str, Any]]:
    """A payer's notices."""
    found: list[dict[str, Any]] = asked(scheme, "notices", payer, *words)["notices"]
    return found


def short(found: list[dict[str, Any]]) -> list[tuple[str, str, str, str, str]]:
    """What they say, who it is about, why, since when, and from which pay it counts."""
    return [(one["kind"], one["nino"], one["reason"], one["on"], one["counts_from"]) for one in found]


def test_starts_are_told_once(scheme: Scheme, tmp_path: Path) -> None:
    """The first notices of a payer name whoever joined in its files, to be heeded from the next pay date; the next ones do not."""
    first = list(csv.DictReader((tmp_path / "first-ACME.csv").read_text().splitlines()))
    assert short(first) == [
        ("start", ANN[:8], "joined", "2026-04-30", "2026-05-30"), ("start", BOB[:8], "joined", "2026-04-30", "2026-05-30"),
    ]  # fmt: skip
    assert notices(scheme) == []
    assert short(notices(scheme, "ACME", "--since", "2026-04-30")) == short(first)


def test_an_opt_out_in_time_stops_and_refunds(scheme: Scheme) -> None:
    """Within the month both of payroll's shares go back to it, government's is owed no more; the stop counts from the next pay."""
    scheme.told([says(ANN, "2026-05-10", "opted_out", "yes")], "2026-05-11")
    assert short(notices(scheme)) == [
        ("stop", ANN[:8], "opted out", "2026-05-10", "2026-05-30"),
        ("refund", ANN[:8], "worker.contribution goes back", "2026-05-10", "2026-05-30"),
        ("refund", ANN[:8], "employer.match goes back", "2026-05-10", "2026-05-30"),
    ]
    assert [one["amount"] for one in notices(scheme)] == ["", "30.00", "30.00"]
    assert scheme.pot(ANN) == {}
    sound(scheme)


def test_an_opt_out_later_stops_and_refunds_nothing(scheme: Scheme) -> None:
    """After the month contributions stop and what is in stays."""
    scheme.told([says(ANN, "2026-05-30", "opted_out", "yes")], "2026-05-30")
    assert short(notices(scheme)) == [("stop", ANN[:8], "opted out", "2026-05-30", "2026-06-30")]
    assert scheme.pot(ANN) == {"worker": 30_00, "employer": 30_00, "government_owed": 18_00}


@pytest.mark.parametrize(("on", "in_time"), [("2026-07-20", True), ("2026-06-20", False)])
def test_ireland_gives_ones_own_money_back_in_its_two_months_alone(
    server: EmbeddedServer, tmp_path: Path, on: str, *, in_time: bool
) -> None:
    """In the seventh month the worker's €150 goes back to payroll, the employer's and the State's stay; in the sixth opting out is
    ignored, and payroll hears nothing of it.
    """
    with opened(server, tmp_path, "ie-my-future-fund") as scheme:
        months = [("01", "31"), ("02", "28"), ("03", "31"), ("04", "30"), ("05", "31")]
        pays = [
            pay(
                ANN,
                f"2026-{month}-{last}",
                "2000.00",
                "30.00",
                "30.00",
                period_start=f"2026-{month}-01",
                period_end=f"2026-{month}-{last}",
            )
            for month, last in months
        ]
        scheme.told([*pays, says(ANN, "2026-01-05", "notice", "2026-01-05")], "2026-06-01")
        asked(scheme, "members", "open", ANN, "2026-01-05")
        asked(scheme, "notices", "ACME", "--out", tmp_path / "first.csv")
        scheme.told([says(ANN, on, "opted_out", "yes")], on)
        found = [(one["kind"], one["reason"], one["amount"]) for one in notices(scheme)]
        if in_time:
            assert found == [("stop", "opted out", ""), ("refund", "worker.contribution goes back", "150.00")]
            assert scheme.pot(ANN) == {"employer": 150_00, "government_owed": 50_00}
        else:
            assert found == []
            assert scheme.pot(ANN) == {"worker": 150_00, "employer": 150_00, "government_owed": 50_00}
        sound(scheme)


def test_what_is_sent_after_a_stop_goes_back_and_is_no_fault(scheme: Scheme) -> None:
    """A pay that payroll had made up before it could know is accepted without a fault, held, and told as a refund."""
    scheme.told([says(ANN, "2026-05-30", "opted_out", "yes")], "2026-05-30")
    told(scheme, ANN, on="2026-05-30")
    assert [(one["kind"], one["reason"], one["amount"]) for one in notices(scheme)] == [
        ("stop", "opted out", ""), ("refund", "sent and not owed", "60.00"),
    ]  # fmt: skip


LEFT = """PAPDISVersion,EmployerId,PayPeriodStartDate,PayPeriodEndDate,ContributionDeductionDate,FrequencyCode,Surname,EmployeeId,\
BirthDate,NationalInsuranceNumber,EmployerContributionsAmount,EmployeeContributionsAmount,PensionableEarningsAmount,ExitDate,ExitReasonCode
PAP11,ACME,2026-05-01,2026-05-31,2026-05-29,M1,Bell,P-1,1990-01-01,AB100001A,30.00,30.00,1000.00,2026-05-20,LEFT
"""


def test_a_job_that_ends_leaves_the_account_as_it_is(scheme: Scheme) -> None:
    """ACME's last pay says that Ann left: nothing goes back, ACME hears nothing it told itself, and BETA's pay is matched on."""
    scheme.told(LEFT, "2026-05-30")
    assert scheme.pot(ANN) == {"worker": 60_00, "employer": 60_00, "government_owed": 36_00}
    assert notices(scheme) == []
    told(scheme, ANN, on="2026-06-30", payer="BETA")
    assert scheme.pot(ANN) == {"worker": 90_00, "employer": 90_00, "government_owed": 54_00}
    assert short(notices(scheme, "BETA")) == [("start", ANN[:8], "joined", "2026-06-30", "2026-07-30")]
    assert notices(scheme) == []


def test_coming_back_is_a_start(scheme: Scheme) -> None:
    """Who takes the opting out back starts again from the next pay date."""
    scheme.told([says(ANN, "2026-05-10", "opted_out", "yes")], "2026-05-11")
    scheme.told([says(ANN, "2026-06-05", "opted_out", "no")], "2026-06-06")
    starts = [one for one in short(notices(scheme)) if one[0] == "start"]
    assert starts == [("start", ANN[:8], "opted in again", "2026-06-05", "2026-06-30")]


def test_a_death_and_a_move_are_stops(scheme: Scheme, tmp_path: Path) -> None:
    """Payroll hears that the account ended, and not where the money went."""
    scheme.told([{"kind": "died", "nino": ANN, "on": "2026-05-05"}], "2026-05-06")
    asked(scheme, "transfer", "out", BOB, "--to", "Next", "--out", tmp_path / "bob.jsonl", "--as-of", "2026-05-07")
    found = notices(scheme)
    assert [one[:3] for one in short(found)] == [
        ("stop", ANN[:8], "died"), ("stop", BOB[:8], "moved to another scheme"),
    ]  # fmt: skip
    assert "Next" not in str(found)


def test_a_chosen_rate_is_told(scheme: Scheme) -> None:
    """A member's own rate is told with its first day and the pay date from which payroll is to heed it."""
    scheme.told([says(ANN, "2026-05-01", "worker_rate", "5%")], "2026-05-12")
    (one,) = notices(scheme)
    assert (one["kind"], one["attribute"], one["value"], one["counts_from"]) == (
        "rate",
        "worker_rate",
        "5.0000",
        "2026-05-30",
    )


def test_a_payer_hears_of_its_own_people_alone(scheme: Scheme) -> None:
    """BETA hears nothing of Ann; of Bob, who comes to work for it too, only that he is in its scheme now, and no sum of ACME's."""
    scheme.told([says(ANN, "2026-05-10", "opted_out", "yes")], "2026-05-11")
    assert notices(scheme, "BETA") == []
    told(scheme, BOB, on="2026-05-29", payer="BETA")
    assert short(notices(scheme, "BETA")) == [("start", BOB[:8], "joined", "2026-05-29", "2026-06-29")]
    scheme.told([says(BOB, "2026-06-01", "opted_out", "yes")], "2026-06-02")
    mine, theirs = notices(scheme, "BETA", "--since", "2026-06-02"), notices(scheme, "ACME", "--since", "2026-06-02")
    assert [one[:3] for one in short(mine)] == [one[:3] for one in short(theirs)] == [("stop", BOB[:8], "opted out")]
    assert run(scheme, "notices", "GAMMA")[0] == 2


@pytest.mark.parametrize(("on", "known", "old"), [("2026-05-08", 50_00, True), ("2026-05-15", 0, False)])
def test_an_old_rate_is_no_error_until_its_pay_date(
    server: EmbeddedServer, tmp_path: Path, on: str, known: int, *, old: bool
) -> None:
    """Paid by the week, told on Saturday 9 May of a rate from 4 May on: it counts from the pay of 15 May. What the pay of 8 May
    lacks is owed to the member and not shown as the payer's difference; what that of 15 May lacks is.
    """
    with opened(server, tmp_path, "nz-kiwisaver") as scheme:

        def weekly(day: str) -> list[Any]:
            return [pay(ANN, day, "1000.00", "35.00", "35.00", frequency="week", period_start=day, period_end=day)]

        scheme.told(weekly("2026-05-01"), "2026-05-02")
        scheme.told([says(ANN, "2026-05-04", "employer_rate", "8.5%")], "2026-05-09")
        (rate,) = [one for one in notices(scheme) if one["kind"] == "rate"]
        assert rate["counts_from"] == "2026-05-15"
        reply = scheme.told(weekly(on), "2026-05-16")
        owed = {one["rule"]: one["owed_minor"] for one in reply.by_rule}
        assert (reply.old_rate_minor, owed["employer.contribution"]) == (known, 0 if old else 50_00)
        assert scheme.pot(ANN)["employer_owed"] == 50_00
        assert ("no error" in "\n".join(reply.lines())) == old


def test_what_payroll_does_not_send_at_all_is_owed(server: EmbeddedServer, tmp_path: Path) -> None:
    """A pay that sends nothing of the employer's is no pay at the old rate."""
    with opened(server, tmp_path, "nz-kiwisaver") as scheme:
        scheme.told([pay(ANN, "2026-05-01", "1000.00", "35.00", "35.00", frequency="week")], "2026-05-02")
        scheme.told([says(ANN, "2026-05-04", "employer_rate", "8.5%")], "2026-05-09")
        reply = scheme.told([pay(ANN, "2026-05-08", "1000.00", "35.00", "0.00", frequency="week")], "2026-05-16")
        assert reply.old_rate_minor == 0


def test_a_rate_told_after_the_pay_leaves_no_difference_either(server: EmbeddedServer, tmp_path: Path) -> None:
    """The reply that makes an earlier pay lack something by a new rate says that it is no error."""
    with opened(server, tmp_path, "nz-kiwisaver") as scheme:
        scheme.told([pay(ANN, "2026-05-08", "1000.00", "35.00", "35.00", frequency="week")], "2026-05-09")
        reply = scheme.told([says(ANN, "2026-05-04", "employer_rate", "8.5%")], "2026-05-10")
        assert (reply.old_rate_minor, reply.by_rule) == (50_00, [])


def test_what_a_bust_payer_owes_stays_a_claim(scheme: Scheme) -> None:
    """Ann's £20 that ACME owed is told apart in books and statement, is no pot's, and no payroll is told any more."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "10.00")], "2026-05-30")
    before = scheme.pots()
    assert run(scheme, "payers", "bust", "ACME")[0] == 1
    told_ = asked(scheme, "payers", "bust", "ACME", "--on", "2026-05-30", "--as-of", "2026-06-01")
    assert told_["claims"] == [{"member": 1, "worker_minor": 0, "employer_minor": 20_00}]
    assert asked(scheme, "payers", "bust", "ACME")["claims_minor"] == 20_00
    assert scheme.pots() == before
    statement = asked(scheme, "statement", ANN)
    assert statement["claims"] == [{"payer": "ACME", "bust_since": "2026-05-30", "amount_minor": 20_00}]
    assert statement["owed_minor"]["employer"] == 20_00
    assert "claim on ACME, which went bust on 2026-05-30" in run(scheme, "statement", ANN)[1].replace("\n", " ")
    assert asked(scheme, "statement", BOB)["claims"] == []
    books = asked(scheme, "books")["accounts"]
    assert [(one["owner"], one["debit_minor"]) for one in books if one["account"] == "claim_on"] == [
        ("ACME (bust since 2026-05-30)", 20_00)
    ]
    assert "went bust" in asked(scheme, "notices", "ACME", code=1)["error"]
    assert "told before" in asked(scheme, "payers", "bust", "ACME", "--on", "2026-06-01", code=1)["error"]
    sound(scheme)

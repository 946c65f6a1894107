"""The books of a scheme on the real server: what is posted, corrected, asked again, and never changed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schemes import ANN, BOB, BORN, CAT, DAN, Row, Scheme, clock, opened, paid, pay, says, withdrawn

from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.samples import write_sample
from lifepot.scheme.books import read_books
from lifepot.scheme.people import add_alias
from lifepot.scheme.resettle import adopt
from lifepot.scheme.standing import read_standing
from lifepot.storage.server import EmbeddedServer


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A lifetime savings account scheme, just opened."""
    with opened(server, tmp_path) as one:
        yield one


MAY = [
    pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00"),
    pay(BOB, "2026-05-29", "2000.00", "60.00", "60.00"),
]


# Law 1 and law 4


def test_a_whole_sample_keeps_the_laws(server: EmbeddedServer, tmp_path: Path) -> None:
    """Files of every layout, an amendment and a file full of faults leave sums of zero and nothing more to post."""
    sample = write_sample(tmp_path / "sample", members=25, months=3, seed=7)
    with opened(server, tmp_path) as scheme:
        for one in sample.files:
            mode = next((flag.removeprefix("--") for flag in one.flags if flag.startswith("--")), None)
            reply = scheme.tell(tmp_path / "sample" / one.path, parse_day(str(one.received_on)), mode)
            assert reply.state == "received", reply.lines()
            scheme.check()
        for as_of in ("2026-08-01", "2027-04-06"):
            scheme.settle(as_of)
            scheme.check()
            again = scheme.settle(as_of)
            assert (again.transfers, again.place) == (0, None)


def test_what_is_owed_is_posted_once(scheme: Scheme) -> None:
    """£1,000 of pay brings £30 of the worker's and the employer's, £15 of match and £3; settling again brings nothing."""
    scheme.told(MAY, "2026-06-01")
    assert scheme.pot(ANN) == {"worker": 30_00, "employer": 30_00, "government_owed": 18_00}
    for as_of in ("2026-06-01", "2026-06-01", "2026-06-30"):
        assert scheme.settle(as_of).transfers == 0
    scheme.check()


def test_months_of_caring_fall_due_one_by_one(scheme: Scheme) -> None:
    """Time alone makes things due: a carer's £3 a month, each posted when its month has come, and once."""
    scheme.told([paid(ANN, "2026-05-02", "10.00"), says(ANN, "2026-05-10", "caring", "yes")], "2026-05-31")
    assert scheme.pot(ANN)["government_owed"] == 5_00 + 3_00
    assert scheme.settle("2026-07-31").transfers == 2
    assert scheme.settle("2026-07-31").transfers == 0
    assert scheme.pot(ANN)["government_owed"] == 5_00 + 9_00
    scheme.check()


# Law 5: a correction equals a fresh run on the corrected facts


def corrected_and_fresh(
    server: EmbeddedServer, folder: Path, original: list[Row], amended: list[Row], later: list[Row]
) -> tuple[dict[str, int], dict[str, int]]:
    """Pots after original, later and amended (replacing), and after amended and later alone."""
    with opened(server, folder) as scheme:
        scheme.told(original, "2026-04-02")
        if later:
            scheme.told(later, "2026-06-30")
        if amended != original:
            scheme.told(amended, "2026-06-30", "replaces")
        assert scheme.settle("2026-06-30").transfers == 0
        scheme.check()
        corrected = scheme.pots()
    with opened(server, folder) as scheme:
        scheme.told(amended, "2026-06-30")
        if later:
            scheme.told(later, "2026-06-30")
        return corrected, scheme.pots()


EACH = ("original", "amended", "later")

CORRECTIONS = {
    "an amount": ([pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00")], [pay(ANN, "2026-03-27", "900.00", "27.00", "27.00")]),
    "a member taken out": (
        [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), pay(BOB, "2026-03-27", "500.00", "15.00", "15.00")],
        [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00")],
    ),
    "a member put in": (
        [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00")],
        [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), pay(BOB, "2026-03-27", "500.00", "15.00", "15.00")],
    ),
    "another sent": ([pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00")], [pay(ANN, "2026-03-27", "1000.00", "30.00", "")]),
    "two jobs of a day": (
        [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), pay(ANN, "2026-03-27", "10.00", "0.30", "0.30")],
        [pay(ANN, "2026-03-27", "10.00", "0.30", "0.30"), pay(ANN, "2026-03-27", "1010.00", "31.00", "30.30")],
    ),
    "back below the cap": (
        [pay(ANN, "2026-03-27", "50000.00", "1500.00", "1500.00")],
        [pay(ANN, "2026-03-27", "5000.00", "150.00", "150.00")],
    ),
}  # fmt: skip

LATER = [
    pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00"),
    pay(BOB, "2026-04-30", "700.00", "21.00", "21.00"),
    paid(ANN, "2026-04-03", "700.00"),
    paid(ANN, "2026-05-01", "100.00"),
    says(BOB, "2026-05-01", "caring", "yes"),
    withdrawn(ANN, "2026-06-01", "400.00"),
]
"""What followed, in the old tax year and in the new one."""


@pytest.mark.parametrize("what", list(CORRECTIONS))
def test_a_correction_equals_a_fresh_run(server: EmbeddedServer, tmp_path: Path, what: str) -> None:
    """A corrected file for a closed tax year, with a life after it, leaves what the corrected file alone would have."""
    original, amended = CORRECTIONS[what]
    later = LATER if any(row["nino"] == BOB for row in original) else [row for row in LATER if row["nino"] == ANN]
    corrected, fresh = corrected_and_fresh(server, tmp_path, original, amended, later)
    assert fresh == corrected


def test_payments_by_the_payer_are_replaced_too(server: EmbeddedServer, tmp_path: Path) -> None:
    """A replacement speaks for all that its file told: a payer's payment that stands in both files is one payment."""
    bonus = paid(ANN, "2026-03-27", "50.00", payer="ACME")
    original = [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), bonus]
    amended = [pay(ANN, "2026-03-27", "900.00", "27.00", "27.00"), bonus]
    corrected, fresh = corrected_and_fresh(server, tmp_path, original, amended, [])
    assert fresh == corrected


MONEY = st.sampled_from(["0.00", "0.01", "10.00", "333.33", "1000.00", "1200.01", "50000.00"])


@st.composite
def pays_of_march(draw: st.DrawFn) -> list[Row]:
    """A file of one employer's month, with several pays a member."""
    return [
        pay(
            draw(st.sampled_from([ANN, BOB, CAT])), draw(st.sampled_from(["2026-03-13", "2026-03-27"])), draw(MONEY),
            draw(st.sampled_from(["", "0.00", "30.00", "700.00"])), draw(st.sampled_from(["", "0.00", "30.01", "12.00"])),
            period_start="2026-03-01", period_end="2026-03-31",
        )
        for _ in range(draw(st.integers(1, 4)))
    ]  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(
    original=pays_of_march(), amended=pays_of_march(), after=st.lists(st.sampled_from(LATER), max_size=3, unique_by=str)
)
def test_any_correction_equals_a_fresh_run(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, original: list[Row], amended: list[Row], after: list[Row]
) -> None:  # fmt: skip
    """Whatever a file told and its replacement tells, with whatever came after, the pots are those of a fresh run."""
    told = {row["nino"] for row in amended} & {row["nino"] for row in original}
    later = [row for row in after if row["nino"] in told]
    folder = tmp_path_factory.mktemp("files")
    corrected, fresh = corrected_and_fresh(server, folder, original, amended, later)
    assert fresh == corrected


def test_a_correction_is_effective_on_the_old_day(scheme: Scheme) -> None:
    """What a correction posts is known from its batch on, and effective on the day it corrects."""
    scheme.told([pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00")], "2026-04-02")
    scheme.told([pay(ANN, "2026-03-27", "900.00", "27.00", "27.00")], "2026-06-30", "replaces")
    rows = scheme.connection.execute(
        "select effective_on::text, debit || ' > ' || credit, amount from journal where place = %s order by rule",
        [scheme.place()],
    ).fetchall()
    assert {on for on, _, _ in rows} == {"2026-03-27"}
    assert sorted(amount for _, _, amount in rows) == [1_50, 3_00, 3_00]


# Law 3: order of arrival


EARLY = [pay(ANN, "2026-05-29", "", "30.00", "")]
OPENING = [paid(ANN, "2026-05-29", "10.00")]


@pytest.mark.parametrize(
    "files", [[EARLY, OPENING], [OPENING, EARLY], [EARLY + OPENING]], ids=["before", "after", "at once"]
)
def test_what_came_before_the_account_opened_that_day_counts(scheme: Scheme, files: list[list[Row]]) -> None:
    """A deduction without earnings opens nothing; a payment of that day does, and then the deduction counts too."""
    for rows in files:
        scheme.told(rows, "2026-06-01") if rows is not EARLY else scheme.tell(rows, "2026-06-01")
    assert scheme.pot(ANN) == {"worker": 40_00, "government_owed": 20_00}
    scheme.check()


ARRIVALS = [
    [pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), pay(BOB, "2026-03-20", "39000.00", "1170.00", "")],
    [pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00", payer="BETA"), paid(BOB, "2026-04-02", "100.00")],
    [paid(ANN, "2026-04-04", "1190.00"), withdrawn(ANN, "2026-04-20", "300.00")],
    [says(ANN, "2026-04-10", "caring", "yes"), says(BOB, "2026-04-03", "opted_out", "yes")],
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 1, 2), (1, 0, 2, 3), (1, 2, 0, 3)])
def test_order_of_arrival_changes_nothing(scheme: Scheme, order: tuple[int, ...]) -> None:
    """Files that tell of four months in any order leave the same pots, worked out here by hand.

    Ann: own money 1,220 in 2025-26, of which 1,200 is matched; 30 in 2026-27, less 300 taken out newest first: 30 of it
    and 270 of the year before, whose match falls to 950 of 1,220. Bob opted out in time and everybody has their own back.
    """
    for nth in order:
        scheme.told(ARRIVALS[nth], "2026-05-31")
    match, base = 475_00, 3 * 3_00
    assert scheme.pot(ANN) == {"worker": 950_00, "employer": 60_00, "government_owed": match + base}
    assert scheme.pot(BOB) == {}
    scheme.check()


# The same again, and the second file


def test_the_same_file_twice_adds_nothing(scheme: Scheme) -> None:
    """A file sent again under another name is answered nothing_new, and no batch follows."""
    scheme.told(MAY, "2026-06-01")
    before, place = scheme.pots(), scheme.place()
    assert scheme.tell(MAY, "2026-06-02").state == "nothing_new"
    assert (scheme.pots(), scheme.place()) == (before, place)


def test_a_second_file_waits_until_its_sender_says_what_it_is(scheme: Scheme) -> None:
    """A second file for a payer and period is kept as a question and posts nothing; --adds then adds its pays."""
    scheme.told(MAY, "2026-06-01")
    before, place = scheme.pots(), scheme.place()
    second = scheme.file([pay(ANN, "2026-05-29", "500.00", "15.00", "15.00")])
    reply = scheme.tell(second, "2026-06-02")
    assert (reply.state, reply.accepted, reply.clean) == ("waiting", 0, False)
    assert "--replaces" in reply.question
    assert (scheme.pots(), scheme.place()) == (before, place)
    assert scheme.tell(second, "2026-06-02").state == "waiting"
    assert scheme.tell(second, "2026-06-02", "adds").state == "received"
    assert scheme.pot(ANN)["worker"] == 45_00
    assert scheme.tell(second, "2026-06-02", "adds").state == "nothing_new"
    scheme.check()


def test_a_replacement_shows_what_it_removes(scheme: Scheme) -> None:
    """A row that is missing from a replacement is a removal: counted, shown, and what it had brought goes back."""
    scheme.told(MAY, "2026-06-01")
    reply = scheme.tell(MAY[:1], "2026-06-02", "replaces")
    assert (reply.state, reply.unchanged, reply.replaced, reply.added) == ("received", 1, 0, 0)
    assert [(row["payer"], row["effective_on"], row["line"]) for row in reply.removed] == [("ACME", "2026-05-29", 3)]
    assert scheme.pot(BOB) == {}
    scheme.check()


def test_a_replacement_posts_only_differences(scheme: Scheme) -> None:
    """A replacement in which one row of two differs makes transfers for that one alone."""
    scheme.told(MAY, "2026-06-01")
    reply = scheme.tell([MAY[0], pay(BOB, "2026-05-29", "2000.00", "61.00", "60.00")], "2026-06-02", "replaces")
    assert (reply.unchanged, reply.replaced, reply.added, reply.removed) == (1, 1, 0, [])
    members = scheme.one(
        "select count(distinct split_part(credit, ':', 2)) from journal where place = %s", [scheme.place()]
    )
    assert members == 1
    assert scheme.pot(BOB) == {"worker": 61_00, "employer": 60_00, "government_owed": 33_50}


# Rows that were refused, and pass now


def test_an_attribute_that_is_known_by_now_is_accepted(scheme: Scheme) -> None:
    """A status refused for its unknown attribute is accepted when the file is sent again after an adoption, and once."""
    file = scheme.file([*MAY, says(ANN, "2026-05-01", "volunteering", "yes")])
    reply = scheme.tell(file, "2026-06-01")
    assert [(fault.code, fault.line) for fault in reply.faults] == [("attribute_unknown", 4)]
    assert (reply.accepted, reply.rejected) == (2, 1)
    before = scheme.pots()
    text, name = rulebook_text("lifetime-savings-account")
    declared = "attributes:\n  volunteering: {description: Unpaid work for others., kind: yes_no}\n"
    adopt(
        scheme.connection,
        text.replace("attributes:\n", declared, 1),
        name,
        parse_day("2026-04-06"),
        clock("2026-06-01"),
    )
    reply = scheme.tell(file, "2026-06-02")
    assert (reply.state, reply.accepted, reply.faults) == ("received_again", 1, [])
    assert scheme.pots() == before
    assert scheme.one("select count(*) from fact where kind = 0") == 1
    assert scheme.tell(file, "2026-06-03").state == "nothing_new"


def test_a_date_that_has_come_by_now_is_accepted(scheme: Scheme) -> None:
    """A pay refused for a date too far ahead is accepted when the file is sent again nearer to it."""
    file = scheme.file([*MAY, pay(ANN, "2026-07-31", "100.00", "3.00", "3.00")])
    reply = scheme.tell(file, "2026-06-01")
    assert [fault.code for fault in reply.faults] == ["date_future"]
    assert scheme.tell(file, "2026-06-02").state == "received_again"
    assert scheme.pot(ANN)["worker"] == 30_00
    reply = scheme.tell(file, "2026-08-01")
    assert (reply.state, reply.accepted, reply.faults) == ("received_again", 1, [])
    assert scheme.pot(ANN) == {"worker": 33_00, "employer": 33_00, "government_owed": 22_50}
    assert scheme.tell(file, "2026-08-02").state == "nothing_new"
    scheme.check()


# One pay in two files, and one person in many


def fps(nino: str, on: str, gross: str, payroll_id: str = "P1") -> str:
    """A submission to the tax office with one pay, by the payer 635/A635."""
    return (
        '<IRenvelope xmlns="urn:fps"><FullPaymentSubmission><EmpRefs><OfficeNo>635</OfficeNo><PayeRef>A635</PayeRef></EmpRefs>'
        f"<Employee><EmployeeDetails><NINO>{escape(nino)}</NINO><Name><Fore>Ann</Fore><Sur>Bell</Sur></Name>"
        f"<BirthDate>{BORN}</BirthDate><Gender>F</Gender></EmployeeDetails>"
        f"<Employment><PayId>{payroll_id}</PayId><Payment><PayFreq>M1</PayFreq><PmtDate>{on}</PmtDate>"
        f"<TaxablePay>{gross}</TaxablePay></Payment><NIlettersAndValues>"
        f"<GrossEarningsForNICsInPd>{gross}</GrossEarningsForNICsInPd></NIlettersAndValues></Employment></Employee>"
        "</FullPaymentSubmission></IRenvelope>"
    )


PAPDIS_COLUMNS = (
    "EmployerId", "PayPeriodStartDate", "PayPeriodEndDate", "ContributionDeductionDate", "FrequencyCode", "Surname",
    "EmployeeId", "BirthDate", "NationalInsuranceNumber", "EmployerContributionsAmount", "EmployeeContributionsAmount",
    "PensionableEarningsAmount", "ExitDate", "ExitReasonCode",
)  # fmt: skip


def papdis(**cells: str) -> str:
    """A PAPDIS file with one row: Ann's May at 635/A635, unless `cells` say otherwise."""
    said = {
        "EmployerId": "635/A635", "PayPeriodStartDate": "2026-05-01", "PayPeriodEndDate": "2026-05-31",
        "ContributionDeductionDate": "2026-05-29", "FrequencyCode": "M1", "Surname": "Bell", "EmployeeId": "P1",
        "BirthDate": BORN, "NationalInsuranceNumber": ANN, "EmployerContributionsAmount": "30.00",
        "EmployeeContributionsAmount": "30.00", "PensionableEarningsAmount": "1000.00",
    } | cells  # fmt: skip
    return ",".join(PAPDIS_COLUMNS) + "\n" + ",".join(said.get(name, "") for name in PAPDIS_COLUMNS) + "\n"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the tax office first", "the scheme first"])
def test_one_pay_told_by_two_files_is_one_pay(scheme: Scheme, order: tuple[int, int]) -> None:
    """A pay told to the tax office and to us is one: its earnings are what the first was told, its money the second."""
    files = [scheme.file(fps(ANN, "2026-05-29", "1100.00")), scheme.file(papdis())]
    for nth in order:
        scheme.told(files[nth], "2026-06-01")
    # 3 % of £1,100 is £33, of which the worker's £30 is matched.
    assert scheme.pot(ANN) == {"worker": 30_00, "employer": 30_00, "government_owed": 18_00}
    assert (
        scheme.one(
            "select count(*) from fact_view where kind = 'pay' and earnings = 110000 and id not in (select replaces from fact)"
        )
        == 1
    )
    current = "select count(*) from fact where kind = 1 and id not in (select replaces from fact)"
    assert scheme.one(current) == 1
    scheme.check()


def test_a_payer_of_two_names_is_one_payer(scheme: Scheme) -> None:
    """With an alias, the tax office's reference and the employer's own name one payer, and its pay is told once."""
    scheme.told(papdis(EmployerId="ACME"), "2026-06-01")
    add_alias(scheme.connection, "ACME", "635/A635", clock("2026-06-01"))
    scheme.told(fps(ANN, "2026-05-29", "1000.00"), "2026-06-02")
    assert scheme.pot(ANN) == {"worker": 30_00, "employer": 30_00, "government_owed": 18_00}


def test_without_a_number_a_person_is_known_by_the_job(scheme: Scheme) -> None:
    """A row without a NINO is the member with its payer, payroll id and birth date; with another birth date it is not."""
    scheme.told([pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00", payroll_id="P1")], "2026-05-01")
    reply = scheme.told([pay("", "2026-05-29", "1000.00", "30.00", "30.00", payroll_id="P1")], "2026-06-01")
    assert (reply.new_members, scheme.pot(ANN)["worker"]) == (0, 60_00)
    others = [{"born": "1990-01-02"}, {"payroll_id": "P2"}, {"payer": "BETA"}]
    for day, other in enumerate(others, 1):
        told = {"payroll_id": "P1"} | other
        reply = scheme.told([pay("", f"2026-06-1{day}", "1000.00", "30.00", "30.00", **told)], "2026-06-30")
        assert (reply.new_members, reply.provisional_members) == (1, 1), other
    assert scheme.pot(ANN)["worker"] == 60_00


def test_a_numbers_suffix_names_nobody(scheme: Scheme) -> None:
    """A NINO with another suffix, in small letters or with spaces, is the same person."""
    scheme.told([pay("AB123456A", "2026-04-30", "1000.00", "30.00", "30.00")], "2026-05-01")
    for on, nino in (("2026-05-29", "ab 12 34 56 b"), ("2026-06-30", "AB123456")):
        assert scheme.told([pay(nino, on, "1000.00", "30.00", "30.00")], "2026-07-01").new_members == 0
    assert scheme.pot("AB123456A")["worker"] == 90_00


# Amounts that differ by a little, or are nothing


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("30.00", {"pot": 30_00}),
        ("29.98", {"pot": 30_00, "rounding": -2}),
        ("30.02", {"pot": 30_00, "rounding": 2}),
        ("29.97", {"pot": 29_97, "owed": 3}),
        ("30.03", {"pot": 30_00, "held": 3}),
        ("", {"owed": 30_00}),
        ("0.00", {"owed": 30_00}),
    ],
)
def test_a_difference_within_the_tolerance_is_rounding(scheme: Scheme, sent: str, expected: dict[str, int]) -> None:
    """Twopence more or less than the employer's £30.00 goes to the rounding account; threepence is held, or owed."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", sent)], "2026-06-01")
    accounts = {
        "pot": f"employer {ANN[:8]}",
        "owed": f"employer_owed {ANN[:8]}",
        "rounding": "rounding",
        "held": "held_for ACME",
    }
    found = scheme.pots()
    assert expected == {word: found[account] for word, account in accounts.items() if account in found}
    scheme.check()


def test_nothing_with_a_reason_is_accepted(scheme: Scheme) -> None:
    """A row of no money that says why is accepted: in our own file and in PAPDIS."""
    scheme.told([pay(ANN, "2026-04-30", "", "0.00", "0.00", reason="unpaid_leave")], "2026-05-01")
    scheme.told([pay(DAN, "2026-05-15", "", reason="left")], "2026-06-01")
    zero = {
        "EmployerContributionsAmount": "0.00",
        "EmployeeContributionsAmount": "0.00",
        "PensionableEarningsAmount": "0.00",
    }
    scheme.told(papdis(**zero, ExitDate="2026-05-15", ExitReasonCode="R"), "2026-06-01")
    assert scheme.pots() == {}


# Nothing is ever changed


APPEND_ONLY = (
    "fact", "transfer", "closing", "batch", "told", "rulebook_version", "rule", "attribute", "payer", "payer_alias",
    "payer_bust", "payment_run", "bank_entry", "claim", "claim_answer", "refusal_code",
)  # fmt: skip


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_database_itself_refuses_changes(scheme: Scheme, table: str) -> None:
    """UPDATE, DELETE and TRUNCATE of what a scheme knew are refused, to its owner too, and say what to do instead."""
    scheme.told(MAY, "2026-06-01")
    column = scheme.one(
        "select column_name from information_schema.columns where table_name = %s and is_identity = 'NO' limit 1",
        [table],
    )
    for change in ("update {} set {} = {}", "delete from {}", "truncate {}"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="never changed") as refusal:
            scheme.connection.execute(change.format(table, column, column).encode())
        assert refusal.value.diag.message_hint
        scheme.connection.rollback()


def test_no_table_of_the_books_was_forgotten(scheme: Scheme) -> None:
    """Every table outside `personal`, but for the scheme's own row, is guarded."""
    tables = scheme.connection.execute(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    ).fetchall()
    assert {name for (name,) in tables} - {"scheme"} == set(APPEND_ONLY)


# As of any day, and as known at any place


def plain_balances(scheme: Scheme, until: str | None, place: int) -> dict[str, int]:
    """Debits less credits by account, added up row by row; members' accounts by kind."""
    found: Counter[str] = Counter()
    rows = scheme.connection.execute("select effective_on::text, place, debit, credit, amount from journal").fetchall()
    for on, known, debit, credit, amount in rows:
        if known <= place and (until is None or on <= until):
            for account, minor in ((debit, amount), (credit, -amount)):
                kind = account.partition(":")[0]
                found[account if kind in {"in_transit", "owed_by", "held_for"} else kind] += minor
    return {account: minor for account, minor in found.items() if minor}


def test_balances_as_of_any_day_and_as_known_at_any_place(scheme: Scheme) -> None:
    """What stood on any day, as known at any place of the chain, is the sum of the transfers, and stays so ever after."""
    told: list[tuple[list[Row], str, str | None]] = [
        ([pay(ANN, "2026-03-27", "1000.00", "30.00", "30.00"), pay(BOB, "2026-03-27", "500.00", "15.00", "")], "2026-04-01", None),
        ([pay(ANN, "2026-04-30", "1000.00", "30.00", "30.00"), paid(ANN, "2026-04-10", "1300.00")], "2026-05-01", None),
        ([pay(ANN, "2026-03-27", "900.00", "27.00", "27.00")], "2026-05-02", "replaces"),
        ([withdrawn(ANN, "2026-05-20", "200.00"), says(BOB, "2026-04-15", "caring", "yes")], "2026-06-01", None),
    ]  # fmt: skip
    days = (None, "2026-03-26", "2026-03-27", "2026-04-05", "2026-04-06", "2026-04-30", "2026-05-20", "2026-06-01")
    seen: dict[tuple[str | None, int], dict[str, int]] = {}
    for rows, as_of, mode in told:
        scheme.told(rows, as_of, mode)
        place = scheme.place()
        for day in days:
            seen[(day, place)] = plain_balances(scheme, day, place)
    store = read_standing(scheme.connection).store(scheme.connection)
    for (day, place), expected in seen.items():
        found = store.balances(None if day is None else parse_day(day), place)
        assert sum(minor for _, _, minor in found) == 0
        named = {scheme.one("select account_name(%s)", [account]): minor for _, account, minor in found if minor}
        short = {
            (name.removesuffix(":0") if not name.startswith("in_transit") else name): minor
            for name, minor in named.items()
        }
        assert expected == short, (day, place)
        if day is None:
            books = read_books(scheme.connection, known=str(place))
            assert sum(line.minor for line in books.lines) == 0
            assert books.total("worker") == -expected.get("worker", 0)
    assert len({str(balances) for balances in seen.values()}) > len(told)

"""Why, asked of the books: by entry, fact, rule and day; what was put right, taken away or held; and the statement's reasons."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.schemes import ANN, BOB, CAT, Scheme, clock, opened, paid, pay, says, withdrawn
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.errors import Misuse
from lifepot.periods import parse_day
from lifepot.rulebook.reader import rulebook_text
from lifepot.scheme.answers import Answers, Asked, Why
from lifepot.scheme.people import correct_birth_day, merge, split
from lifepot.scheme.resettle import adopt
from lifepot.scheme.statement import Statement, find_member
from lifepot.scheme.why import explained
from lifepot.scheme.why import why as ask
from lifepot.storage.database import Database
from lifepot.storage.server import EmbeddedServer

LSA = "lifetime-savings-account"


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A lifetime savings account scheme, just opened."""
    with opened(server, tmp_path, LSA) as found:
        yield found


def number(scheme: Scheme, nino: str) -> int:
    """A member's number."""
    return find_member(scheme.connection, nino)


def told(scheme: Scheme, nino: str = ANN, **asked: object) -> Answers:
    """Answers about a member."""
    return ask(scheme.connection, number(scheme, nino), Asked(**asked))  # type: ignore[arg-type]


def one(answers: Answers, rule: str) -> Why:
    """The last answer of a rule."""
    return [answer for answer in answers.answers if answer.rule == rule][-1]


def statement(scheme: Scheme, nino: str = ANN) -> Statement:
    """A member's statement with its reasons."""
    return explained(scheme.connection, number(scheme, nino))


def test_the_last_pay_of_each_payer_and_the_last_payment(scheme: Scheme) -> None:
    """Asked nothing, it tells of each payer's last pay and of the last payment, under each of the seven rules."""
    scheme.told([pay(ANN, "2026-04-30", "900.00"), pay(ANN, "2026-05-31", "1000.00", payer="SHOP")], "2026-06-01")
    scheme.told([paid(ANN, "2026-05-05", "10.00"), pay(ANN, "2026-05-15", "950.00")], "2026-06-02")
    answers = told(scheme)
    assert {(answer.source.kind, answer.source.payer, answer.source.on) for answer in answers.answers} == {
        ("paid", "", parse_day("2026-05-05")), ("pay", "ACME", parse_day("2026-05-15")), ("pay", "SHOP", parse_day("2026-05-31")),
    }  # fmt: skip
    assert len(answers.answers) == 3 * 7
    assert "for your" not in answers.account
    assert answers.account.startswith(
        "Your account opened on 2026-04-30, with the pay of 2026-04-30 from ACME, line 2 of "
    )


def test_a_replaced_row_stands_beside_the_new_one(scheme: Scheme) -> None:
    """What was posted first, what took its place with its line and file, and what changed in it; asked by either fact."""
    first = scheme.told([pay(ANN, "2026-04-30", "1000.00", "30.00", "28.00")], "2026-05-01")
    later = scheme.told([pay(ANN, "2026-04-30", "1100.00", "33.00", "28.00")], "2026-06-05", "replaces")
    old, new = f"line 2 of {first.file}", f"line 2 of {later.file}"
    facts = sorted({entry.fact for entry in statement(scheme).entries})
    for fact in facts:
        answers = told(scheme, fact=fact)
        match = one(answers, "government.match")
        assert (match.amount_minor, match.source.words) == (1650, f"pay of 2026-04-30 from ACME, {new}")
        assert match.books[1:] == [
            f"Posted first, at place 2: £15.00, because of the pay of 2026-04-30 from ACME, {old}",
            f"Put right at place 3: £1.50 more, £16.50 in all, because the pay of 2026-04-30 from ACME, {new} took its place",
        ]
        assert (
            one(answers, "employer.match").books[0] == "In the books: £28.00 sent, as the payer's file says; £5.00 owed"
        )
        assert answers.notes[match.source.fact] == [
            (
                f"The pay of 2026-04-30 from ACME, {old} was replaced by the pay of 2026-04-30 from ACME, {new}: "
                "earnings from £1,000.00 to £1,100.00, what is stated for you from £30.00 to £33.00."
            )
        ]


def test_what_used_up_the_cap_meanwhile_is_named(scheme: Scheme) -> None:
    """A payment told late takes the cap's place from a later one, whose entry says what was told and what is now nothing."""
    scheme.told([paid(ANN, "2026-05-10", "1190.00"), paid(ANN, "2026-05-20", "10.00")], "2026-05-21")
    late = scheme.told([paid(ANN, "2026-04-12", "50.00")], "2026-06-20")
    reasons = [
        (entry.minor, statement(scheme).reasons[entry.entry])
        for entry in statement(scheme).entries
        if entry.rule == "government.match" and entry.effective_on == parse_day("2026-05-20")
    ]
    assert reasons[0] == (500, "as first told; put right at place 3")
    assert reasons[1][0] == -500
    assert reasons[1][1].startswith(
        f"put right because of what was told then: the payment of 2026-04-12, line 2 of {late.file}; now nothing, because the "
        "cap of £1,200.00 (match_cap, in force from 2016-04-06, choice) was used up already: the total of the tax year "
        "2026-04-06 to 2027-04-05 stood at £1,240.00 before this, and had reached it with the payment of 2026-05-10, line 2 of "
    )


def test_a_pay_taken_away_says_by_which_file(scheme: Scheme) -> None:
    """A replacement without the row takes it away: the fact, its entries and the statement say so."""
    scheme.told([pay(ANN, "2026-04-30", "1000.00"), pay(BOB, "2026-04-30", "500.00")], "2026-05-01")
    later = scheme.told([pay(BOB, "2026-04-30", "500.00")], "2026-06-05", "replaces")
    gone = f"was taken away by {later.file}, which no longer has it"
    entries = statement(scheme).entries
    (answer,) = told(scheme, fact=entries[0].fact).answers
    assert (answer.outcome, answer.code) == ("nothing", "removed")
    assert answer.because == f"nothing, because it {gone}; what it had brought was taken back"
    assert {statement(scheme).reasons[entry.entry] for entry in entries} == {
        "as first told; put right at place 3", f"put right because it {gone}; now nothing",
    }  # fmt: skip
    assert {entry.code for entry in statement(scheme).nothing} == {"removed"}
    (by_default,) = told(scheme).answers
    assert by_default == answer


def test_no_account_and_money_that_is_held(scheme: Scheme) -> None:
    """Somebody of 14: each rule says which test failed, and what was sent is held for its sender."""
    scheme.told([pay(CAT, "2026-06-30", "900.00", "27.00", "27.00", born="2012-01-01")], "2026-07-02")
    answers = told(scheme, CAT)
    why = (
        "nothing, because no account is open for you: you may not join, for your age of 14 on 2026-06-30, the day of joining, is "
        "below 16 (opening_age, in force from 2016-04-06, choice)"
    )
    assert one(answers, "government.match").because == why
    (notes,) = answers.notes.values()
    assert notes == ["£54.00 more was sent with it than the rules owe, and is held for its sender."]
    assert "you may not join" in answers.account
    assert {entry.reason for entry in statement(scheme, CAT).nothing if entry.code == "not_open"} == {why}
    together = statement(scheme, CAT).nothing_by_reason()
    (rules,) = [rules for (reason, _), rules in together.items() if reason == why]
    assert [entry.rule for entry in rules] == [
        "worker.contribution", "employer.match", "government.match", "government.base",
    ]  # fmt: skip


def test_money_taken_out_says_what_for(scheme: Scheme) -> None:
    """A withdrawal for a purpose names it and whom it pays; one for none says why, and what it sends back."""
    scheme.told([paid(ANN, "2026-05-01", "500.00")], "2026-05-02")
    scheme.told(
        [withdrawn(ANN, "2026-06-01", "100.00", "student loan"), withdrawn(ANN, "2026-06-02", "50.00")], "2026-06-03"
    )
    answers = told(scheme, first=parse_day("2026-06-01"), last=parse_day("2026-06-02"))
    out = [answer for answer in answers.answers if answer.outcome == "taken_out"]
    assert [(answer.amount_minor, answer.because) for answer in out] == [
        (
            -10_000,
            "this is for student loan, paid to the lender, with the borrower's reference, or the university so that less is borrowed",
        ),
        (-5_000, "this is for no purpose: none was given"),
    ]
    assert one(answers, "government.match").because == (
        "50% (match_rate, in force from 2016-04-06, choice) of the £50.00 that goes out of it"
    )
    retraining = withdrawn(ANN, "2026-07-01", "5.00", "retraining")
    scheme.told([retraining], "2026-07-02")
    (answer,) = [answer for answer in told(scheme).answers if answer.outcome == "taken_out"]
    assert answer.because == (
        "this is for no purpose: retraining does not hold, for the number of whole months since joining on 2026-05-01, 2, is "
        "below 6"
    )


def test_a_day_a_month_and_a_rule_narrow(scheme: Scheme) -> None:
    """By day and month: what happened or is effective then; by rule: the last facts that it counts."""
    scheme.told([pay(ANN, "2026-04-30", "900.00"), says(ANN, "2026-05-20", "caring", "yes")], "2026-05-21")
    scheme.settle("2026-07-15")
    july = told(scheme, first=parse_day("2026-07-01"), last=parse_day("2026-07-31")).answers
    assert [(answer.rule, answer.amount_minor) for answer in july] == [("government.base", 300)]
    april = told(scheme, first=parse_day("2026-04-30"), last=parse_day("2026-04-30"), rule="government.match").answers
    assert [answer.amount_minor for answer in april] == [1350]
    base = told(scheme, rule="government.base").answers
    assert [answer.amount_minor for answer in base] == [300, 300, 300, 300]


def test_not_posted_yet(scheme: Scheme) -> None:
    """A month that began after the member was last settled is explained, and said to be not posted yet."""
    scheme.told([pay(ANN, "2026-04-30", "900.00"), says(ANN, "2026-05-20", "caring", "yes")], "2026-05-21")
    scheme.told([pay(BOB, "2026-06-30", "900.00")], "2026-07-02")
    last = one(told(scheme, rule="government.base"), "government.base")
    assert last.books == ["Not posted yet: £3.00 comes with the next `lifepot settle`"]
    scheme.settle("2026-07-02")
    assert one(told(scheme, rule="government.base"), "government.base").books == [
        "In the books: owed by government, and not here yet"
    ]


def test_a_new_version_and_a_birth_day_put_right(scheme: Scheme) -> None:
    """What was put right without a file says what was done: a version adopted, a birth day corrected."""
    scheme.told([paid(ANN, "2026-05-01", "100.00")], "2026-05-02")
    text, name = rulebook_text(LSA)
    adopt(
        scheme.connection, text.replace("50p per £1", "60p per £1"), name, parse_day("2026-05-01"), clock("2026-05-05")
    )
    match = one(told(scheme), "government.match")
    assert match.because == "60% (match_rate, in force from 2016-04-06, choice) of £100.00"
    assert (
        match.books[-1]
        == "Put right at place 3: £10.00 more, £60.00 in all, because a new version of the rulebook was adopted"
    )
    correct_birth_day(scheme.connection, number(scheme, ANN), parse_day("2015-01-01"), clock("2026-05-06"))
    match = one(told(scheme), "government.match")
    assert (match.outcome, match.code) == ("nothing", "not_open")
    assert match.books[-1] == "Put right at place 4: £60.00 less, £0.00 in all, because the birth day was put right"


def test_members_merged_and_split(scheme: Scheme) -> None:
    """Pay that was found to be another's says so; who was merged is told under whose number to ask."""
    scheme.told([pay(ANN, "2026-04-30", "1000.00"), pay(ANN, "2026-04-30", "500.00", payer="SHOP")], "2026-05-01")
    scheme.told([pay(BOB, "2026-05-31", "1000.00")], "2026-06-01")
    ann, bob = number(scheme, ANN), number(scheme, BOB)
    split(scheme.connection, ann, ["SHOP"], None, clock("2026-06-02"))
    entries = [entry for entry in statement(scheme).entries if "SHOP" in entry.because]
    (answer,) = told(scheme, entry=entries[-1].entry).answers
    assert (answer.code, answer.because) == (
        "moved", "nothing, because it was found to be another member's; what it had brought was taken back",
    )  # fmt: skip
    assert statement(scheme).reasons[entries[-1].entry] == "put right because a member was found to be two; now nothing"
    merge(scheme.connection, bob, ann, clock("2026-06-03"))
    assert ask(scheme.connection, bob).account == (
        f"Member {bob} was found to be member {ann}, under whom everything is read: ask `lifepot why {ann}`."
    )
    assert all(explained(scheme.connection, ann).reasons.values())


def test_every_entry_has_its_reason_and_its_answer(scheme: Scheme) -> None:
    """Each entry of a statement has a line of its own, and `why` of it comes to what the entries of its kind come to."""
    scheme.told(
        [pay(ANN, "2026-04-30", "1000.00", "30.00", "28.00"), says(ANN, "2026-05-20", "caring", "yes")], "2026-05-21"
    )
    scheme.told([pay(ANN, "2026-04-30", "1100.00", "33.00", "28.00")], "2026-06-05", "replaces")
    scheme.told([paid(ANN, "2026-04-12", "1190.00"), withdrawn(ANN, "2026-06-06", "20.00")], "2026-06-07")
    scheme.settle("2026-08-02")
    found = statement(scheme)
    assert set(found.reasons) == {entry.entry for entry in found.entries}
    for entry in found.entries:
        assert found.reasons[entry.entry]
        answers = told(scheme, entry=entry.entry).answers
        assert all(answer.entries for answer in answers)
        booked = sum(entry.minor for entry in answers[0].entries)
        assert booked == sum(answer.amount_minor for answer in answers)
        assert not any("verify" in line for answer in answers for line in answer.books)


def test_what_falls_due_together_and_what_is_refused(server: EmbeddedServer, tmp_path: Path) -> None:
    """A Lifetime ISA's bonus names the payments of its period; a payment past the limit says what was refused, and by what."""
    with opened(server, tmp_path, "uk-lifetime-isa") as isa:
        isa.told(
            [paid(ANN, "2024-04-10", "3000.00"), paid(ANN, "2024-04-12", "1500.00"), paid(ANN, "2024-04-20", "10.00")],
            "2024-04-21",
        )
        isa.settle("2024-05-06")
        (bonus,) = [entry for entry in statement(isa).entries if entry.rule == "government.bonus"]
        (answer,) = told(isa, entry=bonus.entry).answers
        (also,) = [line for line in answer.books if line.startswith("Also due that day")]
        assert also.startswith("Also due that day: £750.00 of the payment of 2024-04-10, line 2 of ")
        assert also.endswith(", 25% (bonus_rate, in force from 2017-04-06) of £3,000.00; due on 2024-05-05")
        sent_back = "£500.00 more was sent and refused, beyond £4,000.00 (annual_limit, in force from 2017-04-06), and goes back."
        assert any(line.endswith(sent_back) for line in answer.lines())
        last = one(told(isa), "worker.payment")
        assert last.because == (
            "nothing, because all £10.00 of it was refused, beyond £4,000.00 (annual_limit, in force from 2017-04-06), and goes "
            "back to who sent it"
        )


def run(*words: object) -> tuple[int, str]:
    """Exit code and stdout of a command."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def place(database: Database, tmp_path: Path) -> list[str]:
    """A scheme with one member's pay of May, as options of a command."""
    run("open", LSA, "--database", database.url, "--as-of", "2026-04-06", "--as", "test")
    with database.connect() as connection:
        Scheme(connection, tmp_path).told([pay(ANN, "2026-05-29", "1000.00", "30.00", "28.00")], "2026-05-31")
    return ["--database", database.url]


def test_the_command_asks_by_month_and_rule(place: list[str]) -> None:
    """`why --month --rule --json` answers with steps, exact figures and clauses in force."""
    code, out = run("why", 1, "--month", "2026-05", "--rule", "government.match", *place, "--json")
    (answer,) = json.loads(out)["answers"]
    assert (code, answer["amount_minor"], answer["outcome"], answer["fact"]["line"]) == (0, 1500, "gives", 2)
    rate = next(step for step in answer["steps"] if step["step"] == "rate")
    assert (rate["before_minor"], rate["after_minor"], rate["was_minor"]) == ("3000", "1500", "0")
    (figure,) = rate["figures"]
    assert (figure["name"], figure["figure"], figure["in_force_from"], figure["certainty"]) == (
        "match_rate", "1/2", "2016-04-06", "choice",
    )  # fmt: skip
    assert [entry["standing"] for entry in answer["entries"]] == ["owed"]
    assert run("why", 1, "--month", "2026-04", *place, "--json")[1].count('"rule"') == 0


def test_the_command_says_nothing_because(place: list[str]) -> None:
    """Without --json each rule stands in a line, those that gave nothing with "because"."""
    code, out = run("why", 1, *place)
    flat = " ".join(out.split())
    assert code == 0
    assert "nothing government.profit because this is pay, and the rule counts profit as declared" in flat
    assert "£15.00 government.match 50% (match_rate, in force from 2016-04-06, choice) of £30.00" in flat
    full = " ".join(run("why", 1, "--full", *place)[1].split())
    assert "Clause match_rate: Government adds this much to each pound of the worker's own money. Source: " in full
    nothing = " ".join(run("statement", 1, *place)[1].split()).partition("Nothing came from")[2]
    assert "government.profit: because this is pay" in nothing


def test_the_page_shows_reasons_and_nothing(place: list[str], tmp_path: Path) -> None:
    """The statement's page has each entry's reason and what nothing came from."""
    page = tmp_path / "page.html"
    assert run("statement", 1, "--html", page, *place)[0] == 0
    text = page.read_text("utf-8")
    assert "<bdi>50% (match_rate, in force from 2016-04-06, choice) of £30.00</bdi>" in text
    assert ">What brought nothing lately</h2>" in text


@pytest.mark.parametrize(
    "words",
    [
        ["--entry", "5"], ["--fact", "5"], ["--rule", "no.such"], ["--on", "May"], ["--month", "2026"],
        ["--on", "2026-05-01", "--month", "2026-05"], ["--entry", "5", "--rule", "government.match"],
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_misuse(place: list[str], words: list[str]) -> None:
    """An entry, fact or rule that is not there, a day that is none, and questions that exclude each other end with 2."""
    assert run("why", 1, *words, *place)[0] == 2


def test_an_unknown_member_is_misuse_and_one_with_no_facts_is_told_so(scheme: Scheme) -> None:
    """Nobody of that number: misuse. A person of whom nothing stands: no account, and why."""
    with pytest.raises(Misuse):
        find_member(scheme.connection, "12")
    scheme.connection.execute("insert into personal.person (member, provisional) values (7, false)")
    answers = ask(scheme.connection, 7)
    assert answers.answers == []
    assert answers.account == "No account is open for you, and nothing was paid by you or for you."

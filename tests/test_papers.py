"""Papers: what they say is what the books say, on the page and in the PDF alike, whoever the member is."""

import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.example_papers import FOLDER, papers
from tests.schemes import ANN, BOB, CAT, DAN, Row, Scheme, clock, opened, opened_database, paid, pay, says, withdrawn
from tests.test_happened import EMPLOYER, GOVERNMENT, came
from typer.testing import CliRunner

from lifepot.cli import app
from lifepot.drawing.bands import Band, lay
from lifepot.errors import Misuse
from lifepot.kernel.columns import PARTIES
from lifepot.papers.government import FEWEST, government_figures, government_paper, joined
from lifepot.papers.government import Band as People
from lifepot.papers.member import MemberFigures, _points, member_figures
from lifepot.papers.paper import Big, Block, Cell, Paper, Says, Section, Table, cleaned
from lifepot.papers.payer import payer_figures, payer_paper
from lifepot.papers.statement import lead, statement_paper
from lifepot.papers.writing import page_of, pdf_of
from lifepot.papers.years import year_of
from lifepot.periods import format_day, parse_day
from lifepot.rulebook.reader import shipped, shipped_names
from lifepot.samples import write_sample
from lifepot.scheme.books import Books, read_books
from lifepot.scheme.people import add_alias, merge
from lifepot.scheme.picture import Moved
from lifepot.scheme.statement import Entry, find_member
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import steps
from lifepot.withdrawals.payees import own_account
from lifepot.withdrawals.quoting import Wish

HOSTILE = [
    "#set page(fill: red)",
    "$x^2$ *bold* _it_ `raw` @ref <label>",
    "<script>alert(1)</script>",
    "\"'&amp;</p>",
    "\\#[ ]{ } // --",
]
"""Texts that a page or a PDF could mistake for its own."""


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A lifetime savings account scheme, just opened."""
    with opened(server, tmp_path) as found:
        yield found


def figures(scheme: Scheme, nino: str = ANN, year: int | None = None) -> MemberFigures:
    """The figures of a member's statement."""
    return member_figures(scheme.connection, find_member(scheme.connection, nino), year)


def texts(paper: Paper) -> list[str]:
    """Every text of a paper, but for its picture's key."""

    def of(block: Block) -> list[str]:
        match block:
            case Says():
                return [block.text]
            case Table():
                return [
                    *block.heads,
                    *(text for row in block.rows for cell in row for text in (cell.text, cell.quiet) if text),
                ]
            case _:
                return [getattr(block, name) for name in ("label", "figure", "caption") if hasattr(block, name)]

    said = [text for block in paper.blocks for text in of(block)]
    for section in paper.sections:
        said += [section.heading, *(text for block in section.blocks for text in of(block))]
    return [paper.title, paper.about, *paper.under, paper.foot, *said]


def squeezed(text: str) -> str:
    """Without its spaces: lines break where they must."""
    return re.sub(r"[\s­-]+", "", text)


def on_page(page: str) -> str:
    """What a page shows."""
    return squeezed(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)))


def in_pdf(written: bytes) -> str:
    """What a PDF shows, page breaks and their footers taken out."""
    return squeezed(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(written)).pages))


def check_both_say(paper: Paper) -> None:
    """The page and the PDF say every text of the paper."""
    page, pdf = on_page(page_of(paper)), in_pdf(pdf_of(paper))
    assert [text for text in texts(paper) if squeezed(text) not in page] == []
    # A cell that runs over two pages has a footer and a repeated head in the middle: its figures are looked for.
    broken = [text for text in texts(paper) if squeezed(text) not in pdf]
    lost = [text for text in broken for word in text.split() if squeezed(word) not in pdf]
    assert lost == []
    assert len(broken) <= len(PdfReader(io.BytesIO(pdf_of(paper))).pages), broken


# The statement, by hand


YEAR = [pay(ANN, f"2026-0{month}-28", "1000.00", "30.00", "30.00") for month in (4, 5, 6)]


def test_what_was_put_in_and_what_became_of_it(scheme: Scheme) -> None:
    """Three pays of £1,000: £90 put in, £90 + £45 because of it, £9 whatever was put in: every £1 became £2.50."""
    scheme.told(YEAR, "2026-06-30")
    one = figures(scheme)
    assert (one.put_in.together, one.because, one.regardless, one.became) == (90_00, 135_00, 9_00, 2_50)
    assert lead(one) == [
        "You put in £90.00. Others added £135.00 because of it: every £1 of yours became £2.50.",
        "£9.00 more came whatever you put in.",
    ]
    assert (one.closing.here, one.closing.owed) == (180_00, 54_00)


def test_what_came_whatever_the_member_put_in_is_worked_out_by_the_rules(scheme: Scheme) -> None:
    """A payment that opens the account brings its match because of it; months of caring after it come in any case."""
    scheme.told([paid(ANN, "2026-05-02", "10.00"), says(ANN, "2026-05-10", "caring", "yes")], "2026-07-31")
    one = figures(scheme)
    assert (one.put_in.together, one.because, one.regardless, one.became) == (10_00, 5_00, 9_00, 1_50)


def test_a_pound_that_became_no_whole_penny_is_rounded_down(scheme: Scheme) -> None:
    """£1,300 of own money, of which £1,200 is matched at half: £1,900 / 1,300 = £1.4615… is £1.46."""
    scheme.told([paid(ANN, "2026-05-02", "1300.00")], "2026-05-31")
    assert figures(scheme).became == 1_46


def test_money_taken_out_still_counts_as_put_in(scheme: Scheme) -> None:
    """£100 put in and taken out for nothing: its match went back, and every £1 became £1.00."""
    scheme.told([paid(ANN, "2026-05-02", "100.00")], "2026-05-02")
    scheme.told([withdrawn(ANN, "2026-05-20", "100.00")], "2026-05-31")
    one = figures(scheme)
    assert (one.put_in.together, one.because, one.became) == (100_00, 0, 1_00)
    assert one.moved["taken_out"] == Moved(here=-100_00)
    assert one.closing == Moved()


def test_what_it_can_be_used_for_and_when_the_rest_opens(scheme: Scheme) -> None:
    """By the rulebook: a loan now, retraining six and a home twelve months after joining, a second pension at 58."""
    scheme.told(YEAR, "2026-06-30")
    uses = {one.name: one for one in figures(scheme).uses}
    assert [(name, one.is_open, one.opens_on and format_day(one.opens_on)) for name, one in uses.items()] == [
        ("student_loan", True, None), ("retraining", False, "2026-10-28"), ("first_home", False, "2027-04-28"),
        ("second_pension", False, "2048-01-01"), (None, False, None),
    ]  # fmt: skip
    assert uses["first_home"].amount == 0
    # Of £180 here and £54 owed, £180 can leave for a purpose; £90 of one's own for none, and half of it goes back.
    assert (uses["student_loan"].amount, uses["student_loan"].arrives) == (180_00, 180_00)
    assert (uses[None].amount, uses[None].sent_back) == (90_00, {"government": 45_00})


def test_the_charge_of_another_scheme(server: EmbeddedServer, tmp_path: Path) -> None:
    """A Lifetime ISA's own money for no purpose: 25 % of it does not arrive."""
    with opened(server, tmp_path, "uk-lifetime-isa") as scheme:
        scheme.told([paid(ANN, "2026-05-02", "1000.00")], "2026-06-10")
        uses = {one.name: one for one in figures(scheme).uses}
        assert (uses[None].amount, uses[None].arrives) == (1000_00, 750_00)
        assert uses["first_home"].is_open is False
        check_both_say(statement_paper(figures(scheme)))


def test_the_course_goes_on_from_the_books(scheme: Scheme) -> None:
    """£234 in the pot or owed, then £30 + £30 + £15 + £3 a month until 40 on 1 January 2030: 42 months."""
    scheme.told(YEAR, "2026-06-30")
    age_40, pension = figures(scheme).courses
    assert (age_40.milestone.name, format_day(age_40.milestone.on)) == ("age 40", "2030-01-01")
    assert (age_40.now, age_40.added) == (234_00, (42 * 30_00, 42 * 30_00, 42 * 18_00))
    assert format_day(pension.milestone.on) == "2058-01-01"


def test_what_was_owed_and_came_is_here(scheme: Scheme) -> None:
    """£18 from government and £20 from a payer that came because they were owed: here, and not taken out of anything."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "10.00")], "2026-06-01")
    before = figures(scheme)
    assert (before.closing.here, before.closing.owed) == (40_00, 38_00)
    came(scheme, ANN, 18_00, GOVERNMENT)
    came(scheme, ANN, 20_00, EMPLOYER, "ACME")
    one = figures(scheme)
    assert one.closing == Moved(here=78_00)
    assert (one.put_in, one.because, one.regardless) == (Moved(here=30_00), 45_00, 3_00)
    assert one.moved["taken_out"] == Moved()
    assert one.others == {"employer": Moved(here=30_00), "government": Moved(here=18_00)}
    text = " ".join(texts(statement_paper(one)))
    assert "It had been owed, and came" in text
    assert "Coming of 2026-06-19 of what government owed" in text
    check_both_say(statement_paper(one))
    acme = payer_figures(scheme.connection, "ACME")
    assert (acme.after.owed, acme.within.made_good, acme.after.in_transit) == (0, 20_00, 60_00)
    government = government_figures(scheme.connection)
    assert (government.total.paid, government.total.owed, government.due_back) == (18_00, 0, 0)


def test_what_government_paid_too_much_is_due_back(scheme: Scheme) -> None:
    """£18 paid on a pay that is then halved: £7.50 is due back, and the paper says so; the statement shows £10.50."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00")], "2026-06-01")
    came(scheme, ANN, 18_00, GOVERNMENT)
    scheme.told([pay(ANN, "2026-05-29", "500.00", "15.00", "15.00")], "2026-06-20", "replaces")
    government = government_figures(scheme.connection)
    assert (government.total.paid, government.total.owed, government.due_back) == (10_50, 0, 7_50)
    assert "£7.50 of what it paid is due back to it, after corrections." in texts(government_paper(government))
    one = figures(scheme)
    assert (one.others["government"], one.closing) == (Moved(here=10_50), Moved(here=40_50))
    check_both_say(statement_paper(one))


def test_money_that_is_leaving_is_taken_out_and_comes_back_if_cancelled(scheme: Scheme) -> None:
    """£400 asked for and approved are out of the pot with their match; cancelled, all is as before, and put in stays put in."""
    scheme.told([paid(ANN, "2026-06-02", "1000.00")], "2026-06-02")
    before = figures(scheme)
    wish = Wish(before.statement.member, None, 400_00, arrives=False, said={})
    day = replace(clock("2026-07-01"), who="ann")
    asked, _ = steps.ask(scheme.connection, wish, own_account("Ann Archer", "20-00-00", "55779911"), day)
    steps.approve(scheme.connection, asked.withdrawal.number, day)
    out = figures(scheme)
    assert out.moved["taken_out"] == Moved(here=-400_00)
    assert (out.put_in, out.closing) == (Moved(here=1000_00), Moved(here=600_00, owed=300_00))
    check_both_say(statement_paper(out))
    steps.cancel(scheme.connection, asked.withdrawal.number, replace(clock("2026-07-02"), who="ann"))
    back = figures(scheme)
    assert back.moved["taken_out"] == Moved()
    assert (back.put_in, back.closing, back.because) == (before.put_in, before.closing, before.because)
    check_both_say(statement_paper(back))


# Years


def told_over_two_years(scheme: Scheme) -> None:
    """Two tax years, with a correction of the first in the second, and money taken out."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00")], "2026-06-01")
    scheme.told([paid(ANN, "2026-06-10", "50.00"), withdrawn(ANN, "2027-01-10", "20.00", "student loan")], "2027-01-15")
    scheme.told([pay(ANN, "2027-04-30", "1000.00", "30.00", "30.00")], "2027-05-01")
    scheme.told([pay(ANN, "2026-05-29", "900.00", "27.00", "27.00")], "2027-05-20", "replaces")


def test_a_year_begins_where_the_one_before_ended(scheme: Scheme) -> None:
    """Opening, what came and went, and what became known of earlier years are the closing; which the next year opens with."""
    told_over_two_years(scheme)
    first, second, whole = (figures(scheme, year=year) for year in (2026, 2027, None))
    for one in (first, second, whole):
        assert sum(one.moved.values(), one.opening + one.earlier) == one.closing
    assert first.opening == Moved()
    assert second.opening == first.closing
    assert second.closing == whole.closing
    # Of the first year, £100 less pay: £3 each of the worker's and the employer's, £1.50 of match.
    assert second.earlier == Moved(here=-6_00, owed=-1_50)
    assert (first.period.in_words, second.period.in_words) == (
        "Tax year, 6 April 2026 to 5 April 2027", "Tax year so far, 6 April 2027 to 20 May 2027",
    )  # fmt: skip


def test_a_years_paper_stays_what_it_was(scheme: Scheme) -> None:
    """What is told after a year changes nothing in that year's paper: the same bytes, whenever it is made."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00")], "2026-06-01")
    scheme.settle("2027-04-05")
    scheme.told([pay(BOB, "2027-04-05", "900.00", "27.00", "27.00")], "2027-04-05")
    before = statement_paper(figures(scheme, year=2026))
    # What says nothing of members or rules takes a place in the chain and none in the paper.
    add_alias(scheme.connection, "ACME", "ACME LTD", clock("2027-04-05"))
    scheme.told([pay(ANN, "2027-04-30", "1000.00", "30.00", "30.00")], "2027-05-01")
    scheme.told([pay(ANN, "2026-05-29", "900.00", "27.00", "27.00")], "2027-05-20", "replaces")
    after = statement_paper(figures(scheme, year=2026))
    assert after == before
    assert (page_of(after), pdf_of(after)) == (page_of(before), pdf_of(before))


def test_years_are_the_rulebooks() -> None:
    """The tax year, the calendar year, or New Zealand's; and the calendar year where a rulebook names none."""
    days = {
        name: year_of(shipped(name), 2026)
        for name in ("lifetime-savings-account", "ie-my-future-fund", "nz-kiwisaver", "uk-help-to-save")
    }
    assert {name: tuple(map(format_day, one[:2])) for name, one in days.items()} == {
        "lifetime-savings-account": ("2026-04-06", "2027-04-05"), "ie-my-future-fund": ("2026-01-01", "2026-12-31"),
        "nz-kiwisaver": ("2026-07-01", "2027-06-30"), "uk-help-to-save": ("2026-01-01", "2026-12-31"),
    }  # fmt: skip


@pytest.mark.parametrize("year", [1990, 2030, 26])
def test_a_year_that_is_none_is_refused(scheme: Scheme, year: int) -> None:
    """A year before the scheme, one to come, and one that is no year are misuse, with a remedy."""
    scheme.told(YEAR, "2026-06-30")
    with pytest.raises(Misuse) as refused:
        figures(scheme, year=year)
    assert refused.value.remedy


# Whoever the member is


def everybody(scheme: Scheme) -> None:
    """Money taken out that a correction takes away; one of 14; one who left; one who died; one who puts in nothing."""
    rows = [
        pay(ANN, "2026-04-30", "900.00", "27.00", "27.00"), pay(BOB, "2026-04-30", "900.00", "27.00", "", born="2012-01-01"),
        pay(CAT, "2026-04-30", "900.00", "27.00", "27.00"), pay(DAN, "2026-04-30", "900.00", "27.00", "27.00"),
        pay("AB100005A", "2026-04-30", "900.00", "0.00", "0.00"),
    ]  # fmt: skip
    scheme.tell(rows, "2026-05-01")
    later: list[Row] = [
        says(CAT, "2026-06-10", "opted_out", "yes"), {"kind": "died", "nino": DAN, "on": "2026-07-01"},
        withdrawn(ANN, "2026-06-05", "27.00"),
    ]  # fmt: skip
    scheme.told(later, "2026-07-02")
    scheme.tell([pay(ANN, "2026-04-30", "300.00", "9.00", "9.00"), *rows[1:]], "2026-07-03", "replaces")


def test_every_kind_of_member_is_spoken_to(scheme: Scheme) -> None:
    """Each paper says what matters of its member, and both its forms say all of it."""
    everybody(scheme)
    said = {
        ANN: "£18.00 was taken out that, after a correction, was not there. The pot is short by that much.",
        BOB: "Nothing has been paid into your pot yet.",
        CAT: "This is the pot as it is, growing: by the rules nothing more comes in. In today's money, under low, middle and high growth a year; not a promise.",
        DAN: "The account ended on 1 July 2026, the day the member died. Nothing more comes in.",
        "AB100005A": "You put in nothing so far. Others added £3.00 all the same.",
    }
    for nino, sentence in said.items():
        paper = statement_paper(figures(scheme, nino))
        assert sentence in texts(paper)
        check_both_say(paper)


def test_the_dead_are_spoken_of(scheme: Scheme) -> None:
    """Whoever died is not told what their pot is on course for, nor addressed in what the paper says itself."""
    everybody(scheme)
    paper = statement_paper(figures(scheme, DAN))
    assert paper.title == "Statement of member 4, who died on 1 July 2026"
    headings = [one.heading for one in paper.sections]
    assert "What it is on course for" not in headings
    assert not any(re.search(r"\byou\b", one.text, re.IGNORECASE) for one in paper.blocks if isinstance(one, Says))


def test_somebody_who_left_is_told_so_first(scheme: Scheme) -> None:
    """That they left stands above the picture."""
    everybody(scheme)
    above = [one.text for one in statement_paper(figures(scheme, CAT)).blocks if isinstance(one, Says)]
    assert any("You left with it" in text for text in above)


def test_a_member_of_whom_nothing_was_told_but_a_birth_day_that_is_missing(scheme: Scheme) -> None:
    """Without a birth day the paper says that no age can be told."""
    scheme.told([{**pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00"), "born": "", "payroll_id": "7"}], "2026-06-01")
    paper = statement_paper(figures(scheme))
    assert any("birth day is not known" in text for text in texts(paper))
    check_both_say(paper)


def test_somebody_found_to_be_another_is_told_where_everything_is(scheme: Scheme) -> None:
    """After a merging the paper of the one says who it is now, and looks ahead to nothing; the other's has both pays."""
    scheme.told(
        [
            pay(ANN, "2026-05-29", "900.00", "27.00", "27.00"),
            pay(BOB, "2026-05-29", "400.00", "12.00", "12.00", payer="SHOP"),
        ],
        "2026-06-01",
    )
    ann, bob = (find_member(scheme.connection, nino) for nino in (ANN, BOB))
    merge(scheme.connection, bob, ann, clock("2026-06-02"))
    gone, stays = (statement_paper(member_figures(scheme.connection, number)) for number in (bob, ann))
    assert any(f"Member {bob} was found to be member {ann}" in text for text in texts(gone))
    assert "What it is on course for" not in texts(gone)
    assert "You put in £39.00. Others added £58.50 because of it: every £1 of yours became £2.50." in texts(stays)
    for paper in (gone, stays):
        check_both_say(paper)


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_rulebook_has_a_paper(server: EmbeddedServer, tmp_path: Path, name: str) -> None:
    """Whatever the scheme, its member's paper adds up, and both forms say it."""
    with opened(server, tmp_path, name) as scheme:
        for month in (4, 5, 6):
            scheme.tell([pay(ANN, f"2026-0{month}-28", "1900.00", "60.00", hours="120.00")], f"2026-0{month}-28")
        scheme.tell([paid(ANN, "2026-06-29", "40.00")], "2026-06-30")
        scheme.settle("2026-06-30")
        one = figures(scheme)
        assert sum(one.moved.values(), one.opening) == one.closing
        assert one.closing.here == sum(one.statement.usable.values())
        for use in one.uses:
            assert use.amount <= one.closing.here
        for ahead in one.courses:
            assert ahead.now == one.closing.together
        check_both_say(statement_paper(one))


# A whole sample, against the books


@pytest.fixture(scope="module")
def sample(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheme]:
    """Three months of files of every layout, with an amendment, settled."""
    folder = tmp_path_factory.mktemp("sample")
    written = write_sample(folder, members=30, months=3, seed=7)
    with opened(server, folder) as found:
        for one in written.files:
            mode = next((flag.removeprefix("--") for flag in one.flags if flag.startswith("--")), None)
            found.tell(folder / one.path, parse_day(str(one.received_on)), mode)
        found.settle("2026-08-01")
        yield found


def in_books(books: Books, account: str, owner: str) -> int:
    """What an account has, credits less debits."""
    return -sum(line.minor for line in books.lines if (line.account, line.owner) == (account, owner))


def test_statements_are_the_books_to_the_penny(sample: Scheme) -> None:
    """Every member's statement ends where the books do, its parts add up to it, and together they are the books."""
    members = [
        number for (number,) in sample.connection.execute("select member from personal.person order by 1").fetchall()
    ]
    assert len(members) >= 30
    total, shares = Moved(), dict.fromkeys(PARTIES, 0)
    for number in members:
        one = member_figures(sample.connection, number)
        kept = one.statement
        assert one.closing.here == sum(kept.usable.values())
        assert one.closing.owed == sum(kept.owed.values())
        assert sum(one.moved.values(), one.opening + one.earlier) == one.closing
        if one.points:
            last = one.points[-1]
            assert dict(zip(PARTIES, last.here, strict=True)) == kept.usable
            assert dict(zip(PARTIES, last.owed, strict=True)) == kept.owed
        added = sum(moved.together for moved in one.others.values())
        assert one.because + min(one.regardless or 0, added) == added
        total += one.closing
        for party in PARTIES:
            shares[party] += kept.usable[party] + kept.owed[party]
    books = read_books(sample.connection)
    assert total.here == books.total(*PARTIES)
    assert total.owed == books.total(*(f"{party}_owed" for party in PARTIES))
    assert shares == {party: books.total(party, f"{party}_owed") for party in PARTIES}


def test_both_forms_say_every_figure(sample: Scheme) -> None:
    """The statement of whoever has most payers, and the other papers: every text is on the page and in the PDF."""
    number = sample.one(
        "select member from fact where kind = 1 group by member order by count(distinct payer) desc, count(*), member limit 1"
    )
    ref = sample.one("select ref from payer order by id limit 1")
    for paper in (
        statement_paper(member_figures(sample.connection, number)),
        payer_paper(payer_figures(sample.connection, ref)),
        government_paper(government_figures(sample.connection)),
    ):
        check_both_say(paper)


def test_payers_papers_are_the_books(sample: Scheme) -> None:
    """What each payer owes, has held for it, and sent that no bank has shown, is what stands in the books."""
    books = read_books(sample.connection)
    refs = [ref for (ref,) in sample.connection.execute("select ref from payer").fetchall()]
    told = 0
    for ref in refs:
        one = payer_figures(sample.connection, ref)
        assert one.after.owed == -in_books(books, "owed_by", ref)
        assert one.after.held == in_books(books, "held_for", ref)
        assert one.after.in_transit == -in_books(books, "in_transit", ref)
        told += one.people
        assert all(people >= FEWEST for people, _ in one.gained.values())
    assert told >= 30


def test_governments_paper_is_the_books(sample: Scheme) -> None:
    """Paid and owed are the books' to the penny, and each table adds up to them with nobody counted twice."""
    one = government_figures(sample.connection)
    books = read_books(sample.connection)
    assert (one.total.paid, one.total.owed) == (books.total("government"), books.total("government_owed"))
    assert one.total.owed > 0
    for lines in (one.by_age, one.by_earnings):
        assert sum(line.people for line in lines) == one.total.people
        assert (sum(line.paid for line in lines), sum(line.owed for line in lines)) == (one.total.paid, one.total.owed)
    assert sum(line.owed for line in one.by_rule) == one.total.owed
    assert one.total.owed - one.due_back == -in_books(books, "owed_by_government", "")
    assert all(line.people >= FEWEST for line in [*one.by_rule, *one.by_age, *one.by_earnings])


# The others' papers, by hand


def test_a_payers_months_by_hand(scheme: Scheme) -> None:
    """What was sent, what stays owed, what is held; a correction stands in the month that it corrects."""
    five = [f"AB20000{n}A" for n in range(5)]
    scheme.told([pay(nino, "2026-05-29", "1000.00", "30.00", "28.00") for nino in five], "2026-06-01")
    scheme.told([pay(five[0], "2026-06-30", "1000.00", "30.00", "35.00")], "2026-07-01")
    one = payer_figures(scheme.connection, "ACME")
    months = {f"{month:%Y-%m}": found.as_dict() for month, found in one.months.items()}
    assert months == {
        "2026-05": {
            "passed_on_minor": 150_00,
            "paid_minor": 140_00,
            "made_good_minor": 0,
            "owed_minor": 10_00,
            "held_minor": 0,
        },
        "2026-06": {
            "passed_on_minor": 30_00,
            "paid_minor": 30_00,
            "made_good_minor": 0,
            "owed_minor": 0,
            "held_minor": 5_00,
        },
    }
    # £15 + £3 for each of five in May; June's one person is left out.
    assert {f"{month:%Y-%m}": gained for month, gained in one.gained.items()} == {"2026-05": (5, 90_00)}
    assert one.people == 5
    text = " ".join(texts(payer_paper(one)))
    assert "£18.00" not in text
    with pytest.raises(Misuse):
        payer_figures(scheme.connection, "nobody")


def test_too_few_people_for_a_table(scheme: Scheme) -> None:
    """For four people government is told what it owes, and nothing by band."""
    scheme.told([pay(f"AB20000{n}A", "2026-05-29", "1000.00", "30.00", "30.00") for n in range(4)], "2026-06-01")
    one = government_figures(scheme.connection)
    assert (one.total.owed, one.by_rule, one.by_age, one.by_earnings) == (72_00, [], [], [])
    text = " ".join(texts(government_paper(one)))
    assert "for fewer than five people" in text
    check_both_say(government_paper(one))


@given(st.lists(st.integers(0, 12), max_size=9))
def test_no_line_is_of_fewer_than_five_and_none_is_lost(sizes: list[int]) -> None:
    """However many people bands have: each line is of five or more, and lines add up to all, or there are none at all."""
    numbers = iter(range(1_000))
    bands = [
        People(f"band {nth}", {next(numbers): (nth, 2 * nth) for _ in range(size)}) for nth, size in enumerate(sizes)
    ]
    lines = joined(bands)
    assert all(line.people >= FEWEST for line in lines)
    whole = sum(sizes) if sum(sizes) >= FEWEST else 0
    assert sum(line.people for line in lines) == whole
    assert sum(line.paid for line in lines) == (sum(nth * size for nth, size in enumerate(sizes)) if whole else 0)


# Pictures


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Entries of a life, by day, that leave no pot below nothing."""
    found: list[Entry] = []
    there: dict[tuple[str, str], int] = {}
    day = draw(st.integers(15_000, 22_000))
    for nth in range(draw(st.integers(1, 40))):
        day += draw(st.integers(0, 400))
        party, standing = draw(st.sampled_from(PARTIES)), draw(st.sampled_from(["in the pot", "owed"]))
        before = there.get((party, standing), 0)
        minor = draw(st.integers(-before, 100_000))
        there[party, standing] = before + minor
        found.append(Entry(nth, day, 1, party, party, standing, "rule", minor, 1, ""))
    return found


@given(entries(), st.integers(0, 2_000))
def test_shares_sum_to_the_pot_on_every_day_shown(life: list[Entry], more: int) -> None:
    """At each point the parties' shares, here and owed, are all that had come by then; the last is the pot."""
    last = life[-1].effective_on + more
    points = _points(life, last)
    assert [one.on for one in points] == sorted({one.on for one in points})
    assert (points[0].on, points[-1].on) == (life[0].effective_on - 1, last)
    for one in points:
        assert sum(one.here) + sum(one.owed) == sum(entry.minor for entry in life if entry.effective_on <= one.on)
        for nth, party in enumerate(PARTIES):
            mine = [entry for entry in life if entry.effective_on <= one.on and entry.party == party]
            assert one.owed[nth] == sum(entry.minor for entry in mine if entry.standing == "owed")
    assert len(points) <= 63


@given(st.lists(st.lists(st.integers(0, 10**7), min_size=5, max_size=5), min_size=1, max_size=6))
def test_bands_lie_one_on_the_other(amounts: list[list[int]]) -> None:
    """A band's lower edge is the upper edge of the one below it, and the first lies on the axis."""
    drawn = lay([0, 10, 30, 31, 365], [Band(f"b{nth}", "", one) for nth, one in enumerate(amounts)], str, str)
    edges = []
    for band in drawn.bands:
        points = band.path.removeprefix("M").removesuffix(" Z").split(" L")
        edges.append((points[:5], points[5:][::-1]))
    assert all(above[1] == below[0] for below, above in pairwise(edges))
    assert {point.split()[1] for point in edges[0][1]} == {f"{float(drawn.bottom):.1f}"}


# Both forms


def hostile_paper(text: str) -> Paper:
    """A small paper that says a text everywhere."""
    table = Table(text, (text, text), ((Cell(text, text), Cell(text, text)),), numeric=(1,))
    section = Section(text, (Says(text, "lead"),))
    return Paper(text, text, (text,), 20_000, (Big(text, text), Says(text), table), (section,), foot=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    """What would be code in a page or in a PDF's source is shown as it is written, and is nothing else."""
    paper = hostile_paper(text)
    page, pdf = page_of(paper), pdf_of(paper)
    assert "<script" not in page
    assert on_page(page).count(squeezed(text)) >= 10
    assert in_pdf(pdf).count(squeezed(text)) >= 10
    assert PdfReader(io.BytesIO(pdf)).metadata.title == text  # type: ignore[union-attr]


def test_texts_that_turn_others_round_are_cleaned() -> None:
    """Overrides of direction, and what shows as nothing, are taken out; Hebrew and Arabic stay, and set nothing else round."""
    paper = hostile_paper("a\u202eb\u200b\x00c \u05e9\u05dc\u05d5\u05dd")
    assert cleaned(paper).title == "abc \u05e9\u05dc\u05d5\u05dd"
    page = page_of(paper)
    assert "\u202e" not in page
    assert "<bdi>abc" in page
    assert len(pdf_of(paper)) > 1_000


def test_letters_that_the_font_has_not_are_said_to_be_missing() -> None:
    """A Chinese name is whole on the page; in the PDF its letters are squares, and the paper says why."""
    paper = hostile_paper("\u674e Li")
    assert "\u674e Li" in page_of(paper)
    pdf = in_pdf(pdf_of(paper))
    assert "\u25a1Li" in pdf
    assert squeezed("A letter that cannot be printed here") in pdf


def test_a_pdf_can_be_read_aloud(scheme: Scheme) -> None:
    """It is tagged, has a language and a title, says it is PDF/UA-1, describes its picture, and is the same bytes again."""
    scheme.told(YEAR, "2026-06-30")
    paper = statement_paper(figures(scheme))
    written = pdf_of(paper)
    assert written == pdf_of(paper)
    reader = PdfReader(io.BytesIO(written))
    root = reader.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a boolean of the PDF
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert reader.metadata is not None
    assert reader.metadata.title == "Statement of member 1"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_object().get_data()
    tags, alternatives = set(), []

    def walk(node: object) -> None:
        one = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(one, list):
            for child in one:
                walk(child)
        elif isinstance(one, dict):
            tags.add(one.get("/S"))
            alternatives.extend([one["/Alt"]] if "/Alt" in one else [])
            if "/K" in one:
                walk(one["/K"])

    walk(root["/StructTreeRoot"])
    assert {"/H1", "/P", "/Table", "/TH", "/TD", "/Figure"} <= {str(tag) for tag in tags}
    assert any("You £90.00" in text for text in alternatives)


def test_a_page_stands_alone(scheme: Scheme) -> None:
    """No script, nothing fetched; a language, one main heading, headings in order, and a head for every table's column."""
    scheme.told(YEAR, "2026-06-30")
    page = page_of(statement_paper(figures(scheme)))
    assert re.findall(r"https?:|<script|<link|@import|src=", page) == []
    assert '<html lang="en"' in page
    assert page.count("<h1") == 1
    assert page.count("<table") == page.count("<thead")
    assert 'role="img" aria-label="Shares of the pot' in page


# Commands


def run(*words: object) -> tuple[int, str]:
    """A command's exit code and stdout."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout


def test_the_commands_write_and_say_the_same(server: EmbeddedServer, tmp_path: Path) -> None:
    """`statement` and `report` write pages and PDFs; `--json` has the figures and everything the paper says."""
    with opened_database(server) as database:
        with database.connect() as connection:
            Scheme(connection, tmp_path).told(YEAR, "2026-06-30")
        place = ("--database", database.url)
        for words in (
            ("statement", "1"),
            ("statement", "1", "--year", "2026"),
            ("report", "payer", "ACME"),
            ("report", "government"),
        ):
            page, pdf = tmp_path / "paper.html", tmp_path / "paper.pdf"
            code, out = run(*words, "--html", page, "--pdf", pdf, "--json", *place)
            assert code == 0
            said = json.loads(out)
            shown = on_page(page.read_text("utf-8"))
            pdf_text = in_pdf(pdf.read_bytes())
            for section in said["paper"]["sections"]:
                assert squeezed(section["heading"]) in shown
                assert squeezed(section["heading"]) in pdf_text
            code, out = run(*words, *place)
            assert code == 0
            assert said["paper"]["title"] in out or words == ("statement", "1")
        code, out = run("statement", "1", "--json", *place)
        said = json.loads(out)
        assert said["put_in_minor"] == 9000
        assert said["every_100_became_minor"] == 250
        assert said["closing"] == {"here_minor": 18000, "owed_minor": 5400, "overdrawn_minor": 0}
        assert [one["at"] for one in said["course"]] == ["age 40", "State Pension age"]
        assert run("statement", "1", "--year", "2040", *place)[0] == 2
        assert run("report", "payer", "NOBODY", *place)[0] == 2
        assert squeezed("every £1 of yours became £2.50") in squeezed(run("statement", "1", *place)[1])


def test_a_paper_that_cannot_be_written_is_refused_with_a_remedy(server: EmbeddedServer, tmp_path: Path) -> None:
    """A file in a folder that is not there: exit code 1."""
    with opened_database(server) as database:
        with database.connect() as connection:
            Scheme(connection, tmp_path).told(YEAR, "2026-06-30")
        assert run("statement", "1", "--pdf", tmp_path / "no" / "f.pdf", "--database", database.url)[0] == 1


def test_what_is_taken_out_of_values_is_only_what_is_not_seen() -> None:
    """Cleaning leaves a paper of plain texts as it is."""
    paper = hostile_paper("Plain, £1.00: “so”")
    assert cleaned(paper) == paper
    assert cleaned(replace(paper, title="a\x07")).title == "a"


# The examples


def test_the_examples_are_what_is_made_today(server: EmbeddedServer, tmp_path: Path) -> None:
    """docs/papers holds what the papers now say; `./lifepot python tests/example_papers.py` makes them again."""
    with opened(server, tmp_path) as scheme:
        made = papers(scheme)
    for name, paper in made.items():
        assert (FOLDER / f"{name}.html").read_text("utf-8") == page_of(paper), name
    assert in_pdf((FOLDER / "statement.pdf").read_bytes()) == in_pdf(pdf_of(made["statement"]))
    assert max(file.stat().st_size for file in FOLDER.iterdir()) < 100_000


def test_what_matters_stands_on_the_first_page() -> None:
    """Pot, what it became, picture, uses and course: the example's first page has all of it, up to State Pension age."""
    first = squeezed(PdfReader(FOLDER / "statement.pdf").pages[0].extract_text())
    for words in (
        "every £1 of yours became",
        "Striped: owed",
        "A second pension",
        "Anything else",
        "State Pension age",
        "The rest is growth.",
    ):
        assert squeezed(words) in first, words

import csv
import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from numpy.typing import NDArray
from typer.testing import CliRunner

from lifepot.brochure.curves import traced
from lifepot.brochure.page import scheme_page
from lifepot.brochure.tries import Person, Scheme, held_still, nearest_day
from lifepot.brochure.views import View, views_of
from lifepot.cli import app
from lifepot.entitle import entitle
from lifepot.kernel.columns import PARTIES
from lifepot.money import format_minor
from lifepot.periods import add_months_to, format_day, parse_day
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.figures_in_words import plain_figure
from lifepot.rulebook.reader import parse_rulebook, shipped, shipped_names
from lifepot.rulebook.terms import Rulebook

SCHEMES = Path(__file__).parents[1] / "docs" / "schemes"
DRAWN_ON = "2026-07-01"
"""The day whose figures the pages in the docs are drawn with: named here, so that they do not change with the calendar."""

AGAIN = f"./lifepot rulebook show {{name}} --html docs/schemes/{{name}}.html --as-of {DRAWN_ON}"

ODD = """
name: odd
title: "<script>alert('odd')</script>"
description: Half & half, "quoted" </p>.
currency: GBP
values:
  cap: {description: <b>The cap</b>., unit: money, source: "<i>A law</i> & more.", dated: {2020-01-01: "1000"}}
membership: {description: Anybody <em>at all</em>., first_payment_opens: true, source: A law.}
purposes:
  any: {description: <a href="http://example.org">Anything</a>., pays: <u>the member</u>, source: A law.}
rules:
  worker.payment: {description: Paid., party: worker, of: paid.worker, source: A law.}
  government.half: {description: Half., party: government, of: paid.worker, steps: [up_to: cap, rate: 50%, round: half_up penny], without_bound: A small test., source: A law.}
"""

BEND = """
name: bend
title: Bend
description: A tenth, in whole pounds, falling over the year's pay.
currency: GBP
windows: {year: {description: The year., every: year, starts: 01-01}}
membership: {description: Anybody., automatic: {what: pay.earnings, above: "0"}, source: A law.}
amounts:
  earned: {description: The year's pay., of: pay.earnings, steps: [total: year]}
rules:
  employer.tenth:
    description: A tenth.
    party: employer
    of: pay.earnings
    steps: [rate: 10%, round: down pound]
    source: A law.
  government.fading:
    description: A tenth of the year's pay, fading.
    party: government
    of: pay.earnings
    steps: [total: year, rate: 10%, taper: {on: earned, from: "20000", to: "60000"}, round: half_up penny]
    source: A law.
"""


NARROW = """
name: narrow
title: Narrow
description: For few.
currency: USD
windows: {year: {description: The year., every: year, starts: 01-01}}
attributes:
  filing: {description: How somebody files., kind: choice, choices: [single, joint]}
  student: {description: Is a student., kind: yes_no, default: "no"}
  income: {description: Income of the year., kind: money}
conditions:
  few: {all: [{what: attribute.filing, is: joint}, {what: attribute.student, is: "yes"}, {what: attribute.income, below: "25000"}]}
membership: {description: Anybody., first_payment_opens: true, source: A law.}
rules:
  worker.payment: {description: Paid., party: worker, of: paid.worker, source: A law.}
  government.third: {description: A third., party: government, of: paid.worker, when: few, steps: [total: year, up_to: "2000", rate: 1/3, round: half_up cent], source: A law.}
"""


def book_of(text: str) -> Rulebook:
    """The rulebook in a text, which has no faults."""
    book, faults = parse_rulebook(text, "example.yaml")
    assert book is not None
    assert faults == []
    return book


@cache
def page_of(name: str) -> str:
    """The page of a shipped rulebook, as it is generated now."""
    return scheme_page(shipped(name), parse_day(DRAWN_ON))


def tree_of(page: str) -> etree._Element:
    """The page's elements. It is read as XML, which forgives nothing."""
    return etree.fromstring(page.encode(), etree.XMLParser(resolve_entities=False))


def text_of(element: etree._Element) -> str:
    """What a reader reads there, on one line."""
    return " ".join("".join(element.itertext()).split())


def find(tree: etree._Element, path: str) -> list[etree._Element]:
    """Elements by a path."""
    found = tree.xpath(path)
    assert isinstance(found, list)
    return found


def rows_of(tree: etree._Element, chart: str) -> list[list[str]]:
    """The rows of the table beside a chart."""
    rows = find(tree, f"//figure[.//svg[starts-with(@aria-labelledby, '{chart}-t')]]//tbody/tr[not(@class)]")
    return [[text_of(cell) for cell in row] for row in rows]


def drawn(name: str, varied: str) -> tuple[Scheme, View]:
    """A scheme and one of its views."""
    scheme = Scheme(shipped(name), nearest_day(shipped(name), parse_day(DRAWN_ON)))
    return scheme, next(view for view in views_of(scheme) if view.varied == varied)


@pytest.mark.parametrize("name", shipped_names())
def test_the_docs_have_the_page_as_it_is_generated_now(name: str) -> None:
    """Each scheme's page in the docs is, to the byte, what is made of its rulebook now."""
    file = SCHEMES / f"{name}.html"
    is_current = file.is_file() and file.read_bytes() == page_of(name).encode()
    assert is_current, (
        f"docs/schemes/{name}.html is not what is generated now. Make it again: {AGAIN.format(name=name)}"
    )


def test_the_docs_have_no_page_of_a_scheme_that_is_gone() -> None:
    """There is a page for each shipped rulebook, and no other; and the docs tell the command that makes them."""
    assert {file.stem for file in SCHEMES.glob("*.html")} == set(shipped_names())
    assert AGAIN.format(name="$n").replace("show $n", 'show "$n"').replace(
        "docs/schemes/$n.html", '"docs/schemes/$n.html"'
    ) in (SCHEMES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", shipped_names())
def test_everything_of_the_rulebook_is_on_its_page(name: str) -> None:
    """Each value with each of its figures and its certainty, each rule, amount and purpose stands on the page."""
    book, tree = shipped(name), tree_of(page_of(name))
    said = {str(one.get("id")): text_of(one) for one in find(tree, "//article")}

    def has(anchor: str, *texts: str) -> None:
        missing = [text for text in texts if " ".join(text.split()) not in said[anchor]]
        assert missing == [], (anchor, missing, said[anchor])

    for key, value in book.values.items():
        cells = [cell for row in value.dated.values() for cell in ([row] if isinstance(row, str) else row.values())]
        figures = [plain_figure(cell, value.unit, book.currency) for cell in cells]
        has(f"value-{key}", value.description, value.certainty, *figures)
        table = find(tree, f"//article[@id='value-{key}']//tbody/tr")
        assert len(table) == len(value.dated)
    for key, rule in book.rules.items():
        has(f"rule-{key.replace('.', '-')}", rule.description)
        steps = find(tree, f"//article[@id='rule-{key.replace('.', '-')}']/ol/li")
        assert len(steps) == 1 + len(rule.steps) + (rule.when is not None)
    for key, amount in book.amounts.items():
        has(f"amount-{key}", amount.description)
    for key, purpose in book.purposes.items():
        has(
            f"purpose-{key}",
            purpose.description,
            purpose.pays,
            *purpose.evidence,
            *(f"at {name}" for name in purpose.stages),
        )
    if book.any_other_withdrawal is not None:
        has("any-other-withdrawal", book.any_other_withdrawal.description)
    for key, claim in book.claims.items():
        has(f"claim-{key}", claim.description, *(field.description for field in claim.fields.values()))
        refused = find(tree, f"//article[@id='claim-{key}']/ul/li[starts-with(., 'Refused')]")
        assert len(refused) == len(claim.refusals)
    asked = {str(one.get("id")) for one in find(tree, "//dt[@id]")}
    assert {f"asked-{key}" for key in book.attributes} <= asked
    assert {f"window-{key}" for key in book.windows} <= asked
    doubtful = sum(value.certainty != "verified" for value in book.values.values())
    head = text_of(find(tree, "//header")[0])
    assert (f"{doubtful} of {len(book.values)} figures" in head) == bool(doubtful)


@pytest.mark.parametrize("name", shipped_names())
def test_each_source_stands_once_with_all_that_leans_on_it(name: str) -> None:
    """The list of sources has each source of the rulebook once, and links to every value, rule and purpose behind it."""
    book, tree = shipped(name), tree_of(page_of(name))
    leaning: dict[str, set[str]] = {}
    sections = {"value": book.values, "rule": book.rules, "purpose": book.purposes, "claim": book.claims}
    for anchor, section in sections.items():
        for key, one in section.items():
            leaning.setdefault(" ".join(one.source.split()), set()).add(f"#{anchor}-{key.replace('.', '-')}")
    membership = book.membership
    ways = [("#joining", membership.source)]
    ways += [("#leaving", way.source) for way in membership.leaving]
    ways += [("#pausing", way.source) for way in membership.pauses]
    other = book.any_other_withdrawal
    ways += [("#any-other-withdrawal", other.source)] if other is not None else []
    for anchor, source in ways:
        leaning.setdefault(" ".join(source.split()), set()).add(anchor)
    found = {}
    for item in find(tree, "//section[@aria-labelledby='sources']//li"):
        text = text_of(item).partition(" Behind: ")[0]
        assert text not in found
        found[text] = {str(link.get("href")) for link in find(item, ".//a")}
    assert found == leaning


@pytest.mark.parametrize("name", shipped_names())
def test_a_page_is_well_formed_and_its_links_lead_somewhere(name: str) -> None:
    """A page is read by a parser that forgives nothing, says its language, and has each id once and no dead link."""
    tree = tree_of(page_of(name))
    assert page_of(name).startswith("<!DOCTYPE html>\n<html lang=")
    ids = Counter(str(one.get("id")) for one in find(tree, "//*[@id]"))
    assert [one for one, count in ids.items() if count > 1] == []
    links = {str(one.get("href")) for one in find(tree, "//a")}
    assert {one for one in links if one.removeprefix("#") not in ids} == set()
    for one in find(tree, "//*[@aria-labelledby]"):
        assert set(str(one.get("aria-labelledby")).split()) <= set(ids)


@pytest.mark.parametrize("name", shipped_names())
def test_a_page_needs_nothing_else(name: str) -> None:
    """No script, no image, no frame, no style from elsewhere: opening a page asks nobody for anything."""
    tree = tree_of(page_of(name))
    fetching = {"script", "link", "img", "iframe", "object", "embed", "use", "image", "base", "source", "video"}
    assert [one.tag for one in tree.iter() if one.tag in fetching] == []
    assert [
        one.attrib for one in tree.iter() if {"src", "srcset", "style", "onclick", "onload"} & set(one.attrib)
    ] == []
    style = text_of(find(tree, "//style")[0])
    assert "url(" not in style
    assert "@import" not in style
    assert [one for one in find(tree, "//a") if not str(one.get("href")).startswith("#")] == []


@pytest.mark.parametrize("name", shipped_names())
def test_a_chart_can_be_read_without_eyes_and_without_colours(name: str) -> None:
    """Each chart has a title, a description that names every line, and a table beside it; its lines differ in their dashes."""
    tree = tree_of(page_of(name))
    for figure in find(tree, "//figure"):
        (svg,) = find(figure, "./svg[@role='img']")
        (title,), (desc,) = find(svg, "./title"), find(svg, "./desc")
        assert text_of(title)
        lines = find(svg, "./path[contains(@class, 'line')]")
        assert text_of(desc).count(": ") >= len(lines) > 0
        dashes = [str(line.get("class")).split()[-1] for line in lines]
        assert len(dashes) == len(set(dashes))
        assert len(find(figure, ".//table//tbody/tr")) > 0
    style = text_of(find(tree, "//style")[0])
    looks = [re.search(rf"\.d{number} {{ ([^}}]*) }}", style) for number in range(6)]
    assert len({look.group(1) for look in looks if look}) == 6


def test_what_one_pound_more_brings_in_the_lifetime_isa() -> None:
    """By hand: £1 more brings 25p up to £4,000 a year, then nothing; what is beyond is not taken."""
    tree = tree_of(page_of("uk-lifetime-isa"))
    assert rows_of(tree, "paid-1-more") == [["up to £4,000", "25p"], ["£4,000 and more", "nothing"]]
    assert rows_of(tree, "paid-1-all") == [
        ["£0", "£0", "£0", "£0"],
        ["£1,000", "£1,000", "£250", "£1,250"],
        ["£2,000", "£2,000", "£500", "£2,500"],
        ["£3,000", "£3,000", "£750", "£3,750"],
        ["£4,000", "£4,000", "£1,000", "£5,000"],
        ["£5,000", "£4,000", "£1,000", "£5,000"],
    ]
    text = text_of(find(tree, "//main")[0])
    assert "Aged 18 to 39, or aged 40 to 49 and in for 10 years" in text
    assert "Nobody adds anything to those who differ in one of these ways: aged under 18 or 50 or more" in text


def test_what_each_party_pays_in_for_pay_in_ireland() -> None:
    """By hand: nothing below €20,000, then 1.5, 1.5 and 0.5 % up to €80,000. A month of €3,333.33 brings €50 and €16.67."""
    tree = tree_of(page_of("ie-my-future-fund"))
    assert rows_of(tree, "pay-1-more") == [
        ["up to €19,999", "nothing", "nothing", "nothing"],
        ["at €20,000", "€300 at once", "€300 at once", "€99.96 at once"],
        ["€20,000 to €80,000", "1.5c", "1.5c", "0.5c"],
        ["€80,000 and more", "nothing", "nothing", "nothing"],
    ]
    assert ["€40,000", "€600", "€600", "€200.04", "€1,400.04"] in rows_of(tree, "pay-1-all")


def test_what_pays_in_a_taper_and_a_step_by_hand() -> None:
    """The lifetime savings account by hand: £36 for earning at all, half of 3 % up to £1,200 a year, and over £50,270 a
    straight line to nothing at £100,000: £600 over £49,730 is 1.2p of each pound.
    """
    tree = tree_of(page_of("lifetime-savings-account"))
    government = [[row[0], row[3]] for row in rows_of(tree, "pay-1-more")]
    assert government == [
        ["at £1", "£36 at once"],
        ["£1 to £40,000", "1.5p"],
        ["£40,000 to £50,270", "nothing"],
        ["£50,270 to £100,000", "−1.2p"],  # noqa: RUF001
        ["£100,000 and more", "nothing"],
    ]


def months(scheme: Scheme, yearly_minor: int) -> list[tuple[str, str, str]]:
    """First day, last day and amount of twelve parts of a yearly amount, each to the nearest penny of what is due by then."""
    begins = [add_months_to(scheme.first, number) for number in range(13)]
    so_far = [(2 * yearly_minor * number + 12) // 24 for number in range(13)]
    return [
        (format_day(begin), format_day(after - 1), format_minor(due - before))
        for (begin, after), (before, due) in zip(pairwise(begins), pairwise(so_far), strict=True)
    ]


def entitled(scheme: Scheme, name: str, folder: Path, person: Person, facts: list[dict[str, str]]) -> dict[str, int]:
    """What `lifepot entitle` gives by the shipped rulebook, whose figures are not held still, by party."""
    people, told = folder / "people.csv", folder / "facts.csv"
    born = format_day(add_months_to(scheme.first, -12 * person.age))
    said = dict(person.said)
    with people.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["member", "born", *said])
        writer.writeheader()
        writer.writerow({"member": "1", "born": born} | said)
    with told.open("w", newline="") as stream:
        columns = [
            "ref",
            "member",
            "on",
            "kind",
            "payer",
            "amount",
            "earnings",
            "frequency",
            "period_start",
            "period_end",
        ]
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows({"ref": str(number), "member": "1"} | fact for number, fact in enumerate(facts))
    rows, _ = entitle(shipped(name), people, told, None)
    found: Counter[str] = Counter()
    for row in rows:
        found[str(row["party"])] += int(str(row["amount_minor"]))
    return found


@pytest.mark.parametrize(("name", "varied"), [("uk-lifetime-isa", "paid"), ("uk-automatic-enrolment", "pay")])
def test_the_curve_is_what_entitle_gives(name: str, varied: str, tmp_path: Path) -> None:
    """At every corner of the first curve, `lifepot entitle` gives the same for the same person and the same facts."""
    scheme, view = drawn(name, varied)
    person, curve = view.kinds.drawn[0].person, view.curves[0]
    for place in curve.corners[1:]:
        parts = months(scheme, int(curve.at[place]))
        if varied == "paid":
            facts = [{"on": begin, "kind": "paid", "amount": amount} for begin, _, amount in parts]
        else:
            told = {"kind": "pay", "payer": "ACME", "frequency": "month"}
            facts = [
                told | {"on": end, "earnings": amount, "period_start": begin, "period_end": end}
                for begin, end, amount in parts
            ]
        given = entitled(scheme, name, tmp_path, person, facts)
        assert [given[party] for party in PARTIES] == curve.added[place].tolist(), int(curve.at[place])


def test_kinds_of_people_are_told_apart_by_what_they_get() -> None:
    """In automatic enrolment those who asked to join, those whose pension is of all pay, and those in net pay are drawn apart
    from the enrolled; nobody under 22 gets anything unasked.
    """
    _, view = drawn("uk-automatic-enrolment", "pay")
    words = [kind.words for kind in view.kinds.drawn]
    assert words[0] == "aged 22 to 66, basis is qualifying earnings, relief is relief at source, not opted in"
    assert [one for one in words if "opted in" in one][1:] == ["aged 67 to 84 and in for 10 years, or opted in"]
    assert {"basis is pensionable", "relief is net pay"} <= set(words)
    assert any(one.startswith("aged under 22") for one in view.kinds.left_out)


def test_what_enables_is_told_beside_what_would_instead() -> None:
    """Without a start notice nothing is taken for a student loan, so each plan is drawn instead of the other."""
    _, view = drawn("uk-student-loan", "pay")
    words = [kind.words for kind in view.kinds.drawn]
    assert words[0].startswith("plan 1")
    assert {"plan 2 instead", "plan 4 instead", "plan 5 instead", "postgraduate instead"} <= set(words)


def test_those_for_whom_much_must_hold_are_found_and_called_so() -> None:
    """Where three things must hold of a person for anything to be added, such a person is found, and all three are told."""
    (view,) = views_of(Scheme(book_of(NARROW), parse_day(DRAWN_ON)))
    assert [kind.words for kind in view.kinds.drawn] == ["filing is joint, student, income of $0, $10,000 or $20,000"]
    assert view.curves[0].row_at(200_000) == (200_000, 0, 66_667)
    assert view.kinds.left_out == [
        "filing is single or not said",
        "not student",
        "income of $30,000 to $150,000 or not said",
    ]


def test_a_view_is_drawn_only_if_a_rule_is_about_it() -> None:
    """A scheme of payments has no curve over pay, one of pay none over payments, one of birthdays none at all."""
    drawn_by_name = {
        name: [view.varied for view in views_of(Scheme(shipped(name), parse_day(DRAWN_ON)))]
        for name in ("uk-lifetime-isa", "ie-my-future-fund", "lifetime-savings-account", "sg-skillsfuture")
    }
    assert drawn_by_name == {
        "uk-lifetime-isa": ["paid"],
        "ie-my-future-fund": ["pay"],
        "lifetime-savings-account": ["paid", "pay"],
        "sg-skillsfuture": [],
    }
    assert "Not in a curve" in page_of("sg-skillsfuture")


def test_a_rounding_is_no_bend_and_a_fading_match_is_drawn_as_it_bends() -> None:
    """A tenth in whole pounds is one straight stretch of 10p; a match that fades with pay goes up, then down to nothing."""
    (view,) = views_of(Scheme(book_of(BEND), parse_day(DRAWN_ON)))
    (curve,) = view.curves
    corners = curve.at[curve.corners] // 100
    assert {20_000, 60_000} <= set(corners.tolist())
    assert curve.row_at(2_000_000)[1:] == (199_200, 200_000)
    assert curve.row_at(6_000_000)[1:] == (600_000, 0)
    assert all(round(stretch.slope(1) * 100) == 10 for stretch in curve.stretches())


def test_corners_are_where_a_line_bends() -> None:
    """The corners of a line with a kink nobody hinted at and a step are the kink and the step's two sides, to the pound."""

    def answer(at: NDArray[np.int64]) -> NDArray[np.int64]:
        rising = np.minimum(at, 77_700) // 4 + np.where(at >= 300_000, 10_000, 0)
        return np.column_stack([rising * 0, rising * 0, rising])

    curve = traced(answer, 500_000, [], [], 2)
    assert curve.at[curve.corners].tolist() == [0, 77_700, 299_900, 300_000, 500_000]
    assert [stretch.is_step for stretch in curve.stretches()] == [False, False, True, False]


def test_figures_are_held_still() -> None:
    """Every value has one figure, that of the day, since always; the day before the first figure it is that of the first."""
    book = held_still(shipped("uk-lifetime-isa"), parse_day("2020-12-31"))
    assert book.values["charge_rate"].dated == {"1900-01-01": "20%"}
    assert nearest_day(shipped("us-savers-match"), parse_day(DRAWN_ON)) == parse_day("2027-01-01")
    assert nearest_day(shipped("uk-lifetime-isa"), parse_day(DRAWN_ON)) == parse_day(DRAWN_ON)
    ended = book_of(ODD.replace('{2020-01-01: "1000"}', '{2020-01-01: "1000", 2022-01-01: none, 2023-01-01: none}'))
    assert nearest_day(ended, parse_day(DRAWN_ON)) == parse_day("2021-12-31")


def test_what_a_rulebook_says_is_no_markup() -> None:
    """Signs that mean something in HTML are text on the page, wherever a rulebook has them."""
    page = scheme_page(book_of(ODD), parse_day(DRAWN_ON))
    tree = tree_of(page)
    assert text_of(find(tree, "//title")[0]) == "<script>alert('odd')</script>"
    assert "<b>The cap</b>" in text_of(find(tree, "//article[@id='value-cap']")[0])
    assert "<i>A law</i> & more." in text_of(find(tree, "//section[@aria-labelledby='sources']")[0])
    assert {"script", "b", "i", "em", "u"} & {str(one.tag) for one in tree.iter()} == set()
    assert [one for one in find(tree, "//a") if not str(one.get("href")).startswith("#")] == []


CONDITIONS = {
    ("uk-automatic-enrolment", "eligible_jobholder"): (
        "aged 22 or more and below State Pension age (66 to 68), and pay of more than £833 a month or £10,000 a year (trigger)"
    ),
    ("uk-automatic-enrolment", "worker_stated"): "the payroll file says what the worker paid",
    (
        "uk-automatic-enrolment",
        "relief_at_source",
    ): "relief is \N{LEFT SINGLE QUOTATION MARK}relief at source\N{RIGHT SINGLE QUOTATION MARK}",
    ("uk-lifetime-isa", "opened_in_time"): "aged 18 or more and below 40 on joining",
    ("ippr-lifetime-bonus", "few_withdrawals"): "“withdrawals last year” of at most 4",
    ("us-savers-match", "may_have_it"): (
        "aged 18 or more (or nobody knows), unless a full-time student in the year or claimed as a dependant"
    ),
    ("us-savers-match", "in_force"): "on or after 1 January 2027",
}


@pytest.mark.parametrize(("name", "condition"), CONDITIONS)
def test_conditions_are_said_as_people_say_them(name: str, condition: str) -> None:
    """A condition is words of English with the figures of the day, and no term of the language."""
    book = shipped(name)
    assert Wording(book, DRAWN_ON).clause(book.conditions[condition]).line == CONDITIONS[name, condition]


@pytest.mark.parametrize("name", shipped_names())
def test_no_word_of_the_language_is_left_on_a_page(name: str) -> None:
    """Nobody who decides has to know what `at_least` or `half_up` is: no name with an underscore is on a page."""
    tree = tree_of(page_of(name))
    for style in find(tree, "//style"):
        style.getparent().remove(style)  # type: ignore[union-attr]
    prose = " ".join(
        [one.source for one in shipped(name).rules.values()] + [one.description for one in shipped(name).rules.values()]
    )
    assert [word for word in re.findall(r"\b[a-z]+_[a-z_]+\b", text_of(tree)) if word not in prose] == []


def luminance(colour: str) -> float:
    """The relative luminance of a colour such as #1769aa, as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
def test_colours_stand_out(look: int) -> None:
    """Text has a contrast of 4.5 to what it stands on, lines of charts as well (WCAG 2.2 asks 3 of them), light and dark."""
    roots = re.findall(r":root { ([^}]*) }", page_of("uk-lifetime-isa"))
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", roots[look]))
    assert set(colours) == {"paper", "ink", "quiet", "rule", "grid", "wash", "link", "c0", "c1", "c2", "c3", "c4", "c5"}
    for ground in ("paper", "wash"):
        for name in ("ink", "quiet", "link", "c0", "c1", "c2", "c3", "c4", "c5"):
            pair = sorted((luminance(colours[name]), luminance(colours[ground])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """`rulebook show --html` writes the page, `--json` says where; a file that cannot be written, or no day, is said."""
    file = tmp_path / "page.html"
    words = ["rulebook", "show", "uk-lifetime-isa", "--html", str(file), "--as-of", DRAWN_ON]
    result = CliRunner().invoke(app, [*words, "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"file": str(file)})
    assert file.read_text("utf-8") == page_of("uk-lifetime-isa")
    assert CliRunner().invoke(app, [*words[:4], str(tmp_path / "none" / "page.html")]).exit_code == 1
    assert CliRunner().invoke(app, [*words[:6], "1 July"]).exit_code == 2


def test_the_terminal_says_the_same_words() -> None:
    """`rulebook show` says conditions and steps as the page does, with the figures of a day if one is given."""
    result = CliRunner().invoke(app, ["rulebook", "show", "uk-automatic-enrolment", "--as-of", DRAWN_ON])
    assert "pay of more than £833 a month or £10,000 a year (trigger)" in result.stdout
    assert "Round to the nearest penny, half a penny up." in result.stdout

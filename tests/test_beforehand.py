"""What a file would do: it is what the file then does, in every layout, and asking keeps nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.schemes import ANN, BOB, CAT, DAN, Scheme, clock, opened, pay

from lifepot.periods import day_of, parse_day
from lifepot.samples.paydays import last_day, next_month
from lifepot.samples.sample import FIRST_MONTH, write_sample
from lifepot.scheme.beforehand import Beforehand, beforehand
from lifepot.scheme.receive import receive
from lifepot.storage.server import EmbeddedServer

KEPT = (
    "select (select count(*) from batch), (select count(*) from personal.person), (select count(*) from fact), "
    "(select count(*) from payer), (select count(*) from personal.reject), (select count(*) from personal.received_file)"
)
"""How many rows there are of what a file brings."""


@pytest.fixture
def scheme(server: EmbeddedServer, tmp_path: Path) -> Iterator[Scheme]:
    """A scheme of its own."""
    with opened(server, tmp_path) as one:
        yield one


def counts(scheme: Scheme) -> Any:
    """How many rows there are of what a file brings."""
    found = scheme.connection.execute(KEPT).fetchone()
    scheme.connection.rollback()
    return found


def would(scheme: Scheme, path: Path, as_of: str | int, mode: str | None = None) -> Beforehand:
    """What a file would do; nothing of it is kept."""
    before = counts(scheme)
    found = beforehand(scheme.connection, path, clock(as_of), mode=mode)
    assert counts(scheme) == before
    return found


def test_who_joins_who_is_gone_and_whose_amounts_change(scheme: Scheme) -> None:
    """June beside May: Cat is new, Bob is gone, Ann's pay rises by £100, Dan's stays; the totals stand side by side."""
    may = [pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00"), pay(BOB, "2026-05-29", "900.00", "27.00", "27.00"),
           pay(DAN, "2026-05-29", "500.00", "15.00", "15.00")]  # fmt: skip
    scheme.told(may, "2026-05-31")
    june = [
        pay(ANN, "2026-06-26", "1100.00", "33.00", "33.00"),
        pay(DAN, "2026-06-26", "500.00", "15.00", "15.00"),
        pay(CAT, "2026-06-26", "700.00", "21.00", "21.00", forename="Cat", surname="Cole", payroll_id="C7"),
        pay("QQ", "2026-06-26", "700.00", forename="Quentin", surname="Quill"),
    ]
    found = would(scheme, scheme.file(june), "2026-06-30")
    assert (found.reply.state, found.joining.count) == ("preview", 1)
    (joins,) = found.joining.first
    assert (joins["name"], joins["nino"], joins["payroll_ids"]) == ("Cat Cole", CAT[:8], ["C7"])
    assert found.refused.count == 1
    (refused,) = found.refused.first
    assert (refused["name"], refused["line"], refused["row"]) == ("Quentin Quill", 5, 3)
    (acme,) = found.payers
    assert (acme.payer, acme.since, acme.before_since) == ("ACME", parse_day("2026-06-26"), parse_day("2026-05-29"))
    assert [one["nino"] for one in acme.no_more.first] == [BOB[:8]]
    assert [one["nino"] for one in acme.new.first] == [CAT[:8]]
    (changed,) = acme.changed.first
    assert (changed["nino"], changed["earnings_minor"], changed["before"]["earnings_minor"]) == (
        ANN[:8],
        1100_00,
        1000_00,
    )
    assert acme.totals == {"people": 3, "earnings_minor": 2300_00, "worker_minor": 69_00, "employer_minor": 69_00}
    assert acme.totals_before == {
        "people": 3,
        "earnings_minor": 2400_00,
        "worker_minor": 72_00,
        "employer_minor": 72_00,
    }
    told = scheme.tell(june, "2026-06-30")
    assert [{key: one[key] for key in ("rule", "sent_minor", "owed_minor")} for one in found.owed] == sorted(
        told.by_rule, key=lambda one: [row["rule"] for row in found.owed].index(one["rule"])
    )
    assert {one["party"] for one in found.owed} == {"worker", "employer", "government"}


def test_a_first_file_is_compared_with_nothing(scheme: Scheme) -> None:
    """Where a payer never sent a file, nobody is called new or gone against it."""
    (acme,) = would(scheme, scheme.file([pay(ANN, "2026-05-29", "1000.00")]), "2026-05-31").payers
    assert (acme.before_since, acme.new.count, acme.no_more.count, acme.changed.count) == (None, 0, 0, 0)


def test_a_month_is_held_against_a_month_though_weeks_came_between(scheme: Scheme) -> None:
    """ACME pays some by the month and some by the week: June's monthly file is held against May's, not the last week's."""
    months = {"period_start": "2026-05-01", "period_end": "2026-05-31"}
    scheme.told([pay(ANN, "2026-05-29", "1000.00", **months)], "2026-05-31")
    week = {"period_start": "2026-06-01", "period_end": "2026-06-07", "frequency": "week"}
    # A week that ended before June's month began would come between, were it not a week.
    early = week | {"period_start": "2026-05-25", "period_end": "2026-05-31"}
    scheme.told([pay(BOB, "2026-06-05", "200.00", **early)], "2026-06-08", "adds")
    june = {"period_start": "2026-06-01", "period_end": "2026-06-30"}
    (acme,) = would(scheme, scheme.file([pay(ANN, "2026-06-26", "1000.00", **june)]), "2026-06-30").payers
    assert (acme.before_since, acme.no_more.count, acme.new.count) == (parse_day("2026-05-29"), 0, 0)


def test_a_question_is_said_and_answered_beforehand(scheme: Scheme) -> None:
    """A second file for May waits for its sender's word; with "replaces" its effect is shown, and still nothing is kept."""
    scheme.told([pay(ANN, "2026-05-29", "1000.00", "30.00", "30.00")], "2026-05-31")
    second = scheme.file([pay(ANN, "2026-05-29", "1200.00", "36.00", "36.00")])
    asked = would(scheme, second, "2026-06-01")
    assert (asked.reply.state, asked.payers, asked.owed) == ("waiting", [], [])
    shown = would(scheme, second, "2026-06-01", "replaces")
    assert (shown.reply.state, shown.reply.replaced) == ("preview", 1)
    assert shown.payers[0].totals["earnings_minor"] == 1200_00
    assert shown.as_dict()["payers"][0]["since"] == "2026-05-29"


SUMS = (
    "select payer.ref, member, sum(greatest(earnings, 0))::bigint, sum(greatest(worker, 0))::bigint, "
    "sum(greatest(employer, 0))::bigint from fact join payer on payer.id = fact.payer where fact.kind = 1 "
    "and effective_on between %s and %s and not exists (select from fact as later where later.replaces = fact.id) group by 1, 2"
)
"""What pays of some days come to as they stand, by payer and member."""


def test_every_layout_is_held_against_its_last_month(scheme: Scheme) -> None:
    """Of a lifelike sample's second month, each file in each layout says who is new, gone and changed as the books then do."""
    sample = write_sample(scheme.folder / "sample", members=90, months=2, seed=3)
    months = [FIRST_MONTH, next_month(FIRST_MONTH)]
    seen: set[str] = set()
    for one in sample.files:
        if one.flags:
            continue
        as_of = day_of(one.received_on)
        if one.month == months[1]:
            found = would(scheme, one.path, as_of)
            if found.reply.state == "preview":
                seen.add(found.reply.layout)
                receive(scheme.connection, one.path, clock(as_of))
                agrees(scheme, found, months)
                continue
        reply = receive(scheme.connection, one.path, clock(as_of))
        assert reply.state in {"received", "waiting"}, reply.lines()
    assert seen == {"papdis-csv", "papdis-xml", "fps-xml", "contributions", "platform"}


def agrees(scheme: Scheme, found: Beforehand, months: list[date]) -> None:
    """What was said beforehand is what the books say afterwards, by a query that knows nothing of files."""
    sides = []
    for month in months:
        rows = scheme.connection.execute(SUMS.encode(), [month, last_day(month)]).fetchall()
        sides.append({(payer, member): tuple(map(int, sums)) for payer, member, *sums in rows})
    before, now = sides
    scheme.connection.rollback()
    for one in found.payers:
        mine, old = ({who: sums for (of, who), sums in side.items() if of == one.payer} for side in (now, before))
        assert one.totals["people"] == len(mine)
        assert [one.totals[f"{name}_minor"] for name in ("earnings", "worker", "employer")] == [
            sum(sums[at] for sums in mine.values()) for at in range(3)
        ]
        if one.before_since is None:
            assert not old
            continue
        assert {row["member"] for row in one.new.first} == set(mine) - set(old)
        assert {row["member"] for row in one.no_more.first} == set(old) - set(mine)
        assert {row["member"] for row in one.changed.first} == {
            who for who in mine if who in old and mine[who] != old[who]
        }

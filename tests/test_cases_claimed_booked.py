"""The worked cases once more, claimed: booked from files, what government owes by each case is asked, paid and proved.

Cases of one rulebook whose last facts are of one year share a scheme, which claims two months after the last of them.
"""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.test_cases import Case
from tests.test_cases_booked import RUNNING, Group, book

from lifepot.audit.verify import verify
from lifepot.money import parse_minor
from lifepot.periods import date_of, parse_day
from lifepot.rulebook.reader import shipped
from lifepot.scheme.claim import make_claim
from lifepot.scheme.claim_reply import receive_reply
from lifepot.scheme.claim_terms import terms_for
from lifepot.scheme.opening import Clock
from lifepot.storage.database import Database

RULEBOOKS = ("uk-lifetime-isa", "ie-my-future-fund")
"""One that says how it is claimed, from the 6th to the 5th, with charges that go back; and one that does not."""


def last_fact(case: Case) -> int:
    """The day of a case's last fact."""
    return max(parse_day(fact["on"]) for fact in case.facts)


def groups() -> list[Group]:
    """The cases that say on which days what is owed is effective, by rulebook and year."""
    found: dict[tuple[str, int], list[Case]] = {}
    for case in RUNNING:
        says_days = "effective_on" in set(case.keys())
        # What is looked at from a day of its own leaves out what falls due by the day of the claim.
        if case.rulebook in RULEBOOKS and case.as_of is None and says_days:
            found.setdefault((case.rulebook, date_of(last_fact(case)).year), []).append(case)
    return [Group(rulebook, max(map(last_fact, cases)) + 62, cases) for (rulebook, _), cases in found.items()]


GROUPS = groups()


def owed_by_case(group: Group, oldest: int, until: int) -> Counter[str]:
    """What government owes each person by the cases, in the periods that can be claimed for, by NINO."""
    terms, owed = terms_for(shipped(group.rulebook), 0), Counter[str]()
    for case in group.cases:
        for key, text in case.expected().items():
            keys = dict(zip(case.keys(), key, strict=False))
            on = parse_day(keys["effective_on"])
            if key[-1].split(".")[0] == "government" and on <= until and terms.ends_on(on) >= oldest:
                member = keys.get("member") or case.tables["People"][0]["member"]
                owed[group.nino(case, member)[:8]] += parse_minor(text)
    return Counter({nino: minor for nino, minor in owed.items() if minor})


@pytest.mark.parametrize("group", [pytest.param(one, id=f"{one.rulebook}-{date_of(one.as_of)}") for one in GROUPS])
def test_what_a_case_gives_is_claimed(group: Group, database: Database, tmp_path: Path) -> None:
    """The lines of a claim to government come to what each case expects; paid in full, nothing is left, and it all proves."""
    book(group, database, tmp_path)
    clock = Clock("case", datetime(2026, 1, 1, tzinfo=UTC), group.as_of)
    terms = terms_for(shipped(group.rulebook), 0)
    oldest, until = terms.oldest_end(group.as_of), terms.last_end_before(group.as_of)
    with database.connect() as connection:
        out = tmp_path / "claim.csv"
        claimed = make_claim(connection, "government", None, clock, out=out)
        wanted = owed_by_case(group, oldest, until)
        assert (claimed.state == "nothing") == (not wanted)
        assert all(fault.code == "too_old" for fault in claimed.faults)
        if not wanted:
            return
        rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8").partition("\n\n")[2])))
        found = Counter[str]()
        for row in rows:
            found[row["person"]] += parse_minor(row["amount"])
            assert terms.ends_on(parse_day(row["period_start"])) == parse_day(row["period_end"])
        assert {nino: minor for nino, minor in found.items() if minor} == wanted
        assert claimed.due_on == (until + 14 if group.rulebook == "uk-lifetime-isa" else None)
        assert make_claim(connection, "government", None, clock).number == claimed.number, "a duplicate"
        reply = tmp_path / "reply.csv"
        reply.write_text("line,outcome\n" + "".join(f"{row['line']},paid\n" for row in rows), "utf-8")
        answered = receive_reply(connection, reply, clock)
        assert (answered.cash_minor, answered.faults) == (claimed.total_minor, [])
        assert receive_reply(connection, reply, clock).state == "nothing_new"
        connection.commit()
        findings = verify(connection)
        assert findings.proved, findings.lines()


def test_both_ways_of_claiming_are_among_the_cases() -> None:
    """The groups hold many cases under claim periods of a rulebook, and under calendar months."""
    counts = Counter(group.rulebook for group in GROUPS for _ in group.cases)
    assert all(counts[rulebook] >= 10 for rulebook in RULEBOOKS), counts
    starts = [terms_for(shipped(rulebook), 0).spans(np.array([parse_day("2026-06-05")]))[0] for rulebook in RULEBOOKS]
    assert [str(date_of(int(start[0]))) for start in starts] == ["2026-05-06", "2026-06-01"]

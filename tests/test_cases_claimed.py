"""Every worked case about claims: what each claim is answered, in the case's own columns."""

import re
from pathlib import Path

import pytest
from tests.test_cases import ALL_CASES, Case

from lifepot.claiming.ladder import answer_all
from lifepot.claiming.message import Answer
from lifepot.claiming.reader import read_claims
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.rulebook.reader import shipped

CLAIMED = [pytest.param(case, id=case.id) for case in ALL_CASES if case.claims]


def cells_of(answer: Answer) -> dict[str, str]:
    """An answer as a row of a case: amounts in pounds, what there is none of is empty."""
    words = {
        "id": answer.id,
        "outcome": answer.outcome,
        "code": ", ".join(one.code for one in answer.problems) or answer.code or "",
        "path": ", ".join(one.path or "" for one in answer.problems),
        "message": answer.message,
        "status": "" if answer.status is None else str(answer.status),
        "existing_id": answer.existing_id or "",
        "superseding_id": answer.superseding_id or "",
        "late": {None: "", True: "yes", False: "no"}[answer.late],
    }
    amounts = {"result": answer.result_minor, "stands": answer.stands_minor, "recovered": answer.recovered_minor}
    days = {"due_on": answer.due_on, "pay_by": answer.pay_by}
    words |= {name: "" if minor is None else format_minor(minor) for name, minor in amounts.items()}
    words |= {name: "" if day is None else format_day(day) for name, day in days.items()}
    return words | {name: format_minor(minor) for name, minor in answer.reported_minor.items()}


@pytest.mark.parametrize("case", CLAIMED)
def test_case_is_answered(case: Case, tmp_path: Path) -> None:
    """The claims of a case, read from a file, are answered exactly as it says."""
    book = shipped(case.rulebook)
    messages, faults = read_claims(book, case.write_claims(tmp_path), case.as_of)
    found = [cells_of(one) for one in answer_all(book, messages)]

    expected = case.tables["Answers"]
    assert expected == [{name: row.get(name, "") for name in expected[0]} for row in found], case.texts["Working"]
    if not case.runs:
        assert re.findall(r"\w+", case.texts.get("Faults", "")) == [fault.code for fault in faults]

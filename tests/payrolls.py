"""Files of a payroll, for the tests of a payer's pages: the platform's own of last month again, a month later."""

import csv
import io
from collections.abc import Mapping, Sequence

from tests.served import Browser, Served, words_of

from lifepot.inbox import worker
from lifepot.scheme.kept_rows import kept_rows

Row = dict[str, str]

AUGUST_DAYS = 20
"""The tests' day is the 20th of August: what was paid after it is of the future."""


def last_month(served: Served, name: str = "clerk") -> list[Row]:
    """The rows of the platform's July file."""
    payer = served.identity(name).payer
    with served.doors.acting() as connection:
        file, head = connection.execute(
            "select file, head from personal.received_file where file in (select file from told where payer = %s) "
            "and layout = 'platform' order by file desc limit 1",
            [payer],
        ).fetchall()[0]
        raw = kept_rows(connection, file, range(10_000))
    names = next(csv.reader([bytes(head).decode().strip()]))
    return [dict(zip(names, next(csv.reader([raw[number].decode()])), strict=True)) for number in sorted(raw)]


def august(served: Served) -> list[Row]:
    """The same people's work a month later, as far as the month is over."""
    moved = []
    for row in last_month(served):
        if not row["paid_on"].startswith("2026-07") or int(row["paid_on"][-2:]) > AUGUST_DAYS:
            continue
        again = {name: text.replace("2026-07", "2026-08") for name, text in row.items()}
        moved.append(again | {"job_id": row["job_id"] + "A", "started_at": "", "ended_at": ""})
    return moved


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as a file."""
    text = io.StringIO()
    writing = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writing.writeheader()
    writing.writerows(rows)
    return text.getvalue().encode()


def hand_in(clerk: Browser, content: bytes, name: str = "august.csv", root: str = "/payer") -> str:
    """Hand a file in; where its page is."""
    sent = clerk.send(f"{root}/files", f"{root}/files", files={"file": (name, content)})
    return str(sent.headers["location"])


def work(served: Served) -> None:
    """Do all that waits."""
    while worker.once(served.doors):
        pass


def looked_at(served: Served, clerk: Browser, content: bytes, name: str = "august.csv") -> tuple[str, str]:
    """Hand a file in and have it looked at; where its page is, and what it says."""
    where = hand_in(clerk, content, name)
    work(served)
    return where, words_of(clerk.get(where))

"""What was told before: which payer and period a file speaks of, and which of its rows say something new.

A second file for a payer and period *replaces* or *adds*, as its sender says. A pay that payroll told to the tax office
(FPS) and to us (PAPDIS and the like) is one pay: the first tells earnings, the others contributions.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Kind
from lifepot.periods import day_of
from lifepot.storage.copying import Column, column, cursor
from lifepot.storage.rows import Event, Rows, blank_facts
from lifepot.storage.store import Store

Int = NDArray[np.int64]

PAY_FAMILY = {"fps-xml": "tax office"}
"""Layouts that tell pay to the tax office; all others tell it to the scheme."""

PAYER_ROOM = 4
"""Advisory locks by payer, so that two files for one payer and period are received one after the other."""

PAYER_STRIPES = 256
"""Payers share so many locks, taken in rising order: a bureau's file names thousands, and a server's locks are numbered."""

PERIODS, PAY_DAYS, PAYMENTS = 1, 0, 2
"""What the rows of `told` speak of: periods, by which a second file of one kind is noticed, and pay days, by which a pay told
to the tax office is found again (an FPS names no period)."""

CONTENT = (
    "kind",
    "effective_on",
    "amount",
    "earnings",
    "hours",
    "worker",
    "employer",
    "frequency",
    "period_start",
    "period_end",
)
"""What makes two pay rows of one member and payer say the same."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier file that spoke of the same payer and period."""

    payer: int
    period_start: int
    period_end: int
    layout: str
    file: int
    batch: int


@dataclass(slots=True)
class Compared:
    """New rows held against what was told before. `facts` are those to write, REMOVED ones among them."""

    facts: Rows
    unchanged: int
    replaced: int
    added: int
    removed: Rows


def family(layout: str) -> str:
    """To whom a layout tells pay."""
    return PAY_FAMILY.get(layout, "scheme")


def spans_of(facts: Rows) -> NDArray[np.int64]:
    """The (payer, period start, period end) that a payer's rows speak of, each once; a row without a period speaks of
    its day.
    """
    theirs = facts[of_payers(facts)]
    return _each_once(theirs, *_span(theirs))


def pay_days_of(facts: Rows) -> NDArray[np.int64]:
    """The (payer, day, day) on which payers paid, each once."""
    pay = facts[of_payers(facts) & (facts["kind"] == Kind.PAY)]
    return _each_once(pay, pay["effective_on"], pay["effective_on"])


def of_payers(facts: Rows) -> NDArray[np.bool_]:
    """Pays and payments that a payer's file tells; what workers pay themselves is told by nobody's period."""
    told: NDArray[np.bool_] = (facts["kind"] == Kind.PAY) | (facts["kind"] == Kind.PAID)
    return told & (facts["payer"] > 0)


def _each_once(facts: Rows, start: Int, end: Int) -> NDArray[np.int64]:
    keys = np.column_stack([facts["payer"].astype(np.int64), start, end])
    # A payer's rows mostly stand together: of neighbours that say the same, one is sorted.
    changes = np.append(True, (keys[1:] != keys[:-1]).any(axis=1))
    return np.unique(keys[changes], axis=0) if len(keys) else keys


def _span(pay: Rows) -> tuple[Int, Int]:
    end = np.where(pay["period_end"] == NONE, pay["effective_on"], pay["period_end"])
    return np.where(pay["period_start"] == NONE, end, pay["period_start"]), end


def lock_payers(connection: psycopg.Connection[Any], payers: Int) -> None:
    """Until the transaction ends, nobody else receives for these payers."""
    stripes = np.unique(payers % PAYER_STRIPES).tolist()
    connection.execute(
        "select count(pg_advisory_xact_lock(%s, stripe)) from unnest(%s::int[]) as stripe", [PAYER_ROOM, stripes]
    )


def told_before(connection: psycopg.Connection[Any], spans: NDArray[np.int64], kind: int = PERIODS) -> list[Earlier]:
    """Earlier files that spoke of the same payers and periods (or pay days), oldest first."""
    if not len(spans):
        return []
    rows = (
        cursor(connection)
        .execute(
            "select told.payer, told.period_start, told.period_end, told.layout, told.file, told.batch from told "
            "join unnest(%s, %s, %s) as asked (payer, period_start, period_end) "
            "on told.payer = asked.payer and told.kind = %s and told.period_start = asked.period_start and told.period_end = asked.period_end "
            "order by told.batch",
            [*_columns(spans), kind],
        )
        .fetchall()
    )
    return [
        Earlier(payer, day_of(start), day_of(end), layout, file, batch)
        for payer, start, end, layout, file, batch in rows
    ]


def remember(connection: psycopg.Connection[Any], facts: Rows, layout: str, file: int, batch: int) -> None:
    """Writes down which periods and pay days this file spoke of."""
    pays = facts["kind"] == Kind.PAY
    told = ((PERIODS, facts[pays]), (PAYMENTS, facts[~pays]))
    for kind, spans in (*((kind, spans_of(rows)) for kind, rows in told), (PAY_DAYS, pay_days_of(facts))):
        if not len(spans):
            continue
        cursor(connection).execute(
            "insert into told (payer, kind, period_start, period_end, layout, file, batch) "
            "select payer, %s::smallint, period_start, period_end, %s, %s, %s from unnest(%s, %s, %s) as spoken (payer, period_start, period_end)",
            [kind, layout, file, batch, *_columns(spans)],
        )


def _columns(spans: NDArray[np.int64]) -> list[Column]:
    """Spans as the parameters of a query."""
    return [column(spans[:, nth], kind) for nth, kind in enumerate(("integer", "date", "date"))]


def facts_told(
    connection: psycopg.Connection[Any], store: Store, earlier: list[Earlier], spans: NDArray[np.int64], kind: int
) -> Rows:
    """What these payers told of these periods (or pay days) before, as it stands now: what later rows replaced is read in
    its latest form, what they removed is gone. The payers are locked, so nobody else replaces it meanwhile.
    """
    batches = sorted({one.batch for one in earlier})
    counts = dict(connection.execute("select number, facts from batch where number = any(%s)", [batches]).fetchall())
    parts = [store.facts_in(batch, counts[batch]) for batch in batches]
    facts = np.concatenate(parts) if parts else blank_facts(0)
    facts = facts[of_payers(facts) & np.isin(facts["payer"], spans[:, 0])]
    if kind == PAY_DAYS:
        facts = facts[facts["kind"] == Kind.PAY]
    start, end = _span(facts) if kind == PERIODS else (facts["effective_on"], facts["effective_on"])
    wanted = {tuple(span) for span in spans.tolist()}
    keys = zip(facts["payer"].tolist(), start.tolist(), end.tolist(), strict=True)
    facts = facts[np.fromiter((key in wanted for key in keys), np.bool_, len(facts))]
    if not len(facts):
        return facts
    known = store.facts_of(np.unique(facts["member"]).astype(np.int64))
    standing = known[~np.isin(known["id"], known["replaces"]) & of_payers(known)]
    return standing[np.isin(standing["root"], facts["root"])]


def compare(new: Rows, old: Rows) -> Compared:
    """A replacement held against what it replaces: equal rows say nothing new, a member's others replace each other in
    order, what is left is added or removed.
    """
    keys = [
        np.concatenate([old[name].astype(np.int64), new[name].astype(np.int64)])
        for name in ("member", "payer", *CONTENT)
    ]
    is_new = np.arange(len(old) + len(new)) >= len(old)
    order = np.lexsort((is_new, *reversed(keys)))
    _, group = (
        np.unique(np.column_stack([key[order] for key in keys]), axis=0, return_inverse=True)
        if len(order)
        else (None, order)
    )
    group = np.asarray(group).reshape(-1)
    olds = np.bincount(group[~is_new[order]], minlength=group.max(initial=-1) + 1)
    news = np.bincount(group[is_new[order]], minlength=group.max(initial=-1) + 1)
    same = np.minimum(olds, news)
    rank = _rank(group, is_new[order])
    matched = np.zeros(len(order), dtype=np.bool_)
    matched[order] = rank < same[group]
    left_old, left_new = old[~matched[: len(old)]], new[~matched[len(old) :]].copy()
    left_old = left_old[np.lexsort((left_old["id"], left_old["kind"], left_old["payer"], left_old["member"]))]
    left_new = left_new[np.lexsort((left_new["line"], left_new["kind"], left_new["payer"], left_new["member"]))]
    pair_old, pair_new = _pairs(left_old, left_new)
    left_new["replaces"][pair_new] = left_old["id"][pair_old]
    left_new["root"][pair_new] = left_old["root"][pair_old]
    gone = np.ones(len(left_old), dtype=np.bool_)
    gone[pair_old] = False
    removed = left_old[gone]
    removals = blank_facts(len(removed))
    for name in ("member", "payer", "effective_on", "root"):
        removals[name] = removed[name]
    removals["kind"], removals["replaces"] = Event.REMOVED, removed["id"]
    return Compared(
        np.concatenate([left_new, removals]), int(same.sum()), len(pair_new), len(left_new) - len(pair_new), removed
    )


def merge(new: Rows, old: Rows, *, new_tells_tax_office: bool) -> Compared:
    """Rows of pays that were told before to somebody else: one pay each. What the tax office is told of earnings, and we
    of contributions, is what counts. Pays not told before are added.
    """
    if not len(old):
        return Compared(new, 0, 0, len(new), blank_facts(0))
    new = new.copy()
    order = np.lexsort((old["id"], old["effective_on"], old["payer"], old["member"]))
    old = old[order]
    used: set[int] = set()
    by_pay: dict[tuple[int, int, int], list[int]] = {}
    for at, row in enumerate(old):
        by_pay.setdefault((int(row["member"]), int(row["payer"]), int(row["effective_on"])), []).append(at)
    kept = np.ones(len(new), dtype=np.bool_)
    unchanged = replaced = 0
    for at in range(len(new)):
        row = new[at]
        if row["kind"] != Kind.PAY:
            continue
        waiting = [
            one
            for one in by_pay.get((int(row["member"]), int(row["payer"]), int(row["effective_on"])), [])
            if one not in used
        ]
        if not waiting:
            continue
        used.add(waiting[0])
        before = old[waiting[0]]
        theirs, ours = (row, before) if new_tells_tax_office else (before, row)
        whole = {
            "earnings": theirs["earnings"] if theirs["earnings"] != NONE else ours["earnings"],
            **{name: ours[name] for name in ("worker", "employer", "hours", "frequency", "period_start", "period_end")},
        }
        if whole["frequency"] < 0:
            whole["frequency"] = theirs["frequency"]
        if all(before[name] == figure for name, figure in whole.items()):
            unchanged += 1
            kept[at] = False
            continue
        for name, figure in whole.items():
            new[name][at] = figure
        new["replaces"][at], new["root"][at] = before["id"], before["root"]
        replaced += 1
    return Compared(new[kept], unchanged, replaced, int(kept.sum()) - replaced, blank_facts(0))


def _rank(group: Int, side: NDArray[np.bool_]) -> Int:
    """0, 1, 2 … within each group's old and new rows; both stand sorted by group and side."""
    key = group * 2 + side
    first = np.concatenate(([True], key[1:] != key[:-1])) if len(key) else np.zeros(0, np.bool_)
    at = np.arange(len(key))
    return at - np.maximum.accumulate(np.where(first, at, 0)) if len(key) else at


def _pairs(old: Rows, new: Rows) -> tuple[Int, Int]:
    """Positions of old and new rows that replace each other: the n-th of a member, payer and kind, each."""
    sides: list[dict[tuple[int, ...], int]] = []
    for rows in (old, new):
        nth: Counter[tuple[int, ...]] = Counter()
        side: dict[tuple[int, ...], int] = {}
        for position, key in enumerate(
            zip(rows["member"].tolist(), rows["payer"].tolist(), rows["kind"].tolist(), strict=True)
        ):
            side[(*key, nth[key])] = position
            nth[key] += 1
        sides.append(side)
    both = [(sides[0][key], sides[1][key]) for key in sides[0] if key in sides[1]]
    return np.array([one for one, _ in both], dtype=np.int64), np.array([one for _, one in both], dtype=np.int64)

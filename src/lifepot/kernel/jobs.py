"""Memberships by job: where a rulebook tests and keeps each job alone, every job of a member is run as a member."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.columns import NONE, Facts, Kind, People

Int = NDArray[np.int64]


def by_job(people: People, facts: Facts) -> tuple[People, Facts, Int]:
    """People and facts with a row a job (a member without pay has one, of nobody), and the member of each job.

    A fact without a payer is heard by every job of its member, money without one by the first job only. What a payer's
    file tells of the person is of that job.
    """
    pay = facts.kind == Kind.PAY
    members = np.concatenate([facts.member[pay], np.arange(len(people))])
    payers = np.concatenate([facts.payer[pay], np.full(len(people), NONE)])
    jobs = np.unique(np.column_stack([members, payers]), axis=0)
    has_pay = np.zeros(len(people), dtype=np.bool_)
    has_pay[facts.member[pay]] = True
    jobs = jobs[(jobs[:, 1] != NONE) | ~has_pay[jobs[:, 0]]]
    member_of_job = jobs[:, 0]
    first = np.searchsorted(member_of_job, facts.member)
    count = np.searchsorted(member_of_job, facts.member, side="right") - first
    own = first.copy()
    for row in np.flatnonzero(facts.payer != 0):
        mine = slice(first[row], first[row] + count[row])
        at = np.flatnonzero(jobs[mine, 1] == facts.payer[row])
        own[row] = first[row] + (at[0] if len(at) else 0)
    heard_by_all = (facts.payer == 0) & np.isin(facts.kind, [Kind.STATUS, Kind.CLOSED, Kind.DIED])
    copies = np.where(heard_by_all, count, 1)
    rows = np.repeat(np.arange(len(facts)), copies)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(copies) - copies, copies)
    spread = (
        facts.take(rows)
        .later("member", lambda: np.where(heard_by_all[rows], first[rows] + nth, own[rows]))
        .later("payer", lambda: np.where(facts.kind[rows] == Kind.STATUS, 0, facts.payer[rows]))
    )
    alone = replace(
        people,
        born=people.born[member_of_job],
        joined=people.joined[member_of_job],
        attributes=people.attributes[member_of_job],
    )
    return alone, spread, member_of_job


def earliest_of_members(opened_on: Int, member_of_job: Int, members: int) -> Int:
    """The first day on which any job of each member was opened; NONE where none was."""
    latest = np.iinfo(np.int64).max
    first = np.full(members, latest)
    np.minimum.at(first, member_of_job, np.where(opened_on == NONE, latest, opened_on))
    return np.where(first == latest, NONE, first)

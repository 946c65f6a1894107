"""Memberships by job: where a rulebook tests and keeps each job alone, every job of a member is run as a member."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel import compiled, loops
from lifepot.kernel.columns import NONE, Facts, Kind, People

Int = NDArray[np.int64]


def by_job(people: People, facts: Facts) -> tuple[People, Facts, Int]:
    """People and facts with a row a job (a member without pay has one, of nobody), and the member of each job. Facts are
    those of the kernel's order, and stay in it.

    A fact without a payer is heard by every job of its member, money without one by the first job only. What a payer's
    file tells of the person is of that job.
    """
    member, kind, payer = facts.member, facts.kind, facts.payer
    first_job = np.zeros(len(people) + 1, dtype=np.int64)
    payers = np.empty(len(facts) + len(people), dtype=np.int64)
    compiled.run(loops.find_jobs, member, kind == Kind.PAY, payer, NONE, first_job, payers)
    jobs_of_member = np.diff(first_job)
    by_all = (payer == 0) & ((kind == Kind.STATUS) | (kind >= Kind.CLOSED))
    most = len(facts) + int((jobs_of_member[member[by_all]] - 1).sum())
    rows, jobs, count = (np.empty(size, dtype=np.int64) for size in (most, most, 1))
    compiled.run(loops.spread_over_jobs, member, payer, by_all, first_job, payers, rows, jobs, count)
    rows, jobs = rows[: count[0]], jobs[: count[0]]
    spread = (
        facts.take(rows)
        .later("member", lambda: jobs)
        .later("payer", lambda: np.where(kind[rows] == Kind.STATUS, 0, payer[rows]))
    )
    member_of_job = np.repeat(np.arange(len(people)), jobs_of_member)
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
    if not members:
        return opened_on
    heads = np.searchsorted(member_of_job, np.arange(members))
    first = np.minimum.reduceat(np.where(opened_on == NONE, latest, opened_on), heads)
    return np.where(first == latest, NONE, first)

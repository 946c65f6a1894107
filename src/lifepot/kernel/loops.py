"""Loops that no array operation does: what a row comes to depends on what the row before it came to.

Run by `compiled.run`, which says how they are written. Their callers have seen to it that no sum leaves 64 bits. Rows stand
by member; a `scratch` column has room for the most rows of one member.
"""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def total_between(parts: Int, first: Bool, low: int, cap: Int, total: Int) -> None:
    """Fills `total` with a running balance that money in cannot lift above `cap`, and nothing takes below `low`."""
    balance = 0
    for row in range(len(parts)):
        if first[row]:
            balance = 0
        part = parts[row]
        if part > 0:
            balance = max(balance, min(balance + part, cap[row]))
        else:
            balance += part
        balance = max(balance, low)
        total[row] = balance


def find_ends(column: Int, ends: Int) -> None:
    """Fills `ends` with the lowest and the highest figure of a column that is not empty."""
    low = high = column[0]
    for row in range(len(column)):
        low = min(low, column[row])
        high = max(high, column[row])
    ends[0], ends[1] = low, high


def rises(first: Int, second: Int, third: Int, fourth: Int, falls: Int) -> None:
    """Sets `falls[0]` to 1 if a row stands before the one above it: by its first key, then its second, and so on."""
    for row in range(1, len(first)):
        above = row - 1
        if first[row] > first[above]:
            continue
        if first[row] == first[above]:
            if second[row] > second[above]:
                continue
            if second[row] == second[above]:
                if third[row] > third[above]:
                    continue
                if third[row] == third[above] and fourth[row] >= fourth[above]:
                    continue
        falls[0] = 1
        return


def find_heads(first: Int, second: Int, heads: Int, count: Int) -> None:
    """Fills `heads`, as long as `count[0]`, with the rows at which one of the two keys is another than above."""
    found = 0
    for row in range(len(first)):
        # Written without a branch, which would be guessed wrong as often as there are groups.
        heads[found] = row
        if row == 0 or first[row] != first[row - 1] or second[row] != second[row - 1]:
            found += 1
    count[0] = found


def spread_groups(figures: Int, heads: Int, spread: Int) -> None:
    """Fills `spread` with each group's figure at each of its rows, the `heads` being the groups' first."""
    for group in range(len(heads)):
        end = heads[group + 1] if group + 1 < len(heads) else len(spread)
        for row in range(heads[group], end):
            spread[row] = figures[group]


def add_up(parts: Int, first: Bool, total: Int) -> None:
    """Fills `total` with each group's running total. In this and what follows `first` is true at a group's first row."""
    held = 0
    for row in range(len(parts)):
        held = (0 if first[row] else held) + parts[row]
        total[row] = held


def add_up_from_zero(parts: Int, first: Bool, total: Int) -> None:
    """The same, never below nothing."""
    held = 0
    for row in range(len(parts)):
        held = max((0 if first[row] else held) + parts[row], 0)
        total[row] = held


def find_highest(column: Int, first: Bool, highest: Int) -> None:
    """Fills `highest` with the highest figure so far of each group."""
    held = 0
    for row in range(len(column)):
        held = column[row] if first[row] else max(held, column[row])
        highest[row] = held


def subtract_above(column: Int, first: Bool, difference: Int) -> None:
    """Fills `difference` with what each row adds to the one above it in its group."""
    for row in range(len(column)):
        difference[row] = column[row] - (0 if first[row] else column[row - 1])


def find_first_days(
    member: Int, on: Int, kind: Int, payer: Int, paid: int, closed: int, died: int, first: Int, over: Int, dead: Int
) -> None:
    """Fills in each member's `first` payment by the worker, the day on which the account was closed and that of death.
    Rows stand by day, and the columns hold the far future.
    """
    for row in range(len(member)):
        what = kind[row]
        if what == paid:
            if payer[row] == 0 and on[row] < first[member[row]]:
                first[member[row]] = on[row]
        elif what == closed:
            over[member[row]] = min(over[member[row]], on[row])
        elif what == died:
            dead[member[row]] = min(dead[member[row]], on[row])


def take_newest_first(
    member: Int, window: Int, parts: Int, taken: Int, anew: Bool, scratch: Int, held: Int, undone: Int, count: Int
) -> None:
    """Takes what is `taken` at each row from the newest window that still holds something, then from the ones before.

    In the row's own window it comes off `parts`. From older windows it is a row (last row of the window, row that took,
    amount) of `undone`, (n, 3), whose length is `count[0]`. `scratch` and `held` are the windows that held something.
    """
    depth = found = 0
    for row in range(len(member)):
        if anew[row] or (row > 0 and member[row] != member[row - 1]):
            depth = 0
        own = window[row]
        if parts[row] != 0:
            if depth == 0 or scratch[depth - 1] != own:
                scratch[depth], held[depth] = own, 0
                depth += 1
            held[depth - 1] += parts[row]
        left = taken[row]
        kept = depth > 0 and scratch[depth - 1] == own
        if left != 0 and kept:
            out = min(left, max(0, held[depth - 1]))
            parts[row] -= out
            held[depth - 1] -= out
            left -= out
        # Older windows that are empty stay so; the own one may be paid into again.
        top = depth - 2 if kept else depth - 1
        while left != 0 and top >= 0:
            out = min(left, max(0, held[top]))
            if out != 0:
                last = row
                while window[last] > scratch[top]:
                    last -= 1
                undone[found, 0], undone[found, 1], undone[found, 2] = last, row, -out
                found += 1
                held[top] -= out
                left -= out
            if held[top] > 0:
                break
            top -= 1
        if kept:
            scratch[top + 1], held[top + 1] = scratch[depth - 1], held[depth - 1]
            depth = top + 2
        else:
            depth = top + 1
    count[0] = found


def find_last_rows(member: Int, on: Int, day: Int, place: Int) -> None:
    """Fills `place` with the last row of each row's member on a day or before it, or with -1. Days rise with the rows."""
    begin = at = 0
    for row in range(len(member)):
        if row > 0 and member[row] != member[row - 1]:
            begin = at = row
        while at < len(member) and member[at] == member[row] and on[at] <= day[row]:
            at += 1
        place[row] = at - 1 if at > begin else -1


def find_jobs(member: Int, pay: Bool, payer: Int, nobody: int, first_job: Int, payers: Int) -> None:
    """Fills `first_job`, one longer than there are members, and the `payers` of all jobs: for each member those who paid,
    rising, or `nobody`.
    """
    row = found = 0
    for who in range(len(first_job) - 1):
        begin = first_job[who] = found
        while row < len(member) and member[row] == who:
            if pay[row]:
                at = found
                while at > begin and payers[at - 1] >= payer[row]:
                    at -= 1
                if at == found or payers[at] != payer[row]:
                    for later in range(found, at, -1):
                        payers[later] = payers[later - 1]
                    payers[at] = payer[row]
                    found += 1
            row += 1
        if found == begin:
            payers[found] = nobody
            found += 1
    first_job[len(first_job) - 1] = found


def spread_over_jobs(
    member: Int, payer: Int, by_all: Bool, first_job: Int, payers: Int, rows: Int, jobs: Int, count: Int
) -> None:
    """Fills `rows` and `jobs`, as long as `count[0]`: each job's rows in their order. Rows `by_all` are heard by every job
    of their member, others by the job of their payer, or else by the first.
    """
    begin = found = 0
    while begin < len(member):
        end = begin
        who = member[begin]
        while end < len(member) and member[end] == who:
            end += 1
        for job in range(first_job[who], first_job[who + 1]):
            for row in range(begin, end):
                heard = by_all[row]
                if not heard:
                    own = first_job[who]
                    if payer[row] != 0:
                        for other in range(first_job[who], first_job[who + 1]):
                            if payers[other] == payer[row]:
                                own = other
                    heard = own == job
                if heard:
                    rows[found], jobs[found] = row, job
                    found += 1
        begin = end
    count[0] = found


def say_for_payer(told: Int, member: Int, payer: Int, said_of_all: Bool, value: Int, held: Int) -> None:
    """Fills in `held`, row by row, what each row of `told` says of its payer's own facts alone: it holds until something
    is said of all of them.
    """
    for nth in range(len(told)):
        row = told[nth]
        later = row
        while later < len(member) and member[later] == member[row] and not said_of_all[later]:
            if payer[later] == payer[row]:
                held[later] = value[row]
            later += 1


def sum_together(member: Int, begins: Int, ends: Int, earnings: Int, scratch: Int, before: Int, together: Int) -> None:
    """Fills `together` with the earnings of all the member's rows that end from the row's first day to its last.
    `before` is one longer than `scratch`.
    """
    begin = 0
    while begin < len(member):
        end = begin
        count = 0
        # By their ends, which stand nearly so: each slides back past the few that end later.
        while end < len(member) and member[end] == member[begin]:
            at = count
            while at > 0 and ends[end] < scratch[at - 1]:
                scratch[at] = scratch[at - 1]
                before[at + 1] = before[at]
                at -= 1
            scratch[at] = ends[end]
            before[at + 1] = earnings[end]
            count += 1
            end += 1
        before[0] = 0
        for at in range(count):
            before[at + 1] += before[at]
        for row in range(begin, end):
            low, high = 0, count
            while low < high:
                middle = (low + high) // 2
                if scratch[middle] < begins[row]:
                    low = middle + 1
                else:
                    high = middle
            first = low
            high = count
            while low < high:
                middle = (low + high) // 2
                if scratch[middle] <= ends[row]:
                    low = middle + 1
                else:
                    high = middle
            together[row] = before[low] - before[first]
        begin = end


def find_notices(member: Int, yes: Bool, met: Bool, always: int, new: Bool, late: Bool) -> None:
    """Marks what is `new` of all that was said of leaving, and what of it came too `late` to hold. Yes said once more while
    it holds, as payroll files do every period, is nothing new; too late it holds `always`, or (0) not at all.
    """
    holds = False
    for row in range(len(member)):
        if row == 0 or member[row] != member[row - 1]:
            holds = False
        if yes[row] and not holds:
            new[row] = True
            holds = met[row] or always != 0
            late[row] = not holds
        else:
            holds = yes[row]


def find_pauses(
    member: Int, on: Int, yes: Bool, earliest: Int, least: Int, most: Int, again: Int, after_most: Int, ends: Int
) -> None:
    """Fills `ends` with the day on which a pause that begins at a row is over, or with the row's own where none begins.

    Rows are all that was said of pausing. `earliest`: the first day on which a member's first pause may begin; `least`
    and `most`: the days from which a pause that begins here may end, and on which it must; `again` and `after_most`: the
    day from which the next may begin if one ended here, or if this one ended when it must.
    """
    free = over = 0
    for row in range(len(member)):
        if row == 0 or member[row] != member[row - 1]:
            free, over = earliest[row], on[row]
        ends[row] = on[row]
        # Said once more while a pause runs, it begins nothing.
        if not yes[row] or on[row] < over or on[row] < free:
            continue
        over, free = most[row], after_most[row]
        # An end that may not be chosen is none.
        later = row + 1
        while later < len(member) and member[later] == member[row]:
            if not yes[later] and on[later] >= least[row]:
                if on[later] < over:
                    over, free = on[later], again[later]
                break
            later += 1
        ends[row] = over


def give_each(
    parts: Int, sign: int, first_row: int, owner: Int, member: Int, on: Int, begins: Int, ends: Int,
    row: Int, amount: Int, who: Int, day: Int, begin: Int, end: Int,
) -> None:  # fmt: skip
    """Fills in an entitlement for each row that brings something, from the row's own first day to its last. The columns to
    be filled are one longer.
    """
    found = 0
    # Written without a branch, which would be guessed wrong too often.
    for at in range(len(parts)):
        row[found], amount[found] = first_row + at, sign * parts[at]
        who[found], day[found] = owner[member[at]], on[at]
        begin[found], end[found] = begins[at], ends[at]
        found += parts[at] != 0


def give_each_in_window(
    parts: Int, sign: int, first_row: int, owner: Int, member: Int, on: Int, first: Bool, begins: Int, ends: Int,
    row: Int, amount: Int, who: Int, day: Int, begin: Int, end: Int,
) -> None:  # fmt: skip
    """The same, in windows that begin at the `first` rows."""
    found = 0
    window = -1
    for at in range(len(parts)):
        window += first[at]
        row[found], amount[found] = first_row + at, sign * parts[at]
        who[found], day[found] = owner[member[at]], on[at]
        begin[found], end[found] = begins[window], ends[window]
        found += parts[at] != 0


def gather_due(
    parts: Int, sign: int, member: Int, on: Int, begins: Int, ends: Int, opens: Int, due: Int, died: Int, lost: Int,
    far: int, until: int, who: Int, day: Int, begin: Int, end: Int, amount: Int, row: Int, refs: Int, ref_starts: Int,
    count: Int,
) -> None:  # fmt: skip
    """Adds up what falls due together: of one member, on one day, in one window from `begins` to `ends`. It falls due on the
    last day of the window from `opens` to `due`, or on the day of death; what the account's closing before it makes `lost`
    never does, nor what is in no window or in one without an end (the `far` future). What is nothing or falls due after
    `until` is left out.

    `count` is how many there are, how many `refs` are behind them, and whether (1) what falls due together does not stand
    together.
    """
    found = behind = at = 0
    for now in range(len(parts) + 1):
        last = now == len(parts)
        if not last and parts[now] == 0:
            continue
        falls = far
        if not last:
            falls = max(min(due[now], died[member[now]]), on[now])
            if opens[now] > falls or falls >= far or lost[member[now]] < falls:
                continue
        same = (
            not last and behind > at and who[found] == member[now] and day[found] == falls
            and begin[found] == begins[now] and end[found] == ends[now]
        )  # fmt: skip
        if not same and behind > at:
            # The one before is complete.
            if not last and (
                member[now] < who[found]
                or (member[now] == who[found] and falls < day[found])
                or (member[now] == who[found] and falls == day[found] and begins[now] < begin[found])
                or (
                    member[now] == who[found] and falls == day[found] and begins[now] == begin[found]
                    and ends[now] < end[found]
                )
            ):  # fmt: skip
                count[2] = 1
                return
            if amount[found] != 0 and day[found] <= until:
                row[found], ref_starts[found] = refs[behind - 1], at
                found += 1
                at = behind
            else:
                behind = at
        if last:
            break
        if not same:
            who[found], day[found], begin[found], end[found] = member[now], falls, begins[now], ends[now]
            amount[found] = 0
        amount[found] += sign * parts[now]
        refs[behind] = now
        behind += 1
    count[0], count[1] = found, behind


def hold(figures: Int, said: Bool, first: Bool, before: int, held: Int) -> None:
    """Fills `held` with the figure of the last row of its group that was said; `before` the first one, with that."""
    now = before
    for row in range(len(figures)):
        now = before if first[row] else now
        now = figures[row] if said[row] else now
        held[row] = now


def sort_periods(job: Int, begins: Int, ends: Int, rows: Int) -> None:
    """Sorts the rows of each job by the first and the last day of their periods. They stand nearly so already: each slides
    back past the few that begin later.
    """
    for place in range(1, len(rows)):
        row = rows[place]
        at = place
        while at > 0 and job[at - 1] == job[place]:
            above = rows[at - 1]
            if begins[above] < begins[row] or (begins[above] == begins[row] and ends[above] <= ends[row]):
                break
            rows[at] = above
            at -= 1
        rows[at] = row


def take_from_two(first: Int, second: Int, rows: Int, taken: Int) -> None:
    """Fills `taken` with rows of two columns, those of the second numbered on from the first."""
    for place in range(len(rows)):
        row = rows[place]
        taken[place] = first[row] if row < len(first) else second[row - len(first)]

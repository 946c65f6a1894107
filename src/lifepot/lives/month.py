"""The months of a village, compiled: who does what for work, what it pays, and what is written down."""

from typing import Any

import numpy as np
from numba import njit

from lifepot.chance import share, words
from lifepot.lives import places as p
from lifepot.lives.events import come_in, happen, leave_behind, pair
from lifepot.lives.jobs import begin_beside, end_job, hire, level_of, stop_beside, wage_class

_STATUS = np.array([2, 2, 2, 3, 3, 3, 4, 5, 1, 1], dtype=np.uint8)
"""`Status` by place."""
_ANOTHER_JOB, _REDUNDANT, _AUTOMATED, _RESIGNED, _RETIRED, _ENDED = 1, 2, 3, 4, 5, 6
_EMPLOYEE, _ZERO_HOURS, _PLATFORM, _SELF_EMPLOYED = 1, 2, 3, 4
_WEEK = 37.5
_JULY = 3
"""Months after April: when studies end."""


@njit(cache=True, nogil=True)
def why(seed: Any, i: Any, month: Any, exit_: Any, whole: Any, rates: Any) -> Any:
    """The reason that an employee's job ended for."""
    word = np.int64(words(seed, whole[p.PERSON, i], month, p.LOSING)[0])
    if exit_ == p.TO_RETIRED:
        return _RETIRED
    casual = whole[p.JOB, i] in {_ZERO_HOURS, _PLATFORM}
    if exit_ == p.TO_UNEMPLOYED:
        if casual:
            return _ENDED
        if whole[p.JOB, i] == _EMPLOYEE and word < rates.reasons[1]:
            return _REDUNDANT
        return _ENDED if word < rates.reasons[3] else _RESIGNED
    if exit_ == p.TO_INACTIVE:
        return _REDUNDANT if whole[p.JOB, i] == _EMPLOYEE and word < rates.reasons[2] else _RESIGNED
    return _REDUNDANT if whole[p.JOB, i] == _EMPLOYEE and word < rates.reasons[0] else _ANOTHER_JOB


@njit(cache=True, nogil=True)
def move_on(seed: Any, i: Any, month: Any, exit_: Any, whole: Any, real: Any, rates: Any) -> Any:
    """Takes somebody out of their place by an exit. The reason of leaving a job, or nought."""
    place = whole[p.PLACE, i]
    had = whole[p.JOB, i] > 0
    reason = 0
    if had:
        reason = why(seed, i, month, exit_, whole, rates)
    if exit_ <= p.OWN:
        hire(seed, i, month, exit_, had, whole, real, rates)
        return reason
    if had:
        end_job(i, whole)
    if exit_ == p.TO_INACTIVE and place == p.STUDY_JOB:
        whole[p.PLACE, i] = p.STUDY
    elif exit_ == p.TO_UNEMPLOYED:
        whole[p.PLACE, i] = p.FRESH
        whole[p.SPELL, i] = 0
        if had:
            whole[p.LOST, i] = 1
    elif exit_ == p.TO_RETIRED or month >= whole[p.PENSION, i]:
        whole[p.PLACE, i] = p.RETIRED
    else:
        whole[p.PLACE, i] = p.INACTIVE
    return reason


@njit(cache=True, nogil=True)
def finish_study(seed: Any, i: Any, month: Any, whole: Any, real: Any, rates: Any) -> Any:
    """Studies end: a job, looking for one, or neither. The reason of leaving a job beside them, or nought."""
    word, other, _, _ = words(seed, whole[p.PERSON, i], month, p.LEAVING_STUDY)
    whole[p.QUALIFICATION, i] = max(whole[p.AIM, i], whole[p.QUALIFICATION, i])
    if whole[p.REACHED, i] == 1:
        real[p.LOG, i] += rates.gains[3]
        level_of(i, real, rates)
    had = whole[p.JOB, i] > 0
    whole[p.PLACE, i] = p.INACTIVE
    whole[p.SPELL, i] = 0
    if np.int64(word) < rates.after_study[0]:
        exit_ = p.ZERO if np.int64(other) < 0x14000000 else p.REGULAR
        hire(seed, i, month, exit_, False, whole, real, rates)
        return _ANOTHER_JOB if had else 0
    if had:
        end_job(i, whole)
    if np.int64(word) < rates.after_study[1]:
        whole[p.PLACE, i] = p.FRESH
    return _RESIGNED if had else 0


@njit(cache=True, nogil=True)
def work(seed: Any, i: Any, month: Any, w0: Any, w1: Any, whole: Any, real: Any, rates: Any) -> Any:
    """One person's month of work: stays or moves. The reason of leaving a job, or nought."""
    place = whole[p.PLACE, i]
    if place >= p.STUDY and month >= whole[p.STUDY_ENDS, i]:
        return finish_study(seed, i, month, whole, real, rates)
    if month == whole[p.PENSION, i] and place != p.RETIRED:
        word = np.int64(words(seed, whole[p.PERSON, i], month, p.PENSION_DAY)[0])
        if place > p.OWN or word < rates.pension_day:
            return move_on(seed, i, month, p.TO_RETIRED, whole, real, rates)
    if place <= p.OWN and (w1 >> 16) < rates.automated[whole[p.OCCUPATION, i]]:
        end_job(i, whole)
        whole[p.PLACE, i] = p.FRESH
        whole[p.LOST, i] = 2
        return _AUTOMATED
    row = rates.flows[whole[p.CHURNS, i], whole[p.SHIFTED, i], place]
    word = w0
    if whole[p.LOST, i] == 2 and rates.slow > 0.0:
        word = np.int64(w0 / rates.slow)
    if word < row[p.EXITS - 1]:
        exit_ = 0
        while word >= row[exit_]:
            exit_ += 1
        return move_on(seed, i, month, exit_, whole, real, rates)
    if p.FRESH <= place <= p.INACTIVE:
        whole[p.SPELL, i] += 1
        if place == p.FRESH and whole[p.SPELL, i] >= 3:
            whole[p.PLACE, i] = p.WAITING
        elif place == p.WAITING and whole[p.SPELL, i] >= 12:
            whole[p.PLACE, i] = p.LONG
    elif place <= p.OWN and whole[p.JOB, i] != _PLATFORM:
        beside(seed, i, month, w1 & 0xFFFF, whole, real, rates)
    return 0


@njit(cache=True, nogil=True)
def beside(seed: Any, i: Any, month: Any, word: Any, whole: Any, real: Any, rates: Any) -> None:
    """Begins or ends a second job or an app beside the job."""
    if whole[p.SECOND, i] > 0:
        app = 1 if whole[p.SECOND, i] < 100 else 0
        if word < rates.second_ends[app]:
            stop_beside(i, whole, real)
            return
        word = 0xFFFF - word  # the other end of the word, for what may begin
    starts = rates.second[whole[p.AGE, i]]
    if word < starts[1] and whole[p.THIRD, i] == 0:
        begin_beside(seed, i, month, 1 if word >= starts[0] else 0, whole, real)


@njit(cache=True, nogil=True)
def rounded(amount: Any) -> Any:
    """Whole pence."""
    return np.int32(min(amount + 0.5, 2.0e9))


@njit(cache=True, nogil=True)
def write_pay(i: Any, month: Any, w2: Any, w3: Any, whole: Any, real: Any, rates: Any, out: Any) -> None:
    """What the main job and those beside it pay this month."""
    job = whole[p.JOB, i]
    hours = whole[p.HOURS, i]
    usual = real[p.LEVEL, i] * rates.index[month]
    scar = whole[p.DEEP, i]
    if whole[p.FADING, i] > 0:
        fading = rates.penalty[0] * whole[p.FADING, i] / rates.penalty[2]
        usual *= 1.0 - fading / 100.0
        scar += np.int64(fading + 0.5)
        whole[p.FADING, i] -= 1
    if whole[p.PLACE, i] == p.STUDY_JOB:
        usual *= hours / _WEEK
    if job <= _ZERO_HOURS:
        usual = max(usual, hours * rates.floor[wage_class(i, whole), month])
    spread = rates.swing[job]
    if job == _EMPLOYEE and whole[p.SWINGS, i] == 0:
        spread = 0.0
    second = whole[p.SECOND, i]
    swing_2 = 0.0
    if spread > 0.0 or second > 0:
        # Box and Muller: one logarithm; the second turn only for who needs it.
        radius = np.sqrt(-2.0 * np.log(share(w2)))
        turn = 2.0 * np.pi * share(w3)
        if spread > 0.0:
            usual *= np.exp(spread * radius * np.cos(turn) - spread * spread / 2.0)
        if second > 0:
            swing_2 = radius * np.sin(turn)
    if second > 0:
        third = whole[p.THIRD, i]
        out.payer_2[month, i] = second
        out.payers[month, i] = 1 if third == 0 else 2
        out.payer_3[month, i] = third
        if job == _PLATFORM:
            # The month's payouts come by two or three apps, in shares that change.
            part = 0.36 + 0.05 * swing_2 if third == 0 else 0.28 + 0.04 * swing_2
            part = min(max(part, 0.05), 0.45)
            out.pay_2[month, i] = rounded(usual * part)
            if third > 0:
                out.pay_3[month, i] = rounded(usual * part * 0.6)
                usual *= 1.0 - part * 1.6
            else:
                usual *= 1.0 - part
        else:
            spread = rates.swing[_PLATFORM] if second < 100 else rates.swing[_EMPLOYEE]
            out.pay_2[month, i] = rounded(real[p.PAY_2, i] * rates.index[month] * np.exp(spread * swing_2))
            hours += 6 if second < 100 else 9
            if third > 0:
                spread = rates.swing[_PLATFORM] if third < 100 else rates.swing[_EMPLOYEE]
                out.pay_3[month, i] = rounded(real[p.PAY_3, i] * rates.index[month] * np.exp(-spread * swing_2))
                hours += 6 if third < 100 else 9
    out.pay[month, i] = rounded(usual)
    out.employer[month, i] = whole[p.EMPLOYER, i]
    out.hours[month, i] = min(hours, 90)
    out.scar[month, i] = min(scar, 99)


@njit(cache=True, nogil=True)
def live(seed: Any, months: Any, whole: Any, real: Any, kids: Any, rates: Any, out: Any) -> None:
    """Draws all months of a village into `out`, columns that are all nought (but partner and youngest, which are −1)."""
    many = whole.shape[1]
    for month in range(months):
        for i in range(many):
            if whole[p.DEATH, i] == month - 1 and whole[p.PRESENT, i] == 1:
                leave_behind(i, whole, kids)
            if whole[p.ENTERS, i] == month:
                come_in(seed, i, month, whole, real, rates)
            if whole[p.PRESENT, i] == 1 and happen(seed, i, month, whole, real, kids, rates):
                out.born_now[month, i] = 1
        if month % 12 == 0 and month > 0:
            pair(seed, month, whole, rates)
        for i in range(many):
            if whole[p.PRESENT, i] == 0:
                continue
            a0, a1, w2, w3 = words(seed, whole[p.PERSON, i], month, p.MONTH)
            if whole[p.ENTERS, i] != month:
                out.leaving[month, i] = work(seed, i, month, np.int64(a0), np.int64(a1), whole, real, rates)
            job = whole[p.JOB, i]
            if job > 0:
                write_pay(i, month, w2, w3, whole, real, rates, out)
            else:
                out.scar[month, i] = whole[p.DEEP, i]
            out.status[month, i] = _STATUS[whole[p.PLACE, i]]
            out.job[month, i] = job
            out.occupation[month, i] = whole[p.OCCUPATION, i]
            out.industry[month, i] = whole[p.INDUSTRY, i]
            out.qualification[month, i] = whole[p.QUALIFICATION, i]
            out.with_parents[month, i] = whole[p.PARENTS, i]
            other = whole[p.PARTNER, i]
            out.partner[month, i] = other
            children = whole[p.KIDS, i]
            youngest = month - kids[children - 1, i] if children > 0 else -1
            if other >= 0 and whole[p.KIDS, other] > 0:
                theirs = month - kids[whole[p.KIDS, other] - 1, other]
                youngest = theirs if youngest < 0 else min(youngest, theirs)
                children += whole[p.KIDS, other]
            out.children[month, i] = children
            out.youngest[month, i] = youngest
            if whole[p.DEATH, i] == month:
                out.died[month, i] = 1


@njit(cache=True, nogil=True)
def least(seed: Any, months: Any, whole: Any) -> float:
    """The same words, logarithms and exponentials alone: three people in four work. A sum, so that nothing is left out."""
    total = 0.0
    for month in range(months):
        for i in range(whole.shape[1]):
            a0, a1, w2, w3 = words(seed, whole[p.PERSON, i], month, p.MONTH)
            if i & 3:
                radius = np.sqrt(-2.0 * np.log(share(w2)))
                total += np.exp(0.16 * radius * np.cos(2.0 * np.pi * share(w3)))
            total += np.float64(a0 ^ a1)
    return total

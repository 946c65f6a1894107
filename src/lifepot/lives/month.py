"""The months of a village, compiled: who does what for work, what it pays, and what is written down."""

from typing import Any

import numpy as np

from lifepot.chance import share, words
from lifepot.compiling import uncounted
from lifepot.lives import places as p
from lifepot.lives.columns import PLATFORMS_BELOW
from lifepot.lives.events import happen, pair
from lifepot.lives.jobs import begin_beside, end_job, hire, level_of, stop_beside, wage_class

_STATUS = np.array([2, 2, 2, 3, 3, 3, 4, 5, 1, 1, 1], dtype=np.uint8)
"""`Status` by place."""
_ANOTHER_JOB, _REDUNDANT, _AUTOMATED, _RESIGNED, _RETIRED, _ENDED = 1, 2, 3, 4, 5, 6
_EMPLOYEE, _ZERO_HOURS, _PLATFORM, _SELF_EMPLOYED = 1, 2, 3, 4
_WEEK = 37.5


@uncounted()
def why(seed: Any, person: Any, i: Any, month: Any, exit_: Any, whole: Any, hiring: Any) -> Any:
    """The reason that an employee's job ended for."""
    word = np.int64(words(seed, person[i], month, p.LOSING)[0])
    if exit_ == p.TO_RETIRED:
        return _RETIRED
    casual = _ZERO_HOURS <= whole[i, p.JOB] <= _PLATFORM
    if exit_ == p.TO_UNEMPLOYED:
        if casual:
            return _ENDED
        if whole[i, p.JOB] == _EMPLOYEE and word < hiring.odds[p.OF_LOSSES]:
            return _REDUNDANT
        return _ENDED if word < hiring.odds[p.ENDED_TOO] else _RESIGNED
    if exit_ == p.TO_INACTIVE:
        return _REDUNDANT if whole[i, p.JOB] == _EMPLOYEE and word < hiring.odds[p.OF_GIVING_UP] else _RESIGNED
    return _REDUNDANT if whole[i, p.JOB] == _EMPLOYEE and word < hiring.odds[p.OF_MOVES] else _ANOTHER_JOB


@uncounted()
def move_on(seed: Any, person: Any, i: Any, month: Any, exit_: Any, whole: Any, real: Any, hiring: Any) -> Any:
    """Takes somebody out of their place by an exit. The reason of leaving a job, or nought."""
    place = whole[i, p.PLACE]
    had = whole[i, p.JOB] > 0
    reason = 0
    if had:
        reason = why(seed, person, i, month, exit_, whole, hiring)
    if exit_ <= p.OWN:
        hire(seed, person, i, month, exit_, np.int64(had), whole, real, hiring)
        return reason
    if had:
        end_job(i, whole)
    if place >= p.STUDY:
        whole[i, p.PLACE] = p.STUDY_LOOK if exit_ == p.TO_UNEMPLOYED else p.STUDY
    elif exit_ == p.TO_UNEMPLOYED:
        whole[i, p.PLACE] = p.FRESH
        whole[i, p.SPELL] = 0
        if had:
            whole[i, p.LOST] = 1
    elif exit_ == p.TO_RETIRED or month >= whole[i, p.PENSION]:
        whole[i, p.PLACE] = p.RETIRED
    else:
        whole[i, p.PLACE] = p.INACTIVE
    return reason


@uncounted()
def finish_study(seed: Any, person: Any, i: Any, month: Any, whole: Any, real: Any, hiring: Any) -> Any:
    """Studies end: a job, looking for one, or neither. The reason of leaving a job beside them, or nought."""
    word, other, _, _ = words(seed, person[i], month, p.LEAVING_STUDY)
    whole[i, p.QUALIFICATION] = max(whole[i, p.AIM], whole[i, p.QUALIFICATION])
    if whole[i, p.REACHED] == 1:
        real[i, p.LOG] += hiring.moving[2]
        level_of(i, whole, real, hiring.top)
    had = whole[i, p.JOB] > 0
    whole[i, p.PLACE] = p.INACTIVE
    whole[i, p.SPELL] = 0
    if np.int64(word) < hiring.odds[p.AFTER_JOB]:
        exit_ = p.ZERO if np.int64(other) < 0x14000000 else p.REGULAR
        hire(seed, person, i, month, exit_, np.int64(0), whole, real, hiring)
        return _ANOTHER_JOB if had else 0
    if had:
        end_job(i, whole)
    if np.int64(word) < hiring.odds[p.AFTER_LOOK]:
        whole[i, p.PLACE] = p.FRESH
    return _RESIGNED if had else 0


@uncounted()
def change(
    seed: Any, person: Any, i: Any, month: Any, w0: Any, displaced: Any, row: Any, whole: Any, real: Any, hiring: Any
) -> Any:
    """A month in which somebody's work changes, as `live` has seen. The reason of leaving a job, or nought."""
    place = whole[i, p.PLACE]
    if place >= p.STUDY and month >= whole[i, p.STUDY_ENDS]:
        return finish_study(seed, person, i, month, whole, real, hiring)
    if month == whole[i, p.PENSION] and place != p.RETIRED:
        word = np.int64(words(seed, person[i], month, p.PENSION_DAY)[0])
        if place > p.OWN or word < hiring.odds[p.PENSION_ODDS]:
            return move_on(seed, person, i, month, p.TO_RETIRED, whole, real, hiring)
    if displaced:
        end_job(i, whole)
        whole[i, p.PLACE] = p.FRESH
        whole[i, p.LOST] = 2
        return _AUTOMATED
    if w0 < row[p.EXITS - 1]:
        exit_ = 0
        while w0 >= row[exit_]:
            exit_ += 1
        return move_on(seed, person, i, month, exit_, whole, real, hiring)
    return 0


@uncounted()
def wait(i: Any, whole: Any) -> None:
    """One more month without work."""
    whole[i, p.SPELL] += 1
    if whole[i, p.PLACE] == p.FRESH and whole[i, p.SPELL] >= 3:
        whole[i, p.PLACE] = p.WAITING
    elif whole[i, p.PLACE] == p.WAITING and whole[i, p.SPELL] >= 12:
        whole[i, p.PLACE] = p.LONG


@uncounted()
def beside(
    seed: Any, person: Any, i: Any, month: Any, word: Any, whole: Any, real: Any, starts: Any, ends: Any
) -> None:
    """Begins or ends a second job or an app beside the job, if the word says so."""
    if whole[i, p.SECOND] > 0:
        if word < ends[1 if whole[i, p.SECOND] < PLATFORMS_BELOW else 0]:
            stop_beside(i, whole, real)
            return
        word = 0xFFFF - word  # the other end of the word, for what may begin
    age = whole[i, p.AGE]
    if word < starts[age, 1] and whole[i, p.THIRD] == 0:
        begin_beside(seed, person, i, month, 1 if word >= starts[age, 0] else 0, whole, real)


@uncounted()
def rounded(amount: Any) -> Any:
    """Whole pence."""
    return np.int32(min(amount + 0.5, 2.0e9))


@uncounted()
def usual_pay(i: Any, month: Any, whole: Any, real: Any, index: Any, floor: Any, penalty: Any) -> Any:
    """What the main job pays in a usual month, pence, penalties taken off and the minimum wage seen to."""
    usual = real[i, p.LEVEL] * index
    if whole[i, p.FADING] > 0:
        usual *= 1.0 - penalty[0] * whole[i, p.FADING] / (penalty[2] * 100.0)
    if whole[i, p.PLACE] == p.STUDY_JOB:
        usual *= whole[i, p.HOURS] / _WEEK
    if whole[i, p.JOB] <= _ZERO_HOURS:
        usual = max(usual, whole[i, p.HOURS] * floor[wage_class(i, whole), month])
    return usual


@uncounted()
def write_beside(
    i: Any, month: Any, usual: Any, normal: Any, whole: Any, real: Any, index: Any, swing: Any, out: Any
) -> Any:
    """What comes from payers beside the main one. What is left for the main one."""
    second, third = whole[i, p.SECOND], whole[i, p.THIRD]
    out.payer_2[month, i] = second
    out.payer_3[month, i] = third
    out.payers[month, i] = 1 if third == 0 else 2
    if whole[i, p.JOB] == _PLATFORM:
        # The month's payouts come by two or three apps, in shares that change.
        part = min(max((0.36 if third == 0 else 0.28) + 0.05 * normal, 0.05), 0.45)
        out.pay_2[month, i] = rounded(usual * part)
        if third == 0:
            return usual * (1.0 - part)
        out.pay_3[month, i] = rounded(usual * part * 0.6)
        return usual * (1.0 - part * 1.6)
    hours = 0
    for turn in range(2):
        payer = second if turn == 0 else third
        if payer > 0:
            app = payer < PLATFORMS_BELOW
            spread = (swing[_PLATFORM] if app else swing[_EMPLOYEE]) * (1.0 if turn == 0 else -1.0)
            pay = rounded(real[i, p.PAY_2 + turn] * index * np.exp(spread * normal))
            if turn == 0:
                out.pay_2[month, i] = pay
            else:
                out.pay_3[month, i] = pay
            hours += 6 if app else 9
    out.hours[month, i] += hours
    return usual


@uncounted()
def ask(seed: Any, person: Any, month: Any, drawn: Any) -> None:
    """Everybody's four words of a month, apart from what is done with them: without a branch they come much faster."""
    for i in range(len(person)):
        w0, w1, w2, w3 = words(seed, person[i], month, p.MONTH)
        drawn[0, i] = np.uint32(w0)
        drawn[1, i] = np.uint32(w1)
        drawn[2, i] = np.uint32(w2)
        drawn[3, i] = np.uint32(w3)


@uncounted()
def live(  # noqa: PLR0915 - one loop: what is monthly is not called
    seed: Any, person: Any, months: Any, whole: Any, real: Any, kids: Any, rates: Any, drawn: Any, out: Any
) -> None:
    """Draws all months of a village into `out`, whose columns are all nought.

    What happens every month stands here, on a few arrays; what seldom happens is called, with all of them.
    """
    flows, automated, starts, ends = rates.flows, rates.automated, rates.second, rates.second_ends
    hiring, swing, slow = rates.hiring, rates.swing, rates.slow
    wages, floor, penalty = hiring.wages, hiring.floor, hiring.penalty
    yearly = rates.yearly
    for month in range(months):
        for i in range(len(whole)):
            if whole[i, p.NEXT] == month and happen(seed, person, i, month, whole, real, kids, yearly):
                out.born_now[month, i] = 1
        if month % 12 == 0 and month > 0:
            pair(seed, person, month, whole, rates.meeting, rates.gap)
        ask(seed, person, month, drawn)
        now = wages[month]
        status, jobs, occupation = out.status[month], out.job[month], out.occupation[month]
        industry, qualification, employer = out.industry[month], out.qualification[month], out.employer[month]
        pays, hours, scar = out.pay[month], out.hours[month], out.scar[month]
        partner, children, youngest = out.partner[month], out.children[month], out.youngest[month]
        parents, looking = out.with_parents[month], out.looking[month]
        for i in range(len(whole)):
            if whole[i, p.PRESENT] == 0:
                continue
            if whole[i, p.ENTERS] != month:
                w0, w1 = np.int64(drawn[0, i]), np.int64(drawn[1, i])
                place = whole[i, p.PLACE]
                if whole[i, p.LOST] == 2 and place > p.OWN:
                    w0 = np.int64(w0 / slow)
                churns, age = whole[i, p.CHURNS], whole[i, p.SHIFTED]
                displaced = place <= p.OWN and (w1 >> 16) < automated[whole[i, p.OCCUPATION]]
                if (
                    w0 < flows[churns, age, place, p.EXITS - 1]
                    or displaced
                    or month == whole[i, p.PENSION]
                    or (place >= p.STUDY and month >= whole[i, p.STUDY_ENDS])
                ):
                    row = flows[churns, age, place]
                    out.leaving[month, i] = change(seed, person, i, month, w0, displaced, row, whole, real, hiring)
                elif p.FRESH <= place <= p.INACTIVE:
                    wait(i, whole)
                elif place <= p.OWN and whole[i, p.JOB] != _PLATFORM:
                    beside(seed, person, i, month, w1 & 0xFFFF, whole, real, starts, ends)
            job = whole[i, p.JOB]
            lost = whole[i, p.DEEP]
            if job > 0:
                usual = usual_pay(i, month, whole, real, now, floor, penalty)
                hours[i] = whole[i, p.HOURS]
                spread = swing[job] if job != _EMPLOYEE or whole[i, p.SWINGS] == 1 else 0.0
                beside_it = whole[i, p.SECOND] > 0
                if spread > 0.0 or beside_it:
                    # Box and Muller: one logarithm; the second turn only for who needs it.
                    radius = np.sqrt(-2.0 * np.log(share(drawn[2, i])))
                    turn = 2.0 * np.pi * share(drawn[3, i])
                    if spread > 0.0:
                        usual *= np.exp(spread * radius * np.cos(turn) - spread * spread / 2.0)
                    if beside_it:
                        usual = write_beside(i, month, usual, radius * np.sin(turn), whole, real, now, swing, out)
                pays[i] = rounded(usual)
                employer[i] = whole[i, p.EMPLOYER]
                fading = whole[i, p.FADING]
                if fading > 0:
                    lost += (penalty[0] * fading + penalty[2] // 2) // penalty[2]
                    whole[i, p.FADING] = fading - 1
            scar[i] = min(lost, 99)
            status[i] = _STATUS[whole[i, p.PLACE]]
            looking[i] = whole[i, p.PLACE] == p.STUDY_LOOK
            jobs[i] = job
            occupation[i] = whole[i, p.OCCUPATION]
            industry[i] = whole[i, p.INDUSTRY]
            qualification[i] = whole[i, p.QUALIFICATION]
            parents[i] = whole[i, p.PARENTS]
            other = whole[i, p.PARTNER]
            partner[i] = other
            many = whole[i, p.KIDS]
            age = month - kids[i, many - 1] if many > 0 else -1
            if other >= 0 and whole[other, p.KIDS] > 0:
                theirs = month - kids[other, whole[other, p.KIDS] - 1]
                age = theirs if age < 0 else min(age, theirs)
                many += whole[other, p.KIDS]
            children[i] = many
            youngest[i] = age
            if whole[i, p.DEATH] == month:
                out.died[month, i] = 1


@uncounted()
def least(seed: Any, person: Any, months: Any) -> float:
    """The same words, logarithms and exponentials alone: three people in four work. A sum, so that nothing is left out."""
    total = 0.0
    for month in range(months):
        for i in range(len(person)):
            a0, a1, w2, w3 = words(seed, person[i], month, p.MONTH)
            if i & 3:
                radius = np.sqrt(-2.0 * np.log(share(w2)))
                total += np.exp(0.16 * radius * np.cos(2.0 * np.pi * share(w3)))
            total += np.float64(a0 ^ a1)
    return total

"""What each job pays in a month, and what the payroll takes from it for the account."""

from dataclasses import dataclass
from datetime import date

from lifepot.kernel.columns import Frequency
from lifepot.samples.draws import Stream, draw
from lifepot.samples.paydays import OPENS_ON, WEEKS, Period, periods_paid_in
from lifepot.samples.people import DEFAULT_PERCENT
from lifepot.samples.work import Employer, Job

NO_HOURS = "no_hours"
"""Why a row has no money: there was no work that week."""

OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class PayLine:
    """One pay of one job.

    earnings  gross pay, pence
    hours     hundredths of an hour; 0 for a salary
    percent   the worker's rate
    worker    what was taken from the pay, pence
    employer  what the employer adds, pence
    reason    why there is no contribution; "" where there is one
    """

    job: Job
    period: Period
    earnings: int
    hours: int
    percent: int
    worker: int
    employer: int
    reason: str

    @property
    def leaves(self) -> bool:
        """Whether the job ends in this period."""
        return self.job.left is not None and self.period.start <= self.job.left <= self.period.end


def percent_of(pence: int, percent: int, rounding: str) -> int:
    """So many per cent of an amount, rounded to the penny as this payroll does."""
    whole, rest = divmod(pence * percent, 100)
    if rounding == "half_even" and rest == 50:
        return whole + whole % 2
    return whole if rounding == "truncate" else whole + (rest >= 50)


def pay_line(job: Job, period: Period, earnings: int, hours: int) -> PayLine:
    """The line for a pay: the worker at their rate, the employer the same up to its share."""
    percent = job.person.percent_on(period.paid_on)
    worker = percent_of(earnings, percent, job.employer.rounding)
    employer = min(worker, percent_of(earnings, DEFAULT_PERCENT, job.employer.rounding))
    reason = NO_HOURS if earnings == 0 else "" if percent else OPTED_OUT
    return PayLine(job, period, earnings, hours, percent, worker, employer, reason)


def pay_lines(employer: Employer, jobs: list[Job], seed: int, first_month: date, month: date) -> list[PayLine]:
    """Every pay of an employer's jobs in a month, by pay day and then by job."""
    opens = first_month.replace(day=OPENS_ON)
    chance = draw(seed, Stream.PAY, employer.number, month.year * 12 + month.month)
    lines = []
    for period in periods_paid_in(month, employer.frequency, employer.number):
        draws = chance.random((len(jobs), 2)).tolist()
        if period.paid_on < opens:
            continue
        for job, (luck, more) in zip(jobs, draws, strict=True):
            if job.started <= period.end and (job.left is None or job.left >= period.start):
                lines.append(pay_line(job, period, *_earned(job, period, luck, more)))
    return lines


def _earned(job: Job, period: Period, luck: float, more: float) -> tuple[int, int]:
    """Gross pence and hundredths of hours for a period."""
    if job.employer.frequency == Frequency.MONTH:
        length = (period.end - period.start).days + 1
        first, last = max(period.start, job.started), min(period.end, job.left or period.end)
        month = round(job.annual_pence / 12 * ((last - first).days + 1) / length)
        # One in eight does some overtime.
        return month + (round(month * more * 0.08) if luck < 0.125 else 0), 0
    weeks = WEEKS[job.employer.frequency]
    if job.zero_hours:
        # Half of the weeks' hours on average, and in a fifth of the periods none.
        quarters = 0 if luck < 0.2 / weeks else round(job.week_hours * weeks * more * 4)
    else:
        quarters = round(job.week_hours * weeks * 4) + (int(more * 16) - 4 if luck < 0.3 else 0)
    hours = max(0, quarters) * 25
    return (hours * job.hourly_pence + 50) // 100, hours

"""A month told wrongly, and told again as it was."""

from collections.abc import Mapping

from lifepot.intake.layouts import PAPDIS_CSV
from lifepot.samples.draws import Stream, draw
from lifepot.samples.pay import PayLine, pay_line
from lifepot.samples.work import Employer, Job

CHANGED_ROWS = 3


def to_amend(employers: list[Employer], jobs: Mapping[int, list[Job]]) -> Employer:
    """The employer who sends the correction: of those with a PAPDIS file of their own and no FPS, the largest."""
    fit = [e for e in employers if e.layout == PAPDIS_CSV.name and not e.bureau and not e.also_fps]
    return max(fit, key=lambda employer: len(jobs[employer.number]))


def amend(lines: list[PayLine], seed: int) -> tuple[list[PayLine], list[PayLine]]:
    """The month as first told and as corrected: one pay was forgotten, one was never made, some were other sums."""
    order = [int(place) for place in draw(seed, Stream.AMENDMENT).permutation(len(lines))]
    forgotten, never_made, *others = order if len(order) > 1 else [-1, -1, *order]
    told_wrongly = set(others[:CHANGED_ROWS])
    told = [line for place, line in enumerate(lines) if place != forgotten]
    corrected = [
        # A tenth more, and 37 pence, so that the difference is no round sum.
        pay_line(line.job, line.period, line.earnings * 11 // 10 + 37, line.hours) if place in told_wrongly else line
        for place, line in enumerate(lines)
        if place != never_made
    ]
    return told, corrected

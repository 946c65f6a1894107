"""The shape of a chain: what its terms say, whatever the facts."""

from lifepot.rulebook.terms import Amount, LatestStep, RiseStep, Total, TotalStep


def last_total(amount: Amount, before: int) -> tuple[int, str]:
    """The last total (or `latest`) before a step, and its window."""
    for index in range(before - 1, -1, -1):
        match amount.steps[index]:
            case TotalStep(total=Total(over=window)) | TotalStep(total=str(window)) | LatestStep(latest=window):
                return index, window
    raise AssertionError("checked: a total stands before it")


def windows_counted_in(amount: Amount) -> tuple[tuple[str, bool] | None, str | None]:
    """The window of an amount's last total (and whether it is each job's), and that of its `rise_over`."""
    window, rise = None, None
    for step in amount.steps:
        match step:
            case TotalStep(total=Total(over=over, per=per)):
                window = over, per == "job"
            case TotalStep(total=str(over)) | LatestStep(latest=over):
                window = over, False
            case RiseStep(rise_over=over):
                rise = over
            case _:
                pass
    return window, rise


def adds_up(amount: Amount) -> bool:
    """Whether what comes of a row depends on the member's others."""
    return any(isinstance(step, TotalStep | LatestStep) for step in amount.steps)


def needs_all(amount: Amount) -> bool:
    """Whether a chain asks of rows that bring nothing."""
    taken = [
        step.total.taken_out for step in amount.steps if isinstance(step, TotalStep) and isinstance(step.total, Total)
    ]
    return any(one is not None for one in taken)

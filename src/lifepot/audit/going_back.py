"""Money that goes back to who left in time: which notice, in which days, and what of what was given."""

from lifepot.audit.reason import Line, Reason
from lifepot.audit.replay import Gift
from lifepot.audit.teller import Teller
from lifepot.audit.told import Told
from lifepot.audit.words import listing
from lifepot.rulebook.terms import LeavingWindow


def told_back(teller: Teller, gift: Gift, cause: Told) -> Reason:
    """Why a gift goes back. `teller` reads the life as the version did that heard the notice; `cause` had brought it."""
    notice = next(fact for fact in teller.life.facts if fact.ref == gift.notice)
    refund = gift.refund
    assert refund is not None, "money goes back by a refund"
    leaving, window = next(
        (leaving, window)
        for leaving in teller.rulebook.membership.leaving
        for window in leaving.windows
        if any(one is refund for one in window.refunds)
    )
    back = teller.money(-gift.amount_minor)
    had = sum(amount for _, _, amount in gift.parts)
    named = listing(teller.named(ref) for ref in gift.refs if ref != gift.notice)
    left = f"you left on {notice.on.isoformat()} ({leaving.attribute}: the {teller.named(notice.ref)})"
    in_time = _in_time(teller, window, notice)
    lines = [
        Line("back", "", f"the {named} had brought {teller.money(had)}", after=had),
        Line("back", "", f"{left}: {leaving.description}"),
        Line("back", "", f"you left {in_time}"),
    ]
    kept = had + gift.amount_minor
    share = "all"
    if refund.above_rate_on is not None and kept:
        share = f"what is more than the values of {refund.above_rate_on} would have given"
        text = f"only {share} goes back: {teller.money(kept)} of the {teller.money(had)} stays"
        lines.append(Line("back", gift.rule, text, after=kept))
    elif kept:
        share = "what had not gone back before"
        lines.append(Line("back", gift.rule, f"{teller.money(kept)} of it had gone back before", after=kept))
    lines.append(Line("brings", gift.rule, f"{back} goes back, effective on {gift.effective_on.isoformat()}"))
    because = f"{back} goes back, {share} of what the {named} had brought: {left}, {in_time}"
    return Reason(
        gift.rule, teller.rulebook, gift.cause_ref, cause.on, "gives_back", gift.amount_minor, "", because, tuple(lines),
        gift.effective_on, gift.window, (), gift.notice,
    )  # fmt: skip


def _in_time(teller: Teller, window: LeavingWindow, notice: Told) -> str:
    days = teller.membership.days_of(window.within, notice) if window.within else None
    if days is None:
        return "when leaving brings it back at any time"
    return f"between {days[0].isoformat()} and {days[1].isoformat()}, when leaving brings it back"

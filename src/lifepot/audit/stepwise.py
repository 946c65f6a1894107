"""Each step in words: what it did at one fact, what of that mattered, and why nothing was left after it.

A step has one entry here. One that has none is told by its own name, with the figures it ran with.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from lifepot.audit.figures import Exact
from lifepot.audit.steps import rate_of
from lifepot.audit.teller import Ran, Teller
from lifepot.audit.words import decimals, listing, spelled, window_in_words
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, parse_rounding
from lifepot.rulebook.terms import (
    AtLeastStep,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    PartStep,
    RateBy,
    RateStep,
    RiseStep,
    RoundStep,
    TaperStep,
    TiersStep,
    Total,
    TotalStep,
    UpTo,
    UpToStep,
)


class Telling(NamedTuple):
    """A step in words.

    `text` is what it did; `short` what of it is worth a word in one line ("" where nothing is). `nothing` is why it left
    nothing of what the fact had brought, and `code` the same for machines. `cut` is how much of that it took away.
    """

    text: str
    short: str
    nothing: str
    code: str
    cut: Exact = 0


def tell(ran: Ran, teller: Teller) -> Telling:
    """One step at one fact."""
    if ran.gap is not None:
        return _gap(ran)
    return _TELLINGS.get(type(ran.step), _by_its_name)(ran.step, ran, teller)


def _gap(ran: Ran) -> Telling:
    assert ran.gap is not None
    text = f"{ran.gap.name} has no figure in force on {ran.gap.day.isoformat()}"
    if ran.gap.code == "frequency_missing":
        text = f"{ran.gap.name} goes by how often a job pays, and nothing says that of this pay"
    return Telling(text, "", text, "value_gap")


def _total(step: TotalStep, ran: Ran, teller: Teller) -> Telling:
    total = step.total
    name = total.over if isinstance(total, Total) else total
    window = window_in_words(name, teller.span(name, ran.at))
    if isinstance(total, Total) and total.per == "job":
        window += ", this job alone"
    text = f"total of {window}: {teller.money(ran.became)} before this, {teller.money(ran.after)} with it"
    nothing = f"the total of {window} is {teller.money(ran.after)}, and never falls below nothing"
    return Telling(text, "", nothing, "below_nothing")


def _part(_step: PartStep, ran: Ran, teller: Teller) -> Telling:
    return Telling(f"the part that this added: {teller.money(ran.after)}", "", "", "part")


def _up_to(step: UpToStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return Telling("up to a cap: there is nothing to cap", "", "", "cap_used_up")
    cap = teller.clause(ran.used[-1])
    over, cut = ran.before - ran.after, ran.came - ran.went
    text = f"only up to {cap} counts: {teller.money(over)} of {teller.money(ran.before)} is above it"
    if not over:
        text = f"up to {cap}: all of {teller.money(ran.before)} is within it"
    elif isinstance(step.up_to, UpTo) and step.up_to.beyond == "refused" and cut > 0:
        text += f", and {teller.money(cut)} of this is refused"
    nothing = f"at most {cap} counts"
    if ran.running and ran.came > 0:
        since = teller.reached_with(ran)
        reached = f", and had reached it with the {teller.called(since)}" if since is not None else ""
        stood = f"the total of {teller.window(ran)} stood at {teller.money(ran.was)} before this{reached}"
        nothing = f"the cap of {cap} was used up already: {stood}"
    elif ran.running:
        fell = f"falls from {teller.money(ran.was)} to {teller.money(ran.before)}"
        nothing = f"the total of {teller.window(ran)} {fell}, and only what is below {cap} counts"
    short = f"up to {cap}, {teller.money(cut)} of it above that" if cut > 0 else ""
    if not over and not ran.running and ran.used[-1].name and ran.used[-1].since is None:
        short = f"within {cap}"
    return Telling(text, short, nothing, "cap_used_up" if ran.running else "cap_is_nothing", max(cut, 0))


def _less(_step: LessStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return Telling("less an amount: there is nothing to take it from", "", "", "below_limit")
    off = teller.clause(ran.used[-1])
    whole = (
        f"the total of {teller.window(ran)}, {teller.money(ran.before)}," if ran.running else teller.money(ran.before)
    )
    return Telling(
        f"less {off}: {teller.money(ran.before)} becomes {teller.money(ran.after)}",
        f"less {off}",
        f"{whole} is not above {off}, and only what is above it counts",
        "below_limit",
        ran.came - ran.went,
    )


def _at_least(_step: AtLeastStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return Telling("at least an amount: there is nothing to raise", "", "", "floor")
    floor = teller.clause(ran.used[-1])
    raised = ran.after > ran.before
    text = f"at least {floor}: " + (
        f"{teller.money(ran.before)} is raised to it" if raised else f"{teller.money(ran.before)} is not below it"
    )
    nothing = f"{floor} is given at least and was given already, and {teller.money(ran.before)} is not above it"
    return Telling(text, f"raised to {floor}" if raised else "", nothing, "floor", min(0, ran.came - ran.went))


def _rate(step: RateStep, ran: Ran, teller: Teller) -> Telling:
    rate = _rate_in_words(step, ran, teller)
    text = f"{rate} of {teller.money(ran.before)}: {teller.money(ran.after)}"
    short = f"{rate} of {teller.money(ran.came)}"
    if ran.came < 0:
        short = f"{rate} of the {teller.money(-ran.came)} that goes out of it"
        text = f"{short}: {teller.money(-ran.went)} less, {teller.money(ran.after)} in all"
    elif ran.running:
        text = f"{rate} of the {teller.money(ran.came)} that counts of this: {teller.money(ran.went)} more, {teller.money(ran.after)} in all"
    return Telling(text, short, f"the rate is {rate}", "rate_is_nothing")


def _rate_in_words(step: RateStep, ran: Ran, teller: Teller) -> str:
    if ran.used:
        return teller.clause(ran.used[-1])
    fact = teller.life.facts[ran.at]
    if isinstance(step.rate, RateBy):
        percent = decimals(Fraction(rate_of(teller.life, step, fact)) * 100)
        said = [one for one in teller.life.statuses(step.rate.attribute, fact.payer) if one.on <= fact.on]
        by = f", by the {teller.named(said[-1].ref)}" if said else ""
        return f"{percent}% ({step.rate.attribute}, as it was chosen{by})"
    return "the rate"


def _tiers(_step: TiersStep, ran: Ran, teller: Teller) -> Telling:
    used = listing(teller.clause(one) for one in ran.used)
    text = f"by tiers ({used}): {teller.money(ran.before)} gives {teller.money(ran.after)}"
    nothing = (
        f"its slice of the tiers ({used}) gives nothing: {teller.money(ran.before)} gives {teller.money(ran.after)}"
    )
    return Telling(text, f"by tiers ({used})", nothing, "tier_is_nothing")


def _taper(_step: TaperStep, ran: Ran, teller: Teller) -> Telling:
    if len(ran.used) < 3:
        return Telling("a taper: there is nothing to taper", "", "", "taper")
    on, first, last = ran.used[:3]
    over, begins, ends = teller.clause(on), teller.clause(first), teller.clause(last)
    left = Fraction(ran.after) / Fraction(ran.before) if ran.before else Fraction(0)
    if on.figure <= first.figure:
        return Telling(f"no taper: {over} is not above {begins}", "", "the taper takes nothing", "taper")
    if on.figure >= last.figure:
        text = f"the taper leaves nothing: {over} is not below {ends}"
        return Telling(text, text, text, "taper", ran.came - ran.went)
    share = f"{decimals(left * 100)}%"
    between = f"{over} lies between {begins} and {ends}"
    text = f"tapered: {between}, so {share} of {teller.money(ran.before)} is left: {teller.money(ran.after)}"
    same = f"tapered to {teller.money(ran.after)}, no more than before this: {between}"
    return Telling(text, f"tapered to {share}, for {between}", same, "taper", ran.came - ran.went)


def _round(step: RoundStep, ran: Ran, teller: Teller) -> Telling:
    how, unit = parse_rounding(step.round)
    words = f"rounded {spelled(how)} to the {step.round.partition(' ')[2]}"
    before, after = teller.money(ran.before), teller.money(ran.after)
    text = f"{before} {words}: {after}" if ran.before != ran.after else f"{words}: {after} is whole"
    nothing = f"{before} {words} is {after}"
    if ran.became:
        nothing += f", as was the {teller.money(ran.was)} that stood before this"
    short = words if unit == MINOR_PER_MAJOR and ran.before != ran.after else ""
    return Telling(text, short, nothing, "rounded_away", ran.came - ran.went)


def _highest(step: HighestStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.highest, teller.span(step.highest, ran.at))
    text = f"the highest it has been in {window}: {teller.money(ran.became)} before this, {teller.money(ran.after)} with it"
    nothing = (
        f"the highest it has been in {window}, {teller.money(ran.became)}, is not exceeded: "
        f"it stands at {teller.money(ran.before)} with this"
    )
    return Telling(text, "the highest it has been", nothing, "not_highest")


def _rise(step: RiseStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.rise_over, teller.span(step.rise_over, ran.at))
    start = teller.money(ran.before - ran.after)
    text = f"its rise since {window} began, when it stood at {start}: {teller.money(ran.after)}"
    return Telling(text, "", f"it has not risen since {window} began, when it stood at {start}", "no_rise")


def _latest(step: LatestStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.latest, teller.span(step.latest, ran.at))
    before = f", in place of {teller.money(ran.became)}" if ran.became else ""
    text = f"the last said for {window}: {teller.money(ran.after)}{before}"
    return Telling(text, "", f"{teller.money(ran.after)} had been said for {window} already", "said_already")


def _give(_step: GiveStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return Telling(
            "a fixed amount: there is nothing to give it for", "", "there is nothing to give it for", "no_cause"
        )
    gift = teller.clause(ran.used[-1])
    nothing = "there is nothing to give it for"
    if ran.after:
        since = teller.reached_with(ran)
        once = f", with the {teller.called(since)}" if since is not None else ""
        nothing = f"{gift} had been given for {teller.window(ran)} already{once}"
    return Telling(f"gives {gift}, once", gift, nothing, "given_already" if ran.after else "no_cause")


def _earlier(step: EarlierStep, ran: Ran, teller: Teller) -> Telling:
    when = f"{step.earlier.by} {spelled(step.earlier.window)}s before"
    text = f"what it had come to {when}: {teller.money(ran.after)}"
    return Telling(text, "", f"what it had come to {when}, {teller.money(ran.after)}, stays as it was", "earlier")


def _by_its_name(step: Any, ran: Ran, teller: Teller) -> Telling:
    """A step that has no entry of its own."""
    name = next(iter(type(step).model_fields)) if step is not None else "beginning"
    used = listing(teller.clause(one) for one in ran.used)
    said = spelled(name) + (f", {used}" if used else "")
    moved = f"{teller.money(ran.before)} becomes {teller.money(ran.after)}"
    return Telling(f"{said}: {moved}", said, f"nothing is left of it by the step {said}: {moved}", name)


_TELLINGS: dict[type, Callable[[Any, Ran, Teller], Telling]] = {
    TotalStep: _total, PartStep: _part, UpToStep: _up_to, LessStep: _less, AtLeastStep: _at_least, RateStep: _rate,
    TiersStep: _tiers, TaperStep: _taper, RoundStep: _round, HighestStep: _highest, RiseStep: _rise,
    LatestStep: _latest, GiveStep: _give, EarlierStep: _earlier,
}  # fmt: skip

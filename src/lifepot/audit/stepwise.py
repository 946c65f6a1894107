"""Each step in words: what it did at one fact, what of that mattered, and why nothing was left after it.

A step has one entry here. One that has none is told by its own name, with the figures it ran with.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from lifepot.audit.figures import Exact
from lifepot.audit.steps import rate_of
from lifepot.audit.teller import Ran, Teller
from lifepot.audit.words import decimals, listing, spelled, window_in_words
from lifepot.rulebook.scalars import MINOR_PER_MAJOR, parse_rounding
from lifepot.rulebook.terms import (
    AtLeastStep,
    AverageStep,
    EarlierStep,
    GiveStep,
    HighestStep,
    LatestStep,
    LessStep,
    PartStep,
    ProRataStep,
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
    WhereStep,
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
    text = f"total of {window}: {teller.figure(ran, ran.became)} before this, {teller.figure(ran, ran.after)} with it"
    cut = ran.came - ran.went
    if not isinstance(total, Total) or total.not_above is None or cut <= 0:
        nothing = f"the total of {window} is {teller.figure(ran, ran.after)}, and never falls below nothing"
        return Telling(text, "", nothing, "below_nothing")
    figure = teller.operand(total.not_above, ran.at)
    top = teller.clause(figure) if figure is not None else "its top"
    lost = "refused" if total.beyond == "refused" else "lost"
    text += f"; it rises no higher than {top}, and {teller.figure(ran, cut)} of this is {lost}"
    since = teller.reached_with(ran)
    reached = f", and had reached it with the {teller.called(since)}" if since is not None else ""
    stood = f"the total of {window} stood at {teller.figure(ran, ran.became)} before this{reached}"
    nothing = f"the total rises no higher than {top}: {stood}"
    return Telling(text, f"no higher than {top}, {teller.figure(ran, cut)} of it {lost}", nothing, "cap_used_up", cut)


def _part(_step: PartStep, ran: Ran, teller: Teller) -> Telling:
    return Telling(f"the part that this added: {teller.figure(ran, ran.after)}", "", "", "part")


def _up_to(step: UpToStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return _not_known("up to", ran, teller)
    cap = teller.clause(ran.used[-1])
    over, cut = ran.before - ran.after, ran.came - ran.went
    text = f"only up to {cap} counts: {teller.figure(ran, over)} of {teller.figure(ran, ran.before)} is above it"
    if not over:
        text = f"up to {cap}: all of {teller.figure(ran, ran.before)} is within it"
    elif isinstance(step.up_to, UpTo) and step.up_to.beyond == "refused" and cut > 0:
        text += f", and {teller.figure(ran, cut)} of this is refused"
    nothing = f"at most {cap} counts"
    if ran.running and ran.came > 0:
        since = teller.reached_with(ran)
        reached = f", and had reached it with the {teller.called(since)}" if since is not None else ""
        stood = f"the total of {teller.window(ran)} stood at {teller.figure(ran, ran.was)} before this{reached}"
        nothing = f"the cap of {cap} was used up already: {stood}"
    elif ran.running:
        fell = f"falls from {teller.figure(ran, ran.was)} to {teller.figure(ran, ran.before)}"
        nothing = f"the total of {teller.window(ran)} {fell}, and only what is below {cap} counts"
    short = f"up to {cap}, {teller.figure(ran, cut)} of it above that" if cut > 0 else ""
    if not over and not ran.running and ran.used[-1].name and ran.used[-1].since is None:
        short = f"within {cap}"
    return Telling(text, short, nothing, "cap_used_up" if ran.running else "cap_is_nothing", max(cut, 0))


def _less(_step: LessStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return _not_known("less", ran, teller)
    off = teller.clause(ran.used[-1])
    whole = (
        f"the total of {teller.window(ran)}, {teller.figure(ran, ran.before)},"
        if ran.running
        else teller.figure(ran, ran.before)
    )
    return Telling(
        f"less {off}: {teller.figure(ran, ran.before)} becomes {teller.figure(ran, ran.after)}",
        f"less {off}",
        f"{whole} is not above {off}, and only what is above it counts",
        "below_limit",
        ran.came - ran.went,
    )


def _at_least(_step: AtLeastStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return _not_known("at least", ran, teller)
    floor = teller.clause(ran.used[-1])
    raised = ran.after > ran.before
    text = f"at least {floor}: " + (
        f"{teller.figure(ran, ran.before)} is raised to it"
        if raised
        else f"{teller.figure(ran, ran.before)} is not below it"
    )
    nothing = f"{floor} is given at least and was given already, and {teller.figure(ran, ran.before)} is not above it"
    return Telling(text, f"raised to {floor}" if raised else "", nothing, "floor", min(0, ran.came - ran.went))


def _rate(step: RateStep, ran: Ran, teller: Teller) -> Telling:
    rate = _rate_in_words(step, ran, teller)
    text = f"{rate} of {teller.figure(ran, ran.before)}: {teller.money(ran.after)}"
    short = f"{rate} of {teller.figure(ran, ran.came)}"
    if ran.came < 0:
        short = f"{rate} of the {teller.figure(ran, -ran.came)} that goes out of it"
        text = f"{short}: {teller.money(-ran.went)} less, {teller.money(ran.after)} in all"
    elif ran.running:
        text = f"{rate} of the {teller.figure(ran, ran.came)} that counts of this: {teller.money(ran.went)} more, {teller.money(ran.after)} in all"
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
    used = _slices(ran, teller)
    text = f"by tiers ({used}): {teller.figure(ran, ran.before)} gives {teller.money(ran.after)}"
    nothing = f"its slice of the tiers ({used}) gives nothing: {teller.figure(ran, ran.before)} gives {teller.money(ran.after)}"
    return Telling(text, f"by tiers ({used})", nothing, "tier_is_nothing")


def _slices(ran: Ran, teller: Teller) -> str:
    """The slices that were reached, each with its end and its rate."""
    slices: list[str] = []
    end = ""
    for figure in ran.used:
        said = teller.clause(figure)
        if figure.unit != "rate":
            end = said
            continue
        beginning = "then " if slices else ""
        slices.append(f"{beginning}{said} up to {end}" if end else f"{beginning}{said}")
        end = ""
    return ", ".join(slices)


def _taper(_step: TaperStep, ran: Ran, teller: Teller) -> Telling:
    if len(ran.used) < 3:
        return _not_known("a taper", ran, teller)
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
    text = f"tapered: {between}, so {share} of {teller.figure(ran, ran.before)} is left: {teller.money(ran.after)}"
    same = f"tapered to {teller.money(ran.after)}, no more than before this: {between}"
    return Telling(text, f"tapered to {share}, for {between}", same, "taper", ran.came - ran.went)


def _round(step: RoundStep, ran: Ran, teller: Teller) -> Telling:
    how, unit = parse_rounding(step.round)
    words = f"rounded {spelled(how)} to the {step.round.partition(' ')[2]}"
    before, after = teller.figure(ran, ran.before), teller.figure(ran, ran.after)
    text = f"{before} {words}: {after}" if ran.before != ran.after else f"{words}: {after} is whole"
    nothing = f"{before} {words} is {after}"
    if ran.became:
        nothing += f", as was the {teller.figure(ran, ran.was)} that stood before this"
    short = words if unit == MINOR_PER_MAJOR and ran.before != ran.after else ""
    return Telling(text, short, nothing, "rounded_away", ran.came - ran.went)


def _highest(step: HighestStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.highest, teller.span(step.highest, ran.at))
    text = f"the highest it has been in {window}: {teller.figure(ran, ran.became)} before this, {teller.figure(ran, ran.after)} with it"
    nothing = (
        f"the highest it has been in {window}, {teller.figure(ran, ran.became)}, is not exceeded: "
        f"it stands at {teller.figure(ran, ran.before)} with this"
    )
    return Telling(text, "the highest it has been", nothing, "not_highest")


def _rise(step: RiseStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.rise_over, teller.span(step.rise_over, ran.at))
    start = teller.figure(ran, ran.before - ran.after)
    text = f"its rise since {window} began, when it stood at {start}: {teller.figure(ran, ran.after)}"
    return Telling(text, "", f"it has not risen since {window} began, when it stood at {start}", "no_rise")


def _latest(step: LatestStep, ran: Ran, teller: Teller) -> Telling:
    window = window_in_words(step.latest, teller.span(step.latest, ran.at))
    before = f", in place of {teller.figure(ran, ran.became)}" if ran.became else ""
    text = f"the last said for {window}: {teller.figure(ran, ran.after)}{before}"
    return Telling(text, "", f"{teller.figure(ran, ran.after)} had been said for {window} already", "said_already")


def _give(_step: GiveStep, ran: Ran, teller: Teller) -> Telling:
    if not ran.used:
        return _not_known("a fixed amount", ran, teller)
    gift = teller.clause(ran.used[-1])
    nothing = f"{gift} is given, and that is nothing"
    if ran.after:
        since = teller.reached_with(ran)
        once = f", with the {teller.called(since)}" if since is not None else ""
        nothing = f"{gift} had been given for {teller.window(ran)} already{once}"
    return Telling(f"gives {gift}, once", gift, nothing, "given_already" if ran.after else "gift_is_nothing")


def _earlier(step: EarlierStep, ran: Ran, teller: Teller) -> Telling:
    when = f"{step.earlier.by} {spelled(step.earlier.window)}s before"
    text = f"what it had come to {when}: {teller.figure(ran, ran.after)}"
    return Telling(text, "", f"what it had come to {when}, {teller.figure(ran, ran.after)}, stays as it was", "earlier")


def _where(step: WhereStep, ran: Ran, teller: Teller) -> Telling:
    found = teller.verdict(step.where, ran.at)
    name = f"{step.where}: " if isinstance(step.where, str) else ""
    kept = teller.figure(ran, ran.after if found.holds else ran.before)
    text = f"{kept} counts{'' if found.holds else ' as nothing'}, for {name}{found.text}"
    nothing = f"{name}{found.text}"
    if found.holds:
        nothing = f"{kept} counts, as {teller.figure(ran, ran.became)} did before this"
    return Telling(text, "", nothing, "condition", ran.came - ran.went)


def _pro_rata(step: ProRataStep, ran: Ran, teller: Teller) -> Telling:
    amount, whole = teller.operand(step.pro_rata.amount, ran.at), teller.operand(step.pro_rata.of, ran.at)
    if amount is None or whole is None:
        return _not_known("a share", ran, teller)
    share = f"{teller.figure(ran, ran.before)} of {teller.clause(whole)}"
    text = f"as much of {teller.clause(amount)} as {share}: {teller.money(ran.after)}"
    nothing = f"{share} is no share of {teller.clause(amount)}"
    if ran.after:
        nothing = f"its share of {teller.clause(amount)} stays {teller.money(ran.after)}"
    return Telling(text, text, nothing, "no_share")


def _average(step: AverageStep, ran: Ran, teller: Teller) -> Telling:
    text = f"its average over the {step.average.months} months before: {teller.figure(ran, ran.after)}"
    return Telling(text, "", f"{text}, as before this", "average")


def _not_known(step: str, ran: Ran, teller: Teller) -> Telling:
    """A step whose figure nobody said: it bounds nothing, and gives nothing."""
    name = next((word for word in _texts(ran.step) if word.startswith("attribute.")), "")
    what = spelled(name.removeprefix("attribute.")) or "its figure"
    return Telling(
        f"{step}: {what} is not known, and {teller.figure(ran, ran.after)} is left",
        "",
        f"{what} is not known",
        "not_known",
    )


def _texts(term: Any) -> Iterator[str]:
    """Every text inside a step."""
    if isinstance(term, str):
        yield term
    elif isinstance(term, list):
        for one in term:
            yield from _texts(one)
    elif term is not None and hasattr(type(term), "model_fields"):
        for name in type(term).model_fields:
            yield from _texts(getattr(term, name))


def _by_its_name(step: Any, ran: Ran, teller: Teller) -> Telling:
    """A step that has no entry of its own."""
    name = next(iter(type(step).model_fields)) if step is not None else "beginning"
    used = listing(teller.clause(one) for one in ran.used)
    said = spelled(name) + (f", {used}" if used else "")
    moved = f"{teller.figure(ran, ran.before)} becomes {teller.figure(ran, ran.after)}"
    return Telling(f"{said}: {moved}", said, f"nothing is left of it by the step {said}: {moved}", name)


_TELLINGS: dict[type, Callable[[Any, Ran, Teller], Telling]] = {
    TotalStep: _total, PartStep: _part, UpToStep: _up_to, LessStep: _less, AtLeastStep: _at_least, RateStep: _rate,
    TiersStep: _tiers, TaperStep: _taper, RoundStep: _round, HighestStep: _highest, RiseStep: _rise,
    LatestStep: _latest, GiveStep: _give, EarlierStep: _earlier, WhereStep: _where, ProRataStep: _pro_rata,
    AverageStep: _average,
}  # fmt: skip

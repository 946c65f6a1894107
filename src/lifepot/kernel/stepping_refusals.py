"""What of a rulebook is not stepped: terms that ask for what comes later, or for days that are no month's own."""

import numpy as np
from numpy.typing import NDArray

from lifepot.kernel.program import Program, tests_in
from lifepot.kernel.stepping_days import refused
from lifepot.periods import month_index, month_start, parse_day
from lifepot.rulebook.scalars import parse_yes_no
from lifepot.rulebook.terms import Rule, Rulebook, WhereStep
from lifepot.rulebook.walking import listed

Int = NDArray[np.int64]


def refuse(program: Program, days: Int) -> None:
    """Raises `Misuse` for the first thing that is not stepped."""
    _membership(program)
    for name in program.reached:
        _amount(program, name)
    book = program.rulebook
    begin, end = (int(month_start(month_index(days[:1]))[0]), int(days[-1])) if len(days) else (0, 0)
    for name, rule in book.rules.items():
        if rule.due is not None and rule.due.earlier is not None and parse_day(rule.due.earlier.until) >= begin:
            raise refused(f"rules.{name}", "due: earlier", "its day lies within the months")
    for name, account in book.accounts.items():
        for term in ("moves_on", "expires_on"):
            on = getattr(account, term)
            if on is not None and parse_day(on) <= end:
                raise refused(f"accounts.{name}", term, "its day lies within the months")
    for name, purpose in book.purposes.items():
        _knows_joining(book, purpose.when, f"purposes.{name}")


def _membership(program: Program) -> None:
    terms, book = program.rulebook.membership, program.rulebook
    if terms.pauses:
        raise refused("membership", "pauses", "what rests, and for how long, is not carried")
    if terms.per == "job" and (terms.first_payment_opens or terms.everybody):
        raise refused("membership", "per: job", "a payment of no job opens the first of them, be it still to come")
    for leaving in terms.leaving:
        for window in leaving.windows:
            if any(one.since is not None or one.above_rate_on is not None for one in window.refunds):
                raise refused("membership.leaving", "a refund of a part", "what each row gave is not kept")
            within = window.within
            if leaving.stops == "in_time" and (within is None or within.from_ != ["joining"]):
                raise refused("membership.leaving", "stops: in_time", "it asks whether an account will be opened later")
            for refund in window.refunds:
                for name, rule in book.rules.items():
                    if rule.party == refund.party and not rule.members_only:
                        raise refused(f"rules.{name}", "members_only: false", "its party's money goes back on leaving")


def _amount(program: Program, name: str) -> None:
    book = program.rulebook
    rule = book.rules.get(name)
    term = rule or book.amounts[name]
    clause = f"rules.{name}" if isinstance(term, Rule) else f"amounts.{name}"
    for one in [*listed(term.of), *listed(term.minus)]:
        head, _, tail = one.partition(".")
        if head == "present":
            default = book.attributes[tail].default
            if default is not None and parse_yes_no(default):
                raise refused(clause, one, "the attribute is yes before anything is said")
        if book.membership.per == "job" and head != "pay" and one not in {*book.amounts, *book.rules, "count.pay"}:
            raise refused(clause, one, "each job is a membership of its own, and it is none of its pays")
    if book.membership.per == "job":
        conditions = [term.when, *(step.where for step in term.steps if isinstance(step, WhereStep))]
        paid = {test.what for condition in conditions if condition for test in tests_in(book, condition)}
        if paid & {"age_at_first_payment", "months_since_first_payment"}:
            raise refused(clause, "the first payment", "each job is a membership of its own, and it is of none")
    if not term.members_only:
        steps = [step.where for step in term.steps if isinstance(step, WhereStep)]
        for condition in [term.when, *steps]:
            _knows_joining(book, condition, clause)


def _knows_joining(book: Rulebook, condition: object, clause: str) -> None:
    """Before an account is open, when it will be is not known."""
    if condition is None:
        return
    for test in tests_in(book, condition):
        sure = test.unknown == "fails" and test.below is None and test.at_most is None and test.is_ is None
        if test.what == "age_at_joining" or (test.what == "months_since_joining" and not sure):
            raise refused(clause, test.what, "it is asked before the account is open")

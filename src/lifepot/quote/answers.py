"""`lifepot quote`: pots by account, and an answer to each ask, as dictionaries. Keys and texts are for people and
programs alike: money in minor units, days as ISO text, None where a thing does not apply or is not known.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lifepot.entitle import Told, gaps_of, read_told, shut_accounts
from lifepot.errors import Fault, Misuse
from lifepot.kernel.assess import Assessed, assess
from lifepot.kernel.pots import TABLES, Pots, draw_orders, pots_of
from lifepot.kernel.program import Program, compile_program
from lifepot.periods import format_day
from lifepot.quote.amounts import Price, price_of, rate_of, withdrawals
from lifepot.quote.asked import read_asks
from lifepot.quote.openings import Failing, Opening, openings
from lifepot.quote.sayings import rate_in_words
from lifepot.quote.trial import Lives, Trial, Try
from lifepot.rulebook.terms import Purpose, Rulebook

Row = dict[str, object]


def pots(rulebook: Rulebook, people: Path, facts: Path, as_of: int | None) -> tuple[list[Row], list[Fault]]:
    """Each member's pots as of a day (the last fact's, if none is given), and the faults found on the way. Raises
    `LifepotError` for a file that cannot be read at all.
    """
    program = compile_program(rulebook)
    told = read_told(program, people, facts)
    if as_of is None and not len(told.facts):
        raise Misuse(f"{facts} has no fact, so there is no day to look from.", remedy="Give --as-of and a day.")
    day = int(told.facts.on.max()) if as_of is None else as_of
    assessed = assess(program, told.people, told.facts, as_of=day, keep_run=True)
    faults = _faults(program, told, assessed, facts, day)
    found = pots_of(assessed, np.full(len(told.members), day))
    return list(_pots_rows(program, told, assessed, found, day)), faults


def quote(
    rulebook: Rulebook, people: Path, facts: Path, asks: Path, as_of: int | None = None
) -> tuple[list[Row], list[Fault]]:
    """An answer to each ask, in the file's order, and the faults found on the way. Each ask is answered alone, from the
    facts up to its day (and, with `as_of`, up to that day). Raises `LifepotError` for a file that cannot be read at all.
    """
    program = compile_program(rulebook)
    told = read_told(program, people, facts)
    asked, faults, notes = read_asks(program, asks, told.members)
    if as_of is not None:
        told.facts = told.facts.take(told.facts.on <= as_of)
    assessed = assess(program, told.people, told.facts)
    faults = _faults(program, told, assessed, facts, as_of) + faults + notes
    lives = Lives(program, told.people, told.facts)
    answered, amounts = [], []
    for ask, amount in zip(asked, withdrawals(lives, asked), strict=True):
        if amount is None:
            expected = "a charge that leaves something"
            faults.append(Fault(str(asks), ask.line, 6, "nothing_arrives", "as", "a charge of the whole", expected))
        else:
            answered.append(ask)
            amounts.append(amount)
    if not answered:
        return [], faults
    trial = lives.run([Try(ask, amount, ask.on) for ask, amount in zip(answered, amounts, strict=True)])
    opened = openings(lives, trial)
    rows = [_answer(told, trial, one, opened.get(one)) for one in range(len(answered))]
    return rows, faults + _gaps(told, trial, asks)


def _faults(program: Program, told: Told, assessed: Assessed, file: Path, as_of: int | None) -> list[Fault]:
    """Everything that is to be said of people and facts: as `entitle` says it."""
    return (
        told.faults + gaps_of(program, told, assessed, file) + told.notes + shut_accounts(told, assessed, file, as_of)
    )


def _gaps(told: Told, trial: Trial, file: Path) -> list[Fault]:
    """Asks at which the rulebook has no figure."""
    at = {int(row): one for one, row in enumerate(trial.row)}
    found: dict[tuple[str, int], Fault] = {}
    for code, name, rows in trial.assessed.gaps:
        for one in (at[row] for row in rows.tolist() if row in at):
            ask = trial.tries[one].ask
            expected = f"a day on which the rulebook has a figure for {name}"
            where = f"{told.members[ask.member]} on {format_day(ask.on)}"
            found[(name, one)] = Fault(str(file), ask.line, 3, code, "on", where, expected)
    return list(found.values())


def _pots_rows(program: Program, told: Told, assessed: Assessed, found: Pots, day: int) -> Iterator[Row]:
    """Each member's pots, in the people's order."""
    accounts = list(program.rulebook.accounts.items())
    rows, made = assessed.rows, found.withdrawals
    paid: dict[int, list[Row]] = {}
    for place, row in enumerate(made.row.tolist()):
        withdrawal: Row = {
            "ref": told.refs[int(rows.fact[row])],
            "on": format_day(int(rows.on[row])),
            "purpose": _purpose_name(program, int(made.purpose[place])),
            "amount_minor": int(rows.amount[row]),
            "accounts": _paid(program, made.paid[place].tolist(), range(len(accounts))),
            "not_covered_minor": int(made.not_covered[place]),
        }
        paid.setdefault(int(rows.member[row]), []).append(withdrawal)
    not_there = np.zeros(len(told.members), dtype=np.int64)
    np.add.at(not_there, assessed.entitlements.member, found.not_there)
    tables = {name: getattr(found, name).tolist() for name in TABLES}
    for who, member in enumerate(told.members):
        parts = [
            {
                "account": name,
                **{f"{table}_minor": figures[who][part] for table, figures in tables.items()},
                "expires_on": account.expires_on,
                "moves_on": account.moves_on,
                "moves_to": account.moves_to,
            }
            for part, (name, account) in enumerate(accounts)
        ]
        yield {
            "member": member,
            "as_of": format_day(day),
            "left_minor": sum(tables["left"][who]),
            "accounts": parts,
            "withdrawals": paid.get(who, []),
            "not_there_minor": int(not_there[who]),
        }


def _answer(told: Told, trial: Trial, one: int, opening: Opening | None) -> Row:
    """The answer to one ask."""
    program, ask, number = trial.run.program, trial.tries[one].ask, trial.purpose(one)
    price = price_of(trial, one) if ask.way == "price" else None
    terms = program.rulebook.purposes[_purpose_name(program, number) or ""] if number >= 0 else None
    return {
        "ref": ask.ref,
        "member": told.members[ask.member],
        "on": format_day(ask.on),
        "asked": ask.word,
        "as": ask.way,
        "amount_minor": ask.amount,
        "met": number >= 0,
        "purpose": _purpose_name(program, number),
        "pays": terms.pays if terms else None,
        "failed": [_failed(program, failing) for failing in opening.failing] if opening else [],
        "opens_on": format_day(opening.on) if opening and opening.on is not None else None,
        "opens_for": _purpose_name(program, opening.purpose) if opening and opening.purpose is not None else None,
        "opens_because": opening.because if opening else None,
        "withdrawn_minor": trial.tries[one].amount,
        "leaves_minor": trial.leaves(one),
        "arrives_minor": trial.arrives(one),
        "charges": _charges(trial, one),
        "accounts": _accounts(trial, one),
        "not_covered_minor": trial.not_covered(one),
        **_price(price, trial.tries[one].amount),
        "complete_by": _complete_by(trial, one, terms),
        "evidence": terms.evidence if terms else [],
    }


def _failed(program: Program, failing: Failing) -> Row:
    return {
        "purpose": _purpose_name(program, failing.purpose),
        "test": failing.in_words,
        "found": failing.found,
        "needed": failing.needed,
        "one_of": failing.one_of,
        "opens_on": None if failing.opens_on is None else format_day(failing.opens_on),
    }


def _charges(trial: Trial, one: int) -> list[Row]:
    """What rules take because of it, with the rate in force where there is one."""
    rules = list(trial.run.program.rulebook.rules.items())
    rows: list[Row] = []
    for charge in trial.charges[one]:
        name, rule = rules[charge.rule]
        rate = rate_of(trial, one, rule) if rule.direction == "takes_back" else None
        rows.append(
            {
                "rule": name,
                "party": rule.party,
                "amount_minor": charge.amount,
                "rate": None if rate is None else rate_in_words(rate),
                "out_of": "withdrawal" if charge.within else rule.account,
            }
        )
    return rows


def _accounts(trial: Trial, one: int) -> list[Row]:
    """What each part of the pot pays, in the order in which they are drawn on."""
    place = trial.place[one : one + 1]
    made = trial.pots.withdrawals
    order = draw_orders(trial.run, made.row[place], made.purpose[place])[0]
    return _paid(trial.run.program, trial.paid(one), order)


def _paid(program: Program, paid: list[int], order: "range | list[int]") -> list[Row]:
    names = list(program.rulebook.accounts)
    return [{"account": names[part], "amount_minor": paid[part]} for part in dict.fromkeys(order)]


def _price(price: Price | None, withdrawn: int) -> Row:
    """What a price comes to for the member."""
    pays = None if price is None else price.net - withdrawn
    co_payment = None if price is None else price.co_payment
    return {
        "subsidy_minor": None if price is None else price.subsidy,
        "net_price_minor": None if price is None else price.net,
        "member_pays_minor": pays,
        "co_payment_minor": co_payment,
        "shortfall_minor": None if pays is None or co_payment is None else pays - co_payment,
    }


def _complete_by(trial: Trial, one: int, purpose: Purpose | None) -> list[Row]:
    """The last day to complete on, without and with each extension, and when money must be back after a failure then."""
    terms, on = None if purpose is None else purpose.completes, trial.tries[one].on
    if terms is None:
        return []

    def days(text: str) -> int:
        return int(trial.figure(one, text, "number") or 0)

    back = days(terms.returned_within_days)
    ends = [
        on + days(terms.within_days) + nth * days(terms.extension_days) for nth in range(days(terms.extensions) + 1)
    ]
    return [
        {"extensions": nth, "on": format_day(end), "returned_by": format_day(end + back) if back else None}
        for nth, end in enumerate(ends)
    ]


def _purpose_name(program: Program, number: int) -> str | None:
    return list(program.rulebook.purposes)[number] if number >= 0 else None

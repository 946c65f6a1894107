"""What one member's pot can be used for on a day, purpose by purpose, and when the rest opens: asked as `lifepot quote` asks."""

from dataclasses import dataclass, replace

from lifepot.kernel.columns import Facts, People
from lifepot.kernel.program import Program
from lifepot.quote.amounts import withdrawals
from lifepot.quote.asked import Ask
from lifepot.quote.openings import Failing, openings
from lifepot.quote.trial import Lives, Try


@dataclass(frozen=True, slots=True)
class Use:
    """A purpose (`name` is None for money taken out for none of them) on one day; money in minor units.

    `is_open`: whether money may leave for it. `amount`: how much could leave, of what is `here` in each part of the pot.
    `arrives`: what of that comes where it goes, after charges on it; `sent_back` what rules take beside it, by party.
    `opens_on` and `because`: when time alone opens it, and why then. `failing`: the tests in the way.
    """

    name: str | None
    is_open: bool
    amount: int
    arrives: int
    sent_back: dict[str, int]
    opens_on: int | None
    because: str | None
    failing: list[Failing]


def uses_of(program: Program, people: People, facts: Facts, on: int, here: list[int], own: list[int]) -> list[Use]:
    """What one member may take out on a day, for each purpose of the rulebook and for none (unless one of them holds for
    whatever is asked). `here`: what is in each part of the pot (what is owed and not here yet cannot leave), `own` what of it
    is the member's own money, which alone leaves for no purpose unless the rulebook says otherwise.
    """
    numbers = [*range(len(program.rulebook.purposes)), -1]
    names = [*program.rulebook.purposes, ""]
    asks = [
        Ask(names[place], 0, 0, on, names[place], number, sum(here if number >= 0 else own), "leaves", ())
        for place, number in enumerate(numbers)
    ]
    other = program.rulebook.any_other_withdrawal
    if other is not None and other.draws_on == "everyone":
        own = here
    lives = Lives(program, people, facts.take(facts.on <= on))
    if not lives.facts.on.size:
        return []
    # For no purpose all of one's own money may leave, and what is taken back for it is others'.
    wanted = [amount or 0 for amount in withdrawals(lives, asks[:-1])] + [sum(own)]
    # Something must be asked for, that a purpose may hold or not.
    trial = lives.run([Try(ask, max(amount, 1), on) for ask, amount in zip(asks, wanted, strict=True)])
    covered = [
        sum(min(paid, there) for paid, there in zip(trial.paid(one), here, strict=True)) if wanted[one] else 0
        for one in range(len(asks))
    ]
    if any(less < amount for less, amount in zip(covered, wanted, strict=True)):
        wanted = [min(pair) for pair in zip(covered, wanted, strict=True)]
        trial = lives.run(
            [Try(replace(ask, amount=amount), max(amount, 1), on) for ask, amount in zip(asks, wanted, strict=True)]
        )
    opened = openings(lives, trial)
    rules = list(program.rulebook.rules.values())
    found = []
    for one, number in enumerate(numbers):
        back: dict[str, int] = {}
        for charge in trial.charges[one] if wanted[one] else ():
            if not charge.within:
                party = rules[charge.rule].party
                back[party] = back.get(party, 0) + charge.amount
        opening = opened.get(one)
        is_open = trial.purpose(one) == number and number >= 0
        arrives = trial.arrives(one) if wanted[one] else 0
        if number < 0 and (trial.purpose(one) >= 0 or (other is not None and other.draws_on == "nobody")):
            continue
        # What could leave for a purpose that is not open would leave for none.
        may = is_open or number < 0
        mine = [failing for failing in opening.failing if failing.purpose == number] if opening else []
        is_own = opening is not None and opening.purpose == number
        found.append(
            Use(
                names[one] or None, is_open, wanted[one] if may else 0, arrives if may else 0, back if may else {},
                opening.on if opening is not None and is_own else None,
                opening.because if opening is not None and is_own else None, mine,
            )
        )  # fmt: skip
    return found

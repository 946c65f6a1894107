"""Every published target beside the model: fitted and held back, with tolerance, hit or miss, and two naive guesses.

What the model cannot say is said to be not modelled, with why. Nothing here is read by what draws or fits.
"""

from collections.abc import Callable

from lifepot.lab import validate_lives as of_lives
from lifepot.lab import validate_people as of_people
from lifepot.lab import validate_schemes as of_schemes
from lifepot.lab.checked import Checked, misses_first
from lifepot.lab.observed import Observed, Row
from lifepot.published import held_back, reading
from lifepot.published.reading import Table

Fitted = Callable[[Observed, str], list[Row]]
Held = Callable[[Observed, str, Table], list[Row]]

FITTED: dict[str, Fitted] = {
    "pop": of_people.people, "qx": of_lives.deaths, "emp_age": of_people.labour_by_age, "flows_1519": of_lives.flows,
    "flows4_1519": of_lives.flows_of_four, "redund_1519": of_lives.redundancies, "diff_sec": of_lives.other_industry,
    "se_share": of_people.self_employed_share, "hours_bands": of_lives.hours, "zhc_level": of_lives.zero_hours,
    "zhc_age": of_people.zero_hours_ages, "gig": of_lives.gig, "ashe_age": of_people.pay_by_age, "ashe_occ": of_people.by_occupation,
    "ashe_ind": of_people.by_industry, "rti_ind": of_people.employees_by_industry, "was_dec": of_people.wealth_by_tenth,
    "was_age": of_people.wealth_by_age, "frs_sav": of_people.savings_bands, "card_hh": of_people.card_debt,
    "own_p2534": of_people.owning_young, "own_all": of_people.owning(16, 120, "England households", "2022-23"),
    "own_3544": of_people.owning(35, 44, "HRP 35-44", "2017-18"), "own_65": of_people.owning(65, 120, "HRP 65+", "2017-18"),
    "ae_elig": of_people.in_pension, "ae_all": of_people.in_pension_of_all, "sl_entry": of_people.loans_at_entry, "scar": of_lives.scar,
    "lisa_sub": of_schemes.lisa_subscriptions, "hts_open": of_schemes.saving_accounts, "hts_dep": of_schemes.saving_deposits,
}  # fmt: skip

HELD: dict[str, Held] = {
    "v_nlt": of_lives.life_table, "v_emp25": of_people.labour_by_age_later, "v_rtidist": of_lives.pay_of_a_month,
    "v_gini": of_lives.income_gini, "v_sav_ten": of_people.any_savings, "v_pen_tot": of_lives.pensions,
    "v_sl_rep": of_lives.receipts("student_loan_repayments_england", "loan_paid"), "v_it": of_lives.receipts("income_tax", "tax"),
    "v_lisa_bonus": of_schemes.lisa_bonus,
}  # fmt: skip

NOT_MODELLED = {
    "vol": "what counts as a notable change is not published with the figure",
    "auto_risk": "exposure belongs to an occupation's tasks, and is no column of a person",
    "auto_age": "exposure belongs to an occupation's tasks, and is no column of a person",
    "fin_med": "shares, bonds and what is lent stand in `other` wealth, together with business, property and belongings",
    "card_int": "who pays interest on a card is decided month by month, and not counted",
    "ftb_dep_med": "the deposit of a first home is an assumption of buying, not an outcome",
    "ftb_price": "the price of a first home is an assumption of buying, not an outcome",
    "p_e": "home prices are given, not made by the model",
    "ae_optout": "opting out is an assumption, taken from this figure",
    "ae_se": "pensions of the self-employed are not modelled",
    "learn_ft": "learning that leads to no qualification is not modelled",
    "ret_l3": "what a qualification brings is a range, and an assumption of courses",
}
"""Targets that the model says nothing of, and why."""


def validate(seen: Observed) -> list[Checked]:
    """Every row of every target, misses first."""
    rows: list[Checked] = []
    fitted = reading.targets()
    for place, target in enumerate(fitted.words("id")):
        compare = FITTED.get(target)
        found = compare(seen, fitted.words("tolerance")[place]) if compare else [_silent(fitted, place)]
        rows += [_checked(fitted, place, row, held=False) for row in found]
    held = held_back.targets()
    for place, target in enumerate(held.words("id")):
        beside = HELD.get(target)
        table = held_back.table(held.words("file")[place])
        found = beside(seen, held.words("tolerance")[place], table) if beside else [_silent(held, place)]
        rows += [_checked(held, place, row, held=True) for row in found]
    return misses_first(rows)


def _silent(targets: Table, place: int) -> Row:
    target = targets.words("id")[place]
    why = NOT_MODELLED.get(target)
    assert why is not None, f"target {target} is neither compared nor said to be not modelled"
    try:
        published: float | None = float(targets.words("value")[place])
    except ValueError:
        published = None
    return Row("", published, None, unit=targets.words("unit")[place], why=f"not modelled: {why}")


def _checked(targets: Table, place: int, row: Row, *, held: bool) -> Checked:
    def word(column: str) -> str:
        return targets.words(column)[place]

    return Checked(
        word("id"), word("description"), row.row, row.unit or word("unit"), word("period"), word("source"), held, row.published,
        row.model, row.allowed, word("tolerance"), row.why, row.last, row.independent,
    )  # fmt: skip


def counted(rows: list[Checked]) -> dict[str, int]:
    """How many rows are hit, missed and not judged, of those fitted and of those held back."""
    return {
        f"{kind}_{word}": sum(one.held_back is held and one.hit is hit for one in rows)
        for kind, held in (("fitted", False), ("held_back", True))
        for word, hit in (("missed", False), ("hit", True), ("not_judged", None))
    }

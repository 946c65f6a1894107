"""Finding monthly chances that give the published stocks by age and flows a quarter: `python -m lifepot.lives.fitting`.

The published matrices are of quarters and of all ages together. A monthly matrix is not taken as a root of them: roots of
a mixture of ages and of people who stay and who churn mean nothing. Instead monthly chances by age are sought (curves that
are straight between knots, on logarithms) whose chain (`chain`) shows the published quarter when it is looked at as the
survey looks, and the published shares by age when people live through it. By damped least squares, each miss measured in
its tolerance, with a light pull towards smooth curves. What comes out stands in `flows.csv`, with what it gives.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifepot.lives import chain
from lifepot.lives import places as p
from lifepot.lives.flows import BEGIN_ZERO_STUDYING, CHURNERS, FILE, KNOTS, chances, first_guess
from lifepot.population import margins
from lifepot.published.reading import read_table, table

Float = NDArray[np.float64]


FITTED_TO = (
    "labour_status_by_age_uk",
    "labour_flow_matrices_uk",
    "labour_flow_matrices_4state_uk",
    "labour_flows_quarterly_uk",
    "employment_type_uk",
    "labour_stocks_contracts_uk",
    "young_people_education_status_uk",
)
"""The tables whose figures are sought."""


class Miss(NamedTuple):
    """One figure that the fit is held to."""

    name: str
    published: float
    found: float
    tolerance: float


BANDS = ((16, 17), (18, 24), (25, 34), (35, 49), (50, 64), (65, 90))


def misses(knots: Float) -> list[Miss]:
    """Each published figure that the fit is held to, beside what the chances come to."""
    got = chances(knots)
    stock = chain.stock(got.monthly, got.after_study, got.at_pension, CHURNERS, chain.at_sixteen())
    people = chain.weights()
    shares = stock.shares.sum(axis=0)
    by_class = shares @ chain.classes()
    of = chain.places_of_states()
    found: list[Miss] = []

    def share(low: int, high: int, what: Float, over: Float) -> float:
        part = slice(low - p.FIRST_AGE, high - p.FIRST_AGE + 1)
        return float((people * what)[part].sum() / (people * over)[part].sum())

    everybody = np.ones(len(people))
    status = table("labour_status_by_age_uk")
    for low, high in BANDS:
        name = f"{low}-{high}" if high < chain.OLDEST else "65+"
        row = status.where(period="Oct-Dec 2023", age=name)
        level = {key: row.number(f"{key}_k") for key in ("employed", "unemployed", "inactive")}
        for key, what in (
            ("employed", by_class[:, 0] + by_class[:, 1]),
            ("unemployed", by_class[:, 2]),
        ):
            published = level[key] / sum(level.values())
            tolerance = 0.004 if key == "employed" else 0.002
            found.append(Miss(f"{key} at {name}", published, share(low, high, what, everybody), tolerance))
    retired = shares[:, of == p.RETIRED].sum(axis=1)
    found += _before_pension(
        by_class[:, 0] + by_class[:, 1], retired, lambda low, high, what: share(low, high, what, everybody)
    )
    student = table("young_people_education_status_uk")
    for low, high in BANDS[:2]:
        row = student.where(period="Oct-Dec 2023", age=f"{low}-{high}")
        all_students = shares[:, of >= p.STUDY].sum(axis=1)
        for key, place in (("fte_employed", p.STUDY_JOB), ("fte_unemployed", p.STUDY_LOOK)):
            published = row.number(key) / row.number("fte_total")
            of_them = share(low, high, shares[:, of == place].sum(axis=1), all_students)
            found.append(Miss(f"{key} at {low}-{high}", published, of_them, 0.01))
    quarter = stock.quarter
    together = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
    inside = np.einsum("a,ac->c", people[:49], by_class[:49])
    three = together @ (inside[:, None] * quarter) @ together.T
    three /= three.sum(axis=1, keepdims=True)
    matrix = table("labour_flow_matrices_uk").where(period="2015-2019")
    letters = "EUI"
    for start, end, value in zip(
        matrix.words("from"), matrix.words("to"), matrix.numbers("prob_per_quarter"), strict=True
    ):
        at = letters.index(start), letters.index(end)
        found.append(
            Miss(f"{start} to {end} a quarter", value, float(three[at]), 0.04 * value if start != end else 0.01)
        )
    matrix = table("labour_flow_matrices_4state_uk").where(period="2015-2019")
    names = ["employee", "self_employed", "unemployed", "inactive"]
    for start, end, value in zip(
        matrix.words("from"), matrix.words("to"), matrix.numbers("prob_per_quarter"), strict=True
    ):
        if start != end:
            at = names.index(start), names.index(end)
            found.append(Miss(f"{start} to {end} a quarter", value, float(quarter[at]), 0.06 * value))
    working = by_class[:, 0] + by_class[:, 1]
    kinds = table("employment_type_uk").where(period="Oct-Dec 2023")
    found.append(
        Miss("self-employed", kinds.number("self_employed_pct") / 100, share(16, 90, by_class[:, 1], working), 0.002)
    )
    zero = shares[:, 1] + BEGIN_ZERO_STUDYING * shares[:, of == p.STUDY_JOB].sum(axis=1)
    for (low, high), published in zero_hours().items():
        found.append(Miss(f"zero hours at {low}-{high}", published, share(low, high, zero, working), 0.004))
    moves = _moves()
    found.append(Miss("moves from job to job a quarter", moves, stock.moves, 0.02 * moves))
    # Those of 16 to 24 lose work more often than all: by as much as in 2013, the year that is published.
    young = stock.of_young[0, 2]
    relative = 0.033 / 0.0141
    found.append(Miss("young to unemployment over all", relative, float(young / three[0, 1]), 0.15))
    return found


def _moves() -> float:
    """Moves from job to job a quarter, of people at work, 2015 to 2019."""
    flows = table("labour_flows_quarterly_uk")
    years = [n for n, quarter in enumerate(flows.words("quarter")) if int(quarter[-4:]) in range(2015, 2020)]
    return float(np.mean([flows.numbers("job_to_job_pct")[n] for n in years])) / 100


def _before_pension(employed: Float, retired: Float, share: Callable[[int, int, Float], float]) -> list[Miss]:
    """The survey's last band before pension age is wide: within it as the people at the start are (shapes there assumed)."""
    works = margins.works().sum(axis=1)
    at_work = works[:, margins.STUDENT_EMPLOYEE : margins.UNEMPLOYED].sum(axis=1)
    found = []
    for low, high in ((50, 54), (55, 59), (60, 64)):
        part = slice(low - p.FIRST_AGE, high - p.FIRST_AGE + 1)
        for key, start, what in (("employed", at_work, employed), ("retired", works[:, margins.RETIRED], retired)):
            wanted = float(start[part].sum() / works[part].sum())
            found.append(Miss(f"{key} at {low}-{high}", wanted, share(low, high, what), 0.01))
    return found


def zero_hours() -> dict[tuple[int, int], float]:
    """Share of workers on zero hours by age: the level of 2025 in the shape of 2015 and 2016, over workers of 2023."""
    rows = table("labour_stocks_contracts_uk")
    status = table("labour_status_by_age_uk").where(period="Oct-Dec 2023")
    workers = dict(zip(status.words("age"), status.numbers("employed_k"), strict=True))
    total = rows.where(metric="zero_hours_level").number() * 1000
    shares = rows.where(metric="zero_hours_share")
    level = total / (workers["16+"] * shares.where(group="employed").number() / 100)
    young = shares.where(group="16-24").number() / 100 * level
    middle = shares.where(group="35-49").number() / 100 * level
    old = 0.06 * total / workers["65+"]
    rest = total * 0.94 - young * (workers["16-17"] + workers["18-24"]) - middle * workers["35-49"]
    weight = 1.55 * workers["25-34"] + workers["50-64"]
    later = rest / weight
    return {(16, 24): young, (25, 34): 1.55 * later, (35, 49): middle, (50, 64): later, (65, 90): old}


def rough(knots: Float) -> Float:
    """How far the curves are from smooth: differences of neighbours' slopes, lightly weighed."""
    found, at = [], 0
    for where, _ in KNOTS.values():
        part = knots[at : at + len(where)]
        if len(where) > 2:
            found.append(np.diff(part, 2) * 0.5)
        found.append(np.diff(part) * 0.25)
        at += len(where)
    return np.concatenate(found)


def shipped_at_knots() -> Float:
    """The knots of the curves that are shipped, also where others are free now."""
    rows = read_table(FILE)
    found = []
    for name, (where, _) in KNOTS.items():
        curve = rows.where(curve=name)
        found.append(np.interp(where, curve.numbers("age"), np.log(curve.numbers("chance_a_month"))))
    return np.concatenate(found)


def fit(rounds: int = 60, tell: Callable[[str], None] = print) -> Float:
    """The knots, by Levenberg and Marquardt, from those that are shipped."""

    def residuals(knots: Float) -> Float:
        parts = [(miss.found - miss.published) / miss.tolerance for miss in misses(knots)]
        return np.concatenate([parts, rough(knots), 0.1 * (knots - start)])

    start = first_guess()
    knots, damp = shipped_at_knots(), 1.0
    now = residuals(knots)
    for turn in range(rounds):
        step = 1e-4
        jacobian = np.stack([(residuals(knots + step * unit) - now) / step for unit in np.eye(len(knots))], axis=1)
        better = False
        for _ in range(8):
            square = jacobian.T @ jacobian
            move = np.linalg.solve(square + damp * np.diag(np.diag(square) + 1e-3), -jacobian.T @ now)
            tried = knots + np.clip(move, -0.5, 0.5)
            then = residuals(tried)
            if then @ then < now @ now:
                better = bool(then @ then < (now @ now) * 0.9995)
                knots, now, damp = tried, then, max(damp / 3, 1e-6)
                break
            damp *= 4
        tell(f"{turn}: {now @ now:.2f}")
        if not better:
            break
    return knots


def write(knots: Float) -> None:
    """The knots as the file that is shipped, and what they come to as its head."""
    lines = [
        "# title: Monthly chances of moving between work, unemployment, inactivity and retirement by age, where curves are free",
        "# source: fitted to published stocks and flows by lifepot.lives.fitting; run it again after changing it",
        "# read: " + ", ".join(FITTED_TO),
        "# status: DERIVED",
        "# fitted: " + "; ".join(f"{m.name} {m.published:.4f} {m.found:.4f}" for m in misses(knots)),
        "curve,age,chance_a_month",
    ]
    at = 0
    for name, (where, _) in KNOTS.items():
        for age in where:
            lines.append(f"{name},{age},{np.exp(knots[at]):.6g}")
            at += 1
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(fit())

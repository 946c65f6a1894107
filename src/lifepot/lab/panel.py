"""The panel: one row a person-month, as Parquet, a file a village. What each column means stands in docs/costing-a-reform.md."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifepot.budgets import places as at
from lifepot.budgets.live import Lived
from lifepot.errors import LifepotError, Misuse
from lifepot.lab.shards import Stopped, Told
from lifepot.lives.columns import Leaving, Lives
from lifepot.population.columns import OCCUPATIONS, Job, Sex, Status, Tenure, Village
from lifepot.population.months import first_days

ORDER_FILE = "order.json"

MONEY_FLOWS = {
    "tax": (at.TAX,), "ni": (at.NI,), "benefits": (at.CREDIT, at.CHILD_BENEFIT, at.STATE_PENSION), "disposable": (at.OWN_WAY,),
    "loan_paid": (at.LOAN_PAID,), "own": (at.OWN,), "employer": (at.EMPLOYER,), "government": (at.GOVERNMENT,),
    "passed_on": (at.PASSED_ON,), "growth": (at.GROWTH,), "to_loan": (at.TO_LOAN,), "to_course": (at.TO_COURSE,),
    "to_home": (at.TO_HOME,), "to_pension": (at.TO_PENSION,), "to_other": (at.TO_OTHER,),
}  # fmt: skip
"""Columns of money that come and go in a month, and the flows each is the sum of."""

MONEY_STOCKS = {
    "savings": (at.SAVINGS,), "card_debt": (at.CARD,), "pension": (at.PENSION,), "home": (at.HOME,), "mortgage": (at.MORTGAGE,),
    "other_wealth": (at.OTHER,), "loan": (at.LOAN,), "pot": (at.POT,),
}  # fmt: skip
"""Columns of money that stand at a month's end."""

OWED = ("card_debt", "mortgage", "loan")


def panel_of(village: Village, lives: Lives, lived: Lived | None, months: int) -> dict[str, NDArray[Any]]:
    """A village's person-months by columns, those who are there; money in pence. Without `lived` the columns of households'
    money are left out.
    """
    here = lives.status[:months] != Status.ABSENT
    month, row = np.nonzero(here)
    days = first_days(months)

    def of(name: str) -> NDArray[Any]:
        return np.asarray(getattr(lives, name)[:months])[here]

    partner = of("partner").astype(np.int64)
    person = village.person[row]
    mate = np.where(partner >= 0, village.person[np.maximum(partner, 0)], -1)
    words = {name: np.array([one.name.lower() for one in kind]) for name, kind in (("status", Status), ("job", Job), ("sex", Sex), ("leaving", Leaving), ("tenure", Tenure))}  # fmt: skip
    columns: dict[str, NDArray[Any]] = {
        "person": person,
        "household": np.where(mate >= 0, np.minimum(person, mate), person),
        "partner": mate,
        "month": days[month].astype("datetime64[D]"),
        "weight": village.weight[row],
        "age_months": ((days[month] - village.born[row]) * 12 / 365.2425).astype(np.int64),
        "sex": words["sex"][village.sex[row]],
        "status": words["status"][of("status")],
        "job": words["job"][of("job")],
        "occupation": np.array(OCCUPATIONS)[of("occupation")],
        "employer_number": of("employer"),
        "payers": of("payers") + (of("pay") > 0),
        "leaving": words["leaving"][of("leaving")],
        "pay": of("pay").astype(np.int64) + of("pay_2") + of("pay_3"),
        "hours": of("hours"),
        "with_parents": of("with_parents") == 1,
        "children": of("children"),
    }
    if lived is None:
        return columns
    assert lived.flows is not None, "budgets were lived without their months"
    assert lived.stocks is not None, "budgets were lived without their months"
    for name, places in MONEY_FLOWS.items():
        columns[name] = sum(lived.flows[:months, :, place][here] for place in places) + np.zeros(
            len(row), dtype=np.int64
        )
    for name, places in MONEY_STOCKS.items():
        columns[name] = sum(lived.stocks[:months, :, place][here] for place in places) + np.zeros(
            len(row), dtype=np.int64
        )
    columns["wealth"] = sum(
        (-columns[name] if name in OWED else columns[name] for name in MONEY_STOCKS), np.zeros(len(row), dtype=np.int64)
    )
    columns["tenure"] = words["tenure"][lived.stocks[:months, :, at.TENURE][here]]
    columns["has_account"] = lived.stocks[:months, :, at.ACCOUNT][here] > 0
    return columns


def write_panel(
    villages: int,
    panel: Callable[[int], dict[str, NDArray[Any]]],
    out: Path,
    order: dict[str, Any],
    told: Told | None = None,
) -> list[Path]:
    """Writes every village's file that is not there yet. A folder of another order is refused; a run that was stopped, or met a
    full disk, goes on from its finished files.
    """
    import polars as pl  # noqa: PLC0415 - half a second that most commands need not wait for

    files = [out / f"village-{number:06d}.parquet" for number in range(villages)]
    said = json.dumps(order, sort_keys=True, default=str)
    done = 0
    try:
        out.mkdir(parents=True, exist_ok=True)
        before = out / ORDER_FILE
        if before.exists() and before.read_text("utf-8") != said:
            raise Misuse(f"{out} holds the panel of another run.", remedy="Give another directory, or empty this one.")
        before.write_text(said, "utf-8")
        for number, file in enumerate(files):
            if not file.exists():
                unfinished = file.with_name(f"{file.name}.{os.getpid()}.unfinished")
                try:
                    pl.DataFrame(panel(number)).write_parquet(unfinished)
                    unfinished.replace(file)
                finally:
                    unfinished.unlink(missing_ok=True)
            done = number + 1
            if told:
                told(done, villages)
    except OSError as error:
        raise LifepotError(
            f"The panel cannot be written in {out} ({error.strerror or error}); {done} of {villages} villages stand there.",
            remedy="Make room, or give another directory; the same command then goes on.",
        ) from None
    except KeyboardInterrupt:
        raise Stopped(
            f"Stopped with {done} of {villages} villages written in {out}.",
            remedy="The same command goes on from there.",
        ) from None
    return files

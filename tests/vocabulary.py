"""What made-up rulebooks are made of: names, their terms, figures, sources. The first of several is the simplest."""

from typing import Any

Plain = dict[str, Any]

SAID = {"source": "This test."}
MOST_STEPS = 5

TURNING = ("2024-01-31", "2024-04-05", "2024-04-06", "2024-06-15", "2025-01-01", "2025-02-28", "2025-04-06")
"""Days on which something may turn in a made-up rulebook. Lives have facts on them."""

POUNDS = ("100", "250", "50", "33.33", "5", "1000", "0.01")

WINDOWS: dict[str, list[Plain]] = {
    "year": [{"every": "year", "starts": starts} for starts in ("04-06", "01-01", "02-28")],
    "claim": [{"every": "month", "starts": "6"}, {"every": "month", "starts": "28"}, {"every": "month"}],
    "term": [{"months": "3"}, {"months": "3", "times": "2"}, {"months": "12", "times": "2"}, {"months": "1"}],
}

DAYS: dict[str, list[Plain]] = {
    "fixed": [{"on": "2024-06-15"}, {"on": "2025-01-01"}, {"on": "2023-01-01"}],
    "birthday": [{"age": "30"}, {"age": "18"}, {"age": "66y 5m"}],
    "yearly": [{"every": "year", "starts": "12-28"}, {"every": "year", "starts": "04-06"}],
    "monthly": [{"every": "month", "starts": "1"}, {"every": "month", "starts": "15"}],
}

ATTRIBUTES: dict[str, list[Plain]] = {
    **{
        name: [{"kind": "yes_no", "default": "no"}, {"kind": "yes_no"}, {"kind": "yes_no", "default": "yes"}]
        for name in ("flag", "asked", "left", "rested")
    },
    "wage": [{"kind": "money"}, {"kind": "money", "default": "100.00"}],
    "price": [{"kind": "money", "otherwise": {"amount": "wage", "over_percent": "percent"}}],
    "tally": [{"kind": "number"}, {"kind": "number", "default": "3"}],
    "percent": [{"kind": "percent"}, {"kind": "percent", "default": "25"}],
    "since": [{"kind": "day"}, {"kind": "day", "default": "2024-06-15"}],
    "colour": [{"kind": "choice", "choices": ["red", "green", "blue"], **more} for more in ({}, {"default": "red"})],
}

CELLS: dict[str, tuple[str, ...]] = {
    "money": ("100", "50", "250", "33.33"),
    "rate": ("10%", "1/3", "50p per £1", "0%", "2.5%"),
    "age": ("18", "30", "66y 5m"),
    "number": ("2", "12", "0"),
    "day": ("2024-06-15", "2025-01-01"),
}
"""Figures of values, by their unit. No figure of money is below `FLOORS` or above the second of a taper's `ENDS`."""

YEARLY = ("1300", "5200.50", "1000")
FLOORS = ("5", "0.01")
ENDS = ("20", "1000")

TABLES: dict[str, tuple[str, list[tuple[str, ...]]]] = {
    "by_frequency": ("frequency", [("month", "week", "year"), ("month",), ("4week", "year")]),
    "by_born": ("born", [("1900-01-01", "1990-01-01"), ("1980-06-15",)]),
    "by_age": ("age", [("0", "18", "30"), ("18", "40y 6m"), ("30",)]),
    "by_colour": ("attribute.colour", [("red", "green", "blue"), ("green",)]),
    "by_flag": ("attribute.flag", [("yes", "no"), ("yes",)]),
}
"""Forms of values that are tables: by what, and the keys."""

FORMS: dict[str, tuple[str, ...]] = {
    "money": ("flat", *TABLES, "share", "exact_share"),
    "rate": ("flat", "by_age", "by_colour", "by_born"),
    "age": ("flat", "by_born"),
    "number": ("flat",),
    "day": ("flat",),
}
"""Forms of values, by their unit."""

ROUNDINGS = ("half_up penny", "down penny", "up penny", "half_even penny", "down pound", "half_up pound", "up pound")

PAY_TESTED = 4
TESTED = (
    "pay.earnings", "pay.hours", "pay.worker", "pay.employer", "age", "date", "age_at_joining", "age_at_first_payment",
    "months_since_joining", "months_since_first_payment", *(f"attribute.{name}" for name in ATTRIBUTES),
)  # fmt: skip
"""What is tested; first of all what a pay says."""

FACTS = (
    "paid.worker", "pay.earnings", "paid.employer", "pay.worker", "pay.employer", "pay.hours", "withdrawn", "count.pay",
    "count.paid", "count.withdrawn", "present.flag", "attribute.wage", "attribute.tally", "withdrawn.home",
)  # fmt: skip
"""Sources that ask for nothing but the facts and the person."""

LITTLE_SENSE = {
    "unused", "unbounded", "twice", "nothing_left", "no_effect", "period", "overlap", "order", "cap_below_floor",
}  # fmt: skip
"""Codes of what the checks say of a rulebook that nobody would want, but whose meaning is clear."""

"""Rulebooks that hypothesis makes up: any terms of the language, put together so that a program can follow them.

They may make little sense (owe without bound, hold a figure of one pay against a year's): they say something all the same. Whatever has a name (a window, a value, an attribute, a condition) is drawn when a term first asks for it, so nothing idle
stands in a rulebook, and what is left of one that fails is what it fails by.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st
from tests.generate import World

from lifepot.kernel.columns import Kind
from lifepot.rulebook.checks import check
from lifepot.rulebook.terms import Rulebook

Plain = dict[str, Any]
Choice = TypeVar("Choice")

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


KINDS = {"paid": Kind.PAID, "withdrawn": Kind.WITHDRAWN, "attribute": Kind.STATUS, "present": Kind.STATUS}


def world_of(rulebook: Rulebook) -> World:
    """When the lives of a made-up rulebook play, with more of what its amounts ask for."""
    terms = [*rulebook.amounts.values(), *rulebook.rules.values()]
    heads = [source.partition(".")[0] for term in terms for source in _listed(term.of)]
    kinds = tuple(KINDS[head] for head in heads if head in KINDS) * 4
    attributes = tuple(rulebook.attributes)
    return World("2024-01-01", "2025-12-31", TURNING, POUNDS, (15, 68), attributes, joins=True, kinds=kinds)


def _listed(sources: str | list[str]) -> list[str]:
    return [sources] if isinstance(sources, str) else sources


LITTLE_SENSE = {
    "unused",
    "unbounded",
    "twice",
    "nothing_left",
    "no_effect",
    "period",
    "overlap",
    "order",
    "cap_below_floor",
}
"""Codes of what the checks say of a rulebook that nobody would want, but whose meaning is clear."""


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """A rulebook whose meaning is clear."""
    rulebook = Rulebook.model_validate(_Making(draw).rulebook())
    assert [one for one in check(rulebook) if one.code not in LITTLE_SENSE] == []
    return rulebook


class _Making:
    """A rulebook in the making."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.sections: dict[str, Plain] = {
            name: {}
            for name in ("windows", "days", "values", "attributes", "conditions", "purposes", "amounts", "rules")
        }
        self.asked_by: dict[str, list[str]] = {}
        """Amounts that each named condition may ask for."""
        self.early: list[str] = []
        """Amounts that need no purpose of a withdrawal, so that purposes may ask for them."""
        self.payments = {"paid.worker", "paid.employer"}
        """Sources and amounts that are payments alone, of which some may be refused."""
        self.per_job = False

    def pick(self, *choices: Choice) -> Choice:
        """One of several; the first of them where it makes no difference."""
        return self.draw(st.sampled_from(choices))

    def rarely(self, one_in: int) -> bool:
        """Yes, about once in so many times."""
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def some(self, options: Plain, one_in: int = 3) -> Plain:
        """Some of these terms, each once in so many times."""
        return {name: make() for name, make in options.items() if self.rarely(one_in)}

    def rulebook(self) -> Plain:
        """All sections."""
        self.per_job = self.rarely(8)
        membership = self.membership()
        amounts, rules = self.sections["amounts"], self.sections["rules"]
        for number in range(self.draw(st.integers(0, 2))):
            amounts[f"early{number}"] = self.amount(f"early{number}", list(self.early), early=True)
            self.early.append(f"early{number}")
        known = list(self.early)
        for number in range(self.draw(st.integers(0, 2))):
            amounts[f"late{number}"] = self.amount(f"late{number}", known)
            known.append(f"late{number}")
        for number in range(self.draw(st.integers(1, 3))):
            rules[f"rule{number}"] = self.rule(f"rule{number}", known)
            known.append(f"rule{number}")
        head = {"name": "made-up", "title": "Made up", "description": "Made up.", "currency": "GBP"}
        return head | {"membership": membership} | self.sections

    # Windows, days, values, attributes

    def named(self, section: str, name: str, terms: list[Plain]) -> str:
        """What has this name in a section; one of these terms, where it is asked for the first time."""
        if name not in self.sections[section]:
            self.sections[section][name] = {"description": name} | self.pick(*terms)
        return name

    def window(self) -> str:
        """A window by its name."""
        name = self.pick("year", "account", "month", "claim", "term")
        return self.named("windows", name, WINDOWS[name]) if name in WINDOWS else name

    def named_day(self) -> str:
        """A named day."""
        name = self.pick(*DAYS)
        return self.named("days", name, DAYS[name])

    def attribute(self, name: str) -> str:
        """An attribute, and those it is worked out from."""
        if name == "price":
            self.attribute("wage")
            self.attribute("percent")
        return self.named("attributes", name, ATTRIBUTES[name])

    def value(self, unit: str, *leaving_out: str) -> str:
        """A value of a unit in one of its forms, but for those left out."""
        form = self.pick(*(form for form in FORMS[unit] if form not in leaving_out))
        return self.valued(unit, form)

    def valued(self, unit: str, form: str) -> str:
        """The value of a unit in that form."""
        name, values = f"{unit}_{form}", self.sections["values"]
        if name not in values:
            values[name] = {"description": name, "unit": unit} | SAID | self.figures(unit, form)
        return name

    def figures(self, unit: str, form: str) -> Plain:
        """What a value of that form says."""
        if form in {"share", "exact_share"}:
            yearly = self.valued("money", self.pick("yearly", "by_age"))
            return {"share_of": yearly} | ({"rounded": self.pick(*ROUNDINGS)} if form == "share" else {})
        cells = YEARLY if form == "yearly" else CELLS[unit]
        if form not in TABLES:
            return {"dated": self.dated(lambda: self.pick(*cells))}
        by, keys = TABLES[form]
        columns = self.pick(*keys)
        if by.startswith("attribute."):
            self.attribute(by.removeprefix("attribute."))
        more: Plain = {}
        if form == "by_age":
            more = self.pick({}, {"band_begins": "month_after"})
        elif form == "by_frequency" and "year" in columns:
            more = self.pick({"otherwise": "proportionate"}, {})
        return {"by": by, "dated": self.dated(lambda: {key: self.cell(cells) for key in columns})} | more

    def cell(self, cells: tuple[str, ...]) -> str:
        """A figure in a table, seldom none."""
        return "none" if self.rarely(12) else self.pick(*cells)

    def dated(self, figure: Callable[[], Any]) -> Plain:
        """Figures with their days: from the outset, changed, begun later, or gone for a while."""
        days = self.pick(
            ("2020-01-01",), ("2020-01-01", "2024-06-15"), ("2024-04-06",), ("2020-01-01", "2024-06-15", "2025-04-06")
        )
        return {day: "none" if len(days) == 3 and day == days[1] else figure() for day in days}

    # Conditions, membership, purposes

    def condition(self, amounts: list[str], depth: int = 2, *, of_pay: bool = True) -> Any:
        """A condition that may ask for these amounts. `of_pay`: and for what a pay says."""
        kinds = ["test", "test", "test", "not", "all", "any", *(["name"] if of_pay else [])]
        kind = self.pick(*kinds) if depth else "test"
        match kind:
            case "name":
                return self.named_condition(amounts, depth)
            case "not":
                return {"not": self.condition(amounts, depth - 1, of_pay=of_pay)}
            case "all" | "any":
                return {kind: [self.condition(amounts, depth - 1, of_pay=of_pay) for _ in range(self.pick(2, 1))]}
        return self.test(amounts, of_pay=of_pay)

    def named_condition(self, amounts: list[str], depth: int) -> str:
        """A condition by its name, one that is there already if it asks for nothing else."""
        fitting = [name for name, asked in self.asked_by.items() if set(asked) <= set(amounts)]
        if fitting and not self.rarely(3):
            return self.pick(*fitting)
        inner = self.condition(amounts, depth - 1)
        name = f"condition{len(self.asked_by)}"
        self.asked_by[name] = list(amounts)
        self.sections["conditions"][name] = inner
        return name

    def test(self, amounts: list[str], *, of_pay: bool) -> Plain:
        """A single test."""
        asks = [f"amount.{name}" for name in amounts]
        what = self.pick(*TESTED[0 if of_pay else PAY_TESTED :]) if not asks or self.rarely(2) else self.pick(*asks)
        head, _, tail = what.partition(".")
        kind = ATTRIBUTES[self.attribute(tail)][0]["kind"] if head == "attribute" else ""
        test: Plain = {"what": what}
        if kind in {"yes_no", "choice"}:
            test["is"] = self.pick(*(("yes", "no") if kind == "yes_no" else ("red", "green", "blue")))
        else:
            words = self.pick(("at_least",), ("above",), ("below",), ("at_most",), ("is",), ("above", "at_most"))
            test |= {word: self.limit(what, kind) for word in words}
        if what == "pay.earnings" and self.rarely(3):
            test["together"] = "all_jobs"
        return test | self.some({"unknown": lambda: self.pick("passes", "fails")}, 4)

    def limit(self, what: str, kind: str) -> str:
        """What a test compares with."""
        if what == "date" or kind == "day":
            unit, literals = "day", TURNING
        elif what.startswith("age"):
            unit, literals = "age", ("30", "18", "66y 5m")
        elif what == "pay.hours" or what.startswith("months") or kind == "number":
            unit, literals = "number", ("2", "0", "6", "20")
        elif kind == "percent":
            unit, literals = "rate", ("5", "2.5", "25")
        else:
            unit, literals = "money", POUNDS
        return self.value(unit) if self.rarely(2) else self.pick(*literals)

    def membership(self) -> Plain:
        """Who is in."""
        term: Plain = {"description": "Somebody."} | SAID
        term["first_payment_opens"] = not self.rarely(8)
        term |= self.some(
            {
                "everybody": lambda: True,
                "may_join": lambda: self.condition([], 1),
                "automatic": lambda: self.condition([], 1),
                "opt_in": lambda: self.attribute("asked"),
                "leaving": lambda: [self.leaving()],
                "pauses": lambda: [self.pause()],
            },
            8,
        )
        return term | ({"per": "job"} if self.per_job else {})

    def leaving(self) -> Plain:
        """A way out."""
        windows = [self.leaving_window() for _ in range(self.draw(st.integers(0, 2)))]
        return (
            {"description": "Out.", "attribute": self.attribute("left"), "windows": windows}
            | SAID
            | self.some({"stops": lambda: self.pick("in_time", "always")}, 2)
        )

    def leaving_window(self) -> Plain:
        """When leaving brings refunds, and which."""
        parties = self.pick(("worker",), ("worker", "employer", "government"), ("government",))
        refunds = [
            {"party": party}
            | self.some({"since": lambda: self.pick(*TURNING), "above_rate_on": lambda: self.pick(*TURNING)}, 4)
            for party in parties
        ]
        return {"refunds": refunds} | self.some({"within": self.within}, 2)

    def within(self) -> Plain:
        """A stretch of days."""
        after = self.pick("0", "1")
        origins = self.pick(["joining"], ["attribute.since"], ["joining", "attribute.since"], ["2024-06-15"])
        if "attribute.since" in origins:
            self.attribute("since")
        return {"from": origins, "after_months": after, "months": self.pick("2", "6")} | self.some(
            {"beginning_with": lambda: True}, 2
        )

    def pause(self) -> Plain:
        """Contributions rest."""
        months = {
            "not_before_months": lambda: self.pick("1", "0"),
            "at_least_months": lambda: "1",
            "at_most_months": lambda: self.pick("3", "1"),
        }
        return {"description": "Rest.", "attribute": self.attribute("rested")} | SAID | self.some(months, 2)

    def purpose(self, name: str) -> str:
        """Something that money may leave for."""
        if name not in self.sections["purposes"]:
            self.sections["purposes"][name] = {"description": name, "pays": "whoever sells it"} | SAID
            term = self.some({"when": lambda: self.condition(list(self.early), 1, of_pay=False)}, 2)
            term |= self.some({"any_word": lambda: True}, 4)
            self.sections["purposes"][name] |= term
        return name

    def purposes(self) -> None:
        """Purposes to ask for."""
        self.purpose("home")
        if self.rarely(2):
            self.purpose("course")

    # Amounts, rules and their steps

    def source(self, amounts: list[str], *, early: bool) -> str:
        """Where an amount begins."""
        choices = ["fact", "fact"]
        if not self.per_job:
            choices.append("day")
        if amounts:
            choices += ["amount", "amount"]
        if not early:
            choices.append("purpose")
        match self.pick(*choices):
            case "day":
                return f"day.{self.named_day()}"
            case "amount":
                return self.pick(*amounts)
            case "purpose":
                self.purposes()
                return self.pick("withdrawn.no_purpose", "withdrawn.purpose")
        source = self.pick(*FACTS[:2], *FACTS[:2], *FACTS)
        head, _, tail = source.partition(".")
        if head in {"present", "attribute"}:
            self.attribute(tail)
        if source == "withdrawn.home":
            self.purpose("home")
        return source

    def amount(self, name: str, amounts: list[str], *, early: bool = False, total: bool = True) -> Plain:
        """A column of money that may be made of these amounts. `early`: it needs no purpose of a withdrawal."""

        def sources() -> Any:
            many = [self.source(amounts, early=early) for _ in range(self.pick(1, 1, 2, 3))]
            return many if len(many) > 1 else many[0]

        term: Plain = {"description": "An amount.", "of": sources()}
        if isinstance(term["of"], list):
            term |= self.some({"combined": lambda: self.pick("highest", "lowest", "sum")}, 2)
        term |= self.some({"minus": sources, "when": lambda: self.condition(amounts)}, 6)
        term |= self.some({"members_only": lambda: False})
        of = _listed(term["of"])
        if self.payments.issuperset(of):
            self.payments.add(name)
        chain = _Chain(self, amounts, early=early, total=total, payments=self.payments.issuperset(of))
        return term | {"steps": chain.drawn()}

    def rule(self, name: str, amounts: list[str]) -> Plain:
        """An amount that somebody owes."""
        party = self.pick("worker", "government", "employer")
        more: Plain = {"party": party} | SAID
        stated = party != "government" and self.rarely(4)
        if stated:
            more |= {"stated": f"pay.{party}"} | self.some(
                {"stated_when": lambda: self.pick("no_earnings", "always")}, 2
            )
        more |= self.some({"direction": lambda: self.pick("takes_back", "gives"), "due": self.due}, 4)
        return self.amount(name, amounts, total=not stated) | more

    def due(self) -> Plain:
        """Owed at a window's end."""
        return {"at_end_of": self.window()} | self.some(
            {
                "earlier": lambda: {"until": self.pick(*TURNING), "at_end_of": self.window()},
                "if_closed": lambda: self.pick("nothing", "paid"),
            }
        )


class _Chain:
    """Steps one after the other, as they may follow each other."""

    def __init__(self, making: _Making, amounts: list[str], *, early: bool, total: bool, payments: bool) -> None:
        self.making = making
        self.amounts = amounts
        self.early = early
        self.total_allowed = total
        self.payments = payments
        self.running = False
        self.begun = False
        """Whether there was a total before."""
        self.exact = False
        self.shares = False
        """Whether fractions are of another size at each fact."""
        self.apart = False
        """Whether the totals do not stand one after the other: for each job alone, or undone in earlier windows."""
        self.undone = False
        """Whether what is taken out undoes them."""

    def drawn(self) -> list[Plain]:
        """Some steps, rounded at the end where there may be fractions."""
        making, steps = self.making, []
        for _ in range(making.draw(st.integers(0, MOST_STEPS))):
            word = making.pick(*self.words())
            steps.append({word: getattr(self, word)()})
            if word in {"earlier", "average"}:
                break
        return [*steps, {"round": making.pick(*ROUNDINGS)}] if self.exact else steps

    def words(self) -> list[str]:
        """Steps that may come next."""
        words = ["up_to", "round", "less", "at_least", "tiers", "taper", "give", "where", "pro_rata"]
        if not (self.running and self.shares):
            words += ["rate", "rate"]
        if self.running:
            part = [] if self.exact or self.undone else ["part"]
            whole = ["highest", "rise_over", "earlier", "average"] if not self.apart and not self.exact else []
            return [*part, *words, *whole, *whole]
        if self.total_allowed and not self.exact:
            words = ["total"] * 6 + (["latest"] if not self.begun else []) + words
        return words

    def figure(self, *, floor: bool = False) -> str:
        """A figure in a step."""
        making = self.making
        match making.pick("literal", "value", "attribute", *(["amount", "amount"] if self.amounts else [])):
            case "value":
                return making.value("money", "exact_share", *(["flat"] if floor else []))
            case "attribute":
                return f"attribute.{making.attribute(making.pick('wage', 'tally'))}"
            case "amount":
                return making.pick(*self.amounts)
        return making.pick(*(FLOORS if floor else POUNDS[:4]))

    def rates(self) -> str:
        """A rate in a step."""
        return self.making.value("rate") if self.making.rarely(2) else self.making.pick(*CELLS["rate"])

    def total(self) -> Any:
        making = self.making
        self.running = self.begun = True
        over = making.window()
        options = {
            "per": lambda: making.pick("job", "member"),
            "not_below": lambda: "0",
            "not_above": self.figure,
        }
        if not self.early:
            options["taken_out"] = lambda: making.purposes() or "newest_first"
        term = making.some(options, 4)
        if "taken_out" in term and set(term) != {"taken_out"}:
            # It takes no more than there is, of all jobs.
            term.pop("taken_out")
        if "not_above" in term and self.payments:
            term |= making.some({"beyond": lambda: making.pick("refused", "disregarded")}, 2)
        if over != "account" and not {"taken_out", "per"} & term.keys() and making.rarely(8):
            over, term["per"] = "pay_period", "job"
        self.undone = "taken_out" in term
        self.apart = self.undone or term.get("per") == "job"
        return {"over": over} | term if term else over

    def part(self) -> str:
        self.running = False
        return "each"

    def up_to(self) -> Any:
        figure = self.figure()
        refusing = self.payments and not self.exact
        beyond = self.making.some({"beyond": lambda: self.making.pick("refused", "disregarded")} if refusing else {}, 2)
        return {"value": figure} | beyond if beyond else figure

    def less(self) -> str:
        return self.figure()

    def at_least(self) -> str:
        return self.figure(floor=True)

    def rate(self) -> Any:
        self.exact = True
        if self.making.rarely(4):
            return {"attribute": self.making.attribute("percent"), "otherwise": self.rates()}
        return self.rates()

    def tiers(self) -> list[Plain]:
        self.exact = True
        ends = self.making.pick(("100",), ("33.33", "250"), (), ("value",))
        if ends == ("value",):
            ends = (self.making.value("money", "exact_share"),)
        return [{"up_to": end, "rate": self.rates()} for end in ends] + [{"rate": self.rates()}]

    def taper(self) -> Plain:
        making = self.making
        self.exact = True
        ons = [name for name in self.amounts if name in making.sections["amounts"]]
        on = making.pick(*ons) if ons and not making.rarely(3) else f"attribute.{making.attribute('wage')}"
        first, last = ENDS
        match making.pick("literal", "from", "to"):
            case "from":
                first = making.value("money", "exact_share")
            case "to":
                last = making.value("money", "exact_share")
        self.shares = True
        return {"on": on, "from": first, "to": last}

    def round(self) -> str:
        self.exact = self.shares = False
        return self.making.pick(*ROUNDINGS)

    def highest(self) -> str:
        return self.making.window()

    def rise_over(self) -> str:
        return self.making.window()

    def latest(self) -> str:
        self.running, self.begun, self.apart, self.undone = True, True, False, False
        return self.making.window()

    def give(self) -> str:
        self.exact = self.shares = False
        return self.figure()

    def where(self) -> Any:
        return self.making.condition(self.amounts, 1)

    def pro_rata(self) -> Plain:
        self.exact = self.shares = True
        return {"amount": self.figure(), "of": self.figure()}

    def earlier(self) -> Plain:
        term = {"window": self.making.window(), "by": self.making.pick("1", "2", "0")}
        return term | self.making.some({"since": lambda: "joining"}, 2)

    def average(self) -> Plain:
        return {"months": self.making.pick("1", "3", "12")}

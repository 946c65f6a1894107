"""Conditions as a person reads them: "aged 22 or more and below 66 to 68 (State Pension age)"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lifepot.rulebook.figures_in_words import listed, plain_figure, plain_key, plain_name
from lifepot.rulebook.ground import Term
from lifepot.rulebook.terms import All, AnyOf, Condition, GiveStep, Not, Rulebook, Test, Value

COMPARISONS = ("above", "at_least", "below", "at_most", "is_")

AGE = {
    "above": "more than {}", "at_least": "{} or more", "below": "below {}", "at_most": "{} at most", "is_": "exactly {}",
}  # fmt: skip
AMOUNT = {
    "above": "more than {}", "at_least": "at least {}", "below": "less than {}", "at_most": "at most {}", "is_": "exactly {}",
}  # fmt: skip
DAY = {
    "above": "after {}", "at_least": "on or after {}", "below": "before {}", "at_most": "on or before {}", "is_": "on {}",
}  # fmt: skip

UNIT_BY_WHAT = {"date": "day", "pay.hours": "number"}
SUBJECT_BY_WHAT = {
    "pay.earnings": "pay of",
    "pay.hours": "hours worked:",
    "pay.worker": "what the payroll file says the worker paid:",
    "pay.employer": "what the payroll file says the employer pays:",
}

COUNTS = ("count.", "present.", "day.")
"""Sources that count."""

SHORT = 60
"""A description of at most this many letters stands well in a sentence."""

LONGEST_IN_LINE = 2
"""A named condition of more parts than this is called by its name, and said in full elsewhere."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition in words: in one line, or as parts under a head. `parts` are `all` needed, or `any` of them."""

    words: str
    """The whole in one line."""
    name: str = ""
    """What the rulebook calls it, if it has a name worth reading."""
    head: str = ""
    """What stands above the parts: "all of these"."""
    parts: tuple["Clause", ...] = ()
    is_denied: bool = False
    """Whether it must not hold; `words` say what it is that must not."""

    @property
    def undenied(self) -> "Clause":
        """What it is that must hold, or must not."""
        return replace(self, is_denied=False)

    @property
    def line(self) -> str:
        """The whole in one line, its denial said."""
        return f"not: {self.words}" if self.is_denied else self.words


@dataclass(frozen=True, slots=True)
class Wording:
    """A rulebook to be put into words. `on`: the day whose figures stand beside names; with none, only figures that
    never changed do.
    """

    book: Rulebook
    on: str | None = None

    def named(self, name: str) -> str:
        """What people call something: its name, with the capitals that its description gives it; a value of one word, which
        says little, by its description, if that is short.
        """
        words = plain_name(name)
        described = getattr(self._described(name), "description", "")
        if name in self.book.values and " " not in words and len(described) <= SHORT:
            return as_clause(described)
        start = described[: len(words)]
        is_proper = start.casefold() == words.casefold() and start[1:] != words[1:]
        return start if is_proper else words

    def _described(self, name: str) -> Term | None:
        book = self.book
        sections: tuple[dict[str, Term], ...] = (book.values, book.attributes, book.windows, book.amounts, book.rules)  # type: ignore[assignment]
        return next((section[name] for section in sections if name in section), None)

    def described(self, attribute: str) -> str:
        """What an attribute is, as part of a sentence: by its description, if that is short."""
        description = self.book.attributes[attribute].description
        return as_clause(description) if len(description) <= SHORT else f"the {self.named(attribute)}"

    def figure(self, text: str, unit: str) -> str:
        """A figure in a sentence: "£4,000", "£4,000 (annual limit)", "the “employer ceiling”"."""
        if text in self.book.values:
            return self._value(text, self.book.values[text])
        if text in self.book.amounts or text in self.book.rules:
            return f"the “{self.named(text)}”"
        if text.startswith("attribute."):
            return f"the {self.named(text.removeprefix('attribute.'))}"
        return plain_figure(text, unit, self.book.currency)

    def _value(self, name: str, value: Value) -> str:
        shown = self._in_force(value)
        if not shown:
            return f"the “{self.named(name)}”"
        if len(shown) > 1:
            return f"{self.named(name)} ({shown[0]} to {shown[-1]})"
        return f"{shown[0]} ({self.named(name)})"

    def _in_force(self, value: Value) -> list[str]:
        """The figure that a value has, in a list of its own; the first and the last of a table; empty if none can be told."""
        if value.share_of is not None:
            yearly = self._in_force(self.book.values[value.share_of])
            return [f"a pay period's share of {one} a year" for one in yearly[:1]]
        begun = [day for day in value.dated if self.on is None or day <= self.on]
        if not begun or (self.on is None and len(value.dated) > 1):
            return []
        figure = value.dated[max(begun)]
        currency = self.book.currency
        if isinstance(figure, str):
            return [] if figure == "none" else [plain_figure(figure, value.unit, currency)]
        cells = {key: plain_figure(one, value.unit, currency) for key, one in figure.items() if one != "none"}
        if value.by == "frequency":
            by_time = [
                f"{cells[key]} {plain_key(key, value.by, currency)}" for key in ("month", "year") if key in cells
            ]
            return [" or ".join(by_time)] if by_time else []
        return list(dict.fromkeys(cells.values()))

    def clause(self, condition: object) -> Clause:
        """A condition in words."""
        match condition:
            case str():
                return self._by_name(condition)
            case All(all=inner):
                return self._together(list(self._merged(inner)), "all")
            case AnyOf(any=inner):
                return self._together([self.clause(one) for one in inner], "any")
            case Not(not_=one):
                clause = self.clause(one)
                return replace(clause, is_denied=not clause.is_denied)
            case Test():
                return self._test(condition)
        raise AssertionError(condition)

    def _by_name(self, name: str) -> Clause:
        if name not in self.book.conditions:
            return Clause(plain_name(name))
        whole = self.clause(self.book.conditions[name])
        if len(whole.parts) < LONGEST_IN_LINE or (len(whole.parts) == LONGEST_IN_LINE and not _is_deep(whole)):
            return whole
        return replace(whole, words=f"“{plain_name(name)}”", name=plain_name(name))

    def _together(self, parts: list[Clause], how: str) -> Clause:
        if len(parts) == 1:
            return parts[0]
        if how == "any":
            words = listed((f"({one.line})" if one.parts and not one.name else one.line for one in parts), "or")
            return Clause(words, head="any of these", parts=tuple(parts))
        # What must not hold is said last: "aged 23 or more, unless the job is exempt".
        held = [
            f"({one.words})" if one.head == "any of these" and not one.name else one.words
            for one in parts
            if not one.is_denied
        ]
        denied = [f"({one.words})" if one.parts and not one.name else one.words for one in parts if one.is_denied]
        words = listed(held) if not any(" and " in one for one in held) else ", and ".join(held)
        if denied:
            words = f"{words}, unless {listed(denied, 'or')}" if held else f"none of these: {listed(denied, 'or')}"
        return Clause(words, head="all of these", parts=tuple(parts))

    def _merged(self, inner: list[Condition]) -> Iterator[Clause]:
        """Conditions in words, tests of one thing that follow each other said in one: "aged 16 or more and below 75"."""
        waiting: list[Test] = []
        for one in [*inner, None]:
            if waiting and not (isinstance(one, Test) and _same_subject(one, waiting[0])):
                yield self._test(*waiting)
                waiting = []
            if isinstance(one, Test) and _can_merge(one):
                waiting.append(one)
            elif one is not None:
                yield self.clause(one)

    def _test(self, *tests: Test) -> Clause:
        first = tests[0]
        what = first.what
        unknown = " (or nobody knows)" if first.unknown == "passes" else ""
        if what.startswith("attribute."):
            return self._attribute(what.removeprefix("attribute."), tests, unknown)
        said = [(key, getattr(one, key)) for one in tests for key in COMPARISONS if getattr(one, key) is not None]
        if what.startswith("age"):
            when = {"age_at_joining": " on joining", "age_at_first_payment": " at the first payment"}.get(what, "")
            return Clause(f"aged {self._compared(said, AGE, 'age')}{when}{unknown}")
        if what.startswith("months_since_"):
            since = {"joining": "joining", "first_payment": "the first payment"}
            event = what.removeprefix("months_since_")
            return Clause(f"{self._compared(said, AMOUNT, 'number')} months after {since.get(event, event)}{unknown}")
        if what == "date":
            return Clause(self._compared(said, DAY, "day"))
        if what in {"pay.worker", "pay.employer"} and said == [("at_least", "0")]:
            who = what.removeprefix("pay.")
            return Clause(f"the payroll file says what the {who} {'paid' if who == 'worker' else 'pays'}")
        subject = SUBJECT_BY_WHAT.get(what) or f"“{self.named(what.removeprefix('amount.'))}” of"
        if first.together:
            subject = "pay in all jobs together of"
        unit = "number" if self._is_count(what.removeprefix("amount.")) else UNIT_BY_WHAT.get(what, "money")
        return Clause(f"{subject} {self._compared(said, AMOUNT, unit)}{unknown}")

    def _is_count(self, name: str) -> bool:
        """Whether an amount counts things and is no money."""
        if name.startswith(COUNTS):
            return True
        amount = self.book.amounts.get(name)
        if amount is None or any(isinstance(step, GiveStep) for step in amount.steps):
            return False
        return all(self._is_count(one) for one in ([amount.of] if isinstance(amount.of, str) else amount.of))

    def _attribute(self, name: str, tests: tuple[Test, ...], unknown: str) -> Clause:
        attribute = self.book.attributes[name]
        said = [(key, getattr(one, key)) for one in tests for key in COMPARISONS if getattr(one, key) is not None]
        if attribute.kind == "yes_no":
            statement = as_clause(attribute.description) + unknown
            return Clause(statement, is_denied=said[0][1].lower() in {"no", "false", "n", "0"})
        if attribute.kind == "choice":
            # In single marks: a word of the choice is no name of the rulebook.
            word = f"\N{LEFT SINGLE QUOTATION MARK}{plain_name(said[0][1])}\N{RIGHT SINGLE QUOTATION MARK}"
            return Clause(f"{self.named(name)} is {word}{unknown}")
        if said == [("at_least", "0")]:
            return Clause(f"{self.named(name)} was said{unknown}")
        if attribute.kind == "day":
            return Clause(f"{self.named(name)} {self._compared(said, DAY, 'day')}{unknown}")
        return Clause(f"{self.named(name)} of {self._compared(said, AMOUNT, attribute.kind)}{unknown}")

    def _compared(self, said: list[tuple[str, str]], words: dict[str, str], unit: str) -> str:
        return " and ".join(words[key].format(self.figure(text, unit)) for key, text in said)


def as_clause(description: str) -> str:
    """A description as part of a sentence: up to its first semicolon, without its full stop, and its first letter small if
    it is only the first.
    """
    text = description.partition(";")[0].strip().removesuffix(".")
    first, _, _ = text.partition(" ")
    return text if first[1:] != first[1:].lower() or first == "I" else text[:1].lower() + text[1:]


def _is_deep(clause: Clause) -> bool:
    return any(part.parts for part in clause.parts)


def _can_merge(test: Test) -> bool:
    return not test.what.startswith("attribute.") or test.is_ is None


def _same_subject(one: Test, other: Test) -> bool:
    return _can_merge(one) and (one.what, one.together, one.unknown) == (other.what, other.together, other.unknown)

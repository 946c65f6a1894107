"""Whether a well-shaped rulebook makes sense: every reference leads somewhere, every figure reads, nothing goes in a
circle, no cap lies below its floor. Each finding is (path, code, what was found, what would be right)."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from lifepot.periods import parse_day
from lifepot.rulebook import scalars
from lifepot.rulebook.terms import (
    All, Amount, AnyOf, AtLeastStep, Attribute, EarlierStep, GiveStep, HighestStep, LatestStep, LessStep, Not, PartStep,
    RateBy, RateStep, RiseStep, RoundStep, Rule, Rulebook, TaperStep, Test, TiersStep, Total, TotalStep, UpTo,
    UpToStep, Value, Window,
)  # fmt: skip

Path = tuple[str | int, ...]
Finding = tuple[Path, str, str, str]
BUILT_IN_WINDOWS = {"month", "account"}
FREQUENCY_WORDS = {"week", "2week", "3week", "4week", "month", "3month", "6month", "year"}
FIXED_SOURCES = {"pay.earnings", "pay.worker", "pay.employer", "pay.hours", "paid.worker", "paid.employer", "withdrawn"}


def check(rulebook: Rulebook) -> list[Finding]:
    """Every finding, in the order of the rulebook's sections."""
    return list(_Checker(rulebook).findings())


class _Checker:
    def __init__(self, rulebook: Rulebook) -> None:
        self.book = rulebook
        self.found: list[Finding] = []

    def add(self, path: Path, code: str, found: str, expected: str) -> None:
        self.found.append((path, code, found, expected))

    def findings(self) -> Iterator[Finding]:
        book = self.book
        self._reads(("tolerance",), book.tolerance, scalars.parse_money)
        for name, window in book.windows.items():
            self._window(("windows", name), name, window)
        for name, value in book.values.items():
            self._value(("values", name), value)
        for name, attribute in book.attributes.items():
            self._attribute(("attributes", name), attribute)
        self._aliases()
        for name, condition in book.conditions.items():
            self._condition(("conditions", name), condition, (name,))
        self._membership()
        for name, purpose in book.purposes.items():
            if purpose.when is not None:
                self._condition(("purposes", name, "when"), purpose.when)
        both = set(book.amounts) & set(book.rules)
        for name in sorted(both):
            self.add(("amounts", name), "twice", f"{name} is also a rule", "a name of its own")
        for section, terms in (("amounts", book.amounts), ("rules", book.rules)):
            for name, amount in terms.items():
                self._amount((section, name), name, amount)
        self._circles()
        yield from self.found

    # figures

    def _reads(self, path: Path, text: str, parse: Callable[[str], object]) -> object | None:
        try:
            return parse(text)
        except ValueError as error:
            found, _, expected = str(error).partition(" is not ")
            self.add(path, "figure", found, expected or "a figure of this unit")
            return None

    def _window(self, path: Path, name: str, window: Window) -> None:
        if name in BUILT_IN_WINDOWS:
            self.add(path, "twice", f"{name} is built in", "another name")
        if (window.every is None) == (window.months is None):
            self.add(path, "window", "a window that " + ("never begins" if window.every is None else "is two things"),
                     "either `every` (with `starts`) or `months` (with `times`)")  # fmt: skip
        if window.every == "year":
            self._reads((*path, "starts"), window.starts or "", scalars.parse_month_day)
        if window.every == "month":
            day = self._reads((*path, "starts"), window.starts or "1", scalars.parse_number)
            if isinstance(day, int) and not 1 <= day <= 28:
                self.add((*path, "starts"), "window", f"day {day}", "a day from 1 to 28, which every month has")
        for key in ("months", "times"):
            text = getattr(window, key)
            if text is not None:
                count = self._reads((*path, key), text, scalars.parse_number)
                if count == 0:
                    self.add((*path, key), "window", "0", "1 or more")

    def _value(self, path: Path, value: Value) -> None:
        parse = scalars.PARSER_BY_UNIT[value.unit]
        before: int | None = None
        if not value.dated:
            self.add((*path, "dated"), "value", "no figure", "at least one day and its figure")
        for day_text, figure in value.dated.items():
            here: Path = (*path, "dated", day_text)
            day = self._reads(here, day_text, parse_day)
            if isinstance(day, int):
                if before is not None and day <= before:
                    self.add(here, "value", f"{day_text} after a later day", "days in rising order, each once")
                before = day
            if figure == "none":
                continue
            if isinstance(figure, str) != (value.by is None):
                self.add(here, "value", "one figure" if isinstance(figure, str) else "a table",
                         f"a table by {value.by}" if value.by else "one figure (or `by:`)")  # fmt: skip
                continue
            if isinstance(figure, str):
                self._reads(here, figure, parse)
                continue
            earlier: int | None = None
            for key, cell in figure.items():
                if value.by == "frequency" and key not in FREQUENCY_WORDS:
                    self.add((*here, key), "value", key, "one of " + ", ".join(sorted(FREQUENCY_WORDS)))
                if value.by == "born":
                    born = self._reads((*here, key), key, parse_day)
                    if isinstance(born, int):
                        if earlier is not None and born <= earlier:
                            self.add((*here, key), "value", f"{key} after a later day", "birth days in rising order")
                        earlier = born
                self._reads((*here, key), cell, parse)
            if value.otherwise == "proportionate" and "year" not in figure:
                self.add(here, "value", "no figure for a year", "`year`, of which other frequencies take their share")
        if value.otherwise and value.by != "frequency":
            self.add((*path, "otherwise"), "value", "`otherwise` without a table", "`by: frequency`")

    def _attribute(self, path: Path, attribute: Attribute) -> None:
        if (attribute.kind == "choice") != (attribute.choices is not None):
            self.add(path, "attribute", f"a {attribute.kind} with{'' if attribute.choices else 'out'} choices",
                     "`choices` for a choice, and only for a choice")  # fmt: skip
            return
        if attribute.default is not None:
            if attribute.choices is not None:
                if attribute.default not in attribute.choices:
                    self.add((*path, "default"), "attribute", attribute.default, "one of " + ", ".join(attribute.choices))
            else:
                self._reads((*path, "default"), attribute.default, scalars.PARSER_BY_KIND[attribute.kind])
        if attribute.otherwise is not None:
            for key, kind in (("amount", "money"), ("over_percent", "percent")):
                other = self.book.attributes.get(getattr(attribute.otherwise, key))
                if other is None or other.kind != kind:
                    self.add((*path, "otherwise", key), "unknown", getattr(attribute.otherwise, key), f"an attribute of kind {kind}")

    def _aliases(self) -> None:
        seen = set(self.book.attributes)
        for name, attribute in self.book.attributes.items():
            for alias in attribute.aliases:
                if alias in seen:
                    self.add(("attributes", name, "aliases"), "twice", f"{alias} means two attributes", "a name of its own")
                seen.add(alias)

    # conditions

    def _condition(self, path: Path, condition: object, seen: tuple[str, ...] = ()) -> None:
        if isinstance(condition, str):
            if condition in seen:
                self.add(path, "cycle", f"{condition} asks for itself", "conditions that end in tests")
            elif condition not in self.book.conditions:
                self.add(path, "unknown", condition, "one of the conditions: " + (", ".join(self.book.conditions) or "none"))
            else:
                inner = self.book.conditions[condition]
                if _names(inner) & set(seen):
                    self.add(path, "cycle", f"{condition} asks for {', '.join(seen)}", "conditions that end in tests")
        elif isinstance(condition, All | AnyOf):
            key = "all" if isinstance(condition, All) else "any"
            for index, inner in enumerate(getattr(condition, key)):
                self._condition((*path, key, index), inner, seen)
        elif isinstance(condition, Not):
            self._condition((*path, "not"), condition.not_, seen)
        elif isinstance(condition, Test):
            self._test(path, condition)

    def _test(self, path: Path, test: Test) -> None:
        operands = [(key, getattr(test, key)) for key in ("above", "at_least", "below", "at_most", "is_") if getattr(test, key) is not None]
        if not operands:
            self.add(path, "test", "no comparison", "above, at_least, below, at_most or is")
        if test.together and test.what != "pay.earnings":
            self.add(path, "test", f"`together` of {test.what}", "`together` with pay.earnings")
        attribute = None
        if test.what.startswith("attribute."):
            attribute = self.book.attributes.get(test.what.removeprefix("attribute."))
            if attribute is None:
                self.add((*path, "what"), "unknown", test.what, "an attribute that is declared: " + (", ".join(self.book.attributes) or "none"))
                return
        unit = _unit_of(test.what, attribute)
        for key, text in operands:
            where = (*path, key.rstrip("_"))
            if unit in {"yes_no", "choice"} and key != "is_":
                self.add(where, "test", f"{key} of a {unit}", "`is`")
            elif unit == "choice":
                assert attribute is not None and attribute.choices is not None
                if text not in attribute.choices:
                    self.add(where, "figure", text, "one of " + ", ".join(attribute.choices))
            elif unit == "yes_no":
                self._reads(where, text, scalars.parse_yes_no)
            else:
                self._operand(where, text, unit)

    def _operand(self, path: Path, text: str, unit: str, *, amounts: bool = False) -> None:
        """A literal of the unit, or the name of a value of that unit (or of an amount, where one may stand)."""
        if text in self.book.values:
            has = self.book.values[text].unit
            if has != ("rate" if unit == "percent" else unit):
                self.add(path, "unit", f"{text}, a value in {has}", f"a value in {unit}")
        elif text in self.book.amounts or text in self.book.rules:
            if not amounts:
                self.add(path, "unit", f"{text}, an amount", f"a figure or a value in {unit}")
        elif text[:1].isalpha():
            self.add(path, "unknown", text, "one of the values: " + (", ".join(self.book.values) or "none"))
        else:
            self._reads(path, text, scalars.PARSER_BY_UNIT.get(unit) or scalars.PARSER_BY_KIND[unit])

    # membership

    def _membership(self) -> None:
        path: Path = ("membership",)
        membership = self.book.membership
        for key in ("may_join", "automatic"):
            if getattr(membership, key) is not None:
                self._condition((*path, key), getattr(membership, key))
        named = [((*path, "opt_in"), membership.opt_in)] if membership.opt_in else []
        named += [((*path, "leaving", i, "attribute"), one.attribute) for i, one in enumerate(membership.leaving)]
        named += [((*path, "pauses", i, "attribute"), one.attribute) for i, one in enumerate(membership.pauses)]
        for where, name in named:
            attribute = self.book.attributes.get(name)
            if attribute is None or attribute.kind != "yes_no":
                self.add(where, "unknown", name, "an attribute of kind yes_no")
        for i, leaving in enumerate(membership.leaving):
            for j, window in enumerate(leaving.windows):
                here = (*path, "leaving", i, "windows", j)
                if window.within is not None:
                    months = self._reads((*here, "within", "months"), window.within.months, scalars.parse_number)
                    after = self._reads((*here, "within", "after_months"), window.within.after_months, scalars.parse_number)
                    if isinstance(months, int) and isinstance(after, int) and months <= after:
                        self.add((*here, "within"), "window", f"from {after} to {months} months", "an end after the beginning")
                    for origin in window.within.from_:
                        if origin.startswith("attribute."):
                            attribute = self.book.attributes.get(origin.removeprefix("attribute."))
                            if attribute is None or attribute.kind != "day":
                                self.add((*here, "within", "from"), "unknown", origin, "an attribute of kind day")
                        elif origin != "joining":
                            self._reads((*here, "within", "from"), origin, parse_day)
                for k, refund in enumerate(window.refunds):
                    for key in ("since", "above_rate_on"):
                        if getattr(refund, key) is not None:
                            self._reads((*here, "refunds", k, key), getattr(refund, key), parse_day)
        for i, pause in enumerate(membership.pauses):
            self._reads((*path, "pauses", i, "not_before_months"), pause.not_before_months, scalars.parse_number)
            if pause.at_most_months is not None:
                self._reads((*path, "pauses", i, "at_most_months"), pause.at_most_months, scalars.parse_number)

    # amounts and rules

    def _amount(self, path: Path, name: str, amount: Amount) -> None:
        for key in ("of", "minus"):
            sources = getattr(amount, key)
            for source in [sources] if isinstance(sources, str) else sources:
                self._source((*path, key), source)
        if amount.when is not None:
            self._condition((*path, "when"), amount.when)
        self._steps((*path, "steps"), amount)
        if isinstance(amount, Rule):
            if amount.account not in self.book.accounts:
                self.add((*path, "account"), "unknown", amount.account, "one of the accounts: " + ", ".join(self.book.accounts))
            if amount.due is not None:
                self._window_name((*path, "due", "at_end_of"), amount.due.at_end_of)
                if amount.due.earlier is not None:
                    self._window_name((*path, "due", "earlier", "at_end_of"), amount.due.earlier.at_end_of)
                    self._reads((*path, "due", "earlier", "until"), amount.due.earlier.until, parse_day)
            if amount.stated and amount.stated.removeprefix("pay.") != amount.party:
                self.add((*path, "stated"), "rule", f"{amount.stated} for the {amount.party}", f"pay.{amount.party}")

    def _source(self, path: Path, source: str) -> None:
        if source in FIXED_SOURCES or source in {"withdrawn.purpose", "withdrawn.no_purpose"}:
            return
        head, _, tail = source.partition(".")
        if head == "withdrawn":
            if tail not in self.book.purposes:
                self.add(path, "unknown", source, "withdrawn. and one of the purposes: " + (", ".join(self.book.purposes) or "none"))
        elif head in {"present", "attribute"}:
            attribute = self.book.attributes.get(tail)
            kinds = {"yes_no"} if head == "present" else {"money", "number"}
            if attribute is None or attribute.kind not in kinds:
                self.add(path, "unknown", source, f"an attribute of kind {' or '.join(sorted(kinds))}")
        elif source not in self.book.amounts and source not in self.book.rules:
            self.add(path, "unknown", source, "a source such as pay.earnings, or one of the amounts and rules")

    def _window_name(self, path: Path, name: str) -> None:
        if name not in BUILT_IN_WINDOWS and name not in self.book.windows:
            self.add(path, "unknown", name, "one of the windows: " + ", ".join([*sorted(BUILT_IN_WINDOWS), *self.book.windows]))

    def _steps(self, path: Path, amount: Amount) -> None:
        running = exact = False
        floors: list[tuple[Path, Fraction | int]] = []
        for index, step in enumerate(amount.steps):
            here: Path = (*path, index)
            match step:
                case TotalStep(total=total):
                    self._window_name((*here, "total"), total.over if isinstance(total, Total) else total)
                    if exact:
                        self.add(here, "step", "a total of fractions of a penny", "`round` before `total`")
                    if running:
                        self.add(here, "step", "a total of a total", "`part: each` between the two")
                    running = True
                case LatestStep(latest=window):
                    self._window_name((*here, "latest"), window)
                    running = True
                case PartStep():
                    if not running:
                        self.add(here, "step", "`part` without a total before it", "`total` first")
                    if exact:
                        self.add(here, "step", "parts of fractions of a penny", "`round` before `part`")
                    running = False
                case HighestStep(highest=window):
                    self._window_name((*here, "highest"), window)
                    self._needs_total(here, running, "highest")
                case RiseStep(rise_over=window):
                    self._window_name((*here, "rise_over"), window)
                    self._needs_total(here, running, "rise_over")
                case EarlierStep(earlier=earlier):
                    self._window_name((*here, "earlier", "window"), earlier.window)
                    self._reads((*here, "earlier", "by"), earlier.by, scalars.parse_number)
                    self._needs_total(here, running, "earlier")
                case UpToStep(up_to=cap):
                    figure = cap.value if isinstance(cap, UpTo) else cap
                    self._operand((*here, "up_to"), figure, "money", amounts=True)
                    for where, floor in floors:
                        low = self._lowest(figure)
                        if low is not None and low < floor:
                            self.add((*here, "up_to"), "cap_below_floor", f"a cap of {figure}", f"a cap not below the floor at {where[-1]}")
                case AtLeastStep(at_least=figure):
                    self._operand((*here, "at_least"), figure, "money", amounts=True)
                    low = self._lowest(figure)
                    if low is not None:
                        floors.append((here, low))
                    for earlier_step in amount.steps[:index]:
                        if isinstance(earlier_step, UpToStep):
                            cap_text = earlier_step.up_to.value if isinstance(earlier_step.up_to, UpTo) else earlier_step.up_to
                            cap_low = self._lowest(cap_text)
                            if low is not None and cap_low is not None and cap_low < low:
                                self.add((*here, "at_least"), "cap_below_floor", f"a floor of {figure}", f"a floor not above the cap {cap_text}")
                case LessStep(less=figure):
                    self._operand((*here, "less"), figure, "money", amounts=True)
                case GiveStep(give=figure):
                    self._operand((*here, "give"), figure, "money")
                case RateStep(rate=rate):
                    exact = True
                    if isinstance(rate, RateBy):
                        attribute = self.book.attributes.get(rate.attribute)
                        if attribute is None or attribute.kind != "percent":
                            self.add((*here, "rate", "attribute"), "unknown", rate.attribute, "an attribute of kind percent")
                        self._operand((*here, "rate", "otherwise"), rate.otherwise, "rate")
                    else:
                        self._operand((*here, "rate"), rate, "rate")
                case TiersStep(tiers=tiers):
                    exact = True
                    self._tiers(here, tiers)
                case TaperStep(taper=taper):
                    exact = True
                    if taper.on not in self.book.amounts:
                        self.add((*here, "taper", "on"), "unknown", taper.on, "one of the amounts: " + (", ".join(self.book.amounts) or "none"))
                    self._operand((*here, "taper", "from"), taper.from_, "money")
                    self._operand((*here, "taper", "to"), taper.to, "money")
                    first, last = self._lowest(taper.from_), self._lowest(taper.to)
                    if first is not None and last is not None and first >= last:
                        self.add((*here, "taper"), "taper", f"from {taper.from_} to {taper.to}", "an end above the beginning")
                case RoundStep(round=text):
                    exact = False
                    self._reads((*here, "round"), text, scalars.parse_rounding)
        if exact and isinstance(amount, Rule):
            self.add(path, "step", "fractions of a penny at the end", "`round` as the last step")

    def _needs_total(self, path: Path, running: bool, word: str) -> None:
        if not running:
            self.add(path, "step", f"`{word}` without a total before it", "`total` first")

    def _lowest(self, figure: str) -> int | None:
        """The lowest amount a figure ever is; None where it is not a single amount."""
        try:
            if figure in self.book.values:
                value = self.book.values[figure]
                cells = [cell for cell in value.dated.values() if isinstance(cell, str) and cell != "none"]
                return min((scalars.parse_money(cell) for cell in cells), default=None) if value.unit == "money" else None
            return scalars.parse_money(figure)
        except ValueError:
            return None

    def _tiers(self, path: Path, tiers: list) -> None:  # type: ignore[type-arg]
        before = -1
        for index, tier in enumerate(tiers):
            here = (*path, "tiers", index)
            self._operand((*here, "rate"), tier.rate, "rate")
            if tier.up_to is None:
                if index != len(tiers) - 1:
                    self.add(here, "tier", "a tier without end before another", "`up_to` on all tiers but the last")
                continue
            self._operand((*here, "up_to"), tier.up_to, "money")
            end = self._lowest(tier.up_to)
            if end is not None:
                if end <= before:
                    self.add((*here, "up_to"), "tier", f"a tier up to {tier.up_to}", "an end above the tier before")
                before = end

    def _circles(self) -> None:
        terms: dict[str, Amount] = {**self.book.amounts, **self.book.rules}
        state: dict[str, int] = {}

        def visit(name: str, trail: tuple[str, ...]) -> None:
            if state.get(name) == 2:
                return
            if name in trail:
                section = "amounts" if name in self.book.amounts else "rules"
                self.add((section, name), "cycle", " is made of ".join((*trail[trail.index(name) :], name)), "amounts that end in facts")
                return
            for other in uses(terms[name]):
                if other in terms:
                    visit(other, (*trail, name))
            state[name] = 2

        for name in terms:
            visit(name, ())


def uses(amount: Amount) -> list[str]:
    """Names of sources, amounts and rules that an amount is made of, its steps included."""
    names = []
    for sources in (amount.of, amount.minus):
        names += [sources] if isinstance(sources, str) else sources
    for step in amount.steps:
        match step:
            case UpToStep(up_to=UpTo(value=figure)) | UpToStep(up_to=figure) | LessStep(less=figure) | AtLeastStep(at_least=figure):
                names.append(str(figure))
            case TaperStep(taper=taper):
                names.append(taper.on)
            case _:
                pass
    return names


def _names(condition: object) -> set[str]:
    """Names of conditions that a condition asks for at once."""
    match condition:
        case str():
            return {condition}
        case All(all=inner) | AnyOf(any=inner):
            return set().union(*(_names(one) for one in inner))
        case Not(not_=inner):
            return _names(inner)
        case _:
            return set()


def _unit_of(what: str, attribute: Attribute | None) -> str:
    if attribute is not None:
        return attribute.kind
    if what.startswith("age"):
        return "age"
    if what.startswith("pay.") and what != "pay.hours":
        return "money"
    return "day" if what == "date" else "number"

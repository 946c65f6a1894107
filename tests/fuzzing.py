"""One edited rulebook on trial: it is refused with its places, or means what is written in it, in kernel and audit alike."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType
from typing import Any, get_args

from ruamel.yaml import YAML
from tests.edits import Tree, edited
from tests.generate import Happened, Life, to_audit, to_kernel

from lifepot.audit.replay import replay
from lifepot.errors import LifepotError
from lifepot.kernel.assess import assess
from lifepot.kernel.columns import NONE, Kind
from lifepot.kernel.program import Program, compile_program
from lifepot.periods import FAR_FUTURE, FAR_PAST, date_of, day_of, parse_day
from lifepot.rulebook.findings import NOTES, Code
from lifepot.rulebook.reader import Judged, RulebookFault, judge
from lifepot.rulebook.terms import Attribute, Rulebook
from lifepot.rulebook.walking import everything

SECONDS = 10
"""What reading and running one small rulebook may take on a busy machine; it takes a tenth of one."""


class Slow(Exception):
    """It did not end in time."""


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raises `Slow` inside, if it takes longer."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def tried(seed: int) -> str:
    """Tries the edited rulebook of a seed; says what became of it: refused, run, or refused when run."""
    text, _ = edited(seed)
    with in_time(SECONDS):
        found = judge(text, "edited.yaml")
        for fault in found.faults + found.notes:
            has_a_place(fault, text)
        assert all(note.code in NOTES for note in found.notes)
        if found.faults or found.rulebook is None:
            assert found.faults
            return "refused"
        says_what_is_written(found, text)
        return runs_alike(found.rulebook, Random(seed))  # noqa: S311  # chance that can be repeated


def has_a_place(fault: RulebookFault, text: str) -> None:
    """A fault stands inside the file and says in a line what was found and what would be right."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= fault.line <= len(lines), fault
    assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
    assert fault.code in get_args(Code), fault
    assert fault.found, fault
    assert fault.expected, fault
    assert fault.path.startswith(fault.clause), fault
    assert str(fault).isprintable(), fault


# Nothing that is written is read past


def says_what_is_written(found: Judged, text: str) -> None:
    """Every key and figure of the file, read by another reader, stands in the model; and nothing else was put there."""
    assert found.rulebook is not None
    dumped = found.rulebook.model_dump(by_alias=True, exclude_unset=True)
    assert as_text(dumped) == as_text(independent(text))


def independent(text: str) -> Any:
    """The tree of a YAML text by ruamel's own reader, every scalar as text."""
    yaml = YAML(typ="safe", pure=True)
    node = yaml.compose(text)

    def plain(one: Any) -> Any:
        if isinstance(one.value, str):
            return one.value
        if one.id == "sequence":
            return [plain(item) for item in one.value]
        assert len({key.value for key, _ in one.value}) == len(one.value)
        return {key.value: plain(value) for key, value in one.value}

    return plain(node)


def as_text(tree: Any) -> Tree:
    """A tree whose truths are words, as a file has them."""
    if isinstance(tree, dict):
        return {key: as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_text(item) for item in tree]
    return str(tree).lower() if isinstance(tree, bool) else tree


# What it gives is what the audit says


def runs_alike(book: Rulebook, chance: Random) -> str:
    """Kernel and audit give the same on a few lives, unless the figures are too large for the kernel."""
    told = [a_life(book, chance) for _ in range(3)]
    last = last_day(told)
    as_of = chance.choice([None, None, last, last - 200])
    try:
        by_kernel(compile_program(book), told, as_of)
    except LifepotError:
        return "refused when run"
    agree(book, told, as_of)
    return "run"


def last_day(told: list[Life]) -> int:
    """The last day anything is told of."""
    return max((fact.on for life in told for fact in life.facts), default=0)


def agree(book: Rulebook, told: list[Life], as_of: int | None = None) -> None:
    """Hold the kernel against the audit: what is owed, what is refused, and on which day accounts open."""
    expected: Counter[tuple[object, ...]] = Counter()
    for member, life in enumerate(told):
        until = None if as_of is None else date_of(as_of)
        found = replay(book, *to_audit(life, member), as_of=until, accrue_until=date_of(last_day(told)))
        for one in found.owed:
            start = FAR_PAST if one.window_start is None else day_of(one.window_start)
            end = FAR_FUTURE if one.window_end is None else day_of(one.window_end)
            expected[member, one.rule, day_of(one.effective_on), start, end] += one.amount_minor
        for refused in found.refused:
            expected["refused", refused.ref, refused.of] += refused.amount_minor
        expected["opened", member] = NONE if found.opened_on is None else day_of(found.opened_on)
    wanted, given = _something(expected), by_kernel(compile_program(book), told, as_of)
    differs = {
        key: (wanted.get(key, 0), given.get(key, 0)) for key in wanted | given if wanted.get(key) != given.get(key)
    }
    assert not differs, (differs, told)


def _something(found: Counter[tuple[object, ...]]) -> dict[tuple[object, ...], int]:
    return {key: amount for key, amount in found.items() if amount}


def by_kernel(program: Program, told: list[Life], as_of: int | None = None) -> dict[tuple[object, ...], int]:
    """Pence by member, rule, day and window; what is refused, by fact and cap; and the days on which accounts open."""
    people, facts = to_kernel(program, told)
    assessed = assess(program, people, facts, as_of=as_of, accrue_until=last_day(told))
    owed, refused = assessed.entitlements, assessed.refusals
    found: Counter[tuple[object, ...]] = Counter()
    for i in range(len(owed)):
        start, end = int(owed.window_start[i]), int(owed.window_end[i])
        key = (int(owed.member[i]), program.rules[int(owed.rule[i])], int(owed.effective_on[i]), start, end)
        found[key] += int(owed.amount[i])
    for row, amount, of in zip(refused.row.tolist(), refused.amount.tolist(), refused.by, strict=True):
        found["refused", int(assessed.rows.fact[row]), of] += amount
    found.update({("opened", member): day for member, day in enumerate(assessed.opened_on.tolist())})
    return _something(found)


def a_life(book: Rulebook, chance: Random) -> Life:
    """A few facts on days and at amounts at which something turns in this book."""
    texts = {text for _, text in everything(book) if isinstance(text, str)}
    days = sorted({day for text in texts for day in _days(text)}) or [parse_day("2024-04-06")]
    pence = sorted({amount for text in texts for amount in _pence(text)} | {100_00, 33_33})
    first = chance.choice(days)
    soon = [first + chance.randint(0, 500) for _ in range(6)] + [first, first - 1, first + 1, chance.choice(days)]
    born = chance.choice([None, first - chance.randint(5_500, 26_000), first - chance.randint(5_500, 26_000)])
    joined = chance.choice([None, None, chance.choice(soon)])
    names = list(book.attributes)
    own = {name: _said(book.attributes[name], chance, soon, pence) for name in chance.sample(names, min(2, len(names)))}
    facts = tuple(
        _fact(book, chance, number, chance.choice(soon), pence, soon) for number in range(chance.randint(1, 12))
    )
    return Life(born, joined, own if chance.random() < 0.4 else {}, facts)


def _days(text: str) -> list[int]:
    try:
        return [parse_day(text)]
    except ValueError:
        return []


def _pence(text: str) -> list[int]:
    whole, _, decimals = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 8 and decimals in {"", "00"}):
        return []
    amount = int(whole) * 100
    return [amount, amount + 1, max(amount - 1, 0), amount // 12]


def _said(attribute: Attribute, chance: Random, days: list[int], pence: list[int]) -> str:
    match attribute.kind:
        case "yes_no":
            return chance.choice(["yes", "no"])
        case "choice":
            return chance.choice(attribute.choices or [])
        case "money":
            amount = chance.choice(pence)
            return f"{amount // 100}.{amount % 100:02d}"
        case "percent":
            return chance.choice(["0", "1", "2.5", "3", "5", "25", "100"])
        case "day":
            return date_of(chance.choice(days)).isoformat()
        case _:
            return str(chance.randint(0, 40))


def _fact(book: Rulebook, chance: Random, number: int, on: int, pence: list[int], days: list[int]) -> Happened:
    kinds = [Kind.PAY] * 4 + [Kind.PAID] * 4 + [Kind.WITHDRAWN] * 2 + [Kind.CLOSED, Kind.DIED][: chance.randint(0, 2)]
    kinds += [Kind.STATUS] * (5 if book.attributes else 0)
    kind = chance.choice(kinds)
    match kind:
        case Kind.PAY:
            frequency = chance.choice([0, 3, 4, 4, 4, -1, chance.randrange(8)])
            end = on + chance.randint(-5, 5) if chance.random() < 0.5 else None
            start = None if end is None else end + 1 - (7, 14, 21, 28, 30, 91, 182, 365)[frequency]
            return Happened(
                number, number, on, kind, payer=chance.choice([1, 1, 2]), earnings=chance.choice([*pence, None, 0]),
                hours=chance.choice([None, chance.randint(0, 20_000)]), worker=chance.choice([None, None, chance.choice(pence)]),
                employer=chance.choice([None, None, chance.choice(pence)]), frequency=frequency, period_start=start, period_end=end,
            )  # fmt: skip
        case Kind.PAID:
            return Happened(number, number, on, kind, payer=chance.choice([0, 0, 2]), amount=chance.choice(pence))
        case Kind.WITHDRAWN:
            word = chance.choice(["", *book.purposes])
            return Happened(number, number, on, kind, amount=chance.choice(pence), value=word)
        case Kind.STATUS:
            name = chance.choice(list(book.attributes))
            value = _said(book.attributes[name], chance, days, pence)
            return Happened(number, number, on, kind, payer=chance.choice([0, 0, 0, 1]), attribute=name, value=value)
        case _:
            return Happened(number, number, on, kind)

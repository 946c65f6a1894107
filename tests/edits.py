"""Random edits to a rulebook: of its text, as slips of the keyboard are, and of its tree, as changes of mind are.

Everything is drawn from a `Random` that is handed in, so that an edit can be made again from its seed.
"""

import re
from collections.abc import Callable, Iterator
from random import Random

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lifepot.rulebook.composing import compose
from lifepot.rulebook.reader import rulebook_text, shipped_names

Tree = dict[str, "Tree"] | list["Tree"] | str | bool
"""A rulebook as plain YAML: every scalar is text, but for true and false."""

HOSTILE = [
    "", "~", "null", "yes", "no", "true", "false", "0", "-1", "-0", "1e3", "1_000", "0o17", "0x1f", "012", ".5", "5.", "1.234",
    "NaN", ".inf", "99999999999999999999", "10000000000000.00", "9999999999999.99", "100%", "1000%", "1001%", "25", "1", "0.999999",
    "1/3", "1/0", "0/1", "999999937/999999929", "1/999999937", "50p per £1", "25c per $1", "€5", "£5", "12,00", "\uff11\uff12", "\u0663", "\u00b2",
    "2020-02-30", "2020-W15-1", "0001-01-01", "9999-12-31", "1799-12-31", "2199-12-31", "2020-04-06", "04-06", "02-29", "13-01", "1:30",
    "none", "66y 5m", "66y 12m", "999", "half_up penny", "half_up pound", "down cent", "up euro", "pay_period", "account", "month",
    "attribute.", "amount.", "withdrawn", "withdrawn.no_purpose", "paid.worker", "pay.earnings", "count.paid", "[]", "{}", "[a]",
    "{a: b}", "- a", "a: b", "&a b", "*a", "!!int 5", "!x y", "<<", "? a", "| x", "> x", "# x", "@x", "`x", "%x", "'", '"', '"\\x00"',
    '"\\ud800"', '"\\U0010ffff"', "\t", "\x00", "\x07", "\x85", "\u2028", "\ufeff", "é", "😀", "x" * 2000, "9" * 5000, "[" * 60, "{a: " * 60,
]  # fmt: skip
"""Scalars and scraps of YAML that somebody might write, or that no program likes to read."""

SCALAR = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[^\s,:\[\]{}#"\']+(?: [^\s,:\[\]{}#"\']+)*')


def edited(seed: int) -> tuple[str, str]:
    """A rulebook with some edits, the same from the same seed, and the name of the shipped one it was made from."""
    chance = Random(seed)  # noqa: S311  # chance that can be repeated
    name = chance.choice(shipped_names())
    text = rulebook_text(name)[0]
    if chance.random() < 0.5:
        for _ in range(chance.choice([1, 1, 1, 2, 4])):
            text = chance.choice(TEXT_EDITS)(text, chance)
    else:
        tree = tree_of(text)
        assert isinstance(tree, dict)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            chance.choice(TREE_EDITS)(tree, chance)
        text = written(tree)
    return text, name


# Text


def _line(edit: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    """An edit of the lines at one of them."""

    def apply(text: str, chance: Random) -> str:
        lines = text.splitlines() or [""]
        edit(lines, chance.randrange(len(lines)), chance)
        return "\n".join(lines) + "\n"

    return apply


def _delete(lines: list[str], at: int, chance: Random) -> None:
    del lines[at : at + chance.choice([1, 1, 1, 2, 5])]


def _duplicate(lines: list[str], at: int, chance: Random) -> None:
    lines[at:at] = lines[at : at + chance.choice([1, 1, 3, 8])]


def _swap(lines: list[str], at: int, chance: Random) -> None:
    other = min(at + 1, len(lines) - 1) if chance.random() < 0.6 else chance.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent(lines: list[str], at: int, chance: Random) -> None:
    by = chance.choice([1, 2, 4, -1, -2, -4])
    for place in range(at, min(at + chance.choice([1, 1, 3]), len(lines))):
        lines[place] = " " * by + lines[place] if by > 0 else lines[place].removeprefix(" " * -by)


def _split(lines: list[str], at: int, chance: Random) -> None:
    cut = chance.randint(0, len(lines[at]))
    lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]


def _join(lines: list[str], at: int, _: Random) -> None:
    lines[at : at + 2] = [" ".join(lines[at : at + 2])]


def _comment(lines: list[str], at: int, chance: Random) -> None:
    lines[at] += chance.choice([" # a comment", "#no comment", " #", ":", " :", ": :"])


def _insert(lines: list[str], at: int, chance: Random) -> None:
    lines.insert(
        at, chance.choice(["---", "...", "%YAML 1.1", "\tx: y", "<<: *a", "", "x", "x:", "- x", "? x", ": y", "{", "]"])
    )


def _deep(lines: list[str], at: int, chance: Random) -> None:
    depth = chance.choice([10, 38, 60, 400])
    lines[at:at] = [f"{' ' * level}x:" for level in range(depth)]


def _scalar(text: str, chance: Random) -> str:
    """One scalar, or key, becomes another of the book, or a hostile one."""
    found = list(SCALAR.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    other = chance.choice(found)[0] if chance.random() < 0.6 else chance.choice(HOSTILE)
    return text[: one.start()] + other + text[one.end() :]


def _characters(text: str, chance: Random) -> str:
    at = chance.randint(0, len(text))
    new = chance.choice(["", "", chance.choice(HOSTILE), chance.choice(" :-,#&*!|>%@`\"'[]{}\n\r\t\x00\x85\ufeff")])
    return text[:at] + new + text[at + chance.choice([0, 1, 1, 5, 30]) :]


def _cut(text: str, chance: Random) -> str:
    return text[: chance.randint(0, len(text))]


def _ends(text: str, chance: Random) -> str:
    return text.replace("\n", chance.choice(["\r\n", "\r", "\n\n", "\n \n", "\x85", " \n", "\t\n"]))


def _quotes(text: str, chance: Random) -> str:
    """All quotes of one sort become another, or go."""
    return text.replace('"', chance.choice(["'", ""]))


TEXT_EDITS: list[Callable[[str, Random], str]] = [
    _line(_delete), _line(_delete), _line(_duplicate), _line(_swap), _line(_swap), _line(_indent), _line(_split), _line(_join),
    _line(_comment), _line(_insert), _line(_deep), _scalar, _scalar, _scalar, _scalar, _scalar, _characters, _characters, _cut, _ends,
    _quotes,
]  # fmt: skip


# Trees


def tree_of(text: str) -> Tree:
    """The plain tree of a YAML text."""
    node = compose(text).node
    assert node is not None
    return _plain(node)


def _plain(node: Node) -> Tree:
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    assert isinstance(node, ScalarNode)
    return node.value == "true" if node.style is None and node.value in {"true", "false"} else str(node.value)


def written(tree: Tree) -> str:
    """A tree as YAML, every text in double quotes, a line a term."""
    return "".join(_lines(tree, 0)) if tree else "{}\n"


def _lines(tree: Tree, depth: int) -> Iterator[str]:
    items = [(_quoted(key) + ":", value) for key, value in tree.items()] if isinstance(tree, dict) else []
    items += [("-", value) for value in tree] if isinstance(tree, list) else []
    for head, value in items:
        if isinstance(value, dict | list) and value:
            yield f"{' ' * depth}{head}\n"
            yield from _lines(value, depth + 2)
        else:
            yield f"{' ' * depth}{head} {_leaf(value)}\n"


def _leaf(value: Tree) -> str:
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return str(value).lower() if isinstance(value, bool) else _quoted(value)


def _quoted(text: str) -> str:
    escaped = "".join(one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
    return f'"{escaped}"'


Spot = tuple[dict[str, Tree] | list[Tree], str | int]
"""A place in a tree: what holds it, and where in that."""


def spots(tree: Tree) -> list[Spot]:
    """Every place in a tree, outer ones first."""
    found: list[Spot] = []
    if isinstance(tree, dict):
        found += [(tree, key) for key in tree]
    elif isinstance(tree, list):
        found += [(tree, index) for index in range(len(tree))]
    return found + [spot for holder, at in found for spot in spots(holder[at])]  # type: ignore[index, call-overload]


def _value(spot: Spot) -> Tree:
    return spot[0][spot[1]]  # type: ignore[index, call-overload, no-any-return]


def _put(spot: Spot, value: Tree) -> None:
    spot[0][spot[1]] = value  # type: ignore[index, call-overload]


def _copy(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree


def _drop(tree: dict[str, Tree], chance: Random) -> None:
    holder, at = chance.choice(spots(tree))
    del holder[at]  # type: ignore[arg-type]


def _rename(tree: dict[str, Tree], chance: Random) -> None:
    """A key becomes another key of the book, or a hostile one."""
    keys = [spot for spot in spots(tree) if isinstance(spot[0], dict)]
    holder, at = chance.choice(keys)
    new = str(chance.choice(keys)[1]) if chance.random() < 0.8 else chance.choice(HOSTILE)
    assert isinstance(holder, dict)
    items = [(new if key == at else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(items)


def _retype(tree: dict[str, Tree], chance: Random) -> None:
    spot = chance.choice(spots(tree))
    value = _value(spot)
    _put(spot, chance.choice([[value], {"x": value}, True, False, "", [], {}, "x"]))


def _another(tree: dict[str, Tree], chance: Random) -> None:
    """What stands under a term becomes what stands under the same term elsewhere, in this book or another."""
    there = spots(tree)
    if chance.random() < 0.3:
        there += spots(tree_of(rulebook_text(chance.choice(shipped_names()))[0]))
    spot = chance.choice(spots(tree))
    like = [one for one in there if one[1] == spot[1] and _value(one) != _value(spot)]
    _put(spot, _copy(_value(chance.choice(like or there))))


def _figure(tree: dict[str, Tree], chance: Random) -> None:
    """A text becomes another text of the book, or a hostile one."""
    texts = [spot for spot in spots(tree) if isinstance(_value(spot), str)]
    if texts:
        _put(chance.choice(texts), _value(chance.choice(texts)) if chance.random() < 0.7 else chance.choice(HOSTILE))


def _lists(tree: dict[str, Tree]) -> list[list[Tree]]:
    return [value for value in map(_value, spots(tree)) if isinstance(value, list) and value]


def _swap_items(tree: dict[str, Tree], chance: Random) -> None:
    """Two items of a list, such as two steps, change places."""
    longer = [one for one in _lists(tree) if len(one) > 1]
    if longer:
        items = chance.choice(longer)
        one, other = chance.sample(range(len(items)), 2)
        items[one], items[other] = items[other], items[one]


def _add_item(tree: dict[str, Tree], chance: Random) -> None:
    """An item of one list, such as a step, is added to another."""
    lists = _lists(tree)
    if lists:
        items = chance.choice(lists)
        items.insert(chance.randint(0, len(items)), _copy(chance.choice(chance.choice(lists))))


def _add_term(tree: dict[str, Tree], chance: Random) -> None:
    """A term of one place is added to another that holds the like."""
    holders = [value for value in map(_value, spots(tree)) if isinstance(value, dict) and value]
    if holders:
        holder, other = chance.choice(holders), chance.choice(holders)
        key = chance.choice(list(other))
        holder[key] = _copy(other[key])


TREE_EDITS: list[Callable[[dict[str, Tree], Random], None]] = [
    _drop, _drop, _rename, _retype, _another, _another, _another, _figure, _figure, _figure, _swap_items, _swap_items, _add_item,
    _add_term,
]  # fmt: skip

"""The rooms of the house: who may import whom, what the kernel may not touch, and what names may not say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).parent.parent
SOURCE = CHECKOUT / "src" / "lifepot"
FILES = sorted(SOURCE.rglob("*.py"))

GROUND = {"errors", "money", "periods"}
RULES = GROUND | {"rulebook"}
COLUMNS = GROUND | {"kernel"}
DRAWN = {"compiling", "chance"}

DOOR = RULES | {
    "access",
    "inbox",
    "scheme",
    "papers",
    "withdrawals",
    "household",
    "payments",
    "projection",
    "brochure",
    "drawing",
    "audit",
}
"""What pages and the API show: never the kernel, the ledger or the storage, for a page computes nothing."""

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "openid": {"errors"},
    "money": {"errors"},
    "periods": {"errors"},
    "sheets": {"errors"},
    "rulebook": GROUND,
    "kernel": RULES | {"compiling"},
    "audit": RULES,
    "entitle": RULES | COLUMNS | {"sheets"},
    "entitle_why": RULES | COLUMNS | {"entitle", "audit"},
    "quote": RULES | COLUMNS | {"sheets", "entitle"},
    "claiming": RULES | {"sheets"},
    "effects": RULES | {"entitle"},
    "ledger": COLUMNS,
    "intake": COLUMNS,
    "banking": GROUND | {"intake"},
    "storage": COLUMNS | {"ledger"},
    "samples": COLUMNS | {"intake"},
    "pages": set(),
    "drawing": set(),
    "brochure": RULES | COLUMNS | {"drawing"},
    "projection": RULES | COLUMNS,
    "scheme": RULES | COLUMNS | {"ledger", "intake", "storage", "audit"},
    "loans": RULES | COLUMNS,
    "compiling": set(),
    "chance": {"compiling"},
    "published": GROUND,
    "population": GROUND | DRAWN | {"published"},
    "taxes": GROUND | DRAWN | {"published"},
    "lives": GROUND | DRAWN | {"published", "population", "taxes"},
    "budgets": RULES | COLUMNS | DRAWN | {"published", "population", "taxes", "lives"},
    "lab": RULES | COLUMNS | DRAWN | {"published", "population", "taxes", "lives", "budgets", "drawing"},
    "workbench": RULES | COLUMNS | {"population", "lives", "budgets", "lab", "drawing"},
    "papers": RULES | COLUMNS | {"ledger", "storage", "drawing", "quote", "projection", "scheme"},
    "withdrawals": RULES | COLUMNS | {"sheets", "quote", "banking", "ledger", "storage", "scheme", "household"},
    "household": RULES | COLUMNS | {"quote", "ledger", "storage", "scheme"},
    "payments": GROUND | COLUMNS | {"banking", "ledger", "storage", "scheme", "withdrawals"},
    "access": GROUND | {"scheme"},
    "inbox": GROUND | {"access", "intake", "scheme", "papers", "payments", "withdrawals", "household", "audit"},
    "api": DOOR | {"banking", "entitle", "entitle_why", "quote", "effects", "claiming", "loans", "samples"},
    "portals": DOOR | {"openid", "workbench"},
    "service": GROUND | {"access", "inbox", "api", "portals", "openid", "workbench"},
    "commands": RULES
    | COLUMNS
    | {
        "access",
        "service",
        "withdrawals",
        "household",
        "payments",
        "banking",
        "entitle",
        "entitle_why",
        "quote",
        "effects",
        "claiming",
        "loans",
        "storage",
        "samples",
        "scheme",
        "audit",
        "brochure",
        "papers",
        "compiling",
        "lab",
        "population",
        "lives",
    },
    "cli": {"errors", "commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""From the ground up: each room and the rooms below that it may import. What is not here may not be."""

KERNEL_FROM_OUTSIDE = {
    "collections",
    "dataclasses",
    "enum",
    "fractions",
    "functools",
    "itertools",
    "math",
    "numba",
    "numpy",
    "typing",
}
"""Nothing that can ask a clock, a file, a socket or chance."""

AUDIT_FROM_OUTSIDE = {"psycopg", "zstandard"}
"""The audit shares no code with what it checks: not even numpy."""

CLOCKS_AND_CHANCE = {"now", "today", "utcnow", "monotonic", "random", "default_rng"}
FILES_AND_SCREENS = {"open", "input", "print"}

BOUNDS_IN_FLOAT = {"sums_fit"}
"""Functions of the kernel that ask with a float whether a sum could leave int64; what they answer is whole pence."""

BANNED = {"manager", "handler", "helper", "util", "processor", "engine", "data", "info", "core", "base"}
"""Words that say nothing of what a thing is. A test's name is a sentence and may hold them: a rulebook's base is one."""

LONGEST_FILE = 600


class Import(NamedTuple):
    """One import as written: its file, line, and the module it names."""

    file: Path
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(CHECKOUT)}:{self.line}: {self.module}"


def room_of(file: Path) -> str:
    """The room a file stands in: its folder under `lifepot`, or the file itself."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[Import]:
    """Every import of a file, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports say where from, in full"
            module = node.module or ""
            # `from lifepot import money` names a room by what it imports.
            names = [f"lifepot.{alias.name}" for alias in node.names] if module == "lifepot" else [module]
            yield from (Import(file, node.lineno, name) for name in names)


ALL_IMPORTS = [one for file in FILES for one in imports(file)]


def rooms_imported(room: str) -> Iterator[tuple[str, Import]]:
    """The other rooms that a room imports."""
    for one in ALL_IMPORTS:
        head, _, rest = one.module.partition(".")
        if room_of(one.file) == room and head == "lifepot" and rest:
            yield rest.split(".")[0], one


def test_every_room_is_in_the_table() -> None:
    """A new room is put into the table before anything else is: what is not in it may import nothing."""
    assert {room_of(file) for file in FILES} - set(MAY_IMPORT) == set()


@pytest.mark.parametrize("room", list(MAY_IMPORT))
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    """A room imports what the table allows it, and of other rooms nothing."""
    wrong = [str(one) for other, one in rooms_imported(room) if other not in MAY_IMPORT[room] | {room}]
    assert wrong == [], "\n".join(wrong)


def test_the_table_has_no_circle() -> None:
    """The table itself runs from the ground up: following it downwards always ends."""
    left = {room: set(below) for room, below in MAY_IMPORT.items()}
    while ground := [room for room, below in left.items() if not below & set(left)]:
        for room in ground:
            del left[room]
    assert left == {}


def test_ledger_posts_and_does_not_judge() -> None:
    """The ledger never sees a rulebook, nor anything of the kernel but its columns."""
    wrong = [
        str(one)
        for other, one in rooms_imported("ledger")
        if other == "rulebook" or (other == "kernel" and one.module != "lifepot.kernel.columns")
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(("room", "allowed"), [("kernel", KERNEL_FROM_OUTSIDE), ("audit", None)])
def test_what_comes_from_outside(room: str, allowed: set[str] | None) -> None:
    """The kernel takes from outside only what has no clock, file or socket; the audit nothing but two libraries."""
    import sys

    permitted = set(sys.stdlib_module_names) | AUDIT_FROM_OUTSIDE if allowed is None else allowed
    heads = [(one.module.split(".")[0], one) for one in ALL_IMPORTS if room_of(one.file) == room]
    wrong = [str(one) for head, one in heads if head not in permitted | {"lifepot"}]
    assert wrong == [], "\n".join(wrong)


def spoken_in_kernel() -> Iterator[tuple[str, ast.AST]]:
    """Every node of the kernel's files, but for the functions that may use a float, with its place."""
    for file in (one for one in FILES if room_of(one) == "kernel"):
        waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef) and node.name in BOUNDS_IN_FLOAT:
                continue
            waiting += ast.iter_child_nodes(node)
            yield f"{file.relative_to(CHECKOUT)}:{getattr(node, 'lineno', 0)}", node


def test_the_kernel_asks_no_clock_and_opens_nothing() -> None:
    """No call of a clock, of chance or of a file stands in the kernel."""
    wrong = [
        f"{place}: {ast.unparse(node)}"
        for place, node in spoken_in_kernel()
        if (isinstance(node, ast.Attribute) and node.attr in CLOCKS_AND_CHANCE)
        or (isinstance(node, ast.Name) and node.id in FILES_AND_SCREENS)
    ]
    assert wrong == [], "\n".join(wrong)


def test_the_kernel_counts_in_whole_pence() -> None:
    """No float, and no division that makes one, stands in the kernel."""
    wrong = [
        f"{place}: {ast.unparse(node)}"
        for place, node in spoken_in_kernel()
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Attribute) and node.attr.startswith("float"))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
    ]
    assert wrong == [], "\n".join(wrong)


def names_in(file: Path) -> Iterator[tuple[int, str]]:
    """A file's own name, and those of its classes and functions, but for tests: theirs are sentences."""
    yield 1, file.stem
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        is_named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if is_named and not node.name.startswith("test_"):
            yield node.lineno, node.name


def words_in(name: str) -> set[str]:
    """The words of a name, in the singular: `read_Handlers` and `ReadHandlers` are read, handler."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


@pytest.mark.parametrize(
    ("name", "words"),
    [("ReadHandlers", {"read", "handler"}), ("open_database", {"open", "database"}), ("_utils", {"util"})],
)
def test_names_are_read_word_by_word(name: str, words: set[str]) -> None:
    """A name is judged by its whole words: a database is no base."""
    assert words == words_in(name)


def test_no_name_says_nothing() -> None:
    """No file, class or function is called by a word that could be called anything."""
    mine = [*FILES, *Path(__file__).parent.glob("*.py"), *CHECKOUT.glob("benchmarks/*.py")]
    wrong = [
        f"{file.relative_to(CHECKOUT)}:{line}: {name}"
        for file in mine
        for line, name in names_in(file)
        if words_in(name) & BANNED
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_no_file_is_too_long_to_read(file: Path) -> None:
    """A file that passes 600 lines is two files."""
    lines = file.read_bytes().count(b"\n")
    assert lines <= LONGEST_FILE

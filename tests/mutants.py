"""The mutants of a source file: one change each, written into the text where the changed node stands."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
"""Where there is an order, the neighbour at the edge and the opposite."""

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip

NAMES = {"min": "max", "minimum": "maximum", "any": "all", "logical_and": "logical_or"}
NAMES |= {there: here for here, there in NAMES.items()}
"""Names and attributes that have an opposite."""

SIDES = {"left": "right", "right": "left"}
"""Where `searchsorted` puts what is equal."""


@dataclass(frozen=True)
class Mutant:
    """One change: where, what is written there instead, and the lines of the statement it stands in."""

    file: str
    line: int
    column: int
    start: int
    end: int
    statement: range
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {' '.join(self.before.split())} → {self.after}"

    def applied(self, source: bytes) -> bytes:
        """The file with the change in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Every mutant of a file that Python can compile, in the order of the text."""
    source = file.read_bytes()
    name = f"{file.parent.name}/{file.name}"
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, statement in places(ast.parse(source), range(0)):
        for old, new in changes(node):
            start = starts[old.lineno - 1] + old.col_offset
            end = starts[(old.end_lineno or 0) - 1] + (old.end_col_offset or 0)
            after = ast.unparse(new) if isinstance(new, ast.stmt) else f"({ast.unparse(new)})"
            before = source[start:end].decode()
            mutant = Mutant(name, old.lineno, old.col_offset + 1, start, end, statement, before, after)
            try:
                compile(mutant.applied(source), name, "exec")
            except SyntaxError:
                continue
            yield mutant


def places(node: ast.AST, statement: range) -> Iterator[tuple[ast.expr | ast.stmt, range]]:
    """Every node that may be changed, and the lines of the statement it stands in: of one with a body, those before it.

    Left out: annotations, decorators and imports, which do no work; assertions, which never fail in a right program;
    what stands inside an f-string, whose place in the text Python 3.11 does not tell; unions of types.
    """
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr) or is_union(node) or asserts(node):
        return
    if isinstance(node, ast.stmt):
        body: list[ast.stmt] = getattr(node, "body", [])
        end = body[0].lineno if body else (node.end_lineno or 0) + 1
        statement = range(node.lineno, max(end, node.lineno + 1))
    if isinstance(node, ast.expr | ast.stmt):
        yield node, statement
    for part, value in ast.iter_fields(node):
        if part in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from places(child, statement)


def asserts(node: ast.AST) -> bool:
    """Whether a node is `raise AssertionError(…)`, an assertion otherwise written."""
    return (
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) == "AssertionError"
    )


def is_union(node: ast.AST) -> bool:
    """Whether a node is `A | B` between types."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)):
        return False
    sides = [one.value if isinstance(one, ast.Subscript) else one for one in (node.left, node.right)]
    return any(
        (isinstance(one, ast.Constant) and one.value is None)
        or (isinstance(one, ast.Name) and one.id[:1].isupper() and not one.id.isupper())
        or is_union(one)
        for one in sides
    )


def changes(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST]]:
    """What may be written instead of a node, or instead of a part of it."""
    yield from ((test, ast.UnaryOp(ast.Not(), test)) for test in conditions(node))
    yield from ((node, other) for other in instead(node))


def conditions(node: ast.expr | ast.stmt) -> Iterator[ast.expr]:
    """What a node branches by, which turned about puts the branches in each other's place.

    A single comparison and a `not` are left out: turning them about is among their own changes.
    """
    match node:
        case ast.If(test, _, _) | ast.While(test, _, _) | ast.IfExp(test, _, _):
            tests = [test]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            tests = [test for one in node.generators for test in one.ifs]
        case _:
            tests = []
    for test in tests:
        is_single = isinstance(test, ast.Compare) and len(test.ops) == 1
        is_turned = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not is_single and not is_turned:
            yield test


def instead(node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
    """What may be written instead of a whole node."""
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                for other in COMPARISONS[type(operator)]:
                    changed = copy.deepcopy(node)
                    changed.ops[place] = other()
                    yield changed
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(operator)](), right)
        case ast.AugAssign(target, operator, value):
            yield ast.Pass()
            if type(operator) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(operator)](), value)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not() | ast.USub() | ast.Invert(), operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(str(value)) if value in SIDES:
            yield ast.Constant(SIDES[value])
        case ast.Name(name) if name in NAMES:
            yield ast.Name(NAMES[name])
        case ast.Attribute(value, name) if name in NAMES:
            yield ast.Attribute(value, NAMES[name])
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Constant()):
            return  # a docstring
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            yield ast.Pass()
        case ast.Assign([ast.Subscript() | ast.Attribute()], _):
            yield ast.Pass()
        case _:
            return

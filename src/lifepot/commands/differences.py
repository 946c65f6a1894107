"""Two rulebooks compared, for the terminal and as JSON."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lifepot.effects import Comparison, Effects, Sums, Under
from lifepot.money import format_minor
from lifepot.periods import format_day
from lifepot.rulebook.differences import Change
from lifepot.rulebook.meaning import WHOLE

MOST_MEMBERS = 20
"""Members shown; `--json` lists them all."""

WIDEST = 100
"""Columns of a line, however wide the terminal is: longer ones are not read."""


def print_comparison(comparison: Comparison) -> None:
    """Changes by section and clause, then whose amounts change. Faults and notes go to stderr."""
    if comparison.effects is not None:
        print_under([*comparison.effects.faults, *comparison.effects.notes], comparison.names)
    before, after = comparison.names
    if comparison.changes:
        _print(f"What {after} says, instead of {before}:")
    for section, of_section in groupby(comparison.changes, key=lambda change: change.section):
        typer.echo(f"\n{'the rulebook itself' if section == WHOLE else section}")
        for clause, of_clause in groupby(of_section, key=lambda change: change.clause):
            alone = section in {clause, WHOLE}
            if not alone:
                _print(clause, 2)
            for change in of_clause:
                for line in _lines(change, clause if section == WHOLE else ""):
                    _print(line, 2 if alone else 4)
    if comparison.changes:
        typer.echo()
    _print(_how_many(comparison))
    if comparison.effects is not None:
        _print_effects(comparison, comparison.effects)


def print_under(faults: list[Under], names: tuple[str, str]) -> None:
    """Faults or notes on stderr, a line each, with the rulebook under which they are any, if it is only one."""
    for one in faults:
        under = {"": "", "before": f"under {names[0]}: ", "after": f"under {names[1]}: "}[one.under]
        typer.echo(f"{under}{one.fault}", err=True)


def _lines(change: Change, head: str) -> Iterator[str]:
    """A change in lines; a whole clause has one for each thing it says."""
    said = change.after or change.before or ""
    if change.kind in {"added", "removed"} and not change.path and "\n" in said:
        yield "new:" if change.kind == "added" else "gone:"
        yield from (f"  {line}" for line in said.split("\n"))
    else:
        worded = "wording only, " if change.wording else ""
        yield f"{worded}{f'{head}: ' if head else ''}{change.words}"


def _print(text: str, indent: int = 0) -> None:
    """A line, wrapped to the terminal; what follows stands further in."""
    margin = " " * (indent + len(text) - len(text.lstrip()))
    wide = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    wrapped = textwrap.wrap(
        text.strip(), wide, initial_indent=margin, subsequent_indent=f"{margin}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    typer.echo("\n".join(wrapped))


def _how_many(comparison: Comparison) -> str:
    meant = len(comparison.meant)
    worded = len(comparison.changes) - meant
    if not comparison.changes:
        return "No differences."
    clauses = len({(change.section, change.clause) for change in comparison.meant})
    in_meaning = f"{meant} in meaning, in {clauses} clause{'s' * (clauses != 1)}" if meant else "none in meaning"
    return f"{meant + worded} difference{'s' * (meant + worded != 1)}: {in_meaning}; {worded} in wording only."


def _print_effects(comparison: Comparison, found: Effects) -> None:
    currency = comparison.books[0].currency
    seen = "over all days" if comparison.as_of is None else f"as of {format_day(comparison.as_of)}"
    out = Console(highlight=False)
    out.print(f"\nAmounts of {found.members:,} member{'s' * (found.members != 1)}, {seen}")
    out.print(_table([("", party, sums) for party, sums in found.parties.items()], found.total, currency))
    changed = len(found.changed)
    also = f", {found.other_days:,} the same amounts on other days" if found.other_days else ""
    out.print(f"{changed:,} get other amounts{also}; {found.unchanged:,} get the same.")
    if not changed:
        return
    shown = found.changed[:MOST_MEMBERS]
    out.print(
        f"The biggest change first{f', {MOST_MEMBERS} of {changed:,}; --json lists all' * (changed > MOST_MEMBERS)}:"
    )
    rows = [
        (one.member if place == 0 else "", party, sums)
        for one in shown
        for place, (party, sums) in enumerate(pair for pair in one.parties.items() if pair[1].difference_minor)
    ]
    out.print(_table(rows, None, currency))


def _table(rows: Sequence[tuple[str, str, Sums]], total: Sums | None, currency: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    named = any(name for name, _, _ in rows)
    for name in ("member", "party") if named else ("party",):
        table.add_column(name, overflow="fold")
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for member, party, sums in rows:
        table.add_row(*([Text(member)] if named else []), party, *_figures(sums, currency))
    if total is not None:
        table.add_section()
        table.add_row("all", *_figures(total, currency), style="bold")
    return table


def _figures(sums: Sums, currency: str) -> tuple[str, str, str]:
    more = "+" if sums.difference_minor > 0 else ""
    before, after, difference = (
        format_minor(minor, currency) for minor in (sums.before_minor, sums.after_minor, sums.difference_minor)
    )
    return before, after, more + difference

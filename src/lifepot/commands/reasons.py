"""Reasons for the terminal: an answer a line, or each step of it."""

from collections.abc import Iterable
from typing import Protocol

from rich.table import Table

from lifepot.commands.tables import console
from lifepot.money import format_minor


class Told(Protocol):
    """An answer, with a database behind it or without."""

    @property
    def rule(self) -> str:
        """The rule; "" where money was taken out."""

    @property
    def party(self) -> str:
        """Who owes it."""

    @property
    def outcome(self) -> str:
        """As of a reason."""

    @property
    def amount_minor(self) -> int:
        """What it brings, minor units."""

    @property
    def because(self) -> str:
        """The step that mattered, or "nothing, because …"."""

    @property
    def code(self) -> str:
        """Of nothing, a word for machines; else ""."""

    def lines(self) -> list[str]:
        """The reason as sentences; the first names the fact."""


def print_in_short(told: Iterable[Told], currency: str) -> None:
    """An answer in a line or two."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, min_width=9)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    told = list(told)
    if told and all(one.code == "other_kind" for one in told):
        because, _, _ = told[0].because.removeprefix("nothing, ").partition(", and the rule counts ")
        table.add_row("nothing", "every rule", f"{because}, and each counts something else")
        told = []
    for one in told:
        nothing = one.outcome == "nothing"
        amount = "nothing" if nothing else format_minor(one.amount_minor, currency)
        because = one.because.removeprefix("nothing, ").removeprefix("nothing ")
        table.add_row(
            amount, one.rule or ("every rule" if nothing else "taken out"), because if nothing else one.because
        )
    console().print(table, markup=False)


def print_in_full(told: Iterable[Told], currency: str) -> None:
    """An answer step by step."""
    out = console()
    for one in told:
        amount = "Nothing" if one.outcome == "nothing" else format_minor(one.amount_minor, currency)
        rule = f" from {one.party} ({one.rule})" if one.rule else ""
        out.print(f"  [bold]{amount}{rule}[/bold]")
        for line in one.lines()[1:]:
            out.print(f"    {line}", markup=False)

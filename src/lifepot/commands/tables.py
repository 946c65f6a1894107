"""Tables for the terminal: books, statements."""

import os
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lifepot.money import format_minor
from lifepot.papers.paper import Big, Paper, Picture, cleaned
from lifepot.papers.paper import Table as PaperTable
from lifepot.payments.reconcile import Reconciled
from lifepot.periods import format_day
from lifepot.scheme.books import Books, in_words, sorted_for_people
from lifepot.scheme.statement import Entry, Statement

MOST_PAYERS = 4
"""Payers shown for each account; a scheme has thousands, and `--json` lists them all."""


STANDING_SHORT = {"sent, as the payer's file says": "sent"}
"""The table's words; above it stands what "sent" means."""


MOST_ENTRIES = 40
"""Entries of a statement that are shown; `--json` and `--html` have them all."""


WIDE = 100
"""Columns from which a statement also has room for who gave and how it stands; the rule's name tells the first."""


def console() -> Console:
    """A console on stdout; wide enough for the tables when it is not a terminal."""
    made = Console(highlight=False)
    return made if made.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=110)


def print_books(books: Books) -> None:
    """The trial balance, and who paid in what."""
    out = console()
    effective = "all days" if books.effective_on is None else f"effective up to {format_day(books.effective_on)}"
    out.print(f"[bold]{books.title}[/bold]: trial balance, {effective}, as known at place {books.place}")
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("account", "of"):
        table.add_column(name)
    for name in ("debit", "credit"):
        table.add_column(name, justify="right")
    for line in sorted_for_people(books, MOST_PAYERS)[0]:
        table.add_row(*in_words(line, books.currency))
    debits = sum(line.minor for line in books.lines if line.minor > 0)
    credited = -sum(line.minor for line in books.lines if line.minor < 0)
    table.add_section()
    table.add_row(
        "total", "", format_minor(debits, books.currency), format_minor(credited, books.currency), style="bold"
    )
    out.print(table)
    print_who_paid_in(books)
    out.print(f"Chain: place {books.place}, head {books.head}")


def print_reconciled(found: Reconciled) -> None:
    """File, bank and ledger side by side, then what waits in suspense and to be sent."""
    out, money = console(), found.currency

    def aged(days: int | None) -> str:
        return "" if days is None else f"{days} days"

    table = Table(title=f"As of {format_day(found.as_of)}", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("")
    for name in ("told", "bank", "on the way", "age"):
        table.add_column(name, justify="right")
    table.add_column("difference")
    for line in found.lines:
        figures = (format_minor(minor, money) for minor in (line.told, line.banked, line.ledger))
        days = None if line.since is None else found.as_of - line.since
        table.add_row(line.what, *figures, aged(days), line.because)
    out.print(table)
    waits = [
        ("In suspense", f"entry {one['entry']}", one["amount_minor"], one["days"], one["because"])
        for one in found.suspense
    ] + [
        ("Approved and not sent", f"withdrawal {one['withdrawal']}", one["leaving_minor"], one["days"], one["state"])
        for one in found.waiting
    ]
    for title in dict.fromkeys(one[0] for one in waits):
        table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", show_header=False)
        for its, what, minor, days, because in waits:
            if its == title:
                table.add_row(what, format_minor(minor, money), aged(days), because)
        out.print(table)
    ledger = format_minor(found.bank_by_ledger, money)
    if found.bank_by_statement is None:
        out.print(f"The ledger has {ledger} in the bank; no statement says a balance.")
    else:
        said = format_minor(found.bank_by_statement, money)
        out.print(f"The ledger has {ledger} in the bank; the statement of {found.statement_on} says {said}.")
    if found.unexplained:
        out.print(f"[bold]{format_minor(found.unexplained, money)} is not explained by any of this.[/bold]")


def print_who_paid_in(books: Books) -> None:
    """What each party put into members' pots, and what it still owes."""
    table = Table(title="Who paid in what", box=box.SIMPLE_HEAD, title_justify="left")
    table.add_column("party")
    for name in ("in pots", "owed", "together"):
        table.add_column(name, justify="right")
    everything = [0, 0]
    for party, words in (("worker", "workers"), ("employer", "employers and platforms"), ("government", "government")):
        here, owed = books.total(party), books.total(f"{party}_owed")
        everything = [everything[0] + here, everything[1] + owed]
        table.add_row(words, *(format_minor(minor, books.currency) for minor in (here, owed, here + owed)))
    table.add_section()
    table.add_row(
        "all", *(format_minor(minor, books.currency) for minor in (*everything, sum(everything))), style="bold"
    )
    console().print(table)


def print_statement(statement: Statement, lead: Iterable[str], most: int = MOST_ENTRIES, *, cut: bool = False) -> None:
    """A statement; of long ones the last entries. `lead`: what matters most. `cut`: a line an entry, whatever does not fit left
    out.
    """
    out = console()
    out.print(f"[bold]{statement.scheme}[/bold]: statement of {statement.name or 'member'} (member {statement.member})")
    opened = "not open" if statement.opened_on is None else f"open since {format_day(statement.opened_on)}"
    out.print(f"Account {opened}. As known at place {statement.place} of the chain.")
    for line in lead:
        out.print(line, markup=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("in your pot")
    for party in statement.usable:
        table.add_column(party, justify="right")
    table.add_column("together", justify="right")
    for label, amounts in (("here, as payers' files say", statement.usable), ("owed, not here yet", statement.owed)):
        table.add_row(
            label, *(format_minor(minor, statement.currency) for minor in (*amounts.values(), sum(amounts.values())))
        )
    out.print(table)
    for payer, (since, minor) in statement.claims.items():
        amount = format_minor(minor, statement.currency)
        out.print(f"Of what is owed, {amount} is a claim on {escape(payer)}, which went bust on {format_day(since)}.")
    if statement.overdrawn:
        out.print(f"Taken out beyond what a correction left: {format_minor(statement.overdrawn, statement.currency)}")
    entries = statement.entries[-most:]
    shown = f", the last {most} shown" if len(entries) < len(statement.entries) else ""
    out.print(f"Entries ({len(statement.entries)}{shown})")
    lines = _entry_table(statement, entries, out.width, cut=cut)
    before = 0
    for one in entries:
        if not cut and one.fact != before:
            if before:
                out.print(lines)
                lines = _entry_table(statement, entries, out.width, cut=cut)
            out.print(f"  [bold]{escape(one.because)}[/bold]")
        before = one.fact
        amount = format_minor(one.minor, statement.currency)
        stands = STANDING_SHORT.get(one.standing, one.standing)
        middle = [one.party, one.rule, amount, stands] if out.width >= WIDE else [one.rule, amount]
        lines.add_row(format_day(one.effective_on), *middle, statement.reasons.get(one.entry) or one.because)
    out.print(lines)
    print_nothing(statement)


def _entry_table(statement: Statement, entries: list[Entry], width: int, *, cut: bool) -> Table:
    """A table for some entries; all of a statement's are equally wide."""
    lines = Table(box=box.SIMPLE_HEAD) if cut else Table(box=None, show_header=False, padding=(0, 1), pad_edge=True)
    widths = {
        "day": 10,
        "from": 10,
        "rule": max((len(one.rule) for one in entries), default=4),
        "amount": max([len("amount"), *(len(format_minor(one.minor, statement.currency)) for one in entries)]),
        "stands": 9,
    }
    for name, least in widths.items():
        if width >= WIDE or name not in {"from", "stands"}:
            lines.add_column(name, no_wrap=True, min_width=least, justify="right" if name == "amount" else "left")
    room = width - sum(column.min_width or 0 for column in lines.columns) - 3 * len(lines.columns) - 4
    lines.add_column(
        "because", overflow="ellipsis" if cut else "fold", no_wrap=cut, max_width=max(room, 10) if cut else None
    )
    return lines


def print_nothing(statement: Statement) -> None:
    """The rules that gave nothing for the last facts, each with its reason."""
    if not statement.nothing:
        return
    out = console()
    out.print("[bold]Nothing came from[/bold]")
    for (reason, because), rules in statement.nothing_by_reason().items():
        names = ", ".join(one.rule for one in rules)
        out.print(f"  {names}: {reason.removeprefix('nothing, ')} ({because})", markup=False)


def print_paper(paper: Paper) -> None:
    """A paper; of its picture what it shows, in words."""
    out, paper = console(), cleaned(paper)
    out.print(f"[bold]{escape(paper.title)}[/bold]")
    for line in (paper.about, *paper.under):
        out.print(line, markup=False)
    for heading, blocks in (("", paper.blocks), *((one.heading, one.blocks) for one in paper.sections)):
        if heading:
            out.print(f"\n[bold]{escape(heading)}[/bold]")
        for block in blocks:
            if isinstance(block, PaperTable):
                out.print(_paper_table(block))
            elif isinstance(block, Big):
                out.print(f"{block.label}: {block.figure}", markup=False)
            else:
                out.print(block.alt if isinstance(block, Picture) else block.text, markup=False)


def _paper_table(table: PaperTable) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD)
    for nth, head in enumerate(table.heads):
        right = nth in table.numeric
        drawn.add_column(escape(head), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for nth, row in enumerate(table.rows):
        cells = (one.text + (f"\n{one.quiet}" if one.quiet else "") for one in row)
        drawn.add_row(*map(escape, cells), style="bold" if nth in table.sums else None)
    return drawn

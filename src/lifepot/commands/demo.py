"""`lifepot demo`: the main job, from nothing to a proved pot, on files that payroll and platforms could have sent."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifepot.commands.serve import serve_place
from lifepot.commands.show import AsJson, print_json, speaks

if TYPE_CHECKING:
    from lifepot.samples import Sample
    from lifepot.scheme.reply import Reply

RULEBOOK = "lifetime-savings-account"
HOME = ".lifepot/demo"
MARK = "made-by-the-demo"
"""A file in the demo's home. A home without it is somebody's own, and is not touched."""


PAYEES = """kind,ref,name,sort_code,account_number,course,title,price
lender,LOANS,Example Student Loans,200001,11223344,,,
university,NORTH,Example University of the North,200000,55779911,,,
provider,TRADES,Example College of Trades,200000,12345678,WELD3,Welding level 3,1200.00
conveyancer,KEYS,Example Conveyancers,200000,55779911,,,
pension_provider,LATER,Example Pensions,200001,11223344,,,
"""
"""Those whom money may go to, none of whom exists: without a register no purpose could be asked for to the end."""


@speaks
def demo(
    number: Annotated[int, typer.Option("--members", metavar="N", help="How many people.")] = 1000,
    months: Annotated[int, typer.Option("--months", metavar="M", help="How many months of files.")] = 12,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, other people.")] = 1,
    home: Annotated[str, typer.Option("--home", metavar="DIR", help="Where the demo's database lives.")] = HOME,
    serve: Annotated[bool | None, typer.Option("--serve/--no-serve", help="Serve it at the end, until Ctrl-C. Default: if a person looks on.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="P", help="On which port it is served; 0 for a free one.")] = 8000,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open a lifetime savings account scheme, take in a year of files, correct the past, show the books and serve the pages."""
    from lifepot.errors import LifepotError
    from lifepot.samples import write_sample
    from lifepot.storage.database import Home, open_database
    from lifepot.storage.server import erase

    place = Path(home)
    if place.exists() and any(place.iterdir()):
        if not (place / MARK).exists():
            raise LifepotError(
                f"{place} holds something that the demo did not make.", remedy="Give another --home, or remove it."
            )
        erase(place)
    place.mkdir(parents=True, exist_ok=True)
    (place / MARK).write_text("The demo makes this directory anew each time it runs.\n", encoding="utf-8")
    begun = time.monotonic()
    quiet = as_json
    with _bars(quiet) as bars:
        writing = bars.add_task("writing files", total=months)
        sample = write_sample(
            place / "files",
            members=number,
            months=months,
            seed=seed,
            on_progress=lambda done, of: bars.update(writing, completed=done, total=of),
        )
        with open_database(Home(place)) as database, database.connect() as connection:
            replies = _receive_all(connection, sample, bars)
            _register(connection, place)
            answer = _answer(connection, replies, place, time.monotonic() - begun)
    if as_json:
        print_json(answer["json"])
        return
    _show(answer, place)
    looked_at = sys.stdin.isatty() and sys.stdout.isatty()
    if serve or (serve is None and looked_at):
        serve_place(Home(place.absolute()), "127.0.0.1", port, demo=True, otherwise_any=True)


def _bars(quiet: bool) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )


def _receive_all(connection: Any, sample: "Sample", bars: Any) -> list["Reply"]:
    from lifepot.periods import day_of
    from lifepot.rulebook.reader import rulebook_text
    from lifepot.scheme.opening import Clock, open_scheme
    from lifepot.scheme.receive import receive

    text, name = rulebook_text(RULEBOOK)
    first = sample.files[0].received_on
    open_scheme(connection, text, name, Clock.at("demo", datetime.now(UTC), day_of(first.replace(day=6))))
    task = bars.add_task("receiving files", total=len(sample.files))
    replies = []
    for file in sample.files:
        mode = "replaces" if "--replaces" in file.flags else None
        clock = Clock.at("demo", datetime.now(UTC), day_of(file.received_on))
        replies.append(receive(connection, file.path, clock, mode=mode))
        bars.update(task, advance=1)
    return replies


def _register(connection: Any, place: Path) -> None:
    from lifepot.withdrawals.payees import load

    file = place / "payees.csv"
    file.write_text(PAYEES, encoding="utf-8")
    _, faults = load(connection, file)
    assert not faults, faults


def _answer(connection: Any, replies: list["Reply"], place: Path, seconds: float) -> dict[str, Any]:
    from lifepot.papers.member import member_figures
    from lifepot.papers.statement import lead, statement_paper
    from lifepot.papers.writing import page_of, pdf_of
    from lifepot.scheme.answers import Asked
    from lifepot.scheme.books import read_books
    from lifepot.scheme.why import why

    row = connection.execute(
        "select member from fact where kind = 1 group by member order by count(distinct payer) desc, count(*) desc, member limit 1"
    ).fetchone()
    books = read_books(connection)
    page = place / "statement.html"
    figures = member_figures(connection, row[0])
    paper = statement_paper(figures)
    statement = figures.statement
    page.write_text(page_of(paper), encoding="utf-8")
    page.with_suffix(".pdf").write_bytes(pdf_of(paper))
    matched = [one for one in statement.entries if one.rule == "government.match" and one.minor > 0]
    reasons = why(connection, row[0], Asked(entry=matched[-1].entry)) if matched else None
    amended = next((reply for reply in replies if reply.replaced or reply.removed), None)
    faulty = replies[-1]
    return {
        "books": books, "statement": statement, "lead": lead(figures), "reasons": reasons, "amended": amended, "faulty": faulty, "replies": replies,
        "page": page, "seconds": seconds,
        "json": {
            "home": str(place), "files": len(replies), "seconds": round(seconds, 1), "members": sum(reply.new_members for reply in replies),
            "books": books.as_dict(), "statement": statement.as_dict(), "amended": amended.as_dict() if amended else None, "faulty": faulty.as_dict(),
        },
    }  # fmt: skip


def _show(answer: dict[str, Any], place: Path) -> None:
    from lifepot.commands.tables import console, print_books, print_statement
    from lifepot.commands.why import print_answers

    out = console()
    replies = answer["replies"]
    accepted, members = sum(reply.accepted for reply in replies), sum(reply.new_members for reply in replies)
    out.print(
        f"\n{len(replies)} files, {accepted:,} rows accepted, {members:,} members, in {answer['seconds']:.0f} s.\n"
    )
    print_books(answer["books"])
    out.print()
    print_statement(answer["statement"], answer["lead"], most=12, cut=True)
    if answer["reasons"]:
        out.print("\n[bold]Why government's last match is what it is[/bold]")
        print_answers(answer["reasons"], full=True)
    if answer["amended"]:
        out.print("\n[bold]An amended file for an earlier month: only the differences were posted[/bold]")
        out.print("\n".join(answer["amended"].lines()), markup=False)
    out.print("\n[bold]The reply to a file full of faults[/bold]")
    out.print("\n".join(answer["faulty"].lines(most=8)), markup=False)
    member = answer["statement"].member
    out.print("\n[bold]Where to look next[/bold]")
    for command, what in (
        (
            f"./lifepot serve --demo --home {place}",
            "the pages, at http://127.0.0.1:8000: ready sign-ins for members, clerks, an operator, an approver and an auditor",
        ),
        (f"./lifepot statement {member} --home {place}", "the whole statement"),
        (f"./lifepot why {member} --home {place}", "why each amount is what it is"),
        (
            f"./lifepot books --effective 2026-09-30 --home {place}",
            "the books as of a day, or --known 100 as known at a place",
        ),
        (f"./lifepot verify --home {place}", "prove it all anew, by another path"),
        ("./lifepot rulebook show lifetime-savings-account", "the rules, each figure with its reason"),
        (f"{place / 'files'}", "the files that were received"),
        (f"{answer['page']}", "the statement as a page; beside it as a PDF"),
    ):
        out.print(f"  {command}\n      {what}", markup=False)

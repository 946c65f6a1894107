"""`lifepot statement` and `lifepot report`: papers for a member, for a payer and for government."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lifepot.commands.scheme import MemberArgument, connected
from lifepot.commands.show import AsJson, DatabaseOption, HomeOption, print_json, speaks, write_page

if TYPE_CHECKING:
    from lifepot.papers.paper import Paper

report = typer.Typer(no_args_is_help=True, help="What a payer, and what government, paid and owes, on paper.")

HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="F", help="Write it to this file as a page that stands alone.")
]
PdfOption = Annotated[
    Path | None, typer.Option("--pdf", metavar="F", help="Write it to this file as a PDF that a screen reader reads.")
]
YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar="Y",
        help="The rulebook's year that begins in this calendar year, as known at its end. Default: everything there is.",
    ),
]


@speaks
def statement(
    member: MemberArgument, html: HtmlOption = None, pdf: PdfOption = None, year: YearOption = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """One member's statement: the pot, what others added, what it can be used for, its course, and every entry with its reason."""
    from lifepot.commands.tables import MOST_ENTRIES, print_statement
    from lifepot.papers.member import member_figures
    from lifepot.papers.statement import lead, statement_paper
    from lifepot.scheme.statement import find_member

    in_short = html is None and pdf is None and year is None and not as_json
    with connected(home, database) as connection:
        most = MOST_ENTRIES if in_short else None
        figures = member_figures(connection, find_member(connection, member), year, most)
    if in_short:
        print_statement(figures.statement, lead(figures))
        return
    paper = statement_paper(figures)
    _write(paper, html, pdf, quiet=as_json)
    if as_json:
        print_json(figures.as_dict() | {"paper": paper.as_dict()})
    elif html is None and pdf is None:
        _print(paper)


@report.command("payer")
@speaks
def payer(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The payer, as its files name it.")],
    html: HtmlOption = None, pdf: PdfOption = None, year: YearOption = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a payer sent, owes and has held for it, month by month, and what government added for its people because of it."""
    from lifepot.papers.payer import payer_figures, payer_paper

    with connected(home, database) as connection:
        figures = payer_figures(connection, ref, year)
    paper = payer_paper(figures)
    _write(paper, html, pdf, quiet=as_json)
    if as_json:
        print_json(figures.as_dict() | {"paper": paper.as_dict()})
    elif html is None and pdf is None:
        _print(paper)


@report.command("government")
@speaks
def government(
    html: HtmlOption = None, pdf: PdfOption = None, year: YearOption = None,
    home: HomeOption = None, database: DatabaseOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """What government paid and owes, and for whom: by age and by earnings. No line is of fewer than five people."""
    from lifepot.papers.government import government_figures, government_paper

    with connected(home, database) as connection:
        figures = government_figures(connection, year)
    paper = government_paper(figures)
    _write(paper, html, pdf, quiet=as_json)
    if as_json:
        print_json(figures.as_dict() | {"paper": paper.as_dict()})
    elif html is None and pdf is None:
        _print(paper)


def _write(paper: "Paper", html: Path | None, pdf: Path | None, *, quiet: bool) -> None:
    """The files that were asked for."""
    from lifepot.papers.writing import page_of, pdf_of

    for file, written in ((html, page_of), (pdf, pdf_of)):
        if file is not None:
            write_page(file, written(paper))
            if not quiet:
                typer.echo(f"Written to {file}")


def _print(paper: "Paper") -> None:
    """A paper on the terminal."""
    from lifepot.commands.tables import print_paper

    print_paper(paper)

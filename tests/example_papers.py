"""The papers that docs/papers shows: `./lifepot python tests/example_papers.py` makes them again."""

import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
sys.path.insert(0, str(CHECKOUT))

from tests.schemes import ANN, Row, Scheme, contributions, opened, paid, pay  # noqa: E402 - after the path is set

from lifepot.papers.government import government_figures, government_paper  # noqa: E402
from lifepot.papers.member import member_figures  # noqa: E402
from lifepot.papers.paper import Paper  # noqa: E402
from lifepot.papers.payer import payer_figures, payer_paper  # noqa: E402
from lifepot.papers.statement import statement_paper  # noqa: E402
from lifepot.papers.writing import page_of, pdf_of  # noqa: E402
from lifepot.scheme.statement import find_member  # noqa: E402
from lifepot.storage.server import EmbeddedServer, erase  # noqa: E402

FOLDER = CHECKOUT / "docs" / "papers"


def papers(scheme: Scheme) -> dict[str, Paper]:
    """A cleaner with two payers, and eleven others of the first: what she, the cleaning firm and government are told."""
    who = {"forename": "Amina", "surname": "Okafor", "born": "2001-03-14"}
    others = [f"AB3000{number:02d}A" for number in range(11)]
    for nth, on in enumerate(("2026-05-29", "2026-06-30", "2026-07-31"), 5):
        pays: list[Row] = [
            pay(ANN, on, "684.20", "20.53", "20.53", payer="BRIGHT CLEANING", **who),
            *(
                pay(nino, on, f"{400 + 130 * number}.00", payer="BRIGHT CLEANING", born=f"{1966 + 3 * number}-07-01", worker=f"{12 + 4 * number}.00", employer=f"{12 + 4 * number}.00")
                for number, nino in enumerate(others)
            ),
        ]  # fmt: skip
        tell(scheme, f"bright-cleaning-2026-0{nth}.csv", pays, on)
        if nth < 7:
            own = [pay(ANN, on, "212.75", "6.38", "6.38", payer="PARCELS", **who)]
            tell(scheme, f"parcels-2026-0{nth}.csv", own, on)
    tell(scheme, "amina.csv", [paid(ANN, "2026-07-10", "25.00", **who)], "2026-08-01")
    tell(
        scheme,
        "parcels-2026-06-put-right.csv",
        [pay(ANN, "2026-06-30", "250.00", "7.50", "7.50", payer="PARCELS", **who)],
        "2026-09-04",
        "replaces",
    )
    return {
        "statement": statement_paper(member_figures(scheme.connection, find_member(scheme.connection, ANN))),
        "payer": payer_paper(payer_figures(scheme.connection, "BRIGHT CLEANING")),
        "government": government_paper(government_figures(scheme.connection)),
    }


def tell(scheme: Scheme, name: str, rows: list[Row], as_of: str, mode: str | None = None) -> None:
    """Receive a file of this name."""
    path = scheme.folder / name
    path.write_text(contributions(rows), encoding="utf-8")
    scheme.told(path, as_of, mode)


def main() -> None:
    """Write the pages, and the statement as a PDF."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(tempfile.mkdtemp(prefix="lifepot-example-"))
        try:
            with EmbeddedServer.start(home) as server, opened(server, Path(folder)) as scheme:
                made = papers(scheme)
        finally:
            erase(home)
            home.rmdir()
    for name, paper in made.items():
        (FOLDER / f"{name}.html").write_text(page_of(paper), encoding="utf-8")
    (FOLDER / "statement.pdf").write_bytes(pdf_of(made["statement"]))


if __name__ == "__main__":
    main()

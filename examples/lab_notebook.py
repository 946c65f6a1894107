"""The lab as a marimo notebook: `pip install marimo`, then `marimo edit examples/lab_notebook.py`.

Nothing of Lifepot needs marimo. A cell is a plain function; what it returns, the others may ask for.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import marimo as mo
    import polars as pl

    from lifepot.lab.run import Order, costed
    from lifepot.lab.varying import changed, varied
    from lifepot.lab.words import in_two_sentences
    from lifepot.rulebook.reader import read_rulebook, shipped_names

    return Order, changed, costed, in_two_sentences, mo, pl, read_rulebook, shipped_names, varied


@app.cell
def _(mo, shipped_names):
    book_name = mo.ui.dropdown(shipped_names(), value="lifetime-savings-account", label="Rulebook")
    people = mo.ui.slider(1_000, 20_000, step=1_000, value=2_000, label="People")
    match = mo.ui.slider(0, 100, step=5, value=50, label="Government's match, pence a pound")
    mo.vstack([book_name, people, match])
    return book_name, match, people


@app.cell
def _(Order, book_name, changed, costed, match, people, read_rulebook, varied):
    from fractions import Fraction

    book = read_rulebook(book_name.value)
    if "match_rate" in book.values:
        varied(book, "match.rate=0:1")  # says what is wrong if it cannot be varied
        book = changed(book, {"match_rate": Fraction(match.value, 100)})
    found = costed(Order(people=people.value), book)
    return (found,)


@app.cell
def _(found, in_two_sentences, mo):
    mo.md(" ".join(in_two_sentences(found)))


@app.cell
def _(found, mo, pl):
    figures = pl.DataFrame(found.long())
    mo.ui.table(figures.filter(pl.col("table") == "gains_by_decile"))
    return (figures,)


@app.cell
def _(figures, mo, pl):
    cost = figures.filter((pl.col("table") == "cost_by_year_real") & (pl.col("column") == "government"))
    mo.ui.table(cost)


if __name__ == "__main__":
    app.run()

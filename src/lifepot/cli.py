"""`lifepot`: the whole command line. Exit codes: 0 done, 1 refused or faults found, 2 misuse.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import typer

from lifepot.commands import (
    answer,
    bank,
    claim,
    demo,
    household,
    income,
    lab,
    loan,
    moving,
    notices,
    papers,
    people,
    quote,
    rulebook,
    scheme,
    serve,
    why,
    withdraw,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Lifetime savings accounts, co-financed by workers, employers and government: run a scheme, explain every penny, correct the past.",
    epilog="Also: `lifepot test …` runs the tests, `lifepot python FILE …` runs a file in this environment. Exit codes: 0 done, 1 refused or faults found, 2 called wrongly.",
)
app.add_typer(rulebook.app, name="rulebook")
app.command("entitle")(rulebook.entitle)
app.command("quote")(quote.quote)
app.command("answer")(answer.answer)
app.command("loan")(loan.loan)
app.command("open")(scheme.open_)
app.command("receive")(scheme.receive)
app.command("settle")(scheme.settle)
app.command("adopt")(scheme.adopt)
app.command("books")(scheme.books)
app.command("statement")(papers.statement)
app.add_typer(papers.report, name="report")
app.command("why")(why.why)
app.command("verify")(scheme.verify)
app.add_typer(withdraw.app, name="withdraw")
app.add_typer(income.app, name="income")
app.add_typer(withdraw.payees, name="payees")
app.command("pay")(bank.pay)
app.command("bank")(bank.bank)
app.add_typer(bank.suspense, name="suspense")
app.command("reconcile")(bank.reconcile)
app.command("account")(bank.own_account)
app.command("sample")(scheme.sample)
app.add_typer(claim.app, name="claim")
app.add_typer(people.members, name="members")
app.add_typer(people.payers, name="payers")
app.add_typer(moving.app, name="transfer")
app.add_typer(household.app, name="household")
app.command("notices")(notices.notices)
app.add_typer(lab.app, name="lab")
app.command("serve")(serve.serve)
app.add_typer(serve.seat, name="seat")
app.add_typer(serve.key, name="key")
app.command("demo")(demo.demo)


def main() -> None:
    """Entry point."""
    app(prog_name="lifepot")

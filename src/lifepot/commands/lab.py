"""`lifepot lab`: what a scheme would cost and whom it would help. Its subcommands stand in files of their own."""

import typer

from lifepot.commands import lab_people

app = typer.Typer(
    no_args_is_help=True, help="What would a scheme cost, and who gains: synthetic people, lives, budgets."
)
app.command("people")(lab_people.people)

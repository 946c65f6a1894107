"""`lifepot lab`: what a scheme would cost and whom it would help. Its subcommands stand in files of their own."""

import typer

from lifepot.commands import lab_cost, lab_live, lab_people, lab_scenarios, lab_search, lab_validate

app = typer.Typer(
    no_args_is_help=True, help="What would a scheme cost, and who gains: synthetic people, lives, budgets."
)
app.command("people")(lab_people.people)
app.command("live")(lab_live.live)
app.command("cost")(lab_cost.cost)
app.command("compare")(lab_cost.compare)
app.command("search")(lab_search.search)
app.command("validate")(lab_validate.validate)
app.command("scenarios")(lab_scenarios.scenarios)

"""`lifepot`: the whole command line. Exit codes: 0 done, 1 refused or faults found, 2 misuse.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import typer

from lifepot.commands import rulebook

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Lifetime savings accounts, co-financed by workers, employers and government: run a scheme, explain every penny, correct the past.",
)
app.add_typer(rulebook.app, name="rulebook")
app.command("entitle")(rulebook.entitle)


def main() -> None:
    """Entry point."""
    app(prog_name="lifepot")

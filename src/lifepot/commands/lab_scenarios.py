"""`lifepot lab scenarios`: the worlds that may be tried, each off by default; or what is wrong with a lever file."""

from typing import Annotated

import typer

from lifepot.commands.show import REFUSED, AsJson, print_faults, print_json, speaks


@speaks
def scenarios(
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="A scenario by name, or a lever file to read and check.")] = None,
    as_json: AsJson = False,
) -> int | None:  # fmt: skip
    """List the scenarios: what each changes, its range, its source. All are off unless `--scenario` asks for one."""
    from lifepot.lab.scenarios import ScenarioFaults, known, read_scenario, shipped_scenarios

    try:
        found = [read_scenario(name) for name in ([file] if file else shipped_scenarios())]
    except ScenarioFaults as unread:
        if as_json:
            print_json({"file": file, "faults": [fault.as_dict() for fault in unread.faults]})
        print_faults(unread.faults)
        return REFUSED
    if as_json:
        limits = [{"lever": name, "limits": None if span is None else list(span)} for name, span in known().items()]
        print_json({"scenarios": [one.as_dict() for one in found], "levers": limits})
        return None
    for one in found:
        typer.echo(f"\n{one.name}: {one.title}\n  {one.description}")
        for lever in one.levers.values():
            typer.echo(
                f"  {lever.name}: {lever.words} ({lever.unit}): {lever.low:g}, {lever.central:g}, {lever.high:g}"
            )
        typer.echo(f"  Source ({one.certainty}): {one.source}")
    return None

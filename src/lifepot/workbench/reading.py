"""The process that reads texts as they are typed: faults and numbers. `python -m lifepot.workbench.reading`.

It is told `{"text": …, "numbers": …}` and answers with the text in which those numbers stand, what is wrong with it and which numbers
it has. It is another process than the one
that redraws, so that a fault is told at once while something is drawn, and another than the one that serves pages, so that no text
can keep those waiting.
"""

from collections.abc import Mapping
from typing import Any

from lifepot.errors import Misuse
from lifepot.workbench.checking import checked
from lifepot.workbench.lines import Lines, bounded, own_voice
from lifepot.workbench.numbers import numbers, with_number, with_numbers

MODULE = "lifepot.workbench.reading"

MOST_BYTES = 2**30
"""Of memory that it may ask for."""


def read(text: str, on_day: int | None, wanted: Mapping[str, str]) -> dict[str, Any]:
    """What is said of a text in which other numbers were put; of those that cannot stand there, why."""
    refused = []
    try:
        text = with_numbers(text, wanted) if wanted else text
    except Misuse:
        # One that cannot be keeps none of the others out.
        for which, value in wanted.items():
            try:
                text = with_number(text, which, value)
            except Misuse as error:
                refused.append({"which": which, "value": value, "message": error.message, "remedy": error.remedy})
    found = checked(text)
    is_read = all(one.code != "size" for one in found.faults)
    there = [one.as_dict() for one in numbers(text, on_day=on_day)] if is_read else []
    return {**found.as_dict(), "numbers": there, "text": text, "refused": refused}


def main() -> None:
    """Answers until nobody is left."""
    say = own_voice()
    bounded(MOST_BYTES)
    heard = Lines(0)
    while (line := heard.next()) is not None:
        say(read(line["text"], line["on_day"], line["numbers"]))


if __name__ == "__main__":
    main()

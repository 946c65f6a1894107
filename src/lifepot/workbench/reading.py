"""The process that reads texts as they are typed: faults and numbers. `python -m lifepot.workbench.reading`.

It is told `{"text": …}` and answers with what is wrong with the text and which numbers stand in it. It is another process than the one
that redraws, so that a fault is told at once while something is drawn, and another than the one that serves pages, so that no text
can keep those waiting.
"""

from typing import Any

from lifepot.workbench.checking import checked
from lifepot.workbench.lines import Lines, bounded, own_voice
from lifepot.workbench.numbers import numbers

MODULE = "lifepot.workbench.reading"

MOST_BYTES = 2**30
"""Of memory that it may ask for."""


def read(text: str, on_day: int | None) -> dict[str, Any]:
    """What is said of a text."""
    found = checked(text)
    is_read = all(one.code != "size" for one in found.faults)
    return {**found.as_dict(), "numbers": [one.as_dict() for one in numbers(text, on_day=on_day)] if is_read else []}


def main() -> None:
    """Answers until nobody is left."""
    say = own_voice()
    bounded(MOST_BYTES)
    heard = Lines(0)
    while (line := heard.next()) is not None:
        say(read(line["text"], line["on_day"]))


if __name__ == "__main__":
    main()

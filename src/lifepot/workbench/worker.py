"""The process that redraws: it holds the kept lives, and is told texts line by line. `python -m lifepot.workbench.worker`.

It is told `{"do": "redraw", "text": …, "against": …, "lives": …}` or `{"do": "report", …}`, one at a time, and answers
`{"answer": …}`, `{"page": …}`, `{"refused": …}` or `{"stopped": true}`. Whatever else arrives while it draws, `{"do": "stop"}` say,
stops it after the villages under way; what is done of a text is kept, so asking again goes on from there. When nobody is left to
speak to it ends.
"""

import argparse
from pathlib import Path
from typing import Any

from lifepot.errors import LifepotError
from lifepot.workbench.checking import NotARulebook, beginnings
from lifepot.workbench.kept import Kept
from lifepot.workbench.lines import Lines, bounded, own_voice
from lifepot.workbench.redrawing import Redraws

MODULE = "lifepot.workbench.worker"

MOST_BYTES = 6 * 2**30
"""Of memory that it may ask for, maps of the kept lives counted."""

WARM = "lifetime-savings-account"
WARM_LIVES = 1_000


def refused(error: LifepotError) -> dict[str, Any]:
    """A refusal as a line says it."""
    faults = [one.as_dict() for one in error.faults] if isinstance(error, NotARulebook) else []
    return {"message": error.message, "remedy": error.remedy, "faults": faults}


def answered(redraws: Redraws, asked: dict[str, Any], heard: Lines) -> dict[str, Any]:
    """The answer to one line."""

    def keep_on() -> bool:
        return not heard.waiting()

    try:
        if asked["do"] == "report":
            page = redraws.report(asked["text"], asked["against"], asked["lives"], keep_on)
            return {"stopped": True} if page is None else {"page": page}
        found = redraws.redraw(asked["text"], asked["against"], asked["lives"], keep_on)
    except LifepotError as error:
        return {"refused": refused(error)}
    return {"stopped": True} if found is None else {"answer": found.as_dict()}


def main() -> None:
    """Makes or opens the lives, says how far it is, then answers until nobody is left."""
    asked_for = argparse.ArgumentParser(MODULE)
    asked_for.add_argument("--keep", type=Path, required=True)
    asked_for.add_argument("--lives", type=int, required=True)
    asked_for.add_argument("--threads", type=int, required=True)
    asked = asked_for.parse_args()
    say = own_voice()
    bounded(MOST_BYTES)
    try:
        kept = Kept(asked.keep, asked.lives)
        kept.make(asked.threads, lambda there, of: say({"making": [there, of]}))
    except LifepotError as error:
        say({"failed": refused(error)})
        return
    redraws = Redraws(kept, asked.threads)
    # Machine code is compiled, or read, before the first person waits for it.
    redraws.redraw(beginnings()[WARM], None, WARM_LIVES, lambda: True)
    say({"ready": True})
    heard = Lines(0)
    while (line := heard.next()) is not None:
        if line["do"] != "stop":
            say(answered(redraws, line, heard))


if __name__ == "__main__":
    main()

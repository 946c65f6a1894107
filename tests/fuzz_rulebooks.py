"""The long sweep of edited rulebooks: `./lifepot python tests/fuzz_rulebooks.py --minutes 30`.

Prints each seed at which a promise was broken, with the first line of how; exits with 1 if there was one. To look at
one seed again: `--seed N`.
"""

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.edits import edited
from tests.fuzzing import tried


def say(*lines: str) -> None:
    """Lines on stdout, at once."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Tries seeds until the time is over."""
    options = argparse.ArgumentParser(description="Edits shipped rulebooks at random and tries what becomes of them.")
    options.add_argument("--minutes", type=float, default=30, help="how long (default: 30)")
    options.add_argument("--first", type=int, default=1_000_000, help="the first seed (default: 1000000)")
    options.add_argument("--seed", type=int, help="try this seed alone, and show its rulebook and traceback")
    asked = options.parse_args()
    warnings.simplefilter("error")
    if asked.seed is not None:
        say(edited(asked.seed)[0], tried(asked.seed))
        return 0
    became: Counter[str] = Counter()
    until, seed = time.monotonic() + asked.minutes * 60, asked.first
    while time.monotonic() < until:
        try:
            became[tried(seed)] += 1
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            became["broken"] += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            say(
                f"seed {seed}: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {str(error)[:160]}"
            )
        seed += 1
    say(
        f"{sum(became.values())} rulebooks, seeds {asked.first} to {seed - 1}: "
        + ", ".join(f"{n} {what}" for what, n in became.most_common())
    )
    return 1 if became["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())

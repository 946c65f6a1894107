"""A scheme on a disk that fills up. Run in a mount namespace of its own, as root: `unshare -m python filling.py FOLDER`.

It prints what it saw, a line each; `test_together.py` says what that must be.
"""

import subprocess
import sys
from pathlib import Path

from tests.schemes import Scheme, pay

from lifepot.errors import LifepotError
from lifepot.storage.database import Home, open_database
from lifepot.storage.server import erase

BALLAST_LEFT = 200_000
"""Bytes that are left: room for a reply, and not for the rows of a file of 3,000."""


def main(folder: Path) -> None:
    """Receive a file, fill the disk, receive another, make room, receive it again."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220m,mode=0755", "tmpfs", folder], check=True)
    home = Home(folder / "home")
    try:
        with open_database(home) as database:
            with database.connect() as connection:
                scheme = Scheme.open(connection, folder)
                scheme.told([pay("AB100001A", "2026-05-29", "1000.00", "30.00", "30.00")], "2026-06-01")
                before = scheme.pots()
            second = scheme.file([pay(f"AB{n:06d}A", "2026-06-30", "1000.00", "30.00", "30.00") for n in range(3_000)])
            _fill(folder)
            try:
                with database.connect() as connection:
                    Scheme(connection, folder).tell(second, "2026-07-01")
                say("received")
            except LifepotError as error:
                say(f"refused with a remedy: {bool(error.remedy)}")
            (folder / "ballast").unlink()
        with open_database(home) as database, database.connect() as connection:
            scheme = Scheme(connection, folder)
            say(f"as before: {scheme.pots() == before}")
            say(f"again: {scheme.tell(second, '2026-07-01').state}")
            scheme.check()
            say(f"pots: {sum(amount for name, amount in scheme.pots().items() if name.startswith('worker'))}")
    finally:
        erase(home.directory)
        subprocess.run(["umount", folder], check=False)


def _fill(folder: Path) -> None:
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(1 << 20))
        except OSError:
            ballast.truncate(ballast.tell() - BALLAST_LEFT)


def say(line: str) -> None:
    """A line for whoever started us."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

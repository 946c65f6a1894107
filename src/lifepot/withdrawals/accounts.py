"""Whether an account can exist, by the modulus table that the operator loaded. The table is Pay.UK's and is not shipped:
it is kept in the scheme's database as its two files came, and without it nothing is known.
"""

from pathlib import Path
from typing import Any

import psycopg

from lifepot.banking.modulus import Answer, Checked, ModulusTable, check_account, read_table
from lifepot.errors import Fault, LifepotError, Misuse
from lifepot.scheme.opening import Clock

LARGEST_TABLE_BYTES = 4 * 2**20
"""Ten times the published one."""

NO_TABLE = Checked(Answer.UNCHECKED, "no table of modulus checks is loaded")


def load_modulus_table(
    connection: psycopg.Connection[Any], weights: Path, substitutions: Path | None, clock: Clock
) -> tuple[ModulusTable, tuple[Fault, ...]]:
    """Keep the table from now on, in place of the one before. Commits. With a fault nothing is kept, and the one before stays."""
    octets = _read(weights)
    others = b"" if substitutions is None else _read(substitutions)
    table, faults = read_table(octets, others, file=str(weights), substitutes_file=str(substitutions))
    if not faults and not table.rows:
        faults = (Fault(str(weights), 0, 0, "layout_unknown", "", "no row", "Pay.UK's valacdos.txt"),)
    if not faults:
        connection.execute(
            "insert into personal.modulus_table (weights, substitutions, who, loaded_at) values (%s, %s, %s, %s) "
            "on conflict (the_only) do update set weights = excluded.weights, substitutions = excluded.substitutions, "
            "who = excluded.who, loaded_at = excluded.loaded_at",
            [octets, others, clock.who, clock.known_at],
        )
        connection.commit()
    return table, faults


def read_modulus_table(connection: psycopg.Connection[Any]) -> ModulusTable | None:
    """The table that was loaded last; None if none was."""
    row = connection.execute("select weights, substitutions from personal.modulus_table").fetchone()
    return None if row is None else read_table(bytes(row[0]), bytes(row[1]))[0]


def checked_account(connection: psycopg.Connection[Any], sort_code: str, account_number: str) -> Checked:
    """What the table says of an account: six digits and eight."""
    table = read_modulus_table(connection)
    return NO_TABLE if table is None else check_account(table, sort_code, account_number)


def must_be_possible_account(connection: psycopg.Connection[Any], sort_code: str, account_number: str) -> Checked:
    """The same. LifepotError for an account that cannot exist."""
    found = checked_account(connection, sort_code, account_number)
    if found.answer == Answer.INVALID:
        raise LifepotError(
            f"There can be no account {account_number} at {sort_code}: {found.why}.",
            remedy="Look at the digits again; money sent there would come back, or reach a stranger.",
        )
    return found


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            octets = opened.read(LARGEST_TABLE_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{file} cannot be read ({error.strerror}).", remedy="Give Pay.UK's valacdos.txt.") from None
    if len(octets) > LARGEST_TABLE_BYTES:
        raise Misuse(f"{file} is larger than any table of modulus checks.", remedy="Give Pay.UK's valacdos.txt.")
    return octets

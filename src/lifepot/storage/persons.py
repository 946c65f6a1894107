"""Who is who: the only place that knows names, and the only one whose rows change (schema `personal`)."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from lifepot.storage.copying import column, cursor
from lifepot.storage.queries import query
from lifepot.storage.rows import Int

NINO_BYTES = "S8"


class Persons:
    """Members by what files call them, within the connection's transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = cursor(connection)

    def by_nino(self, ninos: NDArray[np.bytes_]) -> Int:
        """The member of each NINO (dtype S8: the part that names the person, "AB123456"), 0 where it is not known."""
        asked = {"ninos": column(ninos.astype(NINO_BYTES), "text")}
        return self._members("members_by_nino", asked, len(ninos))

    def by_employment(self, payer: int, payroll_ids: Sequence[str], born: Int) -> Int:
        """The member of each payroll number and birth day (NONE: not said) at one payer, 0 where it is not known."""
        asked = {"payer": payer, "payroll_ids": list(payroll_ids), "born": column(born, "date")}
        return self._members("members_by_employment", asked, len(payroll_ids))

    def new_members(self, count: int) -> Int:
        """So many member numbers that nobody has had, rising."""
        row = self._cursor.execute(query("new_members"), {"count": count}).fetchone()
        return np.empty(0, np.int64) if row is None or row[0] is None else np.sort(row[0].astype(np.int64))

    def add_identities(self, ninos: NDArray[np.bytes_], members: Int) -> None:
        """Say which members these NINOs are. UniqueViolation when another process has just said so of one."""
        self._cursor.execute(
            "insert into personal.identity (nino, member) select * from unnest(%s, %s)",
            [column(ninos.astype(NINO_BYTES), "text"), column(members, "integer")],
        )

    def add_employments(self, payer: int, payroll_ids: Sequence[str], born: Int, members: Int) -> None:
        """Say which members these payroll numbers and birth days are; what is known already stays."""
        self._cursor.execute(
            "insert into personal.employment (payer, payroll_id, born, member)"
            " select %s, * from unnest(%s::text[], %s, %s) on conflict do nothing",
            [payer, list(payroll_ids), column(born, "date"), column(members, "integer")],
        )

    def erased(self, ninos: NDArray[np.bytes_]) -> NDArray[np.bool_]:
        """Of each NINO, whether its person was erased. Costs nothing while nobody was."""
        marks = {bytes(mark) for (mark,) in self._cursor.execute("select mark from personal.erased").fetchall()}
        if not marks:
            return np.zeros(len(ninos), np.bool_)
        key = self._secret()
        return np.array([self._mark(key, bytes(nino)) in marks for nino in ninos], dtype=np.bool_)

    def mark_erased(self, nino: bytes, batch: int) -> None:
        """Leave the mark by which a file sent again re-creates nobody."""
        self._cursor.execute(
            "insert into personal.erased (mark, batch) values (%s, %s) on conflict do nothing",
            [self._mark(self._secret(), nino), batch],
        )

    def _secret(self) -> bytes:
        """The scheme's secret, drawn when it is first needed."""
        self._cursor.execute(
            "insert into personal.secret (key) values (%s) on conflict do nothing", [secrets.token_bytes(32)]
        )
        row = self._cursor.execute("select key from personal.secret").fetchone()
        assert row is not None
        return bytes(row[0])

    @staticmethod
    def _mark(key: bytes, nino: bytes) -> bytes:
        return hmac.new(key, nino, hashlib.sha256).digest()

    def _members(self, name: str, asked: dict[str, Any], count: int) -> Int:
        positions, found = self._cursor.execute(query(name), asked).fetchone() or (None, None)
        members = np.zeros(count, np.int64)
        if positions is not None:
            members[positions - 1] = found
        return members

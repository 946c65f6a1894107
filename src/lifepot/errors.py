"""What can go wrong, and in whose hands it lies.

- Bad *data* is a value, a `Fault`: it has a place, a code, what was found and what was expected. The rest goes on.
- Misuse, and trouble in the world (a full disk, a dead server), is a `LifepotError`: it says what to do.
- Our own mistake is an assertion, and never caught.
"""

from dataclasses import asdict, dataclass


class LifepotError(Exception):
    """Something the caller or the world must put right.

    `message` says what happened, `remedy` what to do about it; both are whole sentences for a person.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


class Misuse(LifepotError):
    """The command was called in a way that cannot mean anything."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in somebody's data. `line` and `column` count from 1; 0 means the whole file or line."""

    file: str
    line: int
    column: int
    code: str
    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {where}{self.found}; expected {self.expected} [{self.code}]"

    def as_dict(self) -> dict[str, str | int]:
        """The fault as JSON carries it."""
        return asdict(self)

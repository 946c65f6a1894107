"""Who asks, and in which seat: what a session or a key comes to, and what every look and every act is written down with."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the scheme. A household partner is a member, who sees what another member shared."""

    MEMBER = "member"
    CLERK = "clerk"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    PUBLIC = "public"


SIGHT = {
    Role.MEMBER: "lifepot_member",
    Role.CLERK: "lifepot_clerk",
    Role.OPERATOR: "lifepot_operator",
    Role.APPROVER: "lifepot_operator",
    Role.AUDITOR: "lifepot_auditor",
    Role.ANALYST: "lifepot_public",
    Role.PUBLIC: "lifepot_public",
}
"""The database's role that each sees with: `sight.sql` says what that is."""

STAFF = (Role.OPERATOR, Role.APPROVER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whoever asks. `member` and `payer` are numbers, of a member's and a clerk's seat; files call the payer `payer_ref`. `who` is written beside entries: it names
    a person or a key, the same in all their seats, so that nobody is a second pair of eyes for themselves.
    """

    role: Role
    who: str = "nobody"
    name: str = ""
    member: int | None = None
    payer: int | None = None
    payer_ref: str = ""
    login: int | None = None
    seat: int | None = None
    key: str | None = None
    per_minute: int = 0
    sandbox: bool = False
    merged: tuple[int, ...] = ()
    """Members who were found to be this one: what was told of them is theirs."""
    read_also: tuple[int, ...] = ()
    """Members some of whose facts were found to be this one's: what is theirs among those is seen, and nothing else."""
    session: bytes = field(default=b"", repr=False)
    """Hash of the session's cookie; empty for a key and for nobody."""

    @property
    def members(self) -> tuple[int, ...]:
        """All numbers that are theirs: of a member's seat its own and those that were merged into it."""
        return () if self.member is None else (self.member, *self.merged)

    def settings(self) -> dict[str, str]:
        """The role and the settings that a transaction sees with."""
        return {
            "role": SIGHT[self.role],
            "lifepot.members": ",".join(map(str, self.members)),
            "lifepot.read_also": ",".join(map(str, self.read_also)),
            "lifepot.payer": "" if self.payer is None else str(self.payer),
            "lifepot.looked": "",
        }


NOBODY = Identity(Role.PUBLIC)
"""Somebody who has not signed in."""

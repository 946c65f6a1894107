"""The chart of accounts as docs/decisions/0003 has it: an account is a number, `kind << 40 | owner`."""

from collections.abc import Container

OWNER_BITS = 40
MEMBER_KINDS = ("worker", "employer", "government", "worker_owed", "employer_owed", "government_owed", "overdrawn")
"""Kinds 1 to 7, which are a member's; in the second part of a pot they are 8 higher, and so on."""

PART_STEP = 8
PAYER_KINDS = {64: "in_transit", 65: "owed_by", 66: "held_for"}
LEAVING = 80
"""What is no longer in a member's pot and not yet on its way."""

SCHEME_KINDS = {
    96: "bank", 97: "owed_by_government", 98: "rounding", 99: "refused", 100: "paid_out", 101: "on_the_way", 102: "suspense",
    103: "from_government", 104: "between_members",
}  # fmt: skip
FIRST_OF_PAYERS = min(PAYER_KINDS)

WAYS_OUT = (LEAVING, 100)
"""Where a withdrawal goes: what is leaving, or what was paid out."""

POTS = 3
"""The first kinds of members' accounts: what a member can use, which never falls below nothing."""


def kind_and_owner(account: int) -> tuple[int, int]:
    """What kind of account it is, and whose."""
    return account >> OWNER_BITS, account & ((1 << OWNER_BITS) - 1)


def column_of(kind: int) -> int:
    """Where closings have the balance of a member's account: seven columns a part."""
    return kind // PART_STEP * len(MEMBER_KINDS) + kind % PART_STEP - 1


def is_known(kind: int, owner: int, parts: int, payers: Container[int]) -> bool:
    """Whether the chart has such an account, in a scheme of so many parts with these payers."""
    if 0 < kind < FIRST_OF_PAYERS:
        return kind // PART_STEP < parts and 1 <= kind % PART_STEP <= len(MEMBER_KINDS)
    if kind in PAYER_KINDS:
        return owner in payers
    return owner > 0 if kind == LEAVING else kind in SCHEME_KINDS and owner == 0


def pot_name(column: int) -> str:
    """A member's account by its column: "worker", or "worker.1" in the second part of the pot."""
    part, kind = divmod(column, len(MEMBER_KINDS))
    return MEMBER_KINDS[kind] + (f".{part}" if part else "")

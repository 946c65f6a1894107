"""The chart of accounts, as the page docs/decisions/0003 has it: an account is a number, `kind << 40 | owner`."""

import numpy as np
from numpy.typing import NDArray

from lifepot.audit.tables import Int

OWNER_BITS = 40
MEMBER_KINDS = ("worker", "employer", "government", "worker_owed", "employer_owed", "government_owed", "overdrawn")
"""Kinds 1 to 7, which are a member's; in the second part of a pot they are 16 higher, and so on."""

PART_STEP = 16
PAYER_KINDS = {64: "in_transit", 65: "owed_by", 66: "held_for"}
SCHEME_KINDS = {96: "bank", 97: "owed_by_government", 98: "rounding", 99: "refused", 100: "paid_out"}
FIRST_OF_PAYERS = min(PAYER_KINDS)

POTS = 3
"""The first kinds of members' accounts: what a member can use, which never falls below nothing."""


def kind_and_owner(account: Int) -> tuple[Int, Int]:
    """What kind of accounts these are, and whose."""
    return account >> OWNER_BITS, account & ((1 << OWNER_BITS) - 1)


def column_of(kind: Int) -> Int:
    """Where closings have the balance of a member's account: seven columns a part."""
    return kind // PART_STEP * len(MEMBER_KINDS) + kind % PART_STEP - 1


def is_known(kind: Int, owner: Int, parts: int, payers: Int) -> NDArray[np.bool_]:
    """Whether the chart has such accounts, in a scheme of so many parts with these payers."""
    of_member = (kind // PART_STEP < parts) & (kind % PART_STEP >= 1) & (kind % PART_STEP <= len(MEMBER_KINDS))
    of_payer = np.isin(kind, list(PAYER_KINDS)) & np.isin(owner, payers)
    of_scheme = np.isin(kind, list(SCHEME_KINDS)) & (owner == 0)
    return np.asarray(((kind > 0) & of_member) | of_payer | of_scheme)


def pot_name(column: int) -> str:
    """A member's account by its column: "worker", or "worker.1" in the second part of the pot."""
    part, kind = divmod(column, len(MEMBER_KINDS))
    return MEMBER_KINDS[kind] + (f".{part}" if part else "")

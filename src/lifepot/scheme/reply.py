"""The reply to a received file: what was accepted, what was not and why, and what it changed."""

from dataclasses import dataclass, field
from typing import Any

from lifepot.errors import Fault
from lifepot.money import format_minor
from lifepot.periods import format_day

MOST_TOLD = 1_000
"""Faults that a reply lists; it counts them all."""


@dataclass(slots=True)
class Reply:
    """One file's reply. `state`: received, received_again (only rows refused before), nothing_new (the same file twice),
    waiting (for --replaces or --adds), preview (nothing was kept) or refused (nothing of the file can be taken).
    """

    file: str
    layout: str = ""
    state: str = "received"
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    unchanged: int = 0
    replaced: int = 0
    added: int = 0
    removed: list[dict[str, Any]] = field(default_factory=list)
    new_members: int = 0
    provisional_members: int = 0
    new_payers: list[str] = field(default_factory=list)
    transfers: int = 0
    by_rule: list[dict[str, Any]] = field(default_factory=list)
    """Rule, party, and what the file changed in minor units: `sent` (reached members' pots), `owed` (is owed to them)."""
    held_minor: int = 0
    refused_minor: int = 0
    rounding_minor: int = 0
    old_rate_minor: int = 0
    """Owed beside that, because a payer did not have to know a new rate yet: no error."""
    currency: str = "GBP"
    as_of: int = 0
    """The day the members were looked at from: the one asked for, or the scheme's own if that is later."""

    question: str = ""
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    faults_not_listed: int = 0
    place: int | None = None
    head: str | None = None

    @property
    def clean(self) -> bool:
        """Whether the sender has nothing to put right."""
        return not self.faults and self.state not in {"waiting", "refused"}

    def tell(self, fault: Fault) -> None:
        """Adds a fault, listed or at least counted."""
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault)
        else:
            self.faults_not_listed += 1

    def as_dict(self) -> dict[str, Any]:
        """The reply as JSON carries it."""
        return {
            "file": self.file, "layout": self.layout, "state": self.state, "as_of": format_day(self.as_of), "place": self.place, "head": self.head,
            "rows": self.rows, "accepted": self.accepted, "rejected": self.rejected, "unchanged": self.unchanged,
            "replaced": self.replaced, "added": self.added, "removed": self.removed, "new_members": self.new_members,
            "provisional_members": self.provisional_members, "new_payers": self.new_payers, "transfers": self.transfers,
            "by_rule": self.by_rule, "held_minor": self.held_minor, "refused_minor": self.refused_minor,
            "rounding_minor": self.rounding_minor, "old_rate_minor": self.old_rate_minor, "question": self.question,
            "faults": [fault.as_dict() for fault in self.faults], "faults_not_listed": self.faults_not_listed,
            "notes": [fault.as_dict() for fault in self.notes],
        }  # fmt: skip

    def lines(self, most: int = 50) -> list[str]:
        """The reply as a person reads it, with so many faults at most."""
        words = {
            "received": "received", "received_again": "received again: rows refused before were tried anew",
            "nothing_new": "nothing new: this very file was received before", "waiting": "waits for an answer",
            "preview": "preview: nothing was kept", "refused": "refused: nothing of it was taken",
        }  # fmt: skip
        word = (
            "read, and nothing of it could be taken"
            if self.rows and not self.accepted and self.state == "received"
            else words[self.state]
        )
        lines = [f"{self.file} ({self.layout or 'unknown layout'}): {word}, as of {format_day(self.as_of)}"]
        if self.removed:
            lines.append(f"  removed, for the replacement no longer has them: {len(self.removed)}")
            lines += [
                f"    member {row['member']}, {row['payer']}, pay of {row['effective_on']}" for row in self.removed[:20]
            ]
        if self.question:
            lines.append(f"  {self.question}")
        if self.rows:
            lines.append(f"  rows {self.rows:,}: accepted {self.accepted:,}, rejected {self.rejected:,}")
        if self.replaced or self.unchanged or self.removed:
            lines.append(
                f"  replaced {self.replaced:,}, added {self.added:,}, removed {len(self.removed):,}, unchanged {self.unchanged:,}"
            )
        if self.new_members:
            lines.append(
                f"  new members {self.new_members:,}"
                + (f", {self.provisional_members:,} of them without a NINO" if self.provisional_members else "")
            )
        if self.new_payers:
            lines.append(f"  new payers: {', '.join(self.new_payers[:5])}" + (" …" if len(self.new_payers) > 5 else ""))
        for one in self.by_rule:
            sent, owed = format_minor(one["sent_minor"], self.currency), format_minor(one["owed_minor"], self.currency)
            lines.append(f"  {one['rule']}: {sent} in pots, {owed} owed")
        for label, minor in (
            ("held for its sender, not owed to anybody", self.held_minor),
            ("refused by a cap", self.refused_minor),
            ("rounding", self.rounding_minor),
            ("owed beside, at a rate that no payroll had to know yet: no error", self.old_rate_minor),
        ):
            if minor:
                lines.append(f"  {label}: {format_minor(minor, self.currency)}")
        lines += [f"  {fault}" for fault in self.faults[:most]]
        more = len(self.faults[most:]) + self.faults_not_listed
        if more:
            lines.append(f"  and {more:,} faults more (`--json` lists {MOST_TOLD:,})")
        lines += [f"  note: {fault}" for fault in self.notes[:10]]
        if len(self.notes) > 10:
            lines.append(f"  and {len(self.notes) - 10:,} notes more")
        if self.head:
            lines.append(f"  chain: place {self.place}, head {self.head}")
        return lines

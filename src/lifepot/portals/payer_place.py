"""Where a clerk's pages about files stand: at the scheme, or at its sandbox, where the same pages try the same things."""

from dataclasses import dataclass, replace
from typing import Any

from lifepot.access.asking import Asking


@dataclass(frozen=True, slots=True)
class Place:
    """`root`: what the paths of the pages begin with."""

    root: str
    is_sandbox: bool

    def at(self, asking: Asking) -> Asking:
        """Who asks, at this place's doors. NoSandbox where the payer has none."""
        if not self.is_sandbox:
            return asking
        doors: Any = asking.request.app.state.sandboxes.of(asking.payer)
        return replace(asking, doors=doors)


SCHEME = Place("/payer", is_sandbox=False)
SANDBOX = Place("/payer/sandbox", is_sandbox=True)

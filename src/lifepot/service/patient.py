"""HTTP with an end to its patience: whoever connects says what they want within some seconds.

uvicorn leaves that to a reverse proxy. Without one, somebody who opens a thousand connections and says nothing would hold them all.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which hangs up on whoever sends no whole head of a request in time."""

    _hanging_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self._hanging_up = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def handle_events(self) -> None:
        """What came; a whole head ends the waiting."""
        super().handle_events()
        if self._asked() and self._hanging_up is not None:
            self._hanging_up.cancel()
            self._hanging_up = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side went."""
        if self._hanging_up is not None:
            self._hanging_up.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        if not self._asked() and not self.transport.is_closing():
            self.transport.close()

    def _asked(self) -> bool:
        """Whether a whole head came; uvicorn makes a cycle of it."""
        cycle: object | None = self.cycle
        return cycle is not None

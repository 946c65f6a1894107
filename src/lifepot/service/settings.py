"""What a server is told when it starts; its processes are told by the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lifepot.errors import Misuse

PREFIX = "LIFEPOT_SERVE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """A server's settings.

    database    URL of the scheme's database, which may hold a password
    public_url  where people find it: scheme and host, as in "https://pot.example.org"
    processes   how many answer pages
    as_of       the day that is held still (ISO), "" for the clock's
    demo        ready sign-ins without a password are offered
    workbench   address of the process that redraws ("" for none)
    """

    database: str = field(repr=False)
    public_url: str
    processes: int = 1
    as_of: str = ""
    demo: bool = False
    workbench: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
            raise Misuse(
                f"{self.public_url!r} is not where a server is found.",
                remedy="Give scheme and host: https://pot.example.org.",
            )

    @property
    def is_secure(self) -> bool:
        """Whether people come by TLS: a reverse proxy ends it."""
        return self.public_url.startswith("https:")

    @property
    def host(self) -> str:
        """The host that people's browsers name."""
        return urlsplit(self.public_url).netloc

    def environment(self) -> dict[str, str]:
        """The settings as variables for a process."""
        return {
            PREFIX + "DATABASE": self.database, PREFIX + "PUBLIC_URL": self.public_url,
            PREFIX + "PROCESSES": str(self.processes), PREFIX + "AS_OF": self.as_of, PREFIX + "DEMO": "1" if self.demo else "",
            PREFIX + "WORKBENCH": self.workbench,
        }  # fmt: skip

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that the starting process gave."""
        return cls(
            environ[PREFIX + "DATABASE"], environ[PREFIX + "PUBLIC_URL"], int(environ[PREFIX + "PROCESSES"]),
            environ[PREFIX + "AS_OF"], bool(environ[PREFIX + "DEMO"]), environ[PREFIX + "WORKBENCH"],
        )  # fmt: skip

"""What a server is told when it starts, and tells its processes."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lifepot.errors import Misuse


@dataclass(frozen=True, slots=True)
class Settings:
    """A server's settings.

    database    URL of the scheme's database, which may hold a password
    sight       the same of a weaker user, with whom pages see; "" for none
    proxy       addresses of reverse proxies whose word counts for where somebody comes from, between commas
    public_url  where people find it: scheme and host, as in "https://pot.example.org"
    processes   how many answer pages
    as_of       the day that is held still (ISO), "" for the clock's
    demo        ready sign-ins without a password are offered
    workbench   address of the process that has the workbench ("" for none)
    """

    database: str = field(repr=False)
    public_url: str
    processes: int = 1
    as_of: str = ""
    demo: bool = False
    workbench: str = ""
    sight: str = field(default="", repr=False)
    proxy: str = "127.0.0.1"

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

"""Which addresses may be spoken to: https, and plain http on this machine alone."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

LONGEST_ADDRESS = 2048


def is_fit(address: object, *, on_loopback: bool = True) -> bool:
    """Whether this is an https address with a host, without a name and password in it and without a fragment.

    With `on_loopback`, plain http will do where the host is this machine.
    """
    if (
        not isinstance(address, str)
        or len(address) > LONGEST_ADDRESS
        or not address.isascii()
        or not address.isprintable()
    ):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or "#" in address or " " in address or "\\" in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and on_loopback and _is_this_machine(parts))


def is_on_loopback(address: str) -> bool:
    """Whether an address that is fit names this machine."""
    return _is_this_machine(urlsplit(address))


def _is_this_machine(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

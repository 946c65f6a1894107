"""What a browser may do with our pages: the Content-Security-Policy."""

import base64
import re
from hashlib import sha256

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing from elsewhere, nothing written into a page, no page inside another's frame."""


def standing_alone(text: str) -> str:
    """The policy of a page that stands alone and carries its own style: just that style, and no script."""
    styles = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(sha256(one.encode()).digest()).decode()}'" for one in styles)
    return POLICY.replace("style-src 'self'", f"style-src 'self' {hashes}").replace("script-src 'self'; ", "")

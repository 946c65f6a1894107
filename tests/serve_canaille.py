"""Serve Canaille, an OpenID provider that others wrote, on loopback until the process is ended.

Run by `provider.py` in a process of its own, so that its warnings are its own. Takes a JSON object on standard input:
`people` and `clients`, lists of the values that Canaille's own models take. Answers with one line of JSON, `port`, once
requests are answered. Everything is kept in memory.
"""

import json
import logging
import socket
import sys
from secrets import token_urlsafe

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from werkzeug.serving import make_server

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Fill a new provider with people and clients, say where it listens, and answer."""
    asked = json.load(sys.stdin)
    logging.disable(logging.WARNING)
    # Listening before the provider is made: its issuer has the port in it, and nobody else can take it meanwhile.
    listening = socket.create_server((LOOPBACK, 0))
    port = listening.getsockname()[1]
    app = create_app(
        {
            "SECRET_KEY": token_urlsafe(),
            "SERVER_NAME": f"{LOOPBACK}:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "SMTP": None, "HTMX": False, "JAVASCRIPT": False, "TIMEZONE": "UTC"},
        }
    )
    with app.app_context(), Backend.instance.session():
        for values in asked["people"]:
            Backend.instance.save(models.User(**values))
        for values in asked["clients"]:
            client = models.Client(**values)
            Backend.instance.save(client)
            # Its tokens are for itself, once it has been saved and there is such a client.
            client.audience = [client]
            Backend.instance.save(client)
    served = make_server(LOOPBACK, port, app, threaded=True, fd=listening.fileno())
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    served.serve_forever()


if __name__ == "__main__":
    main()

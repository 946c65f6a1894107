"""Serve Canaille, an OpenID provider that others wrote, on loopback for as long as standard input is open.

Run by `provider.py` in a process of its own, so that its warnings are its own. Takes a line of JSON on standard input:
`people` and `clients`, lists of the values that Canaille's own models take. Answers with one line of JSON, `port`, once
requests are answered. Everything is kept in memory.

One thing of it is put right here: its store in memory gives what matches any of the attributes asked for, where its own
documentation and its other stores give what matches all. With two sign-ins under way it took one's code for the other's.
"""

import json
import logging
import os
import socket
import sys
from secrets import token_urlsafe
from threading import Thread

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend, listify
from werkzeug.serving import make_server

LOOPBACK = "127.0.0.1"


def matching_all(store: MemoryBackend, model: type, **asked: object) -> list[object]:
    """The instances of a model that match every attribute asked for."""
    states = store.index(model)
    matching = set(states)
    for attribute, values in asked.items():
        index = store.attribute_index(model, attribute)
        matching &= set().union(*(index.get(value, ()) for value in model.serialize(listify(values))))
    instances = [model(**states[one]) for one in states if one in matching]
    for instance in instances:
        instance._cache = {}
    return instances


def end_with_the_asker() -> None:
    """End when standard input does: whoever started this has ended it, or is gone."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Fill a new provider with people and clients, say where it listens, and answer."""
    asked = json.loads(sys.stdin.readline())
    logging.disable(logging.WARNING)
    MemoryBackend.do_query = matching_all
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
    Thread(target=end_with_the_asker, daemon=True).start()
    served.serve_forever()


if __name__ == "__main__":
    main()

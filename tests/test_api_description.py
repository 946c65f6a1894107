"""The API's description: whole, true to the code, and valid."""

import pytest
from fastapi.routing import APIRoute
from tests.served import Served, serving

from lifepot.api.described import described, roles_of


def test_debug(served: Served) -> None:
    """It is there."""
    app = served.app._app
    said = described(app)
    import json
    from pathlib import Path; Path("/tmp/openapi.json").write_text(json.dumps(said, indent=1))
    from lifepot.api.described import routes_of
    for route in routes_of(app):
        if isinstance(route, APIRoute):
            print(route.path, sorted(route.methods), roles_of(route))

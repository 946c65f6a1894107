"""Commands as somebody types them, on schemes that tests told things, and the proof that all still stands."""

import json
from typing import Any

from tests.schemes import Scheme
from typer.testing import CliRunner

from lifepot.audit.verify import verify
from lifepot.cli import app


def run(scheme: Scheme, *words: object) -> tuple[int, str]:
    """Exit code and what was printed on stdout."""
    scheme.connection.rollback()
    result = CliRunner().invoke(app, [*(str(word) for word in words), "--database", scheme.url])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def asked(scheme: Scheme, *words: object, code: int = 0) -> Any:
    """What a command answers in JSON, and that it ended with this code."""
    scheme.connection.rollback()
    result = CliRunner().invoke(app, [*(str(word) for word in words), "--json", "--database", scheme.url])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def sound(scheme: Scheme) -> None:
    """The laws hold, and `verify` finds nothing."""
    scheme.check()
    scheme.connection.rollback()
    assert verify(scheme.connection).problems == []
    scheme.connection.rollback()

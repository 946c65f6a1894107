"""What went wrong, as a machine reads it: problem+json (RFC 9457), with the codes that reply files have."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from lifepot.access.asking import TooOften
from lifepot.errors import Fault, LifepotError

TITLES = {
    400: "The request cannot mean anything", 401: "Not signed in", 403: "Not allowed", 404: "Not there", 405: "Not that way",
    408: "Too slow", 409: "Refused", 413: "Too large", 422: "Faults in what was sent", 429: "Too often",
    500: "Something broke", 503: "Not just now",
}  # fmt: skip


class Faulty(BaseModel):
    """One fault in what was sent. Codes are those of reply files (docs/file-layouts.md)."""

    file: str = Field(examples=["gig"])
    line: int = Field(examples=[0])
    column: int = Field(examples=[0])
    code: str = Field(examples=["amount_invalid"])
    path: str = Field(examples=["pay"])
    found: str = Field(examples=["12,5"])
    expected: str = Field(examples=["an amount such as 1234.56"])


class Problem(BaseModel):
    """A problem+json answer: `title` says what kind it is, `detail` what happened, `remedy` what to do about it."""

    type: str = "about:blank"
    title: str = Field(examples=["Refused"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Government's share is not open yet."])
    remedy: str = Field(examples=["Ask again after 6 April 2027."])
    faults: list[Faulty] = []


class FaultsFound(LifepotError):
    """What was sent has faults; nothing of it was taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "What was sent has faults, and nothing of it was taken.", remedy="Put them right, and send it again."
        )
        self.faults = list(faults)


def words(error: Exception, status: int) -> tuple[str, str]:
    """What happened and what to do, in a sentence each."""
    if isinstance(error, LifepotError):
        return error.message, error.remedy
    if isinstance(error, RequestValidationError):
        return "The request is not as it must be.", "; ".join(_where(one) for one in error.errors()[:20])
    if status in {404, 405}:
        return "There is no such page.", "Go back, and follow a link from there."
    assert isinstance(error, HTTPException)
    return str(error.detail), "Go back, and try again."


def problem(error: Exception, status: int) -> Response:
    """An error as problem+json."""
    message, remedy = words(error, status)
    faults: list[dict[str, Any]] = []
    if isinstance(error, FaultsFound):
        faults = [dict(one.as_dict()) for one in error.faults]
    elif isinstance(error, RequestValidationError):
        faults = [
            {
                "file": "request", "line": 0, "column": 0, "code": "request_invalid",
                "path": ".".join(str(part) for part in one["loc"]), "found": repr(one.get("input"))[:80], "expected": one["msg"],
            }
            for one in error.errors()[:20]
        ]  # fmt: skip
    told = Problem(
        title=TITLES.get(status, "Not done"), status=status, detail=message, remedy=remedy,
        faults=[Faulty(**one) for one in faults],
    )  # fmt: skip
    headers = {"retry-after": str(error.seconds)} if isinstance(error, TooOften) else {}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(told.model_dump(), status, headers, media_type="application/problem+json")


def _where(one: Any) -> str:
    return f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"

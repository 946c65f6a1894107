"""Files that come with a form, and files that are handed out: as attachments only, never shown by the browser as a page of ours."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from lifepot.access.asking import Form


async def _given(request: Request, form: Form) -> tuple[str, bytes]:
    """The file of a form's field `file`: its name and content; nothing where none was chosen."""
    del form  # was checked, and read
    file = (await request.form()).get("file")
    return (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")


Given = Annotated[tuple[str, bytes], Depends(_given)]
"""The name and content of the file that came with a form."""


def disposition(name: str) -> str:
    """The header that has a browser keep a file under a name, whatever letters are in it."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"


def attachment(name: str, content: bytes, media_type: str = "application/octet-stream") -> Response:
    """A file to be kept. Should a browser show it all the same, it runs nothing of it."""
    headers = {"content-disposition": disposition(name), "content-security-policy": "sandbox"}
    return Response(content, media_type=media_type, headers=headers)

"""What the benchmark of serving holds ours against: pages and posts that do next to nothing, by the same server and driver.

`/page/{member}` reads one row by its key and puts it into a page; `POST /insert` writes one small row and commits.
"""

import os
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

PAGE = "<!DOCTYPE html><html lang=en><title>Bare</title><body><h1>{name}</h1><p>{born}</body></html>"


class Row(BaseModel):
    """A small row to write."""

    key: str
    text: str


def make() -> FastAPI:
    """The app of a process; the database is in the environment."""
    pool: ConnectionPool[Any] = ConnectionPool(os.environ["BARE_DATABASE"], min_size=1, max_size=20, open=True)
    app = FastAPI()

    @app.get("/page/{member}")
    def page(member: int) -> HTMLResponse:
        with pool.connection() as connection:
            row = connection.execute("select surname, born from personal.person where member = %s", [member]).fetchone()
        assert row is not None
        return HTMLResponse(PAGE.format(name=row[0], born=row[1]))

    @app.post("/insert")
    def insert(row: Row) -> JSONResponse:
        with pool.connection() as connection:
            connection.execute("insert into bare.gig (key, cells) values (%s, %s)", [row.key, row.text])
        return JSONResponse({"kept": True}, 201)

    return app

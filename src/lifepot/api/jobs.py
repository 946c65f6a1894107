"""Work that takes longer than a request waits."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from lifepot.access.asking import NotThere
from lifepot.api.doing import After, AsClerkOrStaff, Limit, Pager
from lifepot.inbox import jobs

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("")
def list_jobs(asking: AsClerkOrStaff, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """The jobs that were asked for, in their order."""
    pager = Pager.of(asking, after, limit)
    with asking.seeing() as connection:
        numbers = connection.execute(
            "select job from door.job where job > %s order by job limit %s", [pager.after, limit + 1]
        ).fetchall()
        found = [jobs.find(connection, number) for (number,) in numbers]
    return pager.page([(one.number, one.as_dict() | {"answer": None}) for one in found if one is not None])


@router.get("/{job}")
def show(
    asking: AsClerkOrStaff, job: Annotated[int, Path(ge=1, le=2**62, description="A job's number.", examples=[7])]
) -> dict[str, Any]:
    """A job: how far it is, and its answer once it is done. A job that failed says why, and did nothing."""
    with asking.seeing() as connection:
        found = jobs.find(connection, job)
    if found is None:
        raise NotThere("job")
    return found.as_dict()

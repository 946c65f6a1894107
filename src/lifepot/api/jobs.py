"""Work that takes longer than a request waits."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from lifepot.access.asking import NotThere
from lifepot.access.identity import Role
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
    """A job: how far it is, and its answer once it is done. A job that failed says why, and did nothing. Of a payroll file's answer
    staff see numbers, codes and lines, and neither people nor what stands in a cell.
    """
    with asking.seeing() as connection:
        found = jobs.find(connection, job)
    if found is None:
        raise NotThere("job")
    told = found.as_dict()
    if asking.identity.role is not Role.CLERK and found.kind in {"receive", "beforehand"} and told["answer"]:
        told["answer"] = _unnamed(told["answer"])
    return told


def _unnamed(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer to a payroll file without those it is about."""
    kept = {name: said for name, said in answer.items() if name in OF_NOBODY or not isinstance(said, dict | list)}
    cells = {name: [one | {"found": ""} for one in answer[name]] for name in ("faults", "notes") if name in answer}
    return kept | cells


OF_NOBODY = {"by_rule", "government", "new_payers", "owed", "removed"}
"""Lists of an answer that name no person."""

"""Tables whose cells may lead somewhere, for the pages of staff; and what those pages share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lifepot.access.asking import Asking, NotAllowed, NotSignedIn, NotThere, TooOften
from lifepot.access.doors import Busy, Connection
from lifepot.access.once import KeyReused
from lifepot.errors import LifepotError
from lifepot.money import format_minor
from lifepot.papers.paper import cleaned
from lifepot.periods import parse_day
from lifepot.rulebook.figures_in_words import plain_day


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, where it leads ("": nowhere), and a quiet line below."""

    text: str
    to: str = ""
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A table. The first cell of a row is its head; `numeric` are the columns of figures; `empty` is said where there is no row."""

    caption: str
    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    numeric: tuple[int, ...] = ()
    empty: str = "There is none."


def listing(
    caption: str,
    heads: Iterable[str],
    rows: Iterable[Iterable[Cell | str]],
    numeric: tuple[int, ...] = (),
    empty: str = "There is none.",
) -> Listing:
    """A table of texts and cells, cleaned of letters that show as nothing."""
    made = [tuple(cleaned(one if isinstance(one, Cell) else Cell(one)) for one in row) for row in rows]
    return Listing(caption, tuple(heads), made, numeric, empty)


def money(asking: Asking, minor: int | None) -> str:
    """An amount as a person reads it; nothing for none."""
    return "" if minor is None else format_minor(minor, asking.request.app.state.scheme.currency)


def day(iso: str) -> str:
    """A day in words, from ISO."""
    return plain_day(parse_day(iso))


def moment(at: datetime | str) -> str:
    """A moment as it is shown: UTC, to the minute."""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{when:%Y-%m-%d %H:%M}"


def words(text: str | None) -> str:
    """A word of the rulebook's or of ours, as people write it."""
    return (text or "").replace("_", " ")


def attempted(asking: Asking, form: dict[str, str], do: Callable[[Connection], tuple[int, Any]]) -> str:
    """Do what a page's form asks for, once; gives "" when it is done, and else why not, for the page's summary."""
    try:
        asking.pressed(form, do)
    except (NotAllowed, NotSignedIn, NotThere, TooOften, Busy, KeyReused):
        raise
    except LifepotError as error:
        return refusal(error)
    return ""


def refusal(error: LifepotError) -> str:
    """Why it was not done, and what to do about it, unless that is a command's business."""
    return error.message if "`" in error.remedy else f"{error.message} {error.remedy}"

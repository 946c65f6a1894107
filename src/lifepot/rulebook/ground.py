"""What every term of a rulebook stands on: names, texts, figures, and the shape they share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Figure = Annotated[str, StringConstraints(min_length=1)]
"""A figure (read by the unit it is used with), or the name of a value or an amount."""

Certainty = Literal["verified", "recalled", "open", "choice"]


class Term(BaseModel):
    """The common ground of all terms: nothing unknown is let in, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

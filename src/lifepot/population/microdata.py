"""A population from somebody's own survey: a file of people with weights, and what its columns mean.

People are drawn from the file by weight within their age, sex and, where the file says, couple or not. What the file says
stands; what it does not say is drawn as for anybody of that age and sex.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lifepot.errors import LifepotError, Misuse
from lifepot.population import margins
from lifepot.population.batch import Batch, jobs, present, rows, settle
from lifepot.population.chances import Use
from lifepot.population.columns import INDUSTRIES, Int, Job, Plan, Qualification, Sex, Status, Tenure, Village
from lifepot.population.fitting import Float
from lifepot.population.joint import Skeleton, as_many_of_each, skeleton
from lifepot.population.margins import AGES, YOUNGEST
from lifepot.population.people import VILLAGE_PEOPLE, Given, columns, known, nobody_late, with_comers

REQUIRED = ("weight", "age", "sex")

CATEGORIES: dict[str, dict[str, int]] = {
    "sex": {one.name.lower(): one for one in Sex},
    "couple": {"no": 0, "yes": 1},
    "qualification": {one.name.lower(): one for one in Qualification},
    "status": {one.name.lower(): one for one in Status if one is not Status.ABSENT},
    "job": {one.name.lower(): one for one in Job},
    "occupation": {str(n + 1): n for n in range(9)},
    "industry": {letter: n for n, letter in enumerate(INDUSTRIES)},
    "tenure": {one.name.lower(): one for one in Tenure},
    "plan": {one.name.lower(): one for one in Plan},
    "in_pension": {"no": 0, "yes": 1},
}
"""Attributes that have words, and what each word is."""

MONEY = ("pay", "savings", "card", "pension", "other", "home", "mortgage", "loan")
"""Attributes in pounds: pay by month unless `per` says week or year; a home and its mortgage are the household's."""

NUMBERS = ("weight", "age", "children", *MONEY)
ATTRIBUTES = (*NUMBERS, *CATEGORIES)

_PER = {"month": 1.0, "year": 1 / 12, "week": 365.25 / 7 / 12}
_SHOWN = 5


@dataclass(frozen=True)
class Survey:
    """People of a file: each attribute a column of numbers, not a number where the file says nothing."""

    attributes: Mapping[str, Float]
    younger: int
    """How many of the file's people are under 16, and left out."""

    @property
    def unsaid(self) -> list[str]:
        """Attributes of which the file says nothing: they are drawn as for anybody of that age and sex."""
        return [name for name in ATTRIBUTES if name not in self.attributes]

    @cached_property
    def cells(self) -> Int:
        """The cell of age, sex and couple that each person is drawn within (without couples, of age and sex)."""
        age = np.minimum(self.attributes["age"].astype(np.int64), margins.OLDEST) - YOUNGEST
        sex = self.attributes["sex"].astype(np.int64)
        return (age * 2 + sex) * 2 + self._couple

    @property
    def _couple(self) -> Int:
        couple = self.attributes.get("couple")
        if couple is None:
            return np.zeros(len(self.attributes["age"]), dtype=np.int64)
        grown = self.attributes["age"] >= 18
        return np.where(np.nan_to_num(couple) > 0, grown, 0).astype(np.int64)

    @cached_property
    def shape(self) -> Skeleton:
        """Who lives with whom: ages and sexes as the weights say, couples too if the file says."""
        people: Float = (
            np.bincount(self.cells, self.attributes["weight"], len(AGES) * 4)
            .astype(np.float64)
            .reshape(len(AGES), 2, 2)
        )
        in_couple = people[:, :, 1] if "couple" in self.attributes else margins.couples() * people.sum(axis=2)
        return skeleton(people.sum(axis=2), as_many_of_each(in_couple))

    @cached_property
    def _order(self) -> tuple[Int, Float]:
        """People in order of their cells, and their running weight there."""
        order = np.argsort(self.cells, kind="stable")
        return order, np.cumsum(self.attributes["weight"][order])

    def picked(self, batch: Batch) -> Given:
        """Of each of a batch somebody of the file of the same age, sex and couple or not, by weight: what is known of them."""
        order, running = self._order
        coupled = batch.coupled if "couple" in self.attributes else np.zeros(len(batch), dtype=np.bool_)
        age = np.minimum(batch.age, margins.OLDEST) - YOUNGEST
        cell = (age * 2 + batch.sex) * 2 + coupled
        sorted_cells = self.cells[order]
        first, last = np.searchsorted(sorted_cells, cell), np.searchsorted(sorted_cells, cell, side="right") - 1
        before = np.where(first > 0, running[first - 1], 0.0)
        at = np.searchsorted(running, before + batch.of(Use.RECORD) * (running[last] - before))
        who = order[np.clip(at, first, last)]
        return {name: values[who] for name, values in self.attributes.items()}


@dataclass(frozen=True)
class Brought:
    """A population drawn from a survey; villages as of `people.Population`. Those who come later are the country's."""

    survey: Survey
    seed: int
    people: int
    months: int = 1

    @property
    def villages(self) -> int:
        """How many villages there are."""
        return max(round(self.people / VILLAGE_PEOPLE), 1)

    @property
    def weight(self) -> float:
        """How many each stands for: the file's weights over the people drawn."""
        return float(self.survey.attributes["weight"].sum()) / self.people

    def size(self, number: int) -> int:
        """How many live in a village at the start."""
        return self.people * (number + 1) // self.villages - self.people * number // self.villages

    def village(self, number: int) -> Village:
        """A village by its number."""
        assert 0 <= number < self.villages, f"village {number} of {self.villages}"
        start = rows(self.seed, number, self.size(number), self.survey.shape)
        given = self.survey.picked(start)
        settle(start)
        _told(start, given)
        return with_comers(columns(start, nobody_late(start), number, self.weight, given), self.seed, self.months)


def _told(batch: Batch, given: Given) -> None:
    """What the file says of schooling and work, in place of what was drawn; the job goes with it."""
    had = known(given, "qualification", batch.final).astype(np.int64)
    batch.work = _works(batch, given)
    studying = batch.work <= margins.STUDENT_ZERO_HOURS
    batch.final = np.where(studying, np.maximum(had, batch.final), had)
    if "qualification" in given:
        batch.qualification = had
    else:
        batch.qualification = present(batch.final, batch.age, studying=studying)
    jobs(batch)
    batch.occupation = known(given, "occupation", batch.occupation).astype(np.int64)
    batch.industry = known(given, "industry", batch.industry).astype(np.int64)


_WORK_OF_JOB = np.array(
    [margins.EMPLOYEE, margins.EMPLOYEE, margins.ZERO_HOURS, margins.PLATFORM, margins.SELF_EMPLOYED]
)
_WORK_OF_STATUS = np.array(
    [margins.INACTIVE, margins.STUDENT, margins.EMPLOYEE, margins.UNEMPLOYED, margins.INACTIVE, margins.RETIRED]
)


def _works(batch: Batch, given: Given) -> Int:
    """What each does, from the status and the kind of job that the file says, one or both."""
    drawn = batch.work
    works = (drawn >= margins.EMPLOYEE) & (drawn <= margins.SELF_EMPLOYED)
    job = known(given, "job", np.full(len(batch), np.nan))
    status = known(given, "status", np.full(len(batch), np.nan))
    kind = np.nan_to_num(job, nan=0).astype(np.int64)
    has_job = ~np.isnan(job) & (kind > 0)
    by_job = np.where(has_job, _WORK_OF_JOB[kind], np.where(works, drawn, margins.EMPLOYEE))
    said = np.nan_to_num(status, nan=0).astype(np.int64)
    beside = np.where(kind == Job.ZERO_HOURS, margins.STUDENT_ZERO_HOURS, margins.STUDENT_EMPLOYEE)
    studies = np.where(has_job, beside, np.where(np.isnan(job) & (drawn < margins.EMPLOYEE), drawn, margins.STUDENT))
    by_status = np.where(
        said == Status.WORKING, by_job, np.where(said == Status.STUDYING, studies, _WORK_OF_STATUS[said])
    )
    idle = np.where(works, margins.INACTIVE, drawn)
    without = np.where(np.isnan(job), drawn, np.where(has_job, by_job, idle))
    return np.where(np.isnan(status), without, by_status).astype(np.int64)


def from_microdata(
    path: Path, mapping: Path | Mapping[str, Any], *, seed: int, people: int, months: int = 1
) -> Brought:
    """A population from a survey file (CSV or Parquet) and what its columns mean (a YAML file, or the same as a dict).

    What cannot be read, a column that is not there, a word of which nothing is said, weights that are below nought or sum to
    nothing: `Misuse` or `LifepotError`, with the column's name and what to do.
    """
    if people < 2 or months < 1:
        raise Misuse(f"{people} people and {months} months cannot be drawn.", remedy="Ask for two people or more.")
    meaning = _meaning(mapping)
    return Brought(_read(path, meaning), seed, people, months)


def _meaning(mapping: Path | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The mapping with each attribute as a dict of `column`, and `values` or `per`."""
    if isinstance(mapping, Path):
        try:
            read = YAML(typ="safe", pure=True).load(mapping.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, YAMLError) as error:
            raise LifepotError(
                f"{mapping} cannot be read as a mapping: {error}.", remedy="Give a YAML file: attribute, colon, column."
            ) from None
    else:
        read = mapping
    if not isinstance(read, Mapping) or not read:
        raise Misuse("The mapping says nothing.", remedy=f"Say at least the columns of {', '.join(REQUIRED)}.")
    unknown = [str(name) for name in read if name not in ATTRIBUTES]
    if unknown:
        raise Misuse(
            f"The mapping names what no person has: {', '.join(unknown)}.",
            remedy=f"Attributes are {', '.join(ATTRIBUTES)}.",
        )
    missing = [name for name in REQUIRED if name not in read]
    if missing:
        raise Misuse(
            f"The mapping does not say which column is {' and '.join(missing)}.", remedy="Add it, such as `age: AGE`."
        )
    meaning = {str(name): {"column": told} if isinstance(told, str) else told for name, told in read.items()}
    for name, told in meaning.items():
        if not isinstance(told, Mapping) or not isinstance(told.get("column"), str):
            raise Misuse(
                f"The mapping of {name} names no column.", remedy=f"Write `{name}: COLUMN`, or `column:` under {name}."
            )
        if told.get("per", "month") not in _PER:
            raise Misuse(f"{name} is per {told['per']}.", remedy="Say per: month, week or year.")
    return meaning


def _table(path: Path) -> pl.DataFrame:
    kind = path.suffix.lower()
    if kind not in {".csv", ".parquet"}:
        raise Misuse(f"{path} is neither CSV nor Parquet.", remedy="Give a file that ends in .csv or .parquet.")
    try:
        frame = pl.read_csv(path, infer_schema_length=0) if kind == ".csv" else pl.read_parquet(path)
    except pl.exceptions.NoDataError:
        frame = pl.DataFrame()
    except (OSError, pl.exceptions.PolarsError) as error:
        why = str(error).splitlines()[0]
        raise LifepotError(f"{path} cannot be read: {why}.", remedy="Give a CSV or Parquet file of people.") from None
    if frame.is_empty():
        raise LifepotError(f"{path} holds no people.", remedy="Give a file with a line of names and a row a person.")
    return frame


def _read(path: Path, meaning: Mapping[str, Mapping[str, Any]]) -> Survey:
    """The file's people with every attribute the mapping tells."""
    frame = _table(path)
    gone = [f"{told['column']} ({name})" for name, told in meaning.items() if told["column"] not in frame.columns]
    if gone:
        raise LifepotError(
            f"{path} has no column {', '.join(gone)}.",
            remedy=f"It has {', '.join(frame.columns[:20])}: put the mapping right, or add the column.",
        )
    values = {
        name: _words(frame, name, told) if name in CATEGORIES else _numbers(frame, name, told)
        for name, told in meaning.items()
    }
    weight, age = values["weight"], values["age"]
    for name in REQUIRED:
        empty = int(np.isnan(values[name]).sum())
        if empty:
            raise LifepotError(
                f"Column {meaning[name]['column']} ({name}) is empty in {empty} rows.",
                remedy="Fill it in, or take these rows out.",
            )
    if (weight < 0).any():
        row = int(np.argmax(weight < 0)) + 1
        raise LifepotError(
            f"Column {meaning['weight']['column']} (weight) is below nought in row {row}.",
            remedy="A weight is how many people a row stands for: nought or more.",
        )
    if ((age < 0) | (age > 120)).any():
        row = int(np.argmax((age < 0) | (age > 120))) + 1
        raise LifepotError(
            f"Column {meaning['age']['column']} (age) is {age[row - 1]:g} in row {row}.",
            remedy="Give ages in years, 0 to 120.",
        )
    grown = (np.floor(age) >= YOUNGEST) & (weight > 0)
    if not (weight * grown).sum() > 0:
        raise LifepotError(
            f"Column {meaning['weight']['column']} (weight) sums to nothing among those of 16 and over.",
            remedy="Check the columns of weight and age.",
        )
    return Survey({name: column[grown] for name, column in values.items()}, int((age < YOUNGEST).sum()))


def _numbers(frame: pl.DataFrame, name: str, told: Mapping[str, Any]) -> Float:
    column = frame[told["column"]]
    if column.dtype == pl.String:
        column = column.str.strip_chars().replace("", None)
    numbers = column.cast(pl.Float64, strict=False)
    wrong = column.is_not_null() & (numbers.is_null() | numbers.is_infinite())
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise LifepotError(
            f"Column {told['column']} ({name}) is no number in row {row + 1}: {column[row]}.",
            remedy="Write plain numbers, and leave out what is not known.",
        )
    out: Float = numbers.fill_null(float("nan")).to_numpy().astype(np.float64)
    if name != "weight" and (out < 0).any() and name != "other":
        row = int(np.argmax(out < 0))
        raise LifepotError(
            f"Column {told['column']} ({name}) is below nought in row {row + 1}: {out[row]:g}.",
            remedy="Leave it empty where it is not known; what is owed is a number of its own.",
        )
    return out * _PER[told.get("per", "month")] if name == "pay" else out


def _words(frame: pl.DataFrame, name: str, told: Mapping[str, Any]) -> Float:
    meanings = CATEGORIES[name]
    said = {
        str(theirs): str(ours).lower() if name != "industry" else str(ours)
        for theirs, ours in (told.get("values") or {}).items()
    }
    wrong = sorted({ours for ours in said.values() if ours not in meanings})
    if wrong:
        raise Misuse(
            f"The mapping of {name} has {', '.join(wrong)}.", remedy=f"Words of {name} are {', '.join(meanings)}."
        )
    texts = frame[told["column"]].cast(pl.String).str.strip_chars()
    out = np.full(len(texts), np.nan)
    unknown: list[str] = []
    for theirs in texts.unique().to_list():
        if theirs is None or theirs == "":
            continue
        ours = said.get(theirs, theirs if name == "industry" else theirs.lower())
        if ours not in meanings:
            unknown.append(theirs)
            continue
        out[(texts == theirs).fill_null(value=False).to_numpy()] = meanings[ours]
    if unknown:
        shown = ", ".join(sorted(unknown)[:_SHOWN])
        raise LifepotError(
            f"Column {told['column']} ({name}) has {shown}, of which the mapping says nothing.",
            remedy=f"Say under `values:` which of {', '.join(meanings)} it is, or leave it empty in the file.",
        )
    return out

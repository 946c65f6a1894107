"""A village: people by columns, those there at the start first, then those who come later, in order of coming."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.uint8]


class Sex(IntEnum):
    """As in the population estimates."""

    MALE = 0
    FEMALE = 1


class Qualification(IntEnum):
    """Highest qualification, by level of the national framework; apprenticeships and others are spread over levels 2 and 3."""

    NONE = 0
    LEVEL_1 = 1
    LEVEL_2 = 2
    LEVEL_3 = 3
    LEVEL_4 = 4
    """Level 4 and above: certificates, degrees."""


class Tenure(IntEnum):
    """How somebody lives."""

    OUTRIGHT = 0
    MORTGAGE = 1
    PRIVATE_RENT = 2
    SOCIAL_RENT = 3
    PARENTS = 4


class Plan(IntEnum):
    """Student loan plans, by number; 0: no loan."""

    NONE = 0
    PLAN_1 = 1
    PLAN_2 = 2
    PLAN_4 = 4
    PLAN_5 = 5


class Status(IntEnum):
    """What somebody mainly does in a month."""

    ABSENT = 0
    """Not come yet, dead, or gone abroad."""
    STUDYING = 1
    """In full-time education (with or without a job beside it: `Job` says)."""
    WORKING = 2
    UNEMPLOYED = 3
    INACTIVE = 4
    RETIRED = 5


class Job(IntEnum):
    """The kind of the main job."""

    NONE = 0
    EMPLOYEE = 1
    ZERO_HOURS = 2
    PLATFORM = 3
    """All work comes through one or more platforms."""
    SELF_EMPLOYED = 4


OCCUPATIONS = (
    "Managers, directors and senior officials",
    "Professional occupations",
    "Associate professional occupations",
    "Administrative and secretarial occupations",
    "Skilled trades occupations",
    "Caring, leisure and other service occupations",
    "Sales and customer service occupations",
    "Process, plant and machine operatives",
    "Elementary occupations",
)
"""Major groups of SOC 2020, by number from nought (SOC number less one)."""

INDUSTRIES = "ABCDEFGHIJKLMNOPQRSTU"
"""Sections of SIC 2007, by number from nought."""


@dataclass(slots=True)
class Village:
    """People who live near each other, a column an attribute, a row a person (p of them).

    number         which village it is
    person         int64   the person's own number in the whole population: village number x 2^20 + row
    weight         float64 how many people of the country each stands for
    enters         int64   month of coming in (population/months.py); 0: there at the start. The rows after are in this order
    born           int64   birth day, days since 1970-01-01
    sex, qualification, occupation, industry   uint8  (occupation and industry also of those without a job: the last or likely one)
    final          uint8   the qualification that a young person is on the way to (equals `qualification` when done)
    status, job    uint8   `Status`, `Job` on coming in
    pay            int64   what a usual full month of the person's own work pays, pence, at wages of month 0: also of those
                           without work (what they would earn); the permanent part of pay
    partner        int64   row of the partner in this village, -1: none
    children       uint8   children under 16 who live with them (the same for both partners)
    youngest       int64   age in months of the youngest, -1: none
    tenure         uint8   `Tenure`
    home, mortgage int64   value of the home and what is owed on it, pence; of a couple half each
    savings, card  int64   what can be spent at once; what is owed on cards, pence
    pension        int64   pots and rights of private pensions, pence
    other          int64   other wealth (business, shares, other property), pence
    plan, loan     uint8, int64   student loan: `Plan`, and what is owed, pence
    in_pension     uint8   1: saves in a workplace pension when eligible (did not opt out)
    """

    number: int
    person: Int
    weight: NDArray[np.float64]
    enters: Int
    born: Int
    sex: Small
    qualification: Small
    final: Small
    occupation: Small
    industry: Small
    status: Small
    job: Small
    pay: Int
    partner: Int
    children: Small
    youngest: Int
    tenure: Small
    home: Int
    mortgage: Int
    savings: Int
    card: Int
    pension: Int
    other: Int
    plan: Small
    loan: Int
    in_pension: Small

    def __len__(self) -> int:
        return len(self.person)

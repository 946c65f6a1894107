"""Where somebody stands while their life is drawn: three arrays, a row a person.

`person` holds their numbers, `whole` other integers, `real` floats, `kids` the birth months of children under 16 (oldest first). Plain numbers and
no enums, for compiled loops read them.
"""

from typing import Final

REGULAR: Final = 0
"""An employee, but for zero hours."""
ZERO: Final = 1
OWN: Final = 2
"""Self-employed, or all work through platforms."""
FRESH: Final = 3
"""Unemployed for under three months."""
WAITING: Final = 4
"""For three months to a year."""
LONG: Final = 5
"""For a year or more."""
INACTIVE: Final = 6
RETIRED: Final = 7
STUDY: Final = 8
STUDY_LOOK: Final = 9
"""Studying, and looking for a job: unemployed, as the Labour Force Survey counts."""
STUDY_JOB: Final = 10
"""Studying, with a job beside it."""
PLACES: Final = 11

TO_UNEMPLOYED: Final = 3
TO_INACTIVE: Final = 4
TO_RETIRED: Final = 5
EXITS: Final = 6
"""Ways out of a place: to REGULAR, ZERO, OWN (another job of that kind, for those who have one), then these three."""

FIRST_AGE: Final = 16
AGES: Final = 95
"""Ages 16 to 110, the last of which stays."""

# Columns of `whole`, those asked every month first.
NEXT: Final = 0
"""The next month in which something of `events` is to happen."""
PRESENT: Final = 1
PLACE: Final = 2
JOB: Final = 3
CHURNS: Final = 4
"""1: one of those who change jobs and lose them more."""
SHIFTED: Final = 5
"""The same for work: as if State Pension age were 66."""
PENSION: Final = 6
"""The month of State Pension age."""
ENTERS: Final = 7
STUDY_ENDS: Final = 8
OCCUPATION: Final = 9
LOST: Final = 10
"""1: the last job was lost, not left; 2: to automation."""
SECOND: Final = 11
"""Number of the second payer."""
SWINGS: Final = 12
"""1: an employee whose pay swings."""
HOURS: Final = 13
EMPLOYER: Final = 14
FADING: Final = 15
"""Months until a re-entry penalty has faded."""
DEEP: Final = 16
"""Hundredths of pay lost for good."""
INDUSTRY: Final = 17
QUALIFICATION: Final = 18
PARENTS: Final = 19
PARTNER: Final = 20
KIDS: Final = 21
DEATH: Final = 22
AGE: Final = 23
"""Years of age less 16."""
THIRD: Final = 24
SPELL: Final = 25
"""Months without work."""
TURN: Final = 26
"""The month of the next birthday."""
AIM: Final = 27
BIRTH: Final = 28
PARTING: Final = 29
HOME: Final = 30
"""The month of leaving the parents' home."""
COURSE: Final = 31
SEX: Final = 32
BORN: Final = 33
"""The month of birth."""
REACHED: Final = 34
"""1: goes on to a technical level 3 because of a lever."""
WHOLE: Final = 35

# Columns of `real`.
LOG: Final = 0
"""Logarithm of a usual month's pay, pence at wages of month 0."""
PASSING: Final = 1
"""This year's transitory part of it."""
LEVEL: Final = 2
"""Both together, no logarithm."""
PAY_2: Final = 3
PAY_3: Final = 4
REGULARITY: Final = 5
"""A share that says whether somebody's pay swings as an employee."""
REAL: Final = 6

MOST_KIDS: Final = 8
NEVER: Final = -1_000_000

# Rows of `Hiring.odds`.
GIG: Final = 0
"""Of jobs begun with an employer, those that come by a platform instead."""
OTHER_SECTION: Final = 1
"""Of moves from job to job, those into another section of industry."""
PENSION_ODDS: Final = 2
"""Of those at work on State Pension day, those who retire."""
AFTER_JOB: Final = 3
AFTER_LOOK: Final = 4
"""Of those whose studies end, those who have a job at once; with them, those who look for one."""
OF_MOVES: Final = 5
OF_LOSSES: Final = 6
OF_GIVING_UP: Final = 7
"""Redundancies among employees' moves to another job, to unemployment, to inactivity."""
ENDED_TOO: Final = 8
"""With redundancies, contracts that end among moves to unemployment."""
ODDS: Final = 9

# Purposes of chance.
TRAITS: Final = 10
MONTH: Final = 11
YEAR: Final = 12
PAY_YEAR: Final = 13
HIRING: Final = 14
HIRING_2: Final = 15
HIRING_3: Final = 21
SIDE: Final = 16
MEETING: Final = 17
LEAVING_STUDY: Final = 18
PENSION_DAY: Final = 19
LOSING: Final = 20

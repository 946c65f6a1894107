"""The numbers that the stepper's compiler and its machine agree on: instructions, tests, where things stand.

A stepper's tables are one column of int64. It begins with `HEAD` places that say where the rest is; an instruction is
`WIDTH` numbers: what to do, then what with. A person's registers are one row; `REG_…` are its first places.
"""

WIDTH = 9

# What a place of the head holds.
(
    H_RULES, H_TERMS, H_ATTRIBUTES, H_LEAVINGS, H_DAYS, H_MONTHS, H_STANDS, H_LIVE, H_BLOCK, H_JOBS,
    H_STAND_DAY, H_STAND_MONTH, H_STAND_DOM, H_STAND_LENGTH, H_MONTH_FIRST, H_MONTH_LAST, H_STAND_WHAT, H_WINDOWS,
    H_WINDOW_DAY, H_FIGURES, H_SPECS, H_AGES, H_CODE, H_EVENTS, H_RULE, H_TESTS, H_QUOTIENTS, H_PRESENT,
    H_OWN_ATTRIBUTES, H_OWN_HOLDS, H_OWN_GIVEN, H_OWN_DUE, H_OWN_DUE_ON, H_WAITING, H_WAITING_MOST, H_KEPT, H_KEPT_MOST,
    H_OUT_BEFORE, H_SNAPSHOT, H_QUEUE, H_AUTOMATIC, H_MAY_JOIN, H_OPT_IN, H_FIRST_OPENS, H_EVERYBODY, H_OUTSET, H_LEAVING,
    H_PURPOSES, H_PURPOSE_TESTS, H_MARKS, H_RESETS, H_PARTS, H_OWN_POT, H_PURPOSE_DRAWS, H_DRAWS, H_MARKED, H_SLOTS,
    H_OWN_SLOTS, H_SLOT_LISTS, H_PURPOSE_COUNT, H_MONTH_BEGINS, H_FIRST_MONTH, H_MONTHS_KNOWN, H_OTHERS, H_ASKS, H_FRAME, H_NAMED,
) = range(67)  # fmt: skip
HEAD = 72

# A person's (or a job's) first registers.
(
    REG_OUTSET, REG_OPENED_AT, REG_FIRST_PAID, REG_CLOSED_ON, REG_DIED_ON, REG_OUT, REG_GAPS, REG_MONTH, REG_WAITING,
    REG_KEPT_AT, REG_KEPT, REG_BORN_MONTH, REG_BORN_DOM, REG_SEEN, REG_LOST, REG_DUE,
    REG_BACK,
) = range(17)  # fmt: skip
OWN = 17

# What the machine remembers between instructions, in `out` after all amounts.
(
    F_PURPOSE, F_BRINGS_AT, F_LEVEL_AT, F_STANDING, F_LEFT, F_TAKING, F_OLDER, F_FLOOR, F_SLICES, F_Z,
) = range(10)  # fmt: skip
FRAME = 10

# What a row can be, beside statuses: those of attribute a are `EVENTS + a`, marks of its months after all statuses, and
# named days after all marks.
EVENT_PAY, EVENT_PAID, EVENT_PAID_BY, EVENT_WITHDRAWN, EVENT_OVER = range(5)
EVENTS = 5

# Instructions. Those from `LOAD_Y` on have an operand in their first two places.
(
    BEGIN, ADD, ACTIVE, WHEN, WHERE, KEEP_TRUTH, END, TOTAL, LATEST, HIGHEST, RISE, TAKEN, KEPT, SAID, PART, RATE,
    TIERS, TIERS_END, ROUND, EARLIER, AVERAGE, PURPOSE, STOP, LOAD_Y, LOAD_Z, KEEP, UP_TO, LESS, AT_LEAST, GIVE, RATE_BY,
    RATE_PARTS, TIER, TAPER, PRO_RATA,
) = range(35)  # fmt: skip

# Sources of `ADD`.
(
    OF_AMOUNT, OF_EARNINGS, OF_HOURS, OF_WORKER, OF_EMPLOYER, OF_ONE, OF_TERM, OF_VALUE, OF_BEGINS, OF_PURPOSE,
    OF_NO_PURPOSE, OF_WORD, OF_NOTHING,
) = range(13)  # fmt: skip
SUM, HIGHER, LOWER, MINUS = range(4)

# Operands: what kind, and which.
CONSTANT, BY_DAY, BY_TABLE, LEVEL, ATTRIBUTE = range(5)

# Tables by something: what gives the column.
BY_BORN, BY_AGE, BY_AGE_MONTHS, BY_WORD, BY_PAY = range(5)

# What a row is, beside a fact of some kind.
MONTH_ENDS, PRESENCE, NAMED_DAY = 6, 7, 8

# What tests test.
(
    TEST_AGE, TEST_AGE_JOINING, TEST_AGE_PAID, TEST_JOINED, TEST_PAID, TEST_ATTRIBUTE, TEST_LEVEL, TEST_DATE,
    TEST_EARNINGS, TEST_HOURS, TEST_WORKER, TEST_EMPLOYER,
) = range(12)  # fmt: skip
ABOVE, AT_LEAST_IT, BELOW, AT_MOST, IS = range(5)
HOLDS, FAILS = -1, -2
"""Where a condition's last tests lead."""

HALF_UP, DOWN, UP, HALF_EVEN = range(1, 5)

OUTSIDE = -1
"""The window number of a day in none."""

NEVER = -9
"""A window number that no day has: what stands in it begins anew."""

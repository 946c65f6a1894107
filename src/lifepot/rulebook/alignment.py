"""Two lists side by side, as a person would tell what became of the one: this stayed, this changed, this is new."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
Pair = tuple[int | None, int | None]
"""A place in the first list and one in the second; None where the other has no counterpart."""

EQUAL = 10**6
"""What two equal things are worth: more than any number of things that are only alike, in lists of bearable length."""

LARGEST = 40_000
"""Comparisons of one pair of lists. No rulebook that people write comes near; longer lists are not matched at all."""


def aligned(
    before: Sequence[Thing],
    after: Sequence[Thing],
    likeness: Callable[[Thing, Thing], int],
    order: Callable[[Thing], str],
) -> list[Pair]:
    """Both lists in one order, counterparts together. `likeness` is EQUAL, or less where two things may be told as one
    that changed, or 0; the pairing has as much of it as can be. Where two pairings have the same, `order` decides, so
    that exchanging the lists exchanges the pairs and nothing else.
    """
    start = 0
    while start < min(len(before), len(after)) and likeness(before[start], after[start]) == EQUAL:
        start += 1
    tail = 0
    while tail < min(len(before), len(after)) - start and likeness(before[-1 - tail], after[-1 - tail]) == EQUAL:
        tail += 1
    rows, columns = len(before) - start - tail, len(after) - start - tail
    head: list[Pair] = [(place, place) for place in range(start)]
    end: list[Pair] = [(len(before) - place, len(after) - place) for place in range(tail, 0, -1)]
    if rows * columns > LARGEST:
        gone: list[Pair] = [(start + row, None) for row in range(rows)]
        return [*head, *gone, *((None, start + column) for column in range(columns)), *end]

    alike = [[likeness(before[start + row], after[start + column]) for column in range(columns)] for row in range(rows)]
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            paired = alike[row][column] + best[row + 1][column + 1] if alike[row][column] else 0
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])

    middle: list[Pair] = []
    row = column = 0
    while row < rows or column < columns:
        both = row < rows and column < columns
        if both and alike[row][column] and best[row][column] == alike[row][column] + best[row + 1][column + 1]:
            middle.append((start + row, start + column))
            row, column = row + 1, column + 1
            continue
        without_row = best[row + 1][column] if row < rows else -1
        without_column = best[row][column + 1] if column < columns else -1
        tied = without_row == without_column and order(before[start + row]) > order(after[start + column])
        if without_row < without_column or tied:
            middle.append((None, start + column))
            column += 1
        else:
            middle.append((start + row, None))
            row += 1
    return [*head, *middle, *end]

"""Every operation of the API, once, with something sensible: what the description shows was really answered."""

import os

from tests.api_tour import Tour, take, write_examples
from tests.served import Served

NOT_TOURED = {
    "withdrawals.extend": "a home's twelve months are longer than the served scheme is old",
    "withdrawals.release": "only courses are paid in stages, and this scheme's sample has none",
}


def test_every_operation_does_what_it_says(served: Served) -> None:
    """Each operation is asked for once and answers as it should; LIFEPOT_EXAMPLES=1 writes its examples anew."""
    tour = Tour(served)
    take(tour)
    missing = set(tour.operations.values()) - set(tour.kept)
    assert missing == set(NOT_TOURED)
    if os.environ.get("LIFEPOT_EXAMPLES"):
        write_examples(tour)

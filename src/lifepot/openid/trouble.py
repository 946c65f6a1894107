"""What can go wrong with a sign-in: the answer is not believed, or there is none."""

from lifepot.errors import LifepotError

AGAIN = "Begin the sign-in again."


class Refused(LifepotError):
    """What came back is not believed, or says no: nobody is signed in by it. The person may begin again."""


class NoAnswer(LifepotError):
    """The provider cannot be reached, or what it says of itself cannot be used: an operator has to look."""

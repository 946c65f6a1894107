"""The tests. A package, so that no other distribution's `tests` stands in its place in a process that a test starts."""

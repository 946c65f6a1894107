"""Designs that nobody could improve at the same cost: many are tried, and those that no other beats are kept.

Optuna's NSGA-II (Deb and others, 2002) proposes, from a seed; every design tried stands in a journal on disk, so that a search
that was stopped goes on, and more trials may be asked for later. Designs are compared over the same lives with the same luck.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from lifepot.errors import LifepotError, Misuse
from lifepot.lab.outcomes import Answers
from lifepot.lab.shards import Stopped, Told
from lifepot.lab.varying import Varied, changed
from lifepot.lab.wanted import Wanted, cost_of
from lifepot.rulebook.terms import Rulebook

RunRulebook = Callable[[Rulebook], Answers]
"""Lives a rulebook through the population, beside what it is compared with."""

GENERATION = 20
"""Designs of a generation: small, for a design takes seconds."""

STUDY = "designs"


@dataclass(frozen=True, slots=True)
class Design:
    """A design that was tried: its figures, what it costs government a year (pounds), what it gives of what is wanted, with
    the interval; and whether no other tried is at least as good and cheaper.
    """

    number: int
    figures: dict[str, Fraction]
    cost: float
    gives: float
    low: float
    high: float
    within: bool
    on_frontier: bool

    def as_dict(self, ranges: Sequence[Varied]) -> dict[str, Any]:
        """As JSON carries it; figures as a rulebook writes them."""
        return {
            "trial": self.number,
            "figures": {one.name: one.told(self.figures[one.name]) for one in ranges},
            "cost_pounds_a_year": self.cost,
            "gives": self.gives,
            "low": self.low,
            "high": self.high,
            "within_budget": self.within,
            "on_frontier": self.on_frontier,
        }


def search(
    book: Rulebook,
    ranges: Sequence[Varied],
    wanted: Wanted,
    budget: float,
    run: RunRulebook,
    *,
    trials: int,
    seed: int,
    journal: Path,
    told: Told | None = None,
) -> list[Design]:
    """Tries designs until so many were tried, the journal's counted; all of them, cheapest first. A range that makes the rulebook
    mean nothing is a failed trial, not an error. Raises `Stopped` on Ctrl-C, with every finished design in the journal.
    """
    import optuna  # noqa: PLC0415 - half a second that only a search needs
    from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415

    if not ranges:
        raise Misuse("Nothing is varied.", remedy="Give at least one --vary NAME=LOW:HIGH.")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal)))
    except OSError as error:
        raise LifepotError(
            f"The search cannot be kept at {journal} ({error.strerror}).", remedy="Give another place with --keep."
        ) from None
    study = optuna.create_study(
        storage=storage, study_name=STUDY, load_if_exists=True, directions=["minimize", "maximize"],
        sampler=optuna.samplers.NSGAIISampler(population_size=GENERATION, seed=seed + _tried(optuna, storage)),
    )  # fmt: skip
    spaces: dict[str, optuna.distributions.BaseDistribution] = {
        one.name: optuna.distributions.IntDistribution(0, one.steps) for one in ranges
    }
    try:
        while (done := _done(study)) < trials:
            if told:
                told(done, trials)
            trial = study.ask(spaces)
            figures = {one.name: one.figure(trial.params[one.name]) for one in ranges}
            try:
                found = run(changed(book, figures))
            except Misuse as error:
                trial.set_user_attr("refused", error.message)
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            low, high = wanted.interval(found)
            trial.set_user_attr("interval", [low, high])
            cost = cost_of(found)
            # Designs within the budget have children first.
            trial.set_constraint("budget", cost - budget)
            study.tell(trial, [cost, wanted.of(found)])
    except KeyboardInterrupt:
        raise Stopped(
            f"Stopped with {_done(study)} of {trials} designs tried; they are kept in {journal}.",
            remedy="The same command goes on from there.",
        ) from None
    if told:
        told(trials, trials)
    whole = [one for one in study.trials if one.state == optuna.trial.TrialState.COMPLETE]
    if not whole:
        raise Misuse("Every design that was tried means nothing.", remedy="Narrow the ranges of --vary.")
    designs = [
        Design(
            one.number, {its.name: its.figure(one.params[its.name]) for its in ranges}, one.values[0], one.values[1],
            float(one.user_attrs["interval"][0]), float(one.user_attrs["interval"][1]),
            one.values[0] <= budget, on_frontier=False,
        )
        for one in whole
    ]  # fmt: skip
    return frontier(designs)


def frontier(designs: Sequence[Design]) -> list[Design]:
    """The designs, each once, cheapest first, with those marked that are within the budget and that no other one beats."""
    once = {tuple(sorted(one.figures.items())): one for one in reversed(designs)}
    marked, best = [], float("-inf")
    for one in sorted(once.values(), key=lambda one: (one.cost, -one.gives, one.number)):
        is_better = one.within and one.gives > best
        best = max(best, one.gives) if one.within else best
        marked.append(
            Design(one.number, one.figures, one.cost, one.gives, one.low, one.high, one.within, on_frontier=is_better)
        )
    return marked


def _done(study: Any) -> int:
    """Trials that came to an end, also those refused; one that was under way when a search was stopped counts not."""
    return sum(one.state.is_finished() for one in study.get_trials(deepcopy=False))


def _tried(optuna: Any, storage: Any) -> int:
    """How many trials the journal holds: a search that goes on draws other numbers than it began with."""
    names = [one.study_name for one in storage.get_all_studies()]
    if STUDY not in names:
        return 0
    return len(optuna.load_study(study_name=STUDY, storage=storage).trials)

"""The simple pot in HARK (econ-ark), run by a Python that has it: people and months in, one line of JSON out.

HARK's own step does the shocks to pay, from its discretised distributions, and asks who dies and is born; what it has
nothing of (jobs lost and found, the capped match, the pot) stands in its hook for what is left at a period's end, in NumPy, in
floating pounds. Who dies is replaced by somebody new, as HARK does it.
"""

import json
import sys
import time
from typing import Any

import numpy as np
from HARK.ConsumptionSaving.ConsIndShockModel import IndShockConsumerType  # type: ignore[import-not-found]

PAY, CAP, GROWTH = 2_400.0, 500.0, 1.04 ** (1 / 12)


class Saver(IndShockConsumerType):  # type: ignore[misc]
    """A consumer who pays into a pot and is asked nothing else."""

    def initialize_sim(self) -> None:
        """Everybody begins at work, with nothing."""
        many = self.AgentCount
        self.works = np.ones(many, dtype=bool)
        self.pot, self.matched = np.zeros(many), np.zeros(many)
        self.chance = np.random.default_rng(7)
        super().initialize_sim()

    def sim_death(self) -> Any:
        """Gompertz, by the age that all have."""
        hazard = np.exp(-10.2 + 0.094 * (22 + (self.t_sim + 0.5) / 12)) / 12
        return self.chance.random(self.AgentCount, dtype=np.float32) < hazard

    def sim_birth(self, which_agents: Any) -> None:
        """Somebody new in the place of who died."""
        super().sim_birth(which_agents)
        self.works[which_agents] = True
        self.pot[which_agents] = self.matched[which_agents] = 0.0

    def get_controls(self) -> None:
        """Nothing is decided."""
        self.controls["cNrm"] = self.state_now["mNrm"]

    def get_poststates(self) -> None:
        """The month's job, pay and pot."""
        word = self.chance.random(self.AgentCount, dtype=np.float32)
        self.works = np.where(self.works, word >= 0.012, word < 0.20)
        pay = np.where(self.works, PAY * self.state_now["pLvl"] * self.shocks["TranShk"], 0.0)
        if self.t_sim % 12 == 0:
            self.matched[:] = 0.0
        match = np.minimum(0.01 * pay, CAP - self.matched)
        self.matched += match
        self.pot = self.pot * GROWTH + 0.07 * pay + match
        self.state_now["aNrm"] = self.state_now["aLvl"] = self.pot


def main() -> None:
    """The pots of so many people over so many months."""
    people, months = int(sys.argv[1]), int(sys.argv[2])
    saver = Saver(
        cycles=0, AgentCount=people, T_sim=months, PermShkStd=[0.1 / 12**0.5], TranShkStd=[0.15], UnempPrb=0.0,
        PermGroFac=[1.0], PermGroFacAgg=1.0, Rfree=[1.0], LivPrb=[1.0], track_vars=[],
        kLogInitStd=0.0, pLogInitStd=0.0,
    )  # fmt: skip
    saver.solution = [None]
    began, spent = time.perf_counter(), time.process_time()
    saver.initialize_sim()
    saver.simulate()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print(json.dumps({"wall": wall, "cpu": cpu, "mean_minor": float(saver.pot.mean() * 100)}))


if __name__ == "__main__":
    main()

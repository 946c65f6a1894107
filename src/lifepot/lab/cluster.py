"""The same shards on a cluster that is there already: `--cluster ADDRESS`, with Dask (the extra `lifepot[cluster]`).

Why Dask and not Ray: on two workers Dask started in 2.5 s and did 1.65 times the work of one process, Ray 7.5 s and 1.96
times. A costing is seconds or minutes long, so starting counts; Dask is pure Python and small, so it installs wherever Lifepot
does; and a shard is one plain call, so that nothing else of either is used. A worker that dies is Dask's to notice: its shards
are given to another.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from lifepot.errors import LifepotError
from lifepot.lab.shards import Shard, Spread, Work
from lifepot.lab.sums import Sums

SECONDS_TO_ANSWER = 10
"""How long a scheduler may take to answer before it is taken not to be there."""


def over_cluster(address: str) -> Spread:
    """Works shards out on the workers of the Dask scheduler at an address such as tcp://10.0.0.5:8786. `work` is sent to
    them, so it must be a function of a module that they can import, with arguments that can be pickled; each needs the same
    version of Lifepot. Raises `LifepotError` where nobody answers, or where a shard's workers die again and again.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise LifepotError(
            "A cluster needs Dask, which is not installed.", remedy="Install it with: pip install 'lifepot[cluster]'."
        ) from None

    def spread(shards: list[Shard], work: Work) -> Iterator[tuple[Shard, Sums]]:
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError, TimeoutError):
            raise LifepotError(
                f"No Dask scheduler answers at {address}.",
                remedy="Start one with `dask scheduler` and `dask worker`, and give the address it prints.",
            ) from None
        with client:
            of = {client.submit(work, shard, pure=False): shard for shard in shards}
            try:
                for future in distributed.as_completed(list(of), loop=client.loop):
                    try:
                        sums: Sums = future.result()
                    except distributed.KilledWorker as error:
                        raise LifepotError(
                            f"Shard {of[future].number} was given up: every worker that tried it died ({error}).",
                            remedy="Give the workers more memory; the same command then goes on from what is kept.",
                        ) from None
                    yield of[future], sums
                    future.release()
            finally:
                for future in of:
                    if not future.done():
                        future.cancel()

    return spread

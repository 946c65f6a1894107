"""Lifelike received files, made from nothing but a seed: for the demo, the tests and the benchmarks.

Nobody in them is real. National Insurance numbers have the form of issued ones, because a reader must take them;
e-mail addresses end in the domains that are reserved for examples (RFC 2606).
"""

from lifepot.samples.bulk import write_month
from lifepot.samples.faults import PlannedFault
from lifepot.samples.sample import Payer, Sample, SampleFile, write_sample

__all__ = ["Payer", "PlannedFault", "Sample", "SampleFile", "write_month", "write_sample"]

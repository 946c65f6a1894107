"""A sample: some months of received files from every kind of payer, an amendment, a faulty file, and their list."""

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from lifepot.errors import Misuse
from lifepot.intake.layouts import CONTRIBUTIONS, FPS_XML, LAYOUTS, PAPDIS_CSV, PAPDIS_XML, PLATFORM
from lifepot.kernel.columns import Frequency
from lifepot.samples.amendment import amend, to_amend
from lifepot.samples.faults import PlannedFault, faulty_csv
from lifepot.samples.fps import ToDate, fps_xml
from lifepot.samples.own import OwnRows, business_of, contributions_csv, employer_rows
from lifepot.samples.papdis import papdis_csv, papdis_row, papdis_xml
from lifepot.samples.pay import PayLine, pay_lines
from lifepot.samples.paydays import OPENS_ON, last_day, next_month
from lifepot.samples.people import Life, Person, draw_people
from lifepot.samples.platforms import platform_csv, platform_rows
from lifepot.samples.work import BUREAU, PLATFORMS, Employer, Gig, Job, draw_employers, draw_gigs, draw_jobs

FIRST_MONTH = date(2026, 4, 1)
"""The first month of the tax year from which the shipped lifetime savings account is in force."""

AMENDED_MONTH = 2
"""The month, counted from 0, that is sent again corrected, where the sample is long enough."""

LATER = "later"
"""The directory of what is not simply a month's file."""

Progress = Callable[[int, int], None]
"""Told after each month: how many are written, of how many."""


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file as it arrives.

    month        first day of the month it tells of
    layout       intake's name for it
    what         what it is, in words
    flags        what `receive` must be told
    received_on  the day it comes, by which its dates are judged
    """

    path: Path
    month: date
    layout: str
    what: str
    flags: tuple[str, ...]
    received_on: date


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody who pays in: `code` is what files call it; `kind` is employer, platform or business (a sole trader's)."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written: the files in the order they arrive, who pays, and what is wrong with the faulty one."""

    directory: Path
    files: tuple[SampleFile, ...]
    payers: tuple[Payer, ...]
    faults: tuple[PlannedFault, ...]


def write_sample(
    directory: Path,
    *,
    members: int,
    months: int,
    seed: int,
    first_month: date = FIRST_MONTH,
    layouts: Collection[str] = tuple(LAYOUTS),
    on_progress: Progress | None = None,
) -> Sample:
    """Write a sample's files, `manifest.csv` and `payers.csv` into a directory, the same bytes for the same seed.

    `layouts` are those that may be met; an employer whose own is left out sends PAPDIS CSV instead. The months of a
    longer sample are those of a shorter one and more. Raises `Misuse` for too few members or months.
    """
    if months < 1:
        raise Misuse(f"A sample of {months} months is empty.", remedy="Ask for one month or more.")
    first_month = first_month.replace(day=1)
    people = draw_people(members, seed, first_month)
    *employers, agency = [_kept_to(e, layouts) for e in _with_agency(draw_employers(members, seed))]
    scheme = _Scheme(directory, people, employers, seed, first_month, layouts)
    files: list[SampleFile] = []
    for number in range(months):
        files += scheme.write_month(next_month(first_month, number), amended=number == min(AMENDED_MONTH, months - 1))
        if on_progress:
            on_progress(number + 1, months)
    last = next_month(first_month, months - 1)
    arrives = next_month(last) + timedelta(days=OPENS_ON)
    files += scheme.write_amended(arrives)
    text, faults = faulty_csv(agency, people, seed, first_month, last)
    name = f"{LATER}/papdis-{agency.slug}-{last:%Y-%m}-faulty.csv"
    what = f"{agency.name}: every kind of fault, among good rows"
    received_on = arrives + timedelta(days=1)
    files.append(scheme.write(name, text, month=last, layout=PAPDIS_CSV.name, what=what, received_on=received_on))
    files.sort(key=lambda file: (file.received_on, file.path.name))
    payers = _payers(people, [*employers, agency])
    sample = Sample(directory, tuple(files), payers, faults)
    _write_lists(sample)
    return sample


@dataclass
class _Scheme:
    """Everybody a sample is about, and the months written so far."""

    directory: Path
    people: list[Person]
    employers: list[Employer]
    seed: int
    first_month: date
    layouts: Collection[str]

    def __post_init__(self) -> None:
        jobs = draw_jobs(self.people, self.employers, self.seed, self.first_month)
        self._jobs: dict[int, list[Job]] = {employer.number: [] for employer in self.employers}
        for job in jobs:
            self._jobs[job.employer.number].append(job)
        self._gigs: list[Gig] = draw_gigs(self.people, self.seed)
        self._own = OwnRows(self.people, self.seed, self.first_month)
        self._to_date = ToDate()
        self._amended: tuple[Employer, date, list[PayLine]] | None = None

    def write_month(self, month: date, *, amended: bool) -> Iterator[SampleFile]:
        """Every payer's files of a month."""
        told_late = to_amend(self.employers, self._jobs) if amended else None
        bureau: list[PayLine] = []
        for employer in self.employers:
            lines = pay_lines(employer, self._jobs[employer.number], self.seed, self.first_month, month)
            if employer is told_late and lines:
                lines, corrected = amend(lines, self.seed)
                self._amended = employer, month, corrected
            if employer.bureau:
                bureau += lines
            elif lines:
                yield from self._employer_files(employer, month, lines)
        if bureau:
            yield self._papdis("abacus-payroll-bureau", month, bureau, f"{BUREAU}: small employers together")
        if PLATFORM.name in self.layouts:
            yield from self._platform_files(month)
        if CONTRIBUTIONS.name in self.layouts and (rows := self._own.month(month)):
            what = "What people declare, pay in and take out themselves"
            text = contributions_csv(rows)
            yield self._monthly(
                "contributions-members",
                text,
                month=month,
                layout=CONTRIBUTIONS.name,
                what=what,
                received_on=last_day(month),
            )

    def write_amended(self, received_on: date) -> Iterator[SampleFile]:
        """The corrected file, if there was a month to correct."""
        if self._amended:
            employer, month, lines = self._amended
            name = f"{LATER}/papdis-{employer.slug}-{month:%Y-%m}-amended.csv"
            text = papdis_csv(papdis_row(line, self.first_month) for line in lines)
            what = f"{employer.name}: the month again, corrected"
            flags = ("--replaces",)
            layout = PAPDIS_CSV.name
            yield self.write(name, text, month=month, layout=layout, what=what, received_on=received_on, flags=flags)

    def write(
        self,
        name: str,
        text: str,
        *,
        month: date,
        layout: str,
        what: str,
        received_on: date,
        flags: tuple[str, ...] = (),
    ) -> SampleFile:
        """One file, and its line in the manifest."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return SampleFile(path, month, layout, what, flags, received_on)

    def _monthly(self, stem: str, text: str, *, month: date, layout: str, what: str, received_on: date) -> SampleFile:
        suffix = LAYOUTS[layout].form.value
        name = f"{month:%Y-%m}/{stem}-{month:%Y-%m}.{suffix}"
        return self.write(name, text, month=month, layout=layout, what=what, received_on=received_on)

    def _papdis(self, stem: str, month: date, lines: list[PayLine], what: str) -> SampleFile:
        text = papdis_csv(papdis_row(line, self.first_month) for line in lines)
        received_on = max(line.period.paid_on for line in lines) + timedelta(days=1)
        layout = PAPDIS_CSV.name
        return self._monthly(f"papdis-{stem}", text, month=month, layout=layout, what=what, received_on=received_on)

    def _employer_files(self, employer: Employer, month: date, lines: list[PayLine]) -> Iterator[SampleFile]:
        paid_on = max(line.period.paid_on for line in lines)
        if employer.layout == PAPDIS_CSV.name:
            yield self._papdis(employer.slug, month, lines, f"{employer.name}: pay and contributions")
        elif employer.layout == PAPDIS_XML.name:
            text = papdis_xml(employer, lines, self.first_month)
            what = f"{employer.name}: pay and contributions"
            yield self._monthly(
                f"papdis-{employer.slug}", text, month=month, layout=PAPDIS_XML.name, what=what, received_on=paid_on
            )
        elif employer.layout == CONTRIBUTIONS.name:
            text = contributions_csv(employer_rows(lines))
            what = f"{employer.name}: pay and contributions, written by hand"
            yield self._monthly(
                f"contributions-{employer.slug}",
                text,
                month=month,
                layout=CONTRIBUTIONS.name,
                what=what,
                received_on=paid_on,
            )
        if employer.layout == FPS_XML.name or employer.also_fps:
            text = fps_xml(employer, lines, self._to_date)
            again = "the same pay as its PAPDIS file" if employer.also_fps else "pay alone"
            what = f"{employer.name}: {again}"
            yield self._monthly(
                f"fps-{employer.slug}", text, month=month, layout=FPS_XML.name, what=what, received_on=paid_on
            )

    def _platform_files(self, month: date) -> Iterator[SampleFile]:
        for platform in PLATFORMS:
            gigs = [gig for gig in self._gigs if gig.platform is platform]
            rows = list(platform_rows(platform, gigs, self.seed, self.first_month, month))
            if rows:
                text = platform_csv(rows)
                what = f"{platform.name}: every job paid for"
                stem, received_on = f"platform-{platform.code}", last_day(month) + timedelta(days=1)
                yield self._monthly(stem, text, month=month, layout=PLATFORM.name, what=what, received_on=received_on)


def _with_agency(employers: list[Employer]) -> list[Employer]:
    """The employers, and last the one whose only file is full of faults."""
    agency = Employer(len(employers), "999/QT00999", "Quayside Temps", PAPDIS_CSV.name, Frequency.MONTH)
    return [*employers, agency]


def _kept_to(employer: Employer, layouts: Collection[str]) -> Employer:
    """The employer, sending only layouts that may be met."""
    layout = employer.layout if employer.layout in layouts else PAPDIS_CSV.name
    return replace(employer, layout=layout, also_fps=employer.also_fps and FPS_XML.name in layouts)


def _payers(people: list[Person], employers: list[Employer]) -> tuple[Payer, ...]:
    traders = [person for person in people if person.life is Life.SELF_EMPLOYED]
    return (
        *(Payer(employer.reference, employer.name, "employer") for employer in employers),
        *(Payer(platform.code, platform.name, "platform") for platform in PLATFORMS),
        *(Payer(business_of(person), f"{person.forename} {person.surname}", "business") for person in traders),
    )


def _write_lists(sample: Sample) -> None:
    with (sample.directory / "manifest.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["file", "month", "layout", "what", "flags", "received_on"])
        for file in sample.files:
            name = file.path.relative_to(sample.directory).as_posix()
            writer.writerow(
                [name, f"{file.month:%Y-%m}", file.layout, file.what, " ".join(file.flags), file.received_on]
            )
    with (sample.directory / "payers.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["code", "name", "kind"])
        writer.writerows((payer.code, payer.name, payer.kind) for payer in sample.payers)

import csv
import filecmp
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from lifepot.errors import Misuse
from lifepot.intake.layouts import CONTRIBUTIONS, FPS_XML, LAYOUTS, PAPDIS_CSV, PAPDIS_XML, PLATFORM
from lifepot.intake.reader import read
from lifepot.intake.rows import Rows
from lifepot.kernel.columns import NONE, Kind
from lifepot.money import parse_minor
from lifepot.periods import day_of, parse_day
from lifepot.samples import Sample, SampleFile, write_month, write_sample
from lifepot.samples.faults import GOOD_ROWS
from lifepot.samples.pay import percent_of

OPENS = parse_day("2026-04-06")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Four hundred people for six months."""
    return write_sample(tmp_path_factory.mktemp("sample"), members=400, months=6, seed=7)


def good_files(sample: Sample) -> list[SampleFile]:
    """All but the one that is meant to be refused."""
    return [file for file in sample.files if "faulty" not in file.path.name]


def rows_of(file: SampleFile) -> Iterator[tuple[list[str], Rows]]:
    """A file's accepted rows as intake reads them, with the payers' names; there must be no others."""
    reading = read(file.path, today=day_of(file.received_on))
    for block in reading.blocks():
        assert block.rejects == []
        yield reading.payers, block.rows
    assert reading.faults == []
    assert file.layout == reading.layout


def cells_of(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows by column."""
    return list(csv.DictReader(StringIO(path.read_bytes().decode(), newline="")))


def monthly_files(sample: Sample) -> list[SampleFile]:
    """The months' own files: neither the amendment nor the faulty one."""
    return [file for file in sample.files if file.path.parent.name != "later"]


def monthly(sample: Sample, layout: str, starts: str = "") -> list[dict[str, str]]:
    """The rows of every month's CSV files of a layout."""
    files = [file for file in monthly_files(sample) if file.layout == layout and file.path.name.startswith(starts)]
    return [row for file in files for row in cells_of(file.path)]


def same_files(one: Path, other: Path) -> bool:
    """Whether every file under one directory is in the other, byte for byte."""
    names = [path.relative_to(one) for path in one.rglob("*") if path.is_file()]
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)


def test_same_seed_same_bytes(sample: Sample, tmp_path: Path) -> None:
    """A seed writes the same files wherever and however often it is used; another writes others."""
    again = write_sample(tmp_path / "again", members=400, months=6, seed=7)
    assert [f.path.name for f in sample.files] == [f.path.name for f in again.files]
    assert same_files(sample.directory, again.directory)
    other = write_sample(tmp_path / "other", members=400, months=6, seed=8)
    assert not same_files(other.directory / "2026-04", sample.directory / "2026-04")


def test_a_longer_sample_begins_with_the_shorter(sample: Sample, tmp_path: Path) -> None:
    """Asking for more months changes nothing of those there were."""
    shorter = write_sample(tmp_path, members=400, months=3, seed=7)
    for month in ("2026-04", "2026-05", "2026-06"):
        assert same_files(shorter.directory / month, sample.directory / month)


def test_intake_takes_every_row_of_the_good_files(sample: Sample) -> None:
    """Read on the day they arrive, all files but the faulty one have no fault, an IRmark that differs included."""
    for file in good_files(sample):
        assert sum(len(rows) for _, rows in rows_of(file)) > 0, file.path.name


def test_nothing_is_dated_before_the_scheme_or_after_its_file(sample: Sample) -> None:
    """Every pay, payment and status is from 6 April on, and known by the day its file comes."""
    for file in good_files(sample):
        for _, rows in rows_of(file):
            assert rows.on.min() >= OPENS
            assert rows.on.max() <= day_of(file.received_on)


def test_every_layout_is_met_every_month(sample: Sample) -> None:
    """PAPDIS in both forms, FPS, platforms and our own file come each month."""
    for month in range(4, 10):
        assert set(LAYOUTS) == {f.layout for f in sample.files if f.month == date(2026, month, 1)}


def test_all_columns_of_papdis_are_used(sample: Sample) -> None:
    """Each of the 44 columns is filled in some row, and the header has them in the standard's order."""
    rows = monthly(sample, PAPDIS_CSV.name)
    assert [column.name for column in PAPDIS_CSV.columns] == list(rows[0])
    assert [name for name in rows[0] if not any(row[name] for row in rows)] == []


def test_a_bureau_files_for_many_employers(sample: Sample) -> None:
    """The employer varies from row to row in the bureau's file, and in no other."""
    for file in sample.files:
        if file.layout == PAPDIS_CSV.name and file.path.parent.name == "2026-05":
            employers = {row["EmployerId"] for row in cells_of(file.path)}
            assert ("bureau" in file.path.name) == (len(employers) > 1)


def test_an_fps_tells_pay_only(sample: Sample) -> None:
    """FPS rows have earnings and say nothing of contributions; one employer's PAPDIS tells the same pays again."""
    told = {FPS_XML.name: set[tuple[str, bytes, int, int]](), PAPDIS_CSV.name: set[tuple[str, bytes, int, int]]()}
    for file in monthly_files(sample):
        if file.layout not in told:
            continue
        for payers, rows in rows_of(file):
            if file.layout == FPS_XML.name:
                assert (rows.earnings > 0).all()
                assert (rows.worker == NONE).all()
                assert (rows.employer == NONE).all()
            names = [payers[payer] for payer in rows.payer]
            pays = zip(names, rows.payroll_id.tolist(), rows.on.tolist(), rows.earnings.tolist(), strict=True)
            told[file.layout] |= set(pays)
    both = told[FPS_XML.name] & told[PAPDIS_CSV.name]
    [employer] = {pay[0] for pay in both}
    assert both == {pay for pay in told[FPS_XML.name] if pay[0] == employer}
    assert both < told[FPS_XML.name]


def test_people_have_one_to_three_employers(sample: Sample) -> None:
    """Most have one employer, some two or three, and nobody four."""
    places = {(row["NationalInsuranceNumber"], row["EmployerId"]) for row in monthly(sample, PAPDIS_CSV.name)}
    counts = Counter(Counter(nino for nino, _ in places if nino).values())
    assert {1, 2, 3} == set(counts)
    assert counts[1] > counts[2]


def test_pay_is_from_part_time_minimum_wage_to_above_the_taper(sample: Sample) -> None:
    """Yearly pay goes from under £5,000 to over £50,270, by the month, week, two weeks and four weeks."""
    rows = monthly(sample, PAPDIS_CSV.name)
    yearly = [parse_minor(row["AnnualSalary"]) for row in rows]
    assert min(yearly) < 5_000_00
    assert max(yearly) > 50_270_00
    assert {"M1", "W1", "W2", "W4"} == {row["FrequencyCode"] for row in rows}


def test_zero_hours_pay_swings_and_is_sometimes_nothing(sample: Sample) -> None:
    """A week without work is a row of zero, with its reason where the layout has one."""
    zero_hours = [row for row in monthly(sample, PAPDIS_CSV.name) if row["SubGroup"] == "Zero hours"]
    assert any(row["PensionableEarningsAmount"] == "0.00" for row in zero_hours)
    assert len({row["PensionableEarningsAmount"] for row in zero_hours}) > len(zero_hours) / 2
    cafe = monthly(sample, CONTRIBUTIONS.name, "contributions-cafe")
    assert {"0.00"} == {row["earnings"] for row in cafe if row["reason"] == "no_hours"}


def test_ages_are_sixteen_to_sixty_seven(sample: Sample) -> None:
    """Nobody is under 16 or over 67 when the scheme opens, and both the young and the old are there."""
    born = {
        int(day)
        for file in good_files(sample)
        for _, rows in rows_of(file)
        for day in np.unique(rows.born[rows.born != NONE])
    }
    assert parse_day("1958-04-06") < min(born) < parse_day("1962-01-01")
    assert parse_day("2007-01-01") < max(born) <= parse_day("2010-04-06")


def test_names_have_accents_and_apostrophes_and_numbers_are_one_a_person(sample: Sample) -> None:
    """No two people share a National Insurance number; some people have none, and then one employer and a birth date."""
    rows = monthly(sample, PAPDIS_CSV.name)
    assert any("'" in row["Surname"] for row in rows)
    assert any(not row["Forename1"].isascii() for row in rows)
    people = {(row["NationalInsuranceNumber"][:8], row["EmailAddress"]) for row in rows}
    shared = Counter(nino for nino, _ in people if nino)
    assert max(shared.values()) == 1
    nameless = {(row["EmailAddress"], row["EmployerId"]) for row in rows if not row["NationalInsuranceNumber"]}
    assert nameless
    assert len(nameless) == len({email for email, _ in nameless})


def test_months_have_the_same_people(sample: Sample) -> None:
    """Whoever is in one month and the next has the same number, birth date, employer and payroll id."""
    said: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for row in monthly(sample, PAPDIS_CSV.name):
        key = row["EmployerId"], row["EmployeeId"]
        said.setdefault(key, set()).add((row["NationalInsuranceNumber"], row["BirthDate"], row["Surname"]))
    assert {1} == {len(people) for people in said.values()}
    april, september = ({(r["EmployerId"], r["EmployeeId"]) for r in monthly(sample, PAPDIS_CSV.name)
                         if r["ContributionDeductionDate"].startswith(month)} for month in ("2026-04", "2026-09"))  # fmt: skip
    assert len(april & september) > 0.8 * len(april)


def test_contributions_are_three_per_cent_of_pay_matched(sample: Sample) -> None:
    """Worker and employer pay alike up to 3 %, to the penny or, where a payroll rounds otherwise, a penny off."""
    differs = Counter[str]()
    for row in monthly(sample, PAPDIS_CSV.name):
        earnings = parse_minor(row["PensionableEarningsAmount"])
        worker, employer = (parse_minor(row[f"{who}ContributionsAmount"]) for who in ("Employee", "Employer"))
        percent = int(parse_minor(row["EmployeeContributionsPercent"]) / 100)
        exact = percent_of(earnings, percent, "half_up")
        assert abs(worker - exact) <= 1
        assert abs(employer - min(exact, percent_of(earnings, 3, "half_up"))) <= 1
        differs[row["EmployerId"]] += worker != exact
    assert 2 <= sum(count > 0 for count in differs.values()) < len(differs) / 2
    assert {"0.00", "3.00"} < {row["EmployeeContributionsPercent"] for row in monthly(sample, PAPDIS_CSV.name)}


def test_platform_jobs_are_many_and_of_every_kind(sample: Sample) -> None:
    """All six kinds of job are there, somebody has several on one day, and fees and costs come off only one's own trade."""
    rows = monthly(sample, PLATFORM.name)
    assert {"ride", "delivery", "task", "care", "rent", "sale"} == {row["job_kind"] for row in rows}
    assert len(rows) == len({row["job_id"] for row in rows})
    assert max(Counter((row["worker_id"], row["paid_on"]) for row in rows).values()) > 2
    assert {"rent", "sale"} == {row["job_kind"] for row in rows if row["fees"] != "0.00"}
    for row in rows:
        assert row["started_at"] < row["ended_at"] < row["paid_on"]
    apps: dict[str, set[str]] = {}
    for row in rows:
        apps.setdefault(row["nino"], set()).add(row["platform"])
    assert {1, 2} == {len(used) for used in apps.values()}
    employed = {row["NationalInsuranceNumber"] for row in monthly(sample, PAPDIS_CSV.name)}
    assert apps.keys() & employed
    assert apps.keys() - employed


def test_people_pay_in_declare_and_take_out_themselves(sample: Sample) -> None:
    """Every status that the rulebook asks members for is declared by somebody, and money goes in and out."""
    rows = monthly(sample, CONTRIBUTIONS.name, "contributions-members")
    assert {"paid", "status", "withdrawn"} == {row["kind"] for row in rows}
    declared = {"trading", "profit", "caring", "learning", "opted_out", "worker_rate"}
    assert declared == {row["attribute"] for row in rows if row["kind"] == "status"}
    businesses = {row["payer"] for row in rows if row["kind"] == "paid" and row["payer"]}
    assert businesses <= {payer.code for payer in sample.payers if payer.kind == "business"}
    assert businesses
    balance = Counter[str]()
    for row in rows:
        if not row["payer"] and row["amount"]:
            balance[row["nino"]] += parse_minor(row["amount"]) * (-1 if row["kind"] == "withdrawn" else 1)
            assert balance[row["nino"]] >= 0


def test_who_opted_out_pays_nothing_after(sample: Sample) -> None:
    """From the day it names, an opt-out stops both sides in every PAPDIS row of that person."""
    rows = monthly(sample, CONTRIBUTIONS.name, "contributions-members")
    left = {row["nino"]: row["on"] for row in rows if row["attribute"] == "opted_out"}
    assert left
    for row in monthly(sample, PAPDIS_CSV.name):
        gone = row["ContributionDeductionDate"] >= left.get(row["NationalInsuranceNumber"], "9999")
        assert gone == (row["EmployeeContributionsPercent"] == "0.00")
        assert gone == bool(row["AEOptOutDate"])


def test_the_amendment_changes_removes_and_adds(sample: Sample) -> None:
    """The corrected month differs from the first in three pays, lacks one row and has one more, and says --replaces."""
    [amended] = [file for file in sample.files if file.path.stem.endswith("-amended")]
    assert amended.flags == ("--replaces",)
    name = f"{amended.path.stem.removesuffix('-amended')}.csv"
    [first] = [file for file in sample.files if file.path.name == name]
    assert first.received_on < amended.received_on
    before, after = (
        {(row["EmployeeId"], row["ContributionDeductionDate"]): row for row in cells_of(file.path)}
        for file in (first, amended)
    )
    assert len(before.keys() - after.keys()) == 1
    assert len(after.keys() - before.keys()) == 1
    assert sum(before[key] != after[key] for key in before.keys() & after.keys()) == 3


def test_the_faulty_file_is_refused_where_it_is_wrong(sample: Sample) -> None:
    """Intake takes the good rows and refuses each planned fault on its line, save those that only a scheme can judge."""
    [faulty] = [file for file in sample.files if "faulty" in file.path.name]
    reading = read(faulty.path, today=day_of(faulty.received_on))
    blocks = list(reading.blocks())
    found = [*(fault for block in blocks for fault in block.rejects), *reading.faults]
    too_young = {fault.line for fault in sample.faults if fault.what == "15 years old"}
    assert {fault.line for fault in sample.faults} - too_young == {fault.line for fault in found}
    in_cells = {(fault.line, fault.column) for fault in sample.faults if fault.column and fault.line not in too_young}
    assert in_cells <= {(fault.line, fault.path) for fault in found}
    assert GOOD_ROWS + len(too_young) == sum(len(block.rows) for block in blocks)


def test_the_manifest_lists_the_files_in_the_order_they_arrive(sample: Sample) -> None:
    """The manifest has every file once, by the day it comes; the corrections come last."""
    listed = cells_of(sample.directory / "manifest.csv")
    assert [f.path.relative_to(sample.directory).as_posix() for f in sample.files] == [row["file"] for row in listed]
    assert sorted(row["received_on"] for row in listed) == [row["received_on"] for row in listed]
    assert [Path(row["file"]).parent.name for row in listed[-2:]] == ["later", "later"]
    written = {path.name for path in sample.directory.rglob("*.*ml")} | {
        p.name for p in sample.directory.rglob("*.csv")
    }
    assert written == {Path(row["file"]).name for row in listed} | {"manifest.csv", "payers.csv"}


def test_every_payer_is_listed(sample: Sample) -> None:
    """Whoever pays in a file stands in the list of payers, each code once."""
    codes = [payer.code for payer in sample.payers]
    assert len(codes) == len(set(codes))
    for file in good_files(sample):
        for payers, _ in rows_of(file):
            assert set(payers) <= set(codes)


def test_a_layout_that_is_left_out_is_not_met(tmp_path: Path) -> None:
    """Employers whose own layout is left out send PAPDIS CSV."""
    sample = write_sample(tmp_path, members=50, months=1, seed=1, layouts={PAPDIS_CSV.name})
    assert {PAPDIS_CSV.name} == {file.layout for file in sample.files}
    everything = write_sample(tmp_path / "all", members=50, months=1, seed=1)
    assert {PAPDIS_XML.name, FPS_XML.name} < {file.layout for file in everything.files}


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_sample_is_whole(tmp_path: Path, seed: int) -> None:
    """Ten members for a month give files that intake takes, an amendment and a faulty file."""
    told = []
    sample = write_sample(tmp_path, members=10, months=1, seed=seed, on_progress=lambda *done: told.append(done))
    assert told == [(1, 1)]
    assert {"later"} == {file.path.parent.name for file in sample.files[-2:]}
    for file in good_files(sample):
        assert sum(len(rows) for _, rows in rows_of(file)) > 0


@pytest.mark.parametrize(("members", "months"), [(9, 1), (10, 0)])
def test_too_little_is_refused(tmp_path: Path, members: int, months: int) -> None:
    """A sample too small to show anything is a misuse, and writes nothing."""
    with pytest.raises(Misuse):
        write_sample(tmp_path, members=members, months=months, seed=1)
    assert list(tmp_path.iterdir()) == []


def test_a_large_month_is_taken_whole(tmp_path: Path) -> None:
    """Every row of the benchmark's files is accepted: one pay a member, and jobs for one member in twenty."""
    paths = write_month(tmp_path, members=3000, month=date(2026, 4, 1), seed=3)
    counts = Counter[str]()
    for path in paths:
        reading = read(path, today=parse_day("2026-05-01"))
        for block in reading.blocks():
            assert block.rejects == []
            assert block.rows.on.min() >= OPENS
            assert {Kind.PAY} == set(block.rows.kind.tolist())
            counts[reading.layout] += len(block.rows)
        assert reading.faults == []
    assert counts[PAPDIS_CSV.name] == 3000
    assert 2 * 120 <= counts[PLATFORM.name] <= 6 * 120


def test_large_months_have_the_same_people(tmp_path: Path) -> None:
    """From month to month only periods, pay and contributions change; no two people share a number."""
    first, again, later = (
        write_month(tmp_path / name, members=2000, month=month, seed=3)[0]
        for name, month in (("a", date(2026, 4, 1)), ("b", date(2026, 4, 9)), ("c", date(2026, 5, 1)))
    )
    assert first.read_bytes() == again.read_bytes()
    april, may = cells_of(first), cells_of(later)
    changed = {name for one, other in zip(april, may, strict=True) for name in one if one[name] != other[name]}
    assert changed == {
        "PayPeriodStartDate", "PayPeriodEndDate", "ContributionDeductionDate", "TaxPeriod",
        "PensionableEarningsAmount", "EmployeeContributionsAmount", "EmployerContributionsAmount",
    }  # fmt: skip
    assert len(april) == len({row["NationalInsuranceNumber"][:8] for row in april})
    seldom = {"ExitDate", "ExitReasonCode", "AEOptOutDate"}
    assert seldom == {name for name in april[0] if not all(row[name] for row in april)}

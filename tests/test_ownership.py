"""A payer's file tells of that payer alone."""

from pathlib import Path

import pytest
from tests.served import Served
from tests.test_intake_reader import own, papdis

from lifepot.inbox import jobs, uploads, worker
from lifepot.intake.layouts import CONTRIBUTIONS, LAYOUTS, PLATFORM
from lifepot.periods import parse_day
from lifepot.scheme.opening import Clock
from lifepot.scheme.ownership import not_theirs
from lifepot.scheme.people import add_alias

TODAY = parse_day("2026-08-20")


def refs(served: Served) -> tuple[str, str]:
    """What the clerk's payer and the other one are called."""
    with served.doors.acting() as connection:
        found = [
            connection.execute("select ref from payer where id = %s", [served.identity(name).payer]).fetchone()
            for name in ("clerk", "other clerk")
        ]
    assert found[0] is not None
    assert found[1] is not None
    return found[0][0], found[1][0]


def codes(served: Served, path: Path) -> list[str]:
    """What of a file is not the clerk's to tell, as the clerk sees it."""
    clerk = served.identity("clerk")
    assert clerk.payer is not None
    with served.doors.seeing(clerk) as connection:
        return [one.code for one in not_theirs(connection, clerk.payer, path, TODAY)]


def written(folder: Path, text: str) -> Path:
    """A file of this text."""
    path = folder / "received"
    path.write_text(text)
    return path


def papdis_xml(payer: str) -> str:
    """A PAPDIS document of one employee."""
    return f"""<Papdis><Employer><employerId>{payer}</employerId><Employee><surname>Bell</surname>
    <payPeriodStartDate>2026-05-01</payPeriodStartDate><payPeriodEndDate>2026-05-31</payPeriodEndDate>
    <contributionDeductionDate>2026-05-28</contributionDeductionDate><frequencyCode>M1</frequencyCode>
    <employeeId>P1</employeeId><nationalInsuranceNumber>AB123456C</nationalInsuranceNumber>
    <employeeContributionsAmount>50.00</employeeContributionsAmount></Employee></Employer></Papdis>"""


def fps_xml(payer: str) -> str:
    """A Full Payment Submission of one employee."""
    office, _, paye = payer.partition("/")
    return f"""<FullPaymentSubmission><EmpRefs><OfficeNo>{office}</OfficeNo><PayeRef>{paye}</PayeRef></EmpRefs>
    <Employee><EmployeeDetails><NINO>AB123456C</NINO><Name><Sur>Bell</Sur></Name></EmployeeDetails>
    <Employment><PayId>P1</PayId><Payment><PayFreq>M1</PayFreq><PmtDate>2026-05-28</PmtDate><TaxablePay>900.00</TaxablePay>
    </Payment></Employment></Employee></FullPaymentSubmission>"""


def platform(payer: str) -> str:
    """A platform's file of one job."""
    cells = {
        "platform": payer, "worker_id": "w", "nino": "AB123456C", "job_id": "j", "job_kind": "ride", "paid_on": "2026-05-28",
        "gross": "10.00",
    }  # fmt: skip
    names = [column.name for column in PLATFORM.columns]
    return ",".join(names) + "\n" + ",".join(cells.get(name, "") for name in names) + "\n"


def pay(payer: str) -> str:
    """A contributions file of one pay."""
    return row(payer=payer, kind="pay", earnings="900.00", worker="40.00")


def row(**cells: str) -> str:
    """A contributions file of one row."""
    cells = {"on": "2026-05-28", "nino": "AB123456C", "payroll_id": "P1"} | cells
    return own(",".join(cells.get(column.name, "") for column in CONTRIBUTIONS.columns))


IN_LAYOUTS = {
    "papdis-csv": lambda payer: papdis({"EmployerId": payer}),
    "papdis-xml": papdis_xml, "fps-xml": fps_xml, "contributions": pay, "platform": platform,
}  # fmt: skip


def test_every_layout_is_tried() -> None:
    """What follows goes through every layout that is read."""
    assert set(IN_LAYOUTS) == set(LAYOUTS)


@pytest.mark.parametrize("layout", IN_LAYOUTS)
def test_a_file_that_names_another_payer_is_not_theirs(served: Served, tmp_path: Path, layout: str) -> None:
    """In every layout: the payer's own reference and its alias are its own; another's, and one that nobody has, are not."""
    mine, other = refs(served)
    with served.doors.acting() as connection:
        add_alias(connection, mine, "635/A635", Clock.at("the tests", served.doors.now(), TODAY))
        add_alias(connection, other, "120/B120", Clock.at("the tests", served.doors.now(), TODAY))
    write = IN_LAYOUTS[layout]
    own_refs, others = ["635/A635"], ["120/B120", "999/Z1"]
    if layout != "fps-xml":
        own_refs, others = [*own_refs, mine], [*others, other, f"{mine}x"]
    for payer in own_refs:
        assert codes(served, written(tmp_path, write(payer))) == [], payer
    for payer in others:
        assert codes(served, written(tmp_path, write(payer))) == ["payer_not_yours"], payer


def test_one_row_of_another_among_many_is_found(served: Served, tmp_path: Path) -> None:
    """A bureau's file with one other payer in it is not theirs, nor one whose other payer stands in a refused row."""
    mine, other = refs(served)
    rows = [{"EmployerId": mine, "EmployeeId": f"P{n}"} for n in range(50)]
    assert codes(served, written(tmp_path, papdis(*rows))) == []
    assert codes(served, written(tmp_path, papdis(*rows, {"EmployerId": other}))) == ["payer_not_yours"]
    faulty = {"EmployerId": other, "PensionableEarningsAmount": "much"}
    assert codes(served, written(tmp_path, papdis(*rows, faulty))) == ["payer_not_yours"]


@pytest.mark.parametrize("kind", ["withdrawn", "closed", "died"])
def test_a_payer_ends_nobodys_account(served: Served, tmp_path: Path, kind: str) -> None:
    """No payer tells that money left, that an account ended or that somebody died; nor of a worker's own payment."""
    mine, _ = refs(served)
    amount = "5.00" if kind == "withdrawn" else ""
    text = row(payer=mine, kind=kind, amount=amount)
    assert codes(served, written(tmp_path, text)) == ["not_yours_to_tell"]
    text = row(kind="paid", amount="5.00")
    assert codes(served, written(tmp_path, text)) == ["payer_not_yours"]


def test_the_worker_refuses_a_clerks_file_of_another(served: Served) -> None:
    """A handed-in file that names another payer changes nothing, whatever was asked of it."""
    _, other = refs(served)
    clerk = served.identity("clerk")
    with served.doors.acting() as connection:
        upload = uploads.keep(connection, clerk.payer, clerk.who, "x.csv", pay(other).encode(), served.doors.now())
        number = jobs.ask(
            connection,
            "receive",
            {"mode": "adds", "layout": None},
            clerk.who,
            served.doors.now(),
            upload=upload,
            payer=clerk.payer,
        )
        facts = connection.execute("select count(*) from fact").fetchone()
    assert worker.once(served.doors)
    with served.doors.acting() as connection:
        job = jobs.find(connection, number)
        assert job is not None
        assert job.answer is not None
        assert (job.ended, job.answer["state"]) == (True, "refused")
        assert [one["code"] for one in job.answer["faults"]] == ["payer_not_yours"]
        assert connection.execute("select count(*) from fact").fetchone() == facts
        assert connection.execute("select count(*) from personal.received_file where name = 'x.csv'").fetchone() == (0,)

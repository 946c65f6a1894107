"""PAPDIS 1.1, as a payroll writes it: CSV with its 44 columns, and XML."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from io import StringIO
from xml.sax.saxutils import escape

from lifepot.intake.layouts import PAPDIS_CSV
from lifepot.kernel.columns import Frequency
from lifepot.money import format_minor
from lifepot.samples.pay import PayLine
from lifepot.samples.paydays import PAYROLL_CODES, tax_period
from lifepot.samples.people import DEFAULT_PERCENT
from lifepot.samples.work import Employer, Job

VERSION = "PAP11"
PROVIDER = "LIFEPOT"
COLUMNS = [column.name for column in PAPDIS_CSV.columns]

# Automatic enrolment's earnings trigger and lower limit of qualifying earnings in a year, unchanged since 2014 and 2020.
TRIGGER_PENCE = 10_000_00
LOWER_LIMIT_PENCE = 6_240_00

LEFT_VOLUNTARILY = "1"
"""PAPDIS leaves the list of exit reasons to the scheme; this one is ours."""


def papdis_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """The file's text; payroll programs end lines with CRLF."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def papdis_row(line: PayLine, first_month: date) -> dict[str, str]:
    """A pay as the 44 columns say it."""
    job, period = line.job, line.period
    person, employer = job.person, job.employer
    opted_out = person.opted_out_on is not None and period.paid_on >= person.opted_out_on
    enrolled = max(job.started, first_month)
    assessed = _assessment(job, period.paid_on)
    enrols = assessed == "1" and period.start <= enrolled <= period.end
    # Workers who join later may be put off for up to three months; payrolls of weekly paid people often do.
    deferred = job.started > first_month and employer.frequency != Frequency.MONTH
    address1, address2, address3, address4 = person.address
    percent = f"{min(line.percent, DEFAULT_PERCENT)}.00"
    return {
        "PAPDISVersion": VERSION,
        "PensionProviderId": PROVIDER,
        "EmployerId": employer.reference,
        "Group": "Salaried" if job.annual_pence else "Hourly",
        "SubGroup": "Zero hours" if job.zero_hours else "Contracted",
        "PayPeriodStartDate": period.start.isoformat(),
        "PayPeriodEndDate": period.end.isoformat(),
        "ContributionDeductionDate": period.paid_on.isoformat(),
        "FrequencyCode": PAYROLL_CODES[employer.frequency],
        "TaxPeriod": str(tax_period(period.paid_on, employer.frequency)),
        "Title": person.title,
        "Forename1": person.forename,
        "Forename2": person.second_forename,
        "Surname": person.surname,
        "EmployeeId": job.payroll_id,
        "BirthDate": person.born.isoformat(),
        "Gender": person.gender,
        "NationalInsuranceNumber": person.nino,
        "Address1": address1,
        "Address2": address2,
        "Address3": address3,
        "Address4": address4,
        "Postcode": person.postcode,
        "Country": "United Kingdom",
        "EmailAddress": person.email,
        "EmploymentStartDate": job.started.isoformat(),
        "ExitDate": job.left.isoformat() if line.leaves and job.left else "",
        "ExitReasonCode": LEFT_VOLUNTARILY if line.leaves else "",
        "AssessmentCode": assessed,
        "EventCode": "1" if enrols else "0",
        "EventDate": enrolled.isoformat() if enrols else "",
        "DeferralDate": job.started.isoformat() if deferred else "",
        "AEOptOutDate": person.opted_out_on.isoformat() if opted_out and person.opted_out_on else "",
        "AEOptOutReference": f"OO{person.number:06d}" if opted_out else "",
        "EnrolmentCommunicationsIssuedDate": enrolled.isoformat() if assessed == "1" else "",
        "EmployerContributionsAmount": format_minor(line.employer),
        "EmployeeContributionsAmount": format_minor(line.worker),
        "AdditionalVoluntaryContributionsAmount": "0.00",
        "AdditionalVoluntaryContributionsPercent": "0.00",
        "PensionableEarningsAmount": format_minor(line.earnings),
        "EmployerContributionsPercent": percent,
        "EmployeeContributionsPercent": f"{line.percent}.00",
        "SalarySacrificeIndicator": "N",
        "AnnualSalary": format_minor(job.yearly_pence),
    }


def _assessment(job: Job, on: date) -> str:
    """Automatic enrolment's class of worker: 1 eligible jobholder, 2 non-eligible jobholder, 3 entitled worker."""
    if job.yearly_pence < LOWER_LIMIT_PENCE:
        return "3"
    return "1" if job.yearly_pence > TRIGGER_PENCE and 22 <= job.person.age_on(on) < 66 else "2"


# The XML's groups, each with its elements in order, named after the CSV's columns with a small first letter.
_GROUPS = {
    "name": ("Title", "Forename1", "Forename2", "Surname"),
    "identity": ("BirthDate", "Gender", "NationalInsuranceNumber"),
    "contact": ("Address1", "Address2", "Address3", "Address4", "Postcode", "Country", "EmailAddress"),
    "pay": ("PensionableEarningsAmount",),
    "assessment": ("AssessmentCode", "EventCode", "EventDate", "AEOptOutDate", "AEOptOutReference"),
    "contribution": (
        "EmployerContributionsAmount",
        "EmployerContributionsPercent",
        "EmployeeContributionsAmount",
        "EmployeeContributionsPercent",
        "AdditionalVoluntaryContributionsAmount",
        "AdditionalVoluntaryContributionsPercent",
    ),
    "exit": ("ExitDate", "ExitReasonCode"),
}
_PERIOD = ("PayPeriodStartDate", "PayPeriodEndDate", "ContributionDeductionDate", "FrequencyCode", "TaxPeriod")


def papdis_xml(employer: Employer, lines: list[PayLine], first_month: date) -> str:
    """The document for one employer's month; every pay has the same period. Empty elements are left out."""
    rows = [papdis_row(line, first_month) for line in lines]
    period = "".join(_element(name, rows[0][name]) for name in _PERIOD)
    employees = "\n".join(_employee(row) for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<PapdisDocument><messageFunctionCode>InfoOnly</messageFunctionCode><version>1.1</version>"
        f"<PensionProvider>{_element('PensionProviderId', PROVIDER)}"
        f"<Employer>{_element('EmployerId', employer.reference)}<PayrollPeriod>{period}\n"
        f"{employees}\n</PayrollPeriod></Employer></PensionProvider></PapdisDocument>\n"
    )


def _employee(row: Mapping[str, str]) -> str:
    groups = []
    for group, columns in _GROUPS.items():
        inside = "".join(_element(column, row[column]) for column in columns)
        groups.append(f"<{group}>{inside}</{group}>" if inside else "")
    return f"<Employee>{_element('EmployeeId', row['EmployeeId'])}{''.join(groups)}</Employee>"


def _element(column: str, text: str) -> str:
    name = "aeO" + column[3:] if column.startswith("AEO") else column[0].lower() + column[1:]
    return f"<{name}>{escape(text)}</{name}>" if text else ""

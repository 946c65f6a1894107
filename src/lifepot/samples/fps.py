"""HMRC's Full Payment Submission, as an employer sends it on or before pay day. It tells pay; it knows no account."""

import base64
import hashlib
from datetime import date
from xml.sax.saxutils import escape

from lifepot.money import format_minor
from lifepot.samples.pay import PayLine
from lifepot.samples.paydays import PAYROLL_CODES, last_day, tax_period, tax_year_start
from lifepot.samples.work import Employer

ENVELOPE = "http://www.govtalk.gov.uk/CM/envelope"
SUBMISSION = "http://www.govtalk.gov.uk/taxation/PAYE/RTI/FullPaymentSubmission"

# A month's twelfth of the personal allowance (£12,570) and of the primary threshold, and the main rates of 2026-27.
# Tax and National Insurance are rough: a savings operator reads pay, and nobody reads these.
ALLOWANCE_PENCE, TAX_PERCENT = 1047_50, 20
THRESHOLD_PENCE, INSURANCE_PERCENT = 1048_00, 8


class ToDate:
    """What each job has paid so far in the tax year, in pence: an FPS carries it beside the pay."""

    def __init__(self) -> None:
        self._paid: dict[tuple[str, str, date], int] = {}

    def add(self, line: PayLine) -> int:
        """The total with this pay. Lines come in the order of their pay days."""
        key = (line.job.employer.reference, line.job.payroll_id, tax_year_start(line.period.paid_on))
        self._paid[key] = self._paid.get(key, 0) + line.earnings
        return self._paid[key]


def fps_xml(employer: Employer, lines: list[PayLine], to_date: ToDate) -> str:
    """The submission of one employer's month, with its IRmark.

    The body is written in canonical form (no empty tags, no spaces between attributes), so that the mark is the
    SHA-1 of the very characters.
    """
    year = tax_year_start(lines[0].period.paid_on).year
    years = f"{year % 100:02d}-{(year + 1) % 100:02d}"
    office, reference = employer.reference.split("/")
    keys = f'<Keys><Key Type="TaxOfficeNumber">{office}</Key><Key Type="TaxOfficeReference">{reference}</Key></Keys>'
    period_end = last_day(lines[0].period.paid_on.replace(day=1))
    head = (
        f'<Body xmlns="{ENVELOPE}"><IRenvelope xmlns="{SUBMISSION}/{years}/1"><IRheader>{keys}'
        f"<PeriodEnd>{period_end}</PeriodEnd><DefaultCurrency>GBP</DefaultCurrency>"
    )
    employees = "\n".join(_employee(line, to_date.add(line)) for line in lines)
    tail = (
        "<Sender>Employer</Sender></IRheader><FullPaymentSubmission>"
        f"<EmpRefs><OfficeNo>{office}</OfficeNo><PayeRef>{reference}</PayeRef>"
        f"<AORef>{office}P{reference[0]}{employer.number:08d}</AORef></EmpRefs>"
        f"<RelatedTaxYear>{years}</RelatedTaxYear>\n{employees}\n</FullPaymentSubmission></IRenvelope></Body>"
    )
    digest = hashlib.sha1((head + tail).encode(), usedforsecurity=False).digest()
    mark = f'<IRmark Type="generic">{base64.b64encode(digest).decode()}</IRmark>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<GovTalkMessage xmlns="{ENVELOPE}"><EnvelopeVersion>2.0</EnvelopeVersion><Header><MessageDetails>'
        "<Class>HMRC-PAYE-RTI-FPS</Class><Qualifier>request</Qualifier><Function>submit</Function>"
        "<Transformation>XML</Transformation></MessageDetails></Header>"
        f"<GovTalkDetails>{keys}</GovTalkDetails>{head}{mark}{tail}</GovTalkMessage>\n"
    )


def _employee(line: PayLine, to_date_pence: int) -> str:
    job, period = line.job, line.period
    person, pay = job.person, line.earnings
    tax = max(0, pay - ALLOWANCE_PENCE) * TAX_PERCENT // 100
    insurance = max(0, pay - THRESHOLD_PENCE) * INSURANCE_PERCENT // 100
    fore = "".join(f"<Fore>{escape(name)}</Fore>" for name in (person.forename, person.second_forename) if name)
    lines = "".join(f"<Line>{escape(part)}</Line>" for part in person.address if part)
    leaving = f"<LeavingDate>{job.left}</LeavingDate>" if line.leaves else ""
    nino = f"<NINO>{person.nino}</NINO>" if person.nino else ""
    return (
        f"<Employee><EmployeeDetails>{nino}<Name><Ttl>{person.title}</Ttl>{fore}<Sur>{escape(person.surname)}</Sur>"
        f"</Name><Address>{lines}<UKPostcode>{person.postcode}</UKPostcode></Address>"
        f"<BirthDate>{person.born}</BirthDate><Gender>{person.gender}</Gender></EmployeeDetails>"
        f"<Employment><PayId>{escape(job.payroll_id)}</PayId>{leaving}"
        f"<FiguresToDate><TaxablePay>{format_minor(to_date_pence)}</TaxablePay></FiguresToDate>"
        f"<Payment><PayFreq>{PAYROLL_CODES[job.employer.frequency]}</PayFreq><PmtDate>{period.paid_on}</PmtDate>"
        f"<MonthNo>{tax_period(period.paid_on, job.employer.frequency)}</MonthNo><PeriodsCovered>1</PeriodsCovered>"
        f"<HoursWorked>D</HoursWorked><TaxCode>1257L</TaxCode><TaxablePay>{format_minor(pay)}</TaxablePay>"
        f"<PayAfterStatDedns>{format_minor(pay - tax - insurance)}</PayAfterStatDedns>"
        f"<TaxDeductedOrRefunded>{format_minor(tax)}</TaxDeductedOrRefunded></Payment>"
        "<NIlettersAndValues><NIletter>A</NIletter>"
        f"<GrossEarningsForNICsInPd>{format_minor(pay)}</GrossEarningsForNICsInPd>"
        f"<GrossEarningsForNICsYTD>{format_minor(to_date_pence)}</GrossEarningsForNICsYTD>"
        f"<EmpeeContribnsInPd>{format_minor(insurance)}</EmpeeContribnsInPd></NIlettersAndValues>"
        "</Employment></Employee>"
    )

"""Statements made up for tests, and two ways to write them as camt.053: by hand, and through pyiso20022's dataclasses."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from tests.iso20022 import schema, write

OURS = "GB33BUKB20201555555555"
DAYS = st.integers(0, 40).map(lambda days: date(2026, 4, 6) + timedelta(days=days))
AMOUNTS = st.integers(0, 10**11)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789/-?:().,'+ àé&<>", min_size=1, max_size=30).map(
    lambda text: " ".join(text.split()) or "x"
)
NAMES = st.text("abcdefgABC0123456789", min_size=1, max_size=20)


@dataclass(frozen=True)
class Item:
    """One item of an entry, with the sign of what it adds."""

    signed: int
    end_to_end: str = ""
    remittance: tuple[str, ...] = ()
    reference: str = ""
    name: str = ""
    iban: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry, of one item or several."""

    items: tuple[Item, ...]
    booked_on: date
    value_on: date
    reversal: bool = False
    status: str = "BOOK"
    bank_reference: str = ""
    code: tuple[str, str, str] = ("PMNT", "RCDT", "ESCT")
    batch_id: str = ""

    @property
    def signed(self) -> int:
        """What it adds to the balance."""
        return sum(item.signed for item in self.items)


@dataclass(frozen=True)
class Made:
    """A statement."""

    name: str
    opening: int
    entries: tuple[Entry, ...]
    on: date = date(2026, 4, 30)
    sequence: int = 7
    currency: str = "GBP"
    off_by: int = field(default=0)

    @property
    def closing(self) -> int:
        """Opening and what is booked, wrong by `off_by`."""
        return self.opening + sum(entry.signed for entry in self.entries if entry.status == "BOOK") + self.off_by


def items() -> st.SearchStrategy[Item]:
    """Any item."""
    return st.builds(
        Item,
        signed=AMOUNTS,
        end_to_end=NAMES,
        remittance=st.lists(WORDS, max_size=2).map(tuple),
        reference=st.sampled_from(["", "RF18539007547034"]),
        name=WORDS,
        iban=st.sampled_from(["GB82WEST12345698765432", "DE89370400440532013000"]),
        reason=st.sampled_from(["", "", "AC04"]),
    )


def entries() -> st.SearchStrategy[Entry]:
    """Any entry; all its items go one way, as in every version of the format."""

    def turned(entry: Entry, sign: int) -> Entry:
        turned_items = tuple(Item(**(vars(item) | {"signed": sign * item.signed})) for item in entry.items)
        return Entry(**(vars(entry) | {"items": turned_items}))

    built = st.builds(
        Entry,
        items=st.lists(items(), min_size=1, max_size=3).map(tuple),
        booked_on=DAYS,
        value_on=DAYS,
        reversal=st.booleans(),
        status=st.sampled_from(["BOOK", "BOOK", "BOOK", "PDNG", "INFO"]),
        bank_reference=NAMES,
        batch_id=NAMES,
    ).filter(lambda entry: entry.signed != 0)
    return st.builds(turned, built, st.sampled_from([1, -1]))


def statements() -> st.SearchStrategy[list[Made]]:
    """Some statements of one file."""
    built = st.builds(
        Made, name=NAMES, opening=st.integers(-(10**9), 10**9), entries=st.lists(entries(), max_size=4).map(tuple)
    )
    return st.lists(built, min_size=1, max_size=3)


def pounds(minor: int) -> str:
    """Major units with two decimals, without sign."""
    return f"{abs(minor) // 100}.{abs(minor) % 100:02d}"


def way(signed: int) -> str:
    """Credit or debit."""
    return "CRDT" if signed >= 0 else "DBIT"


def by_hand(made: list[Made], version: int = 8) -> bytes:
    """The message in version .02 or .08, a line an element or so."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}">',
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-05-01T04:00:00</CreDtTm></GrpHdr>",
    ]
    for one in made:
        lines += [f"<Stmt><Id>{one.name}</Id>", f"<ElctrncSeqNb>{one.sequence + 100}</ElctrncSeqNb>"]
        lines += [f"<LglSeqNb>{one.sequence}</LglSeqNb>", "<CreDtTm>2026-05-01T04:00:00</CreDtTm>"]
        lines += [f"<Acct><Id><IBAN>{OURS}</IBAN></Id><Ccy>{one.currency}</Ccy></Acct>"]
        for code, minor in (("OPBD", one.opening), ("CLBD", one.closing)):
            lines += [f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"]
            lines += [f'<Amt Ccy="{one.currency}">{pounds(minor)}</Amt><CdtDbtInd>{way(minor)}</CdtDbtInd>']
            lines += [f"<Dt><Dt>{one.on}</Dt></Dt></Bal>"]
        for entry in one.entries:
            lines += _entry_by_hand(entry, one.currency, version)
        lines.append("</Stmt>")
    return "\n".join([*lines, "</BkToCstmrStmt></Document>", ""]).encode()


def _entry_by_hand(entry: Entry, currency: str, version: int) -> list[str]:
    status = entry.status if version < 8 else f"<Cd>{entry.status}</Cd>"
    domain, family, sub = entry.code
    lines = [
        f'<Ntry><Amt Ccy="{currency}">{pounds(entry.signed)}</Amt><CdtDbtInd>{way(entry.signed)}</CdtDbtInd>',
        f"<RvslInd>{str(entry.reversal).lower()}</RvslInd><Sts>{status}</Sts>",
        f"<BookgDt><Dt>{entry.booked_on}</Dt></BookgDt>",
        f"<ValDt><DtTm>{entry.value_on}T23:59:59+01:00</DtTm></ValDt>",
        f"<AcctSvcrRef>{entry.bank_reference}</AcctSvcrRef>",
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>",
        f"<NtryDtls><Btch><PmtInfId>{entry.batch_id}</PmtInfId></Btch>",
    ]
    undone = entry.reversal
    for item in entry.items:
        amount = f'<Amt Ccy="{currency}">{pounds(item.signed)}</Amt>'
        told = (
            f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>" if version < 8 else f"{amount}<CdtDbtInd>{way(item.signed)}"
        )
        lines += [f"<TxDtls><Refs><EndToEndId>{item.end_to_end}</EndToEndId></Refs>"]
        lines += [told + ("" if version < 8 else "</CdtDbtInd>")]
        side = "Dbtr" if (item.signed >= 0) != (undone or bool(item.reason)) else "Cdtr"
        name = f"<Nm>{escape(item.name)}</Nm>"
        party = name if version < 8 else f"<Pty>{name}</Pty>"
        lines += [f"<RltdPties><{side}>{party}</{side}>"]
        lines += [f"<{side}Acct><Id><IBAN>{item.iban}</IBAN></Id></{side}Acct></RltdPties>"]
        unstructured = "".join(f"<Ustrd>{escape(words)}</Ustrd>" for words in item.remittance)
        structured = f"<Strd><CdtrRefInf><Ref>{item.reference}</Ref></CdtrRefInf></Strd>" if item.reference else ""
        if unstructured or structured:
            lines += [f"<RmtInf>{unstructured}{structured}</RmtInf>"]
        if item.reason:
            lines += [f"<RtrInf><Rsn><Cd>{item.reason}</Cd></Rsn></RtrInf>"]
        lines.append("</TxDtls>")
    return [*lines, "</NtryDtls></Ntry>"]


def through_dataclasses(made: list[Made]) -> bytes:
    """The same in version .08, through classes that others made of the schema."""
    of = schema("camt.053.001.08")

    def amount(minor: int, currency: str) -> Any:
        return of.ActiveOrHistoricCurrencyAndAmount(value=Decimal(abs(minor)) / 100, ccy=currency)

    def direction(signed: int) -> Any:
        return of.CreditDebitCode(way(signed))

    def account(iban: str, currency: str | None = None) -> Any:
        return of.CashAccount38(id=of.AccountIdentification4Choice(iban=iban), ccy=currency)

    def item_of(entry: Entry, item: Item, currency: str) -> Any:
        party = of.Party40Choice(pty=of.PartyIdentification135(nm=item.name))
        debtor = (item.signed >= 0) != (entry.reversal or bool(item.reason))
        parties = of.TransactionParties6(
            **({"dbtr": party, "dbtr_acct": account(item.iban)} if debtor else {}),
            **({} if debtor else {"cdtr": party, "cdtr_acct": account(item.iban)}),
        )
        reference = of.CreditorReferenceInformation2(ref=item.reference)
        structured = [of.StructuredRemittanceInformation16(cdtr_ref_inf=reference)] if item.reference else []
        back = of.PaymentReturnReason5(rsn=of.ReturnReason5Choice(cd=item.reason)) if item.reason else None
        return of.EntryTransaction10(
            refs=of.TransactionReferences6(end_to_end_id=item.end_to_end),
            amt=amount(item.signed, currency),
            cdt_dbt_ind=direction(item.signed),
            rltd_pties=parties,
            rmt_inf=of.RemittanceInformation16(ustrd=list(item.remittance), strd=structured),
            rtr_inf=back,
        )

    def entry_of(entry: Entry, currency: str) -> Any:
        domain, family, sub = entry.code
        code = of.BankTransactionCodeStructure5(
            cd=domain, fmly=of.BankTransactionCodeStructure6(cd=family, sub_fmly_cd=sub)
        )
        return of.ReportEntry10(
            amt=amount(entry.signed, currency),
            cdt_dbt_ind=direction(entry.signed),
            rvsl_ind=entry.reversal,
            sts=of.EntryStatus1Choice(cd=entry.status),
            bookg_dt=of.DateAndDateTime2Choice(dt=str(entry.booked_on)),
            val_dt=of.DateAndDateTime2Choice(dt=str(entry.value_on)),
            acct_svcr_ref=entry.bank_reference,
            bk_tx_cd=of.BankTransactionCodeStructure4(domn=code),
            ntry_dtls=[
                of.EntryDetails9(
                    btch=of.BatchInformation2(pmt_inf_id=entry.batch_id),
                    tx_dtls=[item_of(entry, item, currency) for item in entry.items],
                )
            ],
        )

    def balance(code: str, minor: int, one: Made) -> Any:
        return of.CashBalance8(
            tp=of.BalanceType13(cd_or_prtry=of.BalanceType10Choice(cd=code)),
            amt=amount(minor, one.currency),
            cdt_dbt_ind=direction(minor),
            dt=of.DateAndDateTime2Choice(dt=str(one.on)),
        )

    stmts = [
        of.AccountStatement9(
            id=one.name,
            elctrnc_seq_nb=one.sequence + 100,
            lgl_seq_nb=one.sequence,
            acct=of.CashAccount39(id=of.AccountIdentification4Choice(iban=OURS), ccy=one.currency),
            bal=[balance("OPBD", one.opening, one), balance("CLBD", one.closing, one)],
            ntry=[entry_of(entry, one.currency) for entry in one.entries],
        )
        for one in made
    ]
    header = of.GroupHeader81(msg_id="M1", cre_dt_tm="2026-05-01T04:00:00")
    return write(of.Document(bk_to_cstmr_stmt=of.BankToCustomerStatementV08(grp_hdr=header, stmt=stmts)))

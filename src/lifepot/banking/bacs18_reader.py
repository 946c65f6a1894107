"""Reading a Bacs Standard 18 file back: every label, every field, every sum, before one record is believed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lifepot.banking.bacs18 import AFTER, BEFORE, BacsFile, BacsRecord
from lifepot.banking.bacs_layout import (
    CONTRA,
    CONTRA_CODE,
    CREDIT_CODE,
    LABEL_LENGTH,
    LABELS,
    MULTI,
    MULTI_DAY,
    MULTI_LENGTH,
    SINGLE,
    SINGLE_DAY,
    SINGLE_LENGTH,
    Slot,
    read_day,
    slot_of,
    take_apart,
)
from lifepot.banking.letters import BACS, outside
from lifepot.errors import Fault
from lifepot.money import format_minor

_DIGITS = {
    "service_user_number", "file_number", "debit_minor", "credit_minor", "debit_count", "credit_count",
    "sort_code", "account_number", "own_sort_code", "own_account_number", "amount_minor",
}  # fmt: skip
_DAYS = {"created_on", "expires_on", "processing_on"}


@dataclass(frozen=True, slots=True)
class BacsReading:
    """A file, and every fault; with a fault there is no file."""

    file: BacsFile | None
    faults: tuple[Fault, ...]


def read_bacs18(octets: bytes, file: str) -> BacsReading:
    """The file that direct credits are paid by: labels, payments and contras. Lines end with LF, CR and LF, or both.

    Checked: the length and the fixed parts of every line, digits where digits must be, days, Bacs' letters; that the
    labels at the end mirror those at the beginning; that each day's contras are the sum of its payments; the totals
    and counts of UTL1.
    """
    reader = _Reader(file)
    found = reader.read(octets)
    return BacsReading(None, tuple(reader.faults)) if reader.faults else BacsReading(found, ())


class _Reader:
    """One file being read, and its faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def note(self, line: int, column: int, code: str, path: str, found: str, expected: str) -> None:
        self.faults.append(Fault(self.file, line, column, code, path, found[:80], expected))

    def read(self, octets: bytes) -> BacsFile | None:
        """The file, to be believed if there is no fault."""
        if not octets.strip():
            self.note(0, 0, "file_empty", "", "nothing", "a Bacs file")
            return None
        if not octets.isascii():
            at = next(place for place, octet in enumerate(octets) if octet > 127)
            line, start = octets.count(b"\n", 0, at) + 1, octets.rfind(b"\n", 0, at) + 1
            self.note(line, at - start + 1, "encoding", "", f"byte 0x{octets[at]:02X}", "ASCII text")
            return None
        lines = octets.decode("ascii").replace("\r\n", "\n").removesuffix("\n").split("\n")
        for number, label in enumerate(BEFORE, start=1):
            if len(lines) < number or not lines[number - 1].startswith(label):
                shown = lines[number - 1][:20] if len(lines) >= number else "the end"
                code = "layout_unknown" if number == 1 else "file_cut_off" if len(lines) < number else "label_differs"
                self.note(number, 0, code, "", repr(shown), f"{label}, of {LABEL_LENGTH} characters")
                return None
        if len(lines) < len(BEFORE) + len(AFTER) or not lines[-1].startswith("UTL1"):
            self.note(len(lines), 0, "file_cut_off", "", repr(lines[-1][:20]), "a file that ends with UTL1")
            return None
        places = dict(zip(BEFORE, range(1, 5), strict=True))
        places |= dict(zip(AFTER, range(len(lines) - 2, len(lines) + 1), strict=True))
        labels = {label: self.line(lines[line - 1], line, LABELS[label], label) for label, line in places.items()}
        if self.faults:
            return None
        return self.whole(lines, labels)

    def whole(self, lines: Sequence[str], labels: dict[str, dict[str, str]]) -> BacsFile | None:
        """Records and labels together; the labels are sound, each by itself."""
        work_code = labels["UHL1"]["work_code"]
        if work_code not in {SINGLE_DAY, MULTI_DAY}:
            slot = slot_of(LABELS["UHL1"], "work_code")
            self.note(
                4, slot.start, "word_unknown", "UHL1.work_code", repr(work_code), f"{SINGLE_DAY!r} or {MULTI_DAY!r}"
            )
            return None
        is_multi = work_code == MULTI_DAY
        length = MULTI_LENGTH if is_multi else SINGLE_LENGTH
        if labels["HDR2"]["record_length"] != f"{length:05d}":
            slot = slot_of(LABELS["HDR2"], "record_length")
            found = labels["HDR2"]["record_length"]
            self.note(3, slot.start, "record_length", "HDR2.record_length", found, f"{length:05d}, as UHL1 says")
        processing_on = read_day(labels["UHL1"]["processing_on"])
        assert processing_on is not None  # a fault of its line, else
        body = list(enumerate(lines[len(BEFORE) : -len(AFTER)], start=len(BEFORE) + 1))
        records = [record for number, line in body if (record := self.record(line, number, processing_on, is_multi))]
        self.mirrors(labels, len(lines))
        if not self.faults:
            self.balances(records)
            self.totals(labels["UTL1"], records, len(lines))
        if self.faults:
            return None
        created_on, expires_on = (read_day(labels["HDR1"][name]) for name in ("created_on", "expires_on"))
        assert created_on is not None
        assert expires_on is not None
        return BacsFile(
            serial=labels["VOL1"]["serial"],
            service_user_number=labels["HDR1"]["service_user_number"],
            file_number=int(labels["UHL1"]["file_number"]),
            created_on=created_on,
            expires_on=expires_on,
            processing_on=processing_on,
            is_multi=is_multi,
            records=tuple(records),
        )

    def line(self, line: str, number: int, slots: Sequence[Slot], path: str) -> dict[str, str]:
        """The fields of a line; with a fault for each that is not as it must be."""
        last = slots[-1]
        length = last.start + last.length - 1
        if len(line) != length:
            self.note(number, 0, "record_length", path, f"{len(line)} characters", f"{length}")
            return {}
        for slot in slots:
            self.slot(slot, line[slot.start - 1 : slot.start - 1 + slot.length], number, path)
        return take_apart(slots, line)

    def slot(self, slot: Slot, said: str, number: int, path: str) -> None:
        """One field by itself."""
        where = f"{path}.{slot.name}" if slot.name != "_" else path
        strange = outside(BACS, said)
        if slot.fixed is not None:
            if said != slot.fixed:
                self.note(number, slot.start, "word_unknown", where, repr(said), repr(slot.fixed))
        elif slot.name in _DIGITS and not said.isdigit():
            self.note(number, slot.start, "number_not_whole", where, repr(said), f"{slot.length} digits")
        elif slot.name in _DAYS and read_day(said) is None:
            self.note(number, slot.start, "date_impossible", where, repr(said), "a day such as ' 26098'")
        elif strange:
            column = slot.start + said.index(strange)
            self.note(number, column, "letter_unknown", where, repr(strange), f"only {BACS!r}")

    def record(self, line: str, number: int, processing_on: date, is_multi: bool) -> BacsRecord | None:  # noqa: FBT001
        """A payment or a contra."""
        before = len(self.faults)
        path = f"record[{number - len(BEFORE)}]"
        fields = self.line(line, number, MULTI if is_multi else SINGLE, path)
        if len(self.faults) > before:
            return None
        code, contra = fields["transaction_code"], fields["reference"].strip() == CONTRA
        if code not in {CREDIT_CODE, CONTRA_CODE} or contra != (code == CONTRA_CODE):
            column = slot_of(SINGLE, "transaction_code").start
            found = f"{code} with the reference {fields['reference'].strip()!r}"
            expected = f"{CREDIT_CODE} for a payment, {CONTRA_CODE} for a contra"
            self.note(number, column, "word_unknown", f"{path}.transaction_code", found, expected)
            return None
        on = read_day(fields["processing_on"]) if is_multi else processing_on
        assert on is not None  # a fault of its line, else
        texts = {name: fields[name].rstrip() for name in ("free", "originator", "reference", "payee_name")}
        return BacsRecord(
            line=number,
            processing_on=on,
            sort_code=fields["sort_code"],
            account_number=fields["account_number"],
            transaction_code=code,
            own_sort_code=fields["own_sort_code"],
            own_account_number=fields["own_account_number"],
            amount_minor=int(fields["amount_minor"]),
            **texts,
        )

    def mirrors(self, labels: dict[str, dict[str, str]], last: int) -> None:
        """What is said twice must be the same."""
        again = labels["HDR1"]["service_user_again"]
        for label, name, said, expected in (
            (
                "VOL1",
                "service_user_number",
                labels["VOL1"]["service_user_number"],
                labels["HDR1"]["service_user_number"],
            ),
            ("HDR1", "service_user_again", again, labels["HDR1"]["service_user_number"]),
            ("HDR1", "serial", labels["HDR1"]["serial"], labels["VOL1"]["serial"]),
        ):
            if said != expected:
                line = BEFORE.index(label) + 1
                slot = slot_of(LABELS[label], name)
                self.note(line, slot.start, "label_differs", f"{label}.{name}", repr(said), repr(expected))
        for number, (label, mirror) in enumerate((("HDR1", "EOF1"), ("HDR2", "EOF2"))):
            for name in labels[label].keys() - {"label"}:
                if labels[mirror][name] != labels[label][name]:
                    found, expected = repr(labels[mirror][name]), repr(labels[label][name])
                    slot = slot_of(LABELS[mirror], name)
                    line = last - 2 + number
                    self.note(line, slot.start, "label_differs", f"{mirror}.{name}", found, f"{expected}, as {label}")

    def balances(self, records: Sequence[BacsRecord]) -> None:
        """Each day and own account: contras against payments."""
        paid: Counter[tuple[date, str, str]] = Counter()
        debited: Counter[tuple[date, str, str]] = Counter()
        last_line: dict[tuple[date, str, str], int] = {}
        for record in records:
            key = record.processing_on, record.own_sort_code, record.own_account_number
            (debited if record.is_contra else paid)[key] += record.amount_minor
            last_line[key] = record.line
        for key, line in last_line.items():
            if paid[key] != debited[key]:
                found = f"contras of {format_minor(debited[key])} on {key[0]}"
                expected = f"{format_minor(paid[key])}; the difference is {format_minor(paid[key] - debited[key])}"
                self.note(line, slot_of(SINGLE, "amount_minor").start, "contra_differs", "", found, expected)

    def totals(self, label: dict[str, str], records: Sequence[BacsRecord], line: int) -> None:
        """UTL1 against the records."""
        for prefix, members in (
            ("debit", [record.amount_minor for record in records if record.is_contra]),
            ("credit", [record.amount_minor for record in records if not record.is_contra]),
        ):
            for name, worked_out in ((f"{prefix}_minor", sum(members)), (f"{prefix}_count", len(members))):
                if int(label[name]) != worked_out:
                    slot = slot_of(LABELS["UTL1"], name)
                    self.note(line, slot.start, "totals_differ", f"UTL1.{name}", str(int(label[name])), str(worked_out))

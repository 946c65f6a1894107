"""Random sequences of pays, corrections, withdrawals, payment runs, statements, returns and claims paid, on the real server.

Whatever happens: no pot is negative, nothing is sent that was not approved, nothing is sent twice, nobody is overdrawn by
what was approved, and file, bank and ledger differ only by what `reconcile` names.
"""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.schemes import ANN, BOB, opened, paid, pay
from tests.test_happened import EMPLOYER, GOVERNMENT, came
from tests.test_payments import ACCOUNT
from tests.test_withdrawals import REGISTER, by, number

from lifepot.audit.verify import verify
from lifepot.banking.references import Kind, make_reference
from lifepot.errors import LifepotError
from lifepot.money import format_minor
from lifepot.payments.reconcile import reconcile
from lifepot.payments.runs import make_run, set_own_account
from lifepot.payments.statements import match_by_hand, receive_statement
from lifepot.periods import date_of, format_day, parse_day
from lifepot.storage.rows import Event
from lifepot.storage.server import EmbeddedServer
from lifepot.withdrawals import steps
from lifepot.withdrawals.chain import numbers_of, read_withdrawals
from lifepot.withdrawals.payees import load, own_account, payee_named
from lifepot.withdrawals.quoting import Wish

FIRST_DAY = parse_day("2026-06-01")
PENCE = st.integers(1, 60_000)


@dataclass
class Payment:
    """A payment that was sent: its number, amount, and what the bank has shown of it."""

    payment: int
    amount: int
    shown: bool = False
    back: bool = False


class MoneyOut(RuleBasedStateMachine):
    """A scheme with two members, a payer and a bank."""

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.opened = opened(server, self.folder)
        self.scheme = self.opened.__enter__()
        self.today = FIRST_DAY
        self.sent: list[Payment] = []
        self.files = 0

    def teardown(self) -> None:
        """Prove the books by the other path, and tidy up."""
        try:
            self.scheme.connection.rollback()
            found = verify(self.scheme.connection)
            assert not found.problems, found.lines()
        finally:
            self.opened.__exit__(None, None, None)
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def day(self) -> str:
        """Today."""
        return format_day(self.today)

    @initialize()
    def begin(self) -> None:
        """A year ago both were paid, and paid in £300."""
        self.scheme.told([pay(one, "2025-05-29", "1000.00", "30.00", "30.00") for one in (ANN, BOB)], "2025-06-01")
        self.scheme.told([paid(one, "2025-06-02", "300.00") for one in (ANN, BOB)], "2025-06-02")
        register = self.folder / "register.csv"
        register.write_text(REGISTER, encoding="utf-8")
        load(self.scheme.connection, register)
        set_own_account(self.scheme.connection, ACCOUNT)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        """Some days."""
        self.today += days

    @rule(who=st.sampled_from([ANN, BOB]), amount=PENCE)
    def pays_in(self, who: str, amount: int) -> None:
        """A payment of one's own."""
        self.today += 1
        self.scheme.told([paid(who, self.day, format_minor(amount))], self.today)

    @rule(earnings=st.integers(0, 300_000), worker=st.integers(0, 9_000))
    def pay_is_corrected(self, earnings: int, worker: int) -> None:
        """Last year's pay was another, so that what follows from it is another too, be it spent or not."""
        rows = [
            pay(ANN, "2025-05-29", format_minor(earnings), format_minor(worker), format_minor(worker)),
            pay(BOB, "2025-05-29", "1000.00", "30.00", "30.00"),
        ]
        self.scheme.tell(rows, self.today, "replaces")

    @rule(who=st.sampled_from([ANN, BOB]), amount=PENCE, home=st.booleans())
    def asks(self, who: str, amount: int, home: bool) -> None:
        """Money is asked for, proved, and approved if it can be."""
        purpose = "first_home" if home else None
        to = (
            payee_named(self.scheme.connection, "conveyancer:SMITH") if home else own_account("A", "200000", "11223344")
        )
        wish = Wish(number(self.scheme, who), purpose, amount, arrives=False, said={})
        before = self._overdrawn()
        with suppress(LifepotError):
            asked, _ = steps.ask(self.scheme.connection, wish, to, by("the member", self.day))
            for piece in (0, 1) if home else ():
                one = asked.withdrawal.number
                steps.prove(self.scheme.connection, one, piece, "p.pdf", b"%PDF", by("the member", self.day))
            steps.approve(self.scheme.connection, asked.withdrawal.number, by("olive", self.day))
        self.scheme.connection.rollback()
        assert self._overdrawn() <= before, "nothing is approved that is not there"

    def _overdrawn(self) -> int:
        return sum(-amount for name, amount in self.scheme.pots().items() if name.startswith("overdrawn"))

    @rule()
    def run(self) -> None:
        """Everything that may go is sent."""
        with suppress(LifepotError):
            made = make_run(self.scheme.connection, "pain001", date_of(self.today), by("pat", self.day))
            if made is not None:
                rows = self.scheme.connection.execute(
                    "select line, amount from fact where kind = 16 and value = %s order by line", [made.number]
                ).fetchall()
                assert sum(amount for _, amount in rows) == made.amount
                self.sent += [Payment(payment, amount) for payment, amount in rows]
        self.scheme.connection.rollback()

    def _statement(self, *rows: tuple[str, int]) -> None:
        self.files += 1
        path = self.folder / f"bank{self.files}.csv"
        lines = ["date,description,amount,transaction id"]
        lines += [f"{self.day},{text},{format_minor(minor)},{self.files}-{at}" for at, (text, minor) in enumerate(rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for again in (False, True):
            taken = receive_statement(self.scheme.connection, path, by("pat", self.day))
            assert not taken.faults, taken.faults
            assert len(taken.entries) == (0 if again else len(rows))

    @precondition(lambda self: any(not one.shown for one in self.sent))
    @rule(choose=st.data())
    def bank_shows(self, choose: st.DataObject) -> None:
        """The bank shows a payment of ours."""
        one = choose.draw(st.sampled_from([one for one in self.sent if not one.shown]))
        self._statement((f"FPO {make_reference(Kind.WITHDRAWAL, one.payment)}", -one.amount))
        one.shown = True

    @precondition(lambda self: any(one.shown and not one.back for one in self.sent))
    @rule(choose=st.data())
    def bank_returns(self, choose: st.DataObject) -> None:
        """A payment came back."""
        one = choose.draw(st.sampled_from([one for one in self.sent if one.shown and not one.back]))
        self._statement((f"RETURN {make_reference(Kind.WITHDRAWAL, one.payment)}", one.amount))
        one.back = True

    @rule(amount=PENCE, text=st.sampled_from(["ACME MAY", "nobody knows", "RF00W000000001"]), out=st.booleans())
    def bank_says_something(self, amount: int, text: str, out: bool) -> None:
        """An entry of a payer, or of nobody."""
        self._statement((text, -amount if out else amount))

    @rule()
    def somebody_matches(self) -> None:
        """What has waited longest in suspense is said to be ACME's."""
        found = reconcile(self.scheme.connection, self.today)
        self.scheme.connection.rollback()
        if found.suspense:
            match_by_hand(self.scheme.connection, found.suspense[0]["entry"], by("olive", self.day), payer="ACME")

    @rule(choose=st.data(), share=st.integers(0, 100))
    def put_back(self, choose: st.DataObject, share: int) -> None:
        """Some of a withdrawal is put back, where that can be."""
        chains = read_withdrawals(self.scheme.connection, numbers_of(self.scheme.connection))
        self.scheme.connection.rollback()
        chains = [one for one in chains if one.held is not None and one.state in {"approved", "back"}]
        if chains:
            one = choose.draw(st.sampled_from(chains))
            assert one.held is not None
            with suppress(LifepotError):
                amount = one.held.amount * share // 100
                steps.put_back(self.scheme.connection, one.number, amount, by("olive", self.day), arrived=True)
            self.scheme.connection.rollback()

    @rule(choose=st.data())
    def cancel(self, choose: st.DataObject) -> None:
        """A withdrawal is given up, where that can be."""
        numbers = numbers_of(self.scheme.connection)
        if numbers:
            with suppress(LifepotError):
                steps.cancel(self.scheme.connection, choose.draw(st.sampled_from(numbers)), by("ann", self.day))
            self.scheme.connection.rollback()

    @rule(who=st.sampled_from([ANN, BOB]), amount=PENCE, government=st.booleans())
    def what_was_owed_comes(self, who: str, amount: int, government: bool) -> None:
        """Government or ACME pays something of what it owes, or more."""
        came(self.scheme, who, amount, GOVERNMENT if government else EMPLOYER, None if government else "ACME", self.day)

    @rule()
    def settle(self) -> None:
        """A settle, and a second one, which has nothing to do."""
        self.scheme.settle(self.today)
        assert self.scheme.settle(self.today).transfers == 0

    @invariant()
    def nothing_is_sent_twice_or_unapproved(self) -> None:
        """Of each withdrawal no more was sent, less what came back, than was approved; what is leaving is not negative."""
        chains = read_withdrawals(self.scheme.connection, numbers_of(self.scheme.connection))
        for one in chains:
            approved = one.asked.amount if one.of(Event.APPROVED) else 0
            assert one.total(Event.SENT) - one.total(Event.CAME_BACK) <= approved
        for name, amount in self.scheme.pots().items():
            assert amount >= 0 or not name.startswith(("leaving", "on_the_way")), (name, amount)
        self.scheme.connection.rollback()

    @invariant()
    def laws(self) -> None:
        """Sums are zero, closings are right, no pot is negative, and file, bank and ledger agree but for what is named."""
        self.scheme.check()
        found = reconcile(self.scheme.connection, self.today)
        assert found.unexplained == 0
        pots = self.scheme.pots()
        told = sum(line.told - line.banked for line in found.lines if line.what == "payments out")
        assert told == pots.get("on_the_way", 0)
        assert sum(one["amount_minor"] for one in found.suspense) == pots.get("suspense", 0)
        self.scheme.connection.rollback()


def test_random_money_out(server: EmbeddedServer) -> None:
    """No sequence makes a pot negative, pays twice, or makes file, bank and ledger differ without a name."""
    run_state_machine_as_test(
        lambda: MoneyOut(server),
        settings=settings(
            max_examples=6,
            stateful_step_count=18,
            deadline=timedelta(seconds=60),
            suppress_health_check=list(HealthCheck),
        ),
    )

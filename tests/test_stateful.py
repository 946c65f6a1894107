"""Random operations on the real server, beside a model of a page: facts in a list, told to the audit from the beginning.

The model knows no columns, no closings, nothing carried and nothing posted before; it works everything out anew each time.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
from tests.schemes import ANN, BOB, CAT, Row, Scheme, contributions, opened

from lifepot.audit.replay import replay
from lifepot.audit.told import ORDER_OF_KINDS, Owed, Person, Told
from lifepot.periods import date_of, format_day, parse_day
from lifepot.rulebook.reader import shipped
from lifepot.storage.server import EmbeddedServer

BORN = {ANN: "1990-01-01", BOB: "2010-05-10", CAT: "1968-02-29"}
"""Bob turns 16 while the machine runs, and Cat is near a second pension."""

FIRST_DAY = parse_day("2026-03-20")
TOLERANCE = 2
RULEBOOK = shipped("lifetime-savings-account")


def pence(text: str) -> int | None:
    """Pence from "12.34"; None from nothing."""
    return None if text == "" else round(float(text) * 100)


@dataclass
class Model:
    """What was told, by member, in the order it came; and which files there were."""

    facts: list[tuple[str, tuple[str, str] | None, Told]] = field(default_factory=list)
    """Member, the payer and period that a pay row speaks of, and the fact."""
    files: set[str] = field(default_factory=set)
    told: int = 0

    def tell(self, rows: list[Row], mode: str) -> None:
        """Rows become facts; a replacement's periods are emptied of pays first."""
        if mode == "replaces":
            spans = {_span(row) for row in rows if row["kind"] == "pay"}
            self.facts = [one for one in self.facts if one[1] not in spans]
        for row in rows:
            self.told += 1
            self.facts.append((row["nino"], _span(row), _told(row, self.told)))

    def spans(self) -> set[tuple[str, str]]:
        """Payers and periods that were told."""
        return {span for _, span, _ in self.facts if span is not None}

    def pots(self, today: int) -> dict[str, int]:
        """What should stand on every account."""
        found: Counter[str] = Counter()
        for nino in {nino for nino, _, _ in self.facts}:
            facts = [fact for member, _, fact in self.facts if member == nino and fact.on <= date_of(today)]
            person = Person(date_of(parse_day(BORN[nino])))
            owed = replay(RULEBOOK, person, facts, as_of=date_of(today)).owed
            for debit, credit, amount in _moves(nino[:8], facts, owed):
                found[debit] -= amount
                found[credit] += amount
        return {account: amount for account, amount in found.items() if amount}


def _span(row: Row) -> tuple[str, str] | None:
    return (row["payer"], row["period_start"]) if row["kind"] == "pay" else None


def _told(row: Row, number: int) -> Told:
    said = {name: pence(row.get(name, "")) for name in ("amount", "earnings", "worker", "employer")}
    value = row.get("value", "")
    told = Told(
        number, number, row["nino"], date_of(parse_day(row["on"])), row["kind"], row.get("payer", ""),
        attribute=row.get("attribute", ""), value=value, **said,
    )  # fmt: skip
    if row["kind"] == "pay":
        ends = {name: date_of(parse_day(row[name])) for name in ("period_start", "period_end")}
        return replace(told, frequency="week", **ends)
    return told


def _moves(who: str, facts: list[Told], owed: list[Owed]) -> Iterator[tuple[str, str, int]]:
    """The transfers that one member's facts and entitlements call for, in order of effect: from, to, pence."""
    order = sorted(facts, key=lambda fact: (fact.on, ORDER_OF_KINDS.index(fact.kind), fact.root))
    place = {fact.ref: at for at, fact in enumerate(order)}
    given: Counter[tuple[object, str]] = Counter()
    happened: list[tuple[tuple[object, int, int], str, str, int]] = []
    for one in owed:
        if one.party == "government":
            yield "owed_by_government", f"government_owed {who}", one.amount_minor
        elif one.amount_minor > 0:
            given[(one.cause, one.party)] += one.amount_minor
        else:
            fact = order[place[one.cause or 0]]
            payer = str(fact.payer or 0) if one.party == "employer" or fact.kind == "pay" else "0"
            happened.append(((one.effective_on, place[fact.ref], 1), f"back {one.party}", payer, -one.amount_minor))
    for fact in order:
        for party, sent in (("worker", _sent(fact, "worker")), ("employer", _sent(fact, "employer"))):
            due, here = given[(fact.ref, party)], min(sent or 0, given[(fact.ref, party)])
            payer = str(fact.payer or 0)
            over = (sent or 0) - due
            if here:
                yield f"in_transit {payer}", f"{party} {who}", here
            if over > 0:
                yield f"in_transit {payer}", "rounding" if over <= TOLERANCE else f"held_for {payer}", over
            within = sent is not None and -TOLERANCE <= over < 0
            if over < 0:
                yield (
                    "rounding" if within else f"owed_by {payer}",
                    f"{party if within else party + '_owed'} {who}",
                    -over,
                )
            key = (fact.on, place[fact.ref], 0)
            happened.append((key, party, "", here - over if within else here))
            happened.append((key, f"{party}_owed", "", 0 if within else max(-over, 0)))
        if fact.kind == "withdrawn":
            happened.append(((fact.on, place[fact.ref], 1), f"out {fact.value}", "", fact.amount or 0))
    yield from _taken(who, sorted(happened, key=lambda one: one[0]))


def _sent(fact: Told, party: str) -> int | None:
    if fact.kind == "pay":
        return fact.worker if party == "worker" else fact.employer
    if fact.kind == "paid":
        return fact.amount if (party == "worker") == (not fact.payer) else None
    return None


def _taken(who: str, happened: list[tuple[tuple[object, int, int], str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """What goes out of the member's accounts: from what is there at the time, the rest is overdrawn."""
    there: Counter[str] = Counter()
    for _, what, payer, amount in happened:
        word, _, named = what.partition(" ")
        if word == "back":
            sources, to = [f"{named}_owed", named], f"held_for {payer}"
        elif word == "out":
            sources, to = ["worker", "employer"] if named else ["worker"], "paid_out"
        else:
            there[what] += amount
            continue
        left = amount
        for source in sources:
            taken = min(left, there[source])
            there[source] -= taken
            left -= taken
            if taken:
                yield f"{source} {who}", f"owed_by {payer}" if source.endswith("_owed") else to, taken
        if left:
            yield f"overdrawn {who}", to, left


members = st.sampled_from(list(BORN))
money = st.sampled_from(["0.00", "0.50", "10.00", "33.33", "500.00", "1200.00", "41000.00"])
sent = st.sampled_from(["", "", "0.00", "0.30", "15.00", "15.02", "36.01", "650.00"])
ago = st.integers(0, 30) | st.integers(-20, 70)
statuses = st.sampled_from(
    [("opted_out", "yes"), *((name, value) for name in ("opted_out", "caring", "learning") for value in ("yes", "no"))]
)


class SchemeMachine(RuleBasedStateMachine):
    """A scheme and its model, told the same."""

    server: EmbeddedServer

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lifepot-stateful-"))
        self.opening = opened(self.server, self.folder)
        self.scheme: Scheme = self.opening.__enter__()
        self.model = Model()
        self.today = FIRST_DAY
        self.settled = True
        self.periods = 0

    def teardown(self) -> None:
        """The scheme is dropped."""
        self.opening.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def send(self, rows: list[Row], mode: str | None = None) -> None:
        """The scheme and the model receive a file."""
        spans = {_span(row) for row in rows if row["kind"] == "pay"}
        text = contributions(rows)
        reply = self.scheme.tell(text, self.today, mode)
        if text in self.model.files:
            assert reply.state == "nothing_new"
        elif spans & self.model.spans() and mode is None:
            assert reply.state == "waiting"
        else:
            assert (reply.state, reply.faults, reply.accepted) == ("received", [], len(rows))
            self.model.tell(rows, mode or "")
            self.model.files.add(text)

    def day(self, days: int) -> str:
        """A day so many days ago."""
        return format_day(self.today - days)

    def pays(self, drawn: list[tuple[str, int, str, str, str]], payer: str, period: str) -> list[Row]:
        """Pay rows of one payer and period."""
        end = format_day(parse_day(period) + 6)
        return [
            {
                "payer": payer, "kind": "pay", "nino": nino, "born": BORN[nino], "on": self.day(days), "earnings": earnings,
                "worker": worker, "employer": employer, "frequency": "week", "period_start": period, "period_end": end,
            }
            for nino, days, earnings, worker, employer in drawn
        ]  # fmt: skip

    drawn_pays = st.lists(st.tuples(members, ago, money, sent, sent), min_size=1, max_size=3)

    @initialize(drawn=st.lists(st.tuples(members, ago, money, sent, sent), min_size=4, max_size=8))
    def first_period(self, drawn: list[tuple[str, int, str, str, str]]) -> None:
        """A first file, so that there is somebody."""
        self.new_period(drawn, "ACME")

    @rule(drawn=drawn_pays, payer=st.sampled_from(["ACME", "BETA"]))
    def new_period(self, drawn: list[tuple[str, int, str, str, str]], payer: str) -> None:
        """A payer's file for a period nobody has told of."""
        self.periods += 1
        self.send(self.pays(drawn, payer, format_day(FIRST_DAY + 7 * self.periods)))

    @precondition(lambda self: self.model.spans())
    @rule(drawn=drawn_pays, mode=st.sampled_from(["replaces", "replaces", "adds", None]), nth=st.integers(0, 9))
    def second_file(self, drawn: list[tuple[str, int, str, str, str]], mode: str | None, nth: int) -> None:
        """Another file for a payer and period told before, that replaces, adds, or does not say."""
        spans = sorted(self.model.spans())
        self.send(self.pays(drawn, *spans[nth % len(spans)]), mode)

    @precondition(lambda self: self.model.files)
    @rule(nth=st.integers(0, 9))
    def send_again(self, nth: int) -> None:
        """A file received before adds nothing."""
        files = sorted(self.model.files)
        assert self.scheme.tell(files[nth % len(files)], self.today).state == "nothing_new"

    @rule(nino=members, days=ago, what=statuses)
    def declare(self, nino: str, days: int, what: tuple[str, str]) -> None:
        """Somebody opts out, or cares, or learns, or no longer does."""
        self.send(
            [
                {
                    "kind": "status",
                    "nino": nino,
                    "born": BORN[nino],
                    "on": self.day(days),
                    "attribute": what[0],
                    "value": what[1],
                }
            ]
        )

    @rule(nino=members, days=ago, amount=money, payer=st.sampled_from(["", "", "ACME"]))
    def pay_in(self, nino: str, days: int, amount: str, payer: str) -> None:
        """A payment at any time, by the member or by somebody for them."""
        self.send(
            [{"kind": "paid", "nino": nino, "born": BORN[nino], "on": self.day(days), "amount": amount, "payer": payer}]
        )

    @rule(nino=members, days=ago, amount=money, purpose=st.sampled_from(["", "", "student_loan"]))
    def take_out(self, nino: str, days: int, amount: str, purpose: str) -> None:
        """Money is taken out by a member there is."""
        if nino in {one for one, _, _ in self.model.facts}:
            self.send([{"kind": "withdrawn", "nino": nino, "on": self.day(days), "amount": amount, "value": purpose}])

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        """What falls due in the meantime is not posted yet."""
        self.today += days
        self.settled = False

    @rule(days=st.integers(0, 45))
    def settle(self, days: int) -> None:
        """What has fallen due is posted."""
        self.today += days
        self.scheme.settle(self.today)
        self.settled = True

    @invariant()
    def keeps_the_laws(self) -> None:
        """Sums are zero, closings are the sums of transfers, and no pot is negative."""
        self.scheme.check()

    @invariant()
    def stands_as_the_model_says(self) -> None:
        """Once settled, every account is the model's, and settling again posts nothing."""
        if self.settled:
            assert self.model.pots(self.today) == self.scheme.pots()
            assert self.scheme.settle(self.today).transfers == 0


def test_random_operations_beside_a_plain_model(server: EmbeddedServer) -> None:
    """Whatever is told, replaced, added, sent again and taken out, the books stand as the model says."""
    SchemeMachine.server = server
    bounded = settings(
        max_examples=15, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
    run_state_machine_as_test(SchemeMachine, settings=bounded)

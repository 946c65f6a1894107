"""A member's statement in words: what a low-paid worker with several payers understands in a minute, then every entry."""

from collections.abc import Iterator, Mapping, Sequence

from lifepot.drawing.bands import Band, lay
from lifepot.kernel.columns import NONE, PARTIES
from lifepot.money import format_minor
from lifepot.papers.member import MemberFigures
from lifepot.papers.paper import Big, Block, Blocks, Cell, Paper, Picture, Section, Table
from lifepot.periods import FAR_PAST, date_of, format_day
from lifepot.projection.assumptions import CERTAINTY, STATE_PENSION, growths
from lifepot.projection.course import Course
from lifepot.projection.habits import Habit
from lifepot.quote.uses import Use
from lifepot.rulebook.conditions_in_words import Wording
from lifepot.rulebook.figures_in_words import MONTH_NAMES, listed, plain_day, plain_money, plain_name
from lifepot.scheme.picture import Moved, Point
from lifepot.scheme.statement import Entry

ALIVE = {"worker": "You", "employer": "Employers and platforms", "government": "Government"}


class _Words:
    """What is said to a member, or of one who died."""

    def __init__(self, figures: MemberFigures) -> None:
        self.figures = figures
        self.currency = figures.statement.currency
        dead = figures.died_on is not None
        self.who, self.whose = ("The member", "the member's") if dead else ("You", "your")
        self.party = {**ALIVE, "worker": self.who}

    def money(self, minor: int) -> str:
        """An amount, to the penny."""
        return format_minor(minor, self.currency)

    @property
    def you(self) -> str:
        """Within a sentence."""
        return self.who[0].lower() + self.who[1:]


def statement_paper(figures: MemberFigures) -> Paper:
    """The statement of a member as values."""
    words = _Words(figures)
    statement, period = figures.statement, figures.period
    name = statement.name or f"member {statement.member}"
    opened = (
        "No account is open" if statement.opened_on is None else f"Account opened on {plain_day(statement.opened_on)}"
    )
    sections = [
        *_uses(words),
        *_course(words),
        *([_year(words)] if figures.entries or figures.earlier_entries or figures.opening != Moved() else []),
        *_entries(words),
        *_nothing(words),
        _about(words),
    ]
    return Paper(
        f"Statement of {name}" + (f", who died on {plain_day(figures.died_on)}" if figures.died_on is not None else ""),
        statement.scheme,
        (f"{period.in_words}. Member {statement.member}. {opened}.",),
        period.last,
        _first(words),
        tuple(sections),
        foot=f"{statement.scheme}: statement of {name}, {plain_day(period.last)}",
    )


def _first(words: _Words) -> tuple[Block, ...]:
    """What stands above all: the pot, what every pound became, and the picture."""
    figures, made = words.figures, Blocks()
    closing = figures.closing
    made.add(Big(f"In {words.whose} pot on {plain_day(figures.period.last)}", words.money(closing.here)))
    if closing.owed > 0:
        made.say(f"{words.money(closing.owed)} more is owed to it and is not here yet.")
    for payer, (since, minor) in figures.statement.claims.items():
        made.say(f"Of what is owed, {words.money(minor)} is a claim on {payer}, which went bust on {plain_day(since)}.")
    if closing.owed < 0:
        made.say(f"{words.money(-closing.owed)} of it goes back: more was given than a correction leaves.")
    if closing.overdrawn:
        short = words.money(-closing.overdrawn)
        made.say(f"{short} was taken out that, after a correction, was not there. The pot is short by that much.")
    for text, tone in _became(words):
        made.say(text, tone)
    _ended(words, made)
    picture = _picture(words)
    if picture is not None:
        made.add(picture)
    return made.all()


def lead(figures: MemberFigures) -> list[str]:
    """What the member put in, and what others added because of it, in a sentence or two."""
    return [text for text, _ in _became(_Words(figures))]


def _became(words: _Words) -> Iterator[tuple[str, str]]:
    """The same, with the tone of each."""
    figures = words.figures
    own, others = figures.put_in.together, sum(one.together for one in figures.others.values())
    regardless = min(figures.regardless or 0, others)
    each, one = figures.became, words.money(100).removesuffix(".00")
    if each is not None:
        because = "" if figures.regardless is None else " because of it"
        whose = words.whose if words.whose == "the member's" else "yours"
        added = f"{words.who} put in {words.money(own)}. Others added {words.money(figures.because)}{because}"
        yield f"{added}: every {one} of {whose} became {words.money(each)}.", "lead"
        if regardless:
            yield f"{words.money(regardless)} more came whatever {words.you} put in.", "plain"
    elif others > 0:
        yield f"{words.who} put in nothing so far. Others added {words.money(others)} all the same.", "lead"
    elif figures.points:
        yield "What had been put in went back, so nothing is left of it.", "lead"
        if figures.statement.opened_on is None:
            yield figures.account, "plain"
    else:
        yield f"Nothing has been paid into {words.whose} pot yet.", "lead"
        yield figures.account, "plain"


def _ended(words: _Words, made: Blocks) -> None:
    """That the account has ended, or that the member has left."""
    figures = words.figures
    if figures.died_on is not None:
        made.say(f"The account ended on {plain_day(figures.died_on)}, the day the member died. Nothing more comes in.")
    elif figures.closed_on is not None:
        made.say(f"The account was closed on {plain_day(figures.closed_on)}. Nothing more comes in.")
    for note in figures.notes:
        if any(said in note.casefold() for said in ("you left with it", "contributions rest from")):
            made.say(note)


def _picture(words: _Words) -> Picture | None:
    """The parties' shares over time; None while there is nothing to show."""
    return shares_picture(words.figures.points, words.currency, words.party)


def shares_picture(points: Sequence[Point], currency: str, party_words: Mapping[str, str] = ALIVE) -> Picture | None:
    """The parties' shares of a pot over time, as a picture; None while there is nothing to show."""
    last = points[-1] if points else None
    if last is None or len(points) < 2 or not any(any(one.here) or any(one.owed) for one in points):
        return None
    bands, said, key = [], [], []
    for nth, party in enumerate(PARTIES):
        here, owed = [max(one.here[nth], 0) for one in points], [max(one.owed[nth], 0) for one in points]
        said.append(f"{party_words[party]} {format_minor(last.here[nth] + last.owed[nth], currency)}")
        if any(here) or any(owed):
            key.append((party, party_words[party]))
        for style, amounts in ((party, here), (f"{party} owed", owed)):
            if any(amounts):
                bands.append(Band(style, party_words[party], amounts))
    if any("owed" in one.style for one in bands):
        key.append(("government owed", "Striped: owed, not here yet"))
    drawn = lay([one.on for one in points], bands, _month, lambda amount: plain_money(int(amount), currency))
    upto = plain_day(last.on)
    return Picture(
        "Who put it there, over time",
        f"Shares of the pot from {plain_day(points[0].on)} to {upto}. On the last day: {'; '.join(said)}.",
        drawn,
        tuple(key),
    )


def _month(day: int) -> str:
    date = date_of(day)
    return f"{MONTH_NAMES[date.month - 1][:3]} {date.year}"


def _uses(words: _Words) -> list[Section]:
    """What money may leave for, now and later, with what to do."""
    figures = words.figures
    if not figures.uses or figures.statement.opened_on is None:
        return []
    named = [one for one in figures.uses if one.name is not None]
    later = sorted((one for one in named if not one.is_open), key=lambda one: (one.opens_on is None, one.opens_on or 0))
    rows = [_use(words, one) for one in [*(one for one in named if one.is_open), *later]]
    rows += [_use(words, one) for one in figures.uses if one.name is None]
    table = Table("", ("For", "When", "How much, and what to do"), tuple(rows), widest=2)
    made = Blocks()
    made.add(table)
    if figures.closing.owed > 0:
        made.say("What is owed and not here yet can be used once it has come.", "quiet")
    return [Section("What you can use it for", made.all())]


def _use(words: _Words, use: Use) -> tuple[Cell, ...]:
    """One purpose: what for, when, and how much."""
    back = listed(f"{words.money(minor)} of {_whose(party)}" for party, minor in use.sent_back.items())
    goes_back = f" {back} goes back." if back else ""
    charged = f", of which {words.money(use.arrives)} arrives after a charge" if use.arrives != use.amount else ""
    if use.name is None:
        if not use.amount:
            return (Cell("Anything else"), Cell("Now"), Cell("Nothing can leave for it now."))
        other = words.figures.standing.program.rulebook.any_other_withdrawal
        own = "" if other is not None and other.draws_on == "everyone" else " of your own money"
        much = f"Up to {words.money(use.amount)}{own}{charged}.{goes_back}"
        return (Cell("Anything else"), Cell("Now"), Cell(much))
    book = words.figures.standing.program.rulebook
    terms = book.purposes[use.name]
    what = terms.description.rstrip(".")
    bring = f" Bring {', '.join(terms.evidence)}." if terms.evidence else ""
    pays = f"Paid to {terms.pays}." if not terms.pays.startswith("to ") else f"Paid {terms.pays}."
    if use.is_open:
        much = (
            f"Up to {words.money(use.amount)}{charged}.{goes_back}" if use.amount else "Nothing can leave for it now."
        )
        return (Cell(what), Cell("Now"), Cell(much, f"{pays}{bring}"))
    wording = Wording(book, format_day(words.figures.period.last))
    tests = dict.fromkeys(
        wording.clause(one.test).line if not one.negated else f"not: {wording.clause(one.test).line}"
        for one in use.failing
    )
    if use.opens_on is not None:
        because = f": {use.because}" if use.because else ""
        return (
            Cell(what),
            Cell(f"From {plain_day(use.opens_on)}"),
            Cell(f"Opens by itself{because}.", f"{pays}{bring}"),
        )
    needs = f"It needs: {'; '.join(tests)}." if tests else "It opens only with what the rulebook asks for."
    return (Cell(what), Cell("Not yet"), Cell(needs, f"{pays}{bring}"))


def _whose(party: str) -> str:
    return {"worker": "your own", "employer": "your employers'", "government": "government's"}[party]


def _course(words: _Words) -> list[Section]:
    """What the pot is on course for, each line with what it is made of."""
    figures = words.figures
    if figures.died_on is not None or figures.closed_on is not None:
        return []
    made = Blocks()
    if figures.born == NONE:
        made.say("Your birth day is not known, so the pot at 30, at 40 and at State Pension age cannot be told.")
        return [Section("What it is on course for", made.all())]
    if not figures.courses:
        return []
    if not _is_going_on(figures):
        if figures.statement.opened_on is None:
            return []
        made.say("Nothing: there is nothing in the pot, and nothing has been paid lately that could go on.")
        return [Section("What it is on course for", made.all())]
    rates = growths()
    heads = ("On", *(f"{one.name.capitalize()}, {one.text}" for one in rates))
    rows = tuple(_line(words, one) for one in figures.courses)
    made.say(f"{_goes_on(words)} In today's money, under low, middle and high growth a year; not a promise.")
    made.add(Table("", heads, rows, numeric=tuple(range(1, len(heads)))))
    return [Section("What it is on course for", made.all())]


def _is_going_on(figures: MemberFigures) -> bool:
    """Whether there is anything to look ahead to."""
    return any(one.without_growth for one in figures.courses)


def _line(words: _Words, course: Course) -> tuple[Cell, ...]:
    one = course.milestone
    years = (
        f"State Pension age, {plain_day(one.on)}"
        if one.name == STATE_PENSION
        else f"{one.name.capitalize()}, {plain_day(one.on)}"
    )
    own, others = course.added[0], course.added[1] + course.added[2]
    lost = f", less {words.money(course.lost)} that can no longer be used by then" if course.lost else ""
    why = (
        f"{words.money(course.now)} now, {words.money(own)} from you and {words.money(others)} from others{lost}: "
        f"{words.money(course.without_growth)}. The rest is growth."
    )
    return (Cell(years, why), *(Cell(words.money(course.grown[rate.name])) for rate in growths()))


def _goes_on(words: _Words) -> str:
    """The assumption, in a sentence."""
    habits, payers = words.figures.habits, words.figures.payers
    if habits is not None and habits.each and not any(any(one.added) for one in words.figures.courses):
        return "This is the pot as it is, growing: by the rules nothing more comes in."
    if habits is None or not habits.each:
        return "This is the pot if nothing more is paid in, for nothing was in the last twelve months."
    said = listed(_habit(words, one, payers.get(one.payer, "")) for one in habits.each)
    months = "month" if habits.months == 1 else f"{habits.months} months"
    return (
        f"This is the pot if you go on as in the {months} from {plain_day(habits.first)} to {plain_day(habits.last)}, on "
        f"average each month {said}, and the rules stay as they are."
    )


def _habit(words: _Words, habit: Habit, payer: str) -> str:
    said = []
    if habit.pay:
        worker = "" if habit.worker == NONE else words.money(habit.worker) if habit.worker else "nothing"
        goes_in = f", of which {worker} goes in" if worker else ""
        pay = "pay" if habit.earnings == NONE else f"{words.money(habit.earnings)} of pay"
        said.append(f"{pay} from {payer}{goes_in}")
    if habit.paid not in {NONE, 0}:
        said.append(f"{words.money(habit.paid)} that {f'{payer} pays' if payer else 'you pay'} in")
    return " and ".join(said)


def _year(words: _Words) -> Section:
    """How the pot came from one end of the period to the other."""
    figures = words.figures
    period, moved = figures.period, figures.moved
    rows: list[tuple[str, Moved]] = []
    if period.first > FAR_PAST:
        rows.append((f"On {plain_day(period.first)}", figures.opening))
    rows += [(f"{words.party[party]} put in", moved[party]) for party in PARTIES if moved[party] != Moved()]
    if moved["taken_out"] != Moved():
        rows.append(("Taken out", moved["taken_out"]))
    if figures.earlier != Moved() or figures.earlier_entries:
        rows.append((f"From before {plain_day(period.first)}, known only since", figures.earlier))
    rows.append((f"On {plain_day(period.last)}", figures.closing))
    has_short = any(one.overdrawn for _, one in rows)
    heads = ("What", "In the pot", "Owed, not here yet", *(("Short",) if has_short else ()), "Together")
    cells = []
    for what, one in rows:
        short = (Cell(words.money(one.overdrawn)),) if has_short else ()
        together = one.together + (one.overdrawn if has_short else 0)
        cells.append(
            (Cell(what), Cell(words.money(one.here)), Cell(words.money(one.owed)), *short, Cell(words.money(together)))
        )
    ends = tuple(nth for nth, (what, _) in enumerate(rows) if what.startswith("On "))
    made = Blocks()
    made.add(Table("", heads, tuple(cells), numeric=tuple(range(1, len(heads))), sums=ends))
    made.say("The last line is the sum of those above it.", "quiet")
    heading = f"How the {period.name.lower()} went" if period.name else "How it came together"
    return Section(heading, made.all(), on_new_page=True)


def _entries(words: _Words) -> list[Section]:
    """Every entry of the period, newest first, and those of earlier days that became known in it."""
    figures, found = words.figures, []
    if figures.entries:
        made = Blocks()
        made.add(_entry_table(words, figures.entries))
        found.append(Section("Every entry", made.all()))
    if figures.earlier_entries:
        made = Blocks()
        first = plain_day(figures.period.first)
        made.say(f"These are of days before {first}. They became known only since then: told late, or put right.")
        made.add(_entry_table(words, figures.earlier_entries))
        found.append(Section("Of earlier years", made.all()))
    return found


def _entry_table(words: _Words, entries: list[Entry]) -> Table:
    reasons = words.figures.statement.reasons
    rows = []
    for one in reversed(entries):
        reason = reasons.get(one.entry) or one.because
        standing = "" if one.standing in {"in the pot", "taken out"} else f", {one.standing}"
        rule = f" ({plain_name(one.rule)})" if one.rule else ""
        why = f"{_upper(one.because)}{rule}{standing}; entry {one.entry}" if one.because else f"Entry {one.entry}"
        cells = (plain_day(one.effective_on), words.party[one.party], words.money(one.minor))
        rows.append((*map(Cell, cells), Cell(_upper(reason), why)))
    return Table("", ("Day", "From", "Amount", "Why"), tuple(rows), numeric=(2,), widest=3)


def _upper(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def _nothing(words: _Words) -> list[Section]:
    """The rules that gave nothing for the last facts."""
    groups = words.figures.statement.nothing_by_reason()
    if not groups:
        return []
    rows = tuple(
        (
            Cell(_upper(listed(plain_name(one.rule) for one in rules))),
            Cell(_upper(reason.removeprefix("nothing, because ")), _upper(because)),
        )
        for (reason, because), rules in groups.items()
    )
    made = Blocks()
    made.add(Table("", ("Rule", "Why"), rows, widest=1))
    return [Section("What brought nothing lately", made.all())]


def _about(words: _Words) -> Section:
    """What the paper rests on."""
    figures, made = words.figures, Blocks()
    statement, period = figures.statement, figures.period
    if statement.opened_on is not None:
        made.say(figures.account)
    for note in figures.notes:
        made.say(note)
    whose, you = words.whose, words.you
    if figures.became is not None:
        what = "and what others added" if figures.regardless is None else "and what others added because of it"
        made.say(
            f"“Every {words.money(100).removesuffix('.00')}” is everything {you} put in since the account opened, {what}, owed money "
            f"included, divided by what {you} put in and rounded down to the penny. Money taken out since still counts as put in."
        )
        if figures.regardless is not None:
            made.say(
                f"“Because of it” is what others would not have added had {you} put in nothing: the same rules were run again "
                f"without {whose} own money."
            )
    if _is_going_on(figures):
        made.say(
            "The course is worked out by the same rules. Pay, prices and the rules' figures stand still, money grows by the year "
            "from the birthday after it comes, no charge is taken that the rules do not name, and of what is declared (such as "
            "profit) nothing is repeated. What is owed counts as if it were here."
        )
        for one in growths():
            made.say(
                f"{one.name.capitalize()} growth is {one.text} a year above rising prices, {one.words}: {one.source} "
                f"({CERTAINTY[one.certainty]}).",
                "quiet",
            )
        for course in figures.courses:
            if course.milestone.source:
                sure = CERTAINTY[course.milestone.certainty]
                made.say(f"{STATE_PENSION}: {course.milestone.source} ({sure}).", "quiet")
    known = f"It says what was known at place {period.place} of the books' chain, when they stood at {plain_day(period.last)}."
    later = " What becomes known later stands in the next year's statement." if period.name else ""
    made.say(known + later, "quiet")
    made.say("Amounts in the pot are here as the payers' files say. What is owed is shown apart.", "quiet")
    return Section("What this rests on", made.all())

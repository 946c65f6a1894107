"""A payer's pages: a clerk's tasks from their beginning to done, and what nobody else's clerk sees of them."""

import csv
import io
import json
import re
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from tests.payrolls import as_csv, august, hand_in, last_month, looked_at, work
from tests.schemes import contributions, paid, pay, withdrawn
from tests.served import Served, hidden_of, sample_of_gig, words_of

from lifepot.access.identity import Identity, Role
from lifepot.inbox import sandboxes, worker
from lifepot.inbox.sandboxes import Sandboxes
from lifepot.scheme.claim import make_claim
from lifepot.scheme.people import add_alias

COUNTED = (
    "select (select count(*) from batch), (select count(*) from personal.received_file), (select count(*) from fact), "
    "(select count(*) from transfer), (select count(*) from personal.person), (select count(*) from payer)"
)


def counts(served: Served) -> Any:
    """How much there is in the books."""
    with served.doors.acting() as connection:
        return connection.execute(COUNTED).fetchone()


def test_a_file_from_dropped_to_replied_to(served: Served) -> None:
    """A clerk hands in a file, is shown what it would do and what differs, confirms, and gets the reply; nothing is posted before."""
    clerk = served.browser("clerk")
    rows = august(served)
    gone = rows[0]["worker_id"]
    rows = [row for row in rows if row["worker_id"] != gone]
    rows.append(rows[0] | {"worker_id": "NEW-1", "nino": "AB200001A", "forename": "Amal", "surname": "Okafor",
                           "born": "1994-02-11", "job_id": "j-1"})  # fmt: skip
    rows.append(rows[0] | {"gross": "12,5", "job_id": "j-2"})
    before = counts(served)
    where, words = looked_at(served, clerk, as_csv(rows))
    assert counts(served) == before
    assert "Nothing is posted yet" in words
    assert "Amal Okafor" in words
    assert gone in words
    for part in ("amount_comma", "12,5", "gross", f"Line {len(rows) + 1}", "Who went", "Beside the file before"):
        assert part in words, part
    clerk.send(where, f"{where}/confirm")
    assert "being received" in words_of(clerk.get(where))
    work(served)
    done = clerk.get(where)
    assert f"{len(rows) - 1} rows were taken" in words_of(done)
    assert counts(served) != before
    reply = json.loads(clerk.get(f"{where}/reply.json"))
    assert (reply["state"], reply["accepted"], reply["rejected"]) == ("received", len(rows) - 1, 1)
    assert [one["code"] for one in reply["faults"]] == ["amount_comma"]
    assert "amount_comma" in clerk.get(f"{where}/reply.csv")
    assert "1 row to put right" in words_of(clerk.get("/payer"))


def test_what_is_looked_at_is_what_is_received(served: Served) -> None:
    """The effects shown beforehand are those of the reply; a file that was changed on the way is not received."""
    clerk = served.browser("clerk")
    rows = august(served)
    where, _ = looked_at(served, clerk, as_csv(rows))
    shown = json.loads(clerk.get(f"{where}/reply.json"))
    clerk.send(where, f"{where}/confirm")
    work(served)
    told = json.loads(clerk.get(f"{where}/reply.json"))
    for name in ("accepted", "by_rule", "new_members", "faults"):
        assert told[name] == shown[name], name
    assert shown["by_rule"]
    other, _ = looked_at(served, clerk, as_csv(rows[:3]), "part.csv")
    clerk.send(other, f"{other}/look", {"mode": "adds"}, status=303)
    work(served)
    clerk.send(other, f"{other}/confirm")
    with served.doors.acting() as connection:
        connection.execute(
            "update door.upload set content = content || decode('0a', 'hex') where upload = %s",
            [other.rpartition("/")[2]],
        )
    work(served)
    assert "not the one that was looked at" in words_of(clerk.get(other))


def test_a_button_pressed_twice_receives_once(served: Served) -> None:
    """The confirmation sent twice, by the same form and by another page of the same file, asks for one receiving; so does handing in."""
    clerk = served.browser("clerk")
    page = clerk.get("/payer/files")
    hidden = hidden_of(page, "/payer/files")
    content = as_csv(august(served))
    sent = [clerk.client.post("/payer/files", data=hidden, files={"file": ("august.csv", content)}) for _ in range(2)]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    where = sent[0].headers["location"]
    work(served)
    forms = [hidden_of(clerk.get(where), f"{where}/confirm") for _ in range(2)]
    for form in (forms[0], forms[0], forms[1]):
        assert clerk.client.post(f"{where}/confirm", data=form).status_code == 303
    work(served)
    with served.doors.acting() as connection:
        asked = connection.execute("select count(*) from door.job where kind = 'receive'").fetchone()
        received = connection.execute(
            "select count(*) from personal.received_file where name = 'august.csv'"
        ).fetchone()
    assert (asked, received) == ((1,), (1,))


def test_a_second_file_is_asked_what_it_is_before_anything_is_posted(served: Served) -> None:
    """A corrected July waits for a word; with "replaces" what it takes back is shown, and then received."""
    clerk = served.browser("clerk")
    rows = last_month(served)
    rows[0] |= {"gross": "99.99", "worker": "3.00", "platform_contribution": "3.00"}
    before = counts(served)
    where, words = looked_at(served, clerk, as_csv(rows[:-1]), "july-again.csv")
    assert "What is this file?" in words
    assert "Choose what this file is" in words_of(clerk.get(clerk.send(where, f"{where}/look").headers["location"]))
    clerk.send(where, f"{where}/look", {"mode": "replaces"})
    work(served)
    words = words_of(clerk.get(where))
    assert "1 pay changes" in words
    assert "1 is taken back" in words
    assert counts(served) == before
    clerk.send(where, f"{where}/confirm")
    work(served)
    reply = json.loads(clerk.get(f"{where}/reply.json"))
    assert (reply["replaced"], len(reply["removed"])) == (1, 1)


def test_a_question_in_the_books_is_answered_in_the_page(served: Served) -> None:
    """A file that came another way and waits is answered on its page, as long as its bytes are kept here; else it is asked for again."""
    clerk = served.browser("clerk")
    rows = last_month(served)
    rows[0] |= {"gross": "99.99"}
    content = as_csv(rows)
    with served.doors.acting() as connection:
        upload = worker.uploads.keep(
            connection, clerk.identity.payer, "a machine", "july.csv", content, served.doors.now()
        )
        worker.jobs.ask(
            connection, "receive", {}, "a machine", served.doors.now(), upload=upload, payer=clerk.identity.payer
        )
    work(served)
    assert "is a second file for a period" in words_of(clerk.get("/payer"))
    with served.doors.acting() as connection:
        row = connection.execute("select file from personal.question where answer is null").fetchone()
    assert row is not None
    page = f"/payer/replies/{row[0]}"
    where = f"/payer/files/{upload}"
    clerk.send(page, f"{where}/look", {"mode": "replaces"})
    work(served)
    clerk.send(where, f"{where}/confirm")
    work(served)
    assert "waits for an answer" not in words_of(clerk.get("/payer")).lower()
    assert "All of it was taken" in words_of(clerk.get(page))
    served.browser("other clerk").get(page, 404)


def faulty_files() -> dict[str, bytes]:
    """Files of which nothing can be taken, by what is wrong with them."""
    header = ",".join(f"column{number}" for number in range(20_000))
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><Papdis>&y;</Papdis>'
    return {
        "binary": bytes(range(256)) * 50, "zip": b"PK\x03\x04" + bytes(2000), "entities": bomb.encode(),
        "columns": f"{header}\n{header}\n".encode(), "text": b"Dear scheme,\nplease find attached.\n",
        "deep": b"<?xml version='1.0'?>" + b"<a>" * 100_000,
    }  # fmt: skip


def test_faulty_files_are_refused_in_words(served: Served) -> None:
    """Binary, zipped, exploding, endlessly wide and deep files are each answered with a page that names what is wrong, and post nothing."""
    clerk = served.browser("clerk")
    before = counts(served)
    for name, content in faulty_files().items():
        where, words = looked_at(served, clerk, content, f"{name}.csv")
        assert "This file cannot be taken" in words, (name, words)
        assert "Expected" in words, name
        assert hidden_of(clerk.get("/payer/files"), "/payer/files")
        with pytest.raises(AssertionError, match="no form goes"):
            hidden_of(clerk.get(where), f"{where}/confirm")
    assert counts(served) == before


def test_an_empty_file_and_none_are_said_at_the_field(served: Served) -> None:
    """No file, and an empty one, give the page again with what is wrong, linked to the field."""
    clerk = served.browser("clerk")
    hidden = hidden_of(clerk.get("/payer/files"), "/payer/files")
    parts = [f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in hidden.items()]
    for name in ("empty.csv", ""):
        # As browsers send it: a file field is there though nothing was chosen.
        file = f'--x\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\ncontent-type: text/csv\r\n\r\n\r\n--x--\r\n'
        body = "".join([*parts, file]).encode()
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = clerk.client.post("/payer/files", content=body, headers=headers)
        assert answer.status_code == 400, name
        assert 'href="#file"' in answer.text
        assert "There is a problem" in answer.text


def test_thousands_of_faults_are_counted_and_the_first_are_shown(served: Served) -> None:
    """A file of 5,000 bad rows gets a page of a hundred, with the true count."""
    clerk = served.browser("clerk")
    row = august(served)[0]
    rows = [row | {"gross": "12,5", "job_id": f"x{number}"} for number in range(5000)]
    where, words = looked_at(served, clerk, as_csv(rows))
    assert "5,000 rows are refused" in words
    assert clerk.get(where).count('data-head="Found"') == 100


def test_a_file_of_another_payer_is_refused_whole(served: Served) -> None:
    """A file that names another payer, a new one or none, beside the clerk's own or alone, in any layout, is not taken at all."""
    clerk = served.browser("clerk")
    rows = august(served)
    before = counts(served)
    with served.doors.acting() as connection:
        refs = dict(connection.execute("select id, ref from payer").fetchall())
    other = refs[served.identity("other clerk").payer or 0]
    own = refs[clerk.identity.payer or 0]
    mixed = [*rows, rows[0] | {"platform": other, "job_id": "j-9"}]
    new = [*rows, rows[0] | {"platform": "nobody-yet", "job_id": "j-9"}]
    # Also where the row that names another is refused for another reason.
    refused = [*rows, rows[0] | {"platform": other, "job_id": "j-9", "gross": "12,5"}]
    told = contributions(
        [pay("AB200001A", "2026-08-14", "900.00", payer=own), pay("AB200002A", "2026-08-14", "1.00", payer=other)]
    )
    nobodys = contributions([paid("AB200001A", "2026-08-14", "900.00")])
    taken = contributions(
        [pay("AB200001A", "2026-08-14", "900.00", payer=own), withdrawn("AB200001A", "2026-08-14", "5.00")]
    )
    xml = (
        '<?xml version="1.0"?><PapdisDocument><version>1.1</version><PensionProvider><Employer><employerId>somebody</employerId>'
        "<PayrollPeriod><payPeriodStartDate>2026-08-01</payPeriodStartDate><payPeriodEndDate>2026-08-14</payPeriodEndDate>"
        "<contributionDeductionDate>2026-08-14</contributionDeductionDate><frequencyCode>M1</frequencyCode>"
        "<Employee><employeeId>1</employeeId><name><surname>Okafor</surname></name><identity><birthDate>1994-02-11</birthDate>"
        "<nationalInsuranceNumber>AB200001A</nationalInsuranceNumber></identity><contribution>"
        "<pensionableEarningsAmount>900.00</pensionableEarningsAmount></contribution></Employee>"
        "</PayrollPeriod></Employer></PensionProvider></PapdisDocument>"
    )
    files = {"mixed": as_csv(mixed), "new": as_csv(new), "refused": as_csv(refused), "told": told.encode(),
             "nobodys": nobodys.encode(), "taken": taken.encode(), "xml": xml.encode()}  # fmt: skip
    for name, content in files.items():
        where, words = looked_at(served, clerk, content, f"{name}.csv")
        assert "This file cannot be taken" in words, (name, words)
        codes = {one["code"] for one in json.loads(clerk.get(f"{where}/reply.json"))["faults"]}
        assert codes & {"payer_not_yours", "not_yours_to_tell"}, (name, codes)
        # A job that somebody asked for without looking is refused alike.
        with served.doors.acting() as connection:
            worker.jobs.ask(
                connection, "receive", {}, "a machine", served.doors.now(), upload=where.rpartition("/")[2],
                payer=clerk.identity.payer,
            )  # fmt: skip
        work(served)
        assert counts(served) == before, name


def test_an_alias_is_the_same_payer(served: Served) -> None:
    """A file that calls the clerk's payer by its other reference is its own."""
    clerk = served.browser("clerk")
    with served.doors.acting() as connection:
        row = connection.execute("select ref from payer where id = %s", [clerk.identity.payer]).fetchone()
        assert row is not None
        add_alias(connection, row[0], "the-other-name", served.doors.clock(Identity(Role.OPERATOR, who="the tests")))
    _, words = looked_at(served, clerk, as_csv([row | {"platform": "the-other-name"} for row in august(served)]))
    assert "What this file would do" in words


def test_what_others_told_of_a_person_is_not_told_back(served: Served) -> None:
    """A clerk who names a stranger's NINO is shown neither that person's name, nor birth day, nor payroll ids elsewhere, nor what
    government adds for them: looking ahead never, for files differ by one person as one likes; of a received file for five together.
    """
    clerk = served.browser("clerk")
    with served.doors.acting() as connection:
        nino, surname, born, job = connection.execute(
            "select nino, surname, person.born::text, payroll_id from personal.identity join personal.person using (member) "
            "join personal.employment using (member) where not exists (select from fact where fact.member = identity.member "
            "and fact.payer = %s) and surname <> '' and length(payroll_id) > 5 order by member limit 1",
            [clerk.identity.payer],
        ).fetchall()[0]
    rows = august(served)
    stranger = rows[0] | {"nino": nino, "worker_id": "S-1", "forename": "", "surname": "", "born": "", "job_id": "j-3"}
    where = hand_in(clerk, as_csv([*rows, stranger]))
    work(served)
    text = clerk.get(where) + clerk.get(f"{where}/reply.json")
    assert nino in text
    assert "S-1" in text
    for secret in (surname, born, job):
        assert secret not in text, secret
    reply = json.loads(clerk.get(f"{where}/reply.json"))
    assert "government" not in reply
    assert {one["party"] for one in reply["by_rule"]} <= {"worker", "employer", ""}
    asked = {"params": {"name": "tried.csv"}, "content": as_csv([*rows, stranger]),
             "headers": {"content-type": "application/octet-stream"}}  # fmt: skip
    tried = served.machine("clerk").post("/api/v1/files/preview", **asked)
    assert (tried.status_code, tried.json()["state"]) == (200, "preview")
    for secret in (surname, born, job, "government"):
        assert secret not in tried.text, secret
    alone, _ = looked_at(served, clerk, as_csv([stranger]), "alone.csv")
    for path in (where, alone):
        clerk.send(path, f"{path}/confirm")
        work(served)
    told = [json.loads(clerk.get(f"{path}/reply.json"))["government"] for path in (where, alone)]
    assert told[0] is None or told[0]["people"] >= 5
    assert told[1] is None
    again = [row | {"paid_on": "2026-08-20", "job_id": row["job_id"] + "B"} for row in rows]
    later, _ = looked_at(served, clerk, as_csv(again), "b.csv")
    text = clerk.get(later) + clerk.get(f"{later}/reply.json")
    for secret in (surname, born, job, nino):
        assert secret not in text, secret


def test_a_bad_row_is_put_right_in_the_page(served: Served) -> None:
    """A refused row comes back cell by cell; put wrong again it is said at the cell, put right it is shown and received, once."""
    clerk = served.browser("clerk")
    rows = august(served)
    rows[1] |= {"gross": "12,5"}
    where, _ = looked_at(served, clerk, as_csv(rows))
    clerk.send(where, f"{where}/confirm")
    work(served)
    (page,) = re.findall(r'href="(/payer/replies/\d+)">Put the refused rows right', clerk.get(where))
    (row,) = re.findall(rf'href="({page}/rows/\d+)"', clerk.get(page))
    text = clerk.get(row)
    (cell,) = re.findall(r'<input id="(cell-\d+)" name="[^"]*" type="text" value="12,5"', text)
    fields = dict(re.findall(r'name="(cell-\d+)" type="text" value="([^"]*)"', text))
    assert len(fields) == 16
    wrong = clerk.send(row, f"{row}/look", fields | {cell: "twelve"}, status=422)
    assert f'href="#{cell}"' in wrong.text
    with served.doors.acting() as connection:
        ref = connection.execute("select ref from payer where id <> %s limit 1", [clerk.identity.payer]).fetchone()
    assert ref is not None
    theirs = clerk.send(row, f"{row}/look", fields | {cell: "12.50", "cell-0": ref[0]}, status=422)
    assert "names another" in words_of(theirs.text)
    before = counts(served)
    looked = clerk.send(row, f"{row}/look", fields | {cell: "12.50"}, status=200)
    assert counts(served) == before
    assert "was 12,5" in words_of(looked.text)
    form = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', looked.text.partition(f"{row}/mend")[2])
    )
    for _ in range(2):
        assert clerk.client.post(f"{row}/mend", data=form).status_code == 303
    assert "All of it was taken" in words_of(clerk.get(page))
    with served.doors.acting() as connection:
        found = connection.execute("select name from personal.received_file where name like '% mended%'").fetchall()
    assert len(found) == 1, found
    other = served.browser("other clerk")
    for path in (page, row, f"{page}/reply.json", f"{page}/reply.csv"):
        other.get(path, 404)


def test_another_payers_things_are_not_there(served: Served) -> None:
    """Files, replies, keys and messages of one payer are answered to another's clerk as what does not exist, read and acted on."""
    clerk, other = served.browser("clerk"), served.browser("other clerk")
    where, _ = looked_at(served, clerk, as_csv(august(served)))
    for path in (where, f"{where}/reply.json", f"{where}/reply.csv"):
        other.get(path, 404)
    token = hidden_of(other.get("/payer/files"), "/payer/files")
    for path in (f"{where}/confirm", f"{where}/look"):
        assert other.client.post(path, data=token | {"mode": "adds"}).status_code == 404
    assert "august.csv" not in other.get("/payer/files")
    clerk.send("/payer/keys", "/payer/keys", {"name": "till", "per_minute": "60", "where": "scheme"}, status=200)
    (name,) = re.findall(r'name="key" value="([^"]+: till)"', clerk.get("/payer/keys"))
    assert "till" not in other.get("/payer/keys")
    assert other.client.post("/payer/keys/end", data=token | {"key": name}).status_code == 404
    assert name in clerk.get("/payer/keys")
    for role in ("member", "operator", "auditor", "analyst"):
        served.browser(role).get(where, 403)
    assert served.client().get(where).status_code == 303


def test_a_key_is_shown_once_works_and_ends(served: Served) -> None:
    """A key made in the page opens the API for its payer, is on no later page, is limited, and opens nothing once it was ended."""
    clerk = served.browser("clerk")
    for wrong in (
        {"name": "", "per_minute": "60"},
        {"name": "till", "per_minute": "0"},
        {"name": "till", "per_minute": "x"},
    ):
        assert "There is a problem" in clerk.send("/payer/keys", "/payer/keys", wrong, status=400).text
    page = clerk.get("/payer/keys")
    form = hidden_of(page, "/payer/keys") | {"name": "till", "per_minute": "60", "where": "scheme"}
    made = clerk.client.post("/payer/keys", data=form)
    (key,) = re.findall(r"lp_[\w-]+", made.text)
    again = clerk.client.post("/payer/keys", data=form)
    assert key not in again.text
    assert again.status_code == 303
    assert key not in clerk.get("/payer/keys")
    machine = served.client()
    machine.headers["authorization"] = f"Bearer {key}"
    assert machine.post("/api/v1/gigs", json=sample_of_gig()).status_code == 201
    (name,) = re.findall(r'name="key" value="([^"]+: till)"', clerk.get("/payer/keys"))
    clerk.send("/payer/keys", "/payer/keys/end", {"key": name})
    assert machine.post("/api/v1/gigs", json=sample_of_gig()).status_code == 401


def test_the_sandbox_tries_everything_and_touches_nothing(served: Served) -> None:
    """A file and a gig tried in the sandbox are received, settled and replied to there; the scheme's books do not change; it empties."""
    clerk = served.browser("clerk")
    before = counts(served)
    assert "There is none now" in words_of(clerk.get("/payer/sandbox"))
    clerk.get("/payer/sandbox/files", 409)
    clerk.send("/payer/sandbox", "/payer/sandbox/make")
    work(served)
    where = hand_in(clerk, as_csv(august(served)), root="/payer/sandbox")
    inside = Sandboxes(served.doors)
    assert inside.once(worker.once)
    assert "What this file would do" in words_of(clerk.get(where))
    clerk.send(where, f"{where}/confirm")
    while inside.once(worker.once):
        pass
    assert f"{len(august(served))} rows were taken" in words_of(clerk.get(where))
    sent = clerk.send("/payer/keys", "/payer/keys", {"name": "try", "per_minute": "60", "where": "sandbox"}, status=200)
    machine = served.client()
    (key,) = re.findall(r"lp_[\w-]+", sent.text)
    machine.headers["authorization"] = f"Bearer {key}"
    gig = machine.post("/api/v1/gigs", json=sample_of_gig())
    assert gig.status_code == 201
    told = machine.get(gig.headers["location"], params={"now": "true"}).json()
    assert (told["state"], bool(told["followed"])) == ("received", True)
    assert counts(served) == before
    with served.doors.acting() as connection:
        assert connection.execute("select count(*) from door.gig").fetchone() == (0,)
    assert "Files received in it 2" in words_of(clerk.get("/payer/sandbox"))
    served.browser("other clerk").get(where, 409)
    clerk.send("/payer/sandbox", "/payer/sandbox/make")
    work(served)
    assert "Files received in it 0" in words_of(clerk.get("/payer/sandbox"))
    clerk.get(where, 404)
    inside.close()


def test_a_sandbox_is_dropped_when_its_day_is_over(served: Served) -> None:
    """After a day the worker drops a sandbox; one that a machine's key leads to is made anew, empty."""
    clerk = served.browser("clerk")
    clerk.send("/payer/sandbox", "/payer/sandbox/make")
    work(served)
    now = served.doors.now()

    def a_day_later() -> int:
        with served.doors.acting() as connection:
            connection.execute("update door.sandbox set made_at = made_at - interval '25 hours'")
        return sandboxes.drop_old(served.doors, served.doors.clock(worker.WORKER))

    assert sandboxes.drop_old(served.doors, served.doors.clock(worker.WORKER)) == 0
    clerk.send("/payer/keys", "/payer/keys", {"name": "try", "per_minute": "60", "where": "sandbox"}, status=200)
    hand_in(clerk, as_csv(august(served)), root="/payer/sandbox")
    assert a_day_later() == 1
    assert "Files received in it 0" in words_of(clerk.get("/payer/sandbox"))
    assert "august.csv" not in clerk.get("/payer/sandbox/files")
    with served.doors.acting() as connection:
        connection.execute("update door.key set ended_at = %s", [now])
    assert a_day_later() == 1
    assert "There is none now" in words_of(clerk.get("/payer/sandbox"))
    with served.doors.acting() as connection:
        name = sandboxes.name_of(connection.info.dbname, clerk.identity.payer or 0)
        assert connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None


def test_a_sandbox_that_was_not_brought_back_is_made_anew(served: Served) -> None:
    """A scheme whose backup had no sandbox in it says that there is none, and makes one when asked."""
    clerk = served.browser("clerk")
    with served.doors.acting() as connection:
        connection.execute(
            "insert into door.sandbox (payer, made_at, used_at) values (%(payer)s, %(now)s, %(now)s)",
            {"payer": clerk.identity.payer, "now": served.doors.now()},
        )
    assert "There is none now" in words_of(clerk.get("/payer/sandbox"))
    clerk.get("/payer/sandbox/files", 409)
    clerk.send("/payer/sandbox", "/payer/sandbox/make")
    work(served)
    assert "Files received in it 0" in words_of(clerk.get("/payer/sandbox"))


def test_a_members_wish_reaches_its_payers_clerk_alone(served: Served) -> None:
    """A wish about the own contribution is read and answered by the payer that it is addressed to, and by no other."""
    clerk, other = served.browser("clerk"), served.browser("other clerk")
    with served.doors.acting() as connection:
        row = connection.execute(
            "select member, payroll_id from personal.employment where payer = %s order by member limit 1",
            [clerk.identity.payer],
        ).fetchone()
        assert row is not None
        said = {"payer": clerk.identity.payer, "wish": "change", "amount_minor": 2500, "words": "<b>from May</b>"}
        made = connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (%s, 'contribution', %s, %s) returning message",
            [row[0], Jsonb(said), served.doors.now()],
        ).fetchone()
        connection.execute(
            "insert into door.message (member, kind, said, sent_at) values (%s, 'correction', %s, %s)",
            [row[0], Jsonb({"words": "a secret"}), served.doors.now()],
        )
    assert made is not None
    text = clerk.get("/payer/messages")
    assert row[1] in text
    assert "£25.00" in text
    assert "&lt;b&gt;from May" in text
    assert "a secret" not in text
    assert "from May" not in other.get("/payer/messages")
    assert "1 message from your people" in words_of(clerk.get("/payer"))
    path = f"/payer/messages/{made[0]}/done"
    token = hidden_of(other.get("/payer/files"), "/payer/files")
    assert other.client.post(path, data=token).status_code == 404
    clerk.send("/payer/messages", path, {"done": "done", "words": "From June on."})
    assert "From June on." in words_of(clerk.get("/payer/messages"))
    with served.doors.acting() as connection:
        answer = connection.execute(
            "select answer, answered_by from door.message where message = %s", [made[0]]
        ).fetchone()
    assert answer == ("From June on.", clerk.identity.who)


def test_notices_are_downloaded_and_begin_anew_when_payroll_has_them(served: Served) -> None:
    """The notices name only people of the payer's own files; once payroll has them the list is empty."""
    clerk = served.browser("clerk")
    listed = clerk.get("/payer/notices.csv")
    assert listed.startswith("kind,nino,payroll_id")
    assert len(listed.splitlines()) > 1
    with served.doors.acting() as connection:
        own = {
            one
            for (one,) in connection.execute(
                "select nino from personal.identity join fact using (member) where fact.payer = %s",
                [clerk.identity.payer],
            )
        }
    assert {line.split(",")[1] for line in listed.splitlines()[1:]} <= own
    clerk.send("/payer/notices", "/payer/notices/done")
    assert "Nothing new" in words_of(clerk.get("/payer/notices"))
    assert len(clerk.get("/payer/notices.csv").splitlines()) == 1


def test_the_papers_are_the_payers_own(served: Served) -> None:
    """The paper as a page and as a PDF is the payer's, and says what `lifepot payer` says."""
    clerk = served.browser("clerk")
    with served.doors.acting() as connection:
        row = connection.execute("select ref from payer where id = %s", [clerk.identity.payer]).fetchone()
    assert row is not None
    assert f"What {row[0]} sent and owes" in words_of(clerk.get("/payer/paper"))
    answer = clerk.client.get("/payer/paper.pdf")
    assert answer.content.startswith(b"%PDF")


def test_a_claim_is_read_and_replied_to_by_its_payer(served: Served) -> None:
    """What a payer owes is claimed; its clerk sees the lines, takes the file, replies, and nobody else's clerk can."""
    clerk, other = served.browser("clerk"), served.browser("other clerk")
    # Pay of July without the platform's part: it owes it.
    more = [row | {"job_id": row["job_id"] + "C", "platform_contribution": "0.00"} for row in last_month(served)[:5]]
    where, _ = looked_at(served, clerk, as_csv(more), "more.csv")
    clerk.send(where, f"{where}/look", {"mode": "adds"})
    work(served)
    clerk.send(where, f"{where}/confirm")
    work(served)
    with served.doors.acting() as connection:
        ref = connection.execute("select ref from payer where id = %s", [clerk.identity.payer]).fetchall()[0][0]
        made = make_claim(connection, ref, None, served.doors.clock(worker.WORKER))
    assert made.state == "made", made
    page = f"/payer/claims/{made.number}"
    assert f"Claim {made.number}" in words_of(clerk.get("/payer"))
    text = clerk.get(page)
    assert f"{made.number}-1" in text
    claim = clerk.get(f"{page}/claim.csv")
    assert f"{made.number}-1" in claim
    for path in (page, f"{page}/claim.csv"):
        other.get(path, 404)
    token = hidden_of(other.get("/payer/files"), "/payer/files")
    reply = f"line,outcome\n{made.number}-1,paid\n".encode()
    assert other.client.post(f"{page}/replies", data=token, files={"file": ("r.csv", reply)}).status_code == 404
    # A reply that names this claim, sent to a claim of one's own or by a job of another payer, is refused.
    with served.doors.acting() as connection:
        upload = worker.uploads.keep(connection, other.identity.payer, "x", "r.csv", reply, served.doors.now())
        worker.jobs.ask(
            connection, "claim_reply", {}, "x", served.doors.now(), upload=upload, payer=other.identity.payer
        )
    work(served)
    assert "not made on you" in words_of(other.get(f"/payer/claims/replies/{upload}"))
    assert clerk.send(page, f"{page}/replies", files={"file": ("", b"")}, status=400)
    sent = clerk.send(page, f"{page}/replies", files={"file": ("r.csv", reply)})
    work(served)
    assert "It was received" in words_of(clerk.get(sent.headers["location"]))
    other.get(sent.headers["location"], 404)
    with served.doors.acting() as connection:
        paid = connection.execute("select sum(paid_minor) from claim_answer where claim = %s", [made.number]).fetchone()
    assert paid is not None
    assert paid[0] > 0


def test_a_page_waits_without_script_too(served: Served) -> None:
    """While a file is being looked at its page says so and asks anew by itself, with script and without."""
    clerk = served.browser("clerk")
    where = hand_in(clerk, as_csv(august(served)))
    text = clerk.get(where)
    assert '<noscript><meta http-equiv="refresh"' in text
    assert 'data-again="1"' in text
    work(served)
    assert "http-equiv" not in clerk.get(where)


def test_a_mistake_of_ours_stops_no_worker(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that fails by our own mistake is told as failed, and the next one is done."""
    clerk = served.browser("clerk")
    monkeypatch.setitem(worker.WORKS, "sandbox", lambda *_: 1 / 0)
    clerk.send("/payer/sandbox", "/payer/sandbox/make")
    where = hand_in(clerk, as_csv(august(served)))
    work(served)
    assert "made a mistake of its own" in words_of(clerk.get("/payer/sandbox"))
    assert "What this file would do" in words_of(clerk.get(where))


def test_no_cell_of_the_faults_file_is_a_formula(served: Served) -> None:
    """What stood in a file and begins like a formula is text in the faults' file for a spreadsheet."""
    clerk = served.browser("clerk")
    rows = [august(served)[0] | {"gross": text, "job_id": text} for text in ("=1+1", "+1", "@A1", "-x")]
    where, _ = looked_at(served, clerk, as_csv(rows))
    found = [one["found"] for one in csv.DictReader(io.StringIO(clerk.get(f"{where}/reply.csv").lstrip("\ufeff")))]
    assert found
    assert not [text for text in found if text.startswith(("=", "+", "-", "@"))]

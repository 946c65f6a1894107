-- The SQL that is more than a line. `-- name: NAME` begins a query; the comment under it says what it gives.
--
-- What is asked for in arrays is looked up one by one, in a `lateral` that `offset 0` keeps the planner from turning into a
-- join: it cannot see how few an array names, and would rather read all of a table, once for each ten thousand asked.

-- name: lock_members
-- Take the stripes of members, in the order given (rising), until the transaction ends.
select count(pg_advisory_xact_lock(%(room)s, stripe)) from unnest(%(stripes)s) as stripe

-- name: batch_by_key
-- The committed batch of an idempotency key.
select number, place, kind, who, known_at, as_of, facts, transfers, file, summary, digest, head
from batch where idempotency_key = %(key)s

-- name: last_head
-- Place and head of the chain's last batch.
select place, head from batch order by place desc limit 1

-- name: append_batch
-- The batch's own row, last of all.
insert into batch (
    number, place, kind, who, known_at, as_of, idempotency_key, facts, transfers, closings, large,
    first_member, last_member, reach, file, summary, digest, head
) values (
    %(number)s, %(place)s, %(kind)s, %(who)s, %(known_at)s, %(as_of)s, %(key)s, %(facts)s, %(transfers)s, %(closings)s,
    %(large)s, %(first_member)s, %(last_member)s, %(reach)s, %(file)s, %(summary)s, %(digest)s, %(head)s
)

-- name: named_in_batch
-- What a batch gave a number to, a line each, in a fixed order: part of its digest.
select line from (
    select 1, id, 'rulebook' || E'\t' || id || E'\t' || name || E'\t' || encode(sha256, 'hex') || E'\t' || effective_from
    from rulebook_version where batch = %(batch)s
    union all select 2, id, 'rule' || E'\t' || id || E'\t' || name || E'\t' || party || E'\t' || part
    from rule where batch = %(batch)s
    union all select 3, id, 'attribute' || E'\t' || id || E'\t' || name from attribute where batch = %(batch)s
    union all select 4, id, 'payer' || E'\t' || id || E'\t' || ref || E'\t' || kind from payer where batch = %(batch)s
    union all select 5, payer, 'alias' || E'\t' || payer || E'\t' || ref from payer_alias where batch = %(batch)s
    union all select 6, payer, concat_ws(E'\t', 'told', payer, kind, period_start, period_end, layout, file)
    from told where batch = %(batch)s
    union all select 7, number, concat_ws(E'\t', 'payments', number, format, pays_on, payments, amount, encode(sha256, 'hex'))
    from payment_run where batch = %(batch)s
    union all select 8, number, concat_ws(E'\t', 'entry', number, key, booked_on, amount)
    from bank_entry where batch = %(batch)s
    union all select 9, payer, 'bust' || E'\t' || payer || E'\t' || since from payer_bust where batch = %(batch)s
    union all select 10, number, concat_ws(E'\t', 'claim', number, funder, until, made_on, lines, asked_minor, recovered_minor,
        recoveries, floor, encode(sha256, 'hex'))
    from claim where batch = %(batch)s
    union all select 11, id, concat_ws(E'\t', 'refusal_code', id, code) from refusal_code where batch = %(batch)s
    union all select 12, claim, concat_ws(E'\t', 'claim_answer', claim, paid_minor, refused_minor, encode(sha256, 'hex'))
    from claim_answer where batch = %(batch)s
) as named (class, id, line)
order by class, id, line collate "C"

-- name: standing
-- The day a scheme's books stand at, and its settings: rules and attributes by their numbers, which leave no gap, versions of
-- the rulebook by the day they hold from. As known at a place of the chain, or (its highest) as it stands: a version that this
-- very transaction adopts has no place yet.
select
    (select coalesce(max(as_of), '1970-01-01') from batch where closings > 0 and place <= %(place)s),
    scheme.name, title, currency, opened_on, rules.*,
    (select array_agg(name order by id) from attribute), versions.*
from scheme
    cross join (select array_agg(name order by id), array_agg(party order by id), array_agg(part order by id) from rule) as rules
    cross join (
        select array_agg(id order by effective_from, id), array_agg(sha256 order by effective_from, id),
            array_agg(effective_from order by effective_from, id)
        from rulebook_version
        where coalesce((select place from batch where number = rulebook_version.batch), 2147483647) <= %(place)s
    ) as versions

-- name: large_batches
-- The large batches, newest first, with the members their closings lie between.
select number, first_member, last_member, closings from batch where large order by number desc

-- name: pages_between
-- A large batch's rows of closings that may hold members of a range, one after the other.
select members, records from closing
where batch = %(batch)s and member <= %(last)s and member >= coalesce(
    (select before.member from closing as before
     where before.batch = %(batch)s and before.member <= %(first)s order by before.member desc limit 1),
    %(first)s)
order by member

-- name: pages_of
-- The rows of closings of these large batches that may hold these members, each once.
select page.members, page.records
from (
    select distinct large.batch, page.member
    from unnest(%(batches)s) as large (batch)
        cross join unnest(%(members)s) as asked (member)
        cross join lateral (
            select closing.member from closing
            where closing.batch = large.batch and closing.member <= asked.member order by closing.member desc limit 1
        ) as page
) as pages
    cross join lateral (
        select members, records from closing where batch = pages.batch and member = pages.member offset 0
    ) as page

-- name: latest_small
-- The last closing of each of these members in a small batch.
select latest.members, latest.records
from unnest(%(members)s) as asked (member)
    cross join lateral (
        select members, records from closing
        where small and member = asked.member order by batch desc limit 1
    ) as latest

-- name: all_small
-- All closings of these members in small batches.
select each.members, each.records
from unnest(%(members)s) as asked (member)
    cross join lateral (select members, records from closing where small and member = asked.member offset 0) as each

-- name: small_between
-- Which members of a range have closings in which small batches; at most so many.
select array_agg(member), array_agg(batch) from (
    select member, batch from closing
    where small and member between %(first)s and %(last)s order by member, batch limit %(most)s
) as listed

-- name: named_closings
-- The closings of members in the small batches named beside them.
select each.members, each.records
from unnest(%(members)s, %(batches)s) as asked (member, batch)
    cross join lateral (
        select members, records from closing where batch = asked.batch and member = asked.member offset 0
    ) as each

-- name: own_latest
-- The last closing of each of these few members.
select 1::smallint, own.record
from unnest(%(members)s) as asked (member) cross join lateral own_latest(asked.member) as own

-- name: own_closings
-- All closings of these few members.
select 1::smallint, own.record
from unnest(%(members)s) as asked (member) cross join lateral own_closings(asked.member) as own

-- name: glance_known
-- What a glance at a member depends on: the head of the member's last batch and of the one that brought the last version of the
-- rulebook, the day the books stand at, the member's name, and the chain's last place where facts are read as the member's that
-- others told, or the other way round.
select
    (select head from batch where number = (select batch from own_latest(%(member)s))),
    (select head from batch where number = (select batch from rulebook_version order by id desc limit 1)),
    (select coalesce(max(as_of), '1970-01-01') from batch where closings > 0),
    case when exists (select from fact where member = %(member)s and kind in (10, 11)) then (select max(place) from batch) end,
    (select concat_ws(' ', nullif(forename, ''), nullif(surname, '')) from personal.person where member = %(member)s)

-- name: glance_closings
-- A member's closings in one: each one's place in the chain, its length and, one after the other, its bytes.
select array_agg(place), array_agg(octet_length(record)), string_agg(record, ''::bytea) from own_closings(%(member)s)

-- name: glance_transfers
-- Of runs of transfers those that touch a member's accounts, or charge what was taken out of them, effective up to a day, a
-- column each; and of the last of them the facts behind, with their payers and files by name.
with mine as materialized (
    select each.*
    from unnest(%(lows)s, %(highs)s) as run (low, high)
        cross join lateral (
            select id, debit, credit, amount, fact, effective_on, rule from transfer
            where id >= run.low and id < run.high offset 0
        ) as each
    where effective_on <= %(until)s and (
        debit >> 40 < 64 and debit & 1099511627775 = %(member)s or credit >> 40 < 64 and credit & 1099511627775 = %(member)s
        or rule > 0 and (debit >> 40 in (80, 100) or credit >> 40 in (80, 100)))
), told as (
    select each.*, coalesce((select ref from payer where payer.id = told_by), '') as payer,
        case when told_in = 0 then '' else (select name from personal.received_file where received_file.file = told_in) end as file
    from (select distinct fact from (select fact from mine order by effective_on desc, id desc limit %(most)s) as late) as last
        cross join lateral (
            select id, kind, effective_on, line, attribute, value, payer as told_by, file as told_in from fact
            where id = last.fact offset 0
        ) as each
)
select moved.*, behind.*
from (
    select array_agg(id), array_agg(debit), array_agg(credit), array_agg(amount), array_agg(fact), array_agg(effective_on),
        array_agg(rule)
    from mine
) as moved
    cross join (
        select array_agg(id), array_agg(kind), array_agg(effective_on), array_agg(line), array_agg(attribute),
            array_agg(value), array_agg(payer), array_agg(file)
        from told
    ) as behind

-- name: balances
-- What stands on every account, members' accounts by kind: owner 0 there. Debits less credits. One pass over the transfers
-- adds up each pair of accounts; of pairs there are few.
with pair as materialized (
    select
        asset,
        case when debit >> 40 < 64 or debit >> 40 = 80 then (debit >> 40) << 40 else debit end as debit,
        case when credit >> 40 < 64 or credit >> 40 = 80 then (credit >> 40) << 40 else credit end as credit,
        sum(amount) as amount
    from transfer
    where effective_on <= %(effective)s and (%(whole)s or (id >> 32)::integer in (
        select number from batch where place <= %(place)s))
    group by 1, 2, 3
)
select asset, account, sum(amount)::bigint
from (
    select asset, debit, amount from pair union all select asset, credit, -amount from pair
) as side (asset, account, amount)
group by 1, 2 order by 1, 2

-- name: members_by_nino
-- Members of NINOs, with the position of the NINO among those asked.
select array_agg(asked.position::integer), array_agg(identity.member)
from unnest(%(ninos)s) with ordinality as asked (nino, position)
    cross join lateral (select member from personal.identity where identity.nino = asked.nino offset 0) as identity

-- name: members_by_employment
-- Members of payroll numbers at one payer, with the position among those asked.
select array_agg(asked.position::integer), array_agg(employment.member)
from unnest(%(payroll_ids)s::text[], %(born)s) with ordinality as asked (payroll_id, born, position)
    cross join lateral (
        select member from personal.employment
        where employment.payer = %(payer)s and employment.payroll_id = asked.payroll_id and employment.born = asked.born
        offset 0
    ) as employment

-- name: new_members
-- So many member numbers never given before, rising.
select array_agg(nextval('personal.member_number')::integer) from generate_series(1, %(count)s)

-- name: add_payers
-- Payers not known yet, by reference; those that another process has just added are left to it.
insert into payer (ref, kind, batch)
select asked.ref, %(kind)s, %(batch)s from unnest(%(refs)s::text[]) as asked (ref)
where not exists (select from payer where payer.ref = asked.ref)
    and not exists (select from payer_alias where payer_alias.ref = asked.ref)
order by asked.ref
on conflict (ref) do nothing

-- name: payers
-- Payers by their reference or an alias of theirs.
select ref, id from payer where ref = any(%(refs)s::text[])
union all select ref, payer from payer_alias where ref = any(%(refs)s::text[])

-- name: owing_between
-- Of the transfers with these numbers, those that say what a funder owes, on whose account they are: the other account, what
-- they add, and so on; the fact only where the other account is no member's. Not what came, which is no less owed for having
-- been paid. Of those told before `since`, only what is effective after `after`. Also the first effective only after `until`.
select
    array_agg(case when debit = %(account)s then credit else debit end),
    array_agg(case when debit = %(account)s then amount else -amount end), array_agg(effective_on), array_agg(rule),
    array_agg(fact) filter (where debit >= %(nobodys)s and credit >= %(nobodys)s),
    min(id) filter (where effective_on > %(until)s)
from transfer
where id >= %(low)s and id < %(high)s and (debit = %(account)s or credit = %(account)s)
    and debit <> %(came)s and credit <> %(came)s and (id >= %(since)s or effective_on > %(after)s)

-- name: claim_lines
-- A claim's lines, in their order.
select array_agg(member), array_agg(attribute), array_agg(amount), array_agg(root), array_agg(period_start), array_agg(period_end)
from (select * from fact where id >= %(low)s and id < %(high)s order by id) as line

-- name: ninos_between
-- Members of a range and the NINOs that name them, by both; NINOs one after the other, eight bytes each.
select array_agg(member), string_agg(nino, '') from (
    select member, nino from personal.identity where member between %(first)s and %(last)s order by member, nino
) as named

-- name: payroll_ids_between
-- Members of a range by what a payer calls them, as a cell of CSV; one after the other, 0x1f between.
select array_agg(member), string_agg(case when ids ~ '[",\r\n]' then '"' || replace(ids, '"', '""') || '"' else ids end, E'\x1f')
from (
    select member, string_agg(distinct payroll_id, ' ' order by payroll_id) as ids from personal.employment
    where payer = %(payer)s and payroll_id <> '' and member between %(first)s and %(last)s group by member order by member
) as named

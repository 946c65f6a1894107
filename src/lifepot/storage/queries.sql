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
    first_member, last_member, file, summary, digest, head
) values (
    %(number)s, %(place)s, %(kind)s, %(who)s, %(known_at)s, %(as_of)s, %(key)s, %(facts)s, %(transfers)s, %(closings)s,
    %(large)s, %(first_member)s, %(last_member)s, %(file)s, %(summary)s, %(digest)s, %(head)s
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
) as named (class, id, line)
order by class, id, line collate "C"

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

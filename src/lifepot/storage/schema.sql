-- How a scheme is kept. One database is one scheme. docs/decisions/0003-how-money-is-kept.md says why it looks like this.
--
-- Days are dates, money is minor units of the scheme's currency. In `fact` nothing is NULL, so that every row has the same
-- width and a month's rows are made and read as blocks: -9223372036854775808 stands for "not said", -infinity for a day not
-- said; `fact_view` shows them as NULLs and words. The large tables have no foreign keys: one makes a load cost 4 to 6 times
-- as much. `lifepot verify` checks what they would have.

create schema personal;

-- The scheme itself -----------------------------------------------------------------------------------------------------

create table scheme (
    the_only boolean primary key default true check (the_only),
    name text not null,
    title text not null,
    currency char(3) not null,
    opened_on date not null,
    parts smallint not null default 1 check (parts between 1 and 8)  -- of every pot; account kinds go up by 8 a part
);

create table rulebook_version (
    id smallint primary key,
    name text not null,
    text text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    effective_from date not null,
    batch integer not null
);

-- A rule keeps its number and name from version to version. 0 is no rule: money that no rule asked for.
create table rule (
    id smallint primary key check (id > 0),
    name text not null unique,
    party smallint not null check (party between 0 and 2),
    part smallint not null default 0 check (part between 0 and 7),
    batch integer not null
);

create table attribute (
    id smallint primary key check (id >= 0),
    name text not null unique,
    batch integer not null
);

-- Whoever pays in for members. 0 is the worker, and no row.
create table payer (
    id integer primary key generated always as identity check (id > 0),
    ref text not null unique,
    kind text not null check (kind in ('employer', 'platform', 'self', 'scheme')),
    batch integer not null
);

-- Another reference that files use for a payer.
create table payer_alias (
    ref text primary key,
    payer integer not null,
    batch integer not null
);

-- The chain -------------------------------------------------------------------------------------------------------------

create sequence batch_number as integer;

create table batch (
    number integer primary key,
    place integer not null unique check (place > 0),  -- in the chain: what "known" means
    kind text not null,
    who text not null,
    known_at timestamptz not null,  -- a clock's time, for people; nothing is decided by it
    as_of date not null,
    idempotency_key text not null unique,
    facts integer not null check (facts >= 0),
    transfers integer not null check (transfers >= 0),
    closings integer not null check (closings >= 0),
    large boolean not null,
    first_member integer not null,  -- of its closings: who is outside was not touched
    last_member integer not null,
    -- Of a large batch between them: bit n is set where it has a closing of a member from n × 1024 on, so that not every large
    -- batch is looked through for each member.
    reach bytea not null default '',
    file integer,
    summary jsonb not null,
    digest bytea not null check (octet_length(digest) = 32),
    head bytea not null check (octet_length(head) = 32)
);
create index batch_large on batch (number) where large;
create index batch_settled on batch (as_of) where closings > 0;
-- The steps of a regular income are batches, and say in their summary what each did.
create index batch_income on batch (((summary->>'income')::integer), number) where kind = 'income';

-- What waits for approval among them is looked for without the months that were paid.
create index batch_income_steps on batch (((summary->>'income')::integer), number)
    where kind = 'income' and summary->>'step' <> 'paid';

-- Which payer and period a file spoke of, so that a second one for the same is noticed.
create table told (
    payer integer not null,
    kind smallint not null,
    period_start date not null,
    period_end date not null,
    layout text not null,
    file integer not null,
    batch integer not null,
    primary key (payer, kind, period_start, period_end, layout, batch, file)
);

-- What happened, and what followed --------------------------------------------------------------------------------------
-- Wide columns first: then no row has a gap for alignment.

create table fact (
    id bigint primary key,  -- batch × 2³² + position
    root bigint not null,  -- the first fact of the chain of replacements
    replaces bigint not null,  -- 0: nothing
    amount bigint not null,
    earnings bigint not null,
    hours bigint not null,  -- hundredths
    worker bigint not null,
    employer bigint not null,
    value bigint not null,
    member integer not null,
    effective_on date not null,
    payer integer not null,
    period_start date not null,
    period_end date not null,
    file integer not null,  -- 0: no file
    line integer not null,
    kind smallint not null,
    frequency smallint not null,
    attribute smallint not null
);

-- The steps of a withdrawal are few, and are looked for by what they are steps of.
create index fact_step on fact (root, id) where kind in (3, 6) or kind between 13 and 21 or kind = 26;

create index fact_moved on fact (root) where kind in (30, 34);

create index fact_shared on fact (member) where kind in (10, 11);

create index fact_payment on fact (line) where kind in (16, 29);

create table transfer (
    id bigint primary key,  -- batch × 2³² + position
    debit bigint not null,
    credit bigint not null,
    amount bigint not null check (amount > 0),
    fact bigint not null,
    effective_on date not null,
    asset smallint not null,  -- 0: money
    rule smallint not null
);

-- How members stood after a batch. A row holds the closings of `members` members, in a small batch of one: 36 to a row cost
-- 1.0 CPU seconds a million where a row for each cost 2.7. A record is packed and little-endian, as most processors have it,
-- so that nothing is turned round on the way; all of a row are equally long:
--     batch, member, first_transfer, transfers, first_fact, facts  int4 each (positions in this batch)
--     last_settled  int8 (day × 8 + kind)      balances  int8 × 7 × parts      carry  the rest (the kernel's)
create table closing (
    batch integer not null,
    member integer not null,  -- the first in the row; they rise
    members smallint not null check (members > 0),
    small boolean not null,
    records bytea not null,
    primary key (batch, member)
) with (toast_tuple_target = 8160);
-- Neither compressed nor moved elsewhere: a row fills a page of the table.
alter table closing alter column records set storage plain;
create index closing_small on closing (member, batch) where small;

-- A payer that can pay no more: what it owes is a claim against what is left of it.
create table payer_bust (
    payer integer primary key,
    since date not null,
    batch integer not null
);

-- Payments out: a file for the bank ------------------------------------------------------------------------------------

create sequence payment_run_number as integer;
create sequence payment_number as integer;

create table payment_run (
    number integer primary key,
    format text not null check (format in ('pain001', 'bacs18')),
    pays_on date not null,
    payments integer not null,
    amount bigint not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    batch integer not null
);

-- What the bank's statements show, an entry once however many statements show it.
create table bank_entry (
    number integer primary key,
    key text not null unique,
    booked_on date not null,
    amount bigint not null,  -- below 0: out
    batch integer not null
);

create sequence bank_entry_number as integer;

-- What was claimed, and what it was answered ----------------------------------------------------------------------------

-- A claim's lines are the facts of its batch: line n is the fact at position n - 1.
create table claim (
    number integer primary key check (number > 0),
    batch integer not null unique,
    funder integer not null,  -- a payer; 0: government
    until date not null,  -- the last day of the last period claimed for
    made_on date not null,
    lines integer not null check (lines > 0),
    asked_minor bigint not null check (asked_minor >= 0),
    recovered_minor bigint not null check (recovered_minor >= 0),  -- what the funder gets back, out of what is asked
    recoveries integer not null,  -- lines that give back
    floor integer not null,  -- no batch below it holds anything of the funder's that is effective after `until`
    sha256 bytea not null check (octet_length(sha256) = 32)  -- of the claim's file
);

-- The codes with which funders refuse.
create table refusal_code (
    id smallint primary key check (id > 0),
    code text not null unique,
    batch integer not null
);

-- What a batch brought of the reply to a claim.
create table claim_answer (
    batch integer primary key,
    claim integer not null,
    paid_minor bigint not null,  -- came, less what was given back
    refused_minor bigint not null,
    sha256 bytea not null check (octet_length(sha256) = 32)  -- of the reply's file
);

-- Nothing of it ever changes --------------------------------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: what a scheme knew is never changed.', tg_op, tg_table_name
        using errcode = 'restrict_violation', hint = tg_argv[0];
end $$;

create trigger never_changes before update or delete or truncate on fact
    execute function refuse_change('Receive a file that replaces the row, or withdraw it with one; then settle.');
create trigger never_changes before update or delete or truncate on transfer
    execute function refuse_change('Correct the fact behind it and settle: the difference is posted, effective on the old day.');
create trigger never_changes before update or delete or truncate on closing
    execute function refuse_change('Settle the member again: a later closing takes its place.');
create trigger never_changes before update or delete or truncate on batch
    execute function refuse_change('A wrong batch is put right by a later one.');
create trigger never_changes before update or delete or truncate on told
    execute function refuse_change('Receive the file anew, with --replaces or --adds.');
create trigger never_changes before update or delete or truncate on rulebook_version
    execute function refuse_change('Adopt a new version with `lifepot adopt`, from the day it should hold.');
create trigger never_changes before update or delete or truncate on rule
    execute function refuse_change('Adopt a rulebook that names the new rule.');
create trigger never_changes before update or delete or truncate on attribute
    execute function refuse_change('Adopt a rulebook that names the new attribute.');
create trigger never_changes before update or delete or truncate on payer
    execute function refuse_change('Give the payer another reference with an alias.');
create trigger never_changes before update or delete or truncate on payer_bust
    execute function refuse_change('What comes of it after all is told as what came.');
create trigger never_changes before update or delete or truncate on payment_run
    execute function refuse_change('What was not paid comes back; then pay it again.');
create trigger never_changes before update or delete or truncate on bank_entry
    execute function refuse_change('The bank books an entry the other way round; receive that statement.');
create trigger never_changes before update or delete or truncate on payer_alias
    execute function refuse_change('Give the payer one more alias.');

create trigger never_changes before update or delete or truncate on claim
    execute function refuse_change('What it asked too much is recovered by the next claim.');
create trigger never_changes before update or delete or truncate on refusal_code
    execute function refuse_change('A reply with another code gives that a number.');
create trigger never_changes before update or delete or truncate on claim_answer
    execute function refuse_change('Send a further reply; what was refused is claimed again with --again.');

-- For people ------------------------------------------------------------------------------------------------------------

create function int_at(bytes bytea, place integer, width integer) returns bigint immutable strict parallel safe
    language sql return (
        -- Shifted to the top and back: that brings the sign along.
        select (bit_or(get_byte(bytes, place + nth)::bigint << (8 * nth)) << (64 - 8 * width)) >> (64 - 8 * width)
        from generate_series(0, width - 1) as nth
    );

create function account_name(account bigint) returns text immutable strict parallel safe
    language sql return (
        select case
            when kind < 64 then
                (array['worker', 'employer', 'government', 'worker_owed', 'employer_owed', 'government_owed', 'overdrawn'])
                    [kind % 8]
                || case when kind < 8 then '' else '.' || kind / 8 end || ':' || owner
            when kind < 80 then (array['in_transit', 'owed_by', 'held_for'])[kind - 63] || ':' || owner
            when kind < 96 then 'leaving:' || owner
            else (array['bank', 'owed_by_government', 'rounding', 'refused', 'paid_out', 'on_the_way', 'suspense',
                'from_government', 'between_members'])[kind - 95]
        end
        from (select account >> 40 as kind, account & ((1::bigint << 40) - 1) as owner)
    );

create view fact_view as
select
    fact.id, batch.place, batch.known_at, nullif(root, fact.id) as root, nullif(replaces, 0) as replaces, member,
    (array['status', 'pay', 'paid', 'withdrawn', 'closed', 'died', 'removed', 'refused', 'born', 'joined', 'merged', 'moved',
        'came', 'asked', 'proved', 'approved', 'sent', 'came_back', 'arrived', 'extended', 'declined', 'cancelled', 'banked',
        'matched', 'claimed', 'answered', 'released', null, null, 'refunded', 'moved_out', 'moved_in', 'parted', 'received',
        'passed_on'])
        [fact.kind + 1] as kind,
    effective_on, payer.ref as payer,
    nullif(amount, -9223372036854775808) as amount, nullif(earnings, -9223372036854775808) as earnings,
    nullif(hours, -9223372036854775808) as hours, nullif(worker, -9223372036854775808) as worker,
    nullif(employer, -9223372036854775808) as employer,
    (array['week', '2week', '3week', '4week', 'month', '3month', '6month', 'year'])[frequency + 1] as frequency,
    nullif(period_start, '-infinity') as period_start, nullif(period_end, '-infinity') as period_end,
    attribute.name as attribute, nullif(value, -9223372036854775808) as value, nullif(fact.file, 0) as file, line
from fact
    join batch on batch.number = (fact.id >> 32)::integer
    left join payer on payer.id = fact.payer
    left join attribute on attribute.id = fact.attribute and fact.kind = 0;  -- of other kinds it is a share of the pot

create view journal as
select
    transfer.id, batch.place, batch.known_at, effective_on, account_name(debit) as debit, account_name(credit) as credit,
    amount, asset, rule.name as rule, fact
from transfer
    join batch on batch.number = (transfer.id >> 32)::integer
    left join rule on rule.id = transfer.rule;

create view closing_view as
select
    batch.number as batch, batch.place, int_at(record, 4, 4)::integer as member,
    int_at(record, 8, 4)::integer as first_transfer, int_at(record, 12, 4)::integer as transfers,
    int_at(record, 16, 4)::integer as first_fact, int_at(record, 20, 4)::integer as facts,
    int_at(record, 24, 8) as last_settled,
    (select array_agg(int_at(record, 32 + 8 * at, 8) order by at) from generate_series(0, 7 * scheme.parts - 1) as at)
        as balances,
    substring(record, 33 + 56 * scheme.parts) as carry
from closing
    join batch on batch.number = closing.batch
    cross join scheme
    cross join lateral (
        select substring(records, 1 + nth * (octet_length(records) / members), octet_length(records) / members) as record
        from generate_series(0, members - 1) as nth
    ) as each_record;

-- For one member --------------------------------------------------------------------------------------------------------

-- Whether a large batch may have a closing of a member. A reach of no bytes says nothing. Not strict: it would not be inlined.
create function reaches(reach bytea, member integer, first integer, last integer) returns boolean immutable parallel safe
    language sql return
        case when member between first and last then length(reach) = 0 or get_bit(reach, member >> 10) = 1 else false end;

-- The member of the last of a row's records, which are so long.
create function last_in(records bytea, length integer) returns integer immutable strict parallel safe
    language sql return
        get_byte(records, octet_length(records) - length + 4) | (get_byte(records, octet_length(records) - length + 5) << 8)
        | (get_byte(records, octet_length(records) - length + 6) << 16)
        | (get_byte(records, octet_length(records) - length + 7) << 24);

-- Whether whoever asks may have a member's closings: one of the members that `lifepot.members` says they are ("17" or "17,23"),
-- one of `lifepot.read_also`, of whom facts were found to be theirs, or anybody's, if they may read the table. It looks past the functions below, which run as the tables' owner.
create function may_have_closings(asked integer) returns boolean stable parallel safe
    language sql return
        asked = any (string_to_array(nullif(current_setting('lifepot.members', true), ''), ',')::integer[])
        is true or asked = any (string_to_array(nullif(current_setting('lifepot.read_also', true), ''), ',')::integer[])
        is true or has_table_privilege(
            case current_setting('role') when 'none' then session_user else current_setting('role')::name end,
            'public.closing', 'select');

-- A member's number as it stands in a record.
create function mark_of(member integer) returns bytea immutable strict parallel safe
    language sql return
        set_byte(set_byte(set_byte(set_byte('\x00000000', 0, member & 255), 1, member >> 8 & 255), 2, member >> 16 & 255),
            3, member >> 24 & 255);

-- One member's closings, each cut out of the row in which its neighbours' stand beside it: for those who may not read the table.
create function own_closings(asked integer) returns table (batch integer, place integer, record bytea)
    language plpgsql stable strict security definer rows 50 set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
    mark constant bytea := mark_of(asked);
begin
    if not may_have_closings(asked) then
        return;
    end if;
    return query
        select large.number, large.place, substring(page.records, nth * page.length + 1, page.length)
        from batch as large
            cross join lateral (
                select member, members, records, octet_length(records) / members as length from closing
                where batch = large.number and member <= asked order by member desc limit 1
            ) as page
            -- Members rise, each once, so that between the row's first and last there are few places or none to look at.
            cross join lateral generate_series(
                greatest(page.members - 1 - (last_in(page.records, page.length) - asked), 0),
                least(asked - page.member, page.members - 1)
            ) as nth
        where large.large and reaches(large.reach, asked, large.first_member, large.last_member)
            and substring(page.records, nth * page.length + 5, 4) = mark
        union all
        -- The batch at hand has no row yet, and its closings count.
        select each.batch, batch.place, each.records
        from closing as each left join batch on batch.number = each.batch
        where each.small and each.member = asked;
end $$;

-- The last of them. Large batches are gone through newest first, and no further than the first that has it.
create function own_latest(asked integer) returns table (batch integer, record bytea)
    language plpgsql stable strict security definer rows 1 set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
    mark constant bytea := mark_of(asked);
begin
    if not may_have_closings(asked) then
        return;
    end if;
    return query
        (select large.number as batch, substring(page.records, nth * page.length + 1, page.length) as record
         from batch as large
            cross join lateral (
                select member, members, records, octet_length(records) / members as length from closing
                where batch = large.number and member <= asked order by member desc limit 1
            ) as page
            cross join lateral generate_series(
                greatest(page.members - 1 - (last_in(page.records, page.length) - asked), 0),
                least(asked - page.member, page.members - 1)
            ) as nth
         where large.large and reaches(large.reach, asked, large.first_member, large.last_member)
            and substring(page.records, nth * page.length + 5, 4) = mark
         order by large.number desc limit 1)
        union all
        (select closing.batch, closing.records from closing where small and member = asked order by batch desc limit 1)
        order by batch desc limit 1;
end $$;

-- Persons: the only place that knows a name, and the only one where rows change -----------------------------------------

create sequence personal.member_number as integer;
create sequence personal.file_number as integer;

create table personal.identity (
    nino text primary key,  -- its first eight characters, which name the person; the suffix does not
    member integer not null
);
create index identity_member on personal.identity (member);

create table personal.employment (
    payer integer not null,
    payroll_id text not null,
    born date not null,  -- -infinity: not said
    member integer not null,
    primary key (payer, payroll_id, born)
);
create index employment_member on personal.employment (member);

create table personal.person (
    member integer primary key,
    forename text not null default '',
    surname text not null default '',
    born date,
    email text not null default '',
    address text not null default '',
    postcode text not null default '',
    bank_details text not null default '',
    provisional boolean not null default false  -- came without a NINO
);

create table personal.received_file (
    file integer primary key,
    sha256 bytea not null unique,
    name text not null,
    layout text not null,
    received_at timestamptz not null,
    size bigint not null,
    head bytea not null  -- of delimited text: its first line, which says what the columns are
);

-- The file as it came, in blocks that are compressed before they are handed over.
create table personal.received_block (
    file integer not null,
    block integer not null,
    first_row integer not null,
    content bytea not null,
    salts bytea not null,  -- 16 bytes a row
    row_offsets bytea not null,  -- int4 big-endian, where each row begins in the plain content, and its end
    primary key (file, block)
);
alter table personal.received_block alter column content set storage external;
alter table personal.received_block alter column salts set storage external;

-- Whom money may go to: lenders, providers of courses, conveyancers, pension providers.
create table personal.payee (
    id integer primary key generated always as identity check (id > 0),
    kind text not null,
    ref text not null,
    name text not null,
    sort_code text not null check (sort_code ~ '^[0-9]{6}$'),
    account_number text not null check (account_number ~ '^[0-9]{8}$'),
    unique (kind, ref)
);

create table personal.course (
    payee integer not null,
    code text not null,
    title text not null,
    price bigint not null check (price > 0),
    primary key (payee, code)
);

-- What of a withdrawal names somebody. `quote` is what was said before anybody agreed.
create table personal.withdrawal (
    withdrawal bigint primary key,  -- its first fact
    member integer not null,
    payee integer,  -- of the register; none: the member's own account
    course text not null default '',
    payee_name text not null,
    sort_code text not null,
    account_number text not null,
    reference text not null,
    said jsonb not null,
    quote jsonb not null,
    key text unique  -- so that asking twice asks once
);
create index withdrawal_member on personal.withdrawal (member);

create table personal.evidence (
    fact bigint primary key,
    withdrawal bigint not null,
    name text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    content bytea not null
);

-- Where a regular income goes, and what was shown when it was asked for.
create table personal.income (
    income integer primary key,  -- the batch that asked for it
    member integer not null,
    payee_name text not null,
    sort_code text not null,
    account_number text not null,
    reference text not null,
    said jsonb not null
);

create table personal.income_evidence (
    income integer not null,
    piece integer not null,  -- from 0, as the purpose names them
    name text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    content bytea not null,
    primary key (income, piece)
);

-- The scheme's own account, from which it pays and whose statements it receives.
create table personal.own_account (
    the_only boolean primary key default true check (the_only),
    name text not null,
    sort_code text not null,
    account_number text not null,
    iban text not null default '',
    bic text not null default '',
    service_user_number text not null default ''
);

-- Where a payer's refunds go.
create table personal.payer_bank (
    payer integer primary key,
    name text not null,
    sort_code text not null check (sort_code ~ '^[0-9]{6}$'),
    account_number text not null check (account_number ~ '^[0-9]{8}$')
);

-- An account that a payer pays from, as digits or IBAN: what comes from there is the payer's.
create table personal.payer_account (
    account text primary key,
    payer integer not null
);

create table personal.bank_file (
    sha256 bytea primary key,
    name text not null,
    batch integer not null,
    closing bigint,  -- the statement's booked balance and its day, where it says them
    closing_on date
);

-- What an entry says, why it was matched as it was, and where it stands.
create table personal.bank_text (
    entry integer primary key,
    said text not null,
    counterparty text not null,
    account text not null,
    reason text not null
);

create table personal.payment_file (
    run integer primary key,
    content bytea not null
);

-- Pay.UK's two files of modulus checks, as the operator loaded them last.
create table personal.modulus_table (
    the_only boolean primary key default true check (the_only),
    weights bytea not null,
    substitutions bytea not null,
    who text not null,
    loaded_at timestamptz not null
);

-- Households: who lets whom see what both save for. A link holds from the yes of both to the leaving of either.
create table personal.household_link (
    link integer primary key generated always as identity,
    asker integer not null,
    asked integer not null check (asked <> asker),
    asked_on date not null,
    accepted_on date,
    ended_on date,
    goal text not null default '',
    goal_purpose text not null default '',
    goal_minor bigint not null default 0
);
create unique index household_link_once on personal.household_link (least(asker, asked), greatest(asker, asked))
    where ended_on is null;

-- Whose student loan the other of a link may pay: by the borrower's yes, until it is taken back or the link ends.
create table personal.loan_consent (
    link integer not null,
    borrower integer not null,
    given_on date not null,
    ended_on date
);
create unique index loan_consent_once on personal.loan_consent (link, borrower) where ended_on is null;

create table personal.standing_gift (
    gift integer primary key generated always as identity,
    link integer not null,
    giver integer not null,
    taker integer not null,
    amount_minor bigint not null check (amount_minor > 0),
    day smallint not null check (day between 1 and 31),  -- of the month, or its last
    first_on date not null,
    last_on date
);

create table personal.gift_made (
    gift integer not null,
    due_on date not null,
    batch integer not null,
    primary key (gift, due_on)
);

-- An account divided by order: what went, by share, and the batch that brought it back.
create table personal.division (
    order_ref text primary key,
    giver integer not null,
    taker integer not null,
    shares bigint[] not null,
    batch integer not null,
    undone_batch integer
);

create table personal.heir (
    member integer not null,
    name text not null,
    weight bigint not null check (weight > 0),
    sort_code text check (sort_code ~ '^[0-9]{6}$'),
    account_number text check (account_number ~ '^[0-9]{8}$'),
    primary key (member, name)
);

create table personal.heir_paid (
    member integer not null,
    name text not null,
    amount_minor bigint not null,
    root bigint not null unique,  -- the first of its facts
    primary key (member, name, root)
);

-- The last notices that went to a payer: those after them are new.
create table personal.notices_made (
    payer integer not null,
    place integer not null,
    made_at timestamptz not null,
    primary key (payer, place)
);

-- A row that an erasure took out; the chain goes on with its hash.
create table personal.blanked_row (
    file integer not null,
    file_row integer not null,
    leaf bytea not null,
    primary key (file, file_row)
);

create table personal.reject (
    id bigint primary key generated always as identity,
    file integer not null,
    file_row integer not null,
    line integer not null,
    file_column integer not null,
    code text not null,
    path text not null,
    found text not null,
    expected text not null,
    row_start bigint not null,
    row_end bigint not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'mended', 'blanked'))
);
create index reject_file on personal.reject (file, file_row);
create index reject_open on personal.reject (file, code) where state = 'open';

-- A file that waits for its sender to say --replaces or --adds.
create table personal.question (
    file integer primary key,
    payer integer not null,
    period_start date not null,
    period_end date not null,
    earlier_file integer not null,
    asked_at timestamptz not null,
    answer text check (answer in ('replaces', 'adds', 'dropped'))
);

-- Erased persons: only HMAC-SHA-256 of the NINO under the scheme's own secret, so that a file sent again re-creates nobody.
create table personal.erased (
    mark bytea primary key check (octet_length(mark) = 32),
    batch integer not null
);

create table personal.secret (
    the_only boolean primary key default true check (the_only),
    key bytea not null check (octet_length(key) = 32)
);

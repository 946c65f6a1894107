-- Who sees what. A request reads under one of these roles, and says in settings of its transaction for whom; what is not said
-- is NULL, and NULL is equal to nothing. Every table is closed unless a line here opens it.
--
--     lifepot_member    lifepot.members  "17" or "17,23" (with a number that was merged into theirs)
--     lifepot_clerk     lifepot.payer    "3"
--     lifepot_operator, lifepot_auditor  all of the books; persons only after door.look_at, which writes the look down
--     lifepot_public    the rulebook, and what was kept at the workbench
--
-- Settings are read in a subquery, so that they are read once a statement and not once a row.

create function door.mine() returns integer[] stable parallel safe language sql
    return string_to_array(nullif(current_setting('lifepot.members', true), ''), ',')::integer[];
-- Facts that were told of another member and found to be of this one.
create function door.moved_to_me() returns bigint[] stable language sql security definer set search_path = pg_catalog as
    'select array_agg(root) from public.fact where kind = 11 and kind in (10, 11) and amount = 1 and member = any (door.mine())';
-- Whoever was found to be a member, and is now read under that number: at any remove, and
-- not said since to be themselves again.
create function door.merged_into(into_member integer) returns setof integer stable language sql as $$
    with recursive found as (
        select into_member as member
        union
        select fact.value::integer from found join fact using (member)
            where fact.kind = 10 and fact.kind in (10, 11) and fact.amount = 1 and not exists (
                select from fact as later where later.member = fact.value and later.value = fact.value and later.id > fact.id
                    and later.kind = 10 and later.kind in (10, 11)
            )
    )
    select member from found where member <> into_member
$$;
-- Members of whom some facts were found to be a member's: they are read where the others' are kept.
create function door.moved_from(into_member integer) returns setof integer stable language sql as $$
    select distinct value::integer from fact where member = into_member and kind = 11 and kind in (10, 11) and amount = 1
$$;

create function door.my_payer() returns integer stable parallel safe language sql
    return nullif(current_setting('lifepot.payer', true), '')::integer;
create function door.looked() returns integer[] stable parallel safe language sql
    return string_to_array(nullif(current_setting('lifepot.looked', true), ''), ',')::integer[];

-- The way for staff to see a person: what is written down and what is opened are one.
create function door.look_at(members integer[], who text, role text, what text, at timestamptz) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into door.look (looked_at, member, who, role, what)
        select at, member, who, role, what from unnest(members) as member;
    perform set_config('lifepot.looked', array_to_string(door.looked() || members, ','), true);
end $$;
revoke all on function door.look_at from public;
grant execute on function door.look_at to lifepot_operator, lifepot_auditor;

grant usage on schema public, door to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public;
grant usage on schema personal to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor;

do $$
declare
    everyone constant text := 'lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public';
    staff constant text := 'lifepot_operator, lifepot_auditor';
    each record;
begin
    -- Closed, all of them: a table that is new here is closed too.
    for each in
        select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'personal', 'door')
    loop
        execute format('alter table %s enable row level security', each.name);
        execute format('revoke all on %s from public', each.name);
    end loop;

    -- What names nobody.
    for each in select unnest('{scheme,rulebook_version,rule,attribute}'::text[]) as name loop
        execute format('grant select on %I to %s', each.name, everyone);
        execute format('create policy everyone on %I for select to %s using (true)', each.name, everyone);
    end loop;
    for each in select unnest('{payer,payer_alias,payer_bust,batch,refusal_code}'::text[]) as name loop
        execute format('grant select on %I to lifepot_member, lifepot_clerk, %s', each.name, staff);
    end loop;

    -- The books, for those who keep and check them: numbers without names.
    for each in
        select format('%I', tablename) as name from pg_tables where schemaname = 'public'
            and tablename not in ('scheme', 'rulebook_version', 'rule', 'attribute')
    loop
        execute format('grant select on %s to %s', each.name, staff);
        execute format('create policy staff on %s for select to %s using (true)', each.name, staff);
    end loop;

    -- Of persons: what names nobody by itself, and the rest for those whose look was written down.
    for each in
        select unnest('{received_file,received_block,payee,course,own_account,payer_bank,payer_account,bank_file,bank_text,
            payment_file,modulus_table,notices_made,blanked_row,reject,question,erased,gift_made}'::text[]) as name
    loop
        execute format('grant select on personal.%I to %s', each.name, staff);
        execute format('create policy staff on personal.%I for select to %s using (true)', each.name, staff);
    end loop;
    for each in
        select unnest('{person,identity,employment,withdrawal,income,heir,heir_paid}'::text[]) as name
    loop
        execute format('grant select on personal.%I to lifepot_member, %s', each.name, staff);
        execute format('create policy own on personal.%I for select to lifepot_member '
            'using (member = any ((select door.mine())::integer[]))', each.name);
        execute format('create policy looked_at on personal.%I for select to %s '
            'using (member = any ((select door.looked())::integer[]))', each.name, staff);
    end loop;
end $$;

-- A member -------------------------------------------------------------------------------------------------------------

create policy member on payer for select to lifepot_member using (true);
create policy member on payer_alias for select to lifepot_member using (true);
create policy member on payer_bust for select to lifepot_member using (true);
create policy member on refusal_code for select to lifepot_member using (true);
-- What a batch says of itself may name a member; then it is that member's.
-- The steps of a regular income name its amount: they are for whom the income is of.
create policy member on batch for select to lifepot_member using (
    case
        when summary ? 'member' then (summary->>'member')::integer = any ((select door.mine())::integer[])
        when summary ? 'income' then
            exists (select from personal.income as of where of.income = (batch.summary->>'income')::integer)
        else true
    end
);

grant select on fact, transfer to lifepot_member;
-- A row of closings may hold neighbours: `own_closings` and `own_latest` cut out one's own (storage/schema.sql), and no member
-- reads the table. What was told of another and found to be of this member is theirs too.
create policy own on fact for select to lifepot_member using (
    member = any ((select door.mine())::integer[]) or root = any ((select door.moved_to_me())::bigint[])
);
-- On an account of theirs (a pot, or what is leaving it), or about a fact of theirs.
create policy own on transfer for select to lifepot_member using (
    (((debit >> 40) < 64 or (debit >> 40) = 80) and (debit & 1099511627775)::integer = any ((select door.mine())::integer[]))
    or (((credit >> 40) < 64 or (credit >> 40) = 80) and (credit & 1099511627775)::integer = any ((select door.mine())::integer[]))
    -- Not `exists`: that may be answered by going through all facts there are.
    or (select fact.id from fact where fact.id = transfer.fact) is not null
);

grant select on personal.received_file, personal.payee, personal.course to lifepot_member;
create policy member on personal.received_file for select to lifepot_member using (true);
create policy member on personal.payee for select to lifepot_member using (true);
create policy member on personal.course for select to lifepot_member using (true);

-- Evidence is read by whoever may read the withdrawal or the income it belongs to: their policies decide here too.
grant select on personal.evidence to lifepot_member, lifepot_operator, lifepot_auditor;
create policy of_withdrawal on personal.evidence for select to lifepot_member, lifepot_operator, lifepot_auditor
    using (exists (select from personal.withdrawal as of where of.withdrawal = evidence.withdrawal));
grant select on personal.income_evidence to lifepot_member, lifepot_operator, lifepot_auditor;
create policy of_income on personal.income_evidence for select to lifepot_member, lifepot_operator, lifepot_auditor
    using (exists (select from personal.income as of where of.income = income_evidence.income));

-- A household: what was shared, by the yes of both. Of the other there is a name, and nothing else.
grant select on personal.household_link, personal.loan_consent, personal.standing_gift to lifepot_member;
create policy own on personal.household_link for select to lifepot_member using (
    ended_on is null
    and (asker = any ((select door.mine())::integer[]) or asked = any ((select door.mine())::integer[]))
);
create policy of_link on personal.loan_consent for select to lifepot_member
    using (exists (select from personal.household_link as of where of.link = loan_consent.link));
create policy own on personal.standing_gift for select to lifepot_member
    using (giver = any ((select door.mine())::integer[]) or taker = any ((select door.mine())::integer[]));

-- A payer ---------------------------------------------------------------------------------------------------------------

create policy payers on payer for select to lifepot_clerk using (id = (select door.my_payer()));
create policy payers on payer_alias for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on refusal_code for select to lifepot_clerk using (true);
create policy payers on batch for select to lifepot_clerk using (not summary ?| '{member,income}');
grant select on told, claim, fact, transfer to lifepot_clerk;
create policy payers on told for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on payer_bust for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on claim for select to lifepot_clerk using (funder = (select door.my_payer()));
grant select on claim_answer to lifepot_clerk;
create policy payers on claim_answer for select to lifepot_clerk
    using (exists (select from claim as of where of.number = claim_answer.claim));
-- What it told of its own people, and the entries on its own accounts. What others pay or claim for them it does not see.
create policy payers on fact for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on transfer for select to lifepot_clerk using (
    ((debit >> 40) between 64 and 66 and debit & 1099511627775 = (select door.my_payer()))
    or ((credit >> 40) between 64 and 66 and credit & 1099511627775 = (select door.my_payer()))
);

-- What it calls its people itself.
grant select on personal.employment to lifepot_clerk;
create policy payers on personal.employment for select to lifepot_clerk using (payer = (select door.my_payer()));
grant select on personal.received_file, personal.received_block, personal.reject, personal.question, personal.blanked_row,
    personal.payer_bank, personal.payer_account, personal.notices_made to lifepot_clerk;
create policy payers on personal.received_file for select to lifepot_clerk using (
    exists (select from told where told.file = received_file.file) or exists (select from door.sent where sent.file = received_file.file)
);
-- Rows of a file are a payer's to read if it handed the file in, or if the file tells of nobody else: a bureau's may tell of several.
create function door.is_mine(asked integer) returns boolean stable security definer set search_path = pg_catalog language sql
    return exists (select from door.sent where file = asked and payer = (select door.my_payer()))
        or (exists (select from public.told where file = asked and payer = (select door.my_payer()))
            and not exists (select from public.told where file = asked and payer <> (select door.my_payer())));
revoke all on function door.is_mine from public;
grant execute on function door.is_mine to lifepot_clerk;
create policy payers on personal.received_block for select to lifepot_clerk
    using (door.is_mine(received_block.file));
create policy payers on personal.reject for select to lifepot_clerk
    using (door.is_mine(reject.file));
create policy payers on personal.blanked_row for select to lifepot_clerk
    using (door.is_mine(blanked_row.file));
create policy payers on personal.question for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on personal.payer_bank for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on personal.payer_account for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on personal.notices_made for select to lifepot_clerk using (payer = (select door.my_payer()));

-- The door itself -------------------------------------------------------------------------------------------------------
-- Logins, sessions, tickets and hashes are read by the door alone.

grant select on door.look to lifepot_member, lifepot_operator, lifepot_auditor;
create policy own on door.look for select to lifepot_member using (member = any ((select door.mine())::integer[]));
create policy staff on door.look for select to lifepot_operator, lifepot_auditor using (true);

grant select on door.message to lifepot_member, lifepot_operator, lifepot_auditor;
create policy own on door.message for select to lifepot_member using (member = any ((select door.mine())::integer[]));
create policy staff on door.message for select to lifepot_operator, lifepot_auditor using (true);
-- What a member asks a payer to do is for that payer's clerk too.
grant select on door.message to lifepot_clerk;
create policy payers on door.message for select to lifepot_clerk
    using (kind = 'contribution' and (said->>'payer')::integer = (select door.my_payer()));

grant select on door.draft, door.draft_file to lifepot_member;
create policy own on door.draft for select to lifepot_member using (member = any ((select door.mine())::integer[]));
create policy of_draft on door.draft_file for select to lifepot_member
    using (exists (select from door.draft as of where of.draft = draft_file.draft));

grant select (key, role, member, payer, sandbox, made_by, made_at, ends_at, ended_at, per_minute) on door.key
    to lifepot_clerk, lifepot_operator, lifepot_auditor;
create policy payers on door.key for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy staff on door.key for select to lifepot_operator, lifepot_auditor using (true);

grant select on door.seat to lifepot_operator, lifepot_auditor;
create policy staff on door.seat for select to lifepot_operator, lifepot_auditor using (true);

grant select on door.gig, door.upload, door.job, door.progress, door.sent to lifepot_clerk, lifepot_operator, lifepot_auditor;
create policy payers on door.gig for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on door.upload for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy payers on door.job for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy of_job on door.progress for select to lifepot_clerk, lifepot_operator, lifepot_auditor
    using (exists (select from door.job as of where of.job = progress.job));
create policy payers on door.sent for select to lifepot_clerk using (payer = (select door.my_payer()));
grant select on door.sandbox to lifepot_clerk;
create policy payers on door.sandbox for select to lifepot_clerk using (payer = (select door.my_payer()));
create policy staff on door.gig for select to lifepot_operator, lifepot_auditor using (true);
create policy staff on door.upload for select to lifepot_operator, lifepot_auditor using (true);
create policy staff on door.job for select to lifepot_operator, lifepot_auditor using (true);
create policy staff on door.sent for select to lifepot_operator, lifepot_auditor using (true);

grant select on door.proposal to lifepot_operator, lifepot_auditor, lifepot_member;
create policy staff on door.proposal for select to lifepot_operator, lifepot_auditor using (true);
create policy own on door.proposal for select to lifepot_member using (member = any ((select door.mine())::integer[]));

grant select on door.publication to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public;
create policy everyone on door.publication for select
    to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public using (true);

grant select on door.design to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public;
create policy everyone on door.design for select
    to lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public using (true);

-- The books as people read them: these views run as the tables' owner, and show staff nothing that the policies above do not.
grant select on fact_view, journal to lifepot_operator, lifepot_auditor;

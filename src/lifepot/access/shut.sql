-- Closes all that `sight.sql` opens, so that it can be laid anew: policies, what they call, and what was granted.

do $$
declare
    sees constant text := 'lifepot_member, lifepot_clerk, lifepot_operator, lifepot_auditor, lifepot_public';
    each record;
begin
    for each in
        select policyname, schemaname, tablename from pg_policies where schemaname in ('public', 'personal', 'door')
    loop
        execute format('drop policy %I on %I.%I', each.policyname, each.schemaname, each.tablename);
    end loop;
    -- Of the door's functions those that are no trigger's are all about sight.
    for each in
        select unnest(names) as name from (
            select array_agg(oid::regprocedure::text) as names from pg_proc
                where pronamespace = 'door'::regnamespace and prorettype <> 'trigger'::regtype
        ) as named
    loop
        -- One may call another: with it those go that call it, and are found gone. So all are named before the first goes.
        execute format('drop function if exists %s cascade', each.name);
    end loop;
    -- Columns too: what is taken of a table is taken of its columns.
    execute format('revoke all on all tables in schema public, personal, door from %s', sees);
    execute format('revoke all on schema public, personal, door from %s', sees);
end $$;

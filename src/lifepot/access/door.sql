-- What the door keeps: who may come in, what they hold in their hands, and what was looked at. Laid beside a scheme's tables by
-- `lifepot serve`; nothing of the books is here. docs/decisions/0006-at-the-door.md says why it looks like this.

create schema door;

-- Who comes in ----------------------------------------------------------------------------------------------------------

-- A person whom an identity provider vouches for. Demonstrations and tickets have the issuer "lifepot".
create table door.login (
    login integer primary key generated always as identity,
    issuer text not null,
    subject text not null,
    name text not null,
    email text not null default '',
    made_at timestamptz not null,
    unique (issuer, subject)
);

-- What somebody may do here: a role, and of a member or a clerk for whom.
create table door.seat (
    seat integer primary key generated always as identity,
    login integer not null references door.login,
    role text not null check (role in ('member', 'clerk', 'operator', 'approver', 'auditor', 'analyst')),
    member integer,
    payer integer,
    given_by text not null,
    given_at timestamptz not null,
    ended_at timestamptz,
    ended_by text,
    check ((role = 'member') = (member is not null)),
    check ((role = 'clerk') = (payer is not null))
);
create index seat_login on door.seat (login);
create index seat_member on door.seat (member);
create unique index seat_once on door.seat (login, role, coalesce(member, 0), coalesce(payer, 0)) where ended_at is null;

-- An offer of a seat to whoever has its code; only a hash of the code is kept.
create table door.invitation (
    hash bytea primary key check (octet_length(hash) = 32),
    role text not null,
    member integer,
    payer integer,
    given_by text not null,
    made_at timestamptz not null,
    ends_at timestamptz not null,
    taken_by integer references door.login,
    taken_at timestamptz
);

-- A sign-in that was begun with an identity provider, and not finished.
create table door.sign_in (
    hash bytea primary key check (octet_length(hash) = 32),  -- of the state, which the browser keeps
    said jsonb not null,  -- nonce, code verifier, where to go afterwards
    begun_at timestamptz not null
);

-- A way in without a provider, once: made on the machine itself.
create table door.ticket (
    hash bytea primary key check (octet_length(hash) = 32),
    login integer not null references door.login,
    made_at timestamptz not null,
    ends_at timestamptz not null,
    used_at timestamptz
);

create table door.session (
    hash bytea primary key check (octet_length(hash) = 32),  -- of the cookie
    login integer not null references door.login,
    seat integer references door.seat,  -- the one they sit in now
    provider_session text not null default '',
    began_at timestamptz not null,
    seen_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz
);
create index session_login on door.session (login);

-- A machine's way in. A key is 256 random bits: its hash needs no salt and no slowness.
create table door.key (
    key text primary key,  -- its name, which is no secret
    hash bytea not null unique check (octet_length(hash) = 32),
    role text not null,
    member integer,
    payer integer,
    sandbox boolean not null default false,
    made_by text not null,
    made_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz,
    per_minute integer not null check (per_minute > 0)
);
create index key_payer on door.key (payer);

-- Who looked at whose data; whoever it is of can read it.
create table door.look (
    look bigint primary key generated always as identity,
    looked_at timestamptz not null,
    member integer not null,
    who text not null,
    role text not null,
    what text not null
);
create index look_member on door.look (member, look);

-- What is asked ---------------------------------------------------------------------------------------------------------

-- A request that is answered once, however often it is sent. Written with what it does, in one transaction: no answer beside
-- it means that it was done, and that whoever answered it died before saying so.
create table door.once (
    who text not null,
    key text not null,
    digest bytea not null check (octet_length(digest) = 32),
    asked_at timestamptz not null,
    status smallint,
    answer jsonb,
    primary key (who, key)
);

-- A gig as a platform tells of it: kept first, then received with others as a file (`told_in` and `line` say which).
create table door.gig (
    gig bigint primary key generated always as identity,
    payer integer not null,
    who text not null,
    key text not null,  -- the platform's own, once a payer
    cells jsonb not null,
    layout text not null,
    kept_at timestamptz not null,
    told_in text,  -- the received file's name
    line integer,
    unique (payer, key)
);
create index gig_waiting on door.gig (payer, gig) where told_in is null;

-- A file that was handed in, until it is received or its time is over.
create table door.upload (
    upload uuid primary key default gen_random_uuid(),
    payer integer,
    who text not null,
    name text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    content bytea not null,
    kept_at timestamptz not null
);
alter table door.upload alter column content set storage external;

-- Which payer handed in a received file: its pages and faults are that payer's to see.
create table door.sent (
    file integer primary key,
    payer integer not null
);
create index sent_payer on door.sent (payer);

-- Payers with a sandbox: a database of its own beside this one, until its day is over.
create table door.sandbox (
    payer integer primary key,
    made_at timestamptz not null,
    used_at timestamptz not null
);

-- Work that takes longer than a person waits.
create table door.job (
    job bigint primary key generated always as identity,
    kind text not null,
    asked jsonb not null,
    upload uuid,
    payer integer,
    who text not null,
    asked_at timestamptz not null,
    ended_at timestamptz  -- written in the transaction that does the work
);
create index job_waiting on door.job (job) where ended_at is null;

-- How far a job is, and what came of it: told beside it, for its own row is locked by whoever does it.
create table door.progress (
    job bigint primary key references door.job,
    stage text not null,
    done bigint not null,
    of_all bigint not null,
    failed boolean not null default false,
    answer jsonb
);

-- What one asks for and another must agree to before it is done.
create table door.proposal (
    proposal bigint primary key generated always as identity,
    kind text not null,
    asked jsonb not null,
    member integer,
    reason text not null,
    asked_by text not null,
    asked_at timestamptz not null,
    decided_by text check (decided_by <> asked_by),
    decided_at timestamptz,
    agreed boolean,
    answer jsonb
);
create index proposal_waiting on door.proposal (proposal) where decided_at is null;

-- What a member writes to the scheme: a correction asked for, an own contribution to begin, change or stop.
create table door.message (
    message bigint primary key generated always as identity,
    member integer not null,
    kind text not null,
    said jsonb not null,
    sent_at timestamptz not null,
    answered_at timestamptz,
    answered_by text,
    answer text
);
create index message_member on door.message (member);
create index message_waiting on door.message (message) where answered_at is null;

-- What somebody has filled in and not sent yet, with the photos and papers for it; thrown away after a day.
create table door.draft (
    draft uuid primary key default gen_random_uuid(),
    member integer not null,
    said jsonb not null,
    made_at timestamptz not null
);
create index draft_member on door.draft (member);
create table door.draft_file (
    draft uuid not null references door.draft on delete cascade,
    piece integer not null,
    name text not null,
    content bytea not null,
    primary key (draft, piece)
);
alter table door.draft_file alter column content set storage external;

-- Rulebooks that somebody at the workbench kept; whoever has the link sees them.
create table door.design (
    design text primary key,  -- of its text: the same text has the same link
    title text not null,
    text text not null check (octet_length(text) <= 200000),
    made_at timestamptz not null
);

-- Open figures, as they were published for a month that was over; they stay what they were.
create table door.publication (
    month text primary key check (month ~ '^[0-9]{4}-[0-9]{2}$'),
    figures jsonb not null,
    made_at timestamptz not null
);

create function door.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: who looked is never unsaid.', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger never_changes before update or delete or truncate on door.look execute function door.refuse_change();

-- The door's own keeping -----------------------------------------------------------------------------------------------

-- What of the door was laid here: each step of its tables, and who sees what (access/laying.py).
create table door.laid (
    what text primary key,
    digest bytea not null check (octet_length(digest) = 32),
    laid_at timestamptz not null
);

-- When the worker was last alive: one row.
create table door.beat (
    one boolean primary key default true check (one),
    beat_at timestamptz not null
);

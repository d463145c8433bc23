-- The names of persons that were erased at the end of their retention: who erased how many, and when; never a name.
-- Applied once, as ponam_loader.

create table meta.erasures (
    erasure_id          bigint generated always as identity primary key,
    dataset_code        text not null references meta.datasets,
    delivery_id         bigint not null references meta.deliveries,
    names               bigint not null check (names > 0),
    kept_until          date not null,                      -- the end of the retention of the newest of them
    erased_by           text not null check (erased_by ~ '\S'),
    erased_as           text not null default session_user,
    erased_at           timestamptz not null default now()
);
comment on table meta.erasures is
    'Names of persons erased from confidential.identities at the end of their retention: how many, when, by whom.';

-- The custodian adds lines, and neither changes nor reads them; nobody else erases a name.
grant usage on schema meta to ponam_custodian;
grant insert on meta.erasures to ponam_custodian;

-- As everything that tells how many rows a delivery of persons has: nothing for readers.
alter table meta.erasures enable row level security;
create policy all_is_seen on meta.erasures to ponam_transformer using (true);
create policy who_erases_says_so on meta.erasures for insert to ponam_custodian with check (true);

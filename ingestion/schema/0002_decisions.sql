-- What people decide of rejected records, and the history of every load. Applied once, as ponam_loader.

create table meta.decisions (
    decision_id         bigint generated always as identity primary key,
    delivery_id         bigint not null references meta.deliveries,
    record_locator      text not null,
    record              jsonb not null,                     -- the rejected record, whole, as it was received
    column_name         text,                               -- why it was rejected, copied from the rejection
    found               text,
    expected            text not null,
    action              text not null check (action in ('accept', 'correct', 'refuse')),
    corrections         jsonb not null default '{}',        -- column → value as it should have been printed
    author              text not null check (author <> ''),
    comment             text not null check (comment <> ''),
    decided_at          timestamptz not null default now(),
    check ((action = 'correct') = (corrections <> '{}'))
);
create index on meta.decisions (delivery_id);
comment on table meta.decisions is
    'Decisions on rejected records, one row each, never changed: the newest on a record counts when its delivery is read.';

create function meta.decisions_are_never_changed() returns trigger language plpgsql as $$
begin
    raise exception 'a decision is never changed or removed: write a new one';
end
$$;
create trigger decisions_are_never_changed before update or delete on meta.decisions
    for each row execute function meta.decisions_are_never_changed();

create table meta.loads (
    load_id             bigint generated always as identity primary key,
    delivery_id         bigint not null references meta.deliveries on delete cascade,
    loaded_at           timestamptz not null default clock_timestamp(),
    contract_version    integer not null,
    records_read        bigint not null,
    rows_staged         bigint not null,
    rows_unchanged      bigint not null,
    rows_rejected       bigint not null,
    records_decided     bigint not null,                    -- of which a decision was applied to
    constraint the_count_closes check (records_read = rows_staged + rows_unchanged + rows_rejected)
);
create index on meta.loads (delivery_id);
comment on table meta.loads is
    'Counts of every load of a delivery: how records went from rejected to staged when it was read again.';

create table meta.decision_outcomes (
    decision_id         bigint not null references meta.decisions,
    load_id             bigint not null references meta.loads on delete cascade,
    record_locator      text not null,                      -- under which the record came back
    row_id              bigint,                             -- the staged row; null when unchanged or rejected
    outcome             text not null check (outcome in ('staged', 'unchanged', 'rejected')),
    primary key (decision_id, load_id)
);
comment on table meta.decision_outcomes is
    'What became of a decided record at each load: the row of its dataset that it is now, or that it stays rejected.';

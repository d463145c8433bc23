-- Every verdict on a delivery, also once another came after it: meta.deliveries has the last one alone. Deliveries
-- of before this table have no line for what was said of them then. Applied once, as ponam_loader.

create table meta.verdicts (
    verdict_id          bigint generated always as identity primary key,
    delivery_id         bigint not null references meta.deliveries,
    load_id             bigint references meta.loads,
    status              text not null check (status in ('accepted', 'refused', 'failed', 'received')),
    reason              text,
    failed_checks       jsonb,
    contract_version    integer not null,
    judged_at           timestamptz not null
);
create index on meta.verdicts (delivery_id);
comment on table meta.verdicts is
    'Every verdict on a delivery, one row each, never changed: what was refused, taken back and accepted keeps all three.';
comment on column meta.verdicts.load_id is 'The load that was judged; null where none ended: failed, or taken back.';
comment on column meta.verdicts.status is
    'accepted (also: read again in service), refused, failed when unreadable, received when taken back to the start.';
comment on column meta.verdicts.reason is 'Why the delivery was refused or failed, in French.';
comment on column meta.verdicts.failed_checks is
    'The checks that failed, warnings too, as the judge recorded them; null where no check was run.';
comment on column meta.verdicts.contract_version is 'Of the contract that the delivery was read with.';

create function meta.verdicts_are_never_changed() returns trigger language plpgsql as $$
begin
    raise exception 'a verdict is never changed or removed: a new one is a new row';
end
$$;
create trigger verdicts_are_never_changed before update or delete on meta.verdicts
    for each row execute function meta.verdicts_are_never_changed();

-- As everything that tells how many rows a delivery of persons has, or why it was refused: nothing for readers.
alter table meta.verdicts enable row level security;
create policy all_is_seen on meta.verdicts to ponam_transformer using (true);
create policy no_delivery_of_persons on meta.verdicts to ponam_reader
    using (delivery_id in (select delivery_id from meta.deliveries));

-- What a delivery repeats, so that its content can be given back exactly; an earlier version may be published again.
-- Applied once, as ponam_loader.

create table meta.repeats (
    delivery_id         bigint primary key references meta.deliveries on delete cascade,
    row_ids             int8multirange not null,            -- of the staging table of the delivery's dataset
    row_count           bigint not null check (row_count > 0)
);
comment on table meta.repeats is
    'Which rows known before it a delivery repeats: with the rows that it brought they are its content.';

create table meta.reprints (
    delivery_id         bigint not null references meta.deliveries on delete cascade,
    row_id              bigint not null,                    -- a row that meta.repeats names
    record_literal      text,
    primary key (delivery_id, row_id)
);
comment on table meta.reprints is
    'Repeated rows whose evidence a delivery prints in another way: 2.50 for 2.5. The same value, another literal.';

do $$
declare
    table_name text;
begin
    foreach table_name in array array['repeats', 'reprints'] loop
        execute format('alter table meta.%I enable row level security', table_name);
        execute format('create policy all_is_seen on meta.%I to ponam_transformer using (true)', table_name);
        execute format(
            'create policy no_delivery_of_persons on meta.%I to ponam_reader
                using (delivery_id in (select delivery_id from meta.deliveries))',
            table_name);
    end loop;
end
$$;

alter table meta.deliveries drop constraint deliveries_dataset_code_sha256_key;
create index on meta.deliveries (dataset_code, sha256);

-- The ledger: what was received, what became of each record, who judged what. Applied once, as ponam_loader.
-- Nothing here is ever updated to hide a fact: a state moves forward, a decision is a new row.

create table meta.datasets (
    dataset_code        text primary key,                   -- bceao.eden
    source_code         text not null,                      -- bceao
    title_fr            text not null,
    title_en            text not null,
    publisher_code      text not null,
    licence             text not null,
    delivery_mode       text not null check (delivery_mode in ('complete', 'additional')),
    contract_version    integer not null,
    contract            jsonb not null                      -- the whole contract as it stands in the tree
);
comment on table meta.datasets is 'One row per dataset contract, kept in step with ingestion/sources by `python -m ingestion migrate`.';

create table meta.deliveries (
    delivery_id         bigint generated always as identity primary key,
    dataset_code        text not null references meta.datasets,
    edition             text not null,                      -- 2026-T1, 2025-06, or the day it was fetched
    revision_of         bigint references meta.deliveries,  -- the same edition, received before with other bytes
    sha256              text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_size           bigint not null check (byte_size >= 0),
    file_name           text not null,
    address             text not null,                      -- URL, or inbox:<file name>
    archive_path        text not null,                      -- relative to PONAM_ARCHIVE
    published_on        date not null,
    published_on_origin text not null,                      -- http, file_name, contract, fetched
    fetched_at          timestamptz not null default now(),
    status              text not null default 'received'
                        check (status in ('received', 'loaded', 'accepted', 'refused', 'failed')),
    status_reason       text,
    contract_version    integer not null,
    records_read        bigint,
    rows_staged         bigint,
    rows_unchanged      bigint,
    rows_rejected       bigint,
    loaded_at           timestamptz,
    judged_at           timestamptz,
    unique (dataset_code, sha256),
    constraint the_count_closes check (
        status in ('received', 'failed')
        or coalesce(records_read = rows_staged + rows_unchanged + rows_rejected, false)
    )
);
create index on meta.deliveries (dataset_code, published_on, delivery_id);
comment on table meta.deliveries is 'One file received, once. The unit of vintage. Immutable but for its status and counts.';
comment on column meta.deliveries.delivery_id is 'Identifier; deliveries published on the same day follow each other in this order.';
comment on column meta.deliveries.edition is 'Edition as the publisher names it, or the day the file was published.';
comment on column meta.deliveries.revision_of is 'The delivery of the same edition received before, with other bytes.';
comment on column meta.deliveries.published_on is 'Day from which the figures count as known.';
comment on column meta.deliveries.status is 'received, then loaded, then accepted or refused; failed when unreadable.';
comment on column meta.deliveries.status_reason is 'Why the delivery was refused or failed, in French.';
comment on column meta.deliveries.rows_unchanged is 'Records equal to the row in service: counted, not stored again.';

create table meta.fetches (
    fetch_id            bigint generated always as identity primary key,
    dataset_code        text not null references meta.datasets,
    address             text not null,
    attempted_at        timestamptz not null default now(),
    outcome             text not null check (
        outcome in ('new', 'revision', 'already_received', 'not_modified', 'unstable', 'error')),
    http_status         integer,
    etag                text,
    delivery_id         bigint references meta.deliveries,
    error               text,
    check ((outcome = 'error') = (error is not null)),
    check (delivery_id is not null or outcome not in ('new', 'revision', 'already_received'))
);
create index on meta.fetches (dataset_code, address, fetch_id desc);
comment on table meta.fetches is 'Every attempt to receive something, and what came of it.';

create table meta.rejections (
    rejection_id        bigint generated always as identity primary key,
    delivery_id         bigint not null references meta.deliveries,
    record_kind         text not null,
    record_locator      text not null,
    record              jsonb not null,                     -- the record as received, whole
    record_key          text,                               -- null: the record cannot even be identified
    column_name         text,                               -- null: the record as a whole
    found               text,
    expected            text not null,
    who_fixes           text not null check (who_fixes in ('institution', 'developer', 'statistics team')),
    rejected_at         timestamptz not null default now()
);
create index on meta.rejections (delivery_id);
comment on table meta.rejections is 'One row per rejected record, with the first reason found; kept whole, waiting for a decision.';

create table meta.absences (
    delivery_id         bigint not null references meta.deliveries,
    row_id              bigint not null,                    -- of the staging table of the delivery's dataset
    primary key (delivery_id, row_id)
);
comment on table meta.absences is
    'Rows known until then that a delivery of a complete dataset no longer carries: withdrawn when it is accepted.';

create table meta.check_results (
    check_result_id     bigint generated always as identity primary key,
    checked_at          timestamptz not null default now(),
    delivery_id         bigint references meta.deliveries,  -- null: a check of the marts
    checker             text not null check (checker in ('great_expectations', 'dbt')),
    check_name          text not null,
    subject             text not null,                      -- table.column, or the dbt node
    passed              boolean not null,
    severity            text not null check (severity in ('error', 'warning')),
    observed            text,
    expected            text,
    who_fixes           text not null
);
create index on meta.check_results (delivery_id);
comment on table meta.check_results is 'What Great Expectations said of a delivery and dbt of the marts.';

create table meta.transform_runs (
    transform_run_id    bigint generated always as identity primary key,
    started_at          timestamptz not null,
    finished_at         timestamptz not null default now(),
    succeeded           boolean not null,
    last_judged_at      timestamptz,                        -- the newest verdict that this run took into account
    project_digest      text not null,                      -- of dbt_project: a changed model asks for a new run
    models              integer not null,
    checks_passed       integer not null,
    checks_failed       integer not null
);
comment on table meta.transform_runs is 'One row per run of dbt over the marts.';

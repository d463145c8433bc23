-- What goes back to institutions: the rows at which a check failed, and the error workbooks written. Applied once, as
-- ponam_loader.

alter table meta.check_results add column failing jsonb not null default '[]';
comment on column meta.check_results.failing is
    'The first rows that fail, each with record_locator, found (in French) and is_repeated: known from an earlier delivery.';

create table meta.workbooks_returned (
    delivery_id         bigint not null references meta.deliveries,
    written_at          timestamptz not null default clock_timestamp()
);
create index on meta.workbooks_returned (delivery_id);
comment on table meta.workbooks_returned is
    'Every error workbook written for the institution that sent a delivery: one older than the verdict is written again.';

-- Those of before this table were written as each verdict fell.
insert into meta.workbooks_returned (delivery_id)
select delivery_id from meta.deliveries where status in ('refused', 'failed') or rows_rejected > 0;

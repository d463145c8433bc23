-- Deliveries of persons are nothing for readers: how many rows one has may be the very count that the marts
-- suppress. Readers find such a delivery in marts.dim_delivery, without its counts. Applied once, as ponam_loader.

alter table meta.deliveries enable row level security;
create policy all_is_seen on meta.deliveries to ponam_transformer using (true);
create policy no_delivery_of_persons on meta.deliveries to ponam_reader using (
    dataset_code in (select dataset_code from meta.datasets where contract ->> 'personal' is null)
);

do $$
declare
    table_name text;
begin
    foreach table_name in array array['absences', 'check_results', 'decisions', 'loads', 'rejections', 'workbooks_returned'] loop
        execute format('alter table meta.%I enable row level security', table_name);
        execute format('create policy all_is_seen on meta.%I to ponam_transformer using (true)', table_name);
        -- Who reads is held to the policy of meta.deliveries there too.
        execute format(
            'create policy no_delivery_of_persons on meta.%I to ponam_reader
                using (delivery_id is null or delivery_id in (select delivery_id from meta.deliveries))',
            table_name);
    end loop;
end
$$;

alter table meta.decision_outcomes enable row level security;
create policy all_is_seen on meta.decision_outcomes to ponam_transformer using (true);
create policy no_delivery_of_persons on meta.decision_outcomes to ponam_reader
    using (load_id in (select load_id from meta.loads));

-- Malians in the statistics of European countries; a flag of Eurostat is a status only when it says so.
{{ figures_of_series(
    'stg_international__eurostat_migration',
    counterpart_area_code='record.counterpart_area_code',
    obs_status="case when record.flag like '%e%' then 'E' when record.flag like '%p%' then 'P' else 'A' end"
) }}

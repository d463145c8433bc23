-- Counts along a route are of all nationalities and stand for the world; only those tied to Mali stand for Mali.
{{ figures_of_series(
    'stg_international__iom_missing_migrants',
    area_code="case when series.concept_code like '%MALI' then 'MLI' else 'WLD' end",
    areas=['MLI', 'WLD']
) }}

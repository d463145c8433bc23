{#-
    What may be published of persons, before it is protected: every count and every total that a reader could relate by
    adding up, and none besides (`methods/disclosure.py` protects the cells of a family and year together). Region × cercle
    × sex and region × country by year, region by month; TOKTEN missions by sector × country. Empty cells have no row.
-#}
with returned_migrants as (
    select
        region_code,
        cercle_code,
        sex_code,
        counterpart_area_code,
        extract(year from month_start)::integer as year,
        to_char(month_start, 'YYYY-MM') as month_code,
        sum(persons) as persons
    from {{ ref('int_ofii__returned_migrant_counts') }}
    where month_start is not null
    group by month_start, region_code, cercle_code, sex_code, counterpart_area_code
    having sum(persons) != 0
),

missions as (
    select
        sector_code,
        counterpart_area_code,
        extract(year from month_start)::integer as year,
        sum(persons) as persons
    from {{ ref('int_tokten__mission_counts') }}
    where month_start is not null
    group by extract(year from month_start), sector_code, counterpart_area_code
    having sum(persons) != 0
)

select
    'returned_migrants' as family_code,
    year,
    coalesce(month_code, year::text) as period_code,
    coalesce(region_code, '_T') as region_code,
    coalesce(cercle_code, '_T') as cercle_code,
    '_T' as sector_code,
    coalesce(sex_code, '_T') as sex_code,
    coalesce(counterpart_area_code, '_T') as counterpart_area_code,
    sum(persons)::bigint as persons,
    {{ var('disclosure_threshold') }} as threshold
from returned_migrants
group by
    grouping sets (
        (year, region_code, cercle_code, sex_code), (year, region_code, cercle_code),
        (year, region_code, sex_code), (year, region_code),
        (year, sex_code), (year),
        (year, region_code, counterpart_area_code), (year, counterpart_area_code),
        (year, month_code, region_code), (year, month_code)
    )
union all
select
    'tokten_missions' as family_code,
    year,
    year::text as period_code,
    '_T' as region_code,
    '_T' as cercle_code,
    coalesce(sector_code, '_T') as sector_code,
    '_T' as sex_code,
    coalesce(counterpart_area_code, '_T') as counterpart_area_code,
    sum(persons)::bigint as persons,
    {{ var('disclosure_threshold') }} as threshold
from missions
group by grouping sets (
    (year, sector_code, counterpart_area_code), (year, sector_code), (year, counterpart_area_code), (year)
)

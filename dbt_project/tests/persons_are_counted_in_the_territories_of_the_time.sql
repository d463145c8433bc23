select distinct
    count.year,
    count.region_code,
    count.cercle_code
from {{ ref('fct_person_counts') }} as count
left join {{ ref('dim_territory') }} as territory
    on
        territory.area_code = case when count.cercle_code in ('_T', '_U') then count.region_code else count.cercle_code end
        and count.region_code = territory.region_code
        and make_date(count.year, 12, 31) >= territory.valid_from
        and make_date(count.year, 12, 31) < territory.valid_to
where count.region_code != '_T' and territory.area_code is null

{#-
    The territories of Mali and the days on which each was one: the regions of the three divisions, and the cercles of a
    region. `origin_area_code` is the territory of the first division from which it was carved: what is added up over
    it can be compared across 2016 and 2023, however many regions there were.
-#}
with recursive origin as (
    select
        area_code,
        division,
        valid_from,
        valid_to,
        is_verified,
        area_code as origin_area_code
    from {{ ref('bridge_territory_division') }}
    where carved_from_area_code is null
    union all
    select
        territory.area_code,
        territory.division,
        territory.valid_from,
        territory.valid_to,
        territory.is_verified,
        origin.origin_area_code
    from {{ ref('bridge_territory_division') }} as territory
    inner join origin
        on
            territory.carved_from_area_code = origin.area_code
            and territory.valid_from = origin.valid_to
),

division as (
    select distinct
        division,
        valid_from,
        valid_to
    from origin
)

select
    origin.area_code,
    area.kind,
    area.name_fr,
    origin.area_code as region_code,
    origin.origin_area_code,
    origin.division,
    origin.is_verified,
    coalesce(origin.valid_from, '-infinity') as valid_from,
    coalesce(origin.valid_to, 'infinity') as valid_to
from origin
inner join {{ ref('dim_area') }} as area on origin.area_code = area.area_code
union all
select
    cercle.code as area_code,
    cercle.kind,
    cercle.label_fr as name_fr,
    origin.area_code as region_code,
    origin.origin_area_code,
    division.division,
    membership.is_verified,
    greatest(coalesce(membership.valid_from, '-infinity'), coalesce(division.valid_from, '-infinity')) as valid_from,
    least(coalesce(membership.valid_to, 'infinity'), coalesce(division.valid_to, 'infinity')) as valid_to
from {{ ref('areas') }} as cercle
inner join {{ ref('area_memberships') }} as membership on cercle.code = membership.member_code
inner join division
    on
        coalesce(membership.valid_from, '-infinity') < coalesce(division.valid_to, 'infinity')
        and coalesce(division.valid_from, '-infinity') < coalesce(membership.valid_to, 'infinity')
inner join origin on membership.grouping_code = origin.area_code and division.division = origin.division
where cercle.kind = 'cercle'

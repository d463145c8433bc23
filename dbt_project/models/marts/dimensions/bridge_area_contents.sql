{#-
    What an area is made of, itself included, and when: groupings hold countries, Mali holds regions, regions hold cercles.
    Every area belongs to the world. Open ends are written as infinite dates, so that they compare.
-#}
with recursive content as (
    select
        code as area_code,
        code as content_code,
        '-infinity'::date as valid_from,
        'infinity'::date as valid_to
    from {{ ref('areas') }}
    union
    select
        content.area_code,
        membership.member_code,
        greatest(content.valid_from, coalesce(membership.valid_from, '-infinity')) as valid_from,
        least(content.valid_to, coalesce(membership.valid_to, 'infinity')) as valid_to
    from content
    inner join {{ ref('area_memberships') }} as membership on content.content_code = membership.grouping_code
)

select *
from content
where valid_from < valid_to
union all
select
    world.code as area_code,
    area.code as content_code,
    '-infinity'::date as valid_from,
    'infinity'::date as valid_to
from {{ ref('areas') }} as world
cross join {{ ref('areas') }} as area
where world.code in ('WLD', '_T') and area.code != world.code

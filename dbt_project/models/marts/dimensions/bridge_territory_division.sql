-- The regions of each division of Mali, and the territory of the division before from which each was carved.
select
    division,
    territory_code as area_code,
    carved_from_code as carved_from_area_code,
    valid_from,
    valid_to,
    is_verified,
    source_fr
from {{ ref('territory_divisions') }}

select
    code as axis_code,
    division,
    number,
    label_fr as name_fr,
    label_en as name_en,
    valid_from,
    valid_to,
    wording_fr,
    is_verified,
    source_fr
from {{ ref('axes') }}

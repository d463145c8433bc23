-- One row per international series: beside which indicator it stands, what it covers, whose it is and under which licence.
select
    indicator_code,
    min(indicator_name_fr) as indicator_name_fr,
    min(axis_name_fr) as axis_name_fr,
    measure_code,
    min(measure_name_fr) as measure_name_fr,
    publisher_name_fr,
    licence,
    min(difference_fr) as difference_fr,
    concat(min(year), '–', max(year)) as years_fr,
    count(*) as figures,
    concat_ws(
        ' à ',
        case when min(published_on) < max(published_on) then {{ french_dated('min(published_on)') }} end,
        {{ french_dated('max(published_on)') }}
    ) as published_on_fr
from {{ ref('rpt_comparisons') }}
group by indicator_code, measure_code, publisher_name_fr, licence

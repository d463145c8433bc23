-- An indicator may change axis when the policy is revised: the link is dated and several divisions may coexist.
select
    entry.code as indicator_code,
    axis.code as axis_code,
    axis.valid_from,
    axis.valid_to
from {{ catalogue() }}
cross join lateral jsonb_to_recordset(entry.axes) as axis (code text, valid_from date, valid_to date)

{{ declared('remittances_pct_gdp') }}
union all
{{ ratio('remittances_received_usd', 'gdp_usd', unit='PCT_GDP', times=100) }}

{{ process_fact({
    'remittances_bn_xof': 'remittances_received',
    'gdp_bn_xof': 'gdp',
    'remittances_usd': 'remittances_received_usd',
    'gdp_usd': 'gdp_usd',
    'remittances_pct_gdp': 'remittances_pct_gdp',
}) }}

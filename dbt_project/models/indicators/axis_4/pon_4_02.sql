{{ annual_growth('remittances_received') }}

{{ declared('remittance_cost') }}

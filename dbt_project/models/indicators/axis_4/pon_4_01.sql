{{ declared('remittances_received') }}

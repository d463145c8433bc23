{{ declared('remittances_net') }}

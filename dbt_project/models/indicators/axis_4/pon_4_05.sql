{{ declared('remittances_share_by_origin') }}

{{ declared('transfer_cost_agreements') }}

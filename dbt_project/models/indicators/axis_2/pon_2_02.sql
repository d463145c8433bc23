{{ declared('mobility_agreements') }}

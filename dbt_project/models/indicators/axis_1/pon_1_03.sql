{{ declared('deaths_mediterranean') }}

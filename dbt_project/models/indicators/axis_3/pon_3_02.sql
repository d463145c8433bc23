{{ declared('reintegration_amount') }}

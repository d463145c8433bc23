{{ declared('passport_requests') }}

{{ declared('passports_issued') }}

{{ ratio('passports_issued', 'passport_requests', unit='PCT', times=100) }}

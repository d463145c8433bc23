{{ declared('ofii_aids') }}

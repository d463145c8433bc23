{{ converted('programme_grant', times=655.957, unit='XOF') }}

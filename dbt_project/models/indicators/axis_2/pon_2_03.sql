{{ declared('border_antennas_planned') }}

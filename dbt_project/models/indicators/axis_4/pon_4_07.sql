{{ declared('smart_corridors_share') }}

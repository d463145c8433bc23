{{ declared('awareness_cercles') }}

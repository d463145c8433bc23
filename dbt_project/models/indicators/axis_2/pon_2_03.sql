{{ no_value() }}

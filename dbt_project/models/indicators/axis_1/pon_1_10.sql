{{ declared('housing_allocated_abroad') }}

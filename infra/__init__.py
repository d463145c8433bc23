"""Where the warehouse runs: environments, local services, and the commands that drive them."""

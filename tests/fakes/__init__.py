"""Stand-ins for the outside world: real processes that speak the real protocols, on this machine alone."""

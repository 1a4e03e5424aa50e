"""Floor plans: drawings made safe, pins of places on them, and what there is at each place; and photos of places."""

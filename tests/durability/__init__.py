"""Whether an acknowledged report outlives the death of every process at once."""

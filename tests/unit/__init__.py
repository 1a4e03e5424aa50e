"""What needs no database: words, rules, keys, and the shape of the code itself."""

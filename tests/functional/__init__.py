"""What needs a database, run on SQLite and on PostgreSQL."""

"""Tests: `unit` without a database, `functional` on both databases, `durability` with kills, `browser` with Chromium."""

"""Tests: `unit` needs no database, `functional` runs on both, `durability` kills, `browser` drives Chromium."""

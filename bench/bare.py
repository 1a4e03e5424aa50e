"""The twin that Engage is measured against: a bare Flask app whose every request is one INSERT, safe on the disk.

The same driver and the same pragmas as Engage, without SQLAlchemy, triage, routing or templates.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
from flask import Flask, request

from engage.db import sqlite_driver

TABLE = "CREATE TABLE IF NOT EXISTS bare (id {key}, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL)"

app = Flask(__name__)
_address = os.environ["BARE_DATABASE"]
_is_sqlite = not _address.startswith("postgresql:")
_own = threading.local()
#: Without it SQLite's busy handler sleeps, and the twin would be slower than it need be.
_turn = threading.Lock()


@app.post("/p/<code>")
def take(code: str) -> str:  # noqa: ARG001 - the same address as Engage's
    """Store a text and answer with its number."""
    values = (request.form["key"], request.form["text"])
    return f"<!doctype html><title>{_insert_sqlite(values) if _is_sqlite else _insert_postgresql(values)}</title>"


def _insert_sqlite(values: tuple[str, str]) -> int:
    connection = _connection()
    with _turn:
        connection.execute("BEGIN IMMEDIATE")
        number = connection.execute("INSERT INTO bare (key, text) VALUES (?, ?)", values).lastrowid
        connection.execute("COMMIT")
    return int(number)


def _insert_postgresql(values: tuple[str, str]) -> int:
    connection = _connection()
    row = connection.execute("INSERT INTO bare (key, text) VALUES (%s, %s) RETURNING id", values).fetchone()
    connection.commit()
    return int(row[0])


def _connection() -> Any:
    """This thread's own connection."""
    if not hasattr(_own, "connection"):
        _own.connection = _connect()
    return _own.connection


def _connect() -> Any:
    if not _is_sqlite:
        return psycopg.connect(_address)
    connection = sqlite_driver.connect(_address, isolation_level=None)
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _make_table() -> None:
    connection = _connect()
    connection.execute(TABLE.format(key="INTEGER PRIMARY KEY" if _is_sqlite else "BIGSERIAL PRIMARY KEY"))
    connection.commit()
    connection.close()


_make_table()

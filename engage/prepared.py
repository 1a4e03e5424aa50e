"""Statements compiled once and run on the driver's own cursor, where each tenth of a millisecond counts.

SQLAlchemy spends about a tenth of a millisecond on every execution; taking a report needs a dozen of them under the
writers' lock. Names, types and conversions are still SQLAlchemy's: only the way to the cursor is shorter.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Session

Convert = Callable[[Any], Any] | None
#: Where `db.transaction()` leaves its connection, so that a session need not look for it again at each statement.
CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one kind of database wants it."""

    sql: str
    names: tuple[str, ...]
    positional: bool
    defaults: Mapping[str, Any]
    into: Mapping[str, Convert]
    out_of: tuple[Convert, ...]
    row: Callable[..., Any] | None


class Prepared:
    """A Core statement with named parameters, none of them a list to expand."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]] | sa.Insert) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """Run it, and give its rows as named tuples. Raises what SQLAlchemy would, without the values."""
        connection, form = self._ready(session)
        with_values = _arguments(form, values)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(form.sql, with_values)
            found = cursor.fetchall() if form.row else []
        except connection.dialect.loaded_dbapi.Error as problem:
            raise _told(problem, form, connection.dialect) from problem
        finally:
            cursor.close()
        return [_row(form, values) for values in found]

    def run_many(self, session: Session, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values; what it returns is not read."""
        connection, form = self._ready(session)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(form.sql, [_arguments(form, values) for values in many])
        except connection.dialect.loaded_dbapi.Error as problem:
            raise _told(problem, form, connection.dialect) from problem
        finally:
            cursor.close()

    def _ready(self, session: Session) -> tuple[sa.Connection, _Form]:
        connection: sa.Connection = session.info.get(CONNECTION) or session.connection()
        name = connection.dialect.name
        if name not in self._forms:
            self._forms[name] = _form(self._statement, connection.dialect)
        return connection, self._forms[name]


def _form(statement: sa.Select[*tuple[Any, ...]] | sa.Insert, dialect: Dialect) -> _Form:
    compiled: Any = statement.compile(dialect=dialect)
    columns = list(statement.exported_columns)
    into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()}
    out_of = tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    return _Form(
        sql=str(compiled),
        names=tuple(compiled.positiontup or into),
        positional=compiled.positiontup is not None,
        defaults=dict(compiled.params),
        into=into,
        out_of=out_of,
        row=_row_of([str(column.key) for column in columns]),
    )


def _arguments(form: _Form, values: Mapping[str, Any]) -> Any:
    converted = {}
    for name in form.names:
        value = values[name] if name in values else form.defaults[name]
        convert = form.into[name]
        converted[name] = convert(value) if convert else value
    return tuple(converted[name] for name in form.names) if form.positional else converted


def _row_of(names: list[str]) -> Callable[..., Any] | None:
    made: Any = namedtuple("Row", names) if names else None
    return made._make if made else None


def _row(form: _Form, values: Sequence[Any]) -> Any:
    assert form.row is not None  # noqa: S101 - only asked for statements that return columns
    return form.row(convert(value) if convert else value for convert, value in zip(form.out_of, values, strict=True))


def _told(problem: Any, form: _Form, dialect: Dialect) -> BaseException:
    return sa.exc.DBAPIError.instance(form.sql, None, problem, dialect.loaded_dbapi.Error, dialect=dialect)  # type: ignore[no-any-return]

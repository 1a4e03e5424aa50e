"""The column types that keep time in UTC, words in their closed lists, and identities as large integers."""

from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: SQLite only numbers rows by itself in an INTEGER key, which is 64 bits wide there.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: A list or mapping of plain values. Nothing is looked up inside of it.
Json = sa.JSON(none_as_null=True)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, on both databases. Refuses a naive datetime, because SQLite would silently keep it as it is."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment in UTC, as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be kept: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment with its zone, which SQLite drops."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(of: type[StrEnum], name: str) -> sa.Enum:
    """A column of one word of a closed list, kept as its slug; the CHECK called `name` holds both databases to it."""
    return sa.Enum(
        of,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda words: [member.value for member in words],
        name=name,
    )

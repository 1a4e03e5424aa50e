"""Prepared statements: the short way to the cursor converts, names and fails as the long one does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from engage.db import add_row, add_rows
from engage.installation import Installation
from engage.models import Authority, Poster, Site
from engage.prepared import Prepared
from tests import make

LIKE = Prepared(
    sa.select(col(Authority.slug), sa.literal(7).label("seven"))
    .where(col(Authority.slug) == sa.bindparam("slug"), col(Authority.name) != sa.bindparam("slug"))
    .order_by(col(Authority.slug))
)


def test_a_parameter_may_stand_twice_and_a_literal_among_the_columns(installation: Installation) -> None:
    with installation.database.transaction() as session:
        add_rows(session, Authority, [{"slug": slug, "name": f"{slug} authority"} for slug in ("a", "b", "100%")])
        (row,) = LIKE.rows(session, slug="100%")
        assert (row.slug, row.seven) == ("100%", 7)
        assert LIKE.rows(session, slug="c") == []


def test_it_reads_what_the_long_way_reads(installation: Installation, port: make.Port) -> None:
    statement = sa.select(col(Poster.code), col(Poster.retired_at), col(Site.names), col(Site.kind)).join(
        Site, sa.true()
    )
    with installation.database.reading() as session:
        long_way = [tuple(row) for row in session.connection().execute(statement)]
        assert sorted(map(str, Prepared(statement).rows(session))) == sorted(
            f"Row(code={code!r}, retired_at={at!r}, names={names!r}, kind={kind!r})"
            for code, at, names, kind in long_way
        )


def test_a_doubled_key_is_an_integrity_error_that_tells_no_values(installation: Installation) -> None:
    with pytest.raises(IntegrityError) as failure, installation.database.transaction() as session:
        add_row(session, Authority, slug="same", name="first-secret")
        add_row(session, Authority, slug="same", name="second-secret")
    assert "[parameters:" not in str(failure.value)
    assert "secret" not in str(failure.value)

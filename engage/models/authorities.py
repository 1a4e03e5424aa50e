"""Who is responsible: authorities, their units, the queues where cases wait, and the rules that choose a queue."""

from datetime import datetime, time

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import Category, Responder, Severity


class Authority(SQLModel, table=True):
    """A body with duties of its own, such as a port police or a customs service. It sees its own cases only.

    `duty_mailbox` is where its duty manager hears of alarms that went all the way up. With `two_persons_for_contacts`
    a colleague must consent before an officer sees a reporter's phone number. What is retired is in use no more;
    nothing is deleted that a report refers to.
    """

    __tablename__ = "authorities"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    slug: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    duty_mailbox: str | None = Field(default=None, max_length=254)
    two_persons_for_contacts: bool | None = Field(default=None)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Unit(SQLModel, table=True):
    """A part of an authority that works one or more queues; `mailbox` receives its notifications."""

    __tablename__ = "units"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    authority_id: int = Field(foreign_key="authorities.id", sa_type=BigId)
    slug: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    responder: Responder = Field(sa_type=word(Responder, "units_responder_word"))
    mailbox: str | None = Field(default=None, max_length=254)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Queue(SQLModel, table=True):
    """Where cases wait for one unit. The cases of a `sealed` queue are seen by members of its unit only."""

    __tablename__ = "queues"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    unit_id: int = Field(foreign_key="units.id", sa_type=BigId)
    authority_id: int = Field(foreign_key="authorities.id", sa_type=BigId, index=True)
    slug: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    sealed: bool = Field(default=False)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DutyRule(SQLModel, table=True):
    """One row of the routing table: empty cells match anything, the first matching row by `position` decides.

    `severity` matches that severity or a more urgent one. `from_time` to `to_time` is the site's local time and may
    pass midnight. A rule in the `shadow` decides nothing: it is judged beside the others, instead of the one it
    `replaces_id`, and what it would do differently is noted.
    """

    __tablename__ = "duty_rules"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    position: int = Field(unique=True)
    slug: str = Field(unique=True, max_length=64)
    site_id: int | None = Field(default=None, foreign_key="sites.id", sa_type=BigId)
    zone_id: int | None = Field(default=None, foreign_key="zones.id", sa_type=BigId)
    responder: Responder | None = Field(default=None, sa_type=word(Responder, "duty_rules_responder_word"))
    category: Category | None = Field(default=None, sa_type=word(Category, "duty_rules_category_word"))
    severity: Severity | None = Field(default=None, sa_type=word(Severity, "duty_rules_severity_word"))
    from_time: time | None = Field(default=None, sa_type=sa.Time)
    to_time: time | None = Field(default=None, sa_type=sa.Time)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    shadow: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    replaces_id: int | None = Field(default=None, foreign_key="duty_rules.id", sa_type=BigId)

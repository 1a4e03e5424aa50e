"""How far an administrator reaches: what all authorities share, and what is their own; a sealed unit guards itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from engage.accounts import Officer
from engage.administration.refusals import Missing, Refused
from engage.models import Authority, Queue, Unit
from engage.sites.values import Entry


def _(sentence: str) -> str:
    return sentence


ONLY_ITS_OWN = _("This unit has a sealed queue. Only an administrator who works in it changes who does.")


NOT_THEIR_FALLBACK = _(
    "The fallback queue goes from one of your own queues to another of them; others decide on theirs."
)


@dataclass(frozen=True, slots=True)
class Around:
    """Whose everything is, by slugs; and the sealed units that an administrator is not of."""

    own: str
    authority_of_unit: dict[str, str]
    unit_of_queue: dict[str, str]
    closed: frozenset[str]

    def authority_of_queue(self, slug: str | None) -> str | None:
        """The authority that works a queue."""
        return self.authority_of_unit.get(self.unit_of_queue.get(slug or "", ""))

    def owner(self, kind: str, part: Any) -> str | None:
        """The authority whose administrators alone may see a thing; None for what all share."""
        match kind:
            case "authorities":
                return None
            case "units" | "staff" | "replies":
                return str(part.authority) if part.authority else None
            case "queues":
                return self.authority_of_unit.get(part.unit)
            case "targets" | "shifts":
                return self.authority_of_queue(part.queue)
        return None

    def sees(self, kind: str, part: Entry) -> bool:
        """Whether a thing is there for the administrator."""
        return self.owner(kind, part) in (None, self.own)


def look_around(session: Session, officer: Officer) -> Around:
    """Where an administrator stands."""
    units = session.exec(
        select(Unit.id, Unit.slug, Authority.slug).join(Authority, col(Authority.id) == Unit.authority_id)
    ).all()
    by_id = {unit_id: slug for unit_id, slug, _authority in units}
    queues = session.exec(select(Queue.slug, Queue.unit_id, Queue.sealed)).all()
    return Around(
        own=session.get_one(Authority, officer.authority_id).slug,
        authority_of_unit={slug: authority for _id, slug, authority in units},
        unit_of_queue={slug: by_id[unit_id] for slug, unit_id, _sealed in queues},
        closed=frozenset(
            by_id[unit_id] for _s, unit_id, sealed in queues if sealed and unit_id not in officer.unit_ids
        ),
    )


def check(around: Around, kind: str, before: Any, after: Any) -> None:
    """Refuse what is not this administrator's to change; what is another authority's is not there at all."""
    for part in (before, after):
        if part is not None and not around.sees(kind, part):
            raise Missing
    if kind == "authorities" and before is not None and before.slug != around.own:
        raise Refused(_("Only its own administrators change an authority."))
    if kind == "sites" and after is not None and (before is None or before.fallback_queue != after.fallback_queue):
        queues = [after.fallback_queue, *([before.fallback_queue] if before is not None else [])]
        if any(around.authority_of_queue(queue) not in (None, around.own) for queue in queues):
            raise Refused(NOT_THEIR_FALLBACK)
    _check_sealed(around, kind, before, after)


def _check_sealed(around: Around, kind: str, before: Any, after: Any) -> None:
    """Whoever could put themselves into a sealed unit, or open its queue, would read what it keeps from them."""
    some = [part for part in (before, after) if part is not None]
    if kind == "queues":
        touched = {part.unit for part in some if part.sealed} | ({before.unit} if before and before.sealed else set())
    elif kind == "units":
        touched = {part.slug for part in some}
    elif kind == "staff":
        touched = set().union(*(set(part.units) for part in some))
        if before is not None and after is not None and before.role == after.role and before.mailbox == after.mailbox:
            touched = set(before.units) ^ set(after.units)
    else:
        return
    if touched & around.closed:
        raise Refused(ONLY_ITS_OWN)

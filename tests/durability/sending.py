"""The story of texts on their way out: the provider fails, workers are killed, and the provider's list is compared."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import col

from engage import outbox
from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.models import Outgoing
from engage.models.outgoing import UNSENT
from engage.taxonomy import Carrier, OutgoingStatus, Severity
from tests.durability.server import Server
from tests.durability.workers import Workers
from tests.fakes.twilio import FakeTwilio

#: When the provider reports, in turn. "early" is before the answer to the call that sent the text. Of what it tells
#: nothing, a worker must ask after a kill; most texts go out then.
REPORTS = ("late", "early", "never")
#: What goes wrong, each at so many calls that one in five fails.
KINDS = ("500", "500_sent", "hang", "hang_sent", "reset", "reset_sent", "429")
FAILING = 0.2
TEXTS_EACH = 5
LONGEST_WAIT_FOR_A_KILL = 10.0
LONGEST_MOMENT = 0.06
#: Of one recipient only one text is under way, and a killed worker's row waits for the end of its lease.
END_SECONDS = 150.0
#: So long after the last text the provider may still be reporting.
REPORT_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """What came of it. Lost and doubled are recipients and bodies, to look for."""

    texts: int = 0
    kills: int = 0
    under_way: int = 0
    tries: int = 0
    seconds: float = 0.0
    lost: list[tuple[str, str]] = field(default_factory=list)
    doubled: list[tuple[str, str]] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)


def happen(
    settings: Settings,
    twilio: FakeTwilio,
    *,
    texts: int,
    kills: int,
    workers: int,
    impatient: bool = True,
    tell: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Send texts through a failing provider with workers that are killed so many times; then compare its list.

    `settings` have the provider, and the public address of a server that this starts.
    """
    began = time.monotonic()
    opened = open_installation(settings)
    server = Server(settings, int(settings.public_url.rpartition(":")[2]))
    _let_fail(twilio)
    try:
        server.start()
        server.wait_until_ready()
        with Workers(settings, workers, impatient=impatient) as running:
            wanted, under_way = _send_and_kill(opened, twilio, running, texts, kills, tell)
            _wait(
                lambda: not _count(opened, sa.text(UNSENT)),
                END_SECONDS * (1 if impatient else 10) * max(1, texts // 800),
            )
            _wait(lambda: not _states(opened)["sent"], REPORT_SECONDS)
        outcome = compare(wanted, twilio)
        outcome.kills, outcome.under_way, outcome.states = running.killed, under_way, _states(opened)
        outcome.tries = _tries(opened)
    finally:
        server.stop()
        opened.database.dispose()
    outcome.seconds = time.monotonic() - began
    return outcome


def compare(wanted: Counter[tuple[str, str]], twilio: FakeTwilio) -> Outcome:
    """What was to be sent against what the provider has."""
    has = Counter((text["to"], text["body"]) for text in twilio.accepted)
    outcome = Outcome(texts=wanted.total())
    outcome.lost = list((wanted - has).elements())
    outcome.doubled = list((has - wanted).elements())
    return outcome


def _let_fail(twilio: FakeTwilio) -> None:
    each = 1 - (1 - FAILING) ** (1 / len(KINDS))
    faults = [{"kind": kind, "probability": each, "retry_after": "1"} for kind in KINDS]
    faults += [{"kind": kind, "probability": each, "on": "list"} for kind in ("500", "reset")]
    twilio.plan(faults=faults, seed=random.randrange(1_000_000), reports=_reports(REPORTS[0]))


def _reports(when: str) -> dict[str, object]:
    """The provider reports twice, in any order."""
    return {"when": when, "times": 2, "shuffled": True}


def _send_and_kill(
    opened: Installation,
    twilio: FakeTwilio,
    running: Workers,
    texts: int,
    kills: int,
    tell: Callable[[int], None],
) -> tuple[Counter[tuple[str, str]], int]:
    """Write a few texts, wait until one is under way, kill a worker; again and again."""
    chance = random.Random()
    wanted: Counter[tuple[str, str]] = Counter()
    under_way = 0
    for number in range(kills):
        if number * len(REPORTS) % kills < len(REPORTS):
            twilio.plan(reports=_reports(REPORTS[number * len(REPORTS) // kills]))
        for at in range(texts * number // kills, texts * (number + 1) // kills):
            wanted[_put(opened, at, max(1, texts // TEXTS_EACH))] += 1
        _wait(lambda: _count(opened, _IN_HAND) > 0, LONGEST_WAIT_FOR_A_KILL, moment=0.001)
        time.sleep(chance.uniform(0, LONGEST_MOMENT))
        running.kill_one(chance)
        under_way += _count(opened, _IN_HAND)
        tell(number + 1)
    return wanted, under_way


_IN_HAND = sa.and_(
    col(Outgoing.status) == OutgoingStatus.SENDING,
    col(Outgoing.leased_until)
    > sa.bindparam("now", callable_=lambda: datetime.now(UTC), type_=Outgoing.__table__.c.due_at.type),  # type: ignore[attr-defined]
)


def _put(opened: Installation, number: int, recipients: int) -> tuple[str, str]:
    """A text to one of the recipients; each tenth says again what its recipient was told before."""
    to, round_number = f"+4477009{number % recipients:05d}", number // recipients
    again = number % 10 == 0 and round_number % 2 == 1
    body = f"Your report {to[-5:]}-{round_number - again} has arrived. Thank you.\nشكرا 谢谢 🙏"
    carrier = Carrier.WHATSAPP if number % 4 == 0 else Carrier.SMS
    sealed = opened.vault.seal(outbox.ADDRESS, to.encode())
    recipient = outbox.Recipient(carrier, sealed, f"{carrier} {to}")
    severity = random.choice(list(Severity))
    with opened.database.transaction() as session:
        outbox.put_sealed(session, recipient, body=body, segments=2, severity=severity, now=datetime.now(UTC))
    return f"{'whatsapp:' if carrier is Carrier.WHATSAPP else ''}{to}", body


def _wait(is_so: Callable[[], bool], seconds: float, moment: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(moment)


def _count(opened: Installation, which: sa.ColumnElement[bool] | sa.TextClause) -> int:
    with opened.database.reading() as session:
        query = sa.select(sa.func.count()).select_from(Outgoing).where(which)
        return int(session.connection().execute(query).scalar_one())


def _states(opened: Installation) -> Counter[str]:
    with opened.database.reading() as session:
        query = sa.select(col(Outgoing.status), sa.func.count()).group_by(col(Outgoing.status))
        return Counter({str(status): count for status, count in session.connection().execute(query)})


def _tries(opened: Installation) -> int:
    with opened.database.reading() as session:
        return int(session.connection().execute(sa.select(sa.func.sum(Outgoing.attempts))).scalar_one())

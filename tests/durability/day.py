"""The story of a day: people write in eight languages, over real webhooks to a real server, and a real worker answers.

What must come of each conversation is known beforehand: the same texts are heard once in a house of their own, one
after the other, with no network and nobody in a hurry.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col

from engage import incoming
from engage.config import Settings
from engage.gateways.twilio import IncomingText
from engage.installation import Installation, open_installation
from engage.models import Attachment, Case, Message, Outgoing, Queue, Report
from engage.models.outgoing import UNSENT
from engage.taxonomy import AttachmentStatus, Carrier, Direction
from tests import make
from tests.durability.server import ROOT, Server, environment_of
from tests.fakes.twilio import FakeTwilio

AT_ONCE = 6
#: One text in so many comes with a picture, and of one conversation in so many the provider does not tell us.
PICTURED, UNTOLD = 5, 20
FAULTS = ("500", "500_sent", "reset", "429")
FAILING = 0.01
END_SECONDS = 120.0
STOP_SECONDS = 20
SMOKE, WORSE, THANKS = range(3)
SAID: dict[str, tuple[str, str, str]] = {
    "en": ("There is smoke coming out of a bin", "It is getting worse, people are coughing", "Thank you very much"),
    "es": ("Hay humo saliendo de una papelera", "Cada vez hay más humo y la gente tose mucho", "Muchas gracias"),
    "fr": ("Il y a de la fumée qui sort d'une poubelle", "Ça empire, les gens toussent", "Merci beaucoup"),
    "ar": ("هناك دخان يخرج من سلة المهملات", "الوضع يزداد سوءا والناس يسعلون", "شكرا جزيلا"),
    "zh": ("垃圾桶里冒烟了，有烧塑料的味道", "越来越严重了，大家都在咳嗽", "非常感谢"),
    "ru": ("Из мусорного бака идёт дым", "Становится хуже, люди кашляют", "Большое спасибо"),
    "pt": ("Há fumo a sair de um caixote do lixo", "Está a piorar, as pessoas estão a tossir", "Muito obrigado"),
    "fil": ("May usok na lumalabas sa basurahan", "Lumalala na, umuubo na ang mga tao", "Maraming salamat po"),
}


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: who writes, what, with which pictures, and whether the provider tells us."""

    sender: str
    texts: tuple[str, ...]
    pictures: int = 0
    told: bool = True

    @property
    def carrier(self) -> Carrier:
        """By its sender's number."""
        return Carrier.WHATSAPP if self.sender.startswith("whatsapp:") else Carrier.SMS


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    conversations: int = 0
    texts: int = 0
    reports: int = 0
    answers: int = 0
    unanswered: int = 0
    seconds: float = 0.0
    refused: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    queueless: int = 0
    unfetched: int = 0
    #: Senders with more or fewer reports or answers than there must be: wanted, found.
    amiss: dict[str, tuple[int, int]] = field(default_factory=dict)


def happen(
    settings: Settings, twilio: FakeTwilio, conversations: int, tell: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Let so many conversations happen, wait until all is quiet, and compare. `settings` have the provider."""
    began = time.monotonic()
    codes = make.with_port(settings).codes
    talks = [_talk(number, codes) for number in range(conversations)]
    wanted = _as_it_should_be(settings, talks)
    each = 1 - (1 - FAILING) ** (1 / len(FAULTS))
    twilio.plan(faults=[{"kind": kind, "probability": each, "retry_after": "1"} for kind in FAULTS])
    opened = open_installation(settings)
    try:
        with _running(settings) as server:
            refused = _write(twilio, server, talks, tell)
            _once(settings, END_SECONDS * max(1, conversations // 200))
            _wait(lambda: not _waiting(opened), END_SECONDS)
        outcome = _compare(opened, twilio, talks, wanted)
        outcome.refused = refused
    finally:
        opened.database.dispose()
    outcome.seconds = time.monotonic() - began
    return outcome


def _talk(number: int, codes: dict[str, str]) -> Talk:
    """One conversation, its texts marked with its number so that each can be found again."""
    said = list(SAID.values())[number % len(SAID)]
    kinds: tuple[tuple[str, ...], ...] = (
        (f"{codes['gate']} {said[SMOKE]}", said[WORSE], said[THANKS]),
        (codes["berth"], said[SMOKE], said[THANKS]),
        (said[SMOKE], codes["berth"], "STOP", said[WORSE], "START"),
        ("HELP", said[SMOKE], codes["gate"], said[WORSE]),
    )
    carrier = "whatsapp:" if number % 3 == 0 else ""
    sender = f"{carrier}+4477{number:08d}"
    if number % UNTOLD == UNTOLD - 1:
        return Talk(sender, (f"{codes['gate']} {said[SMOKE]}",), told=False)
    return Talk(sender, kinds[number // len(SAID) % len(kinds)], pictures=int(number % PICTURED == 0))


# ── how it should be ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many answers and reports a conversation brings."""

    answers: int
    reports: int


def _as_it_should_be(settings: Settings, talks: list[Talk]) -> dict[Talk, Wanted]:
    """What comes of each conversation where nothing disturbs it; of several that are alike, one is heard."""
    known: dict[tuple[object, ...], Wanted] = {}
    with tempfile.TemporaryDirectory(prefix="engage-day-") as folder:
        quiet = settings.model_copy(update={"data_dir": Path(folder), "database_url": ""})
        make.migrated(quiet)
        make.with_port(quiet)
        opened = open_installation(quiet)
        for talk in talks:
            kind = (talk.carrier, talk.texts, talk.pictures)
            if kind not in known:
                known[kind] = _heard(opened, talk)
        opened.database.dispose()
    return {talk: known[talk.carrier, talk.texts, talk.pictures] for talk in talks}


def _heard(opened: Installation, talk: Talk) -> Wanted:
    ours = make.OUR_NUMBERS[talk.carrier is Carrier.WHATSAPP].removeprefix("whatsapp:")
    replies = []
    for text in talk.texts:
        sid = f"SM{random.getrandbits(128):032x}"
        sender = talk.sender.removeprefix("whatsapp:")
        arrived = IncomingText(sid, talk.carrier, sender, ours, answerable=True, text=text)
        replies.append(incoming.hear(opened, arrived, datetime.now(UTC)))
    return Wanted(sum(bool(reply.said) for reply in replies), len({reply.reference for reply in replies} - {None}))


# ── how it is ────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _running(settings: Settings) -> Iterator[Server]:
    """A server, and a worker beside it."""
    server = Server(settings, int(settings.public_url.rpartition(":")[2]))
    server.start()
    command = [sys.executable, "-m", "engage.cli", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment_of(settings)})
    try:
        server.wait_until_ready()
        yield server
    finally:
        worker.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(STOP_SECONDS)
        worker.kill()
        worker.wait()
        server.stop()


def _write(twilio: FakeTwilio, server: Server, talks: list[Talk], tell: Callable[[int], None]) -> list[int]:
    """Everybody writes; what was answered to the provider but success."""
    webhook = f"http://127.0.0.1:{server.port}/webhooks/twilio/message"
    refused: list[int] = []

    def talk_through(talk: Talk) -> None:
        ours = make.OUR_NUMBERS[talk.carrier is Carrier.WHATSAPP]
        for at, text in enumerate(talk.texts):
            media = [{"content": "a picture", "content_type": "image/jpeg"}] * (talk.pictures if at == 0 else 0)
            told = {"webhook": webhook, "times": 1} if talk.told else {}
            refused.extend(
                answer
                for answer in twilio.incoming(talk.sender, ours, text, media=media, **told)["answers"]
                if answer != 200
            )

    with ThreadPoolExecutor(AT_ONCE) as people:
        for number, _ in enumerate(people.map(talk_through, talks)):
            tell(number + 1)
    return refused


def _once(settings: Settings, seconds: float) -> None:
    """`engage worker --once`: it sweeps, and helps the other one with what waits."""
    command = [sys.executable, "-m", "engage.cli", "worker", "--once"]
    environment = {**os.environ, **environment_of(settings)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=seconds)


def _waiting(opened: Installation) -> int:
    """How much is still to be sent or fetched."""
    unfetched = sa.select(sa.func.count()).where(col(Attachment.status) == AttachmentStatus.WAITING)
    unsent = sa.select(sa.func.count()).select_from(Outgoing).where(sa.text(UNSENT))
    with opened.database.reading() as session:
        return sum(int(session.connection().execute(query).scalar_one()) for query in (unsent, unfetched))


def _wait(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.2)


def _compare(opened: Installation, twilio: FakeTwilio, talks: list[Talk], wanted: dict[Talk, Wanted]) -> Outcome:
    answers = Counter(text["to"] for text in twilio.accepted)
    reports = make.rows(opened, Report)
    heard = Counter(row.text for row in reports)
    heard += Counter(row.text for row in make.rows(opened, Message) if row.direction is Direction.FROM_REPORTER)
    written = Counter(text for talk in talks for text in talk.texts)
    fetched = [row.status is AttachmentStatus.STORED for row in make.rows(opened, Attachment)]
    outcome = Outcome(len(talks), written.total(), len(reports), answers.total())
    outcome.unanswered = written.total() - sum(wanted[talk].answers for talk in talks)
    outcome.lost, outcome.doubled = list((written - heard).elements()), list((heard - written).elements())
    outcome.queueless = len(reports) - _in_queues(opened)
    outcome.unfetched = sum(talk.pictures for talk in talks) - sum(fetched)
    outcome.amiss = {
        talk.sender: (wanted[talk].answers, answers[talk.sender])
        for talk in talks
        if answers[talk.sender] != wanted[talk].answers
    }
    if len(reports) != sum(wanted[talk].reports for talk in talks):
        outcome.amiss["reports"] = (sum(wanted[talk].reports for talk in talks), len(reports))
    return outcome


def _in_queues(opened: Installation) -> int:
    """How many reports are in a case that is in a queue."""
    query = (
        sa.select(sa.func.count())
        .select_from(Report)
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
    )
    with opened.database.reading() as session:
        return int(session.connection().execute(query).scalar_one())

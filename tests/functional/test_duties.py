"""What the worker does beside sending: it finds texts that nobody told us of, and fetches what came with them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from engage import attachments, duties, incoming, outbox
from engage.attachments import MOST_ATTEMPTS
from engage.cli import main
from engage.config import Settings
from engage.fetching import fetch_next
from engage.gateways import GatewayDown, Undeliverable
from engage.gateways.twilio import Fetched, IncomingText, TwilioGateway
from engage.installation import Installation
from engage.models import Arrival, Attachment, Message, Outgoing, Report
from engage.postroom import text_provider
from engage.readiness import State
from engage.taxonomy import AttachmentStatus, Carrier, Direction, OutgoingStatus, Severity
from engage.text_health import TOO_LONG, examine_texts
from tests import make
from tests.bad_files import MARK, exif, written
from tests.fakes.twilio import FakeTwilio
from tests.servers import Servers

THEIRS = "+447700900123"
OURS = make.OUR_NUMBERS[0]


@pytest.fixture(scope="module")
def process() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def twilio(process: FakeTwilio) -> FakeTwilio:
    """The fake, with nothing in it."""
    process.tell(reset=True)
    return process


@pytest.fixture
def settings(settings: Settings, twilio: FakeTwilio) -> Settings:
    """The usual settings, with a provider."""
    return make.with_provider(settings, twilio)


def clock() -> datetime:
    return datetime.now(UTC)


def sweep(installation: Installation) -> int:
    provider = text_provider(installation)
    assert provider
    return incoming.sweep(installation, provider, clock)


def words(installation: Installation) -> list[str]:
    """All that reporters said, in the order in which it was heard."""
    later = [row for row in make.rows(installation, Message) if row.direction is Direction.FROM_REPORTER]
    return [row.text for row in make.rows(installation, Report)] + [row.text for row in later]


# ── the sweep ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("port")
def test_what_the_provider_could_not_tell_is_found_once(installation: Installation, twilio: FakeTwilio) -> None:
    for body in ("smoke behind gate B12", "it gets worse", "people are coughing"):
        twilio.incoming(THEIRS, OURS, body)
    assert sweep(installation) == 3
    assert words(installation) == ["smoke behind gate B12", "it gets worse", "people are coughing"]
    assert sweep(installation) == 0
    assert len(make.rows(installation, Arrival)) == 3


@pytest.mark.usefixtures("port")
def test_what_was_heard_is_not_asked_about_again(installation: Installation, twilio: FakeTwilio) -> None:
    twilio.incoming(THEIRS, OURS, make.GUN, media=[{"content": "a picture"}])
    assert sweep(installation) == 1
    before = len(twilio.seen()["calls"])
    assert sweep(installation) == 0
    asked = twilio.seen()["calls"][before:]
    assert [call["path"] for call in asked if "Media" in call["path"]] == []


class BreaksOff(TwilioGateway):
    """A provider whose list ends in the middle."""

    def list_incoming(self, since: datetime, is_known: Callable[[str], bool] = bool) -> Iterator[IncomingText]:
        yield from islice(super().list_incoming(since, is_known), 2)
        raise GatewayDown("the list broke off")


@pytest.mark.usefixtures("port")
def test_a_list_that_breaks_off_gives_what_it_gave(installation: Installation, twilio: FakeTwilio) -> None:
    for number in range(5):
        twilio.incoming(f"+44770090012{number}", OURS, f"{make.GUN}, number {number}")
    broken = BreaksOff(installation.settings)
    assert [incoming.sweep(installation, broken, clock) for _ in range(3)] == [2, 2, 1]


@pytest.mark.usefixtures("port")
def test_a_provider_that_is_away_is_asked_again(installation: Installation, twilio: FakeTwilio) -> None:
    twilio.incoming(THEIRS, OURS, make.LOST_HAT)
    twilio.plan(faults=[{"kind": "500", "on": "list", "times": 1}])
    assert [sweep(installation), sweep(installation)] == [0, 1]


@pytest.mark.usefixtures("twilio")
def test_where_nothing_can_be_heard_yet_it_is_found_later(installation: Installation, twilio: FakeTwilio) -> None:
    twilio.incoming(THEIRS, OURS, make.GUN)
    assert sweep(installation) == 0  # there is no site
    with installation.database.transaction() as session:
        make.port(session)
    assert sweep(installation) == 1


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize("where", ["file", "redis"])
def test_the_duties_begin_with_a_sweep(
    installation: Installation, twilio: FakeTwilio, servers: Servers, where: str
) -> None:
    if where == "redis":
        settings = installation.settings.model_copy(update={"redis_url": servers.redis_url})
        installation = replace(installation, settings=settings)
    twilio.incoming(THEIRS, OURS, make.GUN)
    with duties.running(installation, text_provider(installation)):
        end = time.monotonic() + 20
        while not make.rows(installation, Report):
            assert time.monotonic() < end
            time.sleep(0.05)
    assert (installation.settings.data_dir / duties.QUEUE_FILE).exists() == (where == "file")


def test_without_a_provider_there_are_no_duties(installation: Installation, tmp_path: Path) -> None:
    with duties.running(installation, None):
        pass
    assert not (tmp_path / duties.QUEUE_FILE).exists()


@pytest.mark.usefixtures("port")
def test_the_worker_does_all_of_it_once(installation: Installation, twilio: FakeTwilio) -> None:
    twilio.incoming(THEIRS, OURS, make.GUN, media=[{"content": "a picture"}])
    done = CliRunner().invoke(main, ("worker", "--once"), env=make.environment(installation.settings))
    assert "1 files. 1 texts found at the provider." in done.output, done.output
    assert {text["to"] for text in twilio.accepted} == {THEIRS}
    (file,) = make.rows(installation, Attachment)
    assert (file.status, file.size) == (AttachmentStatus.STORED, len("a picture"))


@pytest.mark.usefixtures("port")
def test_the_worker_ends_soon_in_the_middle_of_a_file_and_a_sweep(
    installation: Installation, twilio: FakeTwilio
) -> None:
    slow = [{"kind": "hang", "on": "list", "seconds": 8.0}, {"kind": "hang", "on": "media", "seconds": 8.0}]
    twilio.incoming(THEIRS, OURS, make.GUN, media=[{"content": "a picture"}])
    assert sweep(installation) == 1
    twilio.plan(faults=slow)
    before = len(twilio.seen()["calls"])
    environment = {**os.environ, **make.environment(installation.settings)}
    worker = subprocess.Popen([sys.executable, "-m", "engage.cli", "worker"], env=environment)
    try:
        end = time.monotonic() + 60
        while {"Messages.json", "Media"} - asked_for(twilio, before):
            assert time.monotonic() < end
            time.sleep(0.1)
        worker.terminate()
        assert worker.wait(7) == 0
    finally:
        worker.kill()
        worker.wait()


def asked_for(twilio: FakeTwilio, before: int) -> set[str]:
    """What was read from the provider since so many calls: its list, or the content of a file."""
    paths = [call["path"].partition("?")[0] for call in twilio.seen()["calls"][before:] if call["method"] == "GET"]
    return {"Media" if "/Media/" in path else path.rpartition("/")[2] for path in paths}


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def file(installation: Installation, port: make.Port, now: datetime) -> int:
    """One file that is to be fetched."""
    make.report(installation)
    with installation.database.transaction() as session:
        attachments.expect(session, 1, None, [("https://api.twilio.com/a-file", "image/jpeg")], now)
    return 1


def fetched(installation: Installation, answer: Fetched | Exception, now: datetime) -> Attachment:
    """The row after one attempt that was answered so."""

    def fetch(_source: str) -> Fetched:
        with installation.database.transaction():  # nobody waits for the network with a transaction open
            pass
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert fetch_next(installation.database, installation.vault, fetch, lambda: now)
    (only,) = make.rows(installation, Attachment)
    assert isinstance(only, Attachment)
    return only


def test_a_picture_is_kept_as_it_was_drawn_anew(installation: Installation, file: int, now: datetime) -> None:
    row = fetched(installation, Fetched(written(1, exif=exif()), "image/png"), now)
    assert (row.status, row.content_type, row.sealed_content) == (AttachmentStatus.STORED, "image/jpeg", None)
    with installation.database.reading() as session:
        content, kind = attachments.opened(session, installation.vault, 1, file) or (b"", "")
    assert (content[:3], kind, MARK.encode() in content) == (b"\xff\xd8\xff", "image/jpeg", False)


def test_a_voice_is_kept_sealed_as_it_came(installation: Installation, file: int, now: datetime) -> None:
    row = fetched(installation, Fetched(b"a voice", "audio/ogg"), now)
    assert (row.status, row.content_type) == (AttachmentStatus.STORED, "audio/ogg")
    assert b"a voice" not in (row.sealed_content or b"")
    with installation.database.reading() as session:
        assert attachments.opened(session, installation.vault, 1, file) == (b"a voice", "audio/ogg")


def test_a_picture_that_cannot_be_read_is_shown_to_nobody(installation: Installation, file: int, now: datetime) -> None:
    row = fetched(installation, Fetched(b"no picture", "image/png"), now)
    assert (row.status, row.problem) == (AttachmentStatus.STORED, "It is no JPEG, PNG, WebP or HEIC picture.")
    with installation.database.reading() as session:
        assert attachments.opened(session, installation.vault, 1, file) is None
        assert attachments.original(session, installation.vault, 1, file) == (b"no picture", "application/octet-stream")


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("failure", [GatewayDown("away"), RuntimeError("a fault of ours")])
def test_a_file_is_tried_again_but_not_for_ever(installation: Installation, now: datetime, failure: Exception) -> None:
    for attempt in range(1, MOST_ATTEMPTS):
        row = fetched(installation, failure, now)
        assert (row.status, row.attempts) == (AttachmentStatus.WAITING, attempt)
        now = row.due_at
    assert fetched(installation, failure, now).status is AttachmentStatus.FAILED
    assert not fetch_next(installation.database, installation.vault, lambda _: Fetched(b"", ""), lambda: now)


@pytest.mark.usefixtures("file")
def test_a_file_that_can_never_be_had_is_not_asked_for_again(installation: Installation, now: datetime) -> None:
    assert fetched(installation, Undeliverable("too large"), now).status is AttachmentStatus.FAILED


# ── the doctor ───────────────────────────────────────────────────────────────────────────────────────────────────────


def put(installation: Installation, now: datetime, segments: int = 1) -> int:
    sealed = installation.vault.seal(outbox.ADDRESS, THEIRS.encode())
    recipient = outbox.Recipient(Carrier.SMS, sealed, "lane", OURS)
    with installation.database.transaction() as session:
        return outbox.put_sealed(
            session, recipient, body="Thank you.", segments=segments, severity=Severity.LOW, now=now
        )


def found(installation: Installation, now: datetime) -> dict[str, State]:
    checks = examine_texts(installation.settings, installation.database, now)
    return {check.name: check.state for check in checks}


def test_the_doctor_finds_texts_sound(installation: Installation, now: datetime) -> None:
    put(installation, now)
    sound = dict.fromkeys(("texts", "texts today", "outbox", "messages"), State.OK)
    assert found(installation, now) == sound


@pytest.mark.parametrize("standing", ["suspended", "closed"])
def test_the_doctor_sees_that_the_account_is_shut(
    installation: Installation, twilio: FakeTwilio, now: datetime, standing: str
) -> None:
    twilio.plan(standing=standing)
    assert found(installation, now)["texts"] is State.FAIL


def test_the_doctor_sees_that_the_token_is_wrong(installation: Installation, twilio: FakeTwilio, now: datetime) -> None:
    settings = installation.settings.model_copy(update={"twilio_auth_token": "another"})
    (texts, *_) = examine_texts(settings, installation.database, now)
    assert (texts.name, texts.state) == ("texts", State.FAIL)
    assert "another" not in texts.found


@pytest.mark.parametrize(("segments", "state"), [(799, State.OK), (800, State.WARN), (1000, State.FAIL)])
def test_the_doctor_sees_the_days_limit_come(
    installation: Installation, now: datetime, segments: int, state: State
) -> None:
    put(installation, now, segments)
    with installation.database.transaction() as session:
        assert outbox.claim(session, installation.vault, now)
    limited = installation.settings.model_copy(update={"twilio_daily_segments": 1000})
    checks = {check.name: check.state for check in examine_texts(limited, installation.database, now)}
    assert checks["texts today"] is state


def test_the_doctor_sees_what_waits_too_long_and_what_was_lost(installation: Installation, now: datetime) -> None:
    put(installation, now)
    assert found(installation, now + TOO_LONG + timedelta(seconds=1))["outbox"] is State.WARN
    with installation.database.transaction() as session:
        parcel = outbox.claim(session, installation.vault, now)
        assert parcel
        outbox.give_up(session, parcel, "nobody there")
    assert found(installation, now)["messages"] is State.WARN


# ── what the provider's ids tell ─────────────────────────────────────────────────────────────────────────────────────


def test_the_outbox_knows_which_texts_are_its_own(installation: Installation, now: datetime) -> None:
    put(installation, now)
    with installation.database.transaction() as session:
        parcel = outbox.claim(session, installation.vault, now)
        assert parcel
        outbox.settle(session, parcel, "SM1")
        assert outbox.known_ids(session, ["SM1", "SM2"]) == {"SM1"}


def test_a_row_of_another_secret_key_stops_nothing(
    installation: Installation, twilio: FakeTwilio, now: datetime
) -> None:
    with installation.database.transaction() as session:
        foreign = outbox.Recipient(Carrier.SMS, b"sealed by somebody else", "other lane", OURS)
        outbox.put_sealed(session, foreign, body="Lost.", segments=1, severity=Severity.CRITICAL, now=now)
    put(installation, now)
    CliRunner().invoke(main, ("worker", "--once"), env=make.environment(installation.settings))
    assert [text["body"] for text in twilio.accepted] == ["Thank you."]
    lost, sent = make.rows(installation, Outgoing)
    assert (lost.status, sent.status) == (OutgoingStatus.NEEDS_HUMAN, OutgoingStatus.ACCEPTED)
    assert "ENGAGE_SECRET_KEY" in (lost.problem or "")

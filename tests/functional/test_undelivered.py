"""What reached nobody: officers are told of it, of their own cases only, until the case ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import create_app
from engage.config import Settings
from engage.db import add_row
from engage.installation import Installation
from engage.models import Outgoing
from engage.taxonomy import Carrier, OutgoingStatus
from tests import make
from tests.functional.staff_browser import Desk, signed_in

LIST = "/desk/undelivered"


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


def lost(installation: Installation, case_id: int, **others: Any) -> None:
    """A message of a case that was not delivered."""
    now = datetime.now(UTC) - timedelta(hours=3)
    values: dict[str, Any] = {
        "case_id": case_id,
        "recipient": "",
        "subject": "",
        "body": "We are coming.",
        "urgency": 0,
        "status": OutgoingStatus.NEEDS_HUMAN,
        "attempts": 1,
        "due_at": now,
        "written_at": now,
        "carrier": Carrier.SMS,
        "segments": 1,
        "problem": "The recipient's number is not in use.",
    }
    empty = dict.fromkeys(column.name for column in Outgoing.__table__.columns if column.name != "id")  # type: ignore[attr-defined]
    with installation.database.transaction() as session:
        add_row(session, Outgoing, **{**empty, **values, **others})


def test_nothing_is_said_while_everything_arrives(ana: Desk, installation: Installation) -> None:
    make.report(installation)
    lost(installation, 1, status=OutgoingStatus.DELIVERED)
    lost(installation, 1, status=OutgoingStatus.QUEUED)
    assert "could not be delivered" not in ana.opens("/desk").text
    assert "has arrived or is on its way" in ana.opens(LIST).text


@pytest.mark.parametrize("status", [OutgoingStatus.NEEDS_HUMAN, OutgoingStatus.FAILED, OutgoingStatus.UNDELIVERED])
def test_a_lost_message_is_counted_and_listed(ana: Desk, installation: Installation, status: OutgoingStatus) -> None:
    reference = make.report(installation).reference
    lost(installation, 1, status=status)
    assert "1 message could not be delivered" in ana.opens("/desk").text
    page = ana.opens(LIST).text
    assert f'href="/desk/cases/{reference}"' in page
    assert "number is not in use" in page
    assert ">3 h<" in page


def test_ending_the_case_takes_it_off_the_list(ana: Desk, installation: Installation) -> None:
    reference = make.report(installation).reference
    lost(installation, 1)
    ana.acts(reference, "close", disposition="advised")
    assert reference not in ana.opens(LIST).text
    assert "could not be delivered" not in ana.opens("/desk").text


def test_an_officer_sees_only_what_they_may(app: Flask, ana: Desk, installation: Installation) -> None:
    own, foreign, sealed = (make.report(installation, text).reference for text in (make.GUN, make.IVORY, make.BRIBE))
    for case_id in (1, 2, 3):
        lost(installation, case_id)
    assert "1 message could not be delivered" in ana.opens("/desk").text
    page = ana.opens(LIST).text
    assert [reference in page for reference in (own, foreign, sealed)] == [True, False, False]
    assert foreign in signed_in(app, "carl").opens(LIST).text
    assert sealed in signed_in(app, "ida").opens(LIST).text


def test_a_long_list_has_pages(ana: Desk, installation: Installation) -> None:
    make.report(installation)
    for _ in range(52):
        lost(installation, 1)
    first = ana.opens(LIST).text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    assert [ana.opens(address).text.count("not in use") for address in (LIST, following[1])] == [50, 2]
    assert "Nothing more" in ana.opens(f"{LIST}?after=1").text
    assert ana.opens(f"{LIST}?after=nonsense").text.count("not in use") == 50


def test_a_used_up_day_is_said_plainly(settings: Settings, installation: Installation, port: make.Port) -> None:
    made = create_app(settings.model_copy(update={"demo": True, "twilio_daily_segments": 3}))
    desk = signed_in(made, "ana")
    make.report(installation)
    sentence = "limit of texts is reached"
    assert sentence not in desk.opens("/desk").text
    lost(installation, 1, segments=3, first_tried_at=datetime.now(UTC))
    assert sentence in desk.opens("/desk").text
    assert sentence in desk.opens(LIST).text
    with installation.database.transaction() as session:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        session.connection().execute(sa.update(Outgoing).values(first_tried_at=yesterday))
    assert sentence not in desk.opens("/desk").text
    made.extensions["engage"].database.dispose()

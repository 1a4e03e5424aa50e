"""Posters on their walls: inspected, warned of and told of once, replaced, and listed for those whose they are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from engage.db import add_row
from engage.installation import Installation
from engage.models import Outgoing, PosterInspection, PosterScan, PosterWarning, Staff
from engage.posters import inspections, listing, owners, replacing, telling, watching
from engage.posters.inspections import Found, InspectionRefused
from engage.posters.listing import Asked
from engage.taxonomy import Condition, PosterTrouble
from tests import make

NOW = make.NOON
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def scanned(session: Session, poster_id: int, days: int, until: datetime, each: int = 3) -> None:
    """So many scans in every hour of some days until a moment."""
    for at in range(1, days * 24 + 1):
        add_row(
            session,
            PosterScan,
            poster_id=poster_id,
            hour=until - at * HOUR,
            scans=each,
            typed=0,
            outdated=0,
            elsewhere=0,
        )


def standing(installation: Installation) -> list[tuple[int, PosterTrouble]]:
    rows = make.rows(installation, PosterWarning)
    return [(row.poster_id, row.kind) for row in rows if row.ended_at is None]


def looks(installation: Installation, now: datetime) -> list[tuple[int, PosterTrouble]]:
    telling.look_and_tell(installation.database, now)
    return standing(installation)


def inspected(
    installation: Installation,
    port: make.Port,
    found: str = "in_place",
    now: datetime = NOW,
    login: str = "ana",
    **more: str,
) -> bool:
    with installation.database.transaction() as session:
        officer = port.officer(session, login)
        note = Found(key=more.get("key", f"{found}-{now}"), condition=found, note=more.get("note", ""))
        return inspections.inspect(session, installation.vault, officer, more.get("code", "b7k4x"), note, now)


def test_a_silent_poster_is_warned_of_and_told_once_until_an_officer_finds_it(
    installation: Installation, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        scanned(session, 1, 28, NOW - DAY)
        scanned(session, 2, 28, NOW)
        session.get_one(Staff, port.staff["sue"]).mailbox = "sue@port.example"
        session.flush()
    assert looks(installation, NOW) == [(1, PosterTrouble.SILENT)]
    assert looks(installation, NOW + HOUR) == [(1, PosterTrouble.SILENT)]
    # It stays silent, and its warning stands for longer than silences are counted; the other is silent by then as well.
    assert (1, PosterTrouble.SILENT) in looks(installation, NOW + 20 * DAY)
    mails = [row for row in make.rows(installation, Outgoing) if row.subject.startswith("Posters")]
    assert [(mail.recipient, mail.body.count("B7K4X")) for mail in mails] == [("sue@port.example", 1)]
    assert "Gate B12 (Hall): No scan since " in mails[0].body
    assert inspected(installation, port, now=NOW + 20 * DAY)
    assert (1, PosterTrouble.SILENT) not in standing(installation)


def test_an_inspection_counts_once_and_what_it_found_is_warned_of_at_once(
    installation: Installation, port: make.Port
) -> None:
    assert inspected(installation, port, "sticker_found", key="a", note="Over the code\0")
    assert not inspected(installation, port, "sticker_found", key="a")
    assert inspected(installation, port, "damaged", key="a", login="ben")
    assert standing(installation) == [(1, PosterTrouble.DAMAGED)]
    with pytest.raises(owners.PosterMissing):
        inspected(installation, port, code="00000")
    for wrong in ({"found": "gone"}, {"key": ""}, {"key": "k" * 65}, {"note": "n" * 501}, {"key": "a\0"}):
        with pytest.raises(InspectionRefused):
            inspected(installation, port, **wrong)  # type: ignore[arg-type]
    first, second = make.rows(installation, PosterInspection)
    assert (first.note, first.made_at, second.found) == ("Over the code␀", NOW, Condition.DAMAGED)
    with pytest.raises(IntegrityError), installation.database.transaction() as session:
        session.add(PosterInspection(**first.model_dump(exclude={"id"})))


def test_a_phone_may_have_kept_it_but_its_clock_is_not_believed_too_far(
    installation: Installation, port: make.Port
) -> None:
    with installation.database.transaction() as session:
        ana = port.officer(session, "ana")
        for at, told in enumerate((NOW - 3 * DAY, NOW + HOUR, NOW - 400 * DAY)):
            kept = Found(key=str(at), condition="missing", made_at=told)
            inspections.inspect(session, installation.vault, ana, "B7K4X", kept, NOW)
    assert [row.made_at for row in make.rows(installation, PosterInspection)] == [NOW - 3 * DAY, NOW, NOW]


def test_what_is_less_urgent_is_told_once_a_day(installation: Installation, port: make.Port) -> None:
    with installation.database.transaction() as session:
        session.get_one(Staff, port.staff["sue"]).mailbox = "sue@port.example"
        session.flush()
    inspected(installation, port, "damaged")
    looks(installation, NOW)
    inspected(installation, port, "missing", code="M2Q9P")
    looks(installation, NOW + HOUR)
    assert len(make.rows(installation, Outgoing)) == 1
    looks(installation, NOW + DAY)
    assert len(make.rows(installation, Outgoing)) == 2
    inspected(installation, port, "sticker_found", code="M2Q9P", now=NOW + DAY + HOUR)
    looks(installation, NOW + DAY + HOUR)
    assert "sticker" in make.rows(installation, Outgoing)[2].body


def test_what_moves_on_with_time_is_the_same_warning_for_a_week(installation: Installation, port: make.Port) -> None:
    with installation.database.transaction() as session:
        add_row(session, PosterScan, poster_id=1, hour=NOW, scans=500, typed=0, outdated=0, elsewhere=0)
    assert looks(installation, NOW) == [(1, PosterTrouble.IMPOSSIBLE_RHYTHM)]
    assert looks(installation, NOW + 2 * DAY) == []
    with installation.database.transaction() as session:
        add_row(session, PosterScan, poster_id=1, hour=NOW + 3 * DAY, scans=600, typed=0, outdated=0, elsewhere=0)
    assert looks(installation, NOW + 3 * DAY) == [(1, PosterTrouble.IMPOSSIBLE_RHYTHM)]
    assert [row.counted for row in make.rows(installation, PosterWarning)] == [600]


def test_a_replaced_poster_is_retired_once_and_its_reports_say_so(installation: Installation, port: make.Port) -> None:
    inspected(installation, port, "sticker_found")
    with installation.database.transaction() as session:
        sue = port.officer(session, "sue")
        fresh = replacing.replace(session, sue, "b7k4x", NOW)
        with pytest.raises(replacing.AlreadyRetired) as again:
            replacing.replace(session, sue, "B7K4X", NOW)
        assert again.value.successor == fresh
        assert listing.one(session, sue.authority_id, fresh).place.name == "Gate B12"
        assert replacing.predecessor_of(session, listing.one(session, sue.authority_id, fresh).id) == "B7K4X"
    assert standing(installation) == []
    old, new = make.report(installation, code="B7K4X"), make.report(installation, code=fresh)
    assert (old.where.retired, new.where.retired) == (True, False)


def test_the_register_is_narrowed_and_paged(
    installation: Installation, port: make.Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspected(installation, port, "damaged")
    monkeypatch.setattr(listing, "ON_A_PAGE", 1)
    with installation.database.reading() as session:
        police = port.officer(session, "sue").authority_id
        customs = port.officer(session, "carl").authority_id
        first, after = listing.page(session, police, Asked())
        second, end = listing.page(session, police, Asked(), after)
        assert [one.code for one in (*first, *second)] == ["M2Q9P", "B7K4X"]
        assert (second[0].found, second[0].warnings, end) == (Condition.DAMAGED, (PosterTrouble.DAMAGED,), "")
        for asked, codes in (
            (Asked(state="damaged"), ["B7K4X"]),
            (Asked(state="warned"), ["B7K4X"]),
            (Asked(state="never"), ["M2Q9P"]),
            (Asked(state="retired"), [port.codes["old"]]),
            (Asked(words="berth"), ["M2Q9P"]),
            (Asked(words="b7k4x"), ["B7K4X"]),
            (Asked(words="%\0"), []),
            (Asked(site="nowhere\0"), []),
            (Asked(design="general"), []),
        ):
            assert [one.code for one in listing.page(session, police, asked)[0]] == codes, asked
        assert listing.page(session, customs, Asked())[0]
        assert listing.page(session, 999, Asked())[0] == []
        with pytest.raises(owners.PosterMissing):
            listing.one(session, 999, "B7K4X")


def test_looking_again_writes_nothing(installation: Installation, port: make.Port) -> None:
    inspected(installation, port, "damaged")
    assert watching.look(installation.database, NOW) == 3
    before = [row.model_dump() for row in make.rows(installation, PosterWarning)]
    watching.look(installation.database, NOW)
    assert [row.model_dump() for row in make.rows(installation, PosterWarning)] == before

"""Invitations: who may invite whom, and links that open once, for their own row, for three days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from engage import accounts, invitations
from engage.accounts import Officer
from engage.installation import Installation
from engage.invitations import LASTS, InvitationClosed
from engage.inviting import InvitationRefused
from engage.models import AuditEntry, Invitation, Staff, StaffSession
from engage.staffing import StaffRefused
from engage.taxonomy import Role
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

NEW: dict[str, Any] = {"login": "zoe", "name": "Zoë", "authority": "police", "units": ["gates"], "role": Role.OFFICER}
PASSWORD = "tuna violet anchor lamp"


class House:
    """Those who invite, each time in a transaction of its own."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation = installation
        self.port = port

    def officer(self, login: str) -> Officer:
        with self.installation.database.reading() as session:
            return self.port.officer(session, login)

    def invites(self, by: str = "", **others: Any) -> str:
        officer = self.officer(by) if by else None
        with self.installation.database.transaction() as session:
            return invitations.invite(session, self.installation.vault, officer, make.NOON, **{**NEW, **others})

    def again(self, login: str, by: str = "", renews: bool = False, now: datetime = make.NOON) -> str:
        officer = self.officer(by) if by else None
        with self.installation.database.transaction() as session:
            return invitations.invite_again(session, self.installation.vault, officer, now, login, renews)

    def opens(self, link: str, now: datetime = make.NOON) -> bool:
        with self.installation.database.reading() as session:
            try:
                invitations.whom(session, self.installation.vault, link, now)
            except InvitationClosed:
                return False
        return True

    def follows(self, link: str, now: datetime = make.NOON) -> Officer:
        with self.installation.database.transaction() as session:
            return invitations.follow(session, self.installation.vault, link, make.password_hash(), now)

    def changes(self, **values: Any) -> None:
        with self.installation.database.transaction() as session:
            session.connection().execute(sa.update(Invitation).values(**values))


@pytest.fixture
def house(installation: Installation, port: make.Port) -> House:
    with installation.database.transaction() as session:
        session.connection().execute(sa.update(Staff).where(Staff.login == "ben").values(role=Role.ADMINISTRATOR))  # type: ignore[arg-type]
    return House(installation, port)


def test_a_link_opens_once_and_its_owner_is_of_the_staff_from_then_on(house: House) -> None:
    link = house.invites()
    with house.installation.database.reading() as session:
        assert accounts.officer_by_login(session, "zoe") is None
        assert accounts.check_password(session, "zoe", "") is None
    assert house.opens(link)
    assert house.follows(link).login == "zoe"
    assert not house.opens(link)
    with pytest.raises(InvitationClosed):
        house.follows(link)
    with house.installation.database.reading() as session:
        assert accounts.check_password(session, "zoe", make.PASSWORD)
    assert link not in repr(make.rows(house.installation, Invitation))
    acts = [entry.act for entry in make.rows(house.installation, AuditEntry)]
    assert acts[-2:] == ["staff.invited", "staff.invitation_used"]


def test_a_link_opens_for_three_days(house: House) -> None:
    link = house.invites()
    assert house.opens(link, make.NOON + LASTS - timedelta(seconds=1))
    assert not house.opens(link, make.NOON + LASTS)
    assert not house.opens(link, make.NOON - timedelta(days=1))


def test_no_other_link_opens(house: House) -> None:
    link = house.invites()
    other = house.invites(login="yan", name="Yan")
    secret, _, signature = link.partition(".")
    forged = ("", ".", secret, f"{secret}.", f".{signature}", f"{secret}.{signature[:-1]}", link[1:], "\0", "\ud83d")
    mixed = (f"{secret}.{other.partition('.')[2]}", f"{other.partition('.')[0]}.{signature}", "x" * 100_000)
    assert [one for one in (*forged, *mixed) if house.opens(one)] == []
    assert house.opens(f"  {link}\n")


@pytest.mark.parametrize("change", ["expires_at", "staff_id", "renews_second_step"])
def test_a_row_that_somebody_changed_opens_nothing(house: House, change: str) -> None:
    link = house.invites()
    values = {"expires_at": make.NOON + 9 * LASTS, "staff_id": house.port.staff["sue"], "renews_second_step": True}
    house.changes(**{change: values[change]})
    assert not house.opens(link)


def test_only_the_newest_link_of_somebody_opens(house: House) -> None:
    first = house.invites()
    second = house.again("zoe")
    assert (house.opens(first), house.opens(second)) == (False, True)


def test_a_new_password_ends_all_sessions_at_once(house: House) -> None:
    with house.installation.database.transaction() as session:
        accounts.sign_in(session, house.installation.vault, house.officer("ana"), make.NOON)
    link = house.again("ana", by="sue")
    with house.installation.database.reading() as session:
        assert accounts.check_password(session, "ana", make.PASSWORD) is None
    assert all(row.ended_at for row in make.rows(house.installation, StaffSession))
    assert house.follows(link).login == "ana"


#: Who invites whom, and whether they may: the authority, role and units of somebody new.
REACH = (
    ("sue", {}, True),
    ("sue", {"role": Role.SUPERVISOR}, True),
    ("sue", {"role": Role.ADMINISTRATOR}, False),
    ("sue", {"authority": "customs", "units": []}, False),
    ("sue", {"authority": "moon", "units": []}, False),
    ("sue", {"units": ["integrity"]}, False),
    ("sue", {"units": ["border"]}, False),
    ("ben", {"role": Role.ADMINISTRATOR}, True),
    ("ben", {"units": ["integrity"]}, False),
    ("ben", {"authority": "customs", "units": []}, False),
    ("ana", {}, False),
    ("ida", {"units": ["integrity"]}, False),
    ("", {"units": ["integrity"], "role": Role.ADMINISTRATOR}, True),
)


def test_who_may_invite_whom(house: House) -> None:
    for number, (by, others, allowed) in enumerate(REACH):
        try:
            house.invites(by, **{"login": f"zoe{number}", **others})
        except (InvitationRefused, StaffRefused):
            assert not allowed, (by, others)
        else:
            assert allowed, (by, others)
    assert len(make.rows(house.installation, Invitation)) == sum(allowed for *_, allowed in REACH)


def test_another_authority_and_a_sealed_unit_are_as_if_they_were_not(house: House) -> None:
    said = []
    for login in ("carl", "nobody", "ida", "", "\0", "ben", "x" * 10_000):
        with pytest.raises(InvitationRefused) as refused:
            house.again(login, by="sue")
        said.append(str(refused.value))
    assert len(set(said)) == 1
    refusals = []
    for units in (["border"], ["moon"]):
        with pytest.raises(StaffRefused) as unknown:
            house.invites("sue", units=units)
        refusals.append(str(unknown.value).replace(units[0], "…"))
    assert len(set(refusals)) == 1


def test_names_are_of_every_script_and_logins_plain(house: House) -> None:
    for number, name in enumerate(("李小龙", "محمد بن سعيد", "Ольга Ё", "Zoë 🦊", "O'Neil <b>")):
        house.invites("sue", login=f"zoe{number}", name=name)
    assert [row.name for row in make.rows(house.installation, Staff)][-1] == "O'Neil <b>"
    for name in ("", "  ", "\0", "x" * 201):
        with pytest.raises(InvitationRefused):
            house.invites("sue", login="yan", name=name)
    for login in ("", "Ana", "a b", "ünal", "\0", "x" * 65, "-a", "ana"):
        with pytest.raises(StaffRefused):
            house.invites("sue", login=login)


# In the browser.


def sends(desk: Desk, act: str, **typed: Any) -> TestResponse:
    form = Page(desk.opens("/desk/invitations")).forms["again"]
    return desk.client.post(f"/desk/invitations/{act}", data={"csrf_token": form["csrf_token"], **typed})


def link_on(answer: TestResponse) -> str:
    return answer.text.partition("/desk/invitation#")[2].partition("<")[0]


def test_a_supervisor_invites_and_revokes_in_the_browser(app: Flask, house: House) -> None:
    sue = signed_in(app, "sue")
    typed = {"login": "zoe", "name": "Zoë <i>", "authority": "police", "role": "officer", "unit": ["gates", "marine"]}
    refused = sends(sue, "new", **{**typed, "login": "ana"})
    assert (refused.status_code, "login ana already" in refused.text) == (422, True)
    assert 'value="Zoë &lt;i&gt;"' in refused.text
    made = sends(sue, "new", **typed)
    guest = app.test_client()
    form = Page(guest.get("/desk/invitation")).forms["invitation"]
    shown = guest.post("/desk/invitation", data={**form, "code": link_on(made)})
    assert "Welcome, Zoë &lt;i&gt;" in shown.text
    (row,) = make.rows(house.installation, Invitation)
    assert sends(sue, "revoke", invitation=str(row.id)).status_code == 303
    closed = guest.post("/desk/invitation", data={**form, "code": link_on(made)})
    assert (closed.status_code, "does not open" in closed.text) == (404, True)
    assert sends(sue, "revoke", invitation="99").status_code == 303
    assert sends(sue, "nonsense").status_code == 404


def test_following_a_link_sets_a_password_and_signs_in(app: Flask, house: House) -> None:
    link = sent_link(app)
    guest = app.test_client()
    form = {**Page(guest.get("/desk/invitation")).forms["invitation"], "code": link}
    for password, again, said in (
        ("short", "short", "at least 12 characters"),
        ("police-zoe-99", "police-zoe-99", "Leave it out"),
        (PASSWORD, PASSWORD + "x", "not the same"),
        ("x" * 2000, "x" * 2000, "at most 1,024"),
        ("\0" * 20, "\0" * 20, "repeats itself"),
    ):
        answer = guest.post("/desk/invitation", data={**form, "password": password, "again": again})
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert Page(answer).forms["invitation"]["code"] == link
    without = guest.post("/desk/invitation", data={"code": link, "password": PASSWORD, "again": PASSWORD})
    assert without.status_code == 403
    done = guest.post("/desk/invitation", data={**form, "password": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done.headers["Location"]) == (303, "/desk")
    assert "Zoë" in guest.get("/desk").text
    assert Desk(app, "zoe").signs_in(PASSWORD).status_code == 303


def sent_link(app: Flask) -> str:
    typed = {"login": "zoe", "name": "Zoë", "authority": "police", "role": "officer", "unit": "gates"}
    return link_on(sends(signed_in(app, "sue"), "new", **typed))


def test_the_pages_of_inviting_are_for_those_who_invite(app: Flask, house: House) -> None:
    for login, status in (("ana", 404), ("sue", 200), ("ben", 200), ("carl", 404)):
        assert signed_in(app, login).opens("/desk/invitations").status_code == status, login
    ana = signed_in(app, "ana")
    token = Page(ana.opens("/desk")).forms["sign-out"]["csrf_token"]
    assert ana.client.post("/desk/invitations/again", data={"csrf_token": token, "login": "ben"}).status_code == 404
    assert make.rows(house.installation, Invitation) == []
    sue = signed_in(app, "sue")
    assert sue.client.post("/desk/invitations/again", data={"login": "ana"}).status_code == 403

"""My account: sign-ins one sees and ends, the password, the app; and the step-up that asks who one is once more."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from engage import accounts, create_app, second_steps
from engage.accounts import PROOF_LASTS
from engage.config import Settings
from engage.installation import Installation
from engage.models import AuditEntry, Passkey, SecondStep, StaffSession
from engage.web import forms, staff, step_up
from tests import make
from tests.functional.staff_browser import Desk, Page, signed_in

NEW_PASSWORD = "tuna violet anchor lamp"
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

grave = Blueprint("grave", __name__)


@grave.post("/desk/grave")
def do_it() -> ResponseReturnValue:
    if not staff.is_own_form():
        return "old form", 403
    asked = step_up.needed()
    return asked if asked is not None else repr(sorted(forms.sent().items(multi=True)))


@grave.get("/desk/grave")
def show_it() -> ResponseReturnValue:
    asked = step_up.needed()
    return asked if asked is not None else "shown"


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a door that does something grave."""
    app.register_blueprint(grave)
    return app


@pytest.fixture
def ana(app: Flask) -> Desk:
    return signed_in(app, "ana")


def acts(desk: Desk, act: str, **typed: str) -> TestResponse:
    token = Page(desk.opens("/desk/account")).forms["change-password"]["csrf_token"]
    return desk.client.post(f"/desk/account/{act}", data={"csrf_token": token, **typed})


def later(installation: Installation, by: timedelta = PROOF_LASTS) -> None:
    """Let the proofs of all sessions be older."""
    with installation.database.transaction() as session:
        for row in session.connection().execute(sa.select(StaffSession.id, StaffSession.proven_at)).all():  # type: ignore[call-overload]
            session.connection().execute(
                sa.update(StaffSession).where(StaffSession.id == row.id).values(proven_at=row.proven_at - by)  # type: ignore[arg-type]
            )


def test_an_officer_sees_and_ends_their_sign_ins(app: Flask, installation: Installation) -> None:
    here, there, ben = Desk(app), signed_in(app, "ana"), signed_in(app, "ben")
    here.client.environ_base["HTTP_USER_AGENT"] = CHROMIUM
    assert here.signs_in().status_code == 303
    page = here.opens("/desk/account").text
    assert (page.count("Chromium · Linux</bdi>"), page.count("A browser")) == (1, 1)
    assert "Mozilla" not in page
    first, second, _ = (row.id for row in make.rows(installation, StaffSession))
    acts(here, "name-device", session=str(first), name="  Desk  <3\0 ")
    acts(here, "name-device", session=str(second), name="not mine")
    assert "Desk &lt;3" in here.opens("/desk/account").text
    assert [row.device for row in make.rows(installation, StaffSession)][:2] == ["Desk <3", ""]
    acts(here, "end-session", session=str(second))
    assert ben.opens("/desk").status_code == 200
    acts(here, "end-session", session=str(first))
    assert (there.opens("/desk").status_code, here.opens("/desk").status_code) == (303, 200)
    again = signed_in(app, "ana")
    assert acts(here, "end-others").status_code == 303
    assert (again.opens("/desk").status_code, here.opens("/desk").status_code) == (303, 200)
    for number in ("", "x", "9" * 17, "-1"):
        assert acts(here, "end-session", session=number).status_code == 303
    assert [entry.act for entry in make.rows(installation, AuditEntry)].count("staff.sessions_ended") == 2


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROMIUM, "Chromium · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36 EdgA/142.0", "Edge · Android"),
        ("x" * 100_000, ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_family_only(sqlite_app: Flask, agent: str, name: str) -> None:
    with sqlite_app.test_request_context(headers={"User-Agent": agent}):
        assert staff.devices.usual_name() == name


@pytest.fixture
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    made = create_app(make.settings(data_dir=tmp_path_factory.mktemp("bare")))
    made.extensions["engage"].database.dispose()
    return made


def test_a_new_password_ends_all_other_sign_ins(app: Flask, ana: Desk, installation: Installation) -> None:
    there = signed_in(app, "ana")
    for now, new, again, said in (
        ("wrong", NEW_PASSWORD, NEW_PASSWORD, "not your password of now"),
        (make.PASSWORD, NEW_PASSWORD, "other", "not the same"),
        (make.PASSWORD, "short", "short", "at least 12 characters"),
        (make.PASSWORD, "anaanaana-policepolice", "anaanaana-policepolice", "“"),
    ):
        answer = acts(ana, "change-password", password=now, new=new, again=again)
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert new not in answer.text
    done = acts(ana, "change-password", password=make.PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert (done.status_code, ana.opens("/desk").status_code, there.opens("/desk").status_code) == (303, 200, 303)
    assert (Desk(app).signs_in().status_code, Desk(app).signs_in(NEW_PASSWORD).status_code) == (422, 303)
    assert "staff.password_changed" in [entry.act for entry in make.rows(installation, AuditEntry)]


def test_who_guesses_the_password_of_an_open_desk_is_put_out(ana: Desk) -> None:
    for _ in range(accounts.MOST_WRONG_PROOFS):
        acts(ana, "change-password", password="guess", new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert ana.opens("/desk/account").status_code == 303


def test_setting_up_changing_and_removing_the_app(app: Flask, ana: Desk, installation: Installation) -> None:
    form = Page(acts(ana, "start-app")).forms["set-up-app"]
    staff_id = make.rows(installation, StaffSession)[0].staff_id
    secret = second_steps.offered(installation.vault, staff_id, form["offer"])
    assert secret
    wrong = acts(ana, "set-up-app", offer=form["offer"], code="000")
    assert (wrong.status_code, "does not fit the picture" in wrong.text) == (422, True)
    kept = Page(wrong).forms["set-up-app"]["offer"]
    assert second_steps.offered(installation.vault, staff_id, kept) == secret
    done = acts(ana, "set-up-app", offer=kept, code=pyotp.TOTP(secret).now())
    assert done.text.count("<li><code>") == 10
    assert "10 recovery codes are left" in ana.opens("/desk/account").text
    assert Desk(app).signs_in().headers["Location"].startswith("/desk/sign-in/second-step")
    assert acts(ana, "new-codes").text.count("<li><code>") == 10
    assert acts(ana, "drop-app").status_code == 303
    assert make.rows(installation, SecondStep) == []
    assert Desk(app).signs_in().headers["Location"] == "/desk"
    assert acts(ana, "new-codes").status_code == 404


def test_where_it_is_required_the_app_is_not_removed(settings: Settings, port: make.Port) -> None:
    app = create_app(settings)
    desk = signed_in(app, "ana")
    opened = app.extensions["engage"]
    strict = create_app(settings.model_copy(update={"second_step": "required"}))
    desk.client.application = strict
    assert acts(desk, "drop-app").status_code == 404
    for made in (opened, strict.extensions["engage"]):
        made.database.dispose()


def test_passkeys_need_an_address_with_a_name(ana: Desk, installation: Installation) -> None:
    assert "this one is a number" in ana.opens("/desk/account").text
    assert ana.opens("/desk/account/passkey").status_code == 404
    assert ana.opens("/desk/sign-in/passkey").status_code == 404
    for answer in ("", "{}", "null", "[" * 5000, "\0", '{"response":{"clientDataJSON":1}}', "x" * 30_000):
        assert acts(ana, "add-passkey", passkey=answer).status_code == 404
    assert make.rows(installation, Passkey) == []


# Step-up.


def test_what_is_grave_asks_again_and_keeps_what_was_typed(app: Flask, ana: Desk, installation: Installation) -> None:
    token = Page(ana.opens("/desk/account")).forms["change-password"]["csrf_token"]
    typed = {"csrf_token": token, "reason": "\nTwo\r\nlines <b>&", "unit": ["a", "b"], "empty": ""}
    fresh = ana.client.post("/desk/grave?x=1", data=typed)
    assert "Two" in fresh.text
    later(installation)
    asked = ana.client.post("/desk/grave?x=1", data=typed)
    assert (asked.status_code, "Is it you?" in asked.text, 'action="/desk/grave?x=1"' in asked.text) == (
        200,
        True,
        True,
    )
    assert asked.text.count('name="unit"') == 2
    kept = Page(asked).forms["grave?x=1"]
    assert kept["reason"] == "\nTwo\r\nlines <b>&"
    wrong = ana.client.post("/desk/grave", data={**typed, "step_up_password": "wrong"})
    assert (wrong.status_code, "That was not right" in wrong.text) == (422, True)
    right = ana.client.post("/desk/grave", data={**kept, "step_up_password": make.PASSWORD})
    assert "Two" in right.text
    assert "Two" in ana.client.post("/desk/grave", data=typed).text
    later(installation)
    assert "Is it you?" in ana.client.post("/desk/grave", data=typed).text


def test_a_page_that_is_grave_to_see_asks_as_well(ana: Desk, installation: Installation) -> None:
    assert ana.opens("/desk/grave").text == "shown"
    later(installation)
    asked = Page(ana.opens("/desk/grave")).forms["step-up"]
    assert asked["next"].strip() == "/desk/grave"
    right = ana.client.post("/desk/step-up", data={**asked, "step_up_password": make.PASSWORD})
    assert (right.status_code, right.headers["Location"]) == (303, "/desk/grave")
    assert ana.opens("/desk/grave").text == "shown"


def test_a_form_of_another_site_proves_nothing(ana: Desk, installation: Installation) -> None:
    later(installation)
    for path in ("/desk/grave", "/desk/step-up"):
        assert ana.client.post(path, data={"step_up_password": make.PASSWORD}).status_code == 403
    assert "Is it you?" in ana.opens("/desk/grave").text


def test_wrong_proofs_end_the_session_and_nothing_else(app: Flask, ana: Desk, installation: Installation) -> None:
    later(installation)
    form = Page(ana.opens("/desk/grave")).forms["step-up"]
    for _ in range(accounts.MOST_WRONG_PROOFS):
        ana.client.post("/desk/step-up", data={**form, "step_up_password": "wrong"})
    assert ana.opens("/desk").status_code == 303
    assert Desk(app).signs_in().status_code == 303


def test_with_an_app_the_password_is_no_proof(ana: Desk, installation: Installation, port: make.Port) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with installation.database.transaction() as session:
        officer = port.officer(session, "ana")
        codes = second_steps.confirm(
            session, installation.vault, officer, secret, pyotp.TOTP(secret).at(make.NOON), make.NOON
        )
    later(installation)
    form = Page(ana.opens("/desk/grave")).forms["step-up"]
    assert ana.client.post("/desk/step-up", data={**form, "step_up_password": make.PASSWORD}).status_code == 422
    assert ana.client.post("/desk/step-up", data={**form, "step_up_code": codes[0]}).status_code == 303

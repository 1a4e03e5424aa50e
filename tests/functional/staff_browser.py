"""An officer's browser without scripts: it signs in, reads pages as they are, and fills in forms."""

from __future__ import annotations

from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import make


class Page(HTMLParser):
    """A page as a browser without scripts has it: its tags, its forms by their address, its marked words."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.marked: list[tuple[str, str]] = []
        self._form = ""
        self._reading = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self._form = given.get("action", "").rsplit("/", 1)[-1]
            self.forms[self._form] = {}
        elif tag in ("input", "textarea") and given.get("name"):
            self.forms[self._form][given["name"]] = given.get("value", "")
            self._reading = given["name"] if tag == "textarea" else ""
        elif tag == "mark":
            self.marked.append((given["class"], ""))
            self._reading = "mark"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "mark"):
            self._reading = ""

    def handle_data(self, data: str) -> None:
        if self._reading == "mark":
            self.marked[-1] = (self.marked[-1][0], self.marked[-1][1] + data)
        elif self._reading:
            self.forms[self._form][self._reading] += data.removeprefix("\n")


class Desk:
    """An officer's browser."""

    def __init__(self, app: Flask, login: str = "ana", address: str = "127.0.0.1") -> None:
        self.client: FlaskClient = app.test_client()
        self.address = {"REMOTE_ADDR": address}
        self.login = login

    def signs_in(self, password: str = make.PASSWORD, wanted: str = "") -> TestResponse:
        fields = Page(self.client.get("/desk/sign-in", query_string={"next": wanted} if wanted else None)).forms
        values = {**fields["sign-in"], "login": self.login, "password": password}
        return self.client.post("/desk/sign-in", data=values, environ_base=self.address)

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path)

    def case(self, reference: str) -> TestResponse:
        return self.client.get(f"/desk/cases/{reference}")

    def form(self, reference: str, act: str) -> dict[str, str]:
        """The fields of an act's form; resolving shares the form of closing."""
        return Page(self.case(reference)).forms["close" if act == "resolve" else act]

    def acts(self, reference: str, act: str, form: dict[str, str] | None = None, **typed: str) -> TestResponse:
        values = {**(self.form(reference, act) if form is None else form), **typed}
        return self.client.post(f"/desk/cases/{reference}/{act}", data=values)


def signed_in(app: Flask, login: str) -> Desk:
    """The browser of an officer who has signed in."""
    desk = Desk(app, login)
    assert desk.signs_in().status_code == 303
    return desk

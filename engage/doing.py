"""Doing what the dialogue decided about a message: open or extend a report, place it, tie a phone to it, opt out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engage import cases, contacts, further, opening, relays, reports
from engage.contacts import Sender
from engage.dialogue import Act, Step
from engage.installation import Installation
from engage.listening import Listened
from engage.models import Case, Contact, Report
from engage.opening import Words
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import CaseStatus, Channel, FoundBy, Happening

#: The key of the access code of a report that came by text or chat: its salt alone makes it another one each time.
ACCESS_KEY = "conversation"


@dataclass(frozen=True, slots=True)
class TextArrival:
    """Something written, at the door: its words, a key that counts once, and who wrote it.

    By text there is a `sender`, in the chat a `visitor` (the keyed hash of what their browser holds). `code` and `tag`
    are those of the page the chat is on. `pictures` are addresses and content types of what came with it. `settled`:
    the provider has answered a STOP or START by itself.
    """

    text: str
    key: str
    channel: Channel
    sender: Sender | None = None
    visitor: str | None = None
    code: str | None = None
    tag: str | None = None
    language: str | None = None
    pictures: tuple[tuple[str, str], ...] = ()
    settled: bool = False


class Doing:
    """One message, and what is done with it in one transaction. `report` is the one it is about, once there is one."""

    def __init__(
        self,
        session: Session,
        installation: Installation,
        arrival: TextArrival,
        text: str,
        listened: Listened,
        contact: Contact | None,
        report: Report | None,
        now: datetime,
    ) -> None:
        self.report, self.message_id = report, None
        self.linked, self.is_stored, self.opts_out = None, False, False
        self._session, self._opened, self._arrival = session, installation, arrival
        self._text, self._listened, self._contact, self._now = text, listened, contact, now

    report: Report | None
    message_id: int | None
    linked: Report | None  # whose one-time word was sent
    is_stored: bool  # whether the words stand in a report
    opts_out: bool  # from the end of this transaction on: one last word of ours is still allowed

    def carry_out(self, taken: Step) -> None:
        """Do all that a step asks for, in its order; words that nothing asked to store stand in the thread as well."""
        for act in taken.does:
            _ACTS[act](self, taken.place_id, taken.state.language or self._arrival.language or "en")
        if self.report is not None and not self.is_stored:
            self.message_id = reports.add_aside(
                self._session, self.report, text=self._text, channel=self._arrival.channel, now=self._now
            )

    def authority(self) -> str | None:
        """The name of the body whose queue the report is in now."""
        return cases.find_post(self._session, self._case().queue_id).authority if self.report else None

    def somewhere(self) -> tuple[Whereabouts, FoundBy]:
        """Where this is as far as the link tells: at least at which site."""
        vault, code, tag = self._opened.vault, self._arrival.code, self._arrival.tag
        where, found_by, _ = opening.locate(self._session, vault, code, tag, None)
        return where, found_by

    def open_report(self, place_id: int | None, language: str) -> None:
        """A new report at a place, or somewhere at the site."""
        where, found_by = self._place(place_id)
        words = Words(
            text=self._text,
            key=ACCESS_KEY,
            channel=self._arrival.channel,
            language=language,
            where=where,
            found_by=found_by,
            finding=self._listened.finding,
            typed_code=self._arrival.code if where.place_id is None else None,
        )
        opened = opening.open_report(self._session, self._opened.vault, words, self._now)
        self.report = self._session.get_one(Report, opened.report_id)
        self.is_stored = True
        self._tie()

    def _place(self, place_id: int | None) -> tuple[Whereabouts, FoundBy]:
        spotted, link = self._listened.spotted.where, self._listened.link
        if spotted is not None and spotted.place_id == place_id:
            return spotted, FoundBy.TYPED
        if place_id is None or (link is not None and link.place_id == place_id):
            return self.somewhere()
        return register.find_place(self._session, place_id) or self.somewhere()[0], FoundBy.TYPED

    def add_to_report(self, reopens: bool = True) -> None:
        """More words for the report under way, judged together with those before."""
        report = self._known_report()
        words = further.all_words(self._session, relays.held(self._session, report), self._text)
        channel = self._arrival.channel
        self.message_id = reports.add_reporter_message(
            self._session, report, text=self._text, channel=channel, now=self._now, reopens=reopens
        )
        self.is_stored = True
        finding = opening.find_out(self._opened, words) if reopens else None
        if finding is not None:
            further.judge_again(self._session, relays.held(self._session, report), finding, self._now)
            further.compare_again(self._session, relays.held(self._session, report), words, finding, self._now)
        self._tie()

    def place_report(self, place_id: int | None) -> None:
        """Where the report is about is known now."""
        where = self._listened.spotted.where
        if where is None or where.place_id != place_id:
            where = register.find_place(self._session, place_id or 0)
        if where is not None:
            further.place_report(self._session, self._known_report(), where, self._now)

    def opt_out(self) -> None:
        """No more texts to this phone, once what is said now has been written."""
        if self._contact is not None and self._contact.opted_out_at is None:
            self.opts_out = True
            self._record(Happening.OPTED_OUT)

    def opt_in(self) -> None:
        """Texts to this phone again."""
        if self._contact is not None:
            self._contact.opted_out_at = None

    def want_person(self) -> None:
        """Show at the desk that the reporter asked for a person."""
        self._record(Happening.WANTS_PERSON)
        cases.change(self._session, self._case(), self._now, reporter_waits=True)

    def call_not_helped(self) -> None:
        """The reporter says that it is not dealt with: an ended case is opened again."""
        self._record(Happening.NOT_HELPED)
        case = self._case()
        if not case.status.is_open:
            status = CaseStatus.REOPENED
            cases.change(
                self._session, case, self._now, status=status, closed_at=None, disposition=None, reporter_waits=True
            )
            self._record(Happening.REOPENED, reason="The reporter says that it did not help.")

    def call_helped(self) -> None:
        """The reporter says that it is dealt with."""
        self._record(Happening.HELPED)

    def link(self) -> None:
        """From now on this phone talks about the report whose one-time word it sent."""
        self.report = self.linked
        self._tie()
        self._record(Happening.LINKED, channel=self._arrival.channel)

    def _tie(self) -> None:
        if self._contact is not None:
            contacts.tie(self._session, self._known_report().id or 0, self._contact.id or 0)

    def _known_report(self) -> Report:
        assert self.report is not None  # noqa: S101 - the dialogue adds only to a report that it was told of
        return self.report

    def _case(self) -> Case:
        return relays.held_case(self._session, self._known_report())

    def _record(self, what: Happening, **details: str) -> None:
        if self.report is not None:
            cases.record(self._session, self._case().id or 0, self._now, (what, details))


_ACTS: dict[Act, Callable[[Doing, int | None, str], None]] = {
    Act.OPEN_REPORT: lambda doing, place_id, language: doing.open_report(place_id, language),
    Act.ADD_TO_REPORT: lambda doing, _place, _language: doing.add_to_report(),
    Act.ADD_QUIETLY: lambda doing, _place, _language: doing.add_to_report(reopens=False),
    Act.PLACE_REPORT: lambda doing, place_id, _language: doing.place_report(place_id),
    Act.OPT_OUT: lambda doing, _place, _language: doing.opt_out(),
    Act.OPT_IN: lambda doing, _place, _language: doing.opt_in(),
    Act.WANT_PERSON: lambda doing, _place, _language: doing.want_person(),
    Act.CALL_HELPED: lambda doing, _place, _language: doing.call_helped(),
    Act.CALL_NOT_HELPED: lambda doing, _place, _language: doing.call_not_helped(),
    Act.LINK: lambda doing, _place, _language: doing.link(),
}

"""Texts and chat: what somebody writes is heard, answered and stored in one transaction, once for its key.

Nothing is decided here: the dialogue decides. A word that was acknowledged stands in a report, or in the state of the
conversation where it was a command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from engage import arrivals, attachments, contacts, conversations, guidance, opening, relays, reports, speaking, texting
from engage.conversations import Talk
from engage.dialogue import Act, Saying, Step, language_after, sentences, step
from engage.doing import ACCESS_KEY, Doing, TextArrival
from engage.installation import Installation
from engage.listening import Listened, listen
from engage.models import Contact, Report
from engage.opening import Words
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import Severity
from engage.vault import grouped

COURTESY_ONCE_IN = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said back, and the report it is about. `access_code` only where a report was opened or asked for it."""

    said: str = ""
    reference: str | None = None
    access_code: str | None = None
    access_hash: str | None = None
    language: str = "en"
    repeated: bool = False


def take_text(installation: Installation, arrival: TextArrival, now: datetime) -> Reply:
    """Hear what was written, do and say what follows; committed when this returns.

    In the chat raises `arrivals.TextRefused` and `arrivals.KeyReused`; a text is taken whatever is in it. Raises
    `opening.NoSite` where there is none; then nothing is stored.
    """
    text = arrivals.kept_text(arrival.text) if arrival.sender else arrivals.accepted_text(arrival.text)

    def once(session: Session) -> Reply:
        hearing = _Hearing(session, installation, arrival, text, listened, now)
        return hearing.repeated() or hearing.hear()

    try:
        listened = listen(installation, text, arrival.code)
        return arrivals.committed(installation.database, once)
    except (arrivals.TextRefused, arrivals.KeyReused, opening.NoSite, DBAPIError):
        raise
    except Exception:  # a fault of ours must not cost a single word
        log.exception("dialogue_failed")
        return _store_plainly(installation, arrival, text, now)


def _store_plainly(installation: Installation, arrival: TextArrival, text: str, now: datetime) -> Reply:
    """Keep the words as a report that a person must read, without a dialogue."""
    vault = installation.vault

    def once(session: Session) -> Reply:
        if arrivals.find_by_key(session, vault, arrival.key) is not None:
            return Reply(repeated=True)
        where, found_by, typed_code = opening.locate(session, vault, arrival.code, arrival.tag, None)
        words = Words(
            text=text,
            key=ACCESS_KEY,
            channel=arrival.channel,
            language=arrival.language or "en",
            where=where,
            found_by=found_by,
            finding=None,
            typed_code=typed_code,
        )
        opened = opening.open_report(session, vault, words, now)
        if arrival.sender is not None:
            contacts.tie(session, opened.report_id, contacts.keep(session, vault, arrival.sender, now).id or 0)
        attachments.expect(session, opened.report_id, None, arrival.pictures, now)
        arrivals.remember(session, vault, arrival.key, arrival.text, now, report_id=opened.report_id)
        code = opened.access_code
        return Reply(reference=opened.reference, access_code=code, access_hash=vault.access_hash(code))

    return arrivals.committed(installation.database, once)


class _Hearing:
    """One arrival being heard, in one transaction."""

    def __init__(
        self,
        session: Session,
        installation: Installation,
        arrival: TextArrival,
        text: str,
        listened: Listened,
        now: datetime,
    ) -> None:
        self._session, self._opened, self._vault = session, installation, installation.vault
        self._arrival, self._text, self._listened, self._now = arrival, text, listened, now
        self._return_address = f"{installation.settings.public_url}/return"

    def repeated(self) -> Reply | None:
        """What is given back for a key that came before, without doing anything again."""
        session, vault, arrival = self._session, self._vault, self._arrival
        if arrival.sender:  # a provider's id counts for ever, whatever it comes with
            earlier = arrivals.find_by_key(session, vault, arrival.key)
        else:
            earlier = arrivals.find(session, vault, arrival.key, arrival.text)
        if earlier is None:
            return None
        report = session.get(Report, earlier.report_id) if earlier.report_id else None
        if report is None:
            return Reply(repeated=True)
        return Reply(reference=report.reference, access_hash=report.access_hash, repeated=True)

    def hear(self) -> Reply:
        """Ask the dialogue, do what it says, say what it says, and keep where the conversation stands."""
        contact = self._contact()
        talk = self._talk(contact)
        doing = Doing(
            self._session,
            self._opened,
            self._arrival,
            self._text,
            self._listened,
            contact,
            talk.report,
            self._now,
        )
        where, site_id = self._whereabouts(talk, doing)
        finding = self._listened.finding
        language = self._language(language_after(talk.state, self._text, finding.language if finding else None))
        spent = self._spend_link_word(contact, doing)
        heard = self._listened.heard(
            self._session,
            site_id=site_id,
            language=language,
            linked=doing.linked.reference if doing.linked else "" if spent else None,
            pictures=len(self._arrival.pictures),
            since=talk.row.heard_at if talk.report else None,
            case=talk.case,
            public_url=self._opened.settings.public_url,
        )
        taken = step(talk.state, heard, talk.current(language), self._now)
        doing.carry_out(taken)
        reply = self._speak(taken, doing, contact, where, heard.severity)
        self._keep(talk, taken, doing, contact)
        return reply

    # ── before ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _contact(self) -> Contact | None:
        if self._arrival.sender is None:
            return None
        return contacts.keep(self._session, self._vault, self._arrival.sender, self._now)

    def _talk(self, contact: Contact | None) -> Talk:
        if contact is not None:
            return conversations.of_contact(self._session, contact, self._now)
        return conversations.of_visitor(self._session, self._arrival.visitor or "", self._now)

    def _whereabouts(self, talk: Talk, doing: Doing) -> tuple[Whereabouts, int | None]:
        """Where this is about as far as is known before the dialogue speaks, and the site whose facts may be told.

        Without a place the first site stands in, for its emergency number; its facts would be a guess among several.
        """
        known = self._listened.spotted.where or self._listened.link
        if known is None and talk.report is not None and talk.report.place_id is not None:
            known = reports.whereabouts(self._session, talk.report)
        where = known or doing.somewhere()[0]
        guessed = known is None and len(register.all_sites(self._session)) > 1
        return where, None if guessed else where.site_id

    def _language(self, spoken: str | None) -> str:
        return spoken or self._arrival.language or "en"

    def _spend_link_word(self, contact: Contact | None, doing: Doing) -> bool:
        """Find the report whose one-time word came. True for a word that was spent before."""
        if contact is None:
            return False
        report_id = contacts.spend_link_word(self._session, self._vault, self._text, self._now)
        doing.linked = self._session.get(Report, report_id) if report_id else None
        return report_id == 0

    # ── after ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _speak(
        self, taken: Step, doing: Doing, contact: Contact | None, where: Whereabouts, severity: Severity
    ) -> Reply:
        """Say it in the thread and to the phone, and give it back for the chat."""
        language, report = self._language(taken.state.language), doing.report
        says = () if contact is not None and self._is_unheard(contact) else self._allowed(taken, contact)
        tells_code = any(one.sentence == sentences.CODE for one in says)
        code = self._access_code(report) if report and (tells_code or Act.OPEN_REPORT in taken.does) else None
        known = self._known(where, language, code, doing)
        says = self._with_tip(taken, says, language, known)
        said = speaking.rendered(says, language, known)
        if said:
            masked = speaking.rendered(says, language, {**known, "access_code": speaking.MASK})
            channel = self._arrival.channel
            message_id = speaking.write_down(self._session, report, masked, channel, self._now) if report else None
            self._send(said, doing, contact, message_id, severity, language, tells_code)
        return Reply(
            said=said,
            reference=report.reference if report else None,
            access_code=code,
            access_hash=report.access_hash if report else None,
            language=language,
        )

    def _is_unheard(self, contact: Contact) -> bool:
        """Whether nothing that we say would reach them: they are heard all the same."""
        contact.heard_at = self._now
        return contacts.obstacle(contact, self._now) is not None

    def _allowed(self, taken: Step, contact: Contact | None) -> tuple[Saying, ...]:
        """What may be said: nothing that the provider has said already, and no more than one courtesy a day."""
        if self._arrival.settled and {Act.OPT_OUT, Act.OPT_IN} & set(taken.does):
            return ()
        if contact is None or not any(one.courtesy for one in taken.says):
            return taken.says
        if contact.courtesy_at is not None and self._now - contact.courtesy_at < COURTESY_ONCE_IN:
            return tuple(one for one in taken.says if not one.courtesy)
        contact.courtesy_at = self._now
        return taken.says

    def _with_tip(
        self, taken: Step, says: tuple[Saying, ...], language: str, known: dict[str, str]
    ) -> tuple[Saying, ...]:
        """What is said, with the line that would have helped, where a phone gets it in no more than two texts."""
        tip = guidance.tip_after(self._session, taken, language) if says else None
        if tip is None:
            return says
        longer = (*says, Saying(tip, translated=True))
        short = texting.segments(speaking.rendered(longer, language, known)) <= guidance.MOST_TEXTS_WITH_TIP
        return longer if short or self._arrival.sender is None else says

    def _access_code(self, report: Report) -> str | None:
        """The access code of a report that came by text or chat; that of a web form is known to its reporter alone."""
        code = self._vault.access_code(report.access_salt, ACCESS_KEY)
        return code if self._vault.access_hash(code) == report.access_hash else None

    def _known(self, where: Whereabouts, language: str, code: str | None, doing: Doing) -> dict[str, str]:
        """What sayings leave open, and is known now."""
        there = reports.whereabouts(self._session, doing.report) if doing.report else where
        return {
            "number": there.emergency_number,
            "place": (there.place or there.site).in_language(language),
            "reference": doing.report.reference if doing.report else "",
            "authority": doing.authority() or there.site.in_language(language),
            "address": self._return_address,
            "access_code": grouped(code) if code else speaking.MASK,
        }

    def _send(
        self,
        said: str,
        doing: Doing,
        contact: Contact | None,
        message_id: int | None,
        severity: Severity,
        language: str,
        tells_code: bool,
    ) -> None:
        if contact is None:
            return
        speaking.send_text(
            self._session,
            contact,
            said,
            severity=severity,
            now=self._now,
            language=language,
            return_address=self._return_address,
            case_id=self._case_id(doing),
            message_id=message_id,
            sealed_by=self._vault if tells_code else None,
        )

    def _case_id(self, doing: Doing) -> int | None:
        """The case to which a text is counted: of whoever has the report now; none once they want no more texts."""
        if doing.report is None or doing.opts_out:
            return None
        return relays.held_case(self._session, doing.report).id

    def _keep(self, talk: Talk, taken: Step, doing: Doing, contact: Contact | None) -> None:
        """The contact, the files to fetch, the state, and the key, for ever."""
        report_id = doing.report.id if doing.report else None
        if contact is not None:
            contact.heard_at = self._now
            contact.opted_out_at = self._now if doing.opts_out else contact.opted_out_at
            self._session.add(contact)
        attachments.expect(self._session, report_id, doing.message_id, self._arrival.pictures, self._now)
        conversations.save(self._session, talk.row, taken.state, report_id, self._now)
        arrivals.remember(
            self._session,
            self._vault,
            self._arrival.key,
            self._arrival.text,
            self._now,
            report_id=report_id,
            message_id=doing.message_id,
        )

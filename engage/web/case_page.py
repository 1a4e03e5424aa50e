"""One case: what was reported, why it is here, the conversation, and every act an officer can do to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import (
    acting,
    arrivals,
    assigning,
    attachments,
    case_file,
    cases,
    desk,
    labels,
    looks,
    ready,
    referral_words,
    texting,
)
from engage.case_file import CaseFile
from engage.plans import showing
from engage.taxonomy import CaseStatus
from engage.web import (
    case_acts,
    desk_words,
    event_words,
    forms,
    look_page,
    referral_acts,
    referral_view,
    saved_files,
    staff,
    versions,
)
from engage.web.case_acts import Fields, whole_number
from engage.web.frame import installation, language, new_key, now, say

door = Blueprint("cases", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


STALE = _("This case changed while you looked at it, so nothing was done. Read what changed, then send again.")
OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")
SENT_BEFORE = _("The form before this one was sent already. Send again to send this one too.")
LONG = _("This text has %(count)s characters; %(most)s fit. Shorten it, or send it in parts.")
EMPTY = _("There is nothing in it yet. Write something first.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an act was not done, and all that was typed for it."""

    sentence: str
    status: int
    act: str
    typed: Fields = field(default_factory=dict)
    fresh_key: bool = False

    def kept(self, act: str, name: str) -> str:
        """What was typed into a field of an act's form."""
        return self.typed.get(name, "") if act == self.act else ""


NO_TROUBLE = Trouble("", 200, "")
#: What the form of the answer asks for when it only wants a ready reply in its box.
READY = "ready"


@door.get("/desk/cases/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """The case as it is now."""
    return _page(reference, NO_TROUBLE)


@door.get("/desk/cases/<reference>/files/<number>")
def file(reference: str, number: str) -> ResponseReturnValue:
    """A stored file of a case, to be saved; one of another case is as absent as one that never was."""
    opened = installation()
    with opened.database.transaction() as session:
        case = cases.find_case(session, staff.officer(), reference)
        asked = whole_number(number) or 0
        found = attachments.open_file(session, opened.vault, staff.officer(), case, asked, now())
        name = f"{case.reference}-{number}"
    if found is None:
        raise cases.CaseMissing
    content, kind = found
    return saved_files.shown(content) if kind == attachments.DRAWN else saved_files.sent(content, kind, name=name)


@door.post("/desk/cases/<reference>/<act>")
def take(reference: str, act: str) -> ResponseReturnValue:
    """Do one act, or show the case again with what was typed and why it was not done."""
    typed, opened, officer = forms.sent(), installation(), staff.officer()
    if not staff.is_own_form():
        return _page(reference, Trouble(say(OLD_FORM), 403, act, typed))
    if act == READY:
        return _page(reference, _filled(reference, typed))
    try:
        with opened.database.transaction() as session:
            case = case_acts.take(
                session,
                opened,
                officer,
                reference,
                now(),
                act=act,
                fields=typed,
            )
            reference = case.reference
    except cases.StaleCase:
        return _page(reference, Trouble(say(STALE), 409, act, typed))
    except arrivals.KeyReused:
        return _page(reference, Trouble(say(SENT_BEFORE), 422, act, typed, fresh_key=True))
    except (desk.Refused, arrivals.TextRefused) as refused:
        return _page(reference, Trouble(why(refused), 422, act, typed))
    return redirect(_where_now(reference), 303)


def _page(reference: str, trouble: Trouble) -> tuple[str, int]:
    moment, officer = now(), staff.officer()
    with installation().database.transaction() as session:
        looks.open_page(session, officer, cases.find_case(session, officer, reference), moment)
    with installation().database.reading() as session:
        file = case_file.read(session, officer, reference)
        others = looks.others(session, file.case.id or 0, officer.staff_id, moment)
        replies = ready.for_case(session, officer, file.case.category, file.tongues, language())
        colleagues = assigning.colleagues_for(session, file.case)
        referred = referral_view.read(session, officer, file.case, moment)
        pin = showing.pin_of(session, officer, file.case.place_id)
    page = render_template(
        "desk/case.html",
        file=file,
        case=file.case,
        holds=file.case.holder_id == officer.staff_id,
        others=look_page.said_of(others),
        replies=replies,
        colleagues=colleagues,
        referred=referred,
        pin=pin,
        referral_words=referral_words,
        referral_acts=referral_acts,
        was=versions.seen_now(file),
        compared=versions.compared(file, trouble.act, trouble.typed) if trouble.status == 409 else [],
        because=event_words.because,
        summed_up=event_words.summed_up,
        misled=case_acts.MISLED,
        texted=any(phone.takes_texts(moment) for one in file.reports for phone in one.phones),
        most_segments=texting.MOST_SEGMENTS,
        most_characters=texting.MOST_CHARACTERS,
        trouble=trouble,
        changes=_changes(file, trouble),
        sentence=lambda line: desk_words.history_sentence(line, file.queue_names),
        labels=labels,
        most=arrivals.LONGEST_TEXT,
        longest_reason=acting.LONGEST_REASON,
        new_key=new_key,
        now=moment,
    )
    return page, trouble.status


def _filled(reference: str, typed: Fields) -> Trouble:
    """The answer box with a ready reply in it, behind what was typed there before; nothing is sent yet."""
    officer = staff.officer()
    with installation().database.reading() as session:
        case = cases.find_case(session, officer, reference)
        tongues = case_file.tongues_of(session, case)
        found = ready.for_case(session, officer, case.category, tongues, language())
    chosen = next((reply.theirs for reply in found if reply.slug == typed.get("reply")), "")
    text = "\n\n".join(part for part in (typed.get("text", "").strip(), chosen) if part)
    return Trouble("", 200, "answer", {**typed, "text": text})


def _changes(file: CaseFile, trouble: Trouble) -> list[case_file.Written]:
    """The lines of the history that were not there when the officer got the form."""
    seen = whole_number(trouble.typed.get("seen"))
    return [line for line in file.history if line.id > seen] if seen is not None else []


def _where_now(reference: str) -> str:
    """The case, or, when it went where this officer cannot see it, their queues."""
    try:
        with installation().database.reading() as session:
            found = cases.find_case(session, staff.officer(), reference).reference
    except cases.CaseMissing:
        return url_for("queues.mine", moved=reference)
    return url_for("cases.show", reference=found)


def why(refused: desk.Refused | arrivals.TextRefused) -> str:
    """Why an act was refused, in the language of the page."""
    if isinstance(refused, arrivals.LongText):
        return say(LONG, count=f"{refused.characters:,}", most=f"{arrivals.LONGEST_TEXT:,}")
    if isinstance(refused, arrivals.TextRefused):
        return say(EMPTY)
    values = dict(refused.values)
    if "status" in values:
        values["status"] = desk_words.word(CaseStatus(values["status"]))
    return say(refused.sentence, **values)

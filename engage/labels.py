"""What staff read: the words for our slugs, and the sentences of a case's history.

Everything stands here in English; `_` marks it for the catalogues and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from engage import poster_words, referral_words
from engage.taxonomy import (
    AlarmKind,
    AlarmLevel,
    AttachmentStatus,
    Carrier,
    CasePromise,
    CaseStatus,
    Category,
    Channel,
    Condition,
    Disposition,
    FoundBy,
    Handling,
    Happening,
    OutgoingStatus,
    PosterTrouble,
    Promise,
    ReferralState,
    ReporterKind,
    Responder,
    Role,
    Severity,
    SiteKind,
)


def _(sentence: str) -> str:
    return sentence


CATEGORIES: dict[Category, str] = {
    Category.WEAPON_ATTACK: _("Weapon or attack"),
    Category.ASSAULT_HARASSMENT: _("Assault or harassment"),
    Category.SUSPICIOUS_BEHAVIOUR: _("Suspicious behaviour"),
    Category.UNATTENDED_ITEM: _("Unattended item"),
    Category.TRESPASS_ACCESS: _("Trespass or access"),
    Category.DRONE: _("Drone"),
    Category.HUMAN_TRAFFICKING: _("Human trafficking"),
    Category.STOWAWAY_SMUGGLING: _("Stowaways or people smuggling"),
    Category.WILDLIFE_TRAFFICKING: _("Wildlife trafficking"),
    Category.DRUGS_CONTRABAND: _("Drugs or contraband"),
    Category.CARGO_CRIME: _("Cargo crime"),
    Category.THEFT_FRAUD: _("Theft or fraud"),
    Category.INSIDER_CORRUPTION: _("Insider or corruption"),
    Category.CYBER: _("Cyber"),
    Category.MEDICAL: _("Medical"),
    Category.FIRE_HAZMAT: _("Fire or hazardous material"),
    Category.VULNERABLE_PERSON: _("Vulnerable person"),
    Category.ENVIRONMENT: _("Environment"),
    Category.INFRASTRUCTURE_FAULT: _("Infrastructure fault"),
    Category.DISORDER: _("Disorder"),
    Category.LOST_PROPERTY: _("Lost property"),
    Category.QUESTION_FEEDBACK: _("Question or feedback"),
    Category.SPAM: _("Spam"),
}
SEVERITIES: dict[Severity, str] = {
    Severity.CRITICAL: _("Critical"),
    Severity.HIGH: _("High"),
    Severity.MEDIUM: _("Medium"),
    Severity.LOW: _("Low"),
}
#: A shape for each severity, so that it can be told without its colour.
SHAPES: dict[Severity, str] = {
    Severity.CRITICAL: "◆",
    Severity.HIGH: "▲",
    Severity.MEDIUM: "■",
    Severity.LOW: "●",
}
STATUSES: dict[CaseStatus, str] = {
    CaseStatus.RECEIVED: _("Received, not yet read"),
    CaseStatus.TRIAGED: _("Triaged"),
    CaseStatus.ASSIGNED: _("Assigned"),
    CaseStatus.IN_PROGRESS: _("In progress"),
    CaseStatus.WAITING_FOR_REPORTER: _("Waiting for reporter"),
    CaseStatus.REFERRED: _("Referred"),
    CaseStatus.RESOLVED: _("Resolved"),
    CaseStatus.CLOSED: _("Closed"),
    CaseStatus.REOPENED: _("Reopened"),
}
DISPOSITIONS: dict[Disposition, str] = {
    Disposition.ACTION_TAKEN: _("Action taken"),
    Disposition.FORMAL_REPORT: _("Formal report made"),
    Disposition.ADVISED: _("Reporter advised"),
    Disposition.REFERRED: _("Referred to another body"),
    Disposition.UNABLE_TO_LOCATE: _("Looked, but nothing found"),
    Disposition.GONE_ON_ARRIVAL: _("Gone on arrival"),
    Disposition.UNFOUNDED: _("Unfounded"),
    Disposition.LEGITIMATE: _("Legitimate, nothing wrong"),
    Disposition.INSUFFICIENT_INFORMATION: _("Not enough information"),
    Disposition.INFORMATION_GATHERED: _("Information gathered"),
    Disposition.CONTAINED: _("Contained"),
    Disposition.DUPLICATE: _("Duplicate of another case"),
    Disposition.NO_FURTHER_ACTION: _("No further action"),
    Disposition.FALSE_REPORT: _("False report"),
    Disposition.DRILL: _("Drill"),
    Disposition.SPAM: _("Spam"),
}
CHANNELS: dict[Channel, str] = {
    Channel.WEB: _("web form"),
    Channel.CHAT: _("web chat"),
    Channel.SMS: _("SMS"),
    Channel.WHATSAPP: _("WhatsApp"),
    Channel.PHONE: _("phone"),
    Channel.WALK_IN: _("walk-in"),
    Channel.API: _("interface"),
}
REPORTERS: dict[ReporterKind, str] = {
    ReporterKind.TRAVELLER: _("Traveller"),
    ReporterKind.TENANT: _("Tenant"),
    ReporterKind.STAFF: _("Staff"),
    ReporterKind.CREW: _("Crew"),
    ReporterKind.PUBLIC: _("Public"),
}
CARRIERS: dict[Carrier, str] = {
    Carrier.MAIL: _("E-mail"),
    Carrier.SMS: CHANNELS[Channel.SMS],
    Carrier.WHATSAPP: CHANNELS[Channel.WHATSAPP],
}
#: What staff read instead of a phone number.
TEXTERS: dict[Carrier, str] = {
    Carrier.SMS: _("SMS reporter"),
    Carrier.WHATSAPP: _("WhatsApp reporter"),
}
SENDINGS: dict[OutgoingStatus, str] = {
    OutgoingStatus.QUEUED: _("Waiting to be sent"),
    OutgoingStatus.SENDING: _("Being sent"),
    OutgoingStatus.ACCEPTED: _("Accepted by the provider"),
    OutgoingStatus.SENT: _("Sent"),
    OutgoingStatus.DELIVERED: _("Delivered"),
    OutgoingStatus.UNDELIVERED: _("Not delivered"),
    OutgoingStatus.FAILED: _("Sending failed"),
    OutgoingStatus.NEEDS_HUMAN: _("Needs a person"),
}
ATTACHMENTS: dict[AttachmentStatus, str] = {
    AttachmentStatus.WAITING: _("Being fetched"),
    AttachmentStatus.STORED: _("Stored"),
    AttachmentStatus.FAILED: _("Could not be fetched"),
}
ROLES: dict[Role, str] = {
    Role.OFFICER: _("Officer"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.ANALYST: _("Analyst"),
}
FOUND: dict[FoundBy, str] = {
    FoundBy.SCANNED: _("QR code scanned at the poster"),
    FoundBy.TYPED: _("Address or code typed, so perhaps not at the place"),
    FoundBy.TOLD: _("Told to an officer, who named the place"),
}
#: A shape for each way a promise can stand, other ones than those of severities.
STANDINGS: dict[Promise, str] = {
    Promise.ON_TRACK: "○",
    Promise.AT_RISK: "◐",
    Promise.BREACHED: "✖",
    Promise.PAUSED: "‖",
    Promise.KEPT: "✓",
}
#: What is due next, as short as it can be said.
ALARMS: dict[AlarmKind, str] = {
    AlarmKind.NEW_CRITICAL: _("New and critical"),
    AlarmKind.AT_RISK: _("Soon late"),
    AlarmKind.BREACHED: _("Late"),
    AlarmKind.UNANSWERED_OFFER: _("Offer not answered"),
}
ALARM_LEVELS: dict[AlarmLevel, str] = {
    AlarmLevel.SUPERVISOR: _("the supervisors"),
    AlarmLevel.DUTY_MANAGER: _("the duty manager"),
}
PROMISES: dict[CasePromise, str] = {
    CasePromise.ACKNOWLEDGE: _("Take it"),
    CasePromise.RESPOND: _("First answer"),
    CasePromise.RESOLVE: _("Resolve"),
}
#: A line of the history; where its details hold the key named second, the second sentence is the right one.
HISTORY: dict[Happening, tuple[str, str, str]] = {
    Happening.RECEIVED: (
        _("The report came in by %(channel)s."),
        "entered",
        _("%(who)s wrote down the report, which came in by %(channel)s."),
    ),
    Happening.TRIAGED: (_("Triage: %(reason)s"), "", ""),
    Happening.ROUTED: (_("Put into the queue %(queue_id)s. %(reason)s"), "", ""),
    Happening.REPORTER_WROTE: (_("The reporter wrote again by %(channel)s."), "", ""),
    Happening.CLAIMED: (_("%(who)s took the case."), "take_over", _("%(who)s took the case over.")),
    Happening.RELEASED: (_("%(who)s gave the case back to the queue."), "", ""),
    Happening.ANSWERED: (
        _("%(who)s answered the reporter."),
        "wait",
        _("%(who)s answered the reporter and waits for a reply."),
    ),
    Happening.NOTED: (_("%(who)s wrote a note."), "", ""),
    Happening.RECLASSIFIED: (
        _("%(who)s set it to %(category)s, %(severity)s: %(reason)s"),
        "before",
        _("%(who)s changed it from %(was_category)s, %(was_severity)s to %(category)s, %(severity)s: %(reason)s"),
    ),
    Happening.TRANSFERRED: (
        _("%(who)s moved the case from %(from_queue_id)s to %(queue_id)s: %(reason)s"),
        "",
        "",
    ),
    Happening.WAITING: (_("%(who)s waits for the reporter."), "", ""),
    Happening.REFERRED: (_("%(who)s told %(to)s: %(reason)s"), "", ""),
    Happening.RESOLVED: (_("%(who)s resolved the case: %(disposition)s."), "", ""),
    Happening.CLOSED: (_("%(who)s closed the case: %(disposition)s."), "", ""),
    Happening.REOPENED: (_("%(who)s reopened the case: %(reason)s"), "", ""),
    Happening.PLACED: (_("It became known where this is."), "", ""),
    Happening.WANTS_PERSON: (_("The reporter asks for a person."), "", ""),
    Happening.HELPED: (_("The reporter says that it is dealt with."), "", ""),
    Happening.NOT_HELPED: (_("The reporter says that it is not dealt with."), "", ""),
    Happening.LINKED: (_("The reporter goes on by %(channel)s."), "", ""),
    Happening.MOVED: (
        _("%(who)s moved a message to %(to)s."),
        "from_case",
        _("%(who)s moved a message here from %(from_case)s."),
    ),
    Happening.NOT_DELIVERED: (_("A message was not delivered: %(problem)s"), "", ""),
    Happening.OPTED_OUT: (_("The reporter asked for no more texts."), "", ""),
    Happening.ASSIGNED: (_("%(who)s gave the case to %(to)s."), "", ""),
    Happening.ESCALATED: (
        _("%(who)s escalated the case: %(reason)s"),
        "by_itself",
        _("Nobody acted on the alarm, so it went up to %(level)s."),
    ),
    Happening.MERGED: (
        _("%(who)s merged this case into %(into)s: they are one event."),
        "from_case",
        _("%(who)s merged the case %(from_case)s into this one: they are one event."),
    ),
    Happening.DESIGNATED: (
        _("%(who)s designated the case as an incident."),
        "back",
        _("%(who)s took back that the case is an incident."),
    ),
    Happening.CORRECTED: (
        _("%(who)s says that triage was wrong: %(reason)s"),
        "words",
        _("%(who)s says that triage was wrong, misled by “%(words)s”: %(reason)s"),
    ),
    Happening.BREACHED: (_("A response target was missed: %(promise)s."), "", ""),
    **referral_words.HISTORY,
    Happening.SILENCED: (_("The alarm stopped, because %(who)s acted."), "seen", _("%(who)s has seen the alarm.")),
}
#: Further sentences of a line, each for a key that its details may hold.
FURTHER: dict[Happening, dict[str, str]] = {
    Happening.MERGED: {
        "split_to": _("%(who)s took a report out of this case: it is %(split_to)s now."),
        "split_from": _("%(who)s took this report out of the case %(split_from)s."),
    },
}
RESPONDERS: dict[Responder, str] = {
    Responder.POLICE: _("Police"),
    Responder.SECURITY: _("Security"),
    Responder.SAFEGUARDING: _("Safeguarding"),
    Responder.BORDER: _("Border and customs"),
    Responder.INTEGRITY: _("Integrity"),
    Responder.CYBER: _("Computer emergency team"),
    Responder.MEDICAL: _("Ambulance"),
    Responder.FIRE: _("Fire service"),
    Responder.ENVIRONMENT: _("Environment agency"),
    Responder.FACILITIES: _("Facilities"),
    Responder.SERVICES: _("Visitor services"),
    Responder.NONE: _("Nobody"),
}
SITE_KINDS: dict[SiteKind, str] = {
    SiteKind.AIRPORT: _("Airport"),
    SiteKind.SEAPORT: _("Seaport"),
    SiteKind.STATION: _("Station"),
    SiteKind.BORDER_CROSSING: _("Border crossing"),
}
#: Who acts where no officer does.
ENGAGE = _("Engage")

_WORDS: dict[type[StrEnum], Mapping[Any, str]] = {
    Category: CATEGORIES,
    Severity: SEVERITIES,
    CaseStatus: STATUSES,
    Disposition: DISPOSITIONS,
    Channel: CHANNELS,
    Carrier: CARRIERS,
    OutgoingStatus: SENDINGS,
    AttachmentStatus: ATTACHMENTS,
    ReporterKind: REPORTERS,
    Role: ROLES,
    FoundBy: FOUND,
    CasePromise: PROMISES,
    AlarmKind: ALARMS,
    AlarmLevel: ALARM_LEVELS,
    Responder: RESPONDERS,
    SiteKind: SITE_KINDS,
    ReferralState: referral_words.STATES,
    Handling: referral_words.MARKS,
    Condition: poster_words.CONDITIONS,
    PosterTrouble: poster_words.TROUBLES,
}


def word_for(member: StrEnum) -> str:
    """What staff read for a member of one of our closed lists, in English."""
    return _WORDS[type(member)][member]


def sentence_for(what: Happening, details: Mapping[str, Any]) -> str:
    """The sentence of a history line, in English, with its `%(name)s` still open."""
    further = FURTHER.get(what, {})
    for key, sentence in further.items():
        if details.get(key):
            return sentence
    plain, key, special = HISTORY[what]
    return special if key and details.get(key) else plain

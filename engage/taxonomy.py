"""The closed word lists: what a report can be, how bad, who acts first, and how a case ends."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What a report is about: the one that decides who must act first."""

    WEAPON_ATTACK = "weapon_attack"
    ASSAULT_HARASSMENT = "assault_harassment"
    SUSPICIOUS_BEHAVIOUR = "suspicious_behaviour"
    UNATTENDED_ITEM = "unattended_item"
    TRESPASS_ACCESS = "trespass_access"
    DRONE = "drone"
    HUMAN_TRAFFICKING = "human_trafficking"
    STOWAWAY_SMUGGLING = "stowaway_smuggling"
    WILDLIFE_TRAFFICKING = "wildlife_trafficking"
    DRUGS_CONTRABAND = "drugs_contraband"
    CARGO_CRIME = "cargo_crime"
    THEFT_FRAUD = "theft_fraud"
    INSIDER_CORRUPTION = "insider_corruption"
    CYBER = "cyber"
    MEDICAL = "medical"
    FIRE_HAZMAT = "fire_hazmat"
    VULNERABLE_PERSON = "vulnerable_person"
    ENVIRONMENT = "environment"
    INFRASTRUCTURE_FAULT = "infrastructure_fault"
    DISORDER = "disorder"
    LOST_PROPERTY = "lost_property"
    QUESTION_FEEDBACK = "question_feedback"
    SPAM = "spam"


class Severity(StrEnum):
    """How much harm if it is true, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical to 3 for low: sorts the most urgent first."""
        return list(Severity).index(self)

    @property
    def urgency(self) -> int:
        """3 for critical to 0 for low: what is kept in columns to sort by."""
        return len(Severity) - 1 - self.rank

    def lowered(self, levels: int = 1) -> Severity:
        """The severity `levels` steps less urgent, never below low; negative steps raise it, never above critical."""
        order = list(Severity)
        return order[max(0, min(self.rank + levels, len(order) - 1))]


class Responder(StrEnum):
    """The kind of authority that must act first."""

    POLICE = "police"
    SECURITY = "security"
    SAFEGUARDING = "safeguarding"
    BORDER = "border"
    INTEGRITY = "integrity"
    CYBER = "cyber"
    MEDICAL = "medical"
    FIRE = "fire"
    ENVIRONMENT = "environment"
    FACILITIES = "facilities"
    SERVICES = "services"
    NONE = "none"


FIRST_RESPONDER: dict[Category, Responder] = {
    Category.WEAPON_ATTACK: Responder.POLICE,
    Category.ASSAULT_HARASSMENT: Responder.POLICE,
    Category.SUSPICIOUS_BEHAVIOUR: Responder.POLICE,
    Category.UNATTENDED_ITEM: Responder.SECURITY,
    Category.TRESPASS_ACCESS: Responder.SECURITY,
    Category.DRONE: Responder.SECURITY,
    Category.HUMAN_TRAFFICKING: Responder.SAFEGUARDING,
    Category.STOWAWAY_SMUGGLING: Responder.BORDER,
    Category.WILDLIFE_TRAFFICKING: Responder.BORDER,
    Category.DRUGS_CONTRABAND: Responder.BORDER,
    Category.CARGO_CRIME: Responder.POLICE,
    Category.THEFT_FRAUD: Responder.POLICE,
    Category.INSIDER_CORRUPTION: Responder.INTEGRITY,
    Category.CYBER: Responder.CYBER,
    Category.MEDICAL: Responder.MEDICAL,
    Category.FIRE_HAZMAT: Responder.FIRE,
    Category.VULNERABLE_PERSON: Responder.SAFEGUARDING,
    Category.ENVIRONMENT: Responder.ENVIRONMENT,
    Category.INFRASTRUCTURE_FAULT: Responder.FACILITIES,
    Category.DISORDER: Responder.SECURITY,
    Category.LOST_PROPERTY: Responder.SERVICES,
    Category.QUESTION_FEEDBACK: Responder.SERVICES,
    Category.SPAM: Responder.NONE,
}


class ReporterKind(StrEnum):
    """Who sent a report, as far as they say."""

    TRAVELLER = "traveller"
    TENANT = "tenant"
    STAFF = "staff"
    CREW = "crew"
    PUBLIC = "public"


class Channel(StrEnum):
    """How a message travels."""

    WEB = "web"
    CHAT = "chat"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PHONE = "phone"
    WALK_IN = "walk_in"
    API = "api"


class SiteKind(StrEnum):
    """What kind of site it is."""

    AIRPORT = "airport"
    SEAPORT = "seaport"
    STATION = "station"
    BORDER_CROSSING = "border_crossing"


class CaseStatus(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_REPORTER = "waiting_for_reporter"
    REFERRED = "referred"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self not in (CaseStatus.RESOLVED, CaseStatus.CLOSED)


class Disposition(StrEnum):
    """Why a case ended."""

    ACTION_TAKEN = "action_taken"
    FORMAL_REPORT = "formal_report"
    ADVISED = "advised"
    REFERRED = "referred"
    UNABLE_TO_LOCATE = "unable_to_locate"
    GONE_ON_ARRIVAL = "gone_on_arrival"
    UNFOUNDED = "unfounded"
    LEGITIMATE = "legitimate"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    INFORMATION_GATHERED = "information_gathered"
    CONTAINED = "contained"
    DUPLICATE = "duplicate"
    NO_FURTHER_ACTION = "no_further_action"
    FALSE_REPORT = "false_report"
    DRILL = "drill"
    SPAM = "spam"


class OutgoingStatus(StrEnum):
    """How far an outgoing message got; it only moves forward, except back to `queued` for another try."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"


class Role(StrEnum):
    """What a member of staff is here for; what each may do is told in `permissions`."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    ANALYST = "analyst"


class FoundBy(StrEnum):
    """How a reporter came to a place's page: a genuine QR code carries a tag, a typed address does not.

    Whoever told it by phone or at the counter came to no page.
    """

    SCANNED = "scanned"
    TYPED = "typed"
    TOLD = "told"


class Condition(StrEnum):
    """How an officer found a poster on its wall."""

    IN_PLACE = "in_place"
    DAMAGED = "damaged"
    STICKER_FOUND = "sticker_found"
    MISSING = "missing"


class PosterTrouble(StrEnum):
    """What a warning about a poster is of, the gravest first."""

    STICKER = "sticker"
    SILENT = "silent"
    IMPOSSIBLE_RHYTHM = "impossible_rhythm"
    MORE_TYPED = "more_typed"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"
    RETIRED_SCANNED = "retired_scanned"
    DAMAGED = "damaged"
    NOT_INSPECTED = "not_inspected"


class Direction(StrEnum):
    """Whose words a message holds."""

    FROM_REPORTER = "from_reporter"
    TO_REPORTER = "to_reporter"


class Happening(StrEnum):
    """What a line in a case's history says."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ROUTED = "routed"
    REPORTER_WROTE = "reporter_wrote"
    CLAIMED = "claimed"
    RELEASED = "released"
    ANSWERED = "answered"
    NOTED = "noted"
    RECLASSIFIED = "reclassified"
    TRANSFERRED = "transferred"
    WAITING = "waiting"
    REFERRED = "referred"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    PLACED = "placed"
    WANTS_PERSON = "wants_person"
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    LINKED = "linked"
    MOVED = "moved"
    NOT_DELIVERED = "not_delivered"
    OPTED_OUT = "opted_out"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    MERGED = "merged"
    DESIGNATED = "designated"
    CORRECTED = "corrected"
    BREACHED = "breached"
    SILENCED = "silenced"
    REFERRAL_OFFERED = "referral_offered"
    REFERRAL_ACCEPTED = "referral_accepted"
    REFERRAL_RECEIVED = "referral_received"
    REFERRAL_DECLINED = "referral_declined"
    REFERRAL_RETURNED = "referral_returned"
    REFERRAL_COMPLETED = "referral_completed"
    REFERRAL_EXPIRED = "referral_expired"
    REFERRAL_REVOKED = "referral_revoked"
    REFERRAL_WROTE = "referral_wrote"


class Carrier(StrEnum):
    """Who carries an outgoing message to its recipient."""

    MAIL = "mail"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class AttachmentStatus(StrEnum):
    """How far a picture or file that came with a message got: it is fetched after the words are safe."""

    WAITING = "waiting"
    STORED = "stored"
    FAILED = "failed"


class AlarmKind(StrEnum):
    """Why a case rings."""

    NEW_CRITICAL = "new_critical"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    UNANSWERED_OFFER = "unanswered_offer"


class Verdict(StrEnum):
    """What staff say of two cases that may be one event."""

    SAME = "same"
    DIFFERENT = "different"


class Promise(StrEnum):
    """How a response target stands."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    KEPT = "kept"


class CasePromise(StrEnum):
    """What a response target promises, in the order in which it is kept."""

    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    RESOLVE = "resolve"


class AlarmLevel(StrEnum):
    """How far up an alarm went."""

    SUPERVISOR = "supervisor"
    DUTY_MANAGER = "duty_manager"


class ReferralState(StrEnum):
    """How a referral to another authority stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RETURNED = "returned"
    COMPLETED = "completed"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Handling(StrEnum):
    """With whom what is shared may be shared further: the labels of the Traffic Light Protocol 2.0 (FIRST)."""

    RED = "red"
    AMBER_STRICT = "amber_strict"
    AMBER = "amber"
    GREEN = "green"
    CLEAR = "clear"


class Act(StrEnum):
    """What an entry of the trail tells of: what it was done to, and what was done.

    Every line of a case's history has its own, by the same word.
    """

    TRAIL_BEGAN = "trail.began"
    TRAIL_READ = "trail.read"
    HEAD_PUBLISHED = "head.published"
    CASE_READ = "case.read"
    CASE_RECEIVED = "case.received"
    CASE_TRIAGED = "case.triaged"
    CASE_ROUTED = "case.routed"
    CASE_REPORTER_WROTE = "case.reporter_wrote"
    CASE_CLAIMED = "case.claimed"
    CASE_RELEASED = "case.released"
    CASE_ANSWERED = "case.answered"
    CASE_NOTED = "case.noted"
    CASE_RECLASSIFIED = "case.reclassified"
    CASE_TRANSFERRED = "case.transferred"
    CASE_WAITING = "case.waiting"
    CASE_REFERRED = "case.referred"
    CASE_RESOLVED = "case.resolved"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    CASE_PLACED = "case.placed"
    CASE_WANTS_PERSON = "case.wants_person"
    CASE_HELPED = "case.helped"
    CASE_NOT_HELPED = "case.not_helped"
    CASE_LINKED = "case.linked"
    CASE_MOVED = "case.moved"
    CASE_NOT_DELIVERED = "case.not_delivered"
    CASE_OPTED_OUT = "case.opted_out"
    CASE_ASSIGNED = "case.assigned"
    CASE_ESCALATED = "case.escalated"
    CASE_MERGED = "case.merged"
    CASE_DESIGNATED = "case.designated"
    CASE_CORRECTED = "case.corrected"
    CASE_BREACHED = "case.breached"
    CASE_SILENCED = "case.silenced"
    CASE_REFERRAL_OFFERED = "case.referral_offered"
    CASE_REFERRAL_ACCEPTED = "case.referral_accepted"
    CASE_REFERRAL_RECEIVED = "case.referral_received"
    CASE_REFERRAL_DECLINED = "case.referral_declined"
    CASE_REFERRAL_RETURNED = "case.referral_returned"
    CASE_REFERRAL_COMPLETED = "case.referral_completed"
    CASE_REFERRAL_EXPIRED = "case.referral_expired"
    CASE_REFERRAL_REVOKED = "case.referral_revoked"
    CASE_REFERRAL_WROTE = "case.referral_wrote"
    REFERRAL_READ = "referral.read"
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_SECOND_STEP_FAILED = "staff.second_step_failed"
    STAFF_SECOND_STEP_SET = "staff.second_step_set"
    STAFF_SECOND_STEP_DROPPED = "staff.second_step_dropped"
    STAFF_RECOVERY_CODES_MADE = "staff.recovery_codes_made"
    STAFF_PASSKEY_ADDED = "staff.passkey_added"
    STAFF_PASSKEY_REMOVED = "staff.passkey_removed"
    STAFF_SESSIONS_ENDED = "staff.sessions_ended"
    STAFF_PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105
    STAFF_INVITED = "staff.invited"
    STAFF_INVITATION_REVOKED = "staff.invitation_revoked"
    STAFF_INVITATION_USED = "staff.invitation_used"
    STAFF_DEACTIVATED = "staff.deactivated"
    STAFF_REACTIVATED = "staff.reactivated"
    ORIGINAL_OPENED = "original.opened"
    FILE_OPENED = "file.opened"
    CONTACT_ASKED = "contact.asked"
    CONTACT_ALLOWED = "contact.allowed"
    CONTACT_REFUSED = "contact.refused"
    CONTACT_OPENED = "contact.opened"
    EVIDENCE_PACKED = "evidence.packed"
    NUMBERS_EXPORTED = "numbers.exported"
    POSTER_INSPECTED = "poster.inspected"
    POSTER_REPLACED = "poster.replaced"
    POSTERS_PRINTED = "posters.printed"
    SETTINGS_CHANGED = "settings.changed"
    SETTINGS_EXPORTED = "settings.exported"
    SETTINGS_LOADED = "settings.loaded"

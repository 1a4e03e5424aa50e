"""The tables, split by word. Importing this package registers every table on `metadata`."""

from sqlmodel import SQLModel

from engage.models.attachments import Attachment, Upload, UploadPart
from engage.models.authorities import Authority, DutyRule, Queue, Unit
from engage.models.cases import Case, CaseEvent, Note
from engage.models.contacts import AnswerNotice, Contact, Conversation, LinkWord, ReportContact
from engage.models.guides import GuideText, QuizResult
from engage.models.messages import Arrival, Message
from engage.models.openings import ContactOpening
from engage.models.outgoing import Outgoing
from engage.models.people import Staff, StaffSession, StaffUnit
from engage.models.places import Place, Site, SiteFact, Zone
from engage.models.plans import FloorPlan, PlacePhoto, PlanPin
from engage.models.posters import Poster, PosterInspection, PosterReplacement, PosterScan, PosterWarning
from engage.models.referrals import Referral, ReferralStep, ReportCopy, SharedPiece
from engage.models.reports import Report, ReportFinding
from engage.models.sameness import Correction, Look, Proposal, ReadyReply, ReportTrace, SavedView, TraceTerm
from engage.models.settings import SettingsChange, SettingsVersion, ShadowRoute, SiteWords
from engage.models.sign_ins import Invitation, Passkey, PendingSignIn, RecoveryCode, SecondStep, UsedChallenge
from engage.models.trail import AuditEntry
from engage.models.watch import Alarm, Calendar, Handover, ResponseTarget, Shift, Watch

metadata = SQLModel.metadata

__all__ = [
    "Alarm",
    "AnswerNotice",
    "Arrival",
    "Attachment",
    "AuditEntry",
    "Authority",
    "Calendar",
    "Case",
    "CaseEvent",
    "Contact",
    "ContactOpening",
    "Conversation",
    "Correction",
    "DutyRule",
    "FloorPlan",
    "GuideText",
    "Handover",
    "Invitation",
    "LinkWord",
    "Look",
    "Message",
    "Note",
    "Outgoing",
    "Passkey",
    "PendingSignIn",
    "Place",
    "PlacePhoto",
    "PlanPin",
    "Poster",
    "PosterInspection",
    "PosterReplacement",
    "PosterScan",
    "PosterWarning",
    "Proposal",
    "Queue",
    "QuizResult",
    "ReadyReply",
    "RecoveryCode",
    "Referral",
    "ReferralStep",
    "Report",
    "ReportContact",
    "ReportCopy",
    "ReportFinding",
    "ReportTrace",
    "ResponseTarget",
    "SavedView",
    "SecondStep",
    "SettingsChange",
    "SettingsVersion",
    "ShadowRoute",
    "SharedPiece",
    "Shift",
    "Site",
    "SiteFact",
    "SiteWords",
    "Staff",
    "StaffSession",
    "StaffUnit",
    "TraceTerm",
    "Unit",
    "Upload",
    "UploadPart",
    "UsedChallenge",
    "Watch",
    "Zone",
    "metadata",
]

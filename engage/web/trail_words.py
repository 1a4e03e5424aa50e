"""What an entry of the trail says, in a few words."""

from __future__ import annotations

from engage.taxonomy import Act


def _(sentence: str) -> str:
    return sentence


ACTS: dict[str, str] = {
    Act.TRAIL_BEGAN: _("The trail began"),
    Act.TRAIL_READ: _("Read the trail"),
    Act.HEAD_PUBLISHED: _("The head of the trail was published"),
    Act.CASE_READ: _("Read the case"),
    Act.CASE_RECEIVED: _("Report arrived"),
    Act.CASE_TRIAGED: _("Triage judged the case"),
    Act.CASE_ROUTED: _("Put into a queue by the rules"),
    Act.CASE_REPORTER_WROTE: _("The reporter wrote"),
    Act.CASE_CLAIMED: _("Took the case"),
    Act.CASE_RELEASED: _("Gave the case back to its queue"),
    Act.CASE_ANSWERED: _("Answered the reporter"),
    Act.CASE_NOTED: _("Wrote a note"),
    Act.CASE_RECLASSIFIED: _("Changed category or severity"),
    Act.CASE_TRANSFERRED: _("Moved the case to another queue"),
    Act.CASE_WAITING: _("Waits for the reporter"),
    Act.CASE_REFERRED: _("Told another body"),
    Act.CASE_RESOLVED: _("Resolved the case"),
    Act.CASE_CLOSED: _("Closed the case"),
    Act.CASE_REOPENED: _("Reopened the case"),
    Act.CASE_PLACED: _("The place became known"),
    Act.CASE_WANTS_PERSON: _("The reporter asked for a person"),
    Act.CASE_HELPED: _("The reporter said that it helped"),
    Act.CASE_NOT_HELPED: _("The reporter said that it did not help"),
    Act.CASE_LINKED: _("The reporter goes on by another way"),
    Act.CASE_MOVED: _("Moved a message"),
    Act.CASE_NOT_DELIVERED: _("A message was not delivered"),
    Act.CASE_OPTED_OUT: _("The reporter wants no more texts"),
    Act.CASE_ASSIGNED: _("Gave the case to a colleague"),
    Act.CASE_ESCALATED: _("Escalated the case"),
    Act.CASE_MERGED: _("Merged cases, or took them apart"),
    Act.CASE_DESIGNATED: _("Designated an incident, or took that back"),
    Act.CASE_CORRECTED: _("Corrected triage"),
    Act.CASE_BREACHED: _("A response target was missed"),
    Act.CASE_SILENCED: _("Saw the alarm"),
    Act.CASE_REFERRAL_OFFERED: _("Offered the case to another authority"),
    Act.CASE_REFERRAL_ACCEPTED: _("The offer was accepted"),
    Act.CASE_REFERRAL_RECEIVED: _("Took a case over from another authority"),
    Act.CASE_REFERRAL_DECLINED: _("The offer was declined"),
    Act.CASE_REFERRAL_RETURNED: _("The case was given back"),
    Act.CASE_REFERRAL_COMPLETED: _("The referral was completed"),
    Act.CASE_REFERRAL_EXPIRED: _("The offer expired"),
    Act.CASE_REFERRAL_REVOKED: _("The referral was taken back"),
    Act.CASE_REFERRAL_WROTE: _("The authorities wrote to each other"),
    Act.REFERRAL_READ: _("Read an offer"),
    Act.STAFF_SIGNED_IN: _("Signed in"),
    Act.STAFF_SECOND_STEP_FAILED: _("Failed at the second step"),
    Act.STAFF_SECOND_STEP_SET: _("Set up the second step"),
    Act.STAFF_SECOND_STEP_DROPPED: _("Dropped the second step"),
    Act.STAFF_RECOVERY_CODES_MADE: _("Made recovery codes"),
    Act.STAFF_PASSKEY_ADDED: _("Added a passkey"),
    Act.STAFF_PASSKEY_REMOVED: _("Removed a passkey"),
    Act.STAFF_SESSIONS_ENDED: _("Ended sessions"),
    Act.STAFF_PASSWORD_CHANGED: _("Changed the password"),
    Act.STAFF_INVITED: _("Invited a colleague"),
    Act.STAFF_INVITATION_REVOKED: _("Took an invitation back"),
    Act.STAFF_INVITATION_USED: _("Came by an invitation"),
    Act.STAFF_DEACTIVATED: _("Ended somebody's access"),
    Act.STAFF_REACTIVATED: _("Gave somebody access again"),
    Act.FILE_OPENED: _("Opened a file"),
    Act.ORIGINAL_OPENED: _("Opened a file as it came"),
    Act.CONTACT_ASKED: _("Asked to see a contact"),
    Act.CONTACT_ALLOWED: _("Consented that a contact is seen"),
    Act.CONTACT_REFUSED: _("Refused that a contact is seen"),
    Act.CONTACT_OPENED: _("Saw a reporter's number"),
    Act.EVIDENCE_PACKED: _("Made an evidence package"),
    Act.NUMBERS_EXPORTED: _("Saved numbers as a file"),
    Act.POSTER_INSPECTED: _("Inspected a poster"),
    Act.POSTER_REPLACED: _("Replaced a poster"),
    Act.POSTERS_PRINTED: _("Printed posters"),
    Act.SETTINGS_CHANGED: _("Changed the settings"),
    Act.SETTINGS_EXPORTED: _("Exported the settings"),
    Act.SETTINGS_LOADED: _("Loaded settings from a file"),
}


def sentence(act: str) -> str:
    """What an act is called; an act of a later version by its own word."""
    return ACTS.get(act, act)

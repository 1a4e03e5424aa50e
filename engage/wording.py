"""What reporters are told of how their case stands: the words, not when to say them.

Sentences stand here in English; `_` marks them for the catalogues and changes nothing.
"""

from __future__ import annotations

from engage.taxonomy import CaseStatus


def _(sentence: str) -> str:
    return sentence


#: How a case stands, told honestly to its reporter.
STANDING: dict[CaseStatus, str] = {
    CaseStatus.RECEIVED: _("Your report is stored. No officer has taken it yet."),
    CaseStatus.TRIAGED: _("Your report is in the queue. No officer has taken it yet."),
    CaseStatus.ASSIGNED: _("An officer has taken your report."),
    CaseStatus.IN_PROGRESS: _("An officer is working on it."),
    CaseStatus.WAITING_FOR_REPORTER: _("We asked you something and are waiting for your answer."),
    CaseStatus.REFERRED: _("Another body has been told, and we still follow it."),
    CaseStatus.RESOLVED: _("We believe this is dealt with. Write again if it is not."),
    CaseStatus.CLOSED: _("This is closed. If you write again, it is opened again."),
    CaseStatus.REOPENED: _("This was opened again and is in the queue."),
}

"""What reporters are told, by what they reported and how their case stands: the words, not when to say them.

Sentences stand here in English; `_` marks them for the catalogues and changes nothing.
"""

from __future__ import annotations

from engage.taxonomy import CaseStatus, Category


def _(sentence: str) -> str:
    return sentence


#: What to do, or not to do, until someone comes.
ADVICE: dict[Category, str] = {
    Category.WEAPON_ATTACK: _("Get away if you can, hide if you cannot, and keep your phone silent. Do not go closer."),
    Category.ASSAULT_HARASSMENT: _(
        "Go where there are other people or staff. Do not step in if it puts you in danger."
    ),
    Category.SUSPICIOUS_BEHAVIOUR: _(
        "Do not follow or confront anyone. Remember what they look like and where they went."
    ),
    Category.UNATTENDED_ITEM: _(
        "Do not touch or move it. Keep away from it, and do not use your phone right beside it."
    ),
    Category.TRESPASS_ACCESS: _(
        "Do not try to stop anyone, and do not go through yourself. Remember the place exactly."
    ),
    Category.DRONE: _("Watch from where you are. Remember its direction, and where the person flying it stands."),
    Category.HUMAN_TRAFFICKING: _(
        "Do not speak to the people involved. Keep your distance, and tell us what you see and hear."
    ),
    Category.STOWAWAY_SMUGGLING: _(
        "Do not open anything and do not warn anyone. "
        "If you hear calls for help, ring the emergency number on this page."
    ),
    Category.WILDLIFE_TRAFFICKING: _("Do not touch animals or open parcels. Remember labels, numbers and vehicles."),
    Category.DRUGS_CONTRABAND: _(
        "Do not touch anything and do not ask questions. Remember labels, numbers and vehicles."
    ),
    Category.CARGO_CRIME: _(
        "Leave the seal and the cargo as they are. Write down numbers from where you stand safely."
    ),
    Category.THEFT_FRAUD: _("Block lost cards with your bank now. Keep receipts, messages and tickets."),
    Category.INSIDER_CORRUPTION: _("Tell nobody at work that you wrote. Only a separate integrity office reads this."),
    Category.CYBER: _("Do not plug anything in, and do not enter passwords. Leave the screen as it is."),
    Category.MEDICAL: _(
        "Stay with the person if it is safe. Do not move them unless they are in danger where they are."
    ),
    Category.FIRE_HAZMAT: _("Leave at once, walk upwind, warn others on the way, and do not use lifts."),
    Category.VULNERABLE_PERSON: _("Stay near, speak calmly, and keep them in sight until someone comes."),
    Category.ENVIRONMENT: _("Keep away from spilled liquids and dead animals, and do not try to clean up."),
    Category.INFRASTRUCTURE_FAULT: _("Keep clear of it, and warn others if they could be hurt."),
    Category.DISORDER: _("Move away from the crowd to the side, and keep your hands and exits free."),
    Category.LOST_PROPERTY: _("Note when and where you last had it. Nobody from here will ever ask you to pay."),
    Category.QUESTION_FEEDBACK: _("A person reads this and answers in your thread."),
    Category.SPAM: _("A person looks at every message, also at this one."),
}

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

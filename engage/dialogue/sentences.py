"""What Engage itself says in a conversation, in English; the words, not when to say them.

They go out as texts, so they are short. What is in capitals is a word that the reporter can send back; translations
name the words of their own language from `commands.yaml`.
"""

from __future__ import annotations


def _(sentence: str) -> str:
    return sentence


CALL_NOW = _("If anyone is in danger, call %(number)s now.")
WITH_US = _("%(authority)s has your report. Reference %(reference)s.")
WITH_US_FROM = _("%(authority)s has your report from %(place)s. Reference %(reference)s.")
QUIET_WITH_US = _("Your message has arrived. Reference %(reference)s.")
WHERE = _("Where is this? Send the code on the poster, or say which gate, shop, platform or berth.")
WHICH_PLACE = _("Which of these do you mean? Send its number, or describe the place.\n%(choices)s")
PLACED = _("Place noted: %(place)s.")
WHAT = _("%(place)s. What do you see there? Write it in your own words.")
NOTED = _("Noted, thank you.")
ENOUGH = _("Thank you, that helps. An officer reads everything you write and can answer you here.")
ENOUGH_ANYWAY = _("That is all right. An officer reads what you wrote and can answer you here.")
PERSON = _("A person will answer you here. If anyone is in danger, do not wait: call %(number)s.")
STOPPED = _("You will get no more messages from us. Your reports stay with us. Send START to hear from us again.")
STARTED = _("Welcome back. Write what you see, with the code on the poster.")
HELP = _(
    "If anyone is in danger, call %(number)s now. Staff can see that you asked for help. "
    "Write what is happening, and the code on the poster. "
    "You can also send: HUMAN, STATUS, CODE, LANGUAGE, STOP."
)
STATUS = _("Report %(reference)s: %(standing)s")
NO_REPORT = _("There is no report of yours here yet. Write what you see, with the code on the poster.")
WHICH_LANGUAGE = _("Which language? Send its number.\n%(choices)s")
SPEAKING = _("We write to you in English from now on.")
IS_SAFE = _("Is it safe for us to write to you here? Send YES or NO.")
SAFE = _("Good.")
NOT_SAFE = _("Understood. We will not write again unless you do.")
DID_IT_HELP = _("Did this help? Send YES or NO.")
GLAD = _("Thank you for telling us. Write again whenever you see something.")
OPEN_AGAIN = _("We are sorry that it did not. Your report is open again, and a person will look at it.")
LINKED = _("This phone now belongs to report %(reference)s. You can write here, and answers come here.")
LINK_SPENT = _("That word was used already or is too old. Your report's page gives you a new one.")
CODE = _("Your access code is %(access_code)s. Enter it at %(address)s and keep it secret.")
REST = _("The rest is at %(address)s. Send CODE for your access code.")
CLOSED = _("Your report %(reference)s is closed.")
RESOLVED = _("We believe that what you reported (%(reference)s) is dealt with.")
PICTURES = _("Your picture is on its way to us.")
ASKED = _("A person will answer you here.")
FACT_ASIDE = _("If that does not answer it, send HUMAN.")
DID_WHAT = _("What did the person do? How somebody looks is not enough for us to act on.")
HELLO = _("Hello. Write what you see, and the code on the poster. If anyone is in danger, call %(number)s.")
ANSWER_WAITS = _("You have an answer. It is at %(address)s, with your access code.")
ANSWER_WAITS_SUBJECT = _("You have an answer")
HAS_IT = _("%(authority)s has taken this over. You can go on writing here.")
ANOTHER_HAS_IT = _("Another body has taken this over. You can go on writing here.")

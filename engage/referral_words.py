"""What staff and other receivers read of referrals: how they stand, what a handling mark allows, lines of history.

The marks are those of the Traffic Light Protocol 2.0 (https://www.first.org/tlp/), which are written the same in every
language; what each allows is told beside it.
"""

from __future__ import annotations

from engage.taxonomy import Handling, Happening, ReferralState


def _(sentence: str) -> str:
    return sentence


STATES: dict[ReferralState, str] = {
    ReferralState.OFFERED: _("Offered"),
    ReferralState.ACCEPTED: _("Accepted"),
    ReferralState.DECLINED: _("Declined"),
    ReferralState.RETURNED: _("Given back"),
    ReferralState.COMPLETED: _("Completed"),
    ReferralState.EXPIRED: _("Lapsed, nobody answered"),
    ReferralState.REVOKED: _("Taken back"),
}
MARKS: dict[Handling, str] = {
    Handling.RED: "TLP:RED",
    Handling.AMBER_STRICT: "TLP:AMBER+STRICT",
    Handling.AMBER: "TLP:AMBER",
    Handling.GREEN: "TLP:GREEN",
    Handling.CLEAR: "TLP:CLEAR",
}
ALLOWED: dict[Handling, str] = {
    Handling.RED: _("For the eyes of whoever reads this alone; no further disclosure."),
    Handling.AMBER_STRICT: _("Only within the organisation that receives it, to those who need to know."),
    Handling.AMBER: _("Within the organisation that receives it and its clients, to those who need to know."),
    Handling.GREEN: _("Within the community of bodies that work at these sites, but not in public."),
    Handling.CLEAR: _("It may be told to anybody."),
}
#: Lines of the history; the second sentence is the right one where the details hold the key between them.
HISTORY: dict[Happening, tuple[str, str, str]] = {
    Happening.REFERRAL_OFFERED: (_("%(who)s offered the case to %(to)s: %(reason)s"), "", ""),
    Happening.REFERRAL_ACCEPTED: (_("%(to)s has taken the case over (%(who)s)."), "", ""),
    Happening.REFERRAL_RECEIVED: (_("%(from)s referred the case, and %(who)s took it over: %(reason)s"), "", ""),
    Happening.REFERRAL_DECLINED: (_("%(to)s declined the case (%(who)s): %(reason)s"), "", ""),
    Happening.REFERRAL_RETURNED: (
        _("%(to)s gave the case back (%(who)s): %(reason)s"),
        "received",
        _("%(who)s gave the case back to %(to)s: %(reason)s"),
    ),
    Happening.REFERRAL_COMPLETED: (
        _("%(to)s has done what was asked (%(who)s): %(reason)s"),
        "received",
        _("%(who)s completed the referral of %(to)s: %(reason)s"),
    ),
    Happening.REFERRAL_EXPIRED: (_("%(to)s did not answer in time, so the offer came back."), "", ""),
    Happening.REFERRAL_REVOKED: (
        _("%(who)s took the case back from %(to)s: %(reason)s"),
        "received",
        _("%(to)s took the case back: %(reason)s"),
    ),
    Happening.REFERRAL_WROTE: (_("%(from)s wrote about the referral."), "", ""),
}

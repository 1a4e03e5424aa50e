"""What there is to administer: each kind of thing with its fields, in a table, so that one page serves them all."""

from __future__ import annotations

from typing import Final

from engage.administration.fields import Ending, Field, Kind, Shape


def _(sentence: str) -> str:
    return sentence


_SLUG = Field(
    "slug",
    _("Short name in addresses"),
    hint=_("Small letters, digits and dashes. It stays for good."),
    needed=True,
    fixed=True,
)
_NAME = Field("name", _("Name"), needed=True)
_NAMES = Field("names", _("Name in other languages"), Shape.NAMES)
_MAILBOX = Field("mailbox", _("Mail address for notifications"))
_EMERGENCY = Field("emergency_number", _("Emergency number"))
_DESK = Field("desk_number", _("Number of the desk"))
_TIMEZONE = Field("timezone", _("Time zone"), hint=_("Such as Europe/London."), needed=True)
_AUTHORITY = Field("authority", _("Authority"), Shape.CHOICE, "own_authority", needed=True, fixed=True)

KINDS: Final[dict[str, Kind]] = {
    kind.slug: kind
    for kind in (
        Kind(
            "authorities",
            _("Authorities"),
            _("Authority"),
            (
                _SLUG,
                _NAME,
                Field("duty_mailbox", _("Mail address of the duty manager")),
                Field("two_persons_for_contacts", _("A colleague must consent before a number is seen"), Shape.TICK),
            ),
            ("name", "duty_mailbox", "two_persons_for_contacts"),
            Ending.RETIRE,
            _("Bodies with duties of their own. You change your own; each sees its own cases only."),
        ),
        Kind(
            "units",
            _("Units"),
            _("Unit"),
            (
                _SLUG,
                _NAME,
                _AUTHORITY,
                Field("responder", _("Acts first as"), Shape.CHOICE, "responders", needed=True),
                _MAILBOX,
            ),
            ("name", "responder", "mailbox"),
            Ending.RETIRE,
            _("Parts of your authority that work queues."),
        ),
        Kind(
            "queues",
            _("Queues"),
            _("Queue"),
            (
                _SLUG,
                _NAME,
                Field("unit", _("Unit"), Shape.CHOICE, "units", needed=True),
                Field("sealed", _("Sealed: only its own unit sees its cases"), Shape.TICK),
            ),
            ("name", "unit", "sealed"),
            Ending.RETIRE,
            _("Where cases wait for one unit."),
        ),
        Kind(
            "sites",
            _("Sites"),
            _("Site"),
            (
                _SLUG,
                _NAME,
                _NAMES,
                Field("kind", _("Kind"), Shape.CHOICE, "site_kinds", needed=True),
                _TIMEZONE,
                Field("emergency_number", _("Emergency number"), needed=True),
                _DESK,
                Field(
                    "fallback_queue",
                    _("Fallback queue"),
                    Shape.CHOICE,
                    "queues",
                    _("Where reports wait that no rule takes, or that nobody has understood yet."),
                    needed=True,
                ),
                Field(
                    "inspection_days",
                    _("Days between two inspections of a poster"),
                    Shape.NUMBER,
                    hint=_("None: 90 days."),
                ),
                Field("facts", _("What people ask for"), Shape.FACTS),
            ),
            ("name", "kind", "timezone", "fallback_queue"),
            Ending.RETIRE,
            _("Airports, seaports, stations and border crossings. All authorities share them."),
        ),
        Kind(
            "zones",
            _("Zones"),
            _("Zone"),
            (_SLUG, Field("site", _("Site"), Shape.CHOICE, "sites", needed=True, fixed=True), _NAME, _NAMES),
            ("name", "site"),
            Ending.RETIRE,
            _("Terminals, piers, yards and halls."),
        ),
        Kind(
            "places",
            _("Places"),
            _("Place"),
            (
                _SLUG,
                Field(
                    "zone",
                    _("Zone"),
                    Shape.CHOICE,
                    "zones",
                    _("New reports follow the place into its zone; what was reported there stays."),
                    needed=True,
                ),
                _NAME,
                _NAMES,
                Field("detail", _("How to find it")),
                _EMERGENCY,
                _DESK,
                Field("opening_hours", _("Opening hours")),
                Field("latitude", _("Latitude"), hint=_("Degrees, such as 51.4706")),
                Field("longitude", _("Longitude"), hint=_("Degrees, such as -0.4543")),
                Field(
                    "walking_order", _("Place on the way round"), hint=_("A number; posters are packed in this order.")
                ),
            ),
            ("name", "zone", "detail"),
            Ending.RETIRE,
            _("Spots that one can walk to. Posters hang there."),
        ),
        Kind(
            "staff",
            _("Staff"),
            _("Member of staff"),
            (
                Field("login", _("Login"), needed=True, fixed=True),
                _NAME,
                _AUTHORITY,
                Field("role", _("Role"), Shape.CHOICE, "roles", needed=True),
                Field("units", _("Units"), Shape.MANY, "units"),
                Field("mailbox", _("Mail address for alarms that went up")),
            ),
            ("name", "role", "units"),
            Ending.DEACTIVATE,
            _("Who works for your authority. A changed role or unit counts from their next page on."),
        ),
        Kind(
            "calendars",
            _("Calendars"),
            _("Calendar"),
            (
                _SLUG,
                _TIMEZONE,
                Field(
                    "hours",
                    _("Working hours"),
                    Shape.HOURS,
                    hint=_("Such as 09:00-12:00, 13:00-17:00; empty for a day without work."),
                ),
                Field("holidays", _("Days without work"), Shape.LINES, hint=_("One day a line, such as 2026-12-25.")),
            ),
            ("timezone", "hours"),
            Ending.REMOVE,
            _("In whose hours targets count."),
        ),
        Kind(
            "targets",
            _("Response targets"),
            _("Response target"),
            (
                Field(
                    "queue",
                    _("Queue"),
                    Shape.CHOICE,
                    "own_queues",
                    _("None: every queue without a target of its own."),
                    fixed=True,
                ),
                Field("severity", _("Severity"), Shape.CHOICE, "severities", needed=True, fixed=True),
                Field("acknowledge", _("Taken within, in minutes"), Shape.NUMBER, needed=True),
                Field("respond", _("First answer within, in minutes"), Shape.NUMBER, needed=True),
                Field("resolve", _("Ended within, in minutes"), Shape.NUMBER, needed=True),
                Field("calendar", _("Calendar"), Shape.CHOICE, "calendars", _("None: all hours count.")),
            ),
            ("queue", "severity", "acknowledge", "respond", "resolve", "calendar"),
            Ending.REMOVE,
            _("What is promised for a severity. Cases that are open keep their promise until they change."),
        ),
        Kind(
            "shifts",
            _("Shifts"),
            _("Shift"),
            (
                Field("queue", _("Queue"), Shape.CHOICE, "own_queues", needed=True),
                Field("day", _("Day"), Shape.CHOICE, "days", needed=True),
                Field("hours", _("Hours"), hint=_("Such as 22:00-06:00; it may end on the next day."), needed=True),
                _TIMEZONE,
                Field("staff", _("Planned"), Shape.CHOICE, "staff"),
            ),
            ("queue", "day", "hours", "timezone", "staff"),
            Ending.REMOVE,
            _("On which days and hours queues are to be watched, by the clocks of a time zone, and by whom."),
        ),
        Kind(
            "replies",
            _("Ready replies"),
            _("Ready reply"),
            (
                _SLUG,
                Field("authority", _("Authority"), Shape.CHOICE, "own_authority", _("None: for all authorities.")),
                Field("category", _("Category"), Shape.CHOICE, "categories", _("None: for every case.")),
                Field("texts", _("Text"), Shape.TEXTS, needed=True),
            ),
            ("category", "authority", "texts"),
            Ending.REMOVE,
            _("Answers that stand ready for officers, in every language."),
        ),
        Kind(
            "rules",
            _("Routing rules"),
            _("Routing rule"),
            (
                _SLUG,
                Field("queue", _("Send to"), Shape.CHOICE, "queues", needed=True),
                Field("site", _("Site"), Shape.CHOICE, "sites", empty=_("Any")),
                Field("zone", _("Zone"), Shape.CHOICE, "zones", empty=_("Any")),
                Field("responder", _("Acts first"), Shape.CHOICE, "responders", empty=_("Any")),
                Field("category", _("Category"), Shape.CHOICE, "categories", empty=_("Any")),
                Field("severity", _("Severity, or more urgent"), Shape.CHOICE, "severities", empty=_("Any")),
                Field("hours", _("Hours"), hint=_("Such as 22:00-06:00, by the clocks of the site; empty: always.")),
            ),
            (),
            Ending.REMOVE,
            _("Who gets what. The first rule that matches decides."),
        ),
        Kind(
            "words",
            _("Site words"),
            _("Site words"),
            (
                Field("language", _("Language"), Shape.CHOICE, "languages", needed=True, fixed=True),
                Field("concept", _("Concept"), Shape.CHOICE, "concepts", needed=True, fixed=True),
                Field(
                    "words",
                    _("Words and phrases"),
                    Shape.TEXT,
                    hint=_(
                        "Divided by commas or lines. =word is this very form only, ~word counts half, "
                        "a .. b lets up to three words stand between."
                    ),
                    needed=True,
                ),
            ),
            ("language", "concept", "words"),
            Ending.REMOVE,
            _("Names and slang of your sites that triage should know, by what they mean."),
        ),
    )
}
#: Those that one page serves all alike; rules and words are rehearsed before they count.
PLAIN: Final = tuple(slug for slug in KINDS if slug not in ("rules", "words"))

"""The numbers of a window as tables in the words of the page, each with its chart where one says more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from babel.dates import format_date, get_day_names

from engage import charts
from engage.charts import Svg, Titled
from engage.languages import LANGUAGES, say_number
from engage.numbers import Numbers, Spotted
from engage.tallies import Pace
from engage.taxonomy import CasePromise, Severity
from engage.web.desk_words import DAY, HOUR, MINUTE, called, language_name, percent, word
from engage.web.frame import language, say

#: How many bars a chart has, and how many rows a table on the page; the file has them all.
MOST_BARS, MOST_ROWS = 10, 50


def _(sentence: str) -> str:
    return sentence


class Cell(NamedTuple):
    """A value as a spreadsheet wants it, and as people read it."""

    value: object
    shown: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers. `name` is that of its file; its first `words` columns are words, the others numbers.

    `caption` says what the chart shows, where the title does not.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Svg | None = None
    caption: str = ""
    words: int = 1
    hint: str = ""

    @property
    def shown(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that stand on the page."""
        return self.rows[:MOST_ROWS]


PROMISES: dict[CasePromise, str] = {
    CasePromise.ACKNOWLEDGE: _("Until somebody took it"),
    CasePromise.RESPOND: _("Until the first answer"),
    CasePromise.RESOLVE: _("Until it ended"),
}
OUTCOMES: dict[str, str] = {
    "cases": _("Cases"),
    "open": _("Open now"),
    "unanswered": _("Open and not answered yet"),
    "ended_unanswered": _("Ended without an answer"),
    "reopened": _("Reopened"),
    "referred": _("Referred to another body"),
    "escalated": _("Went up to a supervisor"),
    "merged": _("Joined to another case"),
    "drills": _("Drills, counted nowhere else"),
    "spam": _("Spam, counted nowhere else"),
}


def all_of(numbers: Numbers) -> dict[str, Table]:
    """Every table by its name, in the order of the page."""
    tables = (make(numbers) for make in _TABLES)
    return {table.name: table for table in tables}


def duration(time: timedelta | None) -> Cell:
    """A length of time: minutes for a spreadsheet, one or two short units for people; a dash for none."""
    if time is None:
        return Cell(None, "–")
    minutes = round(time / MINUTE, 1)
    if time < MINUTE:
        return Cell(minutes, say("%(count)s s", count=int(time.total_seconds())))
    if time < HOUR:
        return Cell(minutes, say("%(count)s min", count=time // MINUTE))
    if time < 2 * DAY:
        return Cell(minutes, say("%(hours)s h %(minutes)s min", hours=time // HOUR, minutes=time % HOUR // MINUTE))
    return Cell(minutes, say("%(count)s d", count=time // DAY))


def share(value: float | None) -> Cell:
    """A share of one."""
    return Cell(None, "–") if value is None else Cell(round(value, 3), percent(value))


def _days(numbers: Numbers) -> Table:
    title = say(_("Reports by day"))
    shown = [(format_date(day, "d MMM", locale=language()), count) for day, count in numbers.tally.days]
    rows = tuple(
        (Cell(day.isoformat(), format_date(day, "medium", locale=language())), _count(count))
        for day, count in numbers.tally.days
    )
    chart = charts.line(_titled("days", title, shown), shown)
    return Table("days", title, (say(_("Day")), say(_("Reports"))), rows[::-1], chart)


def _hours(numbers: Numbers) -> Table:
    title, week = say(_("Reports by hour and weekday")), numbers.tally.week
    names = get_day_names("abbreviated", locale=language())
    weekdays = [str(names[day]) for day in range(7)]
    every = [
        (f"{weekday} {hour:02}:00", count)
        for weekday, day in zip(weekdays, week, strict=True)
        for hour, count in enumerate(day)
    ]
    rows = tuple((Cell(hour, f"{hour:02}:00"), *(_count(day[hour]) for day in week)) for hour in range(24))
    chart = charts.heat(_titled("hours", title, every), weekdays, week)
    return Table("hours", title, (say(_("Hour")), *weekdays), rows, chart)


def _places(numbers: Numbers) -> Table:
    counted = [(_place(numbers.spots[where]), count) for where, count in numbers.tally.places]
    return _counted("places", say(_("Reports by place")), say(_("Place")), counted)


def _categories(numbers: Numbers) -> Table:
    counted = [(word(category), count) for category, count in numbers.tally.categories]
    return _counted("categories", say(_("Reports by category")), say(_("Category")), counted)


def _channels(numbers: Numbers) -> Table:
    counted = [(word(channel), count) for channel, count in numbers.tally.channels]
    return _counted("channels", say(_("Reports by channel")), say(_("Channel")), counted)


def _languages(numbers: Numbers) -> Table:
    counted = [(language_name(code), count) for code, count in numbers.tally.languages]
    return _counted("languages", say(_("Reports by language")), say(_("Language")), counted)


def _paces(numbers: Numbers) -> Table:
    title = say(_("Times against their targets"))
    named = [
        (say(PROMISES[promise]), say(_("All")) if severity is None else word(severity), pace)
        for (promise, severity), pace in sorted(numbers.tally.paces.items(), key=lambda one: _order(*one[0]))
    ]
    kept = [(f"{what} · {level}", round(100 * pace.share)) for what, level, pace in named if pace.share is not None]
    caption = say(_("Targets kept"))
    header = (
        _("Time"),
        _("Severity"),
        _("Measured"),
        _("Median"),
        _("9 of 10 within"),
        _("In time"),
        _("Late"),
        _("Kept"),
    )
    return Table(
        "times",
        title,
        tuple(say(one) for one in header),
        tuple(_pace(what, level, pace) for what, level, pace in named),
        _bars("times", caption, kept, most=len(named), unit=" %") if kept else None,
        caption=caption,
        words=2,
        hint=say(_("What is open and past its target counts as late, though its time is not measured yet.")),
    )


def _outcomes(numbers: Numbers) -> Table:
    rows = tuple(
        (Cell(say(sentence), say(sentence)), _count(getattr(numbers.tally.outcomes, name)))
        for name, sentence in OUTCOMES.items()
    )
    return Table("outcomes", say(_("What became of the cases")), (say(_("What")), say(_("Cases"))), rows)


def _agreements(numbers: Numbers) -> Table:
    title, found = say(_("Where officers agree with triage")), numbers.tally.agreements
    right = [(word(one.category), round(100 * one.category_right / one.cases)) for one in found]
    header = (_("Triage said"), _("Changed most often to"), _("Cases"), _("Category right"), _("Severity right"))
    rows = tuple(
        (
            Cell(word(one.category), word(one.category)),
            Cell(word(one.instead), word(one.instead)) if one.instead else Cell(None, "–"),
            _count(one.cases),
            share(one.category_right / one.cases),
            share(one.severity_right / one.cases),
        )
        for one in found
    )
    caption = say(_("Categories left as they were"))
    chart = _bars("agreement", caption, right, most=len(right), unit=" %") if right else None
    hint = say(_("Of cases that officers have ended or corrected. A few cases say little."))
    return Table("agreement", title, tuple(say(one) for one in header), rows, chart, caption, words=2, hint=hint)


_TABLES: tuple[Callable[[Numbers], Table], ...] = (
    _days,
    _hours,
    _places,
    _categories,
    _channels,
    _languages,
    _paces,
    _outcomes,
    _agreements,
)


def _counted(name: str, title: str, what: str, counted: Sequence[tuple[str, int]]) -> Table:
    rows = tuple((Cell(label, label), _count(count)) for label, count in counted)
    return Table(name, title, (what, say(_("Reports"))), rows, _bars(name, title, counted))


def _bars(name: str, title: str, counted: Sequence[tuple[str, int]], most: int = MOST_BARS, unit: str = "") -> Svg:
    to_left = LANGUAGES[language()].direction == "rtl"
    return charts.bars(_titled(name, title, counted), counted[:most], unit=unit, right_to_left=to_left)


def _titled(name: str, title: str, counted: Iterable[tuple[str, int]]) -> Titled:
    """A chart's title, and its highest value as a sentence for those who do not see it."""
    label, count = max(counted, key=lambda one: one[1], default=("", 0))
    told = say(_("The highest is %(label)s with %(count)s. The table has every number."), label=label, count=count)
    return Titled(name, title, told if count else say(_("There is nothing to show yet.")))


def _pace(what: str, level: str, pace: Pace) -> tuple[Cell, ...]:
    times = (duration(pace.median), duration(pace.p90))
    return (
        Cell(what, what),
        Cell(level, level),
        _count(pace.times),
        *times,
        _count(pace.in_time),
        _count(pace.late),
        share(pace.share),
    )


def _order(promise: CasePromise, severity: Severity | None) -> tuple[int, int]:
    return list(CasePromise).index(promise), -1 if severity is None else severity.rank


def _place(spot: Spotted) -> str:
    if spot.place is None or spot.zone is None:
        return say(_("%(site)s, place unknown"), site=called(spot.site))
    # What tells it from others comes first: a chart cuts what is long.
    return " · ".join(called(named) for named in (spot.place, spot.zone, spot.site))


def _count(number: int) -> Cell:
    return Cell(number, say_number(language(), number))

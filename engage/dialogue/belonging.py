"""Whether a message belongs to the report under way: the code decides, then our question, then time."""

from __future__ import annotations

from datetime import datetime, timedelta

from engage.dialogue.values import Current, Heard, Pending, State

#: A message with the code of the same place belongs to the report for so long.
SAME_CODE = timedelta(hours=2)
#: An answer to a question of ours may take so long; one to an officer's, longer.
ANSWER = timedelta(hours=24)
ANSWER_TO_OFFICER = timedelta(days=14)
#: Without a code or a question, what is written this soon goes on with the report.
GOES_ON = timedelta(hours=4)
#: After a case has ended, so long.
AFTERWORD = timedelta(hours=1)


def is_same_report(state: State, heard: Heard, current: Current | None, now: datetime) -> tuple[bool, str]:
    """Whether a message belongs to the report under way, and why."""
    if current is None:
        return False, "no report is under way"
    passed = now - heard.since if heard.since else timedelta.max
    if heard.spot is not None and heard.by_code and current.place_id is not None:
        if heard.spot.place_id != current.place_id:
            return False, "it has the code of another place"
        if passed <= SAME_CODE and current.status.is_open:
            return True, "it has the code of the same place"
        return False, "it has the code of the same place, but the report there is old"
    if heard.here is not None and current.place_id not in (None, heard.here.place_id):
        return False, "it came from another place's page"
    patience = ANSWER_TO_OFFICER if state.pending is Pending.OFFICER else ANSWER
    if state.pending is not Pending.NOTHING and passed <= patience:
        return True, "it answers our question"
    return _by_time(heard, current, passed)


def _by_time(heard: Heard, current: Current, passed: timedelta) -> tuple[bool, str]:
    if heard.urgent_elsewhere:
        return False, "it is urgent and somebody else must act on it"
    limit = GOES_ON if current.status.is_open else AFTERWORD
    if passed <= limit:
        return True, "it came soon after the last message"
    return False, "the last message is long ago"

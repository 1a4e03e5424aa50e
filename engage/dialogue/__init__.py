"""The dialogue with a reporter: pure steps from what was heard to what is done and said; playbooks are data."""

from __future__ import annotations

from engage.dialogue import sentences
from engage.dialogue.playbooks import Playbook, PlaybookError, playbook
from engage.dialogue.stepping import language_after, step
from engage.dialogue.values import Act, Current, Heard, Pending, Saying, Spot, State, Step
from engage.dialogue.words import command_in, details_in

__all__ = [
    "Act",
    "Current",
    "Heard",
    "Pending",
    "Playbook",
    "PlaybookError",
    "Saying",
    "Spot",
    "State",
    "Step",
    "command_in",
    "details_in",
    "language_after",
    "playbook",
    "sentences",
    "step",
]

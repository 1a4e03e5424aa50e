"""Triage: from a message to a finding with its reasons; words and rules are data in the `lexicon` folder."""

from __future__ import annotations

from engage.triage.finding import Evidence, Finding
from engage.triage.judge import triage
from engage.triage.kept import shipped_lexicon
from engage.triage.lexicon import Lexicon, LexiconError, load_lexicon, shipped_folder

__all__ = [
    "Evidence",
    "Finding",
    "Lexicon",
    "LexiconError",
    "load_lexicon",
    "shipped_folder",
    "shipped_lexicon",
    "triage",
]

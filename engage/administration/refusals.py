"""Why a change of the settings is not made. Nothing was changed then; what was typed is kept by the page."""

from __future__ import annotations

from engage.sites.values import Entry


class Refused(Exception):
    """The change cannot be made; `sentence`, filled with `values`, says why. Another entry helps."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values


class Missing(Exception):
    """There is no such thing, or it is another authority's, which looks the same."""


class Stale(Exception):
    """Somebody else changed it meanwhile: `now` is how it stands, None where it is gone."""

    def __init__(self, now: Entry | None) -> None:
        super().__init__("changed in the meantime")
        self.now = now

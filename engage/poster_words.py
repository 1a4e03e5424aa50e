"""What staff read about posters: how they are made, how they were found, and why there is a warning."""

from __future__ import annotations

from engage.taxonomy import Condition, PosterTrouble


def _(sentence: str) -> str:
    return sentence


#: By the names of their files; a size that is not here is called as it is written.
DESIGNS: dict[str, str] = {
    "general": _("General"),
    "wildlife": _("Wildlife trafficking"),
    "human_trafficking": _("Human trafficking"),
    "cargo": _("Cargo and seal"),
    "lost_child": _("Lost child"),
    "safety": _("Safety"),
}
SIZES: dict[str, str] = {"card": _("Card"), "labels": _("Sheet of labels")}
CONDITIONS: dict[Condition, str] = {
    Condition.IN_PLACE: _("In place"),
    Condition.DAMAGED: _("Damaged"),
    Condition.STICKER_FOUND: _("Sticker found"),
    Condition.MISSING: _("Missing"),
}
TROUBLES: dict[PosterTrouble, str] = {
    PosterTrouble.STICKER: CONDITIONS[Condition.STICKER_FOUND],
    PosterTrouble.SILENT: _("Fallen silent"),
    PosterTrouble.IMPOSSIBLE_RHYTHM: _("Impossible rhythm"),
    PosterTrouble.MORE_TYPED: _("More typed than scanned"),
    PosterTrouble.MISSING: CONDITIONS[Condition.MISSING],
    PosterTrouble.ELSEWHERE: _("Hangs elsewhere"),
    PosterTrouble.RETIRED_SCANNED: _("Retired, still scanned"),
    PosterTrouble.DAMAGED: CONDITIONS[Condition.DAMAGED],
    PosterTrouble.NOT_INSPECTED: _("Not inspected"),
}
#: The reason of each, with what was counted since when, and against what.
REASONS: dict[PosterTrouble, str] = {
    PosterTrouble.STICKER: _("An officer found a sticker on it on %(since)s."),
    PosterTrouble.SILENT: _("No scan since %(since)s; about %(against)s were to be expected."),
    PosterTrouble.IMPOSSIBLE_RHYTHM: _("%(counted)s scans in one hour from %(since)s; people make up to %(against)s."),
    PosterTrouble.MORE_TYPED: _("%(counted)s typed its code and %(against)s scanned it: is the QR code covered?"),
    PosterTrouble.MISSING: _("An officer did not find it on %(since)s."),
    PosterTrouble.ELSEWHERE: _("%(counted)s people said that they do not stand where it should hang."),
    PosterTrouble.RETIRED_SCANNED: _("A retired code of it was scanned %(counted)s times within a day."),
    PosterTrouble.DAMAGED: _("An officer found it damaged on %(since)s."),
    PosterTrouble.NOT_INSPECTED: _("Not inspected since %(since)s; it should be every %(against)s days."),
}

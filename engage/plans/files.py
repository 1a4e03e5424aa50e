"""What somebody sent as a floor plan, looked at and drawn anew: a drawing (SVG) or a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engage.pictures import UnreadablePicture, remade
from engage.plans import safe_svg

SVG: Final = "image/svg+xml"
JPEG: Final = "image/jpeg"
#: Pixels: what is smaller shows no floor, however wide it is.
SMALLEST: Final = 100


def _(sentence: str) -> str:
    return sentence


NO_DRAWING = _(
    "This SVG file cannot be shown. Save it once more as plain SVG: with a width and height, without entities, "
    "at most 5 MB and 50,000 shapes."
)
NO_PLAN = _(
    "Choose a PNG, JPEG, WebP or SVG file of at most 12 MB, at least 100 pixels on each side and 40 million at most."
)


class UnusablePlan(Exception):
    """The file is no plan that can be shown; `sentence`, filled with `values`, says why. Another file helps."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan that may be shown. `left_out` names the elements of a drawing that are not in it any more."""

    content_type: str
    content: bytes
    width: float
    height: float
    left_out: tuple[str, ...] = ()


def examined(data: bytes) -> PlanFile:
    """The plan in a file. Raises `UnusablePlan`. Takes up to eight seconds, so no transaction should be open."""
    if safe_svg.is_svg(data):
        try:
            drawing = safe_svg.redrawn(data)
        except safe_svg.UnusableDrawing:
            raise UnusablePlan(NO_DRAWING) from None
        return PlanFile(SVG, drawing.content, drawing.width, drawing.height, drawing.left_out)
    try:
        picture = remade(data)
    except UnreadablePicture:
        raise UnusablePlan(NO_PLAN) from None
    if min(picture.width, picture.height) < SMALLEST:
        raise UnusablePlan(NO_PLAN)
    return PlanFile(JPEG, picture.view, picture.width, picture.height)

"""Places are found in what people write: by a code anywhere, with a slip at its edges, or by name."""

from __future__ import annotations

import pytest

from engage.installation import Installation
from engage.posters import spotting
from engage.posters.spotting import Spotted


def spotted(installation: Installation, text: str) -> Spotted:
    with installation.database.reading() as session:
        return spotting.spot(session, text)


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("text", "place", "by_code", "only_code"),
    [
        ("B7K4X", "Gate B12", True, True),
        ("  b7k4x.", "Gate B12", True, True),
        ("B7K-4X", "Gate B12", True, True),
        ("b7k 4x water", "Gate B12", True, False),
        ("water at B7K4X and more", "Gate B12", True, False),
        ("Ｂ７Ｋ４Ｘ", "Gate B12", True, True),
        ("B7K4Y smoke", "Gate B12", True, False),
        ("7BK4X smoke", "Gate B12", True, False),
        ("smoke on flight B7K4Y today", None, False, False),
        ("smoke at gate b12", "Gate B12", False, False),
        ("smoke near B12", "Gate B12", False, False),
        ("B12", "Gate B12", False, False),
        ("gate b13", None, False, False),
        ("nothing here", None, False, False),
        ("", None, False, False),
        ("x" * 10_000, None, False, False),
    ],
)
def test_what_is_found(
    installation: Installation, text: str, place: str | None, by_code: bool, only_code: bool
) -> None:
    found = spotted(installation, text)
    name = found.where.place.name if found.where and found.where.place else None
    assert (name, found.by_code, found.only_code) == (place, by_code, only_code)


def test_every_name_of_a_place_counts() -> None:
    names = (
        spotting.PlaceName(1, " food hall b "),
        spotting.PlaceName(2, " food hall c "),
        spotting.PlaceName(3, " pier 4 "),
    )
    assert spotting.spot_name("smoke in FOOD HALL B now", names) == (1,)
    assert spotting.spot_name("piier 4", names) == (3,)
    assert spotting.spot_name("pier 5", names) == ()
    assert spotting.spot_part("toilet blocked in food hall", names) == (1, 2)
    assert spotting.spot_part("toilet blocked", names) == ()

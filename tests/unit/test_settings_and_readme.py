"""The README names every setting, and no setting that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from engage.config import Settings

README = Path(__file__).parents[2] / "README.md"
SETTINGS = {f"ENGAGE_{field.upper()}" for field in Settings.model_fields}


def test_readme_and_settings_name_the_same() -> None:
    assert set(re.findall(r"\bENGAGE_[A-Z_]+\b", README.read_text())) == SETTINGS


def test_every_setting_is_described() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]

"""Settings: what cannot work is refused at the start, with a sentence that says what to change."""

from __future__ import annotations

from pathlib import Path

import pydantic
import pytest

from engage.config import Settings, SettingsError, read_settings
from tests.make import SECRET, settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"ENGAGE_{field.upper()}", raising=False)
    monkeypatch.setenv("ENGAGE_SECRET_KEY", SECRET)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "ENGAGE_SECRET_KEY must be at least 32 random characters; make one with"),
        ("SECRET_KEY", "short", "ENGAGE_SECRET_KEY must be at least 32 random characters"),
        ("SECRET_KEY", "a" * 64, "ENGAGE_SECRET_KEY must be at least 32 random characters"),
        ("SECRET_KEY", "changeme" * 8, "ENGAGE_SECRET_KEY must be at least 32 random characters"),
        ("WORDS_FILE", "nowhere.yaml", "ENGAGE_WORDS_FILE: must be an existing file"),
        ("PUBLIC_URL", "report.example.org", "ENGAGE_PUBLIC_URL: must be an address like https://report.example.org"),
        ("PUBLIC_URL", "https://example.org/p", "ENGAGE_PUBLIC_URL: must be an address like"),
        ("PUBLIC_URL", "https://example.org?x=1", "ENGAGE_PUBLIC_URL: must be an address like"),
        ("PUBLIC_URL", "javascript:alert(1)", "ENGAGE_PUBLIC_URL: must be an address like"),
        ("PUBLIC_URL", "http://example.org", "ENGAGE_PUBLIC_URL must be https:// outside the demo"),
        ("DATABASE_URL", "mysql://localhost/x", "ENGAGE_DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "engage.sqlite3", "ENGAGE_DATABASE_URL: must begin with"),
        ("REDIS_URL", "http://localhost", "ENGAGE_REDIS_URL: must begin with redis://, rediss:// or unix://"),
        ("MAIL_URL", "mail.example.org", "ENGAGE_MAIL_URL: must look like smtp://"),
        ("MAIL_URL", "smtp://", "ENGAGE_MAIL_URL: must look like smtp://"),
        ("LOG_LEVEL", "LOUD", "ENGAGE_LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR"),
        ("DEMO", "perhaps", "ENGAGE_DEMO: Input should be a valid boolean"),
    ],
)
def test_what_cannot_work_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(f"ENGAGE_{name}", value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value).startswith(sentence)


def test_every_wrong_setting_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGE_LOG_LEVEL", "LOUD")
    monkeypatch.setenv("ENGAGE_REDIS_URL", "x")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert len(str(refused.value).splitlines()) == 2


def test_a_refusal_does_not_repeat_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGE_MAIL_URL", "smpt://user:hunter2@host")
    monkeypatch.setenv("ENGAGE_SECRET_KEY", "swordfish")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "hunter2" not in str(refused.value)
    assert "swordfish" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://u:p@host/name", "postgresql+psycopg://u:p@host/name"),
        ("postgres://u:p@host/name?sslmode=require", "postgresql+psycopg://u:p@host/name?sslmode=require"),
        ("postgresql+psycopg://host/name", "postgresql+psycopg://host/name"),
        ("sqlite:////srv/engage.db", "sqlite:////srv/engage.db"),
    ],
)
def test_a_database_is_reached_by_our_driver(url: str, address: str) -> None:
    assert settings(database_url=url).sqlalchemy_url == address


def test_without_an_address_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    assert settings(data_dir=tmp_path).sqlalchemy_url == f"sqlite:///{tmp_path}/engage.sqlite3"


@pytest.mark.parametrize(
    ("url", "demo", "secure"),
    [
        ("http://127.0.0.1:8000", False, False),
        ("http://localhost:8000/", False, False),
        ("https://report.example.org", False, True),
        ("http://192.168.1.5:8000", True, False),
    ],
)
def test_cookies_are_secure_wherever_the_address_is(url: str, demo: bool, secure: bool) -> None:
    chosen = settings(public_url=url, demo=demo)
    assert chosen.sends_cookies_over_https_only is secure
    assert chosen.public_url == url.rstrip("/")


def test_settings_are_frozen() -> None:
    with pytest.raises(pydantic.ValidationError):
        settings().demo = True  # type: ignore[misc]

"""Settings: one frozen value, read once from the environment, refused with a plain sentence when it cannot work."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET_CHARACTERS = 32
#: Numbers that are given to nobody (set aside by Ofcom for fiction), which the demo's practice phone writes to.
PRACTICE_NUMBERS = ("+441632960100", "whatsapp:+441632960100")


class SettingsError(Exception):
    """The environment holds settings that Engage refuses to start with; trying again without a change does not help."""


class Settings(BaseSettings):
    """What differs between installations. Every field is the environment variable `ENGAGE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="ENGAGE_", frozen=True, extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="Folder of the embedded database, keys and lock files.")
    database_url: str = Field(
        default="",
        description="Where the database is: empty for the embedded SQLite file in the data folder, "
        "or `postgresql://user:password@host/name`.",
    )
    secret_key: str = Field(
        default="",
        description=f"At least {MIN_SECRET_CHARACTERS} random characters; every other key is derived from it. "
        "Losing it makes access codes and sealed data unreadable.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="The address on posters, without a path; https outside the demo."
    )
    redis_url: str = Field(default="", description="Shared counters for sign-in limits; empty counts in the process.")
    mail_url: str = Field(
        default="",
        description="Mail server for notifications to staff, `smtp://user:password@host:587`; "
        "empty writes them to the data folder instead.",
    )
    mail_from: str = Field(default="engage@localhost", description="Sender address of notifications.")
    twilio_account_sid: str = Field(default="", description="Account of the text provider; empty for no texts.")
    twilio_auth_token: str = Field(default="", description="The account's token: signs what it sends, lets us send.")
    twilio_auth_token_old: str = Field(
        default="", description="The token before the last, still believed while the provider changes over."
    )
    twilio_shared_key: str = Field(
        default="", description="Key of the provider's SHA-256 signatures, where the account uses them; else empty."
    )
    twilio_number: str = Field(
        default="",
        description="Our numbers, divided by commas, such as `+441632960100,whatsapp:+441632960100`; the first is "
        "printed on posters.",
    )
    twilio_api_url: str = Field(default="https://api.twilio.com", description="Where the provider is asked.")
    twilio_daily_segments: int = Field(
        default=5000, ge=0, description="Texts paid for in one day (UTC); then sending waits, receiving never does."
    )
    words_file: Path | None = Field(
        default=None,
        description="A file of the site's own words for triage, such as gate names and local slang, in the form of the "
        "language files; empty for none.",
    )
    clamd: str = Field(
        default="",
        description="A ClamAV daemon that looks at files before an officer opens them as they came: `host:port` or the "
        "path of its socket; empty for none.",
    )
    reports_a_minute: int = Field(
        default=300,
        ge=1,
        description="Reports a minute from one address that are nothing unusual. Beyond them a form must have been "
        "open for ten seconds; nobody is turned away.",
    )
    neutral_url: str = Field(
        default="https://www.wikipedia.org/",
        description="Where “Leave quickly” leads: a page that gives nothing away.",
    )
    second_step: str = Field(
        default="",
        description="`required` or `offered`: whether staff must sign in with a second step; empty requires it outside "
        "the demo. It can be merely offered in the demo and on this machine itself.",
    )
    session_idle_minutes: int = Field(
        default=120, ge=1, le=1440, description="Minutes without a page after which a staff session ends."
    )
    session_hours: int = Field(default=14, ge=1, le=168, description="Hours after which a staff session ends anyway.")
    audit_head_to: str = Field(
        default="",
        description="Where the head of the trail goes once a day: `mailto:` with an address, an `https://` address to "
        "which it is posted, or a file on a disk that others own; empty for nowhere.",
    )
    demo: bool = Field(default=False, description="Fictional data and printed passwords; never on a real site.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("words_file", mode="before")
    @classmethod
    def _is_a_file(cls, value: object) -> object:
        if value in (None, ""):
            return None
        if not Path(str(value)).is_file():
            raise ValueError("must be an existing file")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_bare_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must be an address like https://report.example.org, without a path")
        return value.rstrip("/")

    @field_validator("neutral_url")
    @classmethod
    def _is_page(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or any(sign <= " " for sign in value):
            raise ValueError("must be the address of a page, like https://www.wikipedia.org/")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        if value and urlsplit(value).scheme.split("+")[0] not in ("sqlite", "postgresql", "postgres"):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("mail_url")
    @classmethod
    def _is_mail(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://…")
        return value

    @field_validator("audit_head_to")
    @classmethod
    def _is_somewhere(cls, value: str) -> str:
        place = value.strip()
        parts = urlsplit(place)
        if place.startswith("mailto:"):
            name, at, host = parts.path.partition("@")
            fits = bool(name and at and host) and len(place.split()) == 1
        elif "://" in place:
            local = parts.hostname in ("127.0.0.1", "localhost", "::1")
            fits = bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))
        else:
            fits = not place or Path(place).is_absolute()
        if not fits:
            raise ValueError("must be mailto:name@example.org, https://… or the whole path of a file")
        return place

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("second_step")
    @classmethod
    def _is_required_or_offered(cls, value: str) -> str:
        if value not in ("", "required", "offered"):
            raise ValueError("must be required or offered")
        return value

    @field_validator("twilio_number")
    @classmethod
    def _are_numbers(cls, value: str) -> str:
        numbers = [number.strip() for number in value.split(",") if number.strip()]
        for number in numbers:
            digits = number.removeprefix("whatsapp:").removeprefix("+")
            if "+" not in number or not digits.isascii() or not digits.isdigit():
                raise ValueError("must be numbers like +441632960100 or whatsapp:+441632960100, divided by commas")
        return ",".join(numbers)

    @field_validator("twilio_api_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address like https://api.twilio.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _has_all_or_nothing_of_twilio(self) -> Settings:
        given = [bool(self.twilio_account_sid), bool(self.twilio_auth_token), bool(self.twilio_number)]
        if any(given) and not all(given):
            raise ValueError(
                "ENGAGE_TWILIO_ACCOUNT_SID, ENGAGE_TWILIO_AUTH_TOKEN and ENGAGE_TWILIO_NUMBER belong together: "
                "set all three or none"
            )
        return self

    @model_validator(mode="after")
    def _has_a_secret(self) -> Settings:
        if len(self.secret_key) < MIN_SECRET_CHARACTERS or len(set(self.secret_key)) < 10:
            raise ValueError(
                f"ENGAGE_SECRET_KEY must be at least {MIN_SECRET_CHARACTERS} random characters; "
                "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if not self.demo and self.public_url.startswith("http://") and not self.is_local:
            raise ValueError("ENGAGE_PUBLIC_URL must be https:// outside the demo, or reports travel readable")
        if self.second_step == "offered" and not self.demo and not self.is_local:
            raise ValueError("ENGAGE_SECOND_STEP may be offered in the demo and on this machine only; leave it empty")
        return self

    @property
    def requires_second_step(self) -> bool:
        """Whether nobody of the staff gets in with a password alone."""
        return self.second_step == "required" or (not self.second_step and not self.demo)

    @property
    def has_twilio(self) -> bool:
        """Whether texts go to the provider; otherwise to a file, which the practice phone shows in the demo."""
        return bool(self.twilio_account_sid)

    @property
    def our_numbers(self) -> tuple[str, ...]:
        """Our numbers, `whatsapp:` before those of WhatsApp; in a demo without a provider, the practice phone's."""
        if self.twilio_number:
            return tuple(self.twilio_number.split(","))
        return PRACTICE_NUMBERS if self.demo else ()

    @property
    def sms_number(self) -> str | None:
        """Our first number for texts, which is printed and shown; None where there is none."""
        return next((number for number in self.our_numbers if not number.startswith("whatsapp:")), None)

    @property
    def is_local(self) -> bool:
        """Whether the public address is this machine itself."""
        return urlsplit(self.public_url).hostname in ("127.0.0.1", "localhost", "::1")

    @property
    def sends_cookies_over_https_only(self) -> bool:
        """Whether cookies carry `Secure` and the `__Host-` prefix."""
        return self.public_url.startswith("https://")

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with the driver that Engage uses."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'engage.sqlite3'}"
        scheme, rest = self.database_url.split(":", 1)
        driver = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}.get(scheme, scheme)
        return f"{driver}:{rest}"


def read_settings() -> Settings:
    """The settings of this process, from the environment.

    Raises `SettingsError` with one sentence for each setting that cannot work.
    """
    try:
        return Settings()
    except ValidationError as problem:
        raise SettingsError("\n".join(_sentence(dict(error)) for error in problem.errors())) from None


def _sentence(error: dict[str, object]) -> str:
    name = "_".join(str(part) for part in error["loc"]) if error["loc"] else ""  # type: ignore[attr-defined]
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"ENGAGE_{name.upper()}: {said}" if name else said

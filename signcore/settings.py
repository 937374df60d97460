"""What can be set from outside, as environment variables with the prefix SIGNCORE_."""

import logging
import os
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from signcore.errors import SettingsError

SHIPPED_MODEL: Final = Path(__file__).resolve().parent.parent / "models" / "lstm_alphabet_sequence.onnx"
LONGEST_WINDOW: Final = 256  # frames

_LOG: Final = logging.getLogger(__name__)
_PREFIX: Final = "SIGNCORE_"
_NEARLY: Final = 0.9  # difflib's ratio
_EXAMPLE: Final = '[{"urls": "stun:stun.example.org:3478"}]'
# As browsers (RFC 7064 and 7065) and aiortc both know them; what they do not know ends the camera with an error that
# names no setting.
_ICE_ADDRESS: Final = re.compile(
    r"(?:stuns?|turns?(?P<turn>)):[^\s/?#@:\[\]]+(?::(?P<port>[0-9]{1,5}))?(?(turn)(?:\?transport=(?:udp|tcp))?)"
)
_LARGEST_PORT: Final = 65535
# Hosts hand out addresses without a driver, some with the older name.
_POSTGRESQL: Final = ("postgres", "postgresql", "postgresql+psycopg")


def _at_home(path: Path) -> Path:
    """The path with a leading ~ resolved: nothing but a shell does that."""
    try:
        return path.expanduser()
    except RuntimeError as error:  # ~somebody who is not there
        raise ValueError(str(error)) from None


FilePath = Annotated[Path, AfterValidator(_at_home)]


def _postgresql(url: str) -> str:
    expected = "expected postgresql://user:password@host/name"
    try:
        kind = make_url(url).drivername
    except (ArgumentError, ValueError):  # a port that is no number
        raise ValueError(expected) from None
    if kind not in _POSTGRESQL:
        raise ValueError(f"{expected}; found {kind}://...")
    return url


DatabaseUrl = Annotated[str, AfterValidator(_postgresql)]


def _ice_address(address: str) -> str:
    found = _ICE_ADDRESS.fullmatch(address)
    if not found or not 1 <= int(found["port"] or 1) <= _LARGEST_PORT:
        raise ValueError("expected stun:HOST:PORT or turn:HOST:PORT?transport=udp, also stuns, turns and tcp")
    return address


def _several(urls: object) -> object:
    return (urls,) if isinstance(urls, str) else urls


Address = Annotated[str, AfterValidator(_ice_address)]


class IceServer(BaseModel):
    """One STUN or TURN server, in the names that browsers use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: Annotated[tuple[Address, ...], BeforeValidator(_several), Field(min_length=1)]
    username: str | None = None
    credential: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if any(each.startswith("turn") for each in self.urls) and not (self.username and self.credential):
            raise ValueError("expected username and credential with a TURN server, found none or empty ones")
        return self


class Settings(BaseSettings):
    """All settings with their defaults. `SIGNCORE_HOLD_S=0.4` sets `hold_s`; `SIGNCORE_HOLD_S=` does not."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, protected_namespaces=())

    model_path: FilePath = Field(default=SHIPPED_MODEL, description="the recogniser, an ONNX file")
    hand_model: FilePath | None = Field(
        default=None, description="hand_landmarker.task; none: the user cache, filled at set-up"
    )
    window: int | None = Field(
        default=None, ge=1, le=LONGEST_WINDOW, description="frames a model looks at; none: what its file says"
    )
    smoothing_s: float = Field(
        default=0.03, ge=0.0, le=2.0, description="time constant of the smoothed probabilities, seconds"
    )
    threshold: float = Field(
        default=0.5, gt=0.0, lt=1.0, description="smallest smoothed probability at which a letter is held"
    )
    margin: float = Field(default=0.1, ge=0.0, lt=1.0, description="how far the first letter must be before the second")
    hold_s: float = Field(
        default=0.25, ge=0.1, le=1.0, description="how long a letter is held before it is written, seconds"
    )
    pause_s: float = Field(
        default=1.5,
        ge=0.0,
        le=10.0,
        description="a space is written after so long with no hand, or an idle one, seconds; 0: never",
    )
    ice_servers: tuple[IceServer, ...] = Field(
        default=(), description="JSON list; empty: this machine and its network only"
    )
    data_dir: FilePath = Field(
        default=user_data_path("signcore", appauthor=False), description="where recordings and progress go"
    )
    database_url: DatabaseUrl | None = Field(
        default=None, description="a PostgreSQL database for people and recordings; none: a SQLite file in data_dir"
    )
    keep_recordings: bool = Field(default=True, description="whether people may keep recordings on this server")
    max_sessions: int = Field(
        default_factory=lambda: 2 * (os.cpu_count() or 1), ge=1, description="cameras that may run at the same time"
    )


def load_settings() -> Settings:
    """The settings of this process. The log names the variables that look like one and are none.

    Raises:
        SettingsError: a variable that cannot be used, with its name and what is wrong; or one whose name is nearly that
            of a setting.
    """
    known = [_variable(field) for field in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    for name in unknown:
        for meant in get_close_matches(name, known, n=1, cutoff=_NEARLY):
            raise SettingsError(f"{name}: no such setting; is {meant} meant?")
    if unknown:
        _tell_unknown(", ".join(unknown), ", ".join(known))
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except (UnreadableSetting, RecursionError) as error:  # JSON that is nested too deeply
        field = re.search(r'field "(\w+)"', str(error))
        name = _variable(field[1]) if field else "a SIGNCORE_ variable"
        raise SettingsError(f"{name}: expected JSON, for example {_EXAMPLE}") from None


@cache
def _tell_unknown(unknown: str, known: str) -> None:
    """No error: Kubernetes sets such names, SIGNCORE_PORT among them, where a service is called signcore."""
    _LOG.warning("No such setting: %s. There are %s.", unknown, known)


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong: where, what, and what was found instead, unless that may hold a credential."""
    first = error.errors()[0]
    field, *inner = first["loc"]
    # The others are names of types.
    place = ".".join(str(part) for part in inner if isinstance(part, int) or part.isidentifier())
    secret = field == "database_url" or (inner and "urls" not in inner)
    harmless = isinstance(first["input"], str | int | float) and not secret
    found = f"; found {first['input']!r}" if harmless else ""
    wrong = first["msg"].removeprefix("Value error, ")
    return f"{_variable(str(field))}{f', at {place}' if place else ''}: {wrong}{found}"


def _variable(field: str) -> str:
    return f"{_PREFIX}{field.upper()}"

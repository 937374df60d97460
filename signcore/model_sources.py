"""What a model says it was trained on: every source of clips, in its file's metadata."""

from collections.abc import Collection, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signcore.errors import SignError

NO_LICENCE: Final = "none stated"
_MOST: Final = 1_000_000_000


class TrainingSource(BaseModel):
    """One source, with the number of its clips that were learnt from."""

    model_config = ConfigDict(frozen=True)

    name: str
    licence: str
    clips: int = Field(ge=1, le=_MOST)


_SOURCES: Final = TypeAdapter(Annotated[tuple[TrainingSource, ...], Field(min_length=1)])


def read_sources(metadata: Mapping[str, str]) -> tuple[TrainingSource, ...]:
    """The sources that a model's metadata names, at least one.

    Raises:
        SignError: it names none, or not with name, licence and clips.
    """
    try:
        return _SOURCES.validate_json(metadata.get("sources", "[]"))
    except ValidationError as error:
        found = error.errors()[0]["msg"]
        raise SignError(f"expected sources with name, licence and clips, found: {found}") from None


def unlicensed_share(sources: Collection[TrainingSource]) -> float:
    """The share of clips whose source states no licence, 0..1."""
    unlicensed = sum(source.clips for source in sources if source.licence == NO_LICENCE)
    return unlicensed / sum(source.clips for source in sources)


def join_sources(first: Collection[TrainingSource], second: Collection[TrainingSource]) -> tuple[TrainingSource, ...]:
    """Both, by name; of a source that is in both, the one with more clips."""
    joined: dict[tuple[str, str], TrainingSource] = {}
    for source in (*first, *second):
        key = source.name, source.licence
        joined[key] = max(source, joined.get(key, source), key=lambda each: each.clips)
    return tuple(joined[key] for key in sorted(joined))


def measured_sources(metadata: Mapping[str, str], names: Collection[str]) -> str:
    """How many sources a model was measured on, and how many of them it knows, as the end of a sentence.

    Args:
        metadata: what the model says about itself.
        names: the sources that it was measured on.
    """
    sources = f"{len(names)} sources" if len(names) != 1 else "1 source"
    try:
        known = {source.name for source in read_sources(metadata)} & set(names)
    except SignError:
        return f"{sources}; the model does not say what it was trained on"
    return (
        f"{sources}, {len(known)} of which the model was trained on"
        if known
        else f"{sources} that the model was not trained on"
    )

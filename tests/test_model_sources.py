import json

import pytest

from signcore.errors import SignError
from signcore.model_sources import TrainingSource, join_sources, measured_sources, read_sources, unlicensed_share

SOURCES = (
    TrainingSource(name="a", licence="MIT", clips=3),
    TrainingSource(name="b", licence="none stated", clips=9),
)
METADATA = {"sources": json.dumps([source.model_dump() for source in SOURCES])}


def test_sources_are_read_from_the_metadata() -> None:
    assert read_sources(METADATA) == SOURCES
    assert unlicensed_share(SOURCES) == 0.75


@pytest.mark.parametrize(
    "sources",
    [
        "",
        "?",
        "1",
        "[]",
        '["a"]',
        '[{"name": "a"}]',
        '[{"name": "a", "licence": "MIT", "clips": 0}]',
        '[{"name": "a", "licence": "MIT", "clips": 1e999}]',
        f'[{{"name": "a", "licence": "MIT", "clips": {10**300}}}]',
        '[{"name": "\\ud800", "licence": "MIT", "clips": 1}]',
        "[" * 5000,
    ],
)
def test_a_model_that_does_not_say_what_it_was_trained_on(sources: str) -> None:
    for metadata in ({"sources": sources}, {}):
        with pytest.raises(SignError, match=r"^expected sources with name, licence and clips, found: [^\n]+$"):
            read_sources(metadata)
        assert measured_sources(metadata, ["a"]) == "1 source; the model does not say what it was trained on"


def test_sources_of_two_trainings_are_each_named_once() -> None:
    more = TrainingSource(name="a", licence="MIT", clips=5)
    mine = TrainingSource(name="me", licence="none stated", clips=2)
    assert join_sources(SOURCES, (mine, more)) == (more, SOURCES[1], mine)
    assert join_sources((more,), SOURCES[:1]) == (more,)


def test_sources_that_were_trained_on_are_not_called_strangers() -> None:
    assert measured_sources(METADATA, ["c", "d"]) == "2 sources that the model was not trained on"
    assert measured_sources(METADATA, ["b", "c"]) == "2 sources, 1 of which the model was trained on"

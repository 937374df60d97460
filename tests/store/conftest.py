"""A store in each kind of database."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from signcore.settings import Settings
from signcore.store import Store
from tests.postgresql import Server, running_server

DATABASES = count()


@pytest.fixture(scope="package")
def postgresql() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").create(f"signcore{next(DATABASES)}")
    return Settings(data_dir=tmp_path / "data", database_url=url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings)
    yield store
    store.close()


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=None)

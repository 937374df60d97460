"""The store's database: opening it, bringing its tables up to date, and saying in a sentence what is wrong with it."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from signcore.errors import StoreError
from signcore.settings import Settings

_LOG: Final = logging.getLogger(__name__)
# The databases of which the log says that they cannot be used.
_TOLD: Final[set[str]] = set()
_FILE: Final = "signcore.sqlite"
_MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"
# A visitor need not know the host, the user and the name of a server's database.
_SEE_LOG: Final = "The database cannot be used; the server's log says why."
# How long to wait for others: for a lock of SQLite's, and for an answer from PostgreSQL.
_BUSY_S: Final = 15
_CONNECT_S: Final = 5
# Any number will do, as long as every process that migrates takes the same.
_MIGRATION_LOCK: Final = 7_446_737
_POSTGRES_DISK_FULL: Final = "53100"


def open_database(settings: Settings) -> Engine:
    """The database with its tables as this version needs them. Many processes may do this at once.

    Raises:
        StoreError: it cannot be reached, is no database, or belongs to a newer version.
    """
    url = settings.database_url
    engine = _sqlite(settings.data_dir / _FILE) if url is None else _postgres(url)
    try:
        with database_errors(engine):
            if url is None:
                _prepare_file(engine, settings.data_dir)
            _migrate(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def transaction(engine: Engine, *, writes: bool = True) -> Iterator[Session]:
    """A session whose changes are all made at the end, or none of them.

    Args:
        engine: the database.
        writes: False: it changes nothing, and waits for nobody who does.

    Raises:
        StoreError: the database failed.
    """
    if not writes:
        engine = engine.execution_options(only_reads=True)
    with database_errors(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def database_errors(engine: Engine) -> Iterator[None]:
    """Turns what a database can do wrong into a StoreError."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
        _TOLD.discard(where)
    except IntegrityError as error:
        raise StoreError("Somebody else has changed the same thing at this moment; try again.") from error
    except CommandError as error:
        raise StoreError(f"the database {where} was made by another version of signcore ({error})") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = getattr(error, "orig", None) or error
        if "disk is full" in str(reason) or getattr(reason, "sqlstate", None) == _POSTGRES_DISK_FULL:
            raise StoreError(f"The disk of the database {where} is full; nothing was saved.") from error
        first_line = (str(reason).strip().splitlines() or [type(reason).__name__])[0]
        _log(engine.url, first_line)
        if engine.dialect.name == "postgresql":
            raise StoreError(_SEE_LOG) from error
        raise StoreError(f"The database {where} cannot be used: {first_line}") from error


def forget_deleted(engine: Engine) -> None:
    """Let nothing of what was deleted or replaced stay in SQLite's journal."""
    if engine.dialect.name == "sqlite":
        with database_errors(engine), closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite(path: Path) -> Engine:
    # A connection costs little here, and one that is kept would go on using a file that has been deleted.
    engine = create_engine(
        URL.create("sqlite", database=str(path)), poolclass=NullPool, connect_args={"timeout": _BUSY_S}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver's own handling would begin transactions late and leave changes of tables outside of them.
        connection.isolation_level = None
        for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One that writes waits for another writer now; having begun by reading, it could not wait later.
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _prepare_file(engine: Engine, folder: Path) -> None:
    # For whoever runs the server alone; a folder that is there is as its owner wants it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite does not wait for others when it changes the mode of its journal.
    with FileLock(folder / f"{_FILE}.lock", timeout=_BUSY_S), engine.connect() as connection:
        driver = connection.connection.cursor()
        # Deleted recordings give their space back; readers and a writer do not wait for each other.
        driver.execute("PRAGMA auto_vacuum = FULL")
        driver.execute("PRAGMA journal_mode = WAL")


def _postgres(address: str) -> Engine:
    url = make_url(address).set(drivername="postgresql+psycopg")
    try:
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_S})
    except ModuleNotFoundError as error:
        _log(url, "it needs the packages of requirements-postgres.txt, which are not there")
        raise StoreError(_SEE_LOG) from error


def _log(url: URL, reason: str) -> None:
    """Say why a database cannot be used, once until it works again."""
    where = url.render_as_string(hide_password=True)
    if where not in _TOLD:
        _TOLD.add(where)
        _LOG.error("The database %s cannot be used: %s", where, reason)


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

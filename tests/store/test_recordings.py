import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from signcore.errors import RecordingError, StoreError
from signcore.recording import Author, Note
from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Store
from tests.recordings import make_recording, snapshots, spelled
from tests.store.contents import PROJECT, record


def test_recording_from_beginning_to_end(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    first = record(store, person, settings, "QUICK", "Quick fox")
    second = record(store, person, settings, "BROWN")
    listed = store.recordings(person)
    assert {(it.id, it.text) for it in listed} == {(first, "QUICK"), (second, "BROWN")}
    found = next(it for it in listed if it.id == first)
    assert (found.name, found.seconds) == ("Quick fox", pytest.approx(149 / 30))
    assert abs(datetime.now(UTC) - found.created) < timedelta(minutes=1)
    assert store.load(person, first).text == "QUICK"
    assert store.rename_recording(person, first, " Another  name").name == "Another name"
    assert "Another name" in {it.name for it in store.recordings(person)}
    store.delete_recording(person, first)
    assert [it.id for it in store.recordings(person)] == [second]
    assert list((settings.data_dir / "recordings").iterdir()) == []


def test_nobody_sees_what_is_another_persons(store: Store, settings: Settings) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    recording = record(store, ana, settings)
    note = Note(10.0, "mine")
    assert store.recordings(ben) == ()
    for act in (
        lambda: store.load(ben, recording),
        lambda: store.download(ben, recording),
        lambda: store.rename_recording(ben, recording, "x"),
        lambda: store.delete_recording(ben, recording),
        lambda: store.add_note(ben, recording, note),
        lambda: store.remove_note(ben, recording, note),
    ):
        with pytest.raises(StoreError, match="no such recording"):
            act()
    assert len(store.recordings(ana)) == 1


def test_what_was_deleted_is_not_mistaken_for_what_came_after(store: Store, settings: Settings) -> None:
    ana = store.add_person("Ana").id
    old = record(store, ana, settings)
    store.delete_recording(ana, old)
    assert record(store, ana, settings) != old
    with pytest.raises(StoreError, match="no such recording"):
        store.add_note(ana, old, Note(0.0, "of another tab"))
    store.delete_person(ana)
    assert store.add_person("Ben").id != ana


def test_notes_of_several_people(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    recording = record(store, person, settings)
    notes = [Note(2000.0, "relax the <b>thumb</b>", Author.TEACHER), Note(500.5, "=1+1"), Note(500.5, "=1+1")]
    for note in notes:
        store.add_note(person, recording, note)
    assert store.load(person, recording).notes == (notes[1], notes[2], notes[0])
    store.remove_note(person, recording, notes[1])
    store.remove_note(person, recording, Note(1.0, "was never there"))
    assert store.load(person, recording).notes == (notes[2], notes[0])


def test_download_and_upload_keep_everything(store: Store, settings: Settings) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    recording = record(store, ana, settings)
    store.add_note(ana, recording, Note(500.0, "relax the thumb", Author.TEACHER))
    data = store.download(ana, recording)
    added = store.upload(ben, "From Ana", data)
    assert (added.name, added.text) == ("From Ana", "QUICK")
    assert added.created == store.recordings(ana)[0].created
    again = store.load(ben, added.id)
    assert again.notes == (Note(500.0, "relax the thumb", Author.TEACHER),)
    assert store.download(ben, added.id) == data
    assert store.recordings(ben) == (added,)


def test_upload_that_is_no_recording_leaves_nothing(store: Store) -> None:
    person = store.add_person("Ana").id
    with pytest.raises(RecordingError):
        store.upload(person, "A film", b"\x00\x00\x00\x18ftypmp42" + bytes(1000))
    with pytest.raises(StoreError, match="A name has"):
        store.upload(person, "../../etc/passwd", recording_to_bytes(make_recording(30)))
    with pytest.raises(StoreError, match="no such person"):
        store.upload(person + 1, "x", recording_to_bytes(make_recording(30)))
    assert store.recordings(person) == ()


def test_recording_with_nothing_in_it(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    with pytest.raises(RecordingError, match="Nothing was recorded"):
        store.keep(writer)
    assert store.recordings(person) == ()
    assert list((settings.data_dir / "recordings").iterdir()) == []
    with pytest.raises(StoreError, match="no such person"):
        store.record(person + 1, settings, "a model")


def test_what_cannot_be_opened_is_not_thrown_away(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    for number, snapshot in enumerate(snapshots(90)):
        writer.add(replace(snapshot, fps=1e9) if number == 80 else snapshot)
    with pytest.raises(RecordingError, match="cannot be opened"):
        store.keep(writer)
    store.recover()
    assert writer.part.exists()
    assert store.recordings(person) == ()
    store.delete_person(person)
    assert not writer.part.exists()


def test_recording_is_named_by_the_clock_of_whoever_signs(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    zone = timezone(timedelta(hours=14))
    writer = store.record(person, settings, "a model", zone=zone)
    for snapshot in snapshots(60):
        writer.add(snapshot)
    stored = store.keep(writer)
    named = datetime.strptime(stored.name, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    assert abs(named - stored.created) < timedelta(minutes=2)


def test_discarded_recording_leaves_nothing(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    for snapshot in snapshots(90):
        writer.add(snapshot)
    store.discard(writer)
    store.recover()
    assert store.recordings(person) == ()
    assert list((settings.data_dir / "recordings").iterdir()) == []


def test_recording_goes_on_when_its_name_cannot_be(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    frames = list(snapshots(90))
    for snapshot in frames[:60]:
        writer.add(snapshot)
    with pytest.raises(StoreError, match="A name has"):
        store.keep(writer, "<b>")
    for snapshot in frames[60:]:
        writer.add(snapshot)
    assert store.keep(writer, "b").seconds == pytest.approx(89 / 30)


def test_half_an_hour_is_stored_and_loaded_quickly(store: Store) -> None:
    person = store.add_person("Ana").id
    data = recording_to_bytes(make_recording(54_000, spelled("THE QUICK BROWN FOX " * 180)))
    recording = store.upload(person, "Long", data)
    began = time.perf_counter()
    listed = store.recordings(person)
    middle = time.perf_counter()
    loaded = store.load(person, recording.id)
    print(f"listed in {middle - began:.3f} s, loaded in {time.perf_counter() - middle:.3f} s, {recording.size:,} bytes")
    assert (len(listed), len(loaded)) == (1, 54_000)
    assert time.perf_counter() - began < 2.0


def test_recording_of_a_killed_process_is_kept(settings: Settings) -> None:
    with_url = {} if settings.database_url is None else {"SIGNCORE_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store_in_real_time", "Ana"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SIGNCORE_DATA_DIR": str(settings.data_dir), **with_url},
    )
    assert process.stdout is not None
    lines = (float(line) for line in process.stdout)
    reached = next(t_ms for t_ms in lines if t_ms > 3500.0)

    meanwhile = Store.open(settings)
    person = meanwhile.people()[0].id
    assert meanwhile.recordings(person) == (), "what is being written is left alone"
    process.send_signal(signal.SIGKILL)
    reached = max([reached, *lines])
    process.wait()
    process.stdout.close()

    meanwhile.recover()
    (found,) = meanwhile.recordings(person)
    assert found.name.endswith("(cut off)")
    assert reached - 1000.0 * found.seconds <= 2000.0
    loaded = meanwhile.load(person, found.id)
    assert loaded.text == "QUICK BROWN"[: len(loaded.text)]
    assert len(loaded.text) > 0
    assert list((settings.data_dir / "recordings").iterdir()) == []
    meanwhile.recover()
    assert len(meanwhile.recordings(person)) == 1
    meanwhile.close()


def test_part_of_another_database_is_left_alone_for_a_month(store: Store, settings: Settings) -> None:
    parts = settings.data_dir / "recordings"
    parts.mkdir(exist_ok=True, parents=True)
    part = parts / "0123.arrows"
    part.write_bytes(b"whatever")
    store.recover()
    assert part.exists()
    month_ago = time.time() - 31 * 86_400
    os.utime(part, (month_ago, month_ago))
    store.recover()
    assert not part.exists()

"""Camera streams that come and go, share the machine, and travel over bad roads."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.footage import encode
from signcore.recognizer import Snapshot, Status
from tests.robustness.holdings import NOTHING, resident_mib, settle
from tests.robustness.stream import Server, Visitor, film

pytestmark = [
    pytest.mark.timeout(3000),
    # streamlit-webrtc gives a connection a second to close. On a busy machine its sockets are closed later, by the
    # collector, which says so; that none is left is what the first test here counts.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("ending", ["hang_up", "vanish"])
def test_streams_that_start_and_stop_leave_nothing(server: Server, media_dir: Path, long: bool, ending: str) -> None:
    frames = film(media_dir / "B.mp4", last=10)

    def once(number: int) -> None:
        session = server.open(frames, sends_back=number % 2 == 0)
        session.wait(lambda snapshot: snapshot.hand is not None, 60)
        getattr(session, ending)()
        assert session.processor is not None
        assert session.processor.ended

    # The first ones load libraries and start pools of threads that stay.
    for number in range(4):
        once(number)
    before = settle(NOTHING, 3.0)
    memory = [resident_mib()]
    for number in range(200 if long else 6):
        once(number)
        memory.append(resident_mib())
    after = settle(before)
    assert after.threads <= before.threads + 1
    assert after.files <= before.files + 2
    assert after.trackers <= before.trackers
    if long:
        slope = float(np.polyfit(range(100), memory[-100:], 1)[0])
        print(f"{ending}: {memory[0]:.0f} MiB, after 200 streams {memory[-1]:.0f} MiB, {slope:.3f} MiB a stream")
        assert slope < 0.1


def test_no_session_reads_anothers_hand(server: Server, media_dir: Path, long: bool, minutes: float) -> None:
    letters = "BLVY"
    sessions = [server.open(film(media_dir / f"{letter}.mp4", every=3), 10.0) for letter in letters]
    try:
        for session, letter in zip(sessions, letters, strict=True):
            session.wait(lambda snapshot, letter=letter: snapshot.letter == letter, 60)
        began, memory = time.monotonic(), [resident_mib()]
        while time.monotonic() - began < 60 * minutes:
            time.sleep(1)
            memory.append(resident_mib())
            for session in sessions:
                session.snapshots.clear()
        for session, letter in zip(sessions, letters, strict=True):
            assert session.letters == {letter}
        if long:
            # Once everything has been loaded and every cache has filled.
            later = memory[len(memory) // 3 :]
            slope = float(np.polyfit(np.arange(len(later)) / 60, later, 1)[0])
            print(
                f"4 cameras for {minutes:g} minutes: {memory[0]:.0f} to {memory[-1]:.0f} MiB, {slope:.3f} MiB a minute"
            )
            assert slope < 0.5
    finally:
        for session in sessions:
            session.hang_up()


@pytest.mark.parametrize("trouble", ["5 %", "25 %", "100 %", "reordered", "frozen"])
def test_a_bad_road_writes_no_wrong_letter(server: Server, media_dir: Path, long: bool, trouble: str) -> None:
    session = server.open(film(media_dir / "L.mp4", every=2), 15.0)
    try:
        session.wait(lambda snapshot: snapshot.letter == "L", 60)
        road, seconds = session.road, 10.0 if long else 2.0
        road.lost = {"5 %": 0.05, "25 %": 0.25, "100 %": 1.0}.get(trouble, 0.0)
        road.late = 0.2 if trouble == "reordered" else 0.0
        session.film.frozen = trouble == "frozen"
        # In the stream's own time, which a busy machine does not stretch; what was sent in the trouble may come late.
        mended_ms = session.recognizer.snapshot.t_ms + 1000 * seconds
        time.sleep(seconds)
        road.lost = road.late = 0.0
        session.film.frozen = False
        if trouble in ("100 %", "frozen"):
            # Frames from before may still be on their way; the gap empties the window.
            session.wait(lambda snapshot: snapshot.status is Status.COLLECTING, 60)
        session.wait(lambda snapshot: snapshot.letter == "L" and snapshot.sure, 60)
        recovered = (session.recognizer.snapshot.t_ms - mended_ms) / 1000
        print(f"{trouble} for {seconds:g} s: read again after {recovered:.2f} s")
        time.sleep(1.0)
        assert session.letters == {"L"}
        # A machine too busy to read eight frames a second takes longer to see a hand again.
        assert recovered <= 2.0 or session.recognizer.snapshot.fps < 8.0
    finally:
        session.hang_up()


def test_the_picture_may_change_its_size_and_rate(server: Server, media_dir: Path) -> None:
    frames = film(media_dir / "Y.mp4", every=3)
    session = server.open(frames, 15.0)

    def reads(snapshot: Snapshot) -> bool:
        return snapshot.status is Status.READING and snapshot.letter == "Y"

    try:
        session.wait(reads, 60)
        for width, height, fps in ((320, 240, 15.0), (1280, 960, 5.0), (640, 480, 30.0)):
            session.film.frames = [frame.reformat(width=width, height=height) for frame in frames]
            session.film.fps = fps
            time.sleep(0.5)
            session.wait(reads, 30)
        assert session.letters == {"Y"}
    finally:
        session.hang_up()


def burn(seconds: float) -> None:
    """Compute for so long, without letting go of the interpreter more often than it asks."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@pytest.mark.parametrize("slowness", [time.sleep, burn])
def test_a_slow_session_is_slow_by_itself(
    server: Server, media_dir: Path, tmp_path: Path, long: bool, slowness: Callable[[float], object]
) -> None:
    """Four cameras in processes of their own; every picture of the last takes a quarter of a second more."""
    video = tmp_path / "camera.webm"
    encode(film(media_dir / "B.mp4"), video, 30)
    visitors = [Visitor(server, video, 30) for _ in range(4)]
    late_ms: list[float] = []
    watching = True

    async def watch() -> None:
        while watching:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late_ms.append(1000 * (time.monotonic() - due))

    def lag_over(seconds: float) -> float:
        late_ms.clear()
        time.sleep(seconds)
        return float(np.percentile(late_ms, 99))

    try:
        for visitor in visitors:
            visitor.wait(lambda snapshot: snapshot.hand is not None, 60)
        watcher = asyncio.run_coroutine_threadsafe(watch(), server.loop)
        lag_without = lag_over(3)
        visitors[-1].slowness = partial(slowness, 0.25)
        for visitor in visitors:
            visitor.snapshots.clear()
        began = time.monotonic()
        # What else the machine does comes and goes; what the loop itself waits for is there all the time.
        lags = [lag_over(3) for _ in range(3)]
        while min(lags) >= 50 and len(lags) < 8:
            lags.append(lag_over(3))
        if long:
            lags.append(lag_over(60))
        seconds = time.monotonic() - began
        rates = [len(visitor.snapshots) / seconds for visitor in visitors]
        visitors[-1].slowness = lambda: None
        lags_without = [lag_without, lag_over(3)]
        watching = False
        watcher.result(timeout=10)
        said = [", ".join(f"{value:.1f}" for value in values) for values in (rates, lags, lags_without)]
        print("frames a second {}; loop lag p99 {} ms, without the slow session {} ms".format(*said))
        assert min(rates[:-1]) >= 0.6 * max(rates[:-1])
        assert 0.5 < rates[-1] < 4
        # On a machine that is busy with something else, every process is late.
        assert min(lags) < max(50, 2 * max(lags_without))
        for visitor in visitors[:-1]:
            ages = [t_s - snapshot.t_ms / 1000 for t_s, snapshot in visitor.snapshots]
            half = len(ages) // 2
            assert float(np.median(ages[half:])) - float(np.median(ages[:half])) < 0.4, "frames wait in a queue"
    finally:
        watching = False
        for visitor in visitors:
            visitor.leave()

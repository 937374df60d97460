import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode

from signcore.errors import FrameError, HandModelError, LandmarkError
from signcore.hand import HandFrame, HandTracker, ImageArray
from signcore.mediapipe_hands import DETECTION_CONFIDENCE
from tests.hands import make_landmarks
from tests.videos import pictures


@pytest.fixture
def tracker(hand_model: Path) -> Iterator[HandTracker]:
    with HandTracker(hand_model) as tracker:
        yield tracker


def test_a_hand_is_found_in_units_of_image_height(tracker: HandTracker, media_dir: Path) -> None:
    wide = pictures(media_dir / "B.mp4", 1)[0]
    hand = tracker.detect(wide, 40.0)
    assert hand is not None
    assert hand.t_ms == 40.0
    assert hand.landmarks.shape == (21, 3)
    assert hand.landmarks.dtype == np.float32
    # the fingers of a B stand above its wrist, and x runs to 640 / 480
    assert hand.landmarks[12, 1] < hand.landmarks[0, 1]
    assert 0 < hand.landmarks[:, 0].min() < hand.landmarks[:, 0].max() < 640 / 480


def test_its_shape_does_not_depend_on_the_pictures_aspect(hand_model: Path, media_dir: Path) -> None:
    picture = pictures(media_dir / "L.mp4", 1)[0]
    bordered = np.pad(picture, ((0, 0), (160, 160), (0, 0)))
    shapes = []
    for image in (picture, bordered):
        with HandTracker(hand_model) as tracker:
            hand = tracker.detect(image, 0.0)
        assert hand is not None
        shapes.append(hand.landmarks[:, :2] - hand.landmarks[0, :2])
    assert np.abs(shapes[0] - shapes[1]).max() < 0.03


@pytest.mark.parametrize("letter", ["A", "L", "V", "Y"])
def test_handedness_is_the_persons(hand_model: Path, media_dir: Path, letter: str) -> None:
    # these photographs show right hands, palm to the camera, not mirrored
    for flip, side in ((False, "Right"), (True, "Left")):
        with HandTracker(hand_model) as tracker:
            for frame, picture in enumerate(pictures(media_dir / f"{letter}.mp4", 3)):
                hand = tracker.detect(picture[:, ::-1] if flip else picture, 33.0 * frame)
        assert hand is not None
        assert hand.handedness == side


def test_it_is_what_mediapipes_own_wrapper_says(tracker: HandTracker, hand_model: Path, media_dir: Path) -> None:
    options = HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(hand_model)),
        running_mode=RunningMode.VIDEO,
        num_hands=1,
        min_hand_detection_confidence=DETECTION_CONFIDENCE,
    )
    with HandLandmarker.create_from_options(options) as wrapper:
        images = [
            *pictures(media_dir / "V.mp4", 20),
            np.zeros((480, 640, 3), np.uint8),
            *pictures(media_dir / "Y.mp4", 5),
        ]
        found = []
        for number, image in enumerate(images):
            theirs = wrapper.detect_for_video(Image(image_format=ImageFormat.SRGB, data=image), 33 * number)
            ours = tracker.detect(image, 33.0 * number)
            found.append(ours is not None)
            assert len(theirs.hand_landmarks) == found[-1]
            if ours is not None:
                expected = np.array([(p.x * 640 / 480, p.y, p.z * 640 / 480) for p in theirs.hand_landmarks[0]])
                np.testing.assert_allclose(ours.landmarks, expected, rtol=1e-6)
                assert ours.handedness == theirs.handedness[0][0].category_name
                assert ours.score == theirs.handedness[0][0].score
    assert True in found
    assert False in found


def test_times_may_stand_still(tracker: HandTracker, media_dir: Path) -> None:
    for picture in pictures(media_dir / "A.mp4", 3):
        assert tracker.detect(picture, 7.0) is not None


@pytest.mark.parametrize("shape", [(16, 16, 3), (20, 900, 3), (2160, 3840, 3)])
def test_an_empty_picture_of_any_size_has_no_hand(tracker: HandTracker, shape: tuple[int, ...]) -> None:
    assert tracker.detect(np.zeros(shape, dtype=np.uint8), 0.0) is None


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(tracker: HandTracker, image: ImageArray) -> None:
    with pytest.raises(FrameError, match=r"a picture: expected .* found"):
        tracker.detect(image, 0.0)


def test_a_tracker_that_nobody_closed_is_collected(hand_model: Path) -> None:
    """In a process of its own, with a time limit: what is guarded against is waiting for ever."""
    program = """
import gc, sys
from pathlib import Path
from signcore.hand import HandTracker
cycle = {"tracker": HandTracker(Path(sys.argv[1]))}
cycle["itself"] = cycle
del cycle
gc.collect()
"""
    subprocess.run([sys.executable, "-c", program, hand_model], check=True, timeout=60, capture_output=True)


def test_a_file_that_is_no_hand_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hand.task").write_bytes(b"not a model")
    with pytest.raises(HandModelError, match="not a hand landmark model"):
        HandTracker(tmp_path / "hand.task")


@given(st.integers(0, 20), st.integers(0, 2), st.sampled_from([np.nan, np.inf]))
def test_a_hand_of_nan_is_refused(landmark: int, axis: int, value: float) -> None:
    landmarks = make_landmarks()
    landmarks[landmark, axis] = value
    with pytest.raises(LandmarkError, match="expected finite landmarks"):
        HandFrame(landmarks, "Left", 1.0, 0.0)


def test_a_hand_of_another_shape_is_refused() -> None:
    with pytest.raises(LandmarkError, match=r"expected shape \(21, 3\), found \(20, 3\)"):
        HandFrame(make_landmarks()[:20], "Left", 1.0, 0.0)


@pytest.mark.parametrize(
    ("landmarks", "side", "message"),
    [
        (make_landmarks().tolist(), "Left", r"expected an array \(21, 3\), found list"),
        (make_landmarks(), "left", "expected Left or Right, found left"),
    ],
)
def test_what_is_no_hand_is_refused(landmarks: Any, side: Any, message: str) -> None:
    with pytest.raises(LandmarkError, match=message):
        HandFrame(landmarks, side, 1.0, 0.0)


def test_a_tracker_that_nobody_closed_ends_with_the_program(hand_model: Path) -> None:
    program = """
import sys
from pathlib import Path
import numpy as np
from signcore.hand import HandTracker
tracker = HandTracker(Path(sys.argv[1]))
tracker.detect(np.zeros((64, 64, 3), np.uint8), 0.0)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, hand_model], check=True, timeout=60, capture_output=True, text=True
    )
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_a_closed_tracker_says_so(hand_model: Path) -> None:
    tracker = HandTracker(hand_model)
    tracker.close()
    with pytest.raises(HandModelError, match="closed"):
        tracker.detect(np.zeros((64, 64, 3), np.uint8), 0.0)

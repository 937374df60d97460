"""One session: every stage, the whole chain beside bare MediaPipe, and what nobody and a held hand cost."""

import os
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from aiortc.codecs.vpx import Vp8Decoder, Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from av import VideoFrame
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode

from benchmarks.footage import Footage, stamped
from benchmarks.timing import Stopwatch
from signcore.buffer import FRAME_MS, FrameBuffer
from signcore.dashboard.camera import CameraProcessor, picture, upright_image
from signcore.dashboard.encoder import QuickVp8Encoder
from signcore.features import FloatArray, window_features
from signcore.hand import HandFrame, HandTracker, ImageArray
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot, Status
from signcore.settings import Settings
from signcore.smoothing import Smoother
from signcore.transcript import Transcriber

# Frames before anything counts: the window fills, and attention is paid as it will be.
_WARM: Final = 60


class BareMediaPipe:
    """The hand landmarker as its documentation shows it, with signcore's options."""

    def __init__(self, hand_model: Path, mode: RunningMode = RunningMode.VIDEO) -> None:
        options = HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(hand_model)), running_mode=mode, num_hands=1
        )
        self.landmarker = HandLandmarker.create_from_options(options)
        self._ms = 0

    def detect(self, image: ImageArray) -> Any:
        """MediaPipe's result for the next picture of a video, 33 ms after the last one."""
        self._ms += 33
        return self.landmarker.detect_for_video(Image(image_format=ImageFormat.SRGB, data=image), self._ms)


def measure_chain(footage: Footage, predictor: SequencePredictor, settings: Settings, frames: int) -> dict[str, Any]:
    """The chain and bare MediaPipe on the same pictures, one after the other, whose turn is first changing each time.

    Both are given RGB pictures. The chain is everything from there to the picture that is sent back: landmarks,
    features, the model, text, and the drawing. Its landmarks alone are measured as well.
    """
    assert settings.hand_model is not None
    bare, recognizer, watch = BareMediaPipe(settings.hand_model), Recognizer(predictor, settings), Stopwatch()
    direct = HandTracker(settings.hand_model)
    recognizer.prepare()

    def chain(frame: VideoFrame, image: ImageArray, t_ms: float) -> None:
        picture(frame, recognizer.step(image, t_ms), mirrored=True)

    for number, frame in enumerate(islice(cycle(footage.moving), frames + _WARM)):
        image, t_ms = upright_image(frame), number * FRAME_MS
        timed = watch if number >= _WARM else Stopwatch()
        if number % 2:
            timed("bare MediaPipe", bare.detect, image)
        timed("whole chain", chain, frame, image, t_ms)
        if number % 2 == 0:
            timed("bare MediaPipe", bare.detect, image)
        timed("the chain's landmarks", direct.detect, image, t_ms)
        if number == _WARM:
            assert recognizer.snapshot.status is Status.READING
    bare.landmarker.close()
    direct.close()
    recognizer.close()
    ratio = watch.cpu_ms("whole chain") / watch.cpu_ms("bare MediaPipe")
    return {"ratio": round(ratio, 3), "table": watch.table()}


def measure_stages(footage: Footage, predictor: SequencePredictor, settings: Settings, frames: int) -> dict[str, Any]:
    """What each part of the chain takes, and the video's decoding and encoding around it."""
    assert settings.hand_model is not None
    watch = Stopwatch()
    buffer, smoother = FrameBuffer(predictor.window), Smoother(settings.smoothing_s)
    transcriber = Transcriber(settings.threshold, settings.margin, settings.hold_s, settings.pause_s)
    shown = Recognizer(predictor, settings)
    encoder, sender, decoder = QuickVp8Encoder(), Vp8Encoder(), Vp8Decoder()

    def features(hand: HandFrame | None, t_ms: float) -> FloatArray:
        buffer.push(hand, t_ms)
        return window_features(buffer.window()[None])

    def text(outputs: FloatArray, hand: HandFrame | None, t_ms: float) -> None:
        transcriber.step(smoother.step(outputs[0], t_ms), hand, t_ms)

    def draw(frame: VideoFrame, snapshot: Snapshot) -> VideoFrame:
        return picture(frame, snapshot, mirrored=True)

    with HandTracker(settings.hand_model) as tracker:
        for number, frame in enumerate(islice(cycle(footage.moving), frames + _WARM)):
            t_ms, timed = number * FRAME_MS, watch if number >= _WARM else Stopwatch()
            payloads, _ = sender.encode(stamped(frame, t_ms / 1000))
            data = b"".join(vp8_depayload(payload) for payload in payloads)
            timed("decoding (VP8)", decoder.decode, JitterFrame(data, 3000 * number))
            image = timed("colour conversion", upright_image, frame)
            hand = timed("landmarks", tracker.detect, image, t_ms)
            rows = timed("window and features", features, hand, t_ms)
            timed("smoothing and text", text, timed("model", predictor.run_network, rows), hand, t_ms)
            answer = timed("drawing", draw, frame, shown.step_hand(hand, t_ms))
            timed("encoding (VP8)", encoder.encode, stamped(answer, t_ms / 1000))
    return watch.table()


def measure_attention(
    footage: Footage, predictor: SequencePredictor, settings: Settings, frames: int
) -> dict[str, Any]:
    """A session with a moving hand, one with a held hand and two with nobody, fed in turns, picture by picture.

    Everything that a session does from the decoded picture to the one that is sent back is in it.
    """
    watch = Stopwatch()
    sessions = {
        "hand that moves": (footage.moving, _processor(predictor, settings)),
        "hand that is held": (footage.held, _processor(predictor, settings)),
        "nobody, something else moves": (footage.restless, _processor(predictor, settings)),
        "nobody": (footage.empty, _processor(predictor, settings)),
    }
    for number in range(frames + _WARM):
        timed = watch if number >= _WARM else Stopwatch()
        for name, (pictures, processor) in sessions.items():
            frame = stamped(pictures[number % len(pictures)], number / 30)
            timed(name, processor.recv, frame)
    for _, processor in sessions.values():
        processor.on_ended()
    moving = watch.cpu_ms("hand that moves")
    return {
        "idle_ratio": round(watch.cpu_ms("nobody, something else moves") / moving, 3),
        "still_ratio": round(watch.cpu_ms("nobody") / moving, 3),
        "held_ratio": round(watch.cpu_ms("hand that is held") / moving, 3),
        "table": watch.table(),
    }


def measure_memory(footage: Footage, predictor: SequencePredictor, settings: Settings) -> dict[str, float]:
    """Resident memory that the first and the tenth session add, MiB."""
    sizes, sessions = [_resident_mib()], []
    for _ in range(10):
        processor = _processor(predictor, settings)
        sessions.append(processor)
        for number in range(2 * predictor.window):
            processor.recv(stamped(footage.moving[number % len(footage.moving)], number / 30))
        sizes.append(_resident_mib())
    for processor in sessions:
        processor.on_ended()
    return {
        "process": round(sizes[0], 1),
        "first": round(sizes[1] - sizes[0], 1),
        "tenth": round(sizes[10] - sizes[9], 1),
    }


def _processor(predictor: SequencePredictor, settings: Settings) -> CameraProcessor:
    return CameraProcessor(Recognizer(predictor, settings), mirrored=True, sends_back=True)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

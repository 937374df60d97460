"""A recording that is being reviewed, with its notes and where they are kept. No Streamlit in here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PureWindowsPath
from typing import Any, Final

import numpy as np

from signcore.alignment import Difference, Pair, align, as_spelled, mistakes, pair_times
from signcore.dashboard.charts import label_name
from signcore.dashboard.review_figure import timeline
from signcore.dashboard.review_tape import pack_frames, tape_checksum
from signcore.dashboard.review_words import changes_told, event_sentence
from signcore.errors import RecordingError
from signcore.features import BONES, LANDMARKS
from signcore.handshape import reference
from signcore.hesitation import automatic_notes
from signcore.labels import LABELS, LETTERS
from signcore.recording import SIDES, Author, Note, Recording
from signcore.store import Person, Store
from signcore.store_recordings import StoredRecording
from signcore.transcript import EventKind

_LONGEST_TITLE: Final = 50
# The joint of the fingertip that draws.
_DRAWN_WITH: Final = {"J": 20, "Z": 8}


@dataclass(frozen=True)
class Shelf:
    """Where a recording is kept."""

    store: Store
    person: Person
    recording: StoredRecording


class Review:
    """A recording with its notes, the learner's, the teacher's and automatic ones, and where changes of them go.

    Attributes:
        title: plain words.
        recording: with all notes in order of time.
        remark: what is worth knowing about it, as a sentence; None for nothing.
        shelf: where it is kept; None: nowhere but here.
        meant: what was to be spelled, as somebody has typed it; "" where nobody has.
        again: the same hands read with other settings or another model; None: they were not.
        first: what this is a new reading of; None: of nothing.
    """

    def __init__(
        self, title: str, recording: Recording, *, remark: str | None = None, shelf: Shelf | None = None
    ) -> None:
        self.title = title
        self.remark = remark
        self.shelf = shelf
        self.meant = ""
        self.again: Recording | None = None
        self.first: Review | None = None
        self.recording = _with_own_notes(recording, _own(recording.notes))
        self._opened_with = _own(self.recording.notes)

    @property
    def own_recording(self) -> Recording:
        """The recording without the automatic notes, which are found anew whenever it is opened."""
        return self.recording.with_notes(_own(self.recording.notes))

    @property
    def unkept(self) -> bool:
        """Whether somebody has added or removed notes that are nowhere but here."""
        return self.shelf is None and _own(self.recording.notes) != self._opened_with

    @cached_property
    def tape(self) -> bytes:
        """The frames for the browser."""
        return pack_frames(self.recording)

    def add_note(self, at_ms: float, text: str, author: Author) -> None:
        """Add a note, here and on the shelf.

        Raises:
            RecordingError: a time or a text that cannot be.
            StoreError: the shelf cannot be reached; then the note is not here either.
        """
        if not 0 <= at_ms <= float(self.recording.t_ms[-1]):
            raise RecordingError(f"a note: expected a time within {self.recording.seconds:.1f} s, found {at_ms / 1000}")
        note = Note(at_ms, text, author)
        if self.shelf is not None:
            self.shelf.store.add_note(self.shelf.person.id, self.shelf.recording.id, note)
        self.recording = _with_own_notes(self.recording, (*_own(self.recording.notes), note))

    def remove_note(self, number: int) -> None:
        """Remove the note with a number in `recording.notes`, here and on the shelf; none if there is none.

        Raises:
            StoreError: the shelf cannot be reached; then the note stays here too.
        """
        if not 0 <= number < len(self.recording.notes):
            return
        note = self.recording.notes[number]
        if self.shelf is not None:
            self.shelf.store.remove_note(self.shelf.person.id, self.shelf.recording.id, note)
        left = list(self.recording.notes)
        del left[number]
        self.recording = _with_own_notes(self.recording, _own(left))

    def alignment(self, meant: str) -> tuple[Pair, ...]:
        """What was meant beside what was read; a space at the end is no mistake."""
        return align(meant, self.recording.text.rstrip())

    def score(self, typed: str) -> tuple[int, int]:
        """How many letters somebody has read right, and how many there are; spaces do not count.

        What was meant counts, and where nobody has said what that is, what the recogniser read.
        """
        spelled = as_spelled(self.meant) or self.recording.text.rstrip()
        pairs = align(typed, spelled)
        right = [pair for pair in pairs if pair.difference is Difference.NONE and pair.read != " "]
        return len(right), len(spelled.replace(" ", ""))

    def comparison(self) -> list[dict[str, Any]]:
        """Rows of a table: what was read first, and what was read again."""
        first = self.recording
        shown = {"First": first, "Again": self.again or first}
        return [
            {
                "": name,
                "Text": one.text.strip(),
                "Letters changed": sum(mistakes(align(first.text.strip(), one.text.strip())).values()),
                "Not written": sum(event.kind is EventKind.REJECTED for event in one.events),
                "Changes": changes_told(align(first.text.strip(), one.text.strip())),
                "Hold each sign for (s)": one.manifest.settings.get("hold_s"),
                "Threshold": one.manifest.settings.get("threshold"),
                "Model": one.manifest.model,
                "My hand": one.manifest.calibrated,
            }
            for name, one in shown.items()
        ]

    def reread(self, again: Recording) -> "Review":
        """A new reading of the same hands, with the notes and what was meant. This one is its `first`."""
        review = Review(f"{self.title} again", again.with_notes(()))
        review.recording = _with_own_notes(again, _own(self.recording.notes))
        review.meant, review.first = self.meant, self
        return review

    def back_to(self, first: "Review") -> None:
        """Let `first`, which this is a new reading of, have this one beside it, and the notes that were added here.

        Raises:
            StoreError: the shelf of `first` cannot be reached.
        """
        first.again = self.recording
        for note in _own(self.recording.notes):
            if note not in first.recording.notes:
                first.add_note(note.at_ms, note.text, note.author)

    def view(self, *, accent: str, meant: str, blind: bool, mirrored: bool) -> dict[str, Any]:
        """What the browser needs besides the tape, as `review.js` describes it."""
        recording = self.recording
        pairs = self.alignment(meant) if as_spelled(meant) else ()
        times = pair_times(recording, pairs)
        return {
            "checksum": tape_checksum(self.tape),
            "bones": BONES,
            "labels": [label_name(label) for label in LABELS],
            "window": recording.manifest.window,
            "threshold": recording.manifest.settings.get("threshold", 0.0),
            "margin": recording.manifest.settings.get("margin", 0.0),
            "blind": blind,
            "mirrored": mirrored,
            "letters": [
                {"char": letter.char, "at": letter.end_ms, "cleared": gone}
                for gone, letters in ((True, recording.cleared), (False, recording.letters))
                for letter in letters
            ],
            "events": [
                {
                    "label": None if event.label is None else label_name(event.label),
                    "start": event.start_ms,
                    "end": event.end_ms,
                    "said": event_sentence(event),
                }
                for event in sorted(recording.events, key=lambda event: event.end_ms)
            ],
            "notes": [
                {"at": note.at_ms, "text": note.text, "author": note.author.value, "number": number}
                for number, note in enumerate(recording.notes)
            ],
            "meant": [
                {"meant": pair.meant, "read": pair.read, "kind": pair.difference.value, "at": end}
                for pair, (_, end) in zip(pairs, times, strict=True)
            ],
            "references": _references(recording, pairs),
            "figure": timeline(recording, accent, tuple(zip(pairs, times, strict=True))).to_dict(),
            "accent": accent,
        }


def plain_title(file_name: str) -> str:
    """A title from the name of a file: no folder, no ending, nothing that means something in HTML or Markdown."""
    plain = " ".join(re.sub(r"[^\w .,()-]+", " ", PureWindowsPath(file_name).stem).replace("_", " ").split())
    return plain[:_LONGEST_TITLE].strip(" .,-") or "Recording"


def _references(recording: Recording, pairs: Iterable[Pair]) -> dict[str, dict[str, Any]]:
    """The typical hands of the letters that were meant, of the side that signed, as `review_hand.js` draws them."""
    left, right = (np.count_nonzero(recording.handedness == SIDES.index(side)) for side in ("Left", "Right"))
    side = -1.0 if left > right else 1.0
    found = {}
    for letter in set(LETTERS).intersection(pair.meant or "" for pair in pairs):
        shape = reference(letter)
        movement = np.empty((0, LANDMARKS, 3)) if shape.movement is None else shape.movement
        found[letter] = {
            "hand": (shape.landmarks[:, :2] * (side, 1.0)).round(3).tolist(),
            "trail": (movement[:, _DRAWN_WITH.get(letter, 0), :2] * (side, 1.0)).round(3).tolist(),
            "said": f"{letter}: {shape.sentence}",
        }
    return found


def _own(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(note for note in notes if note.author is not Author.AUTOMATIC)


def _with_own_notes(recording: Recording, own: tuple[Note, ...]) -> Recording:
    return recording.with_notes((*own, *automatic_notes(recording)))

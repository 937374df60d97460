"""The text of a recording, when it was signed, and the notes, in the formats of other programs.

Times are milliseconds since the recording began. Subtitles show words; ELAN gets tiers of letters, words and notes.
"""

import csv
import heapq
import html
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Final
from xml.etree import ElementTree

from signcore.recording import Author, Recording
from signcore.timed_text import words

# Long enough to be read, when nothing follows.
_SHOWN_MS: Final = 1500
_LONGEST_FILE_NAME: Final = 80
# SRT has no way to write a < that does not begin a tag.
_ANGLES: Final = str.maketrans("<>", "\u2039\u203a")

_Span = tuple[int, int, str]


class ExportFormat(StrEnum):
    """What a recording can be exported as; the value is the file name's ending."""

    TXT = "txt"
    CSV = "csv"
    JSON = "json"
    SRT = "srt"
    VTT = "vtt"
    ELAN = "eaf"

    @property
    def media_type(self) -> str:
        """For a browser's download."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    ExportFormat.TXT: "text/plain",
    ExportFormat.CSV: "text/csv",
    ExportFormat.JSON: "application/json",
    ExportFormat.SRT: "application/x-subrip",
    ExportFormat.VTT: "text/vtt",
    ExportFormat.ELAN: "application/xml",
}


def export(recording: Recording, form: ExportFormat, person: str = "") -> bytes:
    """A recording in another format, UTF-8.

    Args:
        recording: its letters that still stand at the end, and its notes; tables, JSON and ELAN files also tell those
            that were cleared.
        form: which format.
        person: who signed; named in JSON and ELAN files.
    """
    return _WRITERS[form](recording, "".join(char for char in person if char.isprintable())).encode()


def file_name(name: str, form: ExportFormat) -> str:
    """A name for a download, without anything that means something to a file system."""
    plain = re.sub(r"[^\w .-]", "-", unicodedata.normalize("NFC", name)).strip(" .-")
    return f"{plain[:_LONGEST_FILE_NAME].rstrip(' .-') or 'recording'}.{form.value}"


def _txt(recording: Recording, _: str) -> str:
    lines = [recording.text.strip()]
    if recording.notes:
        lines.append("")
        lines += [f"{_clock(note.at_ms, '.')} {note.author}: {note.text}" for note in recording.notes]
    return "\n".join(lines) + "\n"


def _csv(recording: Recording, _: str) -> str:
    rows: list[tuple[str, float, float, str, str, str, str]] = []
    for kind, timed in (("letter", recording.letters), ("cleared letter", recording.cleared)):
        for letter in timed:
            certainty = f"{letter.confidence:.4f}"
            rows.append((kind, letter.start_ms, letter.end_ms, letter.char, certainty, letter.runner_up or "", ""))
    rows += [("word", word.start_ms, word.end_ms, word.text, "", "", "") for word in words(recording.letters)]
    rows += [("note", note.at_ms, note.at_ms, note.text, "", "", note.author.value) for note in recording.notes]
    sink = io.StringIO(newline="")
    table = csv.writer(sink)
    table.writerow(("kind", "start_ms", "end_ms", "text", "confidence", "runner_up", "author"))
    for kind, start_ms, end_ms, *texts in rows:
        table.writerow((kind, round(start_ms), round(end_ms), *(_no_formula(text) for text in texts)))
    return sink.getvalue()


def _json(recording: Recording, person: str) -> str:
    content = {
        "format": "signcore transcript",
        "version": 1,
        "person": person,
        "created": recording.manifest.created.isoformat(),
        "model": recording.manifest.model,
        "settings": dict(recording.manifest.settings),
        "seconds": recording.seconds,
        "text": recording.text,
        "letters": [asdict(letter) for letter in recording.letters],
        "cleared": [asdict(letter) for letter in recording.cleared],
        "words": [asdict(word) for word in words(recording.letters)],
        "notes": [asdict(note) for note in recording.notes],
        "events": [asdict(event) for event in recording.events],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _srt(recording: Recording, _: str) -> str:
    return "".join(
        f"{number}\n{_clock(begin, ',')} --> {_clock(end, ',')}\n{text.translate(_ANGLES)}\n\n"
        for number, (begin, end, text) in enumerate(_cues(recording), start=1)
    )


def _vtt(recording: Recording, _: str) -> str:
    return "WEBVTT\n\n" + "".join(
        f"{_clock(begin, '.')} --> {_clock(end, '.')}\n{html.escape(text, quote=False)}\n\n"
        for begin, end, text in _cues(recording)
    )


def _elan(recording: Recording, person: str) -> str:
    """ELAN's format, version 3.0: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf."""
    signed = [letter for letter in recording.letters if not letter.char.isspace()]
    tiers = {
        "letters": _spans((letter.start_ms, letter.end_ms, letter.char) for letter in signed),
        "words": _spans((word.start_ms, word.end_ms, word.text) for word in words(recording.letters)),
    }
    cleared = [letter for letter in recording.cleared if not letter.char.isspace()]
    if cleared:
        tiers["cleared-letters"] = _spans((letter.start_ms, letter.end_ms, letter.char) for letter in cleared)
    for author in Author:
        notes = [_shown(note.at_ms, note.text) for note in recording.notes if note.author is author]
        for number, row in enumerate(_side_by_side(notes), start=1):
            tiers[f"notes-{author}" if number == 1 else f"notes-{author}-{number}"] = row

    root = ElementTree.Element("ANNOTATION_DOCUMENT", AUTHOR=person, FORMAT="3.0", VERSION="3.0")
    root.set("DATE", recording.manifest.created.isoformat(timespec="seconds"))
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd")
    ElementTree.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    # Every end of every annotation has a time slot of its own; the file lists them in the order of time.
    ends = sorted(
        (time_ms, name, index, end)
        for name, spans in tiers.items()
        for index, span in enumerate(spans)
        for end, time_ms in enumerate(span[:2])
    )
    slots: dict[tuple[str, int, int], str] = {}
    order = ElementTree.SubElement(root, "TIME_ORDER")
    for number, (time_ms, name, index, end) in enumerate(ends, start=1):
        slots[name, index, end] = f"ts{number}"
        ElementTree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{number}", TIME_VALUE=str(time_ms))
    annotations = 0
    for name, spans in tiers.items():
        tier = ElementTree.SubElement(root, "TIER", LINGUISTIC_TYPE_REF="default-lt", PARTICIPANT=person, TIER_ID=name)
        for index, (_, _, text) in enumerate(spans):
            annotations += 1
            annotation = ElementTree.SubElement(
                ElementTree.SubElement(tier, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{annotations}",
                TIME_SLOT_REF1=slots[name, index, 0],
                TIME_SLOT_REF2=slots[name, index, 1],
            )
            ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = text
    ElementTree.SubElement(
        root,
        "LINGUISTIC_TYPE",
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID="default-lt",
        TIME_ALIGNABLE="true",
    )
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _cues(recording: Recording) -> list[_Span]:
    """Subtitles in order: words, each until the next one or for a while, and notes with their author for as long."""
    shown = [(word.start_ms, word.end_ms + _SHOWN_MS, word.text) for word in words(recording.letters)]
    notes = [_shown(note.at_ms, f"{note.author.capitalize()}: {note.text}") for note in recording.notes]
    return sorted([*_spans(shown), *notes])


def _shown(at_ms: float, text: str) -> _Span:
    return round(at_ms), round(at_ms) + _SHOWN_MS, text


def _side_by_side(spans: Iterable[_Span]) -> list[list[_Span]]:
    """Spans in order of time in as few rows as there are at one moment: in none does one begin before another ends."""
    rows: list[list[_Span]] = []
    # When each row is free again, the soonest first.
    free: list[tuple[int, int]] = []
    for span in spans:
        number = heapq.heappop(free)[1] if free and free[0][0] <= span[0] else len(rows)
        if number == len(rows):
            rows.append([])
        rows[number].append(span)
        heapq.heappush(free, (span[1], number))
    return rows


def _spans(items: Iterable[tuple[float, float, str]]) -> list[_Span]:
    """Whole milliseconds from 0 on, none empty, none beginning before the one before it ends."""
    listed = list(items)
    begins: list[int] = []
    for begin, _, _ in listed:
        begins.append(max(round(begin), begins[-1] + 1 if begins else 0))
    following = [*begins[1:], sys.maxsize][: len(begins)]
    ends = [
        max(begin + 1, min(round(end), latest))
        for begin, latest, (_, end, _) in zip(begins, following, listed, strict=True)
    ]
    return [(begin, end, text) for begin, end, (_, _, text) in zip(begins, ends, listed, strict=True)]


def _clock(time_ms: float, point: str) -> str:
    """Hours, minutes, seconds and milliseconds, as subtitles have them."""
    seconds, milliseconds = divmod(round(time_ms), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{milliseconds:03}"


def _no_formula(text: str) -> str:
    """Spreadsheets run what begins with one of these; with an apostrophe before it, it is only shown."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


_WRITERS: Final[dict[ExportFormat, Callable[[Recording, str], str]]] = {
    ExportFormat.TXT: _txt,
    ExportFormat.CSV: _csv,
    ExportFormat.JSON: _json,
    ExportFormat.SRT: _srt,
    ExportFormat.VTT: _vtt,
    ExportFormat.ELAN: _elan,
}

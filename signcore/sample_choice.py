"""Chooses the recorded letters that come with the project: `python -m signcore.sample_choice CLIPS.npz OUT.npz`.

The first frame of every clip is left out: in these recordings it is often the last one of the take before.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from signcore.clips import Clips, read_clips, write_clips
from signcore.errors import SignError
from signcore.features import FloatArray, palm_size
from signcore.labels import LETTERS, MOVING_LETTERS, char_to_index
from signcore.windows import interpolate

# One signer's right hand; the clips of P there are doubtful, so that comes from another right hand.
_SOURCE: Final = "traduttore"
_SOURCE_OF: Final = {"P": "creepyvampire"}
_FRAMES: Final = 8


def choose_clips(clips: Clips) -> list[int]:
    """For each letter, the index of the clip that shows it best.

    Of a still letter that is the most typical one: its mean distance to the others is least. Of J and Z, which the
    tracker follows badly when they are quick, it is the widest of the smoothest third. Clips that an audit doubts and
    clips with a frame without a hand are left out.

    Raises:
        SignError: the file has no such clip of a letter.
    """
    chosen = []
    whole = ~clips.suspect & (clips.motion == "real")
    for letter in LETTERS:
        prefix = _SOURCE_OF.get(letter, _SOURCE)
        sources = [i for i, name in enumerate(clips.source_names) if name.startswith(prefix)]
        own = np.flatnonzero(whole & (clips.label == char_to_index(letter)) & np.isin(clips.source, sources))
        candidates = {i: clips.clip(i)[1:] for i in own.tolist() if not np.isnan(clips.clip(i)).any()}
        if not candidates:
            raise SignError(f"samples: expected clips of {letter} from {prefix}, found none")
        choose = _clearest_movement if letter in MOVING_LETTERS else _most_typical
        chosen.append(list(candidates)[choose([*candidates.values()])])
    return chosen


def save_samples(clips: Clips, indices: Sequence[int], path: Path) -> None:
    """Write clips of a file as a file of their own, each without its first frame.

    Raises:
        ClipFileError: the file cannot be written.
    """
    chosen = clips.only(np.array(indices))
    sources, source = np.unique(chosen.source, return_inverse=True)
    shortened = replace(
        chosen,
        frames=np.delete(chosen.frames, chosen.offsets[:-1], axis=0),
        offsets=chosen.offsets - np.arange(len(chosen.offsets)),
        source=source,
        source_names=tuple(clips.source_names[i] for i in sources),
        source_licences=tuple(clips.source_licences[i] for i in sources),
    )
    write_clips(shortened, path)


def _most_typical(letters: Sequence[FloatArray]) -> int:
    """The position of the clip in the middle of all, by its handshapes in 8 frames and palm sizes."""
    tracks = np.stack([_in_palms(interpolate(clip, np.linspace(0, len(clip) - 1, _FRAMES))) for clip in letters])
    return int(np.argmin([np.linalg.norm(tracks - track, axis=-1).mean() for track in tracks]))


def _clearest_movement(letters: Sequence[FloatArray]) -> int:
    """The position of the clip with the widest movement in the third with the smallest jolts for their width."""
    tracks = [_in_palms(clip)[..., :2] for clip in letters]
    width = np.array([np.sqrt(np.ptp(track, axis=0).prod(axis=-1)).max() for track in tracks])
    jolt = np.array([np.linalg.norm(np.diff(track, n=2, axis=0), axis=-1).max() for track in tracks])
    smoothest = np.argsort(jolt / width)[: max(1, len(letters) // 3)]
    return int(smoothest[width[smoothest].argmax()])


def _in_palms(clip: FloatArray) -> FloatArray:
    """A clip (n, 21, 3) in palm sizes, seen from where the wrist was at first."""
    track: FloatArray = (clip - clip[0, 0]) / palm_size(clip).mean()
    return track


def main() -> None:
    """Choose from the file that is named first and write the one that is named second."""
    source, target = (Path(word) for word in sys.argv[1:])
    clips = read_clips(source)
    save_samples(clips, choose_clips(clips), target)


if __name__ == "__main__":
    main()

"""How right the text is: words joined from recorded letters, read at several speeds."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm

from signcore.buffer import FRAME_MS
from signcore.calibration import Calibration
from signcore.clips import Clips
from signcore.features import GRID_FPS, FloatArray, IntArray
from signcore.hand import HandFrame
from signcore.labels import LABELS, LETTERS, MOVING_LETTERS, NOTHING
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.spelling import first_frame, held_frames, join_letters, word_list
from signcore.transcript import Event, EventKind

SPEEDS: Final = (1, 2, 3)
_SEED: Final = 20
_PROMPT: Final = round(0.3 * GRID_FPS)

# A source, a word, and a clip of each of its letters.
_Spelled = tuple[str, str, dict[str, FloatArray]]


@dataclass(frozen=True)
class WordResult:
    """Character error rates: edits needed over letters spelled. All dictionaries by letters a second.

    Attributes:
        words: how many words were spelled at each speed.
        cer: of the text engine.
        per_source: the same for each source of clips.
        prompt: the share of still letters that are the first answer once they have been held for 0.3 s, at the speeds
            at which they are.
        prompt_per_source: the same for each source of clips.
        sixty_equal: of the rule "sixty equal answers in a row write a letter".
        eight_of_twelve: of the rule "eight equal answers among twelve write a letter".
        false_letters: letters written in a minute of a hand that signs nothing; None without NOTHING clips of a hand.
    """

    words: dict[str, int]
    cer: dict[str, float]
    per_source: dict[str, dict[str, float]]
    prompt: dict[str, float]
    prompt_per_source: dict[str, dict[str, float]]
    sixty_equal: dict[str, float]
    eight_of_twelve: dict[str, float]
    false_letters: float | None


class _Tally:
    def __init__(self) -> None:
        self.counted = 0
        self.letters = 0

    def add(self, counted: int, letters: int) -> None:
        self.counted += counted
        self.letters += letters

    @property
    def rate(self) -> float:
        return self.counted / self.letters


def word_accuracy(
    predictor: SequencePredictor,
    clips: Clips,
    indices: IntArray,
    words: Sequence[str] | None = None,
    speeds: Sequence[int] = SPEEDS,
    calibration: Calibration | None = None,
) -> WordResult | None:
    """Spell every word with the clips at `indices` of one source after another, and read it through a Recognizer.

    A source spells the words that it has all letters of; which of its clips it takes is drawn once and for all.

    Args:
        predictor: the recogniser's model.
        clips: the file.
        indices: which clips.
        words: None: the fixed list.
        speeds: letters a second.
        calibration: a person's, to correct every answer with.

    Returns:
        None where no source has all letters of any word.
    """
    spelled = [
        (clips.source_names[source], word, recordings)
        for source in np.unique(clips.source[indices])
        for word, recordings in _recordings(clips, indices[clips.source[indices] == source], words or word_list())
    ]
    if not spelled:
        return None
    rates = {str(speed): _rates(predictor, spelled, speed, calibration) for speed in speeds}

    def edits(key: str) -> dict[str, float]:
        return {speed: found[key] for speed, (found, _) in rates.items()}

    def prompt(key: str) -> dict[str, float]:
        return {speed: found[key] for speed, (_, found) in rates.items() if found}

    names = list(dict.fromkeys(name for name, _, _ in spelled))
    return WordResult(
        words={str(speed): len(spelled) for speed in speeds},
        cer=edits("all"),
        per_source={name: edits(name) for name in names},
        prompt=prompt("all"),
        prompt_per_source={name: prompt(name) for name in names},
        sixty_equal=edits("sixty"),
        eight_of_twelve=edits("eight"),
        false_letters=_false_letters(predictor, clips, indices),
    )


def _rates(
    predictor: SequencePredictor,
    spelled: Sequence[_Spelled],
    speed: int,
    calibration: Calibration | None,
) -> tuple[dict[str, float], dict[str, float]]:
    """Character error rates at one speed, and shares of still letters that are the answer in time.

    Both by source and of "all"; errors also of the rules "sixty" and "eight". Where no letter is held for 0.3 s, there
    are no shares.
    """
    edits: defaultdict[str, _Tally] = defaultdict(_Tally)
    prompt: defaultdict[str, _Tally] = defaultdict(_Tally)
    for name, word, recordings in tqdm(spelled, desc=f"{speed} letters/s", leave=False, disable=None):
        events, answers = _read(predictor, join_letters(word, recordings, speed), calibration)
        text = events[-1].text.strip() if events else ""
        for key, found in (
            (name, text),
            ("all", text),
            ("sixty", _equal(answers, 60, 60)),
            ("eight", _equal(answers, 8, 12)),
        ):
            edits[key].add(Levenshtein.distance(word, found), len(word))
        if held_frames(speed) > _PROMPT:
            in_time = _in_time(word, answers, speed)
            for key in (name, "all"):
                prompt[key].add(sum(in_time), len(in_time))
    return {key: tally.rate for key, tally in edits.items()}, {key: tally.rate for key, tally in prompt.items()}


def _in_time(word: str, answers: Sequence[str | None], speed: int) -> list[bool]:
    """Whether each still letter of a word is the answer when it has been held for 0.3 s.

    J and Z are left out: they have no shape that is held.
    """
    return [
        answers[first_frame(index, speed) + _PROMPT] == letter
        for index, letter in enumerate(word)
        if letter not in MOVING_LETTERS
    ]


def _false_letters(predictor: SequencePredictor, clips: Clips, indices: IntArray) -> float | None:
    """Letters a minute while a hand goes from one NOTHING clip to another, each shown for a second."""
    idle = [clips.clip(int(i)) for i in indices[clips.label[indices] == LABELS.index(NOTHING)]]
    shown = [clip for clip in idle if not np.isnan(clip).any()]
    if not shown:
        return None
    named = {str(index): clip for index, clip in enumerate(shown)}
    events, answers = _read(predictor, join_letters(tuple(named), named, 1))
    letters = sum(event.kind in (EventKind.LETTER, EventKind.REPLACE) for event in events)
    return letters / (len(answers) / GRID_FPS / 60.0)


def _recordings(clips: Clips, indices: IntArray, words: Sequence[str]) -> Iterator[tuple[str, dict[str, FloatArray]]]:
    """Every word that can be spelled with these clips, with a clip for each of its letters."""
    rng = np.random.default_rng(_SEED)
    whole = {
        letter: [i for i in indices[clips.label[indices] == label] if not np.isnan(clips.clip(i)).any()]
        for label, letter in enumerate(LETTERS)
    }
    for word in words:
        if all(whole[letter] for letter in word):
            yield word, {letter: clips.clip(int(rng.choice(whole[letter]))) for letter in sorted(set(word))}


def _read(
    predictor: SequencePredictor, frames: FloatArray, calibration: Calibration | None = None
) -> tuple[tuple[Event, ...], list[str | None]]:
    """What is written of 30 frames a second, and every frame's answer for the simple rules."""
    recognizer = Recognizer(predictor)
    recognizer.calibration = calibration
    answers = []
    for step, landmarks in enumerate(frames):
        t_ms = step * FRAME_MS
        hand = None if np.isnan(landmarks).any() else HandFrame(landmarks, "Right", 1.0, t_ms)
        answers.append(recognizer.step_hand(hand, t_ms).letter)
    return recognizer.snapshot.events, answers


def _equal(answers: Sequence[str | None], needed: int, among: int) -> str:
    """The text of a rule that people use: a letter is written when `needed` of `among` answers are that letter.

    After a letter all answers are forgotten.
    """
    text = ""
    recent: deque[str | None] = deque(maxlen=among)
    for answer in answers:
        recent.append(answer)
        if answer in LETTERS and recent.count(answer) >= needed:
            text += answer
            recent.clear()
    return text


def words_table(result: WordResult | None) -> str:
    """Character error rates for a person to read, in percent."""
    if result is None:
        return "These clips do not have all letters of any word of the list."
    rows: list[tuple[str, list[str]]] = [
        ("letters a second", list(result.cer)),
        ("words", [str(count) for count in result.words.values()]),
        ("character errors", _percents(result.cer)),
        *((f"  {name[:24]}", _percents(rates)) for name, rates in result.per_source.items()),
        ("first answer after 0.3 s", _percents(result.prompt)),
        *((f"  {name[:24]}", _percents(rates)) for name, rates in result.prompt_per_source.items()),
        ("60 equal frames", _percents(result.sixty_equal)),
        ("8 of 12 frames", _percents(result.eight_of_twelve)),
    ]
    lines = [f"{name:28}" + "".join(f"{cell:>11}" for cell in cells) for name, cells in rows]
    if result.false_letters is not None:
        lines.append(f"{'letters a minute of an idle hand':39}{result.false_letters:.1f}")
    return "\n".join(lines)


def _percents(rates: dict[str, float]) -> list[str]:
    return [f"{100 * rate:.1f} %" for rate in rates.values()]

"""Small documents as the commands write them, for tests of what the Model page does with them."""

from typing import Any

# Of b"aaa", which the tests take for a model file.
SHA256 = "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"


def score(macro: float, clips: int = 14) -> dict[str, Any]:
    return {"clips": clips, "macro": macro, "macro_still": macro, "moving": {"J": 0.5}}


LETTERS: dict[str, Any] = {
    "A": {"clips": 5, "right": 5, "accuracy": 1.0, "precision": 5 / 7, "taken_for": None, "taken_for_share": 0.0},
    "SPACE": {"clips": 4, "right": 1, "accuracy": 0.25, "precision": None, "taken_for": "B", "taken_for_share": 0.75},
}
CERTAINTY = {"ece": 0.1, "coverage_at_99": 0.5, "threshold_at_99": 0.95}
CONFUSION = [[5, 0, 0], [2, 3, 0], [0, 3, 1]]
RESULTS: dict[str, Any] = {
    **score(0.8),
    **CERTAINTY,
    "command": "python -m signcore evaluate clips.npz",
    "date": "2026-01-02",
    "model": {"file": "model.onnx", "sha256": SHA256},
    "clip_file": {"file": "clips.npz", "sha256": "of the clips"},
    "labels": ["A", "B", "SPACE"],
    "confusion": CONFUSION,
    "per_letter": LETTERS,
    "per_source": {
        "somebody": {
            **score(0.8),
            **CERTAINTY,
            "coverage_at_99": None,
            "confusion": CONFUSION,
            "per_letter": LETTERS,
        }
    },
    "reliability": [{"low": 0.8, "high": 1.0, "clips": 14, "confidence": 0.9, "accuracy": 0.8}],
    "accepted": {"threshold": 0.9, "coverage": 0.5, "precision": 1.0},
    "mirrored": score(0.75),
    "noise": score(0.5),
    "fps": {"30": score(0.9, 7), "15": score(0.8, 7)},
    "dropped": score(0.4, 7),
}
WORDS: dict[str, Any] = {
    "words": {"1": 9},
    "cer": {"1": 0.02},
    "per_source": {"somebody": {"1": 0.02}},
    "prompt": {"1": 0.97},
    "prompt_per_source": {"somebody": {"1": 0.97}},
    "sixty_equal": {"1": 1.0},
    "eight_of_twelve": {"1": 1.9},
    "false_letters": 2.5,
}
CROSSVAL: dict[str, Any] = {
    "macro_of_sources": 0.9,
    "macro_undoubted": 0.92,
    "per_source": {"a": 0.9},
    "moving": {"J": None, "Z": 0.75},
    "no_letter": [
        {"source": "a", "label": "NOTHING", "clips": 30, "nothing": 0.5, "accepted": 0.2},
        {"source": "a", "label": "DELETE", "clips": 10, "nothing": 0.9, "accepted": 0.0},
    ],
    "temperature": 0.61234,
    "ece": 0.01,
    "threshold": 0.9,
    "coverage": 0.8,
    "clips": 4321,
    "doubted": 17,
    "training_data_sha256": "the clips",
    "created": "2026-01-02T03:04:05+00:00",
    "command": "python -m signcore.training crossval",
}

from signcore.dashboard.model_charts import confusion_heatmap, reliability_diagram, word_errors
from signcore.metrics import ReliabilityBin
from signcore.word_accuracy import WordResult

ACCENT = "#0f766e"


def test_confusions_are_shares_of_what_was_signed() -> None:
    heatmap = confusion_heatmap(["A", "SPACE", "Z"], [[3, 1, 0], [0, 0, 0], [0, 0, 5]], ACCENT).data[0]
    assert list(heatmap.z[0]) == [0.75, 0.25, None]
    assert list(heatmap.z[1]) == [None, None, None]
    assert heatmap.customdata[0][1] == "signed A, read space: 1 of 4"
    assert list(heatmap.x) == ["A", "␣", "Z"]
    assert list(heatmap.y) == ["A", "space", "Z"]


def test_the_reliability_diagram_shows_every_bin_with_its_clips_against_the_diagonal() -> None:
    bins = [
        ReliabilityBin(low=0.4, high=0.6, clips=4, confidence=0.5, accuracy=0.25),
        ReliabilityBin(low=0.8, high=1.0, clips=1234, confidence=0.95, accuracy=0.9),
    ]
    right, diagonal, clips = reliability_diagram(bins, ACCENT).data
    assert list(right.x) == [0.5, 0.9]
    assert list(right.y) == [0.25, 0.9]
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert list(clips.y) == [4, 1234]
    assert right.customdata[1] == "sure 95%, right 90%: 1,234 clips"


def test_word_errors_stand_beside_those_of_the_simple_rules() -> None:
    words = WordResult(
        words={"1": 9, "2": 9},
        cer={"1": 0.02, "2": 0.03},
        per_source={},
        prompt={"1": 0.97, "2": 0.96},
        prompt_per_source={},
        sixty_equal={"1": 1.0, "2": 1.0},
        eight_of_twelve={"1": 1.9, "2": 0.2},
        false_letters=None,
    )
    bars = word_errors(words, ACCENT).data
    assert list(bars[0].text) == ["2%", "3%"]
    assert list(bars[1].y) == [1.9, 0.2]
    assert bars[1].marker.pattern.shape != bars[2].marker.pattern.shape, "told apart by more than colour"

from signcore.dashboard.model_charts import reliability_diagram, word_errors

BINS = [
    {"confidence": 0.5, "accuracy": 0.4, "clips": 4},
    {"confidence": 0.95, "accuracy": 0.9, "clips": 100},
]
WORDS = {
    "cer": {"1": 0.02, "2": 0.03},
    "eight_of_twelve": {"1": 1.9, "2": 0.2},
    "sixty_equal": {"1": 1.0, "2": 1.0},
}


def test_the_reliability_diagram_shows_every_bin_against_the_diagonal() -> None:
    diagonal, points = reliability_diagram(BINS, "#0F766E").data
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 1], [0, 1])
    assert (list(points.x), list(points.y)) == ([0.5, 0.95], [0.4, 0.9])
    assert points.marker.size[1] > points.marker.size[0], "more clips, a larger point"


def test_word_errors_tell_the_true_rate_beside_a_bar_of_at_most_all_letters() -> None:
    bars = word_errors(WORDS, "#0F766E").data
    assert [bar.name for bar in bars] == ["this app", "8 of 12 frames", "60 equal frames"]
    assert list(bars[1].y) == [1.0, 0.2]
    assert list(bars[1].text) == ["190%", "20%"]
    assert len({bar.marker.pattern.shape for bar in bars}) == 3, "told apart by more than colour"

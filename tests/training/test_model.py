import copy

import numpy as np
import pytest
import torch

from signcore.features import window_features
from signcore.labels import char_to_index
from signcore.training.dataset import NOTHING_INDEX
from signcore.training.model import LetterNet, Recogniser, palm_frame, still_share
from tests.hands import make_landmarks

MOVING_PATH = np.stack([np.linspace(0, 0.8, 32), np.zeros(32)], axis=1)  # palm sizes


def features_of(path: np.ndarray, seen: np.ndarray | None = None) -> torch.Tensor:
    """A hand (32 frames) whose wrist follows a path (32, 2) in palm sizes."""
    hand = make_landmarks() / 0.3
    window = np.repeat(hand[None], 32, axis=0)
    window[..., :2] += path[:, None]
    if seen is not None:
        window[~seen] = np.nan
    return torch.from_numpy(window_features(window[None].astype(np.float32)))


@pytest.fixture(scope="module")
def nets() -> list[LetterNet]:
    torch.manual_seed(0)
    return [LetterNet().eval() for _ in range(2)]


def test_probabilities_sum_to_one_for_any_batch_and_length(nets: list[LetterNet]) -> None:
    model = Recogniser(nets, 1.3).eval()
    for shape in ((1, 32, 63), (5, 32, 63), (2, 7, 63)):
        probabilities = model(torch.randn(shape))
        assert probabilities.shape == (shape[0], 29)
        torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(shape[0]))


def test_a_net_does_not_look_ahead(nets: list[LetterNet]) -> None:
    features = torch.randn(2, 32, 63)
    changed = features.clone()
    changed[:, 20:] = 0
    torch.testing.assert_close(nets[0](features)[0][:, :20], nets[0](changed)[0][:, :20])


def test_last_is_the_last_of_all_frames(nets: list[LetterNet]) -> None:
    features = torch.randn(3, 32, 63)
    torch.testing.assert_close(nets[0].last(features), nets[0](features)[0][:, -1])


def test_the_gate_closes_on_still_hands_and_opens_on_moving_ones() -> None:
    still = np.zeros((32, 2))
    assert still_share(features_of(still)).item() == 1.0
    assert still_share(features_of(MOVING_PATH)).item() == 0.0
    assert still_share(torch.zeros(1, 32, 63)).item() == 1.0


def test_a_lost_hand_is_no_movement() -> None:
    seen = np.ones(32, dtype=bool)
    seen[10:14] = False
    assert still_share(features_of(np.zeros((32, 2)), seen)).item() == 1.0


def leaning_to(net: LetterNet, letter: str, by: float) -> LetterNet:
    """The same net, which thinks of a letter whatever it sees."""
    leaning = copy.deepcopy(net)
    with torch.no_grad():
        leaning.head.bias[char_to_index(letter)] += by
    return leaning


@pytest.mark.parametrize("letter", ["J", "Z"])
def test_a_still_hand_is_never_a_j_or_z(nets: list[LetterNet], letter: str) -> None:
    model = Recogniser([leaning_to(nets[0], letter, 8.0), nets[1]]).eval()
    said = model(torch.cat([features_of(np.zeros((32, 2))), features_of(MOVING_PATH)]))[:, char_to_index(letter)]
    assert said[0] < 0.02
    assert said[1] > 0.5


def test_a_hand_that_has_come_to_rest_is_no_j_any_more(nets: list[LetterNet]) -> None:
    model = Recogniser([leaning_to(net, "J", 8.0) for net in nets]).eval()
    said = {}
    for rests in (4, 12, 20):
        path = np.zeros((32, 2))
        path[:, 0] = np.minimum(np.arange(32) / (31 - rests), 1.0) * 0.8
        said[rests] = model(features_of(path))[0, char_to_index("J")].item()
    assert said[4] > 0.5
    assert said[12] > 0.5
    assert said[20] < 0.02


def test_the_other_nets_are_asked_where_the_first_thinks_of_a_moving_letter_and_the_hand_moves(
    nets: list[LetterNet],
) -> None:
    others = [leaning_to(nets[1], "B", 8.0), nets[1]]
    features = torch.cat([features_of(np.zeros((32, 2))), features_of(MOVING_PATH)])
    for lean, differs in ((-8.0, [False, False]), (8.0, [False, True])):
        first = leaning_to(leaning_to(nets[0], "J", lean), "Z", lean)
        said = [Recogniser([first, other]).eval()(features) for other in others]
        assert ((said[0] - said[1]).abs().amax(dim=1) > 1e-3).tolist() == differs


def test_a_window_is_read_the_same_beside_others(nets: list[LetterNet]) -> None:
    model = Recogniser([leaning_to(nets[0], "J", 3.0), nets[1]]).eval()
    features = torch.cat([features_of(share * MOVING_PATH) for share in np.linspace(0, 1, 9)])
    alone = torch.cat([model(row[None]) for row in features])
    torch.testing.assert_close(model(features), alone)


def test_a_higher_temperature_is_less_sure(nets: list[LetterNet]) -> None:
    features = torch.randn(4, 32, 63)
    cold, warm = (Recogniser(nets, temperature).eval()(features).amax(dim=1) for temperature in (0.5, 2.0))
    assert (cold > warm).all()


def test_the_palm_frame_is_the_same_for_a_turned_a_larger_and_the_other_hand() -> None:
    hand = make_landmarks()
    turn = np.radians(130)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    hands = np.stack([hand, hand @ matrix.T, 2.5 * hand, hand * [-1, 1, 1]]).astype(np.float32)
    framed = palm_frame(torch.from_numpy(window_features(hands[:, None])))[:, 0]
    for other in framed[1:]:
        torch.testing.assert_close(other, framed[0], atol=1e-5, rtol=1e-4)
    assert (palm_frame(torch.zeros(2, 3, 63)) == 0).all()


def test_the_palm_frame_tells_which_of_two_fingers_is_nearer_to_the_thumb() -> None:
    hand = make_landmarks()
    index, middle = 2 * (8 - 1) + 1, 2 * (12 - 1) + 1
    uncrossed = palm_frame(torch.from_numpy(window_features(hand[None, None])))[0, 0]
    hand[[8, 12]] = hand[[12, 8]]
    crossed = palm_frame(torch.from_numpy(window_features(hand[None, None])))[0, 0]
    assert uncrossed[index] < uncrossed[middle]
    assert crossed[index] > crossed[middle]


def test_nothing_is_made_less_likely_by_one_logit(nets: list[LetterNet]) -> None:
    model = Recogniser(nets).eval()
    features = torch.randn(4, 32, 63)
    likelier = Recogniser(nets).eval()
    likelier.nothing.zero_()
    odds, before = (torch.log(said[:, NOTHING_INDEX] / said[:, 0]) for said in (model(features), likelier(features)))
    torch.testing.assert_close(odds, before - 1.0)

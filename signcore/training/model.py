"""The recogniser in torch: what is trained, and what is exported around it."""

from typing import Final, cast

import torch
from torch import Tensor, nn

from signcore.features import FEATURES, KNUCKLES, LANDMARKS, MOVEMENT_GAIN, TIPS
from signcore.labels import LABELS
from signcore.training.dataset import MOVING, NOTHING_INDEX

HIDDEN: Final = 160
_WIDE: Final = 320
_RECURRENT: Final = 128
_DROPOUT: Final = 0.2
PALM_FRAME: Final = 2 * (LANDMARKS - 1)
SMALLEST: Final = 1e-6
# Tips of still letters move 0.02 to 0.10 palms in a window, of J and Z 0.5 to 1.3.
GATE: Final = (0.30, 0.40)
# A J or Z has moved in the last two thirds of a second as well; an I that is held after the way there has not.
RECENT: Final = 20  # frames
RECENT_GATE: Final = (0.12, 0.22)
_SUPPRESSED: Final = 12.0  # logits taken from J and Z behind a closed gate
# What is about J and Z begins to count where the first net gives both together this much, and counts wholly from the
# second on.
MOVING_FROM: Final = 0.02
MOVING_WHOLLY: Final = 0.10
# Training shows NOTHING far more often than a camera does: between all letters, and as hands that were made up. Without
# this, logits too, a stranger's letter that is formed a little differently would be called no letter.
_LESS_NOTHING: Final = 1.0


class WindowDropout(nn.Module):
    """Dropout with one mask for all frames of a window, as recurrent nets want it; also far cheaper to draw."""

    def forward(self, hidden: Tensor) -> Tensor:
        """The same shape, (B, ..., H)."""
        if not self.training:
            return hidden
        shape = (hidden.shape[0], *[1] * (hidden.dim() - 2), hidden.shape[-1])
        mask = torch.empty(shape, device=hidden.device).bernoulli_(1 - _DROPOUT).div_(1 - _DROPOUT)
        return hidden * mask


class LetterNet(nn.Module):
    """An encoder of single frames, a causal LSTM over them, and a head that sees both.

    `forward` takes features (B, T, 63) and returns logits (B, T, 29) of every frame, and those of the frame head that
    sees one frame alone, (B, T, 29).
    """

    def __init__(self, recurrent: int = _RECURRENT) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(FEATURES + PALM_FRAME, _WIDE),
            nn.ReLU(),
            WindowDropout(),
            nn.Linear(_WIDE, HIDDEN),
            nn.ReLU(),
            WindowDropout(),
        )
        self.frame_head = nn.Linear(HIDDEN, len(LABELS))
        self.lstm = nn.LSTM(HIDDEN, recurrent, batch_first=True)
        self.dropout = WindowDropout()
        self.head = nn.Linear(recurrent + HIDDEN, len(LABELS))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of every frame, with its past and without."""
        encoded = self.encode(features)
        recalled, _ = self.lstm(encoded)
        logits = self.head(torch.cat([self.dropout(recalled), encoded], dim=-1))
        return logits, self.frame_head(encoded)

    def encode(self, features: Tensor) -> Tensor:
        """What the encoder makes of each frame by itself: (..., 63) to (..., 160)."""
        encoded: Tensor = self.encoder(torch.cat([features, palm_frame(features)], dim=-1))
        return encoded

    def begin_from_frames(self) -> None:
        """Let the head say what the frame head says, so that the LSTM learns only what time adds."""
        recurrent = self.lstm.hidden_size
        with torch.no_grad():
            self.head.weight[:, :recurrent].zero_()
            self.head.weight[:, recurrent:].copy_(self.frame_head.weight)
            self.head.bias.copy_(self.frame_head.bias)

    def last(self, features: Tensor) -> Tensor:
        """Logits (B, 29) of the last frame."""
        encoded = self.encode(features)
        recalled, _ = self.lstm(encoded)
        logits: Tensor = self.head(torch.cat([recalled[:, -1], encoded[:, -1]], dim=-1))
        return logits


class Recogniser(nn.Module):
    """Several LetterNets as one: features (B, T, 63) to probabilities (B, 29) of the last frame.

    The first net reads every window; the letters that are held it reads as well as several do. Only where it thinks of
    a J or a Z are the log-probabilities of all nets averaged if the finger tips moved, and J and Z suppressed if they
    hardly did, or not lately. NOTHING is made less likely than in training, and the result softened by the temperature.
    """

    temperature: Tensor
    moving: Tensor
    nothing: Tensor

    def __init__(self, nets: list[LetterNet], temperature: float = 1.0) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.register_buffer("temperature", torch.tensor(temperature))
        moving = torch.zeros(len(LABELS))
        moving[list(MOVING)] = _SUPPRESSED
        self.register_buffer("moving", moving)
        nothing = torch.zeros(len(LABELS))
        nothing[NOTHING_INDEX] = _LESS_NOTHING
        self.register_buffer("nothing", nothing)

    def forward(self, features: Tensor) -> Tensor:
        """Probabilities (B, 29) of the last frame."""
        first, *others = (cast(LetterNet, net) for net in self.nets)
        logits = torch.log_softmax(first.last(features), dim=-1)
        moving = moving_share(logits)
        if bool(moving.any()):
            each = [logits, *(torch.log_softmax(other.last(features), dim=-1) for other in others)]
            recent = still_share(features[:, -RECENT:], RECENT_GATE)
            still = torch.maximum(still_share(features), recent)[:, None]
            change = (1.0 - still) * (torch.stack(each).mean(dim=0) - logits) - still * self.moving
            logits = logits + moving * change
        logits = logits - self.nothing
        return torch.softmax(logits / self.temperature, dim=-1)


def moving_share(logits: Tensor) -> Tensor:
    """How much log-probabilities (B, 29) think of J or Z, (B, 1): 0 below 0.02 for both together, 1 from 0.10."""
    moving = logits[:, list(MOVING)].exp().sum(dim=-1, keepdim=True)
    return ((moving - MOVING_FROM) / (MOVING_WHOLLY - MOVING_FROM)).clamp(0.0, 1.0)


def palm_frame(features: Tensor) -> Tensor:
    """The landmarks as the palm sees them: features (..., 63) to (..., 40), palm sizes; zeros for a frame with no hand.

    For every landmark but the wrist how far it lies along the palm, from the wrist to the middle of the knuckles, and
    how far across it, towards the little finger. Both are the same however the hand is turned in the picture and
    whichever hand it is: whether the middle finger's tip is beside the index finger's (U) or across it (R) is one
    difference here, and a product of several coordinates in the picture.
    """
    plane = features.reshape(*features.shape[:-1], LANDMARKS, 3)[..., :2]
    knuckles = plane[..., list(KNUCKLES), :].mean(dim=-2)
    along = knuckles / (knuckles.norm(dim=-1, keepdim=True) + SMALLEST)
    across = torch.stack([-along[..., 1], along[..., 0]], dim=-1)
    framed = plane[..., 1:, :] @ torch.stack([along, across], dim=-1)
    side = torch.sign(framed[..., KNUCKLES[-1] - 1, 1] - framed[..., KNUCKLES[0] - 1, 1])[..., None]
    return torch.stack([framed[..., 0], framed[..., 1] * side], dim=-1).flatten(-2)


def still_share(features: Tensor, gate: tuple[float, float] = GATE) -> Tensor:
    """How closed a gate for J and Z is, (B,): 1 below so many palms of finger tip movement, 0 above so many.

    The movement is the largest extent, in x or y, of a finger tip's path over the frames (B, T, 63) that have a hand.
    """
    opens, is_open = gate
    hands = features.reshape(features.shape[0], features.shape[1], FEATURES // 3, 3)
    seen = (hands[:, :, 1:].abs().amax(dim=(2, 3)) > 0)[:, :, None, None]
    wrist = hands[:, :, :1, :2].cumsum(dim=1) / MOVEMENT_GAIN
    tips = hands[:, :, list(TIPS), :2] + wrist
    highest = torch.where(seen, tips, -1e4).amax(dim=1)
    lowest = torch.where(seen, tips, 1e4).amin(dim=1)
    extent = (highest - lowest).amax(dim=(1, 2))
    return ((is_open - extent) / (is_open - opens)).clamp(0.0, 1.0)

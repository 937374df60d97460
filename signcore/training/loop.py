"""The training of one net: first its encoder on single frames, then everything on windows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from signcore.features import window_features
from signcore.training.augmentation import augment, drift, drop_frames, lower_frame_rate
from signcore.training.checkpoint import Checkpoint
from signcore.training.composites import make_batch
from signcore.training.dataset import MOVING, NOTHING_INDEX, TURN, Bank
from signcore.training.model import LetterNet
from signcore.training.nonletters import KnownHands, show_strange_hands
from signcore.training.orientation import bend_at_the_knuckles, hold_at_any_angle

_FRAME_RATE: Final = 3e-3
_RATE: Final = 2e-3
_TUNING_RATE: Final = 1e-3
_ENCODER_SHARE: Final = 0.15  # of the learning rate, once the encoder is trained
_WEIGHT_DECAY: Final = 1e-2
_EMA: Final = 0.995
_CLIP: Final = 1.0
_SMOOTHING: Final = 0.05
_FRAME_HEAD_WEIGHT: Final = 0.3
_EMPTY_SHARE: Final = 0.02
SAVE_EVERY: Final = 100


@dataclass(frozen=True)
class Schedule:
    """Steps and batch sizes: single frames for the encoder, then windows for everything."""

    frame_steps: int
    frame_batch: int
    steps: int
    batch: int


FULL: Final = Schedule(frame_steps=5000, frame_batch=512, steps=1200, batch=128)
REDUCED: Final = Schedule(frame_steps=2400, frame_batch=512, steps=600, batch=96)
FRAMES_ONLY: Final = Schedule(frame_steps=1000, frame_batch=512, steps=0, batch=0)
TUNING: Final = Schedule(frame_steps=0, frame_batch=0, steps=400, batch=96)
QUICK: Final = Schedule(frame_steps=30, frame_batch=64, steps=8, batch=16)
QUICK_FRAMES: Final = Schedule(frame_steps=30, frame_batch=64, steps=0, batch=0)


def device() -> torch.device:
    """CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train_net(bank: Bank, schedule: Schedule, seed: int, checkpoint: Checkpoint, job: str) -> LetterNet:
    """One trained net, in evaluation mode on the CPU, its weights averaged over the last steps.

    Every step's random numbers come from the seed and the step alone, so that a run that was interrupted ends as one
    that was not. What the checkpoint has finished is not repeated.
    """
    torch.manual_seed(seed)
    known = KnownHands.of(bank)
    net = LetterNet().to(device())
    heads = [*net.encoder.parameters(), *net.frame_head.parameters()]
    _phase(
        net,
        [{"params": heads, "lr": _FRAME_RATE}],
        lambda rng: _frame_loss(net, bank, known, schedule.frame_batch, rng),
        schedule.frame_steps,
        seed,
        checkpoint,
        f"{job}, frames",
    )
    net.begin_from_frames()
    later = [*net.lstm.parameters(), *net.head.parameters()]
    _phase(
        net,
        [{"params": later, "lr": _RATE}, {"params": heads, "lr": _RATE * _ENCODER_SHARE}],
        lambda rng: _window_loss(net, bank, known, schedule.batch, rng),
        schedule.steps,
        seed,
        checkpoint,
        f"{job}, windows",
    )
    return net.cpu().eval()


def tune_net(net: LetterNet, bank: Bank, schedule: Schedule, seed: int, checkpoint: Checkpoint, job: str) -> LetterNet:
    """A trained net taken a little further on windows, at half the learning rate, in evaluation mode on the CPU."""
    known = KnownHands.of(bank)
    net.to(device())
    _phase(
        net,
        [{"params": list(net.parameters()), "lr": _TUNING_RATE}],
        lambda rng: _window_loss(net, bank, known, schedule.batch, rng),
        schedule.steps,
        seed,
        checkpoint,
        job,
    )
    return net.cpu().eval()


def _phase(
    net: LetterNet,
    groups: list[dict[str, Any]],
    loss_of: Callable[[np.random.Generator], Tensor],
    steps: int,
    seed: int,
    checkpoint: Checkpoint,
    name: str,
) -> None:
    """`steps` steps of AdamW with a cosine schedule; afterwards the net holds its averaged weights."""
    if name in checkpoint.done:
        net.load_state_dict(checkpoint.done[name])
    if steps == 0 or name in checkpoint.done:
        return
    torch.manual_seed(seed + steps)
    optimizer = torch.optim.AdamW(groups, weight_decay=_WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    averaged = {key: value.detach().clone() for key, value in net.state_dict().items()}
    first = 0
    if checkpoint.current.get("phase") == name:
        first = checkpoint.current["step"]
        net.load_state_dict(checkpoint.current["net"])
        averaged = {key: value.to(device()) for key, value in checkpoint.current["averaged"].items()}
        optimizer.load_state_dict(checkpoint.current["optimizer"])
        schedule.load_state_dict(checkpoint.current["schedule"])
        torch.set_rng_state(checkpoint.current["rng"])
    net.train()
    for step in tqdm(range(first, steps), initial=first, total=steps, desc=name, mininterval=5.0, leave=False):
        loss = loss_of(np.random.default_rng([seed, steps, step]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
        optimizer.step()
        schedule.step()
        keep = min(_EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            for key, value in net.state_dict().items():
                averaged[key].lerp_(value, 1 - keep)
        if (step + 1) % SAVE_EVERY == 0 and step + 1 < steps:
            checkpoint.current = {
                "phase": name,
                "step": step + 1,
                "net": net.state_dict(),
                "averaged": averaged,
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "rng": torch.get_rng_state(),
            }
            checkpoint.save()
    net.load_state_dict(averaged)
    checkpoint.finish(name, averaged)


def _frame_loss(net: LetterNet, bank: Bank, known: KnownHands, size: int, rng: np.random.Generator) -> Tensor:
    """Cross-entropy of the frame head on single augmented frames; J and Z, which no frame shows, are left out."""
    clips = bank.draw(size, rng, among=~np.isin(bank.label, MOVING))
    at = bank.start[clips] + rng.integers(0, bank.length[clips])
    hands = bend_at_the_knuckles(bank.frames[at][:, None], bank.label[clips], rng)
    hands = hold_at_any_angle(hands, bank.label[clips], rng)
    hands, target = show_strange_hands(hands, bank.label[clips], known, rng)
    features = window_features(augment(hands, rng, TURN[target]))[:, 0]
    empty = rng.random(size) < _EMPTY_SHARE
    features[empty], target[empty] = 0.0, NOTHING_INDEX
    logits = net.frame_head(net.encode(torch.from_numpy(features).to(device())))
    return functional.cross_entropy(logits, torch.from_numpy(target).to(device()), label_smoothing=_SMOOTHING)


def _window_loss(net: LetterNet, bank: Bank, known: KnownHands, size: int, rng: np.random.Generator) -> Tensor:
    """Weighted cross-entropy of every frame of composed windows, plus the frame head's."""
    batch = make_batch(bank, known, size, rng)
    windows = augment(drift(batch.windows, rng), rng, batch.turn)
    features = torch.from_numpy(window_features(drop_frames(lower_frame_rate(windows, rng), rng))).to(device())
    target = torch.from_numpy(batch.target).to(device()).flatten()
    weight = torch.from_numpy(batch.weight).to(device()).flatten()
    logits, frame_logits = net(features)
    loss = functional.cross_entropy(logits.flatten(0, 1), target, label_smoothing=_SMOOTHING, reduction="none")
    still = weight * ~torch.isin(target, torch.tensor(MOVING, device=target.device))
    frame_loss = functional.cross_entropy(
        frame_logits.flatten(0, 1), target, label_smoothing=_SMOOTHING, reduction="none"
    )
    total: Tensor = (loss * weight).sum() / weight.sum() + _FRAME_HEAD_WEIGHT * (frame_loss * still).sum() / still.sum()
    return total

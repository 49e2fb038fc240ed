"""Train the detector: ``python -m training.detector.train --fold 0 --steps 20000``."""

import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from engine.networks.points import MIDDLE_LEVEL
from training.detector.crops import CropMaker, split_by_match
from training.detector.losses import total_loss
from training.detector.network import DetectorNetwork
from training.detector.targets import make_targets

_LOG_EVERY, _SAVE_EVERY = 100, 500
_WARM_UP = 300
_MEMORY = 0.999  # of the mean of the weights, which is what is kept


class _Samples(IterableDataset[dict[str, np.ndarray]]):
    """Crops without end, other ones in each process."""

    def __init__(self, crops: CropMaker, seed: int) -> None:
        self._crops, self._seed = crops, seed

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        random = np.random.default_rng((self._seed, worker.id if worker else 0))
        while True:
            crop = self._crops.make(int(random.integers(len(self._crops))), random)
            yield {"picture": crop.picture.transpose(2, 0, 1)} | asdict(make_targets(crop))


def train(  # noqa: PLR0913, PLR0917 - options of a command
    data: Annotated[Path, typer.Option(help="Folder with images/ and labels/.")] = Path("../shared/data/detection"),
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = Path("training/runs/detector.pt"),
    fold: Annotated[int, typer.Option(help="Matches kept back; -1 keeps back none.")] = 0,
    folds: Annotated[int, typer.Option(help="Into how many parts the matches are split.")] = 4,
    steps: Annotated[int, typer.Option(help="How many batches.")] = 20_000,
    batch: Annotated[int, typer.Option(help="Crops in a batch.")] = 8,
    rate: Annotated[float, typer.Option(help="Greatest learning rate.")] = 3e-3,
    threads: Annotated[int, typer.Option(help="Of the arithmetic; one more process makes the crops.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the crops and of the first weights.")] = 1,
) -> None:
    """Learn from the frames of all matches but those of one fold."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    pictures, kept_back = split_by_match(data, fold=fold, folds=folds)
    loader = DataLoader(_Samples(CropMaker(pictures), seed), batch_size=batch, num_workers=1, prefetch_factor=4)
    network = DetectorNetwork().train().to(memory_format=torch.channels_last)  # twice as fast on a CPU
    kept = deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share_of_rate(step, steps))
    began = time.monotonic()
    typer.echo(f"{len(pictures)} frames, {sum(one.numel() for one in network.parameters())} parameters")
    sums: dict[str, float] = {}
    for step, sample in enumerate(loader, start=1):
        parts = _learn(network, optimiser, sample)
        schedule.step()
        _remember(kept, network, min(_MEMORY, step / (step + 10)))
        sums = {name: sums.get(name, 0.0) + part for name, part in parts.items()}
        if step % _LOG_EVERY == 0:
            means = ", ".join(f"{name} {total / _LOG_EVERY:.3f}" for name, total in sums.items())
            typer.echo(f"step {step}, {(time.monotonic() - began) / step:.3f} s each: {means}")
            sums = {}
        if step % _SAVE_EVERY == 0 or step == steps:
            out.parent.mkdir(parents=True, exist_ok=True)
            facts = {"step": step, "seed": seed, "kept_back": sorted({one.match for one in kept_back})}
            torch.save({"weights": kept.state_dict(), **facts}, out)
        if step == steps:
            return


def _learn(network: DetectorNetwork, optimiser: torch.optim.Optimizer, sample: dict[str, Tensor]) -> dict[str, float]:
    pictures = (sample.pop("picture").float() - MIDDLE_LEVEL).contiguous(memory_format=torch.channels_last)
    loss, parts = total_loss(network(pictures), sample)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return parts


def _share_of_rate(step: int, steps: int) -> float:
    """A rise, and half a cosine down to nothing."""
    if step < _WARM_UP:
        return (step + 1) / _WARM_UP
    return 0.5 * (1 + float(np.cos(np.pi * min(1.0, step / steps))))


@torch.no_grad()
def _remember(kept: DetectorNetwork, network: DetectorNetwork, memory: float) -> None:
    for mean, now in zip(kept.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(now, 1 - memory)
        else:
            mean.copy_(now)


if __name__ == "__main__":
    typer.run(train)

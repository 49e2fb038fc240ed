"""Train the pitch network: ``python -m training.pitch.train --fold 1``; run it again to go on."""

import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, IterableDataset

from engine.evaluation.detection import read_kept_back
from training.pitch.crops import View, ViewMaker, split_by_match
from training.pitch.network import Answer, PitchNetwork, choose_places
from training.pitch.rendered import render_view
from training.pitch.shipped import read_weights
from training.pitch.targets import make_targets

_LOG_EVERY, _SAVE_EVERY = 50, 250
_TO_MEASURE = 24  # views that tell what a network meets which begins with weights of another
_WARM_UP = 200
_MEMORY = 0.998  # of the mean of the weights, which is what is kept
_LINES = 4.0  # weight of the lines against the points
_LINE_PIXEL = 4.0  # weight of a pixel on a line against one that is not


class _Samples(IterableDataset[dict[str, np.ndarray]]):
    """Views without end; the share ``rendered`` of them is of pitches that nobody has filmed."""

    def __init__(self, views: ViewMaker, seed: tuple[int, int], *, rendered: float) -> None:
        self._views, self._seed, self._rendered = views, seed, rendered

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        random = np.random.default_rng(self._seed)
        while True:
            view = self._choose(random)
            yield {"picture": view.picture.transpose(2, 0, 1)} | asdict(make_targets(view))

    def show(self, count: int) -> list[NDArray[np.uint8]]:
        """So many pictures (H, W, 3)."""
        random = np.random.default_rng(self._seed)
        return [self._choose(random).picture for _ in range(count)]

    def _choose(self, random: np.random.Generator) -> View:
        if random.random() < self._rendered:
            return render_view(random)
        return self._views.make(int(random.integers(len(self._views))), random)


class _School:
    """What a training that is cut off goes on with."""

    def __init__(self, steps: int, rate: float) -> None:
        self.network = PitchNetwork().train().to(memory_format=torch.channels_last)
        self.kept = deepcopy(self.network).eval()
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=1e-3)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, lambda step: _share_of_rate(step, steps))
        self.step = 0

    def learn(self, sample: dict[str, Tensor]) -> dict[str, float]:
        pictures = sample.pop("picture").float().contiguous(memory_format=torch.channels_last)
        loss, parts = total_loss(self.network(pictures), sample)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimiser.step()
        self._schedule.step()
        self.step += 1
        _remember(self.kept, self.network, min(_MEMORY, self.step / (self.step + 10)))
        return parts

    def attend(self, batches: Iterable[dict[str, Tensor]], steps: int) -> Iterator[tuple[int, str]]:
        """Learn until ``steps``; yields the number of each, and now and then a line for the log."""
        began, first = time.monotonic(), self.step
        sums: dict[str, float] = {}
        for sample in batches:
            said = ""
            for name, part in self.learn(sample).items():
                sums[name] = sums.get(name, 0.0) + part
            if self.step % _LOG_EVERY == 0:
                means = ", ".join(f"{name} {total / _LOG_EVERY:.3f}" for name, total in sums.items())
                said = f"step {self.step}, {(time.monotonic() - began) / (self.step - first):.3f} s each: {means}"
                sums = {}
            yield self.step, said
            if self.step >= steps:
                return

    def save(self, path: Path, facts: dict[str, object]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "weights": self.kept.state_dict(), "network": self.network.state_dict(), "step": self.step,
            "optimiser": self._optimiser.state_dict(), "schedule": self._schedule.state_dict(),
        }  # fmt: skip
        torch.save(state | facts, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Go on from weights of which nothing else is known."""
        self.network.load_state_dict(weights)
        self.kept.load_state_dict(weights)

    def resume(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.kept.load_state_dict(state["weights"])
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self.step = state["step"]


def total_loss(answer: Answer, targets: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """The sum to make small, and its parts for the log."""
    places = -(targets["places"] * choose_places(answer.points)).sum(dim=2)
    points = (places * targets["known"]).sum() / targets["known"].sum().clamp(min=1.0)
    weight = torch.full_like(targets["lines"][:1, :1, :1, :1], _LINE_PIXEL)
    lines = binary_cross_entropy_with_logits(answer.lines, targets["lines"], pos_weight=weight)
    return points + _LINES * lines, {"points": float(points.detach()), "lines": float(lines.detach())}


def train(  # noqa: PLR0913, PLR0917 - options of a command
    data: Annotated[Path, typer.Option(help="Folder with images/ and labels/.")] = Path("../shared/data/pitch"),
    out: Annotated[Path, typer.Option(help="Where the weights go; those there are trained on.")] = Path(
        "training/runs/pitch.pt"
    ),
    fold: Annotated[int, typer.Option(help="Matches kept back; -1 keeps back none.")] = 1,
    folds: Annotated[int, typer.Option(help="Into how many parts the matches are split.")] = 4,
    steps: Annotated[int, typer.Option(help="How many batches.")] = 2700,
    batch: Annotated[int, typer.Option(help="Views in a batch.")] = 4,
    rate: Annotated[float, typer.Option(help="Greatest learning rate.")] = 2e-3,
    rendered: Annotated[float, typer.Option(help="Share of rendered views.", min=0.0, max=1.0)] = 0.4,
    start: Annotated[Path | None, typer.Option(help="Exported network to begin with.", exists=True)] = None,
    threads: Annotated[int, typer.Option(help="Of the arithmetic; one more process makes the views.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the views and of the first weights.")] = 1,
) -> None:
    """Learn from the frames of all matches but those of one fold."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    cv2.setNumThreads(1)  # before the process that makes the views is forked, which would wait for threads it lacks
    pictures, held = split_by_match(data, fold=fold, folds=folds)
    kept_back = {one.match for one in held}
    school, maker = _School(steps, rate), ViewMaker(pictures)
    if out.exists():
        school.resume(out)
    elif start is not None:
        _check_never_seen(kept_back, start)
        school.begin_with(read_weights(start, _Samples(maker, (seed, 0), rendered=rendered).show(_TO_MEASURE)))
    views = _Samples(maker, (seed, school.step), rendered=rendered)
    count = sum(one.numel() for one in school.network.parameters())
    typer.echo(f"{len(pictures)} frames, {count} parameters, from step {school.step}, kept back: {sorted(kept_back)}")
    batches = DataLoader(views, batch_size=batch, num_workers=1, prefetch_factor=4)
    for step, said in school.attend(batches, steps):
        if said:
            typer.echo(said)
        if step % _SAVE_EVERY == 0 or step >= steps:
            school.save(out, {"seed": seed, "kept_back": sorted(kept_back)})


def _check_never_seen(kept_back: set[str], start: Path) -> None:
    seen = kept_back - read_kept_back(start)
    if seen:
        raise typer.BadParameter(f"{start} was trained on matches to be kept back: {sorted(seen)}.")


def _share_of_rate(step: int, steps: int) -> float:
    """A rise, and half a cosine down to nothing."""
    if step < _WARM_UP:
        return (step + 1) / _WARM_UP
    return 0.5 * (1 + float(np.cos(np.pi * min(1.0, step / steps))))


@torch.no_grad()
def _remember(kept: PitchNetwork, network: PitchNetwork, memory: float) -> None:
    for mean, now in zip(kept.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(now, 1 - memory)
        else:
            mean.copy_(now)


if __name__ == "__main__":
    typer.run(train)

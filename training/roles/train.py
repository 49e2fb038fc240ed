"""Train and write the network of roles: ``python -m training.roles.train --fold 0``; a few minutes."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor, nn

from engine.kinds import PEOPLE
from engine.roles import CHANCES_OUTPUT, FEATURES, PEOPLE_INPUT
from training.detector.crops import split_by_match
from training.onnx_file import finish_file
from training.roles.examples import Crowd, change, read_crowds

_SHAKEN, _CHANGED = 3, 12  # versions of each frame, and changes of each of these
_PEOPLE_IN_BATCH = 640
_WEIGHTS = (0.5, 1.5, 1.5)  # there are ten players for each referee
_OPSET = 18


class RoleNetwork(nn.Module):
    """Takes (N, FEATURES) of one picture's people, answers (N, 3) logits; ``spread`` and ``mean`` are those seen."""

    def __init__(self, mean: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, 64), nn.ReLU(), nn.Dropout(0.3),
            nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(PEOPLE)),
        )  # fmt: skip

    def forward(self, people: Tensor) -> Tensor:
        logits: Tensor = self.layers(((people - self.mean) / self.spread).clamp(-5.0, 5.0))
        return logits


class _Sure(nn.Module):
    def __init__(self, network: RoleNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, people: Tensor) -> Tensor:
        return torch.softmax(self.network(people), dim=1)


def train(  # noqa: PLR0917 - options of a command
    data: Annotated[Path, typer.Option(help="Folder with images/ and labels/.")] = Path("../shared/data/detection"),
    out: Annotated[Path, typer.Option(help="Where the network goes.")] = Path("training/runs/roles.onnx"),
    fold: Annotated[int, typer.Option(help="Matches kept back; -1 keeps back none, -2 scores all folds.")] = 0,
    folds: Annotated[int, typer.Option(help="Into how many parts the matches are split.")] = 4,
    steps: Annotated[int, typer.Option(help="How many batches.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 1,
) -> None:
    """Learn from the labelled people of all matches but those of one fold; say how good that is on the others."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    pictures, _ = split_by_match(data, fold=-1, folds=folds)
    crowds = {index: list(read_crowds(one, random, count=_SHAKEN)) for index, one in enumerate(pictures)}
    counts = np.zeros((len(PEOPLE), 3), np.int64)
    for held in range(folds) if fold == -2 else [fold]:
        matches = {one.match for one in split_by_match(data, fold=held, folds=folds)[1]}
        learnt = [crowd for index in crowds if pictures[index].match not in matches for crowd in crowds[index]]
        kept = [crowds[index][0] for index in crowds if pictures[index].match in matches]
        network = _learn(learnt, random, steps)
        counts += _count(network, kept)
        typer.echo(f"kept back {sorted(matches)}: {_to_text(counts)}")
    if fold != -2:
        _write(network, out, {"steps": steps, "seed": seed, "kept_back": sorted(matches)})


def _learn(crowds: list[Crowd], random: np.random.Generator, steps: int) -> RoleNetwork:
    changed = [change(crowd, random) for crowd in crowds for _ in range(_CHANGED)]
    people = torch.tensor(np.concatenate([one.describe() for one in changed]), dtype=torch.float32)
    roles = torch.tensor(np.concatenate([one.roles for one in changed]))
    network = RoleNetwork(people.mean(dim=0), people.std(dim=0) + 1e-3).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    criterion = nn.CrossEntropyLoss(weight=torch.tensor(_WEIGHTS), label_smoothing=0.02)
    for _ in range(steps):
        batch = torch.tensor(random.integers(len(people), size=_PEOPLE_IN_BATCH))
        loss = criterion(network(people[batch]), roles[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def _count(network: RoleNetwork, crowds: list[Crowd]) -> np.ndarray:
    """Hits, false alarms and misses (3, 3) of each role."""
    counts = np.zeros((len(PEOPLE), 3), np.int64)
    for crowd in crowds:
        told = network(torch.tensor(crowd.describe(), dtype=torch.float32)).argmax(dim=1).numpy()
        for role in range(len(PEOPLE)):
            is_told, is_true = told == role, crowd.roles == role
            counts[role] += (is_told & is_true).sum(), (is_told & ~is_true).sum(), (~is_told & is_true).sum()
    return counts


def _to_text(counts: np.ndarray) -> str:
    hits, false_alarms, misses = counts.T
    scores = 2 * hits / np.maximum(1, 2 * hits + false_alarms + misses)
    return ", ".join(f"{kind} F1 {score:.3f}" for kind, score in zip(PEOPLE, scores, strict=True))


def _write(network: RoleNetwork, out: Path, facts: dict[str, object]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        _Sure(network), (torch.zeros(22, FEATURES),), str(out), input_names=[PEOPLE_INPUT],
        output_names=[CHANCES_OUTPUT], dynamic_shapes=({0: torch.export.Dim("count")},), opset_version=_OPSET,
        external_data=False,
    )  # fmt: skip
    finish_file(out, facts)
    typer.echo(f"{out}: {out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    typer.run(train)

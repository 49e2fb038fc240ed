"""Write weights as ONNX: ``python -m training.pitch.export training/runs/pitch.pt engine/networks/pitch.onnx``."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn

from training.onnx_file import finish_file
from training.pitch.crops import VIEW_SIZE
from training.pitch.network import PitchNetwork, choose_places

_OPSET = 18


class _Sure(nn.Module):
    """The network, with chances of places (B, 43, H/4, W/4) in place of logits; the lines only help it to learn."""

    def __init__(self, network: PitchNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        points = self.network(pictures).points
        return torch.exp(choose_places(points)[:, :, :-1]).reshape(points.shape)


def export(
    weights: Annotated[Path, typer.Argument(help="What training has written.")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write a network that takes pictures of any size whose sides are multiples of 32."""
    stored = torch.load(weights, weights_only=True)
    network = PitchNetwork()
    network.load_state_dict(stored["weights"])
    out.parent.mkdir(parents=True, exist_ok=True)
    sides = {2: torch.export.Dim("rows") * 32, 3: torch.export.Dim("columns") * 32}
    torch.onnx.export(
        _Sure(network).eval(), (torch.zeros(1, 3, VIEW_SIZE[1], VIEW_SIZE[0]),), str(out), input_names=["pictures"],
        output_names=["points"], dynamic_shapes=(sides,), opset_version=_OPSET, external_data=False,
    )  # fmt: skip
    finish_file(out, {name: stored[name] for name in ("step", "seed", "kept_back")})
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(export)

"""Write weights as ONNX: ``python -m training.detector.export training/runs/detector.pt detector.onnx``."""

import json
from pathlib import Path
from typing import Annotated

import onnx
import torch
import typer
from torch import Tensor, nn

from training.detector.network import DetectorNetwork

_OPSET = 18


class _Sure(nn.Module):
    """The network, with chances in place of logits, as two maps: people (B, 8, H/8, W/8) and ball (B, 3, H/4, W/4)."""

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        answer = self.network(pictures)
        people = torch.cat([torch.sigmoid(answer.people), torch.softmax(answer.roles, dim=1), answer.sides], dim=1)
        return people, torch.cat([torch.sigmoid(answer.ball), answer.shift], dim=1)


def export(
    weights: Annotated[Path, typer.Argument(help="What training has written.")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write a network that takes pictures of any size whose sides are multiples of 32."""
    stored = torch.load(weights, weights_only=True)
    network = DetectorNetwork()
    network.load_state_dict(stored.pop("weights"))
    out.parent.mkdir(parents=True, exist_ok=True)
    sides = {2: torch.export.Dim("rows") * 32, 3: torch.export.Dim("columns") * 32}
    torch.onnx.export(
        _Sure(network).eval(), (torch.zeros(1, 3, 544, 960),), str(out), input_names=["pictures"],
        output_names=["people", "ball"], dynamic_shapes=(sides,), opset_version=_OPSET, external_data=False,
    )  # fmt: skip
    model = onnx.load(out)
    onnx.helper.set_model_props(model, {"training": json.dumps(stored)})
    onnx.save(model, out)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(export)

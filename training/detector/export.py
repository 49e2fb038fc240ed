"""Write weights as ONNX: ``python -m training.detector.export training/runs/detector.pt detector.onnx``."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn

from engine.networks.points import BALL_MAP, PEOPLE_MAP
from training.detector.network import SPREAD, DetectorNetwork
from training.onnx_file import finish_file

_OPSET = 18


class _Maps(nn.Module):
    """The network without what can be done to its weights, or where somebody is found only."""

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network
        with torch.no_grad():
            network.quarter[0][0].weight.div_(SPREAD)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.draw_maps(pictures)


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
        _Maps(network).eval(), (torch.zeros(1, 3, 544, 960),), str(out), input_names=["pictures"],
        output_names=[PEOPLE_MAP, BALL_MAP], dynamic_shapes=(sides,), opset_version=_OPSET, external_data=False,
    )  # fmt: skip
    finish_file(out, stored)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(export)

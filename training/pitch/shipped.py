"""Weights of an exported network, put back into one that can be trained.

The export folds each normalisation into the convolution before it. Here it is given the mean and the variance that it
meets in views, and the scale and shift that undo them, so that the network answers as before and learns as a new one.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.pitch.network import PitchNetwork

_PREFIX = "network."
_FOLDED = "_bias"  # what the export adds to the name of a convolution for the shift that it has folded into it


def read_weights(path: Path, pictures: Sequence[NDArray[np.uint8]]) -> dict[str, Tensor]:
    """The state of a network that answers as the one in ``path``; ``pictures`` (H, W, 3) tell what it meets."""
    stored = {one.name: onnx.numpy_helper.to_array(one).copy() for one in onnx.load(path).graph.initializer}
    network = PitchNetwork().eval()
    norms = _match_norms(network)
    state = network.state_dict()
    for name in state:
        if _PREFIX + name in stored:
            state[name] = torch.from_numpy(stored[_PREFIX + name])
    for convolution, norm in norms.items():
        state |= _keep_as_is(norm, torch.from_numpy(stored[f"{_PREFIX}{convolution}.weight{_FOLDED}"]))
    network.load_state_dict(state)
    _measure(network, pictures)
    return network.state_dict()


def _match_norms(network: nn.Module) -> dict[str, str]:
    """The name of the normalisation that follows each convolution which has one."""
    layers = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    return {
        name: after
        for (name, layer), (after, norm) in pairwise(layers)
        if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    }


def _keep_as_is(norm: str, shift: Tensor) -> dict[str, Tensor]:
    """A normalisation that only adds ``shift`` (C,)."""
    one, none = torch.ones_like(shift), torch.zeros_like(shift)
    return {f"{norm}.weight": one, f"{norm}.bias": shift, f"{norm}.running_mean": none, f"{norm}.running_var": one}


@torch.no_grad()
def _measure(network: PitchNetwork, pictures: Sequence[NDArray[np.uint8]]) -> None:
    """Let each normalisation meet the pictures, and give it their mean and variance without changing its answers."""
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    met: dict[nn.Module, Tensor] = {}

    def note(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        met[norm] = inputs[0]

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    network(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float())
    for hook in hooks:
        hook.remove()
    for norm in norms:
        variance, mean = torch.var_mean(met[norm], dim=(0, 2, 3))
        shift = norm.bias.clone()
        scale = torch.sqrt(variance + norm.eps)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(scale / np.sqrt(1 + norm.eps))
        norm.bias.copy_(shift + mean / np.sqrt(1 + norm.eps))

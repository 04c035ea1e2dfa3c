"""WaveNets of every kind that the Neural Amp Modeler knows, as they are, with their weights.

With the sound x:

    c = condition(x), or x
    y = x;  head = none
    for each array:
        y = rechannel(y)
        s = head, or 0 in the first array
        for each layer:
            z = conv(y) + mixin(c)
            p = f(z);  gated: f(z₁)·g(z₂);  blended: g(z₂)·f(z₁) + (1 − g(z₂))·z₁
            s = s + head1x1(p)                    or s + p
            y = y + layer1x1(p)                   or y
        head = head(s)
    out = head_scale·head, then activations and convolutions of the last head in turn

z₁ and z₂ are the halves of z. A film scales and shifts what stands at its place by affine functions of c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vastudio.modelfile.networks.layers import Activation, Convolution, Sequential

Gating: TypeAlias = Literal["none", "gated", "blended"]

FilmPlace: TypeAlias = Literal[
    "conv_pre_film",
    "conv_post_film",
    "input_mixin_pre_film",
    "input_mixin_post_film",
    "activation_pre_film",
    "activation_post_film",
    "layer1x1_post_film",
    "head1x1_post_film",
]
"""What a film works on, in the order of the file. `layer1x1_post_film` does so in blended layers alone: so do
the plug-ins that play these files."""


@dataclass(frozen=True)
class Film:
    """Scales, and shifts where `shift` is set, the values at its place: `affine` of the condition."""

    affine: Convolution
    shift: bool


@dataclass(frozen=True)
class WaveNetLayer:
    """One layer; `second` is the activation of the gate."""

    conv: Convolution
    mixin: Convolution
    activation: Activation
    gating: Gating = "none"
    second: Activation | None = None
    layer1x1: Convolution | None = None
    head1x1: Convolution | None = None
    films: Mapping[FilmPlace, Film] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Channels behind the activation."""
        return self.conv.outputs // (1 if self.gating == "none" else 2)


@dataclass(frozen=True)
class WaveNetArray:
    """Layers of one width, and the convolution of what they sum up."""

    rechannel: Convolution
    layers: tuple[WaveNetLayer, ...]
    head: Convolution


@dataclass(frozen=True)
class WaveNet:
    """A WaveNet.

    Attributes
    ----------
    condition:
        What makes the condition of the layers from the sound; None: the sound is the condition.
    last_head:
        Pairs of what follows `head_scale`.
    """

    arrays: tuple[WaveNetArray, ...]
    head_scale: float
    condition: Network | None = None
    last_head: tuple[tuple[Activation, Convolution], ...] = ()

    @property
    def outputs(self) -> int:
        """Channels that come out."""
        return self.last_head[-1][1].outputs if self.last_head else self.arrays[-1].head.outputs


Network: TypeAlias = Sequential | WaveNet

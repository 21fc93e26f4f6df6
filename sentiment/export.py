"""Writes the trained network down as one ONNX file, mostly of 8-bit weights, and reads it back.

The graph is laid out by hand from ONNX Runtime's fused operators instead of traced from torch:
the exporters gave wrong embeddings for this encoder, and the quantised layout is ours to choose.
Weights are 8-bit per column, activation scales are fixed beforehand on real texts. Scales measured
anew for every batch ("dynamic") would be simpler and would let a text's label depend on the texts
scored beside it: about 3 % of labels changed.

Some encoders have a few channels that are ten times as wide as the others, and one scale for all of
them leaves the others no steps. So each channel may be divided by a factor before it is rounded and
its row of the weights multiplied by it: Xiao et al., "SmoothQuant" (2023), arXiv:2211.10438.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sentiment.graph import layer_output

Array = NDArray[np.generic]
State = Mapping[str, NDArray[np.float32]]  # a torch state_dict, as numpy

OPSET = 17  # the first with LayerNormalization
FUSED = "com.microsoft"  # ONNX Runtime's own operators
EPSILON = 1e-12  # of the encoder's layer norms
SMOOTHING = 0.85  # how much of the width goes over to the weights: 0 none, 1 all
SMOOTHING_BY_TOKEN = 0.6  # less is better where a token has a scale of its own


@dataclass(frozen=True, slots=True)
class Range:
    """What entered a matrix product on real texts: lowest and highest, of each channel (in,)."""

    low: NDArray[np.float32]
    high: NDArray[np.float32]

    def __or__(self, other: "Range") -> "Range":
        return Range(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def factors(self, matrix: NDArray[np.float32], smoothing: float) -> NDArray[np.float32]:
        """What to divide each channel by, (in,), before the product with `matrix` (in, out)."""
        wide = np.maximum(np.maximum(np.abs(self.low), np.abs(self.high)), _TINY)
        heavy = np.maximum(np.abs(matrix).max(axis=1), _TINY)
        factors: NDArray[np.float32] = wide**smoothing / heavy ** (1 - smoothing)
        return factors


_TINY = np.float32(1e-5)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights alone do not tell."""

    layers: int
    heads: int


class _Graph:
    def __init__(self, rounding: np.random.Generator | None, *, by_token: bool) -> None:
        self.rounding = rounding
        self.by_token = by_token
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, values: Array) -> str:
        self.initializers.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def node(
        self,
        operator: str,
        *inputs: str,
        domain: str = "",
        outputs: int = 1,
        name: str = "",
        **attributes: float | list[int],
    ) -> str:
        name = name or f"{operator}_{len(self.nodes)}"
        names = [name, *(f"{name}_{i}" for i in range(1, outputs))]
        made = helper.make_node(operator, inputs, names, name=name, domain=domain)
        made.attribute.extend(helper.make_attribute(key, one) for key, one in attributes.items())
        self.nodes.append(made)
        return name

    def linear(self, values: str, name: str, weights: "_Linear", seen: Range | None) -> str:
        """`values` @ weights + bias; in 8 bits when the range of `values` is known."""
        bias = self.constant(f"{name}.bias", weights.bias)
        if seen is None:
            matrix = self.constant(f"{name}.weight", weights.matrix)
            return self.node("Add", self.node("MatMul", values, matrix), bias)
        if self.by_token:
            return self.node("Add", self.product_by_token(values, name, weights.matrix, seen), bias)
        small, scale, zero, smoothed = self.quantised(values, name, weights.matrix, seen)
        matrix, matrix_scale, matrix_zero = self.small_matrix(name, smoothed)
        return self.node(
            "MatMulIntegerToFloat",
            *(small, matrix, scale, matrix_scale, zero, matrix_zero, bias),
            domain=FUSED,
        )

    def product_by_token(
        self, values: str, name: str, matrix: NDArray[np.float32], seen: Range
    ) -> str:
        """`values` @ matrix, each token rounded by its own largest number.

        Some tokens are many times as large as the others, which one scale for all would leave few
        steps. A token's scale does not depend on the texts beside it.
        """
        values, matrix, _ = self.smoothed(values, name, matrix, seen)
        largest = self.node("ReduceMax", self.node("Abs", values), axes=[-1], keepdims=1)  # (n,t,1)
        scale = self.constant(f"{name}.input_scale", np.array(1 / SIGNED, dtype=np.float32))
        zero = self.constant(f"{name}.input_zero", np.array(MIDDLE, dtype=np.uint8))
        small = self.node("QuantizeLinear", self.node("Div", values, largest), scale, zero)
        rounded, matrix_scale, matrix_zero = self.small_matrix(name, matrix)
        product = self.node(
            "MatMulIntegerToFloat",
            *(small, rounded, scale, matrix_scale, zero, matrix_zero),
            domain=FUSED,
        )
        return self.node("Mul", product, largest)

    def attention(
        self, values: str, name: str, weights: "_Linear", seen: Range | None, heads: int
    ) -> str:
        """Of every token to every other: there is no padding to be left out."""
        bias = self.constant(f"{name}.bias", weights.bias)
        if seen is None:
            matrix = self.constant(f"{name}.weight", weights.matrix)
            return self.node("Attention", values, matrix, bias, domain=FUSED, num_heads=heads)
        small, scale, zero, smoothed = self.quantised(values, name, weights.matrix, seen)
        matrix, matrix_scale, matrix_zero = self.small_matrix(name, smoothed)
        return self.node(
            "QAttention",
            *(small, matrix, bias, scale, matrix_scale, "", zero, matrix_zero),
            domain=FUSED,
            num_heads=heads,
        )

    def quantised(
        self, values: str, name: str, matrix: NDArray[np.float32], seen: Range
    ) -> tuple[str, str, str, NDArray[np.float32]]:
        """(values in 8 bits, their scale, their zero, the matrix that they are multiplied by)."""
        values, matrix, seen = self.smoothed(values, name, matrix, seen)
        low, high = min(seen.low.min().item(), 0.0), max(seen.high.max().item(), 0.0)
        step = (high - low) / 255
        scale = self.constant(f"{name}.input_scale", np.array(step, dtype=np.float32))
        zero = self.constant(f"{name}.input_zero", np.array(round(-low / step), dtype=np.uint8))
        return self.node("QuantizeLinear", values, scale, zero), scale, zero, matrix

    def smoothed(
        self, values: str, name: str, matrix: NDArray[np.float32], seen: Range
    ) -> tuple[str, NDArray[np.float32], Range]:
        """(values, matrix, range of the values) with the width of channels shared between them."""
        for end, channels in (("low", seen.low), ("high", seen.high)):  # read by `ranges_of` alone
            self.constant(f"{name}.input_{end}", channels)
        factors = seen.factors(matrix, SMOOTHING_BY_TOKEN if self.by_token else SMOOTHING)
        smooth = self.constant(f"{name}.input_smooth", 1 / factors)
        smaller = Range(seen.low / factors, seen.high / factors)
        return self.node("Mul", values, smooth), matrix * factors[:, None], smaller

    def small_matrix(self, name: str, matrix: NDArray[np.float32]) -> tuple[str, str, str]:
        small: Array
        zero: Array
        small, scale = quantise(
            matrix, 0, self.rounding, steps=SIGNED if self.by_token else LARGEST
        )
        zero = np.zeros(len(scale), dtype=np.int8)
        if self.by_token:
            small, zero = _unsigned(small), _unsigned(zero)
        return (
            self.constant(f"{name}.weight", small),
            self.constant(f"{name}.weight_scale", scale),
            self.constant(f"{name}.weight_zero", zero),
        )


@dataclass(frozen=True, slots=True)
class _Linear:
    matrix: NDArray[np.float32]  # (in, out)
    bias: NDArray[np.float32]  # (out,)


LARGEST = 63  # 7 bits: processors without VNNI add pairs of products in 16 bits and would overflow
# 8 bits, for what is not multiplied, and for weights without a sign, whose products are added in 32
# bits everywhere; that takes a little longer.
SIGNED = 127
MIDDLE = 128  # what stands for 0 in whole numbers without a sign


def _unsigned(small: Array) -> NDArray[np.uint8]:
    return (small.astype(np.int16) + MIDDLE).astype(np.uint8)


def quantise(
    matrix: NDArray[np.float32],
    axis: int,
    rounding: np.random.Generator | None = None,
    *,
    steps: int = LARGEST,
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(whole numbers, scale of each column or row); `axis` is the one summed over.

    rounding: round up or down by chance, the nearer the likelier. Weights that were rounded
    before and then learnt a little more would all fall back to where they were.
    """
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scale = np.where(largest > 0, largest, 1).astype(np.float32) / steps
    exact = matrix / scale
    whole = np.rint(exact) if rounding is None else np.floor(exact + rounding.random(exact.shape))
    small = np.clip(whole, -steps, steps).astype(np.int8)
    return small, scale.squeeze(axis).astype(np.float32)


def build(
    state: State,
    shape: Shape,
    *,
    temperatures: Mapping[str, float],
    ranges: Mapping[str, Range] | None = None,
    rounding: np.random.Generator | None = None,
    by_token: bool = False,
) -> onnx.ModelProto:
    """The scoring graph: ids and target, both (n, t), to probabilities (n, labels) by head.

    Texts in one run are of one length: nothing is padding.

    temperatures: of each head that the graph answers. Without `ranges` everything stays in single
    precision, to compare against. rounding: as for `quantise`. by_token: each token is rounded by
    its own largest number: closer to single precision, and slower (see docs/adr).
    """
    graph = _Graph(rounding, by_token=by_token)
    seen = ranges or {}
    hidden = _embeddings(graph, state, small=ranges is not None)
    for layer in range(shape.layers):
        at = f"encoder.encoder.layer.{layer}"
        three = [
            _linear(state, f"{at}.attention.self.{part}") for part in ("query", "key", "value")
        ]
        together = _Linear(
            np.concatenate([one.matrix for one in three], axis=1),
            np.concatenate([one.bias for one in three]),
        )
        name = f"{at}.attention.self"
        context = graph.attention(hidden, name, together, seen.get(name), shape.heads)
        name = f"{at}.attention.output.dense"
        mixed = graph.linear(context, name, _linear(state, name), seen.get(name))
        hidden = _add_norm(graph, state, f"{at}.attention.output.LayerNorm", mixed, hidden)
        name = f"{at}.intermediate.dense"
        wide = graph.linear(hidden, name, _linear(state, name), seen.get(name))
        wide = graph.node("Gelu", wide, domain=FUSED)
        name = f"{at}.output.dense"
        narrow = graph.linear(wide, name, _linear(state, name), seen.get(name))
        normed = f"{at}.output.LayerNorm"
        hidden = _add_norm(graph, state, normed, narrow, hidden, called=layer_output(layer))
    _heads(graph, state, hidden, temperatures)
    return _model(graph, {name: len(state[f"heads.{name}.bias"]) for name in temperatures})


def restore(model: onnx.ModelProto, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """The weights of an exported graph under their training names, to go on learning from."""
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}

    def whole(name: str) -> NDArray[np.float32]:
        values = held[name].astype(np.float32)
        scale = held.get(f"{name}_scale")
        smooth = held.get(f"{name.removesuffix('.weight')}.input_smooth")
        zero = held.get(f"{name}_zero", np.float32(0)).astype(np.float32)
        values = values if scale is None else (values - zero) * scale
        return values if smooth is None else values * smooth[:, None]

    state: dict[str, NDArray[np.float32]] = {}
    for name in names:
        stem, _, last = name.rpartition(".")
        block, _, part = stem.rpartition(".")
        if part in {"query", "key", "value"}:
            third = ("query", "key", "value").index(part)
            state[name] = np.split(whole(f"{block}.{last}"), 3, axis=-1)[third].T
        elif part == "token_type_embeddings":  # its one used row was added to the positions
            state[name] = np.zeros((2, held[_POSITIONS].shape[1]), dtype=np.float32)
        elif last == "weight" and (part == "dense" or block == "heads"):
            state[name] = whole(name).T
        elif name in held:
            state[name] = whole(name)
    return state


def ranges_of(model: onnx.ModelProto) -> dict[str, Range]:
    """The ranges a quantised graph was built with, by the name of each matrix product."""
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    products = [name.removesuffix(".input_low") for name in held if name.endswith(".input_low")]
    return {name: Range(held[f"{name}.input_low"], held[f"{name}.input_high"]) for name in products}


_NORM = "encoder.embeddings.LayerNorm.weight"
_WORDS = "encoder.embeddings.word_embeddings.weight"
_POSITIONS = "encoder.embeddings.position_embeddings.weight"


def _embeddings(graph: _Graph, state: State, *, small: bool) -> str:
    words = state[_WORDS]
    if small:
        table, scale = quantise(words, 1, graph.rounding, steps=SIGNED)
        rows = graph.node("Gather", graph.constant(_WORDS, table), "ids")
        rows = graph.node("Cast", rows, to=TensorProto.FLOAT)
        scales = graph.constant(f"{_WORDS}_scale", scale[:, None])
        rows = graph.node("Mul", rows, graph.node("Gather", scales, "ids"))
    else:
        rows = graph.node("Gather", graph.constant(_WORDS, words), "ids")
    kind = state["encoder.embeddings.token_type_embeddings.weight"][0]
    table_of_places = graph.constant(_POSITIONS, state[_POSITIONS] + kind)
    length = graph.node("Shape", "ids", start=1, end=2)
    start = graph.constant("zero", np.array([0], dtype=np.int64))
    places = graph.node("Slice", table_of_places, start, length, start)
    for name, value in (("ones", 1), ("zeros", 0)):  # (t,), for the layer norms
        constant = graph.constant(f"{name}.value", np.array([value], dtype=np.float32))
        graph.nodes.append(helper.make_node("Expand", [constant, length], [name]))
    return _add_norm(graph, state, "encoder.embeddings.LayerNorm", rows, places)


def _heads(graph: _Graph, state: State, hidden: str, temperatures: Mapping[str, float]) -> None:
    """For each head the mean over its tokens, one linear layer, temperature, softmax."""
    graph.constant("one", np.array([1], dtype=np.int64))
    text = graph.node("ReduceMean", hidden, axes=[1], keepdims=0)  # (n, h)
    both = graph.node("Concat", _mean_of_target(graph, hidden), text, axis=-1)
    for name, temperature in temperatures.items():
        linear = _linear(state, f"heads.{name}")
        wide = text if len(linear.matrix) == len(state[_NORM]) else both
        logits = graph.linear(wide, f"heads.{name}", linear, None)
        warm = graph.constant(f"heads.{name}.temperature", np.array(temperature, dtype=np.float32))
        cooled = graph.node("Div", logits, warm)
        graph.nodes.append(helper.make_node("Softmax", [cooled], [name], axis=-1))


def _mean_of_target(graph: _Graph, hidden: str) -> str:
    """The mean (n, h) of the token vectors that the input `target` chooses."""
    weights = graph.node("Cast", "target", to=TensorProto.FLOAT)  # (n, t)
    row = graph.node("Unsqueeze", weights, "one")
    total = graph.node("Squeeze", graph.node("MatMul", row, hidden), "one")  # (n, h)
    return graph.node("Div", total, graph.node("ReduceSum", weights, "one", keepdims=1))


def _linear(state: State, name: str) -> _Linear:
    return _Linear(state[f"{name}.weight"].T, state[f"{name}.bias"])


def _add_norm(
    graph: _Graph, state: State, name: str, new: str, old: str, *, called: str = ""
) -> str:
    """The layer norm of the sum of the two.

    Written as the norm of each "channel", here a token, over its numbers: ONNX Runtime's own
    operator for a layer norm takes three times as long.
    """
    normed = graph.node(
        "InstanceNormalization",
        graph.node("Add", new, old),
        "ones",
        "zeros",
        epsilon=EPSILON,
    )
    scaled = graph.node("Mul", normed, graph.constant(f"{name}.weight", state[f"{name}.weight"]))
    bias = graph.constant(f"{name}.bias", state[f"{name}.bias"])
    return graph.node("Add", scaled, bias, name=called)


def _model(graph: _Graph, heads: Mapping[str, int]) -> onnx.ModelProto:
    made = helper.make_graph(
        graph.nodes,
        "sentiment",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "t"]),
            helper.make_tensor_value_info("target", TensorProto.INT32, ["n", "t"]),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", labels])
            for name, labels in heads.items()
        ],
        graph.initializers,
    )
    return helper.make_model(
        made,
        ir_version=8,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
        producer_name="earshot",
    )

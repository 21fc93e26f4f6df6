"""Trains the bundled models, and writes down how each was made.

`earshot train --data FOLDER --out FOLDER` reads the sets named in `sentiment.corpora` below FOLDER
and the project's own posts, learns by `sentiment.recipes`, and writes a model folder for each.
"""

import hashlib
import json
import logging
import platform
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch

from domain.errors import EarshotError, InputError
from sentiment import corpora, gate
from sentiment import folder as model_folder
from sentiment.backend import Backend
from sentiment.finishing import MAX_TOKENS, About, finish
from sentiment.learning_texts import Texts, gather, own_examples
from sentiment.loading import BUNDLED_FOLDER, alone
from sentiment.onnx_backend import OnnxBackend
from sentiment.own_posts import FOLDER as POSTS
from sentiment.reader import Reader
from sentiment.recipes import RECIPES, Recipe
from sentiment.school import School

log = logging.getLogger(__name__)

RECORD = "training.json"
FEW = 100  # texts that are measured on, where only the way is tried


def build(
    data: Path | None,
    out: Path,
    work: Path,
    *,
    seed: int = 7,
    only: Sequence[str] = tuple(RECIPES),
) -> list[model_folder.Description]:
    """Make the bundled models and write each to a folder of its own in `out`.

    data: the folder of the sets. None tries the way only: a few of our own posts stand for all of
    them, and what comes of it is of no use. only: names of recipes.
    Raises InputError when a set cannot be read or a folder is there already, EarshotError when a
    model does not score as it was trained, or reads some kind of post worse than the bundled one.
    """
    for name in only:
        if (out / name).exists():
            raise InputError(f"{out / name}: is there already; name a new folder.")
    texts = gather(data)
    return [_build(RECIPES[name], texts, out, work, seed, quick=data is None) for name in only]


def _build(
    recipe: Recipe, texts: Texts, out: Path, work: Path, seed: int, *, quick: bool
) -> model_folder.Description:
    asides = {
        "tweets": texts.tweets_aside,
        "broad": texts.broad_aside[::4],
        "others": texts.others_aside,
        "posts": own_examples(texts.posts_aside, *recipe.languages),
    }
    if quick:
        asides = {name: rows[:FEW] for name, rows in asides.items()}
    posts = [model_folder.digest(path) for path in sorted(POSTS.glob("*.tsv"))]
    said = {"data": list(texts.sources), "posts": posts, "asks": corpora.digest_of_asks()}
    teacher = _teacher(recipe, out)
    decisive = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    school = School(work, asides, decisive, teacher, quick)
    network, reader = recipe.learn(texts, school, seed)
    part = out / f"{recipe.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    made = finish(
        network,
        Reader(reader.tokenizer, tokens=MAX_TOKENS, names_emojis=reader.names_emojis),
        recipe.aside(texts),
        part,
        About(recipe.name, recipe.version, recipe.languages, recipe.heads),
    )
    kinds = gate.kinds(alone(part), texts.posts_aside)
    if unjudged := gate.too_few(kinds):
        log.warning(
            "kinds with too few posts to be judged model=%s kinds=%s", recipe.name, unjudged
        )
    if not quick:
        shipped = BUNDLED_FOLDER / recipe.name
        before = gate.kinds(alone(shipped), texts.posts_aside) if shipped.exists() else {}
        worse = gate.fallen(before, kinds)
        if worse:
            raise EarshotError(
                f"the {recipe.name} model was not written: {'; '.join(worse)}. It lies in {part}."
            )
    record = {
        "model": made.sha256[model_folder.WEIGHTS],
        "seed": seed,
        **said,
        "teacher": teacher.name if teacher else None,
        "stages": school.records,
        "temperatures": {name: one.temperature for name, one in made.heads.items()},
        "kinds": {
            name: [one.posts, round(one.right, 3), round(one.praised, 3)]
            for name, one in kinds.items()
        },
        "libraries": {name: version(name) for name in ("torch", "transformers", "tokenizers")},
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }
    (part / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.rename(out / recipe.name)
    return made


def _teacher(recipe: Recipe, out: Path) -> Backend | None:
    """The model that the recipe learns from: the one just made, else the bundled one."""
    if not recipe.teacher:
        return None
    made = out / recipe.teacher
    return OnnxBackend(made if made.exists() else BUNDLED_FOLDER / recipe.teacher)

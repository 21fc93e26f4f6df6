"""What one would use instead of a linker of one's own: rapidfuzz over all names, and Splink.

Splink is a row of the benchmark only, shown where it is installed: `pip install "splink>=5,<6"`.
Name, handle and town are fused into one comparison; apart, they would count one fact several times.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from types import ModuleType

import numpy as np

from benchmarks.linking_data import Folder, rows
from benchmarks.linking_measure import Found
from benchmarks.linking_people import plain

SIMILAR = 90  # of 100, by token_sort_ratio
SURE = 0.99  # the probability from which Splink's best candidate counts as linked
_CHUNK = 200
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d ()/.-]{7,}\d")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([^/?#]+)")
_ALIKE = "jaro_winkler_similarity(name_l, name_r) >= 0.92"
_LEVELS = (  # of the fused comparison, the strongest first
    "handle_l = handle_r",
    "name_l = name_r AND town_l = town_r AND local_l = local_r",
    "name_l = name_r AND local_l = local_r",
    "name_l = name_r AND town_l = town_r",
    "local_l = local_r",
    "name_l = name_r",
    f"{_ALIKE} AND town_l = town_r",
    _ALIKE,
)
_KEYS = ("mail", "phone", "site", "bought")  # a comparison of its own each
Row = dict[str, str | None]


def ways() -> Mapping[str, Callable[[Folder], list[Found]]]:
    """Those that can run here."""
    found = {f"rapidfuzz {version('rapidfuzz')} over all names": by_names}
    if find_spec("splink"):
        found[f"Splink {version('splink')}, name, handle and town fused"] = by_splink
    return found


def by_names(folder: Folder) -> list[Found]:
    """Whoever has the most similar name, if it is similar enough."""
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415  only this needs it

    customers = folder.customers
    names = [utils.default_process(f"{one['first_name']} {one['last_name']}") for one in customers]
    authors = [
        (key, utils.default_process(row["display_name"]))
        for key, row in folder.authors.items()
        if row["display_name"]
    ]
    found = []
    for at in range(0, len(authors), _CHUNK):
        some = authors[at : at + _CHUNK]
        scores = process.cdist(
            [name for _, name in some],
            names,
            scorer=fuzz.token_sort_ratio,
            score_cutoff=SIMILAR,
            dtype=np.uint8,
            workers=-1,
        )
        for (key, _), best, score in zip(
            some, scores.argmax(axis=1), scores.max(axis=1), strict=True
        ):
            if score >= SIMILAR:
                who = customers[best]["customer_id"]
                found.append(Found(key, who, score / 100, "name", automatic=True))
    return found


def by_splink(folder: Folder) -> list[Found]:
    """Weights as Splink estimates them without labels; the only best candidate is linked."""
    splink = import_module("splink")
    block_on = splink.block_on
    base, table = splink.DuckDBAPI(), import_module("pyarrow").Table
    tables = [
        base.register(table.from_pylist(some), table_name=name)
        for name, some in (("authors", _authors(folder)), ("customers", _customers(folder)))
    ]
    linker = splink.Linker(tables, _settings(splink), log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("mail"), block_on("phone"), block_on("handle")], recall=0.2
    )
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for key in ("name", "bought", "site"):
        training.estimate_parameters_using_expectation_maximisation(block_on(key))
    return _decided(linker.inference.predict(threshold_match_probability=0.5).as_record_list())


def _settings(splink: ModuleType) -> object:
    library = import_module("splink.comparison_library")
    nothing = {
        "sql_condition": "name_l IS NULL AND local_l IS NULL OR name_r IS NULL",
        "label_for_charts": "nothing",
        "is_null_level": True,
    }
    levels = [{"sql_condition": one, "label_for_charts": one} for one in (*_LEVELS, "ELSE")]
    fused = library.CustomComparison([nothing, *levels], output_column_name="identity")
    return splink.SettingsCreator(
        link_type="link_only",
        comparisons=[fused, *map(library.ExactMatch, _KEYS)],
        blocking_rules_to_generate_predictions=[
            splink.block_on(one) for one in ("name", "local", "handle", *_KEYS)
        ],
    )


def _decided(pairs: list[dict[str, object]]) -> list[Found]:
    """The best candidate of each author; linked when it is sure and the only one."""
    of: dict[str, list[tuple[float, str]]] = {}
    for one in pairs:
        ids = {
            one["source_dataset_l"]: one["unique_id_l"],
            one["source_dataset_r"]: one["unique_id_r"],
        }
        chance = float(str(one["match_probability"]))
        of.setdefault(str(ids["authors"]), []).append((chance, str(ids["customers"])))
    found = []
    for author, candidates in of.items():
        (chance, who), *others = sorted(candidates, reverse=True)
        alone = all(other < chance for other, _ in others)
        found.append(Found(author, who, chance, "scored", automatic=alone and chance >= SURE))
    return found


def _customers(folder: Folder) -> list[Row]:
    return [
        {
            "unique_id": one["customer_id"],
            "name": plain(one["first_name"] + one["last_name"]) or None,
            "local": plain(one["email"].partition("@")[0]) or None,
            "handle": _handle(one["twitter"] or one["instagram"] or one["facebook"]),
            "town": plain(one["city"]) or None,
            "mail": one["email"].lower() or None,
            "phone": _digits(one["phone"]),
            "site": _site(one["website"]),
            "bought": one["customer_id"],
        }
        for one in folder.customers
    ]


def _authors(folder: Folder) -> list[Row]:
    owner = {plain(one["order_id"]): one["customer_id"] for one in rows(folder.path / "orders.csv")}
    made: list[Row] = []
    for key, one in folder.authors.items():
        local = one["handle"].partition("@")[0].removesuffix(".bsky.social")
        said = " ".join([one["bio"], *(text["text"] for text in folder.texts.get(key, []))])
        mail, phone = _MAIL.search(said), _PHONE.search(said)
        numbers = re.findall(r"[A-Za-z]{0,2}[\d-]*-?\d{6,}", said)
        bought = [owner[plain(number)] for number in numbers if plain(number) in owner]
        made.append(
            {
                "unique_id": key,
                "name": plain(one["display_name"]) or None,
                "local": plain(local) or None,
                "handle": _handle(one["handle"]),
                "town": plain(one["location"].partition(",")[0]) or None,
                "mail": mail[0].lower() if mail else None,
                "phone": _digits(phone[0]) if phone else None,
                "site": _site(one["url"]),
                "bought": bought[0] if bought else None,
            }
        )
    return made


def _handle(text: str) -> str | None:
    return plain(text.strip().rstrip("/").rpartition("/")[2].partition("?")[0]) or None


def _digits(text: str) -> str | None:
    """The last eight, which are the same with and without the country's number."""
    return re.sub(r"\D", "", text)[-8:] or None


def _site(url: str) -> str | None:
    found = _HOST.match(url.lower())
    return found[1] if found else None

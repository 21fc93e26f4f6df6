"""What the configuration says reaches the room it is meant for."""

from pathlib import Path

import pytest

from domain.errors import ConfigError
from earshot.config.load import load
from earshot.core.app import App


def test_the_model_is_told_what_its_labels_mean(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[[brands]]\nname = "Acme"\nquery = "acme"\n[sentiment.labels]\nLABEL_0 = "negative"\n'
    )
    with pytest.raises(ConfigError, match=r"model bundled: .* remove sentiment\.labels"):
        _ = App(load(path)).classifier

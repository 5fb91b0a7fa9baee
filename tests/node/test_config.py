"""Settings: what is no setting, or none that there is, is refused by name with what there is."""

from pathlib import Path

import pytest

from weal_node import config
from weal_node.config import LANGUAGES, Home
from weal_node.errors import NodeError


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_of_the_vocabulary_is_taken(tmp_path: Path, language: str) -> None:
    (tmp_path / "weal.toml").write_text(f'language = "{language}"\n')
    assert config.read(Home(tmp_path)).language == language


def test_another_language_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "weal.toml").write_text('language = "tlh"\n')
    with pytest.raises(NodeError, match="language is one of en, de, es, fr, zh") as refused:
        config.read(Home(tmp_path))
    assert "weal.toml" in refused.value.hint

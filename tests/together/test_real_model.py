"""A call of a model against a server that others wrote: transformers' own, with a model of random weights made here."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.waiting import PATIENCE_S
from weal_node.assistant.model_calls import Models
from weal_node.outbound.answers import ModelError
from weal_node.outbound.models import Prompt
from weal_node.outbound.providers import Provider
from weal_node.store import disclosures
from weal_node.store.database import Database

pytestmark = [pytest.mark.together, pytest.mark.slow]
NOW = 2_000_000_000_000
RUNNING = re.compile(r"running on (http://127\.0\.0\.1:\d+)")
TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"


def make_model(folder: Path) -> None:
    """Write a model of one layer that reads and writes bytes, and a few words."""
    # Imported here: seconds that whoever only collects the tests need not wait.
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = Tokenizer(models.BPE())
    words.pre_tokenizer, words.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    words.train_from_iterator(["a garden for everyone"], trainer)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="</s>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    shape = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=0,
        eos_token_id=1,
    )
    LlamaForCausalLM(shape).save_pretrained(folder)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Provider]:
    """Start it on a free port, without a network to look for models in."""
    folder = tmp_path / "model"
    make_model(folder)
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", "0", "--device", "cpu"],
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if found := RUNNING.search(line):
                yield Provider("tiny", f"{found[1]}/v1", str(folder), "local", price_in=10.0, price_out=100.0)
                break
        else:
            pytest.fail("the server ended: " + "".join(said))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


async def test_a_server_of_another_make_is_understood(server: Provider, tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    try:
        calls = Models(database, lambda: NOW, cap=1.0, timeout_s=60.0)
        answer = await calls.ask(server, Prompt("Say something.", "Grüße <b>"))
        assert answer.provider == "tiny"
        assert 0 < answer.cost == await calls.spent()  # it says how many tokens it counted
        (entry,) = await database.read(disclosures.all_of)
        assert entry.to == "model: tiny"
        with pytest.raises(ModelError, match="tiny refused: HTTP 4"):
            await calls.ask(Provider("tiny", server.url + "/nowhere", server.model, "local"), Prompt("a", "b"))
    finally:
        database.close()

"""A call to a language model over OpenAI's /chat/completions, which Ollama, llama.cpp, vLLM and most hosts speak.

Text goes in and text comes out: the model has no tools, and nothing it says is done. Who may be asked what, the ledger and the cap
are the caller's (loop/ask.py).
"""

import asyncio
import json
from dataclasses import dataclass

import httpx

from weal_node.errors import NodeError
from weal_node.outbound.providers import Provider

MAX_ANSWER_BYTES = 1024 * 1024
MAX_TOKENS = 1_200  # of one answer
CONNECT_S = 5.0
TEMPERATURE = 0.8


class ModelError(NodeError):
    """A model could not be asked, or gave no answer that can be read."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """system: what the model is to do.  user: what it is to do it with, others' words as quoted data."""

    system: str
    user: str


async def send(provider: Provider, body: bytes, timeout_s: float) -> bytes:
    """Return the bytes of a model's answer. ModelError where none came within `timeout_s` and MAX_ANSWER_BYTES."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if provider.key:
        headers["Authorization"] = f"Bearer {provider.key}"
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
        follow_redirects=False,  # a server must not send the prompt on to another
        trust_env=not provider.is_here,  # what stays on this machine goes through no proxy
    )
    url = provider.url.rstrip("/") + "/chat/completions"
    try:  # the deadline over all: httpx's limits are for each read, and a server that drips would be waited for forever
        async with (
            client,
            asyncio.timeout(timeout_s),
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return await _within(response, provider)
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise ModelError(f"{provider.name} does not answer ({type(fault).__name__})", "Is it running?") from fault
    except TimeoutError as fault:
        raise ModelError(
            f"{provider.name} took longer than {timeout_s:g} s", "See model_timeout_s in weal.toml"
        ) from fault


def read(raw: bytes) -> tuple[str, tuple[int, int] | None]:
    """Return the text of an answer and, where it says so, how many tokens went in and came out. ModelError for anything else."""
    try:
        found = json.loads(raw)
        text = found["choices"][0]["message"]["content"]
        usage = found.get("usage") or {}
        counted = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as fault:
        raise ModelError("a model gave an answer that cannot be read", "Does it speak OpenAI's protocol?") from fault
    if not isinstance(text, str):
        raise ModelError("a model gave an answer without text", "Does it speak OpenAI's protocol?")
    known = [one for one in counted if type(one) is int and 0 <= one < 10_000_000]
    return text, (known[0], known[1]) if len(known) == 2 else None


def body(provider: Provider, prompt: Prompt) -> bytes:
    """Return exactly what is sent, the key apart."""
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    asked = {"model": provider.model, "messages": messages, "max_tokens": MAX_TOKENS, "temperature": TEMPERATURE}
    return json.dumps(asked | {"stream": False}).encode()


def cost(provider: Provider, tokens_in: int, tokens_out: int) -> float:
    """Return what a call costs, in the currency of the prices."""
    return (tokens_in * provider.price_in + tokens_out * provider.price_out) / 1e6


async def _within(response: httpx.Response, provider: Provider) -> bytes:
    """Return the body of a good answer, up to the limit."""
    if response.status_code != 200:
        raise ModelError(f"{provider.name} refused: HTTP {response.status_code}", "Are its address and key right?")
    found = bytearray()
    async for part in response.aiter_bytes():
        found += part
        if len(found) > MAX_ANSWER_BYTES:
            raise ModelError(f"{provider.name} gave an answer without end", "Ask another")
    return bytes(found)

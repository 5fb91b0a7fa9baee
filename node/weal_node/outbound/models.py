"""A call to a language model over OpenAI's /chat/completions, which Ollama, llama.cpp, vLLM and most hosts speak.

Text goes in and text comes out: the model has no tools, and nothing it says is done. Who may be asked what, the ledger and the cap
are the caller's (assistant/model_calls.py).
"""

import asyncio
import json
from dataclasses import dataclass

import httpx

from weal_node.outbound.answers import ModelError, refusal
from weal_node.outbound.providers import Provider

MAX_ANSWER_BYTES = 1024 * 1024
MAX_FAULT_BYTES = 16 * 1024  # of what a server says where it does not answer
MAX_TOKENS = 1_200  # of one answer
CONNECT_S = 5.0
TEMPERATURE = 0.8  # chosen: drafts that differ, for the reward to choose among


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


def body(provider: Provider, prompt: Prompt, newer: bool = False) -> bytes:
    """Return exactly what is sent, the key apart. newer: as models want it that refuse max_tokens, and a temperature."""
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    limits = {"max_completion_tokens": MAX_TOKENS} if newer else {"max_tokens": MAX_TOKENS, "temperature": TEMPERATURE}
    return json.dumps({"model": provider.model, "messages": messages} | limits | {"stream": False}).encode()


def cost(provider: Provider, tokens_in: int, tokens_out: int) -> float:
    """Return what a call costs, in the currency of the prices."""
    return (tokens_in * provider.price_in + tokens_out * provider.price_out) / 1e6


async def _within(response: httpx.Response, provider: Provider) -> bytes:
    """Return the body of a good answer, up to the limit; ModelError with what the server said of any other."""
    content, good = bytearray(), response.status_code == 200
    async for part in response.aiter_bytes():
        content += part
        if not good and len(content) > MAX_FAULT_BYTES:
            break
        if len(content) > MAX_ANSWER_BYTES:
            raise ModelError(f"{provider.name} gave an answer without end", "Ask another")
    if not good:
        raise refusal(provider.name, response.status_code, bytes(content[:MAX_FAULT_BYTES]), provider.key)
    return bytes(content)

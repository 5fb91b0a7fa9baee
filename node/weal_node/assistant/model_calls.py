"""Ask a language model: in the ledger before it is sent, and within a cap on what calls may cost."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx

from weal_node.errors import RefusedError
from weal_node.outbound import models
from weal_node.outbound.answers import ModelError, SettingError, read
from weal_node.outbound.models import MAX_TOKENS, Prompt
from weal_node.outbound.providers import Provider
from weal_node.store import disclosures, model_calls
from weal_node.store.database import Database

DAY_MS = 24 * 3_600 * 1_000
MAX_PROMPT_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Completion:
    """text: what the model wrote.  cost: in the currency of the prices."""

    text: str
    provider: str
    cost: float


class Models:
    """Language models of one person. cap: most that calls of 24 hours may cost.  timeout_s: of one call, in all."""

    def __init__(self, database: Database, clock: Callable[[], int], cap: float, timeout_s: float) -> None:
        self._database = database
        self._clock = clock
        self._cap = cap
        self._timeout_s = timeout_s
        self._newer: set[tuple[str, str]] = set()  # who takes no max_tokens

    async def ask(self, provider: Provider, prompt: Prompt) -> Completion:
        """Ask one model once; once more in the newer way where it takes a setting of the older one no longer. RefusedError where
        the cap would be passed, ModelError where no answer came."""
        newer = (provider.url, provider.model) in self._newer
        try:
            return await self._ask(provider, models.body(provider, prompt, newer))
        except SettingError:
            if newer:
                raise
        answer = await self._ask(provider, models.body(provider, prompt, newer=True))
        self._newer.add((provider.url, provider.model))
        return answer

    async def _ask(self, provider: Provider, body: bytes) -> Completion:
        if len(body) > MAX_PROMPT_BYTES:
            raise RefusedError("what is to be asked is too long for a model", "Ask about less")
        most = models.cost(provider, len(body), MAX_TOKENS)  # no tokenizer makes more than one token of a byte
        number = await self._database.write(partial(self._enter, provider=provider, body=body, most=most))
        try:
            text, tokens = read(await models.send(provider, body, self._timeout_s))
        except ModelError as fault:
            free = isinstance(fault, SettingError) or isinstance(fault.__cause__, httpx.ConnectError)
            await self._settle(number, 0.0 if free else None, "failed")
            raise
        except BaseException:
            await self._settle(number, None, "cut short")
            raise
        cost = models.cost(provider, *tokens) if tokens else most
        await self._settle(number, cost, "answered")
        return Completion(text, provider.name, cost)

    async def spent(self) -> float:
        """Return what calls of the last 24 hours cost."""
        since = self._clock() - DAY_MS
        return await self._database.read(partial(model_calls.spent_since, since_ms=since))

    def _enter(self, connection: sqlite3.Connection, provider: Provider, body: bytes, most: float) -> int:
        """Write the call into the ledger and count it, or refuse: one transaction, on disk before anything is sent."""
        now = self._clock()
        if most > 0 and model_calls.spent_since(connection, now - DAY_MS) + most > self._cap:
            raise RefusedError(
                f"a call of {provider.name} may cost {most:.4f} and would pass the cap of {self._cap:g} a day",
                "Raise model_cost_cap in weal.toml, or ask tomorrow",
            )
        what = f"prompt to {provider.model} ({provider.tier})"
        number = disclosures.write(
            connection, now, f"model: {provider.name}", what, body, disclosures.Amount(len(body))
        )
        model_calls.reserve(connection, number, now, provider.name, most)
        return number

    async def _settle(self, number: int, cost: float | None, outcome: str) -> None:
        await self._database.write(partial(model_calls.settle, disclosure=number, cost=cost, outcome=outcome))

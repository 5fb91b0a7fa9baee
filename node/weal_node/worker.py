"""One thread for the encoder and for torch: the event loop never waits for a matrix (measured: inline it freezes for seconds)."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from weal_node.features.encoder import Encoder

P = ParamSpec("P")
T = TypeVar("T")


class TorchWorker:
    """Runs one computation at a time, in the order of asking. The encoder is loaded when first used."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="torch")
        self._encoder: Encoder | None = None

    async def run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run any heavy pure function on the worker's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: act(*args, **kwargs))

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return unit embeddings (n, WIDTH). The weights are loaded at the first call: half a second and 130 MB."""
        return await self.run(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if self._encoder is None:
            self._encoder = Encoder.load()
        return self._encoder.embed(texts)

    @property
    def loaded(self) -> bool:
        """Whether the encoder is in memory."""
        return self._encoder is not None

    def close(self) -> None:
        """Wait for the computation in flight, then end the thread."""
        self._pool.shutdown(cancel_futures=True)

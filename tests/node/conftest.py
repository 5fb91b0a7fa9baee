"""A small server of our own that speaks OpenAI's /chat/completions on a real socket: no model runs here, the protocol is real."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.homes import empty_home
from weal_node.store.database import Database
from weal_node.vault.folder import Vault


@dataclass
class ModelServer:
    """answer: what the model writes.  how: "well", or a way to misbehave.  replies: what is sent whatever
    the others say.  came: requests, each (path, headers, body, what `look` saw)."""

    url: str
    answer: str = "Hello."
    how: str = "well"
    usage: dict[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10})
    look: Callable[[], object] = lambda: None
    replies: list[tuple[int, bytes]] = field(default_factory=list)  # given first, one a call
    came: list[tuple[str, dict[str, str], dict[str, Any], object]] = field(default_factory=list)

    def reply(self) -> tuple[int, bytes]:
        if self.replies:
            return self.replies.pop(0)
        message = {"role": "assistant", "content": self.answer}
        good = {"object": "chat.completion", "choices": [{"index": 0, "message": message}], "usage": self.usage}
        return {
            "well": (200, json.dumps(good).encode()),
            "drips": (200, json.dumps(good).encode()),
            "busy": (503, b"{}"),
            "refuses": (401, b"{}"),
            "redirects": (307, b""),
            "babbles": (200, b"<html>"),
            "is empty": (200, b'{"choices": []}'),
            "gives no text": (200, b'{"choices": [{"message": {"content": null}}]}'),
            "never ends": (200, b"x" * (2 * 1024 * 1024)),
        }[self.how]


StartModel = Callable[[], ModelServer]


@pytest.fixture
def model_server() -> Iterator[StartModel]:
    """Return a function that starts one on a free port."""
    servers: list[ThreadingHTTPServer] = []

    def start() -> ModelServer:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the base class's name for it
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                known.came.append((self.path, dict(self.headers), body, known.look()))
                status, content = known.reply()
                self.send_response(status)
                if known.how == "redirects":
                    self.send_header("Location", known.url + "/elsewhere")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    for start in range(0, len(content), 10 if known.how == "drips" else 65_536):
                        self.wfile.write(
                            content[start : start + 10] if known.how == "drips" else content[start : start + 65_536]
                        )
                        time.sleep(0.05 if known.how == "drips" else 0)
                except OSError:
                    return  # who asked has hung up

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        known = ModelServer(f"http://127.0.0.1:{server.server_port}/v1")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return known

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[tuple[Database, Vault]]:
    """A node's database and vault, with nothing in them."""
    database, vault = empty_home(tmp_path)
    yield database, vault
    database.close()

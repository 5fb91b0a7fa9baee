"""What servers of language models say: the text of an answer, without what a model thought before it, or why there is none. Pure.

Servers and models differ here more than anywhere: text in parts, thinking in marks of the text or beside it, refusals of a setting
that others ask for. Whatever comes is a text or a ModelError.
"""

import json
from typing import Any

from weal_node.errors import NodeError

LONGEST = 200  # characters of a server's own message
THOUGHTS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("[think]", "[/think]"),
)
FINAL = "<|channel|>final<|message|>"  # what one family of models writes before its answer, after what it thought
ASIDE = ("reasoning", "reasoning_content", "thinking")  # where servers put thoughts beside the answer
SETTINGS = ("max_tokens", "temperature")  # of ours, that newer models refuse


class ModelError(NodeError):
    """A model could not be asked, or gave no answer that can be read."""


class SettingError(ModelError):
    """A server takes no setting of the older protocol; it may answer without it."""


def read(raw: bytes) -> tuple[str, tuple[int, int] | None]:
    """Return the text of an answer and, where it says so, how many tokens went in and came out. ModelError for anything else."""
    try:
        answer = json.loads(raw)
        choice = answer["choices"][0]
        message = choice["message"]
        content, usage = message["content"], answer.get("usage") or {}
        counted = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
        aside = any(isinstance(message.get(name), str) and message[name].strip() for name in ASIDE)
        cut = choice.get("finish_reason") == "length"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as fault:
        raise ModelError("a model gave an answer that cannot be read", "Does it speak OpenAI's protocol?") from fault
    joined = _joined(content)
    if joined is None and not aside:
        raise ModelError("a model gave an answer without text", "Does it speak OpenAI's protocol?")
    text = spoken(joined or "")
    if not text:
        if aside or (joined or "").strip():
            why = "until its answer had no room left" if cut else "and gave no answer"
            raise ModelError(
                f"the model only thought, {why}", "Turn its thinking off, or name a model that thinks less"
            )
        raise ModelError("a model gave an empty answer", "Ask again, or name another model")
    counts = [count for count in counted if type(count) is int and 0 <= count < 10_000_000]
    return text, (counts[0], counts[1]) if len(counts) == 2 else None


def spoken(text: str) -> str:
    """Return a text without what its model thought: between its marks, before a closing mark that nothing opens, and after an
    opening one that is never closed."""
    text = text.rpartition(FINAL)[2] if FINAL in text else text
    for opening, closing in THOUGHTS:
        folded = _lower(text)
        first = folded.find(closing)
        begin = folded.find(opening)
        if first >= 0 and not 0 <= begin < first:
            text = text[first + len(closing) :]
            folded, begin = _lower(text), _lower(text).find(opening)
        pieces, place = [], 0
        while begin >= 0:
            pieces.append(text[place:begin])
            end = folded.find(closing, begin)
            place = len(text) if end < 0 else end + len(closing)
            begin = folded.find(opening, place)
        text = "".join([*pieces, text[place:]])
    return text.strip()


def refusal(name: str, status: int, raw: bytes, key: str = "") -> ModelError:
    """Return what a server that did not answer said itself, on one line and cut; its own words, never our key."""
    message, setting = _told(raw)
    if key:
        message = message.replace(key, "…")
    plain = "".join(letter if letter.isprintable() else " " for letter in message)
    line = " ".join(plain.split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    sentence = f"{name} refused: HTTP {status}" + (f": {line}" if line else "")
    if status in (400, 422) and any(setting_name in message or setting_name == setting for setting_name in SETTINGS):
        return SettingError(sentence, "Name a model that takes max_tokens")
    return ModelError(sentence, _step(status))


def _lower(text: str) -> str:
    """Return the text with ASCII letters small, each where it was."""
    return text.translate(_SMALL)


_SMALL = {number: number + 32 for number in range(ord("A"), ord("Z") + 1)}


def _step(status: int) -> str:
    if status in (401, 403):
        return "Is its key right? See the Models page"
    if status == 404:
        return "Does the server have this model, and is its address right? See the Models page"
    if status == 429:
        return "It was asked too often, or its credit is used up: ask later"
    return "Are its address and key right?" if status < 500 else "Is the server well? Ask again later"


def _joined(content: object) -> str | None:
    """Return the text of an answer that is one, or a list of parts; None of anything else."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts: list[str] = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) and part.get("type") in ("text", "output_text") else None
        if isinstance(text, str):
            texts.append(text)
    return "".join(texts)


def _told(raw: bytes) -> tuple[str, str]:
    """Return the message in an answer that is a fault, and which setting it names, in any of the shapes that servers give it."""
    text = raw.decode(errors="replace").strip()
    try:
        part: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ("" if text.startswith("<") else text), ""
    setting = ""
    for name in ("error", "detail", "message", "msg"):
        while isinstance(part, list) and part:
            part = part[0]
        if isinstance(part, dict):
            setting = setting or (part["param"] if isinstance(part.get("param"), str) else "")
            part = part.get(name, part)
    return (part if isinstance(part, str) else ""), setting

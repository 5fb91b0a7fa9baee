"""`weal`: one person's node, from the terminal."""

import importlib
import locale
import os
import pkgutil
import sys

from weal_node import cli
from weal_node.cli.program import app, run

__all__ = ["app", "main", "run"]

for module in pkgutil.iter_modules(cli.__path__):  # reading them is what adds their commands
    importlib.import_module(f"{cli.__name__}.{module.name}")


def main() -> None:
    """Run a command; a named fault is said in two lines, never as a traceback."""
    in_utf8()
    sys.exit(run())


def in_utf8() -> None:
    """Start this process anew in UTF-8 where the locale has another encoding: notes are UTF-8 in name and text, and what Python
    opens without being told an encoding follows the locale. The terminal still gets its own letters."""
    if sys.flags.utf8_mode or locale.getencoding().lower().replace("_", "-") in ("utf-8", "utf8"):
        return
    given = os.environ.get("PYTHONIOENCODING", "") or f"{locale.getencoding()}:backslashreplace"
    arguments = [_as_utf8(argument) for argument in sys.argv[1:]]
    sys.stdout.flush()
    os.execve(  # noqa: S606  # this very program, by its full path
        sys.executable,
        [os.fsencode(sys.executable), b"-X", b"utf8", b"-m", b"weal_node", *arguments],
        {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": given},
    )


def _as_utf8(argument: str) -> bytes:
    """Return an argument in UTF-8. What is valid UTF-8 as it was handed over was so meant: text in another encoding never is, by chance."""
    raw = os.fsencode(argument)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return argument.encode("utf-8", "surrogateescape")
    return raw


if __name__ == "__main__":
    main()

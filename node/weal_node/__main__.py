"""`weal`: one person's node, from the terminal."""

import sys

from weal_node.cli import (  # noqa: F401  # reading them is what adds their commands
    bringing,
    daily,
    deals,
    finding,
    guests,
    joining,
    keeping,
    living,
    releases,
    switch,
)
from weal_node.cli.program import app, run

__all__ = ["app", "main", "run"]


def main() -> None:
    """Run a command; a named fault is said in two lines, never as a traceback."""
    sys.exit(run())


if __name__ == "__main__":
    main()

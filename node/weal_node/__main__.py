"""`weal`: one person's node, from the terminal."""

import sys


def main() -> None:
    """Run a command; a named fault is said in two lines, never as a traceback."""
    from weal_node.cli.commands import run  # `weal` must not pay for what a command does not need

    sys.exit(run())


if __name__ == "__main__":
    main()

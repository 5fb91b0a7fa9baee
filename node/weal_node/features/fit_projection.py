"""Write projection.safetensors from statements.txt. Run it only for a new version: heads depend on the file.

Its SHA-256 then goes into weal_protocol/representation.py, by which coordinator and nodes know that they speak of the same.

python -m weal_node.features.fit_projection
"""

from importlib import resources
from pathlib import Path

from safetensors.numpy import save

from weal_node.features.encoder import Encoder
from weal_node.features.projection import FILE, fit


def statements() -> tuple[str, ...]:
    """Return the project's own public statements, one a line of the file."""
    text = resources.files("weal_node.features").joinpath("statements.txt").read_text()
    return tuple(line for line in text.splitlines() if line)


def main() -> None:
    """Fit and write."""
    target = Path(str(resources.files("weal_node.features").joinpath(FILE)))
    target.write_bytes(save(fit(Encoder.load().embed(statements()))))


if __name__ == "__main__":
    main()

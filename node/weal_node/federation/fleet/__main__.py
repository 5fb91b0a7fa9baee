"""python -m weal_node.federation.fleet --job FILE: answer one round, then end. Exit status 3: refused, by the printed reason."""

import argparse
import json
import os
import sys
from pathlib import Path

from weal_protocol.errors import WealError

os.environ.update(FLWR_TELEMETRY_ENABLED="0", FLWR_DISABLE_UPDATE_CHECK="1", OMP_NUM_THREADS="1")


def main() -> int:
    """Read the job, answer, report on standard output as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True)
    path = parser.parse_args().job
    said = json.loads(path.read_text())
    os.environ["FLWR_HOME"] = str(path.parent)
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from safetensors.numpy import load_file

    from weal_node.federation.fleet.fleet import Job, answer

    key = load_pem_private_key(Path(said["key"]).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SystemExit("the key is not one for rounds")
    job = Job(
        address=said["address"],
        certificate=Path(said["certificate"]),
        key=key,
        node=int(said["node"]),
        number=int(said["number"]),
        catalogue=said["catalogue"],
        statistics=load_file(said["statistics"])["flat"],
        deadline=float(said["deadline"]),
        inbox=path.with_suffix(".inbox"),
    )
    try:
        answer(job)
    except WealError as fault:
        sys.stdout.write(json.dumps({"answered": False, "reason": str(fault)}) + "\n")
        return 3
    sys.stdout.write(json.dumps({"answered": True, "reason": ""}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Once sent, a field keeps its number, name and type for ever. To add one, add its line to protos/wire.lock."""

import importlib
from pathlib import Path

from google.protobuf.descriptor import FieldDescriptor

PROTOS = Path(__file__).parents[2] / "protos"


def wire() -> list[str]:
    """One line a field and a method, as the .proto files stand."""
    lines = []
    for proto in sorted(PROTOS.glob("weal_protocol/**/*.proto")):
        name = proto.relative_to(PROTOS).with_suffix("").as_posix().replace("/", ".") + "_pb2"
        file = importlib.import_module(name).DESCRIPTOR
        for message in file.message_types_by_name.values():
            lines += [f"{message.full_name} {f.number} {f.name} {described(f)}" for f in message.fields]
        for service in file.services_by_name.values():
            lines += [
                f"{service.full_name}.{m.name} {m.input_type.full_name} {m.output_type.full_name}"
                for m in service.methods
            ]
    return lines


def described(field: FieldDescriptor) -> str:
    """The type as the wire has it: its number, the message's name, and whether it repeats."""
    kind = field.message_type.full_name if field.message_type else str(field.type)
    return f"repeated {kind}" if field.is_repeated else kind


def test_nothing_that_was_on_the_wire_has_changed() -> None:
    promised = (PROTOS / "wire.lock").read_text().splitlines()
    assert promised
    assert set(promised) - set(wire()) == set()


def test_what_is_new_on_the_wire_is_promised_too() -> None:
    promised = (PROTOS / "wire.lock").read_text().splitlines()
    assert set(wire()) - set(promised) == set(), "add these lines to protos/wire.lock"

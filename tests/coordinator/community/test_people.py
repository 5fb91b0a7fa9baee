"""One person is one person, with however many devices."""

from weal_coordinator.community.people import people
from weal_protocol.cards import Member


def device(key: int, person: int, tier: str = "light") -> Member:
    return Member(bytes([key]) * 32, bytes([person]) * 32, bytes(32), b"", f"device {key}", tier, 1)


def test_devices_of_one_person_stand_together_under_a_steady_name() -> None:
    phone, laptop, bo = device(3, 100), device(1, 100), device(2, 101)
    found = people([phone, bo, laptop])
    assert found == {laptop.agent_key.hex(): (laptop, phone), bo.agent_key.hex(): (bo,)}
    assert people([bo, laptop, phone]) == found


def test_a_device_that_gives_nothing_is_left_out_and_so_is_who_gives_nothing() -> None:
    phone, laptop, bo = device(1, 100, "none"), device(2, 100), device(3, 101, "none")
    assert people([phone, laptop, bo]) == {laptop.agent_key.hex(): (laptop,)}

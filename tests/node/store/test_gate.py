"""The gate's memory: what was said unasked, what came of it and what was guessed survive a restart; what is forgotten is gone."""

from pathlib import Path

from weal_node.reward.calibration import Guess
from weal_node.store import gate
from weal_node.store.database import Database


async def test_guesses_survive_a_restart_and_audits_stand_apart(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    told = [("b", 2, Guess(0.9, True), False), ("a", 1, Guess(0.2, True), True), ("c", 3, Guess(0.4, False), True)]
    for answer, at, guessed, audit in told:
        await database.write(lambda c, one=(answer, at, guessed, audit): gate.guess(c, *one))  # type: ignore[misc]  # bound now
    database.close()
    database = Database(tmp_path / "node.db")
    audits = await database.read(lambda c: gate.guesses(c, audits_only=True))
    assert audits == (Guess(0.2, True), Guess(0.4, False))
    assert [one.right for one in audits] == [False, True]
    assert await database.read(lambda c: gate.guesses(c, audits_only=False)) == (audits[0], Guess(0.9, True), audits[1])
    database.close()


async def test_the_same_gesture_twice_is_one_guess_and_the_first_one(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for probability in (0.3, 0.99):  # after learning from the first, the second would be no guess
        guessed = Guess(probability, True)
        await database.write(lambda c, one=guessed: gate.guess(c, "a", 1, one, True))  # type: ignore[misc]  # bound now
    assert await database.read(lambda c: gate.guesses(c, audits_only=True)) == (Guess(0.3, True),)
    database.close()


async def test_a_forgotten_answer_leaves_no_guess(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(lambda c: gate.guess(c, "a", 1, Guess(0.3, True), True))
    await database.write(lambda c: gate.forget(c, "nobody's"))
    assert len(await database.read(lambda c: gate.guesses(c, audits_only=False))) == 1
    await database.write(lambda c: gate.forget(c, "a"))
    assert await database.read(lambda c: gate.guesses(c, audits_only=False)) == ()
    database.close()


async def test_an_answer_is_for_the_newest_delivery_of_its_state(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for state, at in (("s", 10), ("t", 20), ("s", 30)):
        await database.write(lambda c, s=state, at=at: gate.deliver(c, [(s, 0.8)], at, at))  # type: ignore[misc]  # bound now
    await database.write(lambda c: gate.answered(c, "s", False))
    await database.write(lambda c: gate.answered(c, "never delivered", True))
    database.close()
    database = Database(tmp_path / "node.db")
    assert await database.read(lambda c: gate.delivered_since(c, 10)) == (
        ("s", 10, None),
        ("t", 20, None),
        ("s", 30, False),
    )
    assert await database.read(lambda c: gate.delivered_since(c, 21)) == (("s", 30, False),)
    assert await database.read(gate.history) == (0, 1)
    await database.write(lambda c: gate.answered(c, "t", True))
    assert await database.read(gate.history) == (1, 2)
    database.close()


async def test_showing_cards_again_at_the_same_moment_is_one_delivery_each(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for _ in range(2):
        await database.write(lambda c: gate.deliver(c, [("s", 0.8), ("t", 0.7)], 10, 10))
    assert len(await database.read(lambda c: gate.delivered_since(c, 0))) == 2
    assert await database.read(gate.history) == (0, 0)
    database.close()

"""Run our ServerApp for a run of ours, in this process: what Flower's SuperExec and `flwr-serverapp` do in two more of them.

Those two would install the bundle and load what it names. Here nothing of a bundle is read: whichever run was submitted, only the ServerApp installed with
us is ever run, and only by who submitted it. A run of anyone else's that waits on the private port is stopped.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from flwr.common.constant import SubStatus
from flwr.common.serde import context_from_proto, run_from_proto
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    AcquireTaskResponse,
    PullTaskInputRequest,
    PullTaskInputResponse,
    PushTaskOutputRequest,
    PushTaskOutputResponse,
    SendTaskHeartbeatRequest,
    SendTaskHeartbeatResponse,
)
from flwr.supercore.task_identity import TaskIdentity

from weal_coordinator.federation.calls import Calls, LostError
from weal_coordinator.federation.flower import Control
from weal_coordinator.federation.grid import RUNTIME, RoundGrid
from weal_coordinator.federation.server_app import app

TASK = "flwr-serverapp"  # Flower's name for the kind of task that a ServerApp is
BEAT_S = 10.0  # the SuperLink takes a task for dead after 60 s of silence
log = logging.getLogger(__name__)


def host(control: Control, address: str, certificate: Path, run: int, home: Path) -> None:
    """Take this run, which was just submitted, and carry it to its end. LostError when the SuperLink is lost on the way."""
    # Of a command that was killed, or of someone else: what they asked of nodes goes with them.
    for stray in control.unfinished() - {run}:
        log.warning("a run that nobody carries was stopped")
        control.stop(stray)
    token = _taken(address, certificate, run)
    with (
        contextlib.closing(Calls(address, certificate, token)) as calls,
        _beating(calls),
        _reported(control, calls, run),
    ):
        given = calls.ask(RUNTIME + "pull-task-input", PullTaskInputRequest(), PullTaskInputResponse)
        TaskIdentity.task_id, TaskIdentity.run_id = given.task_id, given.run.run_id
        TaskIdentity.node_id = given.context.node_id
        context = context_from_proto(given.context)
        context.run_config = {"home": str(home)}
        app(grid=RoundGrid(calls, run_from_proto(given.run)), context=context)


def _taken(address: str, certificate: Path, run: int) -> str:
    """Return the token of this run's task."""
    with contextlib.closing(Calls(address, certificate)) as calls:
        request = AcquireTaskRequest(supported_task_types=[TASK])
        found = calls.ask(RUNTIME + "acquire-task", request, AcquireTaskResponse)
    if not found.token or found.task.run_id != run:
        raise LostError("the run was lost before it began")
    return str(found.token)


@contextlib.contextmanager
def _reported(control: Control, calls: Calls, run: int) -> Iterator[None]:
    """Tell the SuperLink how the run ended, and have it forget the run's messages: nobody shall be asked for an old round."""
    ended = PushTaskOutputRequest(sub_status=SubStatus.FAILED, details="see the coordinator's log")
    try:
        yield
        ended = PushTaskOutputRequest(sub_status=SubStatus.COMPLETED)
    finally:
        with contextlib.suppress(LostError):
            calls.ask(RUNTIME + "push-task-output", ended, PushTaskOutputResponse)
            control.status(run)  # whoever looks at a run that is over has its messages cleared away


@contextlib.contextmanager
def _beating(calls: Calls) -> Iterator[None]:
    """Say that we are still there, for as long as the block lasts."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            with contextlib.suppress(LostError):  # whoever waits for replies finds out
                calls.ask(RUNTIME + "send-task-heartbeat", SendTaskHeartbeatRequest(), SendTaskHeartbeatResponse)

    heart = threading.Thread(target=beat, name="heartbeat")
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()

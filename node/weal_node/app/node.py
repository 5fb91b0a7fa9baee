"""A running node: its parts, and the work that goes on while it runs."""

import asyncio
import logging
import os
import random
import time
from pathlib import Path

from weal_node import keys as keyring
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.loop import federate, publish
from weal_node.loop.bargain import KINDS, Bargaining
from weal_node.loop.correspond import Correspondence
from weal_node.loop.judge import Mind
from weal_node.loop.starter import starter
from weal_node.loop.watch import Watch
from weal_node.outbound.community import Community
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.web.desk import Desk, Joined
from weal_node.web.login import Login
from weal_node.worker import TorchWorker
from weal_protocol.envelope import Envelope
from weal_protocol.invite import parse

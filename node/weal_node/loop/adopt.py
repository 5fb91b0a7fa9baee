"""Adopt: fetch the community's newest release, verify it, and judge by it."""

from weal_node.loop.judge import Mind
from weal_node.outbound.community import Community
from weal_protocol import release
from weal_protocol.errors import MalformedError
from weal_protocol.representation import ENCODER_SHA256, PROJECTION_SHA256


async def adopt_latest(community: Community, mind: Mind) -> int:
    """Fetch the newest release, verify it, and judge by it when it is newer; return the number in use."""
    found = await community.release()
    if found is None:
        return mind.release
    manifest, representation = release.read(found, community.coordinator, bytes.fromhex(community.id))
    if (manifest.encoder_sha256, manifest.projection_sha256) != (ENCODER_SHA256, PROJECTION_SHA256):
        raise MalformedError("this release was made over other features than this node's", "Upgrade Weal")
    if manifest.number > mind.release:
        await mind.adopt(representation, found.SerializeToString())
    return mind.release

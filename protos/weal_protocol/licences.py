"""Licences by their SPDX identifier (spdx.org/licenses): those that a note may name in a signed header.

A header outlives taking back, so only identifiers of this list are written into one, never a line that somebody typed. One that is
missing here is added to the list; readers take any identifier by its form.
"""

DEFAULT = "CC-BY-4.0"
UNKNOWN = "NOASSERTION"  # SPDX's word for: nothing is said, so nobody is told that they may use it

_CREATIVE_COMMONS = tuple(
    f"CC-{kind}-{version}"
    for kind in ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND")
    for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
)
KNOWN = (
    *_CREATIVE_COMMONS,
    "CC0-1.0", "CC-PDDC", "PDDL-1.0", "Unlicense", "0BSD", "WTFPL",
    "GFDL-1.1-or-later", "GFDL-1.2-or-later", "GFDL-1.3-only", "GFDL-1.3-or-later", "LAL-1.3", "OPL-1.0", "FreeBSD-DOC",
    "ODbL-1.0", "ODC-By-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0",
    "MIT", "MIT-0", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "Zlib", "BSL-1.0", "MPL-2.0", "EUPL-1.2", "Artistic-2.0",
    "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only",
    "LGPL-3.0-or-later", "AGPL-3.0-only", "AGPL-3.0-or-later", "OFL-1.1", "CERN-OHL-P-2.0", "CERN-OHL-S-2.0", "CERN-OHL-W-2.0",
    UNKNOWN,
)  # fmt: skip
_BY_NAME = {name.casefold(): name for name in KNOWN}


def identifier(said: str) -> str:
    """Return what a header says for this line of a note: the default for an empty one, UNKNOWN for what is not in the list."""
    return _BY_NAME.get(said.strip().casefold(), UNKNOWN) if said.strip() else DEFAULT


def known(said: str) -> bool:
    """Whether this line names a licence of the list, or nothing."""
    return not said.strip() or said.strip().casefold() in _BY_NAME

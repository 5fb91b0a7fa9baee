"""A note's bytes: front matter, title, tags, links, what they may give away."""

from weal_node.errors import VaultError
from weal_node.vault import markdown, prose, sensitive, topics

SEEDS = (
    b"---\ntitle: a\ntags: [x, y]\nvisibility: public\n---\n# a\n#b [[c|d]]\n",
    b'---\na: &a [1]\nb: *a\nc: "\\u0041"\n---\n',
    b"\xef\xbb\xbf---\r\nid: 1\r\n---\r\n",
)


def fuzz_one(data: bytes) -> None:
    markdown.id_in(data)
    try:
        note = markdown.read(data, "a/b.md")
    except VaultError:
        return
    topics.names(note), topics.links(note), topics.split(note.body), prose.prose(note.body), sensitive.found(note.body)
    if not note.broken:
        again = markdown.read(markdown.write(note, data), "a/b.md")
        assert (again.visibility, again.title.strip(), again.needs) == (note.visibility, note.title.strip(), note.needs)

"""Where words of a note can be: every table and column of the database, every file of the home. Forgetting drops what is dropped here,
and looks through all of it; a test walks the schema, so that a new column without an entry here is seen.
"""

from enum import StrEnum


class Fate(StrEnum):
    """What forgetting a note does with a column."""

    DROPPED = "dropped"  # the note's own: its rows go, or its words in them
    NAMED = "named"  # other words, which may quote it: looked through, and named where they do
    SEALED = "sealed"  # closed to its receiver: what is in it cannot be looked for
    BARE = "bare"  # numbers, digests, keys: no words; looked through all the same


D, N, S, B = Fate.DROPPED, Fate.NAMED, Fate.SEALED, Fate.BARE
COLUMNS: dict[str, dict[Fate, str]] = {
    "accounts": {
        N: "disagreements",
        B: "community at_ms own theirs charges most_theirs most_charges last_round",
    },
    "allowed": {D: "note finding"},
    "announcements": {D: "about", B: "since_ms seen_ms strength"},
    "answered": {D: "question author note passage at_ms", B: "answers"},
    "approvals": {B: "token act deal about at_ms"},
    "audit_drawn": {B: "only item other"},
    "candidates": {D: "id text source state"},
    "cards": {N: "card", B: "community agent_key has_left"},
    "chains": {B: "session sender recipient seq head"},
    "charter_forks": {N: "why", B: "community at_ms"},
    "charters_agreed": {B: "number community terms at_ms"},
    "consents": {N: "folders", B: "at_ms"},
    "deal_held": {N: "body", B: "deal sender number kind"},
    "deal_said": {N: "body", B: "deal number party kind"},
    "deals": {
        D: "mine theirs sources why space",  # of a draft that nobody has said anything to; a deal under way is others' too
        N: "pending",
        B: "id other party secret utilities places dismissed outcome_label at_ms floor asked expected expected_sd kept_ms",
    },
    "deliveries": {B: "state at_ms probability glad thought"},
    "disclosures": {D: "payload", N: "what recipient", B: "id at_ms size epsilon bits"},
    "drawn_states": {B: "record state"},
    "early": {N: "signed", B: "session sender seq deadline_ms"},
    "edits": {N: "concept text", B: "id at_ms kind value was undone_ms"},
    "embeddings": {
        D: "text vector",
        B: "encoder",
    },  # a text's digest tells whether it was this one, its vector what it was about
    "equivocations": {N: "signed", B: "session sender seq"},
    "folders": {N: "folder", B: "visibility"},
    "follows": {B: "who following at_ms"},
    "forgotten": {B: "commitment at_ms"},
    "guesses": {B: "label at_ms probability yes audit"},
    "guests": {N: "name", B: "token agent_key ratification_key at_ms"},
    "holds": {D: "note body_sha256 why"},
    "expelled": {N: "name why", B: "agent_key at_ms"},
    "expulsions": {N: "raw", B: "community number"},
    "import_files": {N: "origin path", B: "sha256"},  # of pictures and other files that came with notes: they stay
    "import_sources": {N: "place mark folder", B: "id"},  # where a source lay
    "imports": {D: "origin source path given_sha256 sha256 at_ms reviewed written dated_ms"},
    "kept": {D: "note path sha256 said"},
    "labels": {B: "id at_ms item other choice source"},
    "letters": {N: "signed", B: "session sender recipient seq idempotency_key"},
    "look_gestures": {D: "line act says", B: "rule gesture at_ms"},  # of every line that rests on the note
    "look_members": {D: "line member"},
    "look_quotes": {D: "line note path title quote dated_ms", B: "place"},
    "mirrored": {B: "community position"},
    "model_calls": {N: "model outcome", B: "disclosure at_ms cost"},
    "note_origins": {D: "note record"},
    "note_parents": {D: "note record"},
    "outbox": {N: "signed", S: "sealed", B: "number recipient deadline_ms bits session"},
    "bad_questions": {B: "item other at_ms"},
    "own_statements": {D: "note title quote", B: "state says dated_ms"},
    "passage_tags": {D: "tag passage"},
    "passage_tokens": {D: "title tags text"},
    "passage_tokens_config": {B: "k v"},
    "passage_tokens_content": {D: "c0 c1 c2", B: "id"},
    "passage_tokens_data": {D: "block", B: "id"},
    "passage_tokens_docsize": {B: "id sz"},
    "passage_tokens_idx": {D: "term", B: "segid pgno"},
    "passage_words": {D: "title tags text"},
    "passage_words_config": {B: "k v"},
    "passage_words_data": {D: "block", B: "id"},
    "passage_words_docsize": {B: "id sz"},
    "passage_words_idx": {D: "term", B: "segid pgno"},
    "passages": {
        D: "author note version kind path title tags visibility written_ms text embedding",
        B: "id waiting worded",
    },
    "pasts": {D: "path head versions"},
    "prekeys": {B: "session owner public private deadline_ms"},
    "private_heads": {B: "at_round at_ms sigma sampling_rate steps epsilon weights"},
    "proposals": {D: "state kind source made_ms citations asked_for"},
    "publications": {D: "note due_ms body_sha256 record salt entered seen_sha256"},
    "put_off": {B: "state at_ms"},
    "questions_skipped": {B: "at_ms item other audit"},
    "readings": {B: "number passage"},
    "record_authors": {B: "author number bytes"},
    "record_days": {B: "author note day number"},  # how many versions there were; the note's number, as in a header
    "record_parents": {B: "parent record"},
    "records": {
        D: "path body raw",  # its id and the note's stay in the header, so that no pull fetches it again
        B: "id position kind author note visibility written_ms licence forked_from redacted_by about size",
    },
    "records_size": {B: "bytes"},
    "refusals": {N: "reason", B: "count"},
    "refused_records": {N: "reason", B: "source id at_ms"},
    "release_history": {N: "why", B: "id number act at_ms"},
    "releases": {B: "number raw adopted_ms"},
    "reported": {B: "community since_round"},
    "restores": {B: "made_ms until_round counted"},
    "rounds": {B: "number epsilon state at_ms sampling_rate sigma"},
    "set_aside": {N: "reason", B: "kind key at_ms"},
    "shelf": {D: "author note head title path written_ms targets"},
    "shelf_links": {D: "topic author note head"},
    "shelf_topics": {D: "topic author note head", B: "rank"},
    "sqlite_sequence": {B: "name seq"},
    "states": {D: "text when who", B: "id kind hours_given hours_received"},  # of proposals; what was judged stays
    "tiers": {B: "number tier at_ms"},
    "warnings_shown": {B: "digest at_ms"},
}
INDEX = ("passage_words", "passage_tokens")  # tables that begin so hold single words of all notes together
# What keeps a note's number for good, so that no copy comes back, and what else of such a row is looked through.
HEADERS = {"records": "path, body", "record_days": "author"}

# The home, by the first part of a file's path. What is not here is looked through too, and named by its path.
HOME: dict[str, Fate] = {
    "vault": D,
    "vault.git": D,
    "node.db": D,
    "node.db-wal": D,
    "node.db-shm": B,
    "weal.toml": N,
    "models.toml": N,
    "community": N,
    "federation": N,
    "keys": B,
    "lock": B,
    "page-name": B,
    "running.json": B,
    "control": B,
    "sessions.json": B,
    "paused": B,
}
CLOSED = (
    ".age",
    ".zip",
    ".gz",
    ".xz",
    ".bz2",
    ".zst",
    ".7z",
    ".tgz",
    ".bundle",
    ".gpg",
)  # packed or sealed: not looked into


def columns(table: str) -> frozenset[str]:
    """Return the columns of a table that stand here."""
    return frozenset(" ".join(COLUMNS.get(table, {}).values()).split())

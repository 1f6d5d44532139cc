"""Digests: when each mail to programme staff went, and what it told of."""

from sqlalchemy import Connection, insert, select

from d2l_sync.domain.mail import SentDigest
from d2l_sync.store.service_tables import DigestRow
from d2l_sync.store.statements import table

DIGEST = table(DigestRow)


def last_digest(connection: Connection) -> SentDigest | None:
    """Return the newest one that went."""
    statement = select(DIGEST.c.sent_at, DIGEST.c.contents).order_by(DIGEST.c.digest_id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return SentDigest(*row) if row else None


def note_digest(connection: Connection, digest: SentDigest) -> None:
    connection.execute(insert(DIGEST).values(sent_at=digest.sent_at, contents=digest.contents))

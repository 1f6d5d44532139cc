"""Known rules: the versions of each badge's rules by which awards may be made."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from d2l_sync.domain.pathway import RuleVersion
from d2l_sync.store.statements import table, upsert
from d2l_sync.store.tables import KnownRuleRow

KNOWN_RULE = table(KnownRuleRow)


def known_rules(connection: Connection) -> frozenset[RuleVersion]:
    columns = (KNOWN_RULE.c.pathway, KNOWN_RULE.c.badge, KNOWN_RULE.c.rule_version)
    return frozenset(RuleVersion(*row) for row in connection.execute(select(*columns)))


def record_known_rules(connection: Connection, rules: Iterable[RuleVersion], at: datetime) -> None:
    """Add versions; one that is known already keeps the time at which it became so."""
    rows = [
        {"pathway": one.pathway, "badge": one.badge, "rule_version": one.version, "known_at": at}
        for one in sorted(set(rules) - known_rules(connection))
    ]
    upsert(connection, KNOWN_RULE, rows=rows)

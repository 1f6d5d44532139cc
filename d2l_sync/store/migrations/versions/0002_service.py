"""What a service needs: requests for a pass, living nodes, its log, mails sent, known rules, held enrolments."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # PostgreSQL never gives a number twice; SQLite only where the table says so.
        with op.batch_alter_table("sync_pass", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
    op.add_column("award", sa.Column("passed_over", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("enrolment", sa.Column("held_in", sa.Integer(), nullable=True))
    op.create_table(
        "resync_request",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("pass_id", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request_id"),
    )
    op.create_index(
        "ix_resync_request_waiting",
        "resync_request",
        ["scope"],
        unique=True,
        sqlite_where=sa.text("taken_at IS NULL"),
        postgresql_where=sa.text("taken_at IS NULL"),
    )
    op.create_table(
        "node",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_pass_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "log_line",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("pass_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line_id"),
    )
    for column in ("at", "pass_id", "user_id"):
        op.create_index(op.f(f"ix_log_line_{column}"), "log_line", [column], unique=False)
    op.create_table(
        "user_number",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("org_defined_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.execute(
        "INSERT INTO user_number SELECT user_id, max(org_defined_id) FROM classlist_entry"
        " WHERE org_defined_id IS NOT NULL AND NOT is_excluded GROUP BY user_id"
    )
    op.create_table(
        "digest",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest_id"),
    )
    op.create_table(
        "known_rule",
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("badge", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pathway", "badge", "rule_version"),
    )

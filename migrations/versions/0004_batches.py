"""Make the tables of batches, of the processes that work on them, and of the pace they share."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the wall between users where the database has it."""
    op.create_table(
        "batches",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("last_turn", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("charged_nanousd", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_batches"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_batches_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_batches_user_id_created_at_id", "batches", ["user_id", "created_at", "id"])
    op.create_table(
        "batch_items",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("batch_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.String(36), nullable=True),
        sa.Column("error", sa.String(64), nullable=True),
        sa.Column("cost_nanousd", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "batch_id", "number", name="pk_batch_items"),
        sa.ForeignKeyConstraint(
            ["user_id", "batch_id"],
            ["batches.user_id", "batches.id"],
            name="fk_batch_items_user_id_batch_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_batch_items_user_id_batch_id_state", "batch_items", ["user_id", "batch_id", "state"])
    op.create_index("ix_batch_items_user_id_batch_id_sequence", "batch_items", ["user_id", "batch_id", "sequence"])
    op.create_table(
        "executors",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_executors"),
    )
    op.create_table(
        "paces",
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("free_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "kind", name="pk_paces"),
    )
    if op.get_context().dialect.name == "postgresql":
        for table in ("batches", "batch_items"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_rows ON {table} USING (user_id = current_setting('app.user_id', true))")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("paces", "executors", "batch_items", "batches"):
        op.drop_table(table)

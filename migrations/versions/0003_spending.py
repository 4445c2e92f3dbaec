"""Make the tables of spending: what calls to the model cost, a day and a user."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the wall between users where the database has it."""
    op.create_table("spending", *_figures(), sa.PrimaryKeyConstraint("day", name="pk_spending"))
    op.create_table(
        "user_spending",
        sa.Column("user_id", sa.String(36), nullable=False),
        *_figures(),
        sa.PrimaryKeyConstraint("user_id", "day", name="pk_user_spending"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_spending_user_id", ondelete="CASCADE"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE user_spending ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE user_spending FORCE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY own_rows ON user_spending USING (user_id = current_setting('app.user_id', true))")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("user_spending")
    op.drop_table("spending")


def _figures() -> list[sa.Column[Any]]:
    return [
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_requests", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("charged_tokens", sa.BigInteger(), nullable=False),
        sa.Column("charged_nanousd", sa.BigInteger(), nullable=False),
    ]

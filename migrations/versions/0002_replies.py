"""Make the table of replies: what was answered to requests that must be carried out once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the wall between users where the database has it."""
    op.create_table(
        "replies",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("route", sa.String(64), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("story_id", sa.String(36)),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON()),
        sa.Column("body", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "route", "key_sha256", name="pk_replies"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_replies_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id", "story_id"],
            ["stories.user_id", "stories.id"],
            name="fk_replies_user_id_story_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_replies_user_id_created_at", "replies", ["user_id", "created_at"])
    op.create_index("ix_replies_user_id_story_id", "replies", ["user_id", "story_id"])
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE replies ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE replies FORCE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY own_rows ON replies USING (user_id = current_setting('app.user_id', true))")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("replies")

"""Make the first tables: users, API keys, stories, revisions, assessments."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# On PostgreSQL these show only the rows of the user that the transaction names, to the tables' owner too. The queries
# name the user as well: this is the second wall.
_OWNED = ("stories", "revisions", "assessments")


def upgrade() -> None:
    """Make the tables, and the walls between users where the database has them."""
    _make_users()
    _make_stories()
    _make_assessments()
    if op.get_context().dialect.name == "postgresql":
        for table in _OWNED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_rows ON {table} USING (user_id = current_setting('app.user_id', true))")


def downgrade() -> None:
    """Drop everything."""
    for table in ("assessments", "revisions", "stories", "api_keys", "users"):
        op.drop_table(table)


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_api_keys_user_id_created_at", "api_keys", ["user_id", "created_at"])


def _make_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("question", sa.Text()),
        sa.Column("principles", sa.JSON(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("level", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_stories"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_stories_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_stories_user_id_created_at_id", "stories", ["user_id", "created_at", "id"])
    op.create_table(
        "revisions",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("story_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "story_id", "id", name="pk_revisions"),
        sa.UniqueConstraint("user_id", "story_id", "number", name="uq_revisions_user_id_story_id_number"),
        sa.ForeignKeyConstraint(
            ["user_id", "story_id"],
            ["stories.user_id", "stories.id"],
            name="fk_revisions_user_id_story_id",
            ondelete="CASCADE",
        ),
    )


def _make_assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("story_id", sa.String(36), nullable=False),
        sa.Column("revision_id", sa.String(36), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("strength", sa.Integer()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id", name="pk_assessments"),
        sa.ForeignKeyConstraint(
            ["user_id", "story_id", "revision_id"],
            ["revisions.user_id", "revisions.story_id", "revisions.id"],
            name="fk_assessments_user_id_story_id_revision_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_assessments_user_id_created_at_id", "assessments", ["user_id", "created_at", "id"])
    op.create_index(
        "ix_assessments_user_id_story_id_created_at_id", "assessments", ["user_id", "story_id", "created_at", "id"]
    )

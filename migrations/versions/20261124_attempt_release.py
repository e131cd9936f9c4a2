"""a further attempt that an instructor releases"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_attempt_release"
down_revision = "20261124"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attempt_release_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["person.id"], name=op.f("fk_attempt_release_released_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_release")),
        sa.UniqueConstraint(
            "enrolment_id", "module_id", "number", name=op.f("uq_attempt_release_enrolment_id_module_id_number")
        ),
    )


def downgrade() -> None:
    op.drop_table("attempt_release")

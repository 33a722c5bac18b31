"""First tables; the fifteen revisions before led here, and nobody has a database of theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db import search_index
from db.columns import Day, MoneyColumn, QuantityColumn, UtcDateTime, text

revision = "0016"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "admins",
        sa.Column("id", text(30), nullable=False),
        sa.Column("username", text(254), nullable=False),
        sa.Column("canonical_username", text(254), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("password_hash", text(200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_authenticated_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("canonical_username", name=op.f("uq_admins_canonical_username")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", text(30), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_api_keys_key_sha256")),
    )
    op.create_table(
        "channels",
        sa.Column("id", text(30), nullable=False),
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("B2C", "B2B", name="ChannelKind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("locales", sa.JSON(), nullable=False),
        sa.Column("default_locale", text(11), nullable=False),
        sa.Column(
            "registration",
            sa.Enum(
                "OPEN",
                "CONFIRM_EMAIL_ADDRESS",
                "CLOSED",
                name="RegistrationPolicy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("password_min_length", sa.Integer(), nullable=False),
        sa.Column("password_strength_checked", sa.Boolean(), nullable=False),
        sa.Column("last_customer_number", sa.Integer(), nullable=False),
        sa.Column("sender_name", text(100), nullable=True),
        sa.Column("sender_email_address", text(254), nullable=True),
        sa.Column("landing_pages", sa.JSON(), server_default="{}", nullable=False),
        sa.Column(
            "address_check",
            sa.Enum("OFF", "REFUSE", name="AddressCheck", native_enum=False, create_constraint=True, length=40),
            server_default="REFUSE",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("code", name=op.f("uq_channels_code")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.LargeBinary(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("known_until", UtcDateTime(), nullable=True),
        sa.Column("proved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_throttles_account"), ["account"], unique=False)
        batch_op.create_index(batch_op.f("ix_throttles_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("email_address", text(254), nullable=False),
        sa.Column("canonical_email_address", text(254), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("password_hash", text(200), nullable=True),
        sa.Column("pending_email_address", text(254), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_accounts_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "channel_id", "canonical_email_address", name=op.f("uq_accounts_channel_id_canonical_email_address")
        ),
    )
    op.create_table(
        "admin_channels",
        sa.Column("admin_id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_admin_channels_admin_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_admin_channels_channel_id")),
        sa.PrimaryKeyConstraint("admin_id", "channel_id", name=op.f("pk_admin_channels")),
    )
    op.create_table(
        "admin_sessions",
        sa.Column("id", text(30), nullable=False),
        sa.Column("admin_id", text(30), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", text(200), nullable=True),
        sa.Column("ip_address", text(45), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_admin_sessions_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_admin_sessions_token_sha256")),
    )
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_admin_sessions_admin_id_created_at_id"), ["admin_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "api_key_channels",
        sa.Column("api_key_id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_api_key_channels_api_key_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_api_key_channels_channel_id")),
        sa.PrimaryKeyConstraint("api_key_id", "channel_id", name=op.f("pk_api_key_channels")),
    )
    op.create_table(
        "customers",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("customer_number", text(40), nullable=False),
        sa.Column("email_address", text(254), nullable=True),
        sa.Column("locale", text(11), nullable=False),
        sa.Column("first_name", text(30), nullable=True),
        sa.Column("last_name", text(30), nullable=True),
        sa.Column("company", text(50), nullable=True),
        sa.Column(
            "gender",
            sa.Enum("FEMALE", "MALE", "UNKNOWN", name="Gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("date_of_birth", Day(), nullable=True),
        sa.Column("price_groups", sa.JSON(), nullable=False),
        sa.Column("custom_data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("search_text", text(None), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("imported_as", text(32), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_customers_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("channel_id", "customer_number", name=op.f("uq_customers_channel_id_customer_number")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_channel_id_created_at_id"), ["channel_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "imports",
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("kind", text(20), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("imported", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("report_length", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("unchecked", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_imports_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "kind", "sha256", name=op.f("pk_imports")),
    )
    op.create_table(
        "mail_allowances",
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("used_until", UtcDateTime(), nullable=False),
        sa.Column("alarm_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_mail_allowances_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_mail_allowances")),
    )
    op.create_table(
        "mailed_tokens",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "EMAIL_CONFIRMATION",
                "PASSWORD_RESET",
                name="TokenPurpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", text(30), nullable=False),
        sa.Column("email_address", text(254), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_mailed_tokens_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_mailed_tokens_token_sha256")),
    )
    with op.batch_alter_table("mailed_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_tokens_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mailed_tokens_subject_id_purpose"), ["subject_id", "purpose"], unique=False
        )

    op.create_table(
        "mails",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "REGISTRATION",
                "CONFIRMATION",
                "PASSWORD_RESET",
                "PASSWORD_CHANGED",
                "EMAIL_ADDRESS_CHANGE",
                "EMAIL_ADDRESS_CHANGING",
                "EMAIL_ADDRESS_CHANGED",
                name="MailKind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "QUEUED",
                "SENT",
                "DROPPED",
                "GIVEN_UP",
                "UNKNOWN",
                name="MailState",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("email_address", text(254), nullable=False),
        sa.Column("canonical_email_address", text(254), nullable=False),
        sa.Column("user_id", text(30), nullable=True),
        sa.Column("confirmation_base_url", text(2000), nullable=True),
        sa.Column("other_address", text(254), nullable=True),
        sa.Column("token_id", text(30), nullable=True),
        sa.Column("letter", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("problem", text(200), nullable=True),
        sa.Column("registration_id", text(30), nullable=True),
        sa.Column("network", text(45), nullable=True),
        sa.Column("urgency", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doubts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_mails_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mails_canonical_email_address_id"), ["canonical_email_address", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_mails_channel_id_due_at"),
            ["channel_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'QUEUED'"),
            postgresql_where=sa.text("state = 'QUEUED'"),
        )
        batch_op.create_index(batch_op.f("ix_mails_channel_id_id"), ["channel_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mails_channel_id_urgency_due_at"),
            ["channel_id", "urgency", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'QUEUED'"),
            postgresql_where=sa.text("state = 'QUEUED'"),
        )

    op.create_table(
        "registrations",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("email_address", text(254), nullable=False),
        sa.Column("canonical_email_address", text(254), nullable=False),
        sa.Column("locale", text(11), nullable=False),
        sa.Column("first_name", text(30), nullable=True),
        sa.Column("last_name", text(30), nullable=True),
        sa.Column("company", text(50), nullable=True),
        sa.Column(
            "gender",
            sa.Enum("FEMALE", "MALE", "UNKNOWN", name="Gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("date_of_birth", Day(), nullable=True),
        sa.Column("password_hash", text(200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.Integer(), server_default="1", nullable=False),
        sa.Column("network", text(45), nullable=True),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name=op.f("ck_registrations_place")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_registrations_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint(
            "channel_id",
            "canonical_email_address",
            "place",
            name=op.f("uq_registrations_channel_id_canonical_email_address_place"),
        ),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registrations_created_at"), ["created_at"], unique=False)

    op.create_table(
        "repetitions",
        sa.Column("key_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("body_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("caller_id", text(30), nullable=True),
        sa.Column("reads_as", text(30), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_repetitions_channel_id")),
        sa.PrimaryKeyConstraint("key_hmac", name=op.f("pk_repetitions")),
    )
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repetitions_caller_id_done_at"), ["caller_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_repetitions_done_at"), ["done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_repetitions_reads_as"), ["reads_as"], unique=False)

    op.create_table(
        "roles",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("code", text(40), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_roles_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("channel_id", "code", name=op.f("uq_roles_channel_id_code")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", text(30), nullable=False),
        sa.Column("customer_id", text(30), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "CONTACT",
                "BILLING",
                "SHIPPING",
                name="AddressType",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("title", text(10), nullable=True),
        sa.Column("title_code", text(10), nullable=True),
        sa.Column("first_name", text(30), nullable=True),
        sa.Column("last_name", text(30), nullable=True),
        sa.Column("company", text(50), nullable=True),
        sa.Column("street", text(50), nullable=False),
        sa.Column("zip_code", text(16), nullable=True),
        sa.Column("city", text(30), nullable=False),
        sa.Column("region", text(30), nullable=True),
        sa.Column("country", text(2), nullable=False),
        sa.Column("phone_number", text(30), nullable=True),
        sa.Column("email_address", text(254), nullable=True),
        sa.Column("remarks", text(200), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("imported_as", text(32), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_addresses_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_addresses_customer_id_created_at_id"), ["customer_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_addresses_default",
            ["customer_id", "type"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )

    op.create_table(
        "payment_instruments",
        sa.Column("id", text(30), nullable=False),
        sa.Column("customer_id", text(30), nullable=False),
        sa.Column("type", text(40), nullable=False),
        sa.Column("masked_card_number", text(30), nullable=True),
        sa.Column("expiration_month", text(2), nullable=True),
        sa.Column("expiration_year", text(4), nullable=True),
        sa.Column("expires_on", Day(), nullable=True),
        sa.Column("provider_reference", text(200), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_payment_instruments_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_instruments")),
    )
    with op.batch_alter_table("payment_instruments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_instruments_customer_id_id"), ["customer_id", "id"], unique=False)

    op.create_table(
        "role_permissions",
        sa.Column("role_id", text(30), nullable=False),
        sa.Column(
            "permission",
            sa.Enum(
                "CUSTOMER_READ",
                "CUSTOMER_UPDATE",
                "ADDRESSES_MANAGE",
                "ORDERS_READ_OWN",
                "ORDERS_READ",
                "PAYMENT_INSTRUMENTS_READ",
                "PAYMENT_INSTRUMENTS_DELETE",
                "USERS_READ",
                "USERS_MANAGE",
                "ACCESS_REQUESTS_APPROVE",
                "ACCESS_SETTINGS_MANAGE",
                name="Permission",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_role_permissions_role_id")),
        sa.PrimaryKeyConstraint("role_id", "permission", name=op.f("pk_role_permissions")),
    )
    op.create_table(
        "users",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("customer_id", text(30), nullable=False),
        sa.Column("account_id", text(30), nullable=False),
        sa.Column("first_name", text(30), nullable=True),
        sa.Column("last_name", text(30), nullable=True),
        sa.Column("locale", text(11), nullable=False),
        sa.Column("time_zone", text(40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_authenticated_at", UtcDateTime(), nullable=True),
        sa.Column("imported_as", text(32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_users_channel_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_users_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account_id", "customer_id", name=op.f("uq_users_account_id_customer_id")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_users_customer_id_created_at_id"), ["customer_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "orders",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("customer_id", text(30), nullable=False),
        sa.Column("user_id", text(30), nullable=True),
        sa.Column("order_number", text(40), nullable=False),
        sa.Column("order_date", UtcDateTime(), nullable=False),
        sa.Column("locale", text(11), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "PAYMENT_PENDING",
                "PURCHASED",
                "PROCESSED",
                "ASSEMBLY",
                "SHIPPED",
                "DELIVERED",
                "CANCELED",
                "RETURNED",
                "RETURNED_PARTIAL",
                "REFUNDED",
                "UNKNOWN",
                name="OrderStatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", text(3), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("total", MoneyColumn(), nullable=False),
        sa.Column("billing_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("shipping_address", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("payment_method", text(100), nullable=True),
        sa.Column("shipping_method", text(100), nullable=True),
        sa.Column("custom_data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("search_text", text(None), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("imported_as", text(32), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_orders_channel_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orders_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("channel_id", "order_number", name=op.f("uq_orders_channel_id_order_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_channel_id_order_date_id"), ["channel_id", "order_date", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_customer_id_order_date_id"), ["customer_id", "order_date", "id"], unique=False
        )

    op.create_table(
        "sessions",
        sa.Column("id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("account_id", text(30), nullable=False),
        sa.Column("user_id", text(30), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", text(200), nullable=True),
        sa.Column("ip_address", text(45), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_sessions_channel_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sessions_token_sha256")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_account_id_created_at_id"), ["account_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_roles",
        sa.Column("user_id", text(30), nullable=False),
        sa.Column("role_id", text(30), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "order_adjustments",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "SHIPPING",
                "DISCOUNT",
                "PROMOTION",
                "SURCHARGE",
                "TAX",
                name="OrderAdjustmentType",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", text(200), nullable=False),
        sa.Column("price", MoneyColumn(), nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_adjustments_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_adjustments")),
    )
    op.create_table(
        "order_documents",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE",
                "CREDIT_NOTE",
                "DELIVERY_NOTE",
                "RECEIPT",
                "OTHER",
                name="OrderDocumentKind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", text(200), nullable=False),
        sa.Column("url", text(2000), nullable=False),
        sa.Column("issued_on", Day(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_documents_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_documents")),
    )
    op.create_table(
        "order_items",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", text(100), nullable=False),
        sa.Column("code", text(100), nullable=True),
        sa.Column("name", text(200), nullable=False),
        sa.Column("quantity", QuantityColumn(), nullable=False),
        sa.Column("unit", text(40), nullable=True),
        sa.Column("unit_price", MoneyColumn(), nullable=False),
        sa.Column("original_price", MoneyColumn(), nullable=True),
        sa.Column("line_price", MoneyColumn(), nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.Column("image_url", text(1000), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_items")),
    )
    op.create_table(
        "order_shipments",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("carrier", text(100), nullable=False),
        sa.Column("tracking_number", text(100), nullable=True),
        sa.Column("tracking_url", text(2000), nullable=True),
        sa.Column("shipped_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_shipments_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_shipments")),
    )
    op.create_table(
        "order_taxes",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", text(200), nullable=False),
        sa.Column("rate", text(20), nullable=False),
        sa.Column("amount", MoneyColumn(), nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_taxes_order_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_taxes")),
    )
    for index in search_index.ALL.values():
        index.make(op.get_bind())


def downgrade() -> None:
    """Go back to the one before."""
    for index in search_index.ALL.values():
        index.drop(op.get_bind())
    op.drop_table("order_taxes")
    op.drop_table("order_shipments")
    op.drop_table("order_items")
    op.drop_table("order_documents")
    op.drop_table("order_adjustments")
    op.drop_table("user_roles")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_user_id"))
        batch_op.drop_index(batch_op.f("ix_sessions_account_id_created_at_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_customer_id_order_date_id"))
        batch_op.drop_index(batch_op.f("ix_orders_channel_id_order_date_id"))

    op.drop_table("orders")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_customer_id_created_at_id"))

    op.drop_table("users")
    op.drop_table("role_permissions")
    with op.batch_alter_table("payment_instruments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_instruments_customer_id_id"))

    op.drop_table("payment_instruments")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_addresses_default", sqlite_where=sa.text("is_default"), postgresql_where=sa.text("is_default")
        )
        batch_op.drop_index(batch_op.f("ix_addresses_customer_id_created_at_id"))

    op.drop_table("addresses")
    op.drop_table("roles")
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repetitions_reads_as"))
        batch_op.drop_index(batch_op.f("ix_repetitions_done_at"))
        batch_op.drop_index(batch_op.f("ix_repetitions_caller_id_done_at"))

    op.drop_table("repetitions")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registrations_created_at"))

    op.drop_table("registrations")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_mails_channel_id_urgency_due_at"),
            sqlite_where=sa.text("state = 'QUEUED'"),
            postgresql_where=sa.text("state = 'QUEUED'"),
        )
        batch_op.drop_index(batch_op.f("ix_mails_channel_id_id"))
        batch_op.drop_index(
            batch_op.f("ix_mails_channel_id_due_at"),
            sqlite_where=sa.text("state = 'QUEUED'"),
            postgresql_where=sa.text("state = 'QUEUED'"),
        )
        batch_op.drop_index(batch_op.f("ix_mails_canonical_email_address_id"))

    op.drop_table("mails")
    with op.batch_alter_table("mailed_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_tokens_subject_id_purpose"))
        batch_op.drop_index(batch_op.f("ix_mailed_tokens_expires_at"))

    op.drop_table("mailed_tokens")
    op.drop_table("mail_allowances")
    op.drop_table("imports")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_channel_id_created_at_id"))

    op.drop_table("customers")
    op.drop_table("api_key_channels")
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_sessions_admin_id_created_at_id"))

    op.drop_table("admin_sessions")
    op.drop_table("admin_channels")
    op.drop_table("accounts")
    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_throttles_ends_at"))
        batch_op.drop_index(batch_op.f("ix_throttles_account"))

    op.drop_table("throttles")
    op.drop_table("channels")
    op.drop_table("api_keys")
    op.drop_table("admins")

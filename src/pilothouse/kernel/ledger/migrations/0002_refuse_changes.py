"""The database itself refuses what nobody may do: change or delete an entry, a checkpoint or its witnessing, delete
content, or change content in any way but the one lawful erasure."""

from django.db import migrations

FROZEN = {
    "ledger_entry": "a ledger entry is never changed or deleted",
    "ledger_checkpoint": "a checkpoint is never changed or deleted",
    "ledger_witnessing": "a witnessing is never changed or deleted",
}
CONTENT = "the content of a ledger entry is never deleted, and changed only by an erasure"
ERASURE = (
    "OLD.erased_by_id IS NULL AND NEW.erased_by_id IS NOT NULL AND NEW.entry_id = OLD.entry_id"
    " AND NEW.body = '' AND NEW.salt = '' AND NEW.person_id IS NULL"
)


def sqlite():
    for table, why in FROZEN.items():
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
            )
    yield (
        "CREATE TRIGGER ledger_content_no_delete BEFORE DELETE ON ledger_content "
        f"BEGIN SELECT RAISE(ABORT, '{CONTENT}'); END"
    )
    yield (
        "CREATE TRIGGER ledger_content_only_erasure BEFORE UPDATE ON ledger_content "
        f"WHEN NOT ({ERASURE}) BEGIN SELECT RAISE(ABORT, '{CONTENT}'); END"
    )


def postgresql():
    yield (
        "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table, why in (*FROZEN.items(), ("ledger_content", CONTENT)):
        verbs = ("UPDATE", "DELETE") if table in FROZEN else ("DELETE",)
        for verb in verbs:
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION ledger_refuse('{why}')"
            )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('{why}')"
        )
    yield (
        "CREATE TRIGGER ledger_content_only_erasure BEFORE UPDATE ON ledger_content FOR EACH ROW "
        f"WHEN (NOT ({ERASURE})) EXECUTE FUNCTION ledger_refuse('{CONTENT}')"
    )


def install(apps, schema_editor):
    statements = {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]
    for statement in statements():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in (*FROZEN, "ledger_content"):
        for name in ("no_update", "no_delete", "no_truncate", "only_erasure"):
            on = f" ON {table}" if postgres else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}", params=None)
    if postgres:
        schema_editor.execute("DROP FUNCTION ledger_refuse()", params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]

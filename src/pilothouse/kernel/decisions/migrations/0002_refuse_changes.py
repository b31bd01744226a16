"""The database itself refuses to change or delete a signature."""

from django.db import migrations

TABLE = "decisions_signature"
WHY = "a signature is never changed or deleted"


def sqlite():
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
        )


def postgresql():
    yield (
        "CREATE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        yield (
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
            f"FOR EACH {level} EXECUTE FUNCTION decisions_refuse('{WHY}')"
        )


def install(apps, schema_editor):
    statements = {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]
    for statement in statements():
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    for verb in ("update", "delete", "truncate"):
        on = f" ON {TABLE}" if postgres else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}{on}", params=None)
    if postgres:
        schema_editor.execute("DROP FUNCTION decisions_refuse()", params=None)


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]

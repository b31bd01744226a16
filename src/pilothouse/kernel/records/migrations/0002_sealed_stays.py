"""The database refuses to change what was sealed, to make it a draft again, or to delete it."""

from django.db import migrations

WHY = "a sealed record never changes"
FIXED = ("body", "hash", "kind", "key", "version", "system_id", "organisation_id", "sealed_at")


def install(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if postgres else "IS NOT"
    changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FIXED)
    sealed = "OLD.hash <> ''"
    when = f"{sealed} AND (NEW.state NOT IN ('sealed', 'superseded', 'withdrawn') OR {changed})"
    if postgres:
        schema_editor.execute(
            "CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{WHY}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        body = "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION records_refuse()"
    else:
        body = f"WHEN {{}} BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
    for name, verb, condition in (("no_change", "UPDATE", when), ("no_delete", "DELETE", sealed)):
        schema_editor.execute(
            f"CREATE TRIGGER records_record_{name} BEFORE {verb} ON records_record " + body.format(condition),
            params=None,
        )


def remove(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    for name in ("no_change", "no_delete"):
        on = " ON records_record" if postgres else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS records_record_{name}{on}", params=None)
    if postgres:
        schema_editor.execute("DROP FUNCTION records_refuse()", params=None)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]

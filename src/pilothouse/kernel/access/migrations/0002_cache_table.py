"""The table of the shared cache, where the settings keep it in the database (see CACHES)."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    # Does nothing when the cache is files, or when the table is there.
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]

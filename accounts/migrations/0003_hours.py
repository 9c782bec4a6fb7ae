"""Opening hours of a team's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_routing")]
    operations = [
        migrations.AddField(model_name="team", name="hours", field=models.JSONField(blank=True, null=True)),
    ]

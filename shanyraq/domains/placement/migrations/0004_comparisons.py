import django.db.models.deletion
import shanyraq.foundation.uid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('placement', '0003_ceremony'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('request_key', models.UUIDField(db_comment='a request sent twice makes one comparison')),
                ('territory', models.CharField(blank=True, db_comment='KATO prefix; empty is the country', max_length=9)),
                ('counted_on', models.DateField(db_comment='the day whose queue, places and norms count')),
                ('rule_sets', models.JSONField(db_comment='the files as written, in the order of the page')),
                ('status', models.CharField(choices=[('running', 'running'), ('done', 'done')], max_length=7)),
                ('districts', models.JSONField(db_comment='KATO of the districts compared')),
                ('done', models.PositiveIntegerField(db_comment='districts that are computed', default=0)),
                ('inputs_hash', models.BinaryField(db_comment='of all inputs, when it is done', max_length=32, null=True)),
                ('results_hash', models.BinaryField(db_comment='of what the inputs give again', max_length=32, null=True)),
                ('results', models.JSONField(db_comment='measures by rule set: counts, no personal data', default=dict)),
                ('made_by', models.UUIDField(null=True)),
                ('made_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(db_comment='when a district was computed last')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('published_by', models.UUIDField(null=True)),
            ],
            options={
                'db_table_comment': 'Comparisons of a round with other rules',
                'indexes': [models.Index(fields=['territory', '-made_at'], name='comparison_by_territory'), models.Index(condition=models.Q(('published_at__isnull', False)), fields=['-published_at'], name='comparison_published')],
                'constraints': [models.UniqueConstraint(fields=('request_key',), name='comparison_request_once'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), models.Q(('finished_at__isnull', False), ('inputs_hash__isnull', False), ('results_hash__isnull', False)), _connector='OR'), name='comparison_done_has_results'), models.CheckConstraint(condition=models.Q(('published_at__isnull', True), ('status', 'done'), _connector='OR'), name='comparison_published_when_done'), models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('finished_at__gte', models.F('made_at')), _connector='OR'), name='comparison_ends_after_it_began')],
            },
        ),
        migrations.CreateModel(
            name='ComparisonPart',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('district', models.CharField(db_comment='KATO', max_length=9)),
                ('inputs', models.BinaryField(db_comment='canonical JSON of the round, compressed: no personal data')),
                ('near', models.BinaryField(db_comment='canonical JSON of the steps of distance, compressed')),
                ('inputs_hash', models.BinaryField(max_length=32)),
                ('near_hash', models.BinaryField(max_length=32)),
                ('results', models.JSONField(db_comment='measures by rule set')),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='placement.comparison')),
            ],
            options={
                'db_table_comment': 'Districts of comparisons',
                'constraints': [models.UniqueConstraint(fields=('comparison', 'district'), name='comparison_district_once')],
            },
        ),
    ]

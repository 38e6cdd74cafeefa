import django.db.models.deletion
import shanyraq.foundation.uid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField(db_comment='of the day')),
                ('version', models.PositiveSmallIntegerField(db_comment='0: not published; then 1, 2, ... of the year')),
                ('counted_on', models.DateField(db_comment='the day whose facts were counted')),
                ('counted_at', models.DateTimeField()),
                ('snapshot', models.CharField(db_collation='C', db_comment='fingerprint of the snapshot', max_length=64)),
                ('cards', models.CharField(db_collation='C', db_comment='SHA-256 of the cards and expressions', max_length=64)),
                ('numbers', models.PositiveIntegerField(db_comment='how many')),
                ('reason', models.CharField(blank=True, db_comment='why it differs from the version before', max_length=300)),
                ('published_by', models.UUIDField(db_comment='user; empty when a system acted', null=True)),
                ('published_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table_comment': 'Counts of all indicators, by year and version',
                'constraints': [models.UniqueConstraint(fields=('year', 'version'), name='count_once'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('version', 0)), models.Q(('published_at__isnull', False), ('version__gt', 0)), _connector='OR'), name='count_published_or_not'), models.CheckConstraint(condition=models.Q(('published_at__isnull', True), ('published_at__gte', models.F('counted_at')), _connector='OR'), name='count_published_after')],
            },
        ),
        migrations.CreateModel(
            name='Number',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('series', models.CharField(db_collation='C', db_comment='9.preschool: indicator and component', max_length=40)),
                ('territory', models.CharField(blank=True, db_collation='C', db_comment='KATO; empty: the country', max_length=9)),
                ('cut', models.CharField(blank=True, db_collation='C', db_comment='empty: the whole; else rural:urban', max_length=30)),
                ('counted', models.BigIntegerField(db_comment='rows that count; empty: hidden', null=True)),
                ('known', models.BigIntegerField(db_comment='rows of which it is known', null=True)),
                ('among', models.BigIntegerField(db_comment='rows that were asked', null=True)),
                ('value', models.FloatField(db_comment='percent or count; empty: unknown or hidden, never 0 for that', null=True)),
                ('error', models.FloatField(db_comment='standard error, of an estimate from a sample', null=True)),
                ('hidden', models.BooleanField(db_comment='small, or would give a small one away', default=False)),
                ('count', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='nation.count')),
            ],
            options={
                'db_table_comment': 'Numbers of the indicators by count, series, territory and cut',
                'indexes': [models.Index(fields=['count', 'series', 'cut'], name='number_by_series')],
                'constraints': [models.UniqueConstraint(fields=('count', 'territory', 'series', 'cut'), name='number_once')],
            },
        ),
    ]

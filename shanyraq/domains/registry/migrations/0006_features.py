import django.db.models.deletion
import shanyraq.foundation.uid
from django.db import migrations, models

from shanyraq.foundation.history import tables


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0005_leaner_indexes'),
    ]

    operations = [
        tables.forgetting("registry", "Employment"),
        migrations.CreateModel(
            name='EngagementKnown',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(db_comment='since when this is what we know')),
                ('batch', models.UUIDField(blank=True, db_comment='the change of many rows that wrote it last', null=True)),
                ('kind', models.CharField(choices=[('support', 'support'), ('dual_training', 'dual_training'), ('self_government', 'self_government'), ('debate', 'debate'), ('youth_movement', 'youth_movement'), ('volunteering', 'volunteering'), ('employed', 'employed')], max_length=16)),
                ('document', models.CharField(blank=True, db_comment='number of the paper that shows it', max_length=60)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('known_to', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'registry_engagement_known',
                'db_table_comment': 'Present and former versions of: Dual training, special support, self-government, first jobs and the like, dated',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='FeatureKnown',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(db_comment='since when this is what we know')),
                ('batch', models.UUIDField(blank=True, db_comment='the change of many rows that wrote it last', null=True)),
                ('kind', models.CharField(choices=[('water', 'water'), ('toilets', 'toilets'), ('handwashing', 'handwashing'), ('inclusive', 'inclusive'), ('internet', 'internet'), ('physics_room', 'physics_room'), ('chemistry_room', 'chemistry_room'), ('biology_room', 'biology_room'), ('robotics_room', 'robotics_room'), ('stem_room', 'stem_room'), ('sports_hall', 'sports_hall'), ('sports_kit', 'sports_kit'), ('anti_terror', 'anti_terror'), ('worldskills', 'worldskills'), ('competence_centre', 'competence_centre'), ('quality', 'quality'), ('attestation_due', 'attestation_due'), ('attested', 'attested'), ('per_capita', 'per_capita')], max_length=20)),
                ('value', models.DecimalField(db_comment='1 and 0 for yes and no; else a measure', decimal_places=2, max_digits=10)),
                ('document', models.CharField(blank=True, db_comment='number of the paper that shows it', max_length=60)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('known_to', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'registry_feature_known',
                'db_table_comment': 'Present and former versions of: Items of the passports of organisations, dated',
                'managed': False,
            },
        ),
        migrations.AddField(
            model_name='employment',
            name='from_industry',
            field=models.BooleanField(db_comment='came from production; empty: not known', null=True),
        ),
        migrations.AddField(
            model_name='employment',
            name='profile',
            field=models.BooleanField(db_comment='educated for the post; empty: not known', null=True),
        ),
        migrations.AddField(
            model_name='employmentpast',
            name='from_industry',
            field=models.BooleanField(db_column='from_industry', null=True),
        ),
        migrations.AddField(
            model_name='employmentpast',
            name='profile',
            field=models.BooleanField(db_column='profile', null=True),
        ),
        migrations.CreateModel(
            name='EngagementPast',
            fields=[
                ('id', models.UUIDField(db_column='id')),
                ('recorded_at', models.DateTimeField(db_column='recorded_at')),
                ('batch', models.UUIDField(db_column='batch', null=True)),
                ('person_id', models.UUIDField(db_column='person_id')),
                ('kind', models.CharField(db_column='kind', max_length=16)),
                ('document', models.CharField(db_column='document', max_length=60)),
                ('valid_from', models.DateField(db_column='valid_from')),
                ('valid_to', models.DateField(db_column='valid_to', null=True)),
                ('version', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('known_to', models.DateTimeField(db_comment='since when we know better')),
            ],
            options={
                'db_table': 'registry_engagement_past',
                'db_table_comment': 'Former versions of: Dual training, special support, self-government, first jobs and the like, dated',
                'indexes': [models.Index(fields=['id'], name='engagement_past_by_id')],
            },
        ),
        migrations.CreateModel(
            name='FeaturePast',
            fields=[
                ('id', models.UUIDField(db_column='id')),
                ('recorded_at', models.DateTimeField(db_column='recorded_at')),
                ('batch', models.UUIDField(db_column='batch', null=True)),
                ('organisation_id', models.UUIDField(db_column='organisation_id')),
                ('kind', models.CharField(db_column='kind', max_length=20)),
                ('value', models.DecimalField(db_column='value', decimal_places=2, max_digits=10)),
                ('document', models.CharField(db_column='document', max_length=60)),
                ('valid_from', models.DateField(db_column='valid_from')),
                ('valid_to', models.DateField(db_column='valid_to', null=True)),
                ('version', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('known_to', models.DateTimeField(db_comment='since when we know better')),
            ],
            options={
                'db_table': 'registry_feature_past',
                'db_table_comment': 'Former versions of: Items of the passports of organisations, dated',
                'indexes': [models.Index(fields=['id'], name='feature_past_by_id')],
            },
        ),
        migrations.CreateModel(
            name='Engagement',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(db_comment='since when this is what we know')),
                ('batch', models.UUIDField(blank=True, db_comment='the change of many rows that wrote it last', null=True)),
                ('kind', models.CharField(choices=[('support', 'support'), ('dual_training', 'dual_training'), ('self_government', 'self_government'), ('debate', 'debate'), ('youth_movement', 'youth_movement'), ('volunteering', 'volunteering'), ('employed', 'employed')], max_length=16)),
                ('document', models.CharField(blank=True, db_comment='number of the paper that shows it', max_length=60)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='registry.person')),
            ],
            options={
                'db_table_comment': 'Dual training, special support, self-government, first jobs and the like, dated',
                'indexes': [models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='engagement_by_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='engagement_period_holds_a_day'), models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('person', 'kind'), name='engagement_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Feature',
            fields=[
                ('id', models.UUIDField(default=shanyraq.foundation.uid.new_id, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(db_comment='since when this is what we know')),
                ('batch', models.UUIDField(blank=True, db_comment='the change of many rows that wrote it last', null=True)),
                ('kind', models.CharField(choices=[('water', 'water'), ('toilets', 'toilets'), ('handwashing', 'handwashing'), ('inclusive', 'inclusive'), ('internet', 'internet'), ('physics_room', 'physics_room'), ('chemistry_room', 'chemistry_room'), ('biology_room', 'biology_room'), ('robotics_room', 'robotics_room'), ('stem_room', 'stem_room'), ('sports_hall', 'sports_hall'), ('sports_kit', 'sports_kit'), ('anti_terror', 'anti_terror'), ('worldskills', 'worldskills'), ('competence_centre', 'competence_centre'), ('quality', 'quality'), ('attestation_due', 'attestation_due'), ('attested', 'attested'), ('per_capita', 'per_capita')], max_length=20)),
                ('value', models.DecimalField(db_comment='1 and 0 for yes and no; else a measure', decimal_places=2, max_digits=10)),
                ('document', models.CharField(blank=True, db_comment='number of the paper that shows it', max_length=60)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='features', to='registry.organisation')),
            ],
            options={
                'db_table_comment': 'Items of the passports of organisations, dated',
                'indexes': [models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='feature_by_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='feature_period_holds_a_day'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='feature_not_below_zero'), models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('organisation', 'kind'), name='feature_open_once')],
            },
        ),
        tables.remembering("registry", "Employment", "Engagement", "Feature"),
    ]

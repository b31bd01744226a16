from collections import Counter
from datetime import UTC, datetime

import pytest

from pilothouse.demo.generate import STORIES, _tell, introduce
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.ledger.verify import verify
from pilothouse.kernel.reviews.models import Review

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = settings.HOME = tmp_path


def tell(number: int) -> Organisation:
    slug, name, zone, story = STORIES[number]
    return _tell(slug, name, zone, TODAY, story)


@pytest.mark.django_db
def test_vliet_has_three_pilots_and_the_best_reaches_production():
    vliet = tell(0)
    stages = dict(System.objects.filter(organisation=vliet).values_list("name", "stage"))
    assert stages["Job posting writer"] == "production"
    assert len(stages) == 3
    assert vliet.is_demo
    assert verify(vliet).ok
    assert introduce()


@pytest.mark.django_db
def test_the_year_is_told_in_order_and_never_beyond_today():
    vliet = tell(0)
    times = list(Entry.objects.filter(organisation=vliet).order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= TODAY
    assert (times[-1] - times[0]).days > 300


@pytest.mark.full
@pytest.mark.django_db
def test_meridian_lives():
    meridian = tell(1)
    systems = System.objects.filter(organisation=meridian)
    assert 110 <= systems.count() <= 130
    assert systems.filter(owner=None).exists()
    assert systems.filter(stage="production", tier="high").exists()
    waiting = set(Decision.objects.filter(organisation=meridian, state="open").values_list("kind", flat=True))
    assert {"gate", "waiver", "rulebook.loosen", "answer.held"} <= waiting
    states = Counter(Review.objects.filter(organisation=meridian).values_list("state", flat=True))
    assert states == {"waiting": 4, "released": 2, "edited": 1, "refused": 1}
    assert verify(meridian).ok

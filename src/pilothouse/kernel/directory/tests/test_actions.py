from datetime import timedelta

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Deputy, Membership, Organisation, Person, Role, Token, Unit
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.access.selectors import actor_of_person, actor_of_token, token_of_secret
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.notify.models import Notice

NEVER = Entry.objects.none


def role(cast, key):
    title, permissions = ROLES[key]
    return Role.objects.get_or_create(
        organisation=cast.organisation, key=key, defaults={"title": title, "permissions": permissions}
    )[0]


def last():
    return Entry.objects.order_by("-seq").first()


def days(count):
    return timezone.now() + timedelta(days=count)


# Organisations


def test_it_works(db):
    organisation = do.organisation_create(slug="quay", name="Quay  Works", by="CLI (root)", currency="USD")
    assert (organisation.name, organisation.currency) == ("Quay Works", "USD")
    assert Role.objects.filter(organisation=organisation).count() == len(ROLES)
    assert Unit.objects.get(organisation=organisation).name == "Quay Works"
    assert last().action == "organisation.created"


@pytest.mark.parametrize("wrong", [{"slug": "A b"}, {"name": " "}, {"currency": "eur"}, {"time_zone": "Mars/Base"}])
def test_an_organisation_needs_sense(db, wrong):
    with pytest.raises(Invalid):
        do.organisation_create(**{"slug": "quay", "name": "Quay", **wrong})
    assert Organisation.objects.count() == 0


def test_a_short_name_is_taken_once(cast):
    with pytest.raises(Conflict):
        do.organisation_create(slug="harbour", name="Other")


def test_an_organisation_is_changed_by_who_may(cast):
    do.organisation_change(actor=cast.actor("caio"), changes={"currency": "GBP", "name": "Harbour"})
    assert Content.objects.get(entry=last()).body.count("GBP") == 1
    with pytest.raises(Forbidden):
        do.organisation_change(actor=cast.actor("bob"), changes={"currency": "USD"})
    with pytest.raises(Invalid):
        do.organisation_change(actor=cast.actor("caio"), changes={"slug": "x"})


# Units


def tree(cast):
    actor = cast.actor("caio")
    top = do.unit_add(actor=actor, name="Top", parent=None)
    left, right = (do.unit_add(actor=actor, name=name, parent=top) for name in ("Left", "Right"))
    return actor, top, left, right, do.unit_add(actor=actor, name="Leaf", parent=left)


def test_a_moved_unit_takes_what_is_below_along(cast):
    actor, _, left, right, leaf = tree(cast)
    do.unit_move(actor=actor, unit=left, parent=right)
    leaf.refresh_from_db()
    left.refresh_from_db()
    assert leaf.path == f"{left.path}{leaf.pk.hex}/"
    assert left.path.startswith(right.path)


def test_a_unit_cannot_be_moved_into_itself(cast):
    actor, top, _, _, leaf = tree(cast)
    with pytest.raises(Invalid):
        do.unit_move(actor=actor, unit=top, parent=leaf)


def test_a_unit_name_is_free_once_in_its_place(cast):
    actor, top, left, _, _ = tree(cast)
    with pytest.raises(Conflict):
        do.unit_add(actor=actor, name="Left", parent=top)
    with pytest.raises(Conflict):
        do.unit_rename(actor=actor, unit=left, name="Right")


def test_a_tree_has_a_floor(cast):
    actor, unit = cast.actor("caio"), None
    for depth in range(12):
        unit = do.unit_add(actor=actor, name=f"Level {depth}", parent=unit)
    with pytest.raises(Invalid):
        do.unit_add(actor=actor, name="Too deep", parent=unit)


def test_a_manager_of_a_unit_stays_in_it(cast):
    _, _, left, right, _ = tree(cast)
    hr = role(cast, "hr")
    Membership.objects.create(organisation=cast.organisation, person=cast.people["employee"], role=hr, unit=left)
    local = cast.actor("employee")
    person = do.person_add(actor=local, name="Lin", unit=left)
    with pytest.raises(Forbidden):
        do.person_add(actor=local, name="Lou", unit=None)
    for unit in (None, right):
        with pytest.raises((Forbidden, NotFound)):
            do.unit_add(actor=local, name="Annex", parent=unit)
        with pytest.raises((Forbidden, NotFound)):
            do.person_change(actor=local, person=person, changes={"unit": unit})
        with pytest.raises((Forbidden, NotFound)):
            do.membership_grant(actor=local, person=person, role=role(cast, "board"), unit=unit)
    do.membership_grant(actor=local, person=person, role=role(cast, "board"), unit=left)


# People


def test_a_person_is_added_and_changed(cast):
    actor = cast.actor("caio")
    person = do.person_add(actor=actor, name=" Dana  Roe ", email="Dana@Harbour.example")
    assert (person.name, person.email) == ("Dana Roe", "dana@harbour.example")
    do.person_change(actor=actor, person=person, changes={"title": "Analyst", "name": "Dana Roe"})
    assert '"after":{"title":"Analyst"}' in Content.objects.get(entry=last()).body


@pytest.mark.parametrize("wrong", [{"name": ""}, {"email": "no address"}, {"email": "a@b"}])
def test_a_person_needs_sense(cast, wrong):
    with pytest.raises(Invalid):
        do.person_add(actor=cast.actor("caio"), **{"name": "Dana", **wrong})


def test_an_address_belongs_to_one_person(cast):
    with pytest.raises(Conflict):
        do.person_add(actor=cast.actor("caio"), name="Alice", email="ALICE@harbour.example")


@pytest.mark.parametrize(("who", "refused"), [("bob", Forbidden), ("charlie", NotFound)])
def test_people_are_managed_by_who_may(cast, who, refused):
    alice, actor = cast.people["alice"], cast.actor(who)
    before = Entry.objects.count()
    for attempt in (
        lambda: do.person_change(actor=actor, person=alice, changes={"name": "Mine"}),
        lambda: do.person_invite(actor=actor, person=alice),
        lambda: do.person_leave(actor=actor, person=alice),
        lambda: do.membership_grant(actor=actor, person=alice, role=role(cast, "board")),
        lambda: do.membership_revoke(actor=actor, membership=alice.memberships.get()),
    ):
        with pytest.raises((refused, NotFound)):
            attempt()
    assert Entry.objects.count() == before


def test_an_invitation_gives_a_user_without_a_password(cast):
    actor = cast.actor("caio")
    person = do.person_add(actor=actor, name="Dana", email="dana@harbour.example")
    user = do.person_invite(actor=actor, person=person)
    assert not user.has_usable_password()
    assert do.person_invite(actor=actor, person=person) == user
    with pytest.raises(Invalid):
        do.person_invite(actor=actor, person=do.person_add(actor=actor, name="Nomail"))


def test_the_address_of_a_powerful_person_is_theirs_to_change(cast):
    hr = cast.people["employee"]
    do.membership_grant(actor=system_actor(cast.organisation.pk), person=hr, role=role(cast, "hr"))
    with pytest.raises(Forbidden) as refused:
        do.person_change(actor=cast.actor("employee"), person=cast.people["caio"], changes={"email": hr.email + "x"})
    assert refused.value.code == "needs_second_person"
    do.person_change(actor=cast.actor("employee"), person=cast.people["bob"], changes={"email": "b@harbour.example"})


def test_a_leaver_leaves_nothing_behind(cast):
    alice, caio = cast.people["alice"], cast.actor("caio")
    system = system_create(actor=cast.actor("alice"), name="CV summary", owner_id=alice.pk)
    token = do.token_issue(actor=cast.actor("alice"), name="laptop", scopes=["organisation.view"], expires_at=days(30))
    do.deputy_appoint(
        actor=cast.actor("alice"), person=alice, deputy=cast.people["bob"], starts_at=days(-1), ends_at=days(9)
    )
    assert do.person_leave(actor=caio, person=alice, reason="New job") == 1
    system.refresh_from_db()
    assert system.owner_id is None
    assert not alice.memberships.exists()
    assert token_of_secret(token.secret) is None
    assert actor_of_person(cast.people["bob"], via="page").stands_for == {cast.people["bob"].pk}
    told = set(Entry.objects.values_list("action", flat=True))
    assert {"person.left", "membership.ended", "token.revoked", "system.owner_left"} <= told
    assert do.person_leave(actor=caio, person=alice) == 0
    do.person_return(actor=caio, person=alice)
    assert actor_of_person(Person.objects.get(pk=alice.pk), via="page").grants == {}


def test_that_a_powerful_person_left_is_told_to_who_could_object(cast):
    do.membership_grant(actor=system_actor(cast.organisation.pk), person=cast.people["bob"], role=role(cast, "caio"))
    do.person_leave(actor=cast.actor("caio"), person=cast.people["bob"])
    assert not Notice.objects.exists()
    do.membership_grant(actor=system_actor(cast.organisation.pk), person=cast.people["employee"], role=role(cast, "hr"))
    do.person_leave(actor=cast.actor("employee"), person=cast.people["risk"])
    assert [notice.person for notice in Notice.objects.all()] == [cast.people["caio"]]


def test_a_password_is_set_by_the_operator_alone(cast):
    user = cast.people["bob"].user
    with pytest.raises(Forbidden):
        do.password_set(actor=cast.actor("caio"), user=user, password="an entirely new long password")
    operator = system_actor(cast.organisation.pk)
    with pytest.raises(Invalid):
        do.password_set(actor=operator, user=user, password="short")
    do.password_set(actor=operator, user=user, password="an entirely new long password")
    user.refresh_from_db()
    assert user.check_password("an entirely new long password")
    assert last().action == "person.password_set"


def test_nobody_takes_themselves_out(cast):
    with pytest.raises(Forbidden):
        do.person_leave(actor=cast.actor("caio"), person=cast.people["caio"])


# Roles held


def test_a_plain_role_is_given_and_taken(cast):
    caio, bob = cast.actor("caio"), cast.people["bob"]
    membership = do.membership_grant(actor=caio, person=bob, role=role(cast, "reviewer"))
    assert do.membership_grant(actor=caio, person=bob, role=role(cast, "reviewer")) == membership
    assert Entry.objects.filter(action="membership.granted").count() == 1
    do.membership_revoke(actor=caio, membership=membership)
    assert last().action == "membership.revoked"


@pytest.mark.parametrize("key", ["caio", "ciso", "hr", "risk", "legal"])
def test_nobody_gives_a_powerful_role_alone(cast, key):
    with pytest.raises(Forbidden) as refused:
        do.membership_grant(actor=cast.actor("caio"), person=cast.people["bob"], role=role(cast, key))
    assert refused.value.code == "needs_second_person"


def test_nobody_takes_a_powerful_role_from_another_alone_but_may_give_it_up(cast):
    held = cast.people["ciso"].memberships.get()
    with pytest.raises(Forbidden):
        do.membership_revoke(actor=cast.actor("caio"), membership=held)
    own = cast.people["caio"].memberships.get()
    do.membership_revoke(actor=cast.actor("caio"), membership=own)
    assert not Membership.objects.filter(pk=own.pk).exists()


def test_the_operator_gives_the_first_powerful_role(cast):
    do.membership_grant(actor=system_actor(cast.organisation.pk), person=cast.people["bob"], role=role(cast, "caio"))
    assert cast.actor("bob").may("role.change")


def test_a_role_of_another_organisation_is_not_there(cast):
    theirs = Role.objects.get(organisation=cast.elsewhere, key="caio")
    with pytest.raises(NotFound):
        do.membership_grant(actor=cast.actor("caio"), person=cast.people["bob"], role=theirs)


def test_a_leaver_gets_no_role(cast):
    do.person_leave(actor=cast.actor("caio"), person=cast.people["bob"])
    with pytest.raises(Conflict):
        do.membership_grant(actor=cast.actor("caio"), person=cast.people["bob"], role=role(cast, "board"))


# Deputies


def test_a_deputy_acts_in_the_time_that_was_set(cast):
    caio = cast.people["caio"]
    row = do.deputy_appoint(
        actor=cast.actor("caio"), person=caio, deputy=cast.people["bob"], starts_at=days(-1), ends_at=days(1)
    )
    assert cast.actor("bob").may("role.change")
    do.deputy_end(actor=cast.actor("bob"), appointment=row)
    assert not cast.actor("bob").may("role.change")
    assert last().action == "deputy.ended"


@pytest.mark.parametrize(("start", "end"), [(2, 1), (-3, -1), (0, 400)])
def test_a_deputy_needs_a_sensible_time(cast, start, end):
    with pytest.raises(Invalid):
        do.deputy_appoint(
            actor=cast.actor("caio"), person=cast.people["caio"], deputy=cast.people["bob"],
            starts_at=days(start), ends_at=days(end),
        )  # fmt: skip


def test_nobody_becomes_the_deputy_of_a_powerful_person_by_their_own_word(cast):
    hr = system_actor(cast.organisation.pk)
    do.membership_grant(actor=hr, person=cast.people["employee"], role=role(cast, "hr"))
    period = {"starts_at": days(0), "ends_at": days(3)}
    with pytest.raises(Forbidden):
        do.deputy_appoint(
            actor=cast.actor("employee"), person=cast.people["caio"], deputy=cast.people["employee"], **period
        )
    do.deputy_appoint(actor=cast.actor("employee"), person=cast.people["bob"], deputy=cast.people["alice"], **period)


def test_deputies_are_people_of_here_and_not_oneself(cast):
    period = {"starts_at": days(0), "ends_at": days(3)}
    caio = cast.people["caio"]
    with pytest.raises(Invalid):
        do.deputy_appoint(actor=cast.actor("caio"), person=caio, deputy=caio, **period)
    with pytest.raises(NotFound):
        do.deputy_appoint(actor=cast.actor("caio"), person=caio, deputy=cast.people["charlie"], **period)
    do.deputy_appoint(actor=cast.actor("caio"), person=caio, deputy=cast.people["bob"], **period)
    with pytest.raises(Conflict):
        do.deputy_appoint(actor=cast.actor("caio"), person=caio, deputy=cast.people["bob"], **period)


def test_only_those_concerned_end_an_appointment(cast):
    row = do.deputy_appoint(
        actor=cast.actor("caio"), person=cast.people["caio"], deputy=cast.people["bob"],
        starts_at=days(2), ends_at=days(3),
    )  # fmt: skip
    for who, refused in (("alice", (Forbidden, NotFound)), ("charlie", NotFound)):
        with pytest.raises(refused):
            do.deputy_end(actor=cast.actor(who), appointment=row)
    do.deputy_end(actor=cast.actor("caio"), appointment=row)
    assert not Deputy.objects.filter(ends_at__gt=timezone.now()).exists()


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(cast):
    issued = do.token_issue(actor=cast.actor("bob"), name="CI", scopes=["system.view"], expires_at=days(30))
    assert issued.secret not in str(Token.objects.filter(pk=issued.token.pk).values().get())
    assert issued.secret.rsplit("_", 1)[1] not in Content.objects.get(entry=last()).body
    assert issued.secret not in repr(issued)
    found = token_of_secret(issued.secret)
    assert actor_of_token(found).person_id == cast.people["bob"].pk


def test_nobody_hands_out_more_than_they_hold(cast):
    with pytest.raises(Forbidden):
        do.token_issue(actor=cast.actor("bob"), name="CI", scopes=["people.manage"], expires_at=days(30))
    with pytest.raises(Forbidden):
        do.token_issue(actor=cast.actor("bob"), name="CI", scopes=["system.view"], expires_at=days(30), service=True)
    with pytest.raises(Forbidden):
        do.token_issue(
            actor=cast.actor("bob"), person=cast.people["caio"], name="CI", scopes=["system.view"], expires_at=days(3)
        )
    with pytest.raises(Forbidden):
        do.token_issue(actor=cast.actor("employee"), name="CI", scopes=["organisation.view"], expires_at=days(3))


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["all"]}, {"name": ""}, {"expires_at": 366}, {"expires_at": -1}]
)
def test_a_token_needs_sense(cast, wrong):
    wanted = {"name": "CI", "scopes": ["system.view"], "expires_at": 30, **wrong}
    with pytest.raises(Invalid):
        do.token_issue(actor=cast.actor("bob"), **{**wanted, "expires_at": days(wanted["expires_at"])})


def test_a_token_is_revoked_by_its_person_or_a_manager_only(cast):
    issued = do.token_issue(actor=cast.actor("bob"), name="CI", scopes=["system.view"], expires_at=days(30))
    for who in ("alice", "charlie"):
        with pytest.raises(NotFound):
            do.token_revoke(actor=cast.actor(who), token=issued.token)
    do.token_revoke(actor=cast.actor("caio"), token=issued.token)
    assert token_of_secret(issued.secret) is None
    with pytest.raises(Conflict):
        do.token_rotate(actor=cast.actor("bob"), token=issued.token)


def test_a_rotated_token_has_one_secret(cast):
    issued = do.token_issue(actor=cast.actor("bob"), name="CI", scopes=["system.view"], expires_at=days(30))
    fresh = do.token_rotate(actor=cast.actor("bob"), token=issued.token)
    assert token_of_secret(issued.secret) is None
    assert token_of_secret(fresh.secret) == issued.token
    with pytest.raises(Forbidden):
        do.token_rotate(actor=cast.actor("caio"), token=issued.token)


def test_a_service_token_acts_with_its_scopes_in_its_organisation(cast):
    issued = do.token_issue(
        actor=cast.actor("caio"), name="SCIM", scopes=["people.manage"], expires_at=days(300), service=True
    )
    actor = actor_of_token(token_of_secret(issued.secret))
    assert (actor.organisation_id, actor.person_id) == (cast.organisation.pk, None)
    assert actor.may("people.manage")
    assert not actor.may("system.view")
    with pytest.raises(Forbidden):
        do.membership_grant(actor=actor, person=cast.people["bob"], role=role(cast, "caio"))

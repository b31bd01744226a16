import pytest

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.models import Membership, Role
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.directory.actions import person_leave
from pilothouse.kernel.directory.power import power_request, role_add, role_change_propose
from pilothouse.kernel.directory.rules import is_powerful, widened
from pilothouse.kernel.ledger.models import Entry


def role(cast, key):
    title, permissions = ROLES[key]
    return Role.objects.get_or_create(
        organisation=cast.organisation, key=key, defaults={"title": title, "permissions": permissions}
    )[0]


def sign(cast, who, decision, verdict="approve"):
    return decision_sign(
        actor=cast.actor(who), decision=decision, verdict=verdict, reason="Seen.", content_hash=decision.content_hash
    )


def ask(cast, person="bob", key="cto", **more):
    return power_request(
        actor=cast.actor("caio"), person=cast.people[person], role=role(cast, key), reason="New task", **more
    )


def test_it_works(cast):
    decision = ask(cast)
    assert not cast.actor("bob").may("breakglass.open")
    sign(cast, "risk", decision)
    assert cast.actor("bob").may("breakglass.open")
    assert Entry.objects.filter(action="membership.granted").count() == 1


def test_a_powerful_role_is_taken_by_two(cast):
    decision = ask(cast, "ciso", "ciso", give=False)
    sign(cast, "legal", decision)
    assert not Membership.objects.filter(person=cast.people["ciso"]).exists()


def test_neither_who_asks_nor_whom_it_is_about_decides(cast):
    decision = ask(cast, "risk", "legal")
    for who in ("caio", "risk"):
        with pytest.raises(Forbidden):
            sign(cast, who, decision)
    assert not Membership.objects.filter(person=cast.people["risk"], role__key="legal").exists()


def test_a_refusal_changes_nothing(cast):
    sign(cast, "risk", ask(cast), "refuse")
    assert not cast.actor("bob").may("breakglass.open")


def test_what_is_so_already_is_not_asked(cast):
    with pytest.raises(Conflict):
        ask(cast, "ciso", "ciso")
    with pytest.raises(Conflict):
        ask(cast, "bob", "ciso", give=False)
    with pytest.raises(Invalid):
        power_request(actor=cast.actor("caio"), person=cast.people["bob"], role=role(cast, "cto"), reason=" ")


def test_a_leaver_meanwhile_voids_it(cast):
    decision = ask(cast)
    person_leave(actor=cast.actor("caio"), person=cast.people["bob"])
    with pytest.raises(Conflict):
        sign(cast, "risk", decision)
    assert not Membership.objects.filter(person=cast.people["bob"]).exists()


def test_a_role_that_changed_meanwhile_voids_it(cast):
    decision, cto = ask(cast), role(cast, "cto")
    cto.permissions = {**cto.permissions, "ledger.erase": "all"}
    cto.save()
    with pytest.raises(Conflict):
        sign(cast, "risk", decision)


def test_what_a_role_may_do_is_changed_by_two(cast):
    engineer = role(cast, "engineer")
    wanted = {**engineer.permissions, "system.bulk": "all"}
    decision = role_change_propose(actor=cast.actor("caio"), role=engineer, permissions=wanted, reason="Fewer clicks")
    assert "Change many systems at once" in decision.summary
    assert not cast.actor("bob").may("system.bulk")
    with pytest.raises(Forbidden):
        sign(cast, "caio", decision)
    sign(cast, "risk", decision)
    assert cast.actor("bob").may("system.bulk")


@pytest.mark.parametrize("permissions", [{"no.such": "all"}, {"system.view": "some"}, ROLES["engineer"][1]])
def test_a_change_needs_sense(cast, permissions):
    with pytest.raises(Invalid):
        role_change_propose(
            actor=cast.actor("caio"), role=role(cast, "engineer"), permissions=permissions, reason="Because"
        )


def test_a_new_role_may_nearly_nothing(cast):
    fresh = role_add(actor=cast.actor("caio"), key="steward", title="Data steward")
    assert fresh.permissions == {"organisation.view": "all"}
    with pytest.raises(Conflict):
        role_add(actor=cast.actor("caio"), key="steward", title="Again")
    with pytest.raises(Invalid):
        role_add(actor=cast.actor("caio"), key="Ste ward", title="Again")
    with pytest.raises(Forbidden):
        role_add(actor=cast.actor("bob"), key="mine", title="Mine")


def test_widened():
    assert widened({"a": "own", "b": "all"}, {"a": "all", "b": "own", "c": "own"}) == ["a", "c"]
    assert is_powerful(["system.view", "people.manage"])
    assert not is_powerful(ROLES["auditor"][1])

"""The people of the demo organisations. All names are invented; addresses end in .example, which nobody can own."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST_NAMES = (
    "Amara Bastian Chiara Dmitri Elena Farid Greta Hassan Ines Jonas Keiko Leon Marta Nadia Oskar Priya Quentin Rosa "
    "Samir Tove Umar Vera Wim Xenia Yusuf Zofia Anders Beatriz Cedric Dalia Emil Freya Goran Hana Ivo Jelena Karim "
    "Lucia Mateo Noemi Olav Paula Ramon Sigrid Tomas Ulla Viktor Wanda Yara Zeno"
).split()
LAST_NAMES = (
    "Almeida Berg Castell Drews Eriksen Fontana Grau Haddad Ilves Jansson Kovac Lindt Moreau Novak Okafor Petrov Quist "
    "Rossi Sato Toledo Ullmann Varga Weiss Ximenes Ypma Zeller Adeyemi Brandt Costa Demir Ekman Farkas Gallo Holm"
).split()

OFFICERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # name, title, unit (empty: the group), roles
    ("Ingrid Halvorsen", "Chief AI Officer", "", ("caio",)),
    ("Rafael Montoya", "Chief information security officer", "Technology", ("ciso",)),
    ("Birgit Aalto", "Chief information officer", "Technology", ("cio",)),
    ("Kwame Boateng", "Chief technology officer", "Technology", ("cto",)),
    ("Louise Perrin", "Chief financial officer", "Finance and risk", ("cfo",)),
    ("Tariq Mansour", "Head of operations", "Customer service", ("operations",)),
    ("Helena Brandão", "Head of human resources", "Human resources", ("hr",)),
    ("Matthias Keller", "General counsel and data protection officer", "", ("legal",)),
    ("Sunniva Dahl", "Head of risk and compliance", "Finance and risk", ("risk",)),
    ("Dorothea Lang", "Internal auditor", "", ("auditor",)),
    ("Albert Nyström", "Chair of the board's technology committee", "", ("board",)),
    ("Mei Tanaka", "Lead machine-learning engineer", "Technology", ("engineer",)),
    ("Joaquim Reis", "Model reviewer", "Finance and risk", ("reviewer",)),
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person to be added, and whether the demo lets one sign in as them."""

    name: str
    title: str
    unit: str
    roles: tuple[str, ...]
    email: str


def address(name: str, domain: str) -> str:
    """An address from a name: accents folded, spaces to dots."""
    folded = name.lower().translate(str.maketrans("ãöøåéüáíóñ", "aooaeuaion"))
    return f"{folded.replace(' ', '.')}@{domain}"


def owners(units: list[str], domain: str, each: int, rng: random.Random) -> list[Someone]:
    """`each` system owners for every unit, no name twice."""
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    chosen = rng.sample(names, each * len(units))
    return [
        Someone(name, "Product owner", units[i // each], ("owner",), address(name, domain))
        for i, name in enumerate(chosen)
    ]

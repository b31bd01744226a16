"""Vliet Staffing, an imaginary staffing firm of fifty with three pilots and a fractional CAIO. All names are invented."""

from __future__ import annotations

PEOPLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # name, title, unit, roles
    ("Noor Vermeer", "Fractional Chief AI Officer", "Direction", ("caio",)),
    ("Joost van Vliet", "Managing director", "Direction", ("cio", "cfo", "board")),
    ("Sanne de Wit", "Operations manager", "Operations", ("operations", "owner")),
    ("Emre Kaya", "Lead recruiter", "Recruitment", ("owner",)),
    ("Lotte Jansen", "Recruiter", "Recruitment", ("owner",)),
    ("Pieter Smit", "Client manager", "Client service", ("owner",)),
    ("Anouk Bakker", "Privacy officer (one day a week)", "Direction", ("legal", "risk")),
    ("Ruben Visser", "IT support, also information security", "Operations", ("ciso", "engineer")),
)
"""Those who act in the story. The other forty-two are employees."""

UNITS = ("Direction", "Recruitment", "Client service", "Operations")

FIRST_NAMES = (
    "Daan Tess Bram Iris Sem Fleur Thijs Roos Finn Lieke Jasper Maud Koen Eva Stijn Yara Mats Nina Tygo Jula Gijs "
    "Vera Luuk Isa Tim Floor Sven Elin Bas Puck Hugo Lynn Job Saar Max Liv Rens Noa Teun Ella Kai Mila"
).split()
LAST_NAMES = "Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Kok Jacobs Maas Postma Willems Schouten".split()

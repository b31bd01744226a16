"""Check digits and plausible values: what tells an identifier from a number that only looks like one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import date

from stdnum import luhn
from stdnum.be import nn as belgium
from stdnum.ch import ssn as switzerland
from stdnum.de import idnr as germany
from stdnum.dk import cpr as denmark
from stdnum.es import dni as spain
from stdnum.es import nie as spain_foreign
from stdnum.exceptions import ValidationError
from stdnum.fr import nir as france
from stdnum.gb import nhs as britain_health
from stdnum.it import codicefiscale as italy
from stdnum.nl import bsn as netherlands
from stdnum.pl import pesel as poland
from stdnum.pt import cc as portugal
from stdnum.se import personnummer as sweden
from stdnum.us import ssn as united_states

# Length of an IBAN by country (ISO 13616 registry).
_IBAN_LENGTHS: Mapping[str, int] = {
    country: int(length)
    for length, countries in (
        ("15", "NO"), ("16", "BE"), ("18", "DK FI NL FO GL"), ("19", "MK SI"), ("20", "AT BA EE KZ LT LU XK"),
        ("21", "CH HR LI LV"), ("22", "BG BH CR DE GB GE IE ME RS"), ("23", "AE GI IL IQ TL"),
        ("24", "AD CZ ES MD PK RO SA SE SK TN VG"), ("25", "PT LY"), ("26", "IS TR"), ("27", "FR GR IT MC MR SM"),
        ("28", "AL AZ BY CY DO GT HU LB PL SV"), ("29", "BR EG PS QA UA"), ("30", "JO KW MU"), ("31", "MT SC"),
        ("32", "LC"), ("33", "RU"),
    )
    for country in countries.split()
}  # fmt: skip


def iban_length(text: str) -> int:
    """How many characters of `text` (spaces and all) are an IBAN that begins it; 0 where none does (mod 97)."""
    wanted = _IBAN_LENGTHS.get(text[:2], 0)
    taken = used = 0
    while taken < len(text) and used < wanted:
        used += text[taken] != " "
        taken += 1
    compact = text[:taken].replace(" ", "")
    if not wanted or len(compact) != wanted:
        return 0
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    return taken if int(digits) % 97 == 1 else 0


def card(digits: str) -> bool:
    """Whether these digits are a payment card's: an issuer's range, its length, and Luhn's check digit."""
    head, length = int(digits[:4]), len(digits)
    fits = (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((5100 <= head <= 5599 or 2221 <= head <= 2720) and length == 16)
        or (digits[:2] in ("34", "37") and length == 15)
        or ((head == 6011 or digits[:2] == "65" or 6440 <= head <= 6499) and length in (16, 19))
        or (3528 <= head <= 3589 and length == 16)
        or (digits[:2] in ("36", "38", "39") and length == 14)
        or (digits[:2] == "62" and 16 <= length <= 19)
    )
    return fits and len(set(digits)) > 1 and luhn.is_valid(digits)


def _checked(validate: Callable[[str], object]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            validate(text)
        except (ValidationError, ValueError):
            return False
        return True

    return holds


# Identifiers whose shape is so particular that the check digit suffices.
DISTINCT: Mapping[str, Callable[[str], bool]] = {
    "es": _checked(spain.validate),
    "es_foreign": _checked(spain_foreign.validate),
    "fr": _checked(france.validate),
    "it": _checked(italy.validate),
    "ch": _checked(switzerland.validate),
    "be": _checked(belgium.validate),
    "se": _checked(sweden.validate),
}
# Bare digits with one check digit: one number in ten or eleven passes by chance, so words around it must say so too.
BARE: tuple[Callable[[str], bool], ...] = tuple(
    _checked(module.validate)
    for module in (
        germany,
        netherlands,
        poland,
        britain_health,
        denmark,
        portugal,
        belgium,
        france,
        sweden,
        united_states,
    )
)


def british_insurance_number(text: str) -> bool:
    """A National Insurance number has no check digit, only prefixes that are never given out."""
    head = text[:2].upper()
    return not (head[0] in "DFIQUV" or head[1] in "DFIQUVO" or head in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"))


def address(text: str) -> bool:
    """Whether this is an IP address of some machine: not loopback, unspecified or a mask."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    if found.version == 6 and text.count(":") < 3:
        return False
    return not (found.is_loopback or found.is_unspecified or found.is_multicast or text.startswith("255."))


def day(year: int, month: int, of_month: int) -> bool:
    """Whether a person alive can have been born on this day."""
    try:
        date(year, month, of_month)
    except ValueError:
        return False
    return 1900 <= year <= 2030

"""A labelled set of our own: sentences in six languages with made-up values whose check digits are right.

Also what must not be found: order numbers, versions, measurements, dates that are nobody's birthday, hashes.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from random import Random

from stdnum import luhn
from stdnum.de import idnr
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.it import codicefiscale


@dataclass(frozen=True)
class Labelled:
    locale: str
    text: str
    spans: tuple[tuple[str, int, int], ...]
    """(kind, start, end) in characters."""


TEMPLATES: dict[str, list[str]] = {
    "en": [
        "Please send the contract to {email} before Friday.",
        "Dear team, {email} asked us to call back on {phone} after lunch.",
        "You can reach me at {phone} or by mail ({email}).",
        "Refund it to the account {iban}, not to the card {card}.",
        "My card number is {card} and it expires in 08/29.",
        "Her social security number is {national_id}; she was born on {birth_date}.",
        "The employee's SSN: {national_id}, date of birth: {birth_date}.",
        "Login failed from {ip_address} three times, then from {ip_address}.",
        "Patient, DOB {birth_date}, phone {phone}, was seen today.",
        "Summarise: customer {email}, IBAN {iban}, order 4471-2290, total 1,249.50 EUR.",
    ],
    "de": [
        "Bitte schicken Sie die Unterlagen an {email}, Telefon {phone}.",
        "Meine Handynummer ist {phone}, am besten abends erreichbar.",
        "Überweisen Sie den Betrag auf {iban} (Verwendungszweck 2026-0815).",
        "Die Kreditkarte {card} wurde am 03.02.2026 gesperrt.",
        "Frau Muster, geboren am {birth_date}, Steuer-ID {national_id}.",
        "Geburtsdatum: {birth_date}; Steueridentifikationsnummer {national_id}; E-Mail {email}",
        "Zugriff von {ip_address} um 14:05:33 Uhr verweigert.",
        "Rückruf unter Tel. {phone} erbeten.",
    ],
    "fr": [
        "Écrivez à {email} ou appelez le {phone}.",
        "Mon numéro de téléphone est le {phone}, merci.",
        "Virement sur le compte {iban} avant le 15/03/2026.",
        "La carte {card} a été refusée deux fois.",
        "Née le {birth_date}, numéro de sécurité sociale {national_id}.",
        "Assuré : {national_id}, date de naissance : {birth_date}, courriel {email}",
        "Connexion depuis {ip_address} à 09:12.",
    ],
    "es": [
        "Envíe la factura a {email}; mi móvil es {phone}.",
        "Puede llamarme al teléfono {phone} por la tarde.",
        "Transferencia a la cuenta {iban} por 340,50 euros.",
        "He pagado con la tarjeta {card} ayer.",
        "Don Ejemplo, con DNI {national_id}, nacido el {birth_date}.",
        "Fecha de nacimiento: {birth_date}. NIF {national_id}. Correo {email}.",
        "Acceso desde la dirección {ip_address} denegado.",
    ],
    "it": [
        "Scriva a {email} oppure chiami il {phone}.",
        "Il mio cellulare è {phone}, grazie.",
        "Bonifico sul conto {iban} entro il 30/04/2026.",
        "Pagato con la carta {card} in data odierna.",
        "Codice fiscale {national_id}, nata il {birth_date} a Torino.",
        "Data di nascita {birth_date}, C.F. {national_id}, posta {email}",
        "Accesso da {ip_address} rifiutato.",
    ],
    "nl": [
        "Mail naar {email} of bel {phone}.",
        "Ik ben bereikbaar op {phone} na zes uur.",
        "Maak het over op {iban} onder vermelding van 20260042.",
        "Betaald met kaart {card} op 12-05-2026.",
        "BSN {national_id}, geboortedatum {birth_date}.",
        "Mevrouw Voorbeeld, geboren op {birth_date}, burgerservicenummer {national_id}, {email}",
        "Inlogpoging vanaf {ip_address} geweigerd.",
    ],
}

NOTHING: dict[str, list[str]] = {
    "en": [
        "Order 4471 2290 1833 shipped on 12/04/2026, tracking 1Z999AA10123456784.",
        "Upgrade from version 10.4.2.1 to release 10.5.0.3 tonight at 22:30:15.",
        "The meeting moved to 3 May 2026; the budget is 1,250,000 EUR for 2026-2028.",
        "Commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b fixes issue 10482.",
        "Send 4111 units at 9.99 each, article 1234567890, to warehouse 7.",
        "See @mentions in the channel, or the decorator @property in the code.",
        "The call lasted 45 minutes and covered 3 of 12 topics.",
        "Ticket 2026-000123456: the pump ran 12345678 seconds at 3.14 bar.",
        "id 3fa85f64-5717-4562-b3fc-2c963f66afa6 was created 2026-11-23T10:15:30Z",
        "Section 2.1.3.4 says the token count is 128000 and the temperature 0.7.",
    ],
    "de": [
        "Rechnung 20260815-4471 vom 15.08.2026 über 1.234.567,89 EUR.",
        "Die Anlage läuft seit dem 01.02.2019 mit 99,97 % Verfügbarkeit.",
        "Artikel 4006381333931 ist ab 12. März 2026 wieder lieferbar.",
        "Auftrag 7712345, Position 10, Menge 2500, Preis 12,50.",
    ],
    "fr": [
        "Commande 448812345 du 14/02/2026, montant 12 450,00 euros.",
        "La réunion du 3 mars 2026 est reportée au 10 avril 2026.",
        "Le lot 33344455566 contient 2 000 pièces.",
    ],
    "es": ["Pedido 998877665 del 14/02/2026 por 12.450,00 euros.", "La versión 4.2.1.7 sale el 3 de marzo de 2026."],
    "it": ["Ordine 556677889 del 14/02/2026 per 12.450,00 euro.", "Il lotto 20260101-77 è scaduto il 2 gennaio 2026."],
    "nl": ["Bestelling 334455667 van 14-02-2026, totaal 12.450,00 euro.", "Versie 3.14.2.8 verscheen op 5 mei 2026."],
}


def labelled_set(seed: int = 7, rounds: int = 12) -> list[Labelled]:
    """The set, the same for the same seed."""
    pick = Random(seed)  # noqa: S311
    found = [_filled(locale, text, pick) for _ in range(rounds) for locale in TEMPLATES for text in TEMPLATES[locale]]
    return found + [Labelled(locale, text, ()) for locale, listed in NOTHING.items() for text in listed]


def _filled(locale: str, template: str, pick: Random) -> Labelled:
    text, spans = "", []
    for literal, kind, _, _ in string.Formatter().parse(template):
        text += literal
        if kind:
            value = VALUES[kind](locale, pick)
            spans.append((kind, len(text), len(text) + len(value)))
            text += value
    return Labelled(locale, text, tuple(spans))


def _digits(pick: Random, count: int) -> str:
    return "".join(pick.choice("0123456789") for _ in range(count))


def email(locale: str, pick: Random) -> str:
    first = pick.choice(["jane", "j.doe", "max_muster", "anne-marie", "o'neil", "müller", "sales+eu", "k9"])
    domain = pick.choice(["example.com", "mail.example.org", "firma-beispiel.de", "société.fr", "x-y.co.uk"])
    return f"{first}@{domain}"


def phone(locale: str, pick: Random) -> str:
    two, three, four = (lambda: _digits(pick, 2)), (lambda: _digits(pick, 3)), (lambda: _digits(pick, 4))
    forms = {
        "en": [
            f"+1 ({pick.randint(201, 989)}) 555-{four()}",
            f"415-555-{four()}",
            f"+44 20 7946 {four()}",
            f"(212) 555-{four()}",
        ],
        "de": [
            f"+49 30 {three()} {four()}",
            f"0171 {three()}{four()}",
            f"(089) {three()} {two()} {two()}",
            f"040/{three()}{four()}",
        ],
        "fr": [
            f"+33 6 {two()} {two()} {two()} {two()}",
            f"01 {two()} {two()} {two()} {two()}",
            f"06.{two()}.{two()}.{two()}.{two()}",
        ],
        "es": [f"+34 6{two()} {three()} {three()}", f"6{two()} {three()} {three()}", f"91 {three()} {two()} {two()}"],
        "it": [f"+39 3{two()} {three()} {four()}", f"3{two()} {three()}{four()}", f"02 {four()} {four()}"],
        "nl": [f"+31 6 {four()} {four()}", f"06-{four()}{four()}", f"020 {three()} {four()}"],
    }
    return pick.choice(forms[locale])


def iban(locale: str, pick: Random) -> str:
    country, body = {
        "en": ("GB", "NWBK" + _digits(pick, 14)),
        "de": ("DE", _digits(pick, 18)),
        "fr": ("FR", _digits(pick, 23)),
        "es": ("ES", _digits(pick, 20)),
        "it": ("IT", "X" + _digits(pick, 22)),
        "nl": ("NL", "ABNA" + _digits(pick, 10)),
    }[locale]
    number = int("".join(str(int(letter, 36)) for letter in body + country + "00"))
    compact = f"{country}{98 - number % 97:02d}{body}"
    if pick.random() < 0.5:
        return compact
    return " ".join(compact[start : start + 4] for start in range(0, len(compact), 4))


def card(locale: str, pick: Random) -> str:
    head, length = pick.choice([("4", 16), ("52", 16), ("37", 15), ("6011", 16), ("2230", 16)])
    body = head + _digits(pick, length - len(head) - 1)
    number = body + luhn.calc_check_digit(body)
    if length == 15:
        return f"{number[:4]} {number[4:10]} {number[10:]}"
    return pick.choice(["", " ", "-"]).join(number[start : start + 4] for start in range(0, 16, 4))


def national_id(locale: str, pick: Random) -> str:
    match locale:
        case "en":
            return f"{pick.randint(1, 665):03d}-{pick.randint(1, 99):02d}-{pick.randint(1, 9999):04d}"
        case "de":
            # Nine different digits and one twice, as the rules of this number want it.
            nine = "".join(pick.sample("123456789", 9))
            for body in (nine + again for again in nine):
                number = next((f"{body}{last}" for last in range(10) if idnr.is_valid(f"{body}{last}")), "")
                if number:
                    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}" if pick.random() < 0.5 else number
            raise AssertionError("no digit fits")
        case "fr":
            month, place = pick.randint(1, 12), pick.randint(10, 95)
            body = f"{pick.choice('12')}{pick.randint(40, 99)}{month:02d}{place}{_digits(pick, 6)}"
            number = body + nir.calc_check_digits(body)
            return f"{number[0]} {number[1:3]} {number[3:5]} {number[5:7]} {number[7:10]} {number[10:13]} {number[13:]}"
        case "es":
            body = _digits(pick, 8)
            return body + pick.choice(["", "-"]) + dni.calc_check_digit(body)
        case "it":
            body = f"RSSMRA{pick.randint(40, 99)}{pick.choice('ABCDEHLMPRST')}{pick.randint(1, 28):02d}H501"
            return body + codicefiscale.calc_check_digit(body)
    while True:
        body = str(pick.randint(1, 9)) + _digits(pick, 7)
        rest = sum(int(digit) * weight for digit, weight in zip(body, range(9, 1, -1), strict=True)) % 11
        if rest < 10:
            return body + str(rest)


def ip_address(locale: str, pick: Random) -> str:
    if pick.random() < 0.25:
        return f"2001:db8:{pick.randrange(4096):x}::{pick.randrange(1, 65535):x}:{pick.randrange(1, 65535):x}"
    return ".".join(str(pick.randint(1, 223)) for _ in range(4))


MONTHS = {
    "en": "January March May August October December",
    "de": "Januar März Mai August Oktober Dezember",
    "fr": "janvier mars mai août octobre décembre",
    "es": "enero marzo mayo agosto octubre diciembre",
    "it": "gennaio marzo maggio agosto ottobre dicembre",
    "nl": "januari maart mei augustus oktober december",
}


def birth_date(locale: str, pick: Random) -> str:
    day, month, year = pick.randint(1, 28), pick.choice(MONTHS[locale].split()), pick.randint(1935, 2012)
    number = pick.randint(1, 12)
    words = {"en": f"{day} {month} {year}", "de": f"{day}. {month} {year}", "es": f"{day} de {month} de {year}"}
    mark = {"en": "/", "de": ".", "fr": "/", "es": "/", "it": "/", "nl": "-"}[locale]
    return pick.choice(
        [
            words.get(locale, f"{day} {month} {year}"),
            f"{day:02d}{mark}{number:02d}{mark}{year}",
            f"{year}-{number:02d}-{day:02d}",
        ]
    )


VALUES = {
    "email": email,
    "phone": phone,
    "iban": iban,
    "card": card,
    "national_id": national_id,
    "ip_address": ip_address,
    "birth_date": birth_date,
}

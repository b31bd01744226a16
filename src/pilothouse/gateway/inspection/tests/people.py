"""A labelled set of our own with names of people and postal addresses, in the six languages of `labelled.py`.

People and places are made up from lists of common names. Beside each true one stand decoys: cities without a street,
firms, months, products, verbs and words that are also somebody's name, fragments of logs. Some are hard on purpose:
small letters, lists without a sentence, names that the model's makers had least of.
"""

from __future__ import annotations

import string
from random import Random

from pilothouse.gateway.inspection.tests.labelled import VALUES, Labelled

TEMPLATES: dict[str, list[str]] = {
    "en": [
        "Please forward the offer to {name}, she is waiting for it.",
        "{name} called this morning about the pump and wants to be called back on {phone}.",
        "Ship it to {name}, {address}, and put the invoice into the parcel.",
        "Our customer {name} has moved to {address}.",
        "Minutes: present were {name}, {name} and {name}; excused: {name}.",
        "From: {name} <{email}>\nSubject: Delivery\n\nThe new address is {address}.",
        "name;street\n{name};{address}\n{name};{address}",
        "hi, can you tell {lower} that the meeting is moved to friday? thanks",
        "Summarise the complaint of Mr {name} against the landlord at {address}.",
        "Best regards\n{name}\nHead of Purchasing",
    ],
    "de": [
        "Bitte leiten Sie das Angebot an {name} weiter.",
        "Sehr geehrter Herr {name}, Ihre Bestellung geht heute an {address}.",
        "{name} wohnt seit Mai in der {address}.",
        "Teilnehmer: {name}, {name}, {name}.",
        "Patientin {name}, geboren am {birth_date}, wurde heute entlassen.",
        "Rechnungsanschrift: {name}, {address}",
        "Mit freundlichen Grüßen\n{name}\nLeiter Einkauf",
        "kannst du {lower} sagen, dass wir den termin verschieben?",
    ],
    "fr": [
        "Merci de transmettre le devis à {name}.",
        "Madame {name} habite {address} depuis deux ans.",
        "Livraison chez {name}, {address}, avant midi.",
        "Présents : {name}, {name} et {name}.",
        "Notre client {name} se plaint du retard ; rappeler au {phone}.",
        "Cordialement,\n{name}\nDirectrice des achats",
    ],
    "es": [
        "Por favor, reenvía la oferta a {name}.",
        "El paquete va a {address}, a la atención de {name}.",
        "Doña {name} vive en {address}.",
        "Asistentes: {name}, {name} y {name}.",
        "Llamó {name} por la factura; su correo es {email}.",
        "Un saludo,\n{name}\nJefa de compras",
    ],
    "it": [
        "Per favore inoltra l'offerta a {name}.",
        "Il pacco va spedito a {name}, {address}.",
        "La signora {name} abita in {address}.",
        "Presenti: {name}, {name} e {name}.",
        "Ha chiamato {name} per la fattura, richiamare al {phone}.",
        "Cordiali saluti\n{name}\nUfficio acquisti",
    ],
    "nl": [
        "Stuur de offerte door naar {name}.",
        "Het pakket gaat naar {name}, {address}.",
        "Mevrouw {name} woont op {address}.",
        "Aanwezig: {name}, {name} en {name}.",
        "{name} belde over de factuur; haar adres is {email}.",
        "Met vriendelijke groet,\n{name}\nHoofd inkoop",
    ],
}

NOTHING: dict[str, list[str]] = {
    "en": [
        "The office in Paris closes in August; the one in Chicago stays open.",
        "May we ask whether the mark will be set, or will the bill come first?",
        "Mercedes and Siemens signed with Morgan Stanley; Ford did not.",
        "2026-11-23T10:15:30Z ERROR worker-7 connection reset by peer, retry 3 of 5",
        "def chase(rose, lily): return rose + lily  # hunter gatherer",
        "Use Kafka, Ada and Julia for the pipeline, and deploy with Jenkins to Apache Tomcat.",
        "Chapter 12, page 40: the pressure of 3.5 bar holds for 20 minutes.",
        "Compare the Smith & Wesson model with the Harley Davidson one.",
        "The Boston Consulting Group matrix has four fields.",
        "Translate into German: the weather is lovely today.",
    ],
    "de": [
        "Der Termin in Berlin fällt im März aus, in Hamburg nicht.",
        "Die Firma Bosch liefert an Siemens und an die Deutsche Bahn.",
        "Bauteil 4711, Reihe 12, Regal 3: 25 Stück nachbestellen.",
        "Wie wird der Klein-Gordon-Ansatz hergeleitet?",
    ],
    "fr": [
        "Le bureau de Lyon ferme en août ; celui de Lille reste ouvert.",
        "Peugeot et Renault ont signé avec Michelin.",
        "Le lot 12 contient 40 pièces de la série Juliette.",
    ],
    "es": ["La oficina de Madrid cierra en agosto.", "El Banco Santander firmó con Iberdrola y con Seat."],
    "it": ["L'ufficio di Torino chiude in agosto.", "La Ferrari ha firmato con Pirelli e con Enel."],
    "nl": ["Het kantoor in Utrecht sluit in augustus.", "Philips tekende met Heineken en met de Rabobank."],
}

GIVEN = {
    "en": "James Olivia Aisha Grace Liam Priya Samuel Hannah Kwame Chloe Mohammed Emily",
    "de": "Lukas Sabine Jürgen Fatma Heike Stefan Anneliese Murat Katharina Björn",
    "fr": "Camille Jean-Luc Amélie Youssef Thérèse Guillaume Inès Mathieu",
    "es": "Lucía José Carmen Iker María Javier Xiomara Sergio",
    "it": "Giulia Matteo Francesca Luca Chiara Niccolò Alessandro Elena",
    "nl": "Sanne Daan Fleur Joris Maaike Pieter Noor Willem",
}
FAMILY = {
    "en": "Miller O'Connor Okafor Thompson Patel Whitaker Nguyen Hughes Adeyemi Carter",
    "de": "Schneider Müller Yılmaz Hoffmann Krüger von Stetten Öztürk Lindner Weiß",
    "fr": "Lefèvre Dubois Benali Moreau Garnier Rousseau Chevalier Haddad",
    "es": "García Fernández Ibáñez Ortega Quispe Molina Navarro Vidal",
    "it": "Rossi Bianchi Esposito Romano D'Angelo Ferrari Conti Marchetti",
    "nl": "Jansen Visser Bakker Smit Meijer Mulder Kuipers Hendriks",
}
STREETS = {
    "en": [
        "{n} Maple Avenue, Springfield, IL 627{nn}",
        "{n} Kingsway Road, Leeds LS{d} {d}AB",
        "Flat {d}, {n} Mill Lane, Bristol BS{d} 4TR",
    ],
    "de": [
        "Lindenstraße {n}, 101{nn} Berlin",
        "Am Mühlbach {n}a, 803{nn} München",
        "Goethestr. {n}, 503{nn} Köln",
    ],
    "fr": [
        "{n} rue des Lilas, 690{nn} Lyon",
        "{n} bis avenue Victor Hugo, 750{nn} Paris",
        "{n}, place du Marché, 330{nn} Bordeaux",
    ],
    "es": [
        "Calle de Alcalá {n}, 280{nn} Madrid",
        "Avenida Diagonal {n}, 2º B, 080{nn} Barcelona",
        "Plaza Mayor {n}, 410{nn} Sevilla",
    ],
    "it": [
        "Via Garibaldi {n}, 201{nn} Milano",
        "Corso Vittorio Emanuele {n}, 101{nn} Torino",
        "Piazza Dante {n}, 801{nn} Napoli",
    ],
    "nl": [
        "Keizersgracht {n}, 10{nn} AB Amsterdam",
        "Dorpsstraat {n}, 35{nn} KL Utrecht",
        "Laan van Meerdervoort {n}, 25{nn} CD Den Haag",
    ],
}


def people_set(seed: int = 7, rounds: int = 6) -> list[Labelled]:
    """The set, the same for the same seed. Kinds that are found inline stand in the texts and are not labelled."""
    pick = Random(seed)  # noqa: S311
    found = [_filled(locale, text, pick) for _ in range(rounds) for locale in TEMPLATES for text in TEMPLATES[locale]]
    return found + [Labelled(locale, text, ()) for locale, listed in NOTHING.items() for text in listed]


def _filled(locale: str, template: str, pick: Random) -> Labelled:
    text, spans = "", []
    for literal, kind, _, _ in string.Formatter().parse(template):
        text += literal
        if not kind:
            continue
        value = _value(kind, locale, pick)
        if kind in ("name", "lower", "address"):
            spans.append(("address" if kind == "address" else "name", len(text), len(text) + len(value)))
        text += value
    return Labelled(locale, text, tuple(spans))


def _value(kind: str, locale: str, pick: Random) -> str:
    if kind == "address":
        shape = pick.choice(STREETS[locale])
        return shape.format(n=pick.randint(1, 199), nn=f"{pick.randint(10, 99)}", d=pick.randint(1, 9))
    if kind in ("name", "lower"):
        family = "von Stetten" if (last := pick.choice(FAMILY[locale].split())) in ("von", "Stetten") else last
        name = f"{pick.choice(GIVEN[locale].split())} {family}"
        return name.lower() if kind == "lower" else name
    return VALUES[kind](locale, pick)

"""Which columns are recognised by their names, and what is asked for when none is."""

import pytest

from leads.imports.columns import mapping


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Full Name (contact)", "full_name"),
        ("Job role", "title"),
        ("Org.", "company.name"),
        ("Mail 1 (work)", "email"),
        ("# Headcount", "company.employee_count"),
        ("Li URL", "network"),
        ("Land", "country"),
        ("Tel.", "phone"),
        ("Deal $", ""),
    ],
)
def test_headers_of_everyday_lists_are_recognised(header, field):
    assert mapping.propose(kind="people", columns=[header])[0].field == field


def missing(columns, mapped, row=()):
    found = mapping.missing(kind="people", columns=columns, mapping=mapped, samples=[list(row)] if row else [])
    return {entry.field: entry.candidates for entry in found}


def test_what_is_not_mapped_is_named_with_likely_columns_first():
    columns = ["Shoe", "Who", "Role held", "Firm or org", "Mailbox"]
    row = ["43", "Anna Kern", "CTO", "Vega", "a@x.example"]
    found = missing(columns, {}, row)
    assert found["full_name"][0] == "Who" and found["title"][0] == "Role held"
    assert found["company.name"][0] == "Firm or org" and found["email"][0] == "Mailbox"


def test_first_and_last_name_are_a_name_and_a_second_address_is_one():
    columns = ["A", "B", "C", "D"]
    mapped = {"A": "last_name", "B": "email_2", "C": "title", "D": "company.name"}
    assert missing(columns, mapped) == {}


def test_a_column_kept_as_it_is_may_be_the_one():
    assert missing(["Contact"], {"Contact": "attributes"})["full_name"] == ["Contact"]


PERSON = ["first_name", "last_name", "company.name", "title", "email", "phone", "city", "country"]
IN_LANGUAGES = {
    "de": "Vorname;Nachname;Firmenname;Jobtitel;E-Mail-Adresse;Telefonnummer;Ort;Land",
    "fr": "Prénom;Nom;Société;Fonction;Courriel;Téléphone;Ville;Pays",
    "es": "Nombre;Apellidos;Empresa;Cargo;Correo electrónico;Teléfono móvil;Ciudad;País",
    "it": "Nome;Cognome;Azienda;Ruolo;Indirizzo e-mail;Cellulare;Città;Paese",
    "pt": "Nome;Sobrenome;Empresa;Função;Endereço de e-mail;Telemóvel;Cidade;País",
    "nl": "Voornaam;Achternaam;Bedrijf;Functie;E-mailadres;Mobiel;Plaats;Land",
    "pl": "Imię;Nazwisko;Nazwa firmy;Stanowisko;Adres e-mail;Telefon komórkowy;Miasto;Kraj",
    "uk": "Ім'я;Прізвище;Компанія;Посада;Електронна пошта;Номер телефону;Місто;Країна",
    "sv": "Förnamn;Efternamn;Företag;Befattning;E-post;Mobil;Stad;Land",
}


@pytest.mark.parametrize("heads", IN_LANGUAGES.values(), ids=IN_LANGUAGES)
def test_the_usual_words_of_many_languages_are_known(heads):
    assert [proposal.field for proposal in mapping.propose(kind="people", columns=heads.split(";"))] == PERSON


@pytest.mark.parametrize(
    ("columns", "row", "fields"),
    [
        (["Name", "Vorname"], ["Müller", "Anna"], ["last_name", "first_name"]),
        (["Name", "First name"], ["Anna Müller", "Anna"], ["full_name", "first_name"]),
        (["Name", "Firma"], ["Müller", "A GmbH"], ["full_name", "company.name"]),
        (["Nom", "Ville"], ["Anne Petit", "Lyon"], ["full_name", "city"]),
        (["Nombre", "Apellidos"], ["Ana", "López"], ["first_name", "last_name"]),
        (["Nome", "Azienda"], ["Anna Rossi", "Acme"], ["full_name", "company.name"]),
    ],
)
def test_a_word_for_the_whole_name_is_one_half_beside_the_other(columns, row, fields):
    assert [proposal.field for proposal in mapping.propose(kind="people", columns=columns, samples=[row])] == fields


def test_in_a_list_of_companies_the_words_are_about_the_company():
    columns = ["Nom", "Raison sociale", "Ville", "Pays", "Téléphone", "Remarques", "URL", "ID"]
    fields = [proposal.field for proposal in mapping.propose(kind="companies", columns=columns)]
    about = ["city", "country", "phone", "research_text", "website", "external_id"]
    assert fields == ["", "company.name", *(f"company.{name}" for name in about)]

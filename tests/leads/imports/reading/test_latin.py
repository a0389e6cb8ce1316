"""Names of Western and Central Europe, each in the code page of its own programs."""

import pytest

from leads.imports.reading.latin import is_western


@pytest.mark.parametrize(
    "text",
    ["Inês Lee;Núñez García;Søren Kierkegård", "Anaïs Lefèvre;Hélène Forêt", "João São Paulo", "Åsa Öberg", "Guðmundur Þór", "Nuñez"],
)  # fmt: skip
def test_western_names_are_read_as_western(text):
    assert is_western(text.encode("cp1252"))


@pytest.mark.parametrize(
    "text",
    ["Łukasz Wiśniewski;Grażyna Żak", "Jiří Dvořák;Kateřina Nováková", "Győző Szűcs", "Ştefan Bănică", "Ivana Kovačić;Đuro", "Rafał"],
)  # fmt: skip
def test_central_european_names_are_not(text):
    assert not is_western(text.encode("cp1250"))

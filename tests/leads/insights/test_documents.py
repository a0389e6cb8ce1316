import io
import json
import shutil

import pytest

from leads.insights.documents import entities, reader, reading, signal
from leads.insights.models import Document
from leads.insights.services import research_lead
from leads.models import Lead
from tests.leads.factories import make_lead
from tests.servers.classifieds_site import answering, redirecting

pytestmark = pytest.mark.django_db
Image = pytest.importorskip("PIL.Image", reason="the extra “documents” is not installed")
pypdf = pytest.importorskip("pypdf", reason="the extra “documents” is not installed")
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")


def pdf(text: str = "Tender: 12 pumps for Berlin", *, password: str = "", pages: int = 1) -> bytes:
    """A small PDF with a line of text on each page."""
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    for _number in range(pages):
        page = writer.add_blank_page(400, 200)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 14 Tf 20 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(size: tuple[int, int] = (800, 700), text: str = "", form: str = "PNG") -> bytes:
    """A picture with stripes, or with a word on it."""
    from PIL import ImageDraw, ImageFont

    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    if text:
        draw.text((40, 40), text, fill="black", font=ImageFont.load_default(size=48))
    else:
        for x in range(0, size[0], 16):
            draw.rectangle((x, 0, x + 7, size[1]), fill="black")
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


class TestPdf:
    def test_its_text_is_read(self):
        assert reading.read_file(pdf())["text"] == "Tender: 12 pumps for Berlin"

    def test_one_with_a_password_says_so(self):
        answer = reading.read_file(pdf(password="secret"))
        assert "password" in answer["problem"]
        assert answer["text"] == ""

    def test_only_its_first_pages_are_read(self, policy):
        policy.research.max_document_pages = 2
        answer = reading.read_file(pdf(pages=5))
        assert answer["text"].count("Tender") == 2
        assert "2 of 5" in answer["problem"]

    def test_one_without_text_is_said_to_be_scanned(self):
        assert "scanned" in reading.read_file(pdf(text=""))["problem"]

    @pytest.mark.parametrize(
        "body", [b"%PDF-1.7\n", b"%PDF-1.4\n" + b"\x00\xff" * 5_000, pdf()[:300]], ids=["empty", "noise", "cut"]
    )
    def test_a_damaged_one_says_so_and_raises_nothing(self, body):
        answer = reading.read_file(body)
        assert answer["problem"]
        assert answer["text"] == ""


class TestPictures:
    def test_a_sharp_large_one_is_better_than_a_blurred_small_one(self):
        from PIL import ImageFilter

        sharp = Image.open(io.BytesIO(picture()))
        blurred = sharp.resize((80, 70)).filter(ImageFilter.GaussianBlur(6))
        assert reader.measure(sharp, 800, 700)[0] > 0.7 > reader.measure(blurred, 80, 70)[0]

    def test_an_empty_one_is_worth_little(self):
        assert reader.measure(Image.new("RGB", (800, 700), "white"), 800, 700)[0] < 0.4

    def test_a_bomb_is_not_unpacked(self):
        out = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(out, "PNG")
        assert (
            "too large" in reading.read_file(out.getvalue())["problem"]
            or "damaged" in reading.read_file(out.getvalue())["problem"]
        )

    def test_without_tesseract_the_rest_is_still_read(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nonexistent")
        answer = reading.read_file(picture())
        assert answer["problem"] == reader.NO_TESSERACT
        assert answer["quality"] > 0

    @needs_tesseract
    def test_its_text_is_read(self):
        assert "Hiring" in reading.read_file(picture(text="Hiring planners"))["text"]


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    assert reader.read(pdf(), max_pages=3, languages="eng")["problem"] == reader.NO_EXTRA


def test_what_a_server_calls_a_file_is_not_believed():
    assert reader.kind_of(b"<html>%PDF</html>") == ""
    assert reading.read_file(b"<html>not a picture</html>")["problem"]


class TestOfALead:
    @pytest.fixture
    def lead(self, site):
        site.routes["/tender.pdf"] = answering(200, pdf(), Content_Type="application/pdf")
        site.routes["/photo.png"] = answering(200, picture(), Content_Type="image/png")
        urls = {"images": ["http://acme.example/photo.png"], "documents": ["http://acme.example/tender.pdf"]}
        return make_lead(
            "", kind="listing", title="Pumps wanted", description="We look for pumps in Berlin.", attributes=urls
        )

    def test_files_are_read_and_give_one_signal_with_reasons(self, lead):
        rows = {row.kind: row for row in reading.read_all(lead=lead)}
        assert rows["pdf"].text == "Tender: 12 pumps for Berlin"
        assert rows["image"].quality is not None
        stored = Lead.objects.get(pk=lead.pk).attributes
        assert 0 < stored["media_score"] <= 100
        assert any("1 of 1 documents" in reason for reason in stored["media_reasons"])

    def test_their_text_becomes_cited_facts(self, lead):
        insight = research_lead(lead=lead)
        quotes = [point["text"] for point in insight.summary]
        assert "Tender: 12 pumps for Berlin" in quotes

    def test_an_unchanged_file_is_not_read_again(self, lead, monkeypatch):
        reading.read_all(lead=lead)
        Document.objects.filter(kind="image").update(problem="")
        monkeypatch.setattr(reading, "read_file", lambda body: pytest.fail("read again"))
        reading.read_all(lead=lead)

    def test_an_address_on_a_private_network_is_not_fetched(self, lead, site):
        site.routes["/photo.png"] = redirecting("http://10.0.0.1/photo.png")
        rows = {row.url: row for row in reading.read_all(lead=lead)}
        assert rows["http://acme.example/photo.png"].problem
        assert rows["http://acme.example/tender.pdf"].text

    def test_a_file_beyond_the_limit_is_refused(self, lead, policy):
        policy.research.max_file_megabytes = 0.0001
        assert all("larger" in row.problem for row in reading.read_all(lead=lead))

    def test_nothing_is_written_without_files(self):
        lead = make_lead("Anna One", description="A text.")
        assert reading.read_all(lead=lead) == []
        assert Lead.objects.get(pk=lead.pk).attributes == {}


class TestEntities:
    def test_english(self):
        found = entities.find("Dr. Anna Miller of Acme Pumps GmbH in Berlin offers $120k, or 90 000 EUR.")
        assert found.names[0] == "Anna Miller"
        assert found.firms == ["Acme Pumps GmbH"]
        assert found.places == ["Berlin"]
        assert [amount.replace(" ", "") for amount in found.amounts] == ["$120k", "90000EUR"]

    def test_russian(self):
        found = entities.find("Иван Петров, ООО «Насосы Поволжья», Казань, бюджет 12 млн рублей.")
        assert found.names == ["Иван Петров"]
        assert found.firms == ["ООО «Насосы Поволжья»"]
        assert found.places == ["Казань"]
        assert found.amounts == ["12 млн рублей"]

    def test_sentences_are_no_names(self):
        assert entities.find("Good Morning. Our Team likes Long Walks. Наши Клиенты довольны.").names == []

    def test_keywords_leave_function_words_out(self):
        assert entities.keywords("the pumps and the pumps and valves для насосов", 3) == ["pumps", "насосов", "valves"]

    def test_a_hostile_text_takes_no_time(self):
        import time

        started = time.process_time()
        entities.find("A " * 25_000 + "1 " * 10_000 + "ООО " * 5_000)
        assert time.process_time() - started < 5


class TestSignal:
    NOTHING = entities.Entities()

    def test_nothing_to_look_at_gives_no_score(self):
        assert signal.combine(text="", entities=self.NOTHING, qualities=[], document_texts=[]).score is None

    def test_one_kind_only_is_said(self):
        assert (
            "only pictures"
            in signal.combine(text="", entities=self.NOTHING, qualities=[0.5], document_texts=[]).reasons
        )

    def test_more_is_better(self):
        poor = signal.combine(text="Short.", entities=self.NOTHING, qualities=[0.2], document_texts=[""])
        rich = signal.combine(text="Long. " * 200, entities=self.NOTHING, qualities=[0.9], document_texts=["a text"])
        assert rich.score > poor.score


def test_a_file_on_the_command_line(tmp_path, capsys):
    from django.core.management import call_command

    path = tmp_path / "tender.pdf"
    path.write_bytes(pdf())
    call_command("inspect", "document", str(path), str(tmp_path / "gone.pdf"), "--json")
    read, gone = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (read["kind"], read["places"]) == ("pdf", ["Berlin"])
    assert "cannot be read" in gone["problem"]

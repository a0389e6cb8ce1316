"""Reads one picture or PDF in a separate process: `python -m leads.insights.documents.reader`, bytes in, JSON out.

A file from outside may be a bomb or a maze; here it can only hurt this process, which has little memory and little
time. Pure: neither Django nor the database. Without the extra `documents` it says so.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

MAX_TEXT = 50_000
MAX_PIXELS = 40_000_000
MEMORY = 1_500 * 1024 * 1024
CPU_SECONDS = 40
MEASURED = 1_024
"""Longer side in pixels to which a picture is reduced before it is measured."""
NO_EXTRA = "Pictures and documents are not read: install the extra “documents” (pillow, pypdf, pytesseract)."
NO_TESSERACT = "The text of pictures is not read: tesseract is not installed (Debian: apt install tesseract-ocr tesseract-ocr-rus)."


def kind_of(body: bytes) -> str:
    """`pdf`, `image` or empty, by the first bytes; what a server calls a file is not believed."""
    if b"%PDF-" in body[:1024]:
        return "pdf"
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
    if body.startswith(starts) or (body[:4] == b"RIFF" and body[8:12] == b"WEBP"):
        return "image"
    return ""


def read(body: bytes, *, max_pages: int, languages: str) -> dict[str, Any]:
    """`{"kind", "text", "quality", "details", "problem"}`; never raises for what a file is."""
    kind = kind_of(body)
    empty: dict[str, Any] = {"kind": kind, "text": "", "quality": None, "details": {}, "problem": ""}
    try:
        if kind == "pdf":
            return empty | _pdf(body, max_pages)
        if kind == "image":
            return empty | _image(body, languages)
    except ImportError:
        return empty | {"problem": NO_EXTRA}
    except MemoryError:
        return empty | {"problem": "The file needs more memory than it is given."}
    except RecursionError:
        return empty | {"problem": "The file is nested too deeply."}
    except Exception as error:  # noqa: BLE001  libraries raise anything at all on damaged files
        return empty | {"problem": f"The file is damaged or of an unknown form ({type(error).__name__})."}
    return empty | {"problem": "This is neither a picture nor a PDF."}


def _pdf(body: bytes, max_pages: int) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(body), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return {"problem": "The PDF is protected by a password."}
    count, parts, size, broken = len(reader.pages), list[str](), 0, 0
    for number in range(min(count, max_pages)):
        try:
            text = reader.pages[number].extract_text() or ""
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  one damaged page does not spoil the others
            broken += 1
            continue
        parts.append(text)
        size += len(text)
        if size > MAX_TEXT:
            break
    text = "\n".join(parts).replace("\x00", "")[:MAX_TEXT].strip()
    problem = ""
    if broken:
        problem = f"{broken} pages are damaged and were left out."
    elif count > max_pages:
        problem = f"Only the first {max_pages} of {count} pages were read."
    elif not text:
        problem = "The PDF holds no text: it is probably scanned."
    return {"text": text, "details": {"pages": count}, "problem": problem}


def _image(body: bytes, languages: str) -> dict[str, Any]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(io.BytesIO(body)) as opened:
        width, height = opened.size
        if width * height > MAX_PIXELS:
            return {"problem": f"The picture is too large to be read ({width} × {height})."}
        details: dict[str, Any] = {"width": width, "height": height, "format": opened.format or ""}
        picture = opened.convert("RGB")
    quality, measures = measure(picture, width, height)
    text, problem = _ocr(picture, languages)
    return {"quality": quality, "details": details | measures, "text": text, "problem": problem}


def measure(picture: Any, width: int, height: int) -> tuple[float, dict[str, float]]:
    """0 to 1: size, sharpness, contrast and exposure, each 0 to 1; the weakest counts half."""
    from PIL import ImageFilter, ImageStat

    grey = picture.convert("L")
    grey.thumbnail((MEASURED, MEASURED))
    edges = ImageStat.Stat(
        grey.filter(ImageFilter.FIND_EDGES).crop((1, 1, max(2, grey.width - 1), max(2, grey.height - 1)))
    )
    light = ImageStat.Stat(grey)
    parts = {
        "size": min(1.0, min(width, height) / 600),
        "sharpness": min(1.0, edges.stddev[0] / 40),
        "contrast": min(1.0, light.stddev[0] / 55),
        "exposure": 1 - abs(light.mean[0] - 127.5) / 127.5 * 0.8,
    }
    score = 0.5 * min(parts.values()) + 0.5 * sum(parts.values()) / len(parts)
    return round(score, 3), {name: round(value, 3) for name, value in parts.items()}


def _ocr(picture: Any, languages: str) -> tuple[str, str]:
    import pytesseract

    try:
        installed = set(pytesseract.get_languages(config=""))
        wanted = "+".join(name for name in languages.split("+") if name in installed)
        if not wanted:
            return "", f"Tesseract has none of the languages {languages}."
        text = pytesseract.image_to_string(picture, lang=wanted, timeout=20)
    except pytesseract.TesseractNotFoundError:
        return "", NO_TESSERACT
    except (pytesseract.TesseractError, RuntimeError) as error:
        return "", f"The text of the picture could not be read ({type(error).__name__})."
    return text.replace("\x00", "")[:MAX_TEXT].strip(), ""


def main() -> None:
    """`reader MAX_PAGES LANGUAGES` on standard input and output, under limits."""
    import resource

    for name, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS)):
        hard = resource.getrlimit(name)[1]
        resource.setrlimit(name, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    answer = read(sys.stdin.buffer.read(), max_pages=int(sys.argv[1]), languages=sys.argv[2])
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()

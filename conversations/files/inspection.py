"""Which files may be enclosed: names, kinds and sizes. Pure; raises `Invalid`."""

from __future__ import annotations

import io
import mimetypes
import re
import zipfile

from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

FORBIDDEN = frozenset(
    [
        "ade",
        "adp",
        "apk",
        "app",
        "appx",
        "bas",
        "bat",
        "cab",
        "chm",
        "cmd",
        "com",
        "cpl",
        "deb",
        "desktop",
        "dex",
        "diagcab",
        "dll",
        "dmg",
        "docm",
        "dotm",
        "ex_",
        "exe",
        "gadget",
        "hlp",
        "hta",
        "img",
        "inf",
        "ins",
        "iso",
        "isp",
        "jar",
        "jnlp",
        "js",
        "jse",
        "lib",
        "lnk",
        "mde",
        "msc",
        "msi",
        "msix",
        "msp",
        "mst",
        "nsh",
        "pif",
        "pkg",
        "potm",
        "ppam",
        "ppsm",
        "pptm",
        "ps1",
        "psm1",
        "py",
        "pyc",
        "rb",
        "reg",
        "rpm",
        "scf",
        "scr",
        "sct",
        "sh",
        "shb",
        "svg",
        "swf",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "vxd",
        "wasm",
        "wsc",
        "wsf",
        "wsh",
        "xlam",
        "xll",
        "xlsm",
        "xltm",
        "xml",
        "xsl",
    ]
)
"""Endings that mail providers refuse or that run something; macros and scripted pictures included."""
_MAGIC = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
"""How programs of Windows, Linux and macOS, Java classes and scripts begin."""
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MAX_NAME = 120
MAX_ZIP_ENTRIES = 2_000


def clean_name(name: str) -> str:
    """`name` without folders and without characters that break headers or hide the ending."""
    bare = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if len(bare) > MAX_NAME:
        bare = f"{stem[: MAX_NAME - len(ending) - 1]}{dot}{ending}"[:MAX_NAME]
    return bare or "file"


def media_type(name: str, content: bytes) -> str:
    """The kind of a file: by its first bytes for images, else by its ending."""
    for magic, kind in _IMAGES.items():
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return "application/octet-stream" if guessed.startswith("image/") else guessed


def check_content(name: str, content: bytes) -> None:
    """Raise `Invalid("files", …)` for an empty file, a program, a script, a macro, or an archive that holds one."""
    if not content:
        raise Invalid("files", _("“%(name)s” is empty.") % {"name": name}, code="file_empty")
    if ending := _forbidden(name):
        raise Invalid(
            "files",
            _(
                "“%(name)s”: executable files (.%(ending)s) cannot be sent because mail providers reject them. "
                "Send a PDF or a link."
            )
            % {"name": name, "ending": ending},
            code="file_executable",
        )
    if content.startswith(_MAGIC):
        raise Invalid(
            "files",
            _("“%(name)s” is a program despite its name and cannot be sent.") % {"name": name},
            code="file_executable",
        )
    if content.startswith(b"PK\x03\x04"):
        _check_archive(name, content)


def _forbidden(name: str) -> str:
    ending = name.rpartition(".")[2].lower().strip() if "." in name else ""
    return ending if ending in FORBIDDEN else ""


def _check_archive(name: str, content: bytes) -> None:
    is_office = name.lower().endswith((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Invalid("files", _("“%(name)s” is a damaged archive.") % {"name": name}, code="file_damaged") from error
    if len(entries) > MAX_ZIP_ENTRIES:
        raise Invalid(
            "files",
            _("“%(name)s” contains more than %(n)s files.") % {"name": name, "n": MAX_ZIP_ENTRIES},
            code="file_archive",
        )
    for entry in entries:
        inside = entry.filename
        if inside.endswith("vbaProject.bin"):
            raise Invalid(
                "files", _("“%(name)s” contains macros. Save it without them.") % {"name": name}, code="file_executable"
            )
        if is_office:
            continue
        if entry.flag_bits & 1:
            raise Invalid("files", f"“{name}” is encrypted, so its contents cannot be checked.", code="file_archive")
        if ending := _forbidden(inside):
            raise Invalid("files", f"“{name}” contains an executable file (.{ending}).", code="file_executable")

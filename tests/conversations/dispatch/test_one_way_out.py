"""One gate that nothing can go around: read off the source."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WINGS = ("outreach", "leads", "conversations", "campaigns")


def sources() -> list[tuple[str, str]]:
    files = [path for wing in WINGS for path in (ROOT / wing).rglob("*.py") if "migrations" not in path.parts]
    return [(str(path.relative_to(ROOT)), path.read_text()) for path in files]


def test_only_the_sending_module_hands_a_message_to_an_adapter():
    callers = {name for name, text in sources() if re.search(r"\badapter\.send\(", text)}
    assert callers == {"conversations/dispatch/sending.py"}


def test_only_the_gate_moves_a_message_into_sending():
    pattern = re.compile(r"""state\s*=\s*['"]sending['"](?!\s*(?:,\s*sending_at__|AND))""")
    writers = {
        name
        for name, text in sources()
        if "Message" in text or "conversations_message" in text
        for match in pattern.finditer(text)
        if "filter(" not in text[max(0, match.start() - 120) : match.start()]
    }
    writers = {name for name in writers if name.startswith("conversations/")}
    assert writers <= {"conversations/dispatch/gate.py"}

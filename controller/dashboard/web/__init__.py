"""The web half: FastAPI serves the page's files and its API. Stateless: sessions are rows, what is live is heard
again after a restart."""

"""The centre's database: tables and how to open them. Queries live with whoever asks them; only this package and
they import SQLAlchemy. The same statements run on SQLite and PostgreSQL."""

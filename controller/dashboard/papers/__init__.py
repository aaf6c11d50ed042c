"""What offices file: one document as plain values (model.py), and five writers that cannot disagree: page (JSON),
DOCX, PDF, XLSX, CSV. Nothing here reads a database or decides a figure.
"""

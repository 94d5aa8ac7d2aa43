"""Tickets in files: read from JSON lines, CSV and XLSX, and written for spreadsheets."""

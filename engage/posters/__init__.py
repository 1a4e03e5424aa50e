"""Posters: their codes, where they hang, and the QR codes drawn for them."""

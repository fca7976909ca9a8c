"""Sphinx extensions of the book: drawn mathematics, the claim register, figures on pages."""

"""The library the chapters of Descent import: update rules and what it takes to study them.

Read it from the top: `ranges`, `averages`, `contract`, `rules`, `problems`, `theory`, `loop`, `plots`.
A module imports only from modules above it.
"""

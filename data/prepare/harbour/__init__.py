"""The invented harbour city Merrowhaven: a world made of nothing but these tables and a seed.

``python -m data.prepare.harbour --seed 1 --assets 800 --out data/regions/merrowhaven``. The same
arguments give the same bytes. What is built in to be found: ``docs/harbour.md``.
"""

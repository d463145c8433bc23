"""The printable catalogue: one « fiche indicateur » per indicator and an index, as HTML and as PDF.

What an indicator means comes from its YAML entry (`dbt_project/catalogue.py` reads it), what it is worth from
the marts, read as ponam_reader:

    content    what a sheet says
    reading    fills it from the entries and the marts
    shown      which of its values a chart compares, and what it leaves out
    chart      draws them as SVG
    pages      HTML
    printing   PDF
    publish    writes all of it into a folder
"""

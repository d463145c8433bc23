select
    {{ ledger_columns() }},
    record.article_code,
    record.paragraph_number,
    record.section_title,
    record.paragraph_text
{{ from_accepted(source('staging', 'ministry__articles')) }}

{#- A report keeps the rows of the model it labels, no more and no less. -#}
{% test same_number_of_rows(model, as_model) %}
select
    expected.number_of_rows as rows_expected,
    found.number_of_rows as rows_found
from (select count(*) as number_of_rows from {{ as_model }}) as expected
cross join (select count(*) as number_of_rows from {{ model }}) as found
where expected.number_of_rows != found.number_of_rows
{% endtest %}

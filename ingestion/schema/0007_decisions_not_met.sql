-- A decision whose record the file no longer gives is told, instead of lapsing in silence. Applied once, as ponam_loader.

alter table meta.decision_outcomes drop constraint decision_outcomes_outcome_check;
alter table meta.decision_outcomes
    add constraint decision_outcomes_outcome_check check (outcome in ('staged', 'unchanged', 'rejected', 'not met'));
comment on table meta.decision_outcomes is
    'What became of a decided record at each load: the row of its dataset that it is now, that it stays rejected, or that no record met the decision.';

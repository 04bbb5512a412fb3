-- When nobody was assigned in a phase: what happens in a pause is no part of the experiment.
ALTER TABLE experiment_phases ADD COLUMN pauses json NOT NULL DEFAULT '[]';
UPDATE experiment_phases p SET pauses = json_build_array(json_build_object('from', e.paused_at)) FROM experiments e
WHERE e.id = p.experiment_id AND e.phase = p.number AND e.state = 'paused' AND e.paused_at IS NOT NULL AND p.ended_at IS NULL;

-- Whether the phase was analysed once more after its end, over everything that belongs to it.
ALTER TABLE experiment_progress ADD COLUMN closed boolean NOT NULL DEFAULT false;
UPDATE experiment_progress g SET closed = true FROM experiment_phases p WHERE p.experiment_id = g.experiment_id AND p.number = g.phase AND p.ended_at < now();

-- Results of a phase.
CREATE INDEX ON experiments_snapshot (experiment_id, phase, at);

-- What the metric that an algorithm learns from said when it began to: changed since, it must not mean another thing to half of what was counted.
ALTER TABLE flag_algorithms ADD COLUMN metric json;
UPDATE flag_algorithms a SET metric = m.definition FROM metrics m WHERE m.project_id = a.project_id AND m.key = a.reward ->> 'metric';

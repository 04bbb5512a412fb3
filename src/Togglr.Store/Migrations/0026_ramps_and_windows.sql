-- A ramp that stands only because a window of a schedule has the flag off goes on with the flag.
ALTER TABLE ramps ADD COLUMN paused_by_window boolean NOT NULL DEFAULT false;

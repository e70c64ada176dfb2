DROP TABLE result_progress;
DROP TABLE result_rollups;
DROP TABLE result_points;
DROP TABLE result_tags;
DROP TABLE result_seen;
DROP TABLE result_series;

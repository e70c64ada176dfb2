ALTER TABLE node_agents DROP COLUMN cursor;
DROP TABLE node_runs;
DROP TABLE dial_variables;

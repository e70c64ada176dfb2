-- The tasks of watches stay, but nothing keeps them in step any more.
DROP TABLE region_watch_nodes;
DROP TABLE region_watches;

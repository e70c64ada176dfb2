DROP TABLE listening;

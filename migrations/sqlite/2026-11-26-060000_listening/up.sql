-- When at least one server ran and reached the database, so that nodes could be heard: microseconds
-- since 1970.
CREATE TABLE listening (
    since_us INTEGER PRIMARY KEY NOT NULL,
    until_us INTEGER NOT NULL
) STRICT;

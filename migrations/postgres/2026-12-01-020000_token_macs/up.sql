-- Codes that only the register can make, over what a token may do. The first start of this version makes
-- those of the tokens that there are; a row without one is refused afterwards.
ALTER TABLE tokens ADD COLUMN mac BYTEA CONSTRAINT tokens_mac CHECK (length(mac) = 32);
ALTER TABLE token_teams ADD COLUMN mac BYTEA CONSTRAINT token_teams_mac CHECK (length(mac) = 32);

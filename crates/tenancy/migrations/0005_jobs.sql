-- Exports that are asked for, and how far each is; written where the archive is of which they were asked. A job is a user's, or a customer's key's; `reach` is whose mail it
-- has, as it was when it was asked for. `place` is who writes' own text: up to there `place_rows` and `place_bytes` are
-- on disk.

CREATE TABLE jobs (
    id {id},
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    key_id BIGINT REFERENCES keys (id) ON DELETE CASCADE,
    archive TEXT NOT NULL,
    reach TEXT NOT NULL,
    name TEXT NOT NULL,
    question TEXT NOT NULL,
    time_range TEXT NOT NULL,
    zone TEXT NOT NULL,
    format TEXT NOT NULL,
    with_lines BIGINT NOT NULL,
    state TEXT NOT NULL,
    created BIGINT NOT NULL,
    began BIGINT,
    ended BIGINT,
    expires BIGINT,
    written BIGINT NOT NULL DEFAULT 0,
    rows_in_all BIGINT,
    bytes BIGINT NOT NULL DEFAULT 0,
    permille BIGINT NOT NULL DEFAULT 0,
    place TEXT NOT NULL DEFAULT '',
    place_rows BIGINT NOT NULL DEFAULT 0,
    place_bytes BIGINT NOT NULL DEFAULT 0,
    hash TEXT,
    failure TEXT
);
CREATE INDEX jobs_of_user ON jobs (user_id);
CREATE INDEX jobs_of_key ON jobs (key_id);
CREATE INDEX jobs_by_state ON jobs (state);

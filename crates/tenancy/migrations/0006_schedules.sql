-- Reports that are sent by mail on a schedule, of the whole installation (no customer) or of a customer. `receivers`
-- has one address in a line; `every`, `day` and `minute` are who sends' own words, as is `message` of a run.

CREATE TABLE schedules (
    id {id},
    customer BIGINT REFERENCES customers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    every TEXT NOT NULL,
    day BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    zone TEXT NOT NULL,
    language TEXT NOT NULL,
    receivers TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    next_due BIGINT NOT NULL
);
CREATE INDEX schedules_of_customer ON schedules (customer);
CREATE INDEX schedules_due ON schedules (next_due);

-- Each report that was to be sent: of which time, and what it says from when it was counted until all have it or it
-- is given up. One that somebody wanted at once is due then.
CREATE TABLE schedule_runs (
    id {id},
    schedule BIGINT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    due BIGINT NOT NULL,
    by_hand BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    before_from BIGINT NOT NULL,
    period_from BIGINT NOT NULL,
    period_until BIGINT NOT NULL,
    began BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    next_try BIGINT NOT NULL,
    message TEXT,
    trouble TEXT,
    ended BIGINT
);
CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (schedule, due, by_hand);
CREATE INDEX schedule_runs_open ON schedule_runs (ended, next_try);

-- To whom. `unclear` counts how often sending was begun and nobody knows how it ended.
CREATE TABLE schedule_mails (
    id {id},
    run BIGINT NOT NULL REFERENCES schedule_runs (id) ON DELETE CASCADE,
    receiver TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    tries BIGINT NOT NULL DEFAULT 0,
    unclear BIGINT NOT NULL DEFAULT 0,
    next_try BIGINT NOT NULL,
    reply TEXT,
    ended BIGINT
);
CREATE INDEX schedule_mails_of_run ON schedule_mails (run);
CREATE INDEX schedule_mails_due ON schedule_mails (state, next_try);

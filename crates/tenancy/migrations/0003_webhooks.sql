-- Where events of a customer are sent. `moment` and `row_id` are the place of the last row that was acknowledged;
-- `turn` counts how often somebody else set it, so that who sends does not set it back. The key stands as it is:
-- who signs must know it.

CREATE TABLE webhooks (
    id {id},
    customer BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    signing_key TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    moment BIGINT NOT NULL,
    row_id BIGINT NOT NULL,
    turn BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    next_try BIGINT,
    failure TEXT
);
CREATE INDEX webhooks_of_customer ON webhooks (customer);

-- What a receiver did not take however often it was sent.
CREATE TABLE dead_events (
    id {id},
    webhook BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    failure TEXT NOT NULL,
    at BIGINT NOT NULL,
    again BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX dead_events_of_webhook ON dead_events (webhook, again, id);

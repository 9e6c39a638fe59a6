-- What each request id was used for (AIP-155): the same id answers the same resource, rebuilt from
-- its state; no response is stored. A second use of the id for something else is refused.
CREATE TABLE requests (
  landlord_id  uuid        NOT NULL,
  request_id   uuid        NOT NULL,
  method       text        NOT NULL,  -- "EnrolVolunteer"
  object_id    uuid        NOT NULL,  -- what the request made or changed
  created_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT requests_pk PRIMARY KEY (landlord_id, request_id)
);

"""Poll book door: enrolment and blind signing; knows people, never sees an answer."""

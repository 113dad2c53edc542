"""What the peer was sent through the ballot-box door."""

from fake_service.service import read_envelope

SUBMISSIONS = "/v1/submissions"


def list_submission_requests(service):
    """The requests that submit, in the order in which they came."""
    return [one for one in service.log if one.url.endswith(SUBMISSIONS)]


def list_submitted_items(service):
    """The items of all of them."""
    return [
        item
        for one in list_submission_requests(service)
        for item in read_envelope(one)["items"]
    ]

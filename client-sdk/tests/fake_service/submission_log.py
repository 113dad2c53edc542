"""Requests and items that the fake service received at the ballot-box door."""

from fake_service.service import read_request

SUBMISSIONS = "/v1/submissions"


def list_submission_requests(service):
    """Returns the submission requests, in order of arrival."""
    return [request for request in service.log if request.url.endswith(SUBMISSIONS)]


def list_submitted_items(service):
    """Returns the items of all submission requests."""
    return [
        item
        for request in list_submission_requests(service)
        for item in read_request(request)["items"]
    ]

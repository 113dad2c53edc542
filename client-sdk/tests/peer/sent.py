"""What the peer was sent through the ballot-box door."""

from peer.service import envelope_of

SUBMISSIONS = "/v1/submissions"


def requests(peer):
    """The requests that submit, in the order in which they came."""
    return [one for one in peer.log if one.url.endswith(SUBMISSIONS)]


def items(peer):
    """The items of all of them."""
    return [item for one in requests(peer) for item in envelope_of(one)["items"]]

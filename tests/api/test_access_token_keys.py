"""The published key set holds the key of access tokens, and no other."""

import jwt
from jwt import PyJWKSet

from rapport_service.pollbook.tokens import ALGORITHM, ISSUER


def test_a_stock_library_verifies_a_token_with_the_published_key(service):
    phone = service.agency({"a": 1}).phone("a-1")
    token = phone.tokens["access_token"]
    keys = PyJWKSet.from_dict(service.http.get("/v1/jwks").get_json())

    claims = jwt.decode(
        token,
        keys[jwt.get_unverified_header(token)["kid"]],
        algorithms=[ALGORITHM],
        audience=ISSUER,
        options={"verify_exp": False, "verify_iat": False},
    )

    assert claims["org"] == token_organization(phone)


def test_the_key_set_never_holds_a_ballot_key(service):
    agency = service.agency({"a": 8})
    phone = agency.phone("a-1")
    kid = phone.kid(agency.announce())
    reply = service.http.get("/v1/jwks")
    (key,) = reply.get_json()["keys"]

    assert (key["kty"], key["alg"]) == ("OKP", "EdDSA")
    assert kid not in reply.text
    assert service.http.get(f"/v1/keys/{kid}").get_json()["n"] not in reply.text
    assert service.http.get(f"/v1/keys/{key['kid']}").status_code == 404


def test_the_key_set_holds_nothing_private(service):
    (key,) = service.http.get("/v1/jwks").get_json()["keys"]

    assert set(key) == {"kty", "crv", "x", "alg", "use", "kid"}


def test_the_well_known_address_answers_with_the_same_key_set(service):
    numbered = service.http.get("/v1/jwks")
    well_known = service.http.get("/.well-known/jwks.json")

    assert well_known.data == numbered.data
    assert well_known.headers["ETag"] == numbered.headers["ETag"]


def test_a_cache_may_keep_the_key_set_for_five_minutes(service):
    for address in ("/v1/jwks", "/.well-known/jwks.json"):
        reply = service.http.get(address)

        assert reply.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in reply.headers


def token_organization(phone):
    return phone.tokens["refresh_token"].split(".")[0]

// The modules under test, so that no test spells their folder.

export * as ballots from "../../../service/rapport_service/web/static/phone/core/ballot.js";
export * as blind from "../../../service/rapport_service/web/static/phone/core/blind.js";
export * as bytes from "../../../service/rapport_service/web/static/phone/core/bytes.js";
export * as envelopes from "../../../service/rapport_service/web/static/phone/core/envelope.js";
export * as hpke from "../../../service/rapport_service/web/static/phone/core/hpke.js";
export * as json from "../../../service/rapport_service/web/static/phone/core/json.js";

// The modules under test, so that no test spells their folder.

export * as ballots from "../../../service/rapport_service/web/static/phone/core/ballot.js";
export * as blind from "../../../service/rapport_service/web/static/phone/core/blind.js";
export * as bytes from "../../../service/rapport_service/web/static/phone/core/bytes.js";
export * as charters from "../../../service/rapport_service/web/static/phone/core/charter.js";
export * as clocks from "../../../service/rapport_service/web/static/phone/core/device_clock.js";
export * as codes from "../../../service/rapport_service/web/static/phone/core/codes.js";
export * as databases from "../../../service/rapport_service/web/static/phone/core/database.js";
export * as envelopes from "../../../service/rapport_service/web/static/phone/core/envelope.js";
export * as errors from "../../../service/rapport_service/web/static/phone/core/errors.js";
export * as hpke from "../../../service/rapport_service/web/static/phone/core/hpke.js";
export * as instruments from "../../../service/rapport_service/web/static/phone/core/instrument.js";
export * as json from "../../../service/rapport_service/web/static/phone/core/json.js";
export * as outbox from "../../../service/rapport_service/web/static/phone/core/outbox.js";
export * as pacing from "../../../service/rapport_service/web/static/phone/core/pacing.js";
export * as phones from "../../../service/rapport_service/web/static/phone/core/phone.js";
export * as plainLanguage from "../../../service/rapport_service/web/static/phone/core/plain_language.js";
export * as pollBooks from "../../../service/rapport_service/web/static/phone/core/poll_book.js";
export * as transports from "../../../service/rapport_service/web/static/phone/core/transport.js";

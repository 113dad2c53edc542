// A service in memory: both doors, and faults on the way. Its fetch is the phone's.

import { generateKeyPairSync } from "node:crypto";

import { blind, bytes } from "./core.js";
import { example } from "./support.js";

const INSTRUMENT = JSON.stringify(example("get_instrument.pulse-1").response.json);
const CHARTER = example("get_charter.frozen").response.json;
const DAY = 24 * 60 * 60;

export const NOON = Date.UTC(2027, 3, 5, 12) / 1000;
export const [NORTH, SOUTH] = ["team-north", "team-south"];

/** Clocks that a test sets: the wall clock of a phone, its monotonic one, its page. */
export class ManualClock {
  constructor(server = NOON, wall = server) {
    this.server = server;
    this.ahead = wall - server;
    this.started = 1000;
    this.boot = "page-1";
    this.source = {
      wall: () => this.server + this.ahead,
      monotonic: () => this.started,
      boot: this.boot,
    };
  }

  advance(seconds) {
    this.server += seconds;
    this.started += seconds;
  }
}

const keyPairs = [];
/** The RSA keys of the tests, made once: n-th wave, n-th key. */
export function keyPair(at) {
  keyPairs[at] ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
  }).privateKey.export({
    format: "jwk",
  });
  return keyPairs[at];
}

const digestOf = (text) => bytes.digest(bytes.utf8(text));
const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

export const json = (document, status = 200, headers = {}) =>
  new Response(typeof document === "string" ? document : JSON.stringify(document), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
export const problem = (status, code, headers = {}) =>
  json({ code, status, title: code }, status, {
    "Content-Type": "application/problem+json",
    ...headers,
  });
export const portal = () =>
  new Response("<html>Log in</html>", { headers: { "Content-Type": "text/html" } });

export class FakeService {
  constructor(clock) {
    this.clock = clock;
    this.codes = new Map();
    this.devices = new Map();
    this.waves = [];
    this.epoch = "epoch-1";
    this.revoked = new Set();
    this.spent = new Map();
    this.log = [];
    this.scores = [];
    /** @type {(request: object, answer: () => Promise<Response>) => Promise<Response>} */
    this.intercept = (_, answer) => answer();
    this.fetch = this.fetch.bind(this);
  }

  addCode(code, subject = code, scope = "member") {
    this.codes.set(code, { subject, scope, device: null });
    return code;
  }

  /** Announces a wave; its state goes by the service's clock. */
  async addWave({ opens = -DAY, closes = DAY, seals = 3 * DAY, edit = () => {} } = {}) {
    const at = this.waves.length;
    const jwk = keyPair(at);
    const { n, e } = jwk;
    const canonical = JSON.stringify({ e, kty: "RSA", n });
    const kid = `acme.${await digestOf(canonical)}`;
    const sealing = await crypto.subtle.generateKey(
      { name: "ECDH", namedCurve: "P-256" },
      true,
      ["deriveBits"],
    );
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", sealing.publicKey);
    const id = `acme.00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
    const now = this.clock.server;
    const dates = {
      announces_at: now - 7 * DAY,
      opens_at: now + opens,
      closes_at: now + closes,
      seals_at: now + seals,
      retires_at: now + 400 * DAY,
    };
    const charter = {
      ...structuredClone(CHARTER),
      wave: {
        id,
        ...Object.fromEntries(
          Object.entries(dates).map(([name, on]) => [name, iso(on)]),
        ),
        keep_seconds: 14 * DAY,
      },
      instrument_digest: await digestOf(INSTRUMENT),
      sealing_key: { kty, crv, x, y },
      min_pool: 6,
      tree: [
        {
          team_id: NORTH,
          parent_id: null,
          name: "North",
          eligible: 8,
          ballot_key_id: kid,
          pool: 8,
        },
        {
          team_id: SOUTH,
          parent_id: NORTH,
          name: "South",
          eligible: 3,
          ballot_key_id: kid,
          pool: null,
        },
      ],
    };
    edit(charter);
    const wave = {
      id,
      kid,
      jwk,
      charter: JSON.stringify(charter),
      sealing,
      drawn: new Map(),
    };
    Object.assign(wave, { dates, cancelled: null });
    this.waves.push(wave);
    return wave;
  }

  stateOf({ dates, cancelled }) {
    const now = this.clock.server;
    if (cancelled !== null) return "cancelled";
    if (now < dates.opens_at) return "announced";
    return now < dates.closes_at ? "open" : "closed";
  }

  paths() {
    return this.log.map(({ path }) => path);
  }

  submissions() {
    return this.log.filter(({ path }) => path === "/v1/submissions");
  }

  async fetch(url, options) {
    const { pathname: path, origin, search } = new URL(url);
    const request = { path, origin, search, ...options };
    this.log.push(request);
    const response = await this.intercept(request, () => this.#answer(request));
    if (response.headers.get("date") === null) {
      response.headers.set("Date", new Date(this.clock.server * 1000).toUTCString());
    }
    return response;
  }

  async #answer({ path, method, headers, body }) {
    const isKnown = "Authorization" in headers;
    const match = (pattern) => path.match(pattern)?.[1];
    if (path === "/v1/enrolments") return this.#enrol(JSON.parse(body));
    if (path === "/v1/token") return this.#refresh(new URLSearchParams(body));
    if (/^\/v1\/(waves|keys|instruments|submissions)/.test(path)) {
      if (isKnown) return problem(400, "credentials-not-wanted");
      if (path === "/v1/submissions") return this.#submit(method, JSON.parse(body));
      return this.#document(match);
    }
    const token = headers.Authorization?.replace("Bearer ", "");
    const device = [...this.devices.values()].find(({ access }) => access === token);
    if (!device) return problem(401, "token-expired");
    if (path === "/v1/sync") return this.#list(device, headers);
    if (path === "/v1/ballots") return this.#draw(device, JSON.parse(body));
    if (path === "/v1/teams") {
      return json({ teams: this.scores.map(({ team }) => team), next: null });
    }
    const team = match(/^\/v1\/teams\/([^/]+)\/score$/);
    const score = this.scores.find((each) => each.team.id === team);
    return score
      ? json(score, 200, { ETag: `"${score.wave_id}"` })
      : problem(404, "not-found");
  }

  #document(match) {
    const waveId = match(/^\/v1\/waves\/(.+)\/charter$/);
    const wave = this.waves.find(
      ({ id, kid }) => id === waveId || match(/keys\/(.+)/) === kid,
    );
    if (match(/instruments\/(.+)/)) return json(INSTRUMENT);
    if (!wave) return problem(404, "not-found");
    if (waveId) return json(wave.charter);
    const { n, e } = wave.jwk;
    return json({ kty: "RSA", n, e, alg: "PS384", use: "sig", kid: wave.kid });
  }

  async #enrol({ code, device }) {
    const known = this.codes.get(code);
    if (!known) return problem(404, "code-unknown");
    if (known.expired) return problem(410, "code-expired");
    if (known.device !== null && known.device !== device)
      return problem(409, "code-used");
    known.device = device;
    const enrolled = { ...known, number: this.devices.size, generation: 0 };
    this.devices.set(device, enrolled);
    return this.#tokens(enrolled, device);
  }

  async #refresh(form) {
    const presented = form.get("refresh_token");
    const device = [...this.devices.values()].find(
      ({ refresh }) => refresh === presented,
    );
    if (!device || device.ended) return problem(400, "grant-invalid");
    return this.#tokens(device, presented);
  }

  async #tokens(device, presented) {
    device.generation += 1;
    const serial = `${device.number}.${device.generation}`; // no two devices share one
    const claims = JSON.stringify({ org: "acme", sub: device.subject });
    device.access = `h.${bytes.encode(bytes.utf8(claims))}.s${serial.replace(".", "-")}`;
    device.refresh = `acme.${device.subject}.${serial}`;
    return json({
      access_token: device.access,
      refresh_token: device.refresh,
      expires_in: 900,
      scope: device.scope,
      echo: await digestOf(presented),
    });
  }

  async #list(device, headers) {
    const waves = await Promise.all(
      this.waves.map(async (wave) => ({
        wave_id: wave.id,
        state: this.stateOf(wave),
        charter_digest: wave.named ?? (await digestOf(wave.charter)),
        voting_team_id: SOUTH,
        reason: wave.cancelled,
      })),
    );
    const body = JSON.stringify({
      epoch: this.epoch,
      limits: { items: 500, bytes: 1048576 },
      directives: this.revoked.has(device.subject) ? ["revoked"] : [],
      waves: waves.filter(({ state }) => state !== "closed"),
    });
    const etag = `"${await digestOf(body)}"`;
    if (headers["If-None-Match"] === etag) {
      return new Response(null, { status: 304, headers: { ETag: etag } });
    }
    return json(body, 200, { ETag: etag });
  }

  #draw(device, { requests }) {
    const results = requests.map(({ wave_id: id, ballot_key_id: kid, blinded }) => {
      const wave = this.waves.find((each) => each.id === id);
      const before = wave?.drawn.get(device.subject) ?? blinded;
      let [status, signature] = ["signed", null];
      if (wave?.kid !== kid) status = "wrong_key";
      else if (before !== blinded) status = "already_drawn";
      else if (wave.undrawable) status = "not_drawable";
      else {
        wave.drawn.set(device.subject, blinded);
        const [n, d] = [wave.jwk.n, wave.jwk.d].map((b64) =>
          bytes.toNumber(bytes.decode(b64)),
        );
        const signed = blind.power(bytes.toNumber(bytes.decode(blinded)), d, n);
        signature = bytes.encode(bytes.fromNumber(signed, 256));
      }
      return { wave_id: id, status, signature };
    });
    return json({ results });
  }

  async #submit(method, { protocol, batch, items }) {
    const results = await Promise.all(
      items.map(async ({ op, ballot, envelope }) => {
        const { jti } = JSON.parse(bytes.text(bytes.decode(ballot.split(".")[1])));
        const hash = await bytes.digest(bytes.decode(jti));
        const digest = await bytes.digest(bytes.decode(envelope));
        return { ...this.#resultOf(op, ballot, hash, digest), hash, digest };
      }),
    );
    return json({ protocol, batch, results });
  }

  #resultOf(op, ballot, hash, digest) {
    const { kid } = JSON.parse(bytes.text(bytes.decode(ballot.split(".")[0])));
    const wave = this.waves.find((each) => each.kid === kid);
    if (!wave) return { status: "rejected", reason: "ballot_unknown_key" };
    const late = op === "submit" ? "too_late" : "withdraw_too_late";
    if (this.clock.server >= wave.dates.seals_at)
      return { status: "final", reason: late };
    const before = this.spent.get(hash);
    if (before === "withdrawn" || op === "withdraw") {
      this.spent.set(hash, "withdrawn");
      return { status: "withdrawn", reason: null };
    }
    if (before === undefined) this.spent.set(hash, digest);
    if (before === undefined) return { status: "accepted", reason: null };
    return before === digest
      ? { status: "duplicate", reason: null }
      : { status: "final", reason: "envelope_conflict" };
  }
}

/**
 * Law 12: a secret that a server repeats, in whatever form, is in nothing that a program sees.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted, Stream } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Secrets from "../../src/provider/internal/secrets.ts"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const request = asking("q")

const key = "sk-live+0123/4567=\"x\\y"
const token = "tok-abc.def_ghi~jkl"
const password = "p\u00e4ss/w0rd+"
const basic = btoa(`user:${password}`)
const nested = "nested-secret-42"
const cursor = "cursor-secret-77"

const optionsOf = (baseUrl: string, sending: Senders.Sending): OpenAI.Options => ({
  ...sending,
  model: "m",
  apiKey: Redacted.make(key),
  baseUrl: `${baseUrl}?cursor=${cursor}`,
  headers: {
    "x-token": Redacted.make(`Bearer ${token}`),
    "proxy-authorization": Redacted.make(`Basic ${basic}`)
  },
  extraBody: { plugins: [{ auth: { token: Redacted.make(nested) } }], top_k: 5 },
  retry: false
})

const base64 = (text: string) => Buffer.from(text).toString("base64")

/** How a server may repeat a secret, by the name of the form. */
const forms: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => secret,
  "in quotes": (secret) => `'${secret}'`,
  "as JSON": (secret) => JSON.stringify(secret),
  "as JSON in JSON": (secret) => JSON.stringify(JSON.stringify(secret)),
  "as JSON that escapes slashes": (secret) => JSON.stringify(secret).replaceAll("/", "\\/"),
  "as JSON in ASCII": (secret) =>
    JSON.stringify(secret).replace(/[^a-z0-9\\]/gi, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "in a URL": (secret) => encodeURIComponent(secret),
  "in a URL in lower case": (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  "in HTML": (secret) => secret.replaceAll("\"", "&quot;").replaceAll("+", "&#43;"),
  "in base64": base64,
  "in base64 of URLs": (secret) => Buffer.from(secret).toString("base64url"),
  "in Basic, as the password": (secret) => `Basic ${base64(`me:${secret}`)}`,
  "in Basic, as a longer user's password": (secret) => base64(`longer:${secret}`),
  "in Basic, as the user": (secret) => base64(`${secret}:`)
}

/** The parts of a secret that nobody may read: its longest run of letters and digits. */
const core = (secret: string) => (secret.match(/[a-z0-9]+/gi) ?? []).sort((a, b) => b.length - a.length)[0]!

const shown = (secret: string, said: string) =>
  said.includes(secret) || said.includes(core(secret)) ||
  (said.match(/[A-Za-z0-9+/_-]{8,}/g) ?? []).some((run) => Buffer.from(run, "base64").toString().includes(core(secret)))

const secrets = { key, token, password, basic, nested, cursor }

describe.each(Object.entries(Senders.all))("law 12: secrets over %s", (_, sending) => {
  const options = (baseUrl: string) => optionsOf(baseUrl, sending)

  for (const [form, write] of Object.entries(forms)) {
    it.effect(form, () =>
      Effect.gen(function*() {
        for (const [name, secret] of Object.entries(secrets)) {
          const said = write(secret)
          assert.isTrue(shown(secret, said) || form.includes("ASCII") || form.includes("URL"), `${name}: ${said}`)
          const server = yield* WireServer.make([
            WireServer.json(401, { error: { message: `no good: ${said}` } }),
            WireServer.reply(500, {}, `no good: ${said}`),
            WireServer.events(WireServer.data({ error: { message: `no good: ${said}` } })),
            WireServer.events(WireServer.chunk({ refusal: `no good: ${said}` }), WireServer.stop, WireServer.done),
            WireServer.json(200, WireServer.completion({ content: "", refusal: `no good: ${said}` }))
          ])
          const lm = yield* OpenAI.make(options(server.baseUrl))
          for (let n = 0; n < 3; n++) {
            const error = yield* Effect.flip(Stream.runDrain(lm.stream(request)))
            assert.isFalse(shown(secret, `${error.stack} ${JSON.stringify(error)}`), `${name}: ${error.message}`)
            assert.include(error.message, "no good: ")
          }
          const events = JSON.stringify(yield* Stream.runCollect(lm.stream(request)))
          const response = JSON.stringify(yield* lm.generate(request))
          for (const text of [events, response]) {
            assert.isFalse(shown(secret, text), `${name}: ${text}`)
            assert.include(text, "no good: ")
          }
        }
      }))
  }

  describe("whatever is done to their characters", () => {
    const each = (f: (character: string) => string) => (secret: string) => Array.from(secret, f).join("")
    const code = (character: string, radix = 16) => character.codePointAt(0)!.toString(radix)
    const bytes = (text: string) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, "0"))
    const lines = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, "g"), "$&\r\n")

    /** What is written, and the part of it that must not be shown. */
    const written: Readonly<Record<string, (secret: string) => string>> = {
      "in capitals": (secret) => secret.toUpperCase(),
      "in small letters": (secret) => secret.toLowerCase(),
      "as hexadecimal digits": (secret) => bytes(secret).join(""),
      "as hexadecimal digits in capitals": (secret) => bytes(secret).join("").toUpperCase(),
      "as hexadecimal digits with colons": (secret) => bytes(secret).join(":"),
      "as bytes in a string": (secret) => bytes(secret).map((byte) => `\\x${byte}`).join(""),
      "as JSON that escapes everything": each((c) => `\\u${code(c).padStart(4, "0")}`),
      "as JSON that escapes everything, in JSON": each((c) => `\\\\u${code(c).padStart(4, "0").toUpperCase()}`),
      "as a URL that escapes everything": each((c) => bytes(c).map((byte) => `%${byte}`).join("")),
      "as a URL that escapes everything, in a URL": each((c) => bytes(c).map((byte) => `%25${byte}`).join("")),
      "as HTML that escapes everything": each((c) => `&#${code(c, 10)};`),
      "as HTML that escapes everything, with zeros": each((c) => `&#x00${code(c)};`),
      "in base64, in lines": (secret) => lines(base64(secret), 6),
      "in base64 of base64": (secret) => base64(base64(secret)),
      ...Object.fromEntries(["a", "ab", "abc"].map((before) => [
        `in base64 right behind ${before.length} letters`,
        (secret: string) => before + base64(secret)
      ])),
      "as JSON of code points": each((c) => `\\u{${code(c)}}`),
      "in base64 of Basic": (secret) => base64(`Basic ${base64(`me:${secret}`)}`),
      ...Object.fromEntries(["", "a", "ab", "abc"].flatMap((before) =>
        ["", "x", "xy"].map((after) =>
          [
            `in base64 behind ${before.length} characters and before ${after.length}`,
            (secret: string) => base64(before + secret + after)
          ] as const
        )
      ))
    }
    // The secret itself is not enough of a middle where it is decoded or has parts.
    const whole = { key, token, nested, cursor }
    for (const [form, write] of Object.entries(written)) {
      it.effect(form, () =>
        Effect.gen(function*() {
          for (const [name, secret] of Object.entries(whole)) {
            const said = write(secret)
            const part = said.slice(Math.floor(said.length * 0.35), Math.ceil(said.length * 0.65))
            const server = yield* WireServer.make([
              WireServer.json(401, { error: { message: `no good: ${said} is wrong` } }),
              WireServer.reply(500, {}, `no good: ${said} is wrong`)
            ])
            const lm = yield* OpenAI.make(options(server.baseUrl))
            for (let n = 0; n < 2; n++) {
              const { message } = yield* Effect.flip(lm.generate(request))
              assert.notInclude(message, part, name)
              assert.include(message, "no good: ")
              assert.include(message, "is wrong")
              assert.include(message, "<redacted>")
            }
          }
        }))
    }

    it.effect("letters that are not ASCII", () =>
      Effect.gen(function*() {
        const own = "p\u00e4ssw\u00f6rd-\u{1f600}-end"
        const forms = [
          own,
          own.toUpperCase(),
          own.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
          encodeURIComponent(own),
          own.replace(/[^ -~]/gu, (c) => `&#${code(c, 10)};`),
          base64(own),
          bytes(own).join("")
        ]
        for (const said of forms) {
          const server = yield* WireServer.make(WireServer.json(401, { error: { message: `no good: ${said}.` } }))
          const extraBody = { auth: Redacted.make(own) }
          const lm = yield* OpenAI.make({ ...sending, model: "m", baseUrl: server.baseUrl, extraBody, retry: false })
          assert.include((yield* Effect.flip(lm.generate(request))).message, "no good: <redacted>")
        }
      }))

    it.effect("in base64 in lines of 76 characters", () =>
      Effect.gen(function*() {
        const said = lines(base64(`${"-".repeat(50)}${token}`), 76)
        const server = yield* WireServer.make(WireServer.json(401, { error: { message: `no good: ${said}` } }))
        const { message } = yield* Effect.flip((yield* OpenAI.make(options(server.baseUrl))).generate(request))
        assert.isFalse(shown(token, message.replace(/\s/g, "")), message)
      }))
  })

  it.effect("are sent as they are, and are in no body that is only looked at", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("Paris"))
      const lm = yield* OpenAI.make({ ...options(server.baseUrl), apiKey: Redacted.make("sk-plain-0123") })
      yield* lm.generate(request)
      yield* Stream.runDrain(lm.stream(request))
      for (const sent of server.requests) {
        assert.strictEqual(sent.headers["authorization"], "Bearer sk-plain-0123")
        assert.strictEqual(sent.headers["x-token"], `Bearer ${token}`)
        assert.deepStrictEqual(sent.json.plugins, [{ auth: { token: nested } }])
        assert.strictEqual(sent.json.top_k, 5)
      }
      assert.notInclude(JSON.stringify(OpenAI.toBody(request, options(server.baseUrl))), nested)
    }))

  it.effect("a header whose name says so is a secret, redacted or not", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(401, { error: { message: "Incorrect: tok-1234567890" } }))
      for (const name of ["authorization", "api-key", "x-goog-api-key", "cookie"]) {
        const lm = yield* OpenAI.make({
          ...sending,
          model: "m",
          baseUrl: server.baseUrl,
          headers: { [name]: "Bearer tok-1234567890" },
          retry: false
        })
        assert.notInclude((yield* Effect.flip(lm.generate(request))).message, "1234567890")
      }
    }))

  it.effect("each part of a header that has several is a secret, and each text in a redacted object", () =>
    Effect.gen(function*() {
      const parts = ["abcdef0123", "ghijkl4567", "user-secret", "list-secret", "deep-secret"]
      const server = yield* WireServer.make(
        parts.map((part) => WireServer.json(401, { error: { message: `Bearer password ${part}.` } }))
      )
      const lm = yield* OpenAI.make({
        ...sending,
        model: "m",
        baseUrl: server.baseUrl,
        headers: { cookie: "theme=1; sid=abcdef0123", authorization: "Token token=\"ghijkl4567\"" },
        extraBody: {
          auth: Redacted.make({ name: "user-secret", more: ["list-secret", Redacted.make({ x: "deep-secret" })] })
        },
        retry: false
      })
      for (const part of parts) {
        const { message } = yield* Effect.flip(lm.generate(request))
        assert.notInclude(message, part)
        assert.include(message, "Bearer password <redacted>.")
      }
    }))

  it.effect("no message is cut inside a secret before it is hidden", () =>
    Effect.gen(function*() {
      const long = `sk-${"k7Qz9-".repeat(60)}`
      const before = (length: number) => "word ".repeat(length / 5)
      const replies = [100, 280, 800, 1100, 1900, 2500, 3900, 15_900].flatMap((length) => {
        const text = `${before(length)}${long} ${before(3000)}`
        return [
          WireServer.json(400, { error: { message: "no", failed_generation: text } }),
          WireServer.reply(500, {}, text),
          WireServer.reply(200, {}, text),
          WireServer.json(200, { said: text }),
          WireServer.events(`data: {${text}\n\n`)
        ]
      })
      const server = yield* WireServer.make(replies)
      const lm = yield* OpenAI.make({
        ...sending,
        model: "m",
        baseUrl: server.baseUrl,
        apiKey: Redacted.make(long),
        retry: false
      })
      for (const _ of replies) {
        const { message } = yield* Effect.flip(lm.generate(request))
        assert.notInclude(message, "k7Qz9-k7")
        assert.isBelow(message.length, 1400)
      }
    }))

  it.effect("nor where there is no white space", () =>
    Effect.gen(function*() {
      const long = `sk-${"k7Qz9-".repeat(60)}`
      const lm = (baseUrl: string) =>
        OpenAI.make({ ...sending, model: "m", baseUrl, apiKey: Redacted.make(long), retry: false })
      for (const length of [15_700, 15_900, 15_998]) {
        const text = `{"a":[${"\"x\",".repeat(length / 4)}"${long}","${"x".repeat(20_000)}"]}`
        const server = yield* WireServer.make([WireServer.reply(200, {}, text), WireServer.reply(500, {}, text)])
        for (let n = 0; n < 2; n++) {
          const { message } = yield* Effect.flip((yield* lm(server.baseUrl)).generate(request))
          assert.notInclude(message, "k7Qz9-k7")
        }
      }
    }))

  it.effect("words that are no secrets stay", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(401, { error: { message: "Bearer tokens of user: none" } }))
      const lm = yield* OpenAI.make(options(server.baseUrl))
      assert.include((yield* Effect.flip(lm.generate(request))).message, "Bearer tokens of user: none")
    }))

  it.effect("are in no log", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make(({ message }) => void logged.push(String(message)))
      const server = yield* WireServer.make(WireServer.json(500, { error: { message: `${key} and ${nested}` } }))
      yield* OpenAI.make(options(server.baseUrl)).pipe(
        Effect.flatMap((lm) => Effect.flip(lm.generate(request))),
        Effect.tap((error) => Effect.logError(error)),
        Effect.provide(Logger.layer([logger]))
      )
      assert.lengthOf(logged, 1)
      for (const secret of [key, nested]) assert.notInclude(logged[0]!, secret)
    }))
})

describe("secrets", () => {
  it("are found in time that grows with the text", () => {
    const secrets = [
      `Bearer ${token}`,
      key,
      nested,
      `Basic ${basic}`,
      "k".repeat(40),
      `sk-${"0123456789".repeat(20)}`
    ]
    for (const piece of ["k", "s%73", "\\u006b", "a2tr\n", "&#107;", "word "]) {
      const time = (length: number) => {
        const text = piece.repeat(length / piece.length)
        const started = process.cpuUsage()
        Secrets.hide(text, secrets)
        return process.cpuUsage(started).user / 1000
      }
      time(1000)
      assert.isBelow(time(16_000), 1500, piece)
    }
  })
})

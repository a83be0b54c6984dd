/** The tools that come with the examples: what they answer, and what they refuse. */
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Toolbox } from "effect-lm"
import { calculator } from "../examples/tools/calculator.ts"
import { fetchPage } from "../examples/tools/fetchPage.ts"

describe("calculator", () => {
  it.effect("computes what is arithmetic", () =>
    Effect.gen(function*() {
      for (
        const [expression, value] of [
          ["15 * 23 + 42", 387],
          ["-2 ^ 2", -4],
          ["2 ^ 3 ^ 2", 512],
          ["2 ** -1", 0.5],
          ["(1 + 2) * (3 - 4) / .5", -6],
          ["10 % 4 - -1", 3],
          ["1_000_000 × 2e-3", 2000],
          ["sqrt(16) + abs(-2) + round(pi)", 9]
        ] as const
      ) assert.strictEqual(yield* calculator({ expression }), value, expression)
    }))

  it.effect.prop(
    "agrees with JavaScript on sums and products",
    [Schema.Array(Schema.Int)],
    ([numbers]) =>
      Effect.gen(function*() {
        const small = numbers.slice(0, 20).map((n) => n % 1000)
        const expression = ["1", ...small.map((n, index) => `${"+-*"[index % 3]} (${n})`)].join(" ")
        // Numbers, signs and parentheses only: written above.
        assert.strictEqual(yield* calculator({ expression }), new Function(`return ${expression}`)())
      })
  )

  it.effect("says what is wrong with everything else, and evaluates no code", () =>
    Effect.gen(function*() {
      const { call } = yield* Toolbox.resolve([calculator])
      for (
        const [expression, problem] of [
          ["process.exit(1)", /what is 'process'/],
          ["constructor", /what is 'constructor'/],
          ["1 +", /too early/],
          ["(1", /not closed/],
          ["1 2", /what is '2'/],
          ["1 / 0", /division by zero/],
          ["9 ^ 9 ^ 9", /finite/],
          ["(".repeat(500), /too deep/],
          ["-".repeat(900) + "1", /too deep/],
          ["1".repeat(2000), /1000/],
          ["", /too early/]
        ] as const
      ) {
        const observation = yield* call({ name: "calculator", arguments: { _tag: "Json", value: { expression } } })
        assert.strictEqual(observation._tag, "Failure", expression)
        assert.match(observation.text, problem)
      }
    }))
})

describe("fetch_page", () => {
  const answering = (...responses: ReadonlyArray<Response>) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const left = [...responses]
        const asked: Array<string> = []
        vi.stubGlobal("fetch", (url: URL) => {
          asked.push(url.href)
          return Promise.resolve(left.shift())
        })
        return asked
      }),
      () => Effect.sync(() => vi.unstubAllGlobals())
    )

  it.effect("gives the words of a page", () =>
    Effect.gen(function*() {
      const html = "<head><title>x</title></head><body><script>bad()</script><p>Fish &amp; chips</p></body>"
      yield* answering(new Response(html, { headers: { "content-type": "text/html" } }))
      assert.deepStrictEqual(yield* fetchPage({ url: "https://93.184.216.34/" }), {
        url: "https://93.184.216.34/",
        text: "Fish & chips",
        isWhole: true
      })
    }))

  it.effect("reads no more than its limit", () =>
    Effect.gen(function*() {
      let pulled = 0
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled++
          controller.enqueue(new Uint8Array(50_000).fill(97))
        }
      })
      yield* answering(new Response(endless, { headers: { "content-type": "text/plain" } }))
      const { isWhole, text } = yield* fetchPage({ url: "http://93.184.216.34/" })
      assert.isFalse(isWhole)
      assert.lengthOf(text, 200_000)
      assert.isBelow(pulled, 10)
    }))

  it.effect("follows redirects to where it may go, and not for ever", () =>
    Effect.gen(function*() {
      const to = (location: string) => new Response(null, { status: 302, headers: { location } })
      const asked = yield* answering(to("/b"), new Response("ok", { headers: { "content-type": "text/plain" } }))
      assert.strictEqual((yield* fetchPage({ url: "http://93.184.216.34/a" })).text, "ok")
      assert.deepStrictEqual(asked, ["http://93.184.216.34/a", "http://93.184.216.34/b"])
      yield* answering(to("http://127.0.0.1:8080/"))
      assert.match((yield* Effect.flip(fetchPage({ url: "http://93.184.216.34/" }))).message, /127\.0\.0\.1/)
      yield* answering(to("/"), to("/"), to("/"), to("/"))
      assert.match((yield* Effect.flip(fetchPage({ url: "http://93.184.216.34/" }))).message, /redirects/)
    }))

  it.effect("refuses what is not on the public internet, or no text", () =>
    Effect.gen(function*() {
      const asked = yield* answering(new Response("x", { headers: { "content-type": "image/png" } }))
      for (
        const url of [
          "file:///etc/passwd",
          "ftp://93.184.216.34/",
          "nonsense",
          "http://127.0.0.1/",
          "http://localhost/",
          "http://[::1]/",
          "http://[::ffff:10.0.0.1]/",
          "http://[::127.0.0.1]/",
          "http://[64:ff9b::10.0.0.1]/",
          "http://169.254.169.254/latest/meta-data",
          "http://10.1.2.3/",
          "http://0/"
        ]
      ) assert.strictEqual((yield* Effect.flip(fetchPage({ url })))._tag, "FetchError", url)
      assert.lengthOf(asked, 0)
      assert.match((yield* Effect.flip(fetchPage({ url: "http://93.184.216.34/" }))).message, /image\/png/)
    }))

  it.effect("closes what it does not read", () =>
    Effect.gen(function*() {
      for (
        const [init, left] of [
          [{ status: 404 }, "answers 404"],
          [{ headers: { "content-type": "image/png" } }, "image/png"],
          [{ status: 302, headers: { location: "http://10.0.0.1/" } }, "public internet"],
          [{ status: 302, headers: { location: "http://" } }, "leads to no address"]
        ] as const
      ) {
        let cancelled = 0
        const body = new ReadableStream({ cancel: () => void cancelled++ })
        yield* answering(new Response(body, init))
        assert.include((yield* Effect.flip(fetchPage({ url: "http://93.184.216.34/" }))).message, left)
        assert.strictEqual(cancelled, 1, left)
      }
    }))
})

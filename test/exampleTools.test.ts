/** The tools that come with the examples: what they answer, and what they refuse. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result, Schema } from "effect"
import { Toolbox } from "effect-lm"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { fetchPageFrom } from "../examples/support/page.ts"
import { textOf } from "../examples/support/pageText.ts"
import { isPublic } from "../examples/support/publicAddress.ts"
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

describe("public addresses", () => {
  const reserved = [
    "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255",
    "192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 240.0.0.1",
    "255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b::10.0.0.1",
    "64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:0a00:0001::1 2002:808:808::1",
    "3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 localhost 1 8.8.8.8%eth0"
  ]
  const worldwide = [
    "1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 198.20.0.1",
    "223.255.255.255 2606:4700::1111 2001:4860:4860::8888 2a00::1"
  ]

  it("are those that IANA keeps for nothing else", () => {
    for (const address of reserved.join(" ").split(" ")) assert.isFalse(isPublic(address), address)
    for (const address of worldwide.join(" ").split(" ")) assert.isTrue(isPublic(address), address)
    assert.isFalse(isPublic(""))
  })
})

describe("the text of a page", () => {
  it("is what a person sees of it", () => {
    for (
      const [html, text] of [
        ["<head><title>x</title></head><body><script>bad()</script><p>Fish &amp; chips</p></body>", "Fish & chips"],
        ["a<!-- <b> > -->b<!---->c<!-->d", "a b c d"],
        ["1 < 2 and 3 > 2 <b>yes</b>", "1 < 2 and 3 > 2 yes"],
        ["<SCRIPT>a</script >b<style media=x>c</STYLE\n>d<svg><text>e</text></svg>f", "b d f"],
        ["<script>never closed <b>x</b>", "never closed x"],
        ["broken <a href", "broken <a href"],
        ["&amp;lt; &nbsp;&#39;", "&lt; '"]
      ] as const
    ) assert.strictEqual(textOf(html), text, html)
  })

  it("takes no longer than the page is long, however it is written", () => {
    const seconds = (html: string): number => {
      const began = performance.now()
      textOf(html)
      return performance.now() - began
    }
    const pieces = [
      "<",
      "<a",
      "<script>",
      "<script></style>",
      "<!--",
      "<!-- -->",
      "<svg </svg",
      "</script",
      "<style>x</style>"
    ]
      .concat("&amp;", " ", "<head ", "<p>", "<<>", "<!", "<script/</script ", "\n\t", "<a<!--")
    for (const piece of pieces) {
      // Where time grows with the square of the length, this takes minutes.
      assert.isBelow(seconds(piece.repeat(400_000 / piece.length)), 5000, piece)
    }
  }, 60_000)
})

describe("fetch_page", () => {
  /** A server, and an internet on which it is every host that is called `public...`; what it was asked, and for which hosts. */
  const web = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const server = createServer((request, response) => {
        asked.push(`${request.headers.host}${request.url}`)
        answer(request, response)
      })
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () =>
          Effect.callback<void>((resume) => {
            server.closeAllConnections()
            server.close(() => resume(Effect.void))
          })
      )
      const { port } = server.address() as AddressInfo
      const lookups: Array<string> = []
      const fetchPage = fetchPageFrom({
        resolve: (host) => {
          lookups.push(host)
          // Asked once more, a name of this attacker leads to the metadata of the machine.
          const again = lookups.filter((other) => other === host).length > 1
          return host.startsWith("public")
            ? Promise.resolve([{ address: again ? "169.254.169.254" : "127.0.0.1", family: 4 }])
            : host === "both"
            ? Promise.resolve([{ address: "127.0.0.1", family: 4 }, { address: "10.0.0.1", family: 4 }])
            : Promise.reject(new Error("unknown"))
        },
        isAllowed: (address) => address === "127.0.0.1"
      })
      return {
        asked,
        lookups,
        port,
        server,
        fetch: (url: string) => fetchPage(url.replace("PORT", String(port)), new AbortController().signal)
      }
    })

  const text = (body: string | Buffer, type = "text/plain") => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { "content-type": type }).end(body)
  }

  it.live("gives the words of a page, from the address that was checked", () =>
    Effect.gen(function*() {
      const { asked, fetch, lookups, port } = yield* web(text("<p>Fish &amp; chips</p>", "text/html"))
      assert.deepStrictEqual(yield* fetch("http://public:PORT/a"), {
        url: `http://public:${port}/a`,
        text: "Fish & chips",
        isWhole: true
      })
      assert.deepStrictEqual(asked, [`public:${port}/a`])
      assert.deepStrictEqual(lookups, ["public"])
    }))

  it.live("reads no more than its limit, also of what is packed", () =>
    Effect.gen(function*() {
      let written = 0
      const endless = yield* web((_, response) => {
        response.writeHead(200, { "content-type": "text/plain" })
        const more = () => {
          while (!response.destroyed && response.write("a".repeat(50_000))) written += 50_000
        }
        response.on("drain", more)
        more()
      })
      const { isWhole, text: read } = yield* endless.fetch("http://public:PORT/")
      assert.isFalse(isWhole)
      assert.lengthOf(read, 200_000)
      // What is under way fills the buffers of both ends.
      assert.isBelow(written, 20_000_000)
      const bomb = gzipSync(Buffer.alloc(50_000_000, "a"))
      const packed = yield* web((_, response) => {
        response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" }).end(bomb)
      })
      const unpacked = yield* packed.fetch("http://public:PORT/")
      assert.lengthOf(unpacked.text, 200_000)
      assert.isFalse(unpacked.isWhole)
    }))

  it.live("reads the characters and packings that a page says it has, and refuses others", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<
        readonly [headers: Readonly<Record<string, string>>, body: Buffer, said: string | RegExp]
      > = [
        [{ "content-type": "TEXT/HTML; charset=ISO-8859-1" }, Buffer.from("<p>caf\u00e9</p>", "latin1"), "caf\u00e9"],
        [{ "content-type": "text/plain; charset=utf-16le" }, Buffer.from("\ufeffhello", "utf16le"), "hello"],
        [{ "content-type": "text/plain; charset=nonsense" }, Buffer.from("caf\u00e9"), "caf\u00e9"],
        [{ "content-type": "application/ld+json" }, Buffer.from("{}"), "{}"],
        [{ "content-encoding": "GZIP" }, gzipSync("hello"), "hello"],
        [{ "content-encoding": "gzip, identity, gzip" }, gzipSync(gzipSync("hello")), "hello"],
        [{ "content-encoding": "zstd" }, Buffer.from("hello"), /it is packed as zstd/],
        [{ "content-encoding": "gzip" }, gzipSync("hello").subarray(0, 15), /the connection broke/]
      ]
      for (const [headers, body, said] of rows) {
        const { fetch } = yield* web((_, response) => void response.writeHead(200, headers).end(body))
        const read = yield* Effect.result(fetch("http://public:PORT/"))
        if (typeof said === "string") assert.strictEqual(Result.getOrThrow(read).text, said)
        else assert.match(Result.isFailure(read) ? read.failure.message : "", said)
      }
      const long = yield* web(text(Buffer.from(`a${"\u00e9".repeat(150_000)}`)))
      const cut = yield* long.fetch("http://public:PORT/")
      assert.strictEqual(cut.text, `a${"\u00e9".repeat(99_999)}`)
      const other = yield* web((_, response) =>
        void response.writeHead(101, { connection: "upgrade", upgrade: "x" }).end()
      )
      assert.match((yield* Effect.flip(other.fetch("http://public:PORT/"))).message, /does not answer/)
    }))

  it.live("follows redirects to where it may go, checks each, and not for ever", () =>
    Effect.gen(function*() {
      const places: Record<string, string> = {
        "/a": "/b",
        "/other": "http://public2:PORT/end",
        "/rebound": "http://public:PORT/b",
        "/local": "http://[::1]:1/",
        "/private": "http://10.0.0.1/",
        "/nowhere": "http://",
        "/loop": "/loop"
      }
      const { asked, fetch, port } = yield* web((request, response) => {
        const location = places[request.url!]
        return location === undefined
          ? text("ok")(request, response)
          : response.writeHead(302, { location: location.replace("PORT", String(port)) }).end()
      })
      assert.strictEqual((yield* fetch("http://127.0.0.1:PORT/a")).text, "ok")
      assert.strictEqual((yield* fetch("http://public:PORT/other")).text, "ok")
      assert.deepStrictEqual(asked.slice(-2), [`public:${port}/other`, `public2:${port}/end`])
      for (
        const [path, message] of [
          ["/rebound", /public is not on the public internet/],
          ["/local", /::1 is not on the public internet/],
          ["/private", /10\.0\.0\.1 is not on the public internet/],
          ["/nowhere", /leads to no address/],
          ["/loop", /too many redirects/]
        ] as const
      ) {
        assert.match((yield* Effect.flip(fetch(`http://127.0.0.1:PORT${path}`))).message, message)
      }
      assert.match((yield* Effect.flip(fetch("http://127.0.0.1:PORT/loop"))).message, /too many redirects/)
    }))

  it.live("refuses a host of which one address is not public, an unknown one, and what is no text", () =>
    Effect.gen(function*() {
      const { asked, fetch } = yield* web(text("x", "image/png"))
      assert.match((yield* Effect.flip(fetch("http://both:PORT/"))).message, /both is not on the public internet/)
      assert.match((yield* Effect.flip(fetch("http://unknown/"))).message, /there is no host unknown/)
      assert.lengthOf(asked, 0)
      assert.match((yield* Effect.flip(fetch("http://public:PORT/"))).message, /image\/png/)
    }))

  it.live("refuses what is not on the public internet", () =>
    Effect.gen(function*() {
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
          "http://[fe80::1]/",
          "http://169.254.169.254/latest/meta-data",
          "http://100.64.1.1/",
          "http://10.1.2.3/",
          "http://0x7f.1/",
          "http://2130706433/",
          "http://0/"
        ]
      ) assert.strictEqual((yield* Effect.flip(fetchPage({ url })))._tag, "FetchError", url)
    }))

  it.live("closes what it does not read, and whatever it waits for when it is interrupted", () =>
    Effect.gen(function*() {
      const closed: Array<string> = []
      const { fetch, server } = yield* web((request, response) => {
        response.on("close", () => closed.push(request.url!))
        if (request.url === "/silent") return
        response.writeHead(request.url === "/404" ? 404 : 200, {
          "content-type": request.url === "/png" ? "image/png" : "text/plain"
        })
        response.write("first")
      })
      for (const path of ["/404", "/png"]) {
        yield* Effect.flip(fetch(`http://public${path.slice(1)}:PORT${path}`))
      }
      for (const path of ["/silent", "/slow"]) {
        const fiber = yield* Effect.forkChild(fetch(`http://public${path.slice(1)}:PORT${path}`))
        yield* Effect.callback<void>((resume) => void server.once("request", () => resume(Effect.void)))
        yield* Fiber.interrupt(fiber)
      }
      while (closed.length < 4) yield* Effect.sleep("5 millis")
      assert.deepStrictEqual(closed, ["/404", "/png", "/silent", "/slow"])
    }))
})

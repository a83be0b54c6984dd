/**
 * How servers are reached on Node: TLS, whom it trusts and what it says of whom it does not, and proxies. Each is a process of its own:
 * a quarter of a minute.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer as createHttp, type RequestListener, type Server } from "node:http"
import { createServer as createHttps } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import * as Certificates from "./support/certificates.ts"

interface Outcome {
  readonly finish?: string
  readonly reason?: string
  readonly isRetryable?: boolean
  readonly message?: string
}

const run = promisify(execFile)

/** What comes of asking at these addresses in a process with this environment. */
const reach = async (environment: Readonly<Record<string, string>>, ...urls: ReadonlyArray<string>) => {
  const { stdout } = await run(
    process.execPath,
    ["--conditions=effect-lm-source", join(import.meta.dirname, "support/reach.ts"), ...urls],
    { env: { PATH: process.env["PATH"], ...environment }, encoding: "utf8" }
  )
  return JSON.parse(stdout) as ReadonlyArray<Outcome>
}

const answer: RequestListener = (incoming, response) => {
  incoming.resume().on(
    "end",
    () =>
      response.end(JSON.stringify({ choices: [{ index: 0, message: { content: "Paris" }, finish_reason: "stop" }] }))
  )
}

const listening = async (server: Server) => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const secured = (cert: string) => listening(createHttps({ key: Certificates.key, cert }, answer))

/** The environment of a process that trusts the authority of the tests. */
const trusting = () => {
  const directory = mkdtempSync(join(tmpdir(), "effect-lm-"))
  const file = join(directory, "authority.pem")
  writeFileSync(file, Certificates.authority)
  return { environment: { NODE_EXTRA_CA_CERTS: file }, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}

/** A proxy that notes what it is asked for, and connects everything to one port. */
const proxyTo = async (port: number, status = 200) => {
  const seen: Array<string> = []
  const server = createHttp((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.host}`)
    answer(incoming, response)
  })
  server.on("connect", (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url} ${incoming.headers["proxy-authorization"] ?? ""}`.trim())
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      return
    }
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [upstream, socket]) end.on("error", () => {})
  })
  return { ...await listening(server), seen }
}

describe("TLS", () => {
  it("trusts who NODE_EXTRA_CA_CERTS names, and says what is wrong with others", async () => {
    await using valid = await secured(Certificates.valid)
    await using expired = await secured(Certificates.expired)
    await using otherHost = await secured(Certificates.otherHost)
    await using plain = await listening(createHttp(answer))
    using trust = trusting()
    const urls = [valid, expired, otherHost, plain].map(({ port }) => `https://127.0.0.1:${port}/v1`)
    const [fine, ...wrong] = await reach(trust.environment, ...urls)
    assert.deepStrictEqual(fine, { finish: "stop" })
    const words = [
      /has expired.*clock/,
      /is for other hosts.*check the base URL/,
      /speaks no TLS: write http:/
    ]
    wrong.forEach((outcome, at) => {
      assert.strictEqual(outcome.reason, "InvalidRequest")
      assert.isFalse(outcome.isRetryable)
      assert.match(outcome.message!, words[at]!)
      assert.include(outcome.message, urls[at + 1])
    })
    const [untrusted] = await reach({}, urls[0]!)
    assert.strictEqual(untrusted!.reason, "InvalidRequest")
    assert.match(untrusted!.message!, /signed by nobody that this machine trusts.*NODE_EXTRA_CA_CERTS/)
  }, 30_000)
})

/** Before that Node cannot use a proxy by itself. */
const usesProxies = process.allowedNodeEnvironmentFlags.has("--use-env-proxy")

describe("proxies", () => {
  const far = "http://api.example.test:8123/v1"

  it.skipIf(!usesProxies)("of the environment are used, but for what is excluded, and for this machine", async () => {
    await using near = await listening(createHttp(answer))
    for (const name of ["HTTP_PROXY", "http_proxy"]) {
      await using proxy = await proxyTo(0)
      const outcomes = await reach(
        { [name]: `127.0.0.1:${proxy.port}`, NO_PROXY: "other.example.test, .example.org, 192.0.2.1:81" },
        far,
        `http://127.0.0.1:${near.port}/v1`,
        "http://192.0.2.1/v1"
      )
      assert.deepStrictEqual(outcomes, Array.from({ length: 3 }, () => ({ finish: "stop" })))
      assert.deepStrictEqual(proxy.seen, [
        `POST ${far}/chat/completions api.example.test:8123`,
        "POST http://192.0.2.1/v1/chat/completions 192.0.2.1"
      ])
    }
  }, 30_000)

  it.skipIf(!usesProxies)("carry TLS through, to the server whose name was asked for", async () => {
    await using server = await secured(Certificates.valid)
    await using proxy = await proxyTo(server.port)
    using trust = trusting()
    const HTTPS_PROXY = `http://ada:secret@127.0.0.1:${proxy.port}`
    const [good] = await reach({ ...trust.environment, HTTPS_PROXY }, "https://api.example.test/v1")
    assert.deepStrictEqual(good, { finish: "stop" })
    assert.deepStrictEqual(proxy.seen, [`CONNECT api.example.test:443 Basic ${btoa("ada:secret")}`])
    const [bad] = await reach({ ...trust.environment, HTTPS_PROXY }, "https://api.example.com/v1")
    assert.match(bad!.message!, /is for other hosts/)
  }, 30_000)

  it.skipIf(!usesProxies)("that fail are named, without their passwords", async () => {
    await using gone = await proxyTo(0)
    const { port } = gone
    await gone[Symbol.asyncDispose]()
    await using denying = await proxyTo(0, 407)
    await using broken = await proxyTo(0, 502)
    const proxy = (port: number) => ({ HTTPS_PROXY: `http://ada:secret@127.0.0.1:${port}` })
    const rows = [
      [proxy(port), "Transport", /nothing answers at the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/],
      [proxy(denying.port), "InvalidRequest", /the proxy .* does not connect to api\.example\.test: .*407/],
      [proxy(broken.port), "Transport", /the proxy .* does not connect to api\.example\.test: .*502/],
      [{ HTTPS_PROXY: "socks5://127.0.0.1:1" }, "InvalidRequest", /HTTPS_PROXY is no address of an HTTP proxy/]
    ] as const
    for (const [environment, reason, words] of rows) {
      const [outcome] = await reach(environment, "https://api.example.test/v1")
      assert.strictEqual(outcome!.reason, reason)
      assert.match(outcome!.message!, words)
      assert.notInclude(outcome!.message, "secret")
    }
  }, 30_000)

  it.skipIf(usesProxies)("are not gone around by a Node that cannot use them", async () => {
    await using near = await listening(createHttp(answer))
    await using proxy = await proxyTo(0)
    const HTTP_PROXY = `http://127.0.0.1:${proxy.port}`
    const [refused, fine] = await reach({ HTTP_PROXY }, far, `http://127.0.0.1:${near.port}/v1`)
    assert.strictEqual(refused!.reason, "InvalidRequest")
    assert.match(refused!.message!, /HTTP_PROXY is set, and Node 2\d\.\d+\.\d+ cannot use a proxy by itself/)
    assert.deepStrictEqual(fine, { finish: "stop" })
  }, 30_000)
})

/** The command as a process, against a real server. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Schedule } from "effect"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as WireServer from "../support/wireServer.ts"
import { type Running, type Signal, start } from "./processes.ts"

const finished = Effect.fnUntraced(function*(
  server: WireServer.WireServer,
  args: ReadonlyArray<string>,
  options?: { readonly stdin?: string; readonly env?: Record<string, string> }
) {
  const running = yield* start(server, args, options)
  const code = yield* running.code
  return { code, stdout: running.stdout(), stderr: running.stderr() }
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const answer = "[[ ## answer ## ]]\nIt is blue.\n\n[[ ## completed ## ]]"

/** Sends what it is given in pieces, and then nothing more until the client has gone. */
const unfinished = (...pieces: ReadonlyArray<string>): WireServer.Handler => (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(...pieces.map((content) => WireServer.chunk({ content })))
    yield* exchange.closed
  })

describe("effect-lm as a process", { timeout: 30_000 }, () => {
  it.live("streams: text is on standard output before the model is done", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* exchange.head(200, WireServer.eventStream)
          yield* exchange.write(WireServer.chunk({ content: "[[ ## answer ## ]]\nIt is " }))
          yield* Deferred.await(gate)
          yield* exchange.write(WireServer.chunk({ content: "blue.\n\n[[ ## completed ## ]]" }))
          yield* exchange.write(WireServer.chunk({}, { finish_reason: "stop" }), WireServer.done)
          yield* exchange.end
        })
      )
      const running = yield* start(server, ["run", "question -> answer", "--question", "Why?"])
      yield* running.printed("answer: It is")
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* running.code, 0)
      assert.strictEqual(running.stdout(), "answer: It is blue.\n")
      assert.strictEqual(
        running.stderr(),
        `[Model ${server.baseUrl}/wire-1: OPENAI_BASE_URL, OPENAI_MODEL are set]\n` +
          `[Running Predict]\n[Asking ${new URL(server.url).host}/wire-1]\n`
      )
    }))

  it.live("law 3: Ctrl-C exits with 130, SIGTERM with 143, SIGHUP with 129, and all close the request", () =>
    Effect.gen(function*() {
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const server = yield* WireServer.make(unfinished("[[ ## answer ## ]]\nIt is "))
        const running = yield* start(server, ["run", "question -> answer", "--question", "Why?"])
        yield* running.printed("It is")
        yield* running.signal(signal)
        yield* server.nextAbandoned
        assert.strictEqual(yield* running.code, code)
        assert.strictEqual(running.stdout(), "answer: It is\n")
      }
    }))

  it.live.skipIf(process.platform === "win32")(
    "law 3: Ctrl-C while a model is installed: 130, and nothing is left",
    () =>
      Effect.gen(function*() {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
          (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
        )
        // An npm that never ends.
        writeFileSync(join(folder, "npm"), "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 })
        const server = yield* WireServer.make(WireServer.answer(answer))
        const running = yield* start(
          server,
          ["run", "question -> answer", "--question", "Why?", "--model", "local/tinyllama-1.1b-chat", "--yes"],
          { env: { XDG_CACHE_HOME: folder, PATH: `${folder}:${process.env["PATH"]}` } }
        )
        yield* running.said("[Installing the runtime for local models")
        yield* running.signal("SIGINT")
        assert.strictEqual(yield* running.code, 130)
        assert.include(running.stderr(), "[Model local/tinyllama-1.1b-chat: --model names it; a small 2-bit model")
        assert.strictEqual(running.stdout(), "")
        assert.deepStrictEqual(readdirSync(folder, { recursive: true }).toSorted(), ["effect-lm", "npm"])
      })
  )

  /** An agent whose one tool hangs by now, and what ends it. */
  const hang = Effect.fnUntraced(function*(name: string, env: Record<string, string> = {}) {
    const call = { index: 0, id: "call_0", type: "function", function: { name, arguments: "{}" } }
    const server = yield* WireServer.make(WireServer.events(
      WireServer.chunk({ tool_calls: [call] }),
      WireServer.chunk({}, { finish_reason: "tool_calls" }),
      WireServer.done
    ))
    const args = ["run", "question -> answer", "--question", "?", "--module", "react"]
    const running = yield* start(server, [...args, "--tools", "test/cli/fixtures/hangingTools.ts"], { env })
    yield* running.said("hanging")
    return running
  })

  /** In milliseconds. */
  const ending = Effect.fnUntraced(function*(running: Running, ...signals: ReadonlyArray<Signal>) {
    for (const signal of signals) yield* running.signal(signal)
    const began = performance.now()
    return [yield* running.code, performance.now() - began] as const
  })

  /** It is gone once somebody has taken note of its end. */
  const serverGone = (running: Running) => {
    const [, server] = /hanging (\d+)/.exec(running.stderr()) ?? []
    const isLeft = Effect.sync(() => server !== undefined && isAlive(Number(server)))
    return Effect.repeat(isLeft, { while: (is) => is, schedule: Schedule.spaced("20 millis") })
  }

  it.live.each(["spin", "wait", "serve"])(
    "law 3: a second signal ends it at once, while a tool hangs: %s",
    (name) =>
      Effect.gen(function*() {
        const running = yield* hang(name)
        const [code, took] = yield* ending(running, "SIGINT", "SIGTERM")
        // Signals that are sent at once may change places. Where a thread is in a system call, they end the process themselves.
        assert.include(name === "wait" ? [130, 143, null] : [130, 143], code)
        // In order it takes a second; alone on a machine this is under 100.
        assert.isBelow(took, 500)
        yield* serverGone(running)
      })
  )

  it.live("law 3: the end of the terminal ends it in order, and the servers of its tools", () =>
    Effect.gen(function*() {
      const running = yield* hang("serve")
      assert.strictEqual((yield* ending(running, "SIGHUP"))[0], 129)
      yield* serverGone(running)
    }))

  it.live("law 3: one signal ends it in order, and no thread in a system call is waited for", () =>
    Effect.gen(function*() {
      const [code, took] = yield* ending(yield* hang("wait"), "SIGINT")
      assert.include([130, null], code)
      assert.isBelow(took, 5000)
      // npm hands on the signal that the terminal has sent to both.
      const running = yield* hang("serve", { npm_lifecycle_event: "start" })
      const [handedOn, inOrder] = yield* ending(running, "SIGINT", "SIGINT")
      assert.strictEqual(handedOn, 130)
      assert.isAbove(inOrder, 900)
    }))

  it.live("a reader that goes away (| head -1) ends it quietly, and closes the request", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make((exchange) =>
        Effect.gen(function*() {
          yield* exchange.head(200, WireServer.eventStream)
          yield* exchange.write(WireServer.chunk({ content: "[[ ## answer ## ]]\nfirst\n" }))
          // Goes on for as long as the client listens.
          yield* Effect.race(Effect.forever(exchange.write(WireServer.chunk({ content: "more\n" }))), exchange.closed)
        })
      )
      const running = yield* start(server, ["run", "question -> answer", "--question", "Why?", "--events"])
      yield* running.printed("first")
      yield* running.leave
      yield* server.nextAbandoned
      assert.strictEqual(yield* running.code, 0)
      assert.notInclude(running.stderr(), "EPIPE")
    }))

  it.live("a program in a file, typed inputs from standard input, JSON out", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make([
        WireServer.answer("[[ ## points ## ]]\n[\"a\"]\n\n[[ ## completed ## ]]"),
        WireServer.answer(answer)
      ])
      const { code, stderr, stdout } = yield* finished(
        server,
        ["run", "./test/cli/fixtures/programs.ts#research", "--input", "-", "--json"],
        { stdin: "{\"question\": \"Why?\"}" }
      )
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(stdout, "{\"answer\":\"It is blue.\"}\n")
      assert.include(server.requests[1]!.text, "\\\"a\\\"")
    }))

  it.live("--events with an adapter: lines that parse, the prediction last", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.events(
          ...["{\"rea", "soning\": \"hm\", \"answer\": \"bl", "ue\"}"].map((content) => WireServer.chunk({ content })),
          WireServer.chunk({}, { finish_reason: "stop" }),
          WireServer.done
        )
      )
      const args = ["run", "context: list[str] -> answer", "--context", "one", "--context", "two", "--events"]
        .concat("--module", "chain-of-thought", "--adapter", "json", "--temperature", "0.5", "--max-tokens", "99")
      const { code, stdout } = yield* finished(server, args)
      assert.strictEqual(code, 0)
      const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.isTrue(stdout.trimEnd().split("\n").every((line) => line.startsWith("{\"_tag\":\"")))
      assert.deepInclude(events.at(-1), { _tag: "Prediction", fields: { reasoning: "hm", answer: "blue" } })
      const { json } = server.requests[0]!
      assert.strictEqual(json.temperature, 0.5)
      assert.strictEqual(json.max_tokens, 99)
      assert.include(json.messages.at(-1).content, "one")
      assert.include(json.messages.at(-1).content, "two")
    }))

  it.live("a run that fails exits with 1: the reason in a line, nothing on standard output", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(401, { error: { message: "bad key sk-secret-key" } }))
      const { code, stderr, stdout } = yield* finished(server, ["run", "question -> answer", "--question", "Why?"], {
        env: { OPENAI_API_KEY: "sk-secret-key" }
      })
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /^error: \w+ \(.*\): .*/m)
      assert.notInclude(stderr, "sk-secret-key")
      assert.notMatch(stderr, /^ +at /m)
    }))

  it.live("bad usage exits with 2, says why on standard error, and asks no model", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer(answer))
      const caret = yield* finished(server, ["run", "question -> answer: strng"])
      assert.strictEqual(caret.code, 2)
      assert.include(caret.stderr, "  question -> answer: strng\n                      ^\n")
      const missing = yield* finished(server, ["run", "question -> answer"])
      assert.strictEqual(missing.code, 2)
      assert.include(missing.stderr, "the input question is missing: give --question")
      assert.strictEqual(caret.stdout + missing.stdout, "")
      assert.strictEqual(server.requests.length, 0)
    }))

  it.live("without arguments it asks a first question", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.answer(`[[ ## reasoning ## ]]\nLight scatters.\n\n${answer}`)
      )
      const { code, stderr, stdout } = yield* finished(server, [])
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "reasoning: Light scatters.\nanswer: It is blue.\n")
      assert.include(stderr, "[Running ChainOfThought]")
    }))
})

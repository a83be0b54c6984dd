/** Code that means harm, or does it: each piece ends within its limits, and the host goes on. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Sandbox, type SandboxError } from "effect-lm"

const limits: Sandbox.Limits = { memory: 4 * 1024 * 1024, time: "200 millis", output: 1000 }

/** How the code ends: the reason's tag, or its value. */
const endOf = (session: Sandbox.Session, code: string) =>
  Effect.match(session.run(code), {
    onSuccess: ({ value }) => value,
    onFailure: ({ reason }: SandboxError): unknown => reason._tag
  })

describe("hostile code", () => {
  const rows: ReadonlyArray<readonly [what: string, code: string, end: unknown]> = [
    ["loops forever", "for (;;);", "Timeout"],
    ["catches its end", "for (;;) { try { for (;;); } catch {} finally { for (;;); } }", "Timeout"],
    ["loops in promises", "for (;;) await null", "Timeout"],
    ["loops after an await", "await null; for (;;);", "Timeout"],
    ["loops behind its end", "(async () => { for (;;) await null })(); 1", "Timeout"],
    ["loops in a getter of its value", "({ get a() { for (;;); } })", "Timeout"],
    ["loops in a pattern", "/(a+)+$/.test('a'.repeat(40) + 'b')", "Timeout"],
    ["calls functions without end", "for (;;) echo(1).catch(() => {})", "Timeout"],
    ["allocates objects without end", "const a = []; for (;;) a.push({})", "Memory"],
    ["allocates bytes without end", "const a = []; for (;;) a.push(new Uint8Array(65536))", "Memory"],
    ["allocates in a promise", "await null; const a = []; for (;;) a.push([])", "Memory"],
    ["allocates at once", "'x'.repeat(2 ** 29)", "Memory"],
    ["catches that memory is full", "const a = []; for (;;) { try { for (;;) a.push([]) } catch {} }", "Memory"],
    ["prints without end", "for (;;) console.log('x')", "Output"],
    ["prints much at once", "console.log('x'.repeat(1e6))", "Output"],
    ["gives much", "'x'.repeat(1e6)", "Output"],
    ["recurses without end", "const f = () => f() + 1; f()", "Thrown"],
    ["recurses in the engine", "JSON.parse('['.repeat(1e6))", "Thrown"],
    ["recurses in the parser", "eval('('.repeat(1e6))", "Thrown"],
    ["reaches for the process", "process.exit(1)", "Thrown"],
    ["reaches for a module", "await import('node:fs')", "Thrown"],
    ["requires a module", "require('fs')", "Thrown"],
    ["reaches for the network", "await fetch('http://localhost')", "Thrown"],
    [
      "reaches for globals of the host",
      `const names = ["process", "require", "fetch", "setTimeout", "WebAssembly", "Deno", "Bun", "window", "postMessage", "std", "os"];
       const all = console.log.constructor.constructor("return this")(); names.filter((name) => name in all)`,
      []
    ],
    [
      "reaches through what it is given",
      "const F = echo.constructor; [F === Function, F('return typeof process')(), typeof (await echo({ a: 1 })).constructor('return process')]",
      [true, "undefined", "object"]
    ],
    [
      "reaches through an error of the host",
      "try { await fail() } catch (e) { e.constructor.constructor('return typeof process')() }",
      "undefined"
    ],
    [
      "breaks what it runs on",
      "JSON.stringify = Promise.prototype.then = Map.prototype.get = null; await echo(1)",
      "Thrown"
    ],
    ["names a prototype", "globalThis.__proto__.x = 1; ({}).x", 1]
  ]

  it.live.each(rows)("%s", ([, code, end]) =>
    Effect.gen(function*() {
      const session = yield* Sandbox.open({
        ...limits,
        // What is to end by another limit has time for it, on a machine that does much else too.
        time: end === "Timeout" ? "200 millis" : "20 seconds",
        functions: { echo: (value: unknown) => Effect.succeed(value), fail: () => Effect.fail(new Error("no")) }
      })
      assert.deepStrictEqual(yield* endOf(session, code), end)
      assert.strictEqual(({} as Record<string, unknown>)["x"], undefined)
    }))

  it.live("that no engine can stop ends with its thread, and the session begins anew", () =>
    Effect.gen(function*() {
      const session = yield* Sandbox.open({ ...limits, memory: 64 * 1024 * 1024, variables: { a: 1 } })
      yield* session.run("a = 2; var b = 3")
      const error = yield* Effect.flip(session.run("new Array(2 ** 30).join('x')"))
      assert.strictEqual(error.reason._tag, "Timeout")
      assert.match(error.message, /Variables of code that ran before are gone/)
      assert.deepStrictEqual((yield* session.run("[a, typeof b]")).value, [1, "undefined"])
    }).pipe(Effect.provide(Sandbox.layer({ threads: 1 }))), 20_000)

  it.live("whose thread ends takes its neighbours with it, which begin anew", () =>
    Effect.gen(function*() {
      const [bad, good] = yield* Effect.all([
        Sandbox.open({ ...limits, memory: 64 * 1024 * 1024 }),
        Sandbox.open({ functions: { wait: () => Effect.never } })
      ])
      const waits = yield* Effect.forkChild(Effect.flip(good.run("console.log('before'); await wait()")))
      yield* Effect.sleep(50)
      yield* Effect.flip(bad.run("new Array(2 ** 30).join('x')"))
      const error = yield* Fiber.join(waits)
      assert.deepStrictEqual([error.reason._tag, error.output], ["Died", "before\n"])
      assert.strictEqual((yield* good.run("1 + 1")).value, 2)
    }).pipe(Effect.provide(Sandbox.layer({ threads: 1 }))), 20_000)

  it.live("is interrupted in an endless loop at once, and the session goes on", () =>
    Effect.gen(function*() {
      const session = yield* Sandbox.open({ time: "1 minute" })
      const fiber = yield* Effect.forkChild(session.run("var a = 1; for (;;);"))
      yield* Effect.sleep(100)
      const began = performance.now()
      yield* Fiber.interrupt(fiber)
      assert.isBelow(performance.now() - began, 500)
      assert.strictEqual((yield* session.run("a")).value, 1)
    }))

  it.live("lets the host and others go on: nothing waits for its end", () =>
    Effect.gen(function*() {
      const loops = yield* Effect.forkChild(
        Effect.forEach([1, 2, 3], () => Sandbox.run("for (;;);", { time: "1 hour" }), { concurrency: "unbounded" })
      )
      for (let i = 0; i < 20; i++) yield* Effect.sleep(5)
      const { value } = yield* Sandbox.run("let s = 0; for (let i = 0; i < 1000; i++) s += i; s")
      assert.strictEqual(value, 499_500)
      assert.isUndefined(loops.pollUnsafe())
      yield* Fiber.interrupt(loops)
    }).pipe(Effect.provide(Sandbox.layer({ threads: 4 }))))

  it.live("after which a session begins anew has the variables it was given, where memory was full", () =>
    Effect.gen(function*() {
      const session = yield* Sandbox.open({ ...limits, time: "20 seconds", variables: { a: 1 } })
      assert.strictEqual(yield* endOf(session, "a = 2; var b = 3; const c = []; for (;;) c.push([])"), "Memory")
      assert.deepStrictEqual(yield* endOf(session, "[a, typeof b]"), [1, "undefined"])
    }))
})

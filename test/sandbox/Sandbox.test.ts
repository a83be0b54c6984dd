import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { Sandbox, type SandboxError } from "effect-lm"
import { spawnSync } from "node:child_process"

const failing = <A, R>(self: Effect.Effect<A, SandboxError, R>) => Effect.flip(self)

const valueOf = (code: string, options: Sandbox.Options = {}) =>
  Effect.map(Sandbox.run(code, options), ({ value }) => value)

describe("code", () => {
  it.live("gives the value of its last statement, and what it printed, in order", () =>
    Effect.gen(function*() {
      const { output, shown, value } = yield* Sandbox.run(
        "console.log('a', 1, { b: [2n, 'x'] })\nawait null\nprint(new Map([[1, new Set([2])]]), undefined);\n({ c: 3 })"
      )
      assert.strictEqual(output, "a 1 {\"b\": [2n, \"x\"]}\nMap {1 => Set [2]} undefined\n")
      assert.deepStrictEqual([value, shown], [{ c: 3 }, "{\"c\": 3}"])
    }))

  it.live("shows what JSON has nothing of", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [code: string, shown: string]> = [
        ["() => 1", "[function without a name]"],
        ["(function f() {})", "[function f]"],
        ["Promise.resolve(1)", "1"],
        ["[Promise.resolve(1)]", "[[a promise: await it]]"],
        ["new RangeError('far')", "RangeError: far"],
        ["/a/g", "/a/g"],
        ["new Date(0)", "1970-01-01T00:00:00.000Z"],
        ["new Uint8Array(2)", "[0, 0]"],
        ["var a = {}; a.a = a; a", "{\"a\": [itself]}"],
        ["Symbol('s')", "Symbol(s)"],
        ["'text'", "text"],
        ["['text', null]", "[\"text\", null]"]
      ]
      const session = yield* Sandbox.open()
      for (const [code, shown] of rows) assert.strictEqual((yield* session.run(code)).shown, shown, code)
      assert.strictEqual((yield* session.run("undefined")).shown, undefined)
    }))

  it.live("fails with what it threw, and where, and has its output", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [code: string, message: string]> = [
        ["\n\nnope()", "ReferenceError: nope is not defined (line 3)"],
        ["1 +", "SyntaxError: unexpected token in expression: '' (line 1)"],
        ["const f = async () => {\n  throw new TypeError('no')\n}\nawait f()", "TypeError: no (line 2)"],
        ["throw { a: 1 }", "Error: {\"a\": 1}"],
        ["throw null", "Error: null"],
        ["Promise.reject(new Error('lost')); 1", "Error: lost (line 1)"],
        ["const p = Promise.reject(new Error('lost')); await null; await p", "Error: lost (line 1)"]
      ]
      for (const [code, message] of rows) {
        const error = yield* failing(Sandbox.run(code))
        assert.deepStrictEqual([error.reason._tag, error.message], ["Thrown", message])
      }
      const { output, reason } = yield* failing(Sandbox.run("console.log('before'); nope"))
      assert.strictEqual(output, "before\n")
      assert(reason._tag === "Thrown")
      assert.deepStrictEqual([reason.name, reason.message, reason.line], ["ReferenceError", "nope is not defined", 1])
    }))

  it.live("may look at a rejected promise later", () =>
    Effect.gen(function*() {
      const caught =
        "const p = Promise.reject(new Error('x')); await null; await null; p.catch(({ message }) => message)"
      assert.strictEqual(yield* valueOf(caught), "x")
    }))

  it.live("that waits for nothing fails", () =>
    Effect.gen(function*() {
      const error = yield* failing(Sandbox.run("await new Promise(() => {})"))
      assert.strictEqual(error.reason._tag, "Stuck")
    }))
})

describe("a session", () => {
  it.live("keeps what was declared, and lets it be declared again", () =>
    Effect.gen(function*() {
      const { run } = yield* Sandbox.open({ variables: { words: ["to", "be"], text: undefined } })
      const rows: ReadonlyArray<readonly [code: string, value: unknown]> = [
        ["const n = words.length; let { a, ...rest } = { a: 1, b: 2 }; function f() { return n }", undefined],
        ["[n, a, rest, f()]", [2, 1, { b: 2 }, 2]],
        ["const n = 5, [a] = [7]; class A { x = 1 }\nclass B extends A {}\nnew B().x + a + f()", 13],
        ["class A { x = 2 }\n[new A().x]", [2]],
        ["for (const n of [1, 2]) { const f = n }; f()", 5],
        ["words.push('or'); words", ["to", "be", "or"]],
        ["typeof text", "undefined"]
      ]
      for (const [code, value] of rows) assert.deepStrictEqual((yield* run(code)).value, value, code)
    }))

  it.live("keeps it where code has failed, or was out of time", () =>
    Effect.gen(function*() {
      const { run } = yield* Sandbox.open({ time: "100 millis" })
      yield* failing(run("var a = 1; nope()"))
      yield* failing(run("a = 2; for (;;);"))
      assert.strictEqual((yield* run("a")).value, 2)
    }))

  it.live("has nothing of another one, also of the same thread", () =>
    Effect.gen(function*() {
      const [a, b] = yield* Effect.all([Sandbox.open(), Sandbox.open()])
      yield* a.run("var x = 1; Array.prototype.map = null; Object.prototype.y = 2")
      assert.deepStrictEqual((yield* b.run("[typeof x, [1].map((x) => x + 1), ({}).y]")).value, [
        "undefined",
        [2],
        null
      ])
    }).pipe(Effect.provide(Sandbox.layer({ threads: 1 }))))

  it.live("runs one piece after the other", () =>
    Effect.gen(function*() {
      const { run } = yield* Sandbox.open({ functions: { pause: () => Effect.sleep(20) } })
      const [, second] = yield* Effect.all([run("var a = 1; await pause(); a = 2"), run("a")], {
        concurrency: "unbounded"
      })
      assert.strictEqual(second.value, 2)
    }))
})

describe("functions", () => {
  it.live("take JSON, give JSON, and run at the same time", () =>
    Effect.gen(function*() {
      const both = yield* Deferred.make<void>()
      let begun = 0
      const functions = {
        meet: (name: string, more: unknown) =>
          Effect.suspend(() => ++begun === 2 ? Deferred.succeed(both, undefined) : Effect.void).pipe(
            Effect.andThen(Deferred.await(both)),
            Effect.as({ name, more })
          ),
        nothing: () => Effect.void
      }
      assert.deepStrictEqual(
        yield* valueOf("await Promise.all([meet('a', { x: [1] }), meet('b', undefined)])", { functions }),
        [{ name: "a", more: { x: [1] } }, { name: "b", more: null }]
      )
      assert.strictEqual(yield* valueOf("typeof await nothing()", { functions }), "undefined")
    }))

  it.live("are waited for, awaited or not", () =>
    Effect.gen(function*() {
      const { output, value } = yield* Sandbox.run("pause().then(() => console.log('later')); 1", {
        functions: { pause: () => Effect.sleep(20) }
      })
      assert.deepStrictEqual([output, value], ["later\n", 1])
    }))

  it.live("throw what they fail of, without stacks and paths of this machine", () =>
    Effect.gen(function*() {
      const functions = {
        fail: () => Effect.fail(new RangeError("no /home/me/secret/file.txt")),
        die: () => Effect.die("broken"),
        circle: () => {
          const a: Record<string, unknown> = {}
          a["a"] = a
          return Effect.succeed(a)
        },
        plain: (() => 1) as never
      }
      const caught = (call: string) =>
        valueOf(`try { await ${call} } catch (e) { [e instanceof Error, e.name, e.message] }`, { functions })
      assert.deepStrictEqual(yield* caught("fail()"), [true, "RangeError", "no <path>"])
      assert.deepStrictEqual(yield* caught("die()"), [true, "Error", "broken"])
      assert.deepStrictEqual(yield* caught("circle()"), [true, "Error", "its result is no JSON"])
      assert.match(String(yield* caught("plain()")), /it gave no Effect/)
      const error = yield* failing(Sandbox.run("await fail()", { functions }))
      assert.strictEqual(error.message, "RangeError: no <path> (line 1)")
    }))

  it.live("cannot be replaced by accident", () =>
    Effect.gen(function*() {
      const { run } = yield* Sandbox.open({ functions: { search: () => Effect.succeed("found") } })
      for (const code of ["const search = 1", "var { a: [search] } = {}", "function search() {}", "class search {}"]) {
        const error = yield* failing(run(`1;\n${code}`))
        assert.match(error.message, /^SyntaxError: 'search' is a function .* \(line 2\)$/)
      }
      assert.strictEqual((yield* run("search = 1; { const search = 2 }; await search()")).value, "found")
    }))

  it.live("are interrupted with their code", () =>
    Effect.gen(function*() {
      const called = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const { run } = yield* Sandbox.open({
        functions: {
          wait: () =>
            Deferred.succeed(called, undefined).pipe(
              Effect.andThen(Effect.never),
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
            )
        }
      })
      const fiber = yield* Effect.forkChild(run("var a = 1; await wait()"))
      yield* Deferred.await(called)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(interrupted)
      assert.strictEqual((yield* run("a")).value, 1)
    }))
})

describe("the service", () => {
  it.live("may be another one", () =>
    Effect.gen(function*() {
      const session: Sandbox.Session = {
        run: (code) => Effect.succeed({ output: code, value: undefined, shown: undefined })
      }
      const other = Layer.succeed(Sandbox.Sandbox, { open: () => Effect.succeed(session) })
      const { output } = yield* Sandbox.run("print 1", {}).pipe(Effect.provide(other))
      assert.strictEqual(output, "print 1")
    }))

  it("refuses names that JavaScript has not, and variables that are no JSON", () => {
    const message = (options: Sandbox.Options) => {
      const exit = Effect.runSyncExit(Effect.scoped(Sandbox.open(options)))
      return String(exit._tag === "Failure" ? exit.cause : "")
    }
    assert.match(message({ functions: { "get-sum": () => Effect.void } }), /'get-sum' is no name for a variable/)
    assert.match(message({ variables: { class: 1 } }), /'class' is no name for a variable/)
    assert.match(message({ variables: { console: 1 } }), /'console' is no name/)
    assert.match(message({ variables: { f: () => 1 } }), /the variable 'f' is a function, which JSON does not have/)
    assert.match(message({ variables: { n: 1n } }), /the variable 'n' is no JSON/)
  })

  it("keeps no process alive", () => {
    const { status, stdout } = inProcess(
      `const session = await Effect.runPromise(Effect.provideService(Sandbox.open(), Scope.Scope, Scope.makeUnsafe()))
       console.log((await Effect.runPromise(session.run("1 + 1"))).value)`
    )
    assert.deepStrictEqual([status, stdout], [0, "2\n"])
  })

  it("says what to install where the interpreter is not there", () => {
    const hooks = `import { registerHooks } from "node:module"
      registerHooks({ resolve: (name, context, next) => next(name === "quickjs-wasi" ? "not-there" : name, context) })`
    const { stdout } = inProcess(
      `const error = await Effect.runPromise(Effect.flip(Sandbox.run("1")))
       console.log(error.reason._tag, error.message)`,
      "--import",
      `data:text/javascript,${encodeURIComponent(hooks)}`
    )
    assert.match(stdout, /^NotInstalled .*npm install quickjs-wasi acorn/)
  })
})

const inProcess = (code: string, ...args: ReadonlyArray<string>) =>
  spawnSync(
    process.execPath,
    [
      "--conditions=effect-lm-source",
      ...args,
      "--input-type=module",
      "--eval",
      `import * as Effect from "effect/Effect"; import * as Scope from "effect/Scope"; import { Sandbox } from "effect-lm/sandbox"; ${code}`
    ],
    { encoding: "utf8", cwd: import.meta.dirname, timeout: 60_000 }
  )

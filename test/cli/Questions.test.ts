/** Inputs that were not given: whoever sits at a terminal is asked for them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as LMError from "effect-lm/lm/LMError"
import { call, parse } from "./echo.ts"

describe("missing inputs", () => {
  it.effect("are bad usage where nobody can be asked: each is named, with its flag", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(parse("question, n: int, note: Optional[str] -> said"), [])
      assert.strictEqual(code, 2)
      assert.include(
        stderr,
        "the input question is missing: give --question (string), or --input FILE with {\"question\": ...}"
      )
      assert.include(stderr, "the input n is missing: give --n (integer)")
      assert.notInclude(stderr, "note")
      assert.strictEqual(stdout, "")
    }))

  it.effect("are asked for on a terminal, each by its type; questions go to standard error", () =>
    Effect.gen(function*() {
      const signature = parse(
        "question, n: int, mode: 'a' | 'b', flag: bool, tags: list[int], map: dict[str, int] -> said"
      )
      const keys = [..."why", "enter"]
        .concat("x", "enter", "backspace", "4", "enter") // not an integer: asks again
        .concat("down", "enter")
        .concat("enter")
        .concat("1", "enter", "2", "enter", "enter")
        .concat([..."{\"a\":1}"], "enter")
      const { code, stderr, stdout } = yield* call(signature, ["--json"], { keys })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), {
        question: "why",
        n: 4,
        mode: "b",
        flag: false,
        tags: [1, 2],
        map: { a: 1 }
      })
      assert.include(stderr, "Expected integer")
    }))

  it.effect("lines that are pasted at once answer one question after the other", () =>
    Effect.gen(function*() {
      const signature = parse("q, n: int, mode: 'aa' | 'bb', tags: list[str] -> said")
      for (const end of [["return"], ["return", "enter"]]) {
        const keys = ["a", "42", "bb", "x", "y", ""].flatMap((line) => Array.from(line).concat(end))
        const { code, stderr, stdout } = yield* call(signature, ["--json"], { keys })
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { q: "a", n: 42, mode: "bb", tags: ["x", "y"] })
      }
    }))

  it.effect("a text that the terminal says is pasted keeps its lines, where an answer may have some", () =>
    Effect.gen(function*() {
      const pasted = (...keys: ReadonlyArray<string>) => ["paste-start", ...keys, "paste-end", "return"]
      // CR, LF, and both in a row.
      const ends = [["return"], ["enter"], ["return", "enter"]]
      let stderr = ""
      for (const end of ends) {
        const keys = [...pasted("a", ...end, "b", ...end, ...end, "c"), ...pasted("x", ...end, "y", ...end)]
        const shown = yield* call(parse("q, tags: list[str] -> said"), ["--json"], { keys })
        assert.deepStrictEqual(JSON.parse(JSON.parse(shown.stdout).said), { q: "a\nb\n\nc", tags: ["x", "y"] })
        stderr = shown.stderr
      }
      // The terminal is told to say so, and not to any more.
      assert.isTrue(stderr.startsWith("\u001b[?2004h"))
      assert.include(stderr, "\u001b[?2004l")
    }))

  it.effect("wide characters are measured, and are one character to whoever edits", () =>
    Effect.gen(function*() {
      const keys = [..."日本", "👩‍👩‍👧", "left", "backspace", "enter"]
      const { stderr, stdout } = yield* call(parse("q -> said"), ["--json"], { keys, env: { NO_COLOR: "1" } })
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { q: "日👩‍👩‍👧" })
      // Two columns each, after those of `? q › `.
      assert.include(stderr, "? q › 日本👩‍👩‍👧\r\u001b[12C")
      assert.include(stderr, "? q › 日本👩‍👩‍👧\r\u001b[10C")
      assert.include(stderr, "? q › 日👩‍👩‍👧\r\u001b[8C")
    }))

  it.effect("an answer that fills the line goes on in the next", () =>
    Effect.gen(function*() {
      const keys = [..."語".repeat(37), "!", "enter"]
      const { stderr } = yield* call(parse("q -> said"), ["--json"], { keys, env: { NO_COLOR: "1" } })
      // 6 columns, 74 of the answer, and one in the next row.
      assert.include(stderr, `${"語".repeat(37)}!\r\u001b[1C`)
      assert.include(stderr, "\u001b[1A\r\u001b[J")
    }))

  it.effect("nobody is asked on a terminal that cannot show a question again (TERM=dumb)", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* call(parse("a -> said"), [], { keys: ["x", "enter"], env: { TERM: "dumb" } })
      assert.strictEqual(code, 2)
      assert.include(stderr, "the input a is missing")
    }))

  it.effect("nobody is asked where the run cannot begin: bad usage, no model", () =>
    Effect.gen(function*() {
      const wrong = yield* call(parse("a, b: int -> said"), ["--input", "-"], {
        keys: ["x", "enter"],
        stdin: "{\"b\":\"c\"}"
      })
      assert.strictEqual(wrong.code, 2)
      assert.strictEqual(wrong.stderr, "error: --input -: the input b: expected number\n")
      const none = yield* call(parse("a -> said"), [], {
        keys: ["x", "enter"],
        noModel: new LMError.LMError({
          model: "m",
          reason: new LMError.UnsupportedModel({ description: "no runtime" })
        })
      })
      assert.strictEqual(none.code, 1)
      assert.strictEqual(none.stderr, "error: m: no runtime\n")
    }))

  it.effect("what was given is not asked for", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(parse("a, b -> said"), ["--a", "1", "--json"], { keys: ["2", "enter"] })
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { a: "1", b: "2" })
      assert.notInclude(stderr, "item")
    }))

  it.effect("leaving the question interrupts the command", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(call(parse("a -> said"), [], { keys: ["x", "ctrl-c"] }))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.every((reason) => reason._tag === "Interrupt"))
    }))
})

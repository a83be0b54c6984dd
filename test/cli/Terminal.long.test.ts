/**
 * The command in a real terminal, a pseudo terminal of Python's (`python3` must be there). Half a minute: each case starts
 * a process.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import * as WireServer from "../support/wireServer.ts"
import { startOnTerminal } from "./terminals.ts"

const fixture = (name: string) => join(import.meta.dirname, "fixtures", name)

const start = (args: ReadonlyArray<string>, env?: Record<string, string>) => startOnTerminal(["run", ...args], env)

/** A model that answers with a call of each name, and then with an answer; it begins when it is let. */
const agent = (names: ReadonlyArray<string>, begin: Effect.Effect<void> = Effect.void) =>
  WireServer.make([
    (exchange) =>
      Effect.andThen(
        begin,
        WireServer.events(
          ...names.map((name, index) =>
            WireServer.chunk({
              tool_calls: [{
                index,
                id: `call_${index}`,
                type: "function",
                function: { name, arguments: name === "remove" ? `{"name":"${"ab"[index]}"}` : "{}" }
              }]
            })
          ),
          WireServer.chunk({}, { finish_reason: "tool_calls" }),
          WireServer.done
        )(exchange)
      ),
    WireServer.answer("I know."),
    WireServer.answer("[[ ## reasoning ## ]]\nso\n\n[[ ## answer ## ]]\nok\n\n[[ ## completed ## ]]")
  ])

const react = ["question -> answer", "--module", "react", "--tools", fixture("terminalTools.ts"), "--question", "x"]

describe("on a terminal", { timeout: 60_000 }, () => {
  it.live("what was typed before an approval is asked for approves nothing", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const server = yield* agent(["remove", "remove"], Deferred.await(gate))
      const { code, shown, shows, type } = yield* start(react, { OPENAI_BASE_URL: server.baseUrl })
      yield* shows("Asking")
      // Lines, and one that has no end yet.
      yield* type("y\ry\ry")
      yield* shows("y", 3)
      yield* Deferred.succeed(gate, undefined)
      yield* shows("Allow it?")
      yield* type("\r")
      yield* shows("Allow it?", 2)
      yield* type("y\r")
      assert.strictEqual(yield* code, 0)
      assert.include(shown(), "[remove failed: the call was refused: the user said no]")
      assert.include(shown(), "[remove = removed b]")
      assert.notInclude(shown(), "removed a")
    }))

  it.live("lines that are pasted answer one question after the other", () =>
    Effect.gen(function*() {
      const { code, shown, shows, type } = yield* start([fixture("echo.ts"), "--json"], {
        OPENAI_BASE_URL: "http://127.0.0.1:1/v1"
      })
      yield* shows("question")
      yield* type("why\n5\nbb\none\ntwo\n\n")
      assert.strictEqual(yield* code, 0)
      const [line] = /\{"said".*\}/.exec(shown()) ?? []
      assert.deepStrictEqual(JSON.parse(JSON.parse(line!).said), {
        question: "why",
        n: 5,
        mode: "bb",
        tags: ["one", "two"]
      })
    }))

  it.live("a text that is pasted where the terminal says so keeps its lines, and wide characters can be edited", () =>
    Effect.gen(function*() {
      const { code, shown, shows, type } = yield* start(
        [fixture("echo.ts"), "--json", "--n", "1", "--mode", "aa", "--tags", "a"],
        { OPENAI_BASE_URL: "http://127.0.0.1:1/v1" }
      )
      yield* shows("\u001b[?2004h")
      yield* shows("question")
      yield* type("\u001b[200~first\r\nsecond\rthird\nlast \u001b[201~日本👩‍👩‍👧\u007f\u007f!\r")
      assert.strictEqual(yield* code, 0)
      assert.include(shown(), "\u001b[?2004l")
      const [line] = /\{"said".*\}/.exec(shown()) ?? []
      assert.strictEqual(JSON.parse(JSON.parse(line!).said).question, "first\nsecond\nthird\nlast 日!")
    }))

  it.live("Ctrl-C ends it: at a question, and twice at once where something does not end", () =>
    Effect.gen(function*() {
      const asked = yield* start(["question -> answer"], { OPENAI_BASE_URL: "http://127.0.0.1:1/v1" })
      yield* asked.shows("question")
      yield* asked.type("wh\u0003")
      assert.strictEqual(yield* asked.code, 130)
      // What cannot be interrupted, a loop and a system call in a worker thread, and a server that ends at no signal.
      const hanging = [["stubborn", "terminalTools.ts"]].concat(
        ["spin", "wait", "serve"].map((name) => [name, "hangingTools.ts"])
      )
      for (const [name, file] of hanging) {
        const server = yield* agent([name!])
        const args = ["question -> answer", "--module", "react", "--tools", fixture(file!), "--question", "x"]
        const busy = yield* start(args, { OPENAI_BASE_URL: server.baseUrl })
        yield* busy.shows("hanging")
        yield* busy.type("\u0003")
        yield* busy.shows("^C")
        // A person is not faster; two that come together would be one to the process.
        yield* Effect.sleep("200 millis")
        const began = performance.now()
        yield* busy.type("\u0003")
        assert.strictEqual(yield* busy.code, 130, name)
        // Of it, a part is the terminal's.
        assert.isBelow(performance.now() - began, 300, name)
      }
    }))

  it.live("nothing of a model or a provider acts on it", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.json(400, { error: { message: "bad \u001b]0;title\u0007\u001b[2J\u009b1m\u202e" } })
      )
      const { code, shown } = yield* start(["q -> a", "--q", "x"], { OPENAI_BASE_URL: server.baseUrl, NO_COLOR: "1" })
      assert.strictEqual(yield* code, 1)
      assert.include(shown(), "bad ]0;title[2J1m")
      assert.strictEqual(stripVTControlCharacters(shown()), shown())
      assert.notMatch(shown(), /(?![\r\n])[\p{Cc}\p{Bidi_Control}]/u)
    }))

  it.live("TERM=dumb: no colour, and nobody is asked for inputs", () =>
    Effect.gen(function*() {
      const { code, shown } = yield* start(["question -> answer"], {
        TERM: "dumb",
        OPENAI_BASE_URL: "http://127.0.0.1:1/v1"
      })
      assert.strictEqual(yield* code, 2)
      assert.include(shown(), "the input question is missing")
      assert.notInclude(shown(), "\u001b")
    }))
})

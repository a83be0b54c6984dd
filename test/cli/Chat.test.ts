/** effect-lm chat without a terminal: lines in, answers out, each with what was said before. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LMReason } from "effect-lm"
import { Main } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { join } from "node:path"
import { textAt } from "../support/said.ts"
import { folder } from "./batchFolder.ts"
import { run, type World } from "./harness.ts"

const qa = "question -> answer"

const chat = (args: ReadonlyArray<string>, world: World = {}) =>
  run(Main.main(["chat", ...args], { version: "1.2.3" }), world)

/** A model that counts: its nth answer is the number n. */
const counting = (stdin: string): World => ({
  stdin,
  script: (_, call) => ScriptedLM.chat({ answer: String(call + 1) }, { tokens: true })
})

const file = (name: string) => join(import.meta.dirname, "fixtures", name)

describe("effect-lm chat", () => {
  it.effect("a signature gets a history, and each line knows of those before", () =>
    Effect.gen(function*() {
      const { code, requests, stderr, stdout } = yield* chat([qa], counting("I am Ada.\n\nWho am I?\r\nAnd now?"))
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "answer: 1\nanswer: 2\nanswer: 3\n")
      assert.notInclude(stderr, "Running")
      assert.deepStrictEqual(requests.map(({ messages }) => messages.length), [2, 4, 6])
      assert.include(textAt(requests[2], 1), "I am Ada.")
      assert.include(textAt(requests[2], 4), "2")
      assert.include(textAt(requests[2], 5), "And now?")
    }))

  it.effect("--json writes a line for each answer, --events one for each event", () =>
    Effect.gen(function*() {
      for (const history of ["", ", history: History", ", history"]) {
        const { code, stdout, requests } = yield* chat(
          [`question${history} -> answer`, "--json", ...history === ", history" ? ["--history", "none"] : []],
          counting("a\nb")
        )
        assert.deepStrictEqual([code, stdout], [0, "{\"answer\":\"1\"}\n{\"answer\":\"2\"}\n"], history)
        assert.strictEqual(requests[1]!.messages.length, 4)
      }
      const { stdout } = yield* chat([qa, "--events"], counting("a\nb"))
      const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Prediction").length, 2)
    }))

  it.effect("a line is the last text that no flag gives", () =>
    Effect.gen(function*() {
      const { requests } = yield* chat(
        ["question, mood, n: int -> answer", "--mood", "glad", "--n", "3"],
        counting("why?")
      )
      assert.include(textAt(requests[0], -1), "[[ ## question ## ]]\nwhy?")
      assert.include(textAt(requests[0], -1), "[[ ## mood ## ]]\nglad")
      const number = yield* chat(["n: int -> answer"], counting("5\nfive"))
      assert.deepStrictEqual([number.code, number.stdout], [2, "answer: 1\n"])
      assert.include(number.stderr, "error: the input n: Expected integer")
      const optional = yield* chat(["context?: str, question?: str -> answer"], counting("x"))
      assert.include(textAt(optional.requests[0], -1), "[[ ## question ## ]]\nx")
    }))

  it.effect("/clear begins anew, /exit leaves, and what begins otherwise is for the program", () =>
    Effect.gen(function*() {
      const { code, requests, stderr, stdout } = yield* chat(
        [qa, "--json"],
        counting("a\n/clear\n/etc/passwd?\n/exit now\n/exit\nb")
      )
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout.split("\n").length, 4)
      assert.deepStrictEqual(requests.map(({ messages }) => messages.length), [2, 2, 4])
      assert.include(textAt(requests[1], -1), "/etc/passwd?")
      assert.include(stderr, "[What was said is forgotten]")
      const help = yield* chat([qa], counting("/help"))
      assert.include(
        help.stderr,
        "[/exit leaves, /clear begins anew, /save FILE keeps what was said; Ctrl-C stops an answer]"
      )
    }))

  it.effect("/save and --history: what was said is in a file, and goes on", () =>
    Effect.gen(function*() {
      const { path, read, write } = yield* folder
      const talk = join(path, "talk.json")
      const saved = yield* chat([qa], counting(`I am Ada.\n/save ${talk}`))
      assert.include(saved.stderr, `[1 turn is in ${talk}: --history ${talk} goes on from there]`)
      assert.deepStrictEqual(JSON.parse(read("talk.json")), { messages: [{ question: "I am Ada.", answer: "1" }] })
      const { requests } = yield* chat([qa, "--history", talk], counting("Who am I?"))
      assert.include(textAt(requests[0], 1), "I am Ada.")
      write("other.json", "[]")
      write("cut.json", "{\"messages\":[{\"question\":\"?\",\"~turns\":[{\"_tag\":\"Tools\"}]}]}")
      for (
        const [said, args, stdin] of [
          ["--history none.json: there is no such file", ["--history", "none.json"], ""],
          ["it is no conversation: /save writes one", ["--history", join(path, "other.json")], ""],
          ["it has something at `messages.0.~turns.0`", ["--history", join(path, "cut.json")], ""],
          ["/save: name a file, as in /save talk.json", [], "/save"],
          [`/save ${path}/none/x: ENOENT`, [], `/save ${path}/none/x`]
        ] as const
      ) {
        const { code, stderr } = yield* chat([qa, ...args], { stdin })
        assert.strictEqual(code, 2, said)
        assert.include(stderr, said)
      }
    }))

  it.effect("the first failure is the end where nobody types", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* chat([qa, "--json"], {
        stdin: "a\nb\nc\n",
        script: [ScriptedLM.chat({ answer: "1" }), ScriptedLM.fail(new LMReason.Server({ description: "500 sorry" }))]
      })
      assert.deepStrictEqual([code, stdout], [1, "{\"answer\":\"1\"}\n"])
      assert.include(stderr, "error: Predict (scripted/test): 500 sorry")
    }))

  it.effect("and so is a reader that goes away, which is no failure", () =>
    Effect.gen(function*() {
      const { code, requests } = yield* chat([qa, "--json"], { ...counting("a\nb\nc"), closesAfter: 1 })
      assert.deepStrictEqual([code, requests.length], [0, 2])
    }))

  it.effect("modules reason, call tools and come from files as they do once", () =>
    Effect.gen(function*() {
      const reasoned = yield* chat([qa, "--module", "chain-of-thought"], {
        stdin: "why?",
        script: [ScriptedLM.chat({ reasoning: "hm", answer: "so" })]
      })
      assert.strictEqual(reasoned.stdout, "reasoning: hm\nanswer: so\n")
      const fromFile = yield* chat([`${file("conversations.ts")}#answering`, "--json"], counting("a\nb"))
      assert.strictEqual(fromFile.stdout, "{\"answer\":\"1\"}\n{\"answer\":\"2\"}\n")
      const agent = yield* chat([qa, "--module", "react", "--tools", file("tools.ts"), "--json"], {
        stdin: "first?\nsecond?",
        script: (_, call) => call % 2 === 0 ? "I know." : ScriptedLM.chat({ reasoning: "hm", answer: `so ${call}` })
      })
      assert.strictEqual(agent.code, 0, agent.stderr)
      assert.strictEqual(agent.stdout.split("\n").length, 3)
      assert.include(JSON.stringify(agent.requests[2]!.messages), "first?")
    }))

  it.effect("bad usage is said before anything is asked", () =>
    Effect.gen(function*() {
      for (
        const [said, args] of [
          ["what to run is missing", []],
          ["a conversation needs an input of the type History, and its signature", [file("programs.ts")]],
          ["the input context is missing: give --context (string)", ["context, question -> answer"]],
          ["every input is given, and nothing is left for a line to say", [qa, "--question", "x"]],
          ["--input -: standard input has the lines of the conversation", [qa, "--input", "-"]],
          ["--json and --events exclude each other", [qa, "--json", "--events"]]
        ] as const
      ) {
        const { code, stderr } = yield* chat(args)
        assert.strictEqual(code, 2, said)
        assert.include(stderr, said)
      }
    }))
})

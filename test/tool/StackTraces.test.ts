/** Law 10: stack traces are for who wrote a program. What is told of its failure is the message, in whichever language it was written. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Tool, Toolbox } from "effect-lm"
import { json } from "./support/calls.ts"
import { traces } from "./support/stackTraces.ts"

const linesOf = (text: string) => text.split(/\r?\n/).filter((line) => line.trim() !== "")

describe("of a failure", () => {
  for (const [language, written, left] of traces) {
    it.effect(`a model is told no stack trace: ${language}`, () =>
      Effect.gen(function*() {
        const failing = Tool.make("failing", {}, () => {
          throw new Error(`it said:\n${written}`)
        })
        const box = yield* Toolbox.resolve([failing])
        const said = linesOf((yield* box.call({ name: "failing", arguments: json({}) })).text)
        assert.deepStrictEqual(
          said.filter((line) => line.trim() !== "^" && !line.startsWith("Node.js")).map((line) => line.trim()),
          ["failing: it said:", ...left.map((line) => line.replace(/file:\S+/, "<path>").trim())]
        )
      }))
  }
})

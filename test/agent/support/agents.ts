/** An agent with three tools, what its model answers in both protocols, and what came of a run. */
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ReAct, Tool, type Trajectory } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { textIn } from "../../support/said.ts"

const numbers = { a: Schema.Finite, b: Schema.Finite }

export const add = Tool.make("add", { description: "Adds two numbers", parameters: numbers }, ({ a, b }) => a + b)

export const divide = Tool.make("divide", { parameters: numbers }, ({ a, b }) => {
  if (b === 0) throw new Error("cannot divide by zero\n    at divide (/srv/app/secret/tools.ts:3:9)")
  return a / b
})

/** Waits for as many seconds as it is told; after 10 its time is over. */
export const slow = Tool.make(
  "slow",
  { parameters: { seconds: Schema.Int }, timeout: "10 seconds" },
  ({ seconds }) => Effect.as(Effect.sleep(seconds * 1000), `waited ${seconds}`)
)

export const agent = ReAct.make("question -> answer: int", { tools: [add, divide, slow] })

/** A model that has no tools of its own. */
export const text = { capabilities: { tools: false, jsonSchema: false } }

/** A turn in the text protocol. */
export const turn = (tool: string, args: unknown, thought = "hm") =>
  ScriptedLM.chat({ next_thought: thought, next_tool_name: tool, next_tool_args: args })

/** The last turn of a model without tools. */
export const finish = turn("finish", {}, "I know it")

/** The last turn of a model with tools. */
export const done = ScriptedLM.text("I know it.")

/** The outputs. */
export const answer = ScriptedLM.chat({ reasoning: "so it is", answer: 3 })

/** The text of a reply. */
export const textOf = ({ reads }: ScriptedLM.Reply): string => textIn(reads.flatMap(({ events }) => events))

/** What came of each call of each turn. */
export const shape = (trajectory: Trajectory.Trajectory) =>
  trajectory.map(({ calls }) => calls.map(({ isFailure, observation, tool }) => ({ tool, observation, isFailure })))

/** The prediction that a stream has ended with. */
export const predictionIn = <A extends { readonly _tag: string }>(
  events: ReadonlyArray<A>
): Extract<A, { readonly _tag: "Prediction" }> => {
  const last = events.at(-1)
  const isPrediction = (event: A | undefined): event is Extract<A, { readonly _tag: "Prediction" }> =>
    event?._tag === "Prediction"
  return isPrediction(last) ? last : assert.fail("no prediction")
}

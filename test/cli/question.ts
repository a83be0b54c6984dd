/** A command that is asked a question, and an answer of its model. */
import { ChainOfThought, type Module } from "effect-lm"
import { Runner } from "effect-lm/cli"
import { run, type World } from "./harness.ts"

export const cot = ChainOfThought.make("question -> answer")

export const call = (program: Module.Any, args: ReadonlyArray<string>, world?: World) =>
  run(Runner.runWith(Runner.command("qa", program), { version: "0" })(["--question", "q", ...args]), world)

export const answer = { reasoning: "One.\nTwo.", answer: "Three." }

/**
 * What an agent has done: its iterations, with what it thought, which tools it called and what they answered. Plain data.
 */
import * as Predicate from "effect/Predicate"
import type { AdapterParseError } from "../adapter/AdapterParseError.ts"
import type { Media } from "../lm/LMContent.ts"
import type { LMError } from "../lm/LMError.ts"

// Models

/** The iterations of an agent, in order. */
export type Trajectory = ReadonlyArray<Step>

/** One iteration: a thought, and the calls that it led to; none in the iteration that ended the work. */
export interface Step {
  /** From 1. */
  readonly iteration: number
  readonly thought: string
  readonly calls: ReadonlyArray<StepCall>
  /** What was wrong with a reply that could not be read, by us or by the provider; the model was told. */
  readonly problem?: string
}

/** One call of a tool. */
export interface StepCall {
  /**
   * What the model calls it, and what events and messages call it; one of ours where it has no ids, or where the run has had a
   * call of that id.
   */
  readonly id: string
  readonly tool: string
  /** As the model wrote them: JSON where they are that, otherwise the text. */
  readonly arguments: unknown
  /** What the call was made with instead, where whoever approved it has changed the arguments. */
  readonly changedTo?: Readonly<Record<string, unknown>>
  /** What the model was told. */
  readonly observation: string
  /**
   * Pictures, sounds and files that the tool gave: a note in the observation (`[image 1]`) stands for each. Missing where
   * there are none.
   */
  readonly parts?: ReadonlyArray<Media>
  /** Whether the call failed: an unknown tool, bad arguments, a refusal, a tool that failed, code that failed. */
  readonly isFailure: boolean
  /** Whether the result was given before, and is from a cache (`ToolCache`); missing where it was not. */
  readonly givenAgain?: boolean
  /**
   * Where the call ran code: the calls of tools that the code made, in the order in which they began. Missing where there are
   * none.
   */
  readonly calls?: ReadonlyArray<StepCall>
}

// Reading

/**
 * What an agent had done when it failed; empty where the error is no agent's.
 *
 * @example
 * agent({ question }).pipe(Effect.catchTag("LMError", (error) => Effect.succeed(Trajectory.ofError(error))))
 */
export const ofError = (error: LMError | AdapterParseError): Trajectory => (error.trajectory ?? []).filter(isStep)

const isStep = (u: unknown): u is Step =>
  Predicate.hasProperty(u, "iteration") && Predicate.hasProperty(u, "thought") && Predicate.hasProperty(u, "calls")

/**
 * How an agent and its model speak of tool calls.
 */
import type * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import type * as LM from "../../lm/LM.ts"
import type { LMError } from "../../lm/LMError.ts"
import type { GenerationConfig, LMRequest } from "../../lm/LMRequest.ts"
import type { InputError } from "../../module/InputError.ts"
import type { PredictError } from "../../module/Predict.ts"
import type { Prediction } from "../../module/Prediction.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"

/** How a model is asked what to do next, and how it is told what came of it. */
export interface Protocol {
  /** The model's next move after the turns so far, asked with these settings. */
  readonly ask: (
    turns: ReadonlyArray<Adapter.Turn>,
    config?: GenerationConfig
  ) => Effect.Effect<Move, PredictError, LM.LM>
  /** The request that goes out after the turns so far. */
  readonly prepare: (turns: ReadonlyArray<Adapter.Turn>) => Effect.Effect<LMRequest, InputError | LMError>
}

/** What a model does in an iteration. */
export interface Move {
  readonly thought: string
  /** The tools to call; none where the work is done, or the reply could not be read. */
  readonly calls: ReadonlyArray<MoveCall>
  readonly isDone: boolean
  readonly problem?: string
  /** The outputs, where the reply was the answer itself. */
  readonly answer?: Prediction<Readonly<Record<string, unknown>>> | undefined
  /** The turn for the model to read, once the calls were answered. */
  readonly turn: (answered: Answered) => Adapter.Turn
}

/** What came of a move. */
export interface Answered {
  /** What the tools answered, in the order of the calls. */
  readonly observations: ReadonlyArray<Toolbox.Observation>
  /** Whether no iteration follows: the model is not told how to go on. */
  readonly isLast: boolean
}

/** A call that a model asks for. */
export interface MoveCall {
  /** What the model calls it, where it has ids. */
  readonly id?: string
  readonly tool: string
  readonly arguments: Toolbox.Arguments
}

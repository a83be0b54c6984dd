/**
 * Why a request of an agent is refused, where the agent goes on. Servers share words for what they say of tools, and no codes.
 */
import * as Effect from "effect/Effect"
import * as LM from "../../../lm/LM.ts"
import { LMError } from "../../../lm/LMError.ts"

/** Whether the model is given tools natively: its provider can do it, and the model has not refused. */
export const takesTools = (lm: LM.Service): boolean => lm.capabilities.tools && !refusing.has(lm)

/** Takes note of a refusal: the model is told of tools in text from now on. */
export const note = (error: LMError): Effect.Effect<void, never, LM.LM> =>
  Effect.flatMap(LM.LM, (lm) => {
    refusing.add(lm)
    return Effect.logWarning(
      `${lm.model} takes no tools natively; it is told of them in text (${error.reason.description})`
    )
  })

/** The models whose servers have refused tools, though their provider takes them: they are not asked with tools again. */
const refusing = new WeakSet<LM.Service>()

/** Whether the model cannot be given tools. */
export const ofTools = (error: unknown): error is LMError =>
  error instanceof LMError && error.reason._tag === "NotSupported" && error.reason.feature === "tools"

/**
 * Whether the model wrote a tool call that its provider could not read, as Groq (`tool_use_failed`), Gemini
 * (`MALFORMED_FUNCTION_CALL`), Ollama, llama.cpp, vLLM and Bedrock tell it. The model can mend that, if it is told.
 */
export const ofCall = (error: unknown): error is LMError =>
  isOf(error, ["InvalidResponse", "InvalidRequest", "Server"]) && isWrong(error)

/** Whether a budget is used up, and has kept one call back with which an agent answers. */
export const ofBudget = (error: unknown): error is LMError =>
  error instanceof LMError && error.reason._tag === "OverBudget" && error.reason.mayAnswer

const isWrong = ({ reason }: LMError): boolean => wrongly.some((words) => words.test(reason.description))

const wrongly = [
  /tool_use_failed|failed_generation|could not be read as a tool call/i,
  /fail\w* to (call|generate) an? (tool|function)/i,
  /pars\w+ (the |an? |model'?s? |generated )*(tool|function)[ _-]?calls?/i,
  /failed to parse input at pos(ition)? \d/i,
  /unexpected tokens remaining in message header/i,
  /invalid sequence as part of (tool|function)/i,
  /model (produced|generated|returned) (an? )?(invalid|malformed) (content|output|tool|function)/i,
  /(tool|function)[ _-]?(call|use)s? (validation|parsing|generation) (failed|error)/i,
  /(malformed|invalid|unparsable)[ _]?(tool|function)[ _]?call\b/i,
  /attempted to call (a )?tool .* not in request/i,
  /tool choice is none, but (the )?model called a tool/i
]

const isOf = (error: unknown, tags: ReadonlyArray<LMError["reason"]["_tag"]>): error is LMError =>
  error instanceof LMError && tags.includes(error.reason._tag)

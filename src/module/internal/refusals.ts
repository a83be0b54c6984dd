/**
 * What a provider says of tools when it refuses a request. Servers share words here, and no codes.
 */
import { LMError } from "../../lm/LMError.ts"

/**
 * Whether the model cannot be given tools. As Ollama says it (`llama does not support tools`), vLLM (`"auto" tool choice
 * requires --enable-auto-tool-choice`), llama.cpp (`tools param requires --jinja flag`, as a failure of its own), OpenRouter
 * (`no endpoints found that support tool use`). A tool's schema that is not accepted is a mistake, and no reason to do
 * without tools.
 */
export const ofTools = (error: unknown): error is LMError => {
  if (!isOf(error, ["InvalidRequest", "UnsupportedModel", "Server"]) || isWrong(error)) return false
  const { description } = error.reason
  return noGrammar.test(description) ||
    (/tool|function/i.test(description) && !/schema/i.test(description) &&
      cannot.some((words) => words.test(description)))
}

/** What llama.cpp says where it cannot make a grammar of the tools; it does not name them. */
const noGrammar = /failed to (initialize samplers|parse grammar)/i

const cannot = [
  /support|requires? (the )?(flag )?`?--|not (enabled|available|allowed|permitted|implemented)/i,
  /(unrecognized|unknown|unexpected|extra) (request )?(argument|parameter|field|input|propert)/i,
  /(\bcan ?not|\bcan['’]?t|unable to|\bdo(es)? ?n[o'’]t) (handle|use|take|accept|process|do) (any )?(tool|function)/i,
  /(tool|function|call)s? ?(can ?not|can['’]?t) be (used|handled|combined)/i
]

/**
 * Whether the model wrote a tool call that its provider could not read, as Groq (`tool_use_failed`), Gemini
 * (`MALFORMED_FUNCTION_CALL`), Ollama, llama.cpp, vLLM and Bedrock tell it. The model can mend that, if it is told.
 */
export const ofCall = (error: unknown): error is LMError =>
  isOf(error, ["InvalidResponse", "InvalidRequest", "Server"]) && isWrong(error)

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

/**
 * An answer of Anthropic's Messages, as events: a stream of blocks, each begun, told piece by piece and ended, or one message that
 * is whole.
 *
 * What has to be sent back as it came (signatures, thoughts that nobody can read, blocks of tools that the service runs) travels as
 * provider data on the part that it belongs to: see `request.ts`.
 */
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import type { FinishReason, LMEvent } from "../../lm/LMEvent.ts"
import { asString, isRecord, type JsonRecord, parse } from "../../text/json/values.ts"
import { excerpt } from "../internal/excerpt.ts"
import * as ProviderError from "../openai/errors/reason.ts"
import type { Reader } from "../Protocol.ts"
import * as Beside from "./beside.ts"
import * as Usage from "./usage.ts"

/** A block that has begun. */
interface Block {
  readonly start: JsonRecord
  /** The place of a tool call among the calls. */
  readonly call: number
  readonly signature: Array<string>
  readonly citations: Array<unknown>
  /** The JSON of its input, piece by piece. */
  readonly input: Array<string>
}

/** Reads one answer. */
export const make = (): Reader => {
  const blocks = new Map<unknown, Block>()
  let calls = 0
  let id: string | undefined
  let counts: Usage.Counts = {}
  let stopReason: string | undefined
  let stopDetails: unknown
  /** Whether the service has said that the message is over. */
  let isOver = false

  const begin = (message: JsonRecord, out: Array<LMEvent>): LMError.Reason | undefined => {
    const told = asString(message["id"])
    if (id !== undefined) {
      return told === id || told === "" ? undefined : new LMError.InvalidResponse({
        description: `the provider began another answer (${told}) before the first (${id}) was over`
      })
    }
    id = told
    const model = asString(message["model"])
    out.push({ _tag: "ResponseInfo", ...(id === "" ? {} : { id }), ...(model === "" ? {} : { model }) })
    counts = Usage.merge(counts, message["usage"])
    return undefined
  }

  const start = (start: JsonRecord, out: Array<LMEvent>): Block => {
    const block: Block = { start, call: calls, signature: [], citations: [], input: [] }
    const text = asString(start["text"])
    const thinking = asString(start["thinking"])
    switch (start["type"]) {
      case "text":
        if (text !== "") out.push({ _tag: "TextDelta", index: 0, text })
        break
      case "thinking":
        block.signature.push(asString(start["signature"]))
        if (thinking !== "") out.push({ _tag: "ReasoningDelta", index: 0, text: thinking })
        break
      case "tool_use":
        calls++
        out.push({
          _tag: "ToolCallDelta",
          index: 0,
          call: block.call,
          id: asString(start["id"]),
          name: asString(start["name"]),
          argumentsDelta: ""
        })
    }
    return block
  }

  const go = (block: Block, delta: JsonRecord, out: Array<LMEvent>): void => {
    switch (delta["type"]) {
      case "text_delta": {
        out.push({ _tag: "TextDelta", index: 0, text: asString(delta["text"]) })
        break
      }
      case "thinking_delta": {
        out.push({ _tag: "ReasoningDelta", index: 0, text: asString(delta["thinking"]) })
        break
      }
      case "signature_delta":
        block.signature.push(asString(delta["signature"]))
        break
      case "citations_delta":
        block.citations.push(delta["citation"])
        break
      case "input_json_delta": {
        const piece = asString(delta["partial_json"])
        if (piece === "") break
        block.input.push(piece)
        if (block.start["type"] === "tool_use") {
          out.push({ _tag: "ToolCallDelta", index: 0, call: block.call, id: "", name: "", argumentsDelta: piece })
        }
      }
    }
  }

  const stop = ({ call, citations, input, signature, start }: Block, out: Array<LMEvent>): void => {
    switch (start["type"]) {
      case "text": {
        const all = [...(Array.isArray(start["citations"]) ? start["citations"] : []), ...citations]
        if (all.length > 0) {
          out.push({ _tag: "TextDelta", index: 0, text: "", providerData: Beside.data({ citations: all }) })
        }
        break
      }
      case "thinking": {
        const signed = signature.join("")
        if (signed !== "") {
          out.push({ _tag: "ReasoningDelta", index: 0, text: "", providerData: Beside.data({ signature: signed }) })
        }
        break
      }
      case "redacted_thinking":
        out.push({
          _tag: "ReasoningDelta",
          index: 0,
          text: "",
          providerData: Beside.data({ redacted: asString(start["data"]) })
        })
        break
      case "tool_use":
        // A tool without arguments has no pieces, and some gateways give all of the input at once.
        if (input.length === 0) {
          const argumentsDelta = JSON.stringify(isRecord(start["input"]) ? start["input"] : {})
          out.push({ _tag: "ToolCallDelta", index: 0, call, id: "", name: "", argumentsDelta })
        }
        break
      default:
        out.push({ _tag: "TextDelta", index: 0, text: "", providerData: Beside.data({ block: whole(start, input) }) })
    }
  }

  const end = (message: JsonRecord): void => {
    stopReason = asString(message["stop_reason"]) || stopReason
    stopDetails = message["stop_details"] ?? stopDetails
  }

  return {
    push: (chunk, out) => {
      if (!isRecord(chunk)) {
        return new LMError.InvalidResponse({
          description: `the provider sent what is no event: ${excerpt(String(chunk))}`
        })
      }
      const inner = (name: string): JsonRecord => isRecord(chunk[name]) ? chunk[name] : {}
      switch (chunk["type"]) {
        case "message_start":
          return begin(inner("message"), out)
        case "content_block_start":
          blocks.set(chunk["index"], start(inner("content_block"), out))
          return undefined
        case "content_block_delta": {
          const block = blocks.get(chunk["index"])
          if (block !== undefined) go(block, inner("delta"), out)
          return undefined
        }
        case "content_block_stop": {
          const block = blocks.get(chunk["index"])
          if (block !== undefined) stop(block, out)
          blocks.delete(chunk["index"])
          return undefined
        }
        case "message_delta":
          end(inner("delta"))
          counts = Usage.merge(counts, chunk["usage"])
          return undefined
        case "message_stop":
          for (const block of blocks.values()) stop(block, out)
          isOver = true
          return undefined
        case "message": {
          const reason = begin(chunk, out)
          for (const block of Array.isArray(chunk["content"]) ? chunk["content"] : []) {
            if (isRecord(block)) stop(start(block, out), out)
          }
          end(chunk)
          isOver = true
          return reason
        }
        case "error":
          return ProviderError.fromPayload(chunk)
        default:
          // `ping`, and what is to come: the protocol promises new events.
          return chunk["error"] === undefined ? undefined : ProviderError.fromPayload(chunk)
      }
    },
    finished: () => isOver,
    end: (out) => {
      if (Object.keys(counts).length > 0) out.push({ _tag: "Usage", usage: Usage.make(counts) })
      if (!isOver) {
        return new LMError.Truncated({
          description: "the connection closed before the provider said that the answer was over"
        })
      }
      return finish(stopReason, stopDetails, out)
    }
  }
}

// Details

/** A block as it came, with its input. */
const whole = (start: JsonRecord, input: ReadonlyArray<string>): JsonRecord => {
  if (input.length === 0) return start
  const parsed = parse(input.join(""))
  return { ...start, input: Result.isSuccess(parsed) ? parsed.success : {} }
}

/** How the answer ended. What is none is told as an error. */
const finish = (
  stopReason: string | undefined,
  stopDetails: unknown,
  out: Array<LMEvent>
): LMError.Reason | undefined => {
  if (stopReason === "model_context_window_exceeded") {
    return new LMError.ContextWindowExceeded({
      description: "the answer ended where the model's context was full: send less, or ask for less"
    })
  }
  const reason = stopReason === undefined ? undefined : reasons.get(stopReason)
  if (reason === undefined) {
    return new LMError.InvalidResponse({
      description: `the answer ended for a reason that is not known: ${excerpt(String(stopReason))}`
    })
  }
  const detail = stopReason === Beside.paused ? Beside.paused : isRecord(stopDetails) ? explained(stopDetails) : ""
  out.push({ _tag: "Finish", index: 0, reason, ...(detail === "" ? {} : { detail }) })
  return undefined
}

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  [Beside.paused, "stop"],
  ["tool_use", "tool-calls"],
  ["max_tokens", "length"],
  ["refusal", "refusal"]
])

const explained = (details: JsonRecord): string =>
  [asString(details["category"]), asString(details["explanation"])].filter((text) => text !== "").join(": ")

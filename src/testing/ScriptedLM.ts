/**
 * A language model that answers what a test wrote down.
 *
 * A script is a list of replies, taken in the order of the calls, or a function of the request. It says of every reply
 * how it arrives: in which pieces, after which waits (on the clock, so `TestClock` drives them), and how it ends. The
 * model remembers what it was asked; a call that the script does not expect dies, and shows the request.
 *
 * @example
 * const lm = yield* ScriptedLM.make([ScriptedLM.chat({ answer: "Paris" })])
 * const { answer } = yield* qa({ question: "Capital of France?" }).pipe(Effect.provide(lm.layer))
 * const [request] = yield* lm.requests
 * yield* lm.assertComplete
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Adapter from "../adapter/Adapter.ts"
import * as Adapters from "../adapter/Adapters.ts"
import * as Form from "../adapter/Form.ts"
import * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import type { FinishReason, LMEvent } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as LMResponse from "../lm/LMResponse.ts"
import * as Usage from "../lm/Usage.ts"
import type * as Signature from "../signature/Signature.ts"
import { kindOf } from "../text/kind.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { anAdapter, anError, aReply, aScript, aToolCall, aWholeReply, someFields } from "./internal/kinds.ts"
import { describe, describeUnexpected, isWhen, play } from "./internal/play.ts"

// Models

/** What the model says to one request: what each network read brings, and how the response ends. */
export interface Reply {
  readonly reads: ReadonlyArray<Read>
  readonly end: End
}

/** One network read, after a wait. */
export interface Read {
  readonly delay: Duration.Duration
  readonly events: ReadonlyArray<LMEvent>
  /** Called when a consumer has asked for the read, and its wait is over. */
  readonly onSend: () => unknown
}

/** The provider closes the response, fails, or never says anything again. */
export type End =
  | { readonly _tag: "Close" }
  | { readonly _tag: "Fail"; readonly error: LMError.LMError | LMError.Reason }
  | { readonly _tag: "Hang" }

/** A reply for the first request that it is for. */
export interface When {
  readonly when: (request: LMRequest) => boolean
  readonly reply: Reply | string
}

/**
 * Replies, each given once: a call takes the first one left that is for it (a reply without `when` is for every call).
 * Or a function of the request and of the number of calls before it, which never runs out. A string is a reply in one
 * piece.
 */
export type Script =
  | ReadonlyArray<Reply | When | string>
  | ((request: LMRequest, call: number) => Reply | string)

/** How a reply arrives. */
export interface ReplyOptions {
  /** The wait before each piece, the first one included; none if left out. */
  readonly delay?: Duration.Input | undefined
  /** Why the completion is over; `stop` if left out. */
  readonly finish?: FinishReason | undefined
  /** What the provider says of a refusal or a filter. */
  readonly detail?: string | undefined
  /** Reported after the answer; not at all if left out. */
  readonly usage?: Partial<Usage.Usage> | undefined
  /** The model's own thinking, in pieces that come before the answer. */
  readonly reasoning?: string | ReadonlyArray<string> | undefined
  /** Called as each piece is sent: how far a consumer has read. */
  readonly onSend?: (() => unknown) | undefined
}

/** How a reply of one text arrives. */
export interface TextOptions extends ReplyOptions {
  /** Send the text in pieces of a few characters, as models do; in one piece if left out. */
  readonly tokens?: boolean | undefined
}

/** What the model says of itself. */
export interface Options {
  /** Who answers, as errors say it; `scripted/test` if left out. */
  readonly model?: string | undefined
  /** All of them if left out. */
  readonly capabilities?: LM.Capabilities | undefined
}

/** A scripted language model, and what happened to it so far. */
export interface ScriptedLM {
  readonly service: LM.Service
  readonly layer: Layer.Layer<LM.LM>
  /** What was asked, in the order of the calls. */
  readonly requests: Effect.Effect<ReadonlyArray<LMRequest>>
  /** How many responses were left before their end. */
  readonly interrupted: Effect.Effect<number>
  /** Dies unless every reply was asked for, and every call was expected. */
  readonly assertComplete: Effect.Effect<void>
}

// Constructors

/** A model with this script. */
export const make = (script: Script, options: Options = {}): Effect.Effect<ScriptedLM> =>
  scripted("ScriptedLM.make", script, options)

const scripted = (what: string, script: Script, options: Options): Effect.Effect<ScriptedLM> => {
  given(what, { script: aScript }, [script])
  const { model = "scripted/test", capabilities = { tools: true } } = onlyKnown(
    what,
    options,
    optionNames
  )
  return Effect.sync(() => {
    const requests: Array<LMRequest> = []
    const unexpected: Array<string> = []
    let interrupted = 0
    let lastText: string | undefined
    const left: Array<Reply | When | string> = typeof script === "function" ? [] : [...script]

    const take = (request: LMRequest): Reply | string | undefined => {
      const call = requests.push(request) - 1
      if (typeof script === "function") {
        const reply: unknown = script(request, call)
        given("ScriptedLM", { "what the script gave": aReply }, [reply])
        return reply as Reply | string
      }
      const at = left.findIndex((entry) => !isWhen(entry) || entry.when(request))
      const [entry] = at === -1 ? [] : left.splice(at, 1)
      return entry === undefined || !isWhen(entry) ? entry : entry.reply
    }

    const stream = (request: LMRequest): Stream.Stream<LMEvent, LMError.LMError> =>
      Stream.suspend(() => {
        const reply = take(request)
        if (reply !== undefined) {
          if (typeof reply === "string") lastText = reply
          return play(typeof reply === "string" ? text(reply) : reply, model, () => interrupted++)
        }
        const problem = describeUnexpected(request, requests.length, left.length, lastText)
        unexpected.push(problem)
        return Stream.die(new Error(problem))
      })

    const service: LM.Service = {
      model,
      capabilities,
      stream,
      generate: (request) => LMResponse.collect(stream(request))
    }
    return {
      service,
      layer: Layer.succeed(LM.LM, service),
      requests: Effect.sync(() => [...requests]),
      interrupted: Effect.sync(() => interrupted),
      assertComplete: Effect.suspend(() => {
        const problems = [...unexpected, ...left.map((entry) => `ScriptedLM: nobody asked for ${describe(entry)}`)]
        return problems.length === 0 ? Effect.void : Effect.die(new Error(problems.join("\n")))
      })
    }
  })
}

/** An answer of one text. */
export const text = (whole: string, options?: TextOptions): Reply => {
  given("ScriptedLM.text", { whole: Kinds.text }, [whole])
  const { tokens: inTokens, ...others } = onlyKnown("ScriptedLM.text", options ?? {}, textNames)
  return chunks(inTokens === true ? tokens(whole) : [whole], others)
}

/** An answer in these pieces. */
export const chunks = (pieces: ReadonlyArray<string>, options: ReplyOptions = {}): Reply => {
  given("ScriptedLM.chunks", { pieces: Kinds.texts }, [pieces])
  const { delay, detail, finish = "stop", onSend, reasoning = [], usage } = onlyKnown(
    "ScriptedLM.chunks",
    options,
    replyNames
  )
  const thoughts = typeof reasoning === "string" ? [reasoning] : reasoning
  const last: ReadonlyArray<LMEvent> = [
    { _tag: "Finish", index: 0, reason: finish, ...(detail === undefined ? {} : { detail }) },
    ...(usage === undefined ? [] : [{ _tag: "Usage", usage: { ...Usage.empty, calls: 1, ...usage } } as const])
  ]
  const said = events([
    ...thoughts.map((text) => [{ _tag: "ReasoningDelta", index: 0, text } as const]),
    ...pieces.map((text) => [{ _tag: "TextDelta", index: 0, text } as const])
  ], { delay, onSend })
  return { ...said, reads: [...said.reads, { delay: Duration.zero, events: last, onSend: () => {} }] }
}

/** These events, one array for each network read. Without a `Finish`, the response closes as only a broken provider's does. */
export const events = (
  reads: ReadonlyArray<ReadonlyArray<LMEvent>>,
  options?: Pick<ReplyOptions, "delay" | "onSend">
): Reply => {
  given("ScriptedLM.events", { reads: Kinds.listOf("reads", Kinds.list("events")) }, [reads])
  const { delay = 0, onSend = () => {} } = onlyKnown("ScriptedLM.events", options ?? {}, timingNames)
  const wait = Duration.fromInputUnsafe(delay)
  return { reads: reads.map((events) => ({ delay: wait, events, onSend })), end: { _tag: "Close" } }
}

/** Fails, after these pieces of an answer. */
export const fail = (
  error: LMError.LMError | LMError.Reason,
  after: ReadonlyArray<string> = [],
  options?: ReplyOptions
): Reply => {
  given("ScriptedLM.fail", { error: anError }, [error])
  return unfinished(chunks(after, options), { _tag: "Fail", error })
}

/** A call that the model asks for. */
export interface ScriptedToolCall {
  /** One of ours if left out: `call_1`, `call_2`... */
  readonly id?: string | undefined
  readonly name: string
  /** The text of the arguments, or what is their JSON. */
  readonly arguments: unknown
}

/** An answer that calls tools natively; its text is the thought before them. `tokens` cuts the arguments too. */
export const toolCalls = (
  calls: ReadonlyArray<ScriptedToolCall>,
  options: TextOptions & { readonly text?: string | undefined } = {}
): Reply => {
  given("ScriptedLM.toolCalls", { calls: Kinds.listOf("calls", aToolCall) }, [calls])
  const { text: thought = "", tokens: inTokens, ...others } = onlyKnown("ScriptedLM.toolCalls", options, {
    ...textNames,
    text: Kinds.text
  })
  const cut = (whole: string) => inTokens === true ? tokens(whole) : [whole]
  const { end, reads } = chunks(thought === "" ? [] : cut(thought), { finish: "tool-calls", ...others })
  const asked = events(
    calls.flatMap((call, place) => {
      const whole = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments)
      return cut(whole).map((argumentsDelta, piece) => [
        {
          _tag: "ToolCallDelta",
          index: 0,
          call: place,
          id: piece === 0 ? call.id ?? `call_${place + 1}` : "",
          name: piece === 0 ? call.name : "",
          argumentsDelta
        } as const
      ])
    }),
    { delay: others.delay, onSend: others.onSend }
  )
  return { reads: [...reads.slice(0, -1), ...asked.reads, ...reads.slice(-1)], end }
}

/** These pieces of an answer, then the connection closes before the answer was over: `LMError` with `Truncated`. */
export const truncated = (pieces: ReadonlyArray<string>, options?: ReplyOptions): Reply =>
  fail(
    new LMError.Truncated({ description: "the response ended before the provider said that it was over" }),
    pieces,
    options
  )

/** These pieces of an answer, and then nothing, for ever. */
export const hang = (after: ReadonlyArray<string>, options?: ReplyOptions): Reply =>
  unfinished(chunks(after, options), { _tag: "Hang" })

/** Nothing, for ever: for what interrupts a call. */
export const never: Reply = { reads: [], end: { _tag: "Hang" } }

/** Several completions side by side, as a request with `n` gets them. Each reply is one; their usages are added up. */
export const completions = (replies: ReadonlyArray<Reply>): Reply => {
  given("ScriptedLM.completions", { replies: Kinds.listOf("replies", aWholeReply) }, [replies])
  const timed = replies.flatMap((reply, index) => {
    let at = 0
    return reply.reads.map((read, round) => {
      at += Duration.toMillis(read.delay)
      return { at, round, index, read }
    })
  }).sort((a, b) => a.at - b.at || a.round - b.round || a.index - b.index)
  let now = 0
  let usage = Usage.empty
  const reads = timed.map(({ at, index, read }): Read => {
    const delay = Duration.millis(at - now)
    now = at
    const events = read.events.map((event): LMEvent => {
      if (event._tag !== "Usage") return "index" in event ? { ...event, index } : event
      usage = { ...Usage.add(usage, event.usage), calls: 1 }
      return { _tag: "Usage", usage }
    })
    return { delay, events, onSend: read.onSend }
  })
  return { reads, end: replies.find(({ end }) => end._tag !== "Close")?.end ?? { _tag: "Close" } }
}

/**
 * These fields as an adapter's form has them written, in this order: JSON values, each by its type in the signature. Throws a
 * `TypeError` for an adapter that was not made of a form, whose replies are {@link text}.
 *
 * @example
 * const reply = ScriptedLM.written(Lines, qa.signature, { answer: "Paris", confidence: 0.9 }, { tokens: true })
 */
export const written = (
  adapter: Adapter.Adapter,
  signature: Signature.Any,
  fields: Readonly<Record<string, unknown>>,
  options?: TextOptions
): Reply => {
  given("ScriptedLM.written", { adapter: anAdapter, signature: Kinds.signature }, [adapter, signature])
  return formed("written", adapter, fields, options, (name, json) => {
    const field = signature.outputFields.find((field) => field.name === name)
    return field === undefined ? valueOf(name, json) : Form.valueOf(field, json)
  })
}

/** These fields as the Chat adapter has them written. Strings are written as they are, everything else as JSON. */
export const chat = (fields: Readonly<Record<string, unknown>>, options?: TextOptions): Reply =>
  formed("chat", Adapters.builtIn.chat, fields, options, valueOf)

/** These fields as the JSON adapter has them written: one object. */
export const json = (fields: Readonly<Record<string, unknown>>, options?: TextOptions): Reply =>
  formed("json", Adapters.builtIn.json, fields, options, valueOf)

/** These fields as the XML adapter has them written. Strings are written as they are, everything else as JSON. */
export const xml = (fields: Readonly<Record<string, unknown>>, options?: TextOptions): Reply =>
  formed("xml", Adapters.builtIn.xml, fields, options, valueOf)

/** A reply for the first request of which this is true. */
export const when = (when: When["when"], reply: Reply | string): When => {
  given("ScriptedLM.when", { when: Kinds.fn("a function of a request"), reply: aReply }, [when, reply])
  return { when, reply }
}

/** A text in pieces of one to five characters: always the same ones, and whole characters. */
export const tokens = (whole: string): ReadonlyArray<string> => {
  given("ScriptedLM.tokens", { whole: Kinds.text }, [whole])
  const characters = [...whole]
  const pieces: Array<string> = []
  for (let at = 0; at < characters.length;) {
    const size = 1 + (pieces.length * 7 + 2) % 5
    pieces.push(characters.slice(at, at + size).join(""))
    at += size
  }
  return pieces
}

// Layers

/** A model with this script, for tests that need not look at it. Each time the layer is built the script begins anew. */
export const layer = (script: Script, options?: Options): Layer.Layer<LM.LM> =>
  Layer.effect(LM.LM, Effect.map(scripted("ScriptedLM.layer", script, options ?? {}), ({ service }) => service))

const optionNames: Names<Options> = { model: Kinds.text, capabilities: Kinds.object }

const timingNames = { delay: Kinds.wait, onSend: Kinds.fn() }

const replyNames: Names<ReplyOptions> = {
  ...timingNames,
  finish: Kinds.text,
  detail: Kinds.text,
  usage: Kinds.object,
  reasoning: (what, value) => typeof value === "string" ? undefined : Kinds.texts(what, value)
}

const textNames: Names<TextOptions> = { ...replyNames, tokens: Kinds.flag }

// Details

const unfinished = (reply: Reply, end: End): Reply => ({
  reads: reply.reads.flatMap((read) => {
    const events = read.events.filter((event) => event._tag !== "Finish")
    return events.length === 0 ? [] : [{ ...read, events }]
  }),
  end
})

/** A reply as a model writes it: text that looks like a part of the adapter's form is not escaped, since models do not do so. */
const formed = (
  what: string,
  adapter: Adapter.Adapter,
  fields: Readonly<Record<string, unknown>>,
  options: TextOptions | undefined,
  valueOf: (name: string, json: unknown) => Form.Value
): Reply => {
  given(`ScriptedLM.${what}`, { fields: someFields }, [fields])
  if (adapter.form === undefined) {
    throw new TypeError(
      `ScriptedLM.${what}: the ${adapter.name} adapter was not made of a form (Adapter.fromForm): give its reply as a text`
    )
  }
  const values = Object.entries(fields).flatMap(([name, json]) => json === undefined ? [] : [valueOf(name, json)])
  return text(adapter.form.output(values, (text) => text), options)
}

/** A value whose type is not known. */
const valueOf = (name: string, json: unknown): Form.Value => {
  if (typeof json === "string") return { name, json, text: json, kind: "text" }
  // JSON leaves out functions and symbols, and throws at a bigint and a circle.
  const text = Result.getOrUndefined(Result.try((): string | undefined => JSON.stringify(json)))
  if (text === undefined) throw new TypeError(`the field '${name}' is ${kindOf(json)}, which JSON does not have`)
  return { name, json, text, kind: "json" }
}

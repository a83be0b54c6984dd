/**
 * Tools without a function, which the client executes: a browser, a phone, whoever has asked the agent.
 *
 * A call of such a tool is a request to the {@link Client} of the context, and the run waits for its answer, as it waits for an
 * approval. Requests and answers are plain data with a schema: they can go to a browser as JSON, and come back.
 *
 * @example
 * const confirm = Tool.client("confirm_purchase", { parameters: { amount: Schema.Finite }, success: Schema.Boolean })
 * const inbox = yield* ClientTool.makeInbox
 * const fiber = yield* Effect.forkChild(agent({ question }).pipe(Effect.provide(inbox.layer)))
 * const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
 * yield* inbox.answer(request.id, ClientTool.answered(true))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as Kinds from "../text/kinds.ts"
import * as Approval from "./Approval.ts"
import { make as emptyInbox } from "./internal/inbox.ts"

// Models

/** A call that waits for the client: of which tool, with which arguments, where in the program. Its `id` is not to be guessed. */
export const Request = Approval.Request
export type Request = typeof Request.Type

/** What the tool gave: JSON, as the tool's `success` schema has it. */
export const Answered = Schema.TaggedStruct("Answered", { value: Schema.Unknown })

/** Why it gave nothing; the model is told so. */
export const Failed = Schema.TaggedStruct("Failed", { message: Schema.String })

/** What came of a request. */
export const Answer = Schema.Union([Answered, Failed])
export type Answer = typeof Answer.Type

/** Executes tools. It may wait as long as it takes; it is interrupted when the run that asks is. */
export interface Client {
  readonly execute: (request: Request) => Effect.Effect<Answer>
}

// Constructors

/** The answer that a tool gave this. */
export const answered = (value: unknown): Answer => ({ _tag: "Answered", value })

/** The answer that a tool gave nothing, and why. */
export const failed = (message: string): Answer => {
  Kinds.text("the message of ClientTool.failed", message)
  return { _tag: "Failed", message }
}

/** The client of what runs in this context. The default fails all calls, since there is nobody to ask. */
export const Client = Context.Reference<Client>("effect-lm/tool/Client", {
  defaultValue: () => ({
    execute: ({ tool }) =>
      Effect.as(
        Effect.logWarning(
          `The client is to execute ${tool}, and there is none: provide ClientTool.layer or ClientTool.makeInbox`
        ),
        failed("nobody is there who could execute it")
      )
  })
})

// Layers

/** A client of your own. */
export const layer = (execute: Client["execute"]): Layer.Layer<never> => {
  Kinds.fn("a function that executes, as (request) => Effect.succeed(ClientTool.answered(true))")("the client", execute)
  return Layer.succeed(Client, { execute })
}

// Inbox

/** Requests that wait for an answer from elsewhere: a web page, another process. */
export interface Inbox {
  /** Makes what runs with it ask here. */
  readonly layer: Layer.Layer<never>
  /** The requests without an answer, oldest first. One is gone when it was answered, or its run was interrupted. */
  readonly pending: Effect.Effect<ReadonlyArray<Request>>
  /** The pending requests, and then each that is made. */
  readonly requests: Stream.Stream<Request>
  /** Answers a request; false where it is not there, or not there any more. */
  readonly answer: (id: string, answer: Answer) => Effect.Effect<boolean>
}

/** Makes an inbox without requests. */
export const makeInbox: Effect.Effect<Inbox> = Effect.sync(() => {
  const { ask, ...inbox } = emptyInbox<Request, Answer>()
  return { ...inbox, layer: layer(ask) }
})

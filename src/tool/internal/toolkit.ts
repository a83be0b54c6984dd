/**
 * The tools of an `effect/ai` toolkit, whose handlers are in the context.
 */
import type * as AiPrompt from "effect/ai/Prompt"
import * as AiTool from "effect/ai/Tool"
import type * as Toolkit from "effect/ai/Toolkit"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Stream from "effect/Stream"
import * as Content from "../../lm/LMContent.ts"
import { type Message, textOf, toolCallsOf, type ToolSpec } from "../../lm/LMRequest.ts"
import * as Issues from "../../text/issues.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Policy } from "../Tool.ts"
import * as ToolError from "../ToolError.ts"
import { invalid, withoutNulls } from "./arguments.ts"
import { inOrder } from "./content.ts"
import type { CallInfo, Entry, Given } from "./entry.ts"
import { inWords, toToolError } from "./failure.ts"
import { parametersOf } from "./jsonSchema.ts"
import { answerOf, approvalOf, limiter, policyOf } from "./policy.ts"
import { plain } from "./result.ts"

/** The handlers of a toolkit, and what they need of each call. */
export type Services<T> = T extends Toolkit.Toolkit<infer Tools>
  ? AiTool.HandlersFor<Tools> | AiTool.HandlerServices<Tools[keyof Tools]>
  : never

/** Policies by tool name. */
export type Policies<T> = T extends Toolkit.Toolkit<infer Tools>
  ? { readonly [Name in keyof Tools]?: Policy<AiTool.Parameters<Tools[Name]>> | undefined }
  : never

/** Whether a value is a toolkit of `effect/ai`. */
export const isToolkit = (u: unknown): u is Toolkit.Any => Predicate.hasProperty(u, "~effect/ai/Toolkit")

/** Throws a `TypeError` where it is no toolkit, or a policy is for a tool that it does not have. */
export const check = (toolkit: unknown, policies: object = {}): void => {
  Kinds.make("an effect/ai toolkit, as Toolkit.make(...) gives one", isToolkit)("what was given for a toolkit", toolkit)
  const names = toolsOf(toolkit as Toolkit.Any).map(({ name }) => name)
  for (const [name, policy] of Object.entries(policies)) {
    if (!names.includes(name)) {
      throw new TypeError(
        `there is a policy of the tool '${name}', which the toolkit does not have: ${names.join(", ")}`
      )
    }
    policyOf(name, policy)
  }
}

/** The toolkit's tools. One that only its provider can run, or that takes no object, throws a `TypeError`. */
export const toolsOf = (toolkit: Toolkit.Any): ReadonlyArray<AiTool.Any> =>
  Object.values(toolkit.tools).map((tool) => {
    if (AiTool.isProviderDefined(tool)) {
      throw new TypeError(`the tool '${tool.name}' is run by its provider: it cannot be called from here`)
    }
    specOf(tool)
    return tool
  })

/** What a model is told of a tool; made once. */
const specOf = (tool: AiTool.Any): ToolSpec => {
  let spec = specs.get(tool)
  if (spec === undefined) {
    const { name } = tool
    const description = AiTool.getDescription(tool)
    specs.set(
      tool,
      spec = {
        name,
        ...(description === undefined ? {} : { description }),
        parameters: parametersOf(name, AiTool.getJsonSchema(tool))
      }
    )
  }
  return spec
}

const specs = new WeakMap<AiTool.Any, ToolSpec>()

/**
 * The toolkit's tools with their handlers. Their types ask for these; where they are missing all the same, as in plain
 * JavaScript, that is said before anything is called.
 */
export const entries = <T extends Toolkit.Any>(
  toolkit: T,
  policies?: Policies<T>
): Effect.Effect<ReadonlyArray<Entry<Services<T>>>, never, Services<T>> => {
  const named = new Map(Object.entries((policies ?? {}) as Readonly<Record<string, Policy<unknown>>>))
  // `Toolkit.Any` does not say that a toolkit is the effect of its handlers.
  const resolved = toolkit as unknown as Effect.Effect<AnyHandlers, never, Services<T>>
  return Effect.contextWith((context: Context.Context<Services<T>>) => {
    const tools = toolsOf(toolkit)
    const missing = tools.filter(({ id }) => !context.mapUnsafe.has(id)).map(({ name }) => name)
    if (missing.length > 0) {
      return Effect.die(
        new TypeError(
          `the toolkit has no handlers of ${missing.join(", ")}: provide the layer that its toLayer({ ... }) gives`
        )
      )
    }
    return Effect.map(resolved, (handlers) => tools.map((tool) => entry(tool, handlers, named.get(tool.name) ?? {})))
  })
}

// oxlint-disable-next-line typescript/no-explicit-any -- handlers of tools that are known at run time only
type AnyHandlers = Toolkit.WithHandler<Record<string, any>>

/** The arguments, and what they decode to. The handlers decode the arguments themselves; policies look at what is decoded. */
interface Params {
  readonly args: JsonRecord
  readonly decoded: unknown
}

const entry = <R>(tool: AiTool.Any, handlers: AnyHandlers, policy: Policy<unknown>): Entry<R> => {
  const { name } = tool
  const limit = limiter(name, policy)
  const schema = Schema.isSchema(tool.parametersSchema) ? tool.parametersSchema : Schema.Unknown
  // The services of the schemas and handlers are in `R`, which is the toolkit's.
  const decode = Schema.decodeUnknownEffect(schema as Schema.ConstraintCodec<unknown, unknown, R>)
  return {
    spec: specOf(tool),
    source: "an effect/ai toolkit",
    decode: (args) => {
      const params = (args: JsonRecord) =>
        Effect.mapBoth(decode(args, { errors: "all" }), {
          onSuccess: (decoded): Params => ({ args, decoded }),
          onFailure: ({ issue }) => toInvalidArguments(issue)
        })
      return params(args).pipe(
        Effect.catch((reason) => {
          const without = withoutNulls(args, reason.issues)
          return without === undefined ? Effect.fail(reason) : Effect.mapError(params(without), () => reason)
        }),
        Effect.mapError((reason) => new ToolError.ToolError({ tool: name, reason }))
      )
    },
    needsApproval: policy.needsApproval === undefined
      ? ownApproval(tool)
      : approvalOf(policy.needsApproval, (params) => (params as Params).decoded),
    run: (params, { report }) =>
      limit(Effect.suspend(() => {
        let last: AiTool.HandlerResult<AiTool.Any> | undefined
        return handlers.handle(name, (params as Params).args, report.toolCallId).pipe(
          Stream.unwrap,
          Stream.runForEach((result) =>
            result.preliminary ? report.progress(result.encodedResult) : Effect.sync(() => last = result)
          ),
          Effect.andThen(Effect.suspend(() => given(name, last)))
        )
      })).pipe(Effect.mapError((error) => toError(name, error))) as Effect.Effect<Given, ToolError.ToolError, R>
  }
}

/** What the tool itself says of approval; it may look at the conversation, in effect's own messages. */
const ownApproval = ({ needsApproval }: AiTool.Any): Entry["needsApproval"] => {
  if (typeof needsApproval !== "function") return approvalOf(needsApproval)
  return (params, { messages, report }: CallInfo) =>
    Effect.flatMap(
      Effect.flatMap(messages, prompt),
      (messages) =>
        answerOf(() => needsApproval((params as Params).decoded, { toolCallId: report.toolCallId, messages }))
    )
}

const given = (
  tool: string,
  result: AiTool.HandlerResult<AiTool.Any> | undefined
): Effect.Effect<Given, ToolError.ToolError> => {
  if (result === undefined) return Effect.fail(toToolError(tool, "the handler ended without a result"))
  if (!result.isFailure) {
    const shown = result.modelOutput === undefined ? undefined : inOrder(
      result.modelOutput.map((part) =>
        part.type === "text" ? part.text : { data: part.data, mediaType: part.mediaType, name: part.fileName }
      )
    )
    return Result.match(plain(result.encodedResult), {
      onSuccess: (value) => Effect.succeed({ value, ...shown }),
      onFailure: (issues) =>
        Effect.fail(new ToolError.ToolError({ tool, reason: new ToolError.InvalidResult({ issues }) }))
    })
  }
  return Effect.fail(toError(tool, result.result))
}

// Errors

const toError = (tool: string, error: unknown): ToolError.ToolError => {
  if (!isAiError(error)) return toToolError(tool, error)
  const { reason } = error
  const issues = [{ path: [], message: reason.description ?? reason.message }]
  switch (reason._tag) {
    case "ToolParameterValidationError":
      return new ToolError.ToolError({ tool, reason: new ToolError.InvalidArguments({ issues }) })
    case "InvalidToolResultError":
    case "ToolResultEncodingError":
      return new ToolError.ToolError({ tool, reason: new ToolError.InvalidResult({ issues }) })
    default:
      return new ToolError.ToolError({
        tool,
        reason: new ToolError.Failed({ description: inWords(reason), cause: error })
      })
  }
}

interface AiErrorLike {
  readonly reason: { readonly _tag: string; readonly message: string; readonly description?: string | undefined }
}

const isAiError = (error: unknown): error is AiErrorLike =>
  Predicate.isTagged(error, "AiError") && Predicate.hasProperty(error, "reason") &&
  Predicate.hasProperty(error.reason, "_tag")

const toInvalidArguments = (issue: SchemaIssue.Issue): ToolError.InvalidArguments => {
  const issues = Issues.fromSchema(issue)
  return issues.length === 0 ? invalid([], "not what the tool takes") : new ToolError.InvalidArguments({ issues })
}

// Messages

/** The conversation as `effect/ai` has it; loaded only for a tool that asks for it. */
const prompt = (messages: ReadonlyArray<Message>) =>
  Effect.map(Effect.promise(() => import("effect/ai/Prompt")), (Prompt) =>
    messages.map((message) => {
      switch (message.role) {
        case "system":
          return Prompt.systemMessage({ content: textOf(message) })
        case "user":
          return Prompt.userMessage({ content: partsOf(Prompt, message.content) })
        case "assistant":
          return Prompt.assistantMessage({
            content: [
              ...(textOf(message) === "" ? [] : [Prompt.textPart({ text: textOf(message) })]),
              ...toolCallsOf(message).map(({ arguments: params, id, name }) =>
                Prompt.toolCallPart({ id, name, params, providerExecuted: false })
              )
            ]
          })
        case "tool":
          return Prompt.toolMessage({
            content: message.content.map(({ content, name, toolCallId }) =>
              Prompt.toolResultPart({
                id: toolCallId,
                name,
                isFailure: false,
                result: Content.textOf(content),
                providerExecuted: false
              })
            )
          })
      }
    }))

const partsOf = (Prompt: typeof AiPrompt, parts: ReadonlyArray<Content.Given>) =>
  parts.map((part) => {
    if (part._tag === "Text") return Prompt.textPart({ text: part.text })
    const { mediaType = "application/octet-stream" } = part.source
    return Prompt.filePart({
      mediaType,
      data: part.source._tag === "Url" ? new URL(part.source.url) : part.source.data
    })
  })

/**
 * A tool: an immutable, callable value with a name, schemas, a function and a policy.
 *
 * @example
 * const weather = Tool.make("weather", {
 *   description: "The weather of a city",
 *   parameters: { city: Schema.String },
 *   timeout: "5 seconds"
 * }, ({ city }) => fetchWeather(city))
 *
 * const here = yield* weather({ city: "Paris" })
 */
import type * as AiTool from "effect/ai/Tool"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Pipeable } from "effect/Pipeable"
import type * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Fields, FieldSchema } from "../signature/Field.ts"
import * as Spec from "../signature/ToolSpec.ts"
import { client as ofClient } from "./internal/client.ts"
import type { Entry } from "./internal/entry.ts"
import { bind, handlers, TypeId } from "./internal/invoke.ts"
import { fromFunction as plain } from "./internal/plainFunction.ts"
import { define, type Definition } from "./internal/tool.ts"
import type { ToolError } from "./ToolError.ts"

// Models

export type { ToolSchema, ToolSpec } from "../signature/ToolSpec.ts"
export type { JsonRecord } from "../text/json/values.ts"
export type { Rule as CacheRule } from "./internal/cacheRule.ts"
export type { CallInfo, Entry, Given } from "./internal/entry.ts"
export type { Definition } from "./internal/tool.ts"
export { TypeId }

/**
 * A tool that takes `P` and gives `A`. Called, it checks the parameters, asks for approval, keeps its limits, and is seen
 * as a tool call by the run's observers. What its function throws or rejects with is a {@link ToolError}; what an Effect
 * fails of stays as it is.
 */
export interface Tool<out Name extends string, in out P, out A, out E, out R> extends Pipeable {
  (params: P): Effect.Effect<A, E | ToolError, R>
  readonly [TypeId]: Definition
  readonly name: Name
  readonly description: string | undefined
  /** What a model is told of the tool: its name, its description, and the JSON schema of its parameters. */
  readonly spec: Spec.ToolSpec
  /** The same tool for `effect/ai`: for a `Toolkit`, or an MCP server. Made when it is first asked for. */
  readonly definition: AiTool.Tool<Name, {
    readonly parameters: Schema.Codec<P, unknown>
    readonly success: Schema.Codec<A, unknown>
    readonly failure: typeof ToolError
    readonly failureMode: "error"
  }>
}

/**
 * The schema of a tool as an input, which is `Tool` in signature strings: it takes tools, and what a model is told of them.
 *
 * @example
 * const inputs = { question: Schema.String, tools: Schema.Array(Tool.Tool) }
 */
export const Tool: Spec.ToolSchema = Spec.Tool

/**
 * Any tool. That a call may give anything lets the compiler say of a plain function that it is no tool; without, it would
 * complain about what the function returns.
 */
// oxlint-disable typescript/no-explicit-any -- the one type that every tool is assignable to
export interface Any extends Tool<string, any, any, any, any> {
  (params: any): any
}
// oxlint-enable typescript/no-explicit-any

/**
 * A function that agents take as a tool as it is: of one object, or of nothing, giving a value, a promise or an Effect. Its
 * name, its `description` and its `parameters` are told to the model; without `parameters`, the names in its parameter's
 * pattern are. `needsApproval` is as in {@link Policy}.
 */
export interface PlainFunction {
  // oxlint-disable-next-line typescript/no-explicit-any -- the one type that every function of an object is assignable to
  (input: any, context: CallContext): unknown
  /** A module can be called too. The compiler says this sentence. */
  readonly "~effect-lm/module/Module"?: "a module is made a tool with ModuleTool.make"
  readonly description?: string | undefined
  /** Fields, or a schema of an object. */
  readonly parameters?: Fields | FieldSchema | undefined
  // oxlint-disable-next-line typescript/no-explicit-any -- the function's own parameter
  readonly needsApproval?: Policy<any>["needsApproval"]
}

/** What a call needs of its context. */
export type Services<T extends Any | PlainFunction> = T extends Tool<string, infer _P, infer _A, infer _E, infer R> ? R
  : T extends PlainFunction ? ServicesOf<ReturnType<T>>
  : never

/** What a running tool knows of its call. */
export interface CallContext {
  /** What the model calls the call; its place in the run where no model asked for it. */
  readonly toolCallId: string
  /** Tells the run's observers how far the tool is. */
  readonly progress: (value: unknown) => Effect.Effect<void>
  /**
   * Aborted when the attempt ends without a success: it failed, was interrupted or is out of time. Hand it to `fetch`, and
   * a response that is left unread is closed.
   */
  readonly signal: AbortSignal
}

/** How often, how long and how many at a time. */
export interface Limits {
  /** The longest that one attempt may take; without limit if left out. */
  readonly timeout?: Duration.Input | undefined
  /**
   * How often a failed attempt is tried again, with a wait of 100 ms before the first that doubles with each; or when.
   * Not at all if left out.
   */
  readonly retry?: number | Schedule.Schedule<unknown> | undefined
  /** How many attempts run at the same time, in this process; others wait. Any number if left out. */
  readonly concurrency?: number | undefined
}

/** Limits, and whether somebody has to agree before a call. */
export interface Policy<in P> extends Limits {
  /** Whether a call of these parameters waits for the `Approval.Approver`; no call does if left out. */
  readonly needsApproval?: boolean | ((params: P) => boolean | Effect.Effect<boolean>) | undefined
}

/** How long a result may be given again, and of which version of the tool. */
export interface CacheOptions {
  /** How long a result is kept; 30 days if left out, `Infinity` for ever. */
  readonly timeToLive?: Duration.Input | undefined
  /** Part of what a result is found by: another one, where the function gives other results than before. */
  readonly version?: string | undefined
}

/** What a tool is, beyond its name and its function. */
export interface Options<Parameters extends Fields | FieldSchema, Success extends FieldSchema>
  extends Policy<ParametersOf<Parameters>>
{
  /** For the model: what the tool does, and when to call it. */
  readonly description?: string | undefined
  /** Fields, or a schema of an object; the tool takes nothing if left out. */
  readonly parameters?: Parameters | undefined
  /** The schema of the result: it is encoded with it. If left out, the result is JSON as it is. */
  readonly success?: Success | undefined
  /**
   * The schema of what the function fails of, for a program that calls the tool itself and stores what came of it (see `Step`): a
   * class made with `Schema.TaggedError`, or a union of some. If left out, a stored failure comes back as an `Error` by its name.
   */
  readonly failure?: FieldSchema | undefined
  /**
   * Whether the result may be given again where the tool is called with the same arguments; false by default. It is kept where a
   * `ToolCache.layer` is provided. For a tool that only reads, and gives the same to everybody.
   */
  readonly cache?: boolean | CacheOptions | undefined
}

/** The schema that `parameters` stands for. */
export type SchemaOf<Parameters> = Parameters extends FieldSchema ? Parameters
  : Parameters extends Fields ? Schema.Struct<Parameters>
  : never

/** What a tool's function is called with. */
export type ParametersOf<Parameters> = SchemaOf<Parameters>["Type"]

/** What a call of the tool takes: parameters with a default may be left out. */
export type InputOf<Parameters> = SchemaOf<Parameters>["~type.make.in"]

/** What the function of a tool may give: a value, a promise of one, or an Effect. */
export type Returned<A> = A | PromiseLike<A> | Effect.Effect<A, unknown, unknown>

type SuccessOf<Ret> = Ret extends Effect.Effect<infer A, infer _E, infer _R> ? A : Awaited<Ret>
type ErrorOf<Ret> = Ret extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type ServicesOf<Ret> = Ret extends Effect.Effect<infer _A, infer _E, infer R> ? Exclude<R, Scope.Scope> : never

type HandlersOf<Name> = Name extends string ? AiTool.Handler<Name> : never

// Guards

/** Whether a value is a tool; a plain function is none. */
export const isTool = (u: unknown): u is Any => typeof u === "function" && Object.hasOwn(u, TypeId)

// Constructors

/**
 * Makes a tool of a function that gives a value, a promise or an Effect. An Effect's scope is the call. Interruption and
 * failure abort `context.signal`. The name has letters, digits, `_` and `-`, 64 at most; another one throws a `TypeError`.
 *
 * @example
 * const add = Tool.make("add", { parameters: { a: Schema.Finite, b: Schema.Finite } }, ({ a, b }) => a + b)
 * const page = Tool.make("page", { parameters: { url: Schema.String }, retry: 2 }, ({ url }, { signal }) =>
 *   fetch(url, { signal }).then((response) => response.text()))
 */
export const make = <
  const Name extends string,
  const Ret extends Returned<Success["Type"]>,
  Parameters extends Fields | FieldSchema = {},
  Success extends FieldSchema = Schema.Unknown
>(
  name: Name,
  options: Options<Parameters, Success>,
  run: (params: ParametersOf<Parameters>, context: CallContext) => Ret
): Tool<Name, InputOf<Parameters>, SuccessOf<Ret>, ErrorOf<Ret>, ServicesOf<Ret>> =>
  bind(define(name, options, run)) as never // the types say what the definition does not

/**
 * Makes a tool without a function, which the client executes: a call of it is a request to the `ClientTool.Client` of the context,
 * and its result what that answers, read by the `success` schema. A client that fails, and an answer that is not of the schema, are
 * a {@link ToolError}. The options are those of {@link make}.
 *
 * @example
 * const confirm = Tool.client("confirm_purchase", { parameters: { amount: Schema.Finite }, success: Schema.Boolean })
 */
export const client = <
  const Name extends string,
  Parameters extends Fields | FieldSchema = {},
  Success extends FieldSchema = Schema.Unknown
>(
  name: Name,
  options: Options<Parameters, Success>
): Tool<Name, InputOf<Parameters>, Success["Type"], never, never> => bind(ofClient(name, options)) as never // as above

/**
 * The tool that a plain function is: what agents and registries make of one in their list of tools. Of a function that takes
 * a pattern the names are told to the model, and those with a default as ones that may be left out. What a function takes can
 * be said beside it, as `parameters` and `description`, else with {@link make}.
 *
 * Throws a `TypeError` that says what to write instead where a model could not call the function: it takes several parameters
 * or one without its names, its text does not say which, or it has no name.
 *
 * @example
 * const add = ({ a, b = 1 }) => a + b
 * ReAct.make("question -> answer", { tools: [add] }) // the same as tools: [Tool.fromFunction(add)]
 */
export const fromFunction = <const F extends PlainFunction>(
  f: F,
  name?: string
): Tool<string, unknown, SuccessOf<ReturnType<F>>, ErrorOf<ReturnType<F>>, ServicesOf<ReturnType<F>>> =>
  plain(f, name) as never // the types say what the function's text does not

// Combinators

/**
 * The same tool, for a function that runs a program: what the program does are steps of the run, and the call itself is none (see
 * `Step`). Tools of modules are such tools already.
 *
 * @example
 * const digest = Tool.asProgram(Tool.make("digest", { parameters: { text: Schema.String } }, ({ text }) => summarize({ text })))
 */
export const asProgram = <T extends Any>(self: T): T => {
  const definition = self[TypeId]
  return bind({ ...definition, entry: { ...definition.entry, isProgram: true } }) as T // of the same function
}

// Layers

/**
 * The handlers of the tools' definitions: with them the tools work where `effect/ai` calls tools, and in MCP servers.
 *
 * @example
 * McpServer.toolkit(Toolkit.make(add.definition, page.definition)).pipe(Layer.provide(Tool.layerHandlers(add, page)))
 */
export const layerHandlers = <const Tools extends ReadonlyArray<Any>>(
  ...tools: Tools
): Layer.Layer<HandlersOf<Tools[number]["name"]>, never, Services<Tools[number]>> =>
  Layer.unwrap(handlers(tools)) as never // the toolkit is made of tools that are known at run time only

// Details

/** The tool as a toolbox calls it. */
export const entry = <T extends Any | PlainFunction>(tool: T): Entry<Services<T>> =>
  (isTool(tool) ? tool : fromFunction(tool))[TypeId].entry as Entry<Services<T>>

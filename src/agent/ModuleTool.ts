/**
 * A tool that is a program: what an agent asks it is the program's input, and what it answers is told to the agent. Its
 * predictors stream under the agent, as `tools.NAME`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bind } from "../module/internal/invoke.ts"
import * as Module from "../module/Module.ts"
import * as Prediction from "../module/Prediction.ts"
import type * as Field from "../signature/Field.ts"
import type * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Tool from "../tool/Tool.ts"
import type * as Toolbox from "../tool/Toolbox.ts"

// Models

/** A tool that runs a module. */
export interface ModuleTool<Name extends string, I, O, E, R, S extends Module.Signatures>
  extends Tool.Tool<Name, I, O, E, R>
{
  readonly module: Module.Module<I, O, E, R, S>
  /** The same tool of another module that has the same signature. */
  readonly withModule: <E2, R2>(module: Module.Module<I, O, E2, R2, S>) => ModuleTool<Name, I, O, E2, R2, S>
}

interface Any extends Tool.Any {
  readonly module: Module.Any
  // oxlint-disable-next-line typescript/no-explicit-any -- any tool's
  readonly withModule: (module: any) => Tool.Any
}

/** Options of {@link make}. */
export interface Options<Name extends string, I> extends Tool.Policy<I> {
  readonly name: Name
  /** What the model is told of it; the instructions of the program's signature unless given. */
  readonly description?: string | undefined
}

/** The predictors of those tools that are modules, by their path below the agent. */
export type Signatures<T extends Toolbox.Input> = T extends ReadonlyArray<infer U>
  ? { readonly [P in Paths<Extract<U, Any>>]: At<Extract<U, Any>, P> }
  : {}

type Paths<U extends Any> = U extends Any
  ? { [P in keyof U["module"]["signatures"] & string]: Path<U, P> }[keyof U["module"]["signatures"] & string]
  : never

type Path<U extends Any, P extends string> = P extends "self" ? `tools.${U["name"]}` : `tools.${U["name"]}.${P}`

type At<U extends Any, Wanted extends string> = U extends Any ? {
    [P in keyof U["module"]["signatures"] & string]: Path<U, P> extends Wanted ? U["module"]["signatures"][P] : never
  }[keyof U["module"]["signatures"] & string]
  : never

// Constructors

/**
 * Makes a tool of a program that has a signature; one without throws a `TypeError`. Its parameters are the signature's
 * inputs, its result the outputs. A failure of the program is an observation for the agent that called it.
 *
 * @example
 * const translate = ModuleTool.make(Predict.make("text, language -> translation"), { name: "translate" })
 * const agent = ReAct.make("question -> answer", { tools: [translate] })
 */
export const make = <const Name extends string, I, O, E, R, S extends Module.Signatures>(
  module: Module.Module<I, O, E, R, S>,
  options: Options<Name, I>
): ModuleTool<Name, I, O, E, R, S> => {
  given("ModuleTool.make", { module: Kinds.program }, [module])
  const { description, name, ...policy } = onlyKnown("ModuleTool.make", options, optionNames)
  const { signature } = module
  if (signature === undefined) {
    throw new TypeError(`${module.name} has no signature to make a tool of: give it one with Module.withSignature`)
  }
  const bound = bind(module[Module.TypeId], keyOf(name))
  const tool = Tool.asProgram(Tool.make(name, {
    ...(policy as Tool.Policy<unknown>), // decided on the signature's inputs, which are the module's
    description: description ?? signature.instructions,
    parameters: parametersOf(signature),
    success: signature.output
  }, (input) => Effect.map(bound(input), Prediction.fields)))
  return Object.defineProperties(tool, {
    module: { value: module, enumerable: true },
    withModule: { value: (other: Module.Any) => make(other, options) }
  }) as unknown as ModuleTool<Name, I, O, E, R, S> // the signature knows at run time what the module's type says
}

// Details

/** The inputs as an agent gives them: one with a default may be left out, and the module fills it in. */
const parametersOf = ({ inputFields }: Signature.Any): Schema.Struct<Field.Fields> =>
  Schema.Struct(Object.fromEntries(inputFields.map(({ name, schema }) => [
    name,
    schema.ast.context?.constructorDefault === undefined ? schema : Schema.optionalKey(schema)
  ])))

const optionNames: Names<Options<string, unknown>> = {
  name: Kinds.needed(Kinds.text),
  description: Kinds.text,
  // The tool itself looks at its policy.
  needsApproval: true,
  timeout: true,
  retry: true,
  concurrency: true
}

const keyOf = (name: string) => `tools.${name}`

const isModuleTool = (tool: Tool.Any): tool is Any => "module" in tool && Module.isModule(tool.module)

const moduleTools = (tools: Toolbox.Input): ReadonlyArray<Any> => Array.isArray(tools) ? tools.filter(isModuleTool) : []

/** The modules among the tools, by their key below the agent. */
export const modulesOf = (tools: Toolbox.Input): Module.Modules =>
  Object.fromEntries(moduleTools(tools).map((tool) => [keyOf(tool.name), tool.module]))

/** The tools, with the predictors of those that are modules replaced; `below` makes an agent's key a path. */
export const mapPredictors = (
  tools: Toolbox.Input,
  f: Module.MapPredictor,
  below: (key: string) => string
): Toolbox.Input =>
  Array.isArray(tools)
    ? tools.map((tool: Tool.Any) =>
      isModuleTool(tool) ? tool.withModule(tool.module[Module.TypeId].mapPredictors(f, below(keyOf(tool.name)))) : tool
    )
    : tools

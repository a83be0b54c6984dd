/**
 * Tools of plain functions: what a model is told of one is what the function says of itself.
 */
import * as Schema from "effect/Schema"
import type { Fields, FieldSchema } from "../../signature/Field.ts"
import { isClass } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Any, CallContext, PlainFunction } from "../Tool.ts"
import { bind } from "./invoke.ts"
import { type Known, type Name, parametersOf } from "./parameterNames.ts"
import { define } from "./tool.ts"

/** The tool of the function; the same one for the same function and name. */
export const fromFunction = (f: PlainFunction, name = f.name): Any => {
  Kinds.fn("a function of one object, as ({ a, b }) => a + b")("what Tool.fromFunction was given", f)
  Kinds.text("a tool's name", name)
  const key = f.name === name ? "" : name
  let tools = made.get(f)
  if (tools === undefined) made.set(f, tools = new Map())
  let tool = tools.get(key)
  if (tool === undefined) tools.set(key, tool = make(f, name))
  return tool
}

const made = new WeakMap<PlainFunction, Map<string, Any>>()

const make = (f: PlainFunction, name: string): Any => {
  if (name === "") throw new TypeError(`a tool's function has a name, for the model: const add = ({ a, b }) => a + b`)
  if (isClass(f)) throw new TypeError(`'${name}' is a class, and no function that a model could call`)
  return bind(define(name, {
    description: typeof f.description === "string" ? f.description : undefined,
    parameters: f.parameters ?? told(name, parametersOf(f)),
    needsApproval: f.needsApproval
  }, (input: unknown, context: CallContext) => f(input, context)))
}

/** The schema of what a function says that it takes. What each of them may be, it does not say. */
const told = (name: string, known: Known): Fields | FieldSchema => {
  // What is no name in a program, as `bound add` or `my-tool`, is not what it is called there.
  const called = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : "f"
  switch (known._tag) {
    case "Nothing":
      return {}
    case "Names": {
      const fields = Object.fromEntries(known.names.map(fieldOf))
      return known.isOpen ? Schema.StructWithRest(Schema.Struct(fields), [anything]) : fields
    }
    case "One":
      throw new TypeError(
        `the function '${name}' takes '${known.name}', and its text does not say what that is: where it is an object, name ` +
          `what it has, as in ({ a, b }) => ..., or give the function its \`parameters\`; where it is one value, write ` +
          `Tool.fromFunction(({ ${known.name} }) => ${called}(${known.name}), "${name}")`
      )
    case "Several":
      throw new TypeError(
        `the function '${name}' takes several parameters, but a model calls a tool with one object: write ` +
          `Tool.fromFunction(({ ${known.names.join(", ")} }) => ${called}(${known.call}), "${name}")`
      )
    case "Unknown":
      throw new TypeError(
        `what the function '${name}' takes cannot be told from its text: make a tool of it with ` +
          `Tool.make("${name}", { parameters: { city: Schema.String } }, ${called}), with the names that it takes`
      )
  }
}

const fieldOf = ({ isOptional, name }: Name) =>
  [name, isOptional ? Schema.optionalKey(Schema.Unknown) : Schema.Unknown] as const

const anything = Schema.Record(Schema.String, Schema.Unknown)

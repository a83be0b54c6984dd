/**
 * What the references of a schema lead to: each schema that is referred to becomes a definition, which is the one kind of
 * reference that all servers follow. Others point anywhere (`#/anyOf/0/properties/a`), at anchors, or at nothing.
 */
import * as Result from "effect/Result"
import { isRecord, type JsonRecord as Json } from "../../text/json/values.ts"

export interface References {
  /** The definition that a schema refers to: false where that leads to nothing but itself, nothing where it leads nowhere. */
  readonly leadsTo: (schema: Json, within: ReadonlyArray<Json>) => string | false | undefined
  /** The schemas that were referred to so far. */
  readonly found: ReadonlyMap<Json, Definition>
}

export interface Definition {
  readonly name: string
  /** The schemas that it stands in, from the outermost. */
  readonly within: ReadonlyArray<Json>
}

/** The references of this schema, whose parts are told apart by being different objects. */
export const of = (root: Json): References => {
  const found = new Map<Json, Definition>()
  const taken = new Set<string>()
  let labels: ReadonlyMap<string, Json> | undefined
  const source: Source = { root, labels: () => labels ??= labelsOf(root) }

  const define = ({ hint, target, within }: Place): string => {
    const there = found.get(target)
    if (there !== undefined) return there.name
    const plain = hint.replace(/[^\w.-]/g, "_") || "Root"
    let name = plain
    for (let number = 2; taken.has(name); number++) name = `${plain}_${number}`
    taken.add(name)
    found.set(target, { name, within })
    return name
  }

  return {
    leadsTo: (schema, within) => {
      const first = placeOf(source, schema, within)
      if (first === undefined) return undefined
      const seen = new Set<unknown>()
      for (let next: Place | undefined = first; next !== undefined;) {
        if (seen.has(next.target) || seen.size === mostSteps) return false
        seen.add(next.target)
        next = placeOf(source, next.target, [...next.within, next.target])
      }
      return define(first)
    },
    found
  }
}

/** The reference to a definition. */
export const to = (name: string): string => `#/$defs/${name}`

/** The name of the definition that such a reference leads to. */
export const nameOf = (reference: unknown): string | undefined =>
  typeof reference === "string" && reference.startsWith("#/$defs/") ? reference.slice(8) : undefined

/** All objects in a value, itself too, each once. */
export const objectsIn = (value: unknown): ReadonlySet<Json> => {
  const objects = new Set<Json>()
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (Array.isArray(next)) { for (const inner of next) left.push(inner) }
    if (!isRecord(next) || objects.has(next)) continue
    objects.add(next)
    for (const inner of Object.values(next)) left.push(inner)
  }
  return objects
}

// Details

/** No schema of a tool refers to what refers to something else, and so on, any longer. */
const mostSteps = 100

interface Place {
  readonly target: Json
  readonly within: ReadonlyArray<Json>
  /** What it may be called. */
  readonly hint: string
}

/** The whole schema. */
interface Source {
  readonly root: Json
  readonly labels: () => ReadonlyMap<string, Json>
}

const placeOf = (source: Source, schema: Json, within: ReadonlyArray<Json>): Place | undefined => {
  const reference = [schema["$ref"], schema["$dynamicRef"], schema["$recursiveRef"]].find((one) =>
    typeof one === "string"
  )
  return typeof reference === "string" ? lookUp(source, reference, within) : undefined
}

/**
 * First in the whole schema, as it should be. A schema that was put into another one often refers to its own definitions, as if
 * it were the whole.
 */
const lookUp = ({ labels, root }: Source, reference: string, within: ReadonlyArray<Json>): Place | undefined => {
  const [resource = "", fragment = ""] = reference.split(/#(.*)/s)
  const named = resource === "" ? undefined : labels().get(resource)
  const bases = named !== undefined ? [named] : [root, ...within.toReversed()]
  // Where it is no address of a part, it may be the mere name of a definition.
  const path = resource === "" || named !== undefined ? fragment : `/$defs/${reference}`
  for (const base of bases) {
    const target = path === "" || path.startsWith("/") ? atPointer(base, path) : labels().get(`#${path}`)
    if (target !== undefined) {
      const around = within.slice(0, within.lastIndexOf(base) + 1)
      return { target, within: around, hint: unescaped(path.slice(path.lastIndexOf("/") + 1)) }
    }
  }
  return undefined
}

const unescaped = (part: string): string =>
  Result.getOrElse(Result.try(() => decodeURIComponent(part)), () => part).replaceAll("~1", "/").replaceAll("~0", "~")

/** What a JSON pointer leads to, if that is a schema. Definitions are found under the name of another draft, too. */
const atPointer = (base: Json, pointer: string): Json | undefined => {
  let value: unknown = base
  for (const part of pointer.split("/").slice(1)) {
    const key = unescaped(part)
    const keys = key === "$defs" ? ["$defs", "definitions"] : key === "definitions" ? ["definitions", "$defs"] : [key]
    const inner: unknown = value
    if (typeof inner !== "object" || inner === null) return undefined
    const there = keys.find((key) => Object.hasOwn(inner, key))
    if (there === undefined) return undefined
    value = Reflect.get(inner, there)
  }
  return isRecord(value) ? value : undefined
}

/** The parts of a schema that have names of their own: the address of a part, and `#NAME` where it is an anchor. */
const labelsOf = (root: Json): ReadonlyMap<string, Json> => {
  const labels = new Map<string, Json>()
  for (const part of objectsIn(root)) {
    for (const [key, mark] of [["$id", ""], ["id", ""], ["$anchor", "#"], ["$dynamicAnchor", "#"]] as const) {
      const label = part[key]
      if (typeof label === "string") labels.set(mark + label, part)
    }
  }
  return labels
}

/**
 * Reads values that are written as elements: lists of elements of one name, objects with an element for each property.
 *
 * What the elements mean follows from the field's JSON Schema; where that allows anything, from how they look. The value is
 * JSON text. Texts stay strings: the field's schema makes numbers of them.
 */
import type { Field } from "../../signature/Field.ts"
import { isNullWord } from "./characters.ts"
import { decodeEntities } from "./entities.ts"
import { foldName } from "./spelling.ts"

// Models

/** An element that was read. */
interface Node {
  readonly name: string
  /** What stands in it, as it is written. */
  readonly raw: string
  readonly children: ReadonlyArray<Node>
  /** Text stands between its elements: it is text with markup in it. */
  readonly isMixed: boolean
}

/** An element that is open. */
interface Frame {
  readonly name: string
  readonly tag: string
  readonly children: Array<Node>
  raw: string
  isMixed: boolean
}

type JsonSchema = Readonly<Record<string, unknown>>

/** What a schema allows, behind references and unions. */
interface Shape {
  readonly array: JsonSchema | undefined
  readonly object: JsonSchema | undefined
  readonly isString: boolean
  readonly isNull: boolean
  readonly isAny: boolean
}

// Reading

/** Reads what stands in one field's element. */
export class Elements {
  readonly #schema: JsonSchema
  readonly #isOwn: (spelling: string) => boolean
  readonly #stack: Array<Frame> = []
  readonly #root: Frame = frame("", "")
  /** The tag, comment or section that is open: its beginning, its last characters, and all of it. */
  #head = ""
  #last = ""
  #markup: Array<string> = []
  /** Of a list: the name of its elements, once the first has been read, and what can be written of it. */
  #item: string | undefined
  #written = ""
  isClosed = false
  /** The elements do not fit together, or not to the schema. */
  isBroken = false

  constructor(field: Field, isOwn: (spelling: string) => boolean) {
    this.#schema = field.jsonSchema
    this.#isOwn = isOwn
  }

  /** Reads on from `at`: up to where the field's element is closed, or what follows does not fit. */
  push(text: string, at: number): number {
    while (at < text.length && !this.isClosed && !this.isBroken) {
      at = this.#head === "" ? this.#inText(text, at) : this.#inMarkup(text, at)
    }
    return at
  }

  /** JSON text that can be written now. */
  take(): string {
    const written = this.#written
    this.#written = ""
    return written
  }

  /** Whether a list is being written. */
  get isList(): boolean {
    return this.#item !== undefined
  }

  /** Nothing follows: the rest of the value, or nothing if what was read is none. */
  end(): string | undefined {
    if (this.isBroken || this.#stack.length > 0 || this.#head !== "" || this.#root.isMixed) return undefined
    return this.#item !== undefined ? `${this.take()}]` : toJson(node(this.#root), this.#schema, this.#schema)
  }

  get #top(): Frame {
    return this.#stack.at(-1) ?? this.#root
  }

  #inText(text: string, from: number): number {
    const end = text.indexOf("<", from)
    const until = end === -1 ? text.length : end
    if (until > from) this.#text(text.slice(from, until))
    if (end === -1) return until
    this.#head = "<"
    this.#last = ""
    this.#markup = ["<"]
    return end + 1
  }

  #text(text: string): void {
    const top = this.#top
    top.raw += text
    top.isMixed ||= text.trim() !== ""
  }

  #inMarkup(text: string, from: number): number {
    // What follows the bracket tells what it begins: it may be no more than a bracket.
    if (this.#head === "<" && !/[A-Za-z_/!?]/.test(text[from]!)) {
      this.#head = ""
      this.#text("<")
      return from
    }
    const end = text.indexOf(">", from)
    const until = end === -1 ? text.length : end + 1
    const piece = text.slice(from, until)
    if (this.#head.length < cdata.length) this.#head = (this.#head + piece).slice(0, cdata.length)
    this.#last = (this.#last + piece).slice(-3)
    this.#markup.push(piece)
    if (end === -1) return until
    const isWhole = this.#head.startsWith("<!--")
      ? this.#last === "-->"
      : this.#head !== cdata || this.#last === "]]>"
    if (isWhole) this.#endMarkup(this.#markup.join(""))
    return until
  }

  #endMarkup(markup: string): void {
    const isSection = this.#head === cdata
    this.#head = ""
    this.#markup = []
    if (isSection) return this.#text(markup.slice(cdata.length, -3).replaceAll("&", "&amp;").replaceAll("<", "&lt;"))
    if (markup[1] === "!" || markup[1] === "?") return
    const name = tagName.exec(markup)?.[1]
    if (name === undefined) this.isBroken = true
    else if (markup[1] === "/") this.#close(name, markup)
    else {
      this.#stack.push(frame(name, markup))
      if (markup.endsWith("/>")) this.#pop("")
      else this.isBroken = this.#stack.length > mostDepth
    }
  }

  #close(name: string, markup: string): void {
    if (this.#stack.length === 0) {
      this.isClosed = this.#isOwn(name)
      this.isBroken = !this.isClosed
    } else if (foldName(name) === foldName(this.#top.name)) this.#pop(markup)
    else this.isBroken = true
  }

  #pop(closing: string): void {
    const closed = this.#stack.pop()!
    const parent = this.#top
    parent.raw += closed.tag + closed.raw + closing
    parent.children.push(node(closed))
    if (this.#stack.length === 0) this.#child(parent.children.at(-1)!)
  }

  /** An element of the outermost level was read: of a list it is written at once. */
  #child(child: Node): void {
    const { array, object } = shapeOf(this.#schema, this.#schema)
    if (array === undefined || object !== undefined) return
    if (this.#item === undefined) {
      if (this.#root.isMixed || this.#root.children.length > 1 || !isItem(child, array, this.#schema)) return
      this.#item = child.name
    } else if (foldName(child.name) !== foldName(this.#item)) {
      this.isBroken = true
      return
    }
    const json = toJson(child, itemOf(array, this.#root.children.length - 1), this.#schema)
    if (json === undefined) this.isBroken = true
    else this.#written += `${this.#root.children.length === 1 ? "[" : ","}${json}`
    // What was written need not be kept.
    this.#root.raw = ""
  }
}

const cdata = "<![CDATA["
const tagName = /^<\/?\s*([A-Za-z_][^\s<>/=]*)[^<]*>$/
const mostDepth = 100

const frame = (name: string, tag: string): Frame => ({ name, tag, children: [], raw: "", isMixed: false })

const node = ({ children, isMixed, name, raw }: Frame): Node => ({ name, raw, children, isMixed })

/** Whether the field's value is a list, and nothing else. */
export const isList = (field: Field): boolean => {
  if (field.kind !== "json") return false
  const { array, isString, object } = shapeOf(field.jsonSchema, field.jsonSchema)
  return array !== undefined && object === undefined && !isString
}

// Values

/** The element as JSON text; undefined where it does not fit. */
const toJson = (element: Node, schema: unknown, root: JsonSchema): string | undefined => {
  const shape = shapeOf(schema, root)
  if (element.children.length === 0 || element.isMixed) return leaf(decodeEntities(element.raw).trim(), shape)
  const { array, isAny, isString, object } = shape
  const isUniform = new Set(element.children.map(({ name }) => foldName(name))).size === 1
  if (array !== undefined && (object === undefined || isUniform)) {
    if (isUniform && isItem(element.children[0]!, array, root)) {
      const items = element.children.map((child, index) => toJson(child, itemOf(array, index), root))
      return items.includes(undefined) ? undefined : `[${items.join(",")}]`
    }
    const item = shapeOf(itemOf(array, 0), root)
    if (item.object === undefined) return undefined
    const only = objectOf(element.children, item.object, root)
    return only === undefined ? undefined : `[${only}]`
  }
  if (object !== undefined) return objectOf(element.children, object, root)
  if (isAny) {
    return isUniform && (element.children.length > 1 || itemNames.has(foldName(element.children[0]!.name)))
      ? toJson(element, { type: "array" }, root)
      : objectOf(element.children, {}, root)
  }
  return isString ? JSON.stringify(decodeEntities(element.raw).trim()) : undefined
}

const itemNames = new Set(["item", "li", "element", "entry", "value"])

const leaf = (text: string, { array, isAny, isNull, isString, object }: Shape): string => {
  if (isNull && !isString && (text === "" || isNullWord(text))) return "null"
  if (isString || isAny || (array === undefined && object === undefined)) return JSON.stringify(text)
  if (text.startsWith("[") || text.startsWith("{")) return JSON.stringify(text)
  if (array === undefined) return JSON.stringify(text)
  return text === "" ? "[]" : `[${JSON.stringify(text)}]`
}

/** The elements as properties; several of one name are a list. */
const objectOf = (children: ReadonlyArray<Node>, object: JsonSchema, root: JsonSchema): string | undefined => {
  const properties = recordOf(object["properties"])
  const only = children[0]!
  // An element around all properties.
  if (
    children.length === 1 && only.children.length > 0 && propertyOf(only.name, properties) === undefined &&
    only.children.every(({ name }) => propertyOf(name, properties) !== undefined)
  ) return objectOf(only.children, object, root)
  const groups = new Map<string, Array<Node>>()
  for (const child of children) {
    const key = propertyOf(child.name, properties) ?? child.name
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [child])
    else group.push(child)
  }
  const members: Array<string> = []
  for (const [key, group] of groups) {
    const schema = Object.hasOwn(properties, key) ? properties[key] : recordOf(object["additionalProperties"])
    const json = group.length === 1 ? toJson(group[0]!, schema, root) : several(group, schema, root)
    if (json === undefined) return undefined
    members.push(`${JSON.stringify(key)}:${json}`)
  }
  return `{${members.join(",")}}`
}

const several = (group: ReadonlyArray<Node>, schema: unknown, root: JsonSchema): string | undefined => {
  const { array, isAny } = shapeOf(schema, root)
  if (array === undefined && !isAny) return undefined
  const items = group.map((child, index) => toJson(child, itemOf(array ?? {}, index), root))
  return items.includes(undefined) ? undefined : `[${items.join(",")}]`
}

/** Whether the element is an item of the list, rather than a property of its only one. */
const isItem = (child: Node, array: JsonSchema, root: JsonSchema): boolean => {
  const { object } = shapeOf(itemOf(array, 0), root)
  return object === undefined || propertyOf(child.name, recordOf(object["properties"])) === undefined
}

const itemOf = (array: JsonSchema, index: number): unknown => {
  const prefix = array["prefixItems"]
  return Array.isArray(prefix) && index < prefix.length ? prefix[index] : array["items"]
}

/** The property that the name means, in its spelling or another. */
const propertyOf = (name: string, properties: JsonSchema): string | undefined => {
  if (Object.hasOwn(properties, name)) return name
  const folded = foldName(name)
  const [first, ...others] = Object.keys(properties).filter((key) => foldName(key) === folded)
  return others.length === 0 ? first : undefined
}

// Schemas

const shapeOf = (schema: unknown, root: JsonSchema): Shape => {
  const options = optionsOf(schema, root, mostReferences)
  const ofType = (type: string) => options.find((option) => option["type"] === type)
  return {
    array: ofType("array"),
    object: ofType("object"),
    isString: ofType("string") !== undefined,
    isNull: ofType("null") !== undefined,
    isAny: options.length === 0 ||
      options.some((option) => option["type"] === undefined && option["enum"] === undefined)
  }
}

/** The schemas of a union, behind references. */
const optionsOf = (schema: unknown, root: JsonSchema, most: number): ReadonlyArray<JsonSchema> => {
  const known = recordOf(schema)
  const reference = known["$ref"]
  if (typeof reference === "string" && most > 0) {
    const name = reference.slice(reference.lastIndexOf("/") + 1)
    const definitions = recordOf(root["$defs"])
    return Object.hasOwn(definitions, name) ? optionsOf(definitions[name], root, most - 1) : []
  }
  const union = known["anyOf"] ?? known["oneOf"]
  return Array.isArray(union) && most > 0 ? union.flatMap((option) => optionsOf(option, root, most - 1)) : [known]
}

const mostReferences = 16

const recordOf = (value: unknown): JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonSchema : {}

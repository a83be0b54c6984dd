/**
 * What elements mean: lists of elements of one name, objects with an element for each property, leaves.
 *
 * It follows from what the field may be; where that is anything, from how they look. The value is JSON text. Texts stay
 * strings, of which the field's schema makes numbers. What could be meant in two ways is nothing.
 */
import { isNullWord } from "../../text/characters.ts"
import { foldName } from "../internal/spelling.ts"
import { any, type ArrayTarget, type ObjectTarget, type Target } from "../internal/values/target.ts"
import { decodeEntities } from "./entities.ts"

/** An element that was read. */
export interface Node {
  readonly name: string
  /** Its opening tag. */
  readonly tag: string
  /** What stands in it, as it is written. */
  readonly raw: string
  readonly children: ReadonlyArray<Node>
  /** Text stands between its elements: it is text with markup in it. */
  readonly isMixed: boolean
}

/** The element as JSON text; undefined where it does not fit. */
export const toJson = (element: Node, target: Target): string | undefined => {
  const { children } = element
  const { array, isAny, isSeveral, isText, object } = target
  const text = () => decodeEntities(element.raw).trim()
  if (children.length === 0) return leaf(text(), target)
  if (element.isMixed) return hasItself(element) ? undefined : leaf(text(), target)
  if (array !== undefined && (object === undefined || isUniform(children))) return listOf(children, array)
  if (object !== undefined) return objectOf(children, object)
  if (isAny || isSeveral) {
    return isUniform(children) && (children.length > 1 || itemNames.has(foldName(children[0]!.name)))
      ? all(children.map((child) => toJson(child, target)))
      : objectOf(children, undefined)
  }
  return isText && !hasItself(element) ? JSON.stringify(text()) : undefined
}

/** Whether an element has a child of its own name. As a text it is not readable then: a tag is missing, or one is too many. */
const hasItself = ({ children, name }: Node): boolean =>
  children.some((child) => foldName(child.name) === foldName(name))

// Leaves

const leaf = (text: string, { array, isNull, isText, literals }: Target): string | undefined => {
  if (isNull && isNullWord(text) && !literals.includes(text)) return "null"
  if (text !== "" || isText) return JSON.stringify(text)
  // Nothing is an empty list or null, unless it could be both.
  if (array === undefined) return isNull ? "null" : JSON.stringify(text)
  return isNull ? undefined : "[]"
}

// Lists

/** The name of an item without its number: `tag1`, `tag2`. */
export const itemKey = (name: string): string => foldName(name).replace(/\d{1,4}$/, "")

const isUniform = ([first, ...others]: ReadonlyArray<Node>): boolean => {
  const key = itemKey(first!.name)
  return others.every(({ name }) => itemKey(name) === key)
}

const listOf = (children: ReadonlyArray<Node>, array: ArrayTarget): string | undefined => {
  const [only] = children
  const { object } = array.at(0)
  if (!isUniform(children) || isProperty(only!, object)) {
    const item = object === undefined ? undefined : objectOf(children, object)
    return item === undefined ? undefined : `[${item}]`
  }
  if (children.length === 1) {
    const isOne = isItem(only!, array)
    if (isOne === false) return only!.children.length === 0 ? "[]" : listOf(only!.children, array)
    if (isOne === undefined) return undefined
  }
  return all(children.map((child, index) => toJson(child, array.at(index))))
}

/** Whether the only element of a list is an item, rather than one around all of them or a property; undefined if it could be any. */
export const isItem = (child: Node, array: ArrayTarget): boolean | undefined => {
  const { array: list, isText, object } = array.at(0)
  const { children } = child
  if (isProperty(child, object)) return false
  if (children.length === 0) return !(listNames.has(foldName(child.name)) && child.raw.trim() === "")
  if (child.isMixed) return true
  if (object !== undefined) return object.isOpen || children.some((inner) => isProperty(inner, object))
  if (list !== undefined) return !(listNames.has(foldName(child.name)) && children.every(hasChildren))
  if (!isText || listNames.has(foldName(child.name))) return false
  if (children.every(({ name }) => itemNames.has(foldName(name)))) return false
  return children.every(({ name }) => markup.has(foldName(name))) ? true : undefined
}

const isProperty = ({ name }: Node, object: ObjectTarget | undefined): boolean => object?.resolve(name) !== undefined

const hasChildren = ({ children }: Node): boolean => children.length > 0

const all = (items: ReadonlyArray<string | undefined>): string | undefined =>
  items.includes(undefined) ? undefined : `[${items.join(",")}]`

export const itemNames: ReadonlySet<string> = new Set(["item", "li", "element", "entry", "value"])
const listNames: ReadonlySet<string> = new Set(["ul", "ol", "list", "items", "array", "elements", "entries", "values"])
const markup: ReadonlySet<string> = new Set(
  "a b big br code del em i ins kbd mark p pre s small span strong sub sup tt u var".split(" ")
)

// Objects

/** The elements as properties; several of one name are a list. */
const objectOf = (children: ReadonlyArray<Node>, object: ObjectTarget | undefined): string | undefined => {
  const only = children[0]!
  // The model has put one element more around all the properties: look inside it.
  if (
    children.length === 1 && only.children.length > 0 && object !== undefined && !isProperty(only, object) &&
    only.children.every((child) => isProperty(child, object))
  ) return objectOf(only.children, object)
  const groups = new Map<string, Array<Node>>()
  for (const child of children) {
    const key = object?.resolve(child.name) ?? child.name
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [child])
    else group.push(child)
  }
  const members: Array<string> = []
  for (const [key, group] of groups) {
    if (group.length === 1 && object?.mayLack(key) === true && saysNothing(group[0]!)) continue
    const target = object?.at(key) ?? any
    const json = group.length === 1 ? toJson(group[0]!, target) : several(group, target)
    if (json === undefined) return undefined
    members.push(`${JSON.stringify(key)}:${json}`)
  }
  return `{${members.join(",")}}`
}

/** What stands in the place of a property that is missing. */
const saysNothing = ({ children, raw }: Node): boolean => {
  const text = raw.trim()
  return children.length === 0 && (text === "" || isNullWord(text))
}

/** Elements of one name: items of a list, if they are not lists themselves. */
const several = (group: ReadonlyArray<Node>, { array, isAny }: Target): string | undefined => {
  if (array === undefined && !isAny) return undefined
  const isClear = array === undefined || group.every((child) => child.children.length === 0 || isItem(child, array))
  return isClear ? all(group.map((child, index) => toJson(child, array?.at(index) ?? any))) : undefined
}

/**
 * Writes texts that follow a grammar in GBNF, as llama.cpp would: what a grammar allows is then read by what has to be able
 * to read it. Which of the allowed texts it is is chosen from outside.
 */

/** Chooses a number from 0 up to, and without, `count`. */
export type Choose = (count: number) => number

/** A text that follows the grammar, from its rule `root`. */
export const write = (grammar: string, choose: Choose): string => {
  const rules = parse(grammar)
  /** Deep inside, repetitions end as soon as they may, and the first alternative is taken: grammars put an end there. */
  const emit = (node: Node, depth: number): string => {
    switch (node._tag) {
      case "Text":
        return node.text
      case "Class":
        return node.characters[choose(node.characters.length)]!
      case "Rule": {
        const rule = rules.get(node.name)
        if (rule === undefined) throw new Error(`no rule ${node.name} in\n${grammar}`)
        return emit(rule, depth + 1)
      }
      case "Either": {
        const { options } = node
        return emit(depth > deepest ? options.at(-1)! : options[choose(options.length)]!, depth)
      }
      case "Row":
        return node.nodes.map((node) => emit(node, depth)).join("")
      case "Repeat": {
        const most = depth > deepest ? node.least : Math.min(node.most, node.least + 3)
        const times = node.least + choose(most - node.least + 1)
        return Array.from({ length: times }, () => emit(node.node, depth)).join("")
      }
    }
  }
  return emit({ _tag: "Rule", name: "root" }, 0)
}

/** Choices from a list of numbers, over and over. */
export const choices = (numbers: ReadonlyArray<number>): Choose => {
  let at = 0
  return (count) => Math.abs(numbers[at++ % numbers.length] ?? 0) % count
}

type Node =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Class"; readonly characters: ReadonlyArray<string> }
  | { readonly _tag: "Rule"; readonly name: string }
  | { readonly _tag: "Either"; readonly options: ReadonlyArray<Node> }
  | { readonly _tag: "Row"; readonly nodes: ReadonlyArray<Node> }
  | { readonly _tag: "Repeat"; readonly node: Node; readonly least: number; readonly most: number }

const deepest = 12

/** Characters that a class which excludes some is tried with. */
const candidates = ["a", "Z", "0", " ", "[", "]", "#", "<", "&", "{", ":", "/", "é", "👍", "\"", "\\", "\n", "\x7f"]

const parse = (grammar: string): ReadonlyMap<string, Node> =>
  new Map(
    grammar.split("\n").map((line) => {
      const at = line.indexOf(" ::= ")
      if (at === -1) throw new Error(`no rule: ${line}`)
      return [line.slice(0, at), parseRule(line.slice(at + 5))]
    })
  )

const parseRule = (text: string): Node => {
  let at = 0
  const blank = () => {
    while (text[at] === " ") at++
  }
  const either = (): Node => {
    const options = [row()]
    for (blank(); text[at] === "|"; blank()) {
      at++
      options.push(row())
    }
    return options.length === 1 ? options[0]! : { _tag: "Either", options }
  }
  const row = (): Node => {
    const nodes: Array<Node> = []
    for (blank(); at < text.length && text[at] !== "|" && text[at] !== ")"; blank()) nodes.push(repeated(one()))
    return { _tag: "Row", nodes }
  }
  const one = (): Node => {
    if (text[at] === "(") {
      at++
      const node = either()
      if (text[at] !== ")") throw new Error(`no ) at ${at} of ${text}`)
      at++
      return node
    }
    const terminal = /"(?:[^"\\]|\\.)*"/y
    terminal.lastIndex = at
    const quoted = terminal.exec(text)
    if (quoted !== null) {
      at = terminal.lastIndex
      return { _tag: "Text", text: JSON.parse(quoted[0]) }
    }
    const set = /\[(\^?)((?:[^\]\\]|\\.)*)\]/y
    set.lastIndex = at
    const found = set.exec(text)
    if (found !== null) {
      at = set.lastIndex
      return { _tag: "Class", characters: members(found[2]!, found[1] === "^") }
    }
    const name = /[a-z][a-z0-9]*/y
    name.lastIndex = at
    const rule = name.exec(text)
    if (rule === null) throw new Error(`what is at ${at} of ${text}?`)
    at = name.lastIndex
    return { _tag: "Rule", name: rule[0] }
  }
  const repeated = (node: Node): Node => {
    const simple = { "?": [0, 1], "*": [0, Infinity], "+": [1, Infinity] } as const
    const mark = text[at]
    if (mark === "?" || mark === "*" || mark === "+") {
      at++
      const [least, most] = simple[mark]
      return { _tag: "Repeat", node, least, most }
    }
    const counted = /\{(\d+)(,)?(\d+)?\}/y
    counted.lastIndex = at
    const found = counted.exec(text)
    if (found === null) return node
    at = counted.lastIndex
    const least = Number(found[1])
    const most = found[3] !== undefined ? Number(found[3]) : found[2] === undefined ? least : Infinity
    return { _tag: "Repeat", node, least, most }
  }
  const node = either()
  if (at !== text.length) throw new Error(`the rule ends at ${at}: ${text}`)
  return node
}

/** The characters of a class such as `a-z"\\/` or, of what it excludes, all candidates but those. */
const members = (text: string, excluded: boolean): ReadonlyArray<string> => {
  const characters: Array<readonly [from: number, to: number]> = []
  const each = [...text.matchAll(/\\x([0-9A-F]{2})|\\(.)|([^\\])/gu)].map(([, hex, escaped, plain]) =>
    hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : escaped ?? plain!
  )
  for (let i = 0; i < each.length; i++) {
    const from = each[i]!.codePointAt(0)!
    const to = each[i + 1] === "-" && i + 2 < each.length ? each[i += 2]!.codePointAt(0)! : from
    characters.push([from, to])
  }
  const holds = (character: string) =>
    characters.some(([from, to]) => from <= character.codePointAt(0)! && character.codePointAt(0)! <= to)
  if (excluded) return candidates.filter((character) => !holds(character))
  return characters.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i))
  )
}
